// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP without an skb ("zero copy"): a socket's memory, the UMEM, is bound to a
 * queue.
 *
 * Received frames that a program looks at are copied from the receive buffer
 * straight into chunks of the UMEM: once, where a page and then a chunk would take
 * twice. Without a program nothing changes for the stack.
 *
 * What the socket sends is taken up by the poll. Frames that fit a send section are
 * copied there, and the socket has its chunks back at once; others are handed to
 * the host where they are, each page with a reference of its own. The host may read
 * those for as long as it likes, longer than the socket lives.
 *
 *	poll:  descriptors -> section -----------------> done
 *	                   -> pages, in order -> host -> done, in order
 *
 * The kernel gives chunks back in the order in which they were taken, so one that is
 * done behind one that is not has to wait for it.
 *
 * A pool comes and goes while the queue polls: the poll finds it through RCU.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/slab.h>
#include <net/xdp_sock_drv.h>

#include "hyperv_net.h"
#include "netvsc_ring.h"

/* Bytes at the end of a frame's first chunk that say where the others are */
#define XSK_TAIL	SKB_DATA_ALIGN(sizeof(struct skb_shared_info))
/* Bytes of a longer packet that go to the head of an skb, the rest to pages */
#define XSK_PASS_HEAD	128
/* Addresses in front of a VLAN tag */
#define XSK_ADDRS	(2 * ETH_ALEN)
static_assert(NETVSC_XSK_DESCS >= NETVSC_XSK_SEGS);
static_assert((NETVSC_XSK_SEGS + 2) <= NETVSC_MAX_RANGES);
static_assert(MAX_SKB_FRAGS + 1 >= NETVSC_XSK_SEGS);
static_assert(!COMPAT_XSK_CB || NETVSC_XSK_CB <= COMPAT_XSK_CB);

/* Receiving */

/* The socket has to give room. Without it frames are lost, but nothing waits */
static void xsk_starve(struct netvsc_queue *queue, struct xsk_buff_pool *pool)
{
	netvsc_stat_add(&queue->rx.stats, xsk_starved, 1);
	queue->xsk->starved = true;
	if (xsk_uses_need_wakeup(pool))
		xsk_set_rx_need_wakeup(pool);
}

static void xsk_feed(struct netvsc_xsk *xsk, struct xsk_buff_pool *pool)
{
	if (likely(!xsk->starved) || !xsk_buff_can_alloc(pool, 1))
		return;
	xsk->starved = false;
	xsk_clear_rx_need_wakeup(pool);
}

static bool is_among(const struct xdp_buff *head, const struct xdp_buff *frag)
{
	struct xdp_buff_xsk *pos;

	if (frag == head)
		return true;
	compat_xsk_for_each_frag(pos, head) {
		if (&pos->xdp == frag)
			return true;
	}
	return false;
}

/* Programs look for the further chunks at the end of the first one. User space can
 * write there, so nothing else goes by it: see netvsc_xsk_parts().
 */
static void show_frags(struct xsk_buff_pool *pool, struct xdp_buff *head,
		       u32 len)
{
	struct skb_shared_info *shinfo = xdp_get_shared_info_from_buff(head);
	struct xdp_buff_xsk *pos;
	u32 n = 0;

	compat_xsk_for_each_frag(pos, head) {
		/* The real page, where the UMEM's own mapping has none */
		size_t at = pos->xdp.data - pool->addrs;

		__skb_fill_page_desc_noacc(shinfo, n++,
					   pool->umem->pgs[at >> PAGE_SHIFT],
					   offset_in_page(at),
					   pos->xdp.data_end - pos->xdp.data);
	}
	shinfo->nr_frags = n;
	shinfo->xdp_frags_size = len;
}

/* The rest of a frame in further chunks. Return: false for want of them; then
 * @head is freed.
 *
 * A chunk that user space gives twice is the same buffer twice, and a list that
 * has it twice does not end. Chunks that need not be aligned may overlap, and then
 * overwrite each other: where they are is written down when all have been filled.
 */
static bool add_chunks(struct netvsc_xsk *xsk, struct xsk_buff_pool *pool,
		       struct xdp_buff *head, const void *data, u32 len)
{
	u32 left = len;

