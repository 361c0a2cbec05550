// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: NVSP messages and transfer pages from the host.
 *
 * They lie in memory that the host rewrites (shared.h). A result is what
 * Documentation/protocol.md D says of the bytes when the memory stays, and lies
 * within what the guest has in any case: sections in their buffer, ranges in
 * their packet and their section, table entries among the open channels.
 *
 * Break it: make the product of size and count in nvsp_wire_recv_buf_complete()
 * one of 32 bits, or let nvsp_wire_indirection() fetch the offset again before
 * it fetches the table.
 */
/* Some decoders are inline, and have to read through it as well */
#define SHARED_MEMCPY
#include "shared.h"

#include "fuzz.h"
#include "oracle.h"

#define MSG_MAX		256

/* A message as it came; what did not come is 0 */
struct message {
	u8 bytes[MSG_MAX];
	u32 len;
	struct shared how;
};

static bool is(const struct message *m, u32 type, u32 need)
{
	return m->len >= need && get_le32(m->bytes) == type;
}

static const void *map(const struct message *m)
{
	return shared_map(m->bytes, m->len, m->how);
}

/* A fault when the oracle finds one, and only then, in memory that stays */
static bool fine(const struct message *m, enum nvsp_wire_fault fault,
		 bool lawful, const char *what)
{
	shared_unmap();
	require(m->how.change || !fault == lawful, what);
	return !fault;
}

static bool success(const struct message *m, u32 at)
{
	return get_le32(m->bytes + at) == NVSP_STATUS_SUCCESS;
}

static void judge_statuses(const struct message *m)
{
	enum nvsp_wire_fault fault;
	u32 status, type;

	fault = nvsp_wire_init_complete(map(m), m->len, &status);
	fine(m, fault, is(m, 2, 16) && success(m, 12), "INIT_COMPLETE");
	require(fault || status == NVSP_STATUS_SUCCESS, "success is success");

	fault = nvsp_wire_rndis_complete(map(m), m->len, &status);
	fine(m, fault, is(m, 108, 8) && success(m, 4), "completion of a packet");
	require(fault || status == NVSP_STATUS_SUCCESS, "success is success");

	fault = nvsp_wire_type(map(m), m->len, &type);
	if (fine(m, fault, m->len >= 4, "type") && !m->how.change)
		require(type == get_le32(m->bytes), "a message has its type");
}

static void judge_recv_buf(const struct message *m, u32 buf_len)
{
	u32 size = get_le32(m->bytes + 16), count = get_le32(m->bytes + 20);
	bool lawful = is(m, 102, 28) && success(m, 4) &&
		      get_le32(m->bytes + 8) == 1 && !get_le32(m->bytes + 12) &&
		      size >= 256 && count && (u64)size * count <= buf_len;
	struct nvsp_sections s;
	u32 status;

	if (!fine(m, nvsp_wire_recv_buf_complete(map(m), m->len, buf_len,
						 &status, &s),
		  lawful, "receive buffer"))
		return;
	require(s.size >= 256 && s.count && (u64)s.size * s.count <= buf_len,
		"sub-allocations are inside the receive buffer");
	require(m->how.change || (s.size == size && s.count == count),
		"and those that the host named");
}

static void judge_send_buf(const struct message *m, u32 buf_len)
{
	u32 size = get_le32(m->bytes + 8);
	bool lawful = is(m, 105, 12) && success(m, 4) &&
		      (!size || (size >= 256 && !(size % 8) && size <= buf_len));
	struct nvsp_sections s;
	u32 status;

	if (!fine(m, nvsp_wire_send_buf_complete(map(m), m->len, buf_len,
						 &status, &s),
		  lawful, "send buffer"))
		return;
	require((u64)s.size * s.count <= buf_len && !s.size == !s.count,
		"sections are inside the send buffer");
	require(m->how.change || s.size == size, "and as large as the host said");
}

static void judge_indirection(const struct message *m, u32 version, u32 channels)
{
	u32 off = get_le32(m->bytes + 8), entry, i;
	u8 table[NVSP_INDIRECTION_ENTRIES];
	bool lawful;

	/* D.8: up to version 6, 28 may mean 40 */
	if (version <= NVSP_PROTOCOL_VERSION_6 && off == 28 && m->len >= 104)
		off = 40;
	lawful = is(m, 134, 12) && get_le32(m->bytes + 4) == 16 && off >= 12 &&
		 (u64)off + 64 <= m->len;
	memset(table, 0xA5, sizeof(table));
	if (!fine(m, nvsp_wire_indirection(map(m), m->len, version, channels,
					   table),
		  lawful, "indirection table")) {
		for (i = 0; i < sizeof(table); i++)
			require(table[i] == 0xA5, "with a fault it is unchanged");
		return;
	}
	for (i = 0; i < sizeof(table); i++) {
		require(table[i] < channels, "a table names open channels");
		if (m->how.change)
			continue;
		entry = get_le32(m->bytes + off + 4 * i);
		require(table[i] == (entry < channels ? entry : 0),
			"and those that the host named");
	}
}

