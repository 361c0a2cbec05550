// SPDX-License-Identifier: GPL-2.0
/*
 * A NIC and its VF: who is told what and when, SWITCH_DATA_PATH, the ways in which
 * a VF goes, and where frames go.
 *
 * Break it: leave vf_nic_closed() out of nic_close(); let vf_switch() obey when it
 * must not; or leave use_synthetic() out of on_closed().
 */
#include "nic_guest.h"
#include "hostctl.h"
#include "layout.h"
#include "vf.h"

#include <string.h>

static struct nic *nic(void)
{
	return ((struct nic_queue *)vmbus_ctx(g.chan))->nic;
}

static struct vf *vf(void)
{
	return nic()->vf;
}

static int ctl(const char *line)
{
	char out[8192];

	return fake_hostctl(line, out, sizeof(out));
}

/* Next on the NIC's channel is an association */
static void hear_association(u32 allocated)
{
	struct nvsp_message msg;
	struct fake_sent sent;

	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.type, VM_PKT_INBAND);
	memset(&msg, 0, sizeof(msg));
	memcpy(&msg, sent.payload, sent.len);
	assert_int_equal(le32_to_cpu(msg.type), NVSP_MSG_SEND_VF_ASSOCIATION);
	assert_int_equal(le32_to_cpu(msg.vf_association.allocated), allocated);
	assert_int_equal(le32_to_cpu(msg.vf_association.serial), 1);
}

static void hear_path(u32 path)
{
	struct nvsp_message msg;
	struct fake_sent sent;

	assert_true(fake_take(g.chan, &sent));
	memset(&msg, 0, sizeof(msg));
	memcpy(&msg, sent.payload, sent.len);
	assert_int_equal(le32_to_cpu(msg.type), NVSP_MSG_SWITCH_DATA_PATH);
	assert_int_equal(le32_to_cpu(msg.switch_data_path.path), path);
}

static void hear_nothing(void)
{
	struct fake_sent sent;

	assert_false(fake_take(g.chan, &sent));
}

/* SWITCH_DATA_PATH; its completion is taken unless @late */
static void switch_path(u32 path, bool late)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SWITCH_DATA_PATH),
		.switch_data_path.path = cpu_to_le32(path),
	};
	struct fake_sent sent;

	g_send(&msg, NVSP_MSG_LEN);
	if (late)
		return;
	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.type, VM_PKT_COMPLETION);
	assert_int_equal(sent.trans_id, g.next_id - 1);
	assert_int_equal(sent.len, 0);
}

static void bus_say(struct vmbus_channel *bus, const void *msg, u32 len)
{
	struct fake_sent sent;

	fake_push(bus, VM_PKT_INBAND, VM_PKT_FLAG_COMPLETION, 1, msg, len, NULL, 0);
	fake_run(bus);
	assert_true(fake_take(bus, &sent));
}

/* The guest's pci-hyperv comes up */
static struct vmbus_channel *probe_bus(void)
{
	const struct vpci_version version = { cpu_to_le32(VPCI_QUERY_VERSION),
					      cpu_to_le32(VPCI_V1_4) };
	const struct vpci_d0entry d0 = {
		.type = cpu_to_le32(VPCI_D0ENTRY),
		.window = cpu_to_le64(LAYOUT_MMIO_LOW),
	};
	u8 assigned[VPCI_ASSIGNED2_LEN] = { 0x16, 0, 0x49, 0x42 };
	struct vmbus_channel *bus = fake_bus();

	assert_non_null(bus);
	fake_open(bus);
	bus_say(bus, &version, sizeof(version));
	bus_say(bus, &d0, sizeof(d0));
	bus_say(bus, assigned, sizeof(assigned));
	assert_int_equal(vf()->bus.phase, VPCI_ASSIGNED);
	return bus;
}

static struct vmbus_channel *up(const char *spec)
{
	g_nic(HOST_WS2022, spec);
	g_up(NVSP_PROTOCOL_VERSION_61);
	fake_pass(1);
	hear_association(1);
	fake_pass(1);
	return probe_bus();
}

static void end_nic(void)
{
	vf_remove(vf(), VF_SURPRISE);
}

