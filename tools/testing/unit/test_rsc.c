// SPDX-License-Identifier: GPL-2.0
/*
 * Coalesced packets: which fragment belongs where, headers found and repaired,
 * and the size of a segment.
 *
 * Break it: leave out the comparison of ids in rsc_wire_step(), or the one of
 * run->last in rsc_wire_mss().
 */
#include "unit.h"

#define FIRST	(RNDIS_PACKET_ID_FRAGMENT | RNDIS_PACKET_ID_FIRST)
#define NEXT	RNDIS_PACKET_ID_FRAGMENT
#define LAST	(RNDIS_PACKET_ID_FRAGMENT | RNDIS_PACKET_ID_LAST)
#define WHOLE	(FIRST | LAST)
#define NO_ID	0xFF

/* --- the order --- */

struct message {
	u8 flags;
	u16 id;
	u32 len;
	enum rsc_step step;
};

struct order {
	const char *name;
	struct message message[12];	/* ends with one of length 0 */
	bool open;			/* after the last */
};

static const struct order orders[] = {
	{ "no_packet_id_is_whole", { { NO_ID, 0, 100, RSC_WHOLE } }, false },
	{ "first_and_last_is_whole", { { WHOLE, 1, 100, RSC_WHOLE } }, false },
	{ "both_without_the_fragment_bit_is_whole",
	  { { RNDIS_PACKET_ID_FIRST | RNDIS_PACKET_ID_LAST, 1, 100, RSC_WHOLE } }, false },
	{ "no_fragment_bit_is_whole",
	  { { 0, 1, 100, RSC_WHOLE }, { RNDIS_PACKET_ID_FIRST, 1, 100, RSC_WHOLE },
	    { RNDIS_PACKET_ID_LAST, 1, 100, RSC_WHOLE } }, false },
	{ "without_the_fragment_bit_it_ends_the_run",
	  { { FIRST, 1, 100, RSC_FIRST }, { 0, 1, 60, RSC_WHOLE },
	    { LAST, 1, 60, RSC_ORPHAN } }, false },
	{ "run_of_two", { { FIRST, 1, 100, RSC_FIRST }, { LAST, 1, 50, RSC_LAST } }, false },
	{ "run_of_four",
	  { { FIRST, 7, 100, RSC_FIRST }, { NEXT, 7, 60, RSC_NEXT },
	    { NEXT, 7, 60, RSC_NEXT }, { LAST, 7, 50, RSC_LAST },
	    { NEXT, 7, 60, RSC_ORPHAN } }, false },
	{ "next_without_first", { { NEXT, 1, 60, RSC_ORPHAN }, { LAST, 1, 60, RSC_ORPHAN } }, false },
	{ "last_without_first", { { LAST, 1, 60, RSC_ORPHAN } }, false },
	{ "first_stays_open", { { FIRST, 1, 100, RSC_FIRST } }, true },
	{ "foreign_id_ends_the_run",
	  { { FIRST, 1, 100, RSC_FIRST }, { NEXT, 2, 60, RSC_ORPHAN },
	    { NEXT, 1, 60, RSC_ORPHAN }, { LAST, 1, 60, RSC_ORPHAN } }, false },
	{ "another_first_starts_anew",
	  { { FIRST, 1, 100, RSC_FIRST }, { FIRST, 1, 100, RSC_FIRST },
	    { LAST, 1, 60, RSC_LAST } }, false },
	{ "whole_frame_ends_the_run",
	  { { FIRST, 1, 100, RSC_FIRST }, { NO_ID, 0, 100, RSC_WHOLE },
	    { LAST, 1, 60, RSC_ORPHAN } }, false },
	{ "first_too_short_for_ethernet", { { FIRST, 1, 13, RSC_ORPHAN } }, false },
	{ "just_long_enough",
	  { { FIRST, 1, 14, RSC_FIRST }, { LAST, 1, 65535, RSC_LAST } }, false },
	{ "one_byte_too_long",
	  { { FIRST, 1, 14, RSC_FIRST }, { LAST, 1, 65536, RSC_ORPHAN } }, false },
	{ "length_that_would_wrap",
	  { { FIRST, 1, 100, RSC_FIRST }, { LAST, 1, U32_MAX, RSC_ORPHAN } }, false },
};

