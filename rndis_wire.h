/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading and writing RNDIS messages: pure functions, for the driver, its tests
 * and fuzzers and the emulated host. ndis_wire.h reads the objects in them.
 *
 * Habits of all of them:
 *
 * - Context: any. They take no lock, allocate nothing, call nothing but memcpy
 *   and memset, and touch no byte outside the buffers that they are given.
 * - A received message may be rewritten by the other side at any moment. Each
 *   byte of it that decides something is copied once and judged in the copy
 *   (Documentation/protocol.md I.1 rule 1). Two functions called on the same
 *   shared memory may therefore see two different messages; each result is
 *   sound in itself.
 * - A message stands at any alignment (D.5). Lengths and offsets are bytes.
 * - Offsets that come out count from the start of the message and are within
 *   the length that went in. The bytes that they name are *not* copied and not
 *   judged.
 * - Decoders return RNDIS_WIRE_OK (0) or the first fault that they found; what
 *   they were to fill in is then unspecified. Encoders return the number of
 *   bytes written, -ENOSPC if the caller's buffer is too small, or -EINVAL if
 *   asked for something that cannot be said; then the buffer is unchanged.
 */
#ifndef _HYPERV_RNDIS_WIRE_H
#define _HYPERV_RNDIS_WIRE_H

#include "rndis.h"

/* An Ethernet header, for worlds without <linux/if_ether.h> */
#define RNDIS_FRAME_MIN			14

/* A fragment of a coalesced packet is no longer than the longest of those: Ethernet
 * header, and an IP packet, whose length field has 16 bits
 */
#define RNDIS_IP_MAX			65535
#define RNDIS_FRAGMENT_MAX		(RNDIS_FRAME_MIN + RNDIS_IP_MAX)

/* Most per-packet infos that are looked at in one message. No host is known to
 * send more than five; the limit bounds what a message can cost.
 */
#define RNDIS_PPI_MAX			32

/* Longest header that rndis_wire_put_packet() writes: VLAN, and one of
 * large send and checksum. A transmit slot has 128 bytes for it.
 */
#define RNDIS_TX_HDR_MAX \
	(sizeof(struct rndis_packet) + 2 * sizeof(struct rndis_ppi_u32))
static_assert(RNDIS_TX_HDR_MAX <= 128, "the header area of a slot");

/* What a host's INITIALIZE completion is held to, I.1 rule 29 */
#define RNDIS_MAX_PACKETS_CAP		64
#define RNDIS_ALIGNMENT_FACTOR_CAP	7

/**
 * enum rndis_wire_fault - what is wrong with a received message
 * @RNDIS_WIRE_OK: nothing
 * @RNDIS_FAULT_SHORT: fewer bytes came than the fixed part of its type has
 * @RNDIS_FAULT_TYPE: not a type that the function reads
 * @RNDIS_FAULT_MSG_LEN: message length below the fixed part, or above what came
 * @RNDIS_FAULT_DATA: the frame starts in the header or ends behind the message
 * @RNDIS_FAULT_FRAME_LEN: the frame is shorter or longer than a frame can be
 * @RNDIS_FAULT_OOB: out-of-band data outside the message
 * @RNDIS_FAULT_PPI_REGION: per-packet info misaligned, or not between header
 *                          and frame
 * @RNDIS_FAULT_PPI_SIZE: a per-packet info with an impossible size
 * @RNDIS_FAULT_PPI_VALUE: a per-packet info whose value is not inside it
 * @RNDIS_FAULT_PPI_COUNT: more than RNDIS_PPI_MAX per-packet infos
 * @RNDIS_FAULT_INFO: an object or status buffer outside the message
 * @RNDIS_FAULT_OBJECT: an NDIS object of other type, revision or size
 * @RNDIS_FAULT_COUNT: number of values; a counter each is an array of this size
 */
