// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest leaves to the card: checksum and large send requests checked
 * against the frame and carried out; large frames of the uplink cut up. Results
 * are compared with sums made by the stupid method of nic_guest.c.
 */
#include "nic_guest.h"

#include <string.h>

static void set_offloads(void)
{
	struct ndis_offload_parameters p = {
		.hdr.type = NDIS_OBJECT_TYPE_DEFAULT,
		.hdr.revision = 3,
		.hdr.size = cpu_to_le16(sizeof(p)),
		.ipv4_csum = 4,
		.tcp_ipv4_csum = 4,
		.udp_ipv4_csum = 4,
		.tcp_ipv6_csum = 4,
		.udp_ipv6_csum = 4,
		.lso_v2_ipv4 = 2,
		.lso_v2_ipv6 = 2,
	};
	struct fake_sent sent;

	assert_int_equal(g_set(RNDIS_OID_TCP_OFFLOAD_PARAMETERS, &p, sizeof(p)), 0);
	assert_true(fake_take(g.chan, &sent));
	g_complete(sent.trans_id, NVSP_STATUS_SUCCESS);
}

static void up(void)
{
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	set_offloads();
}

/* The pseudo-header's sum with length @len in the checksum field of @frame */
static void put_pseudo(u8 *frame, u32 addrs, u32 addr_len, u8 proto, u32 len,
		       u32 field)
{
	u32 sum = proto + len, i;

	for (i = 0; i < addr_len; i += 2)
		sum += get_be16(frame + addrs + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put_be16(frame + field, (u16)sum);
}

/* What a TAP would do with the only frame that came out */
static void finish(struct peer_frame *f)
{
	struct net_frame frame = { .vh = f->vh, .data = f->data, .len = f->len };

	assert_int_equal(g.frames, 1);
	assert_int_equal(netpkt_complete(&frame), 0);
	g.frames = 0;
}

static const struct {
	u32 (*make)(u8 *out, u32 len);
	u32 addrs, addr_len, l4, field;
	u8 proto;
	u32 value;
} kinds[] = {
	{ f_udp4, 26, 8, 34, 40, 17, RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_UDP },
	{ f_tcp4, 26, 8, 34, 50, 6, RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_TCP },
	{ f_tcp6, 22, 32, 54, 70, 6, RNDIS_TX_CSUM_IPV6 | RNDIS_TX_CSUM_TCP },
};

static void checksum_requests_give_right_frames(void **state)
{
	u8 want[1600], frame[1600], msg[1800];
	u32 len, payload;
	unsigned int i;

	(void)state;
	up();
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (payload = 0; payload < 1400; payload += 233) {
			len = kinds[i].make(want, payload);
			memcpy(frame, want, len);
			put_pseudo(frame, kinds[i].addrs, kinds[i].addr_len,
				   kinds[i].proto, len - kinds[i].l4,
				   kinds[i].field);
			len = g_frame(msg, frame, len, RNDIS_PPI_CHECKSUM,
				      kinds[i].value | kinds[i].l4 << 16);
			assert_int_equal(g_tx(msg, len), NVSP_STATUS_SUCCESS);
			assert_int_equal(g.frame[0].vh.flags,
					 VIRTIO_NET_HDR_F_NEEDS_CSUM);
			assert_int_equal(g.frame[0].vh.csum_start, kinds[i].l4);
			assert_int_equal(g.frame[0].vh.csum_offset,
					 kinds[i].field - kinds[i].l4);
			finish(&g.frame[0]);
			assert_memory_equal(g.frame[0].data, want, g.frame[0].len);
		}
	}
	g_alive();
}

static void ip_header_checksum_is_computed(void **state)
{
	u8 want[200], frame[200], msg[400];
	u32 len;

	(void)state;
	up();
	len = f_udp4(want, 40);
	memcpy(frame, want, len);
	put_be16(frame + 24, 0xdead);
	len = g_frame(msg, frame, len, RNDIS_PPI_CHECKSUM,
		      RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_IP_HEADER);
	assert_int_equal(g_tx(msg, len), NVSP_STATUS_SUCCESS);
	assert_memory_equal(g.frame[0].data, want, g.frame[0].len);
	g.frames = 0;
	g_alive();
}

