// SPDX-License-Identifier: GPL-2.0
/*
 * Receive segment coalescing: the host puts TCP segments together and hands them
 * over as a run of fragments, of which only the first has headers.
 *
 * A run becomes one packet: headers in the head, payload in pages, one page at a
 * time. If it is what it seems to be, it gets the fields of a large send, so
 * that it can be forwarded, too: the checksum is left to whoever sends it out. If
 * not, it is delivered as it is.
 *
 * The stack calls this LRO. It may want it off at a moment when the host does
 * not answer, and takes no refusal; the host is then told when it does.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/gro.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "hyperv_net.h"

/* Receiving */

/* As many bytes as the last page has room for. Return: how many */
static u32 fill_page(struct sk_buff *skb, const void *data, u32 len)
{
	struct skb_shared_info *shinfo = skb_shinfo(skb);
	skb_frag_t *frag;
	u32 n;

	if (!shinfo->nr_frags)
		return 0;
	frag = &shinfo->frags[shinfo->nr_frags - 1];
	n = min_t(u32, len, PAGE_SIZE - skb_frag_size(frag));
	memcpy(skb_frag_address(frag) + skb_frag_size(frag), data, n);
	skb_frag_size_add(frag, n);
	skb->len += n;
	skb->data_len += n;
	return n;
}

/* Another page. Return: whether there is one */
static bool add_page(struct netvsc_queue *queue, struct sk_buff *skb)
{
	struct page *page;
	unsigned int off;

	if (skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS)
		return false;
	/* A pool of fragments counts whole pages as such, too */
	page = page_pool_dev_alloc_frag(queue->rx.pool, &off, PAGE_SIZE);
	if (!page)
		return false;
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, off, 0,
			PAGE_SIZE);
	return true;
}

/**
 * netvsc_rsc_append() - add bytes to a packet's pages
 * @queue: queue whose pool they come from
 * @skb: packet; its last page is ours
 * @data: bytes in memory that the host can write
 * @len: their number
 *
 * Context: NAPI.
 * Return: whether all of them fit.
 */
bool netvsc_rsc_append(struct netvsc_queue *queue, struct sk_buff *skb,
		       const void *data, u32 len)
{
	u32 n;

	for (;;) {
		n = fill_page(skb, data, len);
		data += n;
		len -= n;
		if (!len)
			return true;
		if (!add_page(queue, skb))
			return false;
	}
}

/* Headers are judged and kept in one private copy: the host may write the
 * original at any time.
 */
static struct sk_buff *rsc_start(struct netvsc_queue *queue, const void *data,
				 u32 len)
{
	struct netvsc_rsc *rsc = &queue->rx.rsc;
	u32 n = min_t(u32, len, RSC_HEADERS_MAX);
	struct sk_buff *skb = napi_alloc_skb(&queue->napi, RSC_HEADERS_MAX);

	if (!skb)
		return NULL;
	skb_mark_for_recycle(skb);
	memcpy(skb->data, data, n);
	rsc->parsed = rsc_wire_parse(skb->data, n, &rsc->hdrs);
	if (rsc->parsed)
		n = rsc->hdrs.len;
	skb_put(skb, n);
	if (!netvsc_rsc_append(queue, skb, data + n, len - n)) {
		dev_kfree_skb_any(skb);
		return NULL;
	}
	return skb;
}

static void rsc_drop(struct netvsc_queue *queue)
{
	dev_kfree_skb_any(queue->rx.rsc.skb);
	queue->rx.rsc.skb = NULL;
}

static void count_bad(struct netvsc_queue *queue)
{
	netvsc_stat_add(&queue->rx.stats, rsc_bad, 1);
	netvsc_host_err(queue->adapter,
			"queue %u: coalesced packet with missing, foreign or too many fragments\n",
			queue->idx);
}

/* A run that will not be complete: the host cut it short */
static void rsc_give_up(struct netvsc_queue *queue)
{
	struct netvsc_rsc *rsc = &queue->rx.rsc;

	if (!rsc->counted)
		count_bad(queue);
	rsc->counted = true;
	rsc_drop(queue);
}

static void rsc_begin(struct netvsc_queue *queue, const void *data,
		      const struct rndis_packet_info *info)
{
	struct netvsc_napi_stats *stats = &queue->rx.stats;
	struct netvsc_rsc *rsc = &queue->rx.rsc;

	rsc->info = *info;
	/* What comes of it after this is swallowed: it was counted here */
	rsc->counted = true;
	if (unlikely(!netif_running(queue->adapter->ndev))) {
		netvsc_stat_add(stats, dropped, 1);
		return;
	}
	rsc->skb = rsc_start(queue, data, info->data_len);
	if (unlikely(!rsc->skb))
		netvsc_stat_add(stats, no_memory, 1);
	else
		rsc->counted = false;
}

