/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NDIS: OIDs and the objects that RNDIS carries for them.
 *
 * For the driver, its tests and the emulated host. Only what is on the wire
 * stands here; ndis_wire.h has the functions that read and write it. Facts are
 * from Documentation/protocol.md E.6 to E.13, and each layout is held by static
 * assertions with offsets counted from the start of the object.
 *
 * All integers are little-endian. Structs are packed because an object in the
 * receive buffer stands at any alignment (protocol.md D.5).
 */
#ifndef _HYPERV_NDIS_H
#define _HYPERV_NDIS_H

#include "wire_types.h"

/* OIDs, protocol.md E.11 */
#define RNDIS_OID_GEN_SUPPORTED_LIST		0x00010101
#define RNDIS_OID_GEN_HARDWARE_STATUS		0x00010102
#define RNDIS_OID_GEN_MEDIA_SUPPORTED		0x00010103
#define RNDIS_OID_GEN_MEDIA_IN_USE		0x00010104
#define RNDIS_OID_GEN_MAXIMUM_LOOKAHEAD		0x00010105
#define RNDIS_OID_GEN_MAXIMUM_FRAME_SIZE	0x00010106
#define RNDIS_OID_GEN_LINK_SPEED		0x00010107
#define RNDIS_OID_GEN_TRANSMIT_BUFFER_SPACE	0x00010108
#define RNDIS_OID_GEN_RECEIVE_BUFFER_SPACE	0x00010109
#define RNDIS_OID_GEN_TRANSMIT_BLOCK_SIZE	0x0001010A
#define RNDIS_OID_GEN_RECEIVE_BLOCK_SIZE	0x0001010B
#define RNDIS_OID_GEN_VENDOR_ID			0x0001010C
#define RNDIS_OID_GEN_VENDOR_DESCRIPTION	0x0001010D
#define RNDIS_OID_GEN_CURRENT_PACKET_FILTER	0x0001010E
#define RNDIS_OID_GEN_CURRENT_LOOKAHEAD		0x0001010F
#define RNDIS_OID_GEN_DRIVER_VERSION		0x00010110
#define RNDIS_OID_GEN_MAXIMUM_TOTAL_SIZE	0x00010111
#define RNDIS_OID_GEN_MAC_OPTIONS		0x00010113
#define RNDIS_OID_GEN_MEDIA_CONNECT_STATUS	0x00010114
#define RNDIS_OID_GEN_MAXIMUM_SEND_PACKETS	0x00010115
#define RNDIS_OID_GEN_VENDOR_DRIVER_VERSION	0x00010116
#define RNDIS_OID_GEN_NETWORK_LAYER_ADDRESSES	0x00010118
#define RNDIS_OID_GEN_RECEIVE_SCALE_CAPABILITIES 0x00010203
#define RNDIS_OID_GEN_RECEIVE_SCALE_PARAMETERS	0x00010204
#define RNDIS_OID_GEN_MAX_LINK_SPEED		0x00010206
#define RNDIS_OID_GEN_LINK_STATE		0x00010207
#define RNDIS_OID_GEN_LINK_PARAMETERS		0x00010208
#define RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER	0x0001021B
#define RNDIS_OID_GEN_XMIT_OK			0x00020101
#define RNDIS_OID_GEN_RCV_OK			0x00020102
#define RNDIS_OID_GEN_XMIT_ERROR		0x00020103
#define RNDIS_OID_GEN_RCV_ERROR			0x00020104
#define RNDIS_OID_GEN_RCV_NO_BUFFER		0x00020105
#define RNDIS_OID_GEN_FRIENDLY_NAME		0x00020216
#define RNDIS_OID_GEN_BYTES_RCV			0x00020219
#define RNDIS_OID_GEN_BYTES_XMIT		0x0002021A
#define RNDIS_OID_802_3_PERMANENT_ADDRESS	0x01010101
#define RNDIS_OID_802_3_CURRENT_ADDRESS		0x01010102
#define RNDIS_OID_802_3_MULTICAST_LIST		0x01010103
#define RNDIS_OID_802_3_MAXIMUM_LIST_SIZE	0x01010104
#define RNDIS_OID_OFFLOAD_ENCAPSULATION		0x0101010A
#define RNDIS_OID_TCP_OFFLOAD_CURRENT_CONFIG	0xFC01020B
#define RNDIS_OID_TCP_OFFLOAD_PARAMETERS	0xFC01020C
#define RNDIS_OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES 0xFC01020D
#define RNDIS_OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG 0xFC01020E
#define RNDIS_OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES 0xFC01020F

