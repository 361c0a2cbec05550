// SPDX-License-Identifier: GPL-2.0
/*
 * Packets from the guest: where the bytes come from, how messages follow one
 * another, what a RNDIS PACKET must look like. After each refusal traffic flows.
 */
#include "nic_guest.h"

#include <string.h>

static void up_with(const char *spec)
{
	g_nic(HOST_WS2022, spec);
	g_up(NVSP_PROTOCOL_VERSION_61);
}

static void up(void)
{
	up_with("");
}

/* The stream @msg is refused as @rule, and only that */
static void refused(const u8 *msg, u32 len, const char *rule)
{
	assert_int_equal(g_tx(msg, len), NVSP_STATUS_INVALID_RNDIS_PACKET);
	assert_int_equal(g.frames, 0);
	g_violation(rule);
	g_alive();
}

static u32 nvsp_packet(struct nvsp_message *msg, u32 type, u32 index, u32 size)
{
	memset(msg, 0, sizeof(*msg));
	msg->type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET);
	msg->rndis_packet.channel_type = cpu_to_le32(type);
	msg->rndis_packet.section_index = cpu_to_le32(index);
	msg->rndis_packet.section_size = cpu_to_le32(size);
	return NVSP_MSG_LEN;
}

static u32 push(u16 type, u32 index, u32 size, const struct iovec *iov, u32 count)
{
	struct nvsp_message msg;
	struct fake_sent sent;

	nvsp_packet(&msg, NVSP_RNDIS_DATA, index, size);
	fake_push(g.chan, type, VM_PKT_FLAG_COMPLETION, g.next_id++, &msg,
		  NVSP_MSG_LEN, iov, count);
	fake_run(g.chan);
	if (!fake_take(g.chan, &sent))
		return 0;
	assert_int_equal(sent.trans_id, g.next_id - 1);
	memcpy(&msg, sent.payload, sizeof(msg));
	return le32_to_cpu(msg.rndis_packet_complete.status);
}

static void frame_from_a_section(void **state)
{
	u8 frame[256];
	u32 len = f_udp4(frame, 100);

	(void)state;
	up();
	len = g_frame(g.send + 15 * 6144, frame, len, U32_MAX, 0);
	assert_int_equal(push(VM_PKT_INBAND, 15, len, NULL, 0),
			 NVSP_STATUS_SUCCESS);
	assert_int_equal(g.frames, 1);
	assert_memory_equal(g.frame[0].data, frame, 142);
	g.frames = 0;
	g_alive();
}

static void frame_from_section_and_ranges(void **state)
{
	u8 frame[600], msg[700];
	struct iovec iov[2];
	u32 len = f_udp4(frame, 500), whole;

	(void)state;
	up();
	whole = g_frame(msg, frame, len, U32_MAX, 0);
	memcpy(g.send, msg, 60);
	iov[0] = (struct iovec){ msg + 60, 100 };
	iov[1] = (struct iovec){ msg + 160, whole - 160 };
	assert_int_equal(push(VM_PKT_GPA_DIRECT, 0, 60, iov, 2),
			 NVSP_STATUS_SUCCESS);
	assert_int_equal(g.frames, 1);
	assert_int_equal(g.frame[0].len, len);
	assert_memory_equal(g.frame[0].data, frame, len);
	g.frames = 0;
	g_alive();
}

static void bad_sections_stop(void **state)
{
	static const struct { u32 index, size;
	} bad[] = {
		{ 16, 100 }, { 0x80000000, 100 }, { 0, 0 },
		{ 0, 6145 }, { 15, 0xffffffff },
	};
	unsigned int i;

	(void)state;
	up();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(push(VM_PKT_INBAND, bad[i].index, bad[i].size,
				      NULL, 0),
				 0);
		g_violation("nvsp.section");
		assert_true(fake_failed(g.chan));
		g_reopen(NVSP_PROTOCOL_VERSION_61);
	}
	g_alive();
}

static void in_band_without_section_stops(void **state)
{
	(void)state;
	up();
	assert_int_equal(push(VM_PKT_INBAND, NVSP_SECTION_NONE, 0, NULL, 0), 0);
	g_violation("nvsp.section");
	assert_true(fake_failed(g.chan));
}

static void foreign_channel_type_stops(void **state)
{
	struct nvsp_message msg;
	u8 bytes[64] = { 1 };
	struct iovec iov = { bytes, sizeof(bytes) };

	(void)state;
	up();
	nvsp_packet(&msg, 2, NVSP_SECTION_NONE, 0);
	fake_push(g.chan, VM_PKT_GPA_DIRECT, 1, 5, &msg, NVSP_MSG_LEN, &iov, 1);
	fake_run(g.chan);
	g_violation("nvsp.channel-type");
	assert_true(fake_failed(g.chan));
}

