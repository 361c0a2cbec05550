// SPDX-License-Identifier: GPL-2.0
/*
 * Packets on an open channel: what is taken, what is refused, what is sent, and
 * who is signalled when.
 */
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "guest_mem.h"

static struct fake_dev *dev;	/* relid 1 */
static struct guest_chan gc;	/* two data pages each way, VP 1 */

#define D (2 * HV_PAGE_SIZE)

static void open_channel(void)
{
	memset(fake_page(100), 0, 6 * HV_PAGE_SIZE);
	guest_open(&gc, 1, 100, 2);
}

static int setup(void **state)
{
	if (guest_setup(state))
		return -1;
	dev = dev_offer(1, 0);
	guest_connect(VMBUS_V5_3);
	open_channel();
	return 0;
}

static void signal_host(void)
{
	assert_true(fake_signal(CONN_ID(1)));
}

static unsigned int interrupts(void)
{
	return fake_events(1, 1);
}

/* After a fault: silent now, and well again once closed and opened. */
static void prove_dead_then_reopened(void)
{
	uint32_t written = ring_header(&gc.in)->write_index;
	int processed = dev->processed;

	assert_int_equal(dev->recv_error, -EPROTO);
	assert_false(vmbus_is_open(dev->chan));
	signal_host();
	assert_int_equal(dev->processed, processed);
	assert_int_equal(vmbus_send(dev->chan, VM_PKT_INBAND, 0, 1, "x", 1),
			 -ENODEV);
	vmbus_signal(dev->chan);
	assert_int_equal(ring_header(&gc.in)->write_index, written);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_teardown_gpadl(1, gc.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	open_channel();
	prove_alive(&gc, dev);
}

/* --- taking --- */

static void in_band_packets_arrive_as_they_were_sent(void **state)
{
	(void)state;
	guest_packet(&gc, VM_PKT_INBAND, 1, 0x1122334455667788, "0123456789", 10);
	guest_packet(&gc, VM_PKT_INBAND, 0, 0, NULL, 0);
	signal_host();
	assert_int_equal(dev->packets, 2);
	assert_int_equal(dev->recv_error, 0);
	assert_int_equal(dev->last.type, VM_PKT_INBAND);
	assert_int_equal(dev->last.flags, 0);
	assert_int_equal(dev->last.payload_len, 0);
	assert_int_equal(dev->last.range_cnt, 0);
	assert_string_equal((char *)dev->last_bytes, "0123456789");
	assert_int_equal(ring_header(&gc.out)->read_index,
			 ring_header(&gc.out)->write_index);
	assert_int_equal(ring_header(&gc.out)->interrupt_mask, 0);
	prove_alive(&gc, dev);
}

static void packets_arrive_whole_across_the_wrap(void **state)
{
	char text[200];

	(void)state;
	for (unsigned int i = 0; i < 500; i++) {
		unsigned int n = 1 + i * 7 % 63;

		memset(text, 'a' + i % 26, sizeof(text));
		guest_packet(&gc, VM_PKT_INBAND, 0, i, text, n);
		signal_host();
		assert_int_equal(dev->packets, i + 1);
		assert_int_equal(dev->last.trans_id, i);
		assert_memory_equal(dev->last_bytes, text, n);
	}
	prove_alive(&gc, dev);
}

/* A GPA-direct packet; @ranges are words as they stand in the ring. */
static void gpa_packet(uint32_t count, const uint64_t *words, uint32_t n,
		       const void *payload, uint32_t len)
{
	struct vmbus_gpa_desc g = {
		.d.type = VM_PKT_GPA_DIRECT,
		.d.offset8 = 3 + n,
		.d.len8 = 3 + n + len / 8,
		.d.flags = 1,
		.d.trans_id = 5,
		.range_count = count,
	};
	uint64_t trailer = 0;
	uint8_t buf[4096];

	memcpy(buf, &g, 24);
	memcpy(buf + 24, words, 8 * n);
	memcpy(buf + 24 + 8 * n, payload, len);
	memcpy(buf + 24 + 8 * n + len, &trailer, 8);
	ring_poke(&gc.out, buf, 24 + 8 * n + len + 8);
}

#define RANGE(len, off) ((uint64_t)(off) << 32 | (len))

static void page_ranges_become_pointers(void **state)
{
	static const uint64_t words[] = {
		RANGE(100, 4090), 7, 3,		/* two pages, not neighbours */
		RANGE(4096, 0), 9,
		RANGE(8, 4088), 11,
	};

	(void)state;
	gpa_packet(3, words, 7, "12345678", 8);
	signal_host();
	assert_int_equal(dev->packets, 1);
	assert_int_equal(dev->last.type, VM_PKT_GPA_DIRECT);
	assert_int_equal(dev->last.payload_len, 8);
	assert_memory_equal(dev->last_bytes, "12345678", 8);
	assert_int_equal(dev->last.range_cnt, 3);
	assert_int_equal(dev->last.first_range_len, 100);
	assert_int_equal(dev->last.iov_cnt, 4);
	assert_ptr_equal(dev->last.iov[0].iov_base, fake_page(7) + 4090);
	assert_int_equal(dev->last.iov[0].iov_len, 6);
	assert_ptr_equal(dev->last.iov[1].iov_base, fake_page(3));
	assert_int_equal(dev->last.iov[1].iov_len, 94);
	assert_ptr_equal(dev->last.iov[2].iov_base, fake_page(9));
	assert_int_equal(dev->last.iov[2].iov_len, 4096);
	assert_ptr_equal(dev->last.iov[3].iov_base, fake_page(11) + 4088);
	assert_int_equal(dev->last.iov[3].iov_len, 8);
	prove_alive(&gc, dev);
}

/* --- refusing --- */

struct desc_case {
	const char *rule;
	struct vmbus_desc d;
	uint32_t bytes;		/* how far the write index moves */
};

static void malformed_descriptors_end_the_channel(void **state)
{
	static const struct desc_case cases[] = {
		{ "packet.length", { 6, 2, 2, 0, 1 }, 8 },
		{ "packet.length", { 6, 2, 2, 0, 1 }, 16 },
		{ "packet.length", { 6, 2, 3, 0, 1 }, 24 },
		{ "packet.length", { 6, 2, 0xFFFF, 0, 1 }, 32 },
		{ "packet.offset", { 6, 0, 2, 0, 1 }, 24 },
		{ "packet.offset", { 6, 1, 2, 0, 1 }, 24 },
		{ "packet.offset", { 6, 3, 2, 0, 1 }, 24 },
		{ "packet.offset", { 6, 0xFFFF, 3, 0, 1 }, 32 },
		{ "packet.offset", { 6, 2, 0, 0, 1 }, 24 },
		{ "packet.offset", { 6, 1, 1, 0, 1 }, 24 },
		{ "packet.flags", { 6, 2, 2, 2, 1 }, 24 },
		{ "packet.flags", { 6, 2, 2, 0x8001, 1 }, 24 },
		{ "packet.type", { 0, 2, 2, 0, 1 }, 24 },
		{ "packet.type", { 7, 3, 3, 0, 1 }, 32 },
		{ "packet.type", { 8, 2, 2, 0, 1 }, 24 },
		{ "packet.type", { 10, 2, 2, 0, 1 }, 24 },
		{ "packet.type", { 12, 2, 2, 0, 1 }, 24 },
		{ "packet.type", { 0xFFFF, 2, 2, 0, 1 }, 24 },
		{ "packet.offset", { 9, 2, 3, 0, 1 }, 32 },
		{ "packet.range_count", { 9, 3, 3, 0, 1 }, 32 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t buf[64] = { 0 };

		memcpy(buf, &cases[i].d, sizeof(cases[i].d));
		ring_poke(&gc.out, buf, cases[i].bytes);
		signal_host();
		expect_violation(cases[i].rule);
		prove_dead_then_reopened();
	}
}

struct range_case {
	const char *rule;
	uint32_t count;
	uint64_t words[4];
	uint32_t n;
};

static void malformed_ranges_end_the_channel(void **state)
{
	static const struct range_case cases[] = {
		{ "packet.range_count", 0, { RANGE(8, 0), 1 }, 2 },
		{ "packet.range_count", 2, { RANGE(8, 0), 1 }, 2 },
		{ "packet.range_count", 0xFFFFFFFF, { RANGE(8, 0), 1 }, 2 },
		{ "packet.range", 1, { RANGE(0, 0), 1 }, 2 },
		{ "packet.range", 1, { RANGE(8, 4096), 1 }, 2 },
		{ "packet.range", 1, { RANGE(1, 0xFFFFFFFF), 1 }, 2 },
		{ "packet.range_pfns", 1, { RANGE(4097, 0), 1 }, 2 },
		{ "packet.range_pfns", 1, { RANGE(2, 4095), 1 }, 2 },
		{ "packet.range_pfns", 1, { RANGE(0xFFFFFFFF, 4095), 1 }, 2 },
		{ "packet.range_pfns", 1, { RANGE(8, 0) }, 1 },
		{ "packet.pfn", 1, { RANGE(8, 0), FAKE_RAM_PAGES }, 2 },
		{ "packet.pfn", 1, { RANGE(8, 0), UINT64_MAX }, 2 },
		{ "packet.pfn", 1, { RANGE(8, 0), 1ull << 52 }, 2 },
		{ "packet.pfn", 1, { RANGE(4097, 0), 1, FAKE_RAM_PAGES }, 3 },
		{ "packet.pfn", 2, { RANGE(8, 0), 1, RANGE(8, 0),
				     FAKE_RAM_PAGES }, 4 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct range_case *t = &cases[i];

		gpa_packet(t->count, t->words, t->n, "12345678", 8);
		signal_host();
		expect_violation(t->rule);
		assert_int_equal(dev->packets, i);	/* the proofs alone */
		prove_dead_then_reopened();
	}
}

static void bad_ring_indices_end_the_channel(void **state)
{
	static const uint32_t bad[] = { 4, D, D + 8, 0xFFFFFFF8, 0x80000001 };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		ring_header(&gc.out)->write_index = bad[i];
		signal_host();
		expect_violation("ring.write_index");
		prove_dead_then_reopened();
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		ring_header(&gc.in)->read_index = bad[i];
		assert_int_equal(vmbus_send(dev->chan, VM_PKT_INBAND, 0, 1,
					    "x", 1), -ENODEV);
		expect_violation("ring.read_index");
		dev->recv_error = -EPROTO;	/* the device was not asked */
		prove_dead_then_reopened();
	}
}

static void a_guest_that_masks_for_the_host_ends_the_channel(void **state)
{
	(void)state;
	ring_header(&gc.out)->interrupt_mask = 1;
	signal_host();
	expect_violation("ring.mask");
	prove_dead_then_reopened();
}

static void a_packet_is_read_from_the_ring_once(void **state)
{
	struct vmbus_packet pkt;

	(void)state;
	guest_packet(&gc, VM_PKT_INBAND, 0, 1, "original", 8);
	assert_int_equal(vmbus_recv(dev->chan, &pkt), 1);
	memset(fake_page(101), 0xFF, HV_PAGE_SIZE);	/* the ring's data */
	assert_memory_equal(pkt.payload, "original", 8);
	assert_int_equal(pkt.payload_len, 8);
	assert_int_equal(vmbus_recv(dev->chan, &pkt), 0);
	prove_alive(&gc, dev);
}

/* --- completions of the guest, I.2 11 --- */

static void completions_are_taken_once_and_for_what_is_outstanding(void **state)
{
	static const uint64_t ids[] = { 0, 1, 1ull << 63, UINT64_MAX };
	static const struct vmbus_xfer_range range = { 8, 0 };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++)
		assert_int_equal(vmbus_send_xfer(dev->chan, 0xCAFE, ids[i],
						 &range, 1, "payload", 8), 0);
	assert_int_equal(vmbus_send(dev->chan, VM_PKT_INBAND,
				    VM_PKT_FLAG_COMPLETION, 77, "x", 1), 0);
	vmbus_signal(dev->chan);
	guest_packet(&gc, VM_PKT_COMPLETION, 0, 77, NULL, 0);
	for (unsigned int i = ARRAY_SIZE(ids); i--;)
		guest_packet(&gc, VM_PKT_COMPLETION, 0, ids[i], "status", 6);
	signal_host();
	assert_int_equal(dev->packets, 5);
	expect_no_violation();

	guest_packet(&gc, VM_PKT_COMPLETION, 0, 1, NULL, 0);	/* replayed */
	signal_host();
	expect_violation("packet.completion");
	assert_int_equal(dev->packets, 5);
	prove_dead_then_reopened();
}

static void packets_that_ask_for_no_completion_get_none(void **state)
{
	(void)state;
	vmbus_send(dev->chan, VM_PKT_INBAND, 0, 5, "x", 1);
	vmbus_signal(dev->chan);
	guest_packet(&gc, VM_PKT_COMPLETION, 0, 5, NULL, 0);
	signal_host();
	expect_violation("packet.completion");
	prove_dead_then_reopened();
}

static void a_new_opening_owes_nothing_of_the_last(void **state)
{
	(void)state;
	vmbus_send(dev->chan, VM_PKT_INBAND, 1, 5, "x", 1);
	vmbus_signal(dev->chan);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_teardown_gpadl(1, gc.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	open_channel();
	guest_packet(&gc, VM_PKT_COMPLETION, 0, 5, NULL, 0);
	signal_host();
	expect_violation("packet.completion");
	prove_dead_then_reopened();
}

/* --- sending --- */

static void packets_to_the_guest_look_as_the_reference_says(void **state)
{
	static const struct vmbus_xfer_range r[] = { { 60, 0 }, { 1514, 1806 } };
	static const uint8_t inband[] = {
		6, 0, 2, 0, 3, 0, 1, 0, 8, 7, 6, 5, 4, 3, 2, 1,
		'a', 'b', 'c', 0, 0, 0, 0, 0,
	};
	static const uint8_t xfer[] = {
		7, 0, 5, 0, 6, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0,
		0xFE, 0xCA, 0, 0, 2, 0, 0, 0,
		60, 0, 0, 0, 0, 0, 0, 0, 0xEA, 5, 0, 0, 0x0E, 7, 0, 0,
		'p', 'a', 'y', 'l', 'o', 'a', 'd', '!',
	};
	static const uint8_t raw[] = {
		0xFF, 0xFF, 2, 0, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8,
	};
	uint8_t buf[128];
	uint32_t trailer[2];

	(void)state;
	vmbus_send(dev->chan, 6, 1, 0x0102030405060708, "abc", 3);
	vmbus_send_xfer(dev->chan, 0xCAFE, 9, r, 2, "payload!", 8);
	vmbus_send_raw(dev->chan, raw, sizeof(raw));
	assert_int_equal(ring_header(&gc.in)->write_index, 0);	/* unseen yet */
	vmbus_signal(dev->chan);

	assert_int_equal(guest_read(&gc, buf, sizeof(buf)), sizeof(inband));
	assert_memory_equal(buf, inband, sizeof(inband));
	assert_int_equal(guest_read(&gc, buf, sizeof(buf)), sizeof(xfer));
	assert_memory_equal(buf, xfer, sizeof(xfer));
	memcpy(trailer, fake_page(gc.in.pfn + 1) + 32 + 48, 8);
	assert_int_equal(trailer[0], 0);
	assert_int_equal(trailer[1], 32);	/* where the packet starts */
	assert_int_equal(guest_read(&gc, buf, sizeof(buf)), sizeof(raw));
	assert_memory_equal(buf, raw, sizeof(raw));
	prove_alive(&gc, dev);
}

static void a_batch_is_one_interrupt_and_only_into_an_empty_ring(void **state)
{
	uint8_t buf[64];

	(void)state;
	for (int i = 0; i < 5; i++)
		vmbus_send(dev->chan, VM_PKT_INBAND, 0, i, "x", 1);
	assert_int_equal(interrupts(), 0);
	vmbus_signal(dev->chan);
	assert_int_equal(interrupts(), 1);
	vmbus_signal(dev->chan);
	assert_int_equal(interrupts(), 1);

	vmbus_send(dev->chan, VM_PKT_INBAND, 0, 6, "x", 1);
	vmbus_signal(dev->chan);	/* the guest has not read yet */
	assert_int_equal(interrupts(), 1);
	while (guest_read(&gc, buf, sizeof(buf)))
		;
	ring_header(&gc.in)->interrupt_mask = 1;
	vmbus_send(dev->chan, VM_PKT_INBAND, 0, 7, "x", 1);
	vmbus_signal(dev->chan);
	assert_int_equal(interrupts(), 1);
	guest_read(&gc, buf, sizeof(buf));
	ring_header(&gc.in)->interrupt_mask = 0;
	vmbus_send(dev->chan, VM_PKT_INBAND, 0, 8, "x", 1);
	vmbus_signal(dev->chan);
	assert_int_equal(interrupts(), 2);
	prove_alive(&gc, dev);
}

static void a_full_ring_shows_all_and_waits_for_room(void **state)
{
	char text[1000] = "";
	uint8_t buf[1024];
	int sent = 0, processed;

	(void)state;
	while (!vmbus_send(dev->chan, VM_PKT_INBAND, 0, sent, text, 1000))
		sent++;
	assert_int_equal(sent, (D - 8) / 1024);
	/* Without vmbus_signal(): or the guest could not make room. */
	assert_int_equal(interrupts(), 1);
	assert_int_equal(ring_header(&gc.in)->pending_send_size, 1024);
	processed = dev->processed;
	for (int i = 0; i < sent; i++)
		assert_int_equal(guest_read(&gc, buf, sizeof(buf)), 1016);
	signal_host();	/* the guest sees the pending size and signals */
	assert_int_equal(dev->processed, processed + 1);
	assert_int_equal(vmbus_send(dev->chan, VM_PKT_INBAND, 0, 1, text, 1000),
			 0);
	assert_int_equal(ring_header(&gc.in)->pending_send_size, 0);
	vmbus_signal(dev->chan);
	assert_int_equal(guest_read(&gc, buf, sizeof(buf)), 1016);
	prove_alive(&gc, dev);
}

static void what_can_never_fit_is_refused(void **state)
{
	char *big = calloc(1, 600000);
	uint8_t buf[D];

	(void)state;
	/* descriptor 16, trailer 8, never completely full 8 */
	assert_int_equal(vmbus_send(dev->chan, 6, 0, 1, big, D - 31), -EMSGSIZE);
	assert_int_equal(vmbus_send(dev->chan, 6, 0, 1, big, 524280), -EMSGSIZE);
	assert_int_equal(vmbus_send(dev->chan, 6, 0, 1, big, UINT32_MAX),
			 -EMSGSIZE);
	assert_int_equal(vmbus_send_xfer(dev->chan, 1, 1, (void *)big, UINT32_MAX,
					 big, 8), -EMSGSIZE);
	assert_int_equal(vmbus_send_raw(dev->chan, big, 600000), -EMSGSIZE);
	assert_int_equal(ring_header(&gc.in)->pending_send_size, 0);
	assert_int_equal(vmbus_send(dev->chan, 6, 0, 1, big, D - 32), 0);
	vmbus_signal(dev->chan);
	assert_int_equal(guest_read(&gc, buf, D), D - 16);
	free(big);
	prove_alive(&gc, dev);
}

static void the_guest_is_told_of_room_that_it_waits_for(void **state)
{
	unsigned int before;
	char text[1000] = "";

	(void)state;
	for (int i = 0; i < 7; i++)
		guest_packet(&gc, VM_PKT_INBAND, 0, i, text, 1000);
	ring_header(&gc.out)->pending_send_size = 2048;
	before = interrupts();
	signal_host();
	assert_int_equal(dev->packets, 7);
	assert_int_equal(interrupts(), before + 1);
	ring_header(&gc.out)->pending_send_size = 0;
	guest_packet(&gc, VM_PKT_INBAND, 0, 8, text, 1000);
	signal_host();
	assert_int_equal(interrupts(), before + 1);
	prove_alive(&gc, dev);
}

/* Whatever the host does meanwhile: nothing heals it but another opening */
static void a_corrupt_ring_stays_so_until_it_is_opened_anew(void **state)
{
	(void)state;
	for (int odd = 0; odd < 2; odd++) {
		unsigned int before;
		uint32_t lie;

		assert_int_equal(vmbus_send(dev->chan, VM_PKT_INBAND, 0, 1, "x", 1), 0);
		vmbus_signal(dev->chan);
		lie = odd ? ring_header(&gc.in)->write_index + 4 : D;
		before = interrupts();
		ring_header(&gc.in)->interrupt_mask = 1;
		vmbus_lie(dev->chan, odd);
		assert_int_equal(interrupts(), before + 1);
		assert_int_equal(ring_header(&gc.in)->write_index, lie);

		assert_int_equal(vmbus_send(dev->chan, VM_PKT_INBAND, 0, 2, "x", 1), 0);
		vmbus_signal(dev->chan);
		assert_int_equal(ring_header(&gc.in)->write_index, lie);
		guest_packet(&gc, VM_PKT_INBAND, 0, 0, "y", 1);
		signal_host();
		assert_int_equal(dev->recv_error, 0);

		guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
		vmbus_lie(dev->chan, odd);
		guest_teardown_gpadl(1, gc.handle);
		guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
		open_channel();
		prove_alive(&gc, dev);
	}
	expect_no_violation();
}

static void the_host_masks_while_it_drains(void **state)
{
	struct vmbus_packet pkt;

	(void)state;
	guest_packet(&gc, VM_PKT_INBAND, 0, 1, "a", 1);
	guest_packet(&gc, VM_PKT_INBAND, 0, 2, "b", 1);
	assert_int_equal(vmbus_recv(dev->chan, &pkt), 1);
	assert_int_equal(ring_header(&gc.out)->interrupt_mask, 1);
	assert_int_equal(ring_header(&gc.out)->read_index, 0);
	vmbus_recv_done(dev->chan);
	assert_int_equal(ring_header(&gc.out)->read_index, 32);
	assert_int_equal(vmbus_recv(dev->chan, &pkt), 1);
	assert_int_equal(vmbus_recv(dev->chan, &pkt), 0);
	assert_int_equal(ring_header(&gc.out)->interrupt_mask, 0);
	assert_int_equal(ring_header(&gc.out)->read_index, 64);
	prove_alive(&gc, dev);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, guest_teardown)
	const struct CMUnitTest tests[] = {
		T(in_band_packets_arrive_as_they_were_sent),
		T(packets_arrive_whole_across_the_wrap),
		T(page_ranges_become_pointers),
		T(malformed_descriptors_end_the_channel),
		T(malformed_ranges_end_the_channel),
		T(bad_ring_indices_end_the_channel),
		T(a_guest_that_masks_for_the_host_ends_the_channel),
		T(a_packet_is_read_from_the_ring_once),
		T(completions_are_taken_once_and_for_what_is_outstanding),
		T(packets_that_ask_for_no_completion_get_none),
		T(a_new_opening_owes_nothing_of_the_last),
		T(packets_to_the_guest_look_as_the_reference_says),
		T(a_batch_is_one_interrupt_and_only_into_an_empty_ring),
		T(a_full_ring_shows_all_and_waits_for_room),
		T(what_can_never_fit_is_refused),
		T(the_guest_is_told_of_room_that_it_waits_for),
		T(a_corrupt_ring_stays_so_until_it_is_opened_anew),
		T(the_host_masks_while_it_drains),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
