// SPDX-License-Identifier: GPL-2.0
/*
 * XDP: running a program on received frames, sending them back, and sending
 * those of other devices. No skb is made but for a frame that passes.
 *
 * A frame is copied from the receive buffer, which the host can write, into a
 * page of the queue's pool, and there the program sees it. What does not fit one
 * page goes on in further ones. The first page stays the queue's until a verdict
 * gives it away: a frame that is dropped, or that is small enough to leave as a
 * copy, leaves it to the next one, and no allocator is touched.
 *
 * What is sent shares slots, sections and txq lock with the stack, but not BQL.
 * Small frames are copied into the open batch, others wait in a slot for the
 * completion. A batch is written at the end of the poll, or of ndo_xdp_xmit.
 *
 * The host keeps VLAN tags beside the frames, so programs do not see them there.
 */
#include <linux/bpf_trace.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "hyperv_net.h"
#include "netvsc_ring.h"

/* Bytes of a frame that fit the first page, behind the room that programs can
 * rely on.
 */
#define XDP_ROOM \
	(PAGE_SIZE - XDP_PACKET_HEADROOM - \
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
/* Largest MTU at which every frame does */
#define XDP_MAX_MTU		((u32)(XDP_ROOM - ETH_HLEN))
static_assert((NETVSC_MAX_MTU + VLAN_ETH_HLEN - XDP_ROOM) / PAGE_SIZE <
	      MAX_SKB_FRAGS);

/* Into pages */

static void drop_frags(struct netvsc_queue *queue, struct xdp_buff *xdp)
{
	struct skb_shared_info *shinfo;
	u32 i;

	if (likely(!xdp_buff_has_frags(xdp)))
		return;
	shinfo = xdp_get_shared_info_from_buff(xdp);
	for (i = 0; i < shinfo->nr_frags; i++)
		page_pool_put_full_page(queue->xdp.pool,
					skb_frag_page(&shinfo->frags[i]), true);
}

/* Return: false for want of memory; then there are none */
static bool add_frags(struct netvsc_queue *queue, struct xdp_buff *xdp,
		      const void *data, u32 len)
{
	struct skb_shared_info *shinfo = xdp_get_shared_info_from_buff(xdp);

	shinfo->nr_frags = 0;
	shinfo->xdp_frags_size = len;
	xdp_buff_set_frags_flag(xdp);
	while (len) {
		struct page *page = page_pool_dev_alloc_pages(queue->xdp.pool);
		u32 n = min_t(u32, len, PAGE_SIZE);

		if (unlikely(!page)) {
			drop_frags(queue, xdp);
			return false;
		}
		if (unlikely(page_is_pfmemalloc(page)))
			xdp_buff_set_frag_pfmemalloc(xdp);
		memcpy(page_address(page), data, n);
		__skb_fill_page_desc_noacc(shinfo, shinfo->nr_frags++, page, 0,
					   n);
		data += n;
		len -= n;
	}
	return true;
}

static bool alloc_room(struct netvsc_queue *queue)
{
	struct page *page = page_pool_dev_alloc_pages(queue->xdp.pool);

	if (likely(page))
		queue->xdp.room = page_address(page);
	return page;
}

/* A private copy of @len bytes of the host's memory. Return: false for want of
 * memory.
 */
static bool xdp_fill(struct netvsc_queue *queue, struct xdp_buff *xdp,
		     const void *data, u32 len)
{
	u32 headroom = XDP_PACKET_HEADROOM;
	u32 first = min_t(u32, len, XDP_ROOM);

	if (!queue->xdp.room && !alloc_room(queue))
		return false;
	/* A tag that the host left in the frame makes it longer than the MTU
	 * says: it comes out of the head room.
	 */
	if (unlikely(len > XDP_ROOM && len <= XDP_ROOM + VLAN_HLEN)) {
		headroom -= len - XDP_ROOM;
		first = len;
	}
	xdp_init_buff(xdp, PAGE_SIZE, &queue->xdp.rxq);
	xdp_prepare_buff(xdp, queue->xdp.room, headroom, first, true);
	memcpy(xdp->data, data, first);
	return likely(first == len) ||
	       add_frags(queue, xdp, data + first, len - first);
}

/* Where a frame lies, in order. Return: how many parts of @part are used */
static u32 xdp_parts(struct xdp_buff *xdp, struct kvec *part)
{
	const struct skb_shared_info *shinfo;
	u32 n = 1;

	if (xdp->rxq->mem.type == MEM_TYPE_XSK_BUFF_POOL)
		return netvsc_xsk_parts(xdp, part);
	part[0].iov_base = xdp->data;
	part[0].iov_len = xdp->data_end - xdp->data;
	if (likely(!xdp_buff_has_frags(xdp)))
		return n;
	shinfo = xdp_get_shared_info_from_buff(xdp);
	for (; n <= shinfo->nr_frags; n++) {
		part[n].iov_base = skb_frag_address(&shinfo->frags[n - 1]);
		part[n].iov_len = skb_frag_size(&shinfo->frags[n - 1]);
	}
	return n;
}

/* Of @len bytes from @at, in the first part, on */
static __wsum sum_of(struct xdp_buff *xdp, u32 at, u32 len)
{
	struct kvec part[MAX_SKB_FRAGS + 1] __uninitialized;
	u32 i, n, parts = xdp_parts(xdp, part);
	__wsum sum = 0;
	u32 done = 0;

	part[0].iov_base += at;
	part[0].iov_len -= at;
	for (i = 0; i < parts && done < len; i++, done += n) {
		n = min_t(u32, len - done, part[i].iov_len);
		sum = csum_block_add(sum, csum_partial(part[i].iov_base, n, 0),
				     done);
	}
	return sum;
}

static void xdp_fill_tcp_csum(struct xdp_buff *xdp, u32 len)
{
	u32 n = min_t(u32, xdp->data_end - xdp->data, RSC_HEADERS_MAX);
	const struct ipv6hdr *ip6 = xdp->data + ETH_HLEN;
	const struct iphdr *ip = xdp->data + ETH_HLEN;
	struct rsc_headers hdrs;
	u8 head[RSC_HEADERS_MAX];
	struct tcphdr *th;
	u32 tcp_len;
	__wsum sum;

	/* Others can write to an AF_XDP socket's memory */
	memcpy(head, xdp->data, n);
	if (!rsc_wire_parse(head, n, &hdrs) ||
	    hdrs.ip_len < hdrs.len - ETH_HLEN || hdrs.ip_len > len - ETH_HLEN)
		return;
	th = xdp->data + hdrs.tcp;
	tcp_len = hdrs.ip_len - (hdrs.tcp - ETH_HLEN);
	th->check = 0;
	sum = sum_of(xdp, (void *)th - xdp->data, tcp_len);
	if (hdrs.ipv6)
		th->check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, tcp_len,
					    IPPROTO_TCP, sum);
	else
		th->check = csum_tcpudp_magic(ip->saddr, ip->daddr, tcp_len,
					      IPPROTO_TCP, sum);
}

