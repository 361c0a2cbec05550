// SPDX-License-Identifier: GPL-2.0
/*
 * Packets to the guest (Documentation/protocol.md D.5, D.7).
 *
 * The receive buffer is divided into sub-allocations. Each is the host's (free)
 * or in exactly one transfer-page packet: being built, or in the ring until the
 * guest completes it. The packet's transaction id is the index of its first
 * sub-allocation, so no two live ids are equal, and an id from the guest is
 * proved by looking there. The guest's completions are the only flow control:
 * frames without a place wait in the queue's backlog, then are dropped.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

static struct nic_recv_buf *buffer(struct nic_queue *q)
{
	return &q->nic->conn.rx;
}

static bool usable(const struct nic_recv_buf *rx)
{
	return rx->gpadl && !rx->revoked;
}

/* --- sub-allocations --- */

/* Return: index, or -1. Data leaves some for control messages (D.5) */
static s32 sub_take(struct nic_queue *q, u32 keep)
{
	struct nic_recv_buf *rx = buffer(q);
	s32 idx = rx->free;

	if (idx < 0 || rx->free_count <= keep)
		return -1;
	rx->free = rx->sub[idx].next;
	rx->free_count--;
	rx->sub[idx] = (struct nic_sub){ .owner = (u16)q->index, .next = -1 };
	return idx;
}

static void sub_free(struct nic_recv_buf *rx, s32 idx)
{
	rx->sub[idx] = (struct nic_sub){ .owner = NIC_SUB_FREE, .next = rx->free };
	rx->free = idx;
	rx->free_count++;
}

static void chain_free(struct nic_recv_buf *rx, s32 head)
{
	s32 next;

	for (; head >= 0; head = next) {
		next = rx->sub[head].next;
		sub_free(rx, head);
	}
}

/* --- what lies in them --- */

static u32 put_ppi(u8 *at, u32 type, u32 value)
{
	struct rndis_ppi_u32 ppi = {
		.head.size = cpu_to_le32(sizeof(ppi)),
		.head.type = cpu_to_le32(type),
		.head.offset = cpu_to_le32(sizeof(ppi.head)),
		.value = cpu_to_le32(value),
	};

	memcpy(at, &ppi, sizeof(ppi));
	return sizeof(ppi);
}

/* RNDIS header and per-packet info of a frame of @len bytes. Return: their bytes */
static u32 build_header(u8 *head, const struct nic_rx_meta *meta, u32 len, u32 whole)
{
	struct rndis_packet pkt = { .hdr.type = cpu_to_le32(RNDIS_MSG_PACKET) };
	u32 at = sizeof(pkt);
	u32 ppi_len;

	if (meta->has_csum)
		at += put_ppi(head + at, RNDIS_PPI_CHECKSUM, meta->csum);
	if (meta->has_vlan)
		at += put_ppi(head + at, RNDIS_PPI_8021Q, meta->vlan);
	if (meta->has_hash) {
		at += put_ppi(head + at, RNDIS_PPI_HASH_VALUE, meta->hash);
		at += put_ppi(head + at, RNDIS_PPI_HASH_INFO, meta->hash_info);
	}
	if (meta->has_id)
		at += put_ppi(head + at, RNDIS_PPI_PACKET_ID, meta->id);
	ppi_len = at - (u32)sizeof(pkt);
	pkt.hdr.len = cpu_to_le32(whole ? whole : at + len);
	pkt.data_offset = cpu_to_le32(at - RNDIS_OFFSET_BASE);
	pkt.data_len = cpu_to_le32(len);
	if (ppi_len) {
		pkt.ppi_offset = cpu_to_le32((u32)sizeof(pkt) - RNDIS_OFFSET_BASE);
		pkt.ppi_len = cpu_to_le32(ppi_len);
	}
	memcpy(head, &pkt, sizeof(pkt));
	return at;
}

/* --- packets --- */

static int send_xfer(struct nic_queue *q, u32 channel_type, s32 head,
		     const struct vmbus_xfer_range *range, u32 ranges)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET) };
	struct nic_recv_buf *rx = buffer(q);
	int ret;

	msg.rndis_packet.channel_type = cpu_to_le32(channel_type);
	msg.rndis_packet.section_index = cpu_to_le32(NVSP_SECTION_NONE);
	ret = vmbus_send_xfer(q->chan, rx->id, (u64)head, range, ranges, &msg,
			      nvsp_msg_wire_len(q->nic->conn.version));
	if (ret) {
		q->stats.ring_full += ret == -EAGAIN;
		return ret;
	}
	rx->sub[head].head = true;
	rx->sub[head].sent = true;
	return 0;
}

static int send_batch(struct nic_queue *q)
{
	int ret;

	if (!q->ranges)
		return 0;
	ret = send_xfer(q, NVSP_RNDIS_DATA, q->batch_head, q->range, q->ranges);
	if (ret)
		return ret;
	q->stats.rx_packets++;
	q->stats.rx_frames += q->ranges;
	q->stats.rx_bytes += q->batch_bytes;
	if (q->ranges > q->stats.rx_most)
		q->stats.rx_most = q->ranges;
	q->ranges = 0;
	q->batch_bytes = 0;
	return 0;
}