/* What some of them answer, E.11 */
#define RNDIS_VENDOR_ID_MICROSOFT		0x0000155D
#define RNDIS_MEDIA_STATE_CONNECTED		0
#define RNDIS_MEDIA_STATE_DISCONNECTED		1
#define RNDIS_LINK_SPEED_UNIT			100	/* bit/s */

/* Packet filter, protocol.md E.12; the higher bits are disputed, never needed */
#define NDIS_PACKET_TYPE_DIRECTED		0x00000001
#define NDIS_PACKET_TYPE_MULTICAST		0x00000002
#define NDIS_PACKET_TYPE_ALL_MULTICAST		0x00000004
#define NDIS_PACKET_TYPE_BROADCAST		0x00000008
#define NDIS_PACKET_TYPE_SOURCE_ROUTING		0x00000010
#define NDIS_PACKET_TYPE_PROMISCUOUS		0x00000020
#define NDIS_PACKET_TYPE_SMT			0x00000040
#define NDIS_PACKET_TYPE_ALL_LOCAL		0x00000080

/* NDIS object types, E.6, E.8 to E.11 */
#define NDIS_OBJECT_TYPE_DEFAULT		0x80
#define NDIS_OBJECT_TYPE_RSS_CAPABILITIES	0x88
#define NDIS_OBJECT_TYPE_RSS_PARAMETERS		0x89
#define NDIS_OBJECT_TYPE_OFFLOAD		0xA7
#define NDIS_OBJECT_TYPE_OFFLOAD_ENCAPSULATION	0xA8

/* RSS capabilities, E.6 */
#define NDIS_RSS_CAPABILITIES_REVISION_1	1
#define NDIS_RSS_CAPABILITIES_REVISION_2	2
#define NDIS_RSS_CAPABILITIES_SIZE_1		16
#define NDIS_RSS_CAPABILITIES_SIZE_2		18
#define NDIS_RSS_CAPS_HASH_FUNCTION_MASK	0x000000FF
#define NDIS_RSS_CAPS_TOEPLITZ			0x00000001
#define NDIS_RSS_CAPS_HASH_TCP_IPV4		0x00000100
#define NDIS_RSS_CAPS_HASH_TCP_IPV6		0x00000200
#define NDIS_RSS_CAPS_HASH_TCP_IPV6_EX		0x00000400
#define NDIS_RSS_CAPS_HASH_UDP_IPV4		0x00000800
#define NDIS_RSS_CAPS_HASH_UDP_IPV6		0x00001000
#define NDIS_RSS_CAPS_HASH_UDP_IPV6_EX		0x00002000
#define NDIS_RSS_CAPS_MSI			0x01000000
#define NDIS_RSS_CAPS_CLASSIFY_ISR		0x02000000
#define NDIS_RSS_CAPS_CLASSIFY_DPC		0x04000000
#define NDIS_RSS_CAPS_MSIX			0x08000000

/* RSS parameters, E.6 */
#define NDIS_RSS_PARAMETERS_REVISION_1		1
#define NDIS_RSS_PARAMETERS_REVISION_2		2
#define NDIS_RSS_PARAMETERS_REVISION_3		3
#define NDIS_RSS_PARAMETERS_SIZE_1		28
#define NDIS_RSS_PARAMETERS_SIZE_2		40
#define NDIS_RSS_PARAMETERS_SIZE_3		44
#define NDIS_RSS_FLAG_BASE_CPU_UNCHANGED	0x0001
#define NDIS_RSS_FLAG_HASH_INFO_UNCHANGED	0x0002
#define NDIS_RSS_FLAG_TABLE_UNCHANGED		0x0004
#define NDIS_RSS_FLAG_KEY_UNCHANGED		0x0008
#define NDIS_RSS_FLAG_DISABLE			0x0010
#define NDIS_RSS_FLAG_DEFAULT_CPU_UNCHANGED	0x0020
#define NDIS_RSS_KEY_LEN			40
#define NDIS_RSS_INDIRECTION_MAX		128	/* entries */