static void too_many_bytes_stop(void **state)
{
	static u8 bytes[NIC_TX_STREAM_MAX + 1];

	(void)state;
	up();
	assert_int_equal(g_tx(bytes, sizeof(bytes)), U32_MAX);
	g_violation("nvsp.ranges");
	assert_true(fake_failed(g.chan));
}

static void too_many_ranges_stop(void **state)
{
	struct iovec iov[NVSP_MDL_CHAIN + 1];
	u8 frame[128], msg[256];
	u32 len, i;

	(void)state;
	up();
	len = g_frame(msg, frame, f_udp4(frame, 40), U32_MAX, 0);
	assert_true(len > NVSP_MDL_CHAIN + 60);
	iov[0] = (struct iovec){ msg, len - NVSP_MDL_CHAIN + 1 };
	for (i = 1; i < NVSP_MDL_CHAIN; i++)
		iov[i] = (struct iovec){ msg + iov[0].iov_len + i - 1, 1 };
	assert_int_equal(push(VM_PKT_GPA_DIRECT, NVSP_SECTION_NONE, 0, iov,
			      NVSP_MDL_CHAIN),
			 NVSP_STATUS_SUCCESS);
	g_no_violation();
	iov[0].iov_len--;
	for (i = 1; i <= NVSP_MDL_CHAIN; i++)
		iov[i] = (struct iovec){ msg + iov[0].iov_len + i - 1, 1 };
	assert_int_equal(push(VM_PKT_GPA_DIRECT, NVSP_SECTION_NONE, 0, iov,
			      NVSP_MDL_CHAIN + 1),
			 0);
	g_violation("nvsp.mdl-chain");
	assert_true(fake_failed(g.chan));
}