/* One thing wrong at a time in a request for a TCP/IPv4 frame */
static void wrong_checksum_requests_are_refused(void **state)
{
	static const struct {
		const char *rule;
		u32 value;
		u16 field;
	} bad[] = {
		{ "offload.transport-offset", 5 | 0 << 16, 0 },
		{ "offload.transport-offset", 5 | 33 << 16, 0 },
		{ "offload.transport-offset", 5 | 1023 << 16, 0 },
		{ "offload.protocol", 9 | 34 << 16, 0 },   /* UDP */
		{ "offload.protocol", 13 | 34 << 16, 0 },  /* both */
		{ "offload.ip-version", 6 | 34 << 16, 0 }, /* IPv6 */
		{ "offload.ip-version", 4 | 34 << 16, 0 }, /* none */
		{ "offload.ip-version", 7 | 34 << 16, 0 }, /* both */
		{ "offload.pseudo-header", 5 | 34 << 16, 1 },
	};
	u8 frame[256], msg[400];
	unsigned int i;
	u32 len;

	(void)state;
	up();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		len = f_tcp4(frame, 100);
		put_pseudo(frame, 26, 8, 6, 120, 50);
		put_be16(frame + 50, (u16)(get_be16(frame + 50) + bad[i].field));
		len = g_frame(msg, frame, len, RNDIS_PPI_CHECKSUM, bad[i].value);
		assert_int_equal(g_tx(msg, len), NVSP_STATUS_INVALID_RNDIS_PACKET);
		assert_int_equal(g.frames, 0);
		g_violation(bad[i].rule);
		g_alive();
	}
}

static void request_before_it_was_switched_on_is_reported(void **state)
{
	u8 frame[256], msg[400];
	u32 len;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_up(NVSP_PROTOCOL_VERSION_61);
	len = f_tcp4(frame, 100);
	put_pseudo(frame, 26, 8, 6, 120, 50);
	len = g_frame(msg, frame, len, RNDIS_PPI_CHECKSUM, 5 | 34 << 16);
	assert_int_equal(g_tx(msg, len), NVSP_STATUS_SUCCESS);
	g_violation("offload.not-enabled");
	g.frames = 0;
	g_alive();
}

/* --- large send --- */

/* A large TCP frame as a driver hands it over. Return: bytes */
static u32 lso_frame(u8 *frame, bool v6, u32 payload)
{
	u32 len = v6 ? f_tcp6(frame, payload) : f_tcp4(frame, payload);

	if (v6) {
		put_be16(frame + 18, 0);
		put_pseudo(frame, 22, 32, 6, 0, 70);
	} else {
		put_be16(frame + 16, 0);
		put_be16(frame + 24, 0);
		put_pseudo(frame, 26, 8, 6, 0, 50);
	}
	return len;
}

static u32 lso_value(bool v6, u32 mss)
{
	return mss | (v6 ? 54u : 34u) << 20 | RNDIS_LSO_V2 |
	       (v6 ? RNDIS_LSO_IPV6 : 0);
}

static void large_send_becomes_a_gso_frame(void **state)
{
	static u8 frame[66000], msg[66200];
	const struct virtio_net_hdr *vh;
	u32 len, i, head;

	(void)state;
	up();
	for (i = 0; i < 2; i++) {
		head = i ? 74 : 54;
		len = lso_frame(frame, i, 60000);
		assert_int_equal(g_tx(msg, g_frame(msg, frame, len,
						   RNDIS_PPI_LARGE_SEND,
						   lso_value(i, 1400))),
				 NVSP_STATUS_SUCCESS);
		vh = &g.frame[0].vh;
		assert_int_equal(vh->gso_type, i ? VIRTIO_NET_HDR_GSO_TCPV6
						 : VIRTIO_NET_HDR_GSO_TCPV4);
		assert_int_equal(vh->gso_size, 1400);
		assert_int_equal(vh->hdr_len, head);
		assert_int_equal(vh->csum_start, head - 20);
		assert_int_equal(get_be16(g.frame[0].data + (i ? 18 : 16)),
				 i ? 60020 : 60040);
		/* Whole, its checksum is that of an ordinary frame */
		finish(&g.frame[0]);
		len = i ? f_tcp6(frame, 60000) : f_tcp4(frame, 60000);
		assert_int_equal(g.frame[0].len, len);
		assert_memory_equal(g.frame[0].data, frame, len);
	}
	g_alive();
}

static void wrong_large_sends_are_refused(void **state)
{
	static const struct { const char *rule; u32 value; } bad[] = {
		{ "offload.lso-version", 1400 | 34 << 20 },
		{ "offload.protocol", 1400 | 34 << 20 | RNDIS_LSO_V2 | RNDIS_LSO_IPV6 },
		{ "offload.lso-mss", 0 | 34 << 20 | RNDIS_LSO_V2 },
		{ "offload.lso-mss", 1461 | 34 << 20 | RNDIS_LSO_V2 },
		{ "offload.transport-offset", 1400 | 38 << 20 | RNDIS_LSO_V2 },
	};
	static u8 frame[66000], msg[66200];
	unsigned int i;
	u32 len;

	(void)state;
	up();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		len = lso_frame(frame, false, 5000);
		len = g_frame(msg, frame, len, RNDIS_PPI_LARGE_SEND, bad[i].value);
		assert_int_equal(g_tx(msg, len), NVSP_STATUS_INVALID_RNDIS_PACKET);
		assert_int_equal(g.frames, 0);
		g_violation(bad[i].rule);
		g_alive();
	}
	len = lso_frame(frame, false, NIC_LSO_MAX - 54);
	len = g_frame(msg, frame, len, RNDIS_PPI_LARGE_SEND,
		      lso_value(false, 1400));
	assert_int_equal(g_tx(msg, len), NVSP_STATUS_INVALID_RNDIS_PACKET);
	g_violation("offload.lso-size");

	/* The pseudo-header must not hold the length */
	len = lso_frame(frame, false, 5000);
	put_pseudo(frame, 26, 8, 6, 5020, 50);
	len = g_frame(msg, frame, len, RNDIS_PPI_LARGE_SEND,
		      lso_value(false, 1400));
	assert_int_equal(g_tx(msg, len), NVSP_STATUS_INVALID_RNDIS_PACKET);
	g_violation("offload.pseudo-header");
	g_alive();
}