	xdp_buff_set_frags_flag(head);
	while (left) {
		struct xdp_buff *frag = xsk_buff_alloc(pool);
		u32 n = min(left, xsk->room);

		if (unlikely(!frag || is_among(head, frag))) {
			/* Gone when it was @head that came again */
			xdp_buff_set_frags_flag(head);
			xsk_buff_free(head);
			return false;
		}
		memcpy(frag->data, data, n);
		frag->data_end = frag->data + n;
		compat_xsk_add_frag(frag);
		data += n;
		left -= n;
	}
	show_frags(pool, head, len);
	return true;
}

/**
 * netvsc_xsk_parts() - where a received frame lies
 * @xdp: the frame, in chunks of a UMEM
 * @part: gets up to NETVSC_XSK_SEGS parts, in order
 *
 * What stands at the end of the first chunk says the same, as long as user space
 * does not overwrite it: the core, which shortens frames by it, can be led to put
 * an end before its begin, the first chunk's too.
 *
 * Context: NAPI.
 * Return: how many, 0 when they make no frame.
 */
u32 netvsc_xsk_parts(struct xdp_buff *xdp, struct kvec *part)
{
	struct xdp_buff_xsk *pos;
	u32 n = 1;

	if (unlikely(xdp->data_end < xdp->data + ETH_HLEN))
		return 0;
	part[0].iov_base = xdp->data;
	part[0].iov_len = xdp->data_end - xdp->data;
	if (likely(!xdp_buff_has_frags(xdp)))
		return n;
	compat_xsk_for_each_frag(pos, xdp) {
		if (WARN_ON_ONCE(n == NETVSC_XSK_SEGS))
			break;
		if (unlikely(pos->xdp.data_end < pos->xdp.data))
			return 0;
		part[n].iov_base = pos->xdp.data;
		part[n++].iov_len = pos->xdp.data_end - pos->xdp.data;
	}
	return n;
}

/* A private copy of @len bytes of the host's memory. Return: NULL if there can be
 * none, and counted.
 */
static struct xdp_buff *xsk_fill(struct netvsc_queue *queue,
				 struct xsk_buff_pool *pool,
				 const struct bpf_prog *prog, const void *data,
				 u32 len)
{
	struct netvsc_xsk *xsk = queue->xsk;
	struct xdp_buff *xdp;
	u32 first = len;

	if (unlikely(len > xsk->room)) {
		if (len > xsk->most || !prog->aux->xdp_has_frags) {
			netvsc_stat_add(&queue->rx.stats, xsk_too_long, 1);
			return NULL;
		}
		/* Led to believe that there are none, the core leaves a frame's
		 * further chunks where those of this one go. Before its first is
		 * taken, which may be one of them.
		 */
		compat_xsk_drop_frags(pool);
		first = xsk->room - XSK_TAIL;
	}
	xdp = xsk_buff_alloc(pool);
	if (unlikely(!xdp)) {
		xsk_starve(queue, pool);
		return NULL;
	}
	memcpy(xdp->data, data, first);
	xdp->data_end = xdp->data + first;
	if (unlikely(first < len) &&
	    !add_chunks(xsk, pool, xdp, data + first, len - first)) {
		xsk_starve(queue, pool);
		return NULL;
	}
	return xdp;
}

/* The stack gets a copy: the chunks are the socket's */
static struct sk_buff *copy_skb(struct netvsc_queue *queue,
				struct xdp_buff *xdp)
{
	struct kvec part[NETVSC_XSK_SEGS] __uninitialized;
	u32 parts = netvsc_xsk_parts(xdp, part);
	u32 meta = xdp->data - xdp->data_meta;
	struct sk_buff *skb;
	bool whole = true;
	u32 head, i;

