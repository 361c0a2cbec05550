/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NVSP, the network virtual service protocol: constants and message layouts.
 *
 * For the driver, its tests and the emulated host. Only what is on the wire
 * stands here; nvsp_wire.h has the functions that judge received messages.
 * Facts are from Documentation/protocol.md, section D, and each layout is held
 * by static assertions with offsets counted from the start of the message.
 *
 * All integers are little-endian. The structs are packed, so the compiler reads
 * and writes members at any alignment; messages are copied to private memory
 * before a member is read all the same.
 */
#ifndef _HYPERV_NVSP_H
#define _HYPERV_NVSP_H

#include "wire_types.h"

/* Versions, protocol.md D.1 */
#define NVSP_PROTOCOL_VERSION_1		0x00000002
#define NVSP_PROTOCOL_VERSION_2		0x00030002
#define NVSP_PROTOCOL_VERSION_4		0x00040000
#define NVSP_PROTOCOL_VERSION_5		0x00050000
#define NVSP_PROTOCOL_VERSION_6		0x00060000
#define NVSP_PROTOCOL_VERSION_61	0x00060001

/* What goes on the wire, in bytes: a guest always sends NVSP_MSG_LEN, zero
 * padded; a host sends the size of the negotiated version (D.1).
 */
#define NVSP_MSG_LEN			40
#define NVSP_MSG_LEN_V1			28	/* versions 1 to 6 */

/* NVSP 6.1 is the first with the longer messages */
static inline u32 nvsp_msg_wire_len(u32 version)
{
	return version >= NVSP_PROTOCOL_VERSION_61 ? NVSP_MSG_LEN : NVSP_MSG_LEN_V1;
}

/**
 * enum nvsp_status - status codes of NVSP replies, protocol.md D.2
 * @NVSP_STATUS_NONE: no status; some hosts refuse a version with it
 * @NVSP_STATUS_SUCCESS: the only value that means success
 * @NVSP_STATUS_FAILURE: failed
 * @NVSP_STATUS_VERSION_TOO_NEW: version refused
 * @NVSP_STATUS_VERSION_TOO_OLD: version refused
 * @NVSP_STATUS_INVALID_RNDIS_PACKET: a RNDIS message is malformed
 * @NVSP_STATUS_BUSY: try later
 * @NVSP_STATUS_VERSION_UNSUPPORTED: version refused
 */
enum nvsp_status {
	NVSP_STATUS_NONE		= 0,
	NVSP_STATUS_SUCCESS		= 1,
	NVSP_STATUS_FAILURE		= 2,
	NVSP_STATUS_VERSION_TOO_NEW	= 3,
	NVSP_STATUS_VERSION_TOO_OLD	= 4,
	NVSP_STATUS_INVALID_RNDIS_PACKET = 5,
	NVSP_STATUS_BUSY		= 6,
	NVSP_STATUS_VERSION_UNSUPPORTED	= 7,
};

/* Message types, protocol.md D.3. Numbers without a struct below are obsolete
 * or deprecated: known, so that they can be named, and never sent.
 */
#define NVSP_MSG_INIT				1
#define NVSP_MSG_INIT_COMPLETE			2

#define NVSP_MSG_SEND_NDIS_VERSION		100
#define NVSP_MSG_SEND_RECV_BUF			101
#define NVSP_MSG_SEND_RECV_BUF_COMPLETE		102
#define NVSP_MSG_REVOKE_RECV_BUF		103
#define NVSP_MSG_SEND_SEND_BUF			104
#define NVSP_MSG_SEND_SEND_BUF_COMPLETE		105
#define NVSP_MSG_REVOKE_SEND_BUF		106
#define NVSP_MSG_SEND_RNDIS_PACKET		107
#define NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE	108

