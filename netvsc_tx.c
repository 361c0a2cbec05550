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
 * Bytes are told to BQL when a slot is complete and before the ring is written,
 * since the host may complete at any moment after; what was told is never taken
 * back. A slot that finds the ring full therefore stays, complete as it is, until
 * the poll has written it.
 */
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/ip6_checksum.h>
#include <net/netdev_queues.h>

#include "hyperv_net.h"
#include "netvsc_ring.h"
#include "netvsc_trace.h"

/* Free slots: one is left for the packet that is on its way when we stop */
#define TX_STOP_SLOTS		2
#define TX_WAKE_SLOTS		(NETVSC_SLOTS / 4)

/* UDP over IPv4 that is longer than this, in bytes with its IP header, and may be
 * fragmented, leaves Azure's hosts with a wrong checksum.
 */
#define UDP_CSUM_LEN		1420

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

/* Whether the host would get this UDP checksum over IPv4 wrong */
static bool is_long_udp(const struct sk_buff *skb)
{
	u32 off = skb_network_offset(skb);
	const struct iphdr *ip = ip_hdr(skb);

	/* A packet socket need not have said where the IP header is */
	if (off < ETH_HLEN ||
	    off + sizeof(*ip) > skb_checksum_start_offset(skb))
		return false;
	return skb->len - off > UDP_CSUM_LEN && !(ip->frag_off & htons(IP_DF));
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
		if (!(READ_ONCE(adapter->tx_csum_v4) & bits) ||
		    (bits == RNDIS_TX_CSUM_UDP && is_long_udp(skb)))
			return 0;
		return bits | RNDIS_TX_CSUM_IPV4;
	case htons(ETH_P_IPV6):
		if (!(READ_ONCE(adapter->tx_csum_v6) & bits))
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

/* A packet socket puts the tag into the frame, if it has one: whoever is bound to a
 * protocol can send any other, and AF_XDP names none. The host wants it beside the
 * frame. One that others hold as well (pktgen sends it many times over) is not ours to
 * change, and goes as it is. Rare: kept apart from what every packet needs.
 */
static noinline int tx_take_tag(struct netvsc_queue *queue, struct sk_buff *skb)
{
	int err = -EINVAL;
	u16 tci;

	if (skb_vlan_tag_present(skb) || skb_shared(skb))
		return 0;

	if (pskb_may_pull(skb, ETH_HLEN)) {
		skb_reset_mac_header(skb);
		if (eth_hdr(skb)->h_proto != htons(ETH_P_8021Q))
			return 0;
		if (skb->len >= VLAN_ETH_HLEN)
			err = __skb_vlan_pop(skb, &tci);
	}
	if (err)
		netvsc_stat_add(&queue->tx.stats, vlan_error, 1);
	else
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), tci);
	return err;
}

