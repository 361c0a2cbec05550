/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every packet passes of a channel's rings: transmit slots, send sections,
 * and the head of the incoming ring. Inline, since each step is shorter than a
 * call; netvsc_ring.c has the rest and says how it works.
 */
#ifndef _NETVSC_RING_H
#define _NETVSC_RING_H

#include "hyperv_net.h"
#include "netvsc_trace.h"

/* Indexes from the poll to transmit */

static inline u32 netvsc_spsc_count(const struct netvsc_spsc *ring)
{
	/* Both pair with the release of whichever side is not the caller: what it
	 * did to the index's object is visible before the index is taken. The
	 * tail first: who is on neither side never sees it beyond the head.
	 */
	u32 tail = smp_load_acquire(&ring->tail);

	/* See above */
	return smp_load_acquire(&ring->head) - tail;
}

static inline void netvsc_spsc_push(struct netvsc_spsc *ring, u16 idx)
{
	u32 head = ring->head;

	ring->idx[head & (NETVSC_SLOTS - 1)] = idx;
	/* The index before the head; pairs with netvsc_spsc_pop() */
	smp_store_release(&ring->head, head + 1);
}

static inline bool netvsc_spsc_pop(struct netvsc_spsc *ring, u16 *idx)
{
	u32 tail = ring->tail;

	/* Pairs with netvsc_spsc_push() */
	if (smp_load_acquire(&ring->head) == tail)
		return false;
	*idx = ring->idx[tail & (NETVSC_SLOTS - 1)];
	/* The index was read before its place is given back */
	smp_store_release(&ring->tail, tail + 1);
	return true;
}

/* What was popped last goes back: its place was not used yet, since fewer than
 * NETVSC_SLOTS are on their way.
 */
static inline void netvsc_spsc_unpop(struct netvsc_spsc *ring, u16 idx)
{
	u32 tail = ring->tail - 1;

	ring->idx[tail & (NETVSC_SLOTS - 1)] = idx;
	WRITE_ONCE(ring->tail, tail);
}

/* Send sections */

/**
 * netvsc_sect_get() - a free send section
 * @conn: connection
 * @queue: queue it is for
 *
 * Those that the poll returned come first: they are few, and in the cache.
 *
 * Context: xmit.
 * Return: its number, or NETVSC_SECT_NONE.
 */
static inline u16 netvsc_sect_get(struct netvsc_conn *conn,
				  struct netvsc_queue *queue)
{
	u16 sect;

	if (likely(netvsc_spsc_pop(&queue->tx.done_sect, &sect)))
		return sect;
	if (!queue->tx.sect_n)
		netvsc_sects_take(conn, queue);
	return queue->tx.sect_n ? queue->tx.sect[--queue->tx.sect_n] :
				  NETVSC_SECT_NONE;
}

/* An idle queue does not take its sections back: what is more than it may keep
 * goes to the others, some at a time, and at the end of the poll.
 */
static inline void netvsc_sect_put(struct netvsc_conn *conn,
				   struct netvsc_queue *queue, u16 sect)
{
	struct netvsc_rx *rx = &queue->rx;

	if (netvsc_spsc_count(&queue->tx.done_sect) < conn->sects.keep) {
		netvsc_spsc_push(&queue->tx.done_sect, sect);
		return;
	}
	if (rx->sect_n == NETVSC_SECT_REFILL)
		netvsc_sects_give(conn, queue);
	rx->sect[rx->sect_n++] = sect;
}

/* Slots */

/**
 * netvsc_slot_get() - a free transmit slot, cleared, in state BUILDING
 * @queue: its queue
 *
 * Context: xmit.
 * Return: its number, or NETVSC_SLOT_NONE.
 */
static inline u16 netvsc_slot_get(struct netvsc_queue *queue)
{
	struct netvsc_slot *slot;
	u16 idx;

	if (!netvsc_spsc_pop(&queue->tx.free, &idx))
		return NETVSC_SLOT_NONE;

	slot = &queue->tx.slots[idx];
	slot->gen++;
	slot->len = 0;
	slot->bytes = 0;
	slot->packets = 0;
	slot->sect = NETVSC_SECT_NONE;
	slot->state = NETVSC_SLOT_BUILDING;
	slot->kind = NETVSC_SLOT_SKB;
	return idx;
}

/**
 * netvsc_slot_unget() - give back the slot that was got last, unused
 * @queue: its queue
 * @idx: its number; it holds neither a packet nor a section
 *
 * Context: xmit.
 */
static inline void netvsc_slot_unget(struct netvsc_queue *queue, u16 idx)
{
	queue->tx.slots[idx].state = NETVSC_SLOT_FREE;
	netvsc_spsc_unpop(&queue->tx.free, idx);
}

