// SPDX-License-Identifier: GPL-2.0
/*
 * The connection: versions, who may say what when, reset. Each test ends with
 * a guest that connects and opens a channel.
 */
#include "test.h"

#include <string.h>

#include "fake_guest.h"

/* A guest that starts over is served, whatever went before. */
static void prove_connectable(void)
{
	struct fake_dev *dev = dev_offer(77, 0);
	struct guest_chan gc;

	guest_connect(VMBUS_V5_3);
	guest_open(&gc, 1, 100, 1);
	prove_alive(&gc, dev);
	vmbus_rescind(dev->chan);
	guest_hear(NULL, VMBUS_RESCIND_CHANNELOFFER);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	assert_null(dev->chan);
	expect_no_violation();
}

static void hear_version(uint8_t supported, uint8_t conn_state, uint32_t id)
{
	union {
		uint8_t bytes[240];
		struct vmbus_version_response r;
	} m;

	guest_hear(&m, VMBUS_VERSION_RESPONSE);
	assert_int_equal(m.r.supported, supported);
	assert_int_equal(m.r.state, conn_state);
	assert_int_equal(m.r.conn_id, id);
	assert_int_equal(vmbus_version() != 0, supported && !conn_state);
}

static void every_version_up_to_the_newest_is_accepted(void **state)
{
	static const struct { uint32_t version, conn_id; } ok[] = {
		{ VMBUS_V2_4, VMBUS_V2_4 }, { VMBUS_V3_0, VMBUS_V3_0 },
		{ VMBUS_V4_0, VMBUS_V4_0 }, { VMBUS_V4_1, VMBUS_V4_1 },
		{ VMBUS_V5_0, 4 }, { VMBUS_V5_1, 4 }, { VMBUS_V5_2, 4 },
		{ VMBUS_V5_3, 4 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(ok); i++) {
		guest_contact(ok[i].version);
		hear_version(1, 0, ok[i].conn_id);
		assert_int_equal(vmbus_version(), ok[i].version);
	}
	expect_no_violation();
	prove_connectable();
}

static void unknown_and_newer_versions_are_refused_with_an_answer(void **state)
{
	static const uint32_t no[] = { 0, 13, 0x10001, 0x20003, 0x30001,
				       0x50004, VMBUS_V6_0, 0xFFFFFFFF };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(no); i++) {
		guest_contact(no[i]);
		hear_version(0, 0, 0);
	}
	expect_no_violation();
	prove_connectable();
}

static void newest_version_is_selectable(void **state)
{
	union vmbus_guest_msg msg = { 0 };
	uint8_t buf[240];

	(void)state;
	/* A second vmbus_init() only sets the newest version. */
	vmbus_init(VMBUS_V4_1);
	guest_contact(VMBUS_V5_0);
	hear_version(0, 0, 0);
	guest_contact(VMBUS_V4_1);
	hear_version(1, 0, VMBUS_V4_1);

	vmbus_init(VMBUS_V6_0);
	guest_contact(VMBUS_V6_0);
	assert_int_equal(fake_take_message(buf, NULL), 20);
	assert_int_equal(buf[8], 1);
	assert_int_equal(buf[16], 0);	/* no feature */

	vmbus_init(VMBUS_V5_3);
	guest_say(&msg, VMBUS_UNLOAD, 8);
	guest_hear(NULL, VMBUS_UNLOAD_RESPONSE);
	prove_connectable();
}

static void answers_go_to_the_vp_that_was_named(void **state)
{
	uint8_t buf[240];
	uint32_t vp;

	(void)state;
	guest_contact(VMBUS_V5_3);	/* names VP 2 */
	fake_take_message(buf, &vp);
	assert_int_equal(vp, 2);
	guest_contact(VMBUS_V2_4);	/* too old to be honoured */
	fake_take_message(buf, &vp);
	assert_int_equal(vp, 0);
	prove_connectable();
}

static void a_vp_that_does_not_exist_becomes_vp_0(void **state)
{
	union vmbus_guest_msg msg = { 0 };
	uint8_t buf[240];
	uint32_t vp;

	(void)state;
	msg.contact.version = VMBUS_V5_3;
	msg.contact.target_vp = 4;
	msg.contact.sint = 2;
	guest_say(&msg, VMBUS_INITIATE_CONTACT, 40);
	expect_violation("vmbus.contact_vp");
	fake_take_message(buf, &vp);
	assert_int_equal(vp, 0);
	assert_int_equal(buf[8], 1);
	prove_connectable();
}

