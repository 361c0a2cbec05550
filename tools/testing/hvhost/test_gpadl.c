// SPDX-License-Identifier: GPL-2.0
/*
 * GPADLs: assembly from header and bodies, what is refused, copying, teardown.
 */
#include "test.h"

#include <errno.h>
#include <string.h>

#include "fake_guest.h"
#include "guest_mem.h"

#define H 0xE1E10u	/* a handle as Linux chooses it */

static struct fake_dev *dev;

static int setup(void **state)
{
	if (guest_setup(state))
		return -1;
	dev = dev_offer(1, 0);
	guest_connect(VMBUS_V5_3);
	return 0;
}

/* However it went, a good GPADL is still accepted. */
static void prove_accepted(void)
{
	guest_gpadl(1, 0xBEEF, 8, 30);
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, 0xBEEF), 0);
	assert_non_null(vmbus_gpadl_find(dev->chan, 0xBEEF, NULL, NULL));
	guest_teardown_gpadl(1, 0xBEEF);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	guest_hear_nothing();
	expect_no_violation();
}

static void page_numbers_from_header_and_bodies_keep_their_order(void **state)
{
	static const uint32_t sizes[] = { 1, 25, 26, 27, 53, 54, 55, 83, 1000,
					  4000 };
	struct vmbus_gpadl *g;

	(void)state;
	for (uint32_t i = 0; i < FAKE_RAM_PAGES; i++)
		memcpy(fake_page(i), &i, sizeof(i));
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		uint32_t pages = sizes[i], tag;

		guest_gpadl(1, H + i, 50, pages);
		assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1,
						   H + i), 0);
		guest_hear_nothing();
		g = vmbus_gpadl_find(dev->chan, H + i, NULL, NULL);
		assert_non_null(g);
		assert_int_equal(vmbus_gpadl_len(g), pages * 4096ull);
		for (uint32_t p = 0; p < pages; p++) {
			assert_int_equal(vmbus_gpadl_copy_in(g, &tag, p * 4096ull,
							     sizeof(tag)), 0);
			assert_int_equal(tag, 50 + p);
		}
	}
	expect_no_violation();
	prove_accepted();
}

/* B.4: 8190 pages are the most that the u16 can announce. */
static void the_largest_gpadl_is_taken(void **state)
{
	union vmbus_guest_msg msg = { 0 };
	uint32_t sent = 26;

	(void)state;
	msg.gpadl_header.relid = 1;
	msg.gpadl_header.gpadl = H;
	msg.gpadl_header.range_bytes = 8 + 8 * 8190;
	msg.gpadl_header.range_count = 1;
	msg.gpadl_header.byte_count = 8190 * 4096;
	guest_say(&msg, VMBUS_GPADL_HEADER, 236);
	memset(&msg, 0, sizeof(msg));
	msg.gpadl_body.gpadl = H;
	for (; sent < 8190; sent += 28) {
		guest_hear_nothing();
		guest_say(&msg, VMBUS_GPADL_BODY, 240);
	}
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, H), 0);
	expect_no_violation();	/* junk behind the last page number is lawful */
	prove_accepted();
}

struct header_case {
	const char *rule;
	uint32_t relid;
	uint16_t range_bytes, range_count;
	uint32_t byte_count, byte_offset;
	uint64_t pfn;
};