/* Hash function and types, E.7 */
#define NDIS_HASH_FUNCTION_MASK			0x000000FF
#define NDIS_HASH_FUNCTION_TOEPLITZ		0x00000001
#define NDIS_HASH_IPV4				0x00000100
#define NDIS_HASH_TCP_IPV4			0x00000200
#define NDIS_HASH_IPV6				0x00000400
#define NDIS_HASH_IPV6_EX			0x00000800
#define NDIS_HASH_TCP_IPV6			0x00001000
#define NDIS_HASH_TCP_IPV6_EX			0x00002000
#define NDIS_HASH_UDP_IPV4			0x00004000
#define NDIS_HASH_UDP_IPV6			0x00008000
#define NDIS_HASH_UDP_IPV6_EX			0x00010000

/* Offload capabilities, E.8 */
#define NDIS_OFFLOAD_REVISION_1			1
#define NDIS_OFFLOAD_REVISION_2			2
#define NDIS_OFFLOAD_REVISION_3			3
#define NDIS_OFFLOAD_SIZE_1			112
#define NDIS_OFFLOAD_SIZE_2			144
#define NDIS_OFFLOAD_SIZE_3			156
#define NDIS_ENCAPSULATION_IEEE_802_3		0x00000002
#define NDIS_ENCAPSULATION_IEEE_802_1PQ		0x00000004
#define NDIS_ENCAPSULATION_IEEE_802_1PQ_OOB	0x00000008
#define NDIS_CSUM_IPV4_IP_OPTIONS		0x00000001
#define NDIS_CSUM_IPV4_TCP_OPTIONS		0x00000004
#define NDIS_CSUM_IPV4_TCP			0x00000010
#define NDIS_CSUM_IPV4_UDP			0x00000040
#define NDIS_CSUM_IPV4_IP_HEADER		0x00000100
#define NDIS_CSUM_IPV6_EXTENSION_HEADERS	0x00000001
#define NDIS_CSUM_IPV6_TCP_OPTIONS		0x00000004
#define NDIS_CSUM_IPV6_TCP			0x00000010
#define NDIS_CSUM_IPV6_UDP			0x00000040
#define NDIS_LSO_IPV6_EXTENSION_HEADERS		0x00000001
#define NDIS_LSO_IPV6_TCP_OPTIONS		0x00000004

/* Offload parameters, E.9 */
#define NDIS_OFFLOAD_PARAMETERS_REVISION_1	1
#define NDIS_OFFLOAD_PARAMETERS_REVISION_2	2
#define NDIS_OFFLOAD_PARAMETERS_REVISION_3	3
#define NDIS_OFFLOAD_PARAMETERS_SIZE_1		20
#define NDIS_OFFLOAD_PARAMETERS_SIZE_2		22	/* NVSP up to 4 */
#define NDIS_OFFLOAD_PARAMETERS_SIZE_3		28	/* NDIS says 26, K.6 */
#define NDIS_OFFLOAD_PARAM_NO_CHANGE		0
#define NDIS_OFFLOAD_PARAM_CSUM_OFF		1
#define NDIS_OFFLOAD_PARAM_CSUM_TX		2
#define NDIS_OFFLOAD_PARAM_CSUM_RX		3
#define NDIS_OFFLOAD_PARAM_CSUM_BOTH		4
#define NDIS_OFFLOAD_PARAM_OFF			1	/* LSO v2, RSC */
#define NDIS_OFFLOAD_PARAM_ON			2
#define NDIS_OFFLOAD_PARAM_ENCAP_ON		1	/* the other way round */
#define NDIS_OFFLOAD_PARAM_ENCAP_OFF		2
#define NDIS_OFFLOAD_PARAM_ENCAP_NVGRE		0x01