static void data_before_initialize_stops(void **state)
{
	u8 frame[128], msg[256];
	u32 len = f_udp4(frame, 40);

	(void)state;
	g_nic(HOST_WS2022, "");
	g_configure(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(g_tx(msg, g_frame(msg, frame, len, U32_MAX, 0)), U32_MAX);
	g_violation("rndis.order");
	assert_true(fake_failed(g.chan));
}

/* --- several messages in one packet --- */

/* @count frames of 40 + i bytes, each message but the last padded to @align bytes.
 * Return: bytes
 */
static u32 concat(u8 *out, unsigned int count, u32 align)
{
	struct rndis_header hdr;
	u8 frame[256];
	u32 at = 0, len, padded;
	unsigned int i;

	for (i = 0; i < count; i++) {
		len = g_frame(out + at, frame, f_udp4(frame, 40 + i), U32_MAX, 0);
		padded = i + 1 < count ? (len + align - 1) & ~(align - 1) : len;
		memset(out + at + len, 0, padded - len);
		memcpy(&hdr, out + at, sizeof(hdr));
		hdr.len = cpu_to_le32(padded);
		memcpy(out + at, &hdr, sizeof(hdr));
		at += padded;
	}
	return at;
}

static void eight_messages_in_one_packet(void **state)
{
	u8 msg[4096], frame[256];
	unsigned int i;
	u32 len;

	(void)state;
	up();
	assert_int_equal(le32_to_cpu(g.limits.max_packets), 8);
	assert_int_equal(le32_to_cpu(g.limits.alignment_factor), 3);
	assert_int_equal(le32_to_cpu(g.limits.max_xfer_size), 0xEFFFFFFF);
	assert_int_equal(g_tx(msg, concat(msg, 8, 8)), NVSP_STATUS_SUCCESS);
	assert_int_equal(g.frames, 8);
	for (i = 0; i < 8; i++) {
		len = f_udp4(frame, 40 + i);
		assert_int_equal(g.frame[i].len, len);
		assert_memory_equal(g.frame[i].data, frame, len);
	}
	g.frames = 0;
	g_alive();
}

static void nine_messages_are_one_too_many(void **state)
{
	u8 msg[4096];

	(void)state;
	up();
	assert_int_equal(g_tx(msg, concat(msg, 9, 8)),
			 NVSP_STATUS_INVALID_RNDIS_PACKET);
	assert_int_equal(g.frames, 8);
	g_violation("rndis.count");
	g.frames = 0;
	g_alive();
}

static void unaligned_follower_is_refused(void **state)
{
	u8 msg[1024], frame[256];
	u32 len;

	(void)state;
	up();
	len = g_frame(msg, frame, f_udp4(frame, 41), U32_MAX, 0);
	len += g_frame(msg + len, frame, f_udp4(frame, 41), U32_MAX, 0);
	refused(msg, len, "rndis.alignment");
}

/* What other hosts might allow; a message alone is no batch */
static void other_limits_are_told_and_kept(void **state)
{
	char text[8192];
	u8 msg[4096];
	u32 len;

	(void)state;
	up_with("batch=3,align=6,max-xfer=350");
	assert_int_equal(le32_to_cpu(g.limits.max_packets), 3);
	assert_int_equal(le32_to_cpu(g.limits.alignment_factor), 6);
	assert_int_equal(le32_to_cpu(g.limits.max_xfer_size), 350);
	assert_int_equal(g_query_u32(RNDIS_OID_GEN_MAXIMUM_SEND_PACKETS), 3);
	assert_int_equal(fake_hostctl("nic0 state", text, sizeof(text)), 0);
	assert_non_null(strstr(text, "batch 3\nalign 6\nmax_xfer 350\n"));

	len = concat(msg, 2, 64);
	assert_int_equal(g_tx(msg, len), NVSP_STATUS_SUCCESS);
	assert_int_equal(g.frames, 2);
	assert_int_equal(fake_hostctl("nic0 counters", text, sizeof(text)), 0);
	assert_non_null(strstr(text, "channel0 tx_most_in_packet 2\n"));
	g.frames = 0;
	assert_int_equal(g_tx(msg, concat(msg, 2, 1)),
			 NVSP_STATUS_INVALID_RNDIS_PACKET);
	g_violation("rndis.alignment");
	assert_int_equal(g.frames, 0);
	assert_int_equal(g_tx(msg, concat(msg, 3, 64)),
			 NVSP_STATUS_INVALID_RNDIS_PACKET);
	g_violation("rndis.max-transfer");
	g.frames = 0;
	assert_int_equal(g_tx(msg, g_frame(msg, msg + 2000, f_udp4(msg + 2000, 400),
					   U32_MAX, 0)), NVSP_STATUS_SUCCESS);
	g.frames = 0;
	g_alive();
}

static void a_lower_count_is_kept(void **state)
{
	u8 msg[4096];

	(void)state;
	up_with("batch=3,align=0");
	assert_int_equal(g_tx(msg, concat(msg, 3, 1)), NVSP_STATUS_SUCCESS);
	g.frames = 0;
	assert_int_equal(g_tx(msg, concat(msg, 4, 1)),
			 NVSP_STATUS_INVALID_RNDIS_PACKET);
	assert_int_equal(g.frames, 3);
	g_violation("rndis.count");
	g.frames = 0;
	g_alive();
}

static void trailing_bytes_are_refused(void **state)
{
	u8 msg[1024], frame[256];
	u32 len;

	(void)state;
	up();
	len = g_frame(msg, frame, f_udp4(frame, 46), U32_MAX, 0); /* 132 bytes */
	memset(msg + len, 0, 8);
	assert_int_equal(len % 8, 4);
	msg[4] += 4;	/* pad the message to 136 */
	assert_int_equal(g_tx(msg, len + 4 + 4), NVSP_STATUS_INVALID_RNDIS_PACKET);
	g_violation("rndis.trailing");
	g.frames = 0;
	g_alive();
}

static void control_among_data_is_refused(void **state)
{
	struct rndis_halt halt = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_HALT),
		.hdr.len = cpu_to_le32(sizeof(halt)),
	};

	(void)state;
	up();
	refused((u8 *)&halt, sizeof(halt), "rndis.data-type");
}

/* --- one message, one field wrong at a time --- */

struct bad_field {
	const char *rule;
	u32 at;		/* offset of the u32 in the message */
	u32 value;
};

/* Without per-packet info: header 44, frame of 82 bytes behind it */
static const struct bad_field bad_plain[] = {
	{ "rndis.length", 4, 43 }, { "rndis.length", 4, 127 }, { "rndis.length", 4, 0xffffffff },
	{ "rndis.data-offset", 8, 35 }, { "rndis.data-offset", 8, 119 },
	{ "rndis.data-offset", 8, 0xffffffff },
	{ "rndis.data-length", 12, 0 }, { "rndis.data-length", 12, 13 },
	{ "rndis.data-length", 12, 83 }, { "rndis.data-length", 12, 0xffffffff },
	{ "rndis.oob", 16, 36 }, { "rndis.oob", 20, 1 }, { "rndis.oob", 24, 1 },
	{ "rndis.vc-handle", 36, 1 },
	{ "rndis.ppi-offset", 32, 16 },
};

