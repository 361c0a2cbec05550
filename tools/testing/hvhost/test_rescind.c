// SPDX-License-Identifier: GPL-2.0
/*
 * Channels that the host takes away: rescind, release, reuse; and hostctl, which
 * can ask for it.
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

static void a_rescinded_channel_lets_the_guest_clean_up(void **state)
{
	struct vmbus_ring_header *h;
	struct guest_chan gc;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	prove_alive(&gc, dev);
	vmbus_rescind(dev->chan);
	assert_int_equal(dev->closed, 1);
	assert_int_equal(guest_hear_rescind(), 1);

	/* The rings are not looked at any more. */
	h = ring_header(&gc.out);
	h->write_index = 3;
	assert_false(fake_signal(CONN_ID(1)));

	guest_gpadl(1, 0x77, 300, 2);	/* crossed with the RESCIND: B.7 */
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, 1, 0x77), 0);
	guest_open_msg(1, 0x77, 0, 2);
	guest_hear_nothing();
	guest_modify(1, 2);
	assert_int_equal(guest_hear_modified(1), 0);
	guest_relid_msg(VMBUS_CLOSECHANNEL, 1);
	guest_teardown_gpadl(1, gc.handle);
	guest_hear(NULL, VMBUS_GPADL_TORNDOWN);
	assert_int_equal(dev->released, 0);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);	/* 0x77 goes with it */
	assert_int_equal(dev->released, 1);
	guest_hear_nothing();
	expect_no_violation();

	dev = dev_offer(1, 0);
	assert_int_equal(guest_hear_offer(0), 1);
	prove_usable(dev);
}

static void relid_and_instance_are_not_reused_before_the_release(void **state)
{
	struct fake_dev *again, *other;

	(void)state;
	vmbus_rescind(dev->chan);
	assert_int_equal(guest_hear_rescind(), 1);
	again = dev_offer(1, 0);
	assert_non_null(again->chan);
	guest_hear_nothing();
	other = dev_offer(2, 0);
	assert_int_equal(guest_hear_offer(0), 2);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	assert_int_equal(guest_hear_offer(0), 1);
	guest_hear_nothing();
	assert_non_null(other->chan);
	dev = again;
	prove_usable(dev);
}

static void rescinding_a_primary_takes_its_sub_channels(void **state)
{
	struct guest_chan gc, gs;
	struct fake_dev *sub;

	(void)state;
	guest_open(&gc, 1, 100, 1);
	sub = dev_offer(1, 1);
	guest_hear_offer(1);
	guest_open(&gs, 2, 200, 1);
	vmbus_rescind(dev->chan);
	assert_int_equal(dev->closed, 1);
	assert_int_equal(sub->closed, 1);
	assert_int_equal(guest_hear_rescind(), 1);
	assert_int_equal(guest_hear_rescind(), 2);
	guest_hear_nothing();
	vmbus_rescind(dev->chan);	/* twice is once */
	guest_hear_nothing();
	guest_relid_msg(VMBUS_RELID_RELEASED, 2);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	assert_null(dev->chan);
	assert_null(sub->chan);
	expect_no_violation();
	dev = dev_offer(1, 0);
	guest_hear_offer(0);
	prove_usable(dev);
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
	guest_hear_rescind();
	guest_say(&msg, VMBUS_UNLOAD, 8);
	guest_hear(NULL, VMBUS_UNLOAD_RESPONSE);
	assert_int_equal(dev->released, 1);
	dev = dev_offer(1, 0);
	guest_connect(VMBUS_V5_3);
	prove_usable(dev);
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
			assert_int_equal(guest_hear_offer(0), i + 2);
		else
			guest_hear_nothing();
	}
	vmbus_rescind(chan[5]);
	assert_int_equal(guest_hear_rescind(), 7);
	guest_hear_nothing();
	guest_relid_msg(VMBUS_RELID_RELEASED, 7);
	assert_int_equal(guest_hear_offer(0), 7);	/* the one that waited */
	chan[5] = NULL;
	prove_usable(dev);

	guest_contact(VMBUS_V5_3);
	guest_hear(NULL, VMBUS_VERSION_RESPONSE);
	for (unsigned int i = 0; i < 2047; i++)
		if (chan[i])
			vmbus_rescind(chan[i]);
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
	assert_int_equal(guest_hear_rescind(), 1);
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
		T(a_rescinded_channel_lets_the_guest_clean_up),
		T(relid_and_instance_are_not_reused_before_the_release),
		T(rescinding_a_primary_takes_its_sub_channels),
		T(releasing_what_was_not_rescinded_is_dropped),
		T(unload_during_a_rescind_frees_the_channel),
		T(there_are_2047_relids),
		T(hostctl_lists_counts_and_rescinds),
	};

	return cmocka_run_group_tests_name("rescind", tests, NULL, NULL);
}
