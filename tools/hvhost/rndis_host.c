// SPDX-License-Identifier: GPL-2.0
/*
 * RNDIS control messages on the host's side (Documentation/protocol.md E.3).
 *
 * A request arrives as a private copy and is answered by a message of its own
 * on the primary channel, after the NVSP completion. Malformed requests fail
 * their NVSP packet; what a real host does not survive stops the channel.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"
#include "vf.h"

#define REQUEST_INFO_OFFSET	20	/* directly behind the fixed part, E.3 */
#define REPLY_INFO_OFFSET	16

/**
 * struct control_type - one control message of the guest
 * @type: RNDIS_MSG_*
 * @name: as in the protocol
 * @least: bytes it must have
 * @fn: does it. Return: NVSP_STATUS_* or -EPROTO.
 */
struct control_type {
	u32 type;
	const char *name;
	u32 least;
	int (*fn)(struct nic_queue *q, const u8 *msg, u32 len);
};

/* --- replies, with the faults that are set on them --- */

static void reply_late(struct nic_queue *q, const void *data, u32 len)
{
	netvsp_rx_control(q->nic, data, len);
}

static void reply(struct nic_queue *q, const struct nic_fault *point,
		  const struct nic_fault *oid, const void *msg, u32 len)
{
	u32 ms = point->slow_ms;

	if (point->silent || (oid && oid->silent))
		return;
	if (oid && oid->slow_ms > ms)
		ms = oid->slow_ms;
	if (ms)
		nic_later(q, ms, reply_late, msg, len);
	else
		netvsp_rx_control(q->nic, msg, len);
}

static void check_id(struct nic_queue *q, const char *name, __le32 id)
{
	if (!id)
		nic_violation(q, "rndis.request-id", name, "E.1",
			      "request id: wanted not 0");
}

static int do_initialize(struct nic_queue *q, const u8 *msg, u32 len)
{
	struct nic_fault *fault = nic_fault(q->nic, NIC_POINT_RNDIS_INIT);
	struct nic_conn *conn = &q->nic->conn;
	struct rndis_initialize_cmplt cmplt = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_INITIALIZE_CMPLT),
		.hdr.len = cpu_to_le32(sizeof(cmplt)),
		.major = cpu_to_le32(RNDIS_MAJOR_VERSION),
		.minor = cpu_to_le32(RNDIS_MINOR_VERSION),
		.device_flags = cpu_to_le32(RNDIS_DF_CONNECTIONLESS),
		.medium = cpu_to_le32(RNDIS_MEDIUM_802_3),
		.max_packets = cpu_to_le32(q->nic->cfg.batch),
		.max_xfer_size = cpu_to_le32(q->nic->cfg.max_xfer),
		.alignment_factor = cpu_to_le32(q->nic->cfg.align),
	};
	struct rndis_initialize init;

	(void)len;
	memcpy(&init, msg, sizeof(init));
	if (conn->rndis != RNDIS_PHASE_UNINITIALIZED) {
		nic_violation(q, "rndis.order", "INITIALIZE", "E.3",
			      "wanted once after the channel was opened, came again");
		return -EPROTO;
	}
	check_id(q, "INITIALIZE", init.request_id);
	cmplt.request_id = init.request_id;
	if (le32_to_cpu(init.major) != RNDIS_MAJOR_VERSION ||
	    le32_to_cpu(init.minor) != RNDIS_MINOR_VERSION) {
		nic_violation(q, "rndis.version", "INITIALIZE", "E.3",
			      "version: wanted 1.0, came %u.%u",
			      le32_to_cpu(init.major), le32_to_cpu(init.minor));
		cmplt.status = cpu_to_le32(RNDIS_STATUS_BAD_VERSION);
	} else if (nic_fault_fails(fault)) {
		cmplt.status = cpu_to_le32(RNDIS_STATUS_FAILURE);
	} else {
		conn->rndis = RNDIS_PHASE_READY;
		vf_nic_ready(q->nic);
	}
	reply(q, fault, NULL, &cmplt, sizeof(cmplt));
	return NVSP_STATUS_SUCCESS;
}

