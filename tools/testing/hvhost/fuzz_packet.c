// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: a guest that writes anything into its ring and its ring
 * headers while the host receives, answers and waits for room.
 *
 * Input: steps. The channel must never touch memory outside rings and RAM. As
 * long as the guest keeps to the rules, each packet arrives as it was sent, and in
 * order. After each input a closed and reopened channel must still answer.
 *
 * Break it: leave out the limit on the length in check_desc() of packet.c, or on
 * the page numbers in take_range(), or tdelete() in settle().
 */
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "fake_host.h"
#include "fuzz.h"
#include "guest_mem.h"
#include "synic.h"
#include "vmbus.h"
#include "vmbus_abi.h"

#define RING_PFN	100u
#define RING_PAGES	3u	/* header and two of data, each way */
#define RING_DATA	((RING_PAGES - 1) * HV_PAGE_SIZE)
#define HANDLE		0x10u
#define PACKET_MAX	1024u
#define SENT_MAX	64u
#define OWED_IDS	8u

/* What the guest has sent and the host has yet to receive, while it is lawful */
static struct {
	uint8_t bytes[PACKET_MAX];
	uint32_t len;
	uint32_t ranges;	/* bytes in all */
} sent[SENT_MAX];
static uint32_t sent_first, sent_end;
static bool lawful;

static uint64_t next_id;		/* of the host */
static uint32_t owed;		/* bit by id: the guest has to complete it */
static int answered;
static unsigned long seen;	/* of the ranges, so that they are touched */

/* --- the host's device --- */

static int dev_open(struct vmbus_channel *chan)
{
	(void)chan;
	return 0;
}

static void dev_close(struct vmbus_channel *chan)
{
	(void)chan;
}

/* Look at each byte, and that it is one of the guest's */
static uint32_t look_at_ranges(const struct vmbus_packet *pkt)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < pkt->iov_cnt; i++) {
		const uint8_t *at = pkt->iov[i].iov_base;
		size_t len = pkt->iov[i].iov_len;

		require(at >= fake_page(0) && len && len <= HV_PAGE_SIZE &&
			at + len <= fake_page(FAKE_RAM_PAGES - 1) + HV_PAGE_SIZE,
			"a range lies in the guest's RAM");
		seen += at[0] + at[len - 1];
		sum += (uint32_t)len;
	}
	require(!pkt->range_cnt == !pkt->iov_cnt && pkt->first_range_len <= sum,
		"ranges are pages");
	return sum;
}

static void as_sent(const struct vmbus_packet *pkt, uint32_t ranges)
{
	const uint8_t *bytes = sent[sent_first % SENT_MAX].bytes;
	struct vmbus_desc d;

	memcpy(&d, bytes, sizeof(d));
	require(sent_first != sent_end, "what arrives was sent");
	require(pkt->type == d.type && pkt->flags == d.flags &&
		pkt->trans_id == d.trans_id &&
		pkt->payload_len == (d.len8 - d.offset8) * 8u &&
		!memcmp(pkt->payload, bytes + d.offset8 * 8u, pkt->payload_len) &&
		ranges == sent[sent_first % SENT_MAX].ranges,
		"a packet arrives as it was sent");
	sent_first++;
}

static void dev_process(struct vmbus_channel *chan)
{
	static const struct vmbus_xfer_range range = { 8, 16 };
	struct vmbus_packet pkt;
	uint32_t ranges, id;

	while (vmbus_recv(chan, &pkt) == 1) {
		ranges = look_at_ranges(&pkt);
		if (lawful)
			as_sent(&pkt, ranges);
		if (pkt.type == VM_PKT_COMPLETION) {
			require(pkt.trans_id < OWED_IDS &&
				owed & 1u << pkt.trans_id,
				"what is completed was owed");
			owed &= ~(1u << pkt.trans_id);
		}
		if (!vmbus_send(chan, VM_PKT_COMPLETION, 0, pkt.trans_id,
				pkt.payload, pkt.payload_len % 256))
			answered++;
		id = next_id++ % OWED_IDS;
		if (!vmbus_send_xfer(chan, 0xCAFE, id, &range, 1, "", 1))
			owed |= 1u << id;
	}
}