	if (unlikely(!parts))
		return NULL;
	head = part[0].iov_len;
	if (meta + head > SZ_2K)
		head = XSK_PASS_HEAD;
	skb = napi_alloc_skb(&queue->napi, meta + head);
	if (unlikely(!skb))
		return NULL;
	skb_mark_for_recycle(skb);
	skb_put_data(skb, xdp->data_meta, meta + head);
	__skb_pull(skb, meta);
	if (meta)
		skb_metadata_set(skb, meta);
	part[0].iov_base += head;
	part[0].iov_len -= head;
	for (i = 0; i < parts && whole; i++) {
		if (part[i].iov_len)
			whole = netvsc_rsc_append(queue, skb, part[i].iov_base,
						  part[i].iov_len);
	}
	if (likely(whole))
		return skb;
	dev_kfree_skb_any(skb);
	return NULL;
}

static struct sk_buff *xsk_pass(struct netvsc_queue *queue,
				struct xdp_buff *xdp)
{
	struct sk_buff *skb = copy_skb(queue, xdp);

	if (unlikely(!skb))
		netvsc_stat_add(&queue->rx.stats, no_memory, 1);
	xsk_buff_free(xdp);
	return skb;
}

/* Sending */

/**
 * struct xsk_out - a frame to be sent
 * @desc: its first descriptor, NULL if it was received
 * @n: descriptors
 * @tagged: there is a VLAN tag in it, which goes beside it
 * @info: what the host is told; @info.data_len is the whole frame without @tagged
 */
struct xsk_out {
	const struct xdp_desc *desc;
	u32 n;
	bool tagged;
	struct rndis_tx_info info;
};

/* The host wants a tag beside the frame. The socket may write to it at any time:
 * what was read once is what is told.
 */
static void find_tag(struct xsk_out *out, const void *data, u32 len)
{
	const struct vlan_ethhdr *hdr = data;

	if (len < VLAN_ETH_HLEN ||
	    READ_ONCE(hdr->h_vlan_proto) != htons(ETH_P_8021Q))
		return;
	out->info.vlan = rndis_vlan_from_tci(ntohs(READ_ONCE(hdr->h_vlan_TCI)));
	out->info.have = RNDIS_HAVE_VLAN;
	out->info.data_len -= VLAN_HLEN;
	out->tagged = true;
}

/* The first part of a frame, without its tag. Return: where the next one belongs */
static void *copy_first(void *dst, const void *data, u32 len, bool tagged)
{
	if (unlikely(tagged)) {
		memcpy(dst, data, XSK_ADDRS);
		dst += XSK_ADDRS;
		data += XSK_ADDRS + VLAN_HLEN;
		len -= XSK_ADDRS + VLAN_HLEN;
	}
	memcpy(dst, data, len);
	return dst + len;
}

static bool fits_section(const struct netvsc_conn *conn,
			 const struct xsk_out *out)
{
	return RNDIS_TX_HDR_MAX + out->info.data_len <=
	       netvsc_tx_batch_max(conn);
}

/* As xsk_send_back(), with the txq lock */
static bool xsk_send_back_locked(struct netvsc_queue *queue,
				 const struct xsk_out *out,
				 const struct kvec *part, u32 parts)
{
	void *dst;
	u32 i;

	if (!netvsc_xdp_may_send(queue) || !fits_section(queue->conn, out))
		return false;
	dst = netvsc_tx_copy(queue->conn, queue, &out->info);
	if (!dst)
		return false;
	for (i = 0; i < parts; i++)
		dst = copy_first(dst, part[i].iov_base, part[i].iov_len,
				 out->tagged && !i);
	return true;
}

/* XDP_TX, with the tag the frame came with. Copied or not at all: the chunk is the
 * socket's.
 */
static bool xsk_send_back(struct netvsc_queue *queue, struct xdp_buff *xdp,
			  const struct rndis_packet_info *info)
{
	struct kvec part[NETVSC_XSK_SEGS] __uninitialized;
	u32 i, parts = netvsc_xsk_parts(xdp, part);
	struct xsk_out out = {};
	u32 len = 0;
	bool sent;

	if (unlikely(!parts))
		return false;
	for (i = 0; i < parts; i++)
		len += part[i].iov_len;
	out.info.data_len = len;
	if (info->have & RNDIS_HAVE_VLAN) {
		out.info.have = RNDIS_HAVE_VLAN;
		out.info.vlan = info->vlan;
	} else {
		find_tag(&out, part[0].iov_base, part[0].iov_len);
	}
	if (unlikely(out.info.data_len > queue->conn->mtu + VLAN_ETH_HLEN))
		return false;

	__netif_tx_lock(queue->tx.txq, smp_processor_id());
	sent = xsk_send_back_locked(queue, &out, part, parts);
	if (likely(sent)) {
		txq_trans_cond_update(queue->tx.txq);
		netvsc_xdp_sent(queue, NULL, 1, len);
	}
	__netif_tx_unlock(queue->tx.txq);
	queue->xdp.sent_back = true;
	return sent;
}

