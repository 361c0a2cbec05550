// SPDX-License-Identifier: GPL-2.0
/*
 * A channel's two rings: transmit slots and send sections, writing a packet,
 * and what stands at the head of the incoming ring.
 *
 * The transaction id of a packet carries its slot's number and generation, so
 * a completion is found without a lookup, and one that is repeated or made up
 * is told apart (Documentation/protocol.md C.6). Ids of control packets follow
 * those of the slots.
 *
 * Completed slots and their sections travel from the poll back to transmit
 * through arrays with one producer and one consumer; sections that a queue does
 * not keep lie on one stack that all queues share.
 */
#include <linux/nospec.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "hyperv_net.h"
#include "netvsc_trace.h"

/* Everything of a packet but its payload and ranges; the trailer is VMBus's own */
static_assert(sizeof(struct vmpacket_descriptor) == 16);
static_assert(offsetof(struct vmbus_packet_mpb_array, range) == 24);
static_assert(offsetof(struct vmtransfer_page_packet_header, ranges) ==
	      NVSP_XFER_HDR_LEN);
static_assert(sizeof(struct vmtransfer_page_range) == NVSP_XFER_RANGE_LEN);

/* Indexes from the poll to transmit */

static u32 spsc_count(const struct netvsc_spsc *ring)
{
	/* Pairs with the release of whichever side is not the caller: what it
	 * did to the index's object is visible before the index is taken.
	 */
	return smp_load_acquire(&ring->head) - smp_load_acquire(&ring->tail);
}

static void spsc_push(struct netvsc_spsc *ring, u16 idx)
{
	ring->idx[ring->head & (NETVSC_SLOTS - 1)] = idx;
	/* The index before the head; pairs with spsc_count() in spsc_pop() */
	smp_store_release(&ring->head, ring->head + 1);
}

static bool spsc_pop(struct netvsc_spsc *ring, u16 *idx)
{
	if (!spsc_count(ring))
		return false;
	*idx = ring->idx[ring->tail & (NETVSC_SLOTS - 1)];
	/* The index was read before its place is given back */
	smp_store_release(&ring->tail, ring->tail + 1);
	return true;
}

/* Send sections */

/**
 * netvsc_sects_init() - divide the send buffer
 * @sects: to be filled in
 * @buf_len: bytes of the buffer
 * @size: bytes of a section as the host wants it, 0 for no send buffer
 *
 * Return: 0 or -ENOMEM.
 */
int netvsc_sects_init(struct netvsc_sects *sects, u32 buf_len, u32 size)
{
	u32 i;

	spin_lock_init(&sects->lock);
	sects->size = size;
	sects->cnt = size ? min_t(u32, buf_len / size, NETVSC_SECT_NONE) : 0;
	sects->free = kvmalloc_array(sects->cnt, sizeof(*sects->free),
				     GFP_KERNEL);
	if (!sects->free && sects->cnt)
		return -ENOMEM;

	/* A stack: the first sections are used first and stay in the cache */
	for (i = 0; i < sects->cnt; i++)
		sects->free[i] = sects->cnt - 1 - i;
	sects->free_n = sects->cnt;
	return 0;
}

void netvsc_sects_free(struct netvsc_sects *sects)
{
	kvfree(sects->free);
	sects->free = NULL;
	sects->free_n = 0;
	sects->cnt = 0;
}

static void sects_give(struct netvsc_sects *sects, const u16 *sect, u32 n)
{
	spin_lock(&sects->lock);
	while (n--)
		sects->free[sects->free_n++] = *sect++;
	spin_unlock(&sects->lock);
}

static u32 sects_take(struct netvsc_sects *sects, u16 *sect, u32 n)
{
	u32 i;

	spin_lock(&sects->lock);
	n = min(n, sects->free_n);
	for (i = 0; i < n; i++)
		sect[i] = sects->free[--sects->free_n];
	spin_unlock(&sects->lock);
	return n;
}

