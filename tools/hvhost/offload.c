// SPDX-License-Identifier: GPL-2.0
/*
 * Checksums and large sends (Documentation/protocol.md E.4).
 *
 * From the guest: a request in per-packet info is checked against the frame
 * that it came with, then becomes a virtio_net_hdr, which a TAP or another NIC
 * carries out. A request that does not fit its frame is refused, as is one that
 * the guest never switched on.
 * To the guest: what the uplink left undone was done before (netpkt.c); here is
 * found out what can be said about the result.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

#define MSG_NAME	"RNDIS PACKET"

static bool tx_on(u8 setting)
{
	return setting == NDIS_OFFLOAD_PARAM_CSUM_TX ||
	       setting == NDIS_OFFLOAD_PARAM_CSUM_BOTH;
}

static bool rx_on(u8 setting)
{
	return setting == NDIS_OFFLOAD_PARAM_CSUM_RX ||
	       setting == NDIS_OFFLOAD_PARAM_CSUM_BOTH;
}

static u8 l4_setting(const struct nic_offloads *o, const struct netpkt *p)
{
	if (p->proto == NETPKT_PROTO_TCP)
		return p->ip_version == 4 ? o->tcp4 : o->tcp6;
	return p->ip_version == 4 ? o->udp4 : o->udp6;
}

/* The transport header must be where the guest says (E.4) */
static int check_l4_off(struct nic_queue *q, const struct netpkt *p, u32 off,
			const char *what)
{
	if (off == p->l4)
		return 0;
	nic_violation(q, "offload.transport-offset", MSG_NAME, "E.4",
		      "%s transport header offset: wanted %u, came %u", what, p->l4, off);
	return -EINVAL;
}

/* What the guest put in the checksum field is the pseudo-header's sum */
static int check_pseudo(struct nic_queue *q, const struct rndis_tx *tx,
			const struct netpkt *p, u32 len, const char *what)
{
	u16 want = netpkt_fold(netpkt_pseudo(tx->frame, p, len));
	u16 got = get_be16(tx->frame + netpkt_l4_csum_off(p));

	/* 0 and 0xffff are one number in this arithmetic */
	if (got == want || (got % 0xffff == 0 && want % 0xffff == 0))
		return 0;
	nic_violation(q, "offload.pseudo-header", MSG_NAME, "E.4",
		      "%s checksum field: wanted the pseudo-header sum 0x%04x, came 0x%04x",
		      what, want, got);
	return -EINVAL;
}

static int check_csum_flags(struct nic_queue *q, u32 csum, const struct netpkt *p)
{
	u32 version = p->ip_version == 4 ? RNDIS_TX_CSUM_IPV4 : RNDIS_TX_CSUM_IPV6;
	u32 proto = p->proto == NETPKT_PROTO_TCP ? RNDIS_TX_CSUM_TCP
						 : RNDIS_TX_CSUM_UDP;
	u32 ip = RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_IPV6;
	u32 l4 = RNDIS_TX_CSUM_TCP | RNDIS_TX_CSUM_UDP;

	if (csum & l4 && ((csum & l4) != proto || !p->proto)) {
		nic_violation(q, "offload.protocol", MSG_NAME, "E.4",
			      "checksum value 0x%08x: wanted for the frame's protocol %u", csum, p->proto);
		return -EINVAL;
	}
	if ((csum & ip) != version || !p->ip_version) {
		nic_violation(q, "offload.ip-version", MSG_NAME, "E.4",
			      "checksum value 0x%08x: wanted for the frame's IP version %u",
			      csum, p->ip_version);
		return -EINVAL;
	}
	return 0;
}

static void need_csum(struct net_frame *frame, const struct netpkt *p)
{
	frame->vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	frame->vh.csum_start = cpu_to_le16((u16)p->l4);
	frame->vh.csum_offset = cpu_to_le16((u16)(netpkt_l4_csum_off(p) - p->l4));
}

