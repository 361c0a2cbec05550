// SPDX-License-Identifier: GPL-2.0
/*
 * RNDIS PACKET messages of the guest, checked field by field
 * (Documentation/protocol.md E.2, E.4, I.2 rule 12).
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

#define MSG_NAME	"RNDIS PACKET"
#define FIXED_LEN	((u32)sizeof(struct rndis_packet))

/* A copy of the fixed part in this machine's byte order */
struct fixed {
	u32 data_off;		/* from the message start */
	u32 data_len;
	u32 ppi_off;
	u32 ppi_len;
};

static int check_zero(struct nic_queue *q, const struct rndis_packet *pkt)
{
	if (pkt->oob_offset || pkt->oob_len || pkt->oob_elements) {
		nic_violation(q, "rndis.oob", MSG_NAME, "E.2",
			      "OOB offset, length, elements: wanted 0, came %u, %u, %u",
			      le32_to_cpu(pkt->oob_offset),
			      le32_to_cpu(pkt->oob_len),
			      le32_to_cpu(pkt->oob_elements));
		return -EINVAL;
	}
	if (pkt->vc_handle) {
		nic_violation(q, "rndis.vc-handle", MSG_NAME, "E.2",
			      "VC handle: wanted 0, came 0x%x", le32_to_cpu(pkt->vc_handle));
		return -EINVAL;
	}
	if (pkt->rsv)
		nic_violation(q, "rndis.reserved", MSG_NAME, "E.2",
			      "reserved: wanted 0, came 0x%x", le32_to_cpu(pkt->rsv));
	return 0;
}

static int check_data(struct nic_queue *q, const struct rndis_packet *pkt,
		      u32 len, struct fixed *f)
{
	u64 off = (u64)le32_to_cpu(pkt->data_offset) + RNDIS_OFFSET_BASE;
	u32 data_len = le32_to_cpu(pkt->data_len);

	if (off < FIXED_LEN || off > len) {
		nic_violation(q, "rndis.data-offset", MSG_NAME, "E.2",
			      "data offset: wanted 36..%u, came %u", len - RNDIS_OFFSET_BASE,
			      le32_to_cpu(pkt->data_offset));
		return -EINVAL;
	}
	/* no overflow: off is at most len here */
	if (data_len < NETPKT_ETH_HLEN || data_len > len - off) {
		nic_violation(q, "rndis.data-length", MSG_NAME, "E.2",
			      "data length: wanted 14..%u, came %u", (u32)(len - off), data_len);
		return -EINVAL;
	}
	f->data_off = (u32)off;
	f->data_len = data_len;
	return 0;
}

static int check_ppi_area(struct nic_queue *q, const struct rndis_packet *pkt,
			  u32 first, struct fixed *f)
{
	u32 raw = le32_to_cpu(pkt->ppi_offset);
	u32 ppi_len = le32_to_cpu(pkt->ppi_len);
	u64 off = (u64)raw + RNDIS_OFFSET_BASE;
	u32 header_end = FIXED_LEN;

	f->ppi_off = 0;
	f->ppi_len = ppi_len;
	if (!ppi_len && raw) {
		nic_violation(q, "rndis.ppi-offset", MSG_NAME, "E.2",
			      "per-packet-info offset: wanted 0 when there is none, came %u", raw);
	} else if (ppi_len) {
		if (off < FIXED_LEN || off % 4 || ppi_len % 4 ||
		    off + ppi_len > f->data_off) {
			nic_violation(q, "rndis.ppi-offset", MSG_NAME, "E.2",
				      "per-packet info: wanted multiples of 4 between 36 and the data at %u, came offset %u, length %u",
				      f->data_off - RNDIS_OFFSET_BASE, raw,
				      ppi_len);
			return -EINVAL;
		}
		f->ppi_off = (u32)off;
		header_end = (u32)off + ppi_len;
	}
	if (header_end > first) {
		nic_violation(q, "rndis.split-header", MSG_NAME, "D.7",
			      "header and per-packet info: wanted in the first range, of which %u bytes are left here; came %u bytes",
			      first, header_end);
		return -EINVAL;
	}
	return 0;
}

/* Where the value of a PPI type goes; NULL for types that are skipped */
static u32 *ppi_slot(struct rndis_tx *tx, u32 type, bool **has)
{
	switch (type) {
	case RNDIS_PPI_CHECKSUM:
		*has = &tx->has_csum;
		return &tx->csum;
	case RNDIS_PPI_LARGE_SEND:
		*has = &tx->has_lso;
		return &tx->lso;
	case RNDIS_PPI_8021Q:
		*has = &tx->has_vlan;
		return &tx->vlan;
	case RNDIS_PPI_HASH_VALUE:
		*has = &tx->has_hash;
		return &tx->hash;
	}
	return NULL;
}

