// SPDX-License-Identifier: GPL-2.0
/*
 * NVSP messages of the guest (Documentation/protocol.md D).
 *
 * The primary channel goes through three phases:
 *
 *	VERSION	the guest proposes versions until one is taken (D.4 step 1)
 *	CONFIG	NDIS configuration and version, receive and send buffer, each once
 *	RNDIS	from the first RNDIS message on; nothing of the above any more
 *
 * Each message type is a row of nvsp_types: least length, first version that
 * has it, phases in which it may come. A row that does not fit, and a type
 * without row, stop the channel; so does a broken order (I.2 rule 10).
 * Sub-channels carry SEND_RNDIS_PACKET and completions only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"
#include "vf.h"

#define NVSP_PAYLOAD_MIN 32	/* shorter ones a host does not answer (D.1) */

#define IN_VERSION	BIT(NVSP_PHASE_VERSION)
#define IN_CONFIG	BIT(NVSP_PHASE_CONFIG)
#define IN_RNDIS	BIT(NVSP_PHASE_RNDIS)

/**
 * struct nvsp_type - one message type
 * @type: NVSP_MSG_*
 * @name: as in the protocol
 * @body_end: bytes up to the end of its body
 * @since: first version that has it
 * @phases: phases in which it may come
 * @answered: it has a reply with content, so it must ask for completion
 * @point: fault point of its answer
 * @fn: does it; fills @reply (type 0: an empty one). Return: 0 or -EPROTO.
 */
struct nvsp_type {
	u32 type;
	const char *name;
	u32 body_end;
	u32 since;
	u32 phases;
	bool answered;
	enum nic_point point;
	int (*fn)(struct nic_queue *q, const struct nvsp_message *msg,
		  struct nvsp_message *reply);
};

void netvsp_send_table(struct nic *nic, const u32 *channel, u32 count)
{
	struct nic_queue *q = nic->queue[0];
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_INDIRECTION_TABLE) };
	u32 off = nvsp_msg_wire_len(nic->conn.version);
	u8 buf[NVSP_MSG_LEN + NVSP_INDIRECTION_BYTES];
	__le32 entry;
	u32 i;

	if (nic_fault(nic, NIC_POINT_INDIRECTION_TABLE)->silent)
		return;
	/* Behind a full-size message, as Windows has it (D.8) */
	msg.indirection_table.count = cpu_to_le32(NVSP_INDIRECTION_ENTRIES);
	msg.indirection_table.offset = cpu_to_le32(off);
	memcpy(buf, &msg, off);
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++) {
		entry = cpu_to_le32(channel[i % count]);
		memcpy(buf + off + i * sizeof(entry), &entry, sizeof(entry));
	}
	nic->conn.table_sent = true;
	netvsp_send(q, VM_PKT_INBAND, 0, 0, buf, off + NVSP_INDIRECTION_BYTES);
	vmbus_signal(q->chan);
}

static u32 pick_version(const struct nic *nic, u32 min, u32 max)
{
	static const u32 versions[] = {
		NVSP_PROTOCOL_VERSION_61, NVSP_PROTOCOL_VERSION_6,
		NVSP_PROTOCOL_VERSION_5, NVSP_PROTOCOL_VERSION_4,
		NVSP_PROTOCOL_VERSION_2, NVSP_PROTOCOL_VERSION_1,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++)
		if (versions[i] <= nic->cfg.nvsp && versions[i] >= min &&
		    versions[i] <= max)
			return versions[i];
	return 0;
}

static int do_init(struct nic_queue *q, const struct nvsp_message *msg,
		   struct nvsp_message *reply)
{
	struct nic_conn *conn = &q->nic->conn;
	u32 min = le32_to_cpu(msg->init.min_version);
	u32 max = le32_to_cpu(msg->init.max_version);
	u32 version = pick_version(q->nic, min, max);

	if (min > max)
		nic_violation(q, "nvsp.version-range", "INIT", "D.3",
			      "min version: wanted at most the max version 0x%08x, came 0x%08x",
			      max, min);
	reply->type = cpu_to_le32(NVSP_MSG_INIT_COMPLETE);
	reply->init_complete.deprecated =
		cpu_to_le32(NVSP_INIT_COMPLETE_NO_VERSION);
	reply->init_complete.max_mdl_chain = cpu_to_le32(NVSP_MDL_CHAIN);
	if (!version || nic_fault_fails(nic_fault(q->nic, NIC_POINT_INIT))) {
		/* What the open implementation of this host answers (K 8) */
		reply->init_complete.status = cpu_to_le32(NVSP_STATUS_NONE);
		return 0;
	}
	if (version == NVSP_PROTOCOL_VERSION_1)
		reply->init_complete.deprecated = cpu_to_le32(2);
	reply->init_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS);
	conn->version = version;
	conn->phase = NVSP_PHASE_CONFIG;
	return 0;
}