/**
 * netvsc_slot_put() - free a completed slot and its section
 * @conn: connection
 * @queue: its queue
 * @idx: its number; its packet is already gone
 *
 * Context: NAPI.
 */
static inline void netvsc_slot_put(struct netvsc_conn *conn,
				   struct netvsc_queue *queue, u16 idx)
{
	struct netvsc_tx *tx = &queue->tx;
	struct netvsc_slot *slot = &tx->slots[idx];
	u16 sect = slot->sect;

	slot->skb = NULL;
	slot->state = NETVSC_SLOT_FREE;
	if (sect != NETVSC_SECT_NONE)
		netvsc_sect_put(conn, queue, sect);
	netvsc_spsc_push(&tx->free, idx);
}

/**
 * netvsc_slots_avail() - number of free slots
 * @queue: the queue
 *
 * Transmit has at least so many; for others it is a moment's picture, which the
 * stop and wake helpers of netdev_queues.h make safe.
 *
 * Context: any.
 * Return: 0 to NETVSC_SLOTS.
 */
static inline u32 netvsc_slots_avail(const struct netvsc_queue *queue)
{
	return netvsc_spsc_count(&queue->tx.free);
}

/**
 * netvsc_slot_id() - transaction id of a slot, never 0
 * @queue: its queue
 * @idx: its number
 *
 * Return: what the host is to name it by.
 */
static inline u64 netvsc_slot_id(const struct netvsc_queue *queue, u16 idx)
{
	return (u64)queue->tx.slots[idx].gen << 32 | (idx + 1u);
}

/* Outgoing */

/**
 * netvsc_chan_send() - write a NVSP message into the ring
 * @queue: queue whose channel it is
 * @msg: the message
 * @id: transaction id for which a completion is wanted; 0 for none
 *
 * Context: any.
 * Return: 0; -EAGAIN no room; -ENODEV the channel is rescinded and -EIO the
 * ring is corrupt: in both cases the host may have the packet all the same.
 */
static inline int netvsc_chan_send(struct netvsc_queue *queue,
				   const struct nvsp_message *msg, u64 id)
{
	u32 flags = id ? VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED : 0;

	trace_nvsp_send(queue, msg);
	return vmbus_sendpacket(queue->chan, (void *)msg, sizeof(*msg), id,
				VM_PKT_DATA_INBAND, flags);
}

/**
 * netvsc_chan_unwant_room() - withdraw the wish of netvsc_chan_want_room()
 * @chan: channel
 *
 * Return: whether there was one.
 */
static inline bool netvsc_chan_unwant_room(struct vmbus_channel *chan)
{
	if (!READ_ONCE(chan->outbound.ring_buffer->pending_send_sz))
		return false;
	set_channel_pending_send_size(chan, 0);
	return true;
}

/* Incoming */

/* A write index outside the ring or between two packets: nothing that follows
 * could be trusted (Documentation/protocol.md C.7).
 */
static inline bool netvsc_index_is_sane(const struct hv_ring_buffer_info *ring, u32 write)
{
	return write < ring->ring_datasize && !(write & 7);
}

/**
 * netvsc_chan_is_sane() - whether the host's index is inside the ring
 * @queue: queue with an open channel
 */
static inline bool netvsc_chan_is_sane(const struct netvsc_queue *queue)
{
	const struct hv_ring_buffer_info *ring = &queue->chan->inbound;

	return netvsc_index_is_sane(ring, READ_ONCE(ring->ring_buffer->write_index));
}

/* Number of the slot that a completion names, if it is below NETVSC_SLOTS */
static inline u32 netvsc_slot_nr(u64 id)
{
	return lower_32_bits(id) - 1;
}

/**
 * netvsc_slot_claim() - the slot whose completion stands at the head of the ring
 * @queue: the queue; netvsc_chan_sent_next() was true
 *
 * A slot that transmit has handed over is the poll's, so no other writes its state.
 * One that was completed before, or is being built, is told by it.
 *
 * Context: NAPI.
 * Return: its number, or NETVSC_SLOT_NONE and counted.
 */
static inline u16 netvsc_slot_claim(struct netvsc_queue *queue)
{
	u64 id = queue->rx.desc->trans_id;
	/* In range, under speculation as well */
	u32 nr = netvsc_slot_nr(id) % NETVSC_SLOTS;
	struct netvsc_slot *slot = &queue->tx.slots[nr];

	/* Pairs with write_slot(): what is in the slot was written before */
	if (likely(smp_load_acquire(&slot->state) == NETVSC_SLOT_IN_FLIGHT &&
		   slot->gen == upper_32_bits(id))) {
		slot->state = NETVSC_SLOT_COMPLETED;
		return nr;
	}
	netvsc_stat_add(&queue->rx.stats, bad_completion, 1);
	return NETVSC_SLOT_NONE;
}

