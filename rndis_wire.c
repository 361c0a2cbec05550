// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing RNDIS messages. See rndis_wire.h for the habits that all
 * functions here share, and Documentation/protocol.md E for the layouts.
 *
 * Sums of numbers from the other side: each is a 32-bit value, at most three of
 * them are added, and every such sum is made in 64 bits; it cannot wrap.
 */
#include "rndis_wire.h"

/* Objects and status buffers start behind the fixed part. E.3 */
#define QUERY_OFFSET_MIN \
	(sizeof(struct rndis_query_cmplt) - RNDIS_OFFSET_BASE)
#define INDICATE_OFFSET_MIN \
	(sizeof(struct rndis_indicate_status) - RNDIS_OFFSET_BASE)

static_assert(QUERY_OFFSET_MIN == 16, "protocol.md E.3");
static_assert(INDICATE_OFFSET_MIN == 12, "protocol.md E.3");

static const char * const fault_names[RNDIS_FAULT_COUNT] = {
	[RNDIS_WIRE_OK] = "ok",
	[RNDIS_FAULT_SHORT] = "shorter than its type",
	[RNDIS_FAULT_TYPE] = "unexpected type",
	[RNDIS_FAULT_MSG_LEN] = "bad message length",
	[RNDIS_FAULT_DATA] = "data outside the message",
	[RNDIS_FAULT_FRAME_LEN] = "bad frame length",
	[RNDIS_FAULT_OOB] = "out-of-band data outside the message",
	[RNDIS_FAULT_PPI_REGION] = "per-packet info misplaced",
	[RNDIS_FAULT_PPI_SIZE] = "bad size of a per-packet info",
	[RNDIS_FAULT_PPI_VALUE] = "value outside its per-packet info",
	[RNDIS_FAULT_PPI_COUNT] = "too many per-packet infos",
	[RNDIS_FAULT_INFO] = "information buffer outside the message",
	[RNDIS_FAULT_OBJECT] = "bad NDIS object",
};

/**
 * rndis_wire_fault_name - say in words what is wrong with a message
 * @fault: what a decoder returned
 *
 * Return: a constant string, without a newline.
 */
const char *rndis_wire_fault_name(enum rndis_wire_fault fault)
{
	if ((u32)fault >= RNDIS_FAULT_COUNT)
		return "unknown fault";
	return fault_names[fault];
}

/*
 * Judge the length that a header states: the message must have at least the @need
 * bytes of its fixed part and end where, or before, the transfer ends.
 */
static enum rndis_wire_fault check_len(u32 msg_len, u32 need, u32 len)
{
	if (msg_len < need || msg_len > len)
		return RNDIS_FAULT_MSG_LEN;
	return RNDIS_WIRE_OK;
}

/* Do @len bytes at @offset (from RNDIS_OFFSET_BASE) end within @limit bytes? */
static bool ends_within(u32 offset, u32 len, u32 limit)
{
	return (u64)RNDIS_OFFSET_BASE + offset + len <= limit;
}

/**
 * rndis_wire_type - read the header of any message
 * @msg: the message
 * @len: bytes that came
 * @type: RNDIS_MSG_*, not judged
 * @msg_len: bytes of the message, 8 to @len
 *
 * Return: RNDIS_WIRE_OK, RNDIS_FAULT_SHORT or RNDIS_FAULT_MSG_LEN.
 */
enum rndis_wire_fault rndis_wire_type(const void *msg, u32 len, u32 *type,
				      u32 *msg_len)
{
	struct rndis_header hdr;

	if (len < sizeof(hdr))
		return RNDIS_FAULT_SHORT;
	wire_fetch(&hdr, msg, sizeof(hdr));

	*type = le32_to_cpu(hdr.type);
	*msg_len = le32_to_cpu(hdr.len);
	return check_len(*msg_len, sizeof(hdr), len);
}

/* The per-packet infos that we have a use for, by type: which value of struct
 * rndis_packet_info it is, counted from 1, and with that its RNDIS_HAVE_* bit
 */