static int tx_csum(struct nic_queue *q, const struct rndis_tx *tx,
		   struct net_frame *frame)
{
	const struct nic_offloads *o = &q->nic->conn.offloads;
	struct netpkt p;
	int ret;

	netpkt_parse(tx->frame, tx->len, NETPKT_LEN_IP, &p);
	ret = check_csum_flags(q, tx->csum, &p);
	if (ret)
		return ret;
	if (tx->csum & RNDIS_TX_CSUM_IP_HEADER && p.ip_version == 4) {
		if (!tx_on(o->ip4))
			nic_violation(q, "offload.not-enabled", MSG_NAME, "E.9",
				      "IPv4 header checksum: wanted switched on first");
		netpkt_ipv4_csum(tx->frame, &p);
	}
	if (!(tx->csum & (RNDIS_TX_CSUM_TCP | RNDIS_TX_CSUM_UDP)))
		return 0;
	if (!tx_on(l4_setting(o, &p)))
		nic_violation(q, "offload.not-enabled", MSG_NAME, "E.9",
			      "%s/IPv%u checksum: wanted switched on first",
			      p.proto == NETPKT_PROTO_TCP ? "TCP" : "UDP",
			      p.ip_version);
	ret = check_l4_off(q, &p,
			   (tx->csum & RNDIS_TX_CSUM_OFFSET_MASK) >>
				   RNDIS_TX_CSUM_OFFSET_SHIFT,
			   "checksum");
	if (!ret)
		ret = check_pseudo(q, tx, &p, p.l4_len, "checksum");
	if (!ret)
		need_csum(frame, &p);
	return ret;
}

static int check_lso_limits(struct nic_queue *q, const struct rndis_tx *tx,
			    const struct netpkt *p, u32 mss)
{
	u32 head = p->l4 + p->l4_hlen;
	u32 payload = tx->len - head;

	if (tx->len >= NIC_LSO_MAX) {
		nic_violation(q, "offload.lso-size", MSG_NAME, "E.4",
			      "large send: wanted less than %u bytes, came %u", NIC_LSO_MAX, tx->len);
		return -EINVAL;
	}
	if (!mss || mss + head > q->nic->conn.frame_mtu) {
		nic_violation(q, "offload.lso-mss", MSG_NAME, "E.4",
			      "MSS: wanted 1..%d, came %u", (int)q->nic->conn.frame_mtu - (int)head, mss);
		return -EINVAL;
	}
	if (payload <= mss)
		nic_violation(q, "offload.lso-segments", MSG_NAME, "E.4",
			      "large send: wanted at least %u segments of %u bytes, came %u bytes",
			      NIC_LSO_MIN_SEGMENTS, mss, payload);
	return payload ? 0 : -EINVAL;
}

static int check_lso(struct nic_queue *q, const struct rndis_tx *tx,
		     const struct netpkt *p)
{
	const struct nic_offloads *o = &q->nic->conn.offloads;
	u32 ip_len = 0;
	u8 version = tx->lso & RNDIS_LSO_IPV6 ? 6 : 4;

	if (!(tx->lso & RNDIS_LSO_V2)) {
		nic_violation(q, "offload.lso-version", MSG_NAME, "E.4",
			      "large send value 0x%08x: wanted version 2 (bit 30)", tx->lso);
		return -EINVAL;
	}
	if (p->proto != NETPKT_PROTO_TCP || p->ip_version != version) {
		nic_violation(q, "offload.protocol", MSG_NAME, "E.4",
			      "large send for TCP/IPv%u: came with IP version %u, protocol %u",
			      version, p->ip_version, p->proto);
		return -EINVAL;
	}
	if (!(version == 4 ? o->lso4 : o->lso6))
		nic_violation(q, "offload.not-enabled", MSG_NAME, "E.9",
			      "large send for IPv%u: wanted switched on first", version);
	ip_len = get_be16(tx->frame + p->l3 + (version == 4 ? 2 : 4));
	if (ip_len)
		nic_violation(q, "offload.lso-ip-length", MSG_NAME, "E.4",
			      "IP length of a large send: wanted 0, came %u", ip_len);
	return 0;
}

