// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a channel: offer, open, close, modify, rescind, release.
 */
#include "test.h"

#include <string.h>

#include "fake_guest.h"
#include "hostctl.h"

static struct fake_dev *dev;	/* relid 1 */

static int setup(void **state)
{
	if (guest_setup(state))
		return -1;
	dev = dev_offer(1, 0);
	guest_connect(VMBUS_V5_3);
	return 0;
}

static uint32_t hear_offer(uint16_t sub)
{
	union {
		uint8_t bytes[240];
		struct vmbus_offer_channel o;
	} m;

	guest_hear(&m, VMBUS_OFFERCHANNEL);
	assert_int_equal(m.o.sub_index, sub);
	assert_int_equal(m.o.dedicated, 1);
	assert_int_equal(m.o.monitor_allocated, 0);
	assert_int_equal(m.o.conn_id, CONN_ID(m.o.relid));
	assert_int_equal(m.o.type[0], 0x63);
	return m.o.relid;
}

static uint32_t hear_rescind(void)
{
	union {
		uint8_t bytes[240];
		struct vmbus_relid_msg r;
	} m;

	guest_hear(&m, VMBUS_RESCIND_CHANNELOFFER);
	return m.r.relid;
}

static uint32_t hear_modified(uint32_t relid)
{
	union {
		uint8_t bytes[240];
		struct vmbus_modify_response r;
	} m;

	guest_hear(&m, VMBUS_MODIFYCHANNEL_RESPONSE);
	assert_int_equal(m.r.relid, relid);
	return m.r.status;
}

static void guest_modify(uint32_t relid, uint32_t vp)
{
	union vmbus_guest_msg msg = { 0 };

	msg.modify.relid = relid;
	msg.modify.target_vp = vp;
	guest_say(&msg, VMBUS_MODIFYCHANNEL, 16);
}

/* The channel opens and answers, whatever went before. */
static void prove_usable(void)
{
	struct guest_chan gc;

	guest_open(&gc, 1, 400, 1);
	prove_alive(&gc, dev);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_teardown_gpadl(1, gc.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	guest_hear_nothing();
	expect_no_violation();
}

/* --- offers --- */

static void devices_that_come_later_are_offered_at_once(void **state)
{
	struct fake_dev *other = dev_offer(2, 0);

	(void)state;
	assert_non_null(other->chan);
	assert_int_equal(hear_offer(0), 2);
	prove_usable();
}

static void an_instance_exists_once(void **state)
{
	(void)state;
	assert_null(dev_offer(1, 0)->chan);
	guest_hear_nothing();
	prove_usable();
}

static void sub_channels_need_an_open_primary(void **state)
{
	struct guest_chan gc;

	(void)state;
	assert_null(dev_offer(1, 1)->chan);
	guest_open(&gc, 1, 100, 1);
	assert_non_null(dev_offer(1, 1)->chan);
	assert_int_equal(hear_offer(1), 2);
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
	hear_offer(0);
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
	prove_usable();
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
	prove_usable();
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
	prove_usable();
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
	prove_usable();
}

static void closing_the_primary_rescinds_its_sub_channels(void **state)
{
	struct fake_dev *s1, *s2, *other = dev_offer(2, 0);
	struct guest_chan gc, g1, go;

	(void)state;
	hear_offer(0);
	guest_open(&go, 2, 50, 1);
	guest_open(&gc, 1, 100, 1);
	s1 = dev_offer(1, 1);
	s2 = dev_offer(1, 2);
	assert_int_equal(hear_offer(1), 3);
	assert_int_equal(hear_offer(2), 4);
	guest_open(&g1, 3, 200, 1);
	prove_alive(&g1, s1);

	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	assert_int_equal(hear_rescind(), 3);
	assert_int_equal(hear_rescind(), 4);
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
	assert_int_equal(hear_offer(1), 3);
	guest_open(&g1, 3, 200, 1);
	prove_alive(&g1, s1);
	prove_alive(&gc, dev);
	prove_alive(&go, other);
}

static void a_sub_channel_closed_alone_is_rescinded(void **state)
{
	struct guest_chan gc, gs;
	struct fake_dev *sub;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	sub = dev_offer(1, 1);
	hear_offer(1);
	guest_open(&gs, 2, 200, 1);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 2);
	assert_int_equal(hear_rescind(), 2);
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
	assert_int_equal(hear_modified(1), 0);
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
	assert_int_not_equal(hear_modified(1), 0);
	expect_violation("vmbus.modify");
	guest_open(&gc, 1, 100, 1);
	guest_modify(9, 3);
	assert_int_not_equal(hear_modified(9), 0);
	expect_violation("vmbus.modify");
	guest_modify(1, FAKE_VPS);
	assert_int_not_equal(hear_modified(1), 0);
	expect_violation("vmbus.modify");
	guest_modify(1, VMBUS_VP_NONE);
	assert_int_not_equal(hear_modified(1), 0);
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

/* --- rescind --- */

static void a_rescinded_channel_lets_the_guest_clean_up(void **state)
{
	struct vmbus_ring_header *h;
	struct guest_chan gc;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	prove_alive(&gc, dev);
	vmbus_rescind(dev->chan);
	assert_int_equal(dev->closed, 1);
	assert_int_equal(hear_rescind(), 1);

	/* The rings are not looked at any more. */
	h = ring_header(&gc.out);
	h->write_index = 3;
	assert_false(fake_signal(CONN_ID(1)));

	guest_gpadl(1, 0x77, 300, 2);	/* crossed with the RESCIND: B.7 */
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, 0x77), 0);
	guest_open_msg(1, 0x77, 0, 2);
	guest_hear_nothing();
	guest_modify(1, 2);
	assert_int_equal(hear_modified(1), 0);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_teardown_gpadl(1, gc.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	assert_int_equal(dev->released, 0);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);	/* 0x77 goes with it */
	assert_int_equal(dev->released, 1);
	guest_hear_nothing();
	expect_no_violation();

	dev = dev_offer(1, 0);
	assert_int_equal(hear_offer(0), 1);
	prove_usable();
}

