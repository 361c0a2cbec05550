// SPDX-License-Identifier: GPL-2.0
/*
 * The NAPI poll of a channel: pull, decode, build, hand over.
 *
 * The ring carries received packets, completions of what was sent and control
 * messages in one order, and the poll takes them as they come. It ends with
 * the budget, with an empty ring, or when the ring back to the host has no room
 * for receive completions. What it took is given back to the host once, at its
 * end.
 *
 * A transfer-page packet can hold more frames than the budget: it is then taken
 * up where it was left by the next poll. It is started only when there is place
 * for its completion, so none is ever lost.
 *
 * The receive buffer is memory that the host can write at any time. Decoding
 * judges a private copy of each header, and frames are copied out.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/prefetch.h>
#include <net/checksum.h>

#include "hyperv_net.h"
#include "netvsc_ring.h"
#include "netvsc_trace.h"

/* Bytes of a larger frame that go to the head when the rest goes to pages */
#define RX_HEAD			128
/* A page fragment for a frame of standard size, head room and trailer included */
#define RX_FRAG			SZ_2K
#define RX_FRAG_ROOM \
	(RX_FRAG - NET_SKB_PAD - SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

/* Completions of transmissions in one poll for each frame of the budget: they
 * are cheap, but not free.
 */
#define TX_PER_RX		4

/* Building */

static struct sk_buff *build_small(struct netvsc_queue *queue, const void *data,
				   u32 len)
{
	struct sk_buff *skb = napi_alloc_skb(&queue->napi, len);

	if (skb)
		__skb_put_data(skb, data, len);
	return skb;
}

static struct sk_buff *build_frag(struct netvsc_queue *queue, const void *data,
				  u32 len)
{
	struct page_pool *pool = queue->rx.pool;
	struct sk_buff *skb;
	struct page *page;
	unsigned int off;
	void *addr;

	BUILD_BUG_ON(RX_FRAG_ROOM < VLAN_ETH_FRAME_LEN);
	page = page_pool_dev_alloc_frag(pool, &off, RX_FRAG);
	if (!page)
		return NULL;
	addr = page_address(page) + off;
	skb = napi_build_skb(addr, RX_FRAG);
	if (!skb) {
		page_pool_put_full_page(pool, page, true);
		return NULL;
	}
	skb_reserve(skb, NET_SKB_PAD);
	__skb_put_data(skb, data, len);
	return skb;
}

static struct sk_buff *rx_build_pages(struct netvsc_queue *queue,
				      const void *data, u32 len)
{
	struct sk_buff *skb = napi_alloc_skb(&queue->napi, RX_HEAD);

	if (!skb)
		return NULL;
	skb_mark_for_recycle(skb);
	__skb_put_data(skb, data, RX_HEAD);
	if (!netvsc_rsc_append(queue, skb, data + RX_HEAD, len - RX_HEAD)) {
		dev_kfree_skb_any(skb);
		return NULL;
	}
	return skb;
}

/* A private copy of @len bytes of the host's memory as a packet */
static struct sk_buff *rx_build(struct netvsc_queue *queue, const void *data,
				u32 len)
{
	struct sk_buff *skb;

	if (len <= READ_ONCE(queue->adapter->rx_copybreak))
		skb = build_small(queue, data, len);
	else if (len <= RX_FRAG_ROOM)
		skb = build_frag(queue, data, len);
	else
		skb = rx_build_pages(queue, data, len);
	/* All of them, or GRO would not merge packets of different sizes: it
	 * wants both or none from a pool.
	 */
	if (skb)
		skb_mark_for_recycle(skb);
	return skb;
}

/* Whether the host vouches for the transport checksum. One that it calls wrong
 * is looked at by the stack, which counts it; the packet may also be for others
 * than us, so it is not ours to drop.
 */
static bool is_good(const struct rndis_packet_info *info)
{
	const u32 good = RNDIS_RX_CSUM_TCP_SUCCEEDED |
			 RNDIS_RX_CSUM_UDP_SUCCEEDED;
	const u32 bad = RNDIS_RX_CSUM_TCP_FAILED | RNDIS_RX_CSUM_UDP_FAILED;

	return (info->csum & good) && !(info->csum & bad);
}

/* What the host said about the packet */
static void set_info(struct netvsc_queue *queue, struct sk_buff *skb,
		     const struct rndis_packet_info *info)
{
	const u32 ports = NDIS_HASH_TCP_IPV4 | NDIS_HASH_TCP_IPV6 |
			  NDIS_HASH_TCP_IPV6_EX | NDIS_HASH_UDP_IPV4 |
			  NDIS_HASH_UDP_IPV6 | NDIS_HASH_UDP_IPV6_EX;

	if (is_good(info) && (skb->dev->features & NETIF_F_RXCSUM))
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (info->have & RNDIS_HAVE_VLAN)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q),
				       rndis_vlan_to_tci(info->vlan));
	if ((info->have & RNDIS_HAVE_HASH) &&
	    (skb->dev->features & NETIF_F_RXHASH))
		skb_set_hash(skb, info->hash, info->hash_info & ports ?
			     PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	/* One that is not in use any more may still have something in its ring */
	if (likely(queue->idx < READ_ONCE(skb->dev->real_num_rx_queues)))
		skb_record_rx_queue(skb, queue->idx);
}

