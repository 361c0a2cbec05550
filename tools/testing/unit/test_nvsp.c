// SPDX-License-Identifier: GPL-2.0
/*
 * NVSP messages and transfer pages: Documentation/protocol.md D.8, D.11, and I.1
 * rules 18 to 21.
 *
 * To see it fail: in nvsp_wire.c move any border by one, make a product or sum
 * 32 bits wide, or leave out the exception in table_offset().
 */
#include "unit.h"

#define BUF_LEN		(16u << 20)

struct row {
	const char *name;
	u32 len;
	enum nvsp_wire_fault want;
	struct patch patch[7];
};

/* 102 with 9709 sub-allocations of 1728 bytes: 16,777,152 of 16,777,216 */
#define RECV		P32(0, 102), P32(4, 1), P32(8, 1), P32(16, 1728), \
			P32(20, 9709)

static const struct row recv_rows[] = {
	{ "recv_buf", 28, NVSP_WIRE_OK, { RECV } },
	{ "recv_buf_longer_message", 40, NVSP_WIRE_OK, { RECV } },
	{ "recv_buf_27_bytes", 27, NVSP_FAULT_SHORT, { RECV } },
	{ "recv_buf_failure_in_short", 8, NVSP_FAULT_STATUS,
	  { RECV, P32(4, 2) } },
	{ "recv_buf_7_bytes", 7, NVSP_FAULT_SHORT, { RECV } },
	{ "recv_buf_type", 28, NVSP_FAULT_TYPE, { RECV, P32(0, 105) } },
	{ "recv_buf_status_none", 28, NVSP_FAULT_STATUS, { RECV, P32(4, 0) } },
	{ "recv_buf_no_section", 28, NVSP_FAULT_SECTION, { RECV, P32(8, 0) } },
	{ "recv_buf_two_sections", 28, NVSP_FAULT_SECTION,
	  { RECV, P32(8, 2) } },
	{ "recv_buf_offset", 28, NVSP_FAULT_SECTION, { RECV, P32(12, 8) } },
	{ "recv_buf_one_too_many", 28, NVSP_FAULT_SECTION,
	  { RECV, P32(20, 9710) } },
	{ "recv_buf_exactly_full", 28, NVSP_WIRE_OK,
	  { RECV, P32(16, 2048), P32(20, 8192) } },
	{ "recv_buf_no_suballocation", 28, NVSP_FAULT_SECTION,
	  { RECV, P32(20, 0) } },
	{ "recv_buf_size_0", 28, NVSP_FAULT_SECTION, { RECV, P32(16, 0) } },
	{ "recv_buf_size_255", 28, NVSP_FAULT_SECTION, { RECV, P32(16, 255) } },
	{ "recv_buf_size_256", 28, NVSP_WIRE_OK, { RECV, P32(16, 256) } },
	{ "recv_buf_size_odd", 28, NVSP_WIRE_OK,
	  { RECV, P32(16, 1807), P32(20, 9000) } },
	{ "recv_buf_product_wraps", 28, NVSP_FAULT_SECTION,
	  { RECV, P32(16, 0x10000), P32(20, 0x10001) } },
	{ "recv_buf_whole_buffer", 28, NVSP_WIRE_OK,
	  { RECV, P32(16, BUF_LEN), P32(20, 1) } },
	{ "recv_buf_end_is_not_used", 28, NVSP_WIRE_OK,
	  { RECV, P32(24, 0xFFFFFFFF) } },
};

static void check_recv(void **state)
{
	const struct row *row = *state;
	struct nvsp_sections sections;
	u8 msg[40] = { 0 };
	struct exact copy;
	u32 status;

	apply(msg, row->patch);
	copy = exact_copy(msg, row->len, 5);
	assert_int_equal(nvsp_wire_recv_buf_complete(copy.msg, row->len,
						     BUF_LEN, &status,
						     &sections), row->want);
	if (!row->want)
		assert_true((u64)sections.size * sections.count <= BUF_LEN);
	free(copy.mem);
}

#define SEND		P32(0, 105), P32(4, 1)

