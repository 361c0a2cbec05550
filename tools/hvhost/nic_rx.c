// SPDX-License-Identifier: GPL-2.0
/*
 * Frames from the uplink on their way to the guest: packet filter, offloads
 * done, tag taken out, queue chosen.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"
#include "vf.h"

/* Whether the guest's packet filter takes this destination (E.12). The
 * multicast list is not honoured, as by the virtual switch (E.11).
 */
static bool wanted(const struct nic *nic, const u8 *dst)
{
	static const u8 broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	u32 filter = nic->conn.filter;

	if (filter & NDIS_PACKET_TYPE_PROMISCUOUS)
		return true;
	if (!memcmp(dst, broadcast, sizeof(broadcast)))
		return filter & NDIS_PACKET_TYPE_BROADCAST;
	if (dst[0] & 1)
		return filter & (NDIS_PACKET_TYPE_MULTICAST |
				 NDIS_PACKET_TYPE_ALL_MULTICAST);
	return filter & NDIS_PACKET_TYPE_DIRECTED &&
	       !memcmp(dst, nic->mac, sizeof(nic->mac));
}

void nic_rx_take_tag(const struct nic *nic, struct net_frame *frame,
		     struct nic_rx_meta *meta)
{
	u16 tci;

	if (!(nic->conn.caps & NVSP_CAP_8021Q) || !netpkt_vlan_strip(frame, &tci))
		return;
	meta->has_vlan = true;
	meta->vlan = tci >> 13 | (tci >> 9 & RNDIS_8021Q_DEI) |
		     (u32)(tci & 0xfff) << RNDIS_8021Q_VLAN_SHIFT;
}

struct nic_queue *nic_rx_steer(struct nic *nic, const u8 *data,
			       const struct netpkt *p, struct nic_rx_meta *meta)
{
	u32 index = rss_steer(&nic->conn.rss, data, p, meta);

	return nic->queue[nic_queue_up(nic, index) ? index : 0];
}

/* A frame of another guest on this host: nobody ever computed its checksums, and
 * the guest is told so (E.4). Return: whether it is one.
 */
static bool leave_raw(const struct nic *nic, struct net_frame *frame,
		      struct nic_rx_meta *meta)
{
	struct netpkt p;

	if (!nic->cfg.raw_csum || !(frame->vh.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return false;
	netpkt_parse(frame->data, frame->len, NETPKT_LEN_IP, &p);
	if (p.proto != NETPKT_PROTO_TCP || !offload_rx_on(nic, &p))
		return false;
	meta->csum = RNDIS_RX_CSUM_TCP_SUCCEEDED | RNDIS_RX_CSUM_TCP_VALUE_INVALID;
	if (p.ip_version == 4) {
		meta->csum |= RNDIS_RX_CSUM_IP_SUCCEEDED |
			      RNDIS_RX_CSUM_IP_VALUE_INVALID;
		put_be16(frame->data + p.l3 + 10, 0);
	}
	meta->has_csum = true;
	return true;
}

/* What is said of a single frame of the wire, segmentation done, in @meta. Return:
 * its queue, or NULL: dropped
 */
static struct nic_queue *judge(struct nic *nic, struct net_frame *frame,
			       struct nic_rx_meta *meta)
{
	struct netpkt p;
	u32 tag;

	memset(meta, 0, sizeof(*meta));
	if (!leave_raw(nic, frame, meta) && netpkt_complete(frame)) {
		nic->drop_rx[NIC_DROP_MALFORMED]++;
		return NULL;
	}
	pcap_frame(nic->pcap, frame->data, frame->len);
	nic_rx_take_tag(nic, frame, meta);
	netpkt_parse(frame->data, frame->len, NETPKT_LEN_IP, &p);
	/* A tag that stayed in the frame does not count for the MTU */
	tag = p.l3 > NETPKT_ETH_HLEN ? NETPKT_VLAN_HLEN : 0;
	if (frame->len > nic->conn.frame_mtu + tag) {
		nic->drop_rx[NIC_DROP_SIZE]++;
		return NULL;
	}
	if (!meta->has_csum)
		offload_rx(nic, frame, &p, meta);
	return nic_rx_steer(nic, frame->data, &p, meta);
}

static void one_frame(void *ctx, struct net_frame *frame)
{
	struct nic_rx_meta meta;
	struct nic_queue *q = judge(ctx, frame, &meta);

	if (q)
		netvsp_rx_frame(q, &meta, frame->data, frame->len);
}

bool nic_rx_ready(const struct nic *nic)
{
	return nic_queue_up(nic, 0) && nic->conn.rndis == RNDIS_PHASE_READY &&
	       nic->conn.rx.gpadl && !nic->conn.rx.revoked;
}

/* NIC_DROP_COUNT: nothing speaks against it */
static enum nic_drop why_not(struct nic *nic, const struct net_frame *frame)
{
	if (!nic->link_up)
		return NIC_DROP_LINK;
	if (!nic_rx_ready(nic))
		return NIC_DROP_CLOSED;
	if (nic_fault(nic, NIC_POINT_RX)->silent)
		return NIC_DROP_FAULT;
	if (!wanted(nic, frame->data))
		return NIC_DROP_FILTER;
	return NIC_DROP_COUNT;
}

int nic_rx_now(struct nic *nic, struct net_frame *frame, u32 count)
{
	enum nic_drop why = why_not(nic, frame);
	struct nic_rx_meta meta;
	struct nic_queue *q;
	u32 i;

	if (why != NIC_DROP_COUNT) {
		nic->drop_rx[why]++;
		return -EIO;
	}
	q = judge(nic, frame, &meta);
	if (!q)
		return -EIO;
	for (i = 0; i < count; i++) {
		if (!netvsp_rx_now(q, &meta, frame->data, frame->len))
			break;
		if (i)
			pcap_frame(nic->pcap, frame->data, frame->len);
	}
	return (int)i;
}

void nic_rx(void *ctx, struct net_frame *frame)
{
	struct nic *nic = ctx;
	enum nic_drop why;

	if (frame->len < NETPKT_ETH_HLEN || frame->len > NET_FRAME_MAX) {
		nic->drop_rx[NIC_DROP_MALFORMED]++;
		return;
	}
	if (nic->link_up && vf_takes(nic, frame)) {
		vf_rx(nic, frame);
		return;
	}
	why = why_not(nic, frame);
	if (why != NIC_DROP_COUNT) {
		nic->drop_rx[why]++;
		return;
	}
	if (frame->vh.gso_type == VIRTIO_NET_HDR_GSO_NONE)
		one_frame(nic, frame);
	else if (!rsc_coalesce(nic, frame) &&
		 netpkt_segment(frame, one_frame, nic))
		nic->drop_rx[NIC_DROP_MALFORMED]++;
}
