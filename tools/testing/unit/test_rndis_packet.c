// SPDX-License-Identifier: GPL-2.0
/*
 * PACKET messages: each border of each check (Documentation/protocol.md I.1
 * rules 23 to 25), the encoder, and a duel of the decoder with the oracle.
 *
 * To see it fail: in rndis_wire.c turn any <, > or == of a check by one; drop
 * the (u64) in ends_within(); or make wire_fetch() hand out the shared memory.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "unit.h"

#define BASE_LEN	256
#define MAX_FRAME	1514

/* The base message: PPIs at 44, 60 and 76, frame from 100 to the end at 256 */
#define CSUM_AT		44
#define VLAN_AT		60
#define HASH_AT		76
#define PPI_END		92
#define FRAME_AT	100

static void put_entry(u8 *at, u32 type, u32 value)
{
	put_le(at, 16, 4);
	put_le(at + 4, type, 4);
	put_le(at + 8, 12, 4);
	put_le(at + 12, value, 4);
}

static void make_base(u8 *msg)
{
	memset(msg, 0, BASE_LEN);
	put_le(msg, 1, 4);
	put_le(msg + 4, BASE_LEN, 4);
	put_le(msg + 8, FRAME_AT - 8, 4);
	put_le(msg + 12, BASE_LEN - FRAME_AT, 4);
	put_le(msg + 28, 36, 4);
	put_le(msg + 32, PPI_END - 44, 4);
	put_entry(msg + CSUM_AT, 0, 0x28);
	put_entry(msg + VLAN_AT, 6, 0x0642);
	put_entry(msg + HASH_AT, 8, 0xDEADBEEF);
}

struct row {
	const char *name;
	u32 len;			/* bytes that came, 0: BASE_LEN */
	u32 max_frame;			/* 0: MAX_FRAME */
	enum rndis_wire_fault want;
	struct patch patch[8];
};

