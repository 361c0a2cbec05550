// SPDX-License-Identifier: GPL-2.0
/*
 * The host's own flood: frames that are sound, as many as the guest has room for,
 * nobody else's place taken; how it begins and ends.
 */
#include "nic_guest.h"

#include <stdio.h>
#include <string.h>

#include "hostctl.h"

#define ROOM	(64 - NIC_CONTROL_SUBALLOCS)	/* of the receive buffer of g_up() */

static char said[4096];

static int ctl(const char *line)
{
	return fake_hostctl(line, said, sizeof(said));
}

static void up(const char *spec)
{
	g_nic(HOST_WS2022, spec);
	g_up(NVSP_PROTOCOL_VERSION_61);
}

/* The result, when it is over */
static void check_result(int status, u64 given, u64 no_room)
{
	char want[128];

	assert_int_equal(ctl("nic0 blast result"), status);
	snprintf(want, sizeof(want), "given %llu\nno_room %llu\n",
		 (unsigned long long)given, (unsigned long long)no_room);
	if (strncmp(said, want, strlen(want)))
		fail_msg("wanted %s, came %s", want, said);
}

/* The next packet to the guest, not given back: frames in it, their ports in @ports */
static u32 take(struct fake_sent *sent, u64 *ports)
{
	const u8 *frame;
	struct netpkt p;
	u32 i;

	if (!fake_take(g.chan, sent))
		return 0;
	for (i = 0; i < sent->ranges; i++) {
		frame = g.recv + sent->range[i].byte_offset +
			sent->range[i].byte_count - 60;
		assert_memory_equal(frame, g_mac, 6);
		netpkt_parse(frame, 60, NETPKT_LEN_IP, &p);
		assert_int_equal(p.ip_version, 4);
		assert_int_equal(p.proto, NETPKT_PROTO_UDP);
		assert_int_equal(p.l4_len, 60 - 14 - 20);
		assert_true(netpkt_ipv4_csum_ok(frame, &p));
		assert_true(get_be16(frame + p.l4 + 6));
		assert_true(netpkt_l4_csum_ok(frame, &p));
		*ports |= 1ull << (get_be16(frame + p.l4) - 10000);
	}
	return sent->ranges;
}

static void guest_gets_what_it_has_room_for(void **state)
{
	static const char later[] = "nic0\0blast\0result";
	u64 ports = 0, id[ROOM];
	struct fake_sent sent;
	u32 n, packets, round;

	(void)state;
	up("");
	assert_int_equal(ctl("nic0 blast udp 1"), HOSTCTL_LATER);
	assert_memory_equal(said, later, sizeof(later));
	for (round = 1; round <= 3; round++) {
		fake_pass(1);
		packets = 0;
		for (n = 0; n < ROOM; n += sent.ranges) {
			assert_true(take(&sent, &ports) > 0);
			id[packets++] = sent.trans_id;
		}
		assert_int_equal(n, ROOM);
		g_no_answer();
		while (packets)
			g_complete(id[--packets], NVSP_STATUS_SUCCESS);
		assert_int_equal(ctl("nic0 blast result"), HOSTCTL_LATER);
	}
	/* Each burst is a flow of its own */
	assert_int_equal(ports, 7);
	fake_pass(1000);
	check_result(HOSTCTL_OK, 3 * ROOM, 3);
	fake_pass(1000);
	check_result(HOSTCTL_OK, 3 * ROOM, 3);
	g_alive();
}

/* A frame of the peer with so many bytes of payload */
static u32 from_peer(u8 *frame, u32 payload)
{
	u32 len = f_udp4(frame, payload);

	memcpy(frame, g_mac, 6);
	memcpy(frame + 6, g_peer_mac, 6);
	g_peer_send(frame, len);
	return len;
}

/* The next packet has one frame, @frame */
static void expect(const u8 *frame, u32 len)
{
	struct fake_sent sent;

	assert_int_equal(g_rx(&sent), 1);
	assert_memory_equal(g.recv + sent.range[0].byte_offset +
			    sent.range[0].byte_count - len, frame, len);
}

/* A frame of the peer gets the next place, and control messages have their own */
static void others_have_their_turn(void **state)
{
	struct fake_sent first, sent;
	u8 frame[400], out[OID_REPLY_MAX];
	u64 ports = 0;
	u32 len;

	(void)state;
	up("");
	assert_int_equal(ctl("nic0 blast udp 2"), HOSTCTL_LATER);
	fake_pass(1);
	assert_true(take(&first, &ports));
	while (take(&sent, &ports))
		;
	assert_int_equal(g_query(RNDIS_OID_802_3_CURRENT_ADDRESS, NULL, 0, out, &len), 0);
	len = from_peer(frame, 300);
	fake_pass(1);
	g_no_answer();
	g_complete(first.trans_id, NVSP_STATUS_SUCCESS);
	expect(frame, len);
	fake_pass(1);
	assert_true(take(&sent, &ports));
	g_no_violation();
}

