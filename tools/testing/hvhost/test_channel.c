// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a channel: offer, open, close, modify, failure.
 */
#include "test.h"

#include <string.h>

#include "fake_guest.h"

static struct fake_dev *dev;	/* relid 1 */

static int setup(void **state)
{
	if (guest_setup(state))
		return -1;
	dev = dev_offer(1, 0);
	guest_connect(VMBUS_V5_3);
	return 0;
}

/* --- offers --- */

static void devices_that_come_later_are_offered_at_once(void **state)
{
	struct fake_dev *other = dev_offer(2, 0);

	(void)state;
	assert_non_null(other->chan);
	assert_int_equal(guest_hear_offer(0), 2);
	prove_usable(dev);
}

static void an_instance_exists_once(void **state)
{
	(void)state;
	assert_null(dev_offer(1, 0)->chan);
	guest_hear_nothing();
	prove_usable(dev);
}

static void sub_channels_need_an_open_primary(void **state)
{
	struct guest_chan gc;

	(void)state;
	assert_null(dev_offer(1, 1)->chan);
	guest_open(&gc, 1, 100, 1);
	assert_non_null(dev_offer(1, 1)->chan);
	assert_int_equal(guest_hear_offer(1), 2);
	assert_null(dev_offer(1, 1)->chan);
	assert_null(dev_offer(3, 1)->chan);
	guest_hear_nothing();
	prove_alive(&gc, dev);
}

/* --- open --- */

struct open_case {
	const char *what;
	uint32_t relid, handle, vp, down;
};

static void bad_opens_are_refused_with_an_answer(void **state)
{
	static const struct open_case cases[] = {
		{ "unknown relid", 9, 0x10, 0, 4 },
		{ "relid 0", 0, 0x10, 0, 4 },
		{ "unknown GPADL", 1, 0x99, 0, 4 },
		{ "GPADL of another channel", 1, 0x20, 0, 4 },
		{ "incomplete GPADL", 1, 0x40, 0, 4 },
		{ "GPADL at an offset", 1, 0x30, 0, 2 },
		{ "VP that is not there", 1, 0x10, FAKE_VPS, 4 },
		{ "downstream page 0", 1, 0x10, 0, 0 },
		{ "one page to the host", 1, 0x10, 0, 1 },
		{ "one page to the guest", 1, 0x10, 0, 7 },
		{ "no page to the guest", 1, 0x10, 0, 8 },
		{ "downstream page far away", 1, 0x10, 0, 0xFFFFFFFE },
		{ "GPADL of three pages", 1, 0x50, 0, 2 },
	};
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	dev_offer(2, 0);
	guest_hear_offer(0);
	guest_gpadl(1, 0x10, 100, 8);
	guest_gpadl(2, 0x20, 120, 8);
	guest_gpadl(1, 0x50, 140, 3);
	msg.gpadl_header.relid = 1;
	msg.gpadl_header.gpadl = 0x30;
	msg.gpadl_header.range_bytes = 8 + 8 * 5;
	msg.gpadl_header.range_count = 1;
	msg.gpadl_header.byte_count = 4 * 4096;
	msg.gpadl_header.byte_offset = 8;
	guest_say(&msg, VMBUS_GPADL_HEADER, 28 + 8 * 5);
	msg.gpadl_header.gpadl = 0x40;
	msg.gpadl_header.range_bytes = 8 + 8 * 4;
	msg.gpadl_header.byte_offset = 0;
	guest_say(&msg, VMBUS_GPADL_HEADER, 36);
	for (int i = 0; i < 4; i++)
		guest_hear(NULL, VMBUS_GPADL_CREATED);

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct open_case *t = &cases[i];

		guest_open_msg(t->relid, t->handle, t->vp, t->down);
		if (!guest_hear_status(VMBUS_OPENCHANNEL_RESULT, t->relid,
				       t->relid + 100))
			fail_msg("%s: opened", t->what);
		expect_violation("vmbus.open");
		assert_int_equal(dev->opened, 0);
	}
	prove_usable(dev);
}

