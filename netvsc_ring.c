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
#include <linux/mm.h>
#include <linux/slab.h>

#include "hyperv_net.h"
#include "netvsc_ring.h"
#include "netvsc_trace.h"

/* Everything of a packet but its payload and ranges; the trailer is VMBus's own */
static_assert(sizeof(struct vmpacket_descriptor) == 16);
static_assert(offsetof(struct vmbus_packet_mpb_array, range) == 24);
static_assert(offsetof(struct vmtransfer_page_packet_header, ranges) ==
	      NVSP_XFER_HDR_LEN);
static_assert(sizeof(struct vmtransfer_page_range) == NVSP_XFER_RANGE_LEN);

/* Send sections */

/**
 * netvsc_sects_init() - divide the send buffer
 * @sects: to be filled in
 * @buf_len: bytes of the buffer
 * @size: bytes of a section as the host wants it, 0 for no send buffer
 * @queues: queues that are wanted; idle ones keep half of the sections at most
 *
 * Return: 0 or -ENOMEM.
 */
int netvsc_sects_init(struct netvsc_sects *sects, u32 buf_len, u32 size,
		      u32 queues)
{
	u32 i;

	spin_lock_init(&sects->lock);
	sects->size = size;
	sects->cnt = size ? min_t(u32, buf_len / size, NETVSC_SECT_NONE) : 0;
	sects->keep = min_t(u32, sects->cnt / (2 * queues), NETVSC_SLOTS);
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

/**
 * netvsc_sects_take() - some sections for a queue that has none
 * @conn: connection
 * @queue: the queue
 *
 * Context: xmit.
 */
void netvsc_sects_take(struct netvsc_conn *conn, struct netvsc_queue *queue)
{
	struct netvsc_sects *sects = &conn->sects;
	struct netvsc_tx *tx = &queue->tx;
	unsigned long flags;

	/* netconsole sends from interrupts, on another queue than this CPU's */
	spin_lock_irqsave(&sects->lock, flags);
	while (tx->sect_n < NETVSC_SECT_REFILL && sects->free_n)
		tx->sect[tx->sect_n++] = sects->free[--sects->free_n];
	spin_unlock_irqrestore(&sects->lock, flags);
}

/**
 * netvsc_sects_give() - give sections that a queue may not keep to the others
 * @conn: connection
 * @queue: the queue
 *
 * Context: NAPI.
 */
void netvsc_sects_give(struct netvsc_conn *conn, struct netvsc_queue *queue)
{
	struct netvsc_sects *sects = &conn->sects;
	struct netvsc_rx *rx = &queue->rx;
	unsigned long flags;

	spin_lock_irqsave(&sects->lock, flags);
	while (rx->sect_n)
		sects->free[sects->free_n++] = rx->sect[--rx->sect_n];
	spin_unlock_irqrestore(&sects->lock, flags);
}

/* Slots */

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
		tx->free.idx[i] = i;
	}
	tx->free.head = NETVSC_SLOTS;
	tx->free.tail = 0;
	tx->sect_n = 0;
	queue->rx.sect_n = 0;
	tx->batch = NETVSC_SLOT_NONE;
	tx->unsent = NETVSC_SLOT_NONE;
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
 * netvsc_pages_init() - start a packet of pages
 * @pages: packet
 */
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

/**
 * netvsc_chan_pull_xfer() - set up queue->rx.xfer for the packet at the head
 * @queue: the queue
 * @desc: the packet, in private memory
 * @pulled: the same, as netvsc_chan_peek() filled it in
 *
 * Even a malformed packet is received, without ranges: its pages have to go
 * back to the host.
 *
 * Context: NAPI.
 */
void netvsc_chan_pull_xfer(struct netvsc_queue *queue,
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
				  NVSP_XFER_RANGES_RSC, desc->offset8 << 3,
				  hv_pkt_len(desc)) ||
	    nvsp_wire_rndis_packet(pulled->data, pulled->len, &xfer->control) ||
	    (xfer->control && queue->idx)) {
		netvsc_stat_add(&queue->rx.stats, bad_xfer, 1);
		return;
	}

	xfer->ranges = head->ranges;
	xfer->cnt = head->range_cnt;
	xfer->done.status = NVSP_STATUS_SUCCESS;
}