static void xdp_fill_ip_csum(struct xdp_buff *xdp)
{
	const struct ethhdr *eth = xdp->data;
	u32 len = xdp->data_end - xdp->data;
	struct iphdr *ip = (void *)(eth + 1);
	u32 ihl;

	if (len < ETH_HLEN + sizeof(*ip) || eth->h_proto != htons(ETH_P_IP))
		return;
	ihl = READ_ONCE(*(const u8 *)ip) & 0xF;
	if (ihl < 5 || len < ETH_HLEN + ihl * 4)
		return;
	ip->check = 0;
	ip->check = ip_fast_csum(ip, ihl);
}

/**
 * netvsc_xdp_fix_csums() - compute what a neighbour on the same host left out
 * @xdp: frame, in private memory
 * @info: what the host said about it
 *
 * The stack would have them computed when the packet goes on; a program sends it
 * as it is.
 *
 * Context: NAPI.
 */
void netvsc_xdp_fix_csums(struct xdp_buff *xdp,
			  const struct rndis_packet_info *info)
{
	if (info->csum & RNDIS_RX_CSUM_IP_VALUE_INVALID)
		xdp_fill_ip_csum(xdp);
	if (info->csum & RNDIS_RX_CSUM_TCP_VALUE_INVALID)
		xdp_fill_tcp_csum(xdp, info->data_len);
}

/* Sending */

/**
 * struct xdp_out - a frame to be sent
 * @data: its linear part, which may be written to
 * @len: bytes there
 * @frags: the rest, NULL if there is none
 * @info: what the host is told; @info.data_len is the whole frame
 */