static void relid_and_instance_are_not_reused_before_the_release(void **state)
{
	struct fake_dev *again, *other;

	(void)state;
	vmbus_rescind(dev->chan);
	assert_int_equal(hear_rescind(), 1);
	again = dev_offer(1, 0);
	assert_non_null(again->chan);
	guest_hear_nothing();
	other = dev_offer(2, 0);
	assert_int_equal(hear_offer(0), 2);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	assert_int_equal(hear_offer(0), 1);
	guest_hear_nothing();
	assert_non_null(other->chan);
	dev = again;
	prove_usable();
}

static void rescinding_a_primary_takes_its_sub_channels(void **state)
{
	struct guest_chan gc, gs;
	struct fake_dev *sub;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	sub = dev_offer(1, 1);
	hear_offer(1);
	guest_open(&gs, 2, 200, 1);
	vmbus_rescind(dev->chan);
	assert_int_equal(dev->closed, 1);
	assert_int_equal(sub->closed, 1);
	assert_int_equal(hear_rescind(), 1);
	assert_int_equal(hear_rescind(), 2);
	guest_hear_nothing();
	vmbus_rescind(dev->chan);	/* twice is once */
	guest_hear_nothing();
	guest_relid_msg(VMBUS_RELID_RELEASED, 2);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	assert_null(dev->chan);
	assert_null(sub->chan);
	expect_no_violation();
	dev = dev_offer(1, 0);
	hear_offer(0);
	prove_usable();
}

static void releasing_what_was_not_rescinded_is_dropped(void **state)
{
	struct guest_chan gc;

	(void)state;
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	expect_violation("vmbus.released");
	guest_relid_msg(VMBUS_RELID_RELEASED, 0);
	expect_violation("vmbus.released");
	guest_relid_msg(VMBUS_RELID_RELEASED, 2047);
	expect_violation("vmbus.released");
	guest_open(&gc, 1, 100, 1);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	expect_violation("vmbus.released");
	prove_alive(&gc, dev);
}

static void unload_during_a_rescind_frees_the_channel(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	vmbus_rescind(dev->chan);
	hear_rescind();
	guest_say(&msg, VMBUS_UNLOAD, 8);
	guest_hear(NULL, VMBUS_UNLOAD_RESPONSE);
	assert_int_equal(dev->released, 1);
	dev = dev_offer(1, 0);
	guest_connect(VMBUS_V5_3);
	prove_usable();
}

