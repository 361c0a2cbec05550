// SPDX-License-Identifier: GPL-2.0
/*
 * Judging NVSP messages and transfer-page packets from the host. See
 * nvsp_wire.h for the habits that all functions here share, and
 * Documentation/protocol.md D for the layouts.
 */
#include "nvsp_wire.h"

/* Bytes of a reply up to its status, when the body starts with it */
#define STATUS_LEN	8

static_assert(offsetof(struct nvsp_message, recv_buf_complete.status) ==
	      STATUS_LEN - sizeof(__le32), "protocol.md D.3");
static_assert(offsetof(struct nvsp_message, send_buf_complete.status) ==
	      STATUS_LEN - sizeof(__le32), "protocol.md D.3");

static const char * const fault_names[NVSP_FAULT_COUNT] = {
	[NVSP_WIRE_OK] = "ok",
	[NVSP_FAULT_SHORT] = "shorter than its type",
	[NVSP_FAULT_TYPE] = "unexpected type",
	[NVSP_FAULT_STATUS] = "status is not success",
	[NVSP_FAULT_VALUE] = "unknown value",
	[NVSP_FAULT_SECTION] = "sections do not fit the buffer",
	[NVSP_FAULT_TABLE] = "bad indirection table",
	[NVSP_FAULT_XFER_ID] = "transfer pages of an unknown buffer",
	[NVSP_FAULT_XFER_COUNT] = "bad number of transfer pages",
	[NVSP_FAULT_XFER_RANGE] = "transfer page outside its section",
};

/**
 * nvsp_wire_fault_name - say in words what is wrong with a message
 * @fault: what a function of this file returned
 *
 * Return: a constant string, without a newline.
 */
const char *nvsp_wire_fault_name(enum nvsp_wire_fault fault)
{
	if ((u32)fault >= NVSP_FAULT_COUNT)
		return "unknown fault";
	return fault_names[fault];
}

/*
 * Copy what came of a message, at most its full size, once. It must be of @type
 * and reach to the end of its body at @need; what did not come reads as 0.
 */
static enum nvsp_wire_fault fetch_message(struct nvsp_message *copy,
					  const void *msg, u32 len, u32 type,
					  u32 need)
{
	if (len < need)
		return NVSP_FAULT_SHORT;
	memset(copy, 0, sizeof(*copy));
	wire_fetch(copy, msg, len < sizeof(*copy) ? len : sizeof(*copy));

	if (le32_to_cpu(copy->type) != type)
		return NVSP_FAULT_TYPE;
	return NVSP_WIRE_OK;
}

/**
 * nvsp_wire_type - read the type of any message
 * @msg: the message
 * @len: bytes that came
 * @type: NVSP_MSG_*, not judged
 *
 * Return: NVSP_WIRE_OK or NVSP_FAULT_SHORT.
 */
enum nvsp_wire_fault nvsp_wire_type(const void *msg, u32 len, u32 *type)
{
	__le32 copy;

	if (len < sizeof(copy))
		return NVSP_FAULT_SHORT;
	wire_fetch(&copy, msg, sizeof(copy));
	*type = le32_to_cpu(copy);
	return NVSP_WIRE_OK;
}

/**
 * nvsp_wire_init_complete - judge the answer to INIT
 * @msg: the message
 * @len: bytes that came
 * @status: enum nvsp_status, also with NVSP_FAULT_STATUS
 *
 * Any status but success, 0 included, means that the version was refused and
 * the next lower one is worth a try. Documentation/protocol.md D.2, D.4.
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE or _STATUS.
 */
enum nvsp_wire_fault nvsp_wire_init_complete(const void *msg, u32 len,
					     u32 *status)
{
	enum nvsp_wire_fault fault;
	struct nvsp_message copy;

	fault = fetch_message(&copy, msg, len, NVSP_MSG_INIT_COMPLETE,
			      NVSP_MSG_LEN_OF(struct nvsp_init_complete));
	if (fault)
		return fault;

	*status = le32_to_cpu(copy.init_complete.status);
	return *status == NVSP_STATUS_SUCCESS ? NVSP_WIRE_OK : NVSP_FAULT_STATUS;
}

/**
 * nvsp_wire_recv_buf_complete - judge the answer to SEND_RECV_BUF
 * @msg: the message
 * @len: bytes that came
 * @buf_len: bytes in the receive buffer
 * @status: enum nvsp_status, also with NVSP_FAULT_STATUS
 * @sections: size and count of the sub-allocations
 *
 * Takes exactly one section at offset 0, sub-allocations of at least
 * NVSP_RECV_SECTION_MIN bytes, at least one of them, all within the buffer
 * (Documentation/protocol.md D.11, I.1 rule 19). Where the host says that the
 * section ends is not looked at: nothing depends on it. Whether the count is
 * enough is the caller's to say; it is at most buf_len / 256.
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE, _STATUS or _SECTION.
 */
