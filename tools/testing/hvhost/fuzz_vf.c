// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: a guest that says anything to the virtual PCI bus and writes
 * anything to the VF's registers, rings and descriptors, while frames come.
 *
 * Input: steps. The device never touches memory outside the guest's RAM; what it
 * sends to the wire is sound; what waits is bounded. After each input the bus can
 * be taken away, offered anew and used.
 *
 * Break it: leave the limit out of gather(), or head_desc()'s test of the head; let
 * map_bars() ignore mmio_add(); or do_create() the end of its table.
 */
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "fake_host.h"
#include "fake_loop.h"
#include "fuzz.h"
#include "ixgbevf.h"
#include "layout.h"
#include "vpci.h"

#define BAR0		(LAYOUT_MMIO_LOW + 0x10000)
#define BAR3		(LAYOUT_MMIO_LOW + 0x14000)
#define RINGS		0x10000u
#define MESSAGE_MAX	256u
#define SENT_MAX	64u

/* The bus's channel, without a ring: one message at a time */
struct vmbus_channel {
	const struct vmbus_channel_ops *ops;
	void *ctx;
	bool open;
	bool rescinded;
	bool full;
	struct vmbus_packet pkt;
	u8 payload[MESSAGE_MAX];
	u32 left;
	u32 completed;
	__le32 status;
};

static struct vmbus_channel channels[2], *chan;
static struct vpci_bus bus;
static struct ixgbevf dev;
static u32 frames;

struct vmbus_channel *vmbus_offer(const struct vmbus_offer *offer,
				  const struct vmbus_channel_ops *ops, void *ctx)
{
	(void)offer;
	chan = chan == &channels[0] ? &channels[1] : &channels[0];
	memset(chan, 0, sizeof(*chan));
	chan->ops = ops;
	chan->ctx = ctx;
	return chan;
}

void vmbus_rescind(struct vmbus_channel *c)
{
	require(!c->rescinded, "a channel goes once");
	c->rescinded = true;
	if (c->open)
		c->ops->close(c);
	c->open = false;
}

void *vmbus_ctx(const struct vmbus_channel *c)
{
	return c->ctx;
}

int vmbus_recv(struct vmbus_channel *c, struct vmbus_packet *pkt)
{
	if (!c->open)
		return -EPROTO;
	if (!c->left)
		return 0;
	c->left--;
	*pkt = c->pkt;
	return 1;
}

int vmbus_send(struct vmbus_channel *c, uint16_t type, uint16_t flags,
	       uint64_t trans_id, const void *payload, uint32_t len)
{
	(void)flags;
	(void)trans_id;
	require(c->open && !c->rescinded, "nothing is said on a closed channel");
	if (c->full)
		return -EAGAIN;
	if (type != VM_PKT_COMPLETION)
		return 0;
	require(len >= sizeof(c->status), "an answer has a status");
	memcpy(&c->status, payload, sizeof(c->status));
	c->completed++;
	return 0;
}

void vmbus_signal(struct vmbus_channel *c)
{
	(void)c;
}

/* --- the device's other side --- */

static void on_frame(void *ctx, struct net_frame *frame)
{
	const struct virtio_net_hdr *vh = &frame->vh;

	(void)ctx;
	frames++;
	require(frame->len >= NETPKT_ETH_HLEN && frame->len <= NET_FRAME_MAX + 4,
		"a frame has a length");
	require(!vh->flags || vh->csum_start + vh->csum_offset + 2u <= frame->len,
		"a checksum is inside its frame");
	require(!vh->gso_type || (vh->gso_size && vh->flags &&
				  vh->hdr_len < frame->len &&
				  vh->hdr_len >= vh->csum_start),
		"a large segment has headers, payload and a size");
	memset(frame->data, 0x5A, frame->len);
}

static void on_event(void *ctx)
{
	(void)ctx;
	ixgbevf_reset(&dev);
}

static const struct vpci_ops ops = { on_event, on_event, on_event };

/* --- the guest --- */

static void say(const void *msg, u32 len, u16 flags)
{
	memset(chan->payload, 0, sizeof(chan->payload));
	memcpy(chan->payload, msg, len);
	chan->pkt = (struct vmbus_packet){
		.type = VM_PKT_INBAND, .flags = flags, .trans_id = 9,
		.payload = chan->payload, .payload_len = len,
	};
	chan->left = 1;
	if (chan->open && !chan->rescinded)
		chan->ops->process(chan);
	fake_posted();
}