/* Return: 0, or -ENOMEM, -EINVAL and counted */
static int prepare_info(struct netvsc_queue *queue, struct sk_buff *skb,
			bool gso, struct rndis_tx_info *tx)
{
	int err = 0;

	if (unlikely(skb->protocol == htons(ETH_P_8021Q) || !skb->protocol))
		err = tx_take_tag(queue, skb);
	if (unlikely(err))
		return err;
	tx->data_len = skb->len;
	tx->pad = 0;
	tx->have = 0;

	if (skb_vlan_tag_present(skb)) {
		tx->have |= RNDIS_HAVE_VLAN;
		tx->vlan = rndis_vlan_from_tci(skb_vlan_tag_get(skb));
	}
	if (gso)
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
 *
 * Return: those of @features that are left to the device.
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

static __always_inline int write_slot(struct netvsc_queue *queue, u16 idx)
{
	struct nvsp_message *msg = &queue->tx.msg;
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	u64 id = netvsc_slot_id(queue, idx);
	u16 sect = slot->sect;

	msg->rndis_packet.section_index =
		cpu_to_le32(sect == NETVSC_SECT_NONE ? NVSP_SECTION_NONE : sect);
	msg->rndis_packet.section_size = cpu_to_le32(slot->len);

	trace_nvsp_send_pkt(queue, slot);
	/* The poll may see the completion before the write returns, and one that the
	 * host makes up before the packet is written; pairs with netvsc_slot_claim()
	 */
	smp_store_release(&slot->state, NETVSC_SLOT_IN_FLIGHT);
	if (sect != NETVSC_SECT_NONE)
		return netvsc_chan_send(queue, msg, id);
	return netvsc_chan_send_pages(queue, &queue->tx.pages, msg, id);
}

/* The queue is stopped; the slot waits for the poll. Whatever may happen next
 * brings the poll: a completion, or the host making room, or we see the room
 * ourselves. The slot is the poll's already, which looks at it again before it
 * sends it: the host may say that it was, and then it is free.
 */
static noinline void keep_unsent(struct netvsc_queue *queue, u16 idx)
{
	struct netvsc_tx *tx = &queue->tx;

	if (!netif_tx_queue_stopped(queue->tx.txq)) {
		netvsc_stat_add(&tx->stats, no_space, 1);
		netvsc_stat_add(&tx->stats, stop_queue, 1);
		netif_tx_stop_queue(queue->tx.txq);
	}
	WRITE_ONCE(tx->unsent, idx);
	/* Pairs with the barrier in forget_room(): either it sees this slot, or the wish
	 * is made after it has withdrawn the last one
	 */
	smp_mb();
	if (netvsc_chan_want_room(queue->chan))
		napi_schedule(&queue->napi);
}

/**
 * netvsc_lost_channel() - a ring can be written no more
 * @queue: queue
 *
 * The host took a sub-channel away, or broke its ring, and keeps the card: no
 * channel can be opened alone.
 *
 * Context: xmit or NAPI.
 */
void netvsc_lost_channel(struct netvsc_queue *queue)
{
	if (!READ_ONCE(queue->conn->chan->rescind))
		netvsc_kick_rtnl(queue->adapter, NETVSC_EVENT_RECONNECT, 0);
}

/* As netvsc_tx_send(). Inline, for the sake of xmit */
static __always_inline void tx_write(struct netvsc_queue *queue, u16 idx)
{
	int err = write_slot(queue, idx);

	if (unlikely(err == -EAGAIN))
		keep_unsent(queue, idx);
	else if (unlikely(err))
		netvsc_lost_channel(queue);
}

/**
 * netvsc_tx_send() - write a slot into the ring
 * @queue: queue
 * @idx: the slot
 *
 * A slot that is not in the ring and found it full waits as unsent. Any other
 * error leaves the packet where it is: the host may have it, so it is freed
 * only when the channel is closed.
 *
 * Context: xmit, or NAPI with the txq lock.
 */
void netvsc_tx_send(struct netvsc_queue *queue, u16 idx)
{
	tx_write(queue, idx);
}

/* A slot to which nothing will be added: the batch, if it is one, has ended. Inline as
 * tx_write()
 */
static __always_inline void tx_close(struct netvsc_queue *queue, u16 idx)
{
	u32 bytes = queue->tx.slots[idx].bytes;

	queue->tx.batch = NETVSC_SLOT_NONE;
	/* Frames of XDP are not told to BQL */
	if (likely(bytes))
		netdev_tx_sent_queue(queue->tx.txq, bytes);
	tx_write(queue, idx);
}

/**
 * netvsc_tx_flush() - write the open batch, if there is one
 * @queue: queue
 *
 * Context: xmit, or NAPI with the txq lock.
 */
noinline void netvsc_tx_flush(struct netvsc_queue *queue)
{
	if (queue->tx.batch != NETVSC_SLOT_NONE)
		tx_close(queue, queue->tx.batch);
}

/**
 * netvsc_tx_flush_all() - likewise on every queue, of a device that is detached
 * @adapter: adapter with a connection
 *
 * Detaching stops the queues without their locks: who was in the middle of a burst
 * found that out behind a packet that others were to follow.
 *
 * Context: process.
 */
void netvsc_tx_flush_all(struct netvsc_adapter *adapter)
{
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		struct netvsc_queue *queue = adapter->queues[i];

		__netif_tx_lock_bh(queue->tx.txq);
		netvsc_tx_flush(queue);
		__netif_tx_unlock_bh(queue->tx.txq);
	}
}

