// SPDX-License-Identifier: GPL-2.0
/*
 * VMBus server: the life of a channel (Documentation/protocol.md B.5, B.7, B.8).
 *
 *    vmbus_offer()
 *         |
 *         v       guest asks for offers, or at once         vmbus_rescind(),
 *      HIDDEN ------------------------------> OFFERED --+-- CLOSECHANNEL of a
 *         ^                                    |   ^    |   sub-channel or of
 *         |                       OPENCHANNEL  |   |    |   its primary
 *         |                                    v   |    |          |
 *         |<-- reset of the connection ----- OPEN -+----+          v
 *         |    (a primary)                     |   |    |      RESCINDED
 *         |                  bad ring, packet, |   |    |          |
 *         |                      vmbus_fail()  v   |    |          | RELID_RELEASED,
 *         +--------------------------------- FAILED+----+          | reset
 *                                              CLOSECHANNEL        v
 *                                              of a primary      freed
 *
 * A sub-channel lives no longer than one opening of its primary: a reset frees it,
 * as it does whatever is rescinded, for no RELID_RELEASED will come any more.
 *
 * The device is told with close() that a channel goes, on every way out of OPEN
 * and FAILED, and once; with released() that the object is freed.
 */
#include "vmbus_priv.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "synic.h"
#include "violation.h"

static struct chan_list channels = TAILQ_HEAD_INITIALIZER(channels);

struct chan_list *channel_list(void)
{
	return &channels;
}

const char *channel_state_name(enum chan_state state)
{
	switch (state) {
	case CHAN_HIDDEN:
		return "hidden";
	case CHAN_OFFERED:
		return "offered";
	case CHAN_OPEN:
		return "open";
	case CHAN_FAILED:
		return "failed";
	case CHAN_RESCINDED:
		return "rescinded";
	}
	return "?";
}

#define TO(state) (1u << (state))

void channel_set_state(struct vmbus_channel *chan, enum chan_state state)
{
	static const unsigned int next[] = {
		[CHAN_HIDDEN] = TO(CHAN_OFFERED),
		[CHAN_OFFERED] = TO(CHAN_HIDDEN) | TO(CHAN_OPEN) |
				 TO(CHAN_RESCINDED),
		[CHAN_OPEN] = TO(CHAN_OFFERED) | TO(CHAN_FAILED),
		[CHAN_FAILED] = TO(CHAN_OFFERED),
		[CHAN_RESCINDED] = 0,
	};

	assert(next[chan->state] & TO(state));
	chan->state = state;
}

static bool guest_thinks_open(const struct vmbus_channel *chan)
{
	return chan->state == CHAN_OPEN || chan->state == CHAN_FAILED;
}

struct vmbus_channel *channel_find(uint32_t relid)
{
	struct vmbus_channel *chan;

	if (!relid)
		return NULL;	/* the relid of everything hidden */
	TAILQ_FOREACH(chan, &channels, node)
		if (chan->relid == relid)
			return chan;
	return NULL;
}

bool channel_same_device(const struct vmbus_channel *a,
			 const struct vmbus_channel *b)
{
	return !memcmp(a->type, b->type, sizeof(a->type)) &&
	       !memcmp(a->instance, b->instance, sizeof(a->instance));
}

/* The sub-channels that are still @chan's; a rescinded one is nobody's. */
static struct vmbus_channel *first_sub(const struct vmbus_channel *chan)
{
	struct vmbus_channel *sub;

	TAILQ_FOREACH(sub, &channels, node)
		if (sub->sub_index && sub->state != CHAN_RESCINDED &&
		    channel_same_device(sub, chan))
			return sub;
	return NULL;
}

static void channel_free(struct vmbus_channel *chan)
{
	/* Gone first: released() may offer the same instance anew. */
	TAILQ_REMOVE(&channels, chan, node);
	gpadl_forget_user(chan);
	if (chan->relid)
		gpadl_drop_relid(chan->relid);
	if (chan->ops->released)
		chan->ops->released(chan);
	free(chan->buf);
	free(chan->iov);
	free(chan);
}

static void forget_rings(struct vmbus_channel *chan)
{
	packet_close(chan);
	gpadl_forget_user(chan);
	chan->ring = NULL;
	chan->target_vp = VMBUS_VP_NONE;
}

/* Out of OPEN or FAILED: nothing of the host touches the rings afterwards. */
static void channel_stop(struct vmbus_channel *chan)
{
	struct vmbus_gpadl *ring = chan->ring;

	synic_disconnect(channel_conn_id(chan));
	/* Not open any more, so that close() can neither send nor receive. */
	channel_set_state(chan, CHAN_OFFERED);
	chan->ops->close(chan);
	forget_rings(chan);
	gpadl_ring_released(ring);
}

static void send_rescind(const struct vmbus_channel *chan)
{
	struct vmbus_relid_msg msg = {
		.hdr.type = VMBUS_RESCIND_CHANNELOFFER,
		.relid = chan->relid,
	};

	conn_send(&msg, sizeof(msg));
}