static void single_segment_is_reported_and_sent(void **state)
{
	static u8 frame[2000], msg[2200];
	u32 len;

	(void)state;
	up();
	len = lso_frame(frame, false, 1000);
	assert_int_equal(g_tx(msg, g_frame(msg, frame, len, RNDIS_PPI_LARGE_SEND,
					   lso_value(false, 1400))),
			 NVSP_STATUS_SUCCESS);
	g_violation("offload.lso-segments");
	assert_int_equal(g.frame[0].vh.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	finish(&g.frame[0]);
	f_tcp4(frame, 1000);
	assert_memory_equal(g.frame[0].data, frame, len);
	g_alive();
}

static void length_left_in_a_large_send_is_reported(void **state)
{
	static u8 frame[6000], msg[6200];
	u32 len;

	(void)state;
	up();
	len = lso_frame(frame, false, 5000);
	put_be16(frame + 16, 5040);
	assert_int_equal(g_tx(msg, g_frame(msg, frame, len, RNDIS_PPI_LARGE_SEND,
					   lso_value(false, 1400))),
			 NVSP_STATUS_SUCCESS);
	g_violation("offload.lso-ip-length");
	g.frames = 0;
	g_alive();
}

/* --- large frames of the uplink --- */

/* Cut frames put together again: sequence, flags and checksums of each */
static void expect_segments(const u8 *whole, u32 len, bool v6, u32 mss)
{
	u32 head = v6 ? 74 : 54, l4 = head - 20, off = 0, part;
	struct fake_sent sent;
	struct netpkt p;
	u32 i, seg_len;
	const u8 *seg;

	assert_int_equal(g_rx(&sent), (len - head + mss - 1) / mss);
	for (i = 0; i < sent.ranges; i++) {
		part = len - head - off < mss ? len - head - off : mss;
		seg_len = head + part;
		seg = g.recv + sent.range[i].byte_offset +
		      sent.range[i].byte_count - seg_len;
		assert_memory_equal(seg, whole, 14);
		assert_memory_equal(seg + head, whole + head + off, part);
		assert_int_equal(get_be32(seg + l4 + 4),
				 (u32)(get_be32(whole + l4 + 4) + off));
		assert_int_equal(seg[l4 + 13] & 0x08,
				 off + part == len - head ? 0x08 : 0);
		netpkt_parse(seg, seg_len, NETPKT_LEN_IP, &p);
		assert_int_equal(p.l4_len, 20 + part);
		assert_true(netpkt_l4_csum_ok(seg, &p));
		if (!v6) {
			assert_true(netpkt_ipv4_csum_ok(seg, &p));
			assert_int_equal(get_be16(seg + 18),
					 get_be16(whole + 18) + i);
		}
		off += part;
	}
	assert_int_equal(off, len - head);
}

static void large_frame_is_cut_up(void **state)
{
	static u8 buf[66000];
	struct net_frame frame;
	u32 i, len;

	(void)state;
	up();
	for (i = 0; i < 4; i++) {
		len = i & 1 ? f_tcp6(buf + 8, 9000 + i)
			    : f_tcp4(buf + 8, 9000 + i);
		memcpy(buf + 8, g_mac, 6);
		memcpy(buf + 14, g_peer_mac, 6);
		frame = (struct net_frame){ .data = buf + 8, .len = len };
		frame.vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		frame.vh.gso_type = i & 1 ? VIRTIO_NET_HDR_GSO_TCPV6
					  : VIRTIO_NET_HDR_GSO_TCPV4;
		frame.vh.gso_size = 1400;
		frame.vh.hdr_len = i & 1 ? 74 : 54;
		frame.vh.csum_start = i & 1 ? 54 : 34;
		frame.vh.csum_offset = 16;
		g.peer->ops->send(g.peer, &frame);
		fake_posted();
		expect_segments(buf + 8, len, i & 1, 1400);
	}
	g_alive();
}

static void nonsense_of_the_uplink_is_dropped(void **state)
{
	static const struct virtio_net_hdr bad[] = {
		{ .flags = 1, .csum_start = 0xffff, .csum_offset = 16 },
		{ .flags = 1, .csum_start = 34, .csum_offset = 0xfff0 },
		{ .gso_type = VIRTIO_NET_HDR_GSO_TCPV6, .gso_size = 1000 },
		{ .gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 0 },
		{ .gso_type = VIRTIO_NET_HDR_GSO_UDP, .gso_size = 1000 },
		{ .gso_type = 0x7f, .gso_size = 1000 },
	};
	u8 buf[6000];
	struct net_frame frame;
	char text[4096];
	unsigned int i;

	(void)state;
	up();
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		frame = (struct net_frame){ .vh = bad[i], .data = buf + 8,
					    .len = f_tcp4(buf + 8, 1200) };
		memcpy(buf + 8, g_mac, 6);
		memcpy(buf + 14, g_peer_mac, 6);
		g.peer->ops->send(g.peer, &frame);
		fake_posted();
		g_no_answer();
	}
	assert_int_equal(fake_hostctl("nic0 counters", text, sizeof(text)), 0);
	assert_non_null(strstr(text, "rx_drop_malformed 6\n"));
	g_alive();
}