static struct rndis_packet_info info_of(u8 flags, u16 id, u32 len)
{
	struct rndis_packet_info info = { .data_len = len };

	if (flags == NO_ID)
		return info;
	info.have = RNDIS_HAVE_PACKET_ID;
	info.packet_flags = flags;
	info.packet_id = id;
	return info;
}

static void fragments_in_order(void **state)
{
	const struct order *row = *state;
	const struct message *m;
	struct rsc_run run = {};

	for (m = row->message; m->len; m++) {
		struct rndis_packet_info info = info_of(m->flags, m->id, m->len);

		if (m->flags == NO_ID && !run.open)
			assert_true(rsc_wire_is_plain(&run, &info));
		else
			assert_false(rsc_wire_is_plain(&run, &info));
		assert_int_equal(rsc_wire_step(&run, &info), m->step);
	}
	assert_int_equal(run.open, row->open);
}

/* 562 and no more */
static void fragments_have_a_limit(void **state)
{
	struct rndis_packet_info info = info_of(FIRST, 1, 64);
	struct rsc_run run = {};
	u32 i;

	(void)state;
	rsc_wire_step(&run, &info);
	info = info_of(NEXT, 1, 10);
	for (i = 1; i < 562; i++)
		assert_int_equal(rsc_wire_step(&run, &info), RSC_NEXT);
	assert_int_equal(run.count, 562);
	assert_int_equal(run.len, 64 + 561 * 10);
	assert_int_equal(rsc_wire_step(&run, &info), RSC_ORPHAN);
	assert_false(run.open);
}

/* --- headers --- */

/* 14 Ethernet, 20 or 40 IP, 20 TCP */
static const u8 ipv4[54] = {
	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,
	0x45, 0, 0x04, 0x10, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0,
	192, 0, 2, 1, 192, 0, 2, 2,
	0x10, 0x92, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 4, 0, 0, 0, 0, 0,
};
static const u8 ipv6[74] = {
	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xDD,
	0x60, 0, 0, 0, 0x03, 0xFC, 6, 64,
	0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
	0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
	0x10, 0x92, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x10, 4, 0, 0, 0, 0, 0,
};

struct header {
	const char *name;
	bool ipv6;
	u32 len;
	struct patch patch[3];
	bool known;
	bool merges;
};

static const struct header headers[] = {
	{ "ipv4", false, 54, {}, true, true },
	{ "ipv6", true, 74, {}, true, true },
	{ "ipv4_cut_in_ethernet", false, 13, {}, false, false },
	{ "ipv4_cut_in_ip", false, 33, {}, false, false },
	{ "ipv4_cut_in_tcp", false, 53, {}, false, false },
	{ "ipv6_cut_in_tcp", true, 73, {}, false, false },
	{ "tag", false, 54, { P16(12, 0x0081) }, false, false },
	{ "ipv4_claims_version_6", false, 54, { P8(14, 0x65) }, false, false },
	{ "ipv4_header_of_16", false, 54, { P8(14, 0x44) }, false, false },
	{ "ipv4_options_beyond", false, 54, { P8(14, 0x4F) }, false, false },
	{ "ipv4_first_fragment", false, 54, { P8(20, 0x20) }, false, false },
	{ "ipv4_later_fragment", false, 54, { P8(21, 1) }, false, false },
	{ "ipv4_dont_fragment", false, 54, { P8(20, 0x40) }, true, true },
	{ "ipv4_udp", false, 54, { P8(23, 17) }, false, false },
	{ "ipv6_hop_by_hop", true, 74, { P8(20, 0) }, false, false },
	{ "tcp_offset_of_4", false, 54, { P8(46, 0x40) }, false, false },
	{ "tcp_options_beyond", false, 54, { P8(46, 0x60) }, false, false },
	{ "syn", false, 54, { P8(47, 0x02) }, true, false },
	{ "rst", false, 54, { P8(47, 0x14) }, true, false },
	{ "urg", true, 74, { P8(67, 0x30) }, true, false },
	{ "fin_psh_ece_cwr", false, 54, { P8(47, 0xD9) }, true, true },
};