struct xdp_out {
	void *data;
	u32 len;
	const struct skb_shared_info *frags;
	struct rndis_tx_info info;
};

/* The host wants a tag beside the frame: the addresses move over it */
static void xdp_take_tag(struct xdp_out *out)
{
	struct vlan_ethhdr *hdr = out->data;

	if (out->len < VLAN_ETH_HLEN || hdr->h_vlan_proto != htons(ETH_P_8021Q))
		return;
	out->info.vlan = rndis_vlan_from_tci(ntohs(hdr->h_vlan_TCI));
	out->info.have = RNDIS_HAVE_VLAN;
	out->info.data_len -= VLAN_HLEN;
	memmove(out->data + VLAN_HLEN, out->data, 2 * ETH_ALEN);
	out->data += VLAN_HLEN;
	out->len -= VLAN_HLEN;
}

static void copy_out(void *dst, const struct xdp_out *out)
{
	u32 i;

	memcpy(dst, out->data, out->len);
	dst += out->len;
	for (i = 0; out->frags && i < out->frags->nr_frags; i++) {
		const skb_frag_t *frag = &out->frags->frags[i];

		memcpy(dst, skb_frag_address(frag), skb_frag_size(frag));
		dst += skb_frag_size(frag);
	}
}

/* Return: whether the frame was small enough, and is in a batch now */
static bool xdp_send_copy(struct netvsc_conn *conn, struct netvsc_queue *queue,
			  const struct xdp_out *out)
{
	void *dst;

	if (RNDIS_TX_HDR_MAX + out->info.data_len > netvsc_tx_batch_max(conn))
		return false;
	dst = netvsc_tx_copy(conn, queue, &out->info);
	if (!dst)
		return false;
	copy_out(dst, out);
	return true;
}

static bool xdp_fill_ranges(struct netvsc_queue *queue, u16 idx,
			    const struct xdp_out *out)
{
	void *hdr = queue->tx.hdr + idx * NETVSC_HDR_LEN;
	int len = rndis_wire_put_packet(hdr, NETVSC_HDR_LEN, &out->info);
	u32 i;

	netvsc_pages_init(&queue->tx.pages);
	if (netvsc_tx_add(queue, idx, virt_to_phys(hdr), len) ||
	    netvsc_tx_add(queue, idx, virt_to_phys(out->data), out->len))
		return false;
	for (i = 0; out->frags && i < out->frags->nr_frags; i++) {
		const skb_frag_t *frag = &out->frags->frags[i];
		phys_addr_t addr = page_to_phys(skb_frag_page(frag)) +
				   skb_frag_off(frag);

		if (netvsc_tx_add(queue, idx, addr, skb_frag_size(frag)))
			return false;
	}
	return true;
}

/* Return: whether the host has the frame's pages, or will have them; then
 * @frame is the slot's
 */
static bool xdp_send_pages(struct netvsc_queue *queue,
			   const struct xdp_out *out, struct xdp_frame *frame,
			   enum netvsc_slot_kind kind)
{
	u16 idx = netvsc_tx_slot_get(queue);
	struct netvsc_slot *slot;

	if (idx == NETVSC_SLOT_NONE)
		return false;
	if (!xdp_fill_ranges(queue, idx, out)) {
		netvsc_tx_unbounce(queue, idx);
		netvsc_slot_unget(queue, idx);
		return false;
	}
	slot = &queue->tx.slots[idx];
	slot->frame = frame;
	slot->kind = kind;
	slot->packets = 1;
	netvsc_tx_send(queue, idx);
	return true;
}

/**
 * netvsc_xdp_sent() - count frames that were sent without an skb
 * @queue: queue
 * @whose: a counter of queue->tx.stats that they belong to as well, or NULL
 * @packets: frames
 * @bytes: bytes
 *
 * Context: the txq lock is held.
 */
void netvsc_xdp_sent(struct netvsc_queue *queue, u64_stats_t *whose,
		     u32 packets, u32 bytes)
{
	struct netvsc_tx_stats *stats = &queue->tx.stats;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->packets, packets);
	u64_stats_add(&stats->bytes, bytes);
	if (whose)
		u64_stats_add(whose, packets);
	u64_stats_update_end(&stats->syncp);
}

/* Verdicts */

