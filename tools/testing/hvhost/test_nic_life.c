// SPDX-License-Identifier: GPL-2.0
/*
 * What --nic takes and refuses, hostctl's verbs, hot removal and return, the
 * built-in switch, captures, and the hostile messages.
 */
#include "nic_guest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostctl.h"

/* nic_create() with stderr caught in @said */
static int create(const char *spec, char *said, size_t size)
{
	FILE *old = stderr;
	int ret;

	memset(said, 0, size);
	stderr = fmemopen(said, size - 1, "w");
	ret = nic_create(9, HOST_WS2022, spec);
	fclose(stderr);
	stderr = old;
	return ret;
}

static void bad_options_are_named(void **state)
{
	static const struct { const char *spec, *said; } bad[] = {
		{ "color=red", "color: no such key, known are mac mtu" },
		{ "mac", "mac: no value, wanted key=value" },
		{ "mac=00:15:5d:00:01", "mac=00:15:5d:00:01: not a valid value" },
		{ "mac=01:15:5d:00:01:02", "unicast" },
		{ "mac=00:15:5d:00:01:0g", "mac=00:15:5d:00:01:0g" },
		{ "mtu=575", "mtu=575: not a valid value, wanted 576..9202" },
		{ "mtu=99999999999", "mtu=99999999999" }, { "mtu=", "mtu=:" },
		{ "mtu=1500x", "mtu=1500x" }, { "mtu=-1500", "mtu=-1500" },
		{ "nvsp=3", "wanted 1, 2, 4, 5, 6 or 6.1" },
		{ "queues=65", "queues=65" }, { "queues=0", "queues=0" },
		{ "section=1637", "section=1637" }, { "link=maybe", "link=maybe" },
		{ "batch=0", "wanted 1..64" }, { "batch=65", "batch=65" },
		{ "align=8", "wanted 0..7" }, { "max-xfer=0", "max-xfer=0" },
		{ "max-xfer=4294967296", "max-xfer=4294967296" },
		{ "csum=yes", "wanted off, tcp or on" },
		{ "tap=aninterfacenamethatistoolong", "tap=" },
		{ "tap=t0,switch=s0", "tap=t0 and switch=s0: a NIC has one uplink" },
		{ "silent=bogus", "where STEP is one of open" },
		{ "slow=init", "slow=init" }, { "slow=init@x", "slow=init@x" },
		{ "fail=oid:zzz", "fail=oid:zzz" },
		{ "fail=init@0", "fail=init@0" }, { "fail=init@x", "wanted STEP[@TIMES]" },
		{ "pcap=/no/such/dir/file", "pcap=/no/such/dir/file: No such file" },
	};
	char said[2048];
	unsigned int i;
	int ret;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ret = create(bad[i].spec, said, sizeof(said));
		assert_true(ret < 0);
		assert_true(!strncmp(said, "hvhost: --nic: ", 15));
		if (!strstr(said, bad[i].said))
			fail_msg("%s: said \"%s\"", bad[i].spec, said);
	}
	assert_null(fake_chan(0));
}

static void help_names_every_key(void **state)
{
	(void)state;
	assert_non_null(strstr(nic_help(), "send-section"));
	assert_non_null(strstr(nic_help(), "silent"));
	assert_true(strlen(nic_help()) < 4000);
}

static void missing_tap_is_explained(void **state)
{
	char said[2048];

	(void)state;
	/* "lo" is an interface, but no TAP */
	assert_true(create("tap=lo", said, sizeof(said)) < 0);
	assert_non_null(strstr(said, "hvhost: --nic: tap=lo: cannot"));
}

/* --- hostctl --- */

static int ctl(const char *line)
{
	char out[8192];

	return fake_hostctl(line, out, sizeof(out));
}

static void expect_indication(u32 status, u32 len)
{
	struct rndis_indicate_status ind;
	u8 msg[512];

	assert_int_equal(g_hear(msg, sizeof(msg)), sizeof(ind) + len);
	memcpy(&ind, msg, sizeof(ind));
	assert_int_equal(le32_to_cpu(ind.hdr.type), RNDIS_MSG_INDICATE_STATUS);
	assert_int_equal(le32_to_cpu(ind.status), status);
	assert_int_equal(le32_to_cpu(ind.buf_len), len);
}