#define PPI_KINDS	16
#define PPI_PACKET_ID	6
static const u8 ppi_values[PPI_KINDS] = {
	[RNDIS_PPI_CHECKSUM] = 1,
	[RNDIS_PPI_LARGE_SEND] = 2,
	[RNDIS_PPI_8021Q] = 3,
	[RNDIS_PPI_HASH_VALUE] = 4,
	[RNDIS_PPI_HASH_INFO] = 5,
};

static_assert(BIT(0) == RNDIS_HAVE_CSUM && BIT(1) == RNDIS_HAVE_LSO &&
	      BIT(2) == RNDIS_HAVE_VLAN && BIT(3) == RNDIS_HAVE_HASH &&
	      BIT(4) == RNDIS_HAVE_HASH_INFO &&
	      BIT(PPI_PACKET_ID - 1) == RNDIS_HAVE_PACKET_ID, "bits as values");

/* Return: 0 for one that we have no use for */
static u32 ppi_value(u32 type)
{
	/* The remainder holds under speculation, too */
	if (likely(type < PPI_KINDS))
		return ppi_values[type % PPI_KINDS];
	return type == RNDIS_PPI_PACKET_ID ? PPI_PACKET_ID : 0;
}

/* One number of a message or a part of it, which the other side can still rewrite */
#define FETCH(at, type, member) \
	wire_fetch_le32((const u8 *)(at) + offsetof(type, member))

/* One as all hosts write them, the value right behind the head: two loads bring all of
 * it. Return: false if it is none.
 */
static bool read_usual_ppi(const u8 *at, u32 left, u32 *i, u32 *value)
{
	u64 first, second;

	if (left < sizeof(struct rndis_ppi_u32))
		return false;
	first = wire_fetch_le64(at);
	second = wire_fetch_le64(at + offsetof(struct rndis_ppi, offset));
	if ((u32)first != sizeof(struct rndis_ppi_u32) ||
	    (u32)second != sizeof(struct rndis_ppi))
		return false;
	*i = ppi_value(first >> 32);
	*value = second >> 32;
	return true;
}

/* Any other; one of those in @have is skipped without a look at its inside */
static enum rndis_wire_fault read_odd_ppi(const u8 *at, u32 left, u32 have,
					  u32 *size, u32 *i, u32 *value)
{
	const u32 head = sizeof(struct rndis_ppi), word = sizeof(__le32);
	u32 off;

	if (left < head)
		return RNDIS_FAULT_PPI_SIZE;
	*size = FETCH(at, struct rndis_ppi, size);
	if (*size < head || *size % 4 || *size > left)
		return RNDIS_FAULT_PPI_SIZE;
	*i = ppi_value(FETCH(at, struct rndis_ppi, type));
	if (have >> *i & 1)
		return RNDIS_WIRE_OK;

	off = FETCH(at, struct rndis_ppi, offset);
	/* size holds the head: the difference cannot wrap */
	if (off < head || off > *size - word)
		return RNDIS_FAULT_PPI_VALUE;
	*value = wire_fetch_le32(at + off);
	return RNDIS_WIRE_OK;
}

/*
 * Walk @left bytes of per-packet info at @at once. Each round either ends the
 * walk with a fault or moves on by at least 12 bytes, and there are at most
 * RNDIS_PPI_MAX rounds. The first of a type wins, and an unknown type is skipped
 * without a look at its inside (E.4). I.1 rule 25.
 */
static enum rndis_wire_fault walk_ppi(const u8 *at, u32 left,
				      struct rndis_packet_info *info)
{
	/* One that we have no use for counts as one that came already */
	u32 have = BIT(0), size, i, value;
	enum rndis_wire_fault fault;
	unsigned int n;

	for (n = 0; left; n++) {
		if (n == RNDIS_PPI_MAX)
			return RNDIS_FAULT_PPI_COUNT;
		size = sizeof(struct rndis_ppi_u32);
		if (!read_usual_ppi(at, left, &i, &value)) {
			fault = read_odd_ppi(at, left, have, &size, &i, &value);
			if (fault)
				return fault;
		}
		if (!(have >> i & 1)) {
			info->value[i - 1] = value;
			have |= 1u << i;
		}
		at += size;
		left -= size;	/* size <= left: cannot wrap */
	}
	info->have = have >> 1;
	return RNDIS_WIRE_OK;
}