static void bus_follows_the_association(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "vf=1");
	fake_pass(10);
	assert_null(fake_bus());
	g_up(NVSP_PROTOCOL_VERSION_61);
	fake_pass(1);
	hear_association(1);
	fake_pass(1);
	assert_non_null(fake_bus());
	hear_nothing();
	/* A new connection hears it again, the bus stays */
	g_reopen(NVSP_PROTOCOL_VERSION_61);
	fake_pass(1);
	hear_association(1);
	g_no_violation();
	end_nic();
}

static void bus_can_come_first(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "vf=1,vf-order=vf-first");
	fake_pass(1);
	assert_non_null(fake_bus());
	assert_int_equal(ctl("nic0 vf associate off"), HOSTCTL_OK);
	g_up(NVSP_PROTOCOL_VERSION_61);
	fake_pass(1);
	hear_nothing();
	assert_int_equal(ctl("nic0 vf associate on"), HOSTCTL_OK);
	hear_association(1);
	end_nic();
}

static void old_guests_are_not_told(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "vf=1");
	g_up(NVSP_PROTOCOL_VERSION_2);
	fake_pass(1);
	hear_nothing();
	assert_null(fake_bus());
	switch_path(NVSP_DATA_PATH_VF, true);
	g_violation("nvsp.version");
	end_nic();
}

static void path_moves_when_asked(void **state)
{
	struct fake_sent sent;
	u8 frame[128];
	u32 len = f_udp4(frame, 40);

	(void)state;
	up("vf=1");
	memcpy(frame, nic()->mac, 6);
	memcpy(frame + 6, g_peer_mac, 6);
	switch_path(NVSP_DATA_PATH_SYNTHETIC, false);
	assert_int_equal(vf()->stats.redundant, 1);
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	assert_int_equal(vf()->dev.stats.rx_disabled, 0);
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_true(vf()->on_vf);
	g_peer_send(frame, len);
	assert_int_equal(vf()->dev.stats.rx_disabled, 1);
	frame[5] ^= 0x40;
	g_peer_send(frame, len);
	assert_int_equal(vf()->stats.rx_filtered, 1);
	switch_path(NVSP_DATA_PATH_SYNTHETIC, false);
	assert_false(vf()->on_vf);
	g_no_violation();
	switch_path(2, false);
	g_violation("nvsp.switch-data-path");
	end_nic();
}

/* The guest's card sends. Return: how many frames were too early by now */
static u64 vf_sends(void)
{
	u8 data[128];
	struct net_frame frame = { .data = data + 8 };

	frame.len = f_udp4(frame.data, 40);
	vf()->dev.send(vf()->dev.ctx, &frame);
	return vf()->stats.tx_too_early;
}

static void frames_before_any_answer_are_too_early(void **state)
{
	struct fake_sent sent;

	(void)state;
	up("vf=1");
	assert_int_equal(vf_sends(), 1);
	switch_path(NVSP_DATA_PATH_SYNTHETIC, false);
	assert_int_equal(vf_sends(), 2);
	assert_int_equal(ctl("nic0 vf switch silent"), HOSTCTL_OK);
	switch_path(NVSP_DATA_PATH_VF, true);
	assert_int_equal(vf_sends(), 3);
	assert_int_equal(ctl("nic0 vf switch delay 300"), HOSTCTL_OK);
	switch_path(NVSP_DATA_PATH_VF, true);
	assert_int_equal(vf_sends(), 4);
	fake_pass(301);
	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(vf_sends(), 4);
	/* What was in its queue when the path went back is none */
	assert_int_equal(ctl("nic0 vf switch normal"), HOSTCTL_OK);
	switch_path(NVSP_DATA_PATH_SYNTHETIC, false);
	assert_int_equal(vf_sends(), 4);
	assert_int_equal(vf()->stats.tx_other_path, 5);

	/* Another VF; a refusal is an answer, which says nothing of being one */
	end_nic();
	assert_int_equal(vf_add(vf()), 0);
	fake_pass(1);
	hear_association(1);
	assert_int_equal(vf_sends(), 5);
	assert_int_equal(ctl("nic0 vf switch refuse"), HOSTCTL_OK);
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_int_equal(vf_sends(), 5);
	g_no_violation();
	end_nic();
}

