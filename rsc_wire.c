// SPDX-License-Identifier: GPL-2.0
/*
 * Coalesced packets. See rsc_wire.h, and Documentation/protocol.md E.5.
 */
#include "rsc_wire.h"

#define ETH_LEN			14
#define ETH_IPV4		0x0800
#define ETH_IPV6		0x86DD
#define IPV4_LEN		20
#define IPV4_FRAGMENT		0x3FFF	/* more fragments, or an offset */
#define IPV6_LEN		40
#define TCP_LEN			20
#define PROTO_TCP		6

/* Flags that say something of one segment alone: URG, RST, SYN */
#define TCP_UNMERGED		0x26

static u32 get_be16(const u8 *at)
{
	return (u32)at[0] << 8 | at[1];
}

static void put_be16(u8 *at, u32 value)
{
	at[0] = (u8)(value >> 8);
	at[1] = (u8)value;
}

/* The run */

static enum rsc_step run_start(struct rsc_run *run,
			       const struct rndis_packet_info *info)
{
	*run = (struct rsc_run) {
		.open = true,
		.id = info->packet_id,
		.count = 1,
		.len = info->data_len,
		.first = info->data_len,
	};
	return RSC_FIRST;
}

static enum rsc_step run_append(struct rsc_run *run,
				const struct rndis_packet_info *info)
{
	bool last = info->packet_flags & RNDIS_PACKET_ID_LAST;
	u32 len = info->data_len;

	/* cannot wrap: run->len is below 2^17, and so is the room */
	if (run->count == RSC_FRAGMENTS_MAX ||
	    len > RNDIS_FRAGMENT_MAX - run->len) {
		run->open = false;
		return RSC_ORPHAN;
	}
	run->count++;
	run->len += len;
	if (last) {
		run->last = len;
		run->open = false;
		return RSC_LAST;
	}
	if (!run->each)
		run->each = len;
	run->mixed |= run->each != len;
	return RSC_NEXT;
}

/**
 * rsc_wire_step - find out where a received message belongs
 * @run: the run; all zero in the beginning, and after the last message of a
 *       transfer-page packet @run->open has to be cleared
 * @info: the message, decoded
 *
 * What was open before RSC_WHOLE, RSC_FIRST or RSC_ORPHAN came will never be
 * complete. Fragments of one packet are consecutive and carry one id; there are
 * at most RSC_FRAGMENTS_MAX of them, and they are an IP packet of at most
 * RNDIS_IP_MAX bytes. Documentation/protocol.md E.5, I.1 rule 26.
 *
 * Return: what it is.
 */
enum rsc_step rsc_wire_step(struct rsc_run *run,
			    const struct rndis_packet_info *info)
{
	bool first = info->packet_flags & RNDIS_PACKET_ID_FIRST;

	if (!rndis_wire_is_fragment(info)) {
		run->open = false;
		return RSC_WHOLE;
	}
	if (first && info->data_len >= ETH_LEN &&
	    info->data_len <= RNDIS_FRAGMENT_MAX)
		return run_start(run, info);
	if (!first && run->open && run->id == info->packet_id)
		return run_append(run, info);
	run->open = false;
	return RSC_ORPHAN;
}

/* Headers */

/* Bytes of the IP header, 0 if this is no IPv4 or IPv6 packet with TCP in it */
static u32 parse_ip(const u8 *ip, u32 type, u32 room, struct rsc_headers *hdrs)
{
	u32 len;

	if (type == ETH_IPV6) {
		if (room < IPV6_LEN || ip[0] >> 4 != 6 || ip[6] != PROTO_TCP)
			return 0;
		hdrs->ipv6 = true;
		hdrs->ip_len = IPV6_LEN + get_be16(ip + 4);
		return IPV6_LEN;
	}
	if (type != ETH_IPV4 || room < IPV4_LEN || ip[0] >> 4 != 4)
		return 0;
	len = (ip[0] & 0xFu) * 4;
	if (len < IPV4_LEN || len > room || ip[9] != PROTO_TCP ||
	    get_be16(ip + 6) & IPV4_FRAGMENT)
		return 0;
	hdrs->ipv6 = false;
	hdrs->ip_len = get_be16(ip + 2);
	return len;
}

