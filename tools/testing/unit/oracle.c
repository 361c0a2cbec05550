// SPDX-License-Identifier: GPL-2.0
/* A second opinion on received messages. See oracle.h. */
#include "oracle.h"

static u32 get32(const u8 *at)
{
	u32 value = 0;
	int i;

	for (i = 3; i >= 0; i--)
		value = value * 256 + at[i];
	return value;
}

/* Is each of @len bytes from message byte 8 + @off on one of @from .. @to - 1? */
static bool all_between(u32 off, u32 len, u32 from, u32 to)
{
	unsigned long long at = 8ULL + off;

	if (at < from)
		return false;
	if (!len)
		return at <= to;
	for (; len; len--, at++)
		if (at >= to)
			return false;
	return true;
}

/* Where entry @n of a list that starts at @at begins; earlier ones are sound */
static u32 entry_at(const u8 *msg, u32 at, int n)
{
	while (n--)
		at += get32(msg + at);
	return at;
}

static bool seen_before(const u8 *msg, u32 first, int n, u32 type)
{
	int i;

	for (i = 0; i < n; i++)
		if (get32(msg + entry_at(msg, first, i) + 4) == type)
			return true;
	return false;
}

static u32 *place_for(u32 type, struct rndis_packet_info *info, u32 *have)
{
	switch (type) {
	case 0:
		*have = 1;
		return &info->csum;
	case 2:
		*have = 2;
		return &info->lso;
	case 6:
		*have = 4;
		return &info->vlan;
	case 8:
		*have = 8;
		return &info->hash;
	case 9:
		*have = 16;
		return &info->hash_info;
	case 0x80000001:
		*have = 32;
		return &info->packet_word;
	}
	return NULL;
}

static enum rndis_wire_fault one_entry(const u8 *msg, u32 first, int n, u32 size,
				       struct rndis_packet_info *info)
{
	u32 at = entry_at(msg, first, n);
	u32 type = get32(msg + at + 4);
	u32 off = get32(msg + at + 8);
	u32 have, *place = place_for(type, info, &have);

	if (!place || seen_before(msg, first, n, type))
		return RNDIS_WIRE_OK;
	if (off < 12 || (unsigned long long)off + 4 > size)
		return RNDIS_FAULT_PPI_VALUE;
	*place = get32(msg + at + off);
	info->have += have;
	if (have == 32) {
		info->packet_flags = msg[at + off + 1];
		info->packet_id = msg[at + off + 2] + 256 * msg[at + off + 3];
	}
	return RNDIS_WIRE_OK;
}

static enum rndis_wire_fault all_entries(const u8 *msg, u32 first, u32 end,
					 struct rndis_packet_info *info)
{
	enum rndis_wire_fault fault;
	int n;

	for (n = 0; entry_at(msg, first, n) != end; n++) {
		u32 left = end - entry_at(msg, first, n);
		u32 size;

		if (n == 32)
			return RNDIS_FAULT_PPI_COUNT;
		if (left < 12)
			return RNDIS_FAULT_PPI_SIZE;
		size = get32(msg + entry_at(msg, first, n));
		if (size < 12 || size > left || size & 3)
			return RNDIS_FAULT_PPI_SIZE;
		fault = one_entry(msg, first, n, size, info);
		if (fault)
			return fault;
	}
	return RNDIS_WIRE_OK;
}

enum rndis_wire_fault oracle_packet(const u8 *msg, u32 len, u32 max_frame,
				    struct rndis_packet_info *info)
{
	u32 msg_len, ppi_off, ppi_len;
	bool continues = false;

	memset(info, 0, sizeof(*info));
	if (len < 44)
		return RNDIS_FAULT_SHORT;
	if (get32(msg) != 1)
		return RNDIS_FAULT_TYPE;
	msg_len = get32(msg + 4);
	if (msg_len > len || msg_len < 44)
		return RNDIS_FAULT_MSG_LEN;
	info->msg_len = msg_len;

	if (!all_between(get32(msg + 8), get32(msg + 12), 44, msg_len))
		return RNDIS_FAULT_DATA;
	if (get32(msg + 20) &&
	    !all_between(get32(msg + 16), get32(msg + 20), 44, msg_len))
		return RNDIS_FAULT_OOB;
	info->data_off = get32(msg + 8) + 8;
	info->data_len = get32(msg + 12);

	ppi_off = get32(msg + 28);
	ppi_len = get32(msg + 32);
	if (ppi_len) {
		enum rndis_wire_fault fault;

		if (ppi_off & 3 ||
		    !all_between(ppi_off, ppi_len, 44, info->data_off))
			return RNDIS_FAULT_PPI_REGION;
		fault = all_entries(msg, ppi_off + 8, ppi_off + 8 + ppi_len,
				    info);
		if (fault)
			return fault;
	}

	if (info->have & 32 && info->packet_flags & 1 &&
	    (info->packet_flags & 6) != 6) {
		max_frame = 14 + 65535;
		continues = !(info->packet_flags & 2);
	}
	if (info->data_len > max_frame || !info->data_len ||
	    (!continues && info->data_len < 14))
		return RNDIS_FAULT_FRAME_LEN;
	return RNDIS_WIRE_OK;
}