static const struct row rows[] = {
	{ "packet_base", .want = RNDIS_WIRE_OK },

	/* rule 23 */
	{ "packet_nothing_came", .len = 1, .want = RNDIS_FAULT_SHORT },
	{ "packet_43_bytes_came", .len = 43, .want = RNDIS_FAULT_SHORT },
	{ "packet_44_bytes_came", .len = 44, .want = RNDIS_FAULT_MSG_LEN },
	{ "packet_type_0", .want = RNDIS_FAULT_TYPE, .patch = { P32(0, 0) } },
	{ "packet_type_completion", .want = RNDIS_FAULT_TYPE,
	  .patch = { P32(0, 0x80000001) } },
	{ "packet_length_43", .want = RNDIS_FAULT_MSG_LEN,
	  .patch = { P32(4, 43) } },
	{ "packet_length_one_over", .want = RNDIS_FAULT_MSG_LEN,
	  .patch = { P32(4, BASE_LEN + 1) } },
	{ "packet_length_max", .want = RNDIS_FAULT_MSG_LEN,
	  .patch = { P32(4, 0xFFFFFFFF) } },
	{ "packet_length_may_be_less_than_came", .len = BASE_LEN - 1,
	  .want = RNDIS_WIRE_OK,
	  .patch = { P32(4, BASE_LEN - 1), P32(12, 155) } },

	/* rule 24, frame */
	{ "data_offset_36_no_ppi", .want = RNDIS_WIRE_OK,
	  .patch = { P32(8, 36), P32(28, 0), P32(32, 0) } },
	{ "data_offset_35", .want = RNDIS_FAULT_DATA,
	  .patch = { P32(8, 35), P32(28, 0), P32(32, 0) } },
	{ "data_offset_0", .want = RNDIS_FAULT_DATA, .patch = { P32(8, 0) } },
	{ "data_ends_one_after_message", .want = RNDIS_FAULT_DATA,
	  .patch = { P32(12, BASE_LEN - FRAME_AT + 1) } },
	{ "data_ends_one_after_length", .want = RNDIS_FAULT_DATA,
	  .patch = { P32(4, BASE_LEN - 1) } },
	{ "data_offset_wraps", .want = RNDIS_FAULT_DATA,
	  .patch = { P32(8, 0xFFFFFFF8) } },
	{ "data_offset_plus_length_wraps", .want = RNDIS_FAULT_DATA,
	  .patch = { P32(8, 0xFFFFFF00), P32(12, 0x140) } },
	{ "data_length_wraps", .want = RNDIS_FAULT_DATA,
	  .patch = { P32(12, 0xFFFFFFA4) } },
	{ "frame_of_14", .want = RNDIS_WIRE_OK, .patch = { P32(12, 14) } },
	{ "frame_of_13", .want = RNDIS_FAULT_FRAME_LEN,
	  .patch = { P32(12, 13) } },
	{ "frame_of_0", .want = RNDIS_FAULT_FRAME_LEN,
	  .patch = { P32(12, 0) } },
	{ "frame_of_0_at_the_end", .want = RNDIS_FAULT_FRAME_LEN,
	  .patch = { P32(8, BASE_LEN - 8), P32(12, 0) } },
	{ "frame_at_its_limit", .max_frame = 156, .want = RNDIS_WIRE_OK },
	{ "frame_over_its_limit", .max_frame = 155,
	  .want = RNDIS_FAULT_FRAME_LEN },

	/* rule 24, out-of-band data: nobody reads it, but it must be inside */
	{ "oob_offset_without_length", .want = RNDIS_WIRE_OK,
	  .patch = { P32(16, 0xFFFFFFFF) } },
	{ "oob_inside", .want = RNDIS_WIRE_OK,
	  .patch = { P32(16, 36), P32(20, BASE_LEN - 44) } },
	{ "oob_one_over", .want = RNDIS_FAULT_OOB,
	  .patch = { P32(16, 36), P32(20, BASE_LEN - 43) } },
	{ "oob_in_header", .want = RNDIS_FAULT_OOB,
	  .patch = { P32(16, 35), P32(20, 1) } },
	{ "oob_wraps", .want = RNDIS_FAULT_OOB,
	  .patch = { P32(16, 0xFFFFFFF0), P32(20, 0x20) } },

	/* rule 24, where per-packet info may be */
	{ "ppi_offset_without_length", .want = RNDIS_WIRE_OK,
	  .patch = { P32(28, 0xFFFFFFFF), P32(32, 0) } },
	{ "ppi_length_without_offset", .want = RNDIS_FAULT_PPI_REGION,
	  .patch = { P32(28, 0) } },
	{ "ppi_offset_32", .want = RNDIS_FAULT_PPI_REGION,
	  .patch = { P32(28, 32) } },
	{ "ppi_offset_misaligned", .want = RNDIS_FAULT_PPI_REGION,
	  .patch = { P32(28, 38) } },
	{ "ppi_up_to_the_frame", .want = RNDIS_WIRE_OK,
	  .patch = { P32(8, PPI_END - 8) } },
	{ "ppi_into_the_frame", .want = RNDIS_FAULT_PPI_REGION,
	  .patch = { P32(8, PPI_END - 12) } },
	{ "ppi_behind_the_frame", .want = RNDIS_FAULT_PPI_REGION,
	  .patch = { P32(12, 14), P32(28, 192) } },
	{ "ppi_offset_wraps", .want = RNDIS_FAULT_PPI_REGION,
	  .patch = { P32(28, 0xFFFFFFF8), P32(32, 0x30) } },
	{ "ppi_length_wraps", .want = RNDIS_FAULT_PPI_REGION,
	  .patch = { P32(32, 0xFFFFFFF8) } },
	{ "ppi_in_a_gap", .want = RNDIS_WIRE_OK,
	  .patch = { P32(28, 52), P32(32, 32) } },

	/* rule 25; T17: none of these may loop */
	{ "ppi_size_0", .want = RNDIS_FAULT_PPI_SIZE,
	  .patch = { P32(CSUM_AT, 0) } },
	{ "ppi_size_8", .want = RNDIS_FAULT_PPI_SIZE,
	  .patch = { P32(VLAN_AT, 8) } },
	{ "ppi_size_18", .want = RNDIS_FAULT_PPI_SIZE,
	  .patch = { P32(CSUM_AT, 18) } },
	{ "ppi_size_over_the_rest", .want = RNDIS_FAULT_PPI_SIZE,
	  .patch = { P32(HASH_AT, 20) } },
	{ "ppi_size_max", .want = RNDIS_FAULT_PPI_SIZE,
	  .patch = { P32(CSUM_AT, 0xFFFFFFFC) } },
	{ "ppi_rest_too_small", .want = RNDIS_FAULT_PPI_SIZE,
	  .patch = { P32(32, 56) } },
	{ "ppi_rest_of_one", .want = RNDIS_FAULT_PPI_SIZE,
	  .patch = { P32(32, 49) } },
	{ "ppi_value_offset_8", .want = RNDIS_FAULT_PPI_VALUE,
	  .patch = { P32(CSUM_AT + 8, 8) } },
	{ "ppi_value_offset_13", .want = RNDIS_FAULT_PPI_VALUE,
	  .patch = { P32(CSUM_AT + 8, 13) } },
	{ "ppi_value_offset_16", .want = RNDIS_FAULT_PPI_VALUE,
	  .patch = { P32(CSUM_AT + 8, 16) } },
	{ "ppi_value_offset_over_size", .want = RNDIS_FAULT_PPI_VALUE,
	  .patch = { P32(CSUM_AT + 8, 17) } },
	{ "ppi_value_offset_max", .want = RNDIS_FAULT_PPI_VALUE,
	  .patch = { P32(HASH_AT + 8, 0xFFFFFFFC) } },
	{ "ppi_without_value", .want = RNDIS_FAULT_PPI_VALUE,
	  .patch = { P32(32, 12), P32(CSUM_AT, 12) } },
	{ "ppi_value_further_back", .want = RNDIS_WIRE_OK,
	  .patch = { P32(CSUM_AT, 32), P32(CSUM_AT + 8, 28) } },
	{ "ppi_unknown_needs_no_value", .want = RNDIS_WIRE_OK,
	  .patch = { P32(CSUM_AT + 4, 77), P32(CSUM_AT + 8, 0) } },
	{ "ppi_unknown_needs_a_size", .want = RNDIS_FAULT_PPI_SIZE,
	  .patch = { P32(CSUM_AT + 4, 77), P32(CSUM_AT, 4) } },
};