static void opening_twice_is_refused_and_changes_nothing(void **state)
{
	struct guest_chan gc;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	guest_gpadl(1, 0x10, 200, 8);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	guest_open_msg(1, 0x10, 0, 4);
	assert_int_not_equal(guest_hear_status(VMBUS_OPENCHANNEL_RESULT, 1, 101),
			     0);
	expect_violation("vmbus.open");
	prove_alive(&gc, dev);
	assert_int_equal(dev->opened, 1);
}

static void rings_with_impossible_indices_are_not_opened(void **state)
{
	struct vmbus_ring_header *h;

	(void)state;
	guest_gpadl(1, 0x10, 100, 8);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	h = (struct vmbus_ring_header *)fake_page(104);
	h->read_index = 12;
	guest_open_msg(1, 0x10, 0, 4);
	assert_int_not_equal(guest_hear_status(VMBUS_OPENCHANNEL_RESULT, 1, 101),
			     0);
	expect_violation("ring.open");
	assert_false(fake_connected(CONN_ID(1)));
	prove_usable(dev);
}

static void a_device_may_refuse_with_its_own_status(void **state)
{
	(void)state;
	dev->open_status = (int)0xC0000236;
	guest_gpadl(1, 0x10, 100, 8);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	guest_open_msg(1, 0x10, 0, 4);
	assert_int_equal(guest_hear_status(VMBUS_OPENCHANNEL_RESULT, 1, 101),
			 0xC0000236);
	assert_int_equal(dev->closed, 0);
	assert_false(fake_connected(CONN_ID(1)));
	dev->open_status = 0;
	prove_usable(dev);
}

static void guest_opens_into_silence(uint32_t handle)
{
	dev->open_status = VMBUS_OPEN_SILENT;
	guest_gpadl(1, handle, 100, 8);
	guest_hear(NULL, VMBUS_GPADL_CREATED);
	guest_open_msg(1, handle, 0, 4);
	guest_hear_nothing();
	dev->open_status = 0;
}

static void an_open_may_be_answered_late(void **state)
{
	(void)state;
	vmbus_open_again(dev->chan);
	guest_hear_nothing();
	guest_opens_into_silence(0x10);
	guest_open_msg(1, 0x10, 0, 4);
	assert_int_not_equal(guest_hear_status(VMBUS_OPENCHANNEL_RESULT, 1, 101),
			     0);
	expect_violation("vmbus.open");
	vmbus_open_again(dev->chan);
	assert_int_equal(guest_hear_status(VMBUS_OPENCHANNEL_RESULT, 1, 101), 0);
	assert_true(vmbus_is_open(dev->chan));
	vmbus_open_again(dev->chan);
	guest_hear_nothing();
}

static void an_open_that_waits_ends_with_the_rescind(void **state)
{
	(void)state;
	guest_opens_into_silence(0x10);
	vmbus_rescind(dev->chan);
	guest_hear(NULL, VMBUS_RESCIND_CHANNELOFFER);
	vmbus_open_again(dev->chan);
	guest_hear_nothing();
	assert_false(vmbus_is_open(dev->chan));
}

static void a_guest_may_want_no_interrupts(void **state)
{
	struct guest_chan gc;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_open_msg(1, gc.handle, VMBUS_VP_NONE, 2);
	assert_int_equal(guest_hear_status(VMBUS_OPENCHANNEL_RESULT, 1, 101), 0);
	prove_alive(&gc, dev);
	for (uint32_t vp = 0; vp < FAKE_VPS; vp++)
		assert_int_equal(fake_events(vp, 1), 0);
}

/* --- close --- */

static void a_closed_primary_is_opened_again_under_its_relid(void **state)
{
	struct guest_chan gc;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		guest_open(&gc, 1, 100, 2);
		prove_alive(&gc, dev);
		guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
		assert_int_equal(dev->closed, i);
		assert_false(fake_signal(CONN_ID(1)));
		guest_teardown_gpadl(1, gc.handle);
		guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
		guest_hear_nothing();
	}
	expect_no_violation();
}