/* Copying into a section */

/* Bytes of the longest frame that the host was told of */
static u32 frame_max(const struct netvsc_conn *conn)
{
	return conn->mtu + VLAN_ETH_HLEN;
}

/**
 * netvsc_tx_batch_max() - most bytes that a batch can have
 * @conn: connection with its RNDIS session
 *
 * Return: bytes, headers included; 0 without a send buffer.
 */
u32 netvsc_tx_batch_max(const struct netvsc_conn *conn)
{
	return min(conn->sects.size, conn->max_xfer);
}

/**
 * netvsc_tx_limits_set() - limit the batches, and what is copied
 * @conn: connection with its RNDIS session
 *
 * By what the host takes and the user wants. The limits of a batch are for packets
 * that could share one: one alone is copied into a section as before.
 *
 * Context: process, RTNL once the net_device is registered.
 */
void netvsc_tx_limits_set(struct netvsc_conn *conn)
{
	const struct netvsc_adapter *adapter = conn->adapter;
	const struct netvsc_aggr *aggr = &adapter->aggr;
	u32 bytes = netvsc_tx_batch_max(conn);
	u32 packets = conn->max_packets;

	if (aggr->packets)
		packets = min(packets, aggr->packets);
	if (aggr->bytes)
		bytes = min(bytes, aggr->bytes);
	WRITE_ONCE(conn->batch_packets, packets);
	WRITE_ONCE(conn->batch_len, bytes);

	bytes = netvsc_tx_batch_max(conn);
	bytes = bytes < RNDIS_TX_HDR_MAX ? 0 :
		min(bytes - RNDIS_TX_HDR_MAX, frame_max(conn));
	WRITE_ONCE(conn->copy_len, min(bytes, adapter->tx_copybreak));
}

/**
 * netvsc_tx_set_copybreak() - which packets are copied to be sent
 * @adapter: adapter
 * @len: those of up to so many bytes, if they fit a section
 *
 * Context: process, RTNL.
 * Return: 0, or -EINVAL when no packet is so long.
 */
int netvsc_tx_set_copybreak(struct netvsc_adapter *adapter, u32 len)
{
	struct netvsc_conn *conn;

	if (len > adapter->max_mtu + VLAN_ETH_HLEN)
		return -EINVAL;
	adapter->tx_copybreak = len;
	conn = rtnl_dereference(adapter->conn);
	if (conn)
		netvsc_tx_limits_set(conn);
	return 0;
}

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

/* Append a message to the section of a slot; there is room. The header is built
 * where it will be read. Return: where the frame belongs.
 *
 * Inline, though called twice, for the sake of xmit: @info is then in registers.
 */
static __always_inline void *
add_message(struct netvsc_conn *conn, struct netvsc_queue *queue,
	    struct netvsc_slot *slot, const struct rndis_tx_info *info)
{
	void *dst;
	int hdr;

	if (slot->packets)
		pad_batch(conn, queue, slot);
	dst = sect_addr(conn, slot->sect) + slot->len;
	hdr = rndis_wire_put_packet(dst, NETVSC_HDR_LEN, info);
	queue->tx.batch_last = slot->len;
	slot->len += hdr + info->data_len;
	slot->packets++;
	return dst + hdr;
}

static void copy_packet(struct netvsc_conn *conn, struct netvsc_queue *queue,
			struct netvsc_slot *slot, const struct sk_buff *skb,
			const struct rndis_tx_info *info)
{
	void *dst = add_message(conn, queue, slot, info);

	slot->bytes += skb->len;
	if (likely(!skb_is_nonlinear(skb)))
		memcpy(dst, skb->data, skb->len);
	else
		skb_copy_bits(skb, 0, dst, skb->len);
}