/* With one of 16 bytes: offset 36, frame at 60 */
static const struct bad_field bad_ppi[] = {
	{ "rndis.ppi-offset", 28, 32 }, { "rndis.ppi-offset", 28, 38 },
	{ "rndis.ppi-offset", 28, 40 }, { "rndis.ppi-offset", 28, 0xffffffff },
	{ "rndis.ppi-offset", 32, 20 }, { "rndis.ppi-offset", 32, 14 },
	{ "rndis.ppi-offset", 32, 0xfffffffc },
	{ "rndis.ppi-size", 44, 0 }, { "rndis.ppi-size", 44, 8 }, { "rndis.ppi-size", 44, 14 },
	{ "rndis.ppi-size", 44, 20 }, { "rndis.ppi-size", 44, 0xfffffff0 },
	{ "rndis.ppi-value", 52, 8 }, { "rndis.ppi-value", 52, 16 }, { "rndis.ppi-value", 52, 14 },
	{ "rndis.ppi-value", 52, 0xffffffff },
};

static void bad_fields(const struct bad_field *bad, unsigned int count, u32 ppi_type)
{
	u8 frame[128], msg[256];
	unsigned int i;
	u32 len;

	up();
	for (i = 0; i < count; i++) {
		len = g_frame(msg, frame, f_udp4(frame, 40), ppi_type, 0x50);
		memcpy(msg + bad[i].at, &bad[i].value, 4);
		refused(msg, len, bad[i].rule);
	}
}

static void each_bad_field_is_refused(void **state)
{
	(void)state;
	bad_fields(bad_plain, ARRAY_SIZE(bad_plain), U32_MAX);
}

static void each_bad_ppi_is_refused(void **state)
{
	(void)state;
	bad_fields(bad_ppi, ARRAY_SIZE(bad_ppi), RNDIS_PPI_8021Q);
}

static void header_split_over_ranges_is_refused(void **state)
{
	u8 frame[128], msg[256];
	struct iovec iov[2];
	u32 len;

	(void)state;
	up();
	len = g_frame(msg, frame, f_udp4(frame, 40), RNDIS_PPI_8021Q, 0x50);
	iov[0] = (struct iovec){ msg, 59 };
	iov[1] = (struct iovec){ msg + 59, len - 59 };
	assert_int_equal(push(VM_PKT_GPA_DIRECT, NVSP_SECTION_NONE, 0, iov, 2),
			 NVSP_STATUS_INVALID_RNDIS_PACKET);
	g_violation("rndis.split-header");
	iov[0].iov_len = 60;
	iov[1] = (struct iovec){ msg + 60, len - 60 };
	assert_int_equal(push(VM_PKT_GPA_DIRECT, NVSP_SECTION_NONE, 0, iov, 2),
			 NVSP_STATUS_SUCCESS);
	g.frames = 0;
	g_alive();
}

static void frames_beyond_the_mtu_are_refused(void **state)
{
	static u8 frame[2048], msg[2200];
	u32 len;

	(void)state;
	up();
	len = f_udp4(frame, 1472);
	assert_int_equal(len, 1514);
	assert_int_equal(g_tx(msg, g_frame(msg, frame, len, U32_MAX, 0)),
			 NVSP_STATUS_SUCCESS);
	g.frames = 0;
	len = f_udp4(frame, 1473);
	refused(msg, g_frame(msg, frame, len, U32_MAX, 0), "rndis.frame-size");
}

static void repeated_ppi_is_reported_and_ignored(void **state)
{
	u8 frame[128], msg[256];
	u32 len, value;

	(void)state;
	up();
	len = f_udp4(frame, 40);
	g_frame(msg, frame, len, RNDIS_PPI_8021Q, 0x50);
	memmove(msg + 76, msg + 60, len);
	memcpy(msg + 60, msg + 44, 16);
	value = 0x70;
	memcpy(msg + 72, &value, 4);
	value = 32;
	memcpy(msg + 32, &value, 4);
	value = 68;
	memcpy(msg + 8, &value, 4);
	value = 76 + len;
	memcpy(msg + 4, &value, 4);
	memcpy(msg + 76, frame, len);
	assert_int_equal(g_tx(msg, 76 + len), NVSP_STATUS_SUCCESS);
	g_violation("rndis.ppi-twice");
	assert_int_equal(get_be16(g.frame[0].data + 14), 5);
	g.frames = 0;
	g_alive();
}

/* --- tags --- */

