/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RNDIS, the messages that carry frames and control: constants and layouts.
 *
 * For the driver, its tests and the emulated host. Only what is on the wire
 * stands here; rndis_wire.h has the functions that read and write it, ndis.h
 * the objects that QUERY and SET carry. Facts are from Documentation/protocol.md
 * E.1 to E.5, and each layout is held by static assertions with offsets counted
 * from the start of the message.
 *
 * All integers are little-endian. Structs are packed because a message in the
 * receive buffer stands at any alignment (protocol.md D.5). Every offset *in* a
 * message is counted from its ninth byte (RNDIS_OFFSET_BASE), E.3.
 */
#ifndef _HYPERV_RNDIS_H
#define _HYPERV_RNDIS_H

#include "wire_types.h"
#include "ndis.h"

/* Message types, protocol.md E.1; a completion has RNDIS_MSG_COMPLETION set */
#define RNDIS_MSG_COMPLETION		0x80000000
#define RNDIS_MSG_PACKET		0x00000001
#define RNDIS_MSG_INITIALIZE		0x00000002
#define RNDIS_MSG_INITIALIZE_CMPLT	(RNDIS_MSG_COMPLETION | RNDIS_MSG_INITIALIZE)
#define RNDIS_MSG_HALT			0x00000003
#define RNDIS_MSG_QUERY			0x00000004
#define RNDIS_MSG_QUERY_CMPLT		(RNDIS_MSG_COMPLETION | RNDIS_MSG_QUERY)
#define RNDIS_MSG_SET			0x00000005
#define RNDIS_MSG_SET_CMPLT		(RNDIS_MSG_COMPLETION | RNDIS_MSG_SET)
#define RNDIS_MSG_RESET			0x00000006	/* fatal on some hosts */
#define RNDIS_MSG_RESET_CMPLT		(RNDIS_MSG_COMPLETION | RNDIS_MSG_RESET)
#define RNDIS_MSG_INDICATE_STATUS	0x00000007
#define RNDIS_MSG_KEEPALIVE		0x00000008
#define RNDIS_MSG_KEEPALIVE_CMPLT	(RNDIS_MSG_COMPLETION | RNDIS_MSG_KEEPALIVE)
#define RNDIS_MSG_SET_EX		0x00000009	/* fatal on some hosts */
#define RNDIS_MSG_SET_EX_CMPLT		(RNDIS_MSG_COMPLETION | RNDIS_MSG_SET_EX)
#define RNDIS_MSG_BUS			0xFF000001	/* never used */

/* Offsets in a message count from here, E.3 */
#define RNDIS_OFFSET_BASE		8

/* INITIALIZE, E.3 */
#define RNDIS_MAJOR_VERSION		1
#define RNDIS_MINOR_VERSION		0
#define RNDIS_DF_CONNECTIONLESS		0x00000001
#define RNDIS_MEDIUM_802_3		0

/* Statuses of completions and indications, protocol.md E.3 */
#define RNDIS_STATUS_SUCCESS			0x00000000
#define RNDIS_STATUS_PENDING			0x00000103
#define RNDIS_STATUS_ONLINE			0x40010003
#define RNDIS_STATUS_RESET_START		0x40010004
#define RNDIS_STATUS_RESET_END			0x40010005
#define RNDIS_STATUS_MEDIA_CONNECT		0x4001000B
#define RNDIS_STATUS_MEDIA_DISCONNECT		0x4001000C
#define RNDIS_STATUS_LINK_SPEED_CHANGE		0x40010013
#define RNDIS_STATUS_NETWORK_CHANGE		0x40010018
#define RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG 0x40020006
#define RNDIS_STATUS_BUFFER_OVERFLOW		0x80000005
#define RNDIS_STATUS_FAILURE			0xC0000001
#define RNDIS_STATUS_RESOURCES			0xC000009A
#define RNDIS_STATUS_NOT_SUPPORTED		0xC00000BB
#define RNDIS_STATUS_BAD_VERSION		0xC0010004
#define RNDIS_STATUS_RESET_IN_PROGRESS		0xC001000D
#define RNDIS_STATUS_INVALID_LENGTH		0xC0010014
#define RNDIS_STATUS_INVALID_DATA		0xC0010015
#define RNDIS_STATUS_BUFFER_TOO_SHORT		0xC0010016
#define RNDIS_STATUS_INVALID_OID		0xC0010017