/* Offload encapsulation, E.10 */
#define NDIS_OFFLOAD_ENCAPSULATION_REVISION_1	1
#define NDIS_OFFLOAD_ENCAPSULATION_ON		1
#define NDIS_OFFLOAD_ENCAPSULATION_OFF		2

/* Link state, E.11 */
#define NDIS_LINK_STATE_REVISION_1		1
#define NDIS_LINK_CONNECTED			1
#define NDIS_LINK_DISCONNECTED			2

/* RNDIS config parameter, E.13 */
#define NDIS_CONFIG_PARAM_INTEGER		0
#define NDIS_CONFIG_PARAM_HEX_INTEGER		1
#define NDIS_CONFIG_PARAM_STRING		2
#define NDIS_CONFIG_PARAM_MULTI_STRING		3
#define NDIS_CONFIG_PARAM_BINARY		4
#define NDIS_CONFIG_PARAM_LEN_MAX		255	/* bytes, name and value each */

/**
 * struct ndis_object_header - what NDIS objects start with, protocol.md E.6
 * @type: NDIS_OBJECT_TYPE_*
 * @revision: says which members exist
 * @size: bytes of the object, this header included
 */
struct ndis_object_header {
	__u8 type;
	__u8 revision;
	__le16 size;
} __packed;

/**
 * struct ndis_rss_capabilities - RSS capabilities, revision 2, protocol.md E.6
 * @hdr: size 16 (revision 1) or 18 (revision 2)
 * @flags: NDIS_RSS_CAPS_* bits
 * @interrupt_messages: not used
 * @receive_queues: queues the host can spread over, the primary counted
 * @indirection_entries: of the host's indirection table; revision 2
 */
struct ndis_rss_capabilities {
	struct ndis_object_header hdr;
	__le32 flags;
	__le32 interrupt_messages;
	__le32 receive_queues;
	__le16 indirection_entries;
} __packed;

/**
 * struct ndis_rss_parameters - RSS parameters, revision 2, protocol.md E.6
 * @hdr: size 40, or that of the object with key and table
 * @flags: NDIS_RSS_FLAG_* bits
 * @base_cpu: 0
 * @hash_info: hash function and types, NDIS_HASH_*
 * @table_len: bytes of the indirection table
 * @pad1: not sent as anything but 0
 * @table_offset: of the table, from the start of the object
 * @key_len: bytes of the key, NDIS_RSS_KEY_LEN
 * @pad2: not sent as anything but 0
 * @key_offset: of the key, from the start of the object
 * @mask_offset: 0
 * @mask_count: 0
 * @mask_entry_size: 0
 */
struct ndis_rss_parameters {
	struct ndis_object_header hdr;
	__le16 flags;
	__le16 base_cpu;
	__le32 hash_info;
	__le16 table_len;
	__le16 pad1;
	__le32 table_offset;
	__le16 key_len;
	__le16 pad2;
	__le32 key_offset;
	__le32 mask_offset;
	__le32 mask_count;
	__le32 mask_entry_size;
} __packed;

/**
 * struct ndis_csum_offload - checksum abilities of one direction and IP version
 * @encapsulation: NDIS_ENCAPSULATION_*, 0 for none
 * @flags: NDIS_CSUM_IPV4_* or NDIS_CSUM_IPV6_*
 */
struct ndis_csum_offload {
	__le32 encapsulation;
	__le32 flags;
} __packed;

/**
 * struct ndis_lso_v1 - large send version 1; not used by current hosts
 * @encapsulation: NDIS_ENCAPSULATION_*
 * @max_size: bytes
 * @min_segments: segments
 * @options: TCP and IP options
 */
struct ndis_lso_v1 {
	__le32 encapsulation;
	__le32 max_size;
	__le32 min_segments;
	__le32 options;
} __packed;

/**
 * struct ndis_lso_v2 - large send version 2, both IP versions
 * @ipv4_encapsulation: NDIS_ENCAPSULATION_*, 0 for none
 * @ipv4_max_size: bytes of the frame's payload
 * @ipv4_min_segments: segments
 * @ipv6_encapsulation: NDIS_ENCAPSULATION_*, 0 for none
 * @ipv6_max_size: bytes of the frame's payload
 * @ipv6_min_segments: segments
 * @ipv6_options: NDIS_LSO_IPV6_*
 */
