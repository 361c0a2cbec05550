// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that no honest host sends (Documentation/protocol.md D.11), one row
 * each, sent on request so that a guest can show what it does with them.
 * What a row breaks is written next to it; the connection's own books stay
 * right, so that the guest's answer to nonsense is still judged by the rules. A
 * corrupt ring stays so until the guest opens the channel anew.
 */
#include <string.h>

#include "hostctl.h"
#include "nic_priv.h"
#include "vf.h"

#define VF_STORM	100	/* messages in a row */

struct hostile {
	const char *name;
	const char *help;
	int (*fn)(struct nic_queue *q);
};

static void rndis_packet_message(struct nvsp_message *msg, u32 channel_type)
{
	memset(msg, 0, sizeof(*msg));
	msg->type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET);
	msg->rndis_packet.channel_type = cpu_to_le32(channel_type);
	msg->rndis_packet.section_index = cpu_to_le32(NVSP_SECTION_NONE);
}

/* Outside the books of the receive buffer: its completion frees nothing. Each has an id
 * of its own, for a guest that has not completed the one before yet.
 */
static int xfer(struct nic_queue *q, u16 set_id,
		const struct vmbus_xfer_range *range, u32 count,
		u32 channel_type, u32 len)
{
	struct nvsp_message msg;

	rndis_packet_message(&msg, channel_type);
	return vmbus_send_xfer(q->chan, set_id, NIC_STRANGE_ID + q->strange++, range,
			       count, &msg, len);
}

static u32 wire_len(const struct nic_queue *q)
{
	return nvsp_msg_wire_len(q->nic->conn.version);
}

static int h_xfer_offset(struct nic_queue *q)
{
	const struct vmbus_xfer_range range = { 64, 0xfffffff0 };

	return xfer(q, q->nic->conn.rx.id, &range, 1, NVSP_RNDIS_DATA, wire_len(q));
}

static int h_xfer_length(struct nic_queue *q)
{
	const struct vmbus_xfer_range range = { 0xffffffff, 0 };

	return xfer(q, q->nic->conn.rx.id, &range, 1, NVSP_RNDIS_DATA, wire_len(q));
}

static int h_xfer_empty(struct nic_queue *q)
{
	const struct vmbus_xfer_range range = { 0, 0 };

	return xfer(q, q->nic->conn.rx.id, &range, 1, NVSP_RNDIS_DATA, wire_len(q));
}

static int h_xfer_none(struct nic_queue *q)
{
	return xfer(q, q->nic->conn.rx.id, NULL, 0, NVSP_RNDIS_DATA, wire_len(q));
}

static int h_xfer_set_id(struct nic_queue *q)
{
	const struct vmbus_xfer_range range = { 64, 0 };

	return xfer(q, (u16)~q->nic->conn.rx.id, &range, 1, NVSP_RNDIS_DATA,
		    wire_len(q));
}

static int h_xfer_channel_type(struct nic_queue *q)
{
	const struct vmbus_xfer_range range = { 64, 0 };

	return xfer(q, q->nic->conn.rx.id, &range, 1, 2, wire_len(q));
}

static int h_xfer_short(struct nic_queue *q)
{
	const struct vmbus_xfer_range range = { 64, 0 };

	return xfer(q, q->nic->conn.rx.id, &range, 1, NVSP_RNDIS_DATA, 8);
}

static int complete(struct nic_queue *q, u64 trans_id, u32 type, u32 status, u32 len)
{
	struct nvsp_message msg = { .type = cpu_to_le32(type) };

	msg.rndis_packet_complete.status = cpu_to_le32(status);
	return vmbus_send(q->chan, VM_PKT_COMPLETION, 0, trans_id, &msg, len);
}

static int h_completion_id(struct nic_queue *q)
{
	return complete(q, NIC_STRANGE_ID, NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE,
			1, wire_len(q));
}

static int h_completion_zero(struct nic_queue *q)
{
	return complete(q, 0, NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE, 1, wire_len(q));
}