#define NVSP_MSG_CHIMNEY_FIRST			109	/* obsolete */
#define NVSP_MSG_CHIMNEY_LAST			119	/* obsolete */
#define NVSP_MSG_ALLOCATE_RECV_BUF		120	/* deprecated */
#define NVSP_MSG_ALLOCATE_RECV_BUF_COMPLETE	121	/* deprecated */
#define NVSP_MSG_FREE_RECV_BUF			122	/* deprecated */
#define NVSP_MSG_SEND_VMQ_PACKET		123	/* deprecated */
#define NVSP_MSG_SEND_VMQ_PACKET_COMPLETE	124	/* deprecated */
#define NVSP_MSG_SEND_NDIS_CONFIG		125
#define NVSP_MSG_CHIMNEY_HANDLE			126	/* obsolete */
#define NVSP_MSG_CHIMNEY_HANDLE_COMPLETE	127	/* obsolete */

#define NVSP_MSG_SEND_VF_ASSOCIATION		128
#define NVSP_MSG_SWITCH_DATA_PATH		129
#define NVSP_MSG_UPLINK_CONNECT_STATE		130	/* deprecated */

#define NVSP_MSG_OID_QUERY_EX			131
#define NVSP_MSG_OID_QUERY_EX_COMPLETE		132
#define NVSP_MSG_SUBCHANNEL			133
#define NVSP_MSG_SEND_INDIRECTION_TABLE		134

#define NVSP_MSG_PD_API				135
#define NVSP_MSG_PD_POST_BATCH			136

/* INIT_COMPLETE's deprecated word: 2 from a version 1 host, else all ones */
#define NVSP_INIT_COMPLETE_NO_VERSION		0xFFFFFFFF

/* SEND_NDIS_VERSION, protocol.md D.4 step 3 */
#define NVSP_NDIS_MAJOR				6
#define NVSP_NDIS_MINOR_V1			1	/* NDIS 6.1, NVSP up to 4 */
#define NVSP_NDIS_MINOR_V5			30	/* NDIS 6.30, NVSP from 5 */

/* SEND_NDIS_CONFIG: capability bits, protocol.md D.3 */
#define NVSP_CAP_VMQ				BIT(0)
#define NVSP_CAP_CHIMNEY			BIT(1)
#define NVSP_CAP_SRIOV				BIT(2)
#define NVSP_CAP_8021Q				BIT(3)
#define NVSP_CAP_CORRELATION_ID			BIT(4)
#define NVSP_CAP_TEAMING			BIT(5)
#define NVSP_CAP_VIRTUAL_SUBNET_ID		BIT(6)
#define NVSP_CAP_RSC				BIT(7)	/* needs NVSP 6.1 */

/* SEND_RNDIS_PACKET: channel type and the "no section" index, D.3 */
#define NVSP_RNDIS_DATA				0
#define NVSP_RNDIS_CONTROL			1
#define NVSP_SECTION_NONE			0xFFFFFFFF

/* SWITCH_DATA_PATH, D.9 */
#define NVSP_DATA_PATH_SYNTHETIC		0
#define NVSP_DATA_PATH_VF			1

/* SUBCHANNEL, D.8 */
#define NVSP_SUBCHANNEL_ALLOCATE		1

/* Queues of one NIC and entries of the send indirection table, D.8 */
#define NVSP_MAX_CHANNELS			64
#define NVSP_INDIRECTION_ENTRIES		16
#define NVSP_INDIRECTION_BYTES			(NVSP_INDIRECTION_ENTRIES * 4)

/* Transfer-page packets: set id is the receive buffer id of the guest's choice
 * (D.5), range limits by what was negotiated (C.4).
 */
#define NVSP_RECV_BUF_ID			0xCAFE
#define NVSP_SEND_BUF_ID			0
#define NVSP_XFER_RANGES_V1			64	/* NDIS before 6 */
#define NVSP_XFER_RANGES			375	/* NDIS 6 */
#define NVSP_XFER_RANGES_RSC			562	/* with RSC */

/* Shared buffers, in bytes: D.5, D.6 */
#define NVSP_RECV_BUF_MAX			(31u << 20)
#define NVSP_RECV_BUF_MAX_V2			(15u << 20)	/* NVSP up to 2 */
#define NVSP_SEND_BUF_MAX			(15u << 20)
#define NVSP_RECV_SECTION_MIN			256		/* I.1 rule 19 */