struct ndis_lso_v2 {
	__le32 ipv4_encapsulation;
	__le32 ipv4_max_size;
	__le32 ipv4_min_segments;
	__le32 ipv6_encapsulation;
	__le32 ipv6_max_size;
	__le32 ipv6_min_segments;
	__le32 ipv6_options;
} __packed;

/**
 * struct ndis_offload - NDIS_OFFLOAD up to revision 3, protocol.md E.8
 * @hdr: says how much of this came; what lies behind its size counts as 0
 * @ipv4_tx: checksums the host computes
 * @ipv4_rx: checksums the host checks
 * @ipv6_tx: checksums the host computes
 * @ipv6_rx: checksums the host checks
 * @lso_v1: large send version 1
 * @ipsec_v1: not used
 * @lso_v2: large send version 2
 * @flags: not used
 * @ipsec_v2: not used; revision 2
 * @rsc_ipv4: not 0: the host can coalesce; revision 3
 * @rsc_ipv6: not 0: the host can coalesce; revision 3
 * @pad: padding
 * @nvgre: not used; revision 3
 *
 * Later revisions append to this and are read as revision 3.
 */
struct ndis_offload {
	struct ndis_object_header hdr;
	struct ndis_csum_offload ipv4_tx;
	struct ndis_csum_offload ipv4_rx;
	struct ndis_csum_offload ipv6_tx;
	struct ndis_csum_offload ipv6_rx;
	struct ndis_lso_v1 lso_v1;
	__u8 ipsec_v1[28];
	struct ndis_lso_v2 lso_v2;
	__le32 flags;
	__u8 ipsec_v2[32];
	__u8 rsc_ipv4;
	__u8 rsc_ipv6;
	__u8 pad[2];
	__u8 nvgre[8];
} __packed;

/**
 * struct ndis_offload_parameters - offload switches, protocol.md E.9
 * @hdr: type NDIS_OBJECT_TYPE_DEFAULT, size of the revision
 * @ipv4_csum: NDIS_OFFLOAD_PARAM_CSUM_*
 * @tcp_ipv4_csum: NDIS_OFFLOAD_PARAM_CSUM_*
 * @udp_ipv4_csum: NDIS_OFFLOAD_PARAM_CSUM_*
 * @tcp_ipv6_csum: NDIS_OFFLOAD_PARAM_CSUM_*
 * @udp_ipv6_csum: NDIS_OFFLOAD_PARAM_CSUM_*
 * @lso_v1: NDIS_OFFLOAD_PARAM_OFF or no change; on is refused
 * @ipsec_v1: no change
 * @lso_v2_ipv4: NDIS_OFFLOAD_PARAM_OFF, _ON or no change
 * @lso_v2_ipv6: NDIS_OFFLOAD_PARAM_OFF, _ON or no change
 * @tcp_connection_ipv4: no change
 * @tcp_connection_ipv6: no change
 * @pad1: padding
 * @flags: 0
 * @ipsec_v2: no change; revision 2
 * @ipsec_v2_ipv4: no change; revision 2
 * @rsc_ipv4: NDIS_OFFLOAD_PARAM_OFF, _ON or no change; revision 3
 * @rsc_ipv6: NDIS_OFFLOAD_PARAM_OFF, _ON or no change; revision 3
 * @encapsulated: NDIS_OFFLOAD_PARAM_ENCAP_* or no change; revision 3
 * @encapsulation_types: NDIS_OFFLOAD_PARAM_ENCAP_NVGRE; revision 3
 * @pad2: padding; hosts accept the object with and without it (K.6)
 */
struct ndis_offload_parameters {
	struct ndis_object_header hdr;
	__u8 ipv4_csum;
	__u8 tcp_ipv4_csum;
	__u8 udp_ipv4_csum;
	__u8 tcp_ipv6_csum;
	__u8 udp_ipv6_csum;
	__u8 lso_v1;
	__u8 ipsec_v1;
	__u8 lso_v2_ipv4;
	__u8 lso_v2_ipv6;
	__u8 tcp_connection_ipv4;
	__u8 tcp_connection_ipv6;
	__u8 pad1;
	__le32 flags;
	__u8 ipsec_v2;
	__u8 ipsec_v2_ipv4;
	__u8 rsc_ipv4;
	__u8 rsc_ipv6;
	__u8 encapsulated;
	__u8 encapsulation_types;
	__u8 pad2[2];
} __packed;