enum rndis_wire_fault {
	RNDIS_WIRE_OK = 0,
	RNDIS_FAULT_SHORT,
	RNDIS_FAULT_TYPE,
	RNDIS_FAULT_MSG_LEN,
	RNDIS_FAULT_DATA,
	RNDIS_FAULT_FRAME_LEN,
	RNDIS_FAULT_OOB,
	RNDIS_FAULT_PPI_REGION,
	RNDIS_FAULT_PPI_SIZE,
	RNDIS_FAULT_PPI_VALUE,
	RNDIS_FAULT_PPI_COUNT,
	RNDIS_FAULT_INFO,
	RNDIS_FAULT_OBJECT,
	RNDIS_FAULT_COUNT,
};

/* Per-packet infos start behind the fixed part; so does the frame. E.2 */
#define RNDIS_PACKET_OFFSET_MIN \
	(sizeof(struct rndis_packet) - RNDIS_OFFSET_BASE)
static_assert(RNDIS_PACKET_OFFSET_MIN == 36, "protocol.md E.2");

/* Which per-packet infos a packet has */
#define RNDIS_HAVE_CSUM			BIT(0)
#define RNDIS_HAVE_LSO			BIT(1)
#define RNDIS_HAVE_VLAN			BIT(2)
#define RNDIS_HAVE_HASH			BIT(3)
#define RNDIS_HAVE_HASH_INFO		BIT(4)
#define RNDIS_HAVE_PACKET_ID		BIT(5)

/**
 * struct rndis_packet_info - a received PACKET, decoded
 * @msg_len: bytes of the message, not more than came
 * @data_off: where the frame starts, from the start of the message
 * @data_len: bytes of the frame; data_off + data_len <= msg_len
 * @have: RNDIS_HAVE_* bits; a value below is 0 unless its bit is set
 * @csum: RNDIS_RX_CSUM_* (or RNDIS_TX_CSUM_* in a packet from the guest)
 * @lso: RNDIS_LSO_* value, in a packet from the guest
 * @vlan: 802.1Q value, see rndis_vlan_to_tci()
 * @hash: RSS hash of the packet
 * @hash_info: NDIS_HASH_* function and type of @hash
 * @packet_word: what @packet_id and @packet_flags are parts of
 * @value: @csum to @packet_word, in this order
 * @packet_id: which coalesced packet this belongs to
 * @packet_flags: RNDIS_PACKET_ID_* bits
 */
struct rndis_packet_info {
	u32 msg_len;
	u32 data_off;
	u32 data_len;
	u32 have;
	union {
		struct {
			u32 csum;
			u32 lso;
			u32 vlan;
			u32 hash;
			u32 hash_info;
			u32 packet_word;
		};
		u32 value[6];
	};
	u16 packet_id;
	u16 packet_flags;
};

/**
 * struct rndis_completion - reply to INITIALIZE, QUERY, SET or KEEPALIVE
 * @type: RNDIS_MSG_*_CMPLT
 * @request_id: of the request; whether one waits for it is the caller's check
 * @status: RNDIS_STATUS_*
 * @info_off: object of a successful QUERY, from the start of the message
 * @info_len: bytes of it; 0 otherwise
 * @max_packets: messages that may be concatenated, 1 to RNDIS_MAX_PACKETS_CAP
 * @max_xfer_size: bytes that the host takes at once, as it said
 * @alignment_factor: log2 of the alignment, up to RNDIS_ALIGNMENT_FACTOR_CAP
 *
 * The last three are set by a successful INITIALIZE only, else 0.
 */
struct rndis_completion {
	u32 type;
	u32 request_id;
	u32 status;
	u32 info_off;
	u32 info_len;
	u32 max_packets;
	u32 max_xfer_size;
	u32 alignment_factor;
};

/**
 * struct rndis_indication - INDICATE_STATUS
 * @status: RNDIS_STATUS_*
 * @buf_off: status buffer, from the start of the message
 * @buf_len: bytes of it, 0 if there is none
 */
struct rndis_indication {
	u32 status;
	u32 buf_off;
	u32 buf_len;
};

