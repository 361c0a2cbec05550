// SPDX-License-Identifier: GPL-2.0
/*
 * Coalesced packets of awkward shape, on request: what a host may send, what no
 * honest one does, and one of the ordinary shape to compare them with.
 *
 * All are TCP from 192.0.2.1 port 4242 to 192.0.2.2 port 9, or between
 * 2001:db8::1 and ::2, and each is one transfer-page packet. A shape is made as
 * an ordinary packet and then spoilt. The books of the receive buffer stay right.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostctl.h"
#include "nic_priv.h"

#define PIECES_MAX	(NVSP_XFER_RANGES_RSC + 1)
#define FRAME_MAX	(80 * 1024)
#define TCP_ACK_PSH	0x18
#define TCP_SYN		0x02
#define FRAGMENT	RNDIS_PACKET_ID_FRAGMENT
#define FIRST		RNDIS_PACKET_ID_FIRST
#define LAST		RNDIS_PACKET_ID_LAST
#define CSUM_OK \
	(RNDIS_RX_CSUM_TCP_SUCCEEDED | RNDIS_RX_CSUM_TCP_VALUE_INVALID | \
	 RNDIS_RX_CSUM_IP_SUCCEEDED | RNDIS_RX_CSUM_IP_VALUE_INVALID)

/**
 * struct maker - a packet in the making
 * @nic: whose
 * @frame: @len bytes, of which @head are headers
 * @piece: @count messages
 */
struct maker {
	struct nic *nic;
	u8 frame[FRAME_MAX];
	u32 len;
	u32 head;
	struct nic_piece piece[PIECES_MAX + 8];
	u32 count;
};

static void set_flags(struct maker *m, u32 nr, u32 flags)
{
	m->piece[nr].meta.has_id = true;
	m->piece[nr].meta.id = NIC_PACKET_ID(flags, 0x4711);
}

static void set_csum(struct maker *m, u32 csum)
{
	m->piece[0].meta.has_csum = csum;
	m->piece[0].meta.csum = csum;
}

/* --- the ordinary packet --- */

static u32 put_ipv4(u8 *ip, u32 options, u32 len)
{
	static const u8 addrs[8] = { 192, 0, 2, 1, 192, 0, 2, 2 };

	ip[0] = (u8)(0x45 + options / 4);
	put_be16(ip + 2, (u16)len);
	ip[8] = 64;
	ip[9] = NETPKT_PROTO_TCP;
	memcpy(ip + 12, addrs, sizeof(addrs));
	memset(ip + NETPKT_IPV4_HLEN, 1, options);	/* no operation */
	return NETPKT_IPV4_HLEN + options;
}

/* Options become one hop-by-hop header of that length: padding */
static u32 put_ipv6(u8 *ip, u32 options, u32 len)
{
	static const u8 net[4] = { 0x20, 0x01, 0x0d, 0xb8 };
	u8 *ext = ip + NETPKT_IPV6_HLEN;

	ip[0] = 0x60;
	put_be16(ip + 4, (u16)(len - NETPKT_IPV6_HLEN));
	ip[6] = options ? 0 : NETPKT_PROTO_TCP;
	ip[7] = 64;
	memcpy(ip + 8, net, sizeof(net));
	memcpy(ip + 24, net, sizeof(net));
	ip[23] = 1;
	ip[39] = 2;
	if (options) {
		ext[0] = NETPKT_PROTO_TCP;
		ext[1] = (u8)(options / 8 - 1);
		ext[2] = 1;			/* PadN */
		ext[3] = (u8)(options - 4);
	}
	return NETPKT_IPV6_HLEN + options;
}