/* Descriptors of one packet, which come together */
static void next_out(const struct netvsc_xsk *xsk, struct xsk_out *out)
{
	const struct xdp_desc *desc = &xsk->desc[xsk->next];
	u32 left = xsk->count - xsk->next;

	*out = (struct xsk_out) { .desc = desc };
	do {
		out->info.data_len += desc->len;
		out->n++;
	} while ((desc++->options & XDP_PKT_CONTD) && out->n < left);
	/* Of more parts than the kernel allows, and without an end */
	if (unlikely(desc[-1].options & XDP_PKT_CONTD))
		out->info.data_len = 0;
}

static bool xsk_send_copy(struct netvsc_conn *conn, struct netvsc_queue *queue,
			  struct xsk_buff_pool *pool, const struct xsk_out *out)
{
	void *dst;
	u32 i;

	if (!fits_section(conn, out))
		return false;
	dst = netvsc_tx_copy(conn, queue, &out->info);
	if (!dst)
		return false;
	for (i = 0; i < out->n; i++) {
		const struct xdp_desc *desc = &out->desc[i];

		dst = copy_first(dst, xsk_buff_raw_get_data(pool, desc->addr),
				 desc->len, out->tagged && !i);
	}
	return true;
}

/* A part of the UMEM that does not go beyond what is contiguous. Each of its pages
 * is kept until the host is done with it.
 */
static bool add_part(struct netvsc_queue *queue, u16 idx,
		     struct xsk_buff_pool *pool, struct netvsc_xsk_sent *sent,
		     const void *data, u32 len)
{
	size_t at = data - pool->addrs;

	while (len) {
		struct page *page = pool->umem->pgs[at >> PAGE_SHIFT];
		u32 n = min_t(u32, len, PAGE_SIZE - offset_in_page(at));

		if (sent->n == NETVSC_XSK_PAGES ||
		    netvsc_tx_add(queue, idx,
				  page_to_phys(page) + offset_in_page(at), n))
			return false;
		get_page(page);
		sent->page[sent->n++] = page;
		at += n;
		len -= n;
	}
	return true;
}

static bool xsk_fill_ranges(struct netvsc_queue *queue, u16 idx,
			    struct xsk_buff_pool *pool,
			    struct netvsc_xsk_sent *sent,
			    const struct xsk_out *out)
{
	void *hdr = queue->tx.hdr + idx * NETVSC_HDR_LEN;
	int hdr_len = rndis_wire_put_packet(hdr, NETVSC_HDR_LEN, &out->info);
	u32 i;

	netvsc_pages_init(&queue->tx.pages);
	if (netvsc_tx_add(queue, idx, virt_to_phys(hdr), hdr_len))
		return false;
	for (i = 0; i < out->n; i++) {
		const struct xdp_desc *desc = &out->desc[i];
		void *data = xsk_buff_raw_get_data(pool, desc->addr);
		u32 len = desc->len;

		if (unlikely(out->tagged && !i)) {
			if (!add_part(queue, idx, pool, sent, data, XSK_ADDRS))
				return false;
			data += XSK_ADDRS + VLAN_HLEN;
			len -= XSK_ADDRS + VLAN_HLEN;
		}
		if (!add_part(queue, idx, pool, sent, data, len))
			return false;
	}
	return true;
}

/* Return: whether the host has the pages, or will have them. @idx is got, and stays
 * the caller's otherwise.
 */