static u32 clamp32(u32 value, u32 low, u32 high)
{
	return value < low ? low : value > high ? high : value;
}

enum rndis_wire_fault oracle_complete(const u8 *msg, u32 len,
				      struct rndis_completion *cmplt)
{
	u32 type, need = 16;

	memset(cmplt, 0, sizeof(*cmplt));
	if (len < 16)
		return RNDIS_FAULT_SHORT;
	type = get32(msg);
	cmplt->type = type;
	cmplt->request_id = get32(msg + 8);
	cmplt->status = get32(msg + 12);
	if (type != 0x80000002 && type != 0x80000004 && type != 0x80000005 &&
	    type != 0x80000008)
		return RNDIS_FAULT_TYPE;
	if (!cmplt->status && type == 0x80000002)
		need = 52;
	if (!cmplt->status && type == 0x80000004)
		need = 24;
	if (get32(msg + 4) < need || get32(msg + 4) > len)
		return RNDIS_FAULT_MSG_LEN;

	if (need == 52) {
		cmplt->max_packets = clamp32(get32(msg + 32), 1, 64);
		cmplt->max_xfer_size = get32(msg + 36);
		cmplt->alignment_factor = clamp32(get32(msg + 40), 0, 7);
	}
	if (need == 24 && get32(msg + 16)) {
		if (!all_between(get32(msg + 20), get32(msg + 16), 24,
				 get32(msg + 4)))
			return RNDIS_FAULT_INFO;
		cmplt->info_off = get32(msg + 20) + 8;
		cmplt->info_len = get32(msg + 16);
	}
	return RNDIS_WIRE_OK;
}

enum rndis_wire_fault oracle_indicate(const u8 *msg, u32 len,
				      struct rndis_indication *ind)
{
	memset(ind, 0, sizeof(*ind));
	if (len < 20)
		return RNDIS_FAULT_SHORT;
	if (get32(msg) != 7)
		return RNDIS_FAULT_TYPE;
	if (get32(msg + 4) < 20 || get32(msg + 4) > len)
		return RNDIS_FAULT_MSG_LEN;
	ind->status = get32(msg + 8);
	ind->buf_len = get32(msg + 12);
	if (ind->buf_len) {
		if (!all_between(get32(msg + 16), ind->buf_len, 20, len))
			return RNDIS_FAULT_INFO;
		ind->buf_off = get32(msg + 16) + 8;
	}
	return RNDIS_WIRE_OK;
}

/* Look for a sub-allocation that holds the range, trying each of them */
enum nvsp_wire_fault oracle_xfer_range(u32 off, u32 len,
				       const struct nvsp_sections *sections)
{
	unsigned long long start = 0;
	u32 i;

	for (i = 0; i < sections->count && len >= 8; i++) {
		if (off >= start && (unsigned long long)off + len <=
				    start + sections->size)
			return NVSP_WIRE_OK;
		start += sections->size;
	}
	return NVSP_FAULT_XFER_RANGE;
}

/* Untagged TCP over IPv4 or IPv6, all of its headers within @len bytes */
bool oracle_tcp_headers(const u8 *frame, u32 len, struct rsc_headers *hdrs)
{
	u32 ihl;

	memset(hdrs, 0, sizeof(*hdrs));
	if (len >= 34 && frame[12] == 8 && frame[13] == 0 &&
	    frame[14] >= 0x45 && frame[14] <= 0x4F) {
		ihl = (frame[14] - 0x40u) * 4;
		/* more fragments, or one of the 13 bits of offset */
		if (frame[20] & 0x3F || frame[21] || frame[23] != 6)
			return false;
		hdrs->ip_len = frame[16] * 256u + frame[17];
	} else if (len >= 54 && frame[12] == 0x86 && frame[13] == 0xDD &&
		   (frame[14] & 0xF0) == 0x60 && frame[20] == 6) {
		hdrs->ipv6 = true;
		hdrs->ip_len = 40 + frame[18] * 256u + frame[19];
		ihl = 40;
	} else {
		return false;
	}
	hdrs->tcp = 14 + ihl;
	if (hdrs->tcp + 20 > len)
		return false;
	hdrs->len = hdrs->tcp + frame[hdrs->tcp + 12] / 16 * 4u;
	if (hdrs->len < hdrs->tcp + 20 || hdrs->len > len)
		return false;
	hdrs->merges = !(frame[hdrs->tcp + 13] & (0x20 | 0x04 | 0x02));
	return true;
}

/* All words of a good header, its checksum included, add up to 0 modulo 65535 */
bool oracle_ipv4_csum_ok(const u8 *ip)
{
	u32 sum = 0, i;

	for (i = 0; i < (ip[0] & 15u) * 4; i++)
		sum += i % 2 ? ip[i] : ip[i] * 256u;
	return sum % 65535 == 0;
}
