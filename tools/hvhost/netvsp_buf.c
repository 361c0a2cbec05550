// SPDX-License-Identifier: GPL-2.0
/*
 * The receive and the send buffer that the guest lends the host
 * (Documentation/protocol.md D.5, D.6): checked, divided, given back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

#define LOOKS_MAX	64	/* at a ring before its last word is heard */

u32 netvsp_section(const struct nic *nic, u32 frame_mtu)
{
	/* The configured size is for the standard MTU; keep odd sizes odd */
	return nic->cfg.section + frame_mtu - (NIC_MTU_DEFAULT + NETPKT_ETH_HLEN);
}

/* Messages overtake the ring: what was said there before may not be read yet, or cannot
 * be. Return: whether it is known that the buffer was not revoked.
 */
static bool is_torn_early(struct nic_queue *q, const bool *revoked)
{
	/* Once more for as long as it leaves the rest for later */
	for (unsigned int n = 0; !*revoked && (!n || q->again) && n < LOOKS_MAX; n++)
		netvsp_process(q);
	return !*revoked && !nic_fault(q->nic, NIC_POINT_RING)->silent;
}

static void recv_torn(void *ctx, struct vmbus_gpadl *g)
{
	struct nic_queue *q = ctx;
	struct nic_recv_buf *rx = &q->nic->conn.rx;

	if (rx->gpadl != g)
		return;
	if (is_torn_early(q, &rx->revoked))
		nic_violation(q, "nvsp.buffer-torn", "GPADL_TEARDOWN", "H.3",
			      "receive buffer: wanted REVOKE_RECV_BUF or CLOSE first");
	rx->gpadl = NULL;
	rx->revoked = true;
}

static void send_torn(void *ctx, struct vmbus_gpadl *g)
{
	struct nic_queue *q = ctx;
	struct nic_send_buf *tx = &q->nic->conn.tx;

	if (tx->gpadl != g)
		return;
	if (is_torn_early(q, &tx->revoked))
		nic_violation(q, "nvsp.buffer-torn", "GPADL_TEARDOWN", "H.3",
			      "send buffer: wanted REVOKE_SEND_BUF or CLOSE first");
	tx->gpadl = NULL;
	tx->revoked = true;
}

/* The GPADL of a buffer message, or NULL: reported, the answer is failure */
static struct vmbus_gpadl *find_buffer(struct nic_queue *q, const char *name,
				       const struct nvsp_send_buf *buf, u64 max,
				       void (*torn)(void *ctx,
						    struct vmbus_gpadl *g))
{
	const struct nic_conn *conn = &q->nic->conn;
	u32 handle = le32_to_cpu(buf->gpadl);
	struct vmbus_gpadl *g = vmbus_gpadl_find(q->chan, handle, NULL, NULL);

	if (buf->rsv)
		nic_violation(q, "nvsp.reserved", name, "0",
			      "reserved: wanted 0, came 0x%x",
			      le16_to_cpu(buf->rsv));
	if (!g) {
		nic_violation(q, "nvsp.buffer-gpadl", name, "D.5",
			      "gpadl: wanted one of this device, came 0x%x",
			      handle);
		return NULL;
	}
	/* Of its teardown only one of them would be told */
	if (g == conn->rx.gpadl || g == conn->tx.gpadl) {
		nic_violation(q, "nvsp.buffer-gpadl", name, "D.6",
			      "gpadl: wanted one that is not the other buffer's, came 0x%x",
			      handle);
		return NULL;
	}
	if (vmbus_gpadl_len(g) > max) {
		nic_violation(q, "nvsp.buffer-size", name, "D.5",
			      "buffer: wanted at most %llu bytes, came %llu",
			      (unsigned long long)max,
			      (unsigned long long)vmbus_gpadl_len(g));
		return NULL;
	}
	return vmbus_gpadl_find(q->chan, handle, torn, q);
}

int netvsp_rx_init(struct nic_recv_buf *rx)
{
	u32 i;

	rx->sub = calloc(rx->count, sizeof(*rx->sub));
	if (!rx->sub)
		return -ENOMEM;
	/* In order, so that a capture of the ring is easy to read */
	for (i = 0; i < rx->count; i++) {
		rx->sub[i].owner = NIC_SUB_FREE;
		rx->sub[i].next = i + 1 < rx->count ? (s32)i + 1 : -1;
	}
	rx->free = 0;
	rx->free_count = rx->count;
	return 0;
}

int netvsp_recv_buf(struct nic_queue *q, const struct nvsp_message *msg,
		    struct nvsp_message *reply)
{
	struct nic_conn *conn = &q->nic->conn;
	struct nvsp_recv_section *section = &reply->recv_buf_complete.section;
	u64 max = conn->version <= NVSP_PROTOCOL_VERSION_2 ? NVSP_RECV_BUF_MAX_V2
							   : NVSP_RECV_BUF_MAX;
	struct nic_recv_buf rx = { .id = le16_to_cpu(msg->recv_buf.id) };