static void check_row(void **state)
{
	const struct row *row = *state;
	u32 len = row->len ? row->len : BASE_LEN;
	struct rndis_packet_info info, second;
	enum rndis_wire_fault fault;
	u8 msg[BASE_LEN];
	u32 skew;

	make_base(msg);
	apply(msg, row->patch);

	for (skew = 0; skew < 8; skew++) {
		u32 max = row->max_frame ? row->max_frame : MAX_FRAME;
		struct exact copy = exact_copy(msg, len, skew);

		fault = rndis_wire_packet(copy.msg, len, max, &info);
		assert_string_equal(rndis_wire_fault_name(fault),
				    rndis_wire_fault_name(row->want));
		assert_int_equal(oracle_packet(copy.msg, len, max, &second),
				 row->want);
		if (row->want == RNDIS_WIRE_OK) {
			assert_int_equal(info.have, second.have);
			assert_true(info.data_off + info.data_len <= len);
		}
		free(copy.mem);
	}
}

static void packet_values(void **state)
{
	struct rndis_packet_info info;
	u8 msg[BASE_LEN];

	(void)state;
	make_base(msg);
	assert_int_equal(rndis_wire_packet(msg, BASE_LEN, MAX_FRAME, &info), 0);
	assert_int_equal(info.msg_len, BASE_LEN);
	assert_int_equal(info.data_off, FRAME_AT);
	assert_int_equal(info.data_len, BASE_LEN - FRAME_AT);
	assert_int_equal(info.have, RNDIS_HAVE_CSUM | RNDIS_HAVE_VLAN |
				    RNDIS_HAVE_HASH);
	assert_int_equal(info.csum, RNDIS_RX_CSUM_TCP_SUCCEEDED |
				    RNDIS_RX_CSUM_IP_SUCCEEDED);
	assert_int_equal(info.vlan, 0x0642);
	assert_int_equal(info.hash, 0xDEADBEEF);
	assert_int_equal(info.lso | info.hash_info | info.packet_id |
			 info.packet_flags, 0);

	put_entry(msg + CSUM_AT, 2, 0x40000123);
	put_entry(msg + VLAN_AT, 9, 0x0201);
	put_entry(msg + HASH_AT, 0x80000001, 0xBEEF0701);
	assert_int_equal(rndis_wire_packet(msg, BASE_LEN, MAX_FRAME, &info), 0);
	assert_int_equal(info.have, RNDIS_HAVE_LSO | RNDIS_HAVE_HASH_INFO |
				    RNDIS_HAVE_PACKET_ID);
	assert_int_equal(info.lso, 0x40000123);
	assert_int_equal(info.hash_info, 0x0201);
	assert_int_equal(info.packet_id, 0xBEEF);
	assert_int_equal(info.packet_flags, RNDIS_PACKET_ID_FRAGMENT |
			 RNDIS_PACKET_ID_FIRST | RNDIS_PACKET_ID_LAST);
	assert_int_equal(info.csum | info.vlan | info.hash, 0);
}