/* Per-packet information types, protocol.md E.4 */
#define RNDIS_PPI_INTERNAL			0x80000000
#define RNDIS_PPI_CHECKSUM			0
#define RNDIS_PPI_IPSEC				1
#define RNDIS_PPI_LARGE_SEND			2
#define RNDIS_PPI_CLASSIFICATION		3
#define RNDIS_PPI_SCATTER_LIST			5
#define RNDIS_PPI_8021Q				6
#define RNDIS_PPI_ORIGINAL_PACKET		7
#define RNDIS_PPI_HASH_VALUE			8	/* NDIS: cancel id */
#define RNDIS_PPI_HASH_INFO			9	/* NDIS: original NBL */
#define RNDIS_PPI_CACHED_NBL			10
#define RNDIS_PPI_SHORT_PACKET_PAD		11
#define RNDIS_PPI_PACKET_ID			(RNDIS_PPI_INTERNAL | 1)

/* Checksum value of a packet to send, E.4 */
#define RNDIS_TX_CSUM_IPV4			0x00000001
#define RNDIS_TX_CSUM_IPV6			0x00000002
#define RNDIS_TX_CSUM_TCP			0x00000004
#define RNDIS_TX_CSUM_UDP			0x00000008
#define RNDIS_TX_CSUM_IP_HEADER			0x00000010
#define RNDIS_TX_CSUM_OFFSET_SHIFT		16
#define RNDIS_TX_CSUM_OFFSET_MASK		0x03FF0000

/* Checksum value of a received packet, E.4 */
#define RNDIS_RX_CSUM_TCP_FAILED		0x00000001
#define RNDIS_RX_CSUM_UDP_FAILED		0x00000002
#define RNDIS_RX_CSUM_IP_FAILED			0x00000004
#define RNDIS_RX_CSUM_TCP_SUCCEEDED		0x00000008
#define RNDIS_RX_CSUM_UDP_SUCCEEDED		0x00000010
#define RNDIS_RX_CSUM_IP_SUCCEEDED		0x00000020
#define RNDIS_RX_CSUM_LOOPBACK			0x00000040
#define RNDIS_RX_CSUM_TCP_VALUE_INVALID		0x00000080
#define RNDIS_RX_CSUM_IP_VALUE_INVALID		0x00000100

/* Large send version 2, E.4 */
#define RNDIS_LSO_MSS_MASK			0x000FFFFF
#define RNDIS_LSO_OFFSET_SHIFT			20
#define RNDIS_LSO_OFFSET_MASK			0x3FF00000
#define RNDIS_LSO_V2				0x40000000
#define RNDIS_LSO_IPV6				0x80000000

/* Both forms hold the transport header's offset in ten bits */
#define RNDIS_TRANSPORT_OFFSET_MAX		1023

/* 802.1Q value, E.4: priority and VLAN id do not stand where they do in a tag */
#define RNDIS_8021Q_PRIORITY_MASK		0x00000007
#define RNDIS_8021Q_DEI				0x00000008
#define RNDIS_8021Q_VLAN_SHIFT			4
#define RNDIS_8021Q_VLAN_MASK			0x0000FFF0

/* Packet id of RSC over VMBus, E.4 and E.5 */
#define RNDIS_PACKET_ID_VERSION			1
#define RNDIS_PACKET_ID_FRAGMENT		BIT(0)
#define RNDIS_PACKET_ID_FIRST			BIT(1)
#define RNDIS_PACKET_ID_LAST			BIT(2)

/**
 * struct rndis_header - what every message starts with, protocol.md E.1
 * @type: RNDIS_MSG_*
 * @len: bytes of the whole message, this header included
 */
struct rndis_header {
	__le32 type;
	__le32 len;
} __packed;

/**
 * struct rndis_packet - PACKET, one Ethernet frame, protocol.md E.2
 * @hdr: type RNDIS_MSG_PACKET; the length covers per-packet info and frame
 * @data_offset: of the frame, from RNDIS_OFFSET_BASE; at least 36
 * @data_len: bytes of the frame, without FCS
 * @oob_offset: 0
 * @oob_len: 0
 * @oob_elements: 0
 * @ppi_offset: of the per-packet info, from RNDIS_OFFSET_BASE; 36, or 0 if none
 * @ppi_len: bytes of all per-packet info
 * @vc_handle: 0
 * @rsv: reserved
 */
