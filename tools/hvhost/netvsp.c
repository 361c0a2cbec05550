// SPDX-License-Identifier: GPL-2.0
/*
 * A channel of the NIC as a pair of queues: packets from the guest are taken and
 * handed to netvsp_msg.c or netvsp_rx.c, answers go out at once, or in line when
 * the guest's ring is full, or late or not at all when a fault says so.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

#define PROCESS_BUDGET	256	/* packets before others have their turn */
#define OUT_MAX		4096	/* packets that wait for ring space */

static void queue_out(struct nic_queue *q, u16 type, u16 flags, u64 trans_id,
		      const void *payload, u32 len)
{
	struct nic_out *out;

	if (q->out_count >= OUT_MAX) {
		nic_violation(q, "nvsp.ring-starved", "ring", "C.2",
			      "%u packets wait for room in the guest's ring; further ones are lost",
			      q->out_count);
		return;
	}
	out = malloc(sizeof(*out) + len);
	if (!out)
		return;
	*out = (struct nic_out){ .type = type, .flags = flags, .trans_id = trans_id, .len = len };
	if (len)
		memcpy(out->payload, payload, len);
	*q->out_tail = out;
	q->out_tail = &out->next;
	q->out_count++;
}

void netvsp_send(struct nic_queue *q, u16 type, u16 flags, u64 trans_id,
		 const void *payload, u32 len)
{
	int ret = -EAGAIN;

	if (!q->open || q->failed)
		return;
	if (!q->out)
		ret = vmbus_send(q->chan, type, flags, trans_id, payload, len);
	if (ret != -EAGAIN)
		return;
	q->stats.ring_full++;
	queue_out(q, type, flags, trans_id, payload, len);
}

bool netvsp_flush_out(struct nic_queue *q)
{
	struct nic_out *out;

	while ((out = q->out)) {
		if (vmbus_send(q->chan, out->type, out->flags, out->trans_id,
			       out->payload, out->len) == -EAGAIN)
			return false;
		q->out = out->next;
		if (!q->out)
			q->out_tail = &q->out;
		q->out_count--;
		free(out);
	}
	return true;
}

struct late_completion {
	u64 trans_id;
	u32 len;
	struct nvsp_message msg;
};

static void send_late(struct nic_queue *q, const void *data, u32 len)
{
	struct late_completion late;

	(void)len;
	memcpy(&late, data, sizeof(late));
	netvsp_send(q, VM_PKT_COMPLETION, 0, late.trans_id, &late.msg, late.len);
	vmbus_signal(q->chan);
}

void netvsp_complete(struct nic_queue *q, enum nic_point point, u64 trans_id,
		     const struct nvsp_message *msg)
{
	const struct nic_fault *fault = nic_fault(q->nic, point);
	struct late_completion late = { .trans_id = trans_id };

	if (fault->silent)
		return;
	if (msg) {
		late.msg = *msg;
		late.len = nvsp_msg_wire_len(q->nic->conn.version);
	}
	if (fault->slow_ms)
		nic_later(q, fault->slow_ms, send_late, &late, sizeof(late));
	else
		netvsp_send(q, VM_PKT_COMPLETION, 0, trans_id, &late.msg, late.len);
}

static bool is_data(const struct vmbus_packet *pkt)
{
	const struct nvsp_message *msg = pkt->payload;

	return pkt->payload_len >= offsetof(struct nvsp_message, rndis_packet) +
				   sizeof(msg->rndis_packet) &&
	       le32_to_cpu(msg->type) == NVSP_MSG_SEND_RNDIS_PACKET &&
	       le32_to_cpu(msg->rndis_packet.channel_type) == NVSP_RNDIS_DATA;
}

/* One that may have been said to be done before it was read: what it consists of may be
 * gone, and is not judged. That it is done is said once more, since of most that was not
 * so. Return: whether it was one.
 */
static bool skip_early(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	struct nvsp_message reply = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE),
		.rndis_packet_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS),
	};
	u32 taken;

	if (!q->tx_early)
		return false;
	taken = vmbus_taken(q->chan, &q->tx_at);
	q->tx_early = taken < q->tx_early ? q->tx_early - taken : 0;
	if (pkt->type == VM_PKT_COMPLETION || !is_data(pkt))
		return false;
	netvsp_complete(q, NIC_POINT_TX_COMPLETE, pkt->trans_id, &reply);
	return true;
}

static int one_packet(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	switch (pkt->type) {
	case VM_PKT_INBAND:
	case VM_PKT_GPA_DIRECT:
		return netvsp_message(q, pkt);
	case VM_PKT_COMPLETION:
		return netvsp_rx_complete(q, pkt->trans_id, pkt->payload,
					  pkt->payload_len);
	default:
		nic_violation(q, "nvsp.packet-type", "packet", "C.3",
			      "packet type: wanted 0x6, 0x9 or 0xB, came 0x%x", pkt->type);
		return -EPROTO;
	}
}

static void process_again(void *ctx)
{
	struct nic_queue *q = ctx;

	q->again = false;
	if (q->open && !q->failed)
		netvsp_process(q);
}

static void fail(struct nic_queue *q)
{
	q->failed = true;
	vmbus_fail(q->chan);
}

void netvsp_process(struct nic_queue *q)
{
	struct vmbus_packet pkt;
	unsigned int n;
	int ret = 0;

	if (!q->open || q->failed)
		return;
	q->stats.wakeups++;
	/* Played on request: the host does not read the guest's ring */
	if (nic_fault(q->nic, NIC_POINT_RING)->silent)
		return;
	if (q->tx_lied) {
		q->tx_early = vmbus_unread(q->chan);
		vmbus_taken(q->chan, &q->tx_at);
		q->tx_lied = false;
	}
	/* While the guest leaves no room for answers, it gets no further ones */
	for (n = 0; n < PROCESS_BUDGET && netvsp_flush_out(q); n++) {
		ret = vmbus_recv(q->chan, &pkt);
		if (ret <= 0)
			break;
		if (skip_early(q, &pkt))
			continue;
		ret = one_packet(q, &pkt);
		if (ret < 0)
			break;
	}
	/* A handler may have ended the connection */
	if (!q->open || q->failed)
		return;
	if (ret < 0) {
		fail(q);
		return;
	}
	vmbus_recv_done(q->chan);
	netvsp_rx_flush(q);
	vmbus_signal(q->chan);
	if (n == PROCESS_BUDGET && !q->again)
		q->again = !loop_post(process_again, q);
}