static const struct row send_rows[] = {
	{ "send_buf", 12, NVSP_WIRE_OK, { SEND, P32(8, 6144) } },
	{ "send_buf_11_bytes", 11, NVSP_FAULT_SHORT, { SEND, P32(8, 6144) } },
	{ "send_buf_failure_in_short", 8, NVSP_FAULT_STATUS,
	  { P32(0, 105), P32(4, 2) } },
	{ "send_buf_type", 12, NVSP_FAULT_TYPE,
	  { SEND, P32(0, 102), P32(8, 6144) } },
	{ "send_buf_none_wanted", 12, NVSP_WIRE_OK, { SEND, P32(8, 0) } },
	{ "send_buf_size_of_all", 12, NVSP_WIRE_OK, { SEND, P32(8, BUF_LEN) } },
	{ "send_buf_size_over_all", 12, NVSP_FAULT_SECTION,
	  { SEND, P32(8, BUF_LEN + 8) } },
	{ "send_buf_size_6140", 12, NVSP_FAULT_SECTION,
	  { SEND, P32(8, 6140) } },
	{ "send_buf_size_256", 12, NVSP_WIRE_OK, { SEND, P32(8, 256) } },
	{ "send_buf_size_248", 12, NVSP_FAULT_SECTION, { SEND, P32(8, 248) } },
};

static void check_send(void **state)
{
	const struct row *row = *state;
	struct nvsp_sections sections;
	u8 msg[40] = { 0 };
	struct exact copy;
	u32 status;

	apply(msg, row->patch);
	copy = exact_copy(msg, row->len, 5);
	assert_int_equal(nvsp_wire_send_buf_complete(copy.msg, row->len,
						     BUF_LEN, &status,
						     &sections), row->want);
	if (!row->want)
		assert_int_equal(sections.count, sections.size ?
				 BUF_LEN / sections.size : 0);
	free(copy.mem);
}

/* T43: 0 is not success */
static void init_complete_status(void **state)
{
	u8 msg[16] = { 2, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 34 };
	u32 status;

	(void)state;
	for (msg[12] = 0; msg[12] < 9; msg[12]++) {
		assert_int_equal(nvsp_wire_init_complete(msg, 16, &status),
				 msg[12] == 1 ? NVSP_WIRE_OK :
				 NVSP_FAULT_STATUS);
		assert_int_equal(status, msg[12]);
	}
	assert_int_equal(nvsp_wire_init_complete(msg, 15, &status),
			 NVSP_FAULT_SHORT);
	msg[0] = 1;
	assert_int_equal(nvsp_wire_init_complete(msg, 16, &status),
			 NVSP_FAULT_TYPE);
}

static void rndis_packet_and_its_completion(void **state)
{
	u8 msg[16] = { 107 };
	bool control;
	u32 status, type;

	(void)state;
	assert_int_equal(nvsp_wire_type(msg, 3, &type), NVSP_FAULT_SHORT);
	assert_int_equal(nvsp_wire_type(msg, 4, &type), NVSP_WIRE_OK);
	assert_int_equal(type, NVSP_MSG_SEND_RNDIS_PACKET);

	assert_int_equal(nvsp_wire_rndis_packet(msg, 15, &control),
			 NVSP_FAULT_SHORT);
	assert_int_equal(nvsp_wire_rndis_packet(msg, 16, &control),
			 NVSP_WIRE_OK);
	assert_false(control);
	msg[4] = 1;
	assert_int_equal(nvsp_wire_rndis_packet(msg, 16, &control),
			 NVSP_WIRE_OK);
	assert_true(control);
	msg[4] = 2;
	assert_int_equal(nvsp_wire_rndis_packet(msg, 16, &control),
			 NVSP_FAULT_VALUE);

	assert_int_equal(nvsp_wire_rndis_complete(msg, 8, &status),
			 NVSP_FAULT_TYPE);
	msg[0] = 108;
	assert_int_equal(nvsp_wire_rndis_complete(msg, 7, &status),
			 NVSP_FAULT_SHORT);
	assert_int_equal(nvsp_wire_rndis_complete(msg, 8, &status),
			 NVSP_FAULT_STATUS);
	assert_int_equal(status, NVSP_STATUS_FAILURE);
	msg[4] = 1;
	assert_int_equal(nvsp_wire_rndis_complete(msg, 8, &status),
			 NVSP_WIRE_OK);
}