/* Whether there is an open batch that can take a frame of so many bytes too */
static bool batch_has_room(const struct netvsc_conn *conn,
			   const struct netvsc_queue *queue, u32 frame_len)
{
	const struct netvsc_slot *slot;
	u32 len;

	if (queue->tx.batch == NETVSC_SLOT_NONE)
		return false;
	slot = &queue->tx.slots[queue->tx.batch];
	len = ALIGN(slot->len, conn->pkt_align) + RNDIS_TX_HDR_MAX + frame_len;
	return slot->packets < READ_ONCE(conn->batch_packets) &&
	       len <= READ_ONCE(conn->batch_len);
}

/* A new batch in @idx, if there is a section. Inline as add_message() */
static __always_inline bool
batch_open(struct netvsc_conn *conn, struct netvsc_queue *queue, u16 idx)
{
	u16 sect = netvsc_sect_get(conn, queue);

	if (unlikely(sect == NETVSC_SECT_NONE)) {
		netvsc_stat_add(&queue->tx.stats, send_full, 1);
		return false;
	}
	queue->tx.slots[idx].sect = sect;
	queue->tx.batch = idx;
	return true;
}

/* Handing over pages */

/**
 * netvsc_tx_unbounce() - the host is done with a slot's pages, or never got them
 * @queue: queue
 * @idx: the slot
 *
 * Context: who has the slot.
 */
void netvsc_tx_unbounce(struct netvsc_queue *queue, u16 idx)
{
	if (unlikely(queue->tx.bounced))
		netvsc_bounce_end(queue->adapter->hdev,
				  &queue->tx.bounced[idx]);
}

/**
 * netvsc_tx_add() - add one contiguous piece of memory to a slot's pages
 * @queue: queue
 * @idx: the slot, which is being built
 * @addr: physical address; what is there is complete
 * @len: bytes, not 0
 *
 * Context: xmit.
 * Return: 0; -EMSGSIZE no place for it in the packet; -ENOMEM. After an error
 * netvsc_tx_unbounce() takes back what was added.
 */
int netvsc_tx_add(struct netvsc_queue *queue, u16 idx, phys_addr_t addr, u32 len)
{
	struct netvsc_pages *pages = &queue->tx.pages;

	if (unlikely(queue->tx.bounced))
		return netvsc_bounce_add(queue->adapter->hdev,
					 &queue->tx.bounced[idx], pages, addr,
					 len);
	return netvsc_pages_add(pages, addr, len) ? 0 : -EMSGSIZE;
}

static int fill_pages(struct netvsc_queue *queue, u16 idx,
		      const struct sk_buff *skb, u32 hdr_len)
{
	void *hdr = queue->tx.hdr + idx * NETVSC_HDR_LEN;
	int err;
	u32 i;

	netvsc_pages_init(&queue->tx.pages);
	err = netvsc_tx_add(queue, idx, virt_to_phys(hdr), hdr_len);
	if (!err && skb_headlen(skb))
		err = netvsc_tx_add(queue, idx, virt_to_phys(skb->data),
				    skb_headlen(skb));

	for (i = 0; i < skb_shinfo(skb)->nr_frags && !err; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		phys_addr_t addr = page_to_phys(skb_frag_page(frag)) +
				   skb_frag_off(frag);

		err = netvsc_tx_add(queue, idx, addr, skb_frag_size(frag));
	}
	if (unlikely(err))
		netvsc_tx_unbounce(queue, idx);
	return err;
}

/* Return: 0, or -ENOMEM, -EMSGSIZE and counted */
static int tx_build_pages(struct netvsc_queue *queue, u16 idx,
			  struct sk_buff *skb, const struct rndis_tx_info *info)
{
	void *hdr = queue->tx.hdr + idx * NETVSC_HDR_LEN;
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	int len = rndis_wire_put_packet(hdr, NETVSC_HDR_LEN, info);
	int err = fill_pages(queue, idx, skb, len);

