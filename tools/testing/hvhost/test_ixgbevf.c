// SPDX-License-Identifier: GPL-2.0
/*
 * The VF's registers and rings: receive and transmit, tags, checksums, large
 * sends, interrupts, and what a mad driver can write.
 *
 * Break it: let one_desc() forget DD; leave EIAM out of send_causes(); or let
 * gather() not count what is there already.
 */
#include "nic_guest.h"
#include "ixgbevf.h"
#include "layout.h"

#include <linux/pci_regs.h>
#include <string.h>

#define BAR0		(LAYOUT_MMIO_LOW + 0x10000)
#define BAR3		(LAYOUT_MMIO_LOW + 0x14000)
#define RX_RING		0x10000u
#define TX_RING		0x20000u
#define BUFFERS		0x100000u
#define BUFFER_LEN	2048u
#define DESCS		16u

#define TX_CONTEXT	0x20200000u
#define TX_DATA		0x20300000u
#define TX_EOP		0x01000000u
#define TX_RS		0x08000000u
#define TX_VLE		0x40000000u
#define TX_TSE		0x80000000u
#define TX_IXSM		0x100u
#define TX_TXSM		0x200u
#define CTX_TCP		0x800u

static const u8 mac[6] = { 0x00, 0x15, 0x5d, 1, 2, 3 };
static struct ixgbevf dev;
static struct net_frame got;
static u8 got_data[NET_FRAME_MAX];
static u32 frames, tx_at;

static void on_frame(void *ctx, struct net_frame *frame)
{
	(void)ctx;
	got = *frame;
	memcpy(got_data, frame->data, frame->len);
	frames++;
}

static u32 in(u64 off)
{
	u32 value = 0;

	mmio_access(false, BAR0 + off, 4, &value);
	return value;
}

static void out(u64 off, u32 value)
{
	mmio_access(true, BAR0 + off, 4, &value);
	fake_posted();
}

static void config_write(u32 off, unsigned int size, u32 value)
{
	pcifn_config_write(&dev.fn, off, size, value);
}

static void ring_on(u64 base, u32 addr, u32 ctl)
{
	out(base + IXGBEVF_RING_BAL, addr);
	out(base + IXGBEVF_RING_BAH, 0);
	out(base + IXGBEVF_RING_LEN, DESCS * 16);
	out(base + IXGBEVF_RING_HEAD, 0);
	out(base + IXGBEVF_RING_TAIL, 0);
	out(base + IXGBEVF_RING_CTL, ctl | IXGBEVF_CTL_ENABLE);
	assert_true(in(base + IXGBEVF_RING_CTL) & IXGBEVF_CTL_ENABLE);
}