static void make_frame(struct maker *m, u8 version, u32 options, u32 payload)
{
	u8 *ip = m->frame + NETPKT_ETH_HLEN, *tcp;
	u32 len = (version == 4 ? NETPKT_IPV4_HLEN : NETPKT_IPV6_HLEN) + options +
		  NETPKT_TCP_HLEN + payload;
	u32 i;

	memcpy(m->frame, m->nic->mac, 6);
	m->frame[6] = 2;
	m->frame[11] = 0x66;
	put_be16(m->frame + 12, version == 4 ? NETPKT_ETH_IPV4 : NETPKT_ETH_IPV6);
	tcp = ip + (version == 4 ? put_ipv4(ip, options, len) :
				   put_ipv6(ip, options, len));
	put_be16(tcp, 4242);
	put_be16(tcp + 2, 9);
	put_be32(tcp + 4, 1);
	put_be32(tcp + 8, 1);
	tcp[12] = NETPKT_TCP_HLEN << 2;
	tcp[13] = TCP_ACK_PSH;
	put_be16(tcp + 14, 1024);
	m->len = NETPKT_ETH_HLEN + len;
	m->head = m->len - payload;
	for (i = 0; i < payload; i++)
		m->frame[m->head + i] = (u8)(i % 251);
}

/* Cut what was made: @first bytes, then pieces of @each */
static void cut(struct maker *m, u32 first, u32 each)
{
	u32 off = 0, part = first;

	m->count = 0;
	while (off < m->len && m->count < PIECES_MAX) {
		struct nic_piece *piece = &m->piece[m->count];

		if (part > m->len - off)
			part = m->len - off;
		piece->data = m->frame + off;
		piece->len = part;
		set_flags(m, m->count, FRAGMENT | (m->count ? 0 : FIRST));
		m->count++;
		off += part;
		part = each;
	}
	set_flags(m, m->count - 1, FRAGMENT | LAST | (m->count > 1 ? 0 : FIRST));
	set_csum(m, CSUM_OK);
}

static void make(struct maker *m, u8 version, u32 options, u32 count, u32 each)
{
	make_frame(m, version, options, count * each);
	cut(m, m->head + each, each);
}

/* --- shapes --- */

static void s_plain(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
}

static void s_plain6(struct maker *m)
{
	make(m, 6, 0, 10, 1000);
}

static void s_one(struct maker *m)
{
	make(m, 4, 0, 1, 1000);
}

static void s_most(struct maker *m)
{
	make(m, 4, 0, NVSP_XFER_RANGES_RSC, 100);
}

static void s_tiny(struct maker *m)
{
	make(m, 4, 0, 10, 1);
}

/* Still one section of the receive buffer */
static void s_over_mtu(struct maker *m)
{
	make(m, 4, 0, 10, 1560);
}

static void s_mixed(struct maker *m)
{
	u32 i;

	make(m, 4, 0, 10, 1000);
	for (i = 2; i < 9; i += 2) {
		m->piece[i].len -= 100;
		m->piece[i + 1].data -= 100;
		m->piece[i + 1].len += 100;
	}
}

static void s_no_first(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->count--;
	memmove(m->piece, m->piece + 1, m->count * sizeof(*m->piece));
}

static void s_no_last(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->count--;
}

static void s_last_alone(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->piece[0] = m->piece[9];
	m->count = 1;
}

static void s_wrong_id(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->piece[5].meta.id = NIC_PACKET_ID(FRAGMENT, 0x4712);
}

static void s_two_firsts(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	memmove(m->piece + 4, m->piece, 10 * sizeof(*m->piece));
	m->count = 14;
}

static void s_whole_inside(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->piece[5] = m->piece[0];
	m->piece[5].meta.has_id = false;
}

static void s_too_many(struct maker *m)
{
	make(m, 4, 0, NVSP_XFER_RANGES_RSC + 1, 100);
}

static void s_too_long(struct maker *m)
{
	make(m, 4, 0, 70, 1000);
}

static void s_empty_piece(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->piece[5].len = 0;
}

static void s_split_headers(struct maker *m)
{
	make_frame(m, 4, 0, 10 * 1000);
	cut(m, NETPKT_ETH_HLEN + NETPKT_IPV4_HLEN, 1000);
}

