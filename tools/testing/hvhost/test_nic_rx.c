// SPDX-License-Identifier: GPL-2.0
/*
 * Packets to the guest: packet filter, who owns a sub-allocation, what happens
 * when the guest starves the host, completions proved, per-packet info, steering.
 */
#include "nic_guest.h"

#include <string.h>

static void up(const char *spec)
{
	g_nic(HOST_WS2022, spec);
	g_up(NVSP_PROTOCOL_VERSION_61);
}

/* A frame of the peer for @dst. Return: bytes */
static u32 from_peer(u8 *frame, const u8 *dst, u32 payload)
{
	u32 len = f_udp4(frame, payload);

	memcpy(frame, dst, 6);
	memcpy(frame + 6, g_peer_mac, 6);
	return len;
}

/* The one frame of a one-frame packet: its header, and where it lies */
static const u8 *the_frame(const struct fake_sent *sent, struct rndis_packet *pkt)
{
	const u8 *msg = g.recv + sent->range[0].byte_offset;

	assert_int_equal(sent->ranges, 1);
	memcpy(pkt, msg, sizeof(*pkt));
	assert_int_equal(le32_to_cpu(pkt->hdr.type), RNDIS_MSG_PACKET);
	assert_true(le32_to_cpu(pkt->hdr.len) <= sent->range[0].byte_count);
	assert_true(8 + le32_to_cpu(pkt->data_offset) + le32_to_cpu(pkt->data_len) <=
		    le32_to_cpu(pkt->hdr.len));
	return msg + 8 + le32_to_cpu(pkt->data_offset);
}

/* Value of a PPI of the message. Return: false when it is not there */
static bool ppi(const struct fake_sent *sent, u32 type, u32 *value)
{
	const u8 *msg = g.recv + sent->range[0].byte_offset;
	struct rndis_packet pkt;
	struct rndis_ppi_u32 p;
	u32 at;

	memcpy(&pkt, msg, sizeof(pkt));
	for (at = 0; at < le32_to_cpu(pkt.ppi_len); at += le32_to_cpu(p.head.size)) {
		memcpy(&p, msg + 8 + le32_to_cpu(pkt.ppi_offset) + at, sizeof(p));
		assert_int_equal(le32_to_cpu(p.head.size), 16);
		assert_int_equal(le32_to_cpu(p.head.offset), 12);
		*value = le32_to_cpu(p.value);
		if (le32_to_cpu(p.head.type) == type)
			return true;
	}
	return false;
}

static void filter_decides(void **state)
{
	static const u8 broadcast[6] = { 255, 255, 255, 255, 255, 255 };
	static const u8 multicast[6] = { 1, 0, 0x5e, 0, 0, 1 };
	static const u8 other[6] = { 2, 2, 2, 2, 2, 2 };
	static const struct {
		u32 filter;
		const u8 *dst;
		bool comes;
	} rows[] = {
		{ 0, g_mac, false },	    { 0, broadcast, false },
		{ 0x01, g_mac, true },	    { 0x01, other, false },
		{ 0x01, broadcast, false }, { 0x08, broadcast, true },
		{ 0x08, g_mac, false },	    { 0x08, multicast, false },
		{ 0x04, multicast, true },  { 0x02, multicast, true },
		{ 0x04, broadcast, false }, { 0x20, other, true },
		{ 0x20, g_mac, true },	    { 0x20, multicast, true },
	};
	struct fake_sent sent;
	u8 frame[128];
	unsigned int i;

	(void)state;
	up("");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(g_set_u32(RNDIS_OID_GEN_CURRENT_PACKET_FILTER,
					   rows[i].filter),
				 0);
		g_peer_send(frame, from_peer(frame, rows[i].dst, 40));
		assert_int_equal(g_rx(&sent), rows[i].comes);
	}
	g_no_violation();
}

