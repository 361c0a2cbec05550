// SPDX-License-Identifier: GPL-2.0
/* See wild_guest.h. */
#include "wild_guest.h"

#include <string.h>

#include "nic_judge.h"
#include "synic.h"

#define PACKET_MAX	(WILD_RING_DATA * HV_PAGE_SIZE)

struct wild_guest w;

/* --- messages of the host --- */

static struct wild_chan *chan_of(u32 relid)
{
	unsigned int i;

	for (i = 0; i < WILD_CHANNELS; i++)
		if (w.chan[i].relid == relid)
			return &w.chan[i];
	return NULL;
}

/* The host frees what was made for a channel that is released */
static void release(struct wild_chan *c)
{
	u32 relid = c->relid;

	c->relid = 0;
	if (c == w.chan) {
		w.have_recv = false;
		w.have_send = false;
	}
	guest_relid_msg(VMBUS_RELID_RELEASED, relid);
}

static void forget(struct wild_chan *c)
{
	c->open = false;
	c->asked_count = 0;
	w.vf_told &= c != w.chan;
	judge_closed((unsigned int)(c - w.chan));
}

/* The first word of the type of a virtual PCI bus, G.1 */
static bool is_vf_bus(const struct vmbus_offer_channel *m)
{
	return get_le32(m->type) == 0x44c4f61d;
}

static void on_offer(const struct vmbus_offer_channel *m)
{
	if (is_vf_bus(m)) {
		require(!w.vf_bus, "a bus is offered once");
		w.vf_bus = m->relid;
		return;
	}
	require(m->sub_index < WILD_CHANNELS, "no more channels than configured");
	require(!w.chan[m->sub_index].relid, "an offer comes once");
	memset(&w.chan[m->sub_index], 0, sizeof(w.chan[0]));
	w.chan[m->sub_index].relid = m->relid;
}

static void on_rescind(u32 relid)
{
	struct wild_chan *c = chan_of(relid);
	bool open;

	if (relid == w.vf_bus) {
		w.vf_bus = 0;
		guest_relid_msg(VMBUS_RELID_RELEASED, relid);
		return;
	}
	require(c, "what is rescinded was offered");
	open = c->open;
	forget(c);
	c->rescinded = true;
	if (w.keeps)
		return;
	if (open)
		guest_relid_msg(VMBUS_CLOSECHANNEL, relid);
	release(c);
}

void wild_listen(void)
{
	union {
		u8 bytes[240];
		struct vmbus_msg_header hdr;
		struct vmbus_offer_channel offer;
		struct vmbus_open_result opened;
		struct vmbus_relid_msg relid;
	} m;
	struct wild_chan *c;

	fake_posted();
	while (fake_take_message(&m, NULL) >= 0) {
		if (m.hdr.type == VMBUS_OFFERCHANNEL)
			on_offer(&m.offer);
		if (m.hdr.type == VMBUS_RESCIND_CHANNELOFFER)
			on_rescind(m.relid.relid);
		c = m.hdr.type == VMBUS_OPENCHANNEL_RESULT ?
			    chan_of(m.opened.relid) : NULL;
		if (c && !m.opened.status && !c->rescinded)
			c->open = true;
	}
	synic_drop_messages();
}

/* --- life --- */

void wild_begin(bool small)
{
	struct nic *nic = w.nic;

	memset(&w, 0, sizeof(w));
	w.nic = nic;
	w.ring_data = small ? 1 : WILD_RING_DATA;
	w.lawful = true;
	w.reads = true;
	w.completes = true;
	w.next_id = 1;
	fake_reset();
	judge_begin();
	guest_contact(VMBUS_V5_3);
	wild_listen();
	guest_relid_msg(VMBUS_REQUESTOFFERS, 0);
	wild_listen();
}

void wild_end(void)
{
	guest_relid_msg(VMBUS_UNLOAD, 0);
	fake_loop_reset();
	synic_drop_messages();
}

void wild_gpadl(unsigned int index, u32 handle, u32 pfn, u32 pages)
{
	guest_gpadl(w.chan[index].relid, handle, pfn, pages);
	wild_listen();
}