static int do_halt(struct nic_queue *q, const u8 *msg, u32 len)
{
	struct nic_conn *conn = &q->nic->conn;
	u32 i;

	(void)msg;
	(void)len;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic_queue_up(q->nic, i))
			q->nic->queue[i]->at_halt = vmbus_unread(q->nic->queue[i]->chan);
	/* No RNDIS reply: the NVSP completion is the acknowledgement */
	conn->rndis = RNDIS_PHASE_HALTED;
	conn->filter = 0;
	return NVSP_STATUS_SUCCESS;
}

static int do_keepalive(struct nic_queue *q, const u8 *msg, u32 len)
{
	struct nic_fault *fault = nic_fault(q->nic, NIC_POINT_KEEPALIVE);
	struct rndis_cmplt cmplt = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_KEEPALIVE_CMPLT),
		.hdr.len = cpu_to_le32(sizeof(cmplt)),
	};
	struct rndis_keepalive keepalive;

	(void)len;
	memcpy(&keepalive, msg, sizeof(keepalive));
	check_id(q, "KEEPALIVE", keepalive.request_id);
	cmplt.request_id = keepalive.request_id;
	cmplt.status = cpu_to_le32(nic_fault_fails(fault) ?
				   RNDIS_STATUS_FAILURE : RNDIS_STATUS_SUCCESS);
	reply(q, fault, NULL, &cmplt, sizeof(cmplt));
	return NVSP_STATUS_SUCCESS;
}

/**
 * check_request() - head of a QUERY or SET
 * @info: set to the information buffer of @info_len bytes
 * Return: RNDIS_STATUS_* for the reply
 */
static u32 check_request(struct nic_queue *q, const char *name, const u8 *msg,
			 u32 len, struct rndis_request *req, const u8 **info,
			 u32 *info_len)
{
	u32 off;

	memcpy(req, msg, sizeof(*req));
	off = le32_to_cpu(req->info_offset);
	*info_len = le32_to_cpu(req->info_len);
	*info = msg + sizeof(*req);
	check_id(q, name, req->request_id);
	if (req->vc_handle)
		nic_violation(q, "rndis.vc-handle", name, "E.3",
			      "VC handle: wanted 0, came 0x%x",
			      le32_to_cpu(req->vc_handle));
	/* 20 also for an empty QUERY: Windows refuses 0 there (K 10) */
	if (off != REQUEST_INFO_OFFSET) {
		nic_violation(q, "rndis.info-offset", name, "E.3",
			      "information offset: wanted %u, came %u", REQUEST_INFO_OFFSET, off);
		return RNDIS_STATUS_INVALID_DATA;
	}
	if (*info_len > len - sizeof(*req)) {
		nic_violation(q, "rndis.info-length", name, "E.3",
			      "information length: wanted at most %u, came %u",
			      len - (u32)sizeof(*req), *info_len);
		return RNDIS_STATUS_INVALID_LENGTH;
	}
	return RNDIS_STATUS_SUCCESS;
}

static int do_query(struct nic_queue *q, const u8 *msg, u32 len)
{
	struct nic_fault *fault = nic_fault(q->nic, NIC_POINT_QUERY);
	struct nic_fault *oid_fault;
	u8 buf[sizeof(struct rndis_query_cmplt) + OID_REPLY_MAX];
	struct rndis_query_cmplt cmplt;
	struct rndis_request req;
	u32 info_len, status, out_len = 0;
	const u8 *info;

	memset(&cmplt, 0, sizeof(cmplt));
	status = check_request(q, "QUERY", msg, len, &req, &info, &info_len);
	oid_fault = nic_fault_oid(q->nic, le32_to_cpu(req.oid));
	if (status == RNDIS_STATUS_SUCCESS &&
	    (nic_fault_fails(fault) || nic_fault_fails(oid_fault)))
		status = RNDIS_STATUS_FAILURE;
	if (status == RNDIS_STATUS_SUCCESS)
		status = oid_query(q, le32_to_cpu(req.oid), info, info_len,
				   buf + sizeof(cmplt), &out_len);
	if (status != RNDIS_STATUS_SUCCESS)
		out_len = 0;
	cmplt.hdr.type = cpu_to_le32(RNDIS_MSG_QUERY_CMPLT);
	cmplt.hdr.len = cpu_to_le32((u32)sizeof(cmplt) + out_len);
	cmplt.request_id = req.request_id;
	cmplt.status = cpu_to_le32(status);
	cmplt.info_len = cpu_to_le32(out_len);
	cmplt.info_offset = cpu_to_le32(REPLY_INFO_OFFSET);
	memcpy(buf, &cmplt, sizeof(cmplt));
	reply(q, fault, oid_fault, buf, (u32)sizeof(cmplt) + out_len);
	return NVSP_STATUS_SUCCESS;
}