/* PacketDirect operations, D.10; not used by this driver */
#define NVSP_PD_OP_CONFIG			1
#define NVSP_PD_OP_SWITCH_PATH			2
#define NVSP_PD_OP_OPEN_PROVIDER		3
#define NVSP_PD_OP_CLOSE_PROVIDER		4
#define NVSP_PD_OP_CREATE_QUEUE			5
#define NVSP_PD_OP_FLUSH_QUEUE			6
#define NVSP_PD_OP_FREE_QUEUE			7
#define NVSP_PD_OP_ALLOCATE_BUFFER		8
#define NVSP_PD_OP_FREE_BUFFER			9
#define NVSP_PD_BUFFER_PARTIAL			BIT(0)

/**
 * struct nvsp_init - body of INIT (1), guest to host
 * @min_version: lowest version offered, NVSP_PROTOCOL_VERSION_*
 * @max_version: highest version offered; this driver offers one at a time, so
 *               the two are equal (protocol.md D.4 step 1)
 */
struct nvsp_init {
	__le32 min_version;
	__le32 max_version;
} __packed;

/**
 * struct nvsp_init_complete - body of INIT_COMPLETE (2), host to guest
 * @deprecated: 2 for version 1, otherwise NVSP_INIT_COMPLETE_NO_VERSION
 * @max_mdl_chain: longest chain of page ranges the host takes (34)
 * @status: enum nvsp_status; anything but success means "version refused"
 */
struct nvsp_init_complete {
	__le32 deprecated;
	__le32 max_mdl_chain;
	__le32 status;
} __packed;

/**
 * struct nvsp_ndis_version - body of SEND_NDIS_VERSION (100), guest to host
 * @major: NDIS major version
 * @minor: NDIS minor version
 */
struct nvsp_ndis_version {
	__le32 major;
	__le32 minor;
} __packed;

/**
 * struct nvsp_send_buf - body of SEND_RECV_BUF (101) and SEND_SEND_BUF (104)
 * @gpadl: handle of the buffer's GPADL
 * @id: the guest's name for the buffer, used again to revoke it
 * @rsv: reserved
 */
struct nvsp_send_buf {
	__le32 gpadl;
	__le16 id;
	__le16 rsv;
} __packed;

/**
 * struct nvsp_recv_section - a section of the receive buffer, as in 102
 * @offset: bytes from the start of the buffer; 0 in every known host
 * @suballoc_size: bytes in one sub-allocation, not necessarily a multiple of 4
 * @suballoc_count: number of sub-allocations
 * @end: offset of the first byte behind the section
 */
struct nvsp_recv_section {
	__le32 offset;
	__le32 suballoc_size;
	__le32 suballoc_count;
	__le32 end;
} __packed;

/**
 * struct nvsp_recv_buf_complete - body of SEND_RECV_BUF_COMPLETE (102)
 * @status: enum nvsp_status
 * @section_count: sections that follow; anything but 1 is refused (D.11)
 * @section: the only section
 */
struct nvsp_recv_buf_complete {
	__le32 status;
	__le32 section_count;
	struct nvsp_recv_section section;
} __packed;

/**
 * struct nvsp_send_buf_complete - body of SEND_SEND_BUF_COMPLETE (105)
 * @status: enum nvsp_status
 * @section_size: bytes in one send section; 0: no send buffer
 */
struct nvsp_send_buf_complete {
	__le32 status;
	__le32 section_size;
} __packed;

/**
 * struct nvsp_revoke_buf - body of REVOKE_RECV_BUF (103), REVOKE_SEND_BUF (106)
 * @id: what the buffer was sent with
 */
struct nvsp_revoke_buf {
	__le16 id;
} __packed;

/**
 * struct nvsp_rndis_packet - body of SEND_RNDIS_PACKET (107), both directions
 * @channel_type: NVSP_RNDIS_DATA or NVSP_RNDIS_CONTROL
 * @section_index: send section in use, NVSP_SECTION_NONE for none
 * @section_size: bytes used in that section
 */
struct nvsp_rndis_packet {
	__le32 channel_type;
	__le32 section_index;
	__le32 section_size;
} __packed;

/**
 * struct nvsp_rndis_packet_complete - body of 108, both directions
 * @status: enum nvsp_status
 */
struct nvsp_rndis_packet_complete {
	__le32 status;
} __packed;

