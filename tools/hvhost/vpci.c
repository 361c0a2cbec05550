// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual PCI bus: its VMBus device, and the guest's messages
 * (Documentation/protocol.md G).
 *
 * Each message is a row of vpci_types: least length, versions that have it, phases
 * in which it may come. What does not fit its row, or has no row, is a violation
 * and, where the guest waits for an answer, is answered with a failure.
 */
#include <errno.h>
#include <string.h>

#include "synic.h"
#include "violation.h"
#include "vpci.h"

#define CONFIG_PAGE	0x1000u	/* of the window; the page before selects (G.5) */
#define VECTOR_MIN	0x10u	/* below are the CPU's exceptions */
#define VECTOR_MAX	0xFFu
#define MODE_FIXED	0u
#define MSI_ADDRESS	0xFEE00000u
#define MSI_DEST_SHIFT	12
#define MSI_DEST_MAX	0xFFu

/* 44c4f61d-4444-4400-9d52-802e27ede19f in wire order */
static const u8 vpci_type[16] = {
	0x1d, 0xf6, 0xc4, 0x44, 0x44, 0x44, 0x00, 0x44,
	0x9d, 0x52, 0x80, 0x2e, 0x27, 0xed, 0xe1, 0x9f,
};

#define vpci_violation(bus, rule, message, section, ...) do { \
	char where_[96]; \
	snprintf(where_, sizeof(where_), "%s, %s", (bus)->name, message); \
	violation(rule, where_, section, __VA_ARGS__); \
} while (0)

/**
 * struct request - one message of the guest
 * @name: as in the protocol
 * @data: private copy, @len bytes, zeros behind it
 * @id: transaction id
 * @wants: it asks for a completion
 */
struct request {
	const char *name;
	u8 data[256];
	u32 len;
	u64 id;
	bool wants;
};

const char *vpci_phase_name(enum vpci_phase phase)
{
	switch (phase) {
	case VPCI_CLOSED:
		return "closed";
	case VPCI_OPEN:
		return "open";
	case VPCI_VERSIONED:
		return "versioned";
	case VPCI_D0:
		return "d0";
	case VPCI_ASSIGNED:
		return "assigned";
	}
	return "?";
}

bool vpci_seen(const struct vpci_bus *bus)
{
	return bus->phase >= VPCI_VERSIONED;
}

/* --- to the guest --- */

/* Its messages are few and small: a ring without room is the guest's doing */
static void send(struct vpci_bus *bus, u16 type, u64 id, const void *data, u32 len)
{
	int ret = vmbus_send(bus->chan, type, 0, id, data, len);

	if (ret == -EAGAIN)
		vpci_violation(bus, "vpci.ring-starved", "ring", "C.2",
			       "no room for a message of %u bytes; it is lost", len);
}

static void complete(struct vpci_bus *bus, const struct request *req,
		     const void *data, u32 len)
{
	if (req->wants)
		send(bus, VM_PKT_COMPLETION, req->id, data, len);
}

static void complete_status(struct vpci_bus *bus, const struct request *req,
			    u32 status)
{
	/* Two words: what is 20 bytes or shorter Linux does not look at (G.1) */
	__le32 reply[2] = { cpu_to_le32(status), 0 };

	complete(bus, req, reply, sizeof(reply));
}

static void send_relations(struct vpci_bus *bus)
{
	const struct pcifn_ids *ids = &bus->fn->ids;
	bool second = bus->version >= VPCI_V1_3;
	struct vpci_relations msg = {
		.type = cpu_to_le32(second ? VPCI_BUS_RELATIONS2 :
					     VPCI_BUS_RELATIONS),
		.count = cpu_to_le32(bus->present),
		.function = {
			.vendor = cpu_to_le16(ids->vendor),
			.device = cpu_to_le16(ids->device),
			.revision = ids->revision,
			.prog_if = (u8)ids->class,
			.sub_class = (u8)(ids->class >> 8),
			.base_class = (u8)(ids->class >> 16),
			.sub_vendor = cpu_to_le16(ids->sub_vendor),
			.sub_device = cpu_to_le16(ids->sub_device),
			.serial = cpu_to_le32(bus->serial),
		},
	};
	u32 len = 2 * sizeof(__le32);

	if (bus->present)
		len += second ? (u32)sizeof(msg.function) : VPCI_FUNCTION_LEN;
	send(bus, VM_PKT_INBAND, 0, &msg, len);
}

