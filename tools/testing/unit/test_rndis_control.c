// SPDX-License-Identifier: GPL-2.0
/*
 * RNDIS control messages: completions, indications and keep-alives as the host
 * sends them (Documentation/protocol.md I.1 rules 23, 27 to 29), and requests as
 * we write them (E.3 with its traps).
 *
 * To see it fail: in rndis_wire.c move any border of check_len(), read_query(),
 * rndis_wire_indicate() or read_initialize() by one, or write an info offset of
 * 0 in put_request().
 */
#include "unit.h"

struct row {
	const char *name;
	u32 len;
	enum rndis_wire_fault want;
	struct patch patch[8];
};

/* Completions; rows start from zeroes and write all they need */
#define INIT_CMPLT	P32(0, 0x80000002), P32(4, 52)
#define QUERY_CMPLT(len)	P32(0, 0x80000004), P32(4, len)

static const struct row complete_rows[] = {
	{ "complete_15_bytes_came", 15, RNDIS_FAULT_SHORT,
	  { P32(0, 0x80000005), P32(4, 15) } },
	{ "complete_set", 16, RNDIS_WIRE_OK,
	  { P32(0, 0x80000005), P32(4, 16), P32(8, 7) } },
	{ "complete_set_length_15", 16, RNDIS_FAULT_MSG_LEN,
	  { P32(0, 0x80000005), P32(4, 15) } },
	{ "complete_set_length_over", 16, RNDIS_FAULT_MSG_LEN,
	  { P32(0, 0x80000005), P32(4, 17) } },
	{ "complete_set_failed", 16, RNDIS_WIRE_OK,
	  { P32(0, 0x80000005), P32(4, 16), P32(12, 0xC00000BB) } },
	{ "complete_keepalive", 16, RNDIS_WIRE_OK,
	  { P32(0, 0x80000008), P32(4, 16) } },
	{ "complete_reset_has_no_id", 16, RNDIS_FAULT_TYPE,
	  { P32(0, 0x80000006), P32(4, 16) } },
	{ "complete_request_type", 52, RNDIS_FAULT_TYPE,
	  { P32(0, 2), P32(4, 52) } },
	{ "complete_packet_type", 52, RNDIS_FAULT_TYPE,
	  { P32(0, 0x80000001), P32(4, 52) } },

	{ "complete_initialize", 52, RNDIS_WIRE_OK, { INIT_CMPLT } },
	{ "complete_initialize_51_came", 51, RNDIS_FAULT_MSG_LEN,
	  { INIT_CMPLT } },
	{ "complete_initialize_length_51", 52, RNDIS_FAULT_MSG_LEN,
	  { INIT_CMPLT, P32(4, 51) } },
	{ "complete_initialize_refused_in_short", 16, RNDIS_WIRE_OK,
	  { INIT_CMPLT, P32(4, 16), P32(12, 0xC0000001) } },

	{ "complete_query_empty", 24, RNDIS_WIRE_OK,
	  { QUERY_CMPLT(24), P32(20, 0xFFFFFFFF) } },
	{ "complete_query_23_bytes", 23, RNDIS_FAULT_MSG_LEN,
	  { QUERY_CMPLT(23) } },
	{ "complete_query_mac", 30, RNDIS_WIRE_OK,
	  { QUERY_CMPLT(30), P32(16, 6), P32(20, 16) } },
	{ "complete_query_object_one_over", 30, RNDIS_FAULT_INFO,
	  { QUERY_CMPLT(30), P32(16, 7), P32(20, 16) } },
	{ "complete_query_object_over_length_not_transfer", 64,
	  RNDIS_FAULT_INFO,
	  { QUERY_CMPLT(30), P32(16, 7), P32(20, 16) } },
	{ "complete_query_offset_15", 30, RNDIS_FAULT_INFO,
	  { QUERY_CMPLT(30), P32(16, 6), P32(20, 15) } },
	{ "complete_query_offset_wraps", 30, RNDIS_FAULT_INFO,
	  { QUERY_CMPLT(30), P32(16, 0x20), P32(20, 0xFFFFFFF0) } },
	{ "complete_query_length_wraps", 30, RNDIS_FAULT_INFO,
	  { QUERY_CMPLT(30), P32(16, 0xFFFFFFF0), P32(20, 16) } },
	{ "complete_query_failed_ignores_object", 24, RNDIS_WIRE_OK,
	  { QUERY_CMPLT(24), P32(12, 0xC0010017), P32(16, 99), P32(20, 1) } },
};