/*
 * Place the frame and check that out-of-band data, which nobody reads, does at
 * least not point outside. I.1 rule 24.
 */
static enum rndis_wire_fault place_data(const void *msg,
					struct rndis_packet_info *info)
{
	u32 oob_len = FETCH(msg, struct rndis_packet, oob_len);
	u32 off = FETCH(msg, struct rndis_packet, data_offset);
	u32 len = FETCH(msg, struct rndis_packet, data_len);
	u32 oob_off;

	if (off < RNDIS_PACKET_OFFSET_MIN || !ends_within(off, len, info->msg_len))
		return RNDIS_FAULT_DATA;
	if (oob_len) {
		oob_off = FETCH(msg, struct rndis_packet, oob_offset);
		if (oob_off < RNDIS_PACKET_OFFSET_MIN ||
		    !ends_within(oob_off, oob_len, info->msg_len))
			return RNDIS_FAULT_OOB;
	}

	/* cannot wrap: the sum is within msg_len, a 32-bit value */
	info->data_off = RNDIS_OFFSET_BASE + off;
	info->data_len = len;
	return RNDIS_WIRE_OK;
}

/*
 * Read the per-packet info, which lies between header and frame. An offset
 * without a length is no region at all. I.1 rule 24.
 */
static enum rndis_wire_fault read_ppi(const void *msg,
				      struct rndis_packet_info *info)
{
	u32 len = FETCH(msg, struct rndis_packet, ppi_len);
	enum rndis_wire_fault fault;
	u32 off;

	if (!len)
		return RNDIS_WIRE_OK;
	off = FETCH(msg, struct rndis_packet, ppi_offset);
	if (off < RNDIS_PACKET_OFFSET_MIN || off % 4 ||
	    !ends_within(off, len, info->data_off))
		return RNDIS_FAULT_PPI_REGION;

	fault = walk_ppi(msg + RNDIS_OFFSET_BASE + off, len, info);
	if (info->have & RNDIS_HAVE_PACKET_ID) {
		/* struct rndis_packet_id; its version is 1 in every host */
		info->packet_flags = (u8)(info->packet_word >> 8);
		info->packet_id = (u16)(info->packet_word >> 16);
	}
	return fault;
}

/*
 * A frame has an Ethernet header. The later fragments of a coalesced packet
 * have none: they are payload to be appended (E.5), one byte or more. Nothing says
 * that a fragment is one segment, so the MTU is no limit.
 */
static enum rndis_wire_fault check_frame_len(const struct rndis_packet_info *info,
					     u32 max_frame)
{
	u32 min = RNDIS_FRAME_MIN, max = max_frame;

	if (rndis_wire_is_fragment(info)) {
		max = RNDIS_FRAGMENT_MAX;
		if (!(info->packet_flags & RNDIS_PACKET_ID_FIRST))
			min = 1;
	}
	if (info->data_len < min || info->data_len > max)
		return RNDIS_FAULT_FRAME_LEN;
	return RNDIS_WIRE_OK;
}

/**
 * rndis_wire_packet - decode a received PACKET
 * @msg: the message, in the receive buffer
 * @len: bytes that came: the transfer-page range, or what is left of a
 *       concatenation
 * @max_frame: longest frame that the caller takes, in bytes; fragments may be longer
 * @info: where the frame lies, and the per-packet info
 *
 * Checks Documentation/protocol.md I.1 rules 23 to 25, at a bounded cost: the
 * fixed part and at most RNDIS_PPI_MAX entries are read. Message length may be
 * larger than needed (E.2). The frame's bytes are not looked at.
 *
 * Return: RNDIS_WIRE_OK or the first fault: type, lengths, data, out-of-band,
 * per-packet info in the order it stands there, frame length.
 */
enum rndis_wire_fault rndis_wire_packet(const void *msg, u32 len, u32 max_frame,
					struct rndis_packet_info *info)
{
	enum rndis_wire_fault fault;
	unsigned int i;