static int h_completion_type(struct nic_queue *q)
{
	return complete(q, 1, 9999, 1, wire_len(q));
}

static int h_completion_empty(struct nic_queue *q)
{
	return complete(q, 1, 0, 0, 0);
}

/* What it is just building, or could not send yet, is said to be done */
static int h_completion_early(struct nic_queue *q)
{
	unsigned int i, sent = 0;
	int ret;

	for (i = 0; i < NIC_TX_IDS; i++) {
		if (!q->tx_id[i])
			continue;
		ret = complete(q, NIC_NEXT_ID(q->tx_id[i]),
			       NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE, 1, wire_len(q));
		if (ret)
			return sent ? 0 : ret;
		q->tx_lied = true;
		sent++;
	}
	return 0;
}

static int inband(struct nic_queue *q, const struct nvsp_message *msg, u32 len)
{
	return vmbus_send(q->chan, VM_PKT_INBAND, 0, 0, msg, len);
}

static int h_unknown_type(struct nic_queue *q)
{
	struct nvsp_message msg = { .type = cpu_to_le32(9999) };

	return inband(q, &msg, wire_len(q));
}

static int h_short_message(struct nic_queue *q)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_VF_ASSOCIATION) };

	return inband(q, &msg, 4);
}

static int h_empty_message(struct nic_queue *q)
{
	return inband(q, NULL, 0);
}

static int table(struct nic_queue *q, u32 count, u32 off, u32 entry)
{
	u8 buf[NVSP_MSG_LEN + NVSP_INDIRECTION_BYTES];
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_INDIRECTION_TABLE) };
	__le32 raw = cpu_to_le32(entry);
	u32 i;

	msg.indirection_table.count = cpu_to_le32(count);
	msg.indirection_table.offset = cpu_to_le32(off);
	memcpy(buf, &msg, sizeof(msg));
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		memcpy(buf + sizeof(msg) + 4 * i, &raw, sizeof(raw));
	return vmbus_send(q->chan, VM_PKT_INBAND, 0, 0, buf, sizeof(buf));
}

static int h_table_entry(struct nic_queue *q)
{
	return table(q, NVSP_INDIRECTION_ENTRIES, NVSP_MSG_LEN, 0xffffff);
}

static int h_table_offset(struct nic_queue *q)
{
	return table(q, NVSP_INDIRECTION_ENTRIES, 0xfffffff0, 0);
}

static int h_table_count(struct nic_queue *q)
{
	return table(q, 0x40000000, NVSP_MSG_LEN, 0);
}

static int association(struct nic_queue *q, u32 allocated, u32 serial)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_VF_ASSOCIATION) };

	msg.vf_association.allocated = cpu_to_le32(allocated);
	msg.vf_association.serial = cpu_to_le32(serial);
	return inband(q, &msg, wire_len(q));
}

/* What the guest believed before */
static int true_association(struct nic_queue *q)
{
	const struct vf *vf = q->nic->vf;

	return association(q, vf && vf->told, vf ? vf->bus.serial : 0);
}

static int h_vf_nonsense(struct nic_queue *q)
{
	return association(q, 2, 0xffffffff);
}

static int h_vf_foreign(struct nic_queue *q)
{
	int ret = association(q, 1, 0xc0ffee);

	return ret ? ret : true_association(q);
}

static int h_vf_storm(struct nic_queue *q)
{
	u32 serial = q->nic->vf ? q->nic->vf->bus.serial : 1, i;
	int ret = 0;

	for (i = 0; i < VF_STORM && !ret; i++)
		ret = association(q, i % 2, serial);
	return ret ? ret : true_association(q);
}

static int move(struct nic_queue *q, u32 path)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SWITCH_DATA_PATH) };

	msg.switch_data_path.path = cpu_to_le32(path);
	return inband(q, &msg, wire_len(q));
}