static void check_complete(void **state)
{
	const struct row *row = *state;
	struct rndis_completion ours, theirs;
	u8 msg[64] = { 0 };
	u32 skew;

	apply(msg, row->patch);
	for (skew = 0; skew < 8; skew++) {
		struct exact copy = exact_copy(msg, row->len, skew);

		assert_int_equal(rndis_wire_complete(copy.msg, row->len, &ours),
				 row->want);
		assert_int_equal(oracle_complete(copy.msg, row->len, &theirs),
				 row->want);
		if (!row->want)
			assert_memory_equal(&ours, &theirs, sizeof(ours));
		free(copy.mem);
	}
}

static const struct row indicate_rows[] = {
	{ "indicate_19_bytes_came", 19, RNDIS_FAULT_SHORT,
	  { P32(0, 7), P32(4, 19) } },
	{ "indicate_type", 20, RNDIS_FAULT_TYPE, { P32(0, 8), P32(4, 20) } },
	{ "indicate_empty", 20, RNDIS_WIRE_OK,
	  { P32(0, 7), P32(4, 20), P32(8, 0x4001000B), P32(16, 0xFFFF) } },
	{ "indicate_length_19", 20, RNDIS_FAULT_MSG_LEN,
	  { P32(0, 7), P32(4, 19) } },
	{ "indicate_length_over", 20, RNDIS_FAULT_MSG_LEN,
	  { P32(0, 7), P32(4, 21) } },
	{ "indicate_buffer", 36, RNDIS_WIRE_OK,
	  { P32(0, 7), P32(4, 36), P32(12, 16), P32(16, 12) } },
	{ "indicate_buffer_not_counted_by_old_hosts", 36, RNDIS_WIRE_OK,
	  { P32(0, 7), P32(4, 20), P32(12, 16), P32(16, 12) } },
	{ "indicate_buffer_one_over", 36, RNDIS_FAULT_INFO,
	  { P32(0, 7), P32(4, 36), P32(12, 17), P32(16, 12) } },
	{ "indicate_buffer_in_header", 36, RNDIS_FAULT_INFO,
	  { P32(0, 7), P32(4, 36), P32(12, 16), P32(16, 11) } },
	{ "indicate_offset_wraps", 36, RNDIS_FAULT_INFO,
	  { P32(0, 7), P32(4, 36), P32(12, 16), P32(16, 0xFFFFFFF8) } },
	{ "indicate_length_wraps", 36, RNDIS_FAULT_INFO,
	  { P32(0, 7), P32(4, 36), P32(12, 0xFFFFFFFC), P32(16, 12) } },
};

static void check_indicate(void **state)
{
	const struct row *row = *state;
	struct rndis_indication ours, theirs;
	u8 msg[64] = { 0 };
	u32 skew;

	apply(msg, row->patch);
	for (skew = 0; skew < 8; skew++) {
		struct exact copy = exact_copy(msg, row->len, skew);

		assert_int_equal(rndis_wire_indicate(copy.msg, row->len, &ours),
				 row->want);
		assert_int_equal(oracle_indicate(copy.msg, row->len, &theirs),
				 row->want);
		if (!row->want)
			assert_memory_equal(&ours, &theirs, sizeof(ours));
		free(copy.mem);
	}
}

/* T20: what the host says here shifts and counts later on */
static void initialize_values_are_capped(void **state)
{
	static const struct {
		u32 packets, factor, want_packets, want_factor;
	} cases[] = {
		{ 0, 0, 1, 0 }, { 1, 3, 1, 3 }, { 8, 7, 8, 7 },
		{ 64, 8, 64, 7 }, { 65, 31, 64, 7 },
		{ 0xFFFFFFFF, 0xFFFFFFFF, 64, 7 },
	};
	struct rndis_completion cmplt;
	u8 msg[52] = { 0 };
	size_t i;

	(void)state;
	put_le(msg, 0x80000002, 4);
	put_le(msg + 4, sizeof(msg), 4);
	put_le(msg + 8, 0x1234, 4);
	put_le(msg + 36, 0xEFFFFFFF, 4);
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		put_le(msg + 32, cases[i].packets, 4);
		put_le(msg + 40, cases[i].factor, 4);
		assert_int_equal(rndis_wire_complete(msg, sizeof(msg), &cmplt),
				 RNDIS_WIRE_OK);
		assert_int_equal(cmplt.request_id, 0x1234);
		assert_int_equal(cmplt.max_packets, cases[i].want_packets);
		assert_int_equal(cmplt.alignment_factor, cases[i].want_factor);
		assert_int_equal(cmplt.max_xfer_size, 0xEFFFFFFF);
	}
}