static void bad_headers_fail_the_gpadl_alone(void **state)
{
	static const struct header_case cases[] = {
		{ "gpadl.range_count", 1, 16, 0, 4096, 0, 1 },
		{ "gpadl.range_count", 1, 16, 2, 4096, 0, 1 },
		{ "gpadl.range", 1, 16, 1, 0, 0, 1 },
		{ "gpadl.range", 1, 16, 1, 1, 4096, 1 },
		{ "gpadl.range", 1, 16, 1, 1, 0xFFFFFFFF, 1 },
		{ "gpadl.size", 1, 16, 1, 4097, 0, 1 },
		{ "gpadl.size", 1, 16, 1, 4096, 1, 1 },
		{ "gpadl.size", 1, 16, 1, 0xFFFFFFFF, 4095, 1 },
		{ "gpadl.size", 1, 0, 1, 4096, 0, 1 },
		{ "gpadl.size", 1, 8, 1, 4096, 0, 1 },
		{ "gpadl.size", 1, 15, 1, 4096, 0, 1 },
		{ "gpadl.size", 1, 17, 1, 4096, 0, 1 },
		{ "gpadl.relid", 0, 16, 1, 4096, 0, 1 },
		{ "gpadl.relid", 2, 16, 1, 4096, 0, 1 },
		{ "gpadl.relid", 0xFFFFFFFF, 16, 1, 4096, 0, 1 },
		{ "gpadl.pfn", 1, 16, 1, 4096, 0, FAKE_RAM_PAGES },
		{ "gpadl.pfn", 1, 16, 1, 4096, 0, 1ull << 52 },
		{ "gpadl.pfn", 1, 16, 1, 4096, 0, UINT64_MAX },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct header_case *t = &cases[i];
		union vmbus_guest_msg msg = { 0 };

		msg.gpadl_header.relid = t->relid;
		msg.gpadl_header.gpadl = H;
		msg.gpadl_header.range_bytes = t->range_bytes;
		msg.gpadl_header.range_count = t->range_count;
		msg.gpadl_header.byte_count = t->byte_count;
		msg.gpadl_header.byte_offset = t->byte_offset;
		msg.gpadl_header.pfn[0] = t->pfn;
		guest_say(&msg, VMBUS_GPADL_HEADER, 36);
		assert_int_not_equal(guest_hear_status(VMBUS_GPADL_CREATED,
						       t->relid, H), 0);
		guest_hear_nothing();
		expect_violation(t->rule);
		assert_null(vmbus_gpadl_find(dev->chan, H, NULL, NULL));
	}
	prove_accepted();
}

static void a_bad_page_in_a_body_is_answered_once_all_came(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	msg.gpadl_header.relid = 1;
	msg.gpadl_header.gpadl = H;
	msg.gpadl_header.range_bytes = 8 + 8 * 3;
	msg.gpadl_header.range_count = 1;
	msg.gpadl_header.byte_count = 3 * 4096;
	guest_say(&msg, VMBUS_GPADL_HEADER, 36);
	memset(&msg, 0, sizeof(msg));
	msg.gpadl_body.gpadl = H;
	msg.gpadl_body.pfn[0] = FAKE_RAM_PAGES;
	guest_say(&msg, VMBUS_GPADL_BODY, 24);
	expect_violation("gpadl.pfn");
	guest_hear_nothing();
	msg.gpadl_body.pfn[0] = FAKE_RAM_PAGES + 1;
	guest_say(&msg, VMBUS_GPADL_BODY, 24);
	assert_int_not_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, H), 0);
	expect_no_violation();	/* said once */
	prove_accepted();
}

static void bodies_without_a_gpadl_that_lacks_pages_are_dropped(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	msg.gpadl_body.gpadl = H;
	guest_say(&msg, VMBUS_GPADL_BODY, 24);
	expect_violation("gpadl.body");
	guest_gpadl(1, H, 8, 2);
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, H), 0);
	guest_say(&msg, VMBUS_GPADL_BODY, 24);
	expect_violation("gpadl.body");
	guest_hear_nothing();
	prove_accepted();
}

static void a_handle_is_used_once_at_a_time(void **state)
{
	(void)state;
	guest_gpadl(1, H, 8, 2);
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, H), 0);
	guest_gpadl(1, H, 8, 2);
	assert_int_not_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, H), 0);
	expect_violation("gpadl.handle");
	assert_non_null(vmbus_gpadl_find(dev->chan, H, NULL, NULL));
	guest_teardown_gpadl(1, H);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	guest_gpadl(1, H, 8, 2);
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, H), 0);
	prove_accepted();
}

/* B.4: 384 MiB before Server 2019, 1280 MiB from then on. */
static void a_vm_gets_so_much_and_no_more(void **state)
{
	static const struct { uint32_t version, mib; } cases[] = {
		{ VMBUS_V5_1, 384 }, { VMBUS_V5_2, 1280 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t fit = cases[i].mib * 256 / 4000, n;

		guest_connect(cases[i].version);
		for (n = 0; n < fit; n++) {
			guest_gpadl(1, H + n, 8, 4000);
			assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED,
							   1, H + n), 0);
		}
		expect_no_violation();
		guest_gpadl(1, H + n, 8, 26);
		assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1,
						   H + n), 0);
		/* Only a header: bodies for what was refused are faults, too. */
		n++;
		while (n - fit < 1000) {
			guest_gpadl(1, H + n, 8, 26);
			if (guest_hear_status(VMBUS_GPADL_CREATED, 1, H + n))
				break;
			n++;
		}
		expect_violation("gpadl.limit");
		assert_true(n - fit <= cases[i].mib * 256 % 4000 / 26 + 1);
	}
	guest_connect(VMBUS_V5_3);
	prove_accepted();
}