/* --- configuration window --- */

static bool selected(const struct vpci_bus *bus)
{
	return !bus->slot && bus->present;
}

static uint64_t window_read(void *ctx, uint64_t off, unsigned int size)
{
	struct vpci_bus *bus = ctx;

	if (off < CONFIG_PAGE)
		return off ? 0 : bus->slot;
	if (!selected(bus))
		return UINT64_MAX;
	return pcifn_config_read(bus->fn, (u32)off - CONFIG_PAGE, size);
}

static void window_write(void *ctx, uint64_t off, unsigned int size, uint64_t value)
{
	struct vpci_bus *bus = ctx;

	if (off >= CONFIG_PAGE) {
		if (selected(bus))
			pcifn_config_write(bus->fn, (u32)off - CONFIG_PAGE, size,
					   (u32)value);
		return;
	}
	if (off || size != 4) {
		vpci_violation(bus, "vpci.slot-register", "config window", "G.5",
			       "wanted 4 bytes at 0, came %u bytes at 0x%llx", size,
			       (unsigned long long)off);
		return;
	}
	bus->slot = (u32)value;
}

static void unmap_window(struct vpci_bus *bus)
{
	mmio_del(&bus->window);
	bus->window.len = 0;
}

/* Return: 0 or -EINVAL: reported */
static int map_window(struct vpci_bus *bus, const struct request *req, u64 base)
{
	int ret = -EINVAL;

	bus->window = (struct mmio_region){
		.base = base, .len = VPCI_CONFIG_WINDOW,
		.read = window_read, .write = window_write, .ctx = bus,
	};
	bus->slot = 0;
	if (!(base % CONFIG_PAGE))
		ret = mmio_add(&bus->window);
	if (!ret)
		return 0;
	bus->window.len = 0;
	vpci_violation(bus, "vpci.config-window", req->name, "I.2 16",
		       "window: wanted two free pages in a VMBus window, came 0x%llx (%s)",
		       (unsigned long long)base, strerror(-ret));
	return -EINVAL;
}

/* --- what the messages mean --- */

static void do_version(struct vpci_bus *bus, const struct request *req)
{
	struct vpci_version msg;
	__le32 reply[2];
	u32 version;

	memcpy(&msg, req->data, sizeof(msg));
	version = le32_to_cpu(msg.version);
	reply[1] = msg.version;
	if (version < VPCI_V1_1 || version > bus->newest) {
		reply[0] = cpu_to_le32(VPCI_STATUS_REVISION_MISMATCH);
	} else {
		bus->version = version;
		bus->phase = VPCI_VERSIONED;
		reply[0] = cpu_to_le32(VPCI_STATUS_OK);
	}
	complete(bus, req, reply, sizeof(reply));
}

static void do_query_relations(struct vpci_bus *bus, const struct request *req)
{
	(void)req;
	send_relations(bus);
}

/* The one slot there is. Return: whether @req names it; reported if not */
static bool slot_ok(struct vpci_bus *bus, const struct request *req)
{
	struct vpci_slot msg;

	memcpy(&msg, req->data, sizeof(msg));
	if (!msg.slot)
		return true;
	vpci_violation(bus, "vpci.slot", req->name, "I.2 16",
		       "slot: wanted 0, came 0x%x", le32_to_cpu(msg.slot));
	return false;
}

static void do_requirements(struct vpci_bus *bus, const struct request *req)
{
	struct vpci_requirements reply = { .status = VPCI_STATUS_OK };
	unsigned int i;

	for (i = 0; i < PCIFN_BARS; i++)
		reply.bar[i] = cpu_to_le32(pcifn_probed_bar(bus->fn, i));
	complete(bus, req, &reply, sizeof(reply));
}

static void d0_late(void *ctx)
{
	struct vpci_bus *bus = ctx;
	const struct request req = { .id = bus->late_id, .wants = true };

	complete_status(bus, &req, VPCI_STATUS_OK);
	vmbus_signal(bus->chan);
}