static void subchannels_granted_are_capped(void **state)
{
	u8 msg[12] = { 133, 0, 0, 0, 1, 0, 0, 0, 5 };
	u32 status, granted;

	(void)state;
	assert_int_equal(nvsp_wire_subchannel_complete(msg, 12, 7, &status,
						       &granted), 0);
	assert_int_equal(granted, 5);
	assert_int_equal(nvsp_wire_subchannel_complete(msg, 12, 4, &status,
						       &granted), 0);
	assert_int_equal(granted, 4);
	msg[11] = 0xFF;
	assert_int_equal(nvsp_wire_subchannel_complete(msg, 12, 7, &status,
						       &granted), 0);
	assert_int_equal(granted, 7);
	assert_int_equal(nvsp_wire_subchannel_complete(msg, 11, 7, &status,
						       &granted),
			 NVSP_FAULT_SHORT);
	msg[4] = 2;
	assert_int_equal(nvsp_wire_subchannel_complete(msg, 12, 7, &status,
						       &granted),
			 NVSP_FAULT_STATUS);
}

struct table_row {
	const char *name;
	u32 version;
	u32 len;
	u32 count;
	u32 offset;
	u32 lies_at;		/* where the test puts the table, 0: nowhere */
	enum nvsp_wire_fault want;
};

#define V5	NVSP_PROTOCOL_VERSION_5
#define V6	NVSP_PROTOCOL_VERSION_6
#define V61	NVSP_PROTOCOL_VERSION_61

static const struct table_row table_rows[] = {
	{ "table_after_body", V61, 76, 16, 12, 12, NVSP_WIRE_OK },
	{ "table_after_40", V61, 104, 16, 40, 40, NVSP_WIRE_OK },
	{ "table_after_28", V5, 96, 16, 28, 28, NVSP_WIRE_OK },
	{ "table_says_28_lies_at_40_v5", V5, 104, 16, 28, 40, NVSP_WIRE_OK },
	{ "table_says_28_lies_at_40_v6", V6, 104, 16, 28, 40, NVSP_WIRE_OK },
	{ "table_says_28_in_103_bytes", V6, 103, 16, 28, 28, NVSP_WIRE_OK },
	{ "table_at_28_in_v61", V61, 104, 16, 28, 28, NVSP_WIRE_OK },
	{ "table_at_32_in_v5", V5, 104, 16, 32, 32, NVSP_WIRE_OK },
	{ "table_one_byte_short", V61, 75, 16, 12, 0, NVSP_FAULT_TABLE },
	{ "table_offset_11", V61, 104, 16, 11, 0, NVSP_FAULT_TABLE },
	{ "table_offset_one_over", V61, 104, 16, 41, 0, NVSP_FAULT_TABLE },
	{ "table_offset_wraps", V61, 104, 16, 0xFFFFFFF0, 0, NVSP_FAULT_TABLE },
	{ "table_of_15", V61, 76, 15, 12, 0, NVSP_FAULT_TABLE },
	{ "table_of_17", V61, 104, 17, 12, 0, NVSP_FAULT_TABLE },
	{ "table_11_bytes_came", V61, 11, 16, 12, 0, NVSP_FAULT_SHORT },
};

static void check_table(void **state)
{
	const struct table_row *row = *state;
	u8 msg[112], table[NVSP_INDIRECTION_ENTRIES];
	struct exact copy;
	u32 i;

	/* everywhere but in the table stand indices that it must not have */
	memset(msg, 0, sizeof(msg));
	for (i = 12; i < sizeof(msg); i += 4)
		msg[i] = 63;
	put_le(msg, 134, 4);
	put_le(msg + 4, row->count, 4);
	put_le(msg + 8, row->offset, 4);
	for (i = 0; row->lies_at && i < 16; i++)
		put_le(msg + row->lies_at + 4 * i, i % 5, 4);

	memset(table, 0xA5, sizeof(table));
	copy = exact_copy(msg, row->len, 1);
	assert_int_equal(nvsp_wire_indirection(copy.msg, row->len, row->version,
					       64, table), row->want);
	for (i = 0; i < NVSP_INDIRECTION_ENTRIES; i++)
		assert_int_equal(table[i], row->want ? 0xA5 : i % 5);
	free(copy.mem);
}

static void table_entries_are_clamped(void **state)
{
	static const u32 entries[16] = { 0, 3, 4, 255, 256, 257, 0x10000,
					 0xFFFFFFFF, 0x80000001, 1, 2, 3 };
	static const u8 want[16] = { 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3 };
	u8 msg[76] = { 134, 0, 0, 0, 16, 0, 0, 0, 12 };
	u8 table[16];
	u32 i;

	(void)state;
	for (i = 0; i < 16; i++)
		put_le(msg + 12 + 4 * i, entries[i], 4);
	assert_int_equal(nvsp_wire_indirection(msg, 76, V61, 4, table), 0);
	assert_memory_equal(table, want, 16);
}