/* As xdp_send_back(), with the txq lock */
static bool xdp_send_back_locked(struct netvsc_queue *queue,
				 struct xdp_buff *xdp,
				 const struct xdp_out *out)
{
	struct xdp_frame *frame;

	if (xdp_send_copy(queue->conn, queue, out)) {
		drop_frags(queue, xdp);
		return true;
	}
	frame = xdp_convert_buff_to_frame(xdp);
	if (!frame || !xdp_send_pages(queue, out, frame, NETVSC_SLOT_XDP_BACK))
		return false;
	queue->xdp.room = NULL;
	return true;
}

/* XDP_TX, on the queue that the frame came from, with the tag it came with.
 * Return: whether it was sent; then the page may have gone with it.
 */
static bool xdp_send_back(struct netvsc_queue *queue, struct xdp_buff *xdp,
			  const struct rndis_packet_info *info)
{
	struct xdp_out out = {
		.data = xdp->data,
		.len = xdp->data_end - xdp->data,
		.info.data_len = xdp_get_buff_len(xdp),
	};
	u32 len = out.info.data_len;
	bool sent;

	if (unlikely(xdp_buff_has_frags(xdp)))
		out.frags = xdp_get_shared_info_from_buff(xdp);
	if (info->have & RNDIS_HAVE_VLAN) {
		out.info.have = RNDIS_HAVE_VLAN;
		out.info.vlan = info->vlan;
	} else {
		xdp_take_tag(&out);
	}
	if (unlikely(out.info.data_len > queue->conn->mtu + VLAN_ETH_HLEN))
		return false;

	__netif_tx_lock(queue->tx.txq, smp_processor_id());
	sent = netvsc_xdp_may_send(queue) &&
	       xdp_send_back_locked(queue, xdp, &out);
	if (likely(sent)) {
		/* The stack's watchdog is not to take the queue for stuck; that
		 * nothing could be sent is for it to see
		 */
		txq_trans_cond_update(queue->tx.txq);
		netvsc_xdp_sent(queue, NULL, 1, len);
	}
	__netif_tx_unlock(queue->tx.txq);
	queue->xdp.sent_back = true;
	return sent;
}

/* A frame that is as small as those that get a small head otherwise leaves the
 * page where it is.
 */
static struct sk_buff *pass_copy(struct netvsc_queue *queue,
				 const struct xdp_buff *xdp)
{
	u32 meta = xdp->data - xdp->data_meta;
	struct sk_buff *skb;

	skb = napi_alloc_skb(&queue->napi, xdp->data_end - xdp->data_meta);
	if (unlikely(!skb))
		return NULL;
	skb_put_data(skb, xdp->data_meta, xdp->data_end - xdp->data_meta);
	__skb_pull(skb, meta);
	if (meta)
		skb_metadata_set(skb, meta);
	return skb;
}

static struct sk_buff *pass_page(struct netvsc_queue *queue,
				 struct xdp_buff *xdp)
{
	struct skb_shared_info *shinfo = xdp_get_shared_info_from_buff(xdp);
	u32 meta = xdp->data - xdp->data_meta;
	struct sk_buff *skb;
	u32 frags = 0, size = 0;

	/* Making the skb clears some of it */
	if (unlikely(xdp_buff_has_frags(xdp))) {
		frags = shinfo->nr_frags;
		size = shinfo->xdp_frags_size;
	}
	skb = napi_build_skb(xdp->data_hard_start, PAGE_SIZE);
	if (unlikely(!skb)) {
		drop_frags(queue, xdp);
		return NULL;
	}
	queue->xdp.room = NULL;
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	skb_put(skb, xdp->data_end - xdp->data);
	if (meta)
		skb_metadata_set(skb, meta);
	if (unlikely(frags))
		xdp_update_skb_frags_info(skb, frags, size, frags * PAGE_SIZE,
					  xdp_buff_get_skb_flags(xdp));
	return skb;
}

static struct sk_buff *xdp_pass(struct netvsc_queue *queue,
				struct xdp_buff *xdp)
{
	struct sk_buff *skb;

	if (!xdp_buff_has_frags(xdp) && xdp->data_end - xdp->data <=
	    READ_ONCE(queue->adapter->rx_copybreak))
		skb = pass_copy(queue, xdp);
	else
		skb = pass_page(queue, xdp);
	if (likely(skb))
		skb_mark_for_recycle(skb);
	else
		netvsc_stat_add(&queue->rx.stats, no_memory, 1);
	return skb;
}