static void do_d0entry(struct vpci_bus *bus, const struct request *req)
{
	struct vpci_d0entry msg;

	memcpy(&msg, req->data, sizeof(msg));
	if (map_window(bus, req, le64_to_cpu(msg.window))) {
		complete_status(bus, req, VPCI_STATUS_BAD_DATA);
		return;
	}
	bus->phase = VPCI_D0;
	if (!bus->d0_ms || !req->wants) {
		complete_status(bus, req, VPCI_STATUS_OK);
		return;
	}
	bus->late_id = req->id;
	loop_timer_set(&bus->late, bus->d0_ms * 1000000ull);
}

/* Out of D0: what the function was is forgotten */
static void leave_d0(struct vpci_bus *bus)
{
	loop_timer_cancel(&bus->late);
	unmap_window(bus);
	bus->messages = 0;
}

static void do_d0exit(struct vpci_bus *bus, const struct request *req)
{
	/* Lawful without D0 before: a crash kernel makes sure (G.6) */
	leave_d0(bus);
	pcifn_reset(bus->fn);
	bus->phase = VPCI_VERSIONED;
	complete_status(bus, req, VPCI_STATUS_OK);
	bus->ops->closed(bus->ctx);
}

static void do_assigned(struct vpci_bus *bus, const struct request *req)
{
	bus->phase = VPCI_ASSIGNED;
	complete_status(bus, req, VPCI_STATUS_OK);
}

static void do_released(struct vpci_bus *bus, const struct request *req)
{
	(void)req;
	bus->phase = VPCI_D0;
}

static void do_power(struct vpci_bus *bus, const struct request *req)
{
	complete_status(bus, req, VPCI_STATUS_OK);
}

static void do_block(struct vpci_bus *bus, const struct request *req)
{
	struct vpci_block msg;
	u32 bytes;

	memcpy(&msg, req->data, sizeof(msg));
	bytes = le32_to_cpu(msg.bytes);
	if (bytes > VPCI_BLOCK_MAX)
		vpci_violation(bus, "vpci.block", req->name, "G.4",
			       "bytes: wanted at most %u, came %u", VPCI_BLOCK_MAX,
			       bytes);
	complete_status(bus, req, VPCI_STATUS_NOT_SUPPORTED);
}

static void do_ejected(struct vpci_bus *bus, const struct request *req)
{
	(void)req;
	if (!bus->ejecting) {
		vpci_violation(bus, "vpci.ejection", req->name, "G.9",
			       "wanted upon EJECT, came without it");
		return;
	}
	bus->ejecting = false;
	bus->present = false;
	/* The channel may be gone when this returns */
	bus->ops->ejected(bus->ctx);
}

/* --- interrupts (G.8) --- */

/**
 * struct create - a CREATE_INTERRUPT of any version
 * @cpu: the first one named
 */
struct create {
	u32 vector;
	u32 mode;
	u32 count;
	u32 cpus;
	u32 cpu;
};

static void read_create(const struct vpci_bus *bus, const struct request *req,
			struct create *c)
{
	struct vpci_create1 one;
	struct vpci_create2 two;
	struct vpci_create3 three;

	memset(c, 0, sizeof(*c));
	if (bus->version >= VPCI_V1_4) {
		memcpy(&three, req->data, sizeof(three));
		*c = (struct create){ le32_to_cpu(three.vector), three.mode,
				      le16_to_cpu(three.count),
				      le16_to_cpu(three.cpu_count),
				      le16_to_cpu(three.cpu[0]) };
	} else if (bus->version >= VPCI_V1_2) {
		memcpy(&two, req->data, sizeof(two));
		*c = (struct create){ two.vector, two.mode, le16_to_cpu(two.count),
				      le16_to_cpu(two.cpu_count),
				      le16_to_cpu(two.cpu[0]) };
	} else {
		memcpy(&one, req->data, sizeof(one));
		*c = (struct create){ one.vector, one.mode, le16_to_cpu(one.count),
				      (u32)__builtin_popcountll(le64_to_cpu(one.cpus)),
				      one.cpus ? (u32)__builtin_ctzll(le64_to_cpu(one.cpus)) : 0 };
	}
}

