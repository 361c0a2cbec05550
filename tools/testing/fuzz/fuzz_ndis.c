// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: the NDIS objects that RNDIS carries, read and written.
 *
 * What is read lies in memory that the host rewrites (shared.h). A result is what
 * Documentation/protocol.md E says of the bytes when the memory stays, and within
 * the driver's own limits in any case.
 *
 * Break it: let fetch_object() of ndis_wire.c leave out "size > len", or
 * read_lso() take any number of segments.
 */
#include "fuzz.h"
#include "ndis_wire.h"
#include "shared.h"

#define OBJ_MAX		256

/* A decoder's view of an object: bytes behind its size count as 0 (E.8) */
struct view {
	u8 bytes[OBJ_MAX];
	u32 len;
};

static struct view view_of(const u8 *obj, u32 len)
{
	struct view view = { .len = len };
	u32 size = len >= 4 ? get_le16(obj + 2) : len;

	if (size > len)
		size = len;
	if (size > OBJ_MAX)
		size = OBJ_MAX;
	memcpy(view.bytes, obj, size);
	return view;
}

/* E.6, E.8: type, revision, and a size that came and is no smaller than @min */
static bool header_ok(const u8 *obj, u32 len, u8 type, u32 min)
{
	return len >= 4 && obj[0] == type && obj[1] && get_le16(obj + 2) >= min &&
	       get_le16(obj + 2) <= len;
}

static void judge_rss(const u8 *obj, u32 len, struct shared how)
{
	struct view v = view_of(obj, len);
	enum rndis_wire_fault fault;
	struct ndis_rss_caps caps;
	u32 entries, queues;

	fault = ndis_wire_rss_caps(shared_map(obj, len, how), len, &caps);
	shared_unmap();
	if (!fault)
		require(caps.queues >= 1 && caps.queues <= 64 &&
			caps.entries >= 1 && caps.entries <= 128 &&
			!(caps.entries & (caps.entries - 1)) &&
			(caps.usable || caps.queues == 1),
			"RSS capabilities are within limits");
	if (how.change)
		return;
	require(!fault == header_ok(obj, len, 0x88, 16), "RSS object: header");
	if (fault)
		return;
	entries = get_le16(v.bytes + 16);
	queues = get_le32(v.bytes + 12);
	require(caps.flags == get_le32(v.bytes + 4) &&
		caps.entries <= (entries ? entries : 128) &&
		(entries < 128 ? !entries || 2 * caps.entries > entries :
				 caps.entries == 128),
		"RSS table: the largest power of two that is there");
	require(!caps.usable || caps.queues == (!queues ? 1 :
						queues > 64 ? 64 : queues),
		"RSS queues: as many as there are");
}

static void judge_lso(const struct ndis_lso_caps *lso, const u8 *at, u32 mtu)
{
	u32 size = get_le32(at + 4), segments = get_le32(at + 8);
	bool none = !get_le32(at) || size < 2 * (u64)mtu || segments > 64;

	require(lso->max_size == (none ? 0 : size > 65535 ? 65535 : size),
		"large send: size");
	require(lso->min_segments == (none ? 0 : segments < 2 ? 2 : segments),
		"large send: segments");
}

static u32 csum_of(const u8 *at)
{
	return get_le32(at) ? get_le32(at + 4) : 0;
}

static void judge_offload(const u8 *obj, u32 len, u32 mtu, struct shared how)
{
	struct view v = view_of(obj, len);
	enum rndis_wire_fault fault;
	struct ndis_offload_caps caps;

	fault = ndis_wire_offload(shared_map(obj, len, how), len, mtu, &caps);
	shared_unmap();
	if (!fault)
		require(caps.lso_ipv4.max_size <= 65535 &&
			caps.lso_ipv6.max_size <= 65535 &&
			(!caps.lso_ipv4.max_size ||
			 (caps.lso_ipv4.max_size >= 2 * mtu &&
			  caps.lso_ipv4.min_segments >= 2)),
			"large send is within limits");
	if (how.change)
		return;
	require(!fault == header_ok(obj, len, 0xA7, 112), "offload: header");
	if (fault)
		return;
	require(caps.ipv4_tx == csum_of(v.bytes + 4) &&
		caps.ipv4_rx == csum_of(v.bytes + 12) &&
		caps.ipv6_tx == csum_of(v.bytes + 20) &&
		caps.ipv6_rx == csum_of(v.bytes + 28), "checksums");
	judge_lso(&caps.lso_ipv4, v.bytes + 80, mtu);
	judge_lso(&caps.lso_ipv6, v.bytes + 92, mtu);
	require(caps.lso_ipv6_options == get_le32(v.bytes + 104), "LSO options");
	require(caps.rsc_ipv4 == (v.bytes[1] >= 3 && v.bytes[144]) &&
		caps.rsc_ipv6 == (v.bytes[1] >= 3 && v.bytes[145]), "coalescing");
}

static void judge_u32(const u8 *obj, u32 len, struct shared how)
{
	enum rndis_wire_fault fault;
	u32 value;

	fault = ndis_wire_u32(shared_map(obj, len, how), len, &value);
	shared_unmap();
	require(!fault == (len == 4), "a number is four bytes");
	require(fault || how.change || value == get_le32(obj), "and is read");
}

/* The memory may change while it is read: what comes out is a string all the same */
static void judge_name(const u8 *obj, u32 len, struct shared how)
{
	enum rndis_wire_fault fault;
	char name[17];

	name[sizeof(name) - 1] = 0x5A;
	fault = ndis_wire_name(shared_map(obj, len, how), len, name,
			       sizeof(name) - 1);
	shared_unmap();
	require(fault || strnlen(name, sizeof(name)) < sizeof(name) - 1,
		"a name fits and ends");
	require(name[sizeof(name) - 1] == 0x5A, "nothing behind a name");
}