static void rx_count(struct netvsc_queue *queue, const struct sk_buff *skb,
		     u32 len)
{
	struct netvsc_napi_stats *stats = &queue->rx.stats;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->packets);
	u64_stats_add(&stats->bytes, len);
	if (skb->pkt_type == PACKET_MULTICAST ||
	    skb->pkt_type == PACKET_BROADCAST)
		u64_stats_inc(&stats->multicast);
	u64_stats_update_end(&stats->syncp);
}

/* The host vouches for the IPv4 header, but its checksum was never computed: the
 * packet is from a neighbour on the same host. The stack looks at it.
 */
static void rx_fill_ip_csum(struct sk_buff *skb,
			    const struct rndis_packet_info *info)
{
	const u32 unset = RNDIS_RX_CSUM_IP_VALUE_INVALID |
			  RNDIS_RX_CSUM_IP_SUCCEEDED;
	struct iphdr *ip = (void *)skb->data;

	if ((info->csum & unset) != unset ||
	    skb->protocol != htons(ETH_P_IP) ||
	    skb_headlen(skb) < sizeof(*ip) || ip->ihl < 5 ||
	    skb_headlen(skb) < ip->ihl * 4)
		return;
	ip->check = 0;
	ip->check = ip_fast_csum(ip, ip->ihl);
}

/* Likewise TCP's. The host's word is all there is, even for who wants no receive
 * checksums from it.
 */
static void rx_fill_tcp_csum(struct sk_buff *skb,
			     const struct rndis_packet_info *info)
{
	const u32 unset = RNDIS_RX_CSUM_TCP_VALUE_INVALID |
			  RNDIS_RX_CSUM_TCP_SUCCEEDED;

	if ((info->csum & unset) == unset && is_good(info) &&
	    skb->ip_summed != CHECKSUM_PARTIAL)
		netvsc_rsc_fix_csum(skb);
}

/* What the stack wants to know. @coalesced: it is the packet in queue->rx.rsc */
static void prepare(struct netvsc_queue *queue, struct sk_buff *skb,
		    const struct rndis_packet_info *info, bool coalesced)
{
	struct net_device *ndev = queue->adapter->ndev;

	skb->dev = ndev;
	set_info(queue, skb, info);
	skb->protocol = eth_type_trans(skb, ndev);
	if (unlikely(coalesced))
		netvsc_rsc_finish(queue, skb,
				  skb->ip_summed == CHECKSUM_UNNECESSARY);
	if (unlikely(info->csum & (RNDIS_RX_CSUM_IP_VALUE_INVALID |
				   RNDIS_RX_CSUM_TCP_VALUE_INVALID))) {
		rx_fill_ip_csum(skb, info);
		rx_fill_tcp_csum(skb, info);
	}
}

/* To the stack */
static void rx_deliver(struct netvsc_queue *queue, struct sk_buff *skb,
		       const struct rndis_packet_info *info)
{
	u32 len = skb->len;

	prepare(queue, skb, info, false);
	rx_count(queue, skb, len);
	napi_gro_receive(&queue->napi, skb);
}