static void headers_are_found(void **state)
{
	const struct header *row = *state;
	struct rsc_headers hdrs;
	u8 frame[74];
	struct exact copy;

	memcpy(frame, row->ipv6 ? ipv6 : ipv4, row->ipv6 ? 74 : 54);
	apply(frame, row->patch);
	copy = exact_copy(frame, row->len, 2);
	assert_int_equal(rsc_wire_parse(copy.msg, row->len, &hdrs), row->known);
	if (row->known) {
		assert_int_equal(hdrs.ipv6, row->ipv6);
		assert_int_equal(hdrs.tcp, row->ipv6 ? 54 : 34);
		assert_int_equal(hdrs.len, row->len);
		assert_int_equal(hdrs.merges, row->merges);
	}
	free(copy.mem);
}

struct repair {
	const char *name;
	bool ipv6;
	u16 ip_len;		/* as it stands in the header */
	struct rsc_run run;
	bool good;
};

static const struct repair repairs[] = {
	{ "ipv4_length_of_the_first", false, 1040, { .first = 1054, .len = 10054 }, true },
	{ "ipv4_length_of_the_whole", false, 10040, { .first = 1054, .len = 10054 }, true },
	{ "ipv4_no_length", false, 0, { .first = 1054, .len = 10054 }, true },
	{ "ipv4_length_above", false, 10041, { .first = 1054, .len = 10054 }, false },
	{ "ipv4_length_between", false, 2040, { .first = 1054, .len = 10054 }, false },
	{ "ipv4_length_in_the_headers", false, 30, { .first = 1054, .len = 10054 }, false },
	{ "ipv4_longest", false, 1040, { .first = 1054, .len = 65549 }, true },
	{ "ipv4_too_long", false, 1040, { .first = 1054, .len = 65550 }, false },
	{ "ipv4_headers_split", false, 10040, { .first = 53, .len = 10054 }, false },
	{ "ipv6_length_of_the_first", true, 1020, { .first = 1074, .len = 10074 }, true },
	{ "ipv6_length_of_the_whole", true, 10020, { .first = 1074, .len = 10074 }, true },
	{ "ipv6_no_length", true, 0, { .first = 1074, .len = 10074 }, true },
	{ "ipv6_length_above", true, 10021, { .first = 1074, .len = 10074 }, false },
};

static void headers_are_repaired(void **state)
{
	const struct repair *row = *state;
	u32 len = row->ipv6 ? 74 : 54, at = row->ipv6 ? 18 : 16;
	struct rsc_headers hdrs, after;
	u8 frame[74], before[74];

	memcpy(frame, row->ipv6 ? ipv6 : ipv4, len);
	frame[at] = row->ip_len >> 8;
	frame[at + 1] = row->ip_len & 0xFF;
	memcpy(before, frame, len);
	assert_true(rsc_wire_parse(frame, len, &hdrs));
	assert_int_equal(rsc_wire_repair(frame, &hdrs, &row->run), row->good);
	if (!row->good) {
		assert_memory_equal(frame, before, len);
		return;
	}
	assert_true(rsc_wire_parse(frame, len, &after));
	assert_int_equal(after.ip_len, row->run.len - 14);
	if (!row->ipv6)
		assert_true(oracle_ipv4_csum_ok(frame + 14));
	/* Nothing else */
	memset(frame + at, 0, 2);
	memset(before + at, 0, 2);
	if (!row->ipv6)
		memset(frame + 24, 0, 2);
	assert_memory_equal(frame, before, len);
}

/* With options, and known by heart: RFC 1071 as every stack does it */
static void known_checksum(void **state)
{
	static const u8 ip[24] = {
		0x46, 0, 0, 0x3C, 0x1C, 0x46, 0x40, 0, 0x40, 0x06, 0, 0,
		0xAC, 0x10, 0x0A, 0x63, 0xAC, 0x10, 0x0A, 0x0C, 1, 1, 1, 0,
	};
	const struct rsc_run run = { .first = 74, .len = 74 };
	struct rsc_headers hdrs;
	u8 frame[74] = {};

	(void)state;
	frame[12] = 8;
	memcpy(frame + 14, ip, sizeof(ip));
	frame[14 + 24 + 12] = 0x50;
	assert_true(rsc_wire_parse(frame, sizeof(frame), &hdrs));
	assert_int_equal(hdrs.len, 58);
	assert_true(rsc_wire_repair(frame, &hdrs, &run));
	/* B1E6 without the options and with 0x45 (a textbook's example) */
	assert_int_equal(frame[24] << 8 | frame[25], 0xB1E6 - 0x0100 - 0x0201);
}