enum nvsp_wire_fault nvsp_wire_recv_buf_complete(const void *msg, u32 len,
						 u32 buf_len, u32 *status,
						 struct nvsp_sections *sections)
{
	const struct nvsp_recv_section *section;
	enum nvsp_wire_fault fault;
	struct nvsp_message copy;

	/* a failure may be told without a section */
	fault = fetch_message(&copy, msg, len, NVSP_MSG_SEND_RECV_BUF_COMPLETE,
			      STATUS_LEN);
	if (fault)
		return fault;
	*status = le32_to_cpu(copy.recv_buf_complete.status);
	if (*status != NVSP_STATUS_SUCCESS)
		return NVSP_FAULT_STATUS;
	if (len < NVSP_MSG_LEN_OF(struct nvsp_recv_buf_complete))
		return NVSP_FAULT_SHORT;

	section = &copy.recv_buf_complete.section;
	if (le32_to_cpu(copy.recv_buf_complete.section_count) != 1 ||
	    section->offset)
		return NVSP_FAULT_SECTION;

	sections->size = le32_to_cpu(section->suballoc_size);
	sections->count = le32_to_cpu(section->suballoc_count);
	/* cannot wrap: the product of two 32-bit values in 64 bits */
	if (sections->size < NVSP_RECV_SECTION_MIN || !sections->count ||
	    (u64)sections->size * sections->count > buf_len)
		return NVSP_FAULT_SECTION;
	return NVSP_WIRE_OK;
}

/**
 * nvsp_wire_send_buf_complete - judge the answer to SEND_SEND_BUF
 * @msg: the message
 * @len: bytes that came
 * @buf_len: bytes in the send buffer
 * @status: enum nvsp_status, also with NVSP_FAULT_STATUS
 * @sections: size and count of the send sections; count 0 with size 0: the host
 *            wants no send buffer
 *
 * Sections are refused if they are larger than the buffer, no multiple of 8, or
 * shorter than the shortest sub-allocation of a receive buffer, of which they
 * are the counterpart. With any fault the driver can go on without a send
 * buffer. Documentation/protocol.md D.6, D.11.
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE, _STATUS or _SECTION.
 */
enum nvsp_wire_fault nvsp_wire_send_buf_complete(const void *msg, u32 len,
						 u32 buf_len, u32 *status,
						 struct nvsp_sections *sections)
{
	enum nvsp_wire_fault fault;
	struct nvsp_message copy;

	fault = fetch_message(&copy, msg, len, NVSP_MSG_SEND_SEND_BUF_COMPLETE,
			      STATUS_LEN);
	if (fault)
		return fault;
	*status = le32_to_cpu(copy.send_buf_complete.status);
	if (*status != NVSP_STATUS_SUCCESS)
		return NVSP_FAULT_STATUS;
	if (len < NVSP_MSG_LEN_OF(struct nvsp_send_buf_complete))
		return NVSP_FAULT_SHORT;

	sections->size = le32_to_cpu(copy.send_buf_complete.section_size);
	sections->count = 0;
	if (!sections->size)
		return NVSP_WIRE_OK;
	if (sections->size < NVSP_RECV_SECTION_MIN || sections->size % 8 ||
	    sections->size > buf_len)
		return NVSP_FAULT_SECTION;
	sections->count = buf_len / sections->size;
	return NVSP_WIRE_OK;
}

/**
 * nvsp_wire_subchannel_complete - judge the answer to a SUBCHANNEL request
 * @msg: the message
 * @len: bytes that came
 * @asked: sub-channels that were asked for
 * @status: enum nvsp_status, also with NVSP_FAULT_STATUS
 * @granted: sub-channels to expect, at most @asked whatever the host said
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE or _STATUS.
 */
enum nvsp_wire_fault nvsp_wire_subchannel_complete(const void *msg, u32 len,
						   u32 asked, u32 *status,
						   u32 *granted)
{
	enum nvsp_wire_fault fault;
	struct nvsp_message copy;

	fault = fetch_message(&copy, msg, len, NVSP_MSG_SUBCHANNEL,
			      NVSP_MSG_LEN_OF(struct nvsp_subchannel_complete));
	if (fault)
		return fault;

	*status = le32_to_cpu(copy.subchannel_complete.status);
	if (*status != NVSP_STATUS_SUCCESS)
		return NVSP_FAULT_STATUS;

	*granted = le32_to_cpu(copy.subchannel_complete.count);
	if (*granted > asked)
		*granted = asked;
	return NVSP_WIRE_OK;
}

