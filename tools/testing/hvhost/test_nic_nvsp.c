// SPDX-License-Identifier: GPL-2.0
/*
 * NVSP dialogues: start-up with each version, order, buffers, sub-channels, and
 * answers withheld, late and wrong. What must not stop the channel ends with
 * traffic.
 */
#include "hostctl.h"
#include "nic_guest.h"

#include <string.h>

static const struct {
	const char *text;
	u32 version;
	u32 wire_len;
} versions[] = {
	{ "1", NVSP_PROTOCOL_VERSION_1, 28 }, { "2", NVSP_PROTOCOL_VERSION_2, 28 },
	{ "4", NVSP_PROTOCOL_VERSION_4, 28 }, { "5", NVSP_PROTOCOL_VERSION_5, 28 },
	{ "6", NVSP_PROTOCOL_VERSION_6, 28 }, { "6.1", NVSP_PROTOCOL_VERSION_61, 40 },
};

/* The newest offered is the first that is taken; the rest of the start-up works */
static void startup(unsigned int offered)
{
	char spec[16];
	unsigned int v;

	snprintf(spec, sizeof(spec), "nvsp=%s", versions[offered].text);
	g_nic(HOST_WS2022, spec);
	for (v = ARRAY_SIZE(versions) - 1; v > offered; v--)
		assert_int_not_equal(g_init(versions[v].version),
				     NVSP_STATUS_SUCCESS);
	g_up(versions[offered].version);
	g_alive();
}

#define STARTUP(n) static void startup_##n(void **state) { (void)state; startup(n); }
STARTUP(0)
STARTUP(1)
STARTUP(2)
STARTUP(3)
STARTUP(4)
STARTUP(5)

static void unknown_version_is_refused_with_an_answer(void **state)
{
	(void)state;
	g_nic(HOST_AZURE, "");
	assert_int_not_equal(g_init(0x00070000), NVSP_STATUS_SUCCESS);
	assert_int_not_equal(g_init(0x00030001), NVSP_STATUS_SUCCESS);
	assert_int_not_equal(g_init(0), NVSP_STATUS_SUCCESS);
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_alive();
}

static void messages_have_the_size_of_the_version(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_INIT) };
	struct fake_sent sent;

	(void)state;
	g_nic(HOST_WS2022, "");
	msg.init.min_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_5);
	msg.init.max_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_5);
	g_send(&msg, NVSP_MSG_LEN);
	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.len, 28);
	fake_close(g.chan);
	fake_open(g.chan);
	msg.init.min_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_61);
	msg.init.max_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_61);
	g_send(&msg, NVSP_MSG_LEN);
	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.len, 40);
}

/* --- order (D.4): each stops the channel, and a new opening works --- */

static void stopped(const char *rule)
{
	g_violation(rule);
	assert_true(fake_failed(g.chan));
	g_no_answer();
	g_reopen(NVSP_PROTOCOL_VERSION_61);
	g_alive();
}

static void send_type(u32 type)
{
	struct nvsp_message msg = { .type = cpu_to_le32(type) };

	g_send(&msg, NVSP_MSG_LEN);
}

static void second_init_stops(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	send_type(NVSP_MSG_INIT);
	stopped("nvsp.order");
}

static void config_before_init_stops(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	send_type(NVSP_MSG_SEND_NDIS_CONFIG);
	stopped("nvsp.order");
}

static void receive_buffer_before_config_stops(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	send_type(NVSP_MSG_SEND_RECV_BUF);
	stopped("nvsp.order");
}

static void second_config_stops(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	g_ndis_config(1514, 0);
	send_type(NVSP_MSG_SEND_NDIS_CONFIG);
	stopped("nvsp.order");
}

static void second_receive_buffer_stops(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	g_configure(NVSP_PROTOCOL_VERSION_61);
	send_type(NVSP_MSG_SEND_RECV_BUF);
	stopped("nvsp.order");
}

static void second_send_buffer_stops(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	g_configure(NVSP_PROTOCOL_VERSION_61);
	send_type(NVSP_MSG_SEND_SEND_BUF);
	stopped("nvsp.order");
}

static void rndis_before_the_receive_buffer_stops(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	g_ndis_config(1514, 0);
	g_ndis_version(30);
	send_type(NVSP_MSG_SEND_RNDIS_PACKET);
	stopped("nvsp.order");
}