/* Stop it if it is open, of which the guest has yet to hear. */
static void take_away(struct vmbus_channel *chan)
{
	if (!guest_thinks_open(chan))
		return;
	chan->guest_open = true;
	channel_stop(chan);
}

static void rescind_one(struct vmbus_channel *chan)
{
	if (chan->state == CHAN_RESCINDED)
		return;
	if (chan->state == CHAN_HIDDEN) {
		channel_free(chan);	/* the guest never heard of it */
		return;
	}
	take_away(chan);
	chan->opening = false;
	channel_set_state(chan, CHAN_RESCINDED);
	send_rescind(chan);
}

static void rescind_subs(struct vmbus_channel *primary)
{
	struct vmbus_channel *sub;

	while ((sub = first_sub(primary)))
		rescind_one(sub);
}

void vmbus_rescind(struct vmbus_channel *chan)
{
	struct vmbus_channel *sub;

	/* Only what was offered can have sub-channels; hidden, it is freed. */
	if (chan->sub_index || chan->state == CHAN_HIDDEN) {
		rescind_one(chan);
		return;
	}
	/* The device sees its sub-channels go first; the guest its primary (H.6). */
	TAILQ_FOREACH(sub, &channels, node)
		if (sub->sub_index && channel_same_device(sub, chan))
			take_away(sub);
	rescind_one(chan);
	rescind_subs(chan);
}

void channel_fail(struct vmbus_channel *chan)
{
	if (chan->state == CHAN_OPEN)
		channel_set_state(chan, CHAN_FAILED);
}

void vmbus_fail(struct vmbus_channel *chan)
{
	channel_fail(chan);
}

/* The last one first, so that sub-channels are closed before their primary. */
static struct vmbus_channel *last_opened(void)
{
	struct vmbus_channel *chan;

	TAILQ_FOREACH_REVERSE(chan, &channels, chan_list, node)
		if (guest_thinks_open(chan))
			return chan;
	return NULL;
}

static struct vmbus_channel *first_mortal(void)
{
	struct vmbus_channel *chan;

	TAILQ_FOREACH(chan, &channels, node)
		if (chan->state == CHAN_RESCINDED || chan->sub_index)
			return chan;
	return NULL;
}

void channel_reset(void)
{
	struct vmbus_channel *chan;

	/* The device's functions may change the list: search anew each time. */
	while ((chan = last_opened()))
		channel_stop(chan);
	while ((chan = first_mortal()))
		channel_free(chan);
	TAILQ_FOREACH(chan, &channels, node) {
		if (chan->state == CHAN_HIDDEN)
			continue;
		channel_set_state(chan, CHAN_HIDDEN);
		chan->opening = false;
		chan->relid = 0;
	}
}

/* The guest signalled. Whatever the device leaves unsaid is said here. */
static void channel_signalled(void *ctx)
{
	struct vmbus_channel *chan = ctx;

	chan->stats.signals_in++;
	if (chan->state != CHAN_OPEN)
		return;
	chan->ops->process(chan);
	vmbus_recv_done(chan);
	vmbus_signal(chan);
}

void channel_where(char where[CHANNEL_WHERE_LEN], uint32_t relid,
		   const char *msg)
{
	const struct vmbus_channel *chan = channel_find(relid);

	if (chan)
		snprintf(where, CHANNEL_WHERE_LEN, "%s, %s", chan->name, msg);
	else
		snprintf(where, CHANNEL_WHERE_LEN, "VMBus, %s of relid %u", msg,
			 relid);
}

/* What is wrong with an OPENCHANNEL, or NULL: I.2 6, B.7. */
static const char *open_fault(const struct vmbus_channel *chan,
			      const struct vmbus_open_channel *m)
{
	const struct vmbus_gpadl *g;

	if (!chan)
		return "relid: wanted an offered channel";
	if (guest_thinks_open(chan))
		return "state: wanted a closed channel, it is open";
	if (chan->opening)
		return "state: wanted a closed channel, it is being opened";
	if (m->target_vp != VMBUS_VP_NONE && !synic_vp_valid(m->target_vp))
		return "target VP: wanted an existing one or 0xFFFFFFFF";
	g = gpadl_lookup(m->gpadl, m->relid);
	if (!g)
		return "ring GPADL: wanted one created for this relid";
	if (g->byte_offset || g->byte_count % HV_PAGE_SIZE)
		return "ring GPADL: wanted whole pages";
	if (m->downstream_page < 2 || g->pages < 4 ||
	    m->downstream_page > g->pages - 2)
		return "downstream page: wanted two pages or more for each ring";
	return NULL;
}

static uint32_t channel_open(struct vmbus_channel *chan,
			     const struct vmbus_open_channel *m)
{
	uint32_t status;

	chan->ring = gpadl_lookup(m->gpadl, m->relid);
	chan->target_vp = m->target_vp;
	if (packet_open(chan, m->downstream_page)) {
		forget_rings(chan);
		return VMBUS_STATUS_FAILURE;
	}
	channel_set_state(chan, CHAN_OPEN);

	if (synic_connect(channel_conn_id(chan), channel_signalled, chan)) {
		status = VMBUS_STATUS_NO_RESOURCES;
		goto err_forget_rings;
	}
	status = chan->ops->open(chan);
	if (status)
		goto err_disconnect;
	return VMBUS_STATUS_OK;

err_disconnect:
	synic_disconnect(channel_conn_id(chan));
err_forget_rings:
	forget_rings(chan);
	channel_set_state(chan, CHAN_OFFERED);
	return status;
}