static int do_ndis_version(struct nic_queue *q, const struct nvsp_message *msg,
			   struct nvsp_message *reply)
{
	struct nic_conn *conn = &q->nic->conn;
	u32 major = le32_to_cpu(msg->ndis_version.major);
	u32 minor = le32_to_cpu(msg->ndis_version.minor);
	u32 want = conn->version >= NVSP_PROTOCOL_VERSION_5 ? NVSP_NDIS_MINOR_V5
							    : NVSP_NDIS_MINOR_V1;

	(void)reply;
	if (conn->have_ndis) {
		nic_violation(q, "nvsp.order", "SEND_NDIS_VERSION", "D.4",
			      "wanted once, came again");
		return -EPROTO;
	}
	if (major != NVSP_NDIS_MAJOR || minor != want)
		nic_violation(q, "nvsp.ndis-version", "SEND_NDIS_VERSION",
			      "D.4", "wanted %u.%u, came %u.%u",
			      NVSP_NDIS_MAJOR, want, major, minor);
	conn->ndis_minor = minor;
	conn->have_ndis = true;
	return 0;
}

static u64 known_caps(u32 version)
{
	u64 caps = NVSP_CAP_VMQ | NVSP_CAP_CHIMNEY | NVSP_CAP_8021Q |
		   NVSP_CAP_CORRELATION_ID | NVSP_CAP_TEAMING |
		   NVSP_CAP_VIRTUAL_SUBNET_ID;

	if (version >= NVSP_PROTOCOL_VERSION_4)
		caps |= NVSP_CAP_SRIOV;
	if (version >= NVSP_PROTOCOL_VERSION_61)
		caps |= NVSP_CAP_RSC;
	return caps;
}

static int do_ndis_config(struct nic_queue *q, const struct nvsp_message *msg,
			  struct nvsp_message *reply)
{
	struct nic_conn *conn = &q->nic->conn;
	u32 limit = q->nic->cfg.mtu + NETPKT_ETH_HLEN;
	u32 mtu = le32_to_cpu(msg->ndis_config.mtu);
	u64 caps = le64_to_cpu(msg->ndis_config.capabilities);

	(void)reply;
	if (conn->have_config || conn->rx.gpadl) {
		nic_violation(q, "nvsp.order", "SEND_NDIS_CONFIG", "D.4",
			      "wanted once and before the receive buffer, came %s",
			      conn->have_config ? "again" : "behind it");
		return -EPROTO;
	}
	if (caps & ~known_caps(conn->version))
		nic_violation(q, "nvsp.capabilities", "SEND_NDIS_CONFIG", "D.3",
			      "capabilities: wanted none outside 0x%llx for this version, came 0x%llx",
			      (unsigned long long)known_caps(conn->version),
			      (unsigned long long)caps);
	if (msg->ndis_config.rsv)
		nic_violation(q, "nvsp.reserved", "SEND_NDIS_CONFIG", "0",
			      "reserved: wanted 0, came 0x%x", le32_to_cpu(msg->ndis_config.rsv));
	conn->caps = caps;
	conn->have_config = true;
	/* A value out of bounds is silently replaced (D.4): the guest reads the
	 * truth from OID_GEN_MAXIMUM_FRAME_SIZE.
	 */
	if (mtu >= NIC_MTU_DEFAULT + NETPKT_ETH_HLEN && mtu <= limit)
		conn->frame_mtu = mtu;
	return 0;
}

static int do_recv_buf(struct nic_queue *q, const struct nvsp_message *msg,
		       struct nvsp_message *reply)
{
	struct nic_conn *conn = &q->nic->conn;

	if (conn->version >= NVSP_PROTOCOL_VERSION_2 && !conn->have_config) {
		nic_violation(q, "nvsp.order", "SEND_RECV_BUF", "D.4",
			      "wanted after SEND_NDIS_CONFIG, came before it");
		return -EPROTO;
	}
	return netvsp_recv_buf(q, msg, reply);
}

