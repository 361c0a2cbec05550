// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: one packet from the stack to the ring, and back.
 *
 * A packet takes one of two ways. If it is small it is copied into a send
 * section, together with others while the stack says that more are coming: they
 * form a batch, which is one slot and one packet in the ring. Its skb is freed
 * at once. Otherwise its pages are handed to the host, and the skb waits in the
 * slot for the completion.
 *
 *	xmit:  slot -> fill -> BQL -> ring -------------------------+
 *	              (ring full: unsent, queue stopped)            |
 *	NAPI:  unsent -> ring                                       v
 *	       free slot, BQL, wake <------------------- host's completion
 *
 * Bytes are told to BQL when a packet is committed to a slot and before the
 * ring is written, since the host may complete at any moment after; what was
 * told is never taken back. A slot that finds the ring full therefore stays,
 * complete as it is, until the poll has written it.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip6_checksum.h>
#include <net/netdev_queues.h>

#include "hyperv_net.h"
#include "netvsc_trace.h"

/* Free slots: one is left for the packet that is on its way when we stop */
#define TX_STOP_SLOTS		2
#define TX_WAKE_SLOTS		(NETVSC_SLOTS / 4)

static struct netdev_queue *queue_txq(const struct netvsc_queue *queue)
{
	return netdev_get_tx_queue(queue->adapter->ndev, queue->idx);
}

/* Per-packet information */

/* What the core left in the headers is what the host expects but for the
 * lengths: it fills them in for each segment (E.4).
 */
static int prepare_lso(struct sk_buff *skb, struct rndis_tx_info *tx)
{
	u32 off = skb_transport_offset(skb);
	bool v6 = skb_is_gso_v6(skb);

	if (skb_cow_head(skb, 0))
		return -ENOMEM;

	if (v6) {
		tcp_v6_gso_csum_prep(skb);
	} else {
		struct iphdr *ip = ip_hdr(skb);

		ip->tot_len = 0;
		ip->check = 0;
		tcp_hdr(skb)->check = ~csum_tcpudp_magic(ip->saddr, ip->daddr,
							 0, IPPROTO_TCP, 0);
	}
	tx->have |= RNDIS_HAVE_LSO;
	tx->lso = rndis_lso_value(skb_shinfo(skb)->gso_size, off, v6);
	return 0;
}

/* The host's bits for this packet's checksum, 0 when it cannot compute it */
static u32 host_csum(const struct netvsc_adapter *adapter,
		     const struct sk_buff *skb)
{
	u32 bits;

	switch (skb->csum_offset) {
	case offsetof(struct tcphdr, check):
		bits = RNDIS_TX_CSUM_TCP;
		break;
	case offsetof(struct udphdr, check):
		bits = RNDIS_TX_CSUM_UDP;
		break;
	default:
		return 0;
	}

	switch (vlan_get_protocol(skb)) {
	case htons(ETH_P_IP):
		if (!(adapter->tx_csum_v4 & bits))
			return 0;
		return bits | RNDIS_TX_CSUM_IPV4;
	case htons(ETH_P_IPV6):
		if (!(adapter->tx_csum_v6 & bits))
			return 0;
		return bits | RNDIS_TX_CSUM_IPV6;
	default:
		return 0;
	}
}

static int prepare_csum(const struct netvsc_adapter *adapter,
			struct sk_buff *skb, struct rndis_tx_info *tx)
{
	u32 bits = host_csum(adapter, skb);
	u32 off = skb_checksum_start_offset(skb);

	if (!bits || off > RNDIS_TRANSPORT_OFFSET_MAX)
		return skb_checksum_help(skb);

	tx->have |= RNDIS_HAVE_CSUM;
	tx->csum = bits | off << RNDIS_TX_CSUM_OFFSET_SHIFT;
	return 0;
}

/* Return: 0, or -ENOMEM and counted */
static int prepare_info(struct netvsc_queue *queue, struct sk_buff *skb,
			struct rndis_tx_info *tx)
{
	int err = 0;

	*tx = (struct rndis_tx_info) { .data_len = skb->len };

	if (skb_vlan_tag_present(skb)) {
		tx->have |= RNDIS_HAVE_VLAN;
		tx->vlan = rndis_vlan_from_tci(skb_vlan_tag_get(skb));
	}
	if (skb_is_gso(skb))
		err = prepare_lso(skb, tx);
	else if (skb->ip_summed == CHECKSUM_PARTIAL)
		err = prepare_csum(queue->adapter, skb, tx);
	if (unlikely(err))
		netvsc_stat_add(&queue->tx.stats, no_memory, 1);
	return err;
}