/**
 * struct rndis_tx_info - a PACKET to send
 * @data_len: bytes of the frame, not 0
 * @pad: bytes behind the frame that the message length counts, so that the
 *       next concatenated message is aligned (D.7)
 * @have: RNDIS_HAVE_VLAN, and one of _LSO and _CSUM
 * @vlan: see rndis_vlan_from_tci()
 * @lso: see rndis_lso_value()
 * @csum: RNDIS_TX_CSUM_* bits, and the transport offset shifted to its place
 */
struct rndis_tx_info {
	u32 data_len;
	u32 pad;
	u32 have;
	u32 vlan;
	u32 lso;
	u32 csum;
};

/**
 * rndis_vlan_to_tci - 802.1Q value of RNDIS to a tag's control information
 * @vlan: value of RNDIS_PPI_8021Q, E.4
 *
 * Return: priority in bits 15:13, DEI in 12, VLAN id in 11:0, host byte order.
 */
static inline u16 rndis_vlan_to_tci(u32 vlan)
{
	return (u16)((vlan & RNDIS_8021Q_PRIORITY_MASK) << 13 |
		     (vlan & RNDIS_8021Q_DEI) << 9 |
		     (vlan & RNDIS_8021Q_VLAN_MASK) >> RNDIS_8021Q_VLAN_SHIFT);
}

/**
 * rndis_vlan_from_tci - a tag's control information to RNDIS's 802.1Q value
 * @tci: tag control information, host byte order
 *
 * Return: the value for &rndis_tx_info.vlan, E.4.
 */
static inline u32 rndis_vlan_from_tci(u16 tci)
{
	return (u32)tci >> 13 | (tci & 0x1000u) >> 9 |
	       (tci & 0x0FFFu) << RNDIS_8021Q_VLAN_SHIFT;
}

/**
 * rndis_lso_value - large send value, version 2
 * @mss: TCP payload of a segment in bytes, below 2^20
 * @offset: TCP header from the start of the frame, up to
 *          RNDIS_TRANSPORT_OFFSET_MAX
 * @ipv6: the packet is IPv6
 *
 * Return: the value for &rndis_tx_info.lso, E.4.
 */
static inline u32 rndis_lso_value(u32 mss, u32 offset, bool ipv6)
{
	return (mss & RNDIS_LSO_MSS_MASK) |
	       (offset << RNDIS_LSO_OFFSET_SHIFT & RNDIS_LSO_OFFSET_MASK) |
	       RNDIS_LSO_V2 | (ipv6 ? RNDIS_LSO_IPV6 : 0);
}

const char *rndis_wire_fault_name(enum rndis_wire_fault fault);

enum rndis_wire_fault rndis_wire_type(const void *msg, u32 len, u32 *type,
				      u32 *msg_len);

/**
 * rndis_wire_is_fragment - whether a message is part of a coalesced packet
 * @info: the message, decoded
 *
 * Documentation/protocol.md E.5: not without bit 0, and not if it is first and last.
 */
static inline bool rndis_wire_is_fragment(const struct rndis_packet_info *info)
{
	const u16 ends = RNDIS_PACKET_ID_FIRST | RNDIS_PACKET_ID_LAST;

	return info->have & RNDIS_HAVE_PACKET_ID &&
	       info->packet_flags & RNDIS_PACKET_ID_FRAGMENT &&
	       (info->packet_flags & ends) != ends;
}

enum rndis_wire_fault rndis_wire_packet(const void *msg, u32 len, u32 max_frame,
					struct rndis_packet_info *info);
enum rndis_wire_fault rndis_wire_complete(const void *msg, u32 len,
					  struct rndis_completion *cmplt);
enum rndis_wire_fault rndis_wire_indicate(const void *msg, u32 len,
					  struct rndis_indication *ind);
enum rndis_wire_fault rndis_wire_keepalive(const void *msg, u32 len,
					   u32 *request_id);

int rndis_wire_put_initialize(void *buf, size_t room, u32 request_id,
			      u32 max_xfer_size);
int rndis_wire_put_halt(void *buf, size_t room, u32 request_id);
int rndis_wire_put_query(void *buf, size_t room, u32 request_id, u32 oid,
			 const void *info, size_t info_len);