/**
 * struct nvsp_ndis_config - body of SEND_NDIS_CONFIG (125), guest to host
 * @mtu: IP MTU + 14, in bytes
 * @rsv: reserved
 * @capabilities: NVSP_CAP_* bits; not naturally aligned
 */
struct nvsp_ndis_config {
	__le32 mtu;
	__le32 rsv;
	__le64 capabilities;
} __packed;

/**
 * struct nvsp_vf_association - body of SEND_VF_ASSOCIATION (128), host to guest
 * @allocated: 1 a VF belongs to this NIC, 0 it is taken away
 * @serial: names the VF's PCI slot
 */
struct nvsp_vf_association {
	__le32 allocated;
	__le32 serial;
} __packed;

/**
 * struct nvsp_switch_data_path - body of SWITCH_DATA_PATH (129), both directions
 * @path: NVSP_DATA_PATH_*
 */
struct nvsp_switch_data_path {
	__le32 path;
} __packed;

/**
 * struct nvsp_oid_query_ex - body of OID_QUERY_EX (131), guest to host
 * @object_type: type byte of the NDIS object header
 * @object_revision: its revision byte
 * @object_size: its size, in bytes
 * @oid: what is asked for
 */
struct nvsp_oid_query_ex {
	__u8 object_type;
	__u8 object_revision;
	__le16 object_size;
	__le32 oid;
} __packed;

/**
 * struct nvsp_oid_query_ex_complete - body of OID_QUERY_EX_COMPLETE (132)
 * @status: NDIS status
 * @bytes: size of the answer, in bytes
 */
struct nvsp_oid_query_ex_complete {
	__le32 status;
	__le32 bytes;
} __packed;

/**
 * struct nvsp_subchannel_request - body of SUBCHANNEL (133), guest to host
 * @op: NVSP_SUBCHANNEL_ALLOCATE
 * @count: sub-channels wanted, the primary not counted
 */
struct nvsp_subchannel_request {
	__le32 op;
	__le32 count;
} __packed;

/**
 * struct nvsp_subchannel_complete - body of SUBCHANNEL (133) as a completion
 * @status: enum nvsp_status
 * @count: sub-channels granted
 */
struct nvsp_subchannel_complete {
	__le32 status;
	__le32 count;
} __packed;

/**
 * struct nvsp_indirection_table - body of SEND_INDIRECTION_TABLE (134)
 * @count: entries, NVSP_INDIRECTION_ENTRIES
 * @offset: of the table, bytes from the start of the message; the table lies
 *          behind the body or behind the whole message (protocol.md D.8)
 */
struct nvsp_indirection_table {
	__le32 count;
	__le32 offset;
} __packed;

/**
 * struct nvsp_pd_request - body of PD_API (135) as a request, D.10
 * @op: NVSP_PD_OP_*
 * @body: depends on @op
 */
struct nvsp_pd_request {
	__le32 op;
	__u8 body[32];
} __packed;

/**
 * struct nvsp_pd_complete - body of PD_API (135) as a completion, D.10
 * @op: NVSP_PD_OP_*
 * @status: enum nvsp_status
 * @body: depends on @op
 */
struct nvsp_pd_complete {
	__le32 op;
	__le32 status;
	__u8 body[28];
} __packed;

/**
 * struct nvsp_pd_buffer - one buffer of PD_POST_BATCH (136), D.10
 * @region_offset: bytes from the start of the region
 * @region: which memory region
 * @flags: NVSP_PD_BUFFER_PARTIAL
 */
struct nvsp_pd_buffer {
	__le32 region_offset;
	__le16 region;
	__le16 flags;
} __packed;

/**
 * struct nvsp_pd_batch - body of PD_POST_BATCH (136), both directions
 * @count: buffers that follow
 * @flags: reserved
 * @buffer: as many as fit a message; longer batches run on behind it
 */
struct nvsp_pd_batch {
	__le16 count;
	__le16 flags;
	struct nvsp_pd_buffer buffer[4];
} __packed;