/**
 * netvsc_xdp_count() - count a frame that came, but does not go to the stack
 * @queue: queue
 * @verdict: the program's, a counter of queue->rx.stats
 * @len: bytes
 *
 * Context: NAPI.
 */
void netvsc_xdp_count(struct netvsc_queue *queue, u64_stats_t *verdict,
		      u32 len)
{
	struct netvsc_napi_stats *stats = &queue->rx.stats;

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->packets);
	u64_stats_add(&stats->bytes, len);
	u64_stats_inc(verdict);
	u64_stats_update_end(&stats->syncp);
}

/**
 * netvsc_xdp_fail() - count a frame that is lost on a program
 * @queue: queue
 * @prog: program
 * @act: its verdict, which is none or cannot be carried out
 *
 * Context: NAPI.
 */
void netvsc_xdp_fail(struct netvsc_queue *queue, struct bpf_prog *prog, u32 act)
{
	struct net_device *ndev = queue->adapter->ndev;

	if (act > XDP_REDIRECT)
		bpf_warn_invalid_xdp_action(ndev, prog, act);
	trace_xdp_exception(ndev, prog, act);
	netvsc_stat_add(&queue->rx.stats, xdp_error, 1);
}

/**
 * netvsc_xdp_receive() - run a program on a received frame
 * @queue: queue
 * @prog: program
 * @data: the frame, in memory that the host can write
 * @info: the message it came in, decoded
 * @skb: gets the packet that the stack is to have, NULL if there is none
 *
 * Context: NAPI; netvsc_xdp_poll_end() has to follow if netvsc_xdp_waits().
 * Return: false when the frame was lost for want of memory, and counted.
 */
bool netvsc_xdp_receive(struct netvsc_queue *queue, struct bpf_prog *prog,
			const void *data, const struct rndis_packet_info *info,
			struct sk_buff **skb)
{
	struct netvsc_napi_stats *stats = &queue->rx.stats;
	/* What a program can see of it is written below, for every frame */
	struct netvsc_xdp_in in __uninitialized;
	u32 act;

	*skb = NULL;
	/* Of what the host coalesced */
	if (unlikely(info->data_len > XDP_ROOM + VLAN_HLEN &&
		     !prog->aux->xdp_has_frags)) {
		netvsc_xdp_fail(queue, prog, XDP_ABORTED);
		return true;
	}
	if (unlikely(!xdp_fill(queue, &in.xdp, data, info->data_len))) {
		netvsc_stat_add(stats, no_memory, 1);
		return false;
	}
	netvsc_xdp_fill_csums(&in.xdp, info);
	in.info = info;

	act = bpf_prog_run_xdp(prog, &in.xdp);
	switch (act) {
	case XDP_DROP:
		netvsc_stat_add(stats, xdp_drop, 1);
		drop_frags(queue, &in.xdp);
		return true;
	case XDP_PASS:
		*skb = xdp_pass(queue, &in.xdp);
		return *skb;
	case XDP_TX:
		if (unlikely(!xdp_send_back(queue, &in.xdp, info)))
			break;
		netvsc_xdp_count(queue, &stats->xdp_tx, info->data_len);
		return true;
	case XDP_REDIRECT:
		if (unlikely(xdp_do_redirect(queue->adapter->ndev,
					     &in.xdp, prog)))
			break;
		queue->xdp.room = NULL;
		queue->xdp.redirected = true;
		netvsc_xdp_count(queue, &stats->xdp_redirect, info->data_len);
		return true;
	}
	netvsc_xdp_fail(queue, prog, act);
	drop_frags(queue, &in.xdp);
	return true;
}

/**
 * netvsc_xdp_poll_end() - let go what the poll has collected
 * @queue: queue
 *
 * Context: NAPI, with everything of the incoming ring given back.
 */
void netvsc_xdp_poll_end(struct netvsc_queue *queue)
{
	struct netdev_queue *txq = queue->tx.txq;

	if (queue->xdp.redirected)
		xdp_do_flush();
	if (queue->xdp.sent_back) {
		__netif_tx_lock(txq, smp_processor_id());
		netvsc_tx_flush(queue);
		__netif_tx_unlock(txq);
	}
	queue->xdp.redirected = false;
	queue->xdp.sent_back = false;
}