/* Have a packet in queue->rx.desc, and if there is none, say in @why */
static inline bool netvsc_chan_pull(struct netvsc_queue *queue, enum netvsc_pull *why)
{
	const struct hv_ring_buffer_info *ring;
	u32 write;

	if (queue->rx.desc)
		return true;
	ring = &queue->chan->inbound;
	write = READ_ONCE(ring->ring_buffer->write_index);
	*why = NETVSC_PULL_BROKEN;
	if (!netvsc_index_is_sane(ring, write))
		return false;
	if (write == ring->priv_read_index) {
		*why = NETVSC_PULL_EMPTY;
		return false;
	}
	/* NULL: there is something, but too short for a packet */
	queue->rx.desc = hv_pkt_iter_first(queue->chan);
	return queue->rx.desc;
}

/**
 * netvsc_chan_sent_next() - whether a transmission's completion comes next
 * @queue: the queue
 * @irqs_off: a frame of XDP cannot be returned, so its completion is none
 *
 * For who can take nothing else: nothing is started or counted.
 *
 * Context: NAPI; budget may be 0, with interrupts off.
 * Return: true if it does.
 */
static inline bool netvsc_chan_sent_next(struct netvsc_queue *queue,
					 bool irqs_off)
{
	enum netvsc_pull why;
	u32 nr;

	if (!netvsc_chan_pull(queue, &why) ||
	    queue->rx.desc->type != VM_PKT_COMP)
		return false;
	nr = netvsc_slot_nr(queue->rx.desc->trans_id);
	if (nr >= NETVSC_SLOTS)
		return false;
	if (likely(!irqs_off))
		return true;
	return queue->tx.slots[nr % NETVSC_SLOTS].kind == NETVSC_SLOT_SKB;
}

/**
 * netvsc_chan_rearm() - let the host interrupt again
 * @queue: the queue
 *
 * Context: end of NAPI.
 * Return: whether something came meanwhile, for which no interrupt may come.
 */
static inline bool netvsc_chan_rearm(struct netvsc_queue *queue)
{
	struct hv_ring_buffer_info *ring = &queue->chan->inbound;

	/* Its own answer relies on an index that the host can write */
	hv_end_read(ring);
	return READ_ONCE(ring->ring_buffer->write_index) !=
	       ring->priv_read_index;
}

/**
 * netvsc_chan_peek() - what stands at the head of the incoming ring
 * @queue: the queue
 * @pulled: filled in as the result says
 *
 * The packet is copied into the channel's private memory once and stays there
 * until netvsc_chan_consume(). For NETVSC_PULL_XFER, queue->rx.xfer is set up; if
 * it was begun before, it is left as it is.
 *
 * Context: NAPI.
 * Return: what came, or that nothing did: see the enum.
 */
static inline enum netvsc_pull
netvsc_chan_peek(struct netvsc_queue *queue, struct netvsc_pulled *pulled)
{
	struct vmpacket_descriptor *desc;
	enum netvsc_pull why;

	if (!netvsc_chan_pull(queue, &why))
		return why;

	desc = queue->rx.desc;
	pulled->id = desc->trans_id;
	pulled->data = hv_pkt_data(desc);
	pulled->len = hv_pkt_datalen(desc);

	switch (desc->type) {
	case VM_PKT_COMP:
		return netvsc_slot_nr(pulled->id) < NETVSC_SLOTS ?
		       NETVSC_PULL_SENT : NETVSC_PULL_REPLY;
	case VM_PKT_DATA_INBAND:
		return NETVSC_PULL_MESSAGE;
	case VM_PKT_DATA_USING_XFER_PAGES:
		if (!queue->rx.xfer.active)
			netvsc_chan_pull_xfer(queue, desc, pulled);
		return NETVSC_PULL_XFER;
	default:
		netvsc_stat_add(&queue->rx.stats, bad_message, 1);
		return NETVSC_PULL_BAD;
	}
}

/**
 * netvsc_chan_consume() - done with the packet at the head
 * @queue: the queue
 *
 * The host learns of it with the next hv_pkt_iter_close().
 *
 * Context: NAPI.
 */
static inline void netvsc_chan_consume(struct netvsc_queue *queue)
{
	struct netvsc_rx *rx = &queue->rx;

	rx->xfer.active = false;
	rx->desc = __hv_pkt_iter_next(queue->chan, rx->desc);
}

#endif /* _NETVSC_RING_H */