/**
 * struct ndis_encapsulation - one IP version of OFFLOAD_ENCAPSULATION, E.10
 * @enabled: NDIS_OFFLOAD_ENCAPSULATION_ON or _OFF
 * @type: NDIS_ENCAPSULATION_IEEE_802_3
 * @header_size: 14, in bytes
 */
struct ndis_encapsulation {
	__le32 enabled;
	__le32 type;
	__le32 header_size;
} __packed;

/**
 * struct ndis_offload_encapsulation - OFFLOAD_ENCAPSULATION, protocol.md E.10
 * @hdr: type NDIS_OBJECT_TYPE_OFFLOAD_ENCAPSULATION
 * @ipv4: IPv4
 * @ipv6: IPv6
 */
struct ndis_offload_encapsulation {
	struct ndis_object_header hdr;
	struct ndis_encapsulation ipv4;
	struct ndis_encapsulation ipv6;
} __packed;

/**
 * struct ndis_link_state - answer of RNDIS_OID_GEN_LINK_STATE, protocol.md E.11
 * @hdr: type NDIS_OBJECT_TYPE_DEFAULT
 * @connect_state: NDIS_LINK_CONNECTED or NDIS_LINK_DISCONNECTED
 * @duplex: duplex
 * @pad: padding
 * @tx_speed: bit/s
 * @rx_speed: bit/s
 * @pause: pause functions
 * @autoneg: auto-negotiation flags
 */
struct ndis_link_state {
	struct ndis_object_header hdr;
	__le32 connect_state;
	__le32 duplex;
	__le32 pad;
	__le64 tx_speed;
	__le64 rx_speed;
	__le32 pause;
	__le32 autoneg;
} __packed;

/**
 * struct ndis_link_speed - speeds of both directions, protocol.md E.11, E.14
 * @tx: bit/s
 * @rx: bit/s
 *
 * Answer of RNDIS_OID_GEN_MAX_LINK_SPEED, and status buffer of a speed change.
 */
struct ndis_link_speed {
	__le64 tx;
	__le64 rx;
} __packed;

/**
 * struct ndis_config_parameter - head of a config parameter, protocol.md E.13
 * @name_offset: of the name, from the start of the object
 * @name_len: bytes of the name; UTF-16LE without terminator
 * @type: NDIS_CONFIG_PARAM_*
 * @value_offset: of the value, from the start of the object
 * @value_len: bytes of the value; UTF-16LE without terminator for strings
 */
struct ndis_config_parameter {
	__le32 name_offset;
	__le32 name_len;
	__le32 type;
	__le32 value_offset;
	__le32 value_len;
} __packed;