static void ring_without_room_is_waited_for(void **state)
{
	struct fake_sent sent;
	u64 ports = 0;

	(void)state;
	up("");
	fake_room(g.chan, 0);
	assert_int_equal(ctl("nic0 blast udp 1"), HOSTCTL_LATER);
	fake_pass(1);
	fake_pass(1);
	g_no_answer();
	fake_room(g.chan, UINT32_MAX);
	fake_run(g.chan);
	assert_true(take(&sent, &ports) > 0);
	g_no_violation();
}

/* Not even when the ring has room again and nobody has seen that yet */
static void nothing_is_overtaken(void **state)
{
	u8 one[128], two[128];
	struct fake_sent sent;
	u32 len[2];
	u64 ports = 0;

	(void)state;
	up("one-frame=on");
	fake_room(g.chan, 0);
	len[0] = from_peer(one, 41);
	len[1] = from_peer(two, 42);
	assert_int_equal(ctl("nic0 blast udp 1"), HOSTCTL_LATER);
	fake_room(g.chan, UINT32_MAX);
	fake_pass(1);
	fake_run(g.chan);
	expect(one, len[0]);
	expect(two, len[1]);
	fake_pass(1);
	assert_int_equal(take(&sent, &ports), 1);
	g_no_violation();
}

static void it_is_stopped(void **state)
{
	(void)state;
	up("");
	assert_int_equal(ctl("nic0 blast udp 3600"), HOSTCTL_LATER);
	assert_int_equal(ctl("nic0 blast udp 1"), HOSTCTL_REFUSED);
	assert_non_null(strstr(said, "under way"));
	fake_pass(1);
	assert_int_equal(ctl("nic0 blast stop"), HOSTCTL_OK);
	check_result(HOSTCTL_OK, ROOM, 1);
	fake_pass(10);
	check_result(HOSTCTL_OK, ROOM, 1);
	assert_int_equal(ctl("nic0 blast udp 1"), HOSTCTL_LATER);
}

static void it_ends_with_the_connection(void **state)
{
	struct fake_sent sent;

	(void)state;
	up("");
	assert_int_equal(ctl("nic0 blast udp 3600"), HOSTCTL_LATER);
	fake_pass(1);
	while (fake_take(g.chan, &sent))
		;
	g_reopen(NVSP_PROTOCOL_VERSION_61);
	fake_pass(1);
	check_result(HOSTCTL_REFUSED, ROOM, 1);
	assert_non_null(strstr(said, "connection ended"));
	g_alive();
}

static void nothing_is_given_that_is_not_wanted(void **state)
{
	(void)state;
	up("");
	assert_int_equal(g_set_u32(RNDIS_OID_GEN_CURRENT_PACKET_FILTER, 0), 0);
	assert_int_equal(ctl("nic0 blast udp 1"), HOSTCTL_LATER);
	fake_pass(5);
	g_no_answer();
	assert_int_equal(ctl("nic0 blast stop"), HOSTCTL_OK);
	check_result(HOSTCTL_OK, 0, 0);
}

static void nonsense_is_refused(void **state)
{
	static const char * const bad[] = {
		"nic0 blast", "nic0 blast udp", "nic0 blast tcp 5", "nic0 blast udp 0",
		"nic0 blast udp 3601", "nic0 blast udp 5s", "nic0 blast udp -1",
		"nic0 blast halt", "nic0 blast stop now", "nic0 blast udp 1 2",
	};
	unsigned int i;

	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(ctl("nic0 blast udp 1"), HOSTCTL_REFUSED);
	assert_string_equal(said, "nic0 is not up\n");
	g_up(NVSP_PROTOCOL_VERSION_61);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(ctl(bad[i]), HOSTCTL_UNKNOWN);
		assert_non_null(strstr(said, "wanted"));
	}
	fake_pass(10);
	g_no_answer();
	check_result(HOSTCTL_OK, 0, 0);
	g_alive();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(guest_gets_what_it_has_room_for),
		T(others_have_their_turn),
		T(ring_without_room_is_waited_for),
		T(nothing_is_overtaken),
		T(it_is_stopped),
		T(it_ends_with_the_connection),
		T(nothing_is_given_that_is_not_wanted),
		T(nonsense_is_refused),
	};

	return cmocka_run_group_tests_name("nic_blast", tests, NULL, NULL);
}