/**
 * struct nvsp_message - any NVSP message at its full size
 * @type: NVSP_MSG_*
 * @init: INIT
 * @init_complete: INIT_COMPLETE
 * @ndis_version: SEND_NDIS_VERSION
 * @recv_buf: SEND_RECV_BUF
 * @recv_buf_complete: SEND_RECV_BUF_COMPLETE
 * @revoke_recv_buf: REVOKE_RECV_BUF
 * @send_buf: SEND_SEND_BUF
 * @send_buf_complete: SEND_SEND_BUF_COMPLETE
 * @revoke_send_buf: REVOKE_SEND_BUF
 * @rndis_packet: SEND_RNDIS_PACKET
 * @rndis_packet_complete: SEND_RNDIS_PACKET_COMPLETE
 * @ndis_config: SEND_NDIS_CONFIG
 * @vf_association: SEND_VF_ASSOCIATION
 * @switch_data_path: SWITCH_DATA_PATH
 * @oid_query_ex: OID_QUERY_EX
 * @oid_query_ex_complete: OID_QUERY_EX_COMPLETE
 * @subchannel_request: SUBCHANNEL, sent by the guest
 * @subchannel_complete: SUBCHANNEL, sent by the host
 * @indirection_table: SEND_INDIRECTION_TABLE
 * @pd_request: PD_API, request
 * @pd_complete: PD_API, completion
 * @pd_batch: PD_POST_BATCH
 * @pad: makes the message NVSP_MSG_LEN bytes long
 *
 * A sender zeroes the whole message first, so that no byte of the tail carries
 * anything of its own memory. A receiver's message may be shorter than this:
 * it reads no member that lies behind what arrived.
 */
struct nvsp_message {
	__le32 type;
	union {
		struct nvsp_init init;
		struct nvsp_init_complete init_complete;
		struct nvsp_ndis_version ndis_version;
		struct nvsp_send_buf recv_buf;
		struct nvsp_recv_buf_complete recv_buf_complete;
		struct nvsp_revoke_buf revoke_recv_buf;
		struct nvsp_send_buf send_buf;
		struct nvsp_send_buf_complete send_buf_complete;
		struct nvsp_revoke_buf revoke_send_buf;
		struct nvsp_rndis_packet rndis_packet;
		struct nvsp_rndis_packet_complete rndis_packet_complete;
		struct nvsp_ndis_config ndis_config;
		struct nvsp_vf_association vf_association;
		struct nvsp_switch_data_path switch_data_path;
		struct nvsp_oid_query_ex oid_query_ex;
		struct nvsp_oid_query_ex_complete oid_query_ex_complete;
		struct nvsp_subchannel_request subchannel_request;
		struct nvsp_subchannel_complete subchannel_complete;
		struct nvsp_indirection_table indirection_table;
		struct nvsp_pd_request pd_request;
		struct nvsp_pd_complete pd_complete;
		struct nvsp_pd_batch pd_batch;
		__u8 pad[NVSP_MSG_LEN - 4];
	};
} __packed;

/* Bytes of a message with a body of type @type: all bodies start at byte 4 */
#define NVSP_MSG_LEN_OF(type)	(sizeof(__le32) + sizeof(type))