	if (conn->rx.gpadl || conn->rx.revoked) {
		nic_violation(q, "nvsp.order", "SEND_RECV_BUF", "D.4",
			      "wanted once, came again");
		return -EPROTO;
	}
	reply->type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF_COMPLETE);
	reply->recv_buf_complete.status = cpu_to_le32(NVSP_STATUS_FAILURE);
	if (nic_fault_fails(nic_fault(q->nic, NIC_POINT_RECV_BUF)))
		return 0;
	rx.gpadl = find_buffer(q, "SEND_RECV_BUF", &msg->recv_buf, max, recv_torn);
	if (!rx.gpadl)
		return 0;
	rx.size = netvsp_section(q->nic, conn->frame_mtu);
	/* at most 31 MiB / 1638, far below the owner and s32 index limits */
	rx.count = (u32)(vmbus_gpadl_len(rx.gpadl) / rx.size);
	if (rx.count > q->nic->cfg.sections)
		rx.count = q->nic->cfg.sections;
	if (rx.count <= NIC_CONTROL_SUBALLOCS) {
		nic_violation(q, "nvsp.buffer-size", "SEND_RECV_BUF", "D.5",
			      "buffer: wanted more than %u sections of %u bytes, came %u",
			      NIC_CONTROL_SUBALLOCS, rx.size, rx.count);
		return 0;
	}
	if (netvsp_rx_init(&rx))
		return 0;
	conn->rx = rx;
	reply->recv_buf_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS);
	reply->recv_buf_complete.section_count = cpu_to_le32(1);
	section->suballoc_size = cpu_to_le32(rx.size);
	section->suballoc_count = cpu_to_le32(rx.count);
	section->end = cpu_to_le32(rx.size * rx.count);
	return 0;
}

int netvsp_send_buf(struct nic_queue *q, const struct nvsp_message *msg,
		    struct nvsp_message *reply)
{
	struct nic_conn *conn = &q->nic->conn;
	struct nic_send_buf tx = { .id = le16_to_cpu(msg->send_buf.id) };

	if (conn->tx.gpadl || conn->tx.revoked) {
		nic_violation(q, "nvsp.order", "SEND_SEND_BUF", "D.4",
			      "wanted once, came again");
		return -EPROTO;
	}
	reply->type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUF_COMPLETE);
	reply->send_buf_complete.status = cpu_to_le32(NVSP_STATUS_FAILURE);
	if (nic_fault_fails(nic_fault(q->nic, NIC_POINT_SEND_BUF)))
		return 0;
	tx.gpadl = find_buffer(q, "SEND_SEND_BUF", &msg->send_buf,
			       NVSP_SEND_BUF_MAX, send_torn);
	if (!tx.gpadl)
		return 0;
	tx.size = q->nic->cfg.send_section;
	tx.count = (u32)(vmbus_gpadl_len(tx.gpadl) / tx.size);
	if (!tx.count) {
		nic_violation(q, "nvsp.buffer-size", "SEND_SEND_BUF", "D.6",
			      "buffer: wanted at least one section of %u bytes, came %llu bytes",
			      tx.size,
			      (unsigned long long)vmbus_gpadl_len(tx.gpadl));
		return 0;
	}
	conn->tx = tx;
	reply->send_buf_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS);
	reply->send_buf_complete.section_size = cpu_to_le32(tx.size);
	return 0;
}

int netvsp_revoke_recv_buf(struct nic_queue *q, const struct nvsp_message *msg)
{
	struct nic_recv_buf *rx = &q->nic->conn.rx;
	u16 id = le16_to_cpu(msg->revoke_recv_buf.id);

	if (!rx->gpadl || rx->revoked || rx->id != id) {
		nic_violation(q, "nvsp.revoke", "REVOKE_RECV_BUF", "D.3",
			      "id: wanted the receive buffer in use, came 0x%04x", id);
		return -EPROTO;
	}
	/* From here on nothing is received, control messages neither (K 17) */
	rx->revoked = true;
	return 0;
}

int netvsp_revoke_send_buf(struct nic_queue *q, const struct nvsp_message *msg)
{
	struct nic_send_buf *tx = &q->nic->conn.tx;
	u16 id = le16_to_cpu(msg->revoke_send_buf.id);

	if (!tx->gpadl || tx->revoked || tx->id != id) {
		nic_violation(q, "nvsp.revoke", "REVOKE_SEND_BUF", "D.3",
			      "id: wanted the send buffer in use, came 0x%04x", id);
		return -EPROTO;
	}
	tx->revoked = true;
	return 0;
}