/**
 * rsc_wire_parse - find the headers of a TCP packet
 * @frame: its beginning
 * @len: bytes of that; RSC_HEADERS_MAX are enough
 * @hdrs: what was found
 *
 * IPv4 with options is known, a fragment is not; neither is IPv6 with extension
 * headers, nor a frame that has a tag in it. @hdrs->ip_len is not judged.
 *
 * Return: whether it is one, with all of its headers within @len bytes.
 */
bool rsc_wire_parse(const u8 *frame, u32 len, struct rsc_headers *hdrs)
{
	u32 ip_len, tcp_len;

	if (len < ETH_LEN)
		return false;
	ip_len = parse_ip(frame + ETH_LEN, get_be16(frame + 12), len - ETH_LEN,
			  hdrs);
	hdrs->tcp = ETH_LEN + ip_len;
	if (!ip_len || len - hdrs->tcp < TCP_LEN)
		return false;

	tcp_len = (frame[hdrs->tcp + 12] >> 4) * 4u;
	if (tcp_len < TCP_LEN || tcp_len > len - hdrs->tcp)
		return false;
	hdrs->len = hdrs->tcp + tcp_len;
	hdrs->merges = !(frame[hdrs->tcp + 13] & TCP_UNMERGED);
	return true;
}

/* RFC 791, over a header whose checksum field is 0 */
static u32 ipv4_csum(const u8 *ip, u32 len)
{
	u32 sum = 0;
	u32 i;

	for (i = 0; i < len; i += 2)
		sum += get_be16(ip + i);
	sum = (sum & 0xFFFF) + (sum >> 16);
	sum += sum >> 16;
	return ~sum & 0xFFFF;
}

/**
 * rsc_wire_repair - make the IP header that of the whole packet
 * @frame: its headers, @hdrs->len bytes
 * @hdrs: what rsc_wire_parse() found there
 * @run: the complete run
 *
 * The header may have the length of the whole packet already, or still that of
 * the first fragment, or none as in a large send. Any other length contradicts
 * what came, and then nothing is changed.
 *
 * Return: whether length and IPv4 header checksum are now right.
 */
bool rsc_wire_repair(u8 *frame, const struct rsc_headers *hdrs,
		     const struct rsc_run *run)
{
	u32 whole = run->len - ETH_LEN;
	u8 *ip = frame + ETH_LEN;
	u32 none = hdrs->ipv6 ? IPV6_LEN : 0;

	if (run->len < hdrs->len || run->first < hdrs->len ||
	    whole > RNDIS_IP_MAX ||
	    (hdrs->ip_len != whole && hdrs->ip_len != run->first - ETH_LEN &&
	     hdrs->ip_len != none))
		return false;

	if (hdrs->ipv6) {
		put_be16(ip + 4, whole - IPV6_LEN);
		return true;
	}
	put_be16(ip + 2, whole);
	put_be16(ip + 10, 0);
	put_be16(ip + 10, ipv4_csum(ip, hdrs->tcp - ETH_LEN));
	return true;
}

/**
 * rsc_wire_mss - payload of one segment of a coalesced packet
 * @hdrs: its headers
 * @run: the complete run; its first fragment has all headers
 * @mtu: IP MTU
 *
 * The host does not tell. When the fragments look like segments they are taken
 * for such, else the packet is taken to have come in segments as large as the
 * MTU allows.
 *
 * Return: bytes, at least 1.
 */
u32 rsc_wire_mss(const struct rsc_headers *hdrs, const struct rsc_run *run,
		 u32 mtu)
{
	u32 ip_hdrs = hdrs->len - ETH_LEN;
	u32 most = mtu > ip_hdrs ? mtu - ip_hdrs : 1;
	u32 payload = run->len - hdrs->len;
	u32 least = payload < RSC_MSS_MIN ? payload : RSC_MSS_MIN;
	u32 mss = run->first - hdrs->len;

	if (run->mixed || !mss || mss > most || run->last > mss ||
	    (run->each && run->each != mss))
		mss = most;
	if (mss < least)
		mss = least;
	return mss ? mss : 1;
}
