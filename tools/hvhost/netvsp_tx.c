// SPDX-License-Identifier: GPL-2.0
/*
 * Packets from the guest (Documentation/protocol.md D.7).
 *
 * A packet is a byte stream in a send section, in pages, or in both, section
 * first. It is copied to private memory as a whole, once; from then on only the
 * copy is read. In it lie one control message, or data messages in a row.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"
#include "vf.h"

#define MSG_NAME "SEND_RNDIS_PACKET"

/**
 * struct stream - private copy of a packet
 * @data: nic->stream
 * @len: its bytes
 * @first: bytes of its first range; headers must lie in there
 * @section: it begins in a send section
 */
struct stream {
	u8 *data;
	u32 len;
	u32 first;
	bool section;
};

/* Return: 0, or -EPROTO: the section is not one of the guest's (I.2) */
static int copy_section(struct nic_queue *q, u32 index, u32 len, struct stream *s)
{
	const struct nic_send_buf *tx = &q->nic->conn.tx;
	u64 off = (u64)index * tx->size;

	if (!tx->gpadl || tx->revoked) {
		nic_violation(q, "nvsp.section", MSG_NAME, "D.6",
			      "section index: wanted none without a send buffer, came %u", index);
		return -EPROTO;
	}
	if (index >= tx->count) {
		nic_violation(q, "nvsp.section", MSG_NAME, "D.6",
			      "section index: wanted less than %u, came %u", tx->count, index);
		return -EPROTO;
	}
	if (!len || len > tx->size) {
		nic_violation(q, "nvsp.section", MSG_NAME, "D.6",
			      "section size: wanted 1..%u, came %u", tx->size, len);
		return -EPROTO;
	}
	/* off + len cannot overflow: below 15 MiB + 64 KiB */
	if (vmbus_gpadl_copy_in(tx->gpadl, s->data, off, len))
		return -EPROTO;
	s->len = len;
	s->first = len;
	s->section = true;
	return 0;
}

/* Return: 0, or -EPROTO when it is more than any RNDIS stream */
static int copy_ranges(struct nic_queue *q, const struct vmbus_packet *pkt,
		       struct stream *s)
{
	u32 i;

	if (pkt->range_cnt > NVSP_MDL_CHAIN) {
		nic_violation(q, "nvsp.mdl-chain", MSG_NAME, "C.5",
			      "ranges: wanted at most %u, came %u", NVSP_MDL_CHAIN,
			      pkt->range_cnt);
		return -EPROTO;
	}
	if (!s->len)
		s->first = pkt->first_range_len;
	for (i = 0; i < pkt->iov_cnt; i++) {
		if (pkt->iov[i].iov_len > NIC_TX_STREAM_MAX - s->len) {
			nic_violation(q, "nvsp.ranges", MSG_NAME, "D.7",
				      "ranges: wanted at most %u bytes in all, came more",
				      NIC_TX_STREAM_MAX);
			return -EPROTO;
		}
		wire_fetch(s->data + s->len, pkt->iov[i].iov_base,
			   pkt->iov[i].iov_len);
		s->len += (u32)pkt->iov[i].iov_len;
	}
	return 0;
}

static int copy_stream(struct nic_queue *q, const struct vmbus_packet *pkt,
		       const struct nvsp_rndis_packet *msg, struct stream *s)
{
	u32 index = le32_to_cpu(msg->section_index);
	u32 len = le32_to_cpu(msg->section_size);
	int ret = 0;

	*s = (struct stream){ .data = q->nic->stream };
	if (index != NVSP_SECTION_NONE)
		ret = copy_section(q, index, len, s);
	else if (len)
		nic_violation(q, "nvsp.section", MSG_NAME, "D.3",
			      "section size: wanted 0 without a section, came %u", len);
	if (!ret && pkt->type == VM_PKT_GPA_DIRECT)
		ret = copy_ranges(q, pkt, s);
	if (!ret && !s->len) {
		nic_violation(q, "nvsp.section", MSG_NAME, "D.7",
			      "wanted data in a section or in ranges, came neither");
		return -EPROTO;
	}
	return ret;
}

static void drop(struct nic *nic, enum nic_drop why)
{
	nic->drop_tx[why]++;
}

/* A UDP checksum that Azure gets wrong: the packet is long and may be fragmented */
static bool is_long_udp(const struct rndis_tx *tx)
{
	struct netpkt p;

	if (!tx->has_csum || !(tx->csum & RNDIS_TX_CSUM_UDP))
		return false;
	netpkt_parse(tx->frame, tx->len, NETPKT_LEN_IP, &p);
	return p.ip_version == 4 && get_be16(tx->frame + p.l3 + 2) > 1420 &&
	       !(get_be16(tx->frame + p.l3 + 6) & 0x4000);
}