static u32 most_ranges(const struct nic *nic)
{
	const struct nic_conn *conn = &nic->conn;

	if (nic->cfg.one_frame)
		return 1;
	if (conn->offloads.rsc4 || conn->offloads.rsc6)
		return NVSP_XFER_RANGES_RSC;
	return conn->version >= NVSP_PROTOCOL_VERSION_2 ? NVSP_XFER_RANGES
							: NVSP_XFER_RANGES_V1;
}

/* Put a message in the packet being built. Return: false when there is no place */
static bool place(struct nic_queue *q, const struct nic_rx_meta *meta,
		  const u8 *data, u32 len)
{
	struct nic_recv_buf *rx = buffer(q);
	u8 head[NIC_RX_HEADROOM];
	u32 whole = q->nic->cfg.full_range ? rx->size : 0;
	u32 head_len;
	s32 idx;
	u64 off;

	idx = sub_take(q, NIC_CONTROL_SUBALLOCS);
	if (idx < 0)
		return false;
	off = (u64)idx * rx->size;
	head_len = build_header(head, meta, len, whole);
	/* both fit: len is at most the frame MTU that the section was sized for */
	if (vmbus_gpadl_copy_out(rx->gpadl, off, head, head_len) ||
	    vmbus_gpadl_copy_out(rx->gpadl, off + head_len, data, len)) {
		sub_free(rx, idx);
		return false;
	}
	if (q->ranges)
		rx->sub[q->batch_tail].next = idx;
	else
		q->batch_head = idx;
	q->batch_tail = idx;
	q->range[q->ranges].byte_offset = (u32)off;
	q->range[q->ranges++].byte_count = whole ? whole : head_len + len;
	q->batch_bytes += len;
	return true;
}

/* Room for @count more ranges in the packet being built; it goes out if not */
static bool have_room(struct nic_queue *q, u32 count)
{
	const struct nic_recv_buf *rx = buffer(q);

	if (q->ranges && q->ranges + count > most_ranges(q->nic) && send_batch(q))
		return false;
	return rx->free_count >= count + NIC_CONTROL_SUBALLOCS;
}

/* A coalesced packet: the first fragment has the headers and all infos, those
 * after it are payload (E.5). All of them in one packet, or none.
 */
static bool place_coalesced(struct nic_queue *q, const struct nic_rx_meta *meta,
			    const u8 *data, u32 len)
{
	u32 count = (len - meta->rsc_head + meta->rsc_mss - 1) / meta->rsc_mss;
	struct nic_rx_meta m = *meta;
	u32 off = 0, flags, part, i;

	if (!have_room(q, count))
		return false;
	q->rsc_id++;
	q->stats.rx_rsc++;
	q->stats.rx_rsc_frags += count;
	for (i = 0; i < count; i++) {
		part = meta->rsc_mss + (i ? 0 : meta->rsc_head);
		if (part > len - off)
			part = len - off;
		flags = RNDIS_PACKET_ID_FRAGMENT |
			(i ? 0 : RNDIS_PACKET_ID_FIRST) |
			(i + 1 < count ? 0 : RNDIS_PACKET_ID_LAST);
		m.has_id = true;
		m.id = NIC_PACKET_ID(flags, q->rsc_id);
		/* Room was there: only a buffer that is gone can fail here */
		place(q, &m, data + off, part);
		memset(&m, 0, sizeof(m));
		off += part;
	}
	return true;
}

static bool place_frame(struct nic_queue *q, const struct nic_rx_meta *meta,
			const u8 *data, u32 len)
{
	if (meta->rsc_mss)
		return place_coalesced(q, meta, data, len);
	return have_room(q, 1) && place(q, meta, data, len);
}

int netvsp_rx_pieces(struct nic_queue *q, const struct nic_piece *piece, u32 count)
{
	u32 i;

	if (count > ARRAY_SIZE(q->range))
		return -EINVAL;
	if (q->backlog.head || send_batch(q) ||
	    buffer(q)->free_count < count + NIC_CONTROL_SUBALLOCS)
		return -ENOSPC;
	for (i = 0; i < count; i++)
		place(q, &piece[i].meta, piece[i].data, piece[i].len);
	return send_batch(q) ? -ENOSPC : 0;
}

bool netvsp_rx_now(struct nic_queue *q, const struct nic_rx_meta *meta,
		   const u8 *data, u32 len)
{
	/* In order: nothing overtakes the backlog */
	if (q->backlog.head || !place_frame(q, meta, data, len))
		return false;
	nic_flush_soon(q->nic);
	return true;
}