	if (len < sizeof(struct rndis_packet))
		return RNDIS_FAULT_SHORT;
	/* One by one: a few stores, where all at once become a string instruction */
	info->have = 0;
	for (i = 0; i < PPI_PACKET_ID; i++)
		info->value[i] = 0;
	info->packet_id = 0;
	info->packet_flags = 0;

	if (FETCH(msg, struct rndis_packet, hdr.type) != RNDIS_MSG_PACKET)
		return RNDIS_FAULT_TYPE;
	info->msg_len = FETCH(msg, struct rndis_packet, hdr.len);
	fault = check_len(info->msg_len, sizeof(struct rndis_packet), len);
	if (fault)
		return fault;

	fault = place_data(msg, info);
	if (fault)
		return fault;
	fault = read_ppi(msg, info);
	if (fault)
		return fault;
	return check_frame_len(info, max_frame);
}

/* I.1 rule 29 */
static void read_initialize(const struct rndis_initialize_cmplt *init,
			    struct rndis_completion *cmplt)
{
	u32 packets = le32_to_cpu(init->max_packets);
	u32 factor = le32_to_cpu(init->alignment_factor);

	if (!packets)
		packets = 1;
	if (packets > RNDIS_MAX_PACKETS_CAP)
		packets = RNDIS_MAX_PACKETS_CAP;
	if (factor > RNDIS_ALIGNMENT_FACTOR_CAP)
		factor = RNDIS_ALIGNMENT_FACTOR_CAP;

	cmplt->max_packets = packets;
	cmplt->alignment_factor = factor;
	cmplt->max_xfer_size = le32_to_cpu(init->max_xfer_size);
}

/* I.1 rule 27 */
static enum rndis_wire_fault read_query(const struct rndis_query_cmplt *query,
					struct rndis_completion *cmplt)
{
	u32 off = le32_to_cpu(query->info_offset);
	u32 len = le32_to_cpu(query->info_len);

	if (!len)
		return RNDIS_WIRE_OK;
	if (off < QUERY_OFFSET_MIN ||
	    !ends_within(off, len, le32_to_cpu(query->hdr.len)))
		return RNDIS_FAULT_INFO;

	/* cannot wrap: the sum is within the message length */
	cmplt->info_off = RNDIS_OFFSET_BASE + off;
	cmplt->info_len = len;
	return RNDIS_WIRE_OK;
}

/**
 * rndis_wire_complete - decode the reply to a control request
 * @msg: the message
 * @len: bytes that came
 * @cmplt: what it says
 *
 * Knows the completions of INITIALIZE, QUERY, SET and KEEPALIVE. One that says
 * failure needs no more than request id and status; the rest is not looked at.
 * Message lengths need not be multiples of 4 (Documentation/protocol.md E.11).
 *
 * Return: RNDIS_WIRE_OK, or RNDIS_FAULT_SHORT, _TYPE, _MSG_LEN or _INFO.
 */
enum rndis_wire_fault rndis_wire_complete(const void *msg, u32 len,
					  struct rndis_completion *cmplt)
{
	union {
		struct rndis_cmplt cmplt;
		struct rndis_query_cmplt query;
		struct rndis_initialize_cmplt init;
	} copy;
	enum rndis_wire_fault fault;
	u32 need = sizeof(copy.cmplt);

	if (len < need)
		return RNDIS_FAULT_SHORT;
	memset(&copy, 0, sizeof(copy));
	wire_fetch(&copy, msg, len < sizeof(copy) ? len : sizeof(copy));

	memset(cmplt, 0, sizeof(*cmplt));
	cmplt->type = le32_to_cpu(copy.cmplt.hdr.type);
	cmplt->request_id = le32_to_cpu(copy.cmplt.request_id);
	cmplt->status = le32_to_cpu(copy.cmplt.status);

	if (cmplt->type != RNDIS_MSG_INITIALIZE_CMPLT &&
	    cmplt->type != RNDIS_MSG_QUERY_CMPLT &&
	    cmplt->type != RNDIS_MSG_SET_CMPLT &&
	    cmplt->type != RNDIS_MSG_KEEPALIVE_CMPLT)
		return RNDIS_FAULT_TYPE;