	if (unlikely(err == -EMSGSIZE)) {
		netvsc_stat_add(&queue->tx.stats, scattered, 1);
		/* pktgen's is shared: it stays as it is */
		err = skb_shared(skb) ? -EMSGSIZE : skb_linearize(skb);
		if (!err)
			err = fill_pages(queue, idx, skb, len);
		if (err == -EMSGSIZE)
			netvsc_stat_add(&queue->tx.stats, too_big, 1);
	}
	if (unlikely(err)) {
		if (err == -ENOMEM)
			netvsc_stat_add(&queue->tx.stats, no_memory, 1);
		return err;
	}
	slot->skb = skb;
	slot->packets = 1;
	slot->bytes = skb->len;
	return 0;
}

/* From the stack */

static netdev_tx_t tx_drop(struct netvsc_queue *queue, struct sk_buff *skb)
{
	/* The reason was counted where it was found. What was batched before must
	 * not wait for a packet that never comes.
	 */
	netvsc_tx_flush(queue);
	netvsc_stat_add(&queue->tx.stats, dropped, 1);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/* Larger than what the host was told: queued before the MTU became smaller */
static bool is_too_big(const struct netvsc_conn *conn,
		       const struct sk_buff *skb)
{
	if (likely(skb->len <= frame_max(conn)))
		return false;
	return !skb_is_gso(skb) ||
	       !skb_gso_validate_network_len(skb, conn->mtu);
}

/* Slots that transmit may fill; none while one waits for the ring */
static u32 usable_slots(const struct netvsc_queue *queue)
{
	if (READ_ONCE(queue->tx.unsent) != NETVSC_SLOT_NONE)
		return 0;
	return netvsc_slots_avail(queue);
}

static netdev_tx_t tx_busy(struct netvsc_queue *queue)
{
	if (!netif_txq_try_stop(queue->tx.txq, usable_slots(queue),
				TX_WAKE_SLOTS))
		netvsc_stat_add(&queue->tx.stats, stop_queue, 1);
	netvsc_stat_add(&queue->tx.stats, busy, 1);
	return NETDEV_TX_BUSY;
}

static void tx_count(struct netvsc_queue *queue, u32 len)
{
	struct netvsc_tx_stats *stats = &queue->tx.stats;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->packets);
	u64_stats_add(&stats->bytes, len);
	u64_stats_update_end(&stats->syncp);
}

/* After the packet is in its slot: stop if @slots, those that were free before, end
 * with it, and write unless more is coming, which it is not on a queue that the core
 * finds stopped.
 */
static void tx_commit(struct netvsc_conn *conn, struct netvsc_queue *queue,
		      u16 idx, bool copied, u32 slots)
{
	struct netvsc_tx *tx = &queue->tx;

	if (unlikely(slots <= TX_STOP_SLOTS) &&
	    !netif_txq_maybe_stop(tx->txq, netvsc_slots_avail(queue),
				  TX_STOP_SLOTS, TX_WAKE_SLOTS))
		netvsc_stat_add(&tx->stats, stop_queue, 1);

	if (copied && netdev_xmit_more() && !netif_tx_queue_stopped(tx->txq) &&
	    tx->slots[idx].packets < READ_ONCE(conn->batch_packets))
		return;
	tx_close(queue, idx);
}

/* A slot for a packet that the open batch cannot take; there is one. A small
 * packet begins a new batch.
 */
static u16 open_slot(struct netvsc_conn *conn, struct netvsc_queue *queue,
		     bool small)
{
	u16 idx = netvsc_slot_get(queue);

	if (small)
		batch_open(conn, queue, idx);
	return idx;
}

/* Longer than the host takes: it was checked while the VF was to send it, and waited,
 * or the VF has lost its carrier since. Cut as the core would have done. What finds no
 * place in the middle of it is lost: so much is never handed back.
 */
static noinline netdev_tx_t xmit_cut(struct netvsc_conn *conn,
				     struct netvsc_queue *queue,
				     struct sk_buff *skb)
{
	netdev_features_t features = netif_skb_features(skb);
	struct sk_buff *segs, *seg, *next;

