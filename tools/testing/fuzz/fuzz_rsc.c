// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: coalesced packets, from fragments to one repaired packet.
 *
 * A list of messages goes through rsc_wire_step() and through a model that keeps
 * the fragments themselves; what is complete gets headers, which the oracle
 * reads too, before they are repaired and after.
 *
 * Break it: leave out the limit on the length in run_append() of rsc_wire.c, or
 * compare with IPV6_LEN instead of @room in parse_ip().
 */
#include "fuzz.h"
#include "oracle.h"

#define FRAME_MAX	(14 + 65535)

/* --- the model: the fragments of the packet that is open --- */

static struct {
	bool open;
	u16 id;
	u32 count;
	u32 sum;
	u32 len[RSC_FRAGMENTS_MAX];
} model;

static enum rsc_step model_step(const struct rndis_packet_info *info)
{
	bool first = info->packet_flags & 2, last = info->packet_flags & 4;
	bool open = model.open;

	model.open = false;
	if (!(info->have & RNDIS_HAVE_PACKET_ID) ||
	    !(info->packet_flags & 1) || (first && last))
		return RSC_WHOLE;
	if (first) {
		if (info->data_len < 14 || info->data_len > FRAME_MAX)
			return RSC_ORPHAN;
		model.count = 0;
		model.sum = 0;
		model.id = info->packet_id;
	} else if (!open || model.id != info->packet_id ||
		   model.count == RSC_FRAGMENTS_MAX ||
		   (u64)model.sum + info->data_len > FRAME_MAX) {
		return RSC_ORPHAN;
	}
	model.len[model.count++] = info->data_len;
	model.sum += info->data_len;
	model.open = !last;
	return first ? RSC_FIRST : last ? RSC_LAST : RSC_NEXT;
}

/* Do those between first and last differ? */
static bool model_mixed(void)
{
	u32 i;

	for (i = 2; i + 1 < model.count; i++)
		if (model.len[i] != model.len[1])
			return true;
	return false;
}

static void run_is_model(const struct rsc_run *run)
{
	require(run->count == model.count && run->len == model.sum &&
		run->first == model.len[0] &&
		run->last == model.len[model.count - 1] &&
		run->each == (model.count > 2 ? model.len[1] : 0) &&
		run->mixed == model_mixed() && run->id == model.id,
		"a run is the sum of its fragments");
}

/* --- headers --- */

static void mss_is_sound(const struct rsc_headers *hdrs,
			 const struct rsc_run *run, u32 mtu)
{
	u32 mss = rsc_wire_mss(hdrs, run, mtu);
	u32 payload = run->len - hdrs->len, ip_hdrs = hdrs->len - 14;
	u32 least = payload < 536 ? payload : 536;
	u32 most = mtu > ip_hdrs ? mtu - ip_hdrs : 1;

	require(mss >= 1 && mss >= least, "no segment is smaller than TCP's least");
	require(mss <= most || mss == least || mss == 1,
		"no segment is larger than the MTU, but for that");
}

static void repair(u8 *frame, u32 len, const struct rsc_run *run, u32 mtu)
{
	u8 before[RSC_HEADERS_MAX];
	struct rsc_headers ours, theirs;
	bool found;

	memcpy(before, frame, len);
	found = rsc_wire_parse(frame, len, &ours);
	require(found == oracle_tcp_headers(frame, len, &theirs),
		"the oracle knows the same packets");
	if (!found)
		return;
	require(ours.ipv6 == theirs.ipv6 && ours.merges == theirs.merges &&
		ours.tcp == theirs.tcp && ours.len == theirs.len &&
		ours.ip_len == theirs.ip_len && ours.len <= len,
		"the oracle finds the same headers, within the beginning");
	if (!rsc_wire_repair(frame, &ours, run)) {
		require(!memcmp(before, frame, len), "refused, nothing changes");
		return;
	}
	require(oracle_tcp_headers(frame, len, &theirs) &&
		theirs.ip_len == run->len - 14 && theirs.len == ours.len,
		"a repaired header has the packet's length");
	require(ours.ipv6 || oracle_ipv4_csum_ok(frame + 14), "and its checksum");
	mss_is_sound(&ours, run, mtu);
}

/* The beginning of a frame, which ends where its allocation ends */
static void headers(struct input *in, const struct rsc_run *run)
{
	u32 len = run->first < RSC_HEADERS_MAX ? run->first : RSC_HEADERS_MAX;
	u32 whole = run->len - 14, ip_len, mtu = 68 + in_u16(in) % 9135;
	u8 kind = in_u8(in), bytes[RSC_HEADERS_MAX], *frame;

	in_bytes(in, bytes, sizeof(bytes));
	ip_len = kind & 0x10 ? whole : kind & 0x20 ? run->first - 14 : 0;
	if (kind & 1) {
		bytes[12] = 8;
		bytes[13] = 0;
		bytes[14] = 0x40 | (kind & 2 ? 5 : bytes[14] & 15);
		bytes[20] &= 0xC0;
		bytes[21] = 0;
		bytes[23] = 6;
	} else if (kind & 4) {
		bytes[12] = 0x86;
		bytes[13] = 0xDD;
		bytes[14] = 0x60;
		bytes[20] = 6;
		ip_len -= ip_len ? 40 : 0;
	}
	if (kind & 8) {
		bytes[kind & 1 ? 16 : 18] = (u8)(ip_len >> 8);
		bytes[kind & 1 ? 17 : 19] = (u8)ip_len;
	}
	if (kind & 0x40)
		len = in_u8(in) % (len + 1);
	frame = malloc(len + !len);
	require(frame, "memory");
	memcpy(frame, bytes, len);
	repair(frame, len, run, mtu);
	free(frame);
}

/* --- the list --- */

static struct rndis_packet_info next_message(struct input *in)
{
	struct rndis_packet_info info = { .have = RNDIS_HAVE_PACKET_ID };
	u8 what = in_u8(in);

	info.packet_flags = what & 7;
	info.packet_id = what >> 3 & 1;
	if ((what & 0xF0) == 0xF0)
		info.have = 0;
	/* the decoder lets no message through that is empty */
	info.data_len = what & 0x40 ? in_u16(in) : what & 0x20 ? 1448 : in_u8(in);
	if ((what & 0xF0) == 0xE0)
		info.data_len = in_u32(in);
	info.data_len += !info.data_len;
	return info;
}

static void take(struct rsc_run *run, const struct rndis_packet_info *info,
		 struct input *in)
{
	enum rsc_step want = model_step(info), step = rsc_wire_step(run, info);

	require(step == want, "the model says where a message belongs");
	require(run->open == model.open, "and whether more is to come");
	if (step != RSC_LAST)
		return;
	run_is_model(run);
	headers(in, run);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { .at = data, .left = size };
	struct rndis_packet_info info;
	struct rsc_run run = { 0 };
	u32 again;

	memset(&model, 0, sizeof(model));
	while (in.left) {
		info = next_message(&in);
		/* a run that reaches the limits is long */
		again = info.packet_flags == 1 ? in_u8(&in) * 3 : 0;
		do {
			take(&run, &info, &in);
		} while (again--);
	}
	return 0;
}