/**
 * netvsc_tx_features_check() - what the core has to do for this packet
 * @skb: packet
 * @ndev: our net_device
 * @features: what the device could do
 *
 * The transport header's offset has ten bits in what the host is told, and a
 * packet of pages has NETVSC_MAX_RANGES ranges: header, linear part, fragments.
 */
netdev_features_t
netvsc_tx_features_check(struct sk_buff *skb, struct net_device *ndev,
			 netdev_features_t features)
{
	features = vlan_features_check(skb, features);
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_checksum_start_offset(skb) > RNDIS_TRANSPORT_OFFSET_MAX)
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	if (skb_shinfo(skb)->nr_frags + 2 > NETVSC_MAX_RANGES)
		features &= ~NETIF_F_GSO_MASK;
	return features;
}

/* Into the ring */

static int write_slot(struct netvsc_queue *queue, u16 idx)
{
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	bool in_sect = slot->sect != NETVSC_SECT_NONE;
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET),
		.rndis_packet.channel_type = cpu_to_le32(NVSP_RNDIS_DATA),
		.rndis_packet.section_index =
			cpu_to_le32(in_sect ? slot->sect : NVSP_SECTION_NONE),
		.rndis_packet.section_size = cpu_to_le32(slot->len),
	};
	u64 id = netvsc_slot_id(queue, idx);

	trace_nvsp_send_pkt(queue, slot);
	/* The poll may see the completion before the write returns: the ring's
	 * own barriers publish the slot with the packet.
	 */
	WRITE_ONCE(slot->state, NETVSC_SLOT_IN_FLIGHT);
	if (in_sect)
		return netvsc_chan_send(queue, &msg, id);
	return netvsc_chan_send_pages(queue, &queue->tx.pages, &msg, id);
}

/* The queue is stopped; the slot waits for the poll. Whatever may happen next
 * brings the poll: a completion, or the host making room, or we see the room
 * ourselves.
 */
static void keep_unsent(struct netvsc_queue *queue, u16 idx)
{
	struct netvsc_tx *tx = &queue->tx;

	/* Completed already, though it was never sent: then it is not ours */
	if (cmpxchg(&tx->slots[idx].state, NETVSC_SLOT_IN_FLIGHT,
		    NETVSC_SLOT_BUILDING) != NETVSC_SLOT_IN_FLIGHT)
		return;
	if (!netif_tx_queue_stopped(queue_txq(queue))) {
		netvsc_stat_add(&tx->stats, no_space, 1);
		netvsc_stat_add(&tx->stats, stop_queue, 1);
		netif_tx_stop_queue(queue_txq(queue));
	}
	WRITE_ONCE(tx->unsent, idx);
	if (netvsc_chan_want_room(queue->chan))
		napi_schedule(&queue->napi);
}

/* A slot that is not in the ring and found it full waits as unsent. Any other
 * error leaves the packet where it is: the host may have it, so it is freed
 * only when the channel is closed.
 */
static void send_slot(struct netvsc_queue *queue, u16 idx)
{
	if (write_slot(queue, idx) == -EAGAIN)
		keep_unsent(queue, idx);
}

static void flush_batch(struct netvsc_queue *queue)
{
	u16 idx = queue->tx.batch;

	if (idx == NETVSC_SLOT_NONE)
		return;
	queue->tx.batch = NETVSC_SLOT_NONE;
	send_slot(queue, idx);
}

/* Copying into a section */

static void *sect_addr(const struct netvsc_conn *conn, u16 sect)
{
	return conn->send.addr + (size_t)sect * conn->sects.size;
}

/* The message before this one gets the padding that aligns this one, and says
 * so in its length (D.7).
 */
static void pad_batch(struct netvsc_conn *conn, struct netvsc_queue *queue,
		      struct netvsc_slot *slot)
{
	u32 pad = ALIGN(slot->len, conn->pkt_align) - slot->len;
	void *base = sect_addr(conn, slot->sect);
	struct rndis_header *last = base + queue->tx.batch_last;

	memset(base + slot->len, 0, pad);
	last->len = cpu_to_le32(slot->len + pad - queue->tx.batch_last);
	slot->len += pad;
}

/* Append a packet to the section of a slot; there is room. The header is built
 * where it will be read.
 */