static void ppi_first_of_a_type_wins(void **state)
{
	struct rndis_packet_info info;
	u8 msg[BASE_LEN];

	(void)state;
	make_base(msg);
	put_entry(msg + HASH_AT, 0, 0x01);
	assert_int_equal(rndis_wire_packet(msg, BASE_LEN, MAX_FRAME, &info), 0);
	assert_int_equal(info.csum, 0x28);
	assert_int_equal(info.have, RNDIS_HAVE_CSUM | RNDIS_HAVE_VLAN);
}

/* Documentation/protocol.md E.5: only the first fragment has an Ethernet header */
static void later_fragments_may_be_short(void **state)
{
	static const struct {
		u8 flags;
		u32 shortest;
	} cases[] = {
		{ 0, 14 }, { 1, 1 }, { 2, 14 }, { 3, 14 },
		{ 4, 14 }, { 5, 1 }, { 6, 14 }, { 7, 14 },
	};
	struct rndis_packet_info info;
	u8 msg[BASE_LEN];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		make_base(msg);
		put_entry(msg + HASH_AT, 0x80000001, cases[i].flags << 8 | 1);
		put_le(msg + 12, cases[i].shortest, 4);
		assert_int_equal(rndis_wire_packet(msg, BASE_LEN, MAX_FRAME,
						   &info), RNDIS_WIRE_OK);
		put_le(msg + 12, cases[i].shortest - 1, 4);
		assert_int_equal(rndis_wire_packet(msg, BASE_LEN, MAX_FRAME,
						   &info),
				 RNDIS_FAULT_FRAME_LEN);
	}
}

/* What a frame may not be longer than, a fragment may */
static void fragments_may_be_long(void **state)
{
	static const u32 longest = 14 + 65535;
	static u8 msg[FRAME_AT + 14 + 65535 + 1];
	struct rndis_packet_info info;
	u8 flags;
	u32 most;

	(void)state;
	for (flags = 0; flags < 8; flags++) {
		most = flags & 1 && (flags & 6) != 6 ? longest : MAX_FRAME;
		make_base(msg);
		put_le(msg + 4, sizeof(msg), 4);
		put_entry(msg + HASH_AT, 0x80000001, flags << 8 | 1);
		put_le(msg + 12, most, 4);
		assert_int_equal(rndis_wire_packet(msg, sizeof(msg), MAX_FRAME,
						   &info), RNDIS_WIRE_OK);
		put_le(msg + 12, most + 1, 4);
		assert_int_equal(rndis_wire_packet(msg, sizeof(msg), MAX_FRAME,
						   &info),
				 RNDIS_FAULT_FRAME_LEN);
	}
}

