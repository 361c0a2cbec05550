// SPDX-License-Identifier: GPL-2.0
/* Known frames, their checksums by the stupid method. */
#include "frames.h"

#include <string.h>

#include "netpkt.h"

const u8 g_mac[6] = { 0x00, 0x15, 0x5d, 0x00, 0x01, 0x00 };
const u8 g_peer_mac[6] = { 0x02, 0, 0, 0, 0, 0x77 };

static u16 slow_sum(const u8 *data, u32 len, u32 sum)
{
	u32 i;

	for (i = 0; i < len; i++)
		sum += i & 1 ? data[i] : (u32)data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

static u32 ethernet(u8 *out, u16 type)
{
	memcpy(out, g_peer_mac, 6);
	memcpy(out + 6, g_mac, 6);
	put_be16(out + 12, type);
	return 14;
}

static void ipv4(u8 *ip, u8 proto, u32 payload)
{
	static const u8 addrs[8] = { 10, 0, 0, 2, 10, 0, 0, 1 };

	memset(ip, 0, 20);
	ip[0] = 0x45;
	put_be16(ip + 2, (u16)(20 + payload));
	put_be16(ip + 4, 0x1234);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, addrs, 8);
	put_be16(ip + 10, (u16)~slow_sum(ip, 20, 0));
}

static void fill(u8 *out, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		out[i] = (u8)(i * 7 + 3);
}

static void l4_sum(u8 *l4, u32 len, const u8 *addrs, u32 addr_len, u8 proto, u32 at)
{
	u16 sum;

	put_be16(l4 + at, 0);
	sum = (u16)~slow_sum(l4, len,
			     (u32)slow_sum(addrs, addr_len, 0) + proto + len);
	put_be16(l4 + at, sum ? sum : 0xffff);
}

static void tcp(u8 *l4, u32 len)
{
	memset(l4, 0, 20);
	put_be16(l4, 4000);
	put_be16(l4 + 2, 5001);
	put_be32(l4 + 4, 0xfffff000);
	put_be32(l4 + 8, 77);
	l4[12] = 5 << 4;
	l4[13] = 0x18;	/* ACK, PSH */
	put_be16(l4 + 14, 1000);
	fill(l4 + 20, len);
}

u32 f_udp4(u8 *out, u32 len)
{
	u8 *ip = out + ethernet(out, 0x0800), *l4 = ip + 20;

	ipv4(ip, 17, 8 + len);
	put_be16(l4, 4000);
	put_be16(l4 + 2, 5001);
	put_be16(l4 + 4, (u16)(8 + len));
	fill(l4 + 8, len);
	l4_sum(l4, 8 + len, ip + 12, 8, 17, 6);
	return 14 + 28 + len;
}

u32 f_tcp4(u8 *out, u32 len)
{
	u8 *ip = out + ethernet(out, 0x0800), *l4 = ip + 20;

	ipv4(ip, 6, 20 + len);
	tcp(l4, len);
	l4_sum(l4, 20 + len, ip + 12, 8, 6, 16);
	return 14 + 40 + len;
}

u32 f_tcp6(u8 *out, u32 len)
{
	u8 *ip = out + ethernet(out, 0x86dd), *l4 = ip + 40;

	memset(ip, 0, 40);
	ip[0] = 0x60;
	put_be16(ip + 4, (u16)(20 + len));
	ip[6] = 6;
	ip[7] = 64;
	ip[8] = 0xfd;
	ip[23] = 2;
	ip[24] = 0xfd;
	ip[39] = 1;
	tcp(l4, len);
	l4_sum(l4, 20 + len, ip + 8, 32, 6, 16);
	return 14 + 60 + len;
}