/* Take back what the poll returned, and do not hoard it */
static void sect_drain(struct netvsc_sects *sects, struct netvsc_tx *tx)
{
	u16 sect;

	while (spsc_pop(&tx->done_sect, &sect)) {
		if (tx->sect_n == NETVSC_SECT_CACHE) {
			tx->sect_n -= NETVSC_SECT_REFILL;
			sects_give(sects, &tx->sect[tx->sect_n],
				   NETVSC_SECT_REFILL);
		}
		tx->sect[tx->sect_n++] = sect;
	}
}

/**
 * netvsc_sect_get() - a free send section
 * @conn: connection
 * @queue: queue it is for
 *
 * The last one returned comes first: it is in the cache.
 *
 * Context: xmit.
 * Return: its number, or NETVSC_SECT_NONE.
 */
u16 netvsc_sect_get(struct netvsc_conn *conn, struct netvsc_queue *queue)
{
	struct netvsc_tx *tx = &queue->tx;

	if (!tx->sect_n)
		sect_drain(&conn->sects, tx);
	if (!tx->sect_n)
		tx->sect_n = sects_take(&conn->sects, tx->sect,
					NETVSC_SECT_REFILL);
	return tx->sect_n ? tx->sect[--tx->sect_n] : NETVSC_SECT_NONE;
}

/* An idle queue does not drain: what is more than its cache goes to the others */
static void sect_put(struct netvsc_conn *conn, struct netvsc_tx *tx, u16 sect)
{
	if (spsc_count(&tx->done_sect) < NETVSC_SECT_CACHE)
		spsc_push(&tx->done_sect, sect);
	else
		sects_give(&conn->sects, &sect, 1);
}

/* Slots */

/**
 * netvsc_slot_get() - a free transmit slot, cleared, in state BUILDING
 * @queue: its queue
 *
 * Context: xmit.
 * Return: its number, or NETVSC_SLOT_NONE.
 */
u16 netvsc_slot_get(struct netvsc_queue *queue)
{
	struct netvsc_tx *tx = &queue->tx;
	struct netvsc_slot *slot;
	u16 idx;

	if (!tx->free_n) {
		u32 n = 0;

		while (spsc_pop(&tx->done, &tx->free[n]))
			n++;
		WRITE_ONCE(tx->free_n, n);
	}
	if (!tx->free_n)
		return NETVSC_SLOT_NONE;

	idx = tx->free[tx->free_n - 1];
	WRITE_ONCE(tx->free_n, tx->free_n - 1);

	slot = &tx->slots[idx];
	*slot = (struct netvsc_slot) {
		.gen = slot->gen + 1,
		.sect = NETVSC_SECT_NONE,
		.state = NETVSC_SLOT_BUILDING,
	};
	return idx;
}

/**
 * netvsc_slot_unget() - give back a slot that was not used after all
 * @queue: its queue
 * @idx: its number; it holds neither a packet nor a section
 *
 * Context: xmit.
 */
void netvsc_slot_unget(struct netvsc_queue *queue, u16 idx)
{
	struct netvsc_tx *tx = &queue->tx;

	tx->slots[idx].state = NETVSC_SLOT_FREE;
	tx->free[tx->free_n] = idx;
	WRITE_ONCE(tx->free_n, tx->free_n + 1);
}

/**
 * netvsc_slot_put() - free a completed slot and its section
 * @conn: connection
 * @queue: its queue
 * @idx: its number; its packet is already gone
 *
 * Context: NAPI.
 */
void netvsc_slot_put(struct netvsc_conn *conn, struct netvsc_queue *queue,
		     u16 idx)
{
	struct netvsc_slot *slot = &queue->tx.slots[idx];
	u16 sect = slot->sect;

	slot->state = NETVSC_SLOT_FREE;
	if (sect != NETVSC_SECT_NONE)
		sect_put(conn, &queue->tx, sect);
	spsc_push(&queue->tx.done, idx);
}