static const struct vmbus_channel_ops ops = {
	.open = dev_open,
	.close = dev_close,
	.process = dev_process,
};

/* --- the guest's life --- */

static void say(union vmbus_guest_msg *msg, uint32_t type, uint32_t len)
{
	msg->hdr.type = type;
	fake_post(msg, len);
}

static void open_channel(void)
{
	union vmbus_guest_msg msg = { 0 };

	memset(fake_page(RING_PFN), 0, 2 * RING_PAGES * HV_PAGE_SIZE);
	msg.open.relid = 1;
	msg.open.gpadl = HANDLE;
	msg.open.target_vp = 1;
	msg.open.downstream_page = RING_PAGES;
	say(&msg, VMBUS_OPENCHANNEL, 148);
	lawful = true;
	sent_first = 0;
	sent_end = 0;
	next_id = 0;
	owed = 0;
}

static void close_channel(void)
{
	union vmbus_guest_msg msg = { 0 };

	msg.relid.relid = 1;
	say(&msg, VMBUS_CLOSECHANNEL, 12);
}

static struct vmbus_channel *connect_once(void)
{
	struct vmbus_offer offer = { .type = { 1 }, .instance = { 1 }, .name = "f" };
	union vmbus_guest_msg msg = { 0 };
	struct vmbus_channel *chan;

	require(!vmbus_init(VMBUS_V5_3), "the server starts");
	chan = vmbus_offer(&offer, &ops, NULL);
	msg.contact.version = VMBUS_V5_3;
	msg.contact.sint = 2;
	say(&msg, VMBUS_INITIATE_CONTACT, 40);
	say(&msg, VMBUS_REQUESTOFFERS, 8);
	memset(&msg, 0, sizeof(msg));
	msg.gpadl_header.relid = 1;
	msg.gpadl_header.gpadl = HANDLE;
	msg.gpadl_header.range_bytes = 8 + 8 * 2 * RING_PAGES;
	msg.gpadl_header.range_count = 1;
	msg.gpadl_header.byte_count = 2 * RING_PAGES * HV_PAGE_SIZE;
	for (uint32_t i = 0; i < 2 * RING_PAGES; i++)
		msg.gpadl_header.pfn[i] = RING_PFN + i;
	say(&msg, VMBUS_GPADL_HEADER, 28 + 8 * 2 * RING_PAGES);
	return chan;
}

/* --- what it sends --- */

static struct guest_ring out = { RING_PFN, RING_DATA };

static bool out_has_room(uint32_t len)
{
	const struct vmbus_ring_header *h = ring_header(&out);

	if (h->write_index >= out.size || h->read_index >= out.size)
		return false;
	return (h->read_index + out.size - h->write_index - 1) % out.size > len;
}

static void raw_bytes(struct input *in)
{
	uint8_t bytes[256];
	uint32_t len = in_bend(in, in_u8(in) & ~7u) % sizeof(bytes);

	in_bytes(in, bytes, sizeof(bytes));
	lawful = false;
	if (out_has_room(len))
		ring_poke(&out, bytes, len);
}

/* One range behind @at; page numbers are any of RAM, or bent */
static uint32_t put_range(struct input *in, uint8_t *at, uint32_t *sum)
{
	uint32_t len = 1 + in_u16(in) % (3 * HV_PAGE_SIZE), i;
	uint32_t off = in_u16(in) % HV_PAGE_SIZE;
	uint32_t pages = (off + len + HV_PAGE_SIZE - 1) / HV_PAGE_SIZE;
	uint64_t pfn;

	*sum += len;
	put_le32(at, in_bend(in, len));
	put_le32(at + 4, in_bend(in, off));
	for (i = 0; i < pages; i++) {
		pfn = in_bend(in, in_u16(in) % FAKE_RAM_PAGES);
		memcpy(at + 8 + 8 * i, &pfn, sizeof(pfn));
	}
	return 8 + 8 * pages;
}