void netvsp_rx_frame(struct nic_queue *q, const struct nic_rx_meta *meta,
		     const u8 *data, u32 len)
{
	if (netvsp_rx_now(q, meta, data, len))
		return;
	if (q->backlog.count >= NIC_BACKLOG_MAX ||
	    nic_fifo_push(&q->backlog, meta, data, len))
		q->nic->drop_rx[NIC_DROP_BACKLOG]++;
}

void netvsp_rx_control(struct nic *nic, const void *msg, u32 len)
{
	struct nic_fifo *fifo = &nic->conn.control;

	if (fifo->bytes + len > NIC_CONTROL_MAX) {
		nic_violation(nic->queue[0], "rndis.control-queue",
			      "RNDIS control", "E.3",
			      "replies that wait for the guest: wanted at most %u bytes; this one is lost",
			      NIC_CONTROL_MAX);
		return;
	}
	if (!nic_fifo_push(fifo, NULL, msg, len))
		nic_flush_soon(nic);
}

static void flush_control(struct nic_queue *q)
{
	struct nic_fifo *fifo = &q->nic->conn.control;
	struct nic_recv_buf *rx = buffer(q);
	struct vmbus_xfer_range range;
	s32 idx;

	while (fifo->head) {
		idx = sub_take(q, 0);
		if (idx < 0)
			return;
		range.byte_offset = (u32)idx * rx->size;
		range.byte_count = fifo->head->len;
		if (vmbus_gpadl_copy_out(rx->gpadl, range.byte_offset,
					 fifo->head->data, fifo->head->len) ||
		    send_xfer(q, NVSP_RNDIS_CONTROL, idx, &range, 1)) {
			sub_free(rx, idx);
			return;
		}
		nic_fifo_pop(fifo);
	}
}

void netvsp_rx_flush(struct nic_queue *q)
{
	struct nic_frame *frame;

	if (!usable(buffer(q)) || !netvsp_flush_out(q))
		return;
	if (!q->index)
		flush_control(q);
	while (!send_batch(q) && q->backlog.head) {
		do {
			frame = q->backlog.head;
			if (!place_frame(q, &frame->meta, frame->data, frame->len))
				break;
			nic_fifo_pop(&q->backlog);
		} while (q->backlog.head);
		if (!q->ranges)
			return;
	}
}

/* --- what comes back --- */

/* The buffer is everybody's: what one queue gives back, another may wait for */
static bool others_wait(const struct nic_queue *q)
{
	struct nic *nic = q->nic;
	u32 i;

	for (i = 0; i <= nic->conn.subs; i++)
		if (i != q->index && nic_queue_up(nic, i) &&
		    nic->queue[i]->backlog.head)
			return true;
	return false;
}

int netvsp_rx_complete(struct nic_queue *q, u64 trans_id, const void *payload,
		       u32 len)
{
	struct nvsp_message msg = { .type = 0 };
	struct nic_recv_buf *rx = buffer(q);
	u32 status;

	if ((trans_id & NIC_STRANGE_IDS) == NIC_STRANGE_ID) {
		q->stats.rx_strange++;
		return 0;
	}
	if (trans_id == NIC_VF_ASSOCIATION_ID || trans_id == NIC_VF_PATH_ID)
		return 0;
	if (trans_id >= rx->count || !rx->sub[trans_id].sent ||
	    !rx->sub[trans_id].head || rx->sub[trans_id].owner != q->index) {
		nic_violation(q, "nvsp.completion-id", "completion", "I.2 11",
			      "transaction id: wanted one that is outstanding here, came 0x%llx",
			      (unsigned long long)trans_id);
		return -EPROTO;
	}
	memcpy(&msg, payload, len < sizeof(msg) ? len : sizeof(msg));
	status = le32_to_cpu(msg.rndis_packet_complete.status);
	if (len < NVSP_MSG_LEN_OF(struct nvsp_rndis_packet_complete) ||
	    le32_to_cpu(msg.type) != NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
		nic_violation(q, "nvsp.completion", "completion", "D.7",
			      "wanted SEND_RNDIS_PACKET_COMPLETE of at least 8 bytes, came type %u in %u bytes",
			      le32_to_cpu(msg.type), len);
	else if (status != NVSP_STATUS_SUCCESS && status != NVSP_STATUS_FAILURE)
		nic_violation(q, "nvsp.completion", "completion", "D.7",
			      "status: wanted 1 or 2, came %u", status);
	else
		q->stats.rx_failed += status == NVSP_STATUS_FAILURE;
	chain_free(rx, (s32)trans_id);
	if (others_wait(q))
		nic_flush_soon(q->nic);
	return 0;
}

void netvsp_rx_closed(struct nic_queue *q)
{
	struct nic_recv_buf *rx = buffer(q);
	u32 i;

	q->nic->drop_rx[NIC_DROP_CLOSED] += q->ranges + q->backlog.count;
	q->ranges = 0;
	q->batch_bytes = 0;
	nic_fifo_clear(&q->backlog);
	for (i = 0; rx->sub && i < rx->count; i++)
		if (rx->sub[i].owner == q->index)
			sub_free(rx, (s32)i);
}
