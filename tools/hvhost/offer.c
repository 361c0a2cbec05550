// SPDX-License-Identifier: GPL-2.0
/*
 * VMBus server: what may be offered to the guest, when, and under which relid
 * (Documentation/protocol.md B.5).
 */
#include "vmbus_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t free_relid(void)
{
	for (uint32_t relid = 1; relid <= VMBUS_RELID_MAX; relid++)
		if (!channel_find(relid))
			return relid;
	return 0;
}

/* B.5: an instance is offered again only when the guest has released the last. */
static bool instance_is_free(const struct vmbus_channel *chan)
{
	struct vmbus_channel *other;

	TAILQ_FOREACH(other, channel_list(), node)
		if (other != chan && other->relid && channel_same_device(other, chan) &&
		    other->sub_index == chan->sub_index)
			return false;
	return true;
}

static void send_offer(const struct vmbus_channel *chan)
{
	struct vmbus_offer_channel msg = {
		.hdr.type = VMBUS_OFFERCHANNEL,
		.mmio_mb = chan->mmio_mb,
		.sub_index = chan->sub_index,
		.relid = chan->relid,
		.dedicated = 1,
		.conn_id = channel_conn_id(chan),
	};

	memcpy(msg.type, chan->type, sizeof(msg.type));
	memcpy(msg.instance, chan->instance, sizeof(msg.instance));
	conn_send(&msg, sizeof(msg));
}

static void try_offer(struct vmbus_channel *chan)
{
	if (chan->state != CHAN_HIDDEN || !conn_takes_offers() ||
	    (!chan->strange && !instance_is_free(chan)))
		return;
	chan->relid = free_relid();
	if (!chan->relid) {
		fprintf(stderr, "hvhost: %s: all %u relids are in use, not offered now\n",
			chan->name, VMBUS_RELID_MAX);
		return;
	}
	channel_set_state(chan, CHAN_OFFERED);
	send_offer(chan);
}

void channel_offer_hidden(void)
{
	struct vmbus_channel *chan;

	TAILQ_FOREACH(chan, channel_list(), node)
		try_offer(chan);
}

/* B.5: a sub-channel needs its primary; a device has each index once, but for strange
 * ones, which no honest host offers.
 */
static bool offer_possible(const struct vmbus_channel *chan)
{
	bool primary_open = false;
	struct vmbus_channel *other;

	TAILQ_FOREACH(other, channel_list(), node) {
		if (!channel_same_device(other, chan) || other->state == CHAN_RESCINDED)
			continue;
		if (other->sub_index == chan->sub_index && !other->strange &&
		    !chan->strange)
			return false;
		if (!other->sub_index && other->state == CHAN_OPEN)
			primary_open = true;
	}
	return !chan->sub_index || primary_open;
}

struct vmbus_channel *vmbus_offer(const struct vmbus_offer *offer,
				  const struct vmbus_channel_ops *ops, void *ctx)
{
	struct vmbus_channel *chan = calloc(1, sizeof(*chan));

	if (!chan)
		return NULL;
	memcpy(chan->type, offer->type, sizeof(chan->type));
	memcpy(chan->instance, offer->instance, sizeof(chan->instance));
	chan->sub_index = offer->sub_index;
	chan->mmio_mb = offer->mmio_mb;
	chan->strange = offer->strange;
	snprintf(chan->name, sizeof(chan->name), "%.24s channel %u",
		 offer->name, offer->sub_index);
	chan->ops = ops;
	chan->ctx = ctx;
	chan->target_vp = VMBUS_VP_NONE;

	if (!offer_possible(chan)) {
		free(chan);
		return NULL;
	}
	TAILQ_INSERT_TAIL(channel_list(), chan, node);
	try_offer(chan);

	return chan;
}