/*
 * Where the table of SEND_INDIRECTION_TABLE really lies. Up to version 6 a host
 * may say that it follows the 28 bytes of a message of that version, and have
 * put it behind 40; such a packet is long enough to hold it there. D.8
 */
static u32 table_offset(const struct nvsp_message *copy, u32 len, u32 version)
{
	u32 offset = le32_to_cpu(copy->indirection_table.offset);

	if (version <= NVSP_PROTOCOL_VERSION_6 && offset == NVSP_MSG_LEN_V1 &&
	    len >= NVSP_MSG_LEN + NVSP_INDIRECTION_BYTES)
		return NVSP_MSG_LEN;
	return offset;
}

/**
 * nvsp_wire_indirection - judge and copy a send indirection table
 * @msg: the message
 * @len: bytes that came
 * @version: negotiated version, NVSP_PROTOCOL_VERSION_*
 * @channels: open channels, 1 to NVSP_MAX_CHANNELS
 * @table: a channel index below @channels for each hash bucket; an entry that
 *         names no open channel becomes 0. Unchanged with a fault
 *
 * Documentation/protocol.md D.8.
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE or _TABLE.
 */
enum nvsp_wire_fault nvsp_wire_indirection(const void *msg, u32 len,
					   u32 version, u32 channels,
					   u8 table[NVSP_INDIRECTION_ENTRIES])
{
	const u32 body_end = NVSP_MSG_LEN_OF(struct nvsp_indirection_table);
	__le32 entries[NVSP_INDIRECTION_ENTRIES];
	enum nvsp_wire_fault fault;
	struct nvsp_message copy;
	unsigned int i;
	u32 offset;

	static_assert(sizeof(entries) == NVSP_INDIRECTION_BYTES, "D.8");
	static_assert(NVSP_MAX_CHANNELS <= 256, "an index fits a byte");

	fault = fetch_message(&copy, msg, len, NVSP_MSG_SEND_INDIRECTION_TABLE,
			      body_end);
	if (fault)
		return fault;

	offset = table_offset(&copy, len, version);
	/* cannot wrap: the sum is made in 64 bits */
	if (le32_to_cpu(copy.indirection_table.count) != NVSP_INDIRECTION_ENTRIES ||
	    offset < body_end || (u64)offset + sizeof(entries) > len)
		return NVSP_FAULT_TABLE;

	wire_fetch(entries, (const u8 *)msg + offset, sizeof(entries));
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++) {
		u32 entry = le32_to_cpu(entries[i]);

		table[i] = entry < channels ? (u8)entry : 0;
	}
	return NVSP_WIRE_OK;
}

/**
 * nvsp_wire_vf_association - judge a SEND_VF_ASSOCIATION
 * @msg: the message
 * @len: bytes that came
 * @allocated: there is a VF for this NIC
 * @serial: names its PCI slot; not judged
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE or _VALUE.
 */
enum nvsp_wire_fault nvsp_wire_vf_association(const void *msg, u32 len,
					      bool *allocated, u32 *serial)
{
	enum nvsp_wire_fault fault;
	struct nvsp_message copy;
	u32 value;

	fault = fetch_message(&copy, msg, len, NVSP_MSG_SEND_VF_ASSOCIATION,
			      NVSP_MSG_LEN_OF(struct nvsp_vf_association));
	if (fault)
		return fault;

	value = le32_to_cpu(copy.vf_association.allocated);
	if (value > 1)
		return NVSP_FAULT_VALUE;
	*allocated = value;
	*serial = le32_to_cpu(copy.vf_association.serial);
	return NVSP_WIRE_OK;
}

/**
 * nvsp_wire_switch_data_path - judge a SWITCH_DATA_PATH from the host
 * @msg: the message
 * @len: bytes that came
 * @vf: the path is the VF, otherwise synthetic
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE or _VALUE.
 */
enum nvsp_wire_fault nvsp_wire_switch_data_path(const void *msg, u32 len,
						bool *vf)
{
	enum nvsp_wire_fault fault;
	struct nvsp_message copy;
	u32 path;

	fault = fetch_message(&copy, msg, len, NVSP_MSG_SWITCH_DATA_PATH,
			      NVSP_MSG_LEN_OF(struct nvsp_switch_data_path));
	if (fault)
		return fault;

	path = le32_to_cpu(copy.switch_data_path.path);
	if (path != NVSP_DATA_PATH_SYNTHETIC && path != NVSP_DATA_PATH_VF)
		return NVSP_FAULT_VALUE;
	*vf = path == NVSP_DATA_PATH_VF;
	return NVSP_WIRE_OK;
}