static bool is_bad_csum(const struct rndis_tx *tx)
{
	struct netpkt p;

	if (tx->has_csum || tx->has_lso)
		return false;
	netpkt_parse(tx->frame, tx->len, NETPKT_LEN_IP, &p);
	return p.proto && !p.fragment && !netpkt_l4_csum_ok(tx->frame, &p);
}

static void count(struct nic_stats *stats, const struct rndis_tx *tx)
{
	stats->tx_frames++;
	stats->tx_bytes += tx->len;
	stats->tx_lso += tx->has_lso;
	stats->tx_csum += tx->has_csum;
	stats->tx_vlan += tx->has_vlan;
	stats->tx_tagged += get_be16(tx->frame + 12) == NETPKT_ETH_8021Q;
	stats->tx_udp_long += is_long_udp(tx);
	stats->tx_bad_csum += is_bad_csum(tx);
}

static void send_frame(struct nic_queue *q, const struct rndis_tx *tx,
		       struct net_frame *frame)
{
	struct nic *nic = q->nic;
	u32 tci;

	count(&q->stats, tx);
	vf_saw_synthetic(nic);
	if (tx->has_vlan) {
		tci = (tx->vlan & RNDIS_8021Q_PRIORITY_MASK) << 13 |
		      (tx->vlan & RNDIS_8021Q_DEI) << 9 |
		      (tx->vlan & RNDIS_8021Q_VLAN_MASK) >> RNDIS_8021Q_VLAN_SHIFT;
		/* The RNDIS header before the frame was used up: room for the tag */
		netpkt_vlan_insert(frame, (u16)tci);
		if (frame->vh.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
			frame->vh.csum_start += NETPKT_VLAN_HLEN;
		if (frame->vh.gso_type)
			frame->vh.hdr_len += NETPKT_VLAN_HLEN;
	}
	pcap_frame(nic->pcap, frame->data, frame->len);
	if (!nic->link_up)
		drop(nic, NIC_DROP_LINK);
	else if (nic->uplink && nic->uplink->ops->send(nic->uplink, frame))
		drop(nic, NIC_DROP_UPLINK);
}

/* One message of the stream. Return: 0 or -EINVAL: reported */
static int data_message(struct nic_queue *q, struct stream *s, u32 off, u32 len)
{
	u32 first = s->first > off ? s->first - off : 0;
	struct net_frame frame;
	struct rndis_tx tx;
	int ret;

	ret = rndis_pkt_parse(q, s->data + off, len, first < len ? first : len,
			      &tx);
	if (!ret)
		ret = offload_tx(q, &tx, &frame);
	if (!ret)
		send_frame(q, &tx, &frame);
	else
		q->stats.tx_bad++;
	return ret;
}

/* Whether message @nr keeps to what INITIALIZE was answered (E.3). @len: its length
 * if another one follows
 */
static bool batch_ok(struct nic_queue *q, const struct stream *s, u32 len, u32 nr)
{
	const struct nic_config *cfg = &q->nic->cfg;

	if (nr >= cfg->batch) {
		nic_violation(q, "rndis.count", MSG_NAME, "D.7",
			      "messages in a packet: wanted at most %u", cfg->batch);
		return false;
	}
	if (nr && s->len > cfg->max_xfer) {
		nic_violation(q, "rndis.max-transfer", MSG_NAME, "E.3",
			      "bytes of several messages: wanted at most %u, came %u",
			      cfg->max_xfer, s->len);
		return false;
	}
	if (len & (BIT(cfg->align) - 1)) {
		nic_violation(q, "rndis.alignment", "RNDIS PACKET", "D.7",
			      "message %u length: wanted a multiple of %lu before another, came %u",
			      nr, BIT(cfg->align), len);
		return false;
	}
	return true;
}

/* Header of the next message. Return: its length, or 0: reported */
static u32 next_message(struct nic_queue *q, const struct stream *s, u32 off, u32 nr)
{
	u32 left = s->len - off;
	struct rndis_header hdr;
	u32 type, len;

	if (left < sizeof(hdr)) {
		nic_violation(q, "rndis.trailing", MSG_NAME, "D.7",
			      "%u bytes behind message %u: wanted none", left, nr);
		return 0;
	}
	memcpy(&hdr, s->data + off, sizeof(hdr));
	type = le32_to_cpu(hdr.type);
	len = le32_to_cpu(hdr.len);
	if (type != RNDIS_MSG_PACKET) {
		nic_violation(q, "rndis.data-type", MSG_NAME, "I.2 12",
			      "message %u type: wanted PACKET (1), came 0x%x", nr, type);
		return 0;
	}
	if (len < sizeof(struct rndis_packet) || len > left) {
		nic_violation(q, "rndis.length", "RNDIS PACKET", "E.2",
			      "message %u length: wanted 44..%u, came %u", nr, left, len);
		return 0;
	}
	return batch_ok(q, s, len < left ? len : 0, nr) ? len : 0;
}

static u32 data_stream(struct nic_queue *q, struct stream *s)
{
	u32 status = NVSP_STATUS_SUCCESS;
	u32 off = 0, nr = 0, len;

	q->stats.tx_packets++;
	q->stats.tx_sections += s->section;
	while (off < s->len) {
		len = next_message(q, s, off, nr++);
		if (!len) {
			q->stats.tx_bad++;
			return NVSP_STATUS_INVALID_RNDIS_PACKET;
		}
		if (data_message(q, s, off, len))
			status = NVSP_STATUS_INVALID_RNDIS_PACKET;
		off += len;
	}
	if (nr > q->stats.tx_most)
		q->stats.tx_most = nr;
	return status;
}

/* The first RNDIS message ends the configuration. Return: 0 or -EPROTO */
static int enter_rndis(struct nic_queue *q)
{
	struct nic_conn *conn = &q->nic->conn;

	if (conn->phase == NVSP_PHASE_RNDIS)
		return 0;
	if (!conn->have_ndis || !conn->rx.gpadl) {
		nic_violation(q, "nvsp.order", MSG_NAME, "D.4",
			      "wanted after %s, came before it",
			      conn->have_ndis ? "SEND_RECV_BUF"
					      : "SEND_NDIS_VERSION");
		return -EPROTO;
	}
	conn->phase = NVSP_PHASE_RNDIS;
	return 0;
}

static int run_stream(struct nic_queue *q, u32 channel_type, struct stream *s,
		      enum nic_point *point, bool *silent)
{
	struct nic_conn *conn = &q->nic->conn;