int rndis_wire_put_set(void *buf, size_t room, u32 request_id, u32 oid,
		       const void *info, size_t info_len);
int rndis_wire_put_keepalive_cmplt(void *buf, size_t room, u32 request_id);

/* What every packet is sent with is written inline */

/* Write one per-packet info at @at; return where the next one goes */
static inline u8 *rndis_wire_put_ppi(u8 *at, u32 type, u32 value)
{
	struct rndis_ppi_u32 *ppi = (void *)at;

	ppi->head.size = cpu_to_le32(sizeof(*ppi));
	ppi->head.type = cpu_to_le32(type);
	ppi->head.offset = cpu_to_le32(sizeof(ppi->head));
	ppi->value = cpu_to_le32(value);
	return at + sizeof(*ppi);
}

/* Bytes of per-packet info that a packet gets */
static inline u32 rndis_wire_ppi_bytes(u32 have)
{
	u32 count = !!(have & RNDIS_HAVE_VLAN) + !!(have & RNDIS_HAVE_LSO) +
		    !!(have & RNDIS_HAVE_CSUM);

	return count * sizeof(struct rndis_ppi_u32);
}

/**
 * rndis_wire_put_packet - write the header of a PACKET
 * @hdr: where it goes, any alignment; written only, never read
 * @room: bytes there; RNDIS_TX_HDR_MAX always suffices
 * @tx: the packet
 *
 * The frame has to follow directly behind the header in the byte stream. A large
 * send implies the checksums, so asking for both is refused (E.4).
 *
 * Return: bytes of the header, -ENOSPC or -EINVAL.
 */
static inline int rndis_wire_put_packet(void *hdr, size_t room,
					const struct rndis_tx_info *tx)
{
	const u32 offloads = RNDIS_HAVE_LSO | RNDIS_HAVE_CSUM;
	const u32 known = offloads | RNDIS_HAVE_VLAN;
	u32 ppi_len = tx->have ? rndis_wire_ppi_bytes(tx->have) : 0;
	u32 hdr_len = sizeof(struct rndis_packet) + ppi_len;
	struct rndis_packet *pkt = hdr;
	u8 *at = (u8 *)(pkt + 1);
	u64 msg_len;

	/* cannot wrap: the sum of three 32-bit values in 64 bits */
	msg_len = (u64)hdr_len + tx->data_len + tx->pad;
	if (!tx->data_len || msg_len > U32_MAX || tx->have & ~known ||
	    (tx->have & offloads) == offloads)
		return -EINVAL;
	if (room < hdr_len)
		return -ENOSPC;

	/* In place, and each field once: this is the header of every packet */
	pkt->hdr.type = cpu_to_le32(RNDIS_MSG_PACKET);
	pkt->hdr.len = cpu_to_le32((u32)msg_len);
	pkt->data_offset = cpu_to_le32(hdr_len - RNDIS_OFFSET_BASE);
	pkt->data_len = cpu_to_le32(tx->data_len);
	pkt->oob_offset = 0;
	pkt->oob_len = 0;
	pkt->oob_elements = 0;
	pkt->ppi_offset = ppi_len ? cpu_to_le32(RNDIS_PACKET_OFFSET_MIN) : 0;
	pkt->ppi_len = cpu_to_le32(ppi_len);
	pkt->vc_handle = 0;
	pkt->rsv = 0;
	if (!ppi_len)
		return hdr_len;

	if (tx->have & RNDIS_HAVE_VLAN)
		at = rndis_wire_put_ppi(at, RNDIS_PPI_8021Q, tx->vlan);
	if (tx->have & RNDIS_HAVE_LSO)
		rndis_wire_put_ppi(at, RNDIS_PPI_LARGE_SEND, tx->lso);
	else if (tx->have & RNDIS_HAVE_CSUM)
		rndis_wire_put_ppi(at, RNDIS_PPI_CHECKSUM, tx->csum);
	return hdr_len;
}

#endif /* _HYPERV_RNDIS_WIRE_H */