static enum rndis_wire_fault decode_entries(u32 count)
{
	u32 len = 44 + count * 12 + 14;
	struct rndis_packet_info info;
	u8 msg[1024] = { 0 };
	u32 i;

	put_le(msg, 1, 4);
	put_le(msg + 4, len, 4);
	put_le(msg + 8, 36 + count * 12, 4);
	put_le(msg + 12, 14, 4);
	put_le(msg + 28, 36, 4);
	put_le(msg + 32, count * 12, 4);
	for (i = 0; i < count; i++) {
		put_le(msg + 44 + i * 12, 12, 4);
		put_le(msg + 48 + i * 12, 77, 4);
	}
	return rndis_wire_packet(msg, len, MAX_FRAME, &info);
}

static void ppi_number_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(decode_entries(RNDIS_PPI_MAX), RNDIS_WIRE_OK);
	assert_int_equal(decode_entries(RNDIS_PPI_MAX + 1),
			 RNDIS_FAULT_PPI_COUNT);
}

static void put_packet_bytes(void **state)
{
	/* Documentation/protocol.md E.2 and E.4, written out by hand */
	static const u8 want[] = {
		0x01, 0, 0, 0, 0x3E, 0x06, 0, 0,	/* PACKET, 1598 bytes */
		0x44, 0, 0, 0, 0xEA, 0x05, 0, 0,	/* data at 68, 1514 */
		0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0x24, 0, 0, 0,		/* PPI at 36, */
		0x20, 0, 0, 0, 0, 0, 0, 0,		/* 32 bytes */
		0, 0, 0, 0,
		0x10, 0, 0, 0, 0x06, 0, 0, 0, 0x0C, 0, 0, 0, 0x5B, 0x06, 0, 0,
		0x10, 0, 0, 0, 0x00, 0, 0, 0, 0x0C, 0, 0, 0, 0x05, 0, 0x22, 0,
	};
	const struct rndis_tx_info tx = {
		.data_len = 1514,
		.pad = 8,
		.have = RNDIS_HAVE_VLAN | RNDIS_HAVE_CSUM,
		.vlan = rndis_vlan_from_tci(0x7065),
		.csum = RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_TCP |
			34 << RNDIS_TX_CSUM_OFFSET_SHIFT,
	};
	u8 buf[RNDIS_TX_HDR_MAX + 1];

	(void)state;
	memset(buf, 0xA5, sizeof(buf));
	assert_int_equal(rndis_wire_put_packet(buf, RNDIS_TX_HDR_MAX, &tx),
			 sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));
	assert_int_equal(buf[sizeof(want)], 0xA5);
}

static void put_packet_refuses(void **state)
{
	struct rndis_tx_info tx = { .data_len = 60, .have = RNDIS_HAVE_VLAN };
	u8 buf[RNDIS_TX_HDR_MAX], clean[RNDIS_TX_HDR_MAX];

	(void)state;
	memset(buf, 0xA5, sizeof(buf));
	memset(clean, 0xA5, sizeof(clean));
	assert_int_equal(rndis_wire_put_packet(buf, 59, &tx), -ENOSPC);
	assert_int_equal(rndis_wire_put_packet(buf, 0, &tx), -ENOSPC);
	tx.data_len = 0;
	assert_int_equal(rndis_wire_put_packet(buf, sizeof(buf), &tx), -EINVAL);
	tx.data_len = 0xFFFFFFFF - 59;
	assert_int_equal(rndis_wire_put_packet(buf, sizeof(buf), &tx), -EINVAL);
	tx.data_len = 60;
	tx.pad = 0xFFFFFFFF;
	assert_int_equal(rndis_wire_put_packet(buf, sizeof(buf), &tx), -EINVAL);
	tx.pad = 0;
	tx.have = RNDIS_HAVE_LSO | RNDIS_HAVE_CSUM;
	assert_int_equal(rndis_wire_put_packet(buf, sizeof(buf), &tx), -EINVAL);
	tx.have = RNDIS_HAVE_HASH;
	assert_int_equal(rndis_wire_put_packet(buf, sizeof(buf), &tx), -EINVAL);
	assert_memory_equal(buf, clean, sizeof(buf));

	tx.have = RNDIS_HAVE_VLAN;
	tx.data_len = 0xFFFFFFFF - 60;
	assert_int_equal(rndis_wire_put_packet(buf, 60, &tx), 60);
}

