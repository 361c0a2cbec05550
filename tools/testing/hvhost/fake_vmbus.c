// SPDX-License-Identifier: GPL-2.0
#include "fake_vmbus.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_GPADLS	8
/* What a packet counts for in a ring that there is not */
#define PACKET_BYTES	8

struct from_guest {
	struct from_guest *next;
	struct vmbus_packet pkt;
	struct iovec iov[40];
	uint8_t payload[FAKE_PAYLOAD_MAX];
};

struct vmbus_channel {
	struct vmbus_channel *next;
	const struct vmbus_channel_ops *ops;
	void *ctx;
	char name[64];
	uint8_t instance[16];
	bool nic, strange;
	uint16_t sub_index;
	bool open, opening, failed, rescinded, released;
	uint32_t room;
	uint32_t read;
	unsigned int signals, unseen, lies;
	struct from_guest *in, *taken;
	struct fake_sent *sent;
};

struct vmbus_gpadl {
	uint32_t handle;
	uint32_t len;
	uint8_t *mem;
	void (*torn)(void *ctx, struct vmbus_gpadl *g);
	void *ctx;
};

static struct vmbus_channel *channels;
static struct vmbus_gpadl gpadls[MAX_GPADLS];

/* --- channels --- */

void fake_vmbus_reset(void)
{
	struct vmbus_channel *chan;
	struct fake_sent sent;
	unsigned int i;

	for (chan = channels; chan; chan = chan->next) {
		if (chan->open)
			fake_close(chan);
		while (fake_take(chan, &sent))
			;
		free(chan->taken);
		chan->taken = NULL;
	}
	fake_loop_reset();
	/* Channels stay where a leak checker finds what hangs on them */
	for (chan = channels; chan; chan = chan->next)
		chan->released = true;
	for (i = 0; i < MAX_GPADLS; i++) {
		free(gpadls[i].mem);
		memset(&gpadls[i], 0, sizeof(gpadls[i]));
	}
}

static bool is_there(const struct vmbus_channel *chan)
{
	return !chan->rescinded && !chan->released;
}

struct vmbus_channel *fake_chan(unsigned int sub)
{
	struct vmbus_channel *chan;

	for (chan = channels; chan; chan = chan->next)
		if (chan->nic && !chan->strange && chan->sub_index == sub &&
		    is_there(chan))
			return chan;
	return NULL;
}

struct vmbus_channel *fake_strange(unsigned int sub)
{
	struct vmbus_channel *chan;

	for (chan = channels; chan; chan = chan->next)
		if (chan->strange && chan->sub_index == sub && is_there(chan))
			return chan;
	return NULL;
}

struct vmbus_channel *fake_bus(void)
{
	struct vmbus_channel *chan;

	for (chan = channels; chan; chan = chan->next)
		if (!chan->nic && is_there(chan))
			return chan;
	return NULL;
}

static bool is_taken(const struct vmbus_offer *offer)
{
	struct vmbus_channel *chan;

	for (chan = channels; chan; chan = chan->next)
		if (chan->sub_index == offer->sub_index && is_there(chan) &&
		    !chan->strange &&
		    !memcmp(chan->instance, offer->instance, sizeof(chan->instance)))
			return true;
	return false;
}

struct vmbus_channel *vmbus_offer(const struct vmbus_offer *offer,
				  const struct vmbus_channel_ops *ops, void *ctx)
{
	struct vmbus_channel *chan;

	if (!offer->strange && is_taken(offer))
		return NULL;
	chan = calloc(1, sizeof(*chan));
	assert(chan);
	chan->ops = ops;
	chan->ctx = ctx;
	chan->sub_index = offer->sub_index;
	memcpy(chan->instance, offer->instance, sizeof(chan->instance));
	chan->nic = offer->type[0] == 0x63;
	chan->strange = offer->strange;
	chan->room = UINT32_MAX;
	snprintf(chan->name, sizeof(chan->name), "%s channel %u", offer->name,
		 offer->sub_index);
	chan->next = channels;
	channels = chan;
	return chan;
}

void fake_open(struct vmbus_channel *chan)
{
	assert(!chan->open);
	chan->open = true;
	chan->failed = false;
	assert(!chan->ops->open(chan));
}

bool fake_open_refused(struct vmbus_channel *chan)
{
	int status;

	assert(!chan->open);
	status = chan->ops->open(chan);
	chan->opening = status == VMBUS_OPEN_SILENT;
	return status;
}