static void configuration_after_rndis_stops(void **state)
{
	static const u32 types[] = { NVSP_MSG_SEND_NDIS_VERSION,
				     NVSP_MSG_SEND_NDIS_CONFIG,
				     NVSP_MSG_SEND_RECV_BUF,
				     NVSP_MSG_SEND_SEND_BUF, NVSP_MSG_INIT };
	unsigned int i;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		send_type(types[i]);
		stopped("nvsp.order");
	}
}

static void id_zero_may_stay_unanswered(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	g.next_id = 0;
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	g_violation("nvsp.id");
}

static void unknown_and_host_types_stop(void **state)
{
	static const u32 types[] = { 0,	  2,   99,  102, 105,
				     108, 109, 119, 120, 128,
				     130, 132, 134, 137, 0xffffffff };
	unsigned int i;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		send_type(types[i]);
		stopped("nvsp.unknown-type");
	}
}

static void types_newer_than_the_version_stop(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_4);
	send_type(NVSP_MSG_SUBCHANNEL);
	stopped("nvsp.version");
}

static void short_message_is_not_answered(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_INIT) };

	(void)state;
	g_nic(HOST_WS2022, "");
	g_send(&msg, 24);
	g_violation("nvsp.length");
	g_no_answer();
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_alive();
}

static void padding_must_be_zero(void **state)
{
	struct nvsp_message msg;

	(void)state;
	g_nic(HOST_WS2022, "");
	memset(&msg, 0, sizeof(msg));
	msg.type = cpu_to_le32(NVSP_MSG_INIT);
	msg.init.min_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_6);
	msg.init.max_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_6);
	msg.pad[35] = 1;
	msg = g_ask(&msg);
	assert_int_equal(le32_to_cpu(msg.init_complete.status),
			 NVSP_STATUS_SUCCESS);
	g_violation("nvsp.padding");
}

static void foreign_ndis_version_and_capabilities_are_reported(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_6), NVSP_STATUS_SUCCESS);
	g_ndis_config(1514, NVSP_CAP_RSC);
	g_violation("nvsp.capabilities");
	g_ndis_version(1);
	g_violation("nvsp.ndis-version");
}

/* --- buffers --- */

static void begin(u32 version)
{
	assert_int_equal(g_init(version), NVSP_STATUS_SUCCESS);
	if (version >= NVSP_PROTOCOL_VERSION_2)
		g_ndis_config(1514, 0);
	g_ndis_version(version >= NVSP_PROTOCOL_VERSION_5 ? 30 : 1);
}

static void section_sizes_are_as_configured(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "section=1806,send-section=4096");
	begin(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(g_recv_buf(100000), NVSP_STATUS_SUCCESS);
	assert_int_equal(g.section, 1806);
	assert_int_equal(g.sections, 55);
	assert_int_equal(g_send_buf(65536), NVSP_STATUS_SUCCESS);
	assert_int_equal(g.send_section, 4096);
}

static void jumbo_frames_need_larger_sections_and_permission(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "mtu=9000");
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	g_ndis_config(9014, 0);
	g_ndis_version(30);
	assert_int_equal(g_recv_buf(1 << 20), NVSP_STATUS_SUCCESS);
	assert_int_equal(g.section, 1728 + 7500);
	fake_close(g.chan);
	fake_gpadl_tear(RECV_HANDLE);
	fake_open(g.chan);
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	g_ndis_config(9015, 0);		/* beyond: silently 1514 (D.4) */
	g_ndis_version(30);
	assert_int_equal(g_recv_buf(1 << 20), NVSP_STATUS_SUCCESS);
	assert_int_equal(g.section, 1728);
	g_no_violation();
}

static void buffers_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	begin(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(g_recv_buf(16 * 1728), NVSP_STATUS_FAILURE);
	g_violation("nvsp.buffer-size");
	fake_gpadl_tear(RECV_HANDLE);
	assert_int_equal(g_recv_buf((31u << 20) + 1), NVSP_STATUS_FAILURE);
	g_violation("nvsp.buffer-size");
	fake_gpadl_tear(RECV_HANDLE);
	assert_int_equal(g_recv_buf(31u << 20), NVSP_STATUS_SUCCESS);
	assert_int_equal(g_send_buf((15u << 20) + 1), NVSP_STATUS_FAILURE);
	g_violation("nvsp.buffer-size");
	fake_gpadl_tear(SEND_HANDLE);
	assert_int_equal(g_send_buf(6143), NVSP_STATUS_FAILURE);
	g_violation("nvsp.buffer-size");
}

