// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: RNDIS messages, read and written.
 *
 * What is read lies in memory that the host rewrites (shared.h). A result must be
 * the oracle's when the memory stays, and sound in any case: every offset that
 * comes out is within what went in. What is written is read back.
 *
 * Break it: drop the (u64) in ends_within() of rndis_wire.c, or let walk_ppi()
 * fetch the entry's header again before it moves on by the size.
 */
#include "fuzz.h"
#include "oracle.h"
#include "shared.h"

#define MAX_FRAME	1518
#define MSG_MAX		4096

static const u32 ppi_types[] = {
	RNDIS_PPI_CHECKSUM, RNDIS_PPI_IPSEC, RNDIS_PPI_LARGE_SEND,
	RNDIS_PPI_8021Q, RNDIS_PPI_HASH_VALUE, RNDIS_PPI_HASH_INFO,
	RNDIS_PPI_PACKET_ID, RNDIS_PPI_CLASSIFICATION,
};

static const u32 control_types[] = {
	RNDIS_MSG_INITIALIZE_CMPLT, RNDIS_MSG_QUERY_CMPLT, RNDIS_MSG_SET_CMPLT,
	RNDIS_MSG_KEEPALIVE_CMPLT, RNDIS_MSG_INDICATE_STATUS,
	RNDIS_MSG_KEEPALIVE, RNDIS_MSG_RESET_CMPLT, RNDIS_MSG_PACKET,
};

/* --- reading --- */

static void packet_is_sound(const struct rndis_packet_info *info, u32 len)
{
	u32 most = rndis_wire_is_fragment(info) ? 14 + 65535 : MAX_FRAME;

	require(info->msg_len <= len && info->data_len <= most &&
		info->data_len && (u64)info->data_off + info->data_len <=
		info->msg_len && info->data_off >= sizeof(struct rndis_packet),
		"the frame is inside the message, behind its header");
	require(info->have < BIT(6) &&
		(info->have & RNDIS_HAVE_CSUM || !info->csum) &&
		(info->have & RNDIS_HAVE_LSO || !info->lso) &&
		(info->have & RNDIS_HAVE_VLAN || !info->vlan) &&
		(info->have & RNDIS_HAVE_HASH || !info->hash) &&
		(info->have & RNDIS_HAVE_HASH_INFO || !info->hash_info) &&
		(info->have & RNDIS_HAVE_PACKET_ID ||
		 (!info->packet_id && !info->packet_flags)),
		"no value without its bit");
}

/* What can be written is written and read back */
static void packet_comes_back(const struct rndis_packet_info *info)
{
	const u32 both = RNDIS_HAVE_LSO | RNDIS_HAVE_CSUM;
	struct rndis_tx_info tx = {
		.data_len = info->data_len, .have = info->have,
		.vlan = info->vlan, .lso = info->lso, .csum = info->csum,
	};
	struct rndis_packet_info again;
	u8 msg[RNDIS_TX_HDR_MAX + MAX_FRAME] = { 0 };
	int hdr;

	hdr = rndis_wire_put_packet(msg, sizeof(msg), &tx);
	if (info->have & ~(both | RNDIS_HAVE_VLAN) ||
	    (info->have & both) == both) {
		require(hdr == -EINVAL, "what cannot be said is refused");
		return;
	}
	require(hdr > 0 && hdr <= (int)RNDIS_TX_HDR_MAX, "a header fits its room");
	if (info->data_len < RNDIS_FRAME_MIN)
		return;
	require(!rndis_wire_packet(msg, (u32)hdr + info->data_len, MAX_FRAME,
				   &again), "what is written can be read");
	require((int)again.data_off == hdr && again.have == info->have &&
		again.data_len == info->data_len && again.csum == info->csum &&
		again.lso == info->lso && again.vlan == info->vlan,
		"and says the same");
}

