// SPDX-License-Identifier: GPL-2.0
/*
 * Receive coalescing: only for a guest that asked for it on a version that has
 * it, fragments in order and in one packet, and every shape on request.
 *
 * Break it: leave out switched_on() in rsc.c, or RNDIS_PACKET_ID_LAST in
 * place_coalesced().
 */
#include "nic_guest.h"

#include <stdio.h>
#include <string.h>

#define MSS	1000

/* What the guest switches on */
static void set_offloads(u8 csum, u8 rsc)
{
	struct ndis_offload_parameters p = {
		.hdr.type = NDIS_OBJECT_TYPE_DEFAULT, .hdr.revision = 3,
		.hdr.size = cpu_to_le16(sizeof(p)),
		.tcp_ipv4_csum = csum, .tcp_ipv6_csum = csum,
		.rsc_ipv4 = rsc, .rsc_ipv6 = rsc,
	};
	struct fake_sent sent;

	assert_int_equal(g_set(RNDIS_OID_TCP_OFFLOAD_PARAMETERS, &p, sizeof(p)), 0);
	assert_true(fake_take(g.chan, &sent));	/* the indication */
	g_complete(sent.trans_id, NVSP_STATUS_SUCCESS);
}

static void up(const char *spec)
{
	g_nic(HOST_WS2022, spec);
	g_up(NVSP_PROTOCOL_VERSION_61);
	set_offloads(NDIS_OFFLOAD_PARAM_CSUM_BOTH, NDIS_OFFLOAD_PARAM_ON);
}

/* A large segment of the peer with @len bytes of payload. Return: bytes */
static u32 large(u8 *frame, bool v6, u32 len)
{
	u32 all = v6 ? f_tcp6(frame, len) : f_tcp4(frame, len);

	memcpy(frame, g_mac, 6);
	memcpy(frame + 6, g_peer_mac, 6);
	return all;
}

static void send_large(u8 *frame, u32 len, bool v6)
{
	struct net_frame f = { .data = frame, .len = len };
	struct netpkt p;

	netpkt_parse(frame, len, NETPKT_LEN_FRAME, &p);
	f.vh.gso_type = v6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	f.vh.gso_size = cpu_to_le16(MSS);
	f.vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	f.vh.csum_start = cpu_to_le16((u16)p.l4);
	f.vh.csum_offset = cpu_to_le16(16);
	g.peer->ops->send(g.peer, &f);
	fake_posted();
}

/* Value of a PPI of a message. Return: false when it is not there */
static bool ppi(const u8 *msg, u32 type, u32 *value)
{
	struct rndis_packet pkt;
	struct rndis_ppi_u32 p;
	u32 at;

	memcpy(&pkt, msg, sizeof(pkt));
	for (at = 0; at < le32_to_cpu(pkt.ppi_len); at += le32_to_cpu(p.head.size)) {
		memcpy(&p, msg + 8 + le32_to_cpu(pkt.ppi_offset) + at, sizeof(p));
		*value = le32_to_cpu(p.value);
		if (le32_to_cpu(p.head.type) == type)
			return true;
	}
	return false;
}

static const u8 *message(const struct fake_sent *sent, u32 nr)
{
	return g.recv + sent->range[nr].byte_offset;
}

/* Append the data of a message. Return: bytes */
static u32 data_of(const u8 *msg, u8 *out)
{
	struct rndis_packet pkt;

	memcpy(&pkt, msg, sizeof(pkt));
	memcpy(out, msg + 8 + le32_to_cpu(pkt.data_offset), le32_to_cpu(pkt.data_len));
	return le32_to_cpu(pkt.data_len);
}

/* Put a run together as a guest would. Return: bytes */
static u32 gather(const struct fake_sent *sent, u8 *out)
{
	u32 len = 0, id, first = 0, i;

	for (i = 0; i < sent->ranges; i++) {
		u32 want = RNDIS_PACKET_ID_FRAGMENT |
			   (i ? 0 : RNDIS_PACKET_ID_FIRST) |
			   (i + 1 < sent->ranges ? 0 : RNDIS_PACKET_ID_LAST);

		assert_true(ppi(message(sent, i), RNDIS_PPI_PACKET_ID, &id));
		assert_int_equal(id & 0xff, RNDIS_PACKET_ID_VERSION);
		assert_int_equal(id >> 8 & 0xff, want);
		if (!i)
			first = id >> 16;
		assert_int_equal(id >> 16, first);
		len += data_of(message(sent, i), out + len);
	}
	return len;
}