struct contact_case {
	const char *rule;	/* NULL: refused, but lawful */
	uint32_t version;
	uint64_t at16, to_child, to_parent;
};

static void bad_contact_fails_the_connection(void **state)
{
	static const struct contact_case cases[] = {
		{ "vmbus.contact_monitor", VMBUS_V5_3, 2, 0x1000, 0 },
		{ "vmbus.contact_monitor", VMBUS_V5_3, 2, 0, 0x1000 },
		{ "vmbus.contact_align", VMBUS_V5_3, 2, 0x1008, 0x2000 },
		{ "vmbus.contact_align", VMBUS_V4_0, 0x1800, 0x1000, 0x2000 },
		{ "vmbus.contact_sint", VMBUS_V5_0, 16, 0x1000, 0x2000 },
		{ NULL, VMBUS_V5_0, 3, 0x1000, 0x2000 },
		{ NULL, VMBUS_V5_1, 0x0102, 0x1000, 0x2000 },
	};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct contact_case *t = &cases[i];
		union vmbus_guest_msg msg = { 0 };

		msg.contact.version = t->version;
		msg.contact.interrupt_page = t->at16;
		msg.contact.monitor_to_child = t->to_child;
		msg.contact.monitor_to_parent = t->to_parent;
		guest_say(&msg, VMBUS_INITIATE_CONTACT, 40);
		hear_version(1, 2, t->version < VMBUS_V5_0 ? t->version : 4);
		if (t->rule)
			expect_violation(t->rule);
		else
			expect_no_violation();
	}
	prove_connectable();
}

static void contact_without_monitor_pages_is_lawful(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	msg.contact.version = VMBUS_V5_3;
	msg.contact.sint = 2;
	guest_say(&msg, VMBUS_INITIATE_CONTACT, 40);
	hear_version(1, 0, 4);
	prove_connectable();
}

/* Every message that needs a connection, at its least length. */
static const struct { uint32_t type, len; } guest_msgs[] = {
	{ VMBUS_REQUESTOFFERS, 8 }, { VMBUS_OPENCHANNEL, 148 },
	{ VMBUS_CLOSECHANNEL, 12 }, { VMBUS_GPADL_HEADER, 36 },
	{ VMBUS_GPADL_BODY, 24 }, { VMBUS_GPADL_TEARDOWN, 16 },
	{ VMBUS_RELID_RELEASED, 12 }, { VMBUS_MODIFYCHANNEL, 16 },
	{ VMBUS_OPEN_RESERVED, 28 }, { VMBUS_TL_CONNECT_REQUEST, 40 },
};

static void messages_before_contact_are_dropped(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(guest_msgs); i++) {
		guest_say(&msg, guest_msgs[i].type, guest_msgs[i].len);
		expect_violation("vmbus.order");
		guest_hear_nothing();
	}
	prove_connectable();
}

static void short_messages_are_dropped(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	guest_connect(VMBUS_V5_3);
	for (unsigned int i = 0; i < ARRAY_SIZE(guest_msgs); i++) {
		guest_say(&msg, guest_msgs[i].type, guest_msgs[i].len - 1);
		expect_violation("vmbus.short");
	}
	guest_say(&msg, VMBUS_INITIATE_CONTACT, 39);
	expect_violation("vmbus.short");
	for (uint32_t len = 0; len < 8; len++) {
		guest_say(&msg, VMBUS_UNLOAD, len);
		expect_violation("vmbus.short");
	}
	guest_hear_nothing();
	assert_int_equal(vmbus_version(), VMBUS_V5_3);
	prove_connectable();
}

static void junk_behind_a_message_is_accepted(void **state)
{
	union vmbus_guest_msg msg;

	(void)state;
	memset(&msg, 0xEE, sizeof(msg));
	memset(&msg, 0, 40);
	msg.contact.version = VMBUS_V5_3;
	msg.contact.sint = 2;
	guest_say(&msg, VMBUS_INITIATE_CONTACT, 240);
	hear_version(1, 0, 4);
	guest_say(&msg, VMBUS_REQUESTOFFERS, 240);
	guest_hear(NULL, VMBUS_ALLOFFERS_DELIVERED);
	expect_no_violation();
	prove_connectable();
}

