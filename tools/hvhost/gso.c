// SPDX-License-Identifier: GPL-2.0
/*
 * Cutting a large TCP segment into frames of one MSS each, as a card with TSO
 * would: headers repeated, lengths, identification, sequence numbers, flags and
 * checksums made right for each.
 */
#include <errno.h>
#include <string.h>

#include "netpkt.h"

/**
 * struct gso - a segmentation in progress
 * @p: headers of the large frame
 * @head: bytes of all headers, repeated in each frame
 * @mss: payload bytes of each frame but the last
 * @payload: payload bytes in all
 * @off: payload bytes that went out already
 * @nr: number of the frame, from 0
 */
struct gso {
	struct netpkt p;
	u32 head;
	u32 mss;
	u32 payload;
	u32 off;
	u32 nr;
};

static int gso_init(struct gso *g, const struct net_frame *frame)
{
	u8 type = frame->vh.gso_type & ~VIRTIO_NET_HDR_GSO_ECN;

	memset(g, 0, sizeof(*g));
	netpkt_parse(frame->data, frame->len, NETPKT_LEN_FRAME, &g->p);
	if (g->p.proto != NETPKT_PROTO_TCP)
		return -EINVAL;
	if (type != (g->p.ip_version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 :
					    VIRTIO_NET_HDR_GSO_TCPV6))
		return -EINVAL;
	g->mss = le16_to_cpu(frame->vh.gso_size);
	g->head = g->p.l4 + g->p.l4_hlen;
	if (!g->mss || frame->len <= g->head)
		return -EINVAL;
	g->payload = frame->len - g->head;
	return 0;
}

/* Make the copied headers those of frame number g->nr with @len payload bytes */
static void gso_headers(const struct gso *g, u8 *data, u32 len)
{
	u8 *ip = data + g->p.l3;
	u8 *tcp = data + g->p.l4;
	struct netpkt p = g->p;
	u32 ip_len = g->head - g->p.l3 + len;

	p.l4_len = g->p.l4_hlen + len;
	if (p.ip_version == 4) {
		put_be16(ip + 2, (u16)ip_len);
		put_be16(ip + 4, (u16)(get_be16(ip + 4) + g->nr));
		netpkt_ipv4_csum(data, &p);
	} else {
		put_be16(ip + 4, (u16)(ip_len - NETPKT_IPV6_HLEN));
	}
	put_be32(tcp + 4, get_be32(tcp + 4) + g->off);
	if (g->off + len < g->payload)
		tcp[13] &= (u8)~(NETPKT_TCP_FIN | NETPKT_TCP_PSH);
	if (g->nr)
		tcp[13] &= (u8)~NETPKT_TCP_CWR;
	netpkt_l4_csum(data, &p);
}

int netpkt_segment(const struct net_frame *frame, uplink_recv_fn fn, void *ctx)
{
	/* Four bytes in front for a tag that the receiver may put in */
	u8 buf[4 + NET_FRAME_MAX];
	struct net_frame seg;
	struct gso g;
	int ret;

	ret = gso_init(&g, frame);
	if (ret)
		return ret;
	while (g.off < g.payload) {
		u32 left = g.payload - g.off;
		u32 len = left < g.mss ? left : g.mss;

		memset(&seg.vh, 0, sizeof(seg.vh));
		seg.vh.flags = VIRTIO_NET_HDR_F_DATA_VALID;
		seg.data = buf + 4;
		seg.len = g.head + len;
		memcpy(seg.data, frame->data, g.head);
		memcpy(seg.data + g.head, frame->data + g.head + g.off, len);
		gso_headers(&g, seg.data, len);
		fn(ctx, &seg);
		g.off += len;
		g.nr++;
	}
	return 0;
}