static void closing_what_is_not_open_is_dropped(void **state)
{
	(void)state;
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	expect_violation("vmbus.close");
	guest_relid_msg(VMBUS_CLOSECHANNEL, 5);
	expect_violation("vmbus.close");
	guest_relid_msg(VMBUS_CLOSECHANNEL, 0);
	expect_violation("vmbus.close");
	assert_int_equal(dev->closed, 0);
	guest_hear_nothing();
	prove_usable(dev);
}

static void closing_the_primary_rescinds_its_sub_channels(void **state)
{
	struct fake_dev *s1, *s2, *other = dev_offer(2, 0);
	struct guest_chan gc, g1, go;

	(void)state;
	guest_hear_offer(0);
	guest_open(&go, 2, 50, 1);
	guest_open(&gc, 1, 100, 1);
	s1 = dev_offer(1, 1);
	s2 = dev_offer(1, 2);
	assert_int_equal(guest_hear_offer(1), 3);
	assert_int_equal(guest_hear_offer(2), 4);
	guest_open(&g1, 3, 200, 1);
	prove_alive(&g1, s1);

	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	assert_int_equal(guest_hear_rescind(), 3);
	assert_int_equal(guest_hear_rescind(), 4);
	guest_hear_nothing();
	assert_int_equal(s1->closed, 1);
	assert_int_equal(s2->closed, 0);
	assert_int_equal(dev->closed, 1);
	assert_int_equal(other->closed, 0);

	guest_relid_msg(VMBUS_CLOSECHANNEL, 3);
	guest_teardown_gpadl(3, g1.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	guest_relid_msg(VMBUS_RELID_RELEASED, 3);
	guest_relid_msg(VMBUS_RELID_RELEASED, 4);
	assert_int_equal(s1->released, 1);
	assert_int_equal(s2->released, 1);
	expect_no_violation();

	/* Round again: the indices and relids are free. */
	guest_teardown_gpadl(1, gc.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	guest_open(&gc, 1, 100, 1);
	s1 = dev_offer(1, 1);
	assert_int_equal(guest_hear_offer(1), 3);
	guest_open(&g1, 3, 200, 1);
	prove_alive(&g1, s1);
	prove_alive(&gc, dev);
	prove_alive(&go, other);
}

/* It goes with the primary, too, and does not stand in the way of an honest one */
static void an_index_can_be_offered_twice_on_purpose(void **state)
{
	struct fake_dev *sub, *strange;
	struct guest_chan gc, gs;

	(void)state;
	assert_null(dev_offer_strange(1, 1)->chan);	/* no primary is open */
	guest_open(&gc, 1, 100, 1);
	sub = dev_offer(1, 1);
	assert_int_equal(guest_hear_offer(1), 2);
	guest_open(&gs, 2, 200, 1);
	strange = dev_offer_strange(1, 1);
	assert_non_null(strange->chan);
	assert_int_equal(guest_hear_offer(1), 3);
	prove_alive(&gs, sub);

	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	assert_int_equal(guest_hear_rescind(), 2);
	assert_int_equal(guest_hear_rescind(), 3);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 2);
	guest_teardown_gpadl(2, gs.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	guest_relid_msg(VMBUS_RELID_RELEASED, 2);
	guest_teardown_gpadl(1, gc.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	guest_open(&gc, 1, 100, 1);
	/* The index is free when both are released */
	sub = dev_offer(1, 1);
	guest_hear_nothing();
	guest_relid_msg(VMBUS_RELID_RELEASED, 3);
	assert_int_equal(strange->released, 1);
	assert_int_equal(guest_hear_offer(1), 2);
	guest_open(&gs, 2, 200, 1);
	prove_alive(&gs, sub);
	expect_no_violation();
}

static void a_sub_channel_closed_alone_is_rescinded(void **state)
{
	struct guest_chan gc, gs;
	struct fake_dev *sub;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	sub = dev_offer(1, 1);
	guest_hear_offer(1);
	guest_open(&gs, 2, 200, 1);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 2);
	assert_int_equal(guest_hear_rescind(), 2);
	assert_int_equal(sub->closed, 1);
	guest_relid_msg(VMBUS_RELID_RELEASED, 2);
	assert_int_equal(sub->released, 1);
	expect_no_violation();
	prove_alive(&gc, dev);
}

/* --- modify --- */

static void interrupts_move_to_the_vp_asked_for(void **state)
{
	struct guest_chan gc;
	unsigned int before;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	prove_alive(&gc, dev);
	before = fake_events(1, 1);
	assert_true(before > 0);
	guest_modify(1, 3);
	assert_int_equal(guest_hear_modified(1), 0);
	prove_alive(&gc, dev);
	assert_int_equal(fake_events(1, 1), before);
	assert_true(fake_events(3, 1) > 0);
	expect_no_violation();
}

static void bad_modifies_fail_and_change_nothing(void **state)
{
	struct guest_chan gc;

	(void)state;
	guest_modify(1, 3);	/* not open */
	assert_int_not_equal(guest_hear_modified(1), 0);
	expect_violation("vmbus.modify");
	guest_open(&gc, 1, 100, 1);
	guest_modify(9, 3);
	assert_int_not_equal(guest_hear_modified(9), 0);
	expect_violation("vmbus.modify");
	guest_modify(1, FAKE_VPS);
	assert_int_not_equal(guest_hear_modified(1), 0);
	expect_violation("vmbus.modify");
	guest_modify(1, VMBUS_VP_NONE);
	assert_int_not_equal(guest_hear_modified(1), 0);
	expect_violation("vmbus.modify");
	prove_alive(&gc, dev);
	assert_true(fake_events(1, 1) > 0);
}

static void modify_is_not_answered_before_5_3(void **state)
{
	struct guest_chan gc;

	(void)state;
	guest_connect(VMBUS_V5_2);
	guest_open(&gc, 1, 100, 1);
	guest_modify(1, 3);
	guest_hear_nothing();
	prove_alive(&gc, dev);
	assert_true(fake_events(3, 1) > 0);
}

/* --- failure --- */

static void a_failed_channel_is_silent_until_it_is_closed(void **state)
{
	struct guest_chan gc;
	uint8_t buf[64];

	(void)state;
	guest_open(&gc, 1, 100, 1);
	vmbus_fail(dev->chan);
	assert_false(vmbus_is_open(dev->chan));
	guest_packet(&gc, VM_PKT_INBAND, 0, 1, "hello", 5);
	fake_signal(CONN_ID(1));
	assert_int_equal(dev->processed, 0);
	assert_int_equal(guest_read(&gc, buf, sizeof(buf)), 0);
	assert_int_equal(dev->closed, 0);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	assert_int_equal(dev->closed, 1);
	guest_teardown_gpadl(1, gc.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	memset(fake_page(100), 0, 4 * 4096);
	prove_usable(dev);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, guest_teardown)
	const struct CMUnitTest tests[] = {
		T(devices_that_come_later_are_offered_at_once),
		T(an_instance_exists_once),
		T(sub_channels_need_an_open_primary),
		T(bad_opens_are_refused_with_an_answer),
		T(opening_twice_is_refused_and_changes_nothing),
		T(rings_with_impossible_indices_are_not_opened),
		T(a_device_may_refuse_with_its_own_status),
		T(an_open_may_be_answered_late),
		T(an_open_that_waits_ends_with_the_rescind),
		T(a_guest_may_want_no_interrupts),
		T(a_closed_primary_is_opened_again_under_its_relid),
		T(closing_what_is_not_open_is_dropped),
		T(closing_the_primary_rescinds_its_sub_channels),
		T(an_index_can_be_offered_twice_on_purpose),
		T(a_sub_channel_closed_alone_is_rescinded),
		T(interrupts_move_to_the_vp_asked_for),
		T(bad_modifies_fail_and_change_nothing),
		T(modify_is_not_answered_before_5_3),
		T(a_failed_channel_is_silent_until_it_is_closed),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