/**
 * netvsc_slots_avail() - number of free slots
 * @queue: the queue
 *
 * Exact for transmit; for others a moment's picture, which the stop and wake
 * helpers of netdev_queues.h make safe.
 *
 * Context: any.
 */
u32 netvsc_slots_avail(const struct netvsc_queue *queue)
{
	return READ_ONCE(queue->tx.free_n) + spsc_count(&queue->tx.done);
}

/**
 * netvsc_slot_id() - transaction id of a slot, never 0
 * @queue: its queue
 * @idx: its number
 */
u64 netvsc_slot_id(const struct netvsc_queue *queue, u16 idx)
{
	return (u64)queue->tx.slots[idx].gen << 32 | (idx + 1u);
}

/**
 * netvsc_slots_reset() - all slots free, no sections kept
 * @queue: the queue; neither xmit nor NAPI uses it, no slot holds a packet
 *
 * Generations go on, so that nothing of the last connection fits the next.
 */
void netvsc_slots_reset(struct netvsc_queue *queue)
{
	struct netvsc_tx *tx = &queue->tx;
	u32 i;

	for (i = 0; i < NETVSC_SLOTS; i++) {
		tx->slots[i].state = NETVSC_SLOT_FREE;
		tx->free[i] = NETVSC_SLOTS - 1 - i;
	}
	tx->free_n = NETVSC_SLOTS;
	tx->sect_n = 0;
	tx->batch = NETVSC_SLOT_NONE;
	tx->unsent = NETVSC_SLOT_NONE;
	tx->done.head = 0;
	tx->done.tail = 0;
	tx->done_sect.head = 0;
	tx->done_sect.tail = 0;
}

/* Outgoing */

/**
 * netvsc_chan_want_room() - ask the host for an interrupt when the ring has room
 * @chan: channel; its poll comes when there is
 *
 * Context: any; the caller keeps others from changing the wish.
 * Return: true when there is room already, so no interrupt may come.
 */
bool netvsc_chan_want_room(struct vmbus_channel *chan)
{
	set_channel_pending_send_size(chan, NETVSC_RING_ROOM);
	/* The wish is visible to the host before its index is read: either it
	 * sees the wish when it makes room, or the room is seen here
	 * (Documentation/protocol.md C.7).
	 */
	virt_mb();
	return hv_get_bytes_to_write(&chan->outbound) > NETVSC_RING_ROOM;
}

/**
 * netvsc_chan_has_room() - withdraw that wish
 * @chan: channel
 *
 * Return: whether there was one.
 */
bool netvsc_chan_has_room(struct vmbus_channel *chan)
{
	if (!READ_ONCE(chan->outbound.ring_buffer->pending_send_sz))
		return false;
	set_channel_pending_send_size(chan, 0);
	return true;
}

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
int netvsc_chan_send(struct netvsc_queue *queue, const struct nvsp_message *msg,
		     u64 id)
{
	u32 flags = id ? VMBUS_DATA_PACKET_FLAG_COMPLETION_REQUESTED : 0;

	trace_nvsp_send(queue, msg);
	return vmbus_sendpacket(queue->chan, (void *)msg, sizeof(*msg), id,
				VM_PKT_DATA_INBAND, flags);
}

/** netvsc_pages_init() - start a packet of pages */
void netvsc_pages_init(struct netvsc_pages *pages)
{
	pages->len = offsetof(struct vmbus_packet_mpb_array, range);
	pages->pfns = 0;
	pages->last = NULL;
	pages->mpb.rangecount = 0;
}

/**
 * netvsc_pages_add() - add one contiguous piece of memory as a range
 * @pages: the packet
 * @addr: physical address
 * @len: bytes, not 0
 *
 * One piece is one range, however many pages it touches: hosts refuse a RNDIS
 * header that is spread over two (Documentation/protocol.md D.7).
 *
 * Context: who builds the packet.
 * Return: false when the packet can take no more.
 */
