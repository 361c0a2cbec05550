// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: a guest that writes anything into its ring and its ring
 * headers while the host receives, answers and waits for room.
 *
 * Input: a byte string of steps. Each starts with a byte that says what to do; what
 * it needs follows. The channel must never touch memory outside the rings (ASan),
 * and after each input a closed and reopened channel must still answer.
 */
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "fake_host.h"
#include "guest_mem.h"
#include "synic.h"
#include "vmbus.h"
#include "vmbus_abi.h"

#define RING_PFN	100u
#define RING_PAGES	3u	/* header and two of data, each way */
#define HANDLE		0x10u

static uint64_t owed;		/* next id of the host */
static unsigned long sum;	/* of all bytes seen, so that all are touched */
static int answered;

static int dev_open(struct vmbus_channel *chan)
{
	(void)chan;
	return 0;
}

static void dev_close(struct vmbus_channel *chan)
{
	(void)chan;
}

static void touch(const void *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += ((const uint8_t *)p)[i];
}

static void dev_process(struct vmbus_channel *chan)
{
	static const struct vmbus_xfer_range range = { 8, 16 };
	struct vmbus_packet pkt;

	while (vmbus_recv(chan, &pkt) == 1) {
		touch(pkt.payload, pkt.payload_len);
		for (uint32_t i = 0; i < pkt.iov_cnt; i++)
			touch(pkt.iov[i].iov_base, pkt.iov[i].iov_len);
		if (!vmbus_send(chan, VM_PKT_COMPLETION, 0, pkt.trans_id,
				pkt.payload, pkt.payload_len % 256))
			answered++;
		vmbus_send_xfer(chan, 0xCAFE, owed++ % 8, &range, 1, "", 1);
	}
}

static const struct vmbus_channel_ops ops = {
	.open = dev_open,
	.close = dev_close,
	.process = dev_process,
};

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

	if (vmbus_init(VMBUS_V5_3))
		abort();
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

static void well_formed(void)
{
	struct guest_chan gc = {
		.out = { RING_PFN, (RING_PAGES - 1) * HV_PAGE_SIZE },
	};
	struct vmbus_desc d = { VM_PKT_INBAND, 2, 3, 1, 1 };
	uint8_t buf[32] = { 0 };

	memcpy(buf, &d, sizeof(d));
	ring_poke(&gc.out, buf, sizeof(buf));
}

/* One step of the guest. Returns the bytes of the input that it used. */
static size_t step(const uint8_t *data, size_t size)
{
	struct guest_ring out = { RING_PFN, (RING_PAGES - 1) * HV_PAGE_SIZE };
	struct vmbus_ring_header *in =
		(struct vmbus_ring_header *)fake_page(RING_PFN + RING_PAGES);
	size_t arg = size - 1;

	switch (data[0] % 5) {
	case 0:		/* bytes into the ring, then the write index moves */
		if (arg > 1 + data[1 % size])
			arg = 1 + data[1 % size];
		if (ring_header(&out)->write_index < out.size)
			ring_poke(&out, data + 1, arg);
		return 1 + arg;
	case 1:		/* a word anywhere in either header */
		if (arg < 5)
			return size;
		memcpy(fake_page(RING_PFN + (data[1] & 1) * RING_PAGES) +
		       (data[1] >> 1) % 17 * 4, data + 2, 4);
		return 6;
	case 2:
		fake_signal(CONN_ID(1));
		return 1;
	case 3:
		if (ring_header(&out)->write_index < out.size)
			well_formed();
		return 1;
	default:	/* the guest reads all: room */
		in->read_index = in->write_index;
		return 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vmbus_channel *chan;
	struct fake_violation v;

	if (!chan)
		chan = connect_once();
	open_channel();
	if (!vmbus_is_open(chan))
		abort();
	while (size) {
		size_t used = step(data, size);

		data += used;
		size -= used;
	}
	fake_signal(CONN_ID(1));
	close_channel();

	open_channel();
	answered = 0;
	well_formed();
	fake_signal(CONN_ID(1));
	if (answered != 1)
		abort();
	close_channel();
	synic_drop_messages();
	while (fake_take_violation(&v))
		;
	return 0;
}
