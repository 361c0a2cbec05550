// SPDX-License-Identifier: GPL-2.0
/*
 * What the card says about a frame beside its bytes: the hash and its type, and
 * the VLAN tag, of the last UDP packet over IPv4 to port 9, which is dropped; or, of
 * each, in front of it for its queue's AF_XDP socket.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "metadata.h"
#include "sockets.bpf.h"

enum xdp_rss_hash_type { XDP_RSS_TYPE_NONE };

extern int bpf_xdp_metadata_rx_hash(const struct xdp_md *ctx, __u32 *hash,
				    enum xdp_rss_hash_type *type) __ksym;
extern int bpf_xdp_metadata_rx_vlan_tag(const struct xdp_md *ctx, __be16 *proto,
					__u16 *tci) __ksym;

/* Keys of said; an error is a negative value */
enum {
	FRAMES,
	HASH_ERROR,
	HASH,
	HASH_TYPE,
	TAG_ERROR,
	TAG_PROTO,
	TAG_TCI,
	SAID_KEYS,
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SAID_KEYS);
	__type(key, __u32);
	__type(value, __u64);
} said SEC(".maps");

static __always_inline void say(__u32 key, __u64 value)
{
	bpf_map_update_elem(&said, &key, &value, BPF_ANY);
}

static __always_inline int is_ours(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	return (void *)(udp + 1) <= end && eth->h_proto == bpf_htons(ETH_P_IP) &&
	       ip->ihl == 5 && ip->protocol == IPPROTO_UDP &&
	       udp->dest == bpf_htons(9);
}

SEC("xdp")
int metadata(struct xdp_md *ctx)
{
	enum xdp_rss_hash_type type = 0;
	__u32 hash = 0, key = FRAMES;
	__be16 proto = 0;
	__u16 tci = 0;
	__u64 *frames;

	if (!is_ours(ctx))
		return XDP_PASS;
	say(HASH_ERROR, -bpf_xdp_metadata_rx_hash(ctx, &hash, &type));
	say(HASH, hash);
	say(HASH_TYPE, type);
	say(TAG_ERROR, -bpf_xdp_metadata_rx_vlan_tag(ctx, &proto, &tci));
	say(TAG_PROTO, bpf_ntohs(proto));
	say(TAG_TCI, tci);
	frames = bpf_map_lookup_elem(&said, &key);
	if (frames)
		__sync_fetch_and_add(frames, 1);
	return XDP_DROP;
}

SEC("xdp")
int metadata_socket(struct xdp_md *ctx)
{
	enum xdp_rss_hash_type type = 0;
	struct metadata *meta;
	__u32 hash = 0;
	__be16 proto = 0;
	__u16 tci = 0;

	if (!is_ours(ctx))
		return XDP_PASS;
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return XDP_ABORTED;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 1) > (void *)(long)ctx->data)
		return XDP_ABORTED;
	meta->hash_error = -bpf_xdp_metadata_rx_hash(ctx, &hash, &type);
	meta->hash = hash;
	meta->hash_type = type;
	meta->tag_error = -bpf_xdp_metadata_rx_vlan_tag(ctx, &proto, &tci);
	meta->tag = tci;
	return bpf_redirect_map(&sockets, ctx->rx_queue_index, XDP_DROP);
}

char _license[] SEC("license") = "GPL";