static void vf_association_and_data_path(void **state)
{
	u8 msg[12] = { 128, 0, 0, 0, 1, 0, 0, 0, 0x78, 0x56, 0x34, 0x12 };
	bool allocated, vf;
	u32 serial;

	(void)state;
	assert_int_equal(nvsp_wire_vf_association(msg, 11, &allocated, &serial),
			 NVSP_FAULT_SHORT);
	assert_int_equal(nvsp_wire_vf_association(msg, 12, &allocated, &serial),
			 NVSP_WIRE_OK);
	assert_true(allocated);
	assert_int_equal(serial, 0x12345678);
	msg[4] = 0;
	assert_int_equal(nvsp_wire_vf_association(msg, 12, &allocated, &serial),
			 NVSP_WIRE_OK);
	assert_false(allocated);
	msg[4] = 2;
	assert_int_equal(nvsp_wire_vf_association(msg, 12, &allocated, &serial),
			 NVSP_FAULT_VALUE);

	assert_int_equal(nvsp_wire_switch_data_path(msg, 8, &vf),
			 NVSP_FAULT_TYPE);
	msg[0] = 129;
	assert_int_equal(nvsp_wire_switch_data_path(msg, 8, &vf),
			 NVSP_FAULT_VALUE);
	msg[4] = 1;
	assert_int_equal(nvsp_wire_switch_data_path(msg, 8, &vf), NVSP_WIRE_OK);
	assert_true(vf);
	msg[4] = 0;
	assert_int_equal(nvsp_wire_switch_data_path(msg, 8, &vf), NVSP_WIRE_OK);
	assert_false(vf);
	assert_int_equal(nvsp_wire_switch_data_path(msg, 7, &vf),
			 NVSP_FAULT_SHORT);
}