static int do_revoke_recv(struct nic_queue *q, const struct nvsp_message *msg,
			  struct nvsp_message *reply)
{
	(void)reply;
	return netvsp_revoke_recv_buf(q, msg);
}

static int do_revoke_send(struct nic_queue *q, const struct nvsp_message *msg,
			  struct nvsp_message *reply)
{
	(void)reply;
	return netvsp_revoke_send_buf(q, msg);
}

static void switch_late(struct nic_queue *q, const void *data, u32 len)
{
	u32 path;

	(void)len;
	memcpy(&path, data, sizeof(path));
	vf_switch(q->nic, path == NVSP_DATA_PATH_VF, true);
	if (path == NVSP_DATA_PATH_VF)
		vf_answered(q->nic);
}

static int do_switch(struct nic_queue *q, const struct nvsp_message *msg,
		     struct nvsp_message *reply)
{
	struct nic_fault *fault = nic_fault(q->nic, NIC_POINT_SWITCH_DATA_PATH);
	u32 path = le32_to_cpu(msg->switch_data_path.path);
	bool done;

	(void)reply;
	if (path > NVSP_DATA_PATH_VF) {
		nic_violation(q, "nvsp.switch-data-path", "SWITCH_DATA_PATH", "D.3",
			      "path: wanted 0 or 1, came %u", path);
		return 0;
	}
	done = !nic_fault_fails(fault) && !fault->silent;
	/* A late answer is one to a late switch: the completion is set behind it */
	if (fault->slow_ms && done && vf_advertised(q->nic)) {
		nic_later(q, fault->slow_ms, switch_late, &path, sizeof(path));
		return 0;
	}
	if (path == NVSP_DATA_PATH_VF && !fault->silent)
		vf_answered(q->nic);
	if (!vf_switch(q->nic, path == NVSP_DATA_PATH_VF, done))
		nic_violation(q, "nvsp.switch-data-path", "SWITCH_DATA_PATH", "I.2 15",
			      "wanted only while a VF is advertised, came with path %u",
			      path);
	return 0;
}

static int do_oid_query_ex(struct nic_queue *q, const struct nvsp_message *msg,
			   struct nvsp_message *reply)
{
	(void)q;
	(void)msg;
	reply->type = cpu_to_le32(NVSP_MSG_OID_QUERY_EX_COMPLETE);
	reply->oid_query_ex_complete.status =
		cpu_to_le32(RNDIS_STATUS_NOT_SUPPORTED);
	return 0;
}

static int do_pd_api(struct nic_queue *q, const struct nvsp_message *msg,
		     struct nvsp_message *reply)
{
	(void)q;
	reply->type = cpu_to_le32(NVSP_MSG_PD_API);
	reply->pd_complete.op = msg->pd_request.op;
	reply->pd_complete.status = cpu_to_le32(NVSP_STATUS_FAILURE);
	return 0;
}

static void offer_late(struct nic_queue *q, const void *data, u32 len)
{
	(void)data;
	(void)len;
	nic_offer_subchannels(q->nic);
}

static int do_subchannel(struct nic_queue *q, const struct nvsp_message *msg,
			 struct nvsp_message *reply)
{
	struct nic *nic = q->nic;
	u32 op = le32_to_cpu(msg->subchannel_request.op);
	u32 count = le32_to_cpu(msg->subchannel_request.count);
	u32 room = nic->conn.rx.count / (NIC_CONTROL_SUBALLOCS + 1);
	bool ok = op == NVSP_SUBCHANNEL_ALLOCATE && count &&
		  count < nic->cfg.queues && count < room && !nic->conn.subs;

	if (op != NVSP_SUBCHANNEL_ALLOCATE || !count ||
	    count >= NVSP_MAX_CHANNELS || nic->conn.subs)
		nic_violation(q, "nvsp.subchannel", "SUBCHANNEL", "D.8",
			      "wanted op 1 and 1..%u channels, once; came op %u, %u channels, %u granted before",
			      nic->cfg.queues - 1, op, count, nic->conn.subs);
	reply->type = cpu_to_le32(NVSP_MSG_SUBCHANNEL);
	if (!ok || nic_fault_fails(nic_fault(nic, NIC_POINT_SUBCHANNEL))) {
		reply->subchannel_complete.status =
			cpu_to_le32(NVSP_STATUS_FAILURE);
		return 0;
	}
	if (count > nic->grant)
		count = nic->grant;
	reply->subchannel_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS);
	reply->subchannel_complete.count = cpu_to_le32(count);
	nic->conn.subs = count;
	/* From a timer in any case, so that the answer comes first */
	if (!nic_fault(nic, NIC_POINT_SUBCHANNEL_OFFERS)->silent)
		nic_later(q, nic_fault(nic, NIC_POINT_SUBCHANNEL_OFFERS)->slow_ms,
			  offer_late, NULL, 0);
	return 0;
}