static void copy_packet(struct netvsc_conn *conn, struct netvsc_queue *queue,
			struct netvsc_slot *slot, struct sk_buff *skb,
			const struct rndis_tx_info *info)
{
	void *dst;
	int hdr;

	if (slot->packets)
		pad_batch(conn, queue, slot);
	dst = sect_addr(conn, slot->sect) + slot->len;
	hdr = rndis_wire_put_packet(dst, NETVSC_HDR_LEN, info);
	skb_copy_bits(skb, 0, dst + hdr, skb->len);
	queue->tx.batch_last = slot->len;
	slot->len += hdr + skb->len;
	slot->packets++;
	slot->bytes += skb->len;
}

static u32 msg_len_max(const struct sk_buff *skb)
{
	return RNDIS_TX_HDR_MAX + skb->len;
}

/* The open batch, if it can take this packet too */
static struct netvsc_slot *batch_with_room(struct netvsc_conn *conn,
					   struct netvsc_queue *queue,
					   const struct sk_buff *skb)
{
	struct netvsc_slot *slot;
	u32 len;

	if (queue->tx.batch == NETVSC_SLOT_NONE)
		return NULL;
	slot = &queue->tx.slots[queue->tx.batch];
	len = ALIGN(slot->len, conn->pkt_align) + msg_len_max(skb);
	if (slot->packets >= conn->max_packets ||
	    len > min(conn->sects.size, conn->max_xfer))
		return NULL;
	return slot;
}

/* A new batch in @idx, if there is a section */
static struct netvsc_slot *batch_open(struct netvsc_conn *conn,
				      struct netvsc_queue *queue, u16 idx)
{
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	u16 sect = netvsc_sect_get(conn, queue);

	if (sect == NETVSC_SECT_NONE) {
		netvsc_stat_add(&queue->tx.stats, send_full, 1);
		return NULL;
	}
	slot->sect = sect;
	queue->tx.batch = idx;
	return slot;
}

/* Handing over pages */

static bool fill_pages(struct netvsc_queue *queue, u16 idx,
		       const struct sk_buff *skb, u32 hdr_len)
{
	void *hdr = queue->tx.hdr + idx * NETVSC_HDR_LEN;
	struct netvsc_pages *pages = &queue->tx.pages;
	u32 i;

	netvsc_pages_init(pages);
	if (!netvsc_pages_add(pages, virt_to_phys(hdr), hdr_len))
		return false;
	if (skb_headlen(skb) &&
	    !netvsc_pages_add(pages, virt_to_phys(skb->data), skb_headlen(skb)))
		return false;

	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		phys_addr_t addr = page_to_phys(skb_frag_page(frag)) +
				   skb_frag_off(frag);

		if (!netvsc_pages_add(pages, addr, skb_frag_size(frag)))
			return false;
	}
	return true;
}

/* Return: 0, or -ENOMEM, -EMSGSIZE and counted */
static int build_pages(struct netvsc_queue *queue, u16 idx,
		       struct sk_buff *skb, const struct rndis_tx_info *info)
{
	void *hdr = queue->tx.hdr + idx * NETVSC_HDR_LEN;
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	int len = rndis_wire_put_packet(hdr, NETVSC_HDR_LEN, info);

	if (!fill_pages(queue, idx, skb, len)) {
		netvsc_stat_add(&queue->tx.stats, scattered, 1);
		if (skb_linearize(skb)) {
			netvsc_stat_add(&queue->tx.stats, no_memory, 1);
			return -ENOMEM;
		}
		if (!fill_pages(queue, idx, skb, len)) {
			netvsc_stat_add(&queue->tx.stats, too_big, 1);
			return -EMSGSIZE;
		}
	}
	slot->skb = skb;
	slot->packets = 1;
	slot->bytes = skb->len;
	return 0;
}

/* From the stack */