#define NVSP_AT(member, at) \
	static_assert(offsetof(struct nvsp_message, member) == (at), #member)
#define NVSP_ENDS(name, at) \
	static_assert(NVSP_MSG_LEN_OF(struct name) == (at), #name)
#define NVSP_SIZE(name, size) \
	static_assert(sizeof(struct name) == (size), #name)

/* protocol.md D.1 */
NVSP_SIZE(nvsp_message, NVSP_MSG_LEN);
NVSP_AT(type, 0);
NVSP_AT(pad, 4);

/* protocol.md D.3, row by row */
NVSP_AT(init.min_version, 4);
NVSP_AT(init.max_version, 8);
NVSP_ENDS(nvsp_init, 12);

NVSP_AT(init_complete.deprecated, 4);
NVSP_AT(init_complete.max_mdl_chain, 8);
NVSP_AT(init_complete.status, 12);
NVSP_ENDS(nvsp_init_complete, 16);

NVSP_AT(ndis_version.major, 4);
NVSP_AT(ndis_version.minor, 8);
NVSP_ENDS(nvsp_ndis_version, 12);

NVSP_AT(recv_buf.gpadl, 4);
NVSP_AT(recv_buf.id, 8);
NVSP_AT(recv_buf.rsv, 10);
NVSP_AT(send_buf.gpadl, 4);
NVSP_AT(send_buf.id, 8);
NVSP_AT(send_buf.rsv, 10);
NVSP_ENDS(nvsp_send_buf, 12);

NVSP_AT(recv_buf_complete.status, 4);
NVSP_AT(recv_buf_complete.section_count, 8);
NVSP_AT(recv_buf_complete.section, 12);
NVSP_AT(recv_buf_complete.section.offset, 12);
NVSP_AT(recv_buf_complete.section.suballoc_size, 16);
NVSP_AT(recv_buf_complete.section.suballoc_count, 20);
NVSP_AT(recv_buf_complete.section.end, 24);
NVSP_ENDS(nvsp_recv_buf_complete, 28);
NVSP_SIZE(nvsp_recv_section, 16);

NVSP_AT(send_buf_complete.status, 4);
NVSP_AT(send_buf_complete.section_size, 8);
NVSP_ENDS(nvsp_send_buf_complete, 12);

NVSP_AT(revoke_recv_buf.id, 4);
NVSP_AT(revoke_send_buf.id, 4);
NVSP_ENDS(nvsp_revoke_buf, 6);

NVSP_AT(rndis_packet.channel_type, 4);
NVSP_AT(rndis_packet.section_index, 8);
NVSP_AT(rndis_packet.section_size, 12);
NVSP_ENDS(nvsp_rndis_packet, 16);

NVSP_AT(rndis_packet_complete.status, 4);
NVSP_ENDS(nvsp_rndis_packet_complete, 8);

NVSP_AT(ndis_config.mtu, 4);
NVSP_AT(ndis_config.rsv, 8);
NVSP_AT(ndis_config.capabilities, 12);
NVSP_ENDS(nvsp_ndis_config, 20);

NVSP_AT(vf_association.allocated, 4);
NVSP_AT(vf_association.serial, 8);
NVSP_ENDS(nvsp_vf_association, 12);

NVSP_AT(switch_data_path.path, 4);
NVSP_ENDS(nvsp_switch_data_path, 8);

NVSP_AT(oid_query_ex.object_type, 4);
NVSP_AT(oid_query_ex.object_revision, 5);
NVSP_AT(oid_query_ex.object_size, 6);
NVSP_AT(oid_query_ex.oid, 8);
NVSP_ENDS(nvsp_oid_query_ex, 12);

NVSP_AT(oid_query_ex_complete.status, 4);
NVSP_AT(oid_query_ex_complete.bytes, 8);
NVSP_ENDS(nvsp_oid_query_ex_complete, 12);

NVSP_AT(subchannel_request.op, 4);
NVSP_AT(subchannel_request.count, 8);
NVSP_ENDS(nvsp_subchannel_request, 12);

NVSP_AT(subchannel_complete.status, 4);
NVSP_AT(subchannel_complete.count, 8);
NVSP_ENDS(nvsp_subchannel_complete, 12);

NVSP_AT(indirection_table.count, 4);
NVSP_AT(indirection_table.offset, 8);
NVSP_ENDS(nvsp_indirection_table, 12);

/* protocol.md D.10 */
NVSP_AT(pd_request.op, 4);
NVSP_AT(pd_request.body, 8);
NVSP_ENDS(nvsp_pd_request, 40);

NVSP_AT(pd_complete.op, 4);
NVSP_AT(pd_complete.status, 8);
NVSP_AT(pd_complete.body, 12);
NVSP_ENDS(nvsp_pd_complete, 40);

NVSP_AT(pd_batch.count, 4);
NVSP_AT(pd_batch.flags, 6);
NVSP_AT(pd_batch.buffer, 8);
NVSP_AT(pd_batch.buffer[0].region_offset, 8);
NVSP_AT(pd_batch.buffer[0].region, 12);
NVSP_AT(pd_batch.buffer[0].flags, 14);
NVSP_AT(pd_batch.buffer[1], 16);
NVSP_ENDS(nvsp_pd_batch, 40);
NVSP_SIZE(nvsp_pd_buffer, 8);

#undef NVSP_AT
#undef NVSP_ENDS
#undef NVSP_SIZE

#endif /* _HYPERV_NVSP_H */