bool netvsc_pages_add(struct netvsc_pages *pages, phys_addr_t addr, u32 len)
{
	struct hv_mpb_array *range = pages->last;
	u32 off = addr & ~HV_HYP_PAGE_MASK;
	u32 have = 0, need, i;

	if (range && pages->end == addr) {
		/* Goes on where the last one ended: that one grows */
		have = HVPFN_UP(range->offset + range->len);
		off = range->offset;
		len += range->len;
		addr -= range->len;
	} else if (pages->mpb.rangecount == NETVSC_MAX_RANGES) {
		return false;
	}
	need = HVPFN_UP(off + len);
	if (pages->pfns + need - have > NETVSC_MAX_PFNS)
		return false;

	if (!have) {
		range = (void *)&pages->mpb + pages->len;
		pages->len += sizeof(*range);
		pages->last = range;
		pages->mpb.rangecount++;
	}
	range->len = len;
	range->offset = off;
	for (i = have; i < need; i++)
		range->pfn_array[i] = (addr >> HV_HYP_PAGE_SHIFT) + i;
	pages->len += (need - have) * sizeof(range->pfn_array[0]);
	pages->pfns += need - have;
	pages->end = addr + len;
	return true;
}

/**
 * netvsc_chan_send_pages() - write a packet of pages into the ring
 * @queue: queue whose channel it is
 * @pages: what it consists of, behind the section that @msg names, if any
 * @msg: SEND_RNDIS_PACKET
 * @id: transaction id
 *
 * Context: any.
 * Return: as netvsc_chan_send().
 */
int netvsc_chan_send_pages(struct netvsc_queue *queue,
			   struct netvsc_pages *pages,
			   const struct nvsp_message *msg, u64 id)
{
	trace_nvsp_send(queue, msg);
	return vmbus_sendpacket_mpb_desc(queue->chan, &pages->mpb, pages->len,
					 (void *)msg, sizeof(*msg), id);
}

/**
 * netvsc_chan_complete() - tell the host that its packet is done with
 * @queue: queue it came from
 * @id: its transaction id
 * @status: enum nvsp_status
 *
 * Context: NAPI.
 * Return: as netvsc_chan_send().
 */
int netvsc_chan_complete(struct netvsc_queue *queue, u64 id, u32 status)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE),
		.rndis_packet_complete.status = cpu_to_le32(status),
	};

	return vmbus_sendpacket(queue->chan, &msg, sizeof(msg), id,
				VM_PKT_COMP, 0);
}

/* Incoming */

/* A write index outside the ring or between two packets: nothing that follows
 * could be trusted (Documentation/protocol.md C.7).
 */
static bool index_is_sane(const struct hv_ring_buffer_info *ring, u32 write)
{
	return write < ring->ring_datasize && !(write & 7);
}

/* Number of the slot that a completion names, if it is below NETVSC_SLOTS */
static u32 slot_nr(u64 id)
{
	return lower_32_bits(id) - 1;
}

static enum netvsc_pull pull_completion(struct netvsc_queue *queue,
					struct netvsc_pulled *pulled)
{
	u32 nr = slot_nr(pulled->id);
	struct netvsc_slot *slot;

	if (nr >= NETVSC_SLOTS)
		return NETVSC_PULL_REPLY;

	nr = array_index_nospec(nr, NETVSC_SLOTS);
	slot = &queue->tx.slots[nr];
	/* Claimed in one step: a host that completes what was not sent yet meets
	 * the sender here, and only one of them has the slot.
	 */
	if (slot->gen != upper_32_bits(pulled->id) ||
	    cmpxchg(&slot->state, NETVSC_SLOT_IN_FLIGHT,
		    NETVSC_SLOT_COMPLETED) != NETVSC_SLOT_IN_FLIGHT) {
		netvsc_stat_add(&queue->rx.stats, bad_completion, 1);
		return NETVSC_PULL_BAD;
	}
	pulled->slot = nr;
	return NETVSC_PULL_SENT;
}

/* Even a malformed packet is received, without ranges: its pages have to go
 * back to the host.
 */