static void comes_as_fragments(bool v6)
{
	static u8 frame[70000], whole[70000];
	u32 head = NETPKT_ETH_HLEN + (v6 ? 40 : 20) + 20;
	u32 len = large(frame, v6, 10 * MSS + 1), csum, value;
	struct fake_sent sent;

	send_large(frame, len, v6);
	assert_int_equal(g_rx(&sent), 11);
	assert_int_equal(gather(&sent, whole), len);
	assert_memory_equal(whole + head, frame + head, len - head);
	assert_true(ppi(message(&sent, 0), RNDIS_PPI_CHECKSUM, &csum));
	assert_true(csum & RNDIS_RX_CSUM_TCP_SUCCEEDED);
	assert_true(csum & RNDIS_RX_CSUM_TCP_VALUE_INVALID);
	assert_false(ppi(message(&sent, 1), RNDIS_PPI_CHECKSUM, &value));
	assert_int_equal(get_be16(whole + 14 + (v6 ? 4 : 2)), len - (v6 ? 54 : 14));
	g_no_violation();
}

static void large_segments_become_runs(void **state)
{
	char text[4096];

	(void)state;
	up("");
	comes_as_fragments(false);
	comes_as_fragments(true);
	assert_int_equal(fake_hostctl("nic0 counters", text, sizeof(text)), 0);
	assert_non_null(strstr(text, "channel0 rx_rsc 2\n"));
	assert_non_null(strstr(text, "channel0 rx_rsc_fragments 22\n"));
	assert_int_equal(fake_hostctl("nic0 state", text, sizeof(text)), 0);
	assert_non_null(strstr(text, "rsc4 on\nrsc6 on\n"));
	g_alive();
}

/* Cut into whole frames, one range each and none with a packet id */
static void comes_cut(u32 frames, bool v6)
{
	static u8 frame[70000];
	struct fake_sent sent;
	u32 i, id;

	send_large(frame, large(frame, v6, frames * MSS), v6);
	assert_int_equal(g_rx(&sent), frames);
	for (i = 0; i < frames; i++)
		assert_false(ppi(message(&sent, i), RNDIS_PPI_PACKET_ID, &id));
	g_no_violation();
}

static void never_unless_switched_on(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	comes_cut(10, false);
	set_offloads(NDIS_OFFLOAD_PARAM_CSUM_BOTH, NDIS_OFFLOAD_PARAM_OFF);
	comes_cut(10, false);
	set_offloads(NDIS_OFFLOAD_PARAM_CSUM_BOTH, NDIS_OFFLOAD_PARAM_ON);
	comes_as_fragments(false);
	set_offloads(NDIS_OFFLOAD_PARAM_NO_CHANGE, NDIS_OFFLOAD_PARAM_NO_CHANGE);
	comes_as_fragments(true);
	set_offloads(NDIS_OFFLOAD_PARAM_NO_CHANGE, NDIS_OFFLOAD_PARAM_OFF);
	comes_cut(10, true);
	/* A checksum that nobody looked at must not be vouched for */
	set_offloads(NDIS_OFFLOAD_PARAM_CSUM_TX, NDIS_OFFLOAD_PARAM_ON);
	comes_cut(10, true);
}