static void judge_packet(const u8 *msg, u32 len, struct shared how)
{
	struct rndis_packet_info ours, theirs;
	enum rndis_wire_fault fault;

	fault = rndis_wire_packet(shared_map(msg, len, how), len, MAX_FRAME,
				  &ours);
	shared_unmap();
	if (!fault)
		packet_is_sound(&ours, len);
	if (how.change)
		return;
	require(fault == oracle_packet(msg, len, MAX_FRAME, &theirs),
		"the oracle finds the same fault in a packet");
	if (fault)
		return;
	require(!memcmp(&ours, &theirs, sizeof(ours)),
		"the oracle reads the same packet");
	packet_comes_back(&ours);
}

static void judge_completion(const u8 *msg, u32 len, struct shared how)
{
	struct rndis_completion ours, theirs;
	enum rndis_wire_fault fault;

	fault = rndis_wire_complete(shared_map(msg, len, how), len, &ours);
	shared_unmap();
	require(fault || ((u64)ours.info_off + ours.info_len <= len &&
			  ours.max_packets <= RNDIS_MAX_PACKETS_CAP &&
			  ours.alignment_factor <= RNDIS_ALIGNMENT_FACTOR_CAP),
		"a completion's object is inside it, its numbers within limits");
	if (how.change)
		return;
	require(fault == oracle_complete(msg, len, &theirs),
		"the oracle finds the same fault in a completion");
	require(fault || !memcmp(&ours, &theirs, sizeof(ours)),
		"the oracle reads the same completion");
}

static void judge_indication(const u8 *msg, u32 len, struct shared how)
{
	struct rndis_indication ours, theirs;
	enum rndis_wire_fault fault;

	fault = rndis_wire_indicate(shared_map(msg, len, how), len, &ours);
	shared_unmap();
	require(fault || (u64)ours.buf_off + ours.buf_len <= len,
		"a status buffer is inside its message");
	if (how.change)
		return;
	require(fault == oracle_indicate(msg, len, &theirs),
		"the oracle finds the same fault in an indication");
	require(fault || !memcmp(&ours, &theirs, sizeof(ours)),
		"the oracle reads the same indication");
}

static void judge_control(const u8 *msg, u32 len, struct shared how)
{
	enum rndis_wire_fault fault;
	u32 type, msg_len, id;

	judge_completion(msg, len, how);
	judge_indication(msg, len, how);

	fault = rndis_wire_type(shared_map(msg, len, how), len, &type, &msg_len);
	shared_unmap();
	require(fault || (msg_len >= 8 && msg_len <= len),
		"a message is inside what came");
	require(fault || how.change || type == get_le32(msg), "it has its type");

	fault = rndis_wire_keepalive(shared_map(msg, len, how), len, &id);
	shared_unmap();
	require(fault || how.change ||
		(get_le32(msg) == 8 && id == get_le32(msg + 8)),
		"a KEEPALIVE has its id");
}

static void judge(const u8 *msg, u32 len, struct shared how)
{
	judge_packet(msg, len, how);
	judge_control(msg, len, how);
}

/* Once in memory that stays, once in memory that does not */
static void judge_both(const u8 *msg, u32 len, u8 skew, u8 change)
{
	judge(msg, len, (struct shared){ .skew = skew % 8 });
	if (change)
		judge(msg, len, (struct shared){ skew % 8, change });
}

/* --- what is read --- */

static u32 put_ppi(struct input *in, u8 *at)
{
	u8 type = in_u8(in);
	u32 size = in_bend(in, 16);

	put_le32(at, size);
	put_le32(at + 4, type < 0x80 ? ppi_types[type % ARRAY_LEN(ppi_types)] :
				       in_u32(in));
	put_le32(at + 8, in_bend(in, 12));
	in_bytes(in, at + 12, 4);
	return size >= 12 && size <= 32 ? size & ~3u : 16;
}