	if (cmplt->status == RNDIS_STATUS_SUCCESS) {
		if (cmplt->type == RNDIS_MSG_INITIALIZE_CMPLT)
			need = sizeof(copy.init);
		else if (cmplt->type == RNDIS_MSG_QUERY_CMPLT)
			need = sizeof(copy.query);
	}
	fault = check_len(le32_to_cpu(copy.cmplt.hdr.len), need, len);
	if (fault)
		return fault;

	if (need == sizeof(copy.init))
		read_initialize(&copy.init, cmplt);
	else if (need == sizeof(copy.query))
		return read_query(&copy.query, cmplt);
	return RNDIS_WIRE_OK;
}

/**
 * rndis_wire_indicate - decode INDICATE_STATUS
 * @msg: the message
 * @len: bytes that came
 * @ind: what it says
 *
 * Old hosts do not count the status buffer in the message length, so it has to
 * lie within @len only. Documentation/protocol.md I.1 rule 28, E.14.
 *
 * Return: RNDIS_WIRE_OK, or RNDIS_FAULT_SHORT, _TYPE, _MSG_LEN or _INFO.
 */
enum rndis_wire_fault rndis_wire_indicate(const void *msg, u32 len,
					  struct rndis_indication *ind)
{
	struct rndis_indicate_status copy;
	enum rndis_wire_fault fault;
	u32 off;

	if (len < sizeof(copy))
		return RNDIS_FAULT_SHORT;
	wire_fetch(&copy, msg, sizeof(copy));

	if (le32_to_cpu(copy.hdr.type) != RNDIS_MSG_INDICATE_STATUS)
		return RNDIS_FAULT_TYPE;
	fault = check_len(le32_to_cpu(copy.hdr.len), sizeof(copy), len);
	if (fault)
		return fault;

	ind->status = le32_to_cpu(copy.status);
	ind->buf_len = le32_to_cpu(copy.buf_len);
	ind->buf_off = 0;
	if (!ind->buf_len)
		return RNDIS_WIRE_OK;

	off = le32_to_cpu(copy.buf_offset);
	if (off < INDICATE_OFFSET_MIN || !ends_within(off, ind->buf_len, len))
		return RNDIS_FAULT_INFO;
	/* cannot wrap: the sum is within len */
	ind->buf_off = RNDIS_OFFSET_BASE + off;
	return RNDIS_WIRE_OK;
}

/**
 * rndis_wire_keepalive - decode a KEEPALIVE from the other side
 * @msg: the message
 * @len: bytes that came
 * @request_id: to be echoed, see rndis_wire_put_keepalive_cmplt()
 *
 * Return: RNDIS_WIRE_OK, or RNDIS_FAULT_SHORT, _TYPE or _MSG_LEN.
 */
enum rndis_wire_fault rndis_wire_keepalive(const void *msg, u32 len,
					   u32 *request_id)
{
	struct rndis_keepalive copy;

	if (len < sizeof(copy))
		return RNDIS_FAULT_SHORT;
	wire_fetch(&copy, msg, sizeof(copy));

	if (le32_to_cpu(copy.hdr.type) != RNDIS_MSG_KEEPALIVE)
		return RNDIS_FAULT_TYPE;
	*request_id = le32_to_cpu(copy.request_id);
	return check_len(le32_to_cpu(copy.hdr.len), sizeof(copy), len);
}

/* Copy a finished message of @len bytes to the caller's buffer */
static int put_message(void *buf, size_t room, const void *msg, u32 len)
{
	if (room < len)
		return -ENOSPC;
	memcpy(buf, msg, len);
	return (int)len;
}

/**
 * rndis_wire_put_initialize - write an INITIALIZE
 * @buf: where it goes
 * @room: bytes there
 * @request_id: not 0
 * @max_xfer_size: what we say that we take at once, in bytes
 *
 * Return: bytes written, -ENOSPC or -EINVAL.
 */
int rndis_wire_put_initialize(void *buf, size_t room, u32 request_id,
			      u32 max_xfer_size)
{
	const struct rndis_initialize msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_INITIALIZE),
		.hdr.len = cpu_to_le32(sizeof(msg)),
		.request_id = cpu_to_le32(request_id),
		.major = cpu_to_le32(RNDIS_MAJOR_VERSION),
		.minor = cpu_to_le32(RNDIS_MINOR_VERSION),
		.max_xfer_size = cpu_to_le32(max_xfer_size),
	};

	if (!request_id)
		return -EINVAL;
	return put_message(buf, room, &msg, sizeof(msg));
}

