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
enum nvsp_wire_fault nvsp_wire_rndis_packet(const void *msg, u32 len,
					    bool *control);
enum nvsp_wire_fault nvsp_wire_rndis_complete(const void *msg, u32 len,
					      u32 *status);
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

enum nvsp_wire_fault nvsp_wire_xfer_header(u16 set_id, u32 count, u32 limit,
					   u32 payload_off, u32 packet_len);
enum nvsp_wire_fault nvsp_wire_xfer_range(u32 off, u32 len,
					  const struct nvsp_sections *sections);

#endif /* _HYPERV_NVSP_WIRE_H */