static void old_versions_have_a_smaller_limit(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	begin(NVSP_PROTOCOL_VERSION_2);
	assert_int_equal(g_recv_buf((15u << 20) + 1), NVSP_STATUS_FAILURE);
	g_violation("nvsp.buffer-size");
}

static void unknown_gpadl_is_refused(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF) };

	(void)state;
	g_nic(HOST_WS2022, "");
	begin(NVSP_PROTOCOL_VERSION_61);
	msg.recv_buf.gpadl = cpu_to_le32(0x4711);
	msg = g_ask(&msg);
	assert_int_equal(le32_to_cpu(msg.recv_buf_complete.status),
			 NVSP_STATUS_FAILURE);
	g_violation("nvsp.buffer-gpadl");
	assert_int_equal(g_recv_buf(64 * 1728), NVSP_STATUS_SUCCESS);
}

static void one_gpadl_for_both_buffers_is_refused(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUF) };

	(void)state;
	g_nic(HOST_WS2022, "");
	begin(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(g_recv_buf(64 * 1728), NVSP_STATUS_SUCCESS);
	msg.send_buf.gpadl = cpu_to_le32(RECV_HANDLE);
	msg = g_ask(&msg);
	assert_int_equal(le32_to_cpu(msg.send_buf_complete.status),
			 NVSP_STATUS_FAILURE);
	g_violation("nvsp.buffer-gpadl");
	/* It is the receive buffer still, and the host is told when it goes */
	fake_gpadl_tear(RECV_HANDLE);
	g_violation("nvsp.buffer-torn");
	assert_int_equal(g_send_buf(16 * 6144), NVSP_STATUS_SUCCESS);
}

static void revoke(u32 type, u16 id)
{
	struct nvsp_message msg = { .type = cpu_to_le32(type) };

	msg.revoke_recv_buf.id = cpu_to_le16(id);
	fake_push(g.chan, VM_PKT_INBAND, 0, 0, &msg, NVSP_MSG_LEN, NULL, 0);
	fake_run(g.chan);
}

static void nothing_is_received_after_revoke(void **state)
{
	u8 frame[128];
	u32 len = f_udp4(frame, 40);

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	memcpy(frame, g_mac, 6);
	revoke(NVSP_MSG_REVOKE_RECV_BUF, NVSP_RECV_BUF_ID);
	revoke(NVSP_MSG_REVOKE_SEND_BUF, NVSP_SEND_BUF_ID);
	g_peer_send(frame, len);
	g_no_answer();
	/* Both orders of H.3: before CLOSE ... */
	fake_gpadl_tear(RECV_HANDLE);
	fake_gpadl_tear(SEND_HANDLE);
	g_peer_send(frame, len);
	g_no_answer();
	g_no_violation();
	fake_close(g.chan);
	/* ... and after it */
	fake_open(g.chan);
	g_up(NVSP_PROTOCOL_VERSION_61);
	revoke(NVSP_MSG_REVOKE_RECV_BUF, NVSP_RECV_BUF_ID);
	fake_close(g.chan);
	fake_gpadl_tear(RECV_HANDLE);
	fake_gpadl_tear(SEND_HANDLE);
	g_no_violation();
}

static void revoke_of_another_buffer_stops(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	revoke(NVSP_MSG_REVOKE_RECV_BUF, 0x1234);
	stopped("nvsp.revoke");
}

/* The message may overtake what stands in the ring */
static void teardown_right_behind_the_revoke_is_not(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_REVOKE_RECV_BUF) };

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	msg.revoke_recv_buf.id = cpu_to_le16(NVSP_RECV_BUF_ID);
	fake_push(g.chan, VM_PKT_INBAND, 0, 0, &msg, NVSP_MSG_LEN, NULL, 0);
	fake_gpadl_tear(RECV_HANDLE);
	g_no_violation();
}