static void xfer_header(void **state)
{
	static const struct {
		u16 id;
		u32 count, limit, payload, packet;
		enum nvsp_wire_fault want;
	} cases[] = {
		{ 0xCAFE, 1, 375, 32, 72, NVSP_WIRE_OK },
		{ 0xCAFE, 1, 375, 32, 32, NVSP_WIRE_OK },
		{ 0xCAFE, 1, 375, 32, 31, NVSP_FAULT_XFER_COUNT },
		{ 0xCAFE, 1, 375, 31, 72, NVSP_FAULT_XFER_COUNT },
		{ 0xCAFE, 1, 375, 40, 72, NVSP_WIRE_OK },
		{ 0xCAFE, 2, 375, 32, 72, NVSP_FAULT_XFER_COUNT },
		{ 0xCAFE, 0, 375, 32, 72, NVSP_FAULT_XFER_COUNT },
		{ 0xCAFE, 375, 375, 3024, 4096, NVSP_WIRE_OK },
		{ 0xCAFE, 376, 375, 3032, 4096, NVSP_FAULT_XFER_COUNT },
		{ 0xCAFE, 562, 562, 4520, 4560, NVSP_WIRE_OK },
		{ 0xCAFE, 563, 562, 4528, 4568, NVSP_FAULT_XFER_COUNT },
		/* 24 + 8 * count is 24 in 32 bits */
		{ 0xCAFE, 0x20000000, U32_MAX, 32, 72, NVSP_FAULT_XFER_COUNT },
		{ 0xCAFF, 1, 375, 32, 72, NVSP_FAULT_XFER_ID },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(nvsp_wire_xfer_header(cases[i].id,
						       cases[i].count,
						       cases[i].limit,
						       cases[i].payload,
						       cases[i].packet),
				 cases[i].want);
}

static void xfer_range(void **state)
{
	static const struct {
		u32 off, len, size, count;
		enum nvsp_wire_fault want;
	} cases[] = {
		{ 0, 1806, 1806, 100, NVSP_WIRE_OK },
		{ 0, 1807, 1806, 100, NVSP_FAULT_XFER_RANGE },
		{ 1806 * 99, 1806, 1806, 100, NVSP_WIRE_OK },
		{ 1806 * 99, 1807, 1806, 100, NVSP_FAULT_XFER_RANGE },
		{ 1806 * 100, 8, 1806, 100, NVSP_FAULT_XFER_RANGE },
		{ 1798, 8, 1806, 100, NVSP_WIRE_OK },
		{ 1799, 8, 1806, 100, NVSP_FAULT_XFER_RANGE },
		{ 0, 7, 1806, 100, NVSP_FAULT_XFER_RANGE },
		{ 0, 0, 1806, 100, NVSP_FAULT_XFER_RANGE },
		{ 0xFFFFFFF0, 0x20, 1806, 100, NVSP_FAULT_XFER_RANGE },
		{ 16, 0xFFFFFFF8, 1806, 100, NVSP_FAULT_XFER_RANGE },
		{ 0, 8, 0, 0, NVSP_FAULT_XFER_RANGE },
		{ 0, 8, 0, 100, NVSP_FAULT_XFER_RANGE },
		{ 0, 8, 1806, 0, NVSP_FAULT_XFER_RANGE },
		{ 8, 0xFFFFFFF7, 0xFFFFFFFF, 1, NVSP_WIRE_OK },
		{ 9, 0xFFFFFFF7, 0xFFFFFFFF, 1, NVSP_FAULT_XFER_RANGE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		const struct nvsp_sections sections = { cases[i].size,
							cases[i].count };

		assert_int_equal(nvsp_wire_xfer_range(cases[i].off, cases[i].len,
						      &sections),
				 cases[i].want);
		assert_int_equal(oracle_xfer_range(cases[i].off, cases[i].len,
						   &sections), cases[i].want);
	}
}

static void xfer_range_duel_with_the_oracle(void **state)
{
	u32 rounds = env_u32("WIRE_ROUNDS", 400000);
	u32 i, accepted = 0;

	(void)state;
	random_start();
	for (i = 0; i < rounds; i++) {
		const struct nvsp_sections sections = { random_below(300),
							random_below(12) };
		u32 off = nasty(sections.size * random_below(13));
		u32 len = nasty(random_below(2) ? sections.size : 8);
		enum nvsp_wire_fault fault;

		fault = nvsp_wire_xfer_range(off, len, &sections);
		assert_int_equal(fault, oracle_xfer_range(off, len, &sections));
		accepted += !fault;
	}
	printf("# %u of %u accepted\n", accepted, rounds);
	assert_in_range(accepted, rounds / 1000, rounds / 2);
}

static void each_fault_has_a_name(void **state)
{
	u32 i, n;

	(void)state;
	for (i = 0; i < NVSP_FAULT_COUNT; i++) {
		assert_non_null(nvsp_wire_fault_name(i));
		for (n = 0; n < i; n++)
			assert_string_not_equal(nvsp_wire_fault_name(i),
						nvsp_wire_fault_name(n));
	}
	assert_string_equal(nvsp_wire_fault_name(NVSP_FAULT_COUNT),
			    "unknown fault");
}

static void message_length_by_version(void **state)
{
	(void)state;
	assert_int_equal(nvsp_msg_wire_len(NVSP_PROTOCOL_VERSION_1), 28);
	assert_int_equal(nvsp_msg_wire_len(NVSP_PROTOCOL_VERSION_6), 28);
	assert_int_equal(nvsp_msg_wire_len(NVSP_PROTOCOL_VERSION_61), 40);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(init_complete_status),
		cmocka_unit_test(rndis_packet_and_its_completion),
		cmocka_unit_test(subchannels_granted_are_capped),
		cmocka_unit_test(table_entries_are_clamped),
		cmocka_unit_test(vf_association_and_data_path),
		cmocka_unit_test(xfer_header),
		cmocka_unit_test(xfer_range),
		cmocka_unit_test(xfer_range_duel_with_the_oracle),
		cmocka_unit_test(each_fault_has_a_name),
		cmocka_unit_test(message_length_by_version),
	};
	struct CMUnitTest tests[ARRAY_LEN(recv_rows) + ARRAY_LEN(send_rows) +
				ARRAY_LEN(table_rows) + ARRAY_LEN(others)];
	size_t count = 0;

	ADD_ROWS(tests, count, recv_rows, check_recv);
	ADD_ROWS(tests, count, send_rows, check_send);
	ADD_ROWS(tests, count, table_rows, check_table);
	memcpy(tests + count, others, sizeof(others));
	return cmocka_run_group_tests_name("nvsp", tests, NULL, NULL);
}