static void s_split_ethernet(struct maker *m)
{
	make_frame(m, 4, 0, 10 * 1000);
	cut(m, 8, 1000);
}

static void s_ip_options(struct maker *m)
{
	make(m, 4, 40, 10, 1000);
}

static void s_ip6_extension(struct maker *m)
{
	make(m, 6, 8, 10, 1000);
}

static void s_ip_fragment(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	put_be16(m->frame + NETPKT_ETH_HLEN + 6, 0x2000);
}

static void s_first_length(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	put_be16(m->frame + NETPKT_ETH_HLEN + 2, 20 + 20 + 1000);
}

static void s_length_above(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	put_be16(m->frame + NETPKT_ETH_HLEN + 2, 20000);
}

static void s_length_below(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	put_be16(m->frame + NETPKT_ETH_HLEN + 2, 30);
}

static void s_header_length(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->frame[NETPKT_ETH_HLEN] = 0x41;
}

static void s_tcp_offset(struct maker *m)
{
	make(m, 4, 0, 2, 10);
	m->frame[NETPKT_ETH_HLEN + NETPKT_IPV4_HLEN + 12] = 0xf0;
}

static void s_udp(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->frame[NETPKT_ETH_HLEN + 9] = NETPKT_PROTO_UDP;
}

static void s_not_ip(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	put_be16(m->frame + 12, 0x88b5);
}

static void s_syn(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->frame[NETPKT_ETH_HLEN + NETPKT_IPV4_HLEN + 13] = TCP_SYN;
}

static void s_no_csum(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	set_csum(m, 0);
}

static void s_bad_csum(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	set_csum(m, RNDIS_RX_CSUM_TCP_FAILED | RNDIS_RX_CSUM_IP_SUCCEEDED |
			    RNDIS_RX_CSUM_IP_VALUE_INVALID);
}

static void s_late_infos(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->piece[4].meta.has_csum = true;
	m->piece[4].meta.csum = RNDIS_RX_CSUM_TCP_FAILED;
	m->piece[5].meta.has_vlan = true;
	m->piece[5].meta.vlan = 99 << RNDIS_8021Q_VLAN_SHIFT;
}

static void s_vlan(struct maker *m)
{
	make(m, 4, 0, 10, 1000);
	m->piece[0].meta.has_vlan = true;
	m->piece[0].meta.vlan = 7 << RNDIS_8021Q_VLAN_SHIFT;
}

/* A whole frame, nothing coalesced: its checksum is wrong and said to be */
static void s_whole_bad(struct maker *m)
{
	struct netpkt p;

	make(m, 4, 0, 1, 1000);
	m->piece[0].meta.has_id = false;
	netpkt_parse(m->frame, m->len, NETPKT_LEN_IP, &p);
	netpkt_ipv4_csum(m->frame, &p);
	netpkt_l4_csum(m->frame, &p);
	m->frame[m->len - 1] ^= 1;
	set_csum(m, RNDIS_RX_CSUM_TCP_FAILED | RNDIS_RX_CSUM_IP_SUCCEEDED);
}

/* The same, and the host contradicts itself */
static void s_whole_both(struct maker *m)
{
	s_whole_bad(m);
	m->piece[0].meta.csum |= RNDIS_RX_CSUM_TCP_SUCCEEDED;
}

/* Nobody ever computed them: a frame of a neighbour on the host */
static void s_whole_raw(struct maker *m)
{
	make(m, 4, 0, 1, 1000);
	m->piece[0].meta.has_id = false;
}

/* It has an id, as any packet may, and is no fragment */
static void s_whole_id(struct maker *m)
{
	s_whole_raw(m);
	set_flags(m, 0, 0);
}