struct rndis_packet {
	struct rndis_header hdr;
	__le32 data_offset;
	__le32 data_len;
	__le32 oob_offset;
	__le32 oob_len;
	__le32 oob_elements;
	__le32 ppi_offset;
	__le32 ppi_len;
	__le32 vc_handle;
	__le32 rsv;
} __packed;

/**
 * struct rndis_ppi - head of one per-packet info, protocol.md E.4
 * @size: bytes of this entry, this head included; a multiple of 4
 * @type: RNDIS_PPI_*
 * @offset: of the value, from the start of the entry; 12
 */
struct rndis_ppi {
	__le32 size;
	__le32 type;
	__le32 offset;
} __packed;

/**
 * struct rndis_ppi_u32 - an entry with its value, as every known type has it
 * @head: size 16, offset 12
 * @value: RNDIS_TX_CSUM_*, RNDIS_RX_CSUM_*, RNDIS_LSO_*, RNDIS_8021Q_* or a hash
 */
struct rndis_ppi_u32 {
	struct rndis_ppi head;
	__le32 value;
} __packed;

/**
 * struct rndis_packet_id - value of RNDIS_PPI_PACKET_ID, protocol.md E.4
 * @version: RNDIS_PACKET_ID_VERSION
 * @flags: RNDIS_PACKET_ID_* bits
 * @id: the same in all fragments of a coalesced packet
 */
struct rndis_packet_id {
	__u8 version;
	__u8 flags;
	__le16 id;
} __packed;

/**
 * struct rndis_initialize - INITIALIZE, guest to host, protocol.md E.3
 * @hdr: header
 * @request_id: echoed in the completion, never 0
 * @major: RNDIS_MAJOR_VERSION
 * @minor: RNDIS_MINOR_VERSION
 * @max_xfer_size: bytes the guest takes at once; hosts ignore it
 */
struct rndis_initialize {
	struct rndis_header hdr;
	__le32 request_id;
	__le32 major;
	__le32 minor;
	__le32 max_xfer_size;
} __packed;

/**
 * struct rndis_initialize_cmplt - completion of INITIALIZE, protocol.md E.3
 * @hdr: header
 * @request_id: of the request
 * @status: RNDIS_STATUS_*
 * @major: version the host speaks
 * @minor: version the host speaks
 * @device_flags: RNDIS_DF_CONNECTIONLESS
 * @medium: RNDIS_MEDIUM_802_3
 * @max_packets: PACKET messages that may be sent concatenated
 * @max_xfer_size: bytes the host takes at once
 * @alignment_factor: log2 of the alignment of concatenated messages
 * @af_offset: unused
 * @af_size: unused
 */
struct rndis_initialize_cmplt {
	struct rndis_header hdr;
	__le32 request_id;
	__le32 status;
	__le32 major;
	__le32 minor;
	__le32 device_flags;
	__le32 medium;
	__le32 max_packets;
	__le32 max_xfer_size;
	__le32 alignment_factor;
	__le32 af_offset;
	__le32 af_size;
} __packed;

/**
 * struct rndis_halt - HALT, guest to host, protocol.md E.3; has no RNDIS reply
 * @hdr: header
 * @request_id: never 0
 */
struct rndis_halt {
	struct rndis_header hdr;
	__le32 request_id;
} __packed;

/**
 * struct rndis_request - QUERY, SET and SET_EX, protocol.md E.3
 * @hdr: header
 * @request_id: echoed in the completion, never 0
 * @oid: RNDIS_OID_*
 * @info_len: bytes of the object that follows
 * @info_offset: of the object, from RNDIS_OFFSET_BASE; always 20, even with an
 *               empty object (E.3, traps)
 * @vc_handle: 0
 */
struct rndis_request {
	struct rndis_header hdr;
	__le32 request_id;
	__le32 oid;
	__le32 info_len;
	__le32 info_offset;
	__le32 vc_handle;
} __packed;