bool fake_opening(const struct vmbus_channel *chan)
{
	return chan->opening;
}

void vmbus_open_again(struct vmbus_channel *chan)
{
	if (!chan->opening)
		return;
	chan->opening = false;
	fake_open(chan);
}

static void stop(struct vmbus_channel *chan)
{
	struct from_guest *in;

	if (!chan->open)
		return;
	chan->open = false;
	chan->ops->close(chan);
	while ((in = chan->in)) {
		chan->in = in->next;
		free(in);
	}
}

static void rescind_subs(const struct vmbus_channel *primary)
{
	struct vmbus_channel *chan;

	for (chan = channels; chan; chan = chan->next) {
		if (!chan->sub_index || !is_there(chan) ||
		    memcmp(chan->instance, primary->instance, sizeof(chan->instance)))
			continue;
		chan->rescinded = true;
		stop(chan);
	}
}

bool vmbus_taken_away(const struct vmbus_channel *chan)
{
	return chan->rescinded;
}

void fake_close(struct vmbus_channel *chan)
{
	if (!chan->sub_index)
		rescind_subs(chan);
	stop(chan);
}

void vmbus_rescind(struct vmbus_channel *chan)
{
	if (!chan->sub_index)
		rescind_subs(chan);
	chan->rescinded = true;
	stop(chan);
}

void fake_release(struct vmbus_channel *chan)
{
	assert(chan->rescinded);
	chan->released = true;
	chan->ops->released(chan);
}

bool fake_rescinded(const struct vmbus_channel *chan)
{
	return chan->rescinded;
}

bool fake_failed(const struct vmbus_channel *chan)
{
	return chan->failed;
}

void fake_room(struct vmbus_channel *chan, uint32_t packets)
{
	chan->room = packets;
}

unsigned int fake_signals(const struct vmbus_channel *chan)
{
	return chan->signals;
}

void *vmbus_ctx(const struct vmbus_channel *chan)
{
	return chan->ctx;
}

const char *vmbus_name(const struct vmbus_channel *chan)
{
	return chan->name;
}

/* --- packets --- */

void fake_push(struct vmbus_channel *chan, uint16_t type, uint16_t flags,
	       uint64_t id, const void *payload, uint32_t len,
	       const struct iovec *ranges, uint32_t count)
{
	struct from_guest *in = calloc(1, sizeof(*in)), **at;

	assert(in && len <= sizeof(in->payload) && count <= 40);
	memcpy(in->payload, payload, len);
	if (count)
		memcpy(in->iov, ranges, count * sizeof(*ranges));
	in->pkt = (struct vmbus_packet){
		.type = type, .flags = flags, .trans_id = id,
		.payload = in->payload, .payload_len = len,
		.iov = in->iov, .iov_cnt = count, .range_cnt = count,
		.first_range_len = count ? (uint32_t)ranges[0].iov_len : 0,
	};
	for (at = &chan->in; *at; at = &(*at)->next)
		;
	*at = in;
}

int vmbus_recv(struct vmbus_channel *chan, struct vmbus_packet *pkt)
{
	struct from_guest *in = chan->in;

	free(chan->taken);
	chan->taken = in;
	if (!chan->open || chan->failed)
		return -EPROTO;
	if (!in)
		return 0;
	chan->in = in->next;
	chan->read += PACKET_BYTES;
	*pkt = in->pkt;
	return 1;
}

void vmbus_recv_done(struct vmbus_channel *chan)
{
	assert(chan->open);
}

uint32_t vmbus_unread(struct vmbus_channel *chan)
{
	const struct from_guest *in;
	uint32_t unread = 0;

	for (in = chan->in; in; in = in->next)
		unread += PACKET_BYTES;
	return unread;
}

uint32_t vmbus_taken(const struct vmbus_channel *chan, uint32_t *at)
{
	uint32_t taken = chan->read - *at;

	*at = chan->read;
	return taken;
}

void fake_run(struct vmbus_channel *chan)
{
	if (chan->open && !chan->failed)
		chan->ops->process(chan);
	/* As the server does */
	vmbus_signal(chan);
	fake_posted();
}

static int put(struct vmbus_channel *chan, const struct fake_sent *sent)
{
	struct fake_sent *copy, **at;

	if (!chan->open || chan->failed)
		return -ENODEV;
	if (!chan->room)
		return -EAGAIN;
	if (chan->room != UINT32_MAX)
		chan->room--;
	copy = malloc(sizeof(*copy));
	assert(copy);
	*copy = *sent;
	copy->next = NULL;
	for (at = &chan->sent; *at; at = &(*at)->next)
		;
	*at = copy;
	chan->unseen++;
	return 0;
}