/* Other devices' frames */

static void out_of_frame(struct xdp_out *out, struct xdp_frame *frame)
{
	*out = (struct xdp_out) {
		.data = frame->data,
		.len = frame->len,
		.info.data_len = xdp_get_frame_len(frame),
	};
	if (unlikely(xdp_frame_has_frags(frame)))
		out->frags = xdp_get_shared_info_from_frame(frame);
	xdp_take_tag(out);
}

/* The MTU that it was checked for may be a smaller one by now */
static bool is_unfit(const struct netvsc_conn *conn, const struct xdp_out *out)
{
	return out->info.data_len > conn->mtu + VLAN_ETH_HLEN ||
	       out->len < ETH_HLEN;
}

/* Return: false when there is no room; then the frame is the caller's still */
static bool xmit_frame(struct netvsc_conn *conn, struct netvsc_queue *queue,
		       struct xdp_out *out, struct xdp_frame *frame,
		       struct xdp_frame_bulk *done)
{
	if (!xdp_send_copy(conn, queue, out))
		return xdp_send_pages(queue, out, frame, NETVSC_SLOT_XDP_OTHER);
	xdp_return_frame_bulk(frame, done);
	return true;
}

/* Those that can never be sent are dropped alone. Return: how many were taken */
static int xmit_frames(struct netvsc_conn *conn, struct netvsc_queue *queue,
		       int count, struct xdp_frame **frames,
		       struct xdp_frame_bulk *done)
{
	u32 bytes = 0;
	int unfit = 0;
	int i;

	for (i = 0; i < count; i++) {
		u32 len = xdp_get_frame_len(frames[i]);
		struct xdp_out out;

		out_of_frame(&out, frames[i]);
		if (unlikely(is_unfit(conn, &out))) {
			xdp_return_frame_bulk(frames[i], done);
			unfit++;
			continue;
		}
		if (unlikely(!xmit_frame(conn, queue, &out, frames[i], done)))
			break;
		bytes += len;
	}
	netvsc_tx_flush(queue);
	if (likely(i > unfit))
		txq_trans_cond_update(queue->tx.txq);
	netvsc_xdp_sent(queue, &queue->tx.stats.xdp_xmit, i - unfit, bytes);
	if (unlikely(count - i + unfit))
		netvsc_stat_add(&queue->tx.stats, dropped, count - i + unfit);
	return i;
}

/**
 * netvsc_xdp_xmit() - send other devices' frames on the synthetic path
 * @ndev: our net_device
 * @count: frames
 * @frames: they are; what is not taken stays the caller's
 * @flags: XDP_XMIT_*; what is sent goes to the host at once in any case
 *
 * Context: softirq.
 * Return: frames taken, sent or dropped, or -EINVAL, -ENETDOWN.
 */
int netvsc_xdp_xmit(struct net_device *ndev, int count,
		    struct xdp_frame **frames, u32 flags)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_conn *conn = rcu_dereference_bh(adapter->conn);
	struct netvsc_queue *queue;
	struct xdp_frame_bulk done __uninitialized;
	int sent = -ENETDOWN;

	if (unlikely(flags & ~XDP_XMIT_FLAGS_MASK))
		return -EINVAL;
	queue = adapter->queues[netvsc_within(smp_processor_id(),
					      READ_ONCE(ndev->real_num_tx_queues))];
	if (unlikely(!conn))
		return -ENETDOWN;

	xdp_frame_bulk_init(&done);
	rcu_read_lock();
	__netif_tx_lock(queue->tx.txq, smp_processor_id());
	if (likely(netvsc_xdp_may_send(queue)))
		sent = xmit_frames(conn, queue, count, frames, &done);
	__netif_tx_unlock(queue->tx.txq);
	xdp_flush_frame_bulk(&done);
	rcu_read_unlock();
	return sent;
}

/* Attaching */

/* Whether frames of this MTU could be more than such a program can see */
static bool is_too_large(const struct bpf_prog *prog, u32 mtu)
{
	return prog && !prog->aux->xdp_has_frags && mtu > XDP_MAX_MTU;
}

/* The largest at which frames fit the chunks of all AF_XDP sockets, one chunk if a
 * program cannot take more
 */