static void link_and_events(void **state)
{
	u8 frame[128], msg[256];

	(void)state;
	g_nic(HOST_WS2022, "link=down");
	g_up(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(g_query_u32(RNDIS_OID_GEN_MEDIA_CONNECT_STATUS), 1);
	assert_int_equal(g_tx(msg,
			      g_frame(msg, frame, f_udp4(frame, 40), U32_MAX, 0)),
			 1);
	assert_int_equal(g.frames, 0);
	assert_int_equal(ctl("nic0 link up"), HOSTCTL_OK);
	fake_posted();
	expect_indication(RNDIS_STATUS_MEDIA_CONNECT, 0);
	assert_int_equal(g_query_u32(RNDIS_OID_GEN_MEDIA_CONNECT_STATUS), 0);
	g_alive();
	assert_int_equal(ctl("nic0 link down"), HOSTCTL_OK);
	fake_posted();
	expect_indication(RNDIS_STATUS_MEDIA_DISCONNECT, 0);
	assert_int_equal(ctl("nic0 event network-change"), HOSTCTL_OK);
	fake_posted();
	expect_indication(RNDIS_STATUS_NETWORK_CHANGE, 0);
	assert_int_equal(ctl("nic0 event speed 25000"), HOSTCTL_OK);
	fake_posted();
	expect_indication(RNDIS_STATUS_LINK_SPEED_CHANGE, 8);
	assert_int_equal(g_query_u32(RNDIS_OID_GEN_LINK_SPEED), 250000000);
	g_no_violation();
}

static void nonsense_commands_are_unknown(void **state)
{
	static const char * const bad[] = {
		"nic0", "nic0 dance", "nic0 link", "nic0 link sideways", "nic0 link up up",
		"nic0 mtu", "nic0 mtu 575", "nic0 mtu 100000000", "nic0 mtu x",
		"nic0 event", "nic0 event speed", "nic0 event speed 0", "nic0 event speed x",
		"nic0 table", "nic0 table x", "nic0 table 64", "nic0 table -1",
		"nic0 table 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
		"nic0 silent", "nic0 silent nothing", "nic0 silent oid", "nic0 silent oid zz",
		"nic0 fail init 0", "nic0 fail init x", "nic0 fail init 1 0",
		"nic0 fail init 1 1 1", "nic0 fail oid 0x10106 1 x",
		"nic0 slow init", "nic0 slow init 0", "nic0 answer nothing", "nic0 hostile what",
	};
	unsigned int i;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ctl(bad[i]), HOSTCTL_UNKNOWN);
	g_alive();
}

static void faults_are_listed_and_ended(void **state)
{
	char out[4096];

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(ctl("nic0 silent oid 0x10107"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 slow set 20"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 fail query"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 fail init 3"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 fail oid 0x10204 2 1"), HOSTCTL_OK);
	assert_int_equal(fake_hostctl("nic0 faults", out, sizeof(out)), HOSTCTL_OK);
	assert_non_null(strstr(out, "silent oid:0x00010107\n"));
	assert_non_null(strstr(out, "slow set 20\n"));
	assert_non_null(strstr(out, "fail query\n"));
	assert_non_null(strstr(out, "fail init 3\n"));
	assert_non_null(strstr(out, "fail oid:0x00010204 2 1\n"));
	assert_int_equal(ctl("nic0 answer all"), HOSTCTL_OK);
	assert_int_equal(fake_hostctl("nic0 faults", out, sizeof(out)), HOSTCTL_OK);
	assert_null(strstr(out, "silent"));
	g_query_u32(RNDIS_OID_GEN_LINK_SPEED);
	g_alive();
}

/* --- life --- */