/* ... for as long as it takes to read that */
static void teardown_with_the_revoke_far_back_is_not(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET) };
	u8 frame[128], stream[256];
	u32 i, len = f_udp4(frame, 40);
	struct iovec iov = { stream, 0 };

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	memcpy(frame + 6, g_mac, 6);
	iov.iov_len = g_frame(stream, frame, len, U32_MAX, 0);
	msg.rndis_packet.section_index = cpu_to_le32(NVSP_SECTION_NONE);
	for (i = 0; i < 300; i++)
		fake_push(g.chan, VM_PKT_GPA_DIRECT, VM_PKT_FLAG_COMPLETION,
			  g.next_id++, &msg, NVSP_MSG_LEN, &iov, 1);
	msg = (struct nvsp_message){ .type = cpu_to_le32(NVSP_MSG_REVOKE_RECV_BUF) };
	msg.revoke_recv_buf.id = cpu_to_le16(NVSP_RECV_BUF_ID);
	fake_push(g.chan, VM_PKT_INBAND, 0, 0, &msg, NVSP_MSG_LEN, NULL, 0);
	fake_gpadl_tear(RECV_HANDLE);
	g_no_violation();
}

static void teardown_without_revoke_is_reported(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	fake_gpadl_tear(RECV_HANDLE);
	g_violation("nvsp.buffer-torn");
}

/* --- sub-channels --- */

/* The @count channels of @channel, again and again */
static void expect_these(u32 version, const u32 *channel, u32 count)
{
	struct nvsp_message msg;
	struct fake_sent sent;
	u32 off, i;
	__le32 entry;

	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.type, VM_PKT_INBAND);
	memcpy(&msg, sent.payload, sizeof(msg));
	assert_int_equal(le32_to_cpu(msg.type), NVSP_MSG_SEND_INDIRECTION_TABLE);
	assert_int_equal(le32_to_cpu(msg.indirection_table.count), 16);
	off = le32_to_cpu(msg.indirection_table.offset);
	assert_int_equal(off, nvsp_msg_wire_len(version));
	assert_true(off + 64 <= sent.len);
	for (i = 0; i < 16; i++) {
		memcpy(&entry, sent.payload + off + 4 * i, 4);
		assert_int_equal(le32_to_cpu(entry), channel[i % count]);
	}
}

static void expect_table(u32 version, u32 channels)
{
	static const u32 all[] = { 0, 1, 2 };

	assert_true(channels <= ARRAY_SIZE(all));
	expect_these(version, all, channels);
}

static void subchannels_are_offered_and_get_a_table(void **state)
{
	struct nvsp_message msg;

	(void)state;
	g_nic(HOST_WS2022, "queues=4");
	g_up(NVSP_PROTOCOL_VERSION_61);
	msg = g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 2);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.status),
			 NVSP_STATUS_SUCCESS);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.count), 2);
	fake_pass(1);
	assert_non_null(fake_chan(1));
	assert_non_null(fake_chan(2));
	assert_null(fake_chan(3));
	fake_open(fake_chan(1));
	g_no_answer();
	fake_open(fake_chan(2));
	expect_table(NVSP_PROTOCOL_VERSION_61, 3);
	g_alive();
	fake_close(g.chan);
	assert_null(fake_chan(1));
	assert_null(fake_chan(2));
}

static int ctl(const char *line)
{
	char out[512];

	return fake_hostctl(line, out, sizeof(out));
}

static void tables_on_request(void **state)
{
	static const u32 one[] = { 2 }, three[] = { 0, 2, 2 };

	(void)state;
	g_nic(HOST_WS2022, "queues=4");
	assert_int_equal(ctl("nic0 table 0"), HOSTCTL_REFUSED);
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 2);
	fake_pass(1);
	fake_open(fake_chan(1));
	assert_int_equal(ctl("nic0 table 2"), HOSTCTL_REFUSED);
	fake_open(fake_chan(2));
	expect_table(NVSP_PROTOCOL_VERSION_61, 3);
	assert_int_equal(ctl("nic0 table 2"), HOSTCTL_OK);
	expect_these(NVSP_PROTOCOL_VERSION_61, one, 1);
	assert_int_equal(ctl("nic0 table 0 2 2"), HOSTCTL_OK);
	expect_these(NVSP_PROTOCOL_VERSION_61, three, 3);
	assert_int_equal(ctl("nic0 table 0 1 3"), HOSTCTL_REFUSED);
	g_no_answer();
	g_alive();
	g_reopen(NVSP_PROTOCOL_VERSION_4);
	assert_int_equal(ctl("nic0 table 0"), HOSTCTL_REFUSED);
	g_no_answer();
}