	if (channel_type == NVSP_RNDIS_CONTROL) {
		if (q->index) {
			nic_violation(q, "nvsp.control-channel", MSG_NAME, "D.7",
				      "control message: wanted on the primary channel only");
			return -EPROTO;
		}
		q->stats.control++;
		*point = NIC_POINT_CONTROL_COMPLETE;
		return rndis_host_message(q, s->data, s->len, silent);
	}
	if (channel_type != NVSP_RNDIS_DATA) {
		nic_violation(q, "nvsp.channel-type", MSG_NAME, "D.3",
			      "channel type: wanted 0 or 1, came %u", channel_type);
		return -EPROTO;
	}
	if (conn->rndis == RNDIS_PHASE_HALTED) {
		/* What stood there was sent before, and not waited for */
		nic_violation(q, "rndis.order", MSG_NAME, "I.2 12",
			      "data: wanted between INITIALIZE and HALT, came after HALT (its ring held %u bytes then)",
			      q->at_halt);
		return NVSP_STATUS_FAILURE;
	}
	if (conn->rndis != RNDIS_PHASE_READY) {
		nic_violation(q, "rndis.order", MSG_NAME, "I.2 12",
			      "data: wanted between INITIALIZE and HALT, came before INITIALIZE");
		return -EPROTO;
	}
	return (int)data_stream(q, s);
}

int netvsp_tx_packet(struct nic_queue *q, const struct vmbus_packet *pkt,
		     const struct nvsp_message *msg)
{
	struct nvsp_message reply = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
	};
	enum nic_point point = NIC_POINT_TX_COMPLETE;
	bool silent = false;
	struct stream s;
	int status;
	int ret;

	ret = enter_rndis(q);
	if (!ret)
		ret = copy_stream(q, pkt, &msg->rndis_packet, &s);
	if (ret)
		return ret;
	status = run_stream(q, le32_to_cpu(msg->rndis_packet.channel_type), &s,
			    &point, &silent);
	if (status < 0)
		return status;
	if (!(pkt->flags & VM_PKT_FLAG_COMPLETION)) {
		nic_violation(q, "nvsp.no-completion-flag", MSG_NAME, "D.7",
			      "flags: wanted a completion request, came 0");
		return 0;
	}
	if (nic_fault_fails(nic_fault(q->nic, point)))
		status = NVSP_STATUS_FAILURE;
	reply.rndis_packet_complete.status = cpu_to_le32((u32)status);
	q->tx_id[pkt->trans_id % NIC_TX_IDS] = pkt->trans_id;
	if (!silent)
		netvsp_complete(q, point, pkt->trans_id, &reply);
	return 0;
}