#define NDIS_AT(name, member, at) \
	static_assert(offsetof(struct name, member) == (at), #name "." #member)
#define NDIS_SIZE(name, size) \
	static_assert(sizeof(struct name) == (size), #name)

/* protocol.md E.6 */
NDIS_AT(ndis_object_header, type, 0);
NDIS_AT(ndis_object_header, revision, 1);
NDIS_AT(ndis_object_header, size, 2);
NDIS_SIZE(ndis_object_header, 4);

NDIS_AT(ndis_rss_capabilities, hdr, 0);
NDIS_AT(ndis_rss_capabilities, flags, 4);
NDIS_AT(ndis_rss_capabilities, interrupt_messages, 8);
NDIS_AT(ndis_rss_capabilities, receive_queues, 12);
NDIS_AT(ndis_rss_capabilities, indirection_entries, 16);
NDIS_AT(ndis_rss_capabilities, indirection_entries, NDIS_RSS_CAPABILITIES_SIZE_1);
NDIS_SIZE(ndis_rss_capabilities, 18);
NDIS_SIZE(ndis_rss_capabilities, NDIS_RSS_CAPABILITIES_SIZE_2);

NDIS_AT(ndis_rss_parameters, hdr, 0);
NDIS_AT(ndis_rss_parameters, flags, 4);
NDIS_AT(ndis_rss_parameters, base_cpu, 6);
NDIS_AT(ndis_rss_parameters, hash_info, 8);
NDIS_AT(ndis_rss_parameters, table_len, 12);
NDIS_AT(ndis_rss_parameters, pad1, 14);
NDIS_AT(ndis_rss_parameters, table_offset, 16);
NDIS_AT(ndis_rss_parameters, key_len, 20);
NDIS_AT(ndis_rss_parameters, pad2, 22);
NDIS_AT(ndis_rss_parameters, key_offset, 24);
NDIS_AT(ndis_rss_parameters, mask_offset, 28);
NDIS_AT(ndis_rss_parameters, mask_offset, NDIS_RSS_PARAMETERS_SIZE_1);
NDIS_AT(ndis_rss_parameters, mask_count, 32);
NDIS_AT(ndis_rss_parameters, mask_entry_size, 36);
NDIS_SIZE(ndis_rss_parameters, 40);
NDIS_SIZE(ndis_rss_parameters, NDIS_RSS_PARAMETERS_SIZE_2);

/* protocol.md E.8 */
NDIS_AT(ndis_csum_offload, encapsulation, 0);
NDIS_AT(ndis_csum_offload, flags, 4);
NDIS_SIZE(ndis_csum_offload, 8);

NDIS_AT(ndis_lso_v1, encapsulation, 0);
NDIS_AT(ndis_lso_v1, max_size, 4);
NDIS_AT(ndis_lso_v1, min_segments, 8);
NDIS_AT(ndis_lso_v1, options, 12);
NDIS_SIZE(ndis_lso_v1, 16);

NDIS_AT(ndis_offload, hdr, 0);
NDIS_AT(ndis_offload, ipv4_tx, 4);
NDIS_AT(ndis_offload, ipv4_tx.flags, 8);
NDIS_AT(ndis_offload, ipv4_rx, 12);
NDIS_AT(ndis_offload, ipv4_rx.flags, 16);
NDIS_AT(ndis_offload, ipv6_tx, 20);
NDIS_AT(ndis_offload, ipv6_tx.flags, 24);
NDIS_AT(ndis_offload, ipv6_rx, 28);
NDIS_AT(ndis_offload, ipv6_rx.flags, 32);
NDIS_AT(ndis_offload, lso_v1, 36);
NDIS_AT(ndis_offload, ipsec_v1, 52);
NDIS_AT(ndis_offload, lso_v2, 80);
NDIS_AT(ndis_offload, lso_v2.ipv4_encapsulation, 80);
NDIS_AT(ndis_offload, lso_v2.ipv4_max_size, 84);
NDIS_AT(ndis_offload, lso_v2.ipv4_min_segments, 88);
NDIS_AT(ndis_offload, lso_v2.ipv6_encapsulation, 92);
NDIS_AT(ndis_offload, lso_v2.ipv6_max_size, 96);
NDIS_AT(ndis_offload, lso_v2.ipv6_min_segments, 100);
NDIS_AT(ndis_offload, lso_v2.ipv6_options, 104);
NDIS_AT(ndis_offload, flags, 108);
NDIS_AT(ndis_offload, ipsec_v2, 112);
NDIS_AT(ndis_offload, ipsec_v2, NDIS_OFFLOAD_SIZE_1);
NDIS_AT(ndis_offload, rsc_ipv4, 144);
NDIS_AT(ndis_offload, rsc_ipv4, NDIS_OFFLOAD_SIZE_2);
NDIS_AT(ndis_offload, rsc_ipv6, 145);
NDIS_AT(ndis_offload, pad, 146);
NDIS_AT(ndis_offload, nvgre, 148);
NDIS_SIZE(ndis_lso_v2, 28);
NDIS_SIZE(ndis_offload, 156);
NDIS_SIZE(ndis_offload, NDIS_OFFLOAD_SIZE_3);

/* protocol.md E.9 */
NDIS_AT(ndis_offload_parameters, hdr, 0);
NDIS_AT(ndis_offload_parameters, ipv4_csum, 4);
NDIS_AT(ndis_offload_parameters, tcp_ipv4_csum, 5);
NDIS_AT(ndis_offload_parameters, udp_ipv4_csum, 6);
NDIS_AT(ndis_offload_parameters, tcp_ipv6_csum, 7);
NDIS_AT(ndis_offload_parameters, udp_ipv6_csum, 8);
NDIS_AT(ndis_offload_parameters, lso_v1, 9);
NDIS_AT(ndis_offload_parameters, ipsec_v1, 10);
NDIS_AT(ndis_offload_parameters, lso_v2_ipv4, 11);
NDIS_AT(ndis_offload_parameters, lso_v2_ipv6, 12);
NDIS_AT(ndis_offload_parameters, tcp_connection_ipv4, 13);
NDIS_AT(ndis_offload_parameters, tcp_connection_ipv6, 14);
NDIS_AT(ndis_offload_parameters, pad1, 15);
NDIS_AT(ndis_offload_parameters, flags, 16);
NDIS_AT(ndis_offload_parameters, ipsec_v2, 20);
NDIS_AT(ndis_offload_parameters, ipsec_v2, NDIS_OFFLOAD_PARAMETERS_SIZE_1);
NDIS_AT(ndis_offload_parameters, ipsec_v2_ipv4, 21);
NDIS_AT(ndis_offload_parameters, rsc_ipv4, 22);
NDIS_AT(ndis_offload_parameters, rsc_ipv4, NDIS_OFFLOAD_PARAMETERS_SIZE_2);
NDIS_AT(ndis_offload_parameters, rsc_ipv6, 23);
NDIS_AT(ndis_offload_parameters, encapsulated, 24);
NDIS_AT(ndis_offload_parameters, encapsulation_types, 25);
NDIS_AT(ndis_offload_parameters, pad2, 26);
NDIS_SIZE(ndis_offload_parameters, 28);
NDIS_SIZE(ndis_offload_parameters, NDIS_OFFLOAD_PARAMETERS_SIZE_3);

/* protocol.md E.10 */
NDIS_AT(ndis_offload_encapsulation, hdr, 0);
NDIS_AT(ndis_offload_encapsulation, ipv4.enabled, 4);
NDIS_AT(ndis_offload_encapsulation, ipv4.type, 8);
NDIS_AT(ndis_offload_encapsulation, ipv4.header_size, 12);
NDIS_AT(ndis_offload_encapsulation, ipv6.enabled, 16);
NDIS_AT(ndis_offload_encapsulation, ipv6.type, 20);
NDIS_AT(ndis_offload_encapsulation, ipv6.header_size, 24);
NDIS_SIZE(ndis_encapsulation, 12);
NDIS_SIZE(ndis_offload_encapsulation, 28);

/* protocol.md E.11 */
NDIS_AT(ndis_link_state, hdr, 0);
NDIS_AT(ndis_link_state, connect_state, 4);
NDIS_AT(ndis_link_state, duplex, 8);
NDIS_AT(ndis_link_state, pad, 12);
NDIS_AT(ndis_link_state, tx_speed, 16);
NDIS_AT(ndis_link_state, rx_speed, 24);
NDIS_AT(ndis_link_state, pause, 32);
NDIS_AT(ndis_link_state, autoneg, 36);
NDIS_SIZE(ndis_link_state, 40);

NDIS_AT(ndis_link_speed, tx, 0);
NDIS_AT(ndis_link_speed, rx, 8);
NDIS_SIZE(ndis_link_speed, 16);

/* protocol.md E.13 */
NDIS_AT(ndis_config_parameter, name_offset, 0);
NDIS_AT(ndis_config_parameter, name_len, 4);
NDIS_AT(ndis_config_parameter, type, 8);
NDIS_AT(ndis_config_parameter, value_offset, 12);
NDIS_AT(ndis_config_parameter, value_len, 16);
NDIS_SIZE(ndis_config_parameter, 20);

#undef NDIS_AT
#undef NDIS_SIZE

#endif /* _HYPERV_NDIS_H */