/* Whatever the encoder writes, the decoder reads back */
static void put_packet_round_trip(void **state)
{
	static const u32 choices[] = { 0, RNDIS_HAVE_LSO, RNDIS_HAVE_CSUM };
	struct rndis_packet_info info;
	struct rndis_tx_info tx;
	u32 i, hdr;

	(void)state;
	random_start();
	for (i = 0; i < 10000; i++) {
		u8 msg[RNDIS_TX_HDR_MAX + 256] = { 0 };

		tx.have = choices[i % 3] |
			  (random_below(2) ? RNDIS_HAVE_VLAN : 0);
		tx.data_len = 14 + random_below(200);
		tx.pad = random_below(8);
		tx.vlan = tx.have & RNDIS_HAVE_VLAN ? random_below(65536) : 0;
		tx.lso = tx.have & RNDIS_HAVE_LSO ? nasty(0) : 0;
		tx.csum = tx.have & RNDIS_HAVE_CSUM ? nasty(0) : 0;

		hdr = (u32)rndis_wire_put_packet(msg, sizeof(msg), &tx);
		assert_in_range(hdr, 44, RNDIS_TX_HDR_MAX);
		assert_int_equal(rndis_wire_packet(msg,
						   hdr + tx.data_len + tx.pad,
						   MAX_FRAME, &info), 0);
		assert_int_equal(info.msg_len, hdr + tx.data_len + tx.pad);
		assert_int_equal(info.data_off, hdr);
		assert_int_equal(info.data_len, tx.data_len);
		assert_int_equal(info.have, tx.have);
		assert_int_equal(info.vlan, tx.vlan);
		assert_int_equal(info.lso, tx.lso);
		assert_int_equal(info.csum, tx.csum);
	}
}

static void vlan_and_lso_values(void **state)
{
	u32 tci;

	(void)state;
	/* priority 5, DEI, VLAN 0xABC: 2:0, 3 and 15:4 of the value */
	assert_int_equal(rndis_vlan_from_tci(0xBABC), 0xABCD);
	assert_int_equal(rndis_vlan_to_tci(0xABCD), 0xBABC);
	assert_int_equal(rndis_vlan_to_tci(0xFFFF0000), 0);
	for (tci = 0; tci < 65536; tci++)
		assert_int_equal(rndis_vlan_to_tci(rndis_vlan_from_tci((u16)tci)),
				 tci);

	assert_int_equal(rndis_lso_value(1448, 34, false), 0x422005A8);
	assert_int_equal(rndis_lso_value(0xFFFFF, 1023, true), 0xFFFFFFFF);
	assert_int_equal(rndis_lso_value(0x100000, 1024, false), 0x40000000);
}

static u32 random_message(u8 *msg)
{
	static const u32 types[] = { 0, 2, 6, 8, 9, 0x80000001, 1, 77 };
	u32 at = 44, n = random_below(6), data, len;

	while (n--) {
		u32 size = 12 + 4 * random_below(4);

		put_le(msg + at, size, 4);
		put_le(msg + at + 4, types[random_below(8)], 4);
		put_le(msg + at + 8, 12 + random_below(size - 11), 4);
		if (random_below(4))
			put_le(msg + at + 8, 12, 4);
		if (random_below(8) && size < 16)
			put_le(msg + at + 4, 77, 4);
		for (data = 12; data < size; data++)
			msg[at + data] = (u8)random_below(256);
		at += size;
	}
	data = at + 4 * random_below(4);
	len = data + random_below(40);

	put_le(msg, 1, 4);
	put_le(msg + 4, len, 4);
	put_le(msg + 8, data - 8, 4);
	put_le(msg + 12, random_below(8) ? len - data : random_below(20), 4);
	put_le(msg + 28, 36, 4);
	put_le(msg + 32, at - 44, 4);
	return len;
}