/* --- the tools themselves --- */

static void toeplitz_check_values(void **state)
{
	static const u8 v4[12] = { 66,	9,  149,  187,	161,  142,
				   100, 80, 0x0a, 0xea, 0x06, 0xe6 };
	static const u8 v6[36] = {
		0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, 0,
		0,    0,    0,	  0,	0,    0,    7,	  0x3f, 0xfe,
		0x25, 0x01, 0x02, 0x00, 0x00, 0x03, 0,	  0,	0,
		0,    0,    0,	  0,	1,    0x0a, 0xea, 0x06, 0xe6,
	};
	static struct nic_rss rss;
	u8 key[NDIS_RSS_KEY_LEN];

	(void)state;
	g_key(key);
	rss_set_key(&rss, key);
	assert_int_equal(rss_toeplitz(&rss, v4, 8), 0x323E8FC2);
	assert_int_equal(rss_toeplitz(&rss, v4, 12), 0x51CCC178);
	assert_int_equal(rss_toeplitz(&rss, v6, 32), 0x2CC18CD5);
	assert_int_equal(rss_toeplitz(&rss, v6, 36), 0x40207D3D);
}

static void sums_of_every_length_and_alignment(void **state)
{
	u8 buf[300];
	u32 at, len, i, want;

	(void)state;
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (u8)(i * 151 + 7);
	for (at = 0; at < 8; at++) {
		for (len = 0; len < 280; len++) {
			want = 0;
			for (i = 0; i < len; i++)
				want += i & 1 ? buf[at + i]
					      : (u32)buf[at + i] << 8;
			assert_int_equal(netpkt_fold(netpkt_sum(buf + at, len, 0)) %
						 0xffff,
					 want % 0xffff);
		}
	}
}

/* Whatever is in a frame, nothing found lies outside of it */
static void parsing_stays_inside(void **state)
{
	struct netpkt p;
	u8 frame[200];
	u32 i, len, seed = 1;

	(void)state;
	for (i = 0; i < 200000; i++) {
		len = i & 1 ? f_tcp4(frame, 60) : f_tcp6(frame, 60);
		for (u32 n = 0; n < 3; n++) {
			seed = seed * 1664525 + 1013904223;
			frame[12 + (seed >> 8) % 60] = (u8)(seed >> 24);
		}
		len = 1 + (seed >> 4) % len;
		netpkt_parse(frame, len,
			     i & 2 ? NETPKT_LEN_IP : NETPKT_LEN_FRAME, &p);
		if (p.proto) {
			assert_true(p.l4 + p.l4_len <= len);
			assert_true(p.l4_hlen <= p.l4_len);
			netpkt_l4_csum(frame, &p);
			assert_true(netpkt_l4_csum_ok(frame, &p));
		}
	}
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(checksum_requests_give_right_frames),
		T(ip_header_checksum_is_computed),
		T(wrong_checksum_requests_are_refused),
		T(request_before_it_was_switched_on_is_reported),
		T(large_send_becomes_a_gso_frame),
		T(wrong_large_sends_are_refused),
		T(single_segment_is_reported_and_sent),
		T(length_left_in_a_large_send_is_reported),
		T(large_frame_is_cut_up),
		T(nonsense_of_the_uplink_is_dropped),
		T(toeplitz_check_values),
		T(sums_of_every_length_and_alignment),
		T(parsing_stays_inside),
	};

	return cmocka_run_group_tests_name("nic_offload", tests, NULL, NULL);
}