/* A frame that a program looks at first. Return: as receive_frame() */
static bool receive_xdp(struct netvsc_queue *queue, struct bpf_prog *prog,
			const void *data, const struct rndis_packet_info *info)
{
	struct xsk_buff_pool *pool = netvsc_xsk_pool(queue);
	struct sk_buff *skb;
	bool ok;

	ok = pool ? netvsc_xsk_receive(queue, pool, prog, data, info, &skb) :
		    netvsc_xdp_receive(queue, prog, data, info, &skb);
	if (skb)
		rx_deliver(queue, skb, info);
	return ok;
}

/* Programs judge frames. The host was told to stop coalescing, so there are few
 * such packets, from the moment that the program was attached.
 */
static void cut_for_xdp(struct netvsc_queue *queue, struct bpf_prog *prog,
			struct sk_buff *skb)
{
	struct rndis_packet_info *info = &queue->rx.rsc.info;
	struct sk_buff *next;

	skb = netvsc_rsc_cut(skb);
	if (unlikely(!skb))
		netvsc_stat_add(&queue->rx.stats, no_memory, 1);
	for (; skb; skb = next) {
		next = skb->next;
		info->data_len = skb->len;
		receive_xdp(queue, prog, skb->data, info);
		consume_skb(skb);
	}
}

/* The packet that was in queue->rx.rsc */
static void deliver_coalesced(struct netvsc_queue *queue, struct sk_buff *skb)
{
	struct bpf_prog *prog = netvsc_xdp_prog(queue);
	u32 len = skb->len;

	prepare(queue, skb, &queue->rx.rsc.info, true);
	if (unlikely(prog)) {
		cut_for_xdp(queue, prog, skb);
		return;
	}
	rx_count(queue, skb, len);
	napi_gro_receive(&queue->napi, skb);
}

/* A message that may be a fragment. Return: as receive_frame(); @whole: go on
 * with it, it is none.
 */
static bool receive_fragment(struct netvsc_queue *queue, const void *data,
			     const struct rndis_packet_info *info, bool *whole)
{
	enum netvsc_rsc_verdict verdict;
	struct sk_buff *skb;

	verdict = netvsc_rsc_receive(queue, data, info, &skb);
	*whole = verdict == NETVSC_RSC_WHOLE;
	if (skb)
		deliver_coalesced(queue, skb);
	return verdict != NETVSC_RSC_REFUSED;
}

/* One frame. Return: whether it was received, for the status to the host */
static bool receive_frame(struct netvsc_queue *queue, const void *msg, u32 len)
{
	struct netvsc_napi_stats *stats = &queue->rx.stats;
	struct rndis_packet_info *info = &queue->rx.info;
	struct net_device *ndev = queue->adapter->ndev;
	enum rndis_wire_fault fault;
	struct bpf_prog *prog;
	struct sk_buff *skb;
	bool whole, ok;

	fault = rndis_wire_packet(msg, len, queue->conn->mtu + VLAN_ETH_HLEN,
				  info);
	if (unlikely(fault)) {
		netvsc_rsc_end(queue);
		netvsc_stat_add(stats, errors, 1);
		netvsc_host_err(queue->adapter, "queue %u: received frame: %s\n",
				queue->idx, rndis_wire_fault_name(fault));
		return false;
	}
	if (!rsc_wire_is_plain(&queue->rx.rsc.run, info)) {
		ok = receive_fragment(queue, msg + info->data_off, info, &whole);
		if (!whole)
			return ok;
	}
	/* The host sends what the filter lets through; a closing interface may
	 * still see some of it.
	 */
	if (unlikely(!netif_running(ndev))) {
		netvsc_stat_add(stats, dropped, 1);
		return true;
	}

	prog = netvsc_xdp_prog(queue);
	if (unlikely(prog))
		return receive_xdp(queue, prog, msg + info->data_off, info);
	skb = rx_build(queue, msg + info->data_off, info->data_len);
	if (unlikely(!skb)) {
		netvsc_stat_add(stats, no_memory, 1);
		return false;
	}
	rx_deliver(queue, skb, info);
	return true;
}

/* Transfer pages */