static void tag_goes_into_the_frame(void **state)
{
	u8 frame[128], msg[256];
	u32 len;

	(void)state;
	up();
	len = f_udp4(frame, 40);
	/* priority 5, DEI, VLAN 0x123 */
	assert_int_equal(g_tx(msg, g_frame(msg, frame, len, RNDIS_PPI_8021Q,
					   5 | 8 | 0x123 << 4)),
			 1);
	assert_int_equal(g.frame[0].len, len + 4);
	assert_memory_equal(g.frame[0].data, frame, 12);
	assert_int_equal(get_be16(g.frame[0].data + 12), 0x8100);
	assert_int_equal(get_be16(g.frame[0].data + 14), 5 << 13 | 1 << 12 | 0x123);
	assert_memory_equal(g.frame[0].data + 16, frame + 12, len - 12);
	g.frames = 0;
	g_alive();
}

static void two_tags_are_refused(void **state)
{
	u8 frame[128], msg[256];
	u32 len;

	(void)state;
	up();
	len = f_udp4(frame, 40);
	put_be16(frame + 12, 0x8100);
	refused(msg, g_frame(msg, frame, len, RNDIS_PPI_8021Q, 0x50),
		"rndis.vlan-twice");
}

/* --- completions --- */

static void completion_is_kept_while_the_ring_is_full(void **state)
{
	u8 frame[128], msg[256];
	struct nvsp_message nvsp;
	struct fake_sent sent;
	struct iovec iov;
	u32 len;
	int i;

	(void)state;
	up();
	len = g_frame(msg, frame, f_udp4(frame, 40), U32_MAX, 0);
	iov = (struct iovec){ msg, len };
	nvsp_packet(&nvsp, NVSP_RNDIS_DATA, NVSP_SECTION_NONE, 0);
	fake_room(g.chan, 0);
	for (i = 0; i < 3; i++)
		fake_push(g.chan, VM_PKT_GPA_DIRECT, 1, 100 + i, &nvsp,
			  NVSP_MSG_LEN, &iov, 1);
	fake_run(g.chan);
	/* The host takes nothing more that it could not answer */
	assert_int_equal(g.frames, 1);
	g_no_answer();
	fake_room(g.chan, UINT32_MAX);
	fake_run(g.chan);
	for (i = 0; i < 3; i++) {
		assert_true(fake_take(g.chan, &sent));
		assert_int_equal(sent.trans_id, 100 + i);
	}
	assert_int_equal(g.frames, 3);
	g.frames = 0;
	g_alive();
}

static void silent_completion_and_missing_flag(void **state)
{
	u8 frame[128], msg[256];
	struct nvsp_message nvsp;
	struct iovec iov;
	char out[64];

	(void)state;
	up();
	iov = (struct iovec){ msg, g_frame(msg, frame, f_udp4(frame, 40),
					   U32_MAX, 0) };
	nvsp_packet(&nvsp, NVSP_RNDIS_DATA, NVSP_SECTION_NONE, 0);
	assert_int_equal(fake_hostctl("nic0 silent tx-complete", out, sizeof(out)),
			 0);
	fake_push(g.chan, VM_PKT_GPA_DIRECT, 1, 7, &nvsp, NVSP_MSG_LEN, &iov, 1);
	fake_run(g.chan);
	g_no_answer();
	g_no_violation();
	assert_int_equal(fake_hostctl("nic0 answer tx-complete", out, sizeof(out)),
			 0);
	fake_push(g.chan, VM_PKT_GPA_DIRECT, 0, 8, &nvsp, NVSP_MSG_LEN, &iov, 1);
	fake_run(g.chan);
	g_no_answer();
	g_violation("nvsp.no-completion-flag");
	g.frames = 0;
	g_alive();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(frame_from_a_section),
		T(frame_from_section_and_ranges),
		T(bad_sections_stop),
		T(in_band_without_section_stops),
		T(foreign_channel_type_stops),
		T(too_many_bytes_stop),
		T(too_many_ranges_stop),
		T(data_before_initialize_stops),
		T(eight_messages_in_one_packet),
		T(nine_messages_are_one_too_many),
		T(unaligned_follower_is_refused),
		T(other_limits_are_told_and_kept),
		T(a_lower_count_is_kept),
		T(trailing_bytes_are_refused),
		T(control_among_data_is_refused),
		T(each_bad_field_is_refused),
		T(each_bad_ppi_is_refused),
		T(header_split_over_ranges_is_refused),
		T(frames_beyond_the_mtu_are_refused),
		T(repeated_ppi_is_reported_and_ignored),
		T(tag_goes_into_the_frame),
		T(two_tags_are_refused),
		T(completion_is_kept_while_the_ring_is_full),
		T(silent_completion_and_missing_flag),
	};

	return cmocka_run_group_tests_name("nic_tx", tests, NULL, NULL);
}