static u32 xsk_max_mtu(const struct netvsc_adapter *adapter,
		       const struct bpf_prog *prog)
{
	bool frags = !prog || prog->aux->xdp_has_frags;
	u32 mtu = U32_MAX;
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		const struct netvsc_xsk *xsk = adapter->queues[i]->xsk;

		if (xsk && rcu_access_pointer(xsk->pool))
			mtu = min(mtu, (frags ? xsk->most : xsk->room) -
				       VLAN_ETH_HLEN);
	}
	return mtu;
}

/**
 * netvsc_xdp_max_mtu() - largest MTU that may be set now
 * @adapter: adapter
 *
 * Context: process, RTNL once the net_device is registered.
 * Return: bytes.
 */
u32 netvsc_xdp_max_mtu(const struct netvsc_adapter *adapter)
{
	const struct bpf_prog *prog =
		rcu_dereference_protected(adapter->xdp_prog,
					  lockdep_rtnl_is_held() ||
					  adapter->ndev->reg_state ==
						NETREG_UNINITIALIZED);
	u32 mtu = min(adapter->max_mtu, xsk_max_mtu(adapter, prog));

	return is_too_large(prog, mtu) ? XDP_MAX_MTU : mtu;
}

/* Coalescing goes by this. A device that goes has nothing to say any more */
static void xdp_want(struct netvsc_adapter *adapter, bool prog)
{
	if (adapter->xdp_wanted == prog)
		return;
	adapter->xdp_wanted = prog;
	if (adapter->ndev->reg_state == NETREG_REGISTERED)
		netdev_update_features(adapter->ndev);
}

/**
 * netvsc_xdp_check() - whether a program can be attached
 * @adapter: adapter
 * @prog: program, NULL for none
 * @extack: says why not
 *
 * Context: process, RTNL.
 * Return: 0, or -EOPNOTSUPP when frames may be more than it can take.
 */
int netvsc_xdp_check(struct netvsc_adapter *adapter, struct bpf_prog *prog,
		     struct netlink_ext_ack *extack)
{
	struct net_device *ndev = adapter->ndev;
	u32 mtu = max(ndev->mtu, adapter->config.mtu);

	if (is_too_large(prog, mtu))
		NL_SET_ERR_MSG_MOD(extack,
				   "frames of this MTU do not fit a page: lower the MTU, or use a program with frags (section xdp.frags)");
	else if (prog && mtu > xsk_max_mtu(adapter, prog))
		NL_SET_ERR_MSG_MOD(extack,
				   "frames of this MTU do not fit a chunk of an AF_XDP socket: lower the MTU, or use a program with frags (section xdp.frags)");
	else
		return 0;
	netdev_warn(ndev, "XDP: mtu:%u too large\n", ndev->mtu);
	return -EOPNOTSUPP;
}

/**
 * netvsc_xdp_set() - attach a program, or none
 * @adapter: adapter
 * @prog: program that netvsc_xdp_check() allows; its reference is ours
 *
 * Receive buffers are the same with and without: nothing is closed.
 *
 * Context: process, RTNL; waits for the host if coalescing begins or ends.
 */
void netvsc_xdp_set(struct netvsc_adapter *adapter, struct bpf_prog *prog)
{
	struct bpf_prog *old;

	/* A host that coalesces stops before the first frame is looked at, and
	 * may begin again after the last.
	 */
	if (prog)
		xdp_want(adapter, true);
	old = rcu_replace_pointer(adapter->xdp_prog, prog,
				  lockdep_rtnl_is_held());
	if (old)
		bpf_prog_put(old);
	if (!prog)
		xdp_want(adapter, false);
	adapter->ndev->max_mtu = netvsc_xdp_max_mtu(adapter);
}

/* What the kernel calls by the name of a metadata function */

static int rx_hash(const struct xdp_md *ctx, u32 *hash,
		   enum xdp_rss_hash_type *type)
{
	static const struct {
		u32 ndis;
		enum xdp_rss_hash_type type;
	} types[] = {
		{ NDIS_HASH_TCP_IPV4, XDP_RSS_TYPE_L4_IPV4_TCP },
		{ NDIS_HASH_UDP_IPV4, XDP_RSS_TYPE_L4_IPV4_UDP },
		{ NDIS_HASH_IPV4, XDP_RSS_TYPE_L3_IPV4 },
		{ NDIS_HASH_TCP_IPV6, XDP_RSS_TYPE_L4_IPV6_TCP },
		{ NDIS_HASH_UDP_IPV6, XDP_RSS_TYPE_L4_IPV6_UDP },
		{ NDIS_HASH_TCP_IPV6_EX, XDP_RSS_TYPE_L4_IPV6_TCP_EX },
		{ NDIS_HASH_UDP_IPV6_EX, XDP_RSS_TYPE_L4_IPV6_UDP_EX },
		{ NDIS_HASH_IPV6, XDP_RSS_TYPE_L3_IPV6 },
		{ NDIS_HASH_IPV6_EX, XDP_RSS_TYPE_L3_IPV6_EX },
	};
	const struct netvsc_xdp_in *in = (const void *)ctx;
	u32 i;

