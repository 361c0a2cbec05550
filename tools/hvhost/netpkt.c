// SPDX-License-Identifier: GPL-2.0
/*
 * Ethernet, IP, TCP and UDP headers, their checksums, and the cutting of large
 * TCP segments.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "netpkt.h"

/* IPv6 extension headers that may stand before TCP or UDP */
#define IPV6_HOP_BY_HOP	0
#define IPV6_ROUTING	43
#define IPV6_FRAGMENT	44
#define IPV6_DEST	60

#define IPV4_MF_OR_OFFSET	0x3fff

u32 netpkt_sum(const u8 *data, u32 len, u32 sum)
{
	u64 acc = 0;
	u64 word;
	u32 left = len;

	/* Sums of big-endian words differ from those of little-endian ones by
	 * a byte swap only, so add in machine order and swap once.
	 */
	while (left >= 8) {
		memcpy(&word, data, 8);
		acc += (word & 0xffffffff) + (word >> 32);
		data += 8;
		left -= 8;
	}
	while (left >= 2) {
		u16 half;

		memcpy(&half, data, 2);
		acc += half;
		data += 2;
		left -= 2;
	}
	if (left)
		acc += *data;
	acc = (acc & 0xffffffff) + (acc >> 32);
	acc = (acc & 0xffff) + (acc >> 16 & 0xffff) + (acc >> 32);
	acc = (acc & 0xffff) + (acc >> 16);
	acc = (acc & 0xffff) + (acc >> 16);
	return sum + ntohs((u16)acc);
}

u16 netpkt_fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

static void parse_l4(const u8 *data, struct netpkt *p, u8 proto)
{
	const u8 *l4 = data + p->l4;

	if (p->fragment)
		return;
	if (proto == NETPKT_PROTO_TCP && p->l4_len >= NETPKT_TCP_HLEN) {
		u32 hlen = (l4[12] >> 4) * 4u;

		if (hlen < NETPKT_TCP_HLEN || hlen > p->l4_len)
			return;
		p->l4_hlen = hlen;
		p->proto = proto;
	} else if (proto == NETPKT_PROTO_UDP && p->l4_len >= NETPKT_UDP_HLEN) {
		u32 udp_len = get_be16(l4 + 4);

		/* What UDP says it has, when IP has that much */
		if (udp_len < NETPKT_UDP_HLEN || udp_len > p->l4_len)
			return;
		p->l4_len = udp_len;
		p->l4_hlen = NETPKT_UDP_HLEN;
		p->proto = proto;
	}
}

static void parse_ipv4(const u8 *data, u32 len, enum netpkt_len from,
		       struct netpkt *p)
{
	const u8 *ip = data + p->l3;
	u32 room = len - p->l3;
	u32 hlen, total;

	if (room < NETPKT_IPV4_HLEN || ip[0] >> 4 != 4)
		return;
	hlen = (ip[0] & 0xf) * 4u;
	total = from == NETPKT_LEN_IP ? get_be16(ip + 2) : room;
	if (hlen < NETPKT_IPV4_HLEN || total < hlen || total > room)
		return;
	p->ip_version = 4;
	p->fragment = get_be16(ip + 6) & IPV4_MF_OR_OFFSET;
	p->l4 = p->l3 + hlen;
	p->l4_len = total - hlen;
	parse_l4(data, p, ip[9]);
}

static void parse_ipv6(const u8 *data, u32 len, enum netpkt_len from,
		       struct netpkt *p)
{
	const u8 *ip = data + p->l3;
	u32 room = len - p->l3;
	u32 end, at;
	u8 next;

	if (room < NETPKT_IPV6_HLEN || ip[0] >> 4 != 6)
		return;
	end = from == NETPKT_LEN_IP ? p->l3 + NETPKT_IPV6_HLEN + get_be16(ip + 4)
				    : len;
	if (end > len)
		return;
	p->ip_version = 6;
	next = ip[6];
	at = p->l3 + NETPKT_IPV6_HLEN;
	while (next == IPV6_HOP_BY_HOP || next == IPV6_ROUTING ||
	       next == IPV6_DEST || next == IPV6_FRAGMENT) {
		/* at + 8 cannot overflow: both are below 2^17 */
		if (at + 8 > end)
			return;
		if (next == IPV6_FRAGMENT)
			p->fragment = get_be16(data + at + 2) & 0xfff9;
		room = next == IPV6_FRAGMENT ? 8 : (data[at + 1] + 1) * 8u;
		if (room > end - at)
			return;
		next = data[at];
		at += room;
	}
	p->l4 = at;
	p->l4_len = end - at;
	parse_l4(data, p, next);
}