static void nothing_comes_before_a_filter(void **state)
{
	u8 frame[128];

	(void)state;
	g_nic(HOST_WS2022, "");
	g_peer_send(frame, from_peer(frame, g_mac, 40));
	g_configure(NVSP_PROTOCOL_VERSION_61);
	g_peer_send(frame, from_peer(frame, g_mac, 40));
	g_no_answer();
	fake_close(g.chan);
	g_peer_send(frame, from_peer(frame, g_mac, 40));
	g_no_violation();
}

static void one_burst_is_one_packet(void **state)
{
	struct net_frame f;
	struct fake_sent sent;
	u8 frame[128];
	u32 i;

	(void)state;
	up("");
	for (i = 0; i < 5; i++) {
		f = (struct net_frame){ .data = frame,
					.len = from_peer(frame, g_mac, 40 + i) };
		g.peer->ops->send(g.peer, &f);
	}
	g_no_answer();
	fake_posted();
	assert_int_equal(g_rx(&sent), 5);
	g_no_answer();
	assert_true(fake_signals(g.chan) > 0);
	g_alive();
}

/* The guest completes nothing: frames wait, then are dropped; control still works */
static void starving_guest_gets_frames_later(void **state)
{
	u64 ids[64];
	struct fake_sent sent;
	u8 frame[128], out[OID_REPLY_MAX];
	u32 i, n = 0, later = 0, len;
	char text[4096];

	(void)state;
	up("");
	for (i = 0; i < 60; i++)
		g_peer_send(frame, from_peer(frame, g_mac, 40));
	while (fake_take(g.chan, &sent))
		ids[n++] = sent.trans_id;
	assert_int_equal(n, g.sections - NIC_CONTROL_SUBALLOCS);
	/* What was kept back is enough for control messages */
	assert_int_equal(g_query(RNDIS_OID_802_3_CURRENT_ADDRESS, NULL, 0, out,
				 &len),
			 0);
	assert_int_equal(len, 6);
	for (i = 0; i < n; i++) {
		g_complete(ids[i], NVSP_STATUS_SUCCESS);
		while (fake_take(g.chan, &sent)) {
			later += sent.ranges;
			ids[n++] = sent.trans_id;
			assert_true(n < 64);
		}
	}
	assert_int_equal(later, 60 - (g.sections - NIC_CONTROL_SUBALLOCS));
	assert_int_equal(fake_hostctl("nic0 state", text, sizeof(text)), 0);
	snprintf(text + 3000, 64, "recv_free %u\n", g.sections);
	assert_non_null(strstr(text, text + 3000));
	g_alive();
}

static void backlog_has_an_end(void **state)
{
	char text[4096];
	u8 frame[128];
	u32 i;

	(void)state;
	up("");
	for (i = 0; i < 48 + NIC_BACKLOG_MAX + 7; i++)
		g_peer_send(frame, from_peer(frame, g_mac, 40));
	assert_int_equal(fake_hostctl("nic0 counters", text, sizeof(text)), 0);
	assert_non_null(strstr(text, "rx_drop_backlog 7\n"));
}

static void full_ring_delays_and_loses_nothing(void **state)
{
	struct fake_sent sent;
	u8 frame[128];
	u32 i, frames = 0;

	(void)state;
	up("");
	fake_room(g.chan, 0);
	for (i = 0; i < 20; i++)
		g_peer_send(frame, from_peer(frame, g_mac, 40));
	g_no_answer();
	fake_room(g.chan, UINT32_MAX);
	fake_run(g.chan);
	while (fake_take(g.chan, &sent)) {
		frames += sent.ranges;
		g_complete(sent.trans_id, NVSP_STATUS_SUCCESS);
	}
	assert_int_equal(frames, 20);
	g_alive();
}

