// SPDX-License-Identifier: GPL-2.0
/* See wild_nic.h: frames, with what the guest leaves to the card. */
#include "wild_nic.h"

#include <string.h>

#include "../../../rndis_wire.h"
#include "frames.h"

#define STREAM_MAX	(WILD_STREAM_PAGES * HV_PAGE_SIZE)
#define FRAME_ROOM	70000u

/**
 * struct kind - frames that can be made
 * @l4: transport header; @field: its checksum; @addrs: @addr_len bytes
 */
struct kind {
	u32 (*make)(u8 *out, u32 len);
	u32 addrs, addr_len, l4, field;
	u8 proto;
	u32 csum;
};

static const struct kind kinds[] = {
	{ f_udp4, 26, 8, 34, 40, 17, RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_UDP },
	{ f_tcp4, 26, 8, 34, 50, 6, RNDIS_TX_CSUM_IPV4 | RNDIS_TX_CSUM_TCP },
	{ f_tcp6, 22, 32, 54, 70, 6, RNDIS_TX_CSUM_IPV6 | RNDIS_TX_CSUM_TCP },
};

/* What the host has switched on for frames of a kind */
static bool may_csum(const struct kind *kind)
{
	const struct nic_offloads *o = &w.nic->conn.offloads;
	u8 now = kind == kinds ? o->udp4 : kind == kinds + 1 ? o->tcp4 : o->tcp6;

	return now == NDIS_OFFLOAD_PARAM_CSUM_TX ||
	       now == NDIS_OFFLOAD_PARAM_CSUM_BOTH;
}

static bool may_lso(const struct kind *kind)
{
	const struct nic_offloads *o = &w.nic->conn.offloads;

	return kind->proto == 6 && (kind->addr_len == 8 ? o->lso4 : o->lso6);
}

/* The pseudo-header's sum with length @len in the checksum field */
static void put_pseudo(u8 *frame, const struct kind *kind, u32 len)
{
	u32 sum = kind->proto + len, i;

	for (i = 0; i < kind->addr_len; i += 2)
		sum += get_be16(frame + kind->addrs + i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put_be16(frame + kind->field, (u16)sum);
}

/* A frame of the size that it may have, and what is asked for it in @tx */
static void make_frame(struct input *in, u8 *frame, struct rndis_tx_info *tx)
{
	const struct kind *kind = &kinds[in_u8(in) % ARRAY_LEN(kinds)];
	u8 ask = in_u8(in);
	u32 mss = 64 + in_u16(in) % 1300, payload = in_u16(in);
	bool dares = ask & 0x10;	/* what is not switched on, too */
	bool lso = ask & 1 && (dares || may_lso(kind));

	if (dares)
		wild_broke();
	if (!dares)
		payload %= lso ? NIC_LSO_MAX - 100 : ask & 0x20 ? 9000 : 1400;
	if (!dares && lso && payload <= mss)
		payload = mss + 1;
	tx->data_len = kind->make(frame, payload);
	if (!lso && tx->data_len > w.nic->conn.frame_mtu)
		wild_broke();
	if (lso) {
		put_be16(frame + (kind->addr_len == 8 ? 16 : 18), 0);
		put_pseudo(frame, kind, 0);
		tx->have |= RNDIS_HAVE_LSO;
		tx->lso = rndis_lso_value(mss, kind->l4, kind->addr_len != 8);
	} else if (ask & 2 && (dares || may_csum(kind))) {
		put_pseudo(frame, kind, tx->data_len - kind->l4);
		tx->have |= RNDIS_HAVE_CSUM;
		tx->csum = kind->csum | kind->l4 << RNDIS_TX_CSUM_OFFSET_SHIFT;
	}
	if (ask & 4 && (dares || w.nic->conn.caps & NVSP_CAP_8021Q)) {
		tx->have |= RNDIS_HAVE_VLAN;
		tx->vlan = rndis_vlan_from_tci(in_u16(in));
	}
	if (ask & 0x40 && (dares || !tx->have)) {
		memmove(frame + 16, frame + 12, tx->data_len - 12);
		put_be16(frame + 12, NETPKT_ETH_8021Q);
		tx->data_len += NETPKT_VLAN_HLEN;
	}
}

/* A message at @at, padded if another one follows. Return: its bytes */
static u32 put_message(struct input *in, u8 *at, bool last)
{
	static u8 frame[FRAME_ROOM];
	struct rndis_tx_info tx = { 0 };
	int hdr;

	make_frame(in, frame, &tx);
	hdr = rndis_wire_put_packet(at, RNDIS_TX_HDR_MAX, &tx);
	if (!last) {
		tx.pad = -((u32)hdr + tx.data_len) & (BIT(w.nic->cfg.align) - 1);
		hdr = rndis_wire_put_packet(at, RNDIS_TX_HDR_MAX, &tx);
	}
	require(hdr > 0, "the driver can say it");
	memcpy(at + hdr, frame, tx.data_len);
	memset(at + hdr + tx.data_len, 0, tx.pad);
	/* Headers, and sometimes what is in the frame's */
	wild_bend(in, at, (u32)hdr);
	wild_bend(in, at + hdr, tx.data_len < 80 ? tx.data_len : 80);
	return (u32)hdr + tx.data_len + tx.pad;
}

/* Where a lawful stream goes: the section holds a part, its headers lie in one piece */
static void place(struct input *in, u32 len, u32 *section, u32 *first)
{
	const struct nic_send_buf *tx = &w.nic->conn.tx;
	u8 how = in_u8(in);

	*section = tx->count ? in_u8(in) % tx->count : in_u8(in);
	*first = 0;
	if (how < 0x60 || !tx->count)
		return;
	if (len <= tx->size)
		*first = len;
	else if (tx->size >= RNDIS_TX_HDR_MAX)
		*first = RNDIS_TX_HDR_MAX;
}

void wild_send(struct input *in, const u32 *peer_frames)
{
	static u8 stream[STREAM_MAX];
	u8 how = in_u8(in);
	unsigned int index = how & 0x80 ? in_u8(in) % WILD_CHANNELS : 0;
	u32 count = in_bend(in, 1 + (how & 3)), len = 0, before = *peer_frames;
	u32 channel_type = in_bend(in, NVSP_RNDIS_DATA);
	u16 flags = how & 0x40 ? 0 : VM_PKT_FLAG_COMPLETION;
	u32 section, first, split, i;
	u64 id;

	if (count > 10)
		count = 10;
	for (i = 0; i < count && len + FRAME_ROOM < sizeof(stream); i++)
		len += put_message(in, stream + len, i + 1 == count);
	count = i;
	i = in_bend(in, len);
	len = i && i < sizeof(stream) ? i : len;
	place(in, len, &section, &first);
	section = in_bend(in, section);
	split = in_bend(in, 0);
	/* Headers of later messages must lie in the first piece, too (D.7) */
	if (in->bent || !flags || (first && first < len && count > 1) ||
	    w.nic->conn.rndis != RNDIS_PHASE_READY)
		wild_broke();
	id = wild_stream(index, flags, channel_type, stream, len, section, first,
			 split);
	wild_signal(index);
	if (!id)
		return;
	require(*peer_frames - before <= w.nic->cfg.batch,
		"a packet is no more than its frames");
	if (!w.lawful || !w.reads || !w.nic->link_up)
		return;
	require(w.reply_id == id && *peer_frames - before == count &&
		le32_to_cpu(w.reply.rndis_packet_complete.status) ==
			NVSP_STATUS_SUCCESS, "what is lawful arrives");
}