/**
 * netvsc_rsc_receive() - a message that may be part of a coalesced packet
 * @queue: queue
 * @data: its frame or fragment, in memory that the host can write
 * @info: the message, decoded
 * @skb: gets the packet that is complete with it, not looked at by the stack
 *	 yet; NULL when there is none
 *
 * Context: NAPI.
 * Return: enum netvsc_rsc_verdict.
 */
enum netvsc_rsc_verdict
netvsc_rsc_receive(struct netvsc_queue *queue, const void *data,
		   const struct rndis_packet_info *info, struct sk_buff **skb)
{
	struct netvsc_rsc *rsc = &queue->rx.rsc;
	bool was_open = rsc->run.open;
	enum rsc_step step = rsc_wire_step(&rsc->run, info);

	*skb = NULL;
	if (was_open && step != RSC_NEXT && step != RSC_LAST)
		rsc_give_up(queue);
	switch (step) {
	case RSC_WHOLE:
		return NETVSC_RSC_WHOLE;
	case RSC_FIRST:
		rsc_begin(queue, data, info);
		return NETVSC_RSC_TAKEN;
	case RSC_NEXT:
	case RSC_LAST:
		break;
	case RSC_ORPHAN:
		if (!was_open)
			count_bad(queue);
		return NETVSC_RSC_REFUSED;
	}

	if (rsc->skb &&
	    !netvsc_rsc_append(queue, rsc->skb, data, info->data_len)) {
		netvsc_stat_add(&queue->rx.stats, no_memory, 1);
		rsc->counted = true;
		rsc_drop(queue);
	}
	if (step == RSC_LAST) {
		*skb = rsc->skb;
		rsc->skb = NULL;
	}
	return NETVSC_RSC_TAKEN;
}

/**
 * netvsc_rsc_end() - a transfer-page packet ends, and with it what is in it
 * @queue: queue
 *
 * Context: NAPI, or process once it is stopped.
 * Return: whether no packet was cut short.
 */
bool netvsc_rsc_end(struct netvsc_queue *queue)
{
	struct rsc_run *run = &queue->rx.rsc.run;

	if (likely(!run->open))
		return true;
	run->open = false;
	rsc_give_up(queue);
	return false;
}

/* The checksum is to be computed by whoever sends the packet out; the stack
 * itself takes it for checked (tcp_gro_complete() marks it).
 */
static void set_pseudo_csum(struct sk_buff *skb, bool ipv6)
{
	u32 len = skb->len - skb_transport_offset(skb);
	struct tcphdr *th = tcp_hdr(skb);

	if (ipv6)
		th->check = ~tcp_v6_check(len, &ipv6_hdr(skb)->saddr,
					  &ipv6_hdr(skb)->daddr, 0);
	else
		th->check = ~tcp_v4_check(len, ip_hdr(skb)->saddr,
					  ip_hdr(skb)->daddr, 0);
}

/* As a card that merges would: see napi_gro_complete() of TCP */
static void make_gso(struct sk_buff *skb, const struct rsc_headers *hdrs,
		     u32 mss, u32 segs)
{
	skb_set_network_header(skb, 0);
	skb_set_transport_header(skb, hdrs->tcp - ETH_HLEN);
	set_pseudo_csum(skb, hdrs->ipv6);
	skb_shinfo(skb)->gso_size = mss;
	skb_shinfo(skb)->gso_type = hdrs->ipv6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4;
	NAPI_GRO_CB(skb)->count = segs;
	tcp_gro_complete(skb);
}

/**
 * netvsc_rsc_finish() - tell the stack what a coalesced packet is
 * @queue: queue
 * @skb: packet, complete; its Ethernet header is taken off
 * @good: the host vouches for its checksum, and we believe it
 *
 * Context: NAPI.
 */
void netvsc_rsc_finish(struct netvsc_queue *queue, struct sk_buff *skb,
		       bool good)
{
	struct netvsc_napi_stats *stats = &queue->rx.stats;
	struct netvsc_rsc *rsc = &queue->rx.rsc;
	u32 mss = 0, segs = 0;

	/* Also of what is delivered as it is: its length may be that of the
	 * first fragment
	 */
	if (rsc->parsed &&
	    rsc_wire_repair(skb_mac_header(skb), &rsc->hdrs, &rsc->run) &&
	    rsc->hdrs.merges && good) {
		mss = rsc_wire_mss(&rsc->hdrs, &rsc->run, queue->conn->mtu);
		segs = DIV_ROUND_UP(rsc->run.len - rsc->hdrs.len, mss);
	}
	if (segs > 1)
		make_gso(skb, &rsc->hdrs, mss, segs);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->rsc_packets);
	u64_stats_add(&stats->rsc_fragments, rsc->run.count);
	if (segs <= 1)
		u64_stats_inc(&stats->rsc_plain);
	u64_stats_update_end(&stats->syncp);
}