static bool receive_range(struct netvsc_conn *conn, struct netvsc_queue *queue,
			  u32 off, u32 len)
{
	const void *msg = conn->recv.addr + off;

	if (unlikely(nvsp_wire_xfer_range(off, len, &conn->sections))) {
		netvsc_stat_add(&queue->rx.stats, bad_xfer, 1);
		netvsc_host_err(queue->adapter,
				"queue %u: received %u bytes at offset %u, outside the receive buffer's %u sections of %u bytes\n",
				queue->idx, len, off, conn->sections.count,
				conn->sections.size);
		return false;
	}
	if (!queue->rx.xfer.control)
		return receive_frame(queue, msg, len);
	if (!rndis_filter_receive(conn, msg, len)) {
		netvsc_stat_add(&queue->rx.stats, bad_message, 1);
		return false;
	}
	return true;
}

/* As much of the packet as the budget allows. Return: ranges looked at */
static u32 receive_xfer(struct netvsc_conn *conn, struct netvsc_queue *queue,
			u32 budget)
{
	struct netvsc_xfer *xfer = &queue->rx.xfer;
	u32 done = 0;

	while (xfer->next < xfer->cnt && done < budget) {
		const struct vmtransfer_page_range *range =
			&xfer->ranges[xfer->next++];

		/* The ranges are in private memory: read twice is fine */
		if (!receive_range(conn, queue, range->byte_offset,
				   range->byte_count))
			xfer->done.status = NVSP_STATUS_FAILURE;
		/* A coalesced packet counts when it begins and when it ends: one
		 * that only ever begins must not be free
		 */
		done += !queue->rx.rsc.run.open || queue->rx.rsc.run.count == 1;
	}
	if (xfer->next == xfer->cnt) {
		if (!netvsc_rsc_end(queue))
			xfer->done.status = NVSP_STATUS_FAILURE;
		queue->rx.comp[queue->rx.comp_n] = xfer->done;
		WRITE_ONCE(queue->rx.comp_n, queue->rx.comp_n + 1);
		netvsc_chan_consume(queue);
	}
	return done;
}

/* Write the waiting completions. Return: false when the ring is full */
static bool flush_completions(struct netvsc_queue *queue)
{
	struct netvsc_rx *rx = &queue->rx;
	u32 i, left;
	int err;

	for (i = 0; i < rx->comp_n; i++) {
		err = netvsc_chan_complete(queue, rx->comp[i].id,
					   rx->comp[i].status);
		if (err == -EAGAIN)
			break;
		/* Nobody is there to be told, and this memory of the host's is lost */
		if (unlikely(err))
			netvsc_lost_channel(queue);
	}
	left = rx->comp_n - i;
	if (unlikely(left))
		memmove(rx->comp, rx->comp + i, left * sizeof(*rx->comp));
	WRITE_ONCE(rx->comp_n, left);
	return !left;
}

/* Messages */

static void receive_reply(struct netvsc_conn *conn, struct netvsc_queue *queue,
			  const struct netvsc_pulled *pulled)
{
	u32 type = 0;

	if (!nvsp_wire_type(pulled->data, pulled->len, &type))
		trace_nvsp_recv(queue, type);
	/* Only the primary channel carries requests */
	if (queue->idx || (!netvsc_conn_reply(conn, pulled) &&
			   !rndis_filter_sent(conn, pulled->id) &&
			   !netvsc_path_switched(conn, pulled)))
		netvsc_stat_add(&queue->rx.stats, bad_completion, 1);
}

/* The host's own NVSP messages, on the primary channel alone */
static void receive_message(struct netvsc_conn *conn,
			    struct netvsc_queue *queue,
			    const struct netvsc_pulled *pulled)
{
	bool good = false;
	u32 type = 0;

	nvsp_wire_type(pulled->data, pulled->len, &type);
	trace_nvsp_recv(queue, type);
	switch (type) {
	case NVSP_MSG_SEND_INDIRECTION_TABLE:
		good = !queue->idx && netvsc_tx_table_receive(conn, pulled);
		break;
	case NVSP_MSG_SEND_VF_ASSOCIATION:
		good = !queue->idx && netvsc_path_associate(conn, pulled);
		break;
	case NVSP_MSG_SWITCH_DATA_PATH:
		good = !queue->idx && netvsc_path_host_switch(conn, pulled);
		break;
	}
	if (!good)
		netvsc_stat_add(&queue->rx.stats, bad_message, 1);
}