static void switch_can_be_refused_and_late(void **state)
{
	struct fake_sent sent;

	(void)state;
	up("vf=1");
	assert_int_equal(ctl("nic0 vf switch refuse"), HOSTCTL_OK);
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_false(vf()->on_vf);
	assert_int_equal(ctl("nic0 vf switch silent"), HOSTCTL_OK);
	switch_path(NVSP_DATA_PATH_VF, true);
	hear_nothing();
	assert_false(vf()->on_vf);
	assert_int_equal(ctl("nic0 vf switch delay 300"), HOSTCTL_OK);
	switch_path(NVSP_DATA_PATH_VF, true);
	fake_pass(299);
	hear_nothing();
	assert_false(vf()->on_vf);
	fake_pass(2);
	assert_true(vf()->on_vf);
	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.type, VM_PKT_COMPLETION);
	assert_int_equal(ctl("nic0 vf switch normal"), HOSTCTL_OK);
	switch_path(NVSP_DATA_PATH_SYNTHETIC, false);
	g_no_violation();
	end_nic();
}

static void eject(struct vmbus_channel *bus)
{
	const struct vpci_ejected done = {
		.type = cpu_to_le32(VPCI_EJECTION_COMPLETE)
	};
	struct fake_sent sent;

	assert_true(fake_take(bus, &sent));
	fake_push(bus, VM_PKT_INBAND, 0, 0, &done, sizeof(done), NULL, 0);
	fake_run(bus);
	assert_true(fake_rescinded(bus));
}