/* Return: the status of its completion */
static u32 ask(const void *msg, u32 len)
{
	u32 completed = chan->completed;

	say(msg, len, VM_PKT_FLAG_COMPLETION);
	require(chan->completed == completed + 1, "what is asked is answered");
	return le32_to_cpu(chan->status);
}

static void out(u64 addr, unsigned int size, u32 value)
{
	mmio_access(true, addr, size, &value);
	fake_posted();
}

static u32 in(u64 addr, unsigned int size)
{
	u64 value = 0;

	mmio_access(false, addr, size, &value);
	return (u32)value;
}

static void probe(u32 version)
{
	const struct vpci_version hello = { cpu_to_le32(VPCI_QUERY_VERSION),
					    cpu_to_le32(version) };
	const struct vpci_d0entry d0 = { .type = cpu_to_le32(VPCI_D0ENTRY),
					 .window = cpu_to_le64(LAYOUT_MMIO_LOW) };
	u8 assigned[VPCI_ASSIGNED2_LEN] = { 0 };
	u64 config = LAYOUT_MMIO_LOW + 0x1000;

	put_le32(assigned, version < VPCI_V1_2 ? VPCI_RESOURCES_ASSIGNED :
						 VPCI_RESOURCES_ASSIGNED2);
	require(!ask(&hello, sizeof(hello)) && !ask(&d0, sizeof(d0)) &&
		!ask(assigned, sizeof(assigned)), "a guest that asks well is served");
	out(config + PCI_BASE_ADDRESS_0, 4, BAR0);
	out(config + PCI_BASE_ADDRESS_3, 4, BAR3);
	out(config + PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	out(config + dev.fn.msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	require(in(config, 4) == 0x15308086 && in(BAR0 + IXGBEVF_STATUS, 4) == 1,
		"and sees its function");
}

static void ring(u64 at, u32 nr, u32 ctl)
{
	out(at + IXGBEVF_RING_BAL, 4, RINGS + nr * 0x1000);
	out(at + IXGBEVF_RING_BAH, 4, 0);
	out(at + IXGBEVF_RING_LEN, 4, 16 * 16);
	out(at + IXGBEVF_RING_HEAD, 4, 0);
	out(at + IXGBEVF_RING_TAIL, 4, 0);
	out(at + IXGBEVF_RING_CTL, 4, ctl | IXGBEVF_CTL_ENABLE);
}

static void rings(void)
{
	ring(BAR0 + IXGBEVF_RX_BASE, 0, IXGBEVF_RXCTL_VME);
	ring(BAR0 + IXGBEVF_TX_BASE, 1, 0);
	ring(BAR0 + IXGBEVF_TX_BASE + IXGBEVF_RING_STEP, 2, 0);
	out(BAR0 + IXGBEVF_IVAR, 4, 0x80808080);
	out(BAR0 + IXGBEVF_EIMS, 4, 7);
}

/* --- steps --- */

static void step_message(struct input *input)
{
	u8 msg[MESSAGE_MAX];
	u32 type, len;
	u16 flags;

	type = VPCI_BUS_RELATIONS + in_u8(input) % 0x20;
	len = in_u8(input);
	flags = in_u8(input) % 4 ? VM_PKT_FLAG_COMPLETION : 0;
	in_bytes(input, msg, sizeof(msg) < 96 ? sizeof(msg) : 96);
	memset(msg + 96, 0, sizeof(msg) - 96);
	put_le32(msg, in_bend(input, type));
	put_le32(msg + 4, in_bend(input, 0));
	say(msg, len, flags);
}

static void step_register(struct input *input)
{
	static const u64 base[] = { LAYOUT_MMIO_LOW, LAYOUT_MMIO_LOW + 0x1000,
				    BAR0, BAR3, BAR0 + IXGBEVF_RX_BASE,
				    BAR0 + IXGBEVF_TX_BASE };
	u8 where = in_u8(input), size = in_u8(input);
	u32 off, value;
	u64 data;

	off = in_u16(input) % 0x1000;
	value = in_u32(input);
	size = (u8)(1u << size % 4);
	data = value;
	mmio_access(where & 0x80, base[where % ARRAY_LEN(base)] + off, size, &data);
	fake_posted();
}

static void step_descriptor(struct input *input)
{
	u8 which = in_u8(input), nr = in_u8(input);
	u8 *at = fake_page(RINGS / 4096 + which % 3) + nr % 16 * 16;
	u32 cmd;

	cmd = which & 0x80 ? 0x20200000u : 0x20300000u;
	put_le32(at, in_bend(input, 0x200000 + nr * 2048u));
	put_le32(at + 4, in_bend(input, 0));
	cmd |= in_u32(input) & 0xD900FFFFu;
	put_le32(at + 8, in_bend(input, cmd));
	put_le32(at + 12, in_u32(input));
}

static void step_tail(struct input *input)
{
	static const u64 tail[] = { IXGBEVF_RX_BASE, IXGBEVF_TX_BASE,
				    IXGBEVF_TX_BASE + IXGBEVF_RING_STEP };
	u8 which = in_u8(input);

	out(BAR0 + tail[which % 3] + IXGBEVF_RING_TAIL, 4,
	    in_bend(input, which / 3 % 16));
}

static void step_frame(struct input *input)
{
	static u8 buf[4 + NET_FRAME_MAX];
	struct net_frame frame = { .data = buf + 4 };
	u32 times;

	memset(buf, 0, sizeof(buf));
	frame.len = NETPKT_ETH_HLEN + in_u16(input) % (NET_FRAME_MAX - NETPKT_ETH_HLEN);
	times = in_u8(input);
	frame.vh.flags = in_u8(input) % 3;
	frame.vh.csum_start = in_u16(input);
	frame.vh.csum_offset = in_u8(input);
	in_bytes(input, frame.data, 64);
	ixgbevf_receive(&dev, &frame);
	/* So many small ones that they have to wait */
	for (frame.len = NETPKT_ETH_HLEN; times > 250 && times < 2000; times++)
		ixgbevf_receive(&dev, &frame);
	fake_posted();
}

static void step_bytes(struct input *input)
{
	u32 page = 0x200 + in_u8(input) % 16;

	in_bytes(input, fake_page(page) + in_u8(input) * 8u, 128);
}

static void renew(void)
{
	vpci_rescind(&bus);
	fake_posted();
	require(in(LAYOUT_MMIO_LOW + 0x1000, 4) == U32_MAX &&
		in(BAR0 + IXGBEVF_STATUS, 4) == U32_MAX, "what is gone reads as ones");
	require(!vpci_offer(&bus), "the bus can be offered");
	chan->open = true;
	require(!chan->ops->open(chan), "and opened");
}

static void step_host(struct input *input)
{
	u8 what = in_u8(input);

	switch (what % 8) {
	case 0:
		vpci_eject(&bus);
		break;
	case 1:
		renew();
		break;
	case 2:
		ixgbevf_set_link(&dev, what & 0x80);
		break;
	case 3:
		bus.d0_ms = what & 0x80 ? 5 : 0;
		break;
	case 4:
		fake_pass(10);
		break;
	case 5:
		chan->full = what & 0x80;
		break;
	case 6:
		rings();
		break;
	case 7:
		if (bus.phase == VPCI_OPEN && !chan->full && !bus.d0_ms && bus.present)
			probe(VPCI_V1_1 + what / 8 % 4);
		break;
	}
}

static void (*const steps[])(struct input *input) = {
	step_message, step_register, step_descriptor, step_tail, step_frame,
	step_bytes, step_host,
};

static void make(void)
{
	static const u8 mac[6] = { 0, 0x15, 0x5d, 1, 2, 3 };

	require(!ixgbevf_init(&dev, "vf", NULL, mac, on_frame, NULL), "memory");
	bus = (struct vpci_bus){
		.name = "vf", .newest = VPCI_V1_4, .serial = 1, .fn = &dev.fn,
		.ops = &ops,
	};
	require(!vpci_offer(&bus), "the bus can be offered");
	chan->open = true;
	require(!chan->ops->open(chan), "and opened");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input input = { .at = data, .left = size };
	struct fake_violation v;
	u8 first;

	fake_reset();
	make();
	first = in_u8(&input);
	if (first & 1) {
		probe(VPCI_V1_1 + first / 2 % 4);
		rings();
	}
	while (input.left) {
		steps[in_u8(&input) % ARRAY_LEN(steps)](&input);
		require(dev.backlog_len <= IXGBEVF_BACKLOG_MAX &&
			bus.messages <= VPCI_INTERRUPTS_MAX, "what is kept is bounded");
		while (fake_take_violation(&v))
			;
	}
	bus.d0_ms = 0;
	renew();
	probe(VPCI_V1_4);
	rings();
	require(ixgbevf_receives(&dev), "the next guest can use it");
	vpci_rescind(&bus);
	fake_loop_reset();
	ixgbevf_exit(&dev);
	return 0;
}