	/* Whatever becomes of this one, what came before it does not wait */
	netvsc_tx_flush(queue);
	if (usable_slots(queue) < min_t(u32, skb_shinfo(skb)->gso_segs,
					TX_WAKE_SLOTS))
		return tx_busy(queue);
	segs = skb_gso_segment(skb, features & ~NETIF_F_GSO_MASK);
	if (IS_ERR_OR_NULL(segs)) {
		netvsc_stat_add(&queue->tx.stats, no_memory, 1);
		return tx_drop(queue, skb);
	}
	dev_consume_skb_any(skb);
	skb_list_walk_safe(segs, seg, next) {
		skb_mark_not_on_list(seg);
		if (netvsc_tx_xmit(conn, queue, seg) == NETDEV_TX_BUSY)
			tx_drop(queue, seg);
	}
	return NETDEV_TX_OK;
}

/* One that was made for the last connection's host, or for what this one had a moment ago,
 * may be more than it takes
 */
static bool can_lso(const struct netvsc_adapter *adapter,
		    const struct sk_buff *skb)
{
	netdev_features_t tso = skb_is_gso_v6(skb) ? NETIF_F_TSO6 : NETIF_F_TSO;

	return skb->len < READ_ONCE(adapter->tso_max) &&
	       READ_ONCE(adapter->host_features) & tso;
}

/**
 * netvsc_tx_xmit() - send one packet on a queue
 * @conn: the queue's connection
 * @queue: queue
 * @skb: packet; ours unless NETDEV_TX_BUSY is returned
 *
 * Context: xmit.
 * Return: NETDEV_TX_OK, or NETDEV_TX_BUSY when there is no slot.
 */
netdev_tx_t netvsc_tx_xmit(struct netvsc_conn *conn, struct netvsc_queue *queue,
			   struct sk_buff *skb)
{
	struct netvsc_tx *tx = &queue->tx;
	bool gso = skb_is_gso(skb);
	u32 len = skb->len;
	bool small = !gso && len <= READ_ONCE(conn->copy_len);
	/* One that joins a batch takes no slot */
	u32 slots = NETVSC_SLOTS;
	struct rndis_tx_info info;
	bool join, copied;
	u16 idx;

	if (gso && unlikely(!can_lso(queue->adapter, skb)))
		return xmit_cut(conn, queue, skb);
	/* No frame; the header could not say its length either */
	if (unlikely(len < ETH_HLEN))
		return tx_drop(queue, skb);
	if (unlikely(!small && is_too_big(conn, skb))) {
		netvsc_stat_add(&tx->stats, too_big, 1);
		return tx_drop(queue, skb);
	}

	join = small && batch_has_room(conn, queue, len);
	/* Packets stay in order: what came before this one goes first, and if
	 * it has to wait, so has this one, untouched.
	 */
	if (!join) {
		if (tx->batch != NETVSC_SLOT_NONE)
			netvsc_tx_flush(queue);
		slots = usable_slots(queue);
		if (unlikely(!slots))
			return tx_busy(queue);
	}
	if (unlikely(prepare_info(queue, skb, gso, &info)))
		return tx_drop(queue, skb);

	len = skb->len;
	idx = join ? tx->batch : open_slot(conn, queue, small);
	copied = tx->batch == idx;
	if (copied) {
		copy_packet(conn, queue, &tx->slots[idx], skb, &info);
	} else if (unlikely(tx_build_pages(queue, idx, skb, &info))) {
		netvsc_slot_unget(queue, idx);
		return tx_drop(queue, skb);
	}
	skb_tx_timestamp(skb);
	tx_count(queue, len);
	if (copied)
		dev_consume_skb_any(skb);
	tx_commit(conn, queue, idx, copied, slots);
	return NETDEV_TX_OK;
}

/* Frames that are no skb: nothing of them is told to BQL */

/**
 * netvsc_tx_slot_get() - a slot for a frame of XDP
 * @queue: queue
 *
 * What came before goes first. The slots that a stopped queue needs to be woken
 * are left to the stack: it would wait for them for good.
 *
 * Context: xmit.
 * Return: its number, or NETVSC_SLOT_NONE.
 */