static void removal_and_return(void **state)
{
	struct vmbus_channel *old;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	old = g.chan;
	assert_int_equal(ctl("nic0 remove"), HOSTCTL_OK);
	assert_true(fake_rescinded(old));
	assert_int_equal(ctl("nic0 remove"), HOSTCTL_REFUSED);
	assert_int_equal(ctl("nic0 link down"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 link up"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 add"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 add"), HOSTCTL_REFUSED);
	fake_release(old);
	fake_gpadl_tear(RECV_HANDLE);
	fake_gpadl_tear(SEND_HANDLE);
	g.chan = fake_chan(0);
	assert_non_null(g.chan);
	assert_ptr_not_equal(g.chan, old);
	fake_open(g.chan);
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_alive();
}

static void frames_under_way_when_the_channel_closes(void **state)
{
	u8 frame[128];
	u32 len = f_udp4(frame, 40), i;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	memcpy(frame, g_mac, 6);
	memcpy(frame + 6, g_peer_mac, 6);
	fake_room(g.chan, 3);
	for (i = 0; i < 100; i++)
		g_peer_send(frame, len);
	fake_close(g.chan);
	fake_posted();
	fake_gpadl_tear(RECV_HANDLE);
	fake_gpadl_tear(SEND_HANDLE);
	fake_room(g.chan, UINT32_MAX);
	struct fake_sent sent;

	while (fake_take(g.chan, &sent))
		;
	fake_open(g.chan);
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_alive();
}

/* --- the switch --- */

static unsigned int heard[3];

static void hear(void *ctx, struct net_frame *frame)
{
	unsigned int *count = ctx;

	(*count)++;
	memset(frame->data, 0, frame->len);	/* what a receiver may do */
}

static void send_on(struct uplink *up, u8 src, u8 dst)
{
	u8 buf[80] = { 0 };
	struct net_frame frame = { .data = buf + 8, .len = 60 };

	memset(heard, 0, sizeof(heard));
	memset(frame.data, dst, 6);
	memset(frame.data + 6, src, 6);
	assert_int_equal(up->ops->send(up, &frame), 0);
	assert_int_equal(frame.data[0], dst);
}

static void switch_learns(void **state)
{
	struct uplink *port[3];
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(switch_open("s", hear, &heard[i], &port[i]), 0);
	send_on(port[0], 0x02, 0x04);		/* unknown: to all others */
	assert_int_equal(heard[0], 0);
	assert_int_equal(heard[1], 1);
	assert_int_equal(heard[2], 1);
	send_on(port[1], 0x04, 0x02);		/* learnt from above */
	assert_int_equal(heard[0], 1);
	assert_int_equal(heard[2], 0);
	send_on(port[0], 0x02, 0x04);
	assert_int_equal(heard[1], 1);
	assert_int_equal(heard[2], 0);
	send_on(port[0], 0x02, 0xff);		/* broadcast */
	assert_int_equal(heard[1] + heard[2], 2);
	send_on(port[0], 0x02, 0x02);		/* to itself */
	assert_int_equal(heard[0] + heard[1] + heard[2], 0);
	port[1]->ops->close(port[1]);
	send_on(port[0], 0x02, 0x04);		/* forgotten with its port */
	assert_int_equal(heard[2], 1);
	port[0]->ops->close(port[0]);
	port[2]->ops->close(port[2]);
}

/* --- captures --- */

static void capture_is_a_pcap_file(void **state)
{
	char path[] = "/tmp/hvhost-pcap-XXXXXX", spec[64];
	u8 frame[128], file[256], msg[256];
	u32 words[6];
	FILE *f;
	size_t n;
	int fd;

	(void)state;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	snprintf(spec, sizeof(spec), "pcap=%s", path);
	g_nic(HOST_WS2022, spec);
	g_up(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(g_tx(msg,
			      g_frame(msg, frame, f_udp4(frame, 40), U32_MAX, 0)),
			 1);
	f = fopen(path, "r");
	n = fread(file, 1, sizeof(file), f);
	fclose(f);
	unlink(path);
	assert_int_equal(n, 24 + 16 + 82);
	memcpy(words, file, 24);
	assert_int_equal(words[0], 0xa1b23c4d);
	assert_int_equal(words[5], 1);
	memcpy(words, file + 24, 16);
	assert_true(words[1] < 1000000000);
	assert_int_equal(words[2], 82);
	assert_int_equal(words[3], 82);
	assert_memory_equal(file + 40, frame, 82);
}

/* --- hostile --- */

/* What was unread when its completion was a lie may be garbage by now: it gets another one,
 * and goes nowhere
 */
static void swallows_one_packet(void)
{
	u8 garbage[64];
	u32 before = g.frames;

	memset(garbage, 0xee, sizeof(garbage));
	assert_int_equal(g_tx(garbage, sizeof(garbage)), NVSP_STATUS_SUCCESS);
	assert_int_equal(g.frames, before);
}

static void hostile_messages_are_sent_and_the_books_stay_right(void **state)
{
	char names[4096], line[80], *name, *save = NULL;
	struct fake_sent sent;
	unsigned int sent_in_all = 0;

	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(ctl("nic0 hostile xfer-offset"), HOSTCTL_REFUSED);
	g_up(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(fake_hostctl("nic0 hostile", names, sizeof(names)),
			 HOSTCTL_OK);
	for (name = strtok_r(names, "\n", &save); name;
	     name = strtok_r(NULL, "\n", &save)) {
		snprintf(line, sizeof(line), "nic0 hostile %.*s",
			 (int)strcspn(name, " "), name);
		assert_int_equal(ctl(line), HOSTCTL_OK);
		fake_posted();
		while (fake_take(g.chan, &sent)) {
			sent_in_all++;
			if (sent.flags & VM_PKT_FLAG_COMPLETION)
				g_complete(sent.trans_id, NVSP_STATUS_FAILURE);
		}
		if (!strcmp(line, "nic0 hostile completion-early"))
			swallows_one_packet();
		g_alive();
	}
	assert_true(sent_in_all >= 20);
	/* ring-end and ring-odd, which no packet shows */
	assert_int_equal(fake_lies(g.chan), 2);
}

/* A guest may complete the first after the second has come */
static void hostile_packets_have_ids_of_their_own(void **state)
{
	struct fake_sent sent[2];
	unsigned int i;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	for (i = 0; i < 2; i++) {
		assert_int_equal(ctl("nic0 hostile xfer-offset"), HOSTCTL_OK);
		fake_posted();
	}
	for (i = 0; i < 2; i++)
		assert_true(fake_take(g.chan, &sent[i]));
	assert_true(sent[0].trans_id != sent[1].trans_id);
	for (i = 0; i < 2; i++)
		g_complete(sent[i].trans_id, NVSP_STATUS_FAILURE);
	g_alive();
}

static void strange_offers_are_to_be_left_alone(void **state)
{
	static const struct { const char *line; unsigned int index; } strange[] = {
		{ "nic0 hostile offer-again", 1 }, { "nic0 hostile offer-more", 2 },
		{ "nic0 hostile offer-high", 0xffff },
	};
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SUBCHANNEL) };
	struct fake_sent sent;
	unsigned int i;

	(void)state;
	g_nic(HOST_WS2022, "queues=4");
	g_up(NVSP_PROTOCOL_VERSION_61);
	msg.subchannel_request.op = cpu_to_le32(NVSP_SUBCHANNEL_ALLOCATE);
	msg.subchannel_request.count = cpu_to_le32(1);
	msg = g_ask(&msg);
	assert_int_equal(le32_to_cpu(msg.subchannel_complete.count), 1);
	fake_pass(1);
	fake_open(fake_chan(1));
	while (fake_take(g.chan, &sent))
		;
	for (i = 0; i < ARRAY_SIZE(strange); i++) {
		assert_int_equal(ctl(strange[i].line), HOSTCTL_OK);
		assert_non_null(fake_strange(strange[i].index));
		g_alive();
		assert_true(fake_open_refused(fake_strange(strange[i].index)));
		g_violation("nvsp.strange-channel");
	}
	g_alive();
}

static struct nvsp_message recv_reply(void)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF) };

	assert_int_equal(g_init(NVSP_PROTOCOL_VERSION_61), NVSP_STATUS_SUCCESS);
	g_ndis_config(1514, 0);
	g_ndis_version(30);
	fake_gpadl(RECV_HANDLE, 64 * 1728);
	msg.recv_buf.gpadl = cpu_to_le32(RECV_HANDLE);
	msg.recv_buf.id = cpu_to_le16(NVSP_RECV_BUF_ID);
	msg = g_ask(&msg);
	fake_gpadl_tear(RECV_HANDLE);
	fake_close(g.chan);
	fake_open(g.chan);
	g_violation("nvsp.buffer-torn");
	return msg;
}