	if (!(in->info->have & RNDIS_HAVE_HASH) ||
	    !(in->xdp.rxq->dev->features & NETIF_F_RXHASH))
		return -ENODATA;
	*hash = in->info->hash;
	*type = XDP_RSS_TYPE_NONE;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (in->info->hash_info & types[i].ndis) {
			*type = types[i].type;
			break;
		}
	}
	return 0;
}

static int rx_vlan_tag(const struct xdp_md *ctx, __be16 *proto, u16 *tci)
{
	const struct netvsc_xdp_in *in = (const void *)ctx;

	if (!(in->info->have & RNDIS_HAVE_VLAN))
		return -ENODATA;
	*proto = htons(ETH_P_8021Q);
	*tci = rndis_vlan_to_tci(in->info->vlan);
	return 0;
}

static const struct xdp_metadata_ops metadata_ops = {
	.xmo_rx_hash		= rx_hash,
	.xmo_rx_vlan_tag	= rx_vlan_tag,
};

/* Setting up */

/**
 * netvsc_xdp_init() - say what the device can do
 * @ndev: our net_device, not registered yet
 *
 * Where the host may not read the guest's memory, AF_XDP would copy in any case.
 */
void netvsc_xdp_init(struct net_device *ndev)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 features = NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_REDIRECT |
		       NETDEV_XDP_ACT_NDO_XMIT | NETDEV_XDP_ACT_RX_SG |
		       NETDEV_XDP_ACT_NDO_XMIT_SG;

	if (!netvsc_bounce_wanted(adapter->hdev)) {
		features |= NETDEV_XDP_ACT_XSK_ZEROCOPY;
		compat_set_xdp_zc_max_segs(ndev, NETVSC_XSK_SEGS);
	}
	xdp_set_features_flag(ndev, features);
	compat_set_xdp_metadata_ops(ndev, &metadata_ops);
}

/**
 * netvsc_xdp_queue_init() - make a queue known to who takes its frames
 * @queue: queue, known to NAPI
 *
 * Context: process.
 * Return: 0 or a negative error; netvsc_xdp_queue_free() is called in any case.
 */
int netvsc_xdp_queue_init(struct netvsc_queue *queue)
{
	struct netvsc_adapter *adapter = queue->adapter;
	const struct page_pool_params params = {
		.pool_size = NETVSC_POOL_PAGES,
		.nid = dev_to_node(&adapter->hdev->device),
		COMPAT_PP_NAPI(&queue->napi)
	};
	struct xdp_rxq_info *rxq = &queue->xdp.rxq;
	struct page_pool *pool;
	int err;

	pool = page_pool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	queue->xdp.pool = pool;
	/* The size is of the pages behind the first: programs may fill them */
	err = __xdp_rxq_info_reg(rxq, adapter->ndev, queue->idx,
				 queue->napi.napi_id, PAGE_SIZE);
	if (err)
		return err;
	return xdp_rxq_info_reg_mem_model(rxq, MEM_TYPE_PAGE_POOL, pool);
}

/**
 * netvsc_xdp_queue_free() - undo netvsc_xdp_queue_init(), however far it came
 * @queue: queue that polls no more, with its pool
 *
 * Context: process.
 */
void netvsc_xdp_queue_free(struct netvsc_queue *queue)
{
	struct netvsc_xdp *xdp = &queue->xdp;

	if (xdp->room)
		page_pool_put_full_page(xdp->pool, virt_to_page(xdp->room),
					false);
	if (xdp_rxq_info_is_reg(&xdp->rxq))
		xdp_rxq_info_unreg(&xdp->rxq);
	if (xdp->pool)
		page_pool_destroy(xdp->pool);
}