static void too_many_subchannels_are_refused(void **state)
{
	struct nvsp_message msg;

	(void)state;
	g_nic(HOST_WS2022, "queues=4");
	g_up(NVSP_PROTOCOL_VERSION_61);
	/* 64 sub-allocations are enough for three channels */
	msg = g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 3);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.status),
			 NVSP_STATUS_FAILURE);
	msg = g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 4);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.status),
			 NVSP_STATUS_FAILURE);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.count), 0);
	g_no_violation();
	msg = g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 64);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.status),
			 NVSP_STATUS_FAILURE);
	g_violation("nvsp.subchannel");
	msg = g_subchannels(2, 1);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.status),
			 NVSP_STATUS_FAILURE);
	g_violation("nvsp.subchannel");
	msg = g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 0);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.status),
			 NVSP_STATUS_FAILURE);
	g_violation("nvsp.subchannel");
	fake_pass(1);
	assert_null(fake_chan(1));
	g_alive();
}

static void fewer_subchannels_on_request(void **state)
{
	struct nvsp_message msg;
	char out[256];

	(void)state;
	g_nic(HOST_WS2022, "queues=4");
	assert_int_equal(fake_hostctl("nic0 grant 0", out, sizeof(out)),
			 HOSTCTL_UNKNOWN);
	assert_int_equal(fake_hostctl("nic0 grant 1", out, sizeof(out)),
			 HOSTCTL_OK);
	g_up(NVSP_PROTOCOL_VERSION_61);
	msg = g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 2);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.status),
			 NVSP_STATUS_SUCCESS);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.count), 1);
	fake_pass(1);
	assert_non_null(fake_chan(1));
	assert_null(fake_chan(2));
	g_alive();
}

static void first_subchannel_fails_on_request(void **state)
{
	char out[256];

	(void)state;
	g_nic(HOST_WS2022, "queues=4");
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 2);
	fake_pass(1);
	assert_int_equal(fake_hostctl("nic0 fail subchannel-open", out,
				      sizeof(out)), HOSTCTL_OK);
	assert_true(fake_open_refused(fake_chan(1)));
	fake_open(fake_chan(2));
	/* The table comes when all are open, and so not at all */
	g_no_answer();
	g_alive();
}

static void open_is_answered_when_told_to(void **state)
{
	char out[256];

	(void)state;
	g_nic(HOST_WS2022, "queues=2");
	fake_close(fake_chan(0));
	assert_int_equal(fake_hostctl("nic0 silent open", out, sizeof(out)),
			 HOSTCTL_OK);
	assert_true(fake_open_refused(fake_chan(0)));
	assert_int_equal(fake_hostctl("nic0 answer all", out, sizeof(out)),
			 HOSTCTL_OK);
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
}

static void open_is_answered_late(void **state)
{
	char out[256];

	(void)state;
	g_nic(HOST_WS2022, "queues=2");
	fake_close(fake_chan(0));
	assert_int_equal(fake_hostctl("nic0 slow open 500", out, sizeof(out)),
			 HOSTCTL_OK);
	assert_true(fake_open_refused(fake_chan(0)));
	fake_pass(499);
	assert_true(fake_opening(fake_chan(0)));
	fake_pass(2);
	assert_false(fake_opening(fake_chan(0)));
	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
}

static void control_on_a_subchannel_stops_it_alone(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET) };
	u8 stream[64] = { 4 };
	struct iovec iov = { stream, sizeof(stream) };

	(void)state;
	g_nic(HOST_WS2022, "queues=2");
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 1);
	fake_pass(1);
	fake_open(fake_chan(1));
	expect_table(NVSP_PROTOCOL_VERSION_61, 2);
	msg.rndis_packet.channel_type = cpu_to_le32(NVSP_RNDIS_CONTROL);
	msg.rndis_packet.section_index = cpu_to_le32(NVSP_SECTION_NONE);
	fake_push(fake_chan(1), VM_PKT_GPA_DIRECT, 1, 9, &msg, NVSP_MSG_LEN,
		  &iov, 1);
	fake_run(fake_chan(1));
	g_violation("nvsp.control-channel");
	assert_true(fake_failed(fake_chan(1)));
	g_alive();
}