static const struct shape {
	const char *name;
	const char *help;
	void (*make)(struct maker *m);
} shapes[] = {
	{ "plain", "ten fragments of 1000 bytes", s_plain },
	{ "plain6", "likewise over IPv6", s_plain6 },
	{ "one", "one fragment, first and last", s_one },
	{ "most", "562 fragments of 100 bytes", s_most },
	{ "tiny", "ten fragments of one byte", s_tiny },
	{ "over-mtu", "ten fragments of 1560 bytes", s_over_mtu },
	{ "mixed", "fragments of 900, 1000 and 1100 bytes", s_mixed },
	{ "vlan", "with a tag", s_vlan },
	{ "late-infos", "later fragments with infos of their own", s_late_infos },
	{ "first-length", "the IP header has the length of the first fragment", s_first_length },
	{ "ip-options", "40 bytes of IP options", s_ip_options },
	{ "ip6-extension", "an IPv6 hop-by-hop header", s_ip6_extension },
	{ "ip-fragment", "the IP packet is a fragment", s_ip_fragment },
	{ "split-headers", "the first fragment ends behind the IP header", s_split_headers },
	{ "split-ethernet", "the first fragment ends in the Ethernet header", s_split_ethernet },
	{ "syn", "a SYN with payload", s_syn },
	{ "udp", "not TCP", s_udp },
	{ "not-ip", "not IP", s_not_ip },
	{ "no-csum", "nothing is said of checksums", s_no_csum },
	{ "bad-csum", "the checksum is said to be wrong", s_bad_csum },
	{ "no-first", "the first fragment is missing", s_no_first },
	{ "no-last", "the last fragment is missing", s_no_last },
	{ "last-alone", "only the last fragment", s_last_alone },
	{ "wrong-id", "one fragment has another packet's id", s_wrong_id },
	{ "two-firsts", "four fragments, then a packet of ten", s_two_firsts },
	{ "whole-inside", "a whole frame among the fragments", s_whole_inside },
	{ "too-many", "563 fragments", s_too_many },
	{ "too-long", "70000 bytes", s_too_long },
	{ "empty-piece", "one fragment has no bytes", s_empty_piece },
	{ "length-above", "the IP length is larger than the packet", s_length_above },
	{ "length-below", "the IP length ends in the TCP header", s_length_below },
	{ "header-length", "an IP header of four bytes", s_header_length },
	{ "tcp-offset", "a TCP header longer than the packet", s_tcp_offset },
	{ "whole-bad", "a frame with a wrong checksum, said to be", s_whole_bad },
	{ "whole-both", "likewise, and said to be right as well", s_whole_both },
	{ "whole-raw", "a frame whose checksums were never computed", s_whole_raw },
	{ "whole-id", "likewise, and it has a packet id", s_whole_id },
};

void rsc_shape_names(FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++)
		fprintf(out, "%-15s %s\n", shapes[i].name, shapes[i].help);
}

static int send_shape(struct nic *nic, const struct shape *shape, FILE *out)
{
	struct maker *m = calloc(1, sizeof(*m));
	int ret;

	if (!m) {
		fprintf(out, "rsc %s: no memory\n", shape->name);
		return HOSTCTL_REFUSED;
	}
	m->nic = nic;
	shape->make(m);
	ret = netvsp_rx_pieces(nic->queue[0], m->piece, m->count);
	free(m);
	if (!ret) {
		vmbus_signal(nic->queue[0]->chan);
		return HOSTCTL_OK;
	}
	fprintf(out, "rsc %s: no room in the guest's ring or receive buffer\n",
		shape->name);
	return HOSTCTL_REFUSED;
}

int rsc_shape_run(struct nic *nic, const char *name, FILE *out)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shapes) && strcmp(shapes[i].name, name); i++)
		;
	if (i == ARRAY_SIZE(shapes)) {
		fprintf(out, "rsc %s: wanted one of\n", name);
		rsc_shape_names(out);
		return HOSTCTL_UNKNOWN;
	}
	if (!nic_rx_ready(nic)) {
		fprintf(out, "%s is not up\n", nic->ident);
		return HOSTCTL_REFUSED;
	}
	return send_shape(nic, &shapes[i], out);
}