/* A large send as the uplink wants it: real lengths, pseudo-header with length */
static void finish_lso(const struct rndis_tx *tx, const struct netpkt *p,
		       u32 mss, struct net_frame *frame)
{
	u8 *ip = tx->frame + p->l3;
	u32 ip_len = tx->len - p->l3;

	if (p->ip_version == 4) {
		put_be16(ip + 2, (u16)ip_len);
		netpkt_ipv4_csum(tx->frame, p);
		frame->vh.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	} else {
		put_be16(ip + 4, (u16)(ip_len - NETPKT_IPV6_HLEN));
		frame->vh.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
	}
	if (tx->frame[p->l4 + 13] & NETPKT_TCP_CWR)
		frame->vh.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	put_be16(tx->frame + netpkt_l4_csum_off(p),
		 netpkt_fold(netpkt_pseudo(tx->frame, p, p->l4_len)));
	need_csum(frame, p);
	if (tx->len - p->l4 - p->l4_hlen <= mss) {
		frame->vh.gso_type = VIRTIO_NET_HDR_GSO_NONE;
		return;
	}
	frame->vh.gso_size = cpu_to_le16((u16)mss);
	frame->vh.hdr_len = cpu_to_le16((u16)(p->l4 + p->l4_hlen));
}

static int tx_lso(struct nic_queue *q, const struct rndis_tx *tx,
		  struct net_frame *frame)
{
	u32 mss = tx->lso & RNDIS_LSO_MSS_MASK;
	struct netpkt p;
	int ret;

	netpkt_parse(tx->frame, tx->len, NETPKT_LEN_FRAME, &p);
	ret = check_lso(q, tx, &p);
	if (!ret)
		ret = check_lso_limits(q, tx, &p, mss);
	if (!ret)
		ret = check_l4_off(q, &p,
				   (tx->lso & RNDIS_LSO_OFFSET_MASK) >>
					   RNDIS_LSO_OFFSET_SHIFT,
				   "large send");
	if (!ret)
		ret = check_pseudo(q, tx, &p, 0, "large send");
	if (!ret)
		finish_lso(tx, &p, mss, frame);
	return ret;
}

int offload_tx(struct nic_queue *q, const struct rndis_tx *tx,
	       struct net_frame *frame)
{
	memset(&frame->vh, 0, sizeof(frame->vh));
	frame->data = tx->frame;
	frame->len = tx->len;
	/* Large send implies the checksums, whatever the other says (E.4) */
	if (tx->has_lso)
		return tx_lso(q, tx, frame);
	if (tx->has_csum)
		return tx_csum(q, tx, frame);
	return 0;
}

bool offload_rx_on(const struct nic *nic, const struct netpkt *p)
{
	return p->proto && rx_on(l4_setting(&nic->conn.offloads, p));
}

void offload_rx(struct nic *nic, const struct net_frame *frame,
		const struct netpkt *p, struct nic_rx_meta *meta)
{
	const struct nic_offloads *o = &nic->conn.offloads;
	bool done = frame->vh.flags & VIRTIO_NET_HDR_F_DATA_VALID;
	bool tcp = p->proto == NETPKT_PROTO_TCP;

	if (p->ip_version == 4 && rx_on(o->ip4))
		meta->csum |= netpkt_ipv4_csum_ok(frame->data, p)
				      ? RNDIS_RX_CSUM_IP_SUCCEEDED
				      : RNDIS_RX_CSUM_IP_FAILED;
	if (offload_rx_on(nic, p)) {
		if (done || netpkt_l4_csum_ok(frame->data, p))
			meta->csum |= tcp ? RNDIS_RX_CSUM_TCP_SUCCEEDED
					  : RNDIS_RX_CSUM_UDP_SUCCEEDED;
		else
			meta->csum |= tcp ? RNDIS_RX_CSUM_TCP_FAILED
					  : RNDIS_RX_CSUM_UDP_FAILED;
	}
	meta->has_csum = meta->csum;
}