static int h_switch_without_vf(struct nic_queue *q)
{
	return move(q, NVSP_DATA_PATH_VF);
}

static int h_switch_nonsense(struct nic_queue *q)
{
	return move(q, 2);
}

static int h_switch_storm(struct nic_queue *q)
{
	u32 i;
	int ret = 0;

	for (i = 0; i < VF_STORM && !ret; i++)
		ret = move(q, i % 2 ? NVSP_DATA_PATH_SYNTHETIC : NVSP_DATA_PATH_VF);
	return ret;
}

/* Of the guest's last SWITCH_DATA_PATH */
static int h_switch_again(struct nic_queue *q)
{
	vf_answered(q->nic);
	return complete(q, q->nic->conn.switch_id, 0, 0, 0);
}

/* Of one that the guest did not send yet, should it count in the upper half */
static int h_switch_early(struct nic_queue *q)
{
	return complete(q, q->nic->conn.switch_id + (1ull << 32), 0, 0, 0);
}

/* A control message byte for byte, through the ordinary books */
static int control(struct nic_queue *q, const void *msg, u32 len)
{
	netvsp_rx_control(q->nic, msg, len);
	return 0;
}

static int h_rndis_short(struct nic_queue *q)
{
	static const u8 bytes[4] = { 4 };

	return control(q, bytes, sizeof(bytes));
}

static int h_rndis_length(struct nic_queue *q)
{
	struct rndis_cmplt msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_QUERY_CMPLT),
		.hdr.len = cpu_to_le32(0xffffffff),
	};

	return control(q, &msg, sizeof(msg));
}

static int h_rndis_unknown_id(struct nic_queue *q)
{
	struct rndis_query_cmplt msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_QUERY_CMPLT),
		.hdr.len = cpu_to_le32(sizeof(msg)),
		.request_id = cpu_to_le32(0xdeadbeef),
		.info_offset = cpu_to_le32(16),
	};

	return control(q, &msg, sizeof(msg));
}

static int h_rndis_indication(struct nic_queue *q)
{
	struct rndis_indicate_status msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_INDICATE_STATUS),
		.hdr.len = cpu_to_le32(sizeof(msg)),
		.status = cpu_to_le32(RNDIS_STATUS_LINK_SPEED_CHANGE),
		.buf_len = cpu_to_le32(0xfffffff0),
		.buf_offset = cpu_to_le32(0x20),
	};

	return control(q, &msg, sizeof(msg));
}

static int h_rndis_offload(struct nic_queue *q)
{
	static const u8 obj[4] = { 0xff };

	rndis_host_indicate(q->nic, RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG,
			    obj, sizeof(obj));
	return 0;
}

static int h_rndis_type(struct nic_queue *q)
{
	struct rndis_cmplt msg = {
		.hdr.type = cpu_to_le32(0x1234),
		.hdr.len = cpu_to_le32(sizeof(msg)),
	};

	return control(q, &msg, sizeof(msg));
}

static int h_ring_end(struct nic_queue *q)
{
	vmbus_lie(q->chan, false);
	return 0;
}

static int h_ring_odd(struct nic_queue *q)
{
	vmbus_lie(q->chan, true);
	return 0;
}

/* One that the guest has; without any it is one that it did not ask for */
static int h_offer_again(struct nic_queue *q)
{
	return nic_offer_strange(q->nic, 1);
}

static int h_offer_more(struct nic_queue *q)
{
	return nic_offer_strange(q->nic, q->nic->conn.subs + 1);
}

static int h_offer_high(struct nic_queue *q)
{
	return nic_offer_strange(q->nic, 0xffff);
}