static bool listed(const char *fault)
{
	char out[4096];

	assert_int_equal(fake_hostctl("nic0 faults", out, sizeof(out)), HOSTCTL_OK);
	return strstr(out, fault);
}

/* "answer all" is the end of it, as of every other fault */
static void spoilt_answers_can_be_taken_back(void **state)
{
	struct nvsp_message msg;

	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(ctl("nic0 hostile recv-no-section"), HOSTCTL_OK);
	assert_true(listed("hostile recv-no-section\n"));
	assert_int_equal(ctl("nic0 answer recv-buf"), HOSTCTL_OK);
	assert_true(listed("hostile recv-no-section\n"));
	assert_int_equal(ctl("nic0 answer all"), HOSTCTL_OK);
	assert_false(listed("hostile"));
	msg = recv_reply();
	assert_int_equal(le32_to_cpu(msg.recv_buf_complete.section_count), 1);
}

/* Each spoils one answer of its kind, and the next is honest again */
static void spoilt_answers_come_once(void **state)
{
	struct nvsp_message msg;

	(void)state;
	g_nic(HOST_WS2022, "hostile=recv-no-section,sections=20");
	msg = recv_reply();
	assert_int_equal(le32_to_cpu(msg.recv_buf_complete.status), 1);
	assert_int_equal(msg.recv_buf_complete.section_count, 0);
	msg = recv_reply();
	assert_int_equal(le32_to_cpu(msg.recv_buf_complete.section_count), 1);
	assert_int_equal(le32_to_cpu(msg.recv_buf_complete.section.suballoc_count), 20);
	assert_int_equal(ctl("nic0 hostile recv-size-huge"), HOSTCTL_OK);
	assert_true(listed("hostile recv-size-huge\n"));
	msg = recv_reply();
	assert_false(listed("hostile recv-size-huge\n"));
	assert_int_equal(le32_to_cpu(msg.recv_buf_complete.section.suballoc_size),
			 0x80000000);
	assert_int_equal(ctl("nic0 hostile init-type"), HOSTCTL_OK);
	memset(&msg, 0, sizeof(msg));
	msg.type = cpu_to_le32(NVSP_MSG_INIT);
	msg.init.min_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_61);
	msg.init.max_version = cpu_to_le32(NVSP_PROTOCOL_VERSION_61);
	msg = g_ask(&msg);
	assert_int_not_equal(le32_to_cpu(msg.type), NVSP_MSG_INIT_COMPLETE);
	g_up(NVSP_PROTOCOL_VERSION_61);
	g_alive();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(bad_options_are_named),
		T(help_names_every_key),
		T(missing_tap_is_explained),
		T(link_and_events),
		T(nonsense_commands_are_unknown),
		T(faults_are_listed_and_ended),
		T(removal_and_return),
		T(frames_under_way_when_the_channel_closes),
		T(switch_learns),
		T(capture_is_a_pcap_file),
		T(hostile_packets_have_ids_of_their_own),
		T(strange_offers_are_to_be_left_alone),
		T(spoilt_answers_come_once),
		T(spoilt_answers_can_be_taken_back),
		T(hostile_messages_are_sent_and_the_books_stay_right),
	};

	return cmocka_run_group_tests_name("nic_life", tests, NULL, NULL);
}