/**
 * netvsc_rsc_fix_csum() - a frame whose TCP checksum was never computed
 * @skb: packet, with its Ethernet header taken off; the host vouches for it
 *
 * It comes from a neighbour on the same host, or was coalesced. The stack does
 * not look at the checksum, but the next network would: it is left to be
 * computed when the packet is sent out, and the one in the header is not used.
 */
void netvsc_rsc_fix_csum(struct sk_buff *skb)
{
	struct rsc_headers hdrs;
	u32 ip_len, tcp;

	if (!rsc_wire_parse(skb_mac_header(skb), skb_headlen(skb) + ETH_HLEN,
			    &hdrs))
		return;
	tcp = hdrs.tcp - ETH_HLEN;
	ip_len = hdrs.ip_len;
	/* Bytes behind the packet would be summed up with it */
	if (ip_len < hdrs.len - ETH_HLEN || skb->len < ip_len ||
	    pskb_trim(skb, ip_len))
		return;
	skb_set_network_header(skb, 0);
	skb_set_transport_header(skb, tcp);
	set_pseudo_csum(skb, hdrs.ipv6);
	skb->ip_summed = CHECKSUM_NONE;
	skb_partial_csum_set(skb, tcp, offsetof(struct tcphdr, check));
}

/**
 * netvsc_rsc_cut() - make frames again of what was coalesced
 * @skb: packet as netvsc_rsc_finish() left it; it is taken
 *
 * What the stack cannot cut stays one frame, however long.
 *
 * Context: NAPI.
 * Return: the first of a list of frames, each in one piece from its Ethernet header
 * on; NULL for want of memory.
 */
struct sk_buff *netvsc_rsc_cut(struct sk_buff *skb)
{
	struct sk_buff *frames = skb;

	skb_push(skb, skb->data - skb_mac_header(skb));
	if (skb_is_gso(skb))
		frames = skb_gso_segment(skb, 0);
	else if (skb_linearize(skb))
		frames = NULL;
	if (IS_ERR_OR_NULL(frames)) {
		dev_kfree_skb_any(skb);
		return NULL;
	}
	if (frames != skb)
		consume_skb(skb);
	return frames;
}

/* Switching */

/**
 * netvsc_rsc_sync() - have the host do what is wanted
 * @conn: connection
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0; -EIO it refused; -EPROTO; or as netvsc_conn_error().
 */
int netvsc_rsc_sync(struct netvsc_conn *conn)
{
	bool wanted = READ_ONCE(conn->adapter->rsc_wanted);
	int err;

	lockdep_assert_held(&conn->adapter->conn_lock);
	if (conn->rsc == wanted)
		return 0;
	err = rndis_filter_set_rsc(conn, wanted);
	if (!err)
		conn->rsc = wanted;
	return err;
}

/**
 * netvsc_fix_features() - ndo_fix_features
 * @ndev: our net_device
 * @features: what somebody wants, be it from a host that had more
 *
 * Return: those of @features that can be had together.
 */
netdev_features_t netvsc_fix_features(struct net_device *ndev,
				      netdev_features_t features)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	features &= ~NETVSC_HOST_FEATURES | adapter->host_features;
	/* Nobody could check what was coalesced but the host */
	if (!(features & NETIF_F_RXCSUM))
		features &= ~NETIF_F_LRO;
	/* Programs count packets, and send them to where such large ones do not
	 * fit
	 */
	if (adapter->xdp_wanted && (features & NETIF_F_LRO)) {
		netif_info(adapter, drv, ndev,
			   "Skip LRO - unsupported with XDP\n");
		features &= ~NETIF_F_LRO;
	}
	return features;
}

/**
 * netvsc_set_features() - ndo_set_features
 * @ndev: our net_device
 * @features: what has to be
 *
 * Context: process, RTNL; waits for the host.
 * Return: 0; what the host said when it has to begin to coalesce. Ending it
 * never fails: the stack would complain, and what still comes coalesced is
 * received all the same.
 */
int netvsc_set_features(struct net_device *ndev, netdev_features_t features)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	bool on = features & NETIF_F_LRO;
	struct netvsc_conn *conn;
	int err = 0;

	if (!((features ^ ndev->features) & NETIF_F_LRO))
		return 0;

	mutex_lock(&adapter->conn_lock);
	WRITE_ONCE(adapter->rsc_wanted, on);
	/* Without a connection the next one begins with what is wanted */
	conn = netvsc_conn_locked(adapter);
	if (conn) {
		netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
		err = netvsc_rsc_sync(conn);
	}
	if (err && on)
		WRITE_ONCE(adapter->rsc_wanted, false);
	mutex_unlock(&adapter->conn_lock);

	if (!err || on)
		return err;
	netif_warn(adapter, drv, ndev,
		   "host does not stop coalescing yet: %d; asked again later\n",
		   err);
	netvsc_kick(adapter, NETVSC_EVENT_RSC, 0);
	return 0;
}