/**
 * rndis_wire_put_halt - write a HALT
 * @buf: where it goes
 * @room: bytes there
 * @request_id: not 0, though no reply will carry it
 *
 * Return: bytes written, -ENOSPC or -EINVAL.
 */
int rndis_wire_put_halt(void *buf, size_t room, u32 request_id)
{
	const struct rndis_halt msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_HALT),
		.hdr.len = cpu_to_le32(sizeof(msg)),
		.request_id = cpu_to_le32(request_id),
	};

	if (!request_id)
		return -EINVAL;
	return put_message(buf, room, &msg, sizeof(msg));
}

/*
 * QUERY and SET have one form. The object stands directly behind the fixed part,
 * because some hosts look for it there whatever the offset says, and the offset
 * is written even if there is none, because some refuse 0 (E.3, traps).
 */
static int put_request(void *buf, size_t room, u32 type, u32 request_id,
		       u32 oid, const void *info, size_t info_len)
{
	struct rndis_request msg;

	if (!request_id || (info_len && !info))
		return -EINVAL;
	/* room - sizeof(msg) cannot wrap: the first condition guards it */
	if (room < sizeof(msg) || info_len > room - sizeof(msg))
		return -ENOSPC;
	/* so the sum below is at most room, and room is bounded here */
	if (info_len > INT_MAX - sizeof(msg))
		return -EINVAL;

	memset(&msg, 0, sizeof(msg));
	msg.hdr.type = cpu_to_le32(type);
	msg.hdr.len = cpu_to_le32((u32)(sizeof(msg) + info_len));
	msg.request_id = cpu_to_le32(request_id);
	msg.oid = cpu_to_le32(oid);
	msg.info_len = cpu_to_le32((u32)info_len);
	msg.info_offset = cpu_to_le32(sizeof(msg) - RNDIS_OFFSET_BASE);

	memcpy(buf, &msg, sizeof(msg));
	if (info_len)
		memcpy((u8 *)buf + sizeof(msg), info, info_len);
	return (int)(sizeof(msg) + info_len);
}

/**
 * rndis_wire_put_query - write a QUERY
 * @buf: where it goes
 * @room: bytes there
 * @request_id: not 0
 * @oid: RNDIS_OID_*
 * @info: object that the query carries, NULL for none
 * @info_len: bytes of it
 *
 * Return: bytes written, -ENOSPC or -EINVAL.
 */
int rndis_wire_put_query(void *buf, size_t room, u32 request_id, u32 oid,
			 const void *info, size_t info_len)
{
	return put_request(buf, room, RNDIS_MSG_QUERY, request_id, oid, info,
			   info_len);
}

/**
 * rndis_wire_put_set - write a SET
 * @buf: where it goes
 * @room: bytes there
 * @request_id: not 0
 * @oid: RNDIS_OID_*
 * @info: the new value
 * @info_len: bytes of it
 *
 * Return: bytes written, -ENOSPC or -EINVAL.
 */
int rndis_wire_put_set(void *buf, size_t room, u32 request_id, u32 oid,
		       const void *info, size_t info_len)
{
	return put_request(buf, room, RNDIS_MSG_SET, request_id, oid, info,
			   info_len);
}

/**
 * rndis_wire_put_keepalive_cmplt - write the reply to a KEEPALIVE
 * @buf: where it goes
 * @room: bytes there
 * @request_id: the other side's, whatever it is
 *
 * Return: bytes written or -ENOSPC.
 */
int rndis_wire_put_keepalive_cmplt(void *buf, size_t room, u32 request_id)
{
	const struct rndis_cmplt msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_KEEPALIVE_CMPLT),
		.hdr.len = cpu_to_le32(sizeof(msg)),
		.request_id = cpu_to_le32(request_id),
		.status = cpu_to_le32(RNDIS_STATUS_SUCCESS),
	};

	return put_message(buf, room, &msg, sizeof(msg));
}