static void no_suballocation_is_used_twice(void **state)
{
	struct fake_sent sent;
	bool used[64] = { false };
	u8 frame[128];
	u32 i, idx;

	(void)state;
	up("");
	for (i = 0; i < 60; i++)
		g_peer_send(frame, from_peer(frame, g_mac, 40));
	while (fake_take(g.chan, &sent)) {
		for (i = 0; i < sent.ranges; i++) {
			idx = sent.range[i].byte_offset / g.section;
			assert_false(used[idx]);
			used[idx] = true;
		}
	}
}

/* --- completions --- */

static void wrong_completion_ids_stop(void **state)
{
	struct fake_sent sent;
	u8 frame[128];
	u64 bad[3];
	unsigned int i;

	(void)state;
	up("");
	bad[0] = 63;			/* free */
	bad[1] = 1ull << 40;		/* no sub-allocation at all */
	bad[2] = U32_MAX;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		g_complete(bad[i], NVSP_STATUS_SUCCESS);
		g_violation("nvsp.completion-id");
		assert_true(fake_failed(g.chan));
		g_reopen(NVSP_PROTOCOL_VERSION_61);
	}
	g_peer_send(frame, from_peer(frame, g_mac, 40));
	assert_int_equal(g_rx(&sent), 1);
	g_no_violation();
	g_complete(sent.trans_id, NVSP_STATUS_SUCCESS);	/* a second time */
	g_violation("nvsp.completion-id");
	assert_true(fake_failed(g.chan));
}

static void open_a_subchannel(void)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SUBCHANNEL) };
	struct fake_sent sent;

	msg.subchannel_request.op = cpu_to_le32(NVSP_SUBCHANNEL_ALLOCATE);
	msg.subchannel_request.count = cpu_to_le32(1);
	g_ask(&msg);
	fake_pass(1);
	fake_open(fake_chan(1));
	assert_true(fake_take(g.chan, &sent));	/* the send table */
}

static void completion_on_the_wrong_channel_stops_it(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(
		NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE) };
	struct fake_sent sent;
	u8 frame[128];

	(void)state;
	up("");
	open_a_subchannel();
	g_peer_send(frame, from_peer(frame, g_mac, 40));
	assert_true(fake_take(g.chan, &sent));
	msg.rndis_packet_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS);
	fake_push(fake_chan(1), VM_PKT_COMPLETION, 0, sent.trans_id, &msg, 8,
		  NULL, 0);
	fake_run(fake_chan(1));
	g_violation("nvsp.completion-id");
	assert_true(fake_failed(fake_chan(1)));
	g_complete(sent.trans_id, NVSP_STATUS_SUCCESS);
	g_alive();
}

static void completion_with_a_strange_payload_frees_all_the_same(void **state)
{
	struct nvsp_message msg = { .type = cpu_to_le32(7) };
	struct fake_sent sent;
	u8 frame[128];

	(void)state;
	up("");
	g_peer_send(frame, from_peer(frame, g_mac, 40));
	assert_true(fake_take(g.chan, &sent));
	fake_push(g.chan, VM_PKT_COMPLETION, 0, sent.trans_id, &msg, 8, NULL, 0);
	fake_run(g.chan);
	g_violation("nvsp.completion");
	g_peer_send(frame, from_peer(frame, g_mac, 40));
	assert_true(fake_take(g.chan, &sent));
	g_complete(sent.trans_id, 9);
	g_violation("nvsp.completion");
	g_alive();
}

/* --- per-packet info --- */

static void set_offloads(u8 csum)
{
	struct ndis_offload_parameters p = {
		.hdr.type = NDIS_OBJECT_TYPE_DEFAULT, .hdr.revision = 3,
		.hdr.size = cpu_to_le16(sizeof(p)),
		.ipv4_csum = csum, .tcp_ipv4_csum = csum, .udp_ipv4_csum = csum,
		.tcp_ipv6_csum = csum, .udp_ipv6_csum = csum,
	};
	struct fake_sent sent;

	assert_int_equal(g_set(RNDIS_OID_TCP_OFFLOAD_PARAMETERS, &p, sizeof(p)), 0);
	assert_true(fake_take(g.chan, &sent));	/* the indication */
	g_complete(sent.trans_id, NVSP_STATUS_SUCCESS);
}

