// SPDX-License-Identifier: GPL-2.0
/*
 * NDIS objects: Documentation/protocol.md E.6, E.8, E.11, E.13, and I.1 rules 30
 * and 31.
 *
 * To see it fail: in ndis_wire.c move a border of fetch_object() or read_lso()
 * by one, or leave out the memset() behind the object's size.
 */
#include "ndis_wire.h"
#include "unit.h"

#define MTU	1500

struct row {
	const char *name;
	u32 len;
	enum rndis_wire_fault want;
	struct patch patch[6];
};

static const struct row rss_rows[] = {
	{ "rss_revision_1", 16, RNDIS_WIRE_OK,
	  { P8(0, 0x88), P8(1, 1), P16(2, 16) } },
	{ "rss_revision_2", 18, RNDIS_WIRE_OK,
	  { P8(0, 0x88), P8(1, 2), P16(2, 18) } },
	{ "rss_later_revision", 64, RNDIS_WIRE_OK,
	  { P8(0, 0x88), P8(1, 9), P16(2, 64) } },
	{ "rss_nothing_came", 0, RNDIS_FAULT_OBJECT, { { 0 } } },
	{ "rss_15_bytes_came", 15, RNDIS_FAULT_OBJECT,
	  { P8(0, 0x88), P8(1, 2), P16(2, 15) } },
	{ "rss_size_15", 18, RNDIS_FAULT_OBJECT,
	  { P8(0, 0x88), P8(1, 2), P16(2, 15) } },
	{ "rss_size_over", 18, RNDIS_FAULT_OBJECT,
	  { P8(0, 0x88), P8(1, 2), P16(2, 19) } },
	{ "rss_type", 18, RNDIS_FAULT_OBJECT,
	  { P8(0, 0x89), P8(1, 2), P16(2, 18) } },
	{ "rss_revision_0", 18, RNDIS_FAULT_OBJECT,
	  { P8(0, 0x88), P8(1, 0), P16(2, 18) } },
};

static void check_rss(void **state)
{
	const struct row *row = *state;
	struct ndis_rss_caps caps;
	struct exact copy;
	u8 obj[64] = { 0 };

	apply(obj, row->patch);
	copy = exact_copy(obj, row->len, 3);
	assert_int_equal(ndis_wire_rss_caps(copy.msg, row->len, &caps),
			 row->want);
	free(copy.mem);
}