static bool xsk_send_pages(struct netvsc_queue *queue, u16 idx,
			   struct xsk_buff_pool *pool,
			   const struct xsk_out *out)
{
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	struct netvsc_xsk *xsk = queue->xsk;
	struct netvsc_xsk_order *order;
	struct netvsc_xsk_sent *sent;

	sent = kmalloc_obj(*sent, GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!sent))
		return false;
	sent->n = 0;
	if (unlikely(!xsk_fill_ranges(queue, idx, pool, sent, out))) {
		netvsc_tx_unpin(sent);
		return false;
	}
	sent->epoch = xsk->epoch;
	sent->nr = xsk->head++;
	order = &xsk->order[sent->nr % NETVSC_SLOTS];
	order->descs = out->n;
	order->done = false;
	slot->sent = sent;
	slot->kind = NETVSC_SLOT_XSK;
	slot->packets = 1;
	netvsc_tx_send(queue, idx);
	return true;
}

/* @n more descriptors are done with, when all before them are */
static void xsk_finish(struct netvsc_xsk *xsk, u32 n)
{
	if (likely(xsk->head == xsk->tail))
		xsk->ready += n;
	else
		xsk->order[(xsk->head - 1) % NETVSC_SLOTS].descs += n;
}

/* What the host is done with. Before anything is sent: a frame may wait for nothing but
 * one of these numbers.
 */
static void xsk_reap(struct netvsc_xsk *xsk)
{
	while (xsk->tail != xsk->head) {
		struct netvsc_xsk_order *order =
			&xsk->order[xsk->tail % NETVSC_SLOTS];

		if (!order->done)
			break;
		xsk->ready += order->descs;
		xsk->tail++;
	}
}

/* What can be goes back to the socket */
static void give_back(struct netvsc_xsk *xsk, struct xsk_buff_pool *pool)
{
	if (xsk->ready)
		xsk_tx_completed(pool, xsk->ready);
	xsk->ready = 0;
}

/**
 * enum xsk_fate - what became of a frame
 * @XSK_SENT: it was sent
 * @XSK_LOST: it cannot be sent at all
 * @XSK_LATER: there is no room now; what makes some brings the poll
 */
enum xsk_fate {
	XSK_SENT,
	XSK_LOST,
	XSK_LATER,
};

static enum xsk_fate xsk_send(struct netvsc_conn *conn,
			      struct netvsc_queue *queue,
			      struct xsk_buff_pool *pool, struct xsk_out *out)
{
	u16 idx;

	find_tag(out, xsk_buff_raw_get_data(pool, out->desc->addr),
		 out->desc->len);
	if (unlikely(out->info.data_len < ETH_HLEN ||
		     out->info.data_len > conn->mtu + VLAN_ETH_HLEN))
		return XSK_LOST;
	if (likely(xsk_send_copy(conn, queue, pool, out))) {
		xsk_finish(queue->xsk, out->n);
		return XSK_SENT;
	}
	/* The host may complete all but the oldest, and their slots be used again */
	if (unlikely(queue->xsk->head - queue->xsk->tail == NETVSC_SLOTS))
		return XSK_LATER;
	idx = netvsc_tx_slot_get(queue);
	if (idx == NETVSC_SLOT_NONE)
		return XSK_LATER;
	if (likely(xsk_send_pages(queue, idx, pool, out)))
		return XSK_SENT;
	netvsc_slot_unget(queue, idx);
	return XSK_LOST;
}

/* Whether the next frame is there to its end */
static bool has_whole(const struct netvsc_xsk *xsk)
{
	u32 i;

	for (i = xsk->next; i < xsk->count; i++) {
		if (likely(!(xsk->desc[i].options & XDP_PKT_CONTD)))
			return true;
	}
	return false;
}

/* The next frames of the socket's ring. What was taken out of there cannot be put
 * back, so a frame whose end is not there yet waits for it. Return: whether there
 * are any.
 */
static bool more_descs(struct netvsc_xsk *xsk, struct xsk_buff_pool *pool)
{
	u32 left = xsk->count - xsk->next;

	if (has_whole(xsk))
		return true;
	memmove(xsk->desc, &xsk->desc[xsk->next], left * sizeof(*xsk->desc));
	xsk->next = 0;
	xsk->count = left + compat_xsk_tx_peek(pool, &xsk->desc[left],
					       NETVSC_XSK_DESCS - left);
	return has_whole(xsk) || xsk->count == NETVSC_XSK_DESCS;
}