static int setup(void **state)
{
	u32 i;

	(void)state;
	fake_reset();
	frames = 0;
	tx_at = 0;
	assert_int_equal(ixgbevf_init(&dev, "vf", NULL, mac, on_frame, NULL), 0);
	config_write(PCI_BASE_ADDRESS_0, 4, BAR0);
	config_write(PCI_BASE_ADDRESS_3, 4, BAR3);
	config_write(PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	config_write(dev.fn.msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	for (i = 0; i < IXGBEVF_VECTORS; i++) {
		out(BAR3 - BAR0 + 16 * i, 0xFEE00000);
		out(BAR3 - BAR0 + 16 * i + 8, 0x50 + i);
		out(BAR3 - BAR0 + 16 * i + 12, 0);
	}
	out(IXGBEVF_IVAR, 0x8080);
	out(IXGBEVF_IVAR_MISC, 0x81);
	out(IXGBEVF_EIAM, 3);
	out(IXGBEVF_EIAC, 3);
	out(IXGBEVF_EIMS, 3);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pcifn_reset(&dev.fn);
	fake_loop_reset();
	ixgbevf_exit(&dev);
	return 0;
}

static u8 *ram(u32 addr)
{
	return fake_page(addr / 4096) + addr % 4096;
}

static void put32(u32 addr, u32 value)
{
	memcpy(ram(addr), &value, sizeof(value));
}

static u32 get32(u32 addr)
{
	u32 value;

	memcpy(&value, ram(addr), sizeof(value));
	return value;
}

/* --- receive --- */

static void rx_on(u32 ctl)
{
	u32 i;

	ring_on(IXGBEVF_RX_BASE, RX_RING, ctl);
	out(IXGBEVF_RX_BASE + IXGBEVF_RX_SRRCTL, BUFFER_LEN / 1024);
	for (i = 0; i < DESCS; i++) {
		put32(RX_RING + 16 * i, BUFFERS + BUFFER_LEN * i);
		put32(RX_RING + 16 * i + 4, 0);
	}
}

static void wire(u8 *data, u32 len)
{
	struct net_frame frame = { .data = data, .len = len };

	ixgbevf_receive(&dev, &frame);
	fake_posted();
}

static u32 rx_status(u32 desc)
{
	return get32(RX_RING + 16 * desc + 8);
}

static u32 rx_len(u32 desc)
{
	return get32(RX_RING + 16 * desc + 12) & 0xFFFF;
}

static void frames_arrive(void **state)
{
	u8 frame[256];
	uint64_t address;
	u32 data, len;

	(void)state;
	rx_on(0);
	len = f_udp4(frame, 100);
	wire(frame, len);
	assert_int_equal(rx_status(0), 0);	/* no buffer yet: it waits */
	out(IXGBEVF_RX_BASE + IXGBEVF_RING_TAIL, 4);
	assert_int_equal(rx_status(0), 0x63);	/* DD EOP L4CS IPCS */
	assert_int_equal(rx_len(0), len);
	assert_memory_equal(ram(BUFFERS), frame, len);
	assert_int_equal(fake_msis(&address, &data), 1);
	assert_int_equal(data, 0x50);
	/* Masked by its own message until EIMS is written */
	wire(frame, len);
	assert_int_equal(rx_status(1), 0x63);
	assert_int_equal(fake_msis(&address, &data), 1);
	out(IXGBEVF_EIMS, 1);
	assert_int_equal(fake_msis(&address, &data), 2);
	assert_int_equal(dev.stats.rx_packets, 2);
	assert_int_equal(in(IXGBEVF_GPRC), 2);
	g_no_violation();
}

static void bad_checksums_are_told(void **state)
{
	u8 frame[256];
	u32 len;

	(void)state;
	rx_on(0);
	out(IXGBEVF_RX_BASE + IXGBEVF_RING_TAIL, 4);
	len = f_udp4(frame, 100);
	frame[len - 1] ^= 1;
	wire(frame, len);
	assert_int_equal(rx_status(0), 0x40000063);
}

static void tags_are_taken_out(void **state)
{
	u8 buf[300], *frame = buf + 4;
	struct net_frame f = { .data = frame };

	(void)state;
	rx_on(IXGBEVF_RXCTL_VME);
	out(IXGBEVF_RX_BASE + IXGBEVF_RING_TAIL, 4);
	f.len = f_udp4(frame, 100);
	netpkt_vlan_insert(&f, 0x6005);
	wire(f.data, f.len);
	assert_int_equal(rx_status(0), 0x6B);
	assert_int_equal(get32(RX_RING + 12) >> 16, 0x6005);
	assert_int_equal(rx_len(0), f.len - 4);
}

static void long_frames_take_several_buffers(void **state)
{
	static u8 frame[5000];

	(void)state;
	rx_on(0);
	out(IXGBEVF_RX_BASE + IXGBEVF_RING_TAIL, 2);
	memset(frame, 0xAB, sizeof(frame));
	wire(frame, sizeof(frame));
	assert_int_equal(rx_status(0), 0);	/* not in parts */
	out(IXGBEVF_RX_BASE + IXGBEVF_RING_TAIL, 3);
	assert_int_equal(rx_status(0), 1);
	assert_int_equal(rx_status(1), 1);
	assert_int_equal(rx_status(2), 3);
	assert_int_equal(rx_len(2), sizeof(frame) - 2 * BUFFER_LEN);
	assert_memory_equal(ram(BUFFERS + 2 * BUFFER_LEN), frame, 8);
	/* Longer than what the driver takes */
	out(IXGBEVF_RX_BASE + IXGBEVF_RING_CTL,
	    IXGBEVF_CTL_ENABLE | IXGBEVF_RXCTL_RLPML_EN | 1518);
	wire(frame, 1515);
	assert_int_equal(dev.stats.rx_too_long, 1);
	wire(frame, 1514);
	assert_int_equal(dev.stats.rx_too_long, 1);
}

static void what_nobody_takes_is_dropped(void **state)
{
	u8 frame[256];
	u32 len = f_udp4(frame, 100), i;

	(void)state;
	wire(frame, len);
	assert_int_equal(dev.stats.rx_disabled, 1);
	rx_on(0);
	for (i = 0; i < IXGBEVF_BACKLOG_MAX + 3; i++)
		wire(frame, len);
	assert_int_equal(dev.stats.rx_no_buffer, 3);
	out(IXGBEVF_CTRL, IXGBEVF_CTRL_RST);
	assert_int_equal(dev.backlog_len, 0);
	assert_int_equal(in(IXGBEVF_RX_BASE + IXGBEVF_RING_CTL), 0);
}

/* --- transmit --- */

static void tx_on(void)
{
	ring_on(IXGBEVF_TX_BASE, TX_RING, 0);
	tx_at = 0;
}

static void tx_put(u32 w0, u32 w1, u32 w2, u32 w3)
{
	u32 at = TX_RING + 16 * tx_at;

	put32(at, w0);
	put32(at + 4, w1);
	put32(at + 8, w2);
	put32(at + 12, w3);
	tx_at = (tx_at + 1) % DESCS;
}

static void tx_kick(void)
{
	out(IXGBEVF_TX_BASE + IXGBEVF_RING_TAIL, tx_at);
}

static void tx_context(u32 vlan, u32 l3, u32 l3_hlen, u32 l4_hlen, u32 mss)
{
	tx_put(vlan << 16 | l3 << 9 | l3_hlen, 0, TX_CONTEXT | CTX_TCP,
	       mss << 16 | l4_hlen << 8);
}

static void frames_leave(void **state)
{
	u8 frame[256];
	u32 data, len = f_udp4(frame, 100);
	uint64_t address;

	(void)state;
	tx_on();
	memcpy(ram(BUFFERS), frame, len);
	tx_put(BUFFERS, 0, TX_DATA | 20, 0);
	tx_put(BUFFERS + 20, 0, TX_DATA | TX_EOP | TX_RS | (len - 20), 0);
	tx_kick();
	assert_int_equal(frames, 1);
	assert_int_equal(got.len, len);
	assert_memory_equal(got_data, frame, len);
	assert_int_equal(got.vh.flags, 0);
	assert_int_equal(get32(TX_RING + 12), 0);
	assert_int_equal(get32(TX_RING + 16 + 12), 1);	/* DD where RS was */
	assert_int_equal(in(IXGBEVF_TX_BASE + IXGBEVF_RING_HEAD), 2);
	assert_int_equal(fake_msis(&address, &data), 1);
	g_no_violation();
}

static void offloads_become_those_of_the_uplink(void **state)
{
	static u8 frame[4000];
	struct netpkt p;
	u32 len = f_tcp4(frame, 3000);

	(void)state;
	tx_on();
	netpkt_parse(frame, len, NETPKT_LEN_IP, &p);
	put_be16(frame + p.l3 + 2, 0);
	memcpy(ram(BUFFERS), frame, len);
	tx_context(0x7123, p.l3, p.l4 - p.l3, p.l4_hlen, 1000);
	tx_put(BUFFERS, 0, TX_DATA | TX_EOP | TX_RS | TX_TSE | TX_VLE | len,
	       TX_IXSM | TX_TXSM);
	tx_kick();
	assert_int_equal(frames, 1);
	assert_int_equal(got.len, len + 4);
	assert_int_equal(get_be16(got_data + 14), 0x7123);
	assert_int_equal(got.vh.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(got.vh.gso_size, 1000);
	assert_int_equal(got.vh.csum_start, p.l4 + 4);
	assert_int_equal(got.vh.hdr_len, p.l4 + p.l4_hlen + 4);
	got.data = got_data;
	netpkt_parse(got_data, got.len, NETPKT_LEN_IP, &p);
	assert_int_equal(p.proto, NETPKT_PROTO_TCP);
	assert_true(netpkt_ipv4_csum_ok(got_data, &p));
	got.vh.gso_type = 0;
	assert_int_equal(netpkt_complete(&got), 0);
	assert_true(netpkt_l4_csum_ok(got_data, &p));
	g_no_violation();
}

static void refused(u32 w0, u32 w1, u32 w2, u32 w3)
{
	tx_on();
	tx_put(w0, w1, w2, w3);
	tx_kick();
	g_violation("ixgbevf.descriptor");
	assert_false(in(IXGBEVF_TX_BASE + IXGBEVF_RING_CTL) & IXGBEVF_CTL_ENABLE);
	assert_int_equal(frames, 0);
	dev.tx[0].len = 0;
}

static void mad_drivers_stop_their_queue(void **state)
{
	u8 nothing[64] = { 0 };

	(void)state;
	refused(BUFFERS, 1, TX_DATA | TX_EOP | 64, 0);		/* not RAM */
	refused(BUFFERS, 0, TX_DATA | TX_EOP, 0);		/* no bytes */
	refused(BUFFERS, 0, TX_DATA | TX_EOP | 5, 0);		/* no header */
	refused(BUFFERS, 0, TX_EOP | 64, 0);			/* legacy */
	refused(BUFFERS, 0, 0x20500000 | 64, 0);		/* unknown type */
	refused(BUFFERS, 0, TX_DATA | TX_EOP | TX_TSE | 64, 0);	/* zeros */
	refused(BUFFERS, 0, TX_DATA | TX_EOP | 64, TX_TXSM);	/* no context */
	tx_on();
	out(IXGBEVF_TX_BASE + IXGBEVF_RING_TAIL, 4000);
	g_violation("ixgbevf.descriptor");
	tx_on();
	out(IXGBEVF_TX_BASE + IXGBEVF_RING_BAH, 7);
	out(IXGBEVF_TX_BASE + IXGBEVF_RING_TAIL, 1);
	g_violation("ixgbevf.descriptor");
	rx_on(0);
	put32(RX_RING + 4, 9);
	out(IXGBEVF_RX_BASE + IXGBEVF_RING_TAIL, 4);
	wire(nothing, sizeof(nothing));
	g_violation("ixgbevf.descriptor");
	assert_false(ixgbevf_receives(&dev));
}

static void a_frame_has_an_end(void **state)
{
	u32 i;

	(void)state;
	tx_on();
	for (i = 0; i < 5; i++)
		tx_put(BUFFERS, 0, TX_DATA | 16000, 0);
	tx_kick();
	g_violation("ixgbevf.descriptor");
}

/* --- the rest --- */

static void link_is_told(void **state)
{
	uint64_t address;
	u32 data;

	(void)state;
	dev.speed_mbps = 1000;
	assert_int_equal(in(IXGBEVF_LINKS), IXGBEVF_LINKS_UP | IXGBEVF_LINKS_1G);
	ixgbevf_set_link(&dev, false);
	fake_posted();
	assert_int_equal(in(IXGBEVF_LINKS), 0);
	assert_int_equal(fake_msis(&address, &data), 1);
	assert_int_equal(data, 0x51);
}

static void software_causes_interrupts(void **state)
{
	uint64_t address;
	u32 data;

	(void)state;
	out(IXGBEVF_EIMC, 1);
	out(IXGBEVF_EICS, 1);
	assert_int_equal(fake_msis(&address, &data), 0);
	assert_int_equal(in(IXGBEVF_EICR), 1);
	assert_int_equal(in(IXGBEVF_EICR), 0);	/* by reading */
	out(IXGBEVF_EICS, 1);
	out(IXGBEVF_EIMS, 1);
	assert_int_equal(fake_msis(&address, &data), 1);
	assert_int_equal(in(IXGBEVF_EICR), 0);	/* by EIAC */
}

static void address_is_in_configuration_space(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < 6; i++)
		assert_int_equal(pcifn_config_read(&dev.fn, 0x201 + i, 1), mac[i]);
	pcifn_remove(&dev.fn);
	assert_int_equal(pcifn_config_read(&dev.fn, 0x201, 1), U32_MAX);
	assert_int_equal(in(IXGBEVF_STATUS), UINT32_MAX);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(frames_arrive), T(bad_checksums_are_told), T(tags_are_taken_out),
		T(long_frames_take_several_buffers),
		T(what_nobody_takes_is_dropped), T(frames_leave),
		T(offloads_become_those_of_the_uplink),
		T(mad_drivers_stop_their_queue), T(a_frame_has_an_end),
		T(link_is_told), T(software_causes_interrupts),
		T(address_is_in_configuration_space),
	};

	return cmocka_run_group_tests_name("ixgbevf", tests, NULL, NULL);
}