void netpkt_parse(const u8 *data, u32 len, enum netpkt_len from, struct netpkt *p)
{
	u32 l3 = NETPKT_ETH_HLEN;
	u16 type;

	memset(p, 0, sizeof(*p));
	if (len < NETPKT_ETH_HLEN)
		return;
	type = get_be16(data + 12);
	if (type == NETPKT_ETH_8021Q) {
		if (len < NETPKT_ETH_HLEN + NETPKT_VLAN_HLEN)
			return;
		l3 += NETPKT_VLAN_HLEN;
		type = get_be16(data + 16);
	}
	p->l3 = l3;
	if (type == NETPKT_ETH_IPV4)
		parse_ipv4(data, len, from, p);
	else if (type == NETPKT_ETH_IPV6)
		parse_ipv6(data, len, from, p);
}

u32 netpkt_pseudo(const u8 *data, const struct netpkt *p, u32 len)
{
	const u8 *ip = data + p->l3;
	u32 sum = p->proto + (len >> 16) + (len & 0xffff);

	if (p->ip_version == 4)
		return netpkt_sum(ip + 12, 8, sum);
	return netpkt_sum(ip + 8, 32, sum);
}

u32 netpkt_l4_csum_off(const struct netpkt *p)
{
	return p->l4 + (p->proto == NETPKT_PROTO_TCP ? 16 : 6);
}

void netpkt_ipv4_csum(u8 *data, const struct netpkt *p)
{
	u8 *ip = data + p->l3;

	put_be16(ip + 10, 0);
	put_be16(ip + 10, (u16)~netpkt_fold(netpkt_sum(ip, (ip[0] & 0xf) * 4u, 0)));
}

bool netpkt_ipv4_csum_ok(const u8 *data, const struct netpkt *p)
{
	const u8 *ip = data + p->l3;

	return netpkt_fold(netpkt_sum(ip, (ip[0] & 0xf) * 4u, 0)) == 0xffff;
}

void netpkt_l4_csum(u8 *data, const struct netpkt *p)
{
	u8 *field = data + netpkt_l4_csum_off(p);
	u16 sum;

	put_be16(field, 0);
	sum = (u16)~netpkt_fold(netpkt_sum(data + p->l4, p->l4_len,
					   netpkt_pseudo(data, p, p->l4_len)));
	/* A UDP checksum of 0 on the wire means "none" */
	if (!sum && p->proto == NETPKT_PROTO_UDP)
		sum = 0xffff;
	put_be16(field, sum);
}

bool netpkt_l4_csum_ok(const u8 *data, const struct netpkt *p)
{
	if (p->proto == NETPKT_PROTO_UDP && p->ip_version == 4 &&
	    !get_be16(data + netpkt_l4_csum_off(p)))
		return true;
	return netpkt_fold(netpkt_sum(data + p->l4, p->l4_len,
				      netpkt_pseudo(data, p, p->l4_len))) == 0xffff;
}

void netpkt_vlan_insert(struct net_frame *frame, u16 tci)
{
	frame->data -= NETPKT_VLAN_HLEN;
	frame->len += NETPKT_VLAN_HLEN;
	memmove(frame->data, frame->data + NETPKT_VLAN_HLEN, 12);
	put_be16(frame->data + 12, NETPKT_ETH_8021Q);
	put_be16(frame->data + 14, tci);
}

bool netpkt_vlan_strip(struct net_frame *frame, u16 *tci)
{
	if (frame->len < NETPKT_ETH_HLEN + NETPKT_VLAN_HLEN ||
	    get_be16(frame->data + 12) != NETPKT_ETH_8021Q)
		return false;
	*tci = get_be16(frame->data + 14);
	memmove(frame->data + NETPKT_VLAN_HLEN, frame->data, 12);
	frame->data += NETPKT_VLAN_HLEN;
	frame->len -= NETPKT_VLAN_HLEN;
	return true;
}

int netpkt_complete(struct net_frame *frame)
{
	u32 start = le16_to_cpu(frame->vh.csum_start);
	u32 field = start + le16_to_cpu(frame->vh.csum_offset);
	u16 sum;

	if (!(frame->vh.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return 0;
	/* no overflow: both are 16 bits */
	if (field + 2 > frame->len)
		return -EINVAL;
	/* The field holds the pseudo-header's sum and is part of what is summed */
	sum = (u16)~netpkt_fold(netpkt_sum(frame->data + start, frame->len - start, 0));
	put_be16(frame->data + field, sum ? sum : 0xffff);
	frame->vh.flags &= ~VIRTIO_NET_HDR_F_NEEDS_CSUM;
	return 0;
}