#define NVSP_ROW(t, body, since, phases, answered, point, fn)                  \
	{                                                                      \
		NVSP_MSG_##t, #t, NVSP_MSG_LEN_OF(struct nvsp_##body),         \
			NVSP_PROTOCOL_VERSION_##since, phases, answered,       \
			NIC_POINT_##point, fn                                  \
	}

/* SEND_RNDIS_PACKET is not here: it is the only one with data behind it */
static const struct nvsp_type nvsp_types[] = {
	NVSP_ROW(INIT, init, 1, IN_VERSION, true, INIT, do_init),
	NVSP_ROW(SEND_NDIS_VERSION, ndis_version, 1, IN_CONFIG, false, NDIS_VERSION, do_ndis_version),
	NVSP_ROW(SEND_NDIS_CONFIG, ndis_config, 2, IN_CONFIG, false, NDIS_CONFIG, do_ndis_config),
	NVSP_ROW(SEND_RECV_BUF, send_buf, 1, IN_CONFIG, true, RECV_BUF, do_recv_buf),
	NVSP_ROW(SEND_SEND_BUF, send_buf, 1, IN_CONFIG, true, SEND_BUF, netvsp_send_buf),
	NVSP_ROW(REVOKE_RECV_BUF, revoke_buf, 1, IN_CONFIG | IN_RNDIS, false, RECV_BUF,
		 do_revoke_recv),
	NVSP_ROW(REVOKE_SEND_BUF, revoke_buf, 1, IN_CONFIG | IN_RNDIS, false, SEND_BUF,
		 do_revoke_send),
	NVSP_ROW(SWITCH_DATA_PATH, switch_data_path, 4, IN_RNDIS, false, SWITCH_DATA_PATH, do_switch),
	NVSP_ROW(OID_QUERY_EX, oid_query_ex, 5, IN_RNDIS, true, OID_QUERY_EX, do_oid_query_ex),
	NVSP_ROW(SUBCHANNEL, subchannel_request, 5, IN_RNDIS, true, SUBCHANNEL, do_subchannel),
	NVSP_ROW(PD_API, pd_request, 61, IN_RNDIS, true, PD_API, do_pd_api),
};

static const struct nvsp_type rndis_packet_type =
	NVSP_ROW(SEND_RNDIS_PACKET, rndis_packet, 1, IN_CONFIG | IN_RNDIS, false, TX_COMPLETE, NULL);

static const struct nvsp_type *find_type(u32 type)
{
	size_t i;

	if (type == NVSP_MSG_SEND_RNDIS_PACKET)
		return &rndis_packet_type;
	for (i = 0; i < ARRAY_SIZE(nvsp_types); i++)
		if (nvsp_types[i].type == type)
			return &nvsp_types[i];
	return NULL;
}

static const char *phase_name(enum nvsp_phase phase)
{
	switch (phase) {
	case NVSP_PHASE_VERSION:
		return "before a version was agreed on";
	case NVSP_PHASE_CONFIG:
		return "before the first RNDIS message";
	case NVSP_PHASE_RNDIS:
		return "after the first RNDIS message";
	}
	return "?";
}

/* Whether @row may come now in this form. Return: 0 or -EPROTO */
static int check_row(struct nic_queue *q, const struct nvsp_type *row,
		     const struct vmbus_packet *pkt)
{
	const struct nic_conn *conn = &q->nic->conn;

	if (conn->phase != NVSP_PHASE_VERSION && row->since > conn->version) {
		nic_violation(q, "nvsp.version", row->name, "I.2 10",
			      "wanted no type newer than version 0x%08x, came one of 0x%08x",
			      conn->version, row->since);
		return -EPROTO;
	}
	if (q->index && row != &rndis_packet_type) {
		nic_violation(q, "nvsp.subchannel-message", row->name, "D.8",
			      "wanted data only on a sub-channel");
		return -EPROTO;
	}
	if (!(row->phases & BIT(conn->phase))) {
		nic_violation(q, "nvsp.order", row->name, "D.4", "came %s",
			      phase_name(conn->phase));
		return -EPROTO;
	}
	if (pkt->type != VM_PKT_INBAND && row != &rndis_packet_type) {
		nic_violation(q, "nvsp.packet-type", row->name, "D.3",
			      "packet type: wanted in-band, came 0x%x", pkt->type);
		return -EPROTO;
	}
	return 0;
}

