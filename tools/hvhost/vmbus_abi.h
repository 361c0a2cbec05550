/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What VMBus looks like on the wire: control messages, ring headers and packet
 * descriptors (Documentation/protocol.md B and C). For the VMBus server and its
 * tests only; devices use vmbus.h.
 *
 * All integers are little-endian, as the only machines that run this are.
 */
#ifndef HVHOST_VMBUS_ABI_H
#define HVHOST_VMBUS_ABI_H

#include <stddef.h>
#include <stdint.h>

#define __wire __attribute__((packed))

#define ASSERT_SIZE(type, bytes) \
	_Static_assert(sizeof(type) == (bytes), "size of " #type)
#define ASSERT_AT(type, field, bytes) \
	_Static_assert(offsetof(type, field) == (bytes), \
		       "offset of " #type "." #field)

/* Message types, B.2 */
enum vmbus_msg_type {
	VMBUS_OFFERCHANNEL		= 1,
	VMBUS_RESCIND_CHANNELOFFER	= 2,
	VMBUS_REQUESTOFFERS		= 3,
	VMBUS_ALLOFFERS_DELIVERED	= 4,
	VMBUS_OPENCHANNEL		= 5,
	VMBUS_OPENCHANNEL_RESULT	= 6,
	VMBUS_CLOSECHANNEL		= 7,
	VMBUS_GPADL_HEADER		= 8,
	VMBUS_GPADL_BODY		= 9,
	VMBUS_GPADL_CREATED		= 10,
	VMBUS_GPADL_TEARDOWN		= 11,
	VMBUS_GPADL_TORNDOWN		= 12,
	VMBUS_RELID_RELEASED		= 13,
	VMBUS_INITIATE_CONTACT		= 14,
	VMBUS_VERSION_RESPONSE		= 15,
	VMBUS_UNLOAD			= 16,
	VMBUS_UNLOAD_RESPONSE		= 17,
	VMBUS_OPEN_RESERVED		= 18,
	VMBUS_CLOSE_RESERVED		= 19,
	VMBUS_TL_CONNECT_REQUEST	= 21,
	VMBUS_MODIFYCHANNEL		= 22,
	VMBUS_MODIFYCHANNEL_RESPONSE	= 24,
};

/* Versions, B.3 */
#define VMBUS_VERSION(major, minor)	((uint32_t)(major) << 16 | (minor))
#define VMBUS_V2_4	VMBUS_VERSION(2, 4)
#define VMBUS_V3_0	VMBUS_VERSION(3, 0)
#define VMBUS_V4_0	VMBUS_VERSION(4, 0)
#define VMBUS_V4_1	VMBUS_VERSION(4, 1)
#define VMBUS_V5_0	VMBUS_VERSION(5, 0)
#define VMBUS_V5_1	VMBUS_VERSION(5, 1)
#define VMBUS_V5_2	VMBUS_VERSION(5, 2)
#define VMBUS_V5_3	VMBUS_VERSION(5, 3)
#define VMBUS_V6_0	VMBUS_VERSION(6, 0)

/* Message connection ids, B.1 */
#define VMBUS_MSG_CONN_OLD	1
#define VMBUS_MSG_CONN_5_0	4

#define VMBUS_RELID_MAX		2047	/* B.5 */
#define VMBUS_VP_NONE		0xFFFFFFFFu	/* B.4: no interrupts wanted */
#define VMBUS_SINT_MAX		15

/* Connection state in VERSION_RESPONSE, B.4 */
#define VMBUS_CONNECT_OK		0
#define VMBUS_CONNECT_UNKNOWN_FAILURE	2

/* Status values in results, B.7; any other than 0 means failure */
#define VMBUS_STATUS_OK			0u
#define VMBUS_STATUS_FAILURE		0x8000FFFFu
#define VMBUS_STATUS_NO_RESOURCES	0xC000009Au

struct vmbus_msg_header {
	uint32_t type;
	uint32_t pad;
} __wire;
ASSERT_SIZE(struct vmbus_msg_header, 8);

/* INITIATE_CONTACT, B.4 (without the client id of 6.0) */
struct vmbus_initiate_contact {
	struct vmbus_msg_header hdr;
	uint32_t version;
	uint32_t target_vp;
	union {
		uint64_t interrupt_page;	/* < 5.0 */
		struct {
			uint8_t sint;		/* >= 5.0 */
			uint8_t vtl;		/* >= 5.1 */
			uint16_t rsv;
			uint32_t features;	/* >= 6.0 */
		} __wire;
	} __wire;
	uint64_t monitor_to_child;
	uint64_t monitor_to_parent;
} __wire;
ASSERT_SIZE(struct vmbus_initiate_contact, 40);
ASSERT_AT(struct vmbus_initiate_contact, vtl, 17);
ASSERT_AT(struct vmbus_initiate_contact, features, 20);
ASSERT_AT(struct vmbus_initiate_contact, monitor_to_child, 24);

/* VERSION_RESPONSE, B.4: 16 bytes, from 6.0 on 20 */
struct vmbus_version_response {
	struct vmbus_msg_header hdr;
	uint8_t supported;
	uint8_t state;
	uint16_t rsv;
	uint32_t conn_id;
	uint32_t features;
} __wire;
#define VMBUS_VERSION_RESPONSE_LEN	16
ASSERT_AT(struct vmbus_version_response, conn_id, 12);
ASSERT_AT(struct vmbus_version_response, features,
	  VMBUS_VERSION_RESPONSE_LEN);

/* OFFERCHANNEL, B.4 */
struct vmbus_offer_channel {
	struct vmbus_msg_header hdr;
	uint8_t type[16];
	uint8_t instance[16];
	uint8_t rsv[16];
	uint16_t flags;
	uint16_t mmio_mb;
	uint8_t device[120];
	uint16_t sub_index;
	uint16_t mmio_mb_optional;
	uint32_t relid;
	uint8_t monitor_id;
	uint8_t monitor_allocated;
	uint16_t dedicated;
	uint32_t conn_id;
} __wire;
ASSERT_SIZE(struct vmbus_offer_channel, 196);
ASSERT_AT(struct vmbus_offer_channel, flags, 56);
ASSERT_AT(struct vmbus_offer_channel, sub_index, 180);
ASSERT_AT(struct vmbus_offer_channel, relid, 184);
ASSERT_AT(struct vmbus_offer_channel, conn_id, 192);

/* OPENCHANNEL, B.4 (without the tail of 6.0) */
struct vmbus_open_channel {
	struct vmbus_msg_header hdr;
	uint32_t relid;
	uint32_t open_id;
	uint32_t gpadl;
	uint32_t target_vp;
	uint32_t downstream_page;
	uint8_t user[120];
} __wire;
ASSERT_SIZE(struct vmbus_open_channel, 148);
ASSERT_AT(struct vmbus_open_channel, downstream_page, 24);

struct vmbus_open_result {
	struct vmbus_msg_header hdr;
	uint32_t relid;
	uint32_t open_id;
	uint32_t status;
} __wire;
ASSERT_SIZE(struct vmbus_open_result, 20);

/* CLOSECHANNEL, RELID_RELEASED, RESCIND_CHANNELOFFER, B.4 */
struct vmbus_relid_msg {
	struct vmbus_msg_header hdr;
	uint32_t relid;
} __wire;
ASSERT_SIZE(struct vmbus_relid_msg, 12);

/* MODIFYCHANNEL, B.4 */
struct vmbus_modify_channel {
	struct vmbus_msg_header hdr;
	uint32_t relid;
	uint32_t target_vp;
} __wire;
ASSERT_SIZE(struct vmbus_modify_channel, 16);

struct vmbus_modify_response {
	struct vmbus_msg_header hdr;
	uint32_t relid;
	uint32_t status;
} __wire;
ASSERT_SIZE(struct vmbus_modify_response, 16);

/* GPADL_HEADER, B.4, with the head of its one range */
struct vmbus_gpadl_header {
	struct vmbus_msg_header hdr;
	uint32_t relid;
	uint32_t gpadl;
	uint16_t range_bytes;	/* of the range array: header and all bodies */
	uint16_t range_count;
	uint32_t byte_count;
	uint32_t byte_offset;
	uint64_t pfn[26];
} __wire;
#define VMBUS_GPADL_HEADER_MIN	36	/* one page number */
#define VMBUS_GPADL_RANGE_HEAD	8	/* bytes of a range before its pfns */
ASSERT_AT(struct vmbus_gpadl_header, range_bytes, 16);
ASSERT_AT(struct vmbus_gpadl_header, byte_count, 20);
ASSERT_AT(struct vmbus_gpadl_header, pfn, VMBUS_GPADL_HEADER_MIN - 8);

/* GPADL_BODY, B.4 */
struct vmbus_gpadl_body {
	struct vmbus_msg_header hdr;
	uint32_t sequence;
	uint32_t gpadl;
	uint64_t pfn[28];
} __wire;
#define VMBUS_GPADL_BODY_MIN	24	/* one page number */
ASSERT_SIZE(struct vmbus_gpadl_body, 240);
ASSERT_AT(struct vmbus_gpadl_body, pfn, 16);

struct vmbus_gpadl_created {
	struct vmbus_msg_header hdr;
	uint32_t relid;
	uint32_t gpadl;
	uint32_t status;
} __wire;
ASSERT_SIZE(struct vmbus_gpadl_created, 20);

struct vmbus_gpadl_teardown {
	struct vmbus_msg_header hdr;
	uint32_t relid;
	uint32_t gpadl;
} __wire;
ASSERT_SIZE(struct vmbus_gpadl_teardown, 16);

struct vmbus_gpadl_torndown {
	struct vmbus_msg_header hdr;
	uint32_t gpadl;
} __wire;
ASSERT_SIZE(struct vmbus_gpadl_torndown, 12);

/* Every message that a guest sends, in room for the longest (B.1) */
union vmbus_guest_msg {
	struct vmbus_msg_header hdr;
	struct vmbus_initiate_contact contact;
	struct vmbus_open_channel open;
	struct vmbus_relid_msg relid;
	struct vmbus_modify_channel modify;
	struct vmbus_gpadl_header gpadl_header;
	struct vmbus_gpadl_body gpadl_body;
	struct vmbus_gpadl_teardown teardown;
	uint8_t bytes[240];
};
ASSERT_SIZE(union vmbus_guest_msg, 240);

/* Ring header, C.1; the page's rest is reserved */
struct vmbus_ring_header {
	uint32_t write_index;
	uint32_t read_index;
	uint32_t interrupt_mask;
	uint32_t pending_send_size;
	uint32_t rsv[12];
	uint32_t feature_bits;
};
#define VMBUS_RING_PENDING_SEND_SIZE	0x1u	/* feature bit 0 */
ASSERT_AT(struct vmbus_ring_header, pending_send_size, 0x0C);
ASSERT_AT(struct vmbus_ring_header, feature_bits, 0x40);

/* Packet descriptor, C.3 */
struct vmbus_desc {
	uint16_t type;
	uint16_t offset8;	/* of the payload, in 8 bytes */
	uint16_t len8;		/* with the descriptor, without the trailer */
	uint16_t flags;
	uint64_t trans_id;
} __wire;
ASSERT_SIZE(struct vmbus_desc, 16);
#define VMBUS_TRAILER_LEN	8
#define VMBUS_PKT_MAX		(UINT16_MAX * 8u)

/* Transfer-page packet, C.4 */
struct vmbus_xfer_desc {
	struct vmbus_desc d;
	uint16_t set_id;
	uint8_t sender_owns_set;
	uint8_t rsv;
	uint32_t range_count;
} __wire;
ASSERT_SIZE(struct vmbus_xfer_desc, 24);

/* GPA-direct packet, C.5, and the head of each of its ranges */
struct vmbus_gpa_desc {
	struct vmbus_desc d;
	uint32_t rsv;
	uint32_t range_count;
} __wire;
ASSERT_SIZE(struct vmbus_gpa_desc, 24);

struct vmbus_gpa_range {
	uint32_t byte_count;
	uint32_t byte_offset;
} __wire;
ASSERT_SIZE(struct vmbus_gpa_range, 8);

#endif