/* A packet that is lawful unless a field was bent: the host is the judge of that */
static void packet(struct input *in)
{
	static const uint16_t types[] = { VM_PKT_INBAND, VM_PKT_GPA_DIRECT };
	uint8_t bytes[PACKET_MAX + 8] = { 0 }, kind = in_u8(in);
	uint32_t ranges = 0, len = sizeof(struct vmbus_desc), count, i;
	struct vmbus_desc d;

	in->bent = false;
	d.type = types[kind & 1];
	d.flags = kind >> 1 & 1;
	d.trans_id = in_u8(in);
	if (d.type == VM_PKT_GPA_DIRECT) {
		count = 1 + in_u8(in) % 8;
		put_le32(bytes + 20, in_bend(in, count));
		for (i = 0, len = 24; i < count; i++)
			len += put_range(in, bytes + len, &ranges);
	}
	d.offset8 = (uint16_t)in_bend(in, len / 8);
	i = in_u8(in);
	in_bytes(in, bytes + len, i);
	len = (len + i + 7) / 8 * 8;
	d.len8 = (uint16_t)in_bend(in, len / 8);
	d.type = (uint16_t)in_bend(in, d.type);
	d.flags = (uint16_t)in_bend(in, d.flags);
	memcpy(bytes, &d, sizeof(d));
	if (!out_has_room(len + 8))
		return;
	if (in->bent || sent_end - sent_first == SENT_MAX)
		lawful = false;
	ring_poke(&out, bytes, len + 8);
	if (!lawful)
		return;
	memcpy(sent[sent_end % SENT_MAX].bytes, bytes, len);
	sent[sent_end % SENT_MAX].len = len;
	sent[sent_end++ % SENT_MAX].ranges = ranges;
}

/* A completion of something that the host is owed, or not */
static void complete(struct input *in)
{
	struct guest_chan gc = { .out = out };

	if (!out_has_room(24))
		return;
	lawful = false;
	guest_packet(&gc, VM_PKT_COMPLETION, 0, in_u8(in) % (2 * OWED_IDS), NULL, 0);
}

static void well_formed(void)
{
	struct guest_chan gc = { .out = out };
	uint64_t payload = 1;

	guest_packet(&gc, VM_PKT_INBAND, 1, 1, &payload, sizeof(payload));
}

static void poke(struct input *in)
{
	uint8_t where = in_u8(in);

	lawful = false;
	in_bytes(in, fake_page(RING_PFN + (where & 1) * RING_PAGES) +
		 (where >> 1) % 17 * 4, 4);
}

/* The guest takes what there is, or some of it: room */
static void make_room(struct input *in)
{
	struct vmbus_ring_header *h = (struct vmbus_ring_header *)
		fake_page(RING_PFN + RING_PAGES);
	uint32_t index = in_bend(in, h->write_index);

	if (index != h->write_index)
		lawful = false;
	h->read_index = index;
}

static void signal_host(void)
{
	fake_signal(CONN_ID(1));
	require(!lawful || sent_first == sent_end, "what was sent arrives");
}

static void step(struct input *in)
{
	switch (in_u8(in) % 8) {
	case 0:
		raw_bytes(in);
		break;
	case 1:
		poke(in);
		break;
	case 2:
	case 3:
		signal_host();
		break;
	case 4:
		complete(in);
		break;
	case 5:
		make_room(in);
		break;
	default:
		packet(in);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { .at = data, .left = size };
	static struct vmbus_channel *chan;
	struct fake_violation v;

	if (!chan)
		chan = connect_once();
	open_channel();
	require(vmbus_is_open(chan), "a channel opens");
	while (in.left)
		step(&in);
	signal_host();
	require(!lawful || !fake_take_violation(&v),
		"who keeps to the rules hears nothing");
	close_channel();

	open_channel();
	lawful = false;
	answered = 0;
	well_formed();
	fake_signal(CONN_ID(1));
	require(answered == 1, "a reopened channel answers");
	close_channel();
	synic_drop_messages();
	while (fake_take_violation(&v))
		;
	return 0;
}