static void judge_flags(const struct message *m, u32 asked)
{
	u32 word = get_le32(m->bytes + 4), status, value;
	bool flag;

	if (fine(m, nvsp_wire_rndis_packet(map(m), m->len, &flag),
		 is(m, 107, 16) && word <= 1, "packet from the host"))
		require(m->how.change || flag == word, "its channel type");
	if (fine(m, nvsp_wire_vf_association(map(m), m->len, &flag, &value),
		 is(m, 128, 12) && word <= 1, "VF association"))
		require(m->how.change ||
			(flag == word && value == get_le32(m->bytes + 8)),
			"the VF's number");
	if (fine(m, nvsp_wire_switch_data_path(map(m), m->len, &flag),
		 is(m, 129, 8) && word <= 1, "data path"))
		require(m->how.change || flag == word, "the path");
	if (fine(m, nvsp_wire_subchannel_complete(map(m), m->len, asked, &status,
						  &value),
		 is(m, 133, 12) && success(m, 4), "sub-channels")) {
		word = get_le32(m->bytes + 8);
		require(value <= asked &&
			(m->how.change || value == (word > asked ? asked : word)),
			"no more sub-channels than were asked for");
	}
}

static void judge(const struct message *m, u8 choice)
{
	static const u32 versions[] = {
		NVSP_PROTOCOL_VERSION_61, NVSP_PROTOCOL_VERSION_6,
		NVSP_PROTOCOL_VERSION_5,
	};

	judge_statuses(m);
	judge_recv_buf(m, 65536u << choice % 8);
	judge_send_buf(m, 65536u << choice % 8);
	judge_indirection(m, versions[choice % 3], 1 + choice % 64);
	judge_flags(m, choice % 64);
}

static void read_message(struct input *in)
{
	static const u32 types[] = { 2, 102, 105, 107, 108, 128, 129, 133, 134 };
	struct message m = { 0 };
	u8 change, choice, type;

	m.how.skew = in_u8(in) % 8;
	change = in_u8(in);
	choice = in_u8(in);
	type = in_u8(in);
	m.len = 4 + in_bytes(in, m.bytes + 4, MSG_MAX - 4);
	put_le32(m.bytes, in_bend(in, types[type % ARRAY_LEN(types)]));
	if (type >= 0xF0)
		m.len = type & 15;
	memset(m.bytes + m.len, 0, MSG_MAX - m.len);
	judge(&m, choice);
	m.how.change = change;
	if (change)
		judge(&m, choice);
}

/* --- transfer pages --- */

static void read_xfer_header(struct input *in)
{
	u16 set_id = (u16)in_bend(in, NVSP_RECV_BUF_ID);
	u32 count = in_bend(in, in_u16(in) % 600);
	u32 packet_len = in_bend(in, 24 + 8 * count + 40);
	u32 payload_off = in_bend(in, 24 + 8 * count);
	u32 limit = in_u8(in) & 1 ? NVSP_XFER_RANGES : NVSP_XFER_RANGES_RSC;
	enum nvsp_wire_fault fault, want = NVSP_WIRE_OK;

	if (set_id != 0xCAFE)
		want = NVSP_FAULT_XFER_ID;
	else if (!count || count > limit || payload_off > packet_len ||
		 payload_off < 24 || (payload_off - 24) / 8 < count)
		want = NVSP_FAULT_XFER_COUNT;
	fault = nvsp_wire_xfer_header(set_id, count, limit, payload_off,
				      packet_len);
	require(nvsp_wire_fault_name((enum nvsp_wire_fault)count),
		"any fault has a name");
	require(fault == want, "ranges lie before the payload, it in the packet");
}

static void read_xfer_range(struct input *in)
{
	u32 index = in_u8(in), inside = in_u8(in), off, len;
	struct nvsp_sections s;

	/* the oracle tries each section: that is why they are few */
	s.count = in_u8(in) % 64;
	s.size = in_bend(in, 1728);
	off = in_bend(in, s.size * index + inside);
	len = in_bend(in, in_u16(in));
	require(nvsp_wire_xfer_range(off, len, &s) ==
		oracle_xfer_range(off, len, &s), "a range is in one section");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { .at = data, .left = size };

	switch (in_u8(&in) % 4) {
	case 0:
	case 1:
		read_message(&in);
		break;
	case 2:
		read_xfer_header(&in);
		break;
	case 3:
		read_xfer_range(&in);
		break;
	}
	return 0;
}
