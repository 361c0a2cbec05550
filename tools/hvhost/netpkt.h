/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ethernet, IP, TCP and UDP: headers found and checked, checksums, and large
 * segments cut up. Pure functions on private memory.
 */
#ifndef HVHOST_NETPKT_H
#define HVHOST_NETPKT_H

#include "uplink.h"

#define NETPKT_ETH_HLEN		14
#define NETPKT_VLAN_HLEN	4
#define NETPKT_IPV4_HLEN	20
#define NETPKT_IPV6_HLEN	40
#define NETPKT_TCP_HLEN		20
#define NETPKT_UDP_HLEN		8

#define NETPKT_ETH_IPV4		0x0800
#define NETPKT_ETH_IPV6		0x86DD
#define NETPKT_ETH_8021Q	0x8100

#define NETPKT_PROTO_TCP	6
#define NETPKT_PROTO_UDP	17

#define NETPKT_TCP_FIN		0x01
#define NETPKT_TCP_PSH		0x08
#define NETPKT_TCP_CWR		0x80

static inline u16 get_be16(const u8 *p)
{
	return (u16)(p[0] << 8 | p[1]);
}

static inline u32 get_be32(const u8 *p)
{
	return (u32)get_be16(p) << 16 | get_be16(p + 2);
}

static inline void put_be16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static inline void put_be32(u8 *p, u32 v)
{
	put_be16(p, v >> 16);
	put_be16(p + 2, v & 0xffff);
}

/** enum netpkt_len - where the length of the IP payload comes from */
enum netpkt_len {
	NETPKT_LEN_IP,	  /* from the IP header, checked against the frame */
	NETPKT_LEN_FRAME, /* all of the frame: a large send, its IP length is 0 */
};

/**
 * struct netpkt - where things are in a frame
 * @l3: offset of the IP header (behind a tag, if there is one)
 * @l4: offset of the transport header, 0 when there is none to speak of
 * @l4_len: bytes of transport header and payload
 * @l4_hlen: bytes of the transport header alone (TCP with options)
 * @ip_version: 4, 6, or 0 for anything else or a malformed IP header
 * @proto: transport protocol; 0 unless whole TCP or UDP headers are there
 * @fragment: the IP packet is a fragment
 */
struct netpkt {
	u32 l3;
	u32 l4;
	u32 l4_len;
	u32 l4_hlen;
	u8 ip_version;
	u8 proto;
	bool fragment;
};

/** netpkt_parse() - find the headers of @len bytes at @data; no field of @p points behind them */
void netpkt_parse(const u8 *data, u32 len, enum netpkt_len from, struct netpkt *p);

/** netpkt_sum() - add @len bytes in network order to a running one's complement sum */
u32 netpkt_sum(const u8 *data, u32 len, u32 sum);
/** netpkt_fold() - a running sum in 16 bits, not complemented */
u16 netpkt_fold(u32 sum);
/** netpkt_pseudo() - running sum of the pseudo-header with transport length @len */
u32 netpkt_pseudo(const u8 *data, const struct netpkt *p, u32 len);
/** netpkt_l4_csum_off() - offset of TCP's or UDP's checksum in the frame */
u32 netpkt_l4_csum_off(const struct netpkt *p);
/** netpkt_ipv4_csum() - compute and store the IPv4 header checksum */
void netpkt_ipv4_csum(u8 *data, const struct netpkt *p);
/** netpkt_l4_csum() - compute and store the TCP or UDP checksum over the whole payload */
void netpkt_l4_csum(u8 *data, const struct netpkt *p);
/** netpkt_l4_csum_ok() - whether the TCP or UDP checksum is right (UDP/IPv4 may have none) */
bool netpkt_l4_csum_ok(const u8 *data, const struct netpkt *p);
/** netpkt_ipv4_csum_ok() - whether the IPv4 header checksum is right */
bool netpkt_ipv4_csum_ok(const u8 *data, const struct netpkt *p);

/** netpkt_vlan_insert() - put a tag in; four bytes before frame->data must be writable */
void netpkt_vlan_insert(struct net_frame *frame, u16 tci);
/** netpkt_vlan_strip() - take the tag out. Return: whether there was one, in *@tci */
bool netpkt_vlan_strip(struct net_frame *frame, u16 *tci);

/**
 * netpkt_segment() - cut a TCP segment as large as the sender liked into frames
 * @frame: with a TCP gso_type in its vh; left as it was
 * @fn: called for each frame, complete with all its checksums, in order
 *
 * Return: 0, or -EINVAL when the vh does not fit the frame (@fn was not called).
 */
int netpkt_segment(const struct net_frame *frame, uplink_recv_fn fn, void *ctx);

/**
 * netpkt_complete() - do what the vh leaves to do to the checksum
 * Return: 0, or -EINVAL when its offsets lie outside the frame.
 */
int netpkt_complete(struct net_frame *frame);

#endif