u16 netvsc_tx_slot_get(struct netvsc_queue *queue)
{
	netvsc_tx_flush(queue);
	if (usable_slots(queue) <= TX_WAKE_SLOTS)
		return NETVSC_SLOT_NONE;
	return netvsc_slot_get(queue);
}

/**
 * netvsc_tx_copy() - room for a small frame of XDP in a batch
 * @conn: the queue's connection
 * @queue: queue
 * @info: what the host is told; with its header the frame fits
 *	  netvsc_tx_batch_max()
 *
 * The batch stays open: netvsc_tx_flush() ends it.
 *
 * Context: xmit.
 * Return: where the frame is to be copied to; NULL without a slot or section.
 */
void *netvsc_tx_copy(struct netvsc_conn *conn, struct netvsc_queue *queue,
		     const struct rndis_tx_info *info)
{
	u16 idx = queue->tx.batch;

	if (!batch_has_room(conn, queue, info->data_len)) {
		idx = netvsc_tx_slot_get(queue);
		if (idx == NETVSC_SLOT_NONE)
			return NULL;
		if (!batch_open(conn, queue, idx)) {
			netvsc_slot_unget(queue, idx);
			return NULL;
		}
	}
	return add_message(conn, queue, &queue->tx.slots[idx], info);
}

/* From the host */

/**
 * netvsc_tx_unpin() - the host is done with an AF_XDP socket's pages
 * @sent: they are; freed
 *
 * Context: any.
 */
void netvsc_tx_unpin(struct netvsc_xsk_sent *sent)
{
	while (sent->n)
		put_page(sent->page[--sent->n]);
	kfree(sent);
}

/* The poll gives them back to the socket, if it is still there */
static void release_xsk(struct netvsc_queue *queue, struct netvsc_xsk_sent *sent)
{
	struct netvsc_xsk *xsk = queue->xsk;

	if (sent->epoch == READ_ONCE(xsk->epoch))
		xsk->order[sent->nr % NETVSC_SLOTS].done = true;
	netvsc_tx_unpin(sent);
}

/* Context: NAPI, but for a frame never with budget 0 */
static void tx_release(struct netvsc_queue *queue, struct netvsc_slot *slot,
		       int budget)
{
	switch (slot->kind) {
	case NETVSC_SLOT_XSK:
		release_xsk(queue, slot->sent);
		break;
	case NETVSC_SLOT_XDP_BACK:
		xdp_return_frame_rx_napi(slot->frame);
		break;
	case NETVSC_SLOT_XDP_OTHER:
		xdp_return_frame(slot->frame);
		break;
	default:
		napi_consume_skb(slot->skb, budget);
	}
}

/* The host is done with a slot; its completion stands at the head of the ring */
static void tx_done(struct netvsc_conn *conn, struct netvsc_queue *queue,
		    u16 idx, int budget)
{
	const struct vmpacket_descriptor *desc = queue->rx.desc;
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	u32 status = NVSP_STATUS_NONE;

	if (unlikely(nvsp_wire_rndis_complete(hv_pkt_data(desc),
					      hv_pkt_datalen(desc),
					      &status))) {
		netvsc_stat_add(&queue->rx.stats, tx_errors, slot->packets);
		netvsc_host_err(conn->adapter,
				"nvsp_rndis_pkt_complete error status: %u\n",
				status);
	}

	queue->rx.tx_packets += slot->packets;
	queue->rx.tx_bytes += slot->bytes;
	if (slot->skb) {
		netvsc_tx_unbounce(queue, idx);
		tx_release(queue, slot, budget);
	}
	netvsc_slot_put(conn, queue, idx);
}

/**
 * netvsc_tx_done() - take completions for as long as they come next
 * @conn: connection
 * @queue: queue
 * @limit: but not more than this
 * @budget: of the poll
 *
 * Context: NAPI; budget may be 0, with interrupts off.
 * Return: how many were taken.
 */