bool wild_open(unsigned int index)
{
	const u32 pages = w.ring_data + 1;
	u32 pfn = WILD_RING_PFN + index * 2 * pages;
	struct wild_chan *c = &w.chan[index];

	if (!c->relid || c->rescinded || c->open)
		return c->open;
	c->blind = false;
	c->gc.relid = c->relid;
	c->gc.handle = WILD_RING + index;
	c->gc.out = (struct guest_ring){ pfn, w.ring_data * HV_PAGE_SIZE };
	c->gc.in = (struct guest_ring){ pfn + pages, w.ring_data * HV_PAGE_SIZE };
	memset(fake_page(pfn), 0, 2 * pages * HV_PAGE_SIZE);
	ring_header(&c->gc.out)->feature_bits = 1;
	ring_header(&c->gc.in)->feature_bits = 1;
	wild_gpadl(index, c->gc.handle, pfn, 2 * pages);
	guest_open_msg(c->relid, c->gc.handle, 1, pages);
	wild_listen();
	require(c->open || !w.lawful, "a channel opens");
	return c->open;
}

void wild_close(unsigned int index)
{
	struct wild_chan *c = &w.chan[index];
	u32 relid = c->relid;

	if (!c->open)
		return;
	forget(c);
	guest_relid_msg(VMBUS_CLOSECHANNEL, relid);
	guest_teardown_gpadl(relid, c->gc.handle);
	if (!index && w.have_recv)
		guest_teardown_gpadl(relid, WILD_RECV);
	if (!index && w.have_send)
		guest_teardown_gpadl(relid, WILD_SEND);
	w.have_recv &= !!index;
	w.have_send &= !!index;
	wild_listen();
}

void wild_release(unsigned int index)
{
	if (w.chan[index].relid && w.chan[index].rescinded)
		release(&w.chan[index]);
	wild_listen();
}

/* --- packets --- */

static bool has_room(const struct wild_chan *c, u32 len)
{
	const struct vmbus_ring_header *h = ring_header(&c->gc.out);

	if (h->write_index >= c->gc.out.size || h->read_index >= c->gc.out.size)
		return false;
	return (h->read_index + c->gc.out.size - h->write_index - 1) %
		       c->gc.out.size > len;
}

u64 wild_push(unsigned int index, u16 type, u16 flags, const void *head,
	      u32 head_len, const void *payload, u32 len)
{
	struct wild_chan *c = &w.chan[index];
	u32 at = sizeof(struct vmbus_desc), whole;
	u8 bytes[PACKET_MAX] = { 0 };
	struct vmbus_desc d;

	whole = (at + head_len + len + 7) / 8 * 8;
	if (!c->open || whole + VMBUS_TRAILER_LEN > sizeof(bytes) ||
	    !has_room(c, whole + VMBUS_TRAILER_LEN))
		return 0;
	d.type = type;
	d.flags = flags;
	d.offset8 = (u16)((at + head_len) / 8);
	d.len8 = (u16)(whole / 8);
	d.trans_id = w.next_id++;
	memcpy(bytes, &d, sizeof(d));
	if (head_len)
		memcpy(bytes + at, head, head_len);
	if (len)
		memcpy(bytes + at + head_len, payload, len);
	ring_poke(&c->gc.out, bytes, whole + VMBUS_TRAILER_LEN);
	/* D.1: a shorter one is not answered */
	if (flags & VM_PKT_FLAG_COMPLETION && type != VM_PKT_COMPLETION &&
	    whole - at - head_len >= 32 && c->asked_count < WILD_ASKED)
		c->asked[c->asked_count++] = d.trans_id;
	return d.trans_id;
}

/* The id is the host's, so it is not wild_push() that writes it */
void wild_complete(unsigned int index, u64 id, const struct nvsp_message *msg, u32 len)
{
	struct wild_chan *c = &w.chan[index];

	if (!c->open || !has_room(c, 16 + sizeof(*msg) + VMBUS_TRAILER_LEN))
		return;
	guest_packet(&c->gc, VM_PKT_COMPLETION, 0, id, msg, len);
	judge_given_back(index, id);
}

/* Return: whether there was anything */
static bool read_all(unsigned int index)
{
	struct wild_chan *c = &w.chan[index];
	static u8 packet[PACKET_MAX];
	bool any = false;
	u32 len;

	while (c->open && !c->blind && !w.blind &&
	       (len = guest_read(&c->gc, packet, sizeof(packet)))) {
		any = true;
		judge_packet(index, packet, len);
	}
	return any;
}

void wild_signal(unsigned int index)
{
	struct wild_chan *c = &w.chan[index];
	unsigned int turns = 0, i;
	bool any = true;

	if (!c->open)
		return;
	fake_signal(CONN_ID(c->relid));
	wild_listen();
	while (w.reads && any) {
		any = false;
		for (i = 0; i < WILD_CHANNELS; i++) {
			if (!read_all(i))
				continue;
			any = true;
			fake_signal(CONN_ID(w.chan[i].relid));
			wild_listen();
		}
		require(turns++ < 5000, "the host has said all at some time");
	}
}