/* What is wrong with it, or NULL */
static const char *create_fault(const struct vpci_bus *bus, const struct create *c)
{
	if (c->vector < VECTOR_MIN || c->vector > VECTOR_MAX)
		return "vector: wanted 16..255";
	if (c->mode != MODE_FIXED)
		return "delivery mode: wanted fixed (0)";
	if (c->count != 1)
		return "count: wanted 1, the function has MSI-X alone";
	if (!c->cpus || (c->cpus > VPCI_CPUS_MAX && bus->version >= VPCI_V1_2))
		return "CPUs: wanted 1..32";
	if (!synic_vp_valid(c->cpu) || c->cpu > MSI_DEST_MAX)
		return "CPU: wanted an existing VP";
	if (bus->messages == VPCI_INTERRUPTS_MAX)
		return "interrupts: wanted some deleted first";
	return NULL;
}

static void do_create(struct vpci_bus *bus, const struct request *req)
{
	struct vpci_created reply = { .status = VPCI_STATUS_OK };
	const char *fault;
	struct create c;

	read_create(bus, req, &c);
	fault = create_fault(bus, &c);
	if (fault) {
		vpci_violation(bus, "vpci.interrupt", req->name, "I.2 16",
			       "%s; came vector %u, mode %u, count %u, %u CPUs from %u on",
			       fault, c.vector, c.mode, c.count, c.cpus, c.cpu);
		complete_status(bus, req, VPCI_STATUS_BAD_DATA);
		return;
	}
	/* A native message: the function raises it as it stands */
	reply.message.count = cpu_to_le16(1);
	reply.message.data = cpu_to_le32(c.vector);
	reply.message.address = cpu_to_le64(MSI_ADDRESS | c.cpu << MSI_DEST_SHIFT);
	bus->message[bus->messages++] = reply.message;
	complete(bus, req, &reply, sizeof(reply));
}

static void do_delete(struct vpci_bus *bus, const struct request *req)
{
	struct vpci_delete msg;
	u32 i;

	memcpy(&msg, req->data, sizeof(msg));
	for (i = 0; i < bus->messages; i++)
		if (bus->message[i].address == msg.message.address &&
		    bus->message[i].data == msg.message.data)
			break;
	if (i == bus->messages) {
		vpci_violation(bus, "vpci.interrupt", req->name, "I.2 16",
			       "wanted one that was created, came address 0x%llx, data 0x%x",
			       (unsigned long long)le64_to_cpu(msg.message.address),
			       le32_to_cpu(msg.message.data));
		return;
	}
	bus->message[i] = bus->message[--bus->messages];
}

/* --- which message may come when --- */

#define IN(phase)	BIT(phase)
#define IN_VERSIONED	(IN(VPCI_VERSIONED) | IN(VPCI_D0) | IN(VPCI_ASSIGNED))
#define IN_D0		(IN(VPCI_D0) | IN(VPCI_ASSIGNED))

/**
 * struct vpci_type - one message of the guest
 * @type: VPCI_*
 * @name: as in the protocol
 * @least: bytes it must have
 * @since: first version that has it
 * @until: last one that uses it
 * @phases: in which it may come
 * @answered: the guest waits for its completion
 * @has_slot: a slot follows the type
 * @fn: does it
 */
struct vpci_type {
	u32 type;
	const char *name;
	u32 least;
	u32 since;
	u32 until;
	u32 phases;
	bool answered;
	bool has_slot;
	void (*fn)(struct vpci_bus *bus, const struct request *req);
};

#define ROW(t, n, least, since, until, phases, answered, has_slot, fn) \
	{ VPCI_##t, n, least, VPCI_##since, VPCI_##until, phases, answered, \
	  has_slot, fn }