u32 netvsc_tx_done(struct netvsc_conn *conn, struct netvsc_queue *queue,
		   u32 limit, int budget)
{
	u32 n;
	u16 idx;

	for (n = 0; n < limit && netvsc_chan_sent_next(queue, !budget); n++) {
		idx = netvsc_slot_claim(queue);
		/* A host that completes what is just being sent may turn a packet
		 * into a frame of XDP, which cannot be released with interrupts
		 * off: netvsc_tx_purge() finds it.
		 */
		if (likely(idx != NETVSC_SLOT_NONE) &&
		    (budget || queue->tx.slots[idx].kind == NETVSC_SLOT_SKB))
			tx_done(conn, queue, idx, budget);
		netvsc_chan_consume(queue);
	}
	return n;
}

/* Write what found the ring full, unless the host has completed it unseen. While it
 * waits no slot is taken, so that it is still the same one.
 */
static void retry_unsent(struct netvsc_queue *queue, int budget)
{
	struct netdev_queue *txq = queue->tx.txq;
	struct netvsc_tx *tx = &queue->tx;
	u16 idx;

	if (likely(budget)) {
		__netif_tx_lock(txq, smp_processor_id());
	} else if (!__netif_tx_trylock(txq)) {
		/* Whom netpoll interrupted may hold it: come again */
		napi_schedule(&queue->napi);
		return;
	}
	idx = tx->unsent;
	if (idx != NETVSC_SLOT_NONE) {
		WRITE_ONCE(tx->unsent, NETVSC_SLOT_NONE);
		if (likely(tx->slots[idx].state == NETVSC_SLOT_IN_FLIGHT))
			netvsc_tx_send(queue, idx);
	}
	__netif_tx_unlock(txq);
}

static bool keep_stopped(const struct netvsc_queue *queue)
{
	return READ_ONCE(queue->adapter->closing) || !usable_slots(queue);
}

/* The core's helper wakes after completions alone, and a slot that waited for
 * room in the ring leaves without one.
 */
static bool wake_queue(const struct netvsc_queue *queue, struct netdev_queue *txq)
{
	if (netvsc_slots_avail(queue) < TX_WAKE_SLOTS)
		return false;
	/* The slots are back before the queue's state is read; pairs with the
	 * barrier of netif_txq_try_stop().
	 */
	smp_mb();
	if (!netif_tx_queue_stopped(txq) || keep_stopped(queue))
		return false;
	netif_tx_wake_queue(txq);
	return true;
}

/**
 * netvsc_tx_poll() - end of a poll: BQL, sections, unsent slots, waking
 * @queue: queue
 * @sent: completions that were taken
 * @budget: of the poll
 *
 * Context: NAPI; budget may be 0, with interrupts off. May schedule the poll that
 * calls it once more.
 */
void netvsc_tx_poll(struct netvsc_queue *queue, u32 sent, int budget)
{
	struct netdev_queue *txq = queue->tx.txq;
	struct netvsc_rx *rx = &queue->rx;

	/* Nothing else frees slots, or waits for the poll */
	if (!sent && READ_ONCE(queue->tx.unsent) == NETVSC_SLOT_NONE)
		return;
	if (rx->tx_packets) {
		netdev_tx_completed_queue(txq, rx->tx_packets, rx->tx_bytes);
		rx->tx_packets = 0;
		rx->tx_bytes = 0;
	}
	if (rx->sect_n)
		netvsc_sects_give(queue->conn, queue);
	if (unlikely(READ_ONCE(queue->tx.unsent) != NETVSC_SLOT_NONE))
		retry_unsent(queue, budget);

	if (wake_queue(queue, txq))
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
		netvsc_tx_unbounce(queue, i);
		if (slot->kind == NETVSC_SLOT_SKB)
			dev_kfree_skb_any(slot->skb);
		else if (slot->kind == NETVSC_SLOT_XSK)
			release_xsk(queue, slot->sent);
		else
			xdp_return_frame(slot->frame);
		slot->skb = NULL;
	}
	if (lost)
		netvsc_stat_add(&queue->tx.stats, dropped, lost);
	queue->rx.tx_packets = 0;
	queue->rx.tx_bytes = 0;
	netvsc_slots_reset(queue);
	netdev_tx_reset_queue(queue->tx.txq);
}
