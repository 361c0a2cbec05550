// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "guest_mem.h"

#define MAX_DEVS 8

static struct fake_dev devs[MAX_DEVS];	/* outlive a test that fails */
static int n_devs;

/* --- a device --- */

static int dev_open(struct vmbus_channel *chan)
{
	struct fake_dev *dev = vmbus_ctx(chan);

	dev->opened++;
	return dev->open_status;
}

static void dev_close(struct vmbus_channel *chan)
{
	struct fake_dev *dev = vmbus_ctx(chan);

	assert_false(vmbus_is_open(chan));
	dev->closed++;
}

static void dev_process(struct vmbus_channel *chan)
{
	struct fake_dev *dev = vmbus_ctx(chan);
	uint32_t n;

	dev->processed++;
	while ((dev->recv_error = vmbus_recv(chan, &dev->last)) == 1) {
		n = dev->last.payload_len;
		if (n > sizeof(dev->last_bytes))
			n = sizeof(dev->last_bytes);
		memcpy(dev->last_bytes, dev->last.payload, n);
		dev->packets++;
		if (dev->echo)
			vmbus_send(chan, VM_PKT_INBAND, 0, dev->last.trans_id,
				   dev->last.payload, dev->last.payload_len);
	}
}

static void dev_released(struct vmbus_channel *chan)
{
	struct fake_dev *dev = vmbus_ctx(chan);

	dev->released++;
	dev->chan = NULL;
}

static const struct vmbus_channel_ops dev_ops = {
	.open = dev_open,
	.close = dev_close,
	.process = dev_process,
	.released = dev_released,
};

static struct fake_dev *offer_as(uint8_t instance, uint16_t sub, bool strange)
{
	struct vmbus_offer offer = {
		.type = { 0x63, 0x51, 0x61, 0xf8 },
		.instance = { instance },
		.sub_index = sub,
		.name = "dev",
		.strange = strange,
	};
	struct fake_dev *dev = &devs[n_devs++];

	assert_true(n_devs <= MAX_DEVS);
	memset(dev, 0, sizeof(*dev));
	dev->chan = vmbus_offer(&offer, &dev_ops, dev);
	return dev;
}

struct fake_dev *dev_offer(uint8_t instance, uint16_t sub)
{
	return offer_as(instance, sub, false);
}

struct fake_dev *dev_offer_strange(uint8_t instance, uint16_t sub)
{
	return offer_as(instance, sub, true);
}

/* --- fixtures --- */

int guest_setup(void **state)
{
	static bool started;

	(void)state;
	if (!started && vmbus_init(VMBUS_V5_3))
		return -1;
	started = true;
	fake_reset();
	return 0;
}

int guest_teardown(void **state)
{
	union vmbus_guest_msg msg = { 0 };

	(void)state;
	guest_say(&msg, VMBUS_UNLOAD, 8);
	for (int i = 0; i < n_devs; i++) {
		if (devs[i].chan)
			vmbus_rescind(devs[i].chan);
		if (devs[i].chan)
			return -1;
	}
	n_devs = 0;
	expect_no_violation();	/* a test takes all that it provokes */
	return 0;
}

/* --- control messages --- */

void guest_say(union vmbus_guest_msg *msg, uint32_t type, uint32_t len)
{
	msg->hdr.type = type;
	fake_post(msg, len);
}

void guest_contact(uint32_t version)
{
	union vmbus_guest_msg msg = { 0 };

	msg.contact.version = version;
	msg.contact.target_vp = 2;
	if (version >= VMBUS_V5_0)
		msg.contact.sint = 2;
	else
		msg.contact.interrupt_page = 0x1000;
	msg.contact.monitor_to_child = 0x2000;
	msg.contact.monitor_to_parent = 0x3000;
	guest_say(&msg, VMBUS_INITIATE_CONTACT, 40);
}

void guest_connect(uint32_t version)
{
	union vmbus_guest_msg msg = { 0 };
	struct vmbus_msg_header *h;
	uint8_t buf[240];

	guest_contact(version);
	guest_hear(buf, VMBUS_VERSION_RESPONSE);
	assert_int_equal(buf[8], 1);
	guest_say(&msg, VMBUS_REQUESTOFFERS, 8);
	do {
		assert_true(fake_take_message(buf, NULL) >= 8);
		h = (struct vmbus_msg_header *)buf;
	} while (h->type == VMBUS_OFFERCHANNEL);
	assert_int_equal(h->type, VMBUS_ALLOFFERS_DELIVERED);
}