/* With the txq lock. Return: whether @budget frames were too few */
static bool send_some(struct netvsc_conn *conn, struct netvsc_queue *queue,
		      struct xsk_buff_pool *pool, u32 budget)
{
	struct netvsc_xsk *xsk = queue->xsk;
	u32 packets = 0, bytes = 0, lost = 0;
	struct xsk_out out;

	while (packets + lost < budget && more_descs(xsk, pool)) {
		enum xsk_fate fate;
		u32 len;

		next_out(xsk, &out);
		len = out.info.data_len;
		fate = xsk_send(conn, queue, pool, &out);
		if (fate == XSK_LATER)
			break;
		xsk->next += out.n;
		if (likely(fate == XSK_SENT)) {
			packets++;
			bytes += len;
		} else {
			xsk_finish(xsk, out.n);
			lost++;
		}
	}
	netvsc_tx_flush(queue);
	if (packets) {
		txq_trans_cond_update(queue->tx.txq);
		netvsc_xdp_sent(queue, &queue->tx.stats.xsk, packets, bytes);
	}
	if (unlikely(lost))
		netvsc_stat_add(&queue->tx.stats, dropped, lost);
	return packets + lost == budget;
}

/**
 * netvsc_xsk_poll() - a socket's part of the poll: send, and give back
 * @conn: the queue's connection
 * @queue: queue
 * @pool: its pool
 * @budget: frames that may be sent
 *
 * Context: NAPI, behind netvsc_tx_poll().
 * Return: whether there may be more, so that the poll has to come again.
 */
bool netvsc_xsk_poll(struct netvsc_conn *conn, struct netvsc_queue *queue,
		     struct xsk_buff_pool *pool, u32 budget)
{
	struct netvsc_xsk *xsk = queue->xsk;
	bool more = false;

	/* No queue has a pool then. Said for compilers, which warn of the
	 * header's stubs: they return no memory to copy from.
	 */
	if (!IS_ENABLED(CONFIG_XDP_SOCKETS))
		return false;

	xsk_feed(xsk, pool);
	xsk_reap(xsk);
	/* Behind a bad descriptor the core has no further ones before those in front
	 * of it are given back
	 */
	give_back(xsk, pool);
	if (netvsc_xdp_may_send(queue) && more_descs(xsk, pool)) {
		__netif_tx_lock(queue->tx.txq, smp_processor_id());
		if (likely(netvsc_xdp_may_send(queue)))
			more = send_some(conn, queue, pool, budget);
		__netif_tx_unlock(queue->tx.txq);
	}
	give_back(xsk, pool);
	return more;
}

/* Verdicts */

/* What the metadata functions find, where the kernel has them */
static void note_info(struct xdp_buff *xdp, const struct rndis_packet_info *info)
{
	struct netvsc_xdp_in *in = container_of(xdp, struct netvsc_xdp_in, xdp);

	if (COMPAT_XSK_CB)
		in->info = info;
}

/**
 * netvsc_xsk_receive() - run a program on a frame received for a socket
 * @queue: queue
 * @pool: its pool
 * @prog: program
 * @data: the frame, in memory that the host can write
 * @info: the message it came in, decoded
 * @skb: gets the packet that the stack is to have, NULL if there is none
 *
 * Context: NAPI; netvsc_xdp_poll_end() has to follow if netvsc_xdp_waits().
 * Return: false when the frame was lost for want of memory, and counted.
 */
bool netvsc_xsk_receive(struct netvsc_queue *queue, struct xsk_buff_pool *pool,
			struct bpf_prog *prog, const void *data,
			const struct rndis_packet_info *info,
			struct sk_buff **skb)
{
	struct netvsc_napi_stats *stats = &queue->rx.stats;
	struct xdp_buff *xdp;
	u32 act;

	*skb = NULL;
	xdp = xsk_fill(queue, pool, prog, data, info->data_len);
	if (unlikely(!xdp))
		return true;
	netvsc_xdp_fill_csums(xdp, info);
	note_info(xdp, info);