static void torn_note(void *ctx, struct vmbus_gpadl *g)
{
	(void)g;
	++*(int *)ctx;
	guest_hear_nothing();	/* told before the guest is answered */
}

static void the_user_is_told_before_teardown_is_answered(void **state)
{
	int torn = 0;

	(void)state;
	guest_gpadl(1, H, 8, 2);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	assert_non_null(vmbus_gpadl_find(dev->chan, H, torn_note, &torn));
	guest_teardown_gpadl(1, H);
	assert_int_equal(torn, 1);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	assert_null(vmbus_gpadl_find(dev->chan, H, NULL, NULL));
	prove_accepted();
}

static void the_user_is_told_nothing_after_it_closed(void **state)
{
	struct guest_chan gc;
	int torn = 0;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	guest_gpadl(1, H, 8, 2);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	assert_non_null(vmbus_gpadl_find(dev->chan, H, torn_note, &torn));
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_teardown_gpadl(1, H);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	assert_int_equal(torn, 0);
	prove_accepted();
}

/* The user is the primary, the GPADL was made for a sub-channel */
static void the_user_is_told_when_the_relid_is_released(void **state)
{
	struct guest_chan gc;
	struct fake_dev *sub;
	int torn = 0;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	sub = dev_offer(1, 1);
	assert_int_equal(guest_hear_offer(1), 2);
	guest_gpadl(2, H, 8, 2);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	vmbus_rescind(sub->chan);
	assert_int_equal(guest_hear_rescind(), 2);
	assert_non_null(vmbus_gpadl_find(dev->chan, H, torn_note, &torn));
	guest_relid_msg(VMBUS_RELID_RELEASED, 2);
	assert_int_equal(torn, 1);
	guest_hear_nothing();
	assert_null(vmbus_gpadl_find(dev->chan, H, NULL, NULL));
	prove_alive(&gc, dev);
}

static void teardown_of_what_is_not_there_is_dropped(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	guest_teardown_gpadl(1, H);
	expect_violation("gpadl.teardown");
	guest_gpadl(1, H, 8, 2);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	guest_teardown_gpadl(2, H);	/* another channel's */
	expect_violation("gpadl.teardown");

	msg.gpadl_header.relid = 1;	/* incomplete */
	msg.gpadl_header.gpadl = H + 1;
	msg.gpadl_header.range_bytes = 24;
	msg.gpadl_header.range_count = 1;
	msg.gpadl_header.byte_count = 2 * 4096;
	guest_say(&msg, VMBUS_GPADL_HEADER, 36);
	guest_teardown_gpadl(1, H + 1);
	expect_violation("gpadl.teardown");
	guest_hear_nothing();
	assert_non_null(vmbus_gpadl_find(dev->chan, H, NULL, NULL));
	prove_accepted();
}

static void teardown_of_open_rings_waits_for_the_close(void **state)
{
	struct guest_chan gc;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	guest_teardown_gpadl(1, gc.handle);
	expect_violation("gpadl.teardown_open");
	guest_hear_nothing();
	prove_alive(&gc, dev);
	guest_teardown_gpadl(1, gc.handle);
	expect_violation("gpadl.teardown_open");
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	guest_hear_nothing();
	guest_open(&gc, 1, 100, 1);
	prove_alive(&gc, dev);
}

static void a_gpadl_belongs_to_one_device(void **state)
{
	struct fake_dev *other = dev_offer(2, 0), *sub;
	struct guest_chan gc;

	(void)state;
	guest_hear(NULL, VMBUS_OFFERCHANNEL);
	guest_open(&gc, 1, 100, 1);
	sub = dev_offer(1, 1);
	guest_hear(NULL, VMBUS_OFFERCHANNEL);
	guest_gpadl(1, H, 8, 2);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	assert_non_null(vmbus_gpadl_find(dev->chan, H, NULL, NULL));
	assert_non_null(vmbus_gpadl_find(sub->chan, H, NULL, NULL));
	assert_null(vmbus_gpadl_find(other->chan, H, NULL, NULL));
	prove_accepted();
}