static void open_and_answer(const struct vmbus_open_channel *m)
{
	struct vmbus_channel *chan = channel_find(m->relid);
	struct vmbus_open_result result = {
		.hdr.type = VMBUS_OPENCHANNEL_RESULT,
		.relid = m->relid,
		.open_id = m->open_id,
	};
	const char *fault;
	char where[CHANNEL_WHERE_LEN];

	if (chan && chan->state == CHAN_RESCINDED)
		return;		/* B.7: the RESCIND is the answer */
	fault = open_fault(chan, m);
	if (fault) {
		channel_where(where, m->relid, "OPENCHANNEL");
		violation("vmbus.open", where, "I.2 6",
			  "%s; came relid %u, GPADL 0x%x, VP %u, downstream page %u",
			  fault, m->relid, m->gpadl, m->target_vp,
			  m->downstream_page);
		result.status = VMBUS_STATUS_FAILURE;
	} else {
		result.status = channel_open(chan, m);
		if (result.status == VMBUS_OPEN_SILENT) {
			chan->late = *m;
			chan->opening = true;
			return;
		}
	}
	conn_send(&result, sizeof(result));
}

void channel_on_open(const struct guest_msg *msg)
{
	open_and_answer(&msg->m.open);
}

void vmbus_open_again(struct vmbus_channel *chan)
{
	struct vmbus_open_channel m = chan->late;

	if (!chan->opening)
		return;
	chan->opening = false;
	open_and_answer(&m);
}

void channel_on_close(const struct guest_msg *msg)
{
	uint32_t relid = msg->m.relid.relid;
	struct vmbus_channel *chan = channel_find(relid);
	char where[CHANNEL_WHERE_LEN];

	if (chan && chan->guest_open) {
		chan->guest_open = false;	/* stopped when rescinded */
		return;
	}
	if (!chan || !guest_thinks_open(chan)) {
		channel_where(where, relid, "CLOSECHANNEL");
		violation("vmbus.close", where, "I.2 7",
			  "relid: wanted an open channel, came %u, which is %s",
			  relid, chan ? channel_state_name(chan->state) :
				 "unknown");
		return;
	}
	if (chan->sub_index) {
		channel_stop(chan);
		rescind_one(chan);	/* as Windows does (B.5, K.12) */
		return;
	}
	rescind_subs(chan);
	channel_stop(chan);
}

void channel_on_modify(const struct guest_msg *msg)
{
	const struct vmbus_modify_channel *m = &msg->m.modify;
	struct vmbus_channel *chan = channel_find(m->relid);
	struct vmbus_modify_response rsp = {
		.hdr.type = VMBUS_MODIFYCHANNEL_RESPONSE,
		.relid = m->relid,
		.status = VMBUS_STATUS_FAILURE,
	};
	char where[CHANNEL_WHERE_LEN];

	channel_where(where, m->relid, "MODIFYCHANNEL");
	if (!chan || (!guest_thinks_open(chan) &&
		      chan->state != CHAN_RESCINDED)) {
		violation("vmbus.modify", where, "B.8",
			  "relid: wanted an open channel, came %u, which is %s",
			  m->relid, chan ? channel_state_name(chan->state) :
				    "unknown");
	} else if (!synic_vp_valid(m->target_vp)) {
		violation("vmbus.modify", where, "I.2 8",
			  "target VP: wanted an existing one, came %u",
			  m->target_vp);
	} else {
		chan->target_vp = m->target_vp;
		rsp.status = VMBUS_STATUS_OK;
	}
	/* One thread sends events and messages: no later event goes to the old VP. */
	if (vmbus_version() >= VMBUS_V5_3)
		conn_send(&rsp, sizeof(rsp));
}

void channel_on_released(const struct guest_msg *msg)
{
	uint32_t relid = msg->m.relid.relid;
	struct vmbus_channel *chan = channel_find(relid);
	char where[CHANNEL_WHERE_LEN];

	if (!chan || chan->state != CHAN_RESCINDED) {
		channel_where(where, relid, "RELID_RELEASED");
		violation("vmbus.released", where, "B.5",
			  "relid: wanted a rescinded channel, came %u, which is %s",
			  relid, chan ? channel_state_name(chan->state) :
				 "unknown");
		return;
	}
	channel_free(chan);
	channel_offer_hidden();
}

bool vmbus_taken_away(const struct vmbus_channel *chan)
{
	return chan->guest_open;
}

void *vmbus_ctx(const struct vmbus_channel *chan)
{
	return chan->ctx;
}

const char *vmbus_name(const struct vmbus_channel *chan)
{
	return chan->name;
}

uint16_t vmbus_sub_index(const struct vmbus_channel *chan)
{
	return chan->sub_index;
}

bool vmbus_is_open(const struct vmbus_channel *chan)
{
	return chan->state == CHAN_OPEN;
}