static void unknown_messages_and_those_of_the_host_are_dropped(void **state)
{
	static const uint32_t no[] = { 0, 1, 2, 4, 6, 10, 12, 15, 17, 20, 23,
				       24, 25, 27, 29, 1000, 0xFFFFFFFF };
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	guest_connect(VMBUS_V5_3);
	for (unsigned int i = 0; i < ARRAY_SIZE(no); i++) {
		guest_say(&msg, no[i], 240);
		expect_violation("vmbus.unknown");
		guest_hear_nothing();
	}
	prove_connectable();
}

static void messages_newer_than_the_version_are_dropped(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	guest_connect(VMBUS_V4_0);
	guest_say(&msg, VMBUS_MODIFYCHANNEL, 16);
	expect_violation("vmbus.version");
	guest_connect(VMBUS_V3_0);
	guest_say(&msg, VMBUS_TL_CONNECT_REQUEST, 40);
	expect_violation("vmbus.version");
	guest_hear_nothing();
	prove_connectable();
}

static void offers_are_asked_for_once(void **state)
{
	union vmbus_guest_msg msg = { 0 };
	struct fake_dev *dev = dev_offer(1, 0);

	(void)state;
	guest_contact(VMBUS_V5_3);
	guest_hear(NULL, VMBUS_VERSION_RESPONSE);
	guest_hear_nothing();
	guest_say(&msg, VMBUS_REQUESTOFFERS, 8);
	guest_hear(NULL, VMBUS_OFFERCHANNEL);
	guest_hear(NULL, VMBUS_ALLOFFERS_DELIVERED);
	guest_say(&msg, VMBUS_REQUESTOFFERS, 8);
	expect_violation("vmbus.offers_twice");
	guest_hear_nothing();
	vmbus_rescind(dev->chan);
	guest_hear(NULL, VMBUS_RESCIND_CHANNELOFFER);
	guest_relid_msg(VMBUS_RELID_RELEASED, 1);
	prove_connectable();
}

static void unload_is_answered_with_and_without_a_connection(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	guest_say(&msg, VMBUS_UNLOAD, 8);
	guest_hear(NULL, VMBUS_UNLOAD_RESPONSE);
	guest_connect(VMBUS_V5_3);
	guest_say(&msg, VMBUS_UNLOAD, 8);
	guest_hear(NULL, VMBUS_UNLOAD_RESPONSE);
	assert_int_equal(vmbus_version(), 0);
	guest_say(&msg, VMBUS_REQUESTOFFERS, 8);
	expect_violation("vmbus.order");
	prove_connectable();
}

/* kexec and crash: the new kernel knows nothing of the old one's channels. */
static void a_new_kernel_starts_from_zero(void **state)
{
	struct fake_dev *dev = dev_offer(1, 0), *sub;
	struct guest_chan gc, gs;

	(void)state;
	guest_connect(VMBUS_V5_3);
	guest_open(&gc, 1, 100, 2);
	sub = dev_offer(1, 1);
	guest_hear(NULL, VMBUS_OFFERCHANNEL);
	guest_open(&gs, 2, 200, 2);
	prove_alive(&gc, dev);
	prove_alive(&gs, sub);

	guest_connect(VMBUS_V5_3);	/* no UNLOAD: it was lost */
	assert_int_equal(dev->closed, 1);
	assert_int_equal(sub->closed, 1);
	assert_int_equal(sub->released, 1);
	assert_false(fake_connected(CONN_ID(1)));
	assert_false(fake_connected(CONN_ID(2)));
	assert_non_null(dev->chan);

	/* The same handle and pages again: the old GPADLs are gone. */
	guest_open(&gc, 1, 300, 2);
	assert_int_equal(dev->opened, 2);
	prove_alive(&gc, dev);
	expect_no_violation();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, guest_setup, guest_teardown)
	const struct CMUnitTest tests[] = {
		T(every_version_up_to_the_newest_is_accepted),
		T(unknown_and_newer_versions_are_refused_with_an_answer),
		T(newest_version_is_selectable),
		T(answers_go_to_the_vp_that_was_named),
		T(a_vp_that_does_not_exist_becomes_vp_0),
		T(bad_contact_fails_the_connection),
		T(contact_without_monitor_pages_is_lawful),
		T(messages_before_contact_are_dropped),
		T(short_messages_are_dropped),
		T(junk_behind_a_message_is_accepted),
		T(unknown_messages_and_those_of_the_host_are_dropped),
		T(messages_newer_than_the_version_are_dropped),
		T(offers_are_asked_for_once),
		T(unload_is_answered_with_and_without_a_connection),
		T(a_new_kernel_starts_from_zero),
	};

	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