void guest_relid_msg(uint32_t type, uint32_t relid)
{
	union vmbus_guest_msg msg = { 0 };

	msg.relid.relid = relid;
	guest_say(&msg, type, 12);
}

void guest_teardown_gpadl(uint32_t relid, uint32_t handle)
{
	union vmbus_guest_msg msg = { 0 };

	msg.teardown.relid = relid;
	msg.teardown.gpadl = handle;
	guest_say(&msg, VMBUS_GPADL_TEARDOWN, 16);
}

void guest_gpadl(uint32_t relid, uint32_t handle, uint64_t pfn, uint32_t pages)
{
	union vmbus_guest_msg msg = { 0 };
	uint32_t sent, n;

	msg.gpadl_header.relid = relid;
	msg.gpadl_header.gpadl = handle;
	msg.gpadl_header.range_bytes = 8 + 8 * pages;
	msg.gpadl_header.range_count = 1;
	msg.gpadl_header.byte_count = pages * HV_PAGE_SIZE;
	for (sent = 0; sent < pages && sent < 26; sent++)
		msg.gpadl_header.pfn[sent] = pfn + sent;
	guest_say(&msg, VMBUS_GPADL_HEADER, 28 + 8 * sent);

	while (sent < pages) {
		memset(&msg, 0, sizeof(msg));
		msg.gpadl_body.gpadl = handle;
		for (n = 0; sent < pages && n < 28; n++, sent++)
			msg.gpadl_body.pfn[n] = pfn + sent;
		guest_say(&msg, VMBUS_GPADL_BODY, 16 + 8 * n);
	}
}

void guest_open_msg(uint32_t relid, uint32_t handle, uint32_t vp, uint32_t down)
{
	union vmbus_guest_msg msg = { 0 };

	msg.open.relid = relid;
	msg.open.open_id = relid + 100;
	msg.open.gpadl = handle;
	msg.open.target_vp = vp;
	msg.open.downstream_page = down;
	guest_say(&msg, VMBUS_OPENCHANNEL, 148);
}

void guest_hear(void *msg, uint32_t type)
{
	uint8_t buf[240];
	uint32_t came;

	assert_true(fake_take_message(buf, NULL) >= 8);
	memcpy(&came, buf, sizeof(came));
	assert_int_equal(came, type);
	if (msg)
		memcpy(msg, buf, sizeof(buf));
}

void guest_hear_nothing(void)
{
	uint8_t buf[240];

	assert_int_equal(fake_take_message(buf, NULL), -1);
}

uint32_t guest_hear_status(uint32_t type, uint32_t relid, uint32_t id)
{
	union {
		uint8_t bytes[240];
		struct vmbus_open_result r;
	} msg;

	guest_hear(&msg, type);
	assert_int_equal(msg.r.relid, relid);
	assert_int_equal(msg.r.open_id, id);
	return msg.r.status;
}

uint32_t guest_hear_offer(uint16_t sub)
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

uint32_t guest_hear_rescind(void)
{
	union {
		uint8_t bytes[240];
		struct vmbus_relid_msg r;
	} m;

	guest_hear(&m, VMBUS_RESCIND_CHANNELOFFER);
	return m.r.relid;
}

uint32_t guest_hear_modified(uint32_t relid)
{
	union {
		uint8_t bytes[240];
		struct vmbus_modify_response r;
	} m;

	guest_hear(&m, VMBUS_MODIFYCHANNEL_RESPONSE);
	assert_int_equal(m.r.relid, relid);
	return m.r.status;
}

void guest_modify(uint32_t relid, uint32_t vp)
{
	union vmbus_guest_msg msg = { 0 };

	msg.modify.relid = relid;
	msg.modify.target_vp = vp;
	guest_say(&msg, VMBUS_MODIFYCHANNEL, 16);
}

/* --- rings --- */