static int do_set(struct nic_queue *q, const u8 *msg, u32 len)
{
	struct nic_fault *fault = nic_fault(q->nic, NIC_POINT_SET);
	struct nic_fault *oid_fault;
	struct rndis_cmplt cmplt = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_SET_CMPLT),
		.hdr.len = cpu_to_le32(sizeof(cmplt)),
	};
	struct rndis_request req;
	u32 info_len, status;
	const u8 *info;

	status = check_request(q, "SET", msg, len, &req, &info, &info_len);
	oid_fault = nic_fault_oid(q->nic, le32_to_cpu(req.oid));
	if (status == RNDIS_STATUS_SUCCESS &&
	    (nic_fault_fails(fault) || nic_fault_fails(oid_fault)))
		status = RNDIS_STATUS_FAILURE;
	if (status == RNDIS_STATUS_SUCCESS)
		status = oid_set(q, le32_to_cpu(req.oid), info, info_len);
	cmplt.request_id = req.request_id;
	cmplt.status = cpu_to_le32(status);
	reply(q, fault, oid_fault, &cmplt, sizeof(cmplt));
	/* What the guest is told about the new configuration comes behind the answer (E.9) */
	if (status == RNDIS_STATUS_SUCCESS &&
	    le32_to_cpu(req.oid) == RNDIS_OID_TCP_OFFLOAD_PARAMETERS)
		oid_offload_indicate(q->nic);
	return NVSP_STATUS_SUCCESS;
}

/* Of several that came at once a guest may answer the last alone */
static int do_keepalive_cmplt(struct nic_queue *q, const u8 *msg, u32 len)
{
	struct nic_conn *conn = &q->nic->conn;
	struct rndis_cmplt cmplt;
	u32 id, status;

	(void)len;
	memcpy(&cmplt, msg, sizeof(cmplt));
	id = le32_to_cpu(cmplt.request_id);
	status = le32_to_cpu(cmplt.status);
	if (id - conn->keepalive_last - 1 >= conn->keepalives - conn->keepalive_last) {
		nic_violation(q, "rndis.keepalive", "KEEPALIVE completion", "E.3",
			      "request id: wanted one above %u of the %u that were sent, came %u",
			      conn->keepalive_last, conn->keepalives, id);
		return NVSP_STATUS_SUCCESS;
	}
	conn->keepalive_last = id;
	if (status == RNDIS_STATUS_SUCCESS)
		conn->keepalive_answers++;
	else
		nic_violation(q, "rndis.keepalive", "KEEPALIVE completion", "E.3",
			      "status: wanted 0, came 0x%x", status);
	return NVSP_STATUS_SUCCESS;
}

/* RESET, SET_EX and INDICATE_STATUS from a guest are fatal (E.3): no row */
static const struct control_type control_types[] = {
	{ RNDIS_MSG_INITIALIZE, "INITIALIZE", sizeof(struct rndis_initialize), do_initialize },
	{ RNDIS_MSG_HALT, "HALT", sizeof(struct rndis_halt), do_halt },
	{ RNDIS_MSG_QUERY, "QUERY", sizeof(struct rndis_request), do_query },
	{ RNDIS_MSG_SET, "SET", sizeof(struct rndis_request), do_set },
	{ RNDIS_MSG_KEEPALIVE, "KEEPALIVE", sizeof(struct rndis_keepalive), do_keepalive },
	{ RNDIS_MSG_KEEPALIVE_CMPLT, "KEEPALIVE completion", sizeof(struct rndis_cmplt),
	  do_keepalive_cmplt },
};