static int take_ppi(struct nic_queue *q, const u8 *at, u32 left, u32 *size,
		    struct rndis_tx *tx)
{
	struct rndis_ppi ppi;
	__le32 value;
	u32 off, type;
	bool *has;
	u32 *slot;

	if (left < sizeof(ppi))
		goto bad_size;
	memcpy(&ppi, at, sizeof(ppi));
	*size = le32_to_cpu(ppi.size);
	type = le32_to_cpu(ppi.type);
	off = le32_to_cpu(ppi.offset);
	if (*size < sizeof(ppi) || *size % 4 || *size > left)
		goto bad_size;
	slot = ppi_slot(tx, type, &has);
	if (!slot)
		return 0;
	/* no overflow: off is at most *size in the second part */
	if (off < sizeof(ppi) || off > *size || *size - off < sizeof(value)) {
		nic_violation(q, "rndis.ppi-value", MSG_NAME, "E.4",
			      "per-packet info type %u: wanted 4 bytes of value behind 12 of header in %u, came offset %u",
			      type, *size, off);
		return -EINVAL;
	}
	if (*has) {
		nic_violation(q, "rndis.ppi-twice", MSG_NAME, "E.4",
			      "per-packet info type %u: wanted once, came again", type);
		return 0;
	}
	memcpy(&value, at + off, sizeof(value));
	*slot = le32_to_cpu(value);
	*has = true;
	return 0;

bad_size:
	nic_violation(q, "rndis.ppi-size", MSG_NAME, "E.4",
		      "per-packet info size: wanted a multiple of 4 from 12 to the %u bytes left, came %u",
		      left, left < sizeof(ppi) ? left : *size);
	return -EINVAL;
}

static int take_ppis(struct nic_queue *q, const u8 *msg, const struct fixed *f,
		     struct rndis_tx *tx)
{
	u32 at = 0, size = 0;
	int ret;

	while (at < f->ppi_len) {
		ret = take_ppi(q, msg + f->ppi_off + at, f->ppi_len - at, &size,
			       tx);
		if (ret)
			return ret;
		at += size;
	}
	return 0;
}

static int check_frame(struct nic_queue *q, const struct rndis_tx *tx)
{
	const struct nic_conn *conn = &q->nic->conn;
	bool tagged = get_be16(tx->frame + 12) == NETPKT_ETH_8021Q;
	u32 max = conn->frame_mtu + (tagged ? NETPKT_VLAN_HLEN : 0);

	if (!tx->has_lso && tx->len > max) {
		nic_violation(q, "rndis.frame-size", MSG_NAME, "E.2",
			      "data length: wanted at most %u (frame MTU), came %u", max, tx->len);
		return -EINVAL;
	}
	if (!tx->has_vlan)
		return 0;
	if (tagged) {
		nic_violation(q, "rndis.vlan-twice", MSG_NAME, "E.4",
			      "wanted no tag in the frame beside 802.1Q per-packet info, came both");
		return -EINVAL;
	}
	if (!(conn->caps & NVSP_CAP_8021Q))
		nic_violation(q, "rndis.vlan-capability", MSG_NAME, "E.4",
			      "802.1Q per-packet info: wanted capability bit 3 in SEND_NDIS_CONFIG first");
	if (tx->vlan & ~0xffffu)
		nic_violation(q, "rndis.vlan-value", MSG_NAME, "E.4",
			      "802.1Q value: wanted 16 bits, came 0x%x", tx->vlan);
	return 0;
}

int rndis_pkt_parse(struct nic_queue *q, u8 *msg, u32 len, u32 first,
		    struct rndis_tx *tx)
{
	struct rndis_packet pkt;
	struct fixed f;
	int ret;

	memset(tx, 0, sizeof(*tx));
	if (len < FIXED_LEN)
		return -EINVAL;
	memcpy(&pkt, msg, sizeof(pkt));
	ret = check_zero(q, &pkt);
	if (!ret)
		ret = check_data(q, &pkt, len, &f);
	if (!ret)
		ret = check_ppi_area(q, &pkt, first, &f);
	if (!ret)
		ret = take_ppis(q, msg, &f, tx);
	if (ret)
		return ret;
	tx->frame = msg + f.data_off;
	tx->len = f.data_len;
	return check_frame(q, tx);
}