static void planned_removal_and_return(void **state)
{
	struct vmbus_channel *bus;

	(void)state;
	bus = up("vf=1");
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_int_equal(ctl("nic0 vf remove"), HOSTCTL_OK);
	hear_path(NVSP_DATA_PATH_SYNTHETIC);
	hear_association(0);
	assert_int_equal(ctl("nic0 vf remove"), HOSTCTL_REFUSED);
	eject(bus);
	hear_nothing();
	assert_int_equal(vf()->state, VF_ABSENT);
	/* Late, but lawful */
	switch_path(NVSP_DATA_PATH_SYNTHETIC, false);
	assert_int_equal(ctl("nic0 vf remove"), HOSTCTL_REFUSED);
	fake_release(bus);
	assert_int_equal(ctl("nic0 vf add"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 vf add"), HOSTCTL_REFUSED);
	fake_pass(1);
	hear_association(1);
	fake_pass(1);
	probe_bus();
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_true(vf()->on_vf);
	g_no_violation();
	end_nic();
}

static void ejection_ends_with_patience(void **state)
{
	struct vmbus_channel *bus;
	struct fake_sent sent;

	(void)state;
	bus = up("vf=1");
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_int_equal(ctl("nic0 vf eject"), HOSTCTL_OK);
	hear_nothing();
	assert_true(vf()->on_vf);
	fake_pass(59999);
	assert_false(fake_rescinded(bus));
	fake_pass(2);
	assert_true(fake_rescinded(bus));
	hear_association(0);
	assert_false(vf()->on_vf);
	assert_int_equal(vf()->stats.expired, 1);
	while (fake_take(bus, &sent))
		;
}

static void closing_ends_an_eject(void **state)
{
	struct vmbus_channel *bus;

	(void)state;
	bus = up("vf=1");
	assert_int_equal(ctl("nic0 vf eject"), HOSTCTL_OK);
	fake_close(bus);
	assert_false(fake_rescinded(bus));
	fake_pass(1);
	assert_true(fake_rescinded(bus));
	hear_association(0);
	assert_int_equal(vf()->state, VF_ABSENT);
	assert_int_equal(vf()->stats.expired, 0);
	g_no_violation();
}

static void surprise_says_nothing(void **state)
{
	struct vmbus_channel *bus;

	(void)state;
	bus = up("vf=1");
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_int_equal(ctl("nic0 vf surprise"), HOSTCTL_OK);
	assert_true(fake_rescinded(bus));
	hear_nothing();
	assert_false(vf()->on_vf);
	g_no_violation();
}

static void dead_card_is_taken_later(void **state)
{
	struct vmbus_channel *bus;

	(void)state;
	bus = up("vf=1");
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_int_equal(ctl("nic0 vf delay surprise 500"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 vf surprise"), HOSTCTL_OK);
	assert_false(vf()->on_vf);
	assert_int_equal(pcifn_config_read(&vf()->dev.fn, 0, 4), U32_MAX);
	fake_pass(499);
	assert_false(fake_rescinded(bus));
	fake_pass(2);
	assert_true(fake_rescinded(bus));
	hear_nothing();
	assert_int_equal(vf()->stats.expired, 0);
	g_no_violation();
}

static void guest_that_closes_the_bus_gets_synthetic(void **state)
{
	struct vmbus_channel *bus;

	(void)state;
	bus = up("vf=1");
	switch_path(NVSP_DATA_PATH_VF, false);
	/* The NIC's channel may close: the path is the VF's */
	g_reopen(NVSP_PROTOCOL_VERSION_61);
	fake_pass(1);
	hear_association(1);
	assert_true(vf()->on_vf);
	fake_close(bus);
	assert_false(vf()->on_vf);
	switch_path(NVSP_DATA_PATH_VF, false);
	assert_false(vf()->on_vf);
	assert_int_equal(vf()->stats.refused, 1);
	end_nic();
}

static void flaps_come_to_an_end(void **state)
{
	struct vmbus_channel *bus;
	struct fake_sent sent;
	u32 i;

	(void)state;
	up("vf=1");
	assert_int_equal(ctl("nic0 vf flap 3 100"), HOSTCTL_OK);
	for (i = 0; i < 3; i++) {
		fake_pass(100);
		bus = vf()->bus.chan;
		assert_int_equal(vf()->state, VF_LEAVING);
		hear_path(NVSP_DATA_PATH_SYNTHETIC);
		hear_association(0);
		eject(bus);
		fake_release(bus);
		fake_pass(100);
		fake_pass(1);
		hear_association(1);
		fake_pass(1);
		probe_bus();
	}
	fake_pass(1000);
	assert_int_equal(vf()->state, VF_OFFERED);
	assert_int_equal(vf()->stats.added, 4);
	assert_false(fake_take(g.chan, &sent));
	end_nic();
}

static void nics_without_vf_have_no_verbs(void **state)
{
	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(ctl("nic0 vf add"), HOSTCTL_REFUSED);
}

static void nonsense_is_unknown(void **state)
{
	static const char *const bad[] = {
		"nic0 vf", "nic0 vf dance", "nic0 vf flap x", "nic0 vf flap 1 2 3",
		"nic0 vf delay offer", "nic0 vf delay tea 3", "nic0 vf link maybe",
		"nic0 vf switch delay", "nic0 vf switch delay x", "nic0 vf switch often",
		"nic0 vf order random", "nic0 vf add now", "nic0 vf version 1.5",
		"nic0 vf version 2.1",
	};
	u32 i;

	(void)state;
	g_nic(HOST_WS2022, "vf=later");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ctl(bad[i]), HOSTCTL_UNKNOWN);
	assert_int_equal(ctl("nic0 vf state"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 vf counters"), HOSTCTL_OK);
	assert_int_equal(ctl("nic0 vf add"), HOSTCTL_OK);
	end_nic();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(bus_follows_the_association), T(bus_can_come_first),
		T(old_guests_are_not_told), T(path_moves_when_asked),
		T(frames_before_any_answer_are_too_early),
		T(switch_can_be_refused_and_late), T(planned_removal_and_return),
		T(ejection_ends_with_patience), T(closing_ends_an_eject),
		T(surprise_says_nothing),
		T(dead_card_is_taken_later),
		T(guest_that_closes_the_bus_gets_synthetic),
		T(flaps_come_to_an_end), T(nics_without_vf_have_no_verbs),
		T(nonsense_is_unknown),
	};

	return cmocka_run_group_tests_name("nic_vf", tests, NULL, NULL);
}
