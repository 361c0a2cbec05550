// SPDX-License-Identifier: GPL-2.0
/*
 * Receive segment coalescing (Documentation/protocol.md E.5).
 *
 * Nothing is merged here: what the uplink hands over as one large TCP segment
 * is what a host would have made of the frames in it. The guest gets it as a run
 * of fragments, if it said that it knows what to do with them and switched them
 * on; else it is cut.
 */
#include <string.h>

#include "nic_priv.h"

#define TCP_FLAGS_ALONE	(NETPKT_TCP_FIN | 0x02 | 0x04 | 0x20 | NETPKT_TCP_CWR)

static bool switched_on(const struct nic *nic, const struct netpkt *p)
{
	const struct nic_conn *conn = &nic->conn;

	if (conn->version < NVSP_PROTOCOL_VERSION_61 ||
	    !(conn->caps & NVSP_CAP_RSC) || nic->cfg.one_frame)
		return false;
	return p->ip_version == 4 ? conn->offloads.rsc4 : conn->offloads.rsc6;
}

/* Neither IP options nor extension headers, nor a flag that means one segment */
static bool can_be_merged(const u8 *data, const struct netpkt *p)
{
	u32 ip_len = p->l4 - p->l3;

	if (p->proto != NETPKT_PROTO_TCP || data[p->l4 + 13] & TCP_FLAGS_ALONE)
		return false;
	return ip_len == (p->ip_version == 4 ? NETPKT_IPV4_HLEN : NETPKT_IPV6_HLEN);
}

/* The fragments fit a section each, and together a packet and the buffer */
static bool fits(const struct nic *nic, u32 head, u32 mss, u32 len)
{
	u32 count = mss ? (len - head + mss - 1) / mss : 0;

	if (head + mss > nic->conn.frame_mtu || len - NETPKT_ETH_HLEN > 65535)
		return false;
	return count > 1 && count <= NVSP_XFER_RANGES_RSC &&
	       count + NIC_CONTROL_SUBALLOCS <= nic->conn.rx.count;
}

/* Lengths of the whole; the checksums are those of none of the frames, and the
 * guest is told so (E.4).
 */
static void finish_headers(struct net_frame *frame, const struct netpkt *p,
			   struct nic_rx_meta *meta)
{
	u8 *ip = frame->data + p->l3;
	u32 len = frame->len - p->l3;

	meta->csum = RNDIS_RX_CSUM_TCP_SUCCEEDED | RNDIS_RX_CSUM_TCP_VALUE_INVALID;
	meta->has_csum = true;
	put_be16(frame->data + netpkt_l4_csum_off(p), 0);
	if (p->ip_version == 6) {
		put_be16(ip + 4, (u16)(len - NETPKT_IPV6_HLEN));
		return;
	}
	meta->csum |= RNDIS_RX_CSUM_IP_SUCCEEDED | RNDIS_RX_CSUM_IP_VALUE_INVALID;
	put_be16(ip + 2, (u16)len);
	put_be16(ip + 10, 0);
}

bool rsc_coalesce(struct nic *nic, struct net_frame *frame)
{
	u8 type = frame->vh.gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
	u32 mss = le16_to_cpu(frame->vh.gso_size);
	struct nic_rx_meta meta;
	struct netpkt p;
	u32 head;

	netpkt_parse(frame->data, frame->len, NETPKT_LEN_FRAME, &p);
	if (!can_be_merged(frame->data, &p) || !switched_on(nic, &p) ||
	    !offload_rx_on(nic, &p) ||
	    type != (p.ip_version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 :
					 VIRTIO_NET_HDR_GSO_TCPV6))
		return false;
	head = p.l4 + p.l4_hlen;
	if (frame->len <= head || !fits(nic, head, mss, frame->len))
		return false;
	/* A tag stays in the frame only if the guest does not know better */
	if (p.l3 > NETPKT_ETH_HLEN && !(nic->conn.caps & NVSP_CAP_8021Q))
		return false;

	memset(&meta, 0, sizeof(meta));
	pcap_frame(nic->pcap, frame->data, frame->len);
	nic_rx_take_tag(nic, frame, &meta);
	netpkt_parse(frame->data, frame->len, NETPKT_LEN_FRAME, &p);
	finish_headers(frame, &p, &meta);
	meta.rsc_head = p.l4 + p.l4_hlen;
	meta.rsc_mss = mss;
	netvsp_rx_frame(nic_rx_steer(nic, frame->data, &p, &meta), &meta,
			frame->data, frame->len);
	return true;
}