/* A range that starts within a page and ends within another. */
static struct vmbus_gpadl *odd_gpadl(void)
{
	union vmbus_guest_msg msg = { 0 };

	msg.gpadl_header.relid = 1;
	msg.gpadl_header.gpadl = H;
	msg.gpadl_header.range_bytes = 8 + 8 * 3;
	msg.gpadl_header.range_count = 1;
	msg.gpadl_header.byte_count = 4096 + 200;
	msg.gpadl_header.byte_offset = 4000;
	msg.gpadl_header.pfn[0] = 9;
	msg.gpadl_header.pfn[1] = 7;
	msg.gpadl_header.pfn[2] = 5;
	guest_say(&msg, VMBUS_GPADL_HEADER, 52);
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, H), 0);
	return vmbus_gpadl_find(dev->chan, H, NULL, NULL);
}

static void copying_crosses_pages_and_stops_at_the_end(void **state)
{
	struct vmbus_gpadl *g = odd_gpadl();
	uint8_t in[4296], out[4296];

	(void)state;
	for (unsigned int i = 0; i < sizeof(in); i++)
		in[i] = i * 31 >> 3;
	assert_int_equal(vmbus_gpadl_copy_out(g, 0, in, 4296), 0);
	assert_memory_equal(fake_page(9) + 4000, in, 96);
	assert_memory_equal(fake_page(7), in + 96, 4096);
	assert_memory_equal(fake_page(5), in + 96 + 4096, 104);
	assert_int_equal(fake_page(5)[104], 0);
	assert_int_equal(vmbus_gpadl_copy_in(g, out, 90, 4200), 0);
	assert_memory_equal(out, in + 90, 4200);

	assert_int_equal(vmbus_gpadl_copy_in(g, out, 4296, 0), 0);
	assert_int_equal(vmbus_gpadl_copy_in(g, out, 4296, 1), -EFAULT);
	assert_int_equal(vmbus_gpadl_copy_in(g, out, 1, 4296), -EFAULT);
	assert_int_equal(vmbus_gpadl_copy_in(g, out, UINT64_MAX, 2), -EFAULT);
	assert_int_equal(vmbus_gpadl_copy_out(g, 8, in, UINT64_MAX - 4), -EFAULT);
	assert_int_equal(fake_page(5)[104], 0);
}

static void iovecs_cover_the_same_bytes(void **state)
{
	struct vmbus_gpadl *g = odd_gpadl();
	struct iovec iov[3];

	(void)state;
	assert_int_equal(vmbus_gpadl_iov(g, 90, 4200, iov, 3), 3);
	assert_ptr_equal(iov[0].iov_base, fake_page(9) + 4090);
	assert_int_equal(iov[0].iov_len, 6);
	assert_ptr_equal(iov[1].iov_base, fake_page(7));
	assert_int_equal(iov[1].iov_len, 4096);
	assert_ptr_equal(iov[2].iov_base, fake_page(5));
	assert_int_equal(iov[2].iov_len, 98);
	assert_int_equal(vmbus_gpadl_iov(g, 90, 4200, iov, 2), -ENOSPC);
	assert_int_equal(vmbus_gpadl_iov(g, 90, 4300, iov, 3), -EFAULT);
	assert_int_equal(vmbus_gpadl_iov(g, 100, 8, iov, 3), 1);
	assert_int_equal(vmbus_gpadl_iov(g, 100, 0, iov, 3), 0);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, guest_teardown)
	const struct CMUnitTest tests[] = {
		T(page_numbers_from_header_and_bodies_keep_their_order),
		T(the_largest_gpadl_is_taken),
		T(bad_headers_fail_the_gpadl_alone),
		T(a_bad_page_in_a_body_is_answered_once_all_came),
		T(bodies_without_a_gpadl_that_lacks_pages_are_dropped),
		T(a_handle_is_used_once_at_a_time),
		T(a_vm_gets_so_much_and_no_more),
		T(the_user_is_told_before_teardown_is_answered),
		T(the_user_is_told_nothing_after_it_closed),
		T(the_user_is_told_when_the_relid_is_released),
		T(teardown_of_what_is_not_there_is_dropped),
		T(teardown_of_open_rings_waits_for_the_close),
		T(a_gpadl_belongs_to_one_device),
		T(copying_crosses_pages_and_stops_at_the_end),
		T(iovecs_cover_the_same_bytes),
	};

	return cmocka_run_group_tests_name("gpadl", tests, NULL, NULL);
}