/* --- segments --- */

struct size {
	const char *name;
	u32 first, each, last;	/* bytes of payload */
	u32 between;		/* fragments of @each */
	bool mixed;
	u32 mtu;
	u32 mss;
};

static const struct size sizes[] = {
	{ "all_alike", 1448, 1448, 1448, 8, false, 1500, 1448 },
	{ "last_is_shorter", 1000, 1000, 1, 8, false, 1500, 1000 },
	{ "two", 1000, 0, 900, 0, false, 1500, 1000 },
	{ "last_is_longer", 1000, 0, 1001, 0, false, 1500, 1460 },
	{ "first_is_shorter", 999, 1000, 1000, 8, false, 1500, 1460 },
	{ "mixed", 1000, 1000, 1000, 8, true, 1500, 1460 },
	{ "longer_than_the_mtu_allows", 1461, 1461, 1461, 8, false, 1500, 1460 },
	{ "small_ones_count_as_536", 100, 100, 100, 20, false, 1500, 536 },
	{ "tiny_packet", 1, 1, 1, 8, false, 1500, 10 },
	{ "first_has_headers_only", 0, 1000, 1000, 8, false, 1500, 1460 },
	{ "mtu_below_the_headers", 1000, 1000, 1000, 8, true, 30, 536 },
	{ "nothing_at_all", 0, 0, 0, 0, false, 1500, 1460 },
};

static void segment_size_is_guessed(void **state)
{
	const struct rsc_headers hdrs = { .tcp = 34, .len = 54 };
	const struct size *row = *state;
	const struct rsc_run run = {
		.mixed = row->mixed,
		.first = 54 + row->first,
		.each = row->each,
		.last = row->last,
		.len = 54 + row->first + row->between * row->each + row->last,
	};

	assert_int_equal(rsc_wire_mss(&hdrs, &run, row->mtu), row->mss);
}

/* --- duel --- */

static void oracle_agrees(void **state)
{
	u32 rounds = env_u32("WIRE_ROUNDS", 200000), i, n;
	struct rsc_headers ours, theirs;
	u32 known = 0;

	(void)state;
	random_start();
	for (i = 0; i < rounds; i++) {
		bool v6 = random_below(2);
		u32 len = v6 ? 74 : 54;
		struct exact copy;
		u8 frame[74];

		memcpy(frame, v6 ? ipv6 : ipv4, len);
		for (n = random_below(3); n; n--)
			frame[12 + random_below(len - 12)] = (u8)random_below(256);
		len -= random_below(8) ? 0 : random_below(len);
		copy = exact_copy(frame, len, random_below(4));
		n = rsc_wire_parse(copy.msg, len, &ours);
		assert_int_equal(n, oracle_tcp_headers(copy.msg, len, &theirs));
		known += n;
		if (n) {
			assert_int_equal(ours.ipv6, theirs.ipv6);
			assert_int_equal(ours.merges, theirs.merges);
			assert_int_equal(ours.tcp, theirs.tcp);
			assert_int_equal(ours.len, theirs.len);
			assert_int_equal(ours.ip_len, theirs.ip_len);
		}
		free(copy.mem);
	}
	/* Both sides of the decision were met */
	assert_true(rounds < 1000 || (known > rounds / 10 && known < rounds));
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(orders) + ARRAY_LEN(headers) +
				ARRAY_LEN(repairs) + ARRAY_LEN(sizes) + 3];
	size_t count = 0;

	ADD_ROWS(tests, count, orders, fragments_in_order);
	ADD_ROWS(tests, count, headers, headers_are_found);
	ADD_ROWS(tests, count, repairs, headers_are_repaired);
	ADD_ROWS(tests, count, sizes, segment_size_is_guessed);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(fragments_have_a_limit);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(known_checksum);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(oracle_agrees);
	return _cmocka_run_group_tests("rsc", tests, count, NULL, NULL);
}