static void never_on_hosts_without_it(void **state)
{
	static const struct {
		enum host_gen gen;
		const char *spec;
		u32 version;
	} rows[] = {
		{ HOST_WS2016, "", NVSP_PROTOCOL_VERSION_6 },
		{ HOST_WS2022, "rsc=off", NVSP_PROTOCOL_VERSION_61 },
		{ HOST_WS2022, "", NVSP_PROTOCOL_VERSION_6 },
		{ HOST_WS2022, "nvsp=6", NVSP_PROTOCOL_VERSION_6 },
		{ HOST_WS2016, "rsc=on", NVSP_PROTOCOL_VERSION_6 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		g_nic(rows[i].gen, rows[i].spec);
		g_up(rows[i].version);
		set_offloads(NDIS_OFFLOAD_PARAM_CSUM_BOTH, NDIS_OFFLOAD_PARAM_ON);
		comes_cut(10, false);
		nic_guest_teardown(state);
		nic_guest_setup(state);
	}
}

/* No merging across what a receiver must see, nor more than there is room for */
static void unsuitable_segments_are_cut(void **state)
{
	static u8 frame[70000];
	struct fake_sent sent;
	u32 len, i, id;

	(void)state;
	up("");
	for (i = 0; i < 8; i++) {
		len = large(frame, false, 2 * MSS);
		frame[47] = (u8)(1u << i) | 0x10;
		send_large(frame, len, false);
		assert_int_equal(g_rx(&sent), 2);
		/* ACK, PSH and ECE alone leave it as it is */
		assert_int_equal(ppi(message(&sent, 0), RNDIS_PPI_PACKET_ID, &id),
				 i == 3 || i == 4 || i == 6);
	}
	len = large(frame, false, 60 * MSS);
	send_large(frame, len, false);
	assert_int_equal(g_rx(&sent), g.sections - NIC_CONTROL_SUBALLOCS);
	assert_false(ppi(message(&sent, 0), RNDIS_PPI_PACKET_ID, &id));
	g_no_violation();
}

/* A run waits until all of it has room, and never spans packets */
static void runs_wait_whole(void **state)
{
	static u8 frame[70000], whole[70000];
	struct fake_sent sent, next;
	u32 len;

	(void)state;
	up("");
	len = large(frame, false, 40 * MSS);
	send_large(frame, len, false);
	send_large(frame, len, false);
	assert_true(fake_take(g.chan, &sent));
	assert_false(fake_take(g.chan, &next));
	assert_int_equal(sent.ranges, 40);
	assert_int_equal(gather(&sent, whole), len);
	g_complete(sent.trans_id, NVSP_STATUS_SUCCESS);
	assert_int_equal(g_rx(&next), 40);
	assert_int_equal(gather(&next, whole), len);
	g_alive();
}

static void tag_and_one_frame(void **state)
{
	static u8 frame[70000], tagged[70000];
	struct fake_sent sent;
	u32 len, value;

	(void)state;
	up("");
	len = large(frame, false, 4 * MSS);
	memcpy(tagged, frame, 12);
	put_be16(tagged + 12, 0x8100);
	put_be16(tagged + 14, 5);
	memcpy(tagged + 16, frame + 12, len - 12);
	send_large(tagged, len + 4, false);
	assert_int_equal(g_rx(&sent), 4);
	assert_true(ppi(message(&sent, 0), RNDIS_PPI_8021Q, &value));
	assert_int_equal(value, 5 << 4);
	assert_false(ppi(message(&sent, 1), RNDIS_PPI_8021Q, &value));
	nic_guest_teardown(state);
	nic_guest_setup(state);

	up("one-frame=on");
	send_large(frame, large(frame, false, 4 * MSS), false);
	assert_int_equal(g_rx(&sent), 1);
	g_no_violation();
}

/* Each shape is one packet, and the books are right after it */
static void every_shape_is_sent(void **state)
{
	char text[8192], all[8192], *line, *save = NULL;
	struct fake_sent sent;
	char cmd[128];
	u32 shapes = 0;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(fake_hostctl("nic0 rsc plain", text, sizeof(text)), 0);
	assert_int_equal(g_rx(&sent), 10);
	assert_int_equal(fake_hostctl("nic0 rsc", all, sizeof(all)), 0);
	for (line = strtok_r(all, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		snprintf(cmd, sizeof(cmd), "nic0 rsc %.*s", (int)strcspn(line, " "), line);
		/* These need more sections than this guest has */
		if (strstr(cmd, "most") || strstr(cmd, "too-")) {
			assert_int_not_equal(fake_hostctl(cmd, text, sizeof(text)), 0);
			continue;
		}
		assert_int_equal(fake_hostctl(cmd, text, sizeof(text)), 0);
		assert_true(g_rx(&sent) > 0);
		g_no_answer();
		shapes++;
	}
	assert_true(shapes > 25);
	assert_int_not_equal(fake_hostctl("nic0 rsc nonsense", text, sizeof(text)), 0);
	g_alive();
}

/* A frame whose sender left the checksum undone is passed on like that */
static void raw_checksums_are_marked(void **state)
{
	struct net_frame f;
	struct fake_sent sent;
	u8 frame[256];
	u32 csum;

	(void)state;
	up("raw-csum=on");
	f = (struct net_frame){ .data = frame, .len = large(frame, false, 40) };
	f.vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	f.vh.csum_start = cpu_to_le16(34);
	f.vh.csum_offset = cpu_to_le16(16);
	g.peer->ops->send(g.peer, &f);
	fake_posted();
	assert_int_equal(g_rx(&sent), 1);
	assert_true(ppi(message(&sent, 0), RNDIS_PPI_CHECKSUM, &csum));
	assert_int_equal(csum, RNDIS_RX_CSUM_TCP_SUCCEEDED |
				       RNDIS_RX_CSUM_TCP_VALUE_INVALID |
				       RNDIS_RX_CSUM_IP_SUCCEEDED |
				       RNDIS_RX_CSUM_IP_VALUE_INVALID);
	/* One that was computed is judged */
	g_peer_send(frame, large(frame, false, 40));
	assert_int_equal(g_rx(&sent), 1);
	assert_true(ppi(message(&sent, 0), RNDIS_PPI_CHECKSUM, &csum));
	assert_int_equal(csum, RNDIS_RX_CSUM_TCP_SUCCEEDED);
	g_no_violation();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(large_segments_become_runs),
		T(never_unless_switched_on),
		T(never_on_hosts_without_it),
		T(unsuitable_segments_are_cut),
		T(runs_wait_whole),
		T(tag_and_one_frame),
		T(every_shape_is_sent),
		T(raw_checksums_are_marked),
	};

	return cmocka_run_group_tests_name("nic_rsc", tests, NULL, NULL);
}
