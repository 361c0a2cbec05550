/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A second opinion on received messages, for tests and fuzzers only.
 *
 * Written from Documentation/protocol.md to be obviously right, not fast: it
 * goes byte by byte, rescans from the start, and shares no code with what it
 * judges but the enum and the result structs.
 */
#ifndef _ORACLE_H
#define _ORACLE_H

#include "ndis_wire.h"
#include "nvsp_wire.h"
#include "rsc_wire.h"

enum rndis_wire_fault oracle_packet(const u8 *msg, u32 len, u32 max_frame,
				    struct rndis_packet_info *info);
enum rndis_wire_fault oracle_complete(const u8 *msg, u32 len,
				      struct rndis_completion *cmplt);
enum rndis_wire_fault oracle_indicate(const u8 *msg, u32 len,
				      struct rndis_indication *ind);
bool oracle_tcp_headers(const u8 *frame, u32 len, struct rsc_headers *hdrs);
bool oracle_ipv4_csum_ok(const u8 *ip);
enum nvsp_wire_fault oracle_xfer_range(u32 off, u32 len,
				       const struct nvsp_sections *sections);

#endif /* _ORACLE_H */