static void build_packet(struct input *in, u8 skew, u8 change)
{
	u32 count = in_u8(in) % 36, data_len = in_u16(in) % 1700, at = 44, i;
	u8 msg[MSG_MAX] = { 0 };

	for (i = 0; i < count; i++)
		at += put_ppi(in, msg + at);
	put_le32(msg, in_bend(in, RNDIS_MSG_PACKET));
	put_le32(msg + 8, in_bend(in, at - 8));
	put_le32(msg + 12, in_bend(in, data_len));
	put_le32(msg + 28, in_bend(in, 36));
	put_le32(msg + 32, in_bend(in, at - 44));
	put_le32(msg + 16, in_bend(in, 0));
	put_le32(msg + 20, in_bend(in, 0));
	at += data_len;
	put_le32(msg + 4, in_bend(in, at));
	judge_both(msg, at, skew, change);
}

static void build_control(struct input *in, u8 skew, u8 change)
{
	u8 msg[MSG_MAX] = { 0 };
	u32 len;

	put_le32(msg, control_types[in_u8(in) % ARRAY_LEN(control_types)]);
	len = 8 + in_u8(in);
	put_le32(msg + 4, in_bend(in, len));
	in_bytes(in, msg + 8, len - 8);
	judge_both(msg, len, skew, change);
}

static void raw_message(struct input *in, u8 skew, u8 change)
{
	u8 msg[MSG_MAX];
	u32 len = in_bytes(in, msg, sizeof(msg));

	judge_both(msg, len, skew, change);
}

/* --- writing --- */

/* Room that ends where its allocation ends, full of a pattern */
static u8 *room_of(u32 room)
{
	u8 *buf = malloc(room + !room);

	require(buf, "memory");
	memset(buf, 0xA5, room + !room);
	return buf;
}

static void require_untouched(const u8 *buf, u32 room)
{
	u32 i;

	for (i = 0; i < room; i++)
		require(buf[i] == 0xA5, "with a fault nothing is written");
}

static void write_packet(struct input *in)
{
	const u32 both = RNDIS_HAVE_LSO | RNDIS_HAVE_CSUM;
	u32 room = in_bend(in, RNDIS_TX_HDR_MAX) % 256, need = 44;
	struct rndis_tx_info tx;
	u8 *buf = room_of(room);
	bool lawful;
	int ret;

	tx.have = in_u8(in);
	tx.data_len = in_bend(in, 60);
	tx.pad = in_bend(in, 0);
	tx.vlan = in_u32(in);
	tx.lso = in_u32(in);
	tx.csum = in_u32(in);
	need += 16 * (!!(tx.have & RNDIS_HAVE_VLAN) +
		      !!(tx.have & RNDIS_HAVE_LSO) + !!(tx.have & RNDIS_HAVE_CSUM));
	lawful = tx.data_len && (tx.have & both) != both &&
		 !(tx.have & ~(both | RNDIS_HAVE_VLAN)) &&
		 (u64)need + tx.data_len + tx.pad <= U32_MAX;

	ret = rndis_wire_put_packet(buf, room, &tx);
	if (!lawful || room < need) {
		require(ret == (lawful ? -ENOSPC : -EINVAL), "a fault is named");
		require_untouched(buf, room);
	} else {
		require(ret == (int)need && get_le32(buf) == 1 &&
			get_le32(buf + 4) == need + tx.data_len + tx.pad &&
			get_le32(buf + 8) == need - 8 &&
			get_le32(buf + 12) == tx.data_len,
			"the header says where the frame is");
		require_untouched(buf + need, room - need);
	}
	free(buf);
}

static void write_keepalive(u8 *buf, u32 room, u32 id)
{
	struct rndis_completion cmplt;
	int ret = rndis_wire_put_keepalive_cmplt(buf, room, id);

	if (room < 16) {
		require(ret == -ENOSPC, "a fault is named");
		require_untouched(buf, room);
		return;
	}
	require(ret == 16 && !rndis_wire_complete(buf, 16, &cmplt) &&
		cmplt.type == RNDIS_MSG_KEEPALIVE_CMPLT &&
		cmplt.request_id == id && !cmplt.status,
		"an answer to KEEPALIVE says so");
}

