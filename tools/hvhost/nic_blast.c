// SPDX-License-Identifier: GPL-2.0
/*
 * The host itself floods the guest with short frames, as fast as the guest gives
 * room for them: what the card's driver takes at most, without a peer or a TAP
 * that would be the limit.
 *
 * The frames go the way of those from the uplink, on the synthetic path even
 * beside a VF. Bursts are timers: between two of them everything else in the loop
 * has its turn, and when a frame finds no room the next one waits. What waits for
 * room already goes first: it is placed as soon as the guest gives some. All frames
 * of a burst are of one flow and looked at once: on a slow machine the guest would
 * wait for us, and not we for it.
 */
#include <stdlib.h>
#include <string.h>

#include "hostctl.h"
#include "nic_priv.h"

#define BLAST_BURST	64	/* frames of a flow before others have their turn */
#define BLAST_WAIT_NS	1000000	/* after one that found no room */
#define BLAST_MAX_S	3600
#define BLAST_PORT	10000	/* source port of the first flow */
#define BLAST_TO_PORT	9

static void make_frame(const struct nic *nic, u16 flow, u8 frame[NIC_BLAST_LEN])
{
	static const u8 peer_mac[6] = { 0x02, 0, 0, 0, 0, 0x99 };
	/* 192.0.2.1 to 192.0.2.2, addresses that are nobody's (RFC 5737) */
	static const u8 addrs[8] = { 192, 0, 2, 1, 192, 0, 2, 2 };
	u8 *ip = frame + NETPKT_ETH_HLEN;
	u8 *udp = ip + NETPKT_IPV4_HLEN;
	struct netpkt p;

	memset(frame, 0, NIC_BLAST_LEN);
	memcpy(frame, nic->mac, sizeof(nic->mac));
	memcpy(frame + 6, peer_mac, sizeof(peer_mac));
	put_be16(frame + 12, NETPKT_ETH_IPV4);
	ip[0] = 0x45;
	put_be16(ip + 2, NIC_BLAST_LEN - NETPKT_ETH_HLEN);
	ip[8] = 64;
	ip[9] = NETPKT_PROTO_UDP;
	memcpy(ip + 12, addrs, sizeof(addrs));
	put_be16(udp, BLAST_PORT + flow);
	put_be16(udp + 2, BLAST_TO_PORT);
	put_be16(udp + 4, NIC_BLAST_LEN - NETPKT_ETH_HLEN - NETPKT_IPV4_HLEN);
	netpkt_parse(frame, NIC_BLAST_LEN, NETPKT_LEN_IP, &p);
	netpkt_ipv4_csum(frame, &p);
	netpkt_l4_csum(frame, &p);
}

static void burst(void *ctx)
{
	struct nic *nic = ctx;
	struct nic_blast *b = &nic->blast;
	struct net_frame frame = {
		.data = b->frame[b->next],
		.len = NIC_BLAST_LEN,
	};
	int given;

	b->cut = b->epoch != nic->epoch;
	b->runs = !b->cut && loop_now_ns() < b->end_ns;
	if (!b->runs)
		return;
	given = nic_rx_now(nic, &frame, BLAST_BURST);
	if (given >= 0) {
		b->given += (u32)given;
		b->no_room += given < BLAST_BURST;
		b->next = (b->next + 1) % NIC_BLAST_FLOWS;
	}
	loop_timer_set(&b->timer, given == BLAST_BURST ? 0 : BLAST_WAIT_NS);
}

static int start(struct nic *nic, u32 seconds, FILE *out)
{
	struct nic_blast *b = &nic->blast;
	u16 i;

	if (b->runs) {
		fprintf(out, "blast: one is under way, see %s blast stop\n",
			nic->ident);
		return HOSTCTL_REFUSED;
	}
	if (!nic_rx_ready(nic)) {
		fprintf(out, "%s is not up\n", nic->ident);
		return HOSTCTL_REFUSED;
	}
	memset(b, 0, sizeof(*b));
	for (i = 0; i < NIC_BLAST_FLOWS; i++)
		make_frame(nic, i, b->frame[i]);
	b->timer.fn = burst;
	b->timer.ctx = nic;
	b->epoch = nic->epoch;
	b->end_ns = loop_now_ns() + seconds * 1000000000ull;
	b->runs = true;
	loop_timer_set(&b->timer, 0);
	return HOSTCTL_OK;
}

/* How it went. While it goes: the request that asks for that later */
static int result(const struct nic *nic, FILE *out)
{
	const struct nic_blast *b = &nic->blast;

	if (b->runs) {
		fprintf(out, "%s%cblast%cresult%c", nic->ident, 0, 0, 0);
		return HOSTCTL_LATER;
	}
	fprintf(out, "given %llu\nno_room %llu\n", (unsigned long long)b->given,
		(unsigned long long)b->no_room);
	if (!b->cut)
		return HOSTCTL_OK;
	fprintf(out, "blast: the connection ended before\n");
	return HOSTCTL_REFUSED;
}

int nic_blast_ctl(struct nic *nic, int argc, char **argv, FILE *out)
{
	unsigned long seconds = 0;
	char *end = "";
	int ret;

	if (argc == 1 && !strcmp(argv[0], "stop")) {
		loop_timer_cancel(&nic->blast.timer);
		nic->blast.runs = false;
		return result(nic, out);
	}
	if (argc == 1 && !strcmp(argv[0], "result"))
		return result(nic, out);
	if (argc == 2 && !strcmp(argv[0], "udp"))
		seconds = strtoul(argv[1], &end, 10);
	if (*end || !seconds || seconds > BLAST_MAX_S) {
		fprintf(out, "blast: wanted udp and 1..%u seconds, or stop\n",
			BLAST_MAX_S);
		return HOSTCTL_UNKNOWN;
	}
	ret = start(nic, (u32)seconds, out);
	return ret == HOSTCTL_OK ? result(nic, out) : ret;
}