	act = bpf_prog_run_xdp(prog, xdp);
	switch (act) {
	case XDP_REDIRECT:
		if (unlikely(xdp_do_redirect(queue->adapter->ndev, xdp, prog)))
			break;
		queue->xdp.redirected = true;
		netvsc_xdp_count(queue, &stats->xdp_redirect, info->data_len);
		return true;
	case XDP_PASS:
		*skb = xsk_pass(queue, xdp);
		return *skb;
	case XDP_DROP:
		netvsc_stat_add(stats, xdp_drop, 1);
		xsk_buff_free(xdp);
		return true;
	case XDP_TX:
		if (unlikely(!xsk_send_back(queue, xdp, info)))
			break;
		netvsc_xdp_count(queue, &stats->xdp_tx, info->data_len);
		xsk_buff_free(xdp);
		return true;
	}
	netvsc_xdp_fail(queue, prog, act);
	xsk_buff_free(xdp);
	return true;
}

/* Waking */

static void xsk_wake(struct netvsc_queue *queue)
{
	if (napi_if_scheduled_mark_missed(&queue->napi))
		return;
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
}

/**
 * netvsc_xsk_wakeup() - the net_device's operation
 * @ndev: our net_device
 * @idx: the queue
 * @flags: XDP_WAKEUP_*: the poll sees to both
 *
 * Context: process, under RCU.
 * Return: 0, -EINVAL, -ENXIO no socket is bound, -ENETDOWN.
 */
int netvsc_xsk_wakeup(struct net_device *ndev, u32 idx, u32 flags)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_queue *queue;

	if (idx >= ndev->real_num_rx_queues)
		return -EINVAL;
	queue = adapter->queues[idx];
	if (!netvsc_xsk_pool(queue))
		return -ENXIO;
	if (!READ_ONCE(queue->chan) || !netvsc_xdp_may_send(queue))
		return -ENETDOWN;
	xsk_wake(queue);
	return 0;
}

/**
 * netvsc_xsk_resume() - frames may be sent again: those that waited first
 * @adapter: adapter
 *
 * Context: process.
 */
void netvsc_xsk_resume(struct netvsc_adapter *adapter)
{
	u32 i;

	rcu_read_lock();
	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		if (netvsc_xsk_pool(adapter->queues[i]))
			xsk_wake(adapter->queues[i]);
	}
	rcu_read_unlock();
}

/* Binding */

/* Bytes of a frame that a pool's chunks can take, one and several */
static void xsk_measure(struct xsk_buff_pool *pool, u32 *room, u32 *most)
{
	*room = xsk_pool_get_chunk_size(pool) - xsk_pool_get_headroom(pool);
	*most = *room;
	if ((pool->umem->flags & XDP_UMEM_SG_FLAG) && *room > XSK_TAIL)
		*most = *room * NETVSC_XSK_SEGS - XSK_TAIL;
}

/* Made when first used, and there for as long as the queue is: slots that are under
 * way mean it.
 */
static struct netvsc_xsk *xsk_make(struct netvsc_queue *queue)
{
	struct netvsc_xsk *xsk = queue->xsk;

	if (xsk)
		return xsk;
	xsk = kzalloc_obj(*xsk);
	/* Whoever sees it sees it without a pool */
	smp_store_release(&queue->xsk, xsk);
	return xsk;
}

static int xsk_bind(struct netvsc_queue *queue, struct xsk_buff_pool *pool)
{
	struct netvsc_adapter *adapter = queue->adapter;
	struct netvsc_xsk *xsk = xsk_make(queue);
	int err;

	if (!xsk)
		return -ENOMEM;
	/* The addresses are not used: the host wants those of the memory itself.
	 * But only with them does the core see to it that a chunk which need not be
	 * aligned lies in pages that follow each other.
	 */
	err = xsk_pool_dma_map(pool, &adapter->hdev->device,
			       DMA_ATTR_SKIP_CPU_SYNC);
	if (err)
		return err;
	/* Chunks do not grow at their end */
	err = __xdp_rxq_info_reg(&xsk->rxq, adapter->ndev, queue->idx,
				 queue->napi.napi_id, 0);
	if (err)
		goto err_map;
	err = xdp_rxq_info_reg_mem_model(&xsk->rxq, MEM_TYPE_XSK_BUFF_POOL,
					 NULL);
	if (err)
		goto err_rxq;
	xsk_pool_set_rxq_info(pool, &xsk->rxq);
	xsk_measure(pool, &xsk->room, &xsk->most);
	rcu_assign_pointer(xsk->pool, pool);
	return 0;

err_rxq:
	xdp_rxq_info_unreg(&xsk->rxq);
err_map:
	xsk_pool_dma_unmap(pool, DMA_ATTR_SKIP_CPU_SYNC);
	return err;
}