static void data_path_without_vf_is_completed_and_reported(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SWITCH_DATA_PATH) };
	struct fake_sent sent;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	msg.switch_data_path.path = cpu_to_le32(NVSP_DATA_PATH_VF);
	g_send(&msg, NVSP_MSG_LEN);
	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.type, VM_PKT_COMPLETION);
	assert_int_equal(sent.len, 0);
	g_violation("nvsp.switch-data-path");
	g_alive();
}

/* --- faults on purpose --- */

static void silent_steps_are_not_answered(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_INIT) };
	char out[256];

	(void)state;
	g_nic(HOST_WS2022, "silent=init");
	msg.init.min_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_61);
	msg.init.max_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_61);
	g_send(&msg, NVSP_MSG_LEN);
	g_no_answer();
	assert_int_equal(fake_hostctl("nic0 answer init", out, sizeof(out)), 0);
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_alive();
}

static void failing_steps_say_failure(void **state)
{
	char out[256];

	(void)state;
	g_nic(HOST_WS2022, "fail=init+recv-buf+send-buf");
	assert_int_not_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	assert_int_equal(fake_hostctl("nic0 answer init", out, sizeof(out)), 0);
	begin(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(g_recv_buf(64 * 1728), NVSP_STATUS_FAILURE);
	assert_int_equal(g_send_buf(6144), NVSP_STATUS_FAILURE);
	g_no_violation();
}

static void failing_steps_may_end(void **state)
{
	char out[256];

	(void)state;
	g_nic(HOST_WS2022, "fail=init@2");
	assert_int_not_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	assert_int_not_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	g_up(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(fake_hostctl("nic0 faults", out, sizeof(out)), 0);
	assert_null(strstr(out, "fail "));
	g_alive();
}

static void slow_steps_come_late_and_not_after_a_close(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_INIT) };
	struct fake_sent sent;

	(void)state;
	g_nic(HOST_WS2022, "slow=init@500");
	msg.init.min_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_61);
	msg.init.max_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_61);
	g_send(&msg, NVSP_MSG_LEN);
	fake_pass(499);
	g_no_answer();
	fake_pass(2);
	assert_true(fake_take(g.chan, &sent));
	fake_close(g.chan);
	fake_open(g.chan);
	g_send(&msg, NVSP_MSG_LEN);
	fake_close(g.chan);
	fake_open(g.chan);
	fake_pass(1000);
	g_no_answer();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(startup_0),
		T(startup_1),
		T(startup_2),
		T(startup_3),
		T(startup_4),
		T(startup_5),
		T(unknown_version_is_refused_with_an_answer),
		T(messages_have_the_size_of_the_version),
		T(second_init_stops),
		T(config_before_init_stops),
		T(receive_buffer_before_config_stops),
		T(second_config_stops),
		T(second_receive_buffer_stops),
		T(second_send_buffer_stops),
		T(rndis_before_the_receive_buffer_stops),
		T(configuration_after_rndis_stops),
		T(id_zero_may_stay_unanswered),
		T(unknown_and_host_types_stop),
		T(types_newer_than_the_version_stop),
		T(short_message_is_not_answered),
		T(padding_must_be_zero),
		T(foreign_ndis_version_and_capabilities_are_reported),
		T(section_sizes_are_as_configured),
		T(jumbo_frames_need_larger_sections_and_permission),
		T(buffers_that_do_not_fit_are_refused),
		T(old_versions_have_a_smaller_limit),
		T(unknown_gpadl_is_refused),
		T(one_gpadl_for_both_buffers_is_refused),
		T(nothing_is_received_after_revoke),
		T(revoke_of_another_buffer_stops),
		T(teardown_right_behind_the_revoke_is_not),
		T(teardown_with_the_revoke_far_back_is_not),
		T(teardown_without_revoke_is_reported),
		T(subchannels_are_offered_and_get_a_table),
		T(tables_on_request),
		T(too_many_subchannels_are_refused),
		T(fewer_subchannels_on_request),
		T(first_subchannel_fails_on_request),
		T(open_is_answered_when_told_to),
		T(open_is_answered_late),
		T(control_on_a_subchannel_stops_it_alone),
		T(data_path_without_vf_is_completed_and_reported),
		T(silent_steps_are_not_answered),
		T(failing_steps_say_failure),
		T(failing_steps_may_end),
		T(slow_steps_come_late_and_not_after_a_close),
	};

	return cmocka_run_group_tests_name("nic_nvsp", tests, NULL, NULL);
}
