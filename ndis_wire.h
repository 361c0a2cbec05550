/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and writing the NDIS objects that RNDIS carries: pure functions, for
 * the driver, its tests and fuzzers and the emulated host.
 *
 * The habits are those of rndis_wire.h: any context, no call but memcpy and
 * memset, each byte copied once and judged in the copy, RNDIS_WIRE_OK or a fault
 * returned and the results unspecified with a fault. @len is what is left of
 * the message, so that the object's own size is checked against what came.
 */
#ifndef _HYPERV_NDIS_WIRE_H
#define _HYPERV_NDIS_WIRE_H

#include "ndis.h"
#include "rndis_wire.h"

/* Bytes of an Ethernet address, for worlds without <linux/if_ether.h> */
#define NDIS_MAC_LEN			6

/* Bytes of the object that changes the MAC address, E.13 */
#define NDIS_MAC_PARAM_LEN \
	(sizeof(struct ndis_config_parameter) + 2 * (14 + 2 * NDIS_MAC_LEN))

/* Bytes of a card's name, E.11: 256 characters of UTF-16 */
#define NDIS_NAME_LEN			512

/* What NDIS objects are held to, I.1 rules 30 and 31 */
#define NDIS_RSS_QUEUES_MAX		64
#define NDIS_LSO_SIZE_MAX		65535
#define NDIS_LSO_SEGMENTS_MIN		2
#define NDIS_LSO_SEGMENTS_CAP		64

/**
 * struct ndis_rss_caps - what the host can do about RSS
 * @usable: RSS can be programmed: Toeplitz is offered and there is a table
 * @queues: queues, 1 to NDIS_RSS_QUEUES_MAX
 * @entries: of the indirection table, a power of two up to
 *           NDIS_RSS_INDIRECTION_MAX; the maximum if the host did not say
 * @flags: NDIS_RSS_CAPS_* as the host sent them
 */
struct ndis_rss_caps {
	bool usable;
	u32 queues;
	u32 entries;
	u32 flags;
};

/**
 * struct ndis_rss - RSS parameters to be set
 * @hash_info: NDIS_HASH_* function and types; 0 switches RSS off
 * @entries: of @table, 1 to NDIS_RSS_INDIRECTION_MAX
 * @table: channel by hash
 * @key: Toeplitz key
 */
struct ndis_rss {
	u32 hash_info;
	u32 entries;
	u8 table[NDIS_RSS_INDIRECTION_MAX];
	u8 key[NDIS_RSS_KEY_LEN];
};

/* Bytes of the object for one with that many entries, E.6 */
#define NDIS_RSS_PARAM_LEN(entries) \
	(NDIS_RSS_PARAMETERS_SIZE_2 + 4 * (entries) + NDIS_RSS_KEY_LEN)

/**
 * struct ndis_lso_caps - large send for one IP version
 * @max_size: bytes of a frame's data, 0 if the host has no large send
 * @min_segments: segments that it must make at least
 */
struct ndis_lso_caps {
	u32 max_size;
	u32 min_segments;
};

/**
 * struct ndis_offload_caps - what the host can take over
 * @ipv4_tx: NDIS_CSUM_IPV4_*: checksums that it computes
 * @ipv4_rx: NDIS_CSUM_IPV4_*: checksums that it checks
 * @ipv6_tx: NDIS_CSUM_IPV6_*: checksums that it computes
 * @ipv6_rx: NDIS_CSUM_IPV6_*: checksums that it checks
 * @lso_ipv4: large send of TCP over IPv4
 * @lso_ipv6: large send of TCP over IPv6
 * @lso_ipv6_options: NDIS_LSO_IPV6_*
 * @rsc_ipv4: coalesces received TCP over IPv4
 * @rsc_ipv6: coalesces received TCP over IPv6
 */
struct ndis_offload_caps {
	u32 ipv4_tx;
	u32 ipv4_rx;
	u32 ipv6_tx;
	u32 ipv6_rx;
	struct ndis_lso_caps lso_ipv4;
	struct ndis_lso_caps lso_ipv6;
	u32 lso_ipv6_options;
	bool rsc_ipv4;
	bool rsc_ipv6;
};

enum rndis_wire_fault ndis_wire_u32(const void *obj, u32 len, u32 *value);
enum rndis_wire_fault ndis_wire_name(const void *obj, u32 len, char *text,
				     u32 size);
enum rndis_wire_fault ndis_wire_rss_caps(const void *obj, u32 len,
					 struct ndis_rss_caps *caps);
enum rndis_wire_fault ndis_wire_offload(const void *obj, u32 len, u32 mtu,
					struct ndis_offload_caps *caps);

int ndis_wire_put_rss(void *buf, size_t room, const struct ndis_rss *rss);
int ndis_wire_put_mac_param(void *buf, size_t room, const u8 *mac);

#endif /* _HYPERV_NDIS_WIRE_H */