static void rx_broken(struct netvsc_conn *conn, struct netvsc_queue *queue)
{
	if (READ_ONCE(conn->broken))
		return;
	WRITE_ONCE(conn->broken, true);
	netvsc_host_err(queue->adapter,
			"queue %u: host corrupted the ring; connection given up\n",
			queue->idx);
	netvsc_kick(queue->adapter, NETVSC_EVENT_LOST, 0);
}

/* Poll */

/**
 * struct rx_work - how far a poll may go and has come
 * @budget: frames that may be delivered
 * @done: frames delivered
 * @descs: packets of the ring that may be looked at, so that a lying index
 *	   cannot hold the CPU
 * @most_sent: completions of transmissions that may be taken
 * @sent: those taken
 */
struct rx_work {
	u32 budget;
	u32 done;
	u32 descs;
	u32 most_sent;
	u32 sent;
};

static void poll_sent(struct netvsc_conn *conn, struct netvsc_queue *queue,
		      struct rx_work *work)
{
	u32 n = netvsc_tx_done(conn, queue,
			       min(work->descs, work->most_sent - work->sent),
			       work->budget);

	work->sent += n;
	work->descs -= n;
}

/* One packet, or several completions of transmissions. Return: whether there may
 * be more.
 */
static bool poll_one(struct netvsc_conn *conn, struct netvsc_queue *queue,
		     struct rx_work *work)
{
	struct netvsc_pulled *pulled = &queue->rx.pulled;

	/* Reserve the place of a completion before anything is started */
	if (queue->rx.comp_n == NETVSC_RX_COMPLETIONS &&
	    !flush_completions(queue))
		return false;

	switch (netvsc_chan_peek(queue, pulled)) {
	case NETVSC_PULL_EMPTY:
		return false;
	case NETVSC_PULL_BROKEN:
		rx_broken(conn, queue);
		return false;
	case NETVSC_PULL_XFER:
		work->done += receive_xfer(conn, queue,
					   work->budget - work->done);
		return true;
	case NETVSC_PULL_SENT:
		poll_sent(conn, queue, work);
		return true;
	case NETVSC_PULL_REPLY:
		receive_reply(conn, queue, pulled);
		break;
	case NETVSC_PULL_MESSAGE:
		receive_message(conn, queue, pulled);
		break;
	case NETVSC_PULL_BAD:
		break;
	}
	netvsc_chan_consume(queue);
	return true;
}

/* The ring was emptied, or something keeps us from doing so. Tell the core, and
 * let the host interrupt again.
 */
static void poll_end(struct netvsc_queue *queue, const struct rx_work *work)
{
	bool full = queue->rx.comp_n;

	if (full) {
		netvsc_stat_add(&queue->rx.stats, comp_busy, 1);
		if (netvsc_chan_want_room(queue->chan)) {
			napi_schedule(&queue->napi);
			full = false;
		}
	}
	/* false: polled by a socket, or scheduled again; the mask stays */
	if (!napi_complete_done(&queue->napi, work->done))
		return;
	/* With the ring back full, more data are no reason to come again: the
	 * host's interrupt for room is.
	 */
	if (!netvsc_chan_rearm(queue) || full)
		return;
	if (napi_schedule_prep(&queue->napi)) {
		hv_begin_read(&queue->chan->inbound);
		__napi_schedule(&queue->napi);
	}
}

/* Nobody waits for room any more, it seems. Transmit may have begun to at this
 * very moment and have lost its wish to us; then the poll looks once more.
 */
static void forget_room(struct netvsc_queue *queue)
{
	if (queue->rx.comp_n ||
	    READ_ONCE(queue->tx.unsent) != NETVSC_SLOT_NONE ||
	    !netvsc_chan_unwant_room(queue->chan))
		return;
	/* Pairs with the barrier in keep_unsent(): either its slot is seen here, or
	 * its wish is made after this
	 */
	smp_mb();
	if (READ_ONCE(queue->tx.unsent) != NETVSC_SLOT_NONE)
		napi_schedule(&queue->napi);
}