/* A request of @need bytes, if @id and @room allow it */
static bool written(int ret, u32 id, u32 room, u32 need, const u8 *buf)
{
	if (id && room >= need) {
		require(ret == (int)need && get_le32(buf + 4) == need &&
			get_le32(buf + 8) == id, "a request has length and id");
		return true;
	}
	require(ret == (id ? -ENOSPC : -EINVAL), "a fault is named");
	require_untouched(buf, room);
	return false;
}

static void write_request(struct input *in)
{
	u32 kind = in_u8(in) % 5, id = in_bend(in, 7), oid = in_u32(in);
	u32 room = in_u16(in) % 512, info_len = in_u8(in);
	u8 *buf = room_of(room), info[256];

	in_bytes(in, info, info_len);
	require(rndis_wire_put_set(buf, room, id, oid, NULL, 1) == -EINVAL,
		"an object that is not there is not said");
	switch (kind) {
	case 0:
		if (written(rndis_wire_put_initialize(buf, room, id, oid), id,
			    room, 24, buf))
			require(get_le32(buf) == 2 && get_le32(buf + 12) == 1 &&
				!get_le32(buf + 16) && get_le32(buf + 20) == oid,
				"INITIALIZE is as E.3 has it");
		break;
	case 1:
		if (written(rndis_wire_put_halt(buf, room, id), id, room, 12, buf))
			require(get_le32(buf) == 3, "HALT is as E.3 has it");
		break;
	case 2:
		write_keepalive(buf, room, id);
		break;
	default:
		if (written(kind == 3 ? rndis_wire_put_query(buf, room, id, oid,
							     info, info_len) :
					rndis_wire_put_set(buf, room, id, oid,
							   info, info_len),
			    id, room, 28 + info_len, buf))
			require(get_le32(buf) == kind + 1 &&
				get_le32(buf + 12) == oid &&
				get_le32(buf + 16) == info_len &&
				get_le32(buf + 20) == 20 && !get_le32(buf + 24) &&
				!memcmp(buf + 28, info, info_len),
				"QUERY and SET are as E.3 has them");
	}
	free(buf);
}

static void small_values(struct input *in)
{
	u16 tci = in_u16(in);
	u32 mss = in_u32(in) & RNDIS_LSO_MSS_MASK;
	u32 off = in_u16(in) % (RNDIS_TRANSPORT_OFFSET_MAX + 1);
	bool ipv6 = in_u8(in) & 1;
	u32 lso = rndis_lso_value(mss, off, ipv6);

	require(rndis_vlan_to_tci(rndis_vlan_from_tci(tci)) == tci,
		"a tag comes back");
	require(rndis_wire_fault_name((enum rndis_wire_fault)in_u32(in)),
		"any fault has a name");
	require((lso & RNDIS_LSO_MSS_MASK) == mss && lso & RNDIS_LSO_V2 &&
		(lso & RNDIS_LSO_OFFSET_MASK) >> RNDIS_LSO_OFFSET_SHIFT == off &&
		!(lso & RNDIS_LSO_IPV6) == !ipv6, "so does a large send");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { .at = data, .left = size };
	u8 kind = in_u8(&in), skew = in_u8(&in), change = in_u8(&in);

	switch (kind % 6) {
	case 0:
		raw_message(&in, skew, change);
		break;
	case 1:
		build_packet(&in, skew, change);
		break;
	case 2:
		build_control(&in, skew, change);
		break;
	case 3:
		write_packet(&in);
		break;
	case 4:
		write_request(&in);
		break;
	case 5:
		small_values(&in);
		break;
	}
	return 0;
}