/* What the host has of it keeps its pages, and is of no interest to the next pool */
static void xsk_unbind(struct netvsc_queue *queue)
{
	struct netvsc_xsk *xsk = queue->xsk;
	struct xsk_buff_pool *pool;

	pool = xsk ? rcu_replace_pointer(xsk->pool, NULL,
					 lockdep_rtnl_is_held()) : NULL;
	if (!pool)
		return;
	/* No poll sends from it any more; what is completed later is not taken for
	 * the next one's
	 */
	synchronize_net();
	WRITE_ONCE(xsk->epoch, xsk->epoch + 1);
	xsk->next = 0;
	xsk->count = 0;
	xsk->head = 0;
	xsk->tail = 0;
	xsk->ready = 0;
	xsk->starved = false;
	xdp_rxq_info_unreg(&xsk->rxq);
	xsk_pool_dma_unmap(pool, DMA_ATTR_SKIP_CPU_SYNC);
}

/* The core asks no more where the device does not say that it can, since 6.3. Return:
 * 0, or -EOPNOTSUPP and said: that is no fault, and sockets work all the same.
 */
static int check_bounce(const struct netvsc_adapter *adapter)
{
	if (!netvsc_bounce_wanted(adapter->hdev))
		return 0;
	netif_info(adapter, drv, adapter->ndev,
		   "AF_XDP: all memory is copied for the host: sockets are in copy mode\n");
	return -EOPNOTSUPP;
}

/* Newer kernels look at this themselves. Return: 0, or -EINVAL and said: nothing
 * but the log takes a sentence here.
 */
static int check_size(const struct netvsc_adapter *adapter,
		      struct xsk_buff_pool *pool)
{
	u32 mtu = max(adapter->ndev->mtu, adapter->config.mtu);
	const struct bpf_prog *prog;
	u32 room, most;

	xsk_measure(pool, &room, &most);
	prog = rcu_dereference_protected(adapter->xdp_prog,
					 lockdep_rtnl_is_held());
	if (prog && !prog->aux->xdp_has_frags)
		most = room;
	if (mtu + VLAN_ETH_HLEN <= most)
		return 0;
	netif_warn(adapter, drv, adapter->ndev,
		   "AF_XDP: frames of MTU %u do not fit chunks with room for %u bytes: lower the MTU, or bind with XDP_COPY, or with XDP_USE_SG and a program with frags\n",
		   mtu, room);
	return -EINVAL;
}

/**
 * netvsc_xsk_setup() - bind a socket's pool to a queue, or take it off
 * @adapter: adapter
 * @pool: pool, NULL for none
 * @idx: the queue
 *
 * Nothing is closed, and the queue goes on polling.
 *
 * Context: process, RTNL.
 * Return: 0; -EOPNOTSUPP all memory has to be copied for the host; -EINVAL no such
 * queue, or frames do not fit; -ENOMEM. Taking off never fails.
 */
int netvsc_xsk_setup(struct netvsc_adapter *adapter, struct xsk_buff_pool *pool,
		     u32 idx)
{
	struct netvsc_queue *queue;
	int err = 0;

	ASSERT_RTNL();
	if (idx >= NVSP_MAX_CHANNELS || !adapter->queues[idx])
		return -EINVAL;
	queue = adapter->queues[idx];
	if (pool) {
		err = check_bounce(adapter) ?: check_size(adapter, pool);
		if (!err)
			err = xsk_bind(queue, pool);
	} else {
		xsk_unbind(queue);
	}
	adapter->ndev->max_mtu = netvsc_xdp_max_mtu(adapter);
	return err;
}