void guest_open(struct guest_chan *gc, uint32_t relid, uint64_t pfn,
		uint32_t data_pages)
{
	uint32_t down = data_pages + 1;

	gc->relid = relid;
	gc->handle = 0xE1E10 + relid;
	gc->out = (struct guest_ring){ pfn, data_pages * HV_PAGE_SIZE };
	gc->in = (struct guest_ring){ pfn + down, data_pages * HV_PAGE_SIZE };

	guest_gpadl(relid, gc->handle, pfn, 2 * down);
	assert_int_equal(guest_hear_status(VMBUS_GPADL_CREATED, relid,
					   gc->handle), 0);
	ring_header(&gc->out)->feature_bits = 1;
	ring_header(&gc->in)->feature_bits = 1;
	guest_open_msg(relid, gc->handle, 1, down);
	assert_int_equal(guest_hear_status(VMBUS_OPENCHANNEL_RESULT, relid,
					   relid + 100), 0);
}

struct vmbus_ring_header *ring_header(const struct guest_ring *r)
{
	return (struct vmbus_ring_header *)fake_page(r->pfn);
}

static uint8_t *ring_byte(const struct guest_ring *r, uint64_t at)
{
	at %= r->size;
	return fake_page(r->pfn + 1 + at / HV_PAGE_SIZE) + at % HV_PAGE_SIZE;
}

void ring_poke(struct guest_ring *r, const void *bytes, uint32_t len)
{
	struct vmbus_ring_header *h = ring_header(r);

	for (uint32_t i = 0; i < len; i++)
		*ring_byte(r, (uint64_t)h->write_index + i) =
			((const uint8_t *)bytes)[i];
	h->write_index = ((uint64_t)h->write_index + len) % r->size;
}

void guest_packet(struct guest_chan *gc, uint16_t type, uint16_t flags,
		  uint64_t id, const void *payload, uint32_t len)
{
	uint32_t padded = (len + 7) / 8 * 8;
	struct vmbus_desc d = {
		.type = type,
		.offset8 = 2,
		.len8 = (16 + padded) / 8,
		.flags = flags,
		.trans_id = id,
	};
	uint8_t *bytes = calloc(1, 16 + padded + 8);

	memcpy(bytes, &d, 16);
	if (len)
		memcpy(bytes + 16, payload, len);
	ring_poke(&gc->out, bytes, 16 + padded + 8);
	free(bytes);
}

uint32_t guest_read(struct guest_chan *gc, void *buf, uint32_t max)
{
	struct vmbus_ring_header *h = ring_header(&gc->in);
	struct vmbus_desc d;
	uint32_t len;

	if (h->read_index == h->write_index)
		return 0;
	for (uint32_t i = 0; i < sizeof(d); i++)
		((uint8_t *)&d)[i] =
			*ring_byte(&gc->in, (uint64_t)h->read_index + i);
	len = d.len8 * 8;
	assert_true(len <= max);
	for (uint32_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] =
			*ring_byte(&gc->in, (uint64_t)h->read_index + i);
	h->read_index = ((uint64_t)h->read_index + len + 8) % gc->in.size;
	return len;
}

void prove_alive(struct guest_chan *gc, struct fake_dev *dev)
{
	static const char hello[16] = "still with us?";
	bool echo = dev->echo;
	uint8_t buf[64];

	while (guest_read(gc, buf, sizeof(buf)))
		;
	dev->echo = true;
	guest_packet(gc, VM_PKT_INBAND, 0, 4711, hello, sizeof(hello));
	assert_true(fake_signal(CONN_ID(gc->relid)));
	dev->echo = echo;
	assert_int_equal(guest_read(gc, buf, sizeof(buf)), 32);
	assert_memory_equal(buf + 16, hello, sizeof(hello));
}

void prove_usable(struct fake_dev *dev)
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

/* --- violations --- */

void expect_violation(const char *rule)
{
	struct fake_violation v;

	assert_true(fake_take_violation(&v));
	assert_string_equal(v.rule, rule);
	expect_no_violation();
}

void expect_no_violation(void)
{
	struct fake_violation v;

	if (fake_take_violation(&v))
		fail_msg("violation %s: %s: %s", v.rule, v.where, v.text);
}