/**
 * struct rndis_query_cmplt - completion of QUERY and SET_EX, protocol.md E.3
 * @hdr: header
 * @request_id: of the request
 * @status: RNDIS_STATUS_*
 * @info_len: bytes of the object that follows
 * @info_offset: of the object, from RNDIS_OFFSET_BASE; 16
 */
struct rndis_query_cmplt {
	struct rndis_header hdr;
	__le32 request_id;
	__le32 status;
	__le32 info_len;
	__le32 info_offset;
} __packed;

/**
 * struct rndis_cmplt - completion of SET and KEEPALIVE, protocol.md E.3
 * @hdr: header
 * @request_id: of the request
 * @status: RNDIS_STATUS_*
 *
 * Also how the completions of INITIALIZE, QUERY and SET_EX start.
 */
struct rndis_cmplt {
	struct rndis_header hdr;
	__le32 request_id;
	__le32 status;
} __packed;

/**
 * struct rndis_reset - RESET, protocol.md E.3; not sent, fatal on some hosts
 * @hdr: header
 * @rsv: reserved
 */
struct rndis_reset {
	struct rndis_header hdr;
	__le32 rsv;
} __packed;

/**
 * struct rndis_reset_cmplt - completion of RESET, protocol.md E.3; has no id
 * @hdr: header
 * @status: RNDIS_STATUS_*
 * @addressing_reset: not 0: filters are lost
 */
struct rndis_reset_cmplt {
	struct rndis_header hdr;
	__le32 status;
	__le32 addressing_reset;
} __packed;

/**
 * struct rndis_indicate_status - INDICATE_STATUS, host to guest, E.3 and E.14
 * @hdr: header
 * @status: RNDIS_STATUS_*
 * @buf_len: bytes of the status buffer
 * @buf_offset: of the buffer, from RNDIS_OFFSET_BASE; 12, or 0 if empty
 */
struct rndis_indicate_status {
	struct rndis_header hdr;
	__le32 status;
	__le32 buf_len;
	__le32 buf_offset;
} __packed;

/**
 * struct rndis_diagnostic_info - start of a status buffer, protocol.md E.3
 * @status: RNDIS_STATUS_*
 * @error_offset: byte of the message that was wrong
 */
struct rndis_diagnostic_info {
	__le32 status;
	__le32 error_offset;
} __packed;

/**
 * struct rndis_keepalive - KEEPALIVE, either direction, protocol.md E.3
 * @hdr: header
 * @request_id: echoed in the completion
 */
struct rndis_keepalive {
	struct rndis_header hdr;
	__le32 request_id;
} __packed;