static void type_of_any_message(void **state)
{
	u8 msg[8] = { 0x01, 0, 0, 0xFF, 8, 0, 0, 0 };
	u32 type, len;

	(void)state;
	assert_int_equal(rndis_wire_type(msg, 7, &type, &len),
			 RNDIS_FAULT_SHORT);
	assert_int_equal(rndis_wire_type(msg, 8, &type, &len), RNDIS_WIRE_OK);
	assert_int_equal(type, RNDIS_MSG_BUS);
	assert_int_equal(len, 8);
	msg[4] = 9;
	assert_int_equal(rndis_wire_type(msg, 8, &type, &len),
			 RNDIS_FAULT_MSG_LEN);
	msg[4] = 7;
	assert_int_equal(rndis_wire_type(msg, 8, &type, &len),
			 RNDIS_FAULT_MSG_LEN);
}

static void keepalive_and_its_reply(void **state)
{
	static const u8 reply[] = { 0x08, 0, 0, 0x80, 0x10, 0, 0, 0,
				    0x0D, 0xF0, 0xAD, 0x0B, 0, 0, 0, 0 };
	u8 msg[12] = { 0x08, 0, 0, 0, 0x0C, 0, 0, 0, 0x0D, 0xF0, 0xAD, 0x0B };
	u8 buf[16];
	u32 id;

	(void)state;
	assert_int_equal(rndis_wire_keepalive(msg, 11, &id), RNDIS_FAULT_SHORT);
	assert_int_equal(rndis_wire_keepalive(msg, 12, &id), RNDIS_WIRE_OK);
	assert_int_equal(id, 0x0BADF00D);
	assert_int_equal(rndis_wire_put_keepalive_cmplt(buf, 15, id), -ENOSPC);
	assert_int_equal(rndis_wire_put_keepalive_cmplt(buf, 16, id), 16);
	assert_memory_equal(buf, reply, sizeof(reply));
	msg[4] = 11;
	assert_int_equal(rndis_wire_keepalive(msg, 12, &id),
			 RNDIS_FAULT_MSG_LEN);
	msg[4] = 12;
	msg[3] = 0x80;
	assert_int_equal(rndis_wire_keepalive(msg, 12, &id), RNDIS_FAULT_TYPE);
}

static void put_initialize_and_halt(void **state)
{
	static const u8 initialize[] = {
		0x02, 0, 0, 0, 0x18, 0, 0, 0, 0x01, 0x00, 0x05, 0x00,
		0x01, 0, 0, 0, 0x00, 0, 0, 0, 0x00, 0x40, 0, 0,
	};
	static const u8 halt[] = { 0x03, 0, 0, 0, 0x0C, 0, 0, 0, 9, 0, 0, 0 };
	u8 buf[24];

	(void)state;
	assert_int_equal(rndis_wire_put_initialize(buf, 23, 1, 0x4000), -ENOSPC);
	assert_int_equal(rndis_wire_put_initialize(buf, 24, 0, 0x4000), -EINVAL);
	assert_int_equal(rndis_wire_put_initialize(buf, 24, 0x50001, 0x4000), 24);
	assert_memory_equal(buf, initialize, sizeof(initialize));

	assert_int_equal(rndis_wire_put_halt(buf, 11, 9), -ENOSPC);
	assert_int_equal(rndis_wire_put_halt(buf, 12, 0), -EINVAL);
	assert_int_equal(rndis_wire_put_halt(buf, 12, 9), 12);
	assert_memory_equal(buf, halt, sizeof(halt));
}