static void checksums_are_judged_when_switched_on(void **state)
{
	struct fake_sent sent;
	u8 frame[256];
	u32 len, value;

	(void)state;
	up("");
	len = from_peer(frame, g_mac, 41);
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	assert_false(ppi(&sent, RNDIS_PPI_CHECKSUM, &value));

	set_offloads(NDIS_OFFLOAD_PARAM_CSUM_BOTH);
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	assert_true(ppi(&sent, RNDIS_PPI_CHECKSUM, &value));
	assert_int_equal(value, RNDIS_RX_CSUM_UDP_SUCCEEDED |
					RNDIS_RX_CSUM_IP_SUCCEEDED);

	frame[60] ^= 1;
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	assert_true(ppi(&sent, RNDIS_PPI_CHECKSUM, &value));
	assert_int_equal(value,
			 RNDIS_RX_CSUM_UDP_FAILED | RNDIS_RX_CSUM_IP_SUCCEEDED);

	frame[16] ^= 1;	/* the IP length: nothing can be said of UDP */
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	assert_false(ppi(&sent, RNDIS_PPI_CHECKSUM, &value));

	set_offloads(NDIS_OFFLOAD_PARAM_CSUM_TX);
	g_peer_send(frame, from_peer(frame, g_mac, 41));
	assert_int_equal(g_rx(&sent), 1);
	assert_false(ppi(&sent, RNDIS_PPI_CHECKSUM, &value));
	g_no_violation();
}

static void tag_moves_to_per_packet_info(void **state)
{
	struct rndis_packet pkt;
	struct fake_sent sent;
	u8 buf[256], tagged[256];
	u32 len, value;

	(void)state;
	up("");
	len = from_peer(buf, g_mac, 40);
	memcpy(tagged, buf, 12);
	put_be16(tagged + 12, 0x8100);
	put_be16(tagged + 14, 3 << 13 | 0x456);
	memcpy(tagged + 16, buf + 12, len - 12);
	g_peer_send(tagged, len + 4);
	assert_int_equal(g_rx(&sent), 1);
	assert_true(ppi(&sent, RNDIS_PPI_8021Q, &value));
	assert_int_equal(value, 3 | 0x456 << 4);
	assert_memory_equal(the_frame(&sent, &pkt), buf, len);
	assert_int_equal(le32_to_cpu(pkt.data_len), len);
	g_no_violation();
}

static void largest_frame_fits_odd_sections(void **state)
{
	struct rndis_packet pkt;
	struct fake_sent sent;
	u8 frame[2048];
	u32 len, i;

	(void)state;
	up("section=1701,full-range=on");
	len = from_peer(frame, g_mac, 1472);
	for (i = 0; i < 4; i++) {
		g_peer_send(frame, len);
		assert_int_equal(g_rx(&sent), 1);
		assert_int_equal(sent.range[0].byte_count, 1701);
		assert_memory_equal(the_frame(&sent, &pkt), frame, len);
	}
	g_peer_send(frame, from_peer(frame, g_mac, 1473));
	g_no_answer();
	g_no_violation();
}

/* --- steering --- */

static void set_rss(u32 hash_info, const u32 *table, u32 entries)
{
	u8 object[40 + 40 + 512];
	struct ndis_rss_parameters p = {
		.hdr.type = NDIS_OBJECT_TYPE_RSS_PARAMETERS, .hdr.revision = 2,
		.hdr.size = cpu_to_le16(40),
		.hash_info = cpu_to_le32(hash_info),
		.table_len = cpu_to_le16((u16)(entries * 4)),
		.table_offset = cpu_to_le32(80),
		.key_len = cpu_to_le16(40), .key_offset = cpu_to_le32(40),
	};

	memcpy(object, &p, 40);
	g_key(object + 40);
	memcpy(object + 80, table, entries * 4);
	assert_int_equal(g_set(RNDIS_OID_GEN_RECEIVE_SCALE_PARAMETERS, object,
			       80 + entries * 4),
			 0);
}