static enum netvsc_pull pull_xfer(struct netvsc_queue *queue,
				  const struct vmpacket_descriptor *desc,
				  const struct netvsc_pulled *pulled)
{
	const struct vmtransfer_page_packet_header *head = (const void *)desc;
	struct netvsc_xfer *xfer = &queue->rx.xfer;

	*xfer = (struct netvsc_xfer) {
		.active = true,
		.done.id = pulled->id,
		.done.status = NVSP_STATUS_FAILURE,
	};

	if (hv_pkt_len(desc) < NVSP_XFER_HDR_LEN ||
	    nvsp_wire_xfer_header(head->xfer_pageset_id, head->range_cnt,
				  NVSP_XFER_RANGES, desc->offset8 << 3,
				  hv_pkt_len(desc)) ||
	    nvsp_wire_rndis_packet(pulled->data, pulled->len, &xfer->control) ||
	    (xfer->control && queue->idx)) {
		netvsc_stat_add(&queue->rx.stats, bad_xfer, 1);
		return NETVSC_PULL_XFER;
	}

	xfer->ranges = head->ranges;
	xfer->cnt = head->range_cnt;
	xfer->done.status = NVSP_STATUS_SUCCESS;
	return NETVSC_PULL_XFER;
}

/* Have a packet in queue->rx.desc, and if there is none, say in @why */
static bool pull_desc(struct netvsc_queue *queue, enum netvsc_pull *why)
{
	const struct hv_ring_buffer_info *ring = &queue->chan->inbound;
	u32 write = READ_ONCE(ring->ring_buffer->write_index);

	*why = NETVSC_PULL_BROKEN;
	if (!index_is_sane(ring, write))
		return false;
	if (queue->rx.desc)
		return true;

	queue->rx.desc = hv_pkt_iter_first(queue->chan);
	/* Otherwise there is something, but too short for a packet */
	if (write == ring->priv_read_index)
		*why = NETVSC_PULL_EMPTY;
	return queue->rx.desc;
}

/**
 * netvsc_chan_sent_next() - whether a transmission's completion comes next
 * @queue: the queue
 *
 * For who can take nothing else: nothing is started or counted.
 *
 * Context: NAPI; budget may be 0, with interrupts off.
 */
bool netvsc_chan_sent_next(struct netvsc_queue *queue)
{
	enum netvsc_pull why;

	return pull_desc(queue, &why) &&
	       queue->rx.desc->type == VM_PKT_COMP &&
	       slot_nr(queue->rx.desc->trans_id) < NETVSC_SLOTS;
}

/**
 * netvsc_chan_rearm() - let the host interrupt again
 * @queue: the queue
 *
 * Context: end of NAPI.
 * Return: whether something came meanwhile, for which no interrupt may come.
 */
bool netvsc_chan_rearm(struct netvsc_queue *queue)
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
 * until netvsc_chan_consume(). For NETVSC_PULL_XFER, queue->rx.xfer is set up.
 *
 * Context: NAPI.
 */
enum netvsc_pull netvsc_chan_peek(struct netvsc_queue *queue,
				  struct netvsc_pulled *pulled)
{
	struct vmpacket_descriptor *desc;
	enum netvsc_pull why;

	if (!pull_desc(queue, &why))
		return why;

	desc = queue->rx.desc;
	pulled->id = desc->trans_id;
	pulled->data = hv_pkt_data(desc);
	pulled->len = hv_pkt_datalen(desc);

	switch (desc->type) {
	case VM_PKT_COMP:
		return pull_completion(queue, pulled);
	case VM_PKT_DATA_INBAND:
		return NETVSC_PULL_MESSAGE;
	case VM_PKT_DATA_USING_XFER_PAGES:
		return pull_xfer(queue, desc, pulled);
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
void netvsc_chan_consume(struct netvsc_queue *queue)
{
	struct netvsc_rx *rx = &queue->rx;

	rx->xfer.active = false;
	rx->desc = __hv_pkt_iter_next(queue->chan, rx->desc);
}