static void put_query_and_set(void **state)
{
	/* no input, and still an offset of 20 */
	static const u8 query[] = {
		0x04, 0, 0, 0, 0x1C, 0, 0, 0, 7, 0, 0, 0,
		0x02, 0x01, 0x01, 0x01, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0, 0,
	};
	static const u8 set[] = {
		0x05, 0, 0, 0, 0x20, 0, 0, 0, 8, 0, 0, 0,
		0x0E, 0x01, 0x01, 0, 4, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0, 0,
		0x0D, 0, 0, 0,
	};
	static const u8 filter[] = { 0x0D, 0, 0, 0 };
	u8 buf[40], clean[40];
	const u32 mac = RNDIS_OID_802_3_CURRENT_ADDRESS;
	const u32 pf = RNDIS_OID_GEN_CURRENT_PACKET_FILTER;

	(void)state;
	memset(buf, 0xA5, sizeof(buf));
	memset(clean, 0xA5, sizeof(clean));
	assert_int_equal(rndis_wire_put_query(buf, 27, 7, mac, NULL, 0),
			 -ENOSPC);
	assert_int_equal(rndis_wire_put_query(buf, 28, 0, mac, NULL, 0),
			 -EINVAL);
	assert_int_equal(rndis_wire_put_query(buf, 40, 7, mac, NULL, 1),
			 -EINVAL);
	assert_int_equal(rndis_wire_put_set(buf, 31, 8, pf, filter, 4),
			 -ENOSPC);
	assert_int_equal(rndis_wire_put_set(buf, 40, 8, pf, filter,
					    (size_t)-8), -ENOSPC);
	assert_int_equal(rndis_wire_put_set(buf, (size_t)-1, 8, pf, filter,
					    0x80000000), -EINVAL);
	assert_memory_equal(buf, clean, sizeof(buf));

	assert_int_equal(rndis_wire_put_query(buf, 28, 7, mac, NULL, 0), 28);
	assert_memory_equal(buf, query, sizeof(query));
	assert_int_equal(rndis_wire_put_set(buf, 32, 8, pf, filter, 4), 32);
	assert_memory_equal(buf, set, sizeof(set));
	assert_int_equal(buf[32], 0xA5);
}

static void control_duel_with_the_oracle(void **state)
{
	static const u32 types[] = { 0x80000002, 0x80000004, 0x80000005,
				     0x80000008, 7, 1 };
	u32 rounds = env_u32("WIRE_ROUNDS", 400000);
	u32 seen[RNDIS_FAULT_COUNT] = { 0 };
	u32 i, n;

	(void)state;
	random_start();
	for (i = 0; i < rounds; i++) {
		u32 len = 12 + random_below(80), type = types[random_below(6)];
		enum rndis_wire_fault fault;
		struct rndis_completion c[2];
		struct rndis_indication d[2];
		u8 msg[96] = { 0 };
		struct exact copy;

		put_le(msg, type, 4);
		put_le(msg + 4, random_below(4) ? len : nasty(len), 4);
		for (n = 8; n < 44; n += 4)
			put_le(msg + n, nasty(16), 4);
		if (random_below(4))
			put_le(msg + 12, 0, 4);
		copy = exact_copy(msg, len, random_below(8));

		fault = rndis_wire_complete(copy.msg, len, &c[0]);
		seen[fault]++;
		assert_int_equal(fault, oracle_complete(copy.msg, len, &c[1]));
		if (!fault)
			assert_memory_equal(&c[0], &c[1], sizeof(c[0]));

		fault = rndis_wire_indicate(copy.msg, len, &d[0]);
		seen[fault]++;
		assert_int_equal(fault, oracle_indicate(copy.msg, len, &d[1]));
		if (!fault)
			assert_memory_equal(&d[0], &d[1], sizeof(d[0]));
		free(copy.mem);
	}
	printf("# %u ok, %u info faults\n", seen[0], seen[RNDIS_FAULT_INFO]);
	assert_true(seen[RNDIS_WIRE_OK] && seen[RNDIS_FAULT_SHORT] &&
		    seen[RNDIS_FAULT_TYPE] && seen[RNDIS_FAULT_MSG_LEN] &&
		    seen[RNDIS_FAULT_INFO]);
}

static void each_fault_has_a_name(void **state)
{
	u32 i, n;

	(void)state;
	for (i = 0; i < RNDIS_FAULT_COUNT; i++) {
		assert_non_null(rndis_wire_fault_name(i));
		for (n = 0; n < i; n++)
			assert_string_not_equal(rndis_wire_fault_name(i),
						rndis_wire_fault_name(n));
	}
	assert_string_equal(rndis_wire_fault_name(RNDIS_FAULT_COUNT),
			    "unknown fault");
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(initialize_values_are_capped),
		cmocka_unit_test(type_of_any_message),
		cmocka_unit_test(keepalive_and_its_reply),
		cmocka_unit_test(put_initialize_and_halt),
		cmocka_unit_test(put_query_and_set),
		cmocka_unit_test(control_duel_with_the_oracle),
		cmocka_unit_test(each_fault_has_a_name),
	};
	struct CMUnitTest tests[ARRAY_LEN(complete_rows) +
				ARRAY_LEN(indicate_rows) + ARRAY_LEN(others)];
	size_t count = 0;

	ADD_ROWS(tests, count, complete_rows, check_complete);
	ADD_ROWS(tests, count, indicate_rows, check_indicate);
	memcpy(tests + count, others, sizeof(others));
	return cmocka_run_group_tests_name("rndis_control", tests, NULL, NULL);
}