static void judge(const u8 *obj, u32 len, u32 mtu, struct shared how)
{
	judge_rss(obj, len, how);
	judge_offload(obj, len, mtu, how);
	judge_u32(obj, len, how);
	judge_name(obj, len, how);
}

/* --- what is read: anything, or a header that fits one of the objects --- */

static void read_object(struct input *in, bool header)
{
	static const u8 shape[][3] = {
		{ 0x88, 2, 18 }, { 0x88, 1, 16 }, { 0xA7, 3, 156 },
		{ 0xA7, 2, 144 }, { 0xA7, 1, 112 }, { 0x80, 1, 40 },
	};
	u8 skew = in_u8(in) % 8, change = in_u8(in);
	u32 mtu = 68 + in_u16(in) % 9135, len, size;
	u8 obj[OBJ_MAX];
	const u8 *s;

	if (header) {
		s = shape[in_u8(in) % ARRAY_LEN(shape)];
		size = in_bend(in, s[2]);
		len = in_bend(in, s[2]) % (OBJ_MAX + 1);
		obj[1] = (u8)in_bend(in, s[1]);
		in_bytes(in, obj + 4, OBJ_MAX - 4);
		obj[0] = s[0];
		put_le16(obj + 2, size);
	} else {
		len = in_bytes(in, obj, OBJ_MAX);
	}
	judge(obj, len, mtu, (struct shared){ .skew = skew });
	if (change)
		judge(obj, len, mtu, (struct shared){ skew, change });
}

/* --- what is written, into room that ends where its allocation ends --- */

static u8 *room_of(u32 room)
{
	u8 *buf = malloc(room + !room);

	require(buf, "memory");
	memset(buf, 0xA5, room + !room);
	return buf;
}

static void rss_is_written(const u8 *buf, const struct ndis_rss *rss)
{
	u32 i;

	require(buf[0] == 0x89 && buf[1] == 2 && get_le16(buf + 2) == 40 &&
		get_le16(buf + 4) == (rss->hash_info ? 0 : 0x10) &&
		get_le32(buf + 8) == rss->hash_info &&
		get_le16(buf + 12) == 4 * rss->entries &&
		get_le32(buf + 16) == 40 && get_le16(buf + 20) == 40 &&
		get_le32(buf + 24) == 40 + 4 * rss->entries,
		"RSS parameters are as E.6 has them");
	for (i = 0; i < rss->entries; i++)
		require(get_le32(buf + 40 + 4 * i) == rss->table[i],
			"and so is their table");
	require(!memcmp(buf + 40 + 4 * rss->entries, rss->key, NDIS_RSS_KEY_LEN),
		"and their key");
}

static void write_rss(struct input *in)
{
	struct ndis_rss rss = { .hash_info = in_u32(in) };
	u32 room = in_u16(in) % 700, need, i;
	bool lawful;
	u8 *buf;
	int ret;

	rss.entries = in_bend(in, in_u8(in));
	lawful = rss.entries && rss.entries <= NDIS_RSS_INDIRECTION_MAX;
	in_bytes(in, rss.table, sizeof(rss.table));
	in_bytes(in, rss.key, sizeof(rss.key));
	buf = room_of(room);
	ret = ndis_wire_put_rss(buf, room, &rss);
	need = lawful ? NDIS_RSS_PARAM_LEN(rss.entries) : 0;
	if (lawful && room >= need) {
		require(ret == (int)need, "RSS parameters fit their room");
		rss_is_written(buf, &rss);
	} else {
		require(ret == (lawful ? -ENOSPC : -EINVAL), "a fault is named");
		need = 0;
	}
	for (i = need; i < room; i++)
		require(buf[i] == 0xA5, "nothing is written behind it");
	free(buf);
}

static void write_mac(struct input *in)
{
	u32 room = in_u8(in), i;
	u8 mac[6], *buf = room_of(room);
	char text[13], name[15];
	int ret;

	in_bytes(in, mac, sizeof(mac));
	ret = ndis_wire_put_mac_param(buf, room, mac);
	if (room < 72) {
		require(ret == -ENOSPC, "a fault is named");
		for (i = 0; i < room; i++)
			require(buf[i] == 0xA5, "and nothing written");
		free(buf);
		return;
	}
	require(ret == 72 && get_le32(buf) == 20 && get_le32(buf + 4) == 28 &&
		get_le32(buf + 8) == 2 && get_le32(buf + 12) == 48 &&
		get_le32(buf + 16) == 24, "a config parameter is as E.13 has it");
	for (i = 0; i < 14; i++)
		name[i] = (char)get_le16(buf + 20 + 2 * i);
	name[14] = '\0';
	snprintf(text, sizeof(text), "%02X%02X%02X%02X%02X%02X", mac[0], mac[1],
		 mac[2], mac[3], mac[4], mac[5]);
	for (i = 0; i < 12; i++)
		require(get_le16(buf + 48 + 2 * i) == (u16)text[i],
			"an address is in hexadecimal digits");
	require(!strcmp(name, "NetworkAddress"), "under its name");
	free(buf);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { .at = data, .left = size };

	switch (in_u8(&in) % 4) {
	case 0:
		read_object(&in, false);
		break;
	case 1:
		read_object(&in, true);
		break;
	case 2:
		write_rss(&in);
		break;
	case 3:
		write_mac(&in);
		break;
	}
	return 0;
}