int vmbus_send(struct vmbus_channel *chan, uint16_t type, uint16_t flags,
	       uint64_t trans_id, const void *payload, uint32_t len)
{
	struct fake_sent sent = {
		.type = type, .flags = flags, .trans_id = trans_id, .len = len
	};

	assert(len <= sizeof(sent.payload));
	if (len)
		memcpy(sent.payload, payload, len);
	return put(chan, &sent);
}

int vmbus_send_xfer(struct vmbus_channel *chan, uint16_t set_id,
		    uint64_t trans_id, const struct vmbus_xfer_range *ranges,
		    uint32_t count, const void *payload, uint32_t len)
{
	struct fake_sent sent = {
		.type = VM_PKT_XFER_PAGES,
		.flags = VM_PKT_FLAG_COMPLETION,
		.trans_id = trans_id,
		.set_id = set_id,
		.ranges = count,
		.len = len,
	};

	assert(count <= FAKE_RANGES_MAX && len <= sizeof(sent.payload));
	if (count)
		memcpy(sent.range, ranges, count * sizeof(*ranges));
	memcpy(sent.payload, payload, len);
	return put(chan, &sent);
}

uint16_t vmbus_sub_index(const struct vmbus_channel *chan)
{
	return chan->sub_index;
}

void vmbus_signal(struct vmbus_channel *chan)
{
	chan->signals += chan->unseen > 0;
	chan->unseen = 0;
}

void vmbus_lie(struct vmbus_channel *chan, bool odd)
{
	(void)odd;
	chan->lies++;
}

unsigned int fake_lies(const struct vmbus_channel *chan)
{
	return chan->lies;
}

void vmbus_fail(struct vmbus_channel *chan)
{
	chan->failed = true;
}

/* A guest sees only what the host has signalled */
bool fake_take(struct vmbus_channel *chan, struct fake_sent *sent)
{
	struct fake_sent *first = chan->sent;

	if (!first)
		return false;
	assert(!chan->open || !chan->unseen);
	chan->sent = first->next;
	*sent = *first;
	free(first);
	return true;
}

/* --- GPADLs --- */

uint8_t *fake_gpadl(uint32_t handle, uint32_t len)
{
	unsigned int i;

	for (i = 0; i < MAX_GPADLS && gpadls[i].mem; i++)
		;
	assert(i < MAX_GPADLS);
	gpadls[i] = (struct vmbus_gpadl){ .handle = handle,
					  .len = len,
					  .mem = calloc(1, len) };
	assert(gpadls[i].mem);
	return gpadls[i].mem;
}

struct vmbus_gpadl *
vmbus_gpadl_find(struct vmbus_channel *chan, uint32_t handle,
		 void (*torn)(void *ctx, struct vmbus_gpadl *g), void *ctx)
{
	unsigned int i;

	(void)chan;
	for (i = 0; i < MAX_GPADLS; i++) {
		if (!gpadls[i].mem || gpadls[i].handle != handle)
			continue;
		if (torn) {
			gpadls[i].torn = torn;
			gpadls[i].ctx = ctx;
		}
		return &gpadls[i];
	}
	return NULL;
}

void fake_gpadl_tear(uint32_t handle)
{
	unsigned int i;

	for (i = 0; i < MAX_GPADLS; i++) {
		if (!gpadls[i].mem || gpadls[i].handle != handle)
			continue;
		if (gpadls[i].torn)
			gpadls[i].torn(gpadls[i].ctx, &gpadls[i]);
		free(gpadls[i].mem);
		memset(&gpadls[i], 0, sizeof(gpadls[i]));
	}
}

uint64_t vmbus_gpadl_len(const struct vmbus_gpadl *g)
{
	return g->len;
}

int vmbus_gpadl_copy_in(const struct vmbus_gpadl *g, void *dst, uint64_t off,
			uint64_t len)
{
	if (off > g->len || len > g->len - off)
		return -EFAULT;
	memcpy(dst, g->mem + off, len);
	return 0;
}

int vmbus_gpadl_copy_out(const struct vmbus_gpadl *g, uint64_t off,
			 const void *src, uint64_t len)
{
	if (off > g->len || len > g->len - off)
		return -EFAULT;
	memcpy(g->mem + off, src, len);
	return 0;
}