static const struct vpci_type vpci_types[] = {
	ROW(QUERY_VERSION, "QUERY_PROTOCOL_VERSION", sizeof(struct vpci_version),
	    V1_1, V1_4, IN(VPCI_OPEN), true, false, do_version),
	ROW(QUERY_BUS_RELATIONS, "QUERY_BUS_RELATIONS", 4,
	    V1_1, V1_4, IN_VERSIONED, false, false, do_query_relations),
	ROW(QUERY_REQUIREMENTS, "QUERY_RESOURCE_REQUIREMENTS",
	    sizeof(struct vpci_slot), V1_1, V1_4, IN_VERSIONED, true, true,
	    do_requirements),
	ROW(D0ENTRY, "BUS_D0ENTRY", sizeof(struct vpci_d0entry), V1_1, V1_4,
	    IN(VPCI_VERSIONED), true, false, do_d0entry),
	ROW(D0EXIT, "BUS_D0EXIT", 4, V1_1, V1_4, IN_VERSIONED, true, false,
	    do_d0exit),
	ROW(RESOURCES_ASSIGNED, "RESOURCES_ASSIGNED", VPCI_ASSIGNED_LEN,
	    V1_1, V1_1, IN(VPCI_D0), true, true, do_assigned),
	ROW(RESOURCES_ASSIGNED2, "RESOURCES_ASSIGNED2", VPCI_ASSIGNED2_LEN,
	    V1_2, V1_4, IN(VPCI_D0), true, true, do_assigned),
	ROW(RESOURCES_RELEASED, "RESOURCES_RELEASED", sizeof(struct vpci_slot),
	    V1_1, V1_4, IN(VPCI_ASSIGNED), false, true, do_released),
	ROW(POWER_STATE_CHANGE, "POWER_STATE_CHANGE", sizeof(struct vpci_power),
	    V1_1, V1_4, IN_D0, true, true, do_power),
	ROW(READ_BLOCK, "READ_BLOCK", sizeof(struct vpci_block),
	    V1_1, V1_4, IN_D0, true, false, do_block),
	ROW(WRITE_BLOCK, "WRITE_BLOCK", sizeof(struct vpci_block),
	    V1_1, V1_4, IN_D0, true, false, do_block),
	ROW(EJECTION_COMPLETE, "EJECTION_COMPLETE", sizeof(struct vpci_ejected),
	    V1_1, V1_4, IN_VERSIONED, false, true, do_ejected),
	ROW(CREATE_INTERRUPT, "CREATE_INTERRUPT_MESSAGE",
	    sizeof(struct vpci_create1), V1_1, V1_1, IN(VPCI_ASSIGNED), true,
	    true, do_create),
	ROW(CREATE_INTERRUPT2, "CREATE_INTERRUPT2", sizeof(struct vpci_create2),
	    V1_2, V1_3, IN(VPCI_ASSIGNED), true, true, do_create),
	ROW(CREATE_INTERRUPT3, "CREATE_INTERRUPT3", sizeof(struct vpci_create3),
	    V1_4, V1_4, IN(VPCI_ASSIGNED), true, true, do_create),
	ROW(DELETE_INTERRUPT, "DELETE_INTERRUPT_MESSAGE",
	    sizeof(struct vpci_delete), V1_1, V1_4, IN_D0, false, true,
	    do_delete),
};

static const struct vpci_type *find_type(u32 type)
{
	size_t i;

	for (i = 0; i < sizeof(vpci_types) / sizeof(vpci_types[0]); i++)
		if (vpci_types[i].type == type)
			return &vpci_types[i];
	return NULL;
}

/* Whether it fits its row; reported if not */
static bool row_ok(struct vpci_bus *bus, const struct vpci_type *row,
		   const struct request *req)
{
	if (req->len < row->least) {
		vpci_violation(bus, "vpci.length", row->name, "G.4",
			       "length: wanted at least %u, came %u", row->least,
			       req->len);
		return false;
	}
	if (!(row->phases & BIT(bus->phase))) {
		vpci_violation(bus, "vpci.order", row->name, "G.6",
			       "came while the bus is %s", vpci_phase_name(bus->phase));
		return false;
	}
	if (bus->version && (bus->version < row->since || bus->version > row->until)) {
		vpci_violation(bus, "vpci.version", row->name, "G.2",
			       "wanted under version %x..%x, came under %x",
			       row->since, row->until, bus->version);
		return false;
	}
	if (row->answered != req->wants)
		vpci_violation(bus, "vpci.completion-flag", row->name, "G.3",
			       "completion: wanted %srequested", row->answered ?
			       "" : "not ");
	return !row->has_slot || slot_ok(bus, req);
}

