/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Judging NVSP messages and transfer-page packets from the host: pure
 * functions, for the driver, its tests and fuzzers and the emulated host.
 *
 * The habits are those of rndis_wire.h: any context, no call but memcpy and
 * memset, each byte copied once and judged in the copy, 0 or the first fault
 * returned and the results unspecified with a fault, unless said otherwise.
 *
 * Messages are the payload of a VMBus packet. Only the body of the expected
 * type must have come; hosts send 28 or 40 bytes (Documentation/protocol.md
 * D.1) and the ring rounds up to 8.
 */
#ifndef _HYPERV_NVSP_WIRE_H
#define _HYPERV_NVSP_WIRE_H

#include "nvsp.h"

/* Bytes before the ranges of a transfer-page packet, and of one range, C.4 */
#define NVSP_XFER_HDR_LEN		24
#define NVSP_XFER_RANGE_LEN		8

/* A range holds at least a RNDIS header, I.1 rule 20 */
#define NVSP_XFER_RANGE_MIN		8

/**
 * enum nvsp_wire_fault - what is wrong with a message from the host
 * @NVSP_WIRE_OK: nothing
 * @NVSP_FAULT_SHORT: fewer bytes came than the body of its type has
 * @NVSP_FAULT_TYPE: not the type that was expected
 * @NVSP_FAULT_STATUS: well formed, but it says failure
 * @NVSP_FAULT_VALUE: a value that the protocol does not know
 * @NVSP_FAULT_SECTION: sections that do not fit their buffer
 * @NVSP_FAULT_TABLE: an indirection table of other size, or outside the message
 * @NVSP_FAULT_XFER_ID: transfer pages of a buffer that is not ours
 * @NVSP_FAULT_XFER_COUNT: range count 0, over the limit, or over the packet
 * @NVSP_FAULT_XFER_RANGE: a range outside the sections, or crossing two
 * @NVSP_FAULT_COUNT: number of values
 */
enum nvsp_wire_fault {
	NVSP_WIRE_OK = 0,
	NVSP_FAULT_SHORT,
	NVSP_FAULT_TYPE,
	NVSP_FAULT_STATUS,
	NVSP_FAULT_VALUE,
	NVSP_FAULT_SECTION,
	NVSP_FAULT_TABLE,
	NVSP_FAULT_XFER_ID,
	NVSP_FAULT_XFER_COUNT,
	NVSP_FAULT_XFER_RANGE,
	NVSP_FAULT_COUNT,
};

/**
 * struct nvsp_sections - how the host divided a buffer
 * @size: bytes in a section; not necessarily a multiple of 4 (D.5)
 * @count: sections; size * count is within the buffer
 *
 * "Section" is a sub-allocation of the receive buffer, or a send section.
 */
struct nvsp_sections {
	u32 size;
	u32 count;
};

const char *nvsp_wire_fault_name(enum nvsp_wire_fault fault);

enum nvsp_wire_fault nvsp_wire_type(const void *msg, u32 len, u32 *type);
enum nvsp_wire_fault nvsp_wire_init_complete(const void *msg, u32 len,
					     u32 *status);
enum nvsp_wire_fault nvsp_wire_recv_buf_complete(const void *msg, u32 len,
						 u32 buf_len, u32 *status,
						 struct nvsp_sections *sections);
enum nvsp_wire_fault nvsp_wire_send_buf_complete(const void *msg, u32 len,
						 u32 buf_len, u32 *status,
						 struct nvsp_sections *sections);
enum nvsp_wire_fault nvsp_wire_subchannel_complete(const void *msg, u32 len,
						   u32 asked, u32 *status,
						   u32 *granted);
enum nvsp_wire_fault nvsp_wire_indirection(const void *msg, u32 len,
					   u32 version, u32 channels,
					   u8 table[NVSP_INDIRECTION_ENTRIES]);
enum nvsp_wire_fault nvsp_wire_vf_association(const void *msg, u32 len,
					      bool *allocated, u32 *serial);
enum nvsp_wire_fault nvsp_wire_switch_data_path(const void *msg, u32 len,
						bool *vf);

/* What comes with every packet is judged inline */

/**
 * nvsp_wire_rndis_packet - judge a SEND_RNDIS_PACKET from the host
 * @msg: the message, payload of a transfer-page packet
 * @len: bytes that came
 * @control: the ranges hold control messages, not data
 *
 * Section index and size mean nothing in this direction and are not looked at.
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE or _VALUE.
 */
