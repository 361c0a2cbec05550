// SPDX-License-Identifier: GPL-2.0
/*
 * What the XDP rows run: a verdict for UDP over IPv4 to the discard port, nothing
 * counted. All else passes: the peer is asked for the next flood meanwhile.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORT_DISCARD	9

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} cards SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

static __always_inline struct ethhdr *load(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->protocol != IPPROTO_UDP || udp->dest != bpf_htons(PORT_DISCARD))
		return 0;
	return eth;
}

/* The peer throws away what is not for one of its addresses */
static __always_inline void turn_round(struct ethhdr *eth)
{
	__u8 mac[ETH_ALEN];

	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
}

SEC("xdp")
int drop(struct xdp_md *ctx)
{
	return load(ctx) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	load(ctx);
	return XDP_PASS;
}

SEC("xdp")
int back(struct xdp_md *ctx)
{
	struct ethhdr *eth = load(ctx);

	if (!eth)
		return XDP_PASS;
	turn_round(eth);
	return XDP_TX;
}

SEC("xdp")
int across(struct xdp_md *ctx)
{
	struct ethhdr *eth = load(ctx);

	if (!eth)
		return XDP_PASS;
	turn_round(eth);
	return bpf_redirect_map(&cards, 0, XDP_DROP);
}

SEC("xdp")
int user(struct xdp_md *ctx)
{
	if (!load(ctx))
		return XDP_PASS;
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_DROP);
}

char _license[] SEC("license") = "GPL";