#define RNDIS_AT(name, member, at) \
	static_assert(offsetof(struct name, member) == (at), #name "." #member)
#define RNDIS_SIZE(name, size) \
	static_assert(sizeof(struct name) == (size), #name)

/* protocol.md E.1 */
RNDIS_AT(rndis_header, type, 0);
RNDIS_AT(rndis_header, len, 4);
RNDIS_SIZE(rndis_header, 8);
RNDIS_SIZE(rndis_header, RNDIS_OFFSET_BASE);

/* protocol.md E.2 */
RNDIS_AT(rndis_packet, hdr, 0);
RNDIS_AT(rndis_packet, data_offset, 8);
RNDIS_AT(rndis_packet, data_len, 12);
RNDIS_AT(rndis_packet, oob_offset, 16);
RNDIS_AT(rndis_packet, oob_len, 20);
RNDIS_AT(rndis_packet, oob_elements, 24);
RNDIS_AT(rndis_packet, ppi_offset, 28);
RNDIS_AT(rndis_packet, ppi_len, 32);
RNDIS_AT(rndis_packet, vc_handle, 36);
RNDIS_AT(rndis_packet, rsv, 40);
RNDIS_SIZE(rndis_packet, 44);

/* protocol.md E.3 */
RNDIS_AT(rndis_initialize, hdr, 0);
RNDIS_AT(rndis_initialize, request_id, 8);
RNDIS_AT(rndis_initialize, major, 12);
RNDIS_AT(rndis_initialize, minor, 16);
RNDIS_AT(rndis_initialize, max_xfer_size, 20);
RNDIS_SIZE(rndis_initialize, 24);

RNDIS_AT(rndis_initialize_cmplt, hdr, 0);
RNDIS_AT(rndis_initialize_cmplt, request_id, 8);
RNDIS_AT(rndis_initialize_cmplt, status, 12);
RNDIS_AT(rndis_initialize_cmplt, major, 16);
RNDIS_AT(rndis_initialize_cmplt, minor, 20);
RNDIS_AT(rndis_initialize_cmplt, device_flags, 24);
RNDIS_AT(rndis_initialize_cmplt, medium, 28);
RNDIS_AT(rndis_initialize_cmplt, max_packets, 32);
RNDIS_AT(rndis_initialize_cmplt, max_xfer_size, 36);
RNDIS_AT(rndis_initialize_cmplt, alignment_factor, 40);
RNDIS_AT(rndis_initialize_cmplt, af_offset, 44);
RNDIS_AT(rndis_initialize_cmplt, af_size, 48);
RNDIS_SIZE(rndis_initialize_cmplt, 52);

RNDIS_AT(rndis_halt, hdr, 0);
RNDIS_AT(rndis_halt, request_id, 8);
RNDIS_SIZE(rndis_halt, 12);

RNDIS_AT(rndis_request, hdr, 0);
RNDIS_AT(rndis_request, request_id, 8);
RNDIS_AT(rndis_request, oid, 12);
RNDIS_AT(rndis_request, info_len, 16);
RNDIS_AT(rndis_request, info_offset, 20);
RNDIS_AT(rndis_request, vc_handle, 24);
RNDIS_SIZE(rndis_request, 28);

RNDIS_AT(rndis_query_cmplt, hdr, 0);
RNDIS_AT(rndis_query_cmplt, request_id, 8);
RNDIS_AT(rndis_query_cmplt, status, 12);
RNDIS_AT(rndis_query_cmplt, info_len, 16);
RNDIS_AT(rndis_query_cmplt, info_offset, 20);
RNDIS_SIZE(rndis_query_cmplt, 24);

RNDIS_AT(rndis_cmplt, hdr, 0);
RNDIS_AT(rndis_cmplt, request_id, 8);
RNDIS_AT(rndis_cmplt, status, 12);
RNDIS_SIZE(rndis_cmplt, 16);

RNDIS_AT(rndis_reset, hdr, 0);
RNDIS_AT(rndis_reset, rsv, 8);
RNDIS_SIZE(rndis_reset, 12);

RNDIS_AT(rndis_reset_cmplt, hdr, 0);
RNDIS_AT(rndis_reset_cmplt, status, 8);
RNDIS_AT(rndis_reset_cmplt, addressing_reset, 12);
RNDIS_SIZE(rndis_reset_cmplt, 16);

RNDIS_AT(rndis_indicate_status, hdr, 0);
RNDIS_AT(rndis_indicate_status, status, 8);
RNDIS_AT(rndis_indicate_status, buf_len, 12);
RNDIS_AT(rndis_indicate_status, buf_offset, 16);
RNDIS_SIZE(rndis_indicate_status, 20);

RNDIS_AT(rndis_diagnostic_info, status, 0);
RNDIS_AT(rndis_diagnostic_info, error_offset, 4);
RNDIS_SIZE(rndis_diagnostic_info, 8);

RNDIS_AT(rndis_keepalive, hdr, 0);
RNDIS_AT(rndis_keepalive, request_id, 8);
RNDIS_SIZE(rndis_keepalive, 12);

/* protocol.md E.4 */
RNDIS_AT(rndis_ppi, size, 0);
RNDIS_AT(rndis_ppi, type, 4);
RNDIS_AT(rndis_ppi, offset, 8);
RNDIS_SIZE(rndis_ppi, 12);

RNDIS_AT(rndis_ppi_u32, head, 0);
RNDIS_AT(rndis_ppi_u32, value, 12);
RNDIS_SIZE(rndis_ppi_u32, 16);

RNDIS_AT(rndis_packet_id, version, 0);
RNDIS_AT(rndis_packet_id, flags, 1);
RNDIS_AT(rndis_packet_id, id, 2);
RNDIS_SIZE(rndis_packet_id, 4);

#undef RNDIS_AT
#undef RNDIS_SIZE

#endif /* _HYPERV_RNDIS_H */