/* netpoll, perhaps with interrupts off: the ring is one FIFO, so only completions
 * of transmissions can be taken, up to the first packet of another kind.
 */
static void poll_sent_alone(struct netvsc_conn *conn, struct netvsc_queue *queue)
{
	u32 sent;

	sent = netvsc_tx_done(conn, queue, TX_PER_RX * NAPI_POLL_WEIGHT, 0);
	/* The other poll may never come again: the host is to have the room */
	if (sent)
		hv_pkt_iter_close(queue->chan);
	netvsc_tx_poll(queue, sent, 0);
}

/* The core finds a next packet for as long as the index is far away, wherever that is:
 * the poll would come again for ever, and find each time what it has pulled already.
 */
static void judge_again(struct netvsc_conn *conn, struct netvsc_queue *queue)
{
	if (queue->rx.desc && unlikely(!netvsc_chan_is_sane(queue)))
		rx_broken(conn, queue);
}

/**
 * netvsc_rx_poll() - NAPI poll of a queue
 * @napi: the queue's
 * @budget: frames that may be delivered; 0 for netpoll
 *
 * Return: frames delivered; @budget to be called again.
 */
int netvsc_rx_poll(struct napi_struct *napi, int budget)
{
	struct netvsc_queue *queue = container_of(napi, struct netvsc_queue,
						  napi);
	struct rx_work work = {
		.budget = budget,
		.most_sent = TX_PER_RX * budget,
	};
	/* The connection stays for as long as this poll takes */
	bool polled = smp_load_acquire(&queue->polled);
	struct netvsc_conn *conn = queue->conn;
	struct xsk_buff_pool *pool;
	bool more = true;

	if (likely(polled && budget))
		judge_again(conn, queue);
	/* Its channel is closed, or what is left of a broken ring. It stays masked:
	 * nothing comes from it any more. A socket may poll by itself all the same.
	 */
	if (unlikely(!polled || READ_ONCE(conn->broken))) {
		if (budget)
			napi_complete_done(napi, 0);
		return 0;
	}
	if (unlikely(!budget)) {
		poll_sent_alone(conn, queue);
		return 0;
	}

	work.descs = queue->chan->inbound.ring_datasize / 32;
	while (more && work.done < budget && work.sent < work.most_sent &&
	       work.descs) {
		work.descs--;
		more = poll_one(conn, queue, &work);
	}
	if (queue->rx.comp_n)
		flush_completions(queue);
	hv_pkt_iter_close(queue->chan);
	if (unlikely(netvsc_xdp_waits(queue)))
		netvsc_xdp_poll_end(queue);
	netvsc_tx_poll(queue, work.sent, budget);
	pool = netvsc_xsk_pool(queue);
	if (unlikely(pool))
		more |= netvsc_xsk_poll(conn, queue, pool, budget);
	forget_room(queue);

	if (more || work.done == budget)
		return budget;
	poll_end(queue, &work);
	return work.done;
}

/**
 * netvsc_rx_set_copybreak() - which frames get a small head of their own
 * @adapter: adapter
 * @len: those of up to so many bytes
 *
 * Return: 0, or -EINVAL when one of that length could not have any.
 */
int netvsc_rx_set_copybreak(struct netvsc_adapter *adapter, u32 len)
{
	if (len > RX_FRAG_ROOM)
		return -EINVAL;
	WRITE_ONCE(adapter->rx_copybreak, len);
	return 0;
}

/**
 * netvsc_rx_channel_cb() - the host's interrupt
 * @context: the queue
 *
 * Context: hard interrupt, on any CPU.
 */
void netvsc_rx_channel_cb(void *context)
{
	struct netvsc_queue *queue = context;
	struct vmbus_channel *chan = READ_ONCE(queue->chan);
	struct hv_ring_buffer_info *ring;

	/* Still being opened: the first poll comes by itself */
	if (unlikely(!chan))
		return;
	ring = &chan->inbound;
	/* The poll will look at the header of the ring first */
	prefetch(ring->ring_buffer);
	/* Whoever polls at this moment, a socket maybe, unmasks when he is done */
	hv_begin_read(ring);
	if (napi_schedule_prep(&queue->napi))
		__napi_schedule_irqoff(&queue->napi);
}