static void rss_values(void **state)
{
	static const struct {
		u8 revision;
		u16 size;
		u32 flags, queues, entries;
		bool want_usable;
		u32 want_queues, want_entries;
	} cases[] = {
		{ 2, 18, 0x701, 8, 128, true, 8, 128 },
		{ 2, 18, 0x701, 64, 128, true, 64, 128 },
		{ 2, 18, 0x701, 65, 128, true, 64, 128 },
		{ 2, 18, 0x701, 0xFFFFFFFF, 0xFFFF, true, 64, 128 },
		{ 2, 18, 0x701, 0, 64, true, 1, 64 },
		{ 2, 18, 0x701, 4, 1, true, 4, 1 },
		{ 2, 18, 0x701, 4, 127, true, 4, 64 },
		{ 2, 18, 0x701, 4, 3, true, 4, 2 },
		{ 2, 18, 0x701, 4, 0, false, 1, 128 },
		{ 2, 18, 0x700, 4, 128, false, 1, 128 },
		/* no entries in these: what lies there is not one */
		{ 2, 16, 0x701, 4, 16, true, 4, 128 },
		{ 1, 18, 0x701, 4, 0, true, 4, 128 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct ndis_rss_caps caps;
		u8 obj[18] = { 0x88, cases[i].revision };

		put_le(obj + 2, cases[i].size, 2);
		put_le(obj + 4, cases[i].flags, 4);
		put_le(obj + 12, cases[i].queues, 4);
		put_le(obj + 16, cases[i].entries, 2);
		assert_int_equal(ndis_wire_rss_caps(obj, 18, &caps), 0);
		assert_int_equal(caps.flags, cases[i].flags);
		assert_int_equal(caps.usable, cases[i].want_usable);
		assert_int_equal(caps.queues, cases[i].want_queues);
		assert_int_equal(caps.entries, cases[i].want_entries);
	}
}

static const struct row offload_rows[] = {
	{ "offload_revision_1", 112, RNDIS_WIRE_OK,
	  { P8(0, 0xA7), P8(1, 1), P16(2, 112) } },
	{ "offload_revision_2", 144, RNDIS_WIRE_OK,
	  { P8(0, 0xA7), P8(1, 2), P16(2, 144) } },
	{ "offload_revision_3", 156, RNDIS_WIRE_OK,
	  { P8(0, 0xA7), P8(1, 3), P16(2, 156) } },
	{ "offload_later_revision", 200, RNDIS_WIRE_OK,
	  { P8(0, 0xA7), P8(1, 7), P16(2, 200) } },
	{ "offload_more_came_than_its_size", 200, RNDIS_WIRE_OK,
	  { P8(0, 0xA7), P8(1, 1), P16(2, 112) } },
	{ "offload_111_bytes", 111, RNDIS_FAULT_OBJECT,
	  { P8(0, 0xA7), P8(1, 1), P16(2, 111) } },
	{ "offload_size_111", 112, RNDIS_FAULT_OBJECT,
	  { P8(0, 0xA7), P8(1, 1), P16(2, 111) } },
	{ "offload_size_one_over", 156, RNDIS_FAULT_OBJECT,
	  { P8(0, 0xA7), P8(1, 3), P16(2, 157) } },
	{ "offload_type", 156, RNDIS_FAULT_OBJECT,
	  { P8(0, 0xA8), P8(1, 3), P16(2, 156) } },
};

static void check_offload(void **state)
{
	const struct row *row = *state;
	struct ndis_offload_caps caps;
	u8 obj[200] = { 0 };
	struct exact copy;

	apply(obj, row->patch);
	copy = exact_copy(obj, row->len, 1);
	assert_int_equal(ndis_wire_offload(copy.msg, row->len, MTU, &caps),
			 row->want);
	free(copy.mem);
}

/* As a real host's object: every checksum, large send, RSC */
static void make_offload(u8 *obj, u8 revision, u16 size)
{
	static const struct patch full[] = {
		P8(0, 0xA7),
		P32(4, 2), P32(8, 0x155), P32(12, 2), P32(16, 0x154),
		P32(20, 2), P32(24, 0x55), P32(28, 2), P32(32, 0x54),
		P32(80, 2), P32(84, 0xF53C), P32(88, 2),
		P32(92, 2), P32(96, 0xF53B), P32(100, 3), P32(104, 5),
		P8(144, 1), P8(145, 1), { 0 },
	};

	memset(obj, 0, 156);
	apply(obj, full);
	obj[1] = revision;
	put_le(obj + 2, size, 2);
}

static void offload_values(void **state)
{
	struct ndis_offload_caps caps;
	u8 obj[156];

	(void)state;
	make_offload(obj, 3, 156);
	assert_int_equal(ndis_wire_offload(obj, 156, MTU, &caps), 0);
	assert_int_equal(caps.ipv4_tx, NDIS_CSUM_IPV4_IP_OPTIONS |
			 NDIS_CSUM_IPV4_TCP_OPTIONS | NDIS_CSUM_IPV4_TCP |
			 NDIS_CSUM_IPV4_UDP | NDIS_CSUM_IPV4_IP_HEADER);
	assert_int_equal(caps.ipv4_rx, 0x154);
	assert_int_equal(caps.ipv6_tx, NDIS_CSUM_IPV6_EXTENSION_HEADERS |
			 NDIS_CSUM_IPV6_TCP_OPTIONS | NDIS_CSUM_IPV6_TCP |
			 NDIS_CSUM_IPV6_UDP);
	assert_int_equal(caps.ipv6_rx, 0x54);
	assert_int_equal(caps.lso_ipv4.max_size, 0xF53C);
	assert_int_equal(caps.lso_ipv4.min_segments, 2);
	assert_int_equal(caps.lso_ipv6.max_size, 0xF53B);
	assert_int_equal(caps.lso_ipv6.min_segments, 3);
	assert_int_equal(caps.lso_ipv6_options, 5);
	assert_true(caps.rsc_ipv4 && caps.rsc_ipv6);

	/* an encapsulation of 0 takes the ability away */
	put_le(obj + 4, 0, 4);
	put_le(obj + 80, 0, 4);
	obj[145] = 0;
	assert_int_equal(ndis_wire_offload(obj, 156, MTU, &caps), 0);
	assert_int_equal(caps.ipv4_tx, 0);
	assert_int_equal(caps.lso_ipv4.max_size, 0);
	assert_int_equal(caps.lso_ipv4.min_segments, 0);
	assert_int_equal(caps.lso_ipv6.max_size, 0xF53B);
	assert_true(caps.rsc_ipv4 && !caps.rsc_ipv6);
}

/* Bytes that came behind the object's own end are not part of it */
static void offload_behind_its_size_is_0(void **state)
{
	struct ndis_offload_caps caps;
	u8 obj[156];

	(void)state;
	make_offload(obj, 3, 144);
	assert_int_equal(ndis_wire_offload(obj, 156, MTU, &caps), 0);
	assert_false(caps.rsc_ipv4 || caps.rsc_ipv6);
	make_offload(obj, 2, 156);
	assert_int_equal(ndis_wire_offload(obj, 156, MTU, &caps), 0);
	assert_false(caps.rsc_ipv4 || caps.rsc_ipv6);
	make_offload(obj, 3, 145);
	assert_int_equal(ndis_wire_offload(obj, 156, MTU, &caps), 0);
	assert_true(caps.rsc_ipv4 && !caps.rsc_ipv6);
}

static void lso_limits(void **state)
{
	static const struct {
		u32 max, min, want_max, want_min;
	} cases[] = {
		{ 2 * MTU, 2, 2 * MTU, 2 },
		{ 2 * MTU - 1, 2, 0, 0 },
		{ 0, 0, 0, 0 },
		{ 65535, 0, 65535, 2 },
		{ 65536, 1, 65535, 2 },
		{ 0xFFFFFFFF, 64, 65535, 64 },
		{ 65535, 65, 0, 0 },
		{ 65535, 0xFFFFFFFF, 0, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct ndis_offload_caps caps;
		u8 obj[156];

		make_offload(obj, 3, 156);
		put_le(obj + 84, cases[i].max, 4);
		put_le(obj + 88, cases[i].min, 4);
		put_le(obj + 96, cases[i].max, 4);
		put_le(obj + 100, cases[i].min, 4);
		assert_int_equal(ndis_wire_offload(obj, 156, MTU, &caps), 0);
		assert_int_equal(caps.lso_ipv4.max_size, cases[i].want_max);
		assert_int_equal(caps.lso_ipv4.min_segments, cases[i].want_min);
		assert_memory_equal(&caps.lso_ipv4, &caps.lso_ipv6,
				    sizeof(caps.lso_ipv4));
		/* an MTU whose double does not fit 32 bits */
		assert_int_equal(ndis_wire_offload(obj, 156, 0x80000001, &caps),
				 0);
		assert_int_equal(caps.lso_ipv4.max_size, 0);
	}
}

static void number_is_4_bytes(void **state)
{
	static const u8 obj[5] = { 0x78, 0x56, 0x34, 0x12, 0xFF };
	u32 value;

	(void)state;
	assert_int_equal(ndis_wire_u32(obj, 3, &value), RNDIS_FAULT_OBJECT);
	assert_int_equal(ndis_wire_u32(obj, 5, &value), RNDIS_FAULT_OBJECT);
	assert_int_equal(ndis_wire_u32(obj, 4, &value), 0);
	assert_int_equal(value, 0x12345678);
}

/* Documentation/protocol.md E.13: UTF-16LE, no terminators */
static void mac_param_bytes(void **state)
{
	static const u8 want[] =
		"\x14\0\0\0\x1C\0\0\0\x02\0\0\0\x30\0\0\0\x18\0\0\0"
		"N\0e\0t\0w\0o\0r\0k\0A\0d\0d\0r\0e\0s\0s\0"
		"0\0" "0\0" "1\0" "5\0" "5\0D\0A\0" "0\0" "9\0F\0E\0" "7\0";
	static const u8 mac[] = { 0x00, 0x15, 0x5D, 0xA0, 0x9F, 0xE7 };
	u8 buf[73];

	(void)state;
	assert_int_equal(sizeof(want) - 1, NDIS_MAC_PARAM_LEN);
	memset(buf, 0xA5, sizeof(buf));
	assert_int_equal(ndis_wire_put_mac_param(buf, 71, mac), -ENOSPC);
	assert_int_equal(buf[0], 0xA5);
	assert_int_equal(ndis_wire_put_mac_param(buf, 72, mac), 72);
	assert_memory_equal(buf, want, 72);
	assert_int_equal(buf[72], 0xA5);
}

/* Documentation/protocol.md E.6: head, table of 32-bit entries, key */
static void rss_param_bytes(void **state)
{
	static const u8 want[] =
		"\x89\x02\x28\0" "\0\0\0\0" "\x01\x17\0\0"
		"\x0C\0\0\0" "\x28\0\0\0" "\x28\0\0\0" "\x34\0\0\0"
		"\0\0\0\0" "\0\0\0\0" "\0\0\0\0"
		"\x03\0\0\0" "\0\0\0\0" "\x3F\0\0\0";
	struct ndis_rss rss = {
		.hash_info = 0x1701,
		.entries = 3,
		.table = { 3, 0, 63 },
	};
	u8 buf[93];

	(void)state;
	assert_int_equal(sizeof(want) - 1, 52);
	memset(rss.key, 0x5A, sizeof(rss.key));
	memset(buf, 0xA5, sizeof(buf));
	assert_int_equal(ndis_wire_put_rss(buf, 91, &rss), -ENOSPC);
	assert_int_equal(buf[0], 0xA5);
	assert_int_equal(ndis_wire_put_rss(buf, 92, &rss), 92);
	assert_memory_equal(buf, want, 52);
	assert_memory_equal(buf + 52, rss.key, 40);
	assert_int_equal(buf[92], 0xA5);

	/* no hash function: off, and said so by the flag too */
	rss.hash_info = 0;
	assert_int_equal(ndis_wire_put_rss(buf, 92, &rss), 92);
	assert_int_equal(buf[4], NDIS_RSS_FLAG_DISABLE);

	rss.entries = 0;
	assert_int_equal(ndis_wire_put_rss(buf, 92, &rss), -EINVAL);
	rss.entries = NDIS_RSS_INDIRECTION_MAX + 1;
	assert_int_equal(ndis_wire_put_rss(buf, 92, &rss), -EINVAL);
}

/* A name of UTF-16LE; @len in bytes */
static void check_name(const char *utf16, u32 len, u32 room, const char *want)
{
	char text[64];

	memset(text, 0x5A, sizeof(text));
	assert_int_equal(ndis_wire_name(utf16, len, text, room),
			 want ? RNDIS_WIRE_OK : RNDIS_FAULT_OBJECT);
	assert_string_equal(text, want ? want : "");
	assert_int_equal(text[room], 0x5A);
}

static void names(void **state)
{
	(void)state;
	check_name("", 0, 8, "");
	check_name("a\0b\0", 4, 8, "ab");
	check_name("a\0b\0\0\0c\0", 8, 8, "ab");
	check_name("a\0b\0c\0", 6, 3, "ab");
	check_name("a\0", 2, 1, "");
	/* a umlaut, euro sign, a character beyond the first 65536 */
	check_name("\xE4\0", 2, 8, "\xC3\xA4");
	check_name("\xAC\x20", 2, 8, "\xE2\x82\xAC");
	check_name("\x3D\xD8\x00\xDE", 4, 8, "\xF0\x9F\x98\x80");
	/* cut at a character, not in it */
	check_name("a\0\xAC\x20", 4, 4, "a");
	check_name("a\0\x3D\xD8\x00\xDE", 6, 5, "a");
	/* half a unit, half a pair, the wrong half, control characters */
	check_name("a\0b", 3, 8, NULL);
	check_name("a\0\x3D\xD8", 4, 8, NULL);
	check_name("\x3D\xD8" "a\0", 4, 8, NULL);
	check_name("\x00\xDE", 2, 8, NULL);
	check_name("a\0\n\0", 4, 8, NULL);
	check_name("\x7F\0", 2, 8, NULL);
	check_name("\x9B\0", 2, 8, NULL);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(rss_values),
		cmocka_unit_test(offload_values),
		cmocka_unit_test(offload_behind_its_size_is_0),
		cmocka_unit_test(lso_limits),
		cmocka_unit_test(number_is_4_bytes),
		cmocka_unit_test(names),
		cmocka_unit_test(mac_param_bytes),
		cmocka_unit_test(rss_param_bytes),
	};
	struct CMUnitTest tests[ARRAY_LEN(rss_rows) + ARRAY_LEN(offload_rows) +
				ARRAY_LEN(others)];
	size_t count = 0;

	ADD_ROWS(tests, count, rss_rows, check_rss);
	ADD_ROWS(tests, count, offload_rows, check_offload);
	memcpy(tests + count, others, sizeof(others));
	return cmocka_run_group_tests_name("ndis", tests, NULL, NULL);
}
