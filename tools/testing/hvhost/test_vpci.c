// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual PCI bus and its function: versions, order of the dialogue, the
 * configuration window, BARs, interrupts, ejection.
 *
 * Break it: let pcifn_config_write() move BARs while memory decode is on; leave
 * out unmap_window() in leave_d0(); let do_delete() take any message; or count
 * V1_4 among the versions of CREATE_INTERRUPT2.
 */
#include "nic_guest.h"
#include "layout.h"
#include "vpci.h"

#include <linux/pci_regs.h>
#include <string.h>

#define WINDOW		LAYOUT_MMIO_LOW
#define CONFIG		(WINDOW + 0x1000)
#define BAR0		(WINDOW + 0x10000)
#define BAR3		(WINDOW + 0x14000)
#define BAR_LEN		0x1000u

static const struct pcifn_ids ids = {
	.vendor = 0x8086, .device = 0x1530, .revision = 7, .class = 0x020000,
	.sub_vendor = 0x1234, .sub_device = 0x5678,
};

static struct pcifn fn;
static struct vpci_bus bus;
static struct vmbus_channel *chan;
static u32 reg, ejected, closed, released;
static u64 next_id;

static uint64_t reg_read(void *ctx, uint64_t off, unsigned int size)
{
	(void)ctx;
	(void)size;
	return off ? 0 : reg;
}

static void reg_write(void *ctx, uint64_t off, unsigned int size, uint64_t value)
{
	(void)ctx;
	(void)off;
	(void)size;
	reg = (u32)value;
}

static void on_ejected(void *ctx)
{
	(void)ctx;
	ejected++;
}

static void on_closed(void *ctx)
{
	(void)ctx;
	closed++;
}

static void on_released(void *ctx)
{
	(void)ctx;
	released++;
}

static const struct vpci_ops ops = { on_ejected, on_closed, on_released };

static int setup(void **state)
{
	(void)state;
	fake_reset();
	pcifn_init(&fn, "vf", &ids);
	pcifn_add_bar(&fn, 0, BAR_LEN, reg_read, reg_write, NULL);
	pcifn_add_msix(&fn, 3, BAR_LEN, 3);
	pcifn_add_pcie(&fn);
	bus = (struct vpci_bus){
		.name = "vf", .newest = VPCI_V1_4, .serial = 42, .fn = &fn,
		.ops = &ops,
	};
	reg = 0;
	ejected = 0;
	closed = 0;
	released = 0;
	next_id = 1;
	assert_int_equal(vpci_offer(&bus), 0);
	chan = fake_bus();
	assert_non_null(chan);
	fake_open(chan);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vpci_rescind(&bus);
	fake_vmbus_reset();
	return 0;
}

/* --- the guest --- */

static void tell(const void *msg, u32 len)
{
	fake_push(chan, VM_PKT_INBAND, 0, 0, msg, len, NULL, 0);
	fake_run(chan);
}

/* Send it and take its completion. Return: its status; all of it in @reply */
static u32 ask(const void *msg, u32 len, void *reply, u32 reply_len)
{
	struct fake_sent sent;
	__le32 status;

	fake_push(chan, VM_PKT_INBAND, VM_PKT_FLAG_COMPLETION, next_id, msg, len,
		  NULL, 0);
	fake_run(chan);
	assert_true(fake_take(chan, &sent));
	assert_int_equal(sent.type, VM_PKT_COMPLETION);
	assert_int_equal(sent.trans_id, next_id++);
	assert_true(sent.len >= sizeof(status) && sent.len >= reply_len);
	memcpy(&status, sent.payload, sizeof(status));
	if (reply_len)
		memcpy(reply, sent.payload, reply_len);
	return le32_to_cpu(status);
}

static u32 ask_version(u32 version)
{
	const struct vpci_version msg = { cpu_to_le32(VPCI_QUERY_VERSION),
					  cpu_to_le32(version) };

	return ask(&msg, sizeof(msg), NULL, 0);
}

static u32 d0(u64 window)
{
	const struct vpci_d0entry msg = { .type = cpu_to_le32(VPCI_D0ENTRY),
					  .window = cpu_to_le64(window) };

	return ask(&msg, sizeof(msg), NULL, 0);
}

static u32 assign(u32 type, u32 len)
{
	u8 msg[VPCI_ASSIGNED2_LEN] = { 0 };
	__le32 t = cpu_to_le32(type);

	memcpy(msg, &t, sizeof(t));
	return ask(msg, len, NULL, 0);
}

