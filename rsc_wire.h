/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Coalesced packets: which fragment belongs where, what their headers say, and
 * what they have to say once they are one packet (Documentation/protocol.md
 * E.5). Pure functions, for the driver, its tests and fuzzers.
 *
 * The habits are those of rndis_wire.h, but for one: headers are read and
 * written in the caller's private copy, so nothing here is fetched.
 */
#ifndef _HYPERV_RSC_WIRE_H
#define _HYPERV_RSC_WIRE_H

#include "rndis_wire.h"

/* All headers that can be repaired: Ethernet, IPv4 and TCP with all options */
#define RSC_HEADERS_MAX			(14 + 60 + 60)

/* A segment is not taken to be smaller than what every TCP can receive */
#define RSC_MSS_MIN			536

/* Fragments of one packet: a transfer-page packet has no more ranges */
#define RSC_FRAGMENTS_MAX		562

/**
 * struct rsc_run - the fragments of one packet so far
 * @open: there is one, and its last fragment did not come yet
 * @mixed: fragments between first and last differ in length
 * @id: packet id that all of them carry
 * @count: fragments
 * @len: bytes of the frame in them
 * @first: bytes in the first, headers included
 * @each: bytes in those between first and last; 0 when there are none
 * @last: bytes in the last; 0 when the first is the last
 */
struct rsc_run {
	bool open;
	bool mixed;
	u16 id;
	u32 count;
	u32 len;
	u32 first;
	u32 each;
	u32 last;
};

/**
 * enum rsc_step - what a received message is to the run
 * @RSC_WHOLE: a frame of its own
 * @RSC_FIRST: starts a run
 * @RSC_NEXT: continues it
 * @RSC_LAST: completes it
 * @RSC_ORPHAN: fragment of nothing; what was open before is to be dropped
 */
enum rsc_step {
	RSC_WHOLE,
	RSC_FIRST,
	RSC_NEXT,
	RSC_LAST,
	RSC_ORPHAN,
};

/**
 * struct rsc_headers - headers of an untagged TCP packet
 * @ipv6: IPv6, else IPv4
 * @merges: it is one of those that TCP's receivers merge: no SYN, RST or URG
 * @tcp: offset of the TCP header in the frame
 * @len: bytes of all headers
 * @ip_len: bytes of the IP packet as its header says, with that header
 */
struct rsc_headers {
	bool ipv6;
	bool merges;
	u32 tcp;
	u32 len;
	u32 ip_len;
};

/* Nothing about a message but that it is a frame of its own? */
static inline bool rsc_wire_is_plain(const struct rsc_run *run,
				     const struct rndis_packet_info *info)
{
	return !run->open && !(info->have & RNDIS_HAVE_PACKET_ID);
}

enum rsc_step rsc_wire_step(struct rsc_run *run,
			    const struct rndis_packet_info *info);
bool rsc_wire_parse(const u8 *frame, u32 len, struct rsc_headers *hdrs);
bool rsc_wire_repair(u8 *frame, const struct rsc_headers *hdrs,
		     const struct rsc_run *run);
u32 rsc_wire_mss(const struct rsc_headers *hdrs, const struct rsc_run *run,
		 u32 mtu);

#endif /* _HYPERV_RSC_WIRE_H */