static void there_are_2047_relids(void **state)
{
	struct vmbus_offer offer = { .type = { 0x63 }, .name = "many" };
	static const struct vmbus_channel_ops none;
	struct vmbus_channel *chan[2047];

	(void)state;
	for (unsigned int i = 0; i < 2047; i++) {
		offer.instance[14] = i >> 8;
		offer.instance[15] = i;
		offer.instance[0] = 9;
		chan[i] = vmbus_offer(&offer, &none, NULL);
		assert_non_null(chan[i]);
		if (i < 2046)
			assert_int_equal(hear_offer(0), i + 2);
		else
			guest_hear_nothing();
	}
	vmbus_rescind(chan[5]);
	assert_int_equal(hear_rescind(), 7);
	guest_hear_nothing();
	guest_relid_msg(VMBUS_RELID_RELEASED, 7);
	assert_int_equal(hear_offer(0), 7);	/* the one that waited */
	chan[5] = NULL;
	prove_usable();

	guest_contact(VMBUS_V5_3);
	guest_hear(NULL, VMBUS_VERSION_RESPONSE);
	for (unsigned int i = 0; i < 2047; i++)
		if (chan[i])
			vmbus_rescind(chan[i]);
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
	prove_usable();
}

/* --- hostctl --- */

static void hostctl_lists_counts_and_rescinds(void **state)
{
	struct guest_chan gc;
	char out[1024];

	(void)state;
	guest_open(&gc, 1, 100, 2);
	prove_alive(&gc, dev);
	assert_int_equal(fake_hostctl("vmbus list", out, sizeof(out)),
			 HOSTCTL_OK);
	assert_string_equal(out, "version 5.3\n"
			    "1 \"dev channel 0\" open vp 1 rings 8192 8192\n");
	assert_int_equal(fake_hostctl("vmbus counters", out, sizeof(out)),
			 HOSTCTL_OK);
	assert_string_equal(out, "1 \"dev channel 0\" packets-in 1 packets-out 1 bytes-in 40 bytes-out 40 signals-in 1 signals-out 1 space-signals-out 0 ring-full 0\n");
	assert_int_equal(fake_hostctl("violations", out, sizeof(out)),
			 HOSTCTL_OK);
	assert_int_equal(fake_hostctl("vmbus rescind 2", out, sizeof(out)),
			 HOSTCTL_REFUSED);
	assert_int_equal(fake_hostctl("vmbus rescind x", out, sizeof(out)),
			 HOSTCTL_UNKNOWN);
	assert_int_equal(fake_hostctl("vmbus rescind -1", out, sizeof(out)),
			 HOSTCTL_UNKNOWN);
	assert_int_equal(fake_hostctl("vmbus frobnicate", out, sizeof(out)),
			 HOSTCTL_UNKNOWN);
	assert_int_equal(fake_hostctl("vmbus rescind 1", out, sizeof(out)),
			 HOSTCTL_OK);
	assert_int_equal(hear_rescind(), 1);
	assert_int_equal(fake_hostctl("vmbus rescind 1", out, sizeof(out)),
			 HOSTCTL_REFUSED);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	expect_violation("vmbus.close");
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	assert_null(dev->chan);
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
		T(a_guest_may_want_no_interrupts),
		T(a_closed_primary_is_opened_again_under_its_relid),
		T(closing_what_is_not_open_is_dropped),
		T(closing_the_primary_rescinds_its_sub_channels),
		T(a_sub_channel_closed_alone_is_rescinded),
		T(interrupts_move_to_the_vp_asked_for),
		T(bad_modifies_fail_and_change_nothing),
		T(modify_is_not_answered_before_5_3),
		T(a_rescinded_channel_lets_the_guest_clean_up),
		T(relid_and_instance_are_not_reused_before_the_release),
		T(rescinding_a_primary_takes_its_sub_channels),
		T(releasing_what_was_not_rescinded_is_dropped),
		T(unload_during_a_rescind_frees_the_channel),
		T(there_are_2047_relids),
		T(a_failed_channel_is_silent_until_it_is_closed),
		T(hostctl_lists_counts_and_rescinds),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