/* Spoil up to three words or bytes of the message or of how much came of it */
static u32 spoil(u8 *msg, u32 len)
{
	u32 n = random_below(4);

	while (n--) {
		u32 at = 4 * random_below(len / 4);

		if (random_below(2) && at >= 44)
			at = 4 * random_below(11);
		switch (random_below(8)) {
		case 0:
			msg[random_below(len)] = (u8)random_below(256);
			break;
		case 1:
			len -= random_below(len / 8);
			break;
		default:
			put_le(msg + at, nasty(len), 4);
		}
	}
	return len;
}

static void duel_with_the_oracle(void **state)
{
	u32 rounds = env_u32("WIRE_ROUNDS", 400000);
	u32 seen[RNDIS_FAULT_COUNT] = { 0 };
	struct rndis_packet_info ours, theirs;
	u32 i;

	(void)state;
	random_start();
	for (i = 0; i < rounds; i++) {
		enum rndis_wire_fault fault;
		u8 msg[512] = { 0 };
		struct exact copy;
		u32 len;

		len = spoil(msg, random_message(msg));
		copy = exact_copy(msg, len, random_below(8));
		fault = rndis_wire_packet(copy.msg, len, 30, &ours);
		assert_int_equal(fault, oracle_packet(copy.msg, len, 30,
						      &theirs));
		if (!fault)
			assert_memory_equal(&ours, &theirs, sizeof(ours));
		seen[fault]++;
		free(copy.mem);
	}

	/* a duel that never met a fault has not been about it */
	for (i = 0; i <= RNDIS_FAULT_PPI_VALUE; i++) {
		printf("# %8u %s\n", seen[i], rndis_wire_fault_name(i));
		assert_int_not_equal(seen[i], 0);
	}
}

static atomic_bool stop_rewriting;

/*
 * Plays the host: data length right, right, ... and 512 bytes too long, which no
 * check but that against the message length would see.
 */
static void *rewrite(void *arg)
{
	volatile u8 *msg = arg;

	while (!atomic_load(&stop_rewriting)) {
		msg[13] = 2;
		msg[13] = 0;
	}
	return NULL;
}

/*
 * A host rewrites the message all the time. Each result must be sound in
 * itself: what was accepted was judged on the bytes that came out.
 */
static void rewritten_while_being_read(void **state)
{
	struct rndis_packet_info info;
	u32 accepted = 0, refused = 0;
	struct timespec now, end;
	static u8 msg[BASE_LEN];
	pthread_t host;

	(void)state;
	make_base(msg);
	assert_int_equal(pthread_create(&host, NULL, rewrite, msg), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += 10;
	do {
		if (rndis_wire_packet(msg, BASE_LEN, MAX_FRAME, &info)) {
			refused++;
		} else {
			accepted++;
			assert_int_equal(info.data_len, BASE_LEN - FRAME_AT);
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((accepted < 100000 || refused < 20000) &&
		 now.tv_sec < end.tv_sec);
	atomic_store(&stop_rewriting, true);
	pthread_join(host, NULL);

	printf("# %u accepted, %u refused\n", accepted, refused);
	assert_true(accepted && refused);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(packet_values),
		cmocka_unit_test(ppi_first_of_a_type_wins),
		cmocka_unit_test(later_fragments_may_be_short),
		cmocka_unit_test(fragments_may_be_long),
		cmocka_unit_test(ppi_number_is_bounded),
		cmocka_unit_test(put_packet_bytes),
		cmocka_unit_test(put_packet_refuses),
		cmocka_unit_test(put_packet_round_trip),
		cmocka_unit_test(vlan_and_lso_values),
		cmocka_unit_test(duel_with_the_oracle),
		cmocka_unit_test(rewritten_while_being_read),
	};
	struct CMUnitTest tests[ARRAY_LEN(rows) + ARRAY_LEN(others)];
	size_t count = 0;

	ADD_ROWS(tests, count, rows, check_row);
	memcpy(tests + count, others, sizeof(others));
	return cmocka_run_group_tests_name("rndis_packet", tests, NULL, NULL);
}