static inline enum nvsp_wire_fault
nvsp_wire_rndis_packet(const void *msg, u32 len, bool *control)
{
	struct {
		__le32 type;
		struct nvsp_rndis_packet body;
	} __packed copy;
	u32 channel_type;

	if (len < sizeof(copy))
		return NVSP_FAULT_SHORT;
	wire_fetch(&copy, msg, sizeof(copy));

	if (le32_to_cpu(copy.type) != NVSP_MSG_SEND_RNDIS_PACKET)
		return NVSP_FAULT_TYPE;
	channel_type = le32_to_cpu(copy.body.channel_type);
	if (channel_type != NVSP_RNDIS_DATA && channel_type != NVSP_RNDIS_CONTROL)
		return NVSP_FAULT_VALUE;
	*control = channel_type == NVSP_RNDIS_CONTROL;
	return NVSP_WIRE_OK;
}

/**
 * nvsp_wire_rndis_complete - judge the completion of a sent packet
 * @msg: the message
 * @len: bytes that came
 * @status: enum nvsp_status, also with NVSP_FAULT_STATUS
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_SHORT, _TYPE or _STATUS.
 */
static inline enum nvsp_wire_fault
nvsp_wire_rndis_complete(const void *msg, u32 len, u32 *status)
{
	struct {
		__le32 type;
		struct nvsp_rndis_packet_complete body;
	} __packed copy;

	if (len < sizeof(copy))
		return NVSP_FAULT_SHORT;
	wire_fetch(&copy, msg, sizeof(copy));

	if (le32_to_cpu(copy.type) != NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
		return NVSP_FAULT_TYPE;
	*status = le32_to_cpu(copy.body.status);
	return *status == NVSP_STATUS_SUCCESS ? NVSP_WIRE_OK : NVSP_FAULT_STATUS;
}

/**
 * nvsp_wire_xfer_header - judge the header of a transfer-page packet
 * @set_id: transfer page set id that the packet names
 * @count: ranges that it claims
 * @limit: most ranges that the caller takes, NVSP_XFER_RANGES*
 * @payload_off: where its payload starts, in bytes from the descriptor
 * @packet_len: bytes of the packet, descriptor included
 *
 * All values must come from a private copy of the packet. With NVSP_WIRE_OK,
 * reading @count ranges from NVSP_XFER_HDR_LEN on stays before the payload, and
 * the payload starts within the packet. Documentation/protocol.md C.4, I.1 rule
 * 20.
 *
 * Return: NVSP_WIRE_OK, or NVSP_FAULT_XFER_ID or _XFER_COUNT.
 */
static inline enum nvsp_wire_fault
nvsp_wire_xfer_header(u16 set_id, u32 count, u32 limit, u32 payload_off,
		      u32 packet_len)
{
	/* cannot wrap: below 2^35 + 24 */
	u64 end = NVSP_XFER_HDR_LEN + (u64)count * NVSP_XFER_RANGE_LEN;

	if (set_id != NVSP_RECV_BUF_ID)
		return NVSP_FAULT_XFER_ID;
	if (!count || count > limit || end > payload_off ||
	    payload_off > packet_len)
		return NVSP_FAULT_XFER_COUNT;
	return NVSP_WIRE_OK;
}

/**
 * nvsp_wire_xfer_range - judge one range of a transfer-page packet
 * @off: bytes from the start of the receive buffer
 * @len: bytes of the range
 * @sections: how the receive buffer is divided; size 0 refuses everything
 *
 * With NVSP_WIRE_OK the range lies within one sub-allocation, whose index,
 * off / size, is below the count. Documentation/protocol.md D.5, I.1 rule 20.
 *
 * Return: NVSP_WIRE_OK or NVSP_FAULT_XFER_RANGE.
 */
static inline enum nvsp_wire_fault
nvsp_wire_xfer_range(u32 off, u32 len, const struct nvsp_sections *sections)
{
	u32 index;

	if (!sections->size || len < NVSP_XFER_RANGE_MIN)
		return NVSP_FAULT_XFER_RANGE;

	/* cannot wrap: a remainder below 2^32 plus a 32-bit value, in 64 bits */
	index = off / sections->size;
	if (index >= sections->count ||
	    (u64)(off % sections->size) + len > sections->size)
		return NVSP_FAULT_XFER_RANGE;
	return NVSP_WIRE_OK;
}

#endif /* _HYPERV_NVSP_WIRE_H */