/* A guest sends full-size, zero-padded messages (D.1) */
static void check_padding(struct nic_queue *q, const struct nvsp_type *row,
			  const struct vmbus_packet *pkt)
{
	const u8 *payload = pkt->payload;
	u32 i;

	for (i = row->body_end; i < pkt->payload_len; i++) {
		if (!payload[i])
			continue;
		nic_violation(q, "nvsp.padding", row->name, "D.1",
			      "byte %u behind the body: wanted 0, came 0x%02x", i, payload[i]);
		return;
	}
}

static int nvsp_message(struct nic_queue *q, const struct nvsp_type *row,
			const struct vmbus_packet *pkt,
			const struct nvsp_message *msg)
{
	struct nvsp_message reply = { .type = 0 };
	bool wants = pkt->flags & VM_PKT_FLAG_COMPLETION;
	int ret;

	ret = row->fn(q, msg, &reply);
	if (ret)
		return ret;
	if (row->type == NVSP_MSG_SWITCH_DATA_PATH)
		q->nic->conn.switch_id = pkt->trans_id;
	if (row->answered && !wants)
		nic_violation(q, "nvsp.no-completion-flag", row->name, "D.3",
			      "flags: wanted a completion request, came 0");
	/* A guest that never got its answer may well propose the next version */
	if ((hostile_spoil(q->nic, &reply) || nic_fault(q->nic, row->point)->silent) &&
	    row->type == NVSP_MSG_INIT)
		q->nic->conn.phase = NVSP_PHASE_VERSION;
	if (wants)
		netvsp_complete(q, row->point, pkt->trans_id,
				reply.type ? &reply : NULL);
	return 0;
}

int netvsp_message(struct nic_queue *q, const struct vmbus_packet *pkt)
{
	struct nvsp_message msg = { .type = 0 };
	const struct nvsp_type *row;
	u32 type;
	int ret;

	if (pkt->payload_len < NVSP_PAYLOAD_MIN) {
		/* D.1: such a message is not answered */
		nic_violation(q, "nvsp.length", "message", "D.1",
			      "payload: wanted at least %u bytes, came %u",
			      NVSP_PAYLOAD_MIN, pkt->payload_len);
		return 0;
	}
	memcpy(&msg, pkt->payload,
	       pkt->payload_len < sizeof(msg) ? pkt->payload_len : sizeof(msg));
	type = le32_to_cpu(msg.type);
	/* K: a host of old would not complete it, and the guest would wait */
	if ((pkt->flags & VM_PKT_FLAG_COMPLETION) && !pkt->trans_id)
		nic_violation(q, "nvsp.id", "message", "C.6",
			      "transaction id: wanted another than 0 with a completion");
	row = find_type(type);
	if (!row) {
		nic_violation(q, "nvsp.unknown-type", "message", "I.2 10",
			      "type: wanted one of D.3 that a guest sends, came %u", type);
		return -EPROTO;
	}
	ret = check_row(q, row, pkt);
	if (ret)
		return ret;
	check_padding(q, row, pkt);
	if (row == &rndis_packet_type)
		return netvsp_tx_packet(q, pkt, &msg);
	return nvsp_message(q, row, pkt, &msg);
}

void netvsp_opened(struct nic_queue *q)
{
	u32 channel[NVSP_INDIRECTION_ENTRIES];
	struct nic *nic = q->nic;
	u32 i;

	if (!q->index || nic->conn.table_sent)
		return;
	for (i = 1; i <= nic->conn.subs; i++)
		if (!nic_queue_up(nic, i))
			return;
	for (i = 0; i < ARRAY_SIZE(channel); i++)
		channel[i] = i % (nic->conn.subs + 1);
	netvsp_send_table(nic, channel, ARRAY_SIZE(channel));
}

void netvsp_reset(struct nic *nic)
{
	struct nic_conn *conn = &nic->conn;

	free(conn->rx.sub);
	nic_fifo_clear(&conn->control);
	memset(conn, 0, sizeof(*conn));
	nic_fifo_init(&conn->control);
	conn->frame_mtu = NIC_MTU_DEFAULT + NETPKT_ETH_HLEN;
	conn->rx.free = -1;
}
