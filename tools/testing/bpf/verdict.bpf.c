// SPDX-License-Identifier: GPL-2.0
/*
 * What XDP tests run: UDP over IPv4 to port 9, tagged or not, gets the verdict in
 * config[0]; all else passes. Byte n of such a packet's payload is n & 255.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "sockets.bpf.h"

#ifndef SECTION
#define SECTION		"xdp"
#endif

#define PORT		9
#define MTU_WORDS	750
#define HEADERS		(sizeof(struct ethhdr) + sizeof(struct iphdr) + \
			 sizeof(struct udphdr))

/* Keys of config */
enum {
	VERDICT,
	TAIL,		/* bytes to change the length by, after the look */
	TAG,		/* identifier of a tag to put in, 0 for none */
	SOCKET,		/* redirect to the queue's socket, not to the port */
};

/* Keys of seen */
enum {
	FRAMES,
	BYTES,
	WRONG,		/* frames whose last byte, or TCP checksum, is not what was sent */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} next SEC(".maps");

static __always_inline __u32 wanted(__u32 key)
{
	__u32 *value = bpf_map_lookup_elem(&config, &key);

	return value ? *value : 0;
}

static __always_inline void count(__u32 key, __u64 n)
{
	__u64 *value = bpf_map_lookup_elem(&seen, &key);

	if (value)
		__sync_fetch_and_add(value, n);
}

static __always_inline int is_ours(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	return (void *)(udp + 1) <= end && eth->h_proto == bpf_htons(ETH_P_IP) &&
	       ip->ihl == 5 && ip->protocol == IPPROTO_UDP &&
	       udp->dest == bpf_htons(PORT);
}

/* The checksums stay right: they are sums */
static __always_inline void turn_round(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	__u8 mac[ETH_ALEN];
	__be16 port;
	__be32 addr;

	if ((void *)(udp + 1) > end)
		return;
	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	addr = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = addr;
	port = udp->source;
	udp->source = udp->dest;
	udp->dest = port;
}

static __always_inline void put_tag(struct xdp_md *ctx, __u16 id)
{
	struct ethhdr eth;
	void *data, *end;

	if (bpf_xdp_adjust_head(ctx, -4))
		return;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + sizeof(eth) + 4 > end)
		return;
	__builtin_memcpy(&eth, data + 4, sizeof(eth));
	eth.h_proto = bpf_htons(ETH_P_8021Q);
	__builtin_memcpy(data, &eth, sizeof(eth));
	*(__be16 *)(data + sizeof(eth)) = bpf_htons(id);
}

static __always_inline void look(struct xdp_md *ctx)
{
	__u64 len = bpf_xdp_get_buff_len(ctx);
	__u8 last;

	count(FRAMES, 1);
	count(BYTES, len);
	if (len > HEADERS &&
	    (bpf_xdp_load_bytes(ctx, len - 1, &last, 1) ||
	     last != ((len - HEADERS - 1) & 255)))
		count(WRONG, 1);
}

static __always_inline int judge(struct xdp_md *ctx)
{
	__u32 verdict = wanted(VERDICT);

	if (!is_ours(ctx))
		return XDP_PASS;
	look(ctx);
	if (wanted(TAIL) && bpf_xdp_adjust_tail(ctx, (int)wanted(TAIL)))
		return XDP_ABORTED;
	if (verdict == XDP_TX)
		turn_round(ctx);
	if (wanted(TAG))
		put_tag(ctx, wanted(TAG));
	if (verdict == XDP_REDIRECT)
		return wanted(SOCKET) ?
		       bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_DROP) :
		       bpf_redirect_map(&ports, 0, XDP_DROP);
	return verdict;
}

/* Of a frame in one piece, of an even length */
static __always_inline __u16 tcp_sum(struct iphdr *ip, void *end)
{
	__u16 *word = (void *)&ip->saddr;
	__u32 sum = bpf_htons(IPPROTO_TCP) +
		    bpf_htons(bpf_ntohs(ip->tot_len) - sizeof(*ip));

	for (int i = 0; i < MTU_WORDS && (void *)(word + 1) <= end; i++)
		sum += *word++;
	sum = (sum & 0xFFFF) + (sum >> 16);
	return (sum & 0xFFFF) + (sum >> 16);
}

/* TCP over IPv4 to the port, whatever comes in it */
SEC(SECTION)
int verdict_tcp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	__u64 len = bpf_xdp_get_buff_len(ctx);
	__u32 verdict = wanted(VERDICT);

	if ((void *)(tcp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->ihl != 5 || ip->protocol != IPPROTO_TCP ||
	    tcp->dest != bpf_htons(PORT))
		return XDP_PASS;
	count(FRAMES, 1);
	count(BYTES, len);
	if (end - data == len && tcp_sum(ip, end) != 0xFFFF)
		count(WRONG, 1);
	if (verdict == XDP_TX)
		turn_round(ctx);
	return verdict == XDP_REDIRECT ? bpf_redirect_map(&ports, 0, XDP_DROP) :
					 verdict;
}

SEC(SECTION)
int verdict(struct xdp_md *ctx)
{
	return judge(ctx);
}

SEC(SECTION)
int call_next(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &next, 0);
	return XDP_PASS;
}

/* To another CPU, which gives the frame to the stack */
SEC(SECTION)
int to_cpu(struct xdp_md *ctx)
{
	if (!is_ours(ctx))
		return XDP_PASS;
	look(ctx);
	return bpf_redirect_map(&cpus, 1, XDP_DROP);
}

/* Every frame that can be seen, whatever it is */
SEC(SECTION)
int pass_all(struct xdp_md *ctx)
{
	count(FRAMES, 1);
	return XDP_PASS;
}

/* Every frame to the port */
SEC(SECTION)
int redirect_all(struct xdp_md *ctx)
{
	count(FRAMES, 1);
	return bpf_redirect_map(&ports, 0, XDP_DROP);
}

char _license[] SEC("license") = "GPL";