static void reach(enum vpci_phase phase, u32 version)
{
	assert_int_equal(ask_version(version), VPCI_STATUS_OK);
	if (phase >= VPCI_D0)
		assert_int_equal(d0(WINDOW), VPCI_STATUS_OK);
	if (phase < VPCI_ASSIGNED)
		return;
	if (version < VPCI_V1_2)
		assert_int_equal(assign(VPCI_RESOURCES_ASSIGNED,
					VPCI_ASSIGNED_LEN), VPCI_STATUS_OK);
	else
		assert_int_equal(assign(VPCI_RESOURCES_ASSIGNED2,
					VPCI_ASSIGNED2_LEN), VPCI_STATUS_OK);
	g_no_violation();
}

static u32 in(u64 addr, unsigned int size)
{
	u64 value = 0;

	mmio_access(false, addr, size, &value);
	return (u32)value;
}

static void out(u64 addr, unsigned int size, u32 value)
{
	mmio_access(true, addr, size, &value);
	fake_posted();
}

static void map_bars(void)
{
	out(CONFIG + PCI_BASE_ADDRESS_0, 4, BAR0);
	out(CONFIG + PCI_BASE_ADDRESS_3, 4, BAR3);
	out(CONFIG + PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
}

static u32 create3(u32 vector, u16 count, u16 cpus, u16 cpu,
		   struct vpci_created *made)
{
	const struct vpci_create3 msg = {
		.type = cpu_to_le32(VPCI_CREATE_INTERRUPT3),
		.vector = cpu_to_le32(vector), .count = cpu_to_le16(count),
		.cpu_count = cpu_to_le16(cpus), .cpu[0] = cpu_to_le16(cpu),
	};

	return ask(&msg, sizeof(msg), made, made ? sizeof(*made) : 0);
}

/* --- the tests --- */

static void versions_are_the_newest_of_both(void **state)
{
	(void)state;
	bus.newest = VPCI_V1_2;
	assert_int_equal(ask_version(VPCI_V1_4), VPCI_STATUS_REVISION_MISMATCH);
	assert_int_equal(ask_version(VPCI_V1_3), VPCI_STATUS_REVISION_MISMATCH);
	assert_int_equal(ask_version(0x00010000), VPCI_STATUS_REVISION_MISMATCH);
	assert_int_equal(ask_version(VPCI_V1_2), VPCI_STATUS_OK);
	g_no_violation();
	/* Settled is settled */
	assert_int_equal(ask_version(VPCI_V1_2), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.order");
}

static void relations(u32 version, u32 type, u32 len)
{
	const __le32 query = cpu_to_le32(VPCI_QUERY_BUS_RELATIONS);
	struct vpci_relations rel;
	struct fake_sent sent;

	reach(VPCI_VERSIONED, version);
	tell(&query, sizeof(query));
	assert_true(fake_take(chan, &sent));
	assert_int_equal(sent.type, VM_PKT_INBAND);
	assert_int_equal(sent.len, 8 + len);
	memset(&rel, 0, sizeof(rel));
	memcpy(&rel, sent.payload, sent.len);
	assert_int_equal(le32_to_cpu(rel.type), type);
	assert_int_equal(le32_to_cpu(rel.count), 1);
	assert_int_equal(le16_to_cpu(rel.function.vendor), 0x8086);
	assert_int_equal(le16_to_cpu(rel.function.device), 0x1530);
	assert_int_equal(rel.function.base_class, 2);
	assert_int_equal(le32_to_cpu(rel.function.slot), 0);
	assert_int_equal(le32_to_cpu(rel.function.serial), 42);
	g_no_violation();
}

static void relations_before_1_3(void **state)
{
	(void)state;
	relations(VPCI_V1_2, VPCI_BUS_RELATIONS, 20);
}

static void relations_since_1_3(void **state)
{
	(void)state;
	relations(VPCI_V1_3, VPCI_BUS_RELATIONS2, 28);
}

static void requirements_are_the_sizes_of_bars(void **state)
{
	const struct vpci_slot msg = { cpu_to_le32(VPCI_QUERY_REQUIREMENTS), 0 };
	struct vpci_requirements reply;

	(void)state;
	reach(VPCI_VERSIONED, VPCI_V1_4);
	assert_int_equal(ask(&msg, sizeof(msg), &reply, sizeof(reply)),
			 VPCI_STATUS_OK);
	assert_int_equal(le32_to_cpu(reply.bar[0]), ~(BAR_LEN - 1));
	assert_int_equal(le32_to_cpu(reply.bar[3]), ~(BAR_LEN - 1));
	assert_int_equal(le32_to_cpu(reply.bar[1]), 0);
	g_no_violation();
}

static void order_is_kept(void **state)
{
	const struct vpci_slot slot = { cpu_to_le32(VPCI_QUERY_REQUIREMENTS), 0 };

	(void)state;
	assert_int_equal(ask(&slot, sizeof(slot), NULL, 0), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.order");
	assert_int_equal(d0(WINDOW), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.order");
	reach(VPCI_VERSIONED, VPCI_V1_4);
	assert_int_equal(assign(VPCI_RESOURCES_ASSIGNED2, VPCI_ASSIGNED2_LEN),
			 VPCI_STATUS_BAD_DATA);
	g_violation("vpci.order");
	assert_int_equal(d0(WINDOW), VPCI_STATUS_OK);
	assert_int_equal(d0(WINDOW), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.order");
}

static void messages_fit_their_version(void **state)
{
	struct vpci_created made;
	u8 old[sizeof(struct vpci_create2)] = { 0x17, 0, 0x49, 0x42 };

	(void)state;
	reach(VPCI_D0, VPCI_V1_4);
	assert_int_equal(assign(VPCI_RESOURCES_ASSIGNED, VPCI_ASSIGNED_LEN),
			 VPCI_STATUS_BAD_DATA);
	g_violation("vpci.version");
	assert_int_equal(assign(VPCI_RESOURCES_ASSIGNED2, VPCI_ASSIGNED_LEN),
			 VPCI_STATUS_BAD_DATA);
	g_violation("vpci.length");
	assert_int_equal(assign(VPCI_RESOURCES_ASSIGNED2, VPCI_ASSIGNED2_LEN),
			 VPCI_STATUS_OK);
	assert_int_equal(ask(old, sizeof(old), NULL, 0), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.version");
	assert_int_equal(create3(0x30, 1, 1, 1, &made), VPCI_STATUS_OK);
	g_no_violation();
}

static void nonsense_is_refused(void **state)
{
	const struct vpci_slot slot = { cpu_to_le32(VPCI_QUERY_REQUIREMENTS),
					cpu_to_le32(3) };
	const __le32 unknown[2] = { cpu_to_le32(0x42490099), 0 };
	const struct vpci_ejected done = {
		.type = cpu_to_le32(VPCI_EJECTION_COMPLETE)
	};

	(void)state;
	reach(VPCI_VERSIONED, VPCI_V1_4);
	assert_int_equal(ask(&slot, sizeof(slot), NULL, 0), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.slot");
	assert_int_equal(ask(unknown, sizeof(unknown), NULL, 0),
			 VPCI_STATUS_NOT_SUPPORTED);
	g_violation("vpci.unknown-type");
	tell(unknown, 2);
	g_violation("vpci.unknown-type");
	tell(&done, sizeof(done));
	g_violation("vpci.ejection");
	assert_int_equal(ejected, 0);
	assert_int_equal(d0(WINDOW + 0x800), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.config-window");
	assert_int_equal(d0(0x1000), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.config-window");
	assert_int_equal(d0(UINT64_MAX - 0xFFF), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.config-window");
	assert_int_equal(d0(WINDOW), VPCI_STATUS_OK);
	g_no_violation();
}

static void window_shows_the_function(void **state)
{
	(void)state;
	assert_int_equal(in(CONFIG, 4), UINT32_MAX);
	reach(VPCI_D0, VPCI_V1_4);
	assert_int_equal(in(CONFIG, 2), 0x8086);
	assert_int_equal(in(CONFIG + 2, 2), 0x1530);
	assert_int_equal(in(CONFIG + PCI_CLASS_REVISION, 4), 0x02000007);
	assert_int_equal(in(CONFIG + PCI_REVISION_ID, 1), 7);
	/* Another slot is empty; ids are not for writing */
	out(WINDOW, 4, 5);
	assert_int_equal(in(CONFIG, 2), 0xFFFF);
	out(WINDOW, 4, 0);
	out(CONFIG, 4, 0);
	assert_int_equal(in(CONFIG, 4), 0x15308086);
	g_no_violation();
	out(WINDOW, 2, 0);
	g_violation("vpci.slot-register");
}

static void bars_are_sized_and_mapped(void **state)
{
	(void)state;
	reach(VPCI_ASSIGNED, VPCI_V1_4);
	out(CONFIG + PCI_BASE_ADDRESS_0, 4, UINT32_MAX);
	assert_int_equal(in(CONFIG + PCI_BASE_ADDRESS_0, 4), ~(BAR_LEN - 1));
	out(CONFIG + PCI_BASE_ADDRESS_1, 4, UINT32_MAX);
	assert_int_equal(in(CONFIG + PCI_BASE_ADDRESS_1, 4), 0);
	assert_int_equal(in(BAR0, 4), UINT32_MAX);
	map_bars();
	assert_int_equal(in(BAR0, 4), 0);
	out(BAR0, 4, 0x12345678);
	assert_int_equal(in(BAR0, 4), 0x12345678);
	/* While it decodes, it does not move */
	out(CONFIG + PCI_BASE_ADDRESS_0, 4, BAR3 + 0x8000);
	assert_int_equal(in(CONFIG + PCI_BASE_ADDRESS_0, 4), BAR0);
	out(CONFIG + PCI_COMMAND, 2, 0);
	assert_int_equal(in(BAR0, 4), UINT32_MAX);
	g_no_violation();
	/* Not over the configuration window, nor outside */
	out(CONFIG + PCI_BASE_ADDRESS_0, 4, WINDOW);
	out(CONFIG + PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
	g_violation("pci.bar-address");
	assert_int_equal(in(CONFIG, 2), 0x8086);
}

static void interrupts_are_created_and_raised(void **state)
{
	struct vpci_delete gone = { .type = cpu_to_le32(VPCI_DELETE_INTERRUPT) };
	struct vpci_created made;
	uint64_t address;
	u32 data;

	(void)state;
	reach(VPCI_ASSIGNED, VPCI_V1_4);
	map_bars();
	assert_int_equal(create3(0x41, 1, 1, 2, &made), VPCI_STATUS_OK);
	out(BAR3 + 16, 4, (u32)le64_to_cpu(made.message.address));
	out(BAR3 + 16 + 4, 4, 0);
	out(BAR3 + 16 + 8, 4, le32_to_cpu(made.message.data));
	pcifn_raise(&fn, 1);
	assert_int_equal(fake_msis(&address, &data), 0);	/* MSI-X is off */
	out(CONFIG + fn.msix + PCI_MSIX_FLAGS, 2, PCI_MSIX_FLAGS_ENABLE);
	pcifn_raise(&fn, 1);
	assert_int_equal(fake_msis(&address, &data), 0);	/* masked */
	assert_int_equal(in(BAR3 + BAR_LEN / 2, 4), 2);
	out(BAR3 + 16 + 12, 4, 0);
	assert_int_equal(fake_msis(&address, &data), 1);
	assert_int_equal(address, 0xFEE00000 | 2 << 12);
	assert_int_equal(data, 0x41);
	assert_int_equal(in(BAR3 + BAR_LEN / 2, 4), 0);
	pcifn_raise(&fn, 1);
	assert_int_equal(fake_msis(&address, &data), 2);
	gone.message = made.message;
	tell(&gone, sizeof(gone));
	assert_int_equal(bus.messages, 0);
	g_no_violation();
	tell(&gone, sizeof(gone));
	g_violation("vpci.interrupt");
	/* A message to where no interrupt is */
	out(BAR3 + 16, 4, 0x1000);
	pcifn_raise(&fn, 1);
	g_violation("pci.msi-address");
	assert_int_equal(fake_msis(&address, &data), 2);
}

static void impossible_interrupts_are_refused(void **state)
{
	u32 i;

	(void)state;
	reach(VPCI_ASSIGNED, VPCI_V1_4);
	assert_int_equal(create3(0, 1, 1, 0, NULL), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.interrupt");
	assert_int_equal(create3(0x141, 1, 1, 0, NULL), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.interrupt");
	assert_int_equal(create3(0x41, 2, 1, 0, NULL), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.interrupt");
	assert_int_equal(create3(0x41, 1, 0, 0, NULL), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.interrupt");
	assert_int_equal(create3(0x41, 1, 1, FAKE_VPS, NULL), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.interrupt");
	for (i = 0; i < VPCI_INTERRUPTS_MAX; i++)
		assert_int_equal(create3(0x41, 1, 1, 0, NULL), VPCI_STATUS_OK);
	g_no_violation();
	assert_int_equal(create3(0x41, 1, 1, 0, NULL), VPCI_STATUS_BAD_DATA);
	g_violation("vpci.interrupt");
}

static void ejection_is_answered(void **state)
{
	const struct vpci_ejected done = {
		.type = cpu_to_le32(VPCI_EJECTION_COMPLETE)
	};
	struct vpci_slot msg;
	struct fake_sent sent;

	(void)state;
	assert_int_equal(vpci_eject(&bus), -ENODEV);
	reach(VPCI_ASSIGNED, VPCI_V1_4);
	assert_int_equal(vpci_eject(&bus), 0);
	assert_true(fake_take(chan, &sent));
	memcpy(&msg, sent.payload, sizeof(msg));
	assert_int_equal(le32_to_cpu(msg.type), VPCI_EJECT);
	assert_int_equal(le32_to_cpu(msg.slot), 0);
	assert_int_equal(in(CONFIG, 2), 0x8086);
	tell(&done, sizeof(done));
	assert_int_equal(ejected, 1);
	assert_int_equal(in(CONFIG, 2), 0xFFFF);
	g_no_violation();
}

static void surprise_leaves_ones(void **state)
{
	(void)state;
	reach(VPCI_ASSIGNED, VPCI_V1_4);
	map_bars();
	vpci_rescind(&bus);
	assert_true(fake_rescinded(chan));
	assert_int_equal(closed, 1);
	assert_int_equal(in(CONFIG, 2), 0xFFFF);
	assert_int_equal(in(BAR0, 4), UINT32_MAX);
	fake_release(chan);
	assert_int_equal(released, 1);
	assert_int_equal(vpci_offer(&bus), 0);
	chan = fake_bus();
	fake_open(chan);
	reach(VPCI_ASSIGNED, VPCI_V1_2);
	assert_int_equal(in(CONFIG, 2), 0x8086);
}

static void d0exit_forgets(void **state)
{
	const __le32 leave[2] = { cpu_to_le32(VPCI_D0EXIT), 0 };

	(void)state;
	reach(VPCI_ASSIGNED, VPCI_V1_4);
	map_bars();
	assert_int_equal(ask(leave, sizeof(leave), NULL, 0), VPCI_STATUS_OK);
	assert_int_equal(in(BAR0, 4), UINT32_MAX);
	assert_int_equal(in(CONFIG, 2), 0xFFFF);
	assert_int_equal(closed, 1);
	/* Once more, as a crash kernel would */
	assert_int_equal(ask(leave, sizeof(leave), NULL, 0), VPCI_STATUS_OK);
	assert_int_equal(d0(WINDOW + 0x4000), VPCI_STATUS_OK);
	assert_int_equal(in(CONFIG + 0x4000, 2), 0x8086);
	assert_int_equal(in(CONFIG + 0x4000 + PCI_COMMAND, 2), 0);
	g_no_violation();
}

static void late_d0_comes_late(void **state)
{
	const struct vpci_d0entry msg = { .type = cpu_to_le32(VPCI_D0ENTRY),
					  .window = cpu_to_le64(WINDOW) };
	struct fake_sent sent;

	(void)state;
	reach(VPCI_VERSIONED, VPCI_V1_4);
	bus.d0_ms = 500;
	fake_push(chan, VM_PKT_INBAND, VM_PKT_FLAG_COMPLETION, 77, &msg,
		  sizeof(msg), NULL, 0);
	fake_run(chan);
	assert_false(fake_take(chan, &sent));
	fake_pass(499);
	assert_false(fake_take(chan, &sent));
	fake_pass(2);
	assert_true(fake_take(chan, &sent));
	assert_int_equal(sent.trans_id, 77);
	/* And not at all when the bus is gone meanwhile */
	fake_close(chan);
	fake_open(chan);
	reach(VPCI_VERSIONED, VPCI_V1_4);
	fake_push(chan, VM_PKT_INBAND, VM_PKT_FLAG_COMPLETION, 78, &msg,
		  sizeof(msg), NULL, 0);
	fake_run(chan);
	vpci_rescind(&bus);
	fake_pass(1000);
	assert_false(fake_take(chan, &sent));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(versions_are_the_newest_of_both), T(relations_before_1_3),
		T(relations_since_1_3), T(requirements_are_the_sizes_of_bars),
		T(order_is_kept), T(messages_fit_their_version),
		T(nonsense_is_refused), T(window_shows_the_function),
		T(bars_are_sized_and_mapped), T(interrupts_are_created_and_raised),
		T(impossible_interrupts_are_refused), T(ejection_is_answered),
		T(surprise_leaves_ones), T(d0exit_forgets), T(late_d0_comes_late),
	};

	return cmocka_run_group_tests_name("vpci", tests, NULL, NULL);
}