static netdev_tx_t drop(struct netvsc_queue *queue, struct sk_buff *skb)
{
	/* The reason was counted where it was found */
	/* What was batched before must not wait for a packet that never comes */
	flush_batch(queue);
	netvsc_stat_add(&queue->tx.stats, dropped, 1);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/* Slots that transmit may fill; none while one waits for the ring */
static u32 usable_slots(const struct netvsc_queue *queue)
{
	if (READ_ONCE(queue->tx.unsent) != NETVSC_SLOT_NONE)
		return 0;
	return netvsc_slots_avail(queue);
}

static netdev_tx_t busy(struct netvsc_queue *queue)
{
	if (!netif_txq_try_stop(queue_txq(queue), usable_slots(queue),
				TX_WAKE_SLOTS))
		netvsc_stat_add(&queue->tx.stats, stop_queue, 1);
	netvsc_stat_add(&queue->tx.stats, busy, 1);
	return NETDEV_TX_BUSY;
}

/* After the packet is in its slot: stop if this was the last one, tell BQL, and
 * write unless more is coming. All of it before the ring is written: from then
 * on the poll completes what was told.
 */
static void commit(struct netvsc_conn *conn, struct netvsc_queue *queue,
		   u16 idx, u32 len)
{
	struct netdev_queue *txq = queue_txq(queue);
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	bool batched = queue->tx.batch == idx;
	bool kick;

	if (!netif_txq_maybe_stop(txq, netvsc_slots_avail(queue), TX_STOP_SLOTS,
				  TX_WAKE_SLOTS))
		netvsc_stat_add(&queue->tx.stats, stop_queue, 1);

	kick = __netdev_tx_sent_queue(txq, len, netdev_xmit_more());
	if (!batched)
		send_slot(queue, idx);
	else if (kick || slot->packets >= conn->max_packets)
		flush_batch(queue);
}

static void count(struct netvsc_queue *queue, u32 len)
{
	struct netvsc_tx_stats *stats = &queue->tx.stats;

	u64_stats_update_begin(&stats->syncp);
	stats->packets++;
	stats->bytes += len;
	u64_stats_update_end(&stats->syncp);
}

static void xmit_copied(struct netvsc_conn *conn, struct netvsc_queue *queue,
			struct netvsc_slot *slot, struct sk_buff *skb,
			const struct rndis_tx_info *info)
{
	u16 idx = slot - queue->tx.slots;
	u32 len = skb->len;

	copy_packet(conn, queue, slot, skb, info);
	skb_tx_timestamp(skb);
	count(queue, len);
	dev_consume_skb_any(skb);
	commit(conn, queue, idx, len);
}

static netdev_tx_t xmit_pages(struct netvsc_conn *conn,
			      struct netvsc_queue *queue, u16 idx,
			      struct sk_buff *skb,
			      const struct rndis_tx_info *info)
{
	u32 len = skb->len;

	if (build_pages(queue, idx, skb, info)) {
		netvsc_slot_unget(queue, idx);
		return drop(queue, skb);
	}
	skb_tx_timestamp(skb);
	count(queue, len);
	commit(conn, queue, idx, len);
	return NETDEV_TX_OK;
}

/* A packet that the open batch cannot take: @idx is a slot of its own */
static netdev_tx_t xmit_alone(struct netvsc_conn *conn,
			      struct netvsc_queue *queue, u16 idx,
			      struct sk_buff *skb,
			      const struct rndis_tx_info *info, bool small)
{
	struct netvsc_slot *slot = small ? batch_open(conn, queue, idx) : NULL;

	if (!slot)
		return xmit_pages(conn, queue, idx, skb, info);
	xmit_copied(conn, queue, slot, skb, info);
	return NETDEV_TX_OK;
}

/**
 * netvsc_tx_xmit() - send one packet on a queue
 * @conn: the queue's connection
 * @queue: queue
 * @skb: packet; ours unless NETDEV_TX_BUSY is returned
 *
 * Context: xmit.
 */
netdev_tx_t netvsc_tx_xmit(struct netvsc_conn *conn, struct netvsc_queue *queue,
			   struct sk_buff *skb)
{
	struct rndis_tx_info info;
	struct netvsc_slot *slot;
	bool small;
	u16 idx;

	/* No frame; the header could not say its length either */
	if (unlikely(skb->len < ETH_HLEN))
		return drop(queue, skb);
	/* Only when something started the queue that should not have */
	if (unlikely(queue->tx.unsent != NETVSC_SLOT_NONE))
		return busy(queue);

	small = !skb_is_gso(skb) &&
		msg_len_max(skb) <= min(conn->sects.size, conn->max_xfer);
	slot = small ? batch_with_room(conn, queue, skb) : NULL;
	if (slot) {
		if (unlikely(prepare_info(queue, skb, &info)))
			return drop(queue, skb);
		xmit_copied(conn, queue, slot, skb, &info);
		return NETDEV_TX_OK;
	}

	/* Packets stay in order: what came before this one goes first, and if
	 * it has to wait, so has this one, untouched.
	 */
	flush_batch(queue);
	if (unlikely(queue->tx.unsent != NETVSC_SLOT_NONE))
		return busy(queue);
	idx = netvsc_slot_get(queue);
	if (unlikely(idx == NETVSC_SLOT_NONE))
		return busy(queue);
	if (unlikely(prepare_info(queue, skb, &info))) {
		netvsc_slot_unget(queue, idx);
		return drop(queue, skb);
	}
	return xmit_alone(conn, queue, idx, skb, &info, small);
}

/* From the host */

/**
 * netvsc_tx_done() - the host is done with a slot
 * @conn: connection
 * @queue: queue
 * @pulled: its completion, NETVSC_PULL_SENT
 *
 * Context: NAPI; budget may be 0, with interrupts off.
 */
void netvsc_tx_done(struct netvsc_conn *conn, struct netvsc_queue *queue,
		    const struct netvsc_pulled *pulled)
{
	struct netvsc_slot *slot = &queue->tx.slots[pulled->slot];
	u32 status = NVSP_STATUS_NONE;

	if (nvsp_wire_rndis_complete(pulled->data, pulled->len, &status)) {
		netvsc_stat_add(&queue->rx.stats, tx_errors, slot->packets);
		netvsc_host_err(conn->adapter,
				"nvsp_rndis_pkt_complete error status: %u\n",
				status);
	}

	queue->rx.tx_packets += slot->packets;
	queue->rx.tx_bytes += slot->bytes;
	if (slot->skb) {
		dev_consume_skb_any(slot->skb);
		slot->skb = NULL;
	}
	netvsc_slot_put(conn, queue, pulled->slot);
}

/* Write what found the ring full */
static void retry_unsent(struct netvsc_queue *queue)
{
	struct netdev_queue *txq = queue_txq(queue);
	struct netvsc_tx *tx = &queue->tx;
	u16 idx;

	/* Held for the last moments of stopping the queue: come again */
	if (!__netif_tx_trylock(txq)) {
		napi_schedule(&queue->napi);
		return;
	}
	idx = tx->unsent;
	if (idx != NETVSC_SLOT_NONE) {
		WRITE_ONCE(tx->unsent, NETVSC_SLOT_NONE);
		send_slot(queue, idx);
	}
	__netif_tx_unlock(txq);
}

static bool keep_stopped(const struct netvsc_queue *queue)
{
	return READ_ONCE(queue->adapter->closing) || !usable_slots(queue);
}

/**
 * netvsc_tx_poll() - end of a poll: BQL, unsent slots, waking
 * @queue: queue
 *
 * Context: NAPI. May schedule the poll that calls it once more.
 */
void netvsc_tx_poll(struct netvsc_queue *queue)
{
	struct netdev_queue *txq = queue_txq(queue);
	struct netvsc_rx *rx = &queue->rx;

	if (rx->tx_packets) {
		netdev_tx_completed_queue(txq, rx->tx_packets, rx->tx_bytes);
		rx->tx_packets = 0;
		rx->tx_bytes = 0;
	}
	if (unlikely(READ_ONCE(queue->tx.unsent) != NETVSC_SLOT_NONE))
		retry_unsent(queue);

	if (!__netif_txq_maybe_wake(txq, netvsc_slots_avail(queue),
				    TX_WAKE_SLOTS, keep_stopped(queue)))
		netvsc_stat_add(&rx->stats, wake_queue, 1);
}

/**
 * netvsc_tx_purge() - free what the host never completed
 * @queue: queue of a closed channel; neither xmit nor NAPI uses it
 *
 * Now that the channel is closed the host reads none of it any more.
 *
 * Context: process.
 */
void netvsc_tx_purge(struct netvsc_queue *queue)
{
	u32 lost = 0;
	u32 i;

	for (i = 0; i < NETVSC_SLOTS; i++) {
		struct netvsc_slot *slot = &queue->tx.slots[i];

		if (slot->state == NETVSC_SLOT_FREE)
			continue;
		lost += slot->packets;
		dev_kfree_skb_any(slot->skb);
		slot->skb = NULL;
	}
	if (lost)
		netvsc_stat_add(&queue->tx.stats, dropped, lost);
	queue->rx.tx_packets = 0;
	queue->rx.tx_bytes = 0;
	netvsc_slots_reset(queue);
	netdev_tx_reset_queue(queue_txq(queue));
}