static const struct hostile hostiles[] = {
	{ "xfer-offset", "transfer page: range far outside the buffer", h_xfer_offset },
	{ "xfer-length", "transfer page: length that wraps", h_xfer_length },
	{ "xfer-empty", "transfer page: range of no bytes", h_xfer_empty },
	{ "xfer-none", "transfer page: no range", h_xfer_none },
	{ "xfer-set-id", "transfer page: foreign set id", h_xfer_set_id },
	{ "xfer-channel-type", "transfer page: channel type 2", h_xfer_channel_type },
	{ "xfer-short", "transfer page: NVSP message of 8 bytes", h_xfer_short },
	{ "completion-id", "completion: unknown transaction id", h_completion_id },
	{ "completion-zero", "completion: transaction id 0", h_completion_zero },
	{ "completion-type", "completion: unknown type, id 1", h_completion_type },
	{ "completion-empty", "completion: no payload, id 1", h_completion_empty },
	{ "completion-early", "completions of what may be sent next", h_completion_early },
	{ "unknown-type", "NVSP message of unknown type", h_unknown_type },
	{ "short-message", "NVSP message shorter than its body", h_short_message },
	{ "empty-message", "in-band packet without payload", h_empty_message },
	{ "table-entry", "indirection table: channel that is not there", h_table_entry },
	{ "table-offset", "indirection table: offset outside", h_table_offset },
	{ "table-count", "indirection table: too many entries", h_table_count },
	{ "vf-nonsense", "VF association with allocated 2", h_vf_nonsense },
	{ "vf-foreign", "VF association with a serial number of nothing", h_vf_foreign },
	{ "vf-storm", "VF given and taken 50 times at once, in words", h_vf_storm },
	{ "switch-without-vf", "data path to a VF that is not there", h_switch_without_vf },
	{ "switch-nonsense", "data path 2", h_switch_nonsense },
	{ "switch-storm", "data path there and back 50 times at once, in words", h_switch_storm },
	{ "switch-again", "completion of the last SWITCH_DATA_PATH once more", h_switch_again },
	{ "switch-early", "completion of the next SWITCH_DATA_PATH", h_switch_early },
	{ "rndis-short", "control message of 4 bytes", h_rndis_short },
	{ "rndis-length", "control message: length beyond its range", h_rndis_length },
	{ "rndis-unknown-id", "completion of a request that was never made", h_rndis_unknown_id },
	{ "rndis-indication", "indication: buffer outside the message", h_rndis_indication },
	{ "rndis-offload", "indication of offloads that is no offload object", h_rndis_offload },
	{ "rndis-type", "control message of unknown type", h_rndis_type },
	{ "ring-end", "ring to the guest: write index behind its end", h_ring_end },
	{ "ring-odd", "ring to the guest: write index between two packets", h_ring_odd },
	{ "offer-again", "sub-channel 1 offered once more", h_offer_again },
	{ "offer-more", "a sub-channel more than were granted", h_offer_more },
	{ "offer-high", "sub-channel 65535", h_offer_high },
};

void hostile_names(FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hostiles); i++)
		fprintf(out, "%-20s %s\n", hostiles[i].name, hostiles[i].help);
	hostile_reply_names(out, "%-20s next time: %s\n");
}

int hostile_run(struct nic *nic, const char *name, FILE *out)
{
	size_t i;
	int ret;

	if (!hostile_arm(nic, name))
		return HOSTCTL_OK;
	for (i = 0; i < ARRAY_SIZE(hostiles) && strcmp(hostiles[i].name, name); i++)
		;
	if (i == ARRAY_SIZE(hostiles)) {
		fprintf(out, "hostile %s: wanted one of\n", name);
		hostile_names(out);
		return HOSTCTL_UNKNOWN;
	}
	if (!nic_queue_up(nic, 0) || nic->conn.phase != NVSP_PHASE_RNDIS) {
		fprintf(out, "%s is not up\n", nic->ident);
		return HOSTCTL_REFUSED;
	}
	ret = hostiles[i].fn(nic->queue[0]);
	if (ret) {
		fprintf(out, "hostile %s: no room in the guest's ring\n", name);
		return HOSTCTL_REFUSED;
	}
	vmbus_signal(nic->queue[0]->chan);
	return HOSTCTL_OK;
}