static void frames_go_where_the_table_says(void **state)
{
	static const u8 addrs[12] = { 66,	  9,	     149,
				      187,	  161,	     142,
				      100,	  80,	     2794 >> 8,
				      2794 & 255, 1766 >> 8, 1766 & 255 };
	u32 table[4] = { 0, 0, 0, 0 }, value;
	struct fake_sent sent;
	u8 frame[256];
	u32 len;

	(void)state;
	up("");
	open_a_subchannel();

	/* Hash 0x51CCC178 (E.7): 0 modulo 4 */
	table[0] = 1;
	set_rss(NDIS_HASH_FUNCTION_TOEPLITZ | NDIS_HASH_IPV4 | NDIS_HASH_TCP_IPV4,
		table, 4);
	len = f_tcp4(frame, 40);
	memcpy(frame, g_mac, 6);
	memcpy(frame + 6, g_peer_mac, 6);
	memcpy(frame + 26, addrs, 12);
	g_peer_send(frame, len);
	g_no_answer();
	assert_true(fake_take(fake_chan(1), &sent));
	assert_true(ppi(&sent, RNDIS_PPI_HASH_VALUE, &value));
	assert_int_equal(value, 0x51CCC178);
	assert_true(ppi(&sent, RNDIS_PPI_HASH_INFO, &value));
	assert_int_equal(value, NDIS_HASH_FUNCTION_TOEPLITZ | NDIS_HASH_TCP_IPV4);

	/* A fragment hashes on addresses: 0x323E8FC2, 2 modulo 4 */
	put_be16(frame + 20, 0x2000);
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	assert_true(ppi(&sent, RNDIS_PPI_HASH_VALUE, &value));
	assert_int_equal(value, 0x323E8FC2);
	g_no_violation();

	/* The sub-channel goes: its frames come on the primary */
	put_be16(frame + 20, 0);
	fake_close(fake_chan(1));
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	g_alive();
}

/* All queues share the buffer: what one gives back, another waits for */
static void starving_queue_gets_what_another_gave_back(void **state)
{
	static const u32 all_second[4] = { 1, 1, 1, 1 };
	struct fake_sent sent, last = { .ranges = 0 };
	u8 frame[128];
	u32 i;

	(void)state;
	up("");
	open_a_subchannel();
	for (i = 0; i < g.sections - NIC_CONTROL_SUBALLOCS; i++)
		g_peer_send(frame, from_peer(frame, g_mac, 40));
	while (fake_take(g.chan, &sent))
		last = sent;
	set_rss(NDIS_HASH_FUNCTION_TOEPLITZ | NDIS_HASH_IPV4, all_second, 4);
	g_peer_send(frame, from_peer(frame, g_mac, 40));
	assert_false(fake_take(fake_chan(1), &sent));
	g_complete(last.trans_id, NVSP_STATUS_SUCCESS);
	fake_posted();
	g_no_answer();
	assert_true(fake_take(fake_chan(1), &sent));
	g_no_violation();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(filter_decides),
		T(nothing_comes_before_a_filter),
		T(one_burst_is_one_packet),
		T(starving_guest_gets_frames_later),
		T(backlog_has_an_end),
		T(full_ring_delays_and_loses_nothing),
		T(no_suballocation_is_used_twice),
		T(wrong_completion_ids_stop),
		T(completion_on_the_wrong_channel_stops_it),
		T(completion_with_a_strange_payload_frees_all_the_same),
		T(checksums_are_judged_when_switched_on),
		T(tag_moves_to_per_packet_info),
		T(largest_frame_fits_odd_sections),
		T(frames_go_where_the_table_says),
		T(starving_queue_gets_what_another_gave_back),
	};

	return cmocka_run_group_tests_name("nic_rx", tests, NULL, NULL);
}
