// SPDX-License-Identifier: GPL-2.0
/*
 * Receive side scaling: Toeplitz hash of a frame with the guest's key, and the
 * queue that its table names (Documentation/protocol.md E.6, E.7).
 */
#include <string.h>

#include "nic_priv.h"

#define RSS_INPUT_MAX	36	/* two IPv6 addresses and two ports */

/*
 * A set bit i of the input adds the 32 bits of the key from bit i on. For each
 * input byte the sums of all its values are worked out once per key.
 */
void rss_set_key(struct nic_rss *rss, const u8 key[NDIS_RSS_KEY_LEN])
{
	u32 byte, bit, value;
	u32 window[8];
	u64 bits;

	memcpy(rss->key, key, NDIS_RSS_KEY_LEN);
	for (byte = 0; byte < RSS_INPUT_MAX; byte++) {
		bits = (u64)get_be32(key + byte) << 8 | key[byte + 4];
		for (bit = 0; bit < 8; bit++)
			window[bit] = (u32)(bits >> (8 - bit));
		for (value = 0; value < 256; value++) {
			u32 sum = 0;

			for (bit = 0; bit < 8; bit++)
				if (value & 0x80u >> bit)
					sum ^= window[bit];
			rss->part[byte][value] = sum;
		}
	}
}

u32 rss_toeplitz(const struct nic_rss *rss, const u8 *input, u32 len)
{
	u32 hash = 0;
	u32 i;

	for (i = 0; i < len && i < RSS_INPUT_MAX; i++)
		hash ^= rss->part[i][input[i]];
	return hash;
}

/* Type of hash that the guest wants for this frame, 0 for none (E.7) */
static u32 hash_type(const struct nic_rss *rss, const struct netpkt *p)
{
	bool v4 = p->ip_version == 4;
	u32 l4 = 0;
	u32 l3;

	if (!p->ip_version)
		return 0;
	l3 = v4 ? NDIS_HASH_IPV4 : NDIS_HASH_IPV6;
	if (p->proto == NETPKT_PROTO_TCP)
		l4 = v4 ? NDIS_HASH_TCP_IPV4 : NDIS_HASH_TCP_IPV6;
	else if (p->proto == NETPKT_PROTO_UDP)
		l4 = v4 ? NDIS_HASH_UDP_IPV4 : NDIS_HASH_UDP_IPV6;
	/* proto is 0 for fragments: they hash on addresses */
	if (rss->hash_info & l4)
		return l4;
	return rss->hash_info & l3;
}

u32 rss_steer(const struct nic_rss *rss, const u8 *data, const struct netpkt *p,
	      struct nic_rx_meta *meta)
{
	u8 input[RSS_INPUT_MAX];
	u32 type, addrs;

	if (!rss->enabled)
		return 0;
	type = hash_type(rss, p);
	if (!type)
		return 0;
	addrs = p->ip_version == 4 ? 8 : 32;
	memcpy(input, data + p->l3 + (p->ip_version == 4 ? 12 : 8), addrs);
	if (type & ~(u32)(NDIS_HASH_IPV4 | NDIS_HASH_IPV6)) {
		memcpy(input + addrs, data + p->l4, 4);
		addrs += 4;
	}
	meta->hash = rss_toeplitz(rss, input, addrs);
	meta->hash_info = NDIS_HASH_FUNCTION_TOEPLITZ | type;
	meta->has_hash = true;
	return rss->table[meta->hash % rss->entries];
}