static const struct control_type *find_control(u32 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(control_types); i++)
		if (control_types[i].type == type)
			return &control_types[i];
	return NULL;
}

/* Whether @row may come in the present phase. Return: 0, -EPROTO, or NVSP_STATUS_FAILURE */
static int check_phase(struct nic_queue *q, const struct control_type *row)
{
	if (row->type == RNDIS_MSG_INITIALIZE)
		return 0;
	switch (q->nic->conn.rndis) {
	case RNDIS_PHASE_READY:
		return 0;
	case RNDIS_PHASE_UNINITIALIZED:
		/* A guest whose INITIALIZE failed may still say HALT */
		if (row->type == RNDIS_MSG_HALT)
			return 0;
		nic_violation(q, "rndis.order", row->name, "I.2 12",
			      "wanted INITIALIZE first");
		return -EPROTO;
	case RNDIS_PHASE_HALTED:
		nic_violation(q, "rndis.order", row->name, "E.3",
			      "wanted nothing after HALT");
		return NVSP_STATUS_FAILURE;
	}
	return -EPROTO;
}

int rndis_host_message(struct nic_queue *q, const u8 *msg, u32 len, bool *silent_ack)
{
	const struct control_type *row;
	struct rndis_header hdr;
	u32 type, msg_len;
	int ret;

	if (len < sizeof(hdr)) {
		nic_violation(q, "rndis.length", "RNDIS control", "E.1",
			      "message: wanted at least 8 bytes, came %u", len);
		return NVSP_STATUS_INVALID_RNDIS_PACKET;
	}
	memcpy(&hdr, msg, sizeof(hdr));
	type = le32_to_cpu(hdr.type);
	msg_len = le32_to_cpu(hdr.len);
	row = find_control(type);
	if (!row) {
		nic_violation(q, "rndis.control-type", "RNDIS control", "E.3",
			      "type: wanted one that a guest sends, came 0x%x", type);
		return type == RNDIS_MSG_PACKET ? NVSP_STATUS_INVALID_RNDIS_PACKET
						: -EPROTO;
	}
	if (msg_len < row->least || msg_len > len) {
		nic_violation(q, "rndis.length", row->name, "E.1",
			      "message length: wanted %u..%u, came %u", row->least, len, msg_len);
		return NVSP_STATUS_INVALID_RNDIS_PACKET;
	}
	if (msg_len != len)
		nic_violation(q, "rndis.trailing", row->name, "E.1",
			      "%u bytes behind the message: wanted none", len - msg_len);
	ret = check_phase(q, row);
	if (ret)
		return ret;
	*silent_ack = type == RNDIS_MSG_HALT && nic_fault(q->nic, NIC_POINT_HALT)->silent;
	return row->fn(q, msg, msg_len);
}

void rndis_host_keepalive(struct nic *nic)
{
	struct rndis_keepalive msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_KEEPALIVE),
		.hdr.len = cpu_to_le32(sizeof(msg)),
		.request_id = cpu_to_le32(++nic->conn.keepalives),
	};

	netvsp_rx_control(nic, &msg, sizeof(msg));
}

void rndis_host_indicate(struct nic *nic, u32 status, const void *buf, u32 len)
{
	const struct nic_fault *fault = nic_fault(nic, NIC_POINT_INDICATION);
	struct rndis_indicate_status ind = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_INDICATE_STATUS),
		.hdr.len = cpu_to_le32((u32)sizeof(ind) + len),
		.status = cpu_to_le32(status),
		.buf_len = cpu_to_le32(len),
		.buf_offset = cpu_to_le32(len ? (u32)sizeof(ind) - RNDIS_OFFSET_BASE : 0),
	};
	u8 msg[sizeof(ind) + OID_REPLY_MAX];

	if (!nic_queue_up(nic, 0) || nic->conn.rndis != RNDIS_PHASE_READY ||
	    len > OID_REPLY_MAX)
		return;
	memcpy(msg, &ind, sizeof(ind));
	if (len)
		memcpy(msg + sizeof(ind), buf, len);
	reply(nic->queue[0], fault, NULL, msg, (u32)sizeof(ind) + len);
}