static void one_message(struct vpci_bus *bus, const struct vmbus_packet *pkt)
{
	struct request req = {
		.name = "message",
		.len = pkt->payload_len,
		.id = pkt->trans_id,
		.wants = pkt->flags & VM_PKT_FLAG_COMPLETION,
	};
	const struct vpci_type *row;
	__le32 type;

	if (req.len > sizeof(req.data))
		req.len = sizeof(req.data);
	memcpy(req.data, pkt->payload, req.len);
	memcpy(&type, req.data, sizeof(type));
	row = find_type(le32_to_cpu(type));
	if (pkt->type != VM_PKT_INBAND || !row) {
		vpci_violation(bus, "vpci.unknown-type", "message", "G.3",
			       "wanted an in-band message that a guest sends, came type 0x%x in a packet of type 0x%x",
			       le32_to_cpu(type), pkt->type);
		complete_status(bus, &req, VPCI_STATUS_NOT_SUPPORTED);
		return;
	}
	req.name = row->name;
	if (row_ok(bus, row, &req))
		row->fn(bus, &req);
	else
		complete_status(bus, &req, VPCI_STATUS_BAD_DATA);
}

/* --- the channel --- */

static int vpci_open(struct vmbus_channel *chan)
{
	struct vpci_bus *bus = vmbus_ctx(chan);

	bus->phase = VPCI_OPEN;
	bus->version = 0;
	bus->messages = 0;
	bus->late = (struct loop_timer){ .fn = d0_late, .ctx = bus };
	return 0;
}

static void vpci_close(struct vmbus_channel *chan)
{
	struct vpci_bus *bus = vmbus_ctx(chan);

	leave_d0(bus);
	bus->phase = VPCI_CLOSED;
	bus->ejecting = false;
	pcifn_reset(bus->fn);
	bus->ops->closed(bus->ctx);
}

static void vpci_process(struct vmbus_channel *chan)
{
	struct vpci_bus *bus = vmbus_ctx(chan);
	struct vmbus_packet pkt;

	/* A handler may have ended the channel */
	while (bus->chan == chan && vmbus_recv(chan, &pkt) > 0)
		one_message(bus, &pkt);
}

static void vpci_released(struct vmbus_channel *chan)
{
	struct vpci_bus *bus = vmbus_ctx(chan);

	if (bus->chan == chan)
		bus->chan = NULL;
	bus->ops->released(bus->ctx);
}

static const struct vmbus_channel_ops vpci_channel_ops = {
	.open = vpci_open,
	.close = vpci_close,
	.process = vpci_process,
	.released = vpci_released,
};

int vpci_offer(struct vpci_bus *bus)
{
	struct vmbus_offer offer = { .name = bus->name };

	if (bus->chan)
		return -EEXIST;
	memcpy(offer.type, vpci_type, sizeof(offer.type));
	memcpy(offer.instance, bus->instance, sizeof(offer.instance));
	bus->present = true;
	bus->ejecting = false;
	pcifn_reset(bus->fn);
	bus->chan = vmbus_offer(&offer, &vpci_channel_ops, bus);
	return bus->chan ? 0 : -ENOMEM;
}

int vpci_eject(struct vpci_bus *bus)
{
	struct vpci_slot msg = { .type = cpu_to_le32(VPCI_EJECT) };

	if (!bus->chan || !vpci_seen(bus) || !bus->present)
		return -ENODEV;
	bus->ejecting = true;
	send(bus, VM_PKT_INBAND, 0, &msg, sizeof(msg));
	vmbus_signal(bus->chan);
	return 0;
}

void vpci_rescind(struct vpci_bus *bus)
{
	struct vmbus_channel *chan = bus->chan;

	if (!chan)
		return;
	bus->present = false;
	pcifn_remove(bus->fn);
	bus->chan = NULL;
	vmbus_rescind(chan);
}
