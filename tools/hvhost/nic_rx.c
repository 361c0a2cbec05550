// SPDX-License-Identifier: GPL-2.0
/*
 * Frames from the uplink on their way to the guest: packet filter, offloads
 * done, tag taken out, queue chosen.
 */
#include <string.h>

#include "nic_priv.h"

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

static void take_tag(const struct nic *nic, struct net_frame *frame,
		     struct nic_rx_meta *meta)
{
	u16 tci;

	if (!(nic->conn.caps & NVSP_CAP_8021Q) || !netpkt_vlan_strip(frame, &tci))
		return;
	meta->has_vlan = true;
	meta->vlan = tci >> 13 | (tci >> 9 & RNDIS_8021Q_DEI) |
		     (u32)(tci & 0xfff) << RNDIS_8021Q_VLAN_SHIFT;
}

/* A single frame of the wire, segmentation done */
static void one_frame(void *ctx, struct net_frame *frame)
{
	struct nic *nic = ctx;
	struct nic_rx_meta meta;
	struct netpkt p;
	u32 index, tag;

	memset(&meta, 0, sizeof(meta));
	if (netpkt_complete(frame)) {
		nic->drop_rx[NIC_DROP_MALFORMED]++;
		return;
	}
	pcap_frame(nic->pcap, frame->data, frame->len);
	take_tag(nic, frame, &meta);
	netpkt_parse(frame->data, frame->len, NETPKT_LEN_IP, &p);
	/* A tag that stayed in the frame does not count for the MTU */
	tag = p.l3 > NETPKT_ETH_HLEN ? NETPKT_VLAN_HLEN : 0;
	if (frame->len > nic->conn.frame_mtu + tag) {
		nic->drop_rx[NIC_DROP_SIZE]++;
		return;
	}
	offload_rx(nic, frame, &p, &meta);
	index = rss_steer(&nic->conn.rss, frame->data, &p, &meta);
	if (!nic_queue_up(nic, index))
		index = 0;
	netvsp_rx_frame(nic->queue[index], &meta, frame->data, frame->len);
}

/* NIC_DROP_COUNT: nothing speaks against it */
static enum nic_drop why_not(struct nic *nic, const struct net_frame *frame)
{
	if (!nic->link_up)
		return NIC_DROP_LINK;
	if (!nic_queue_up(nic, 0) || nic->conn.rndis != RNDIS_PHASE_READY ||
	    !nic->conn.rx.gpadl || nic->conn.rx.revoked)
		return NIC_DROP_CLOSED;
	if (nic_fault(nic, NIC_POINT_RX)->silent)
		return NIC_DROP_FAULT;
	if (!wanted(nic, frame->data))
		return NIC_DROP_FILTER;
	return NIC_DROP_COUNT;
}

void nic_rx(void *ctx, struct net_frame *frame)
{
	struct nic *nic = ctx;
	enum nic_drop why;

	if (frame->len < NETPKT_ETH_HLEN || frame->len > NET_FRAME_MAX) {
		nic->drop_rx[NIC_DROP_MALFORMED]++;
		return;
	}
	why = why_not(nic, frame);
	if (why != NIC_DROP_COUNT) {
		nic->drop_rx[why]++;
		return;
	}
	if (frame->vh.gso_type == VIRTIO_NET_HDR_GSO_NONE)
		one_frame(nic, frame);
	else if (netpkt_segment(frame, one_frame, nic))
		nic->drop_rx[NIC_DROP_MALFORMED]++;
}
