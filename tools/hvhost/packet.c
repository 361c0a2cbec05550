// SPDX-License-Identifier: GPL-2.0
/*
 * VMBus server: packets on an open channel (Documentation/protocol.md C.3 to
 * C.7), checked as I.2 9 and 11 demand.
 *
 * Receiving: a packet is copied out of the ring once, descriptor first, and only
 * the copy is looked at. Whatever is wrong with it is reported and ends the use
 * of the channel, for after a bad length nobody knows where the next packet is.
 *
 * Sending: packets pile up in the ring unseen until vmbus_signal() publishes them
 * together and asks once whether the guest wants an interrupt.
 */
#include "vmbus_priv.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "synic.h"
#include "violation.h"

/* --- ids of packets that the guest owes a completion for (C.6) --- */

static int cmp_id(const void *a, const void *b)
{
	uintptr_t l = (uintptr_t)a, r = (uintptr_t)b;

	return (l > r) - (l < r);
}

_Static_assert(sizeof(void *) == sizeof(uint64_t),
	       "a transaction id is stored as a tree's key");

static bool is_owed(struct vmbus_channel *chan, uint64_t id)
{
	return tfind((void *)id, &chan->owed, cmp_id);
}

/* Whether @id was owed; it no longer is. */
static bool settle(struct vmbus_channel *chan, uint64_t id)
{
	if (!is_owed(chan, id))
		return false;
	tdelete((void *)id, &chan->owed, cmp_id);
	return true;
}

static void no_free(void *key)
{
	(void)key;	/* an id, not memory */
}

/* --- life --- */

int packet_open(struct vmbus_channel *chan, uint32_t downstream_page)
{
	uint8_t **page = chan->ring->page;
	uint32_t down = chan->ring->pages - downstream_page;
	char where[CHANNEL_WHERE_LEN];

	if (!ring_consumer_init(&chan->in, page, downstream_page) &&
	    !ring_producer_init(&chan->out, page + downstream_page, down))
		return 0;
	channel_where(where, chan->relid, "OPENCHANNEL");
	violation("ring.open", where, "C.2",
		  "ring indices: wanted multiples of 8 within %u and %u bytes of data, came others",
		  (downstream_page - 1) * HV_PAGE_SIZE,
		  (down - 1) * HV_PAGE_SIZE);
	return -EPROTO;
}

void packet_close(struct vmbus_channel *chan)
{
	tdestroy(chan->owed, no_free);
	chan->owed = NULL;
}

/* --- receiving --- */

/* Report, and end the use of the channel. Returns -EPROTO for the caller. */
#define broken(chan, rule, section, fmt, ...) ({			\
	char where_[CHANNEL_WHERE_LEN];					\
									\
	channel_where(where_, (chan)->relid, "packet from the guest");	\
	violation(rule, where_, section, fmt "; the channel stops",	\
		  ##__VA_ARGS__);					\
	channel_fail(chan);						\
	-EPROTO;							\
})

static int bad_write_index(struct vmbus_channel *chan)
{
	return broken(chan, "ring.write_index", "C.7",
		      "write index: wanted a multiple of 8 below %u that does not go back from %u, came %u",
		      chan->in.ring.size, chan->in.write, chan->in.seen);
}

static int bad_read_index(struct vmbus_channel *chan)
{
	return broken(chan, "ring.read_index", "C.7",
		      "read index: wanted a multiple of 8 below %u, between %u and %u, came %u",
		      chan->out.ring.size, chan->out.read, chan->out.published,
		      chan->out.seen);
}

/* I.1 13, 14: what the descriptor may say when @avail bytes are in the ring. */
static int check_desc(struct vmbus_channel *chan, const struct vmbus_desc *d,
		      uint32_t avail)
{
	uint32_t at = chan->in.read;

	if (d->type != VM_PKT_INBAND && d->type != VM_PKT_GPA_DIRECT &&
	    d->type != VM_PKT_COMPLETION)
		return broken(chan, "packet.type", "C.3",
			      "at %u, type: wanted 6, 9 or 11, came %u", at,
			      d->type);
	if (d->flags & ~VM_PKT_FLAG_COMPLETION)
		return broken(chan, "packet.flags", "C.3",
			      "at %u, flags: wanted 0 or 1, came 0x%x", at,
			      d->flags);
	if (d->len8 * 8u + VMBUS_TRAILER_LEN > avail)
		return broken(chan, "packet.length", "C.7",
			      "at %u, length: wanted at most %u bytes with the trailer, came %u",
			      at, avail, d->len8 * 8u + VMBUS_TRAILER_LEN);
	if (d->offset8 < 2 || d->offset8 > d->len8)
		return broken(chan, "packet.offset", "C.7",
			      "at %u, payload offset: wanted 16 to %u bytes, came %u",
			      at, d->len8 * 8u, d->offset8 * 8u);
	return 0;
}

/* Room for the private copy; it grows to the largest packet seen (<= 512 KiB). */
static int reserve_buf(struct vmbus_channel *chan, uint32_t len)
{
	uint8_t *buf;

	if (len <= chan->buf_len)
		return 0;
	buf = realloc(chan->buf, len);
	if (!buf)
		return -ENOMEM;
	chan->buf = buf;
	chan->buf_len = len;

	return 0;
}

static int reserve_iov(struct vmbus_channel *chan, uint32_t count)
{
	struct iovec *iov;

	if (count <= chan->iov_max)
		return 0;
	iov = reallocarray(chan->iov, count, sizeof(*iov));
	if (!iov)
		return -ENOMEM;
	chan->iov = iov;
	chan->iov_max = count;

	return 0;
}

/* One range at @off of the copy: its pages become iovecs. Returns bytes used. */
static int take_range(struct vmbus_channel *chan, uint32_t off, uint32_t head_len,
		      struct vmbus_packet *pkt)
{
	struct vmbus_gpa_range r;
	uint64_t pages, pfn;
	uint32_t left, n;

	if (head_len - off < sizeof(r))
		return broken(chan, "packet.range_count", "C.5",
			      "range count: wanted no more than fit into %u bytes, came range %u at %u",
			      head_len, pkt->range_cnt, off);
	memcpy(&r, chan->buf + off, sizeof(r));
	off += sizeof(r);
	if (!r.byte_count || r.byte_offset >= HV_PAGE_SIZE)
		return broken(chan, "packet.range", "C.5",
			      "range %u: wanted a length and an offset below 4096, came %u bytes at %u",
			      pkt->range_cnt, r.byte_count, r.byte_offset);
	/* Both are 32 bits: their sum cannot overflow 64. */
	pages = ((uint64_t)r.byte_offset + r.byte_count + HV_PAGE_SIZE - 1) /
		HV_PAGE_SIZE;
	if (pages > (head_len - off) / sizeof(pfn))
		return broken(chan, "packet.range_pfns", "C.5",
			      "range %u, %u bytes at %u: wanted %llu page numbers, room for %zu",
			      pkt->range_cnt, r.byte_count, r.byte_offset,
			      (unsigned long long)pages,
			      (head_len - off) / sizeof(pfn));

	for (left = r.byte_count; left; left -= n, off += sizeof(pfn)) {
		uint8_t *page;

		memcpy(&pfn, chan->buf + off, sizeof(pfn));
		page = gm_ptr(gpa_of_pfn(pfn), HV_PAGE_SIZE);
		if (!page)
			return broken(chan, "packet.pfn", "C.5",
				      "range %u: wanted pages of RAM, came page number 0x%llx",
				      pkt->range_cnt, (unsigned long long)pfn);
		n = HV_PAGE_SIZE - r.byte_offset;
		if (n > left)
			n = left;
		chan->iov[pkt->iov_cnt].iov_base = page + r.byte_offset;
		chan->iov[pkt->iov_cnt].iov_len = n;
		pkt->iov_cnt++;
		r.byte_offset = 0;
	}
	return off;
}

/* The ranges of a GPA-direct packet, whose first @head_len bytes hold them. */
static int take_ranges(struct vmbus_channel *chan, uint32_t head_len,
		       struct vmbus_packet *pkt)
{
	uint32_t off = sizeof(struct vmbus_gpa_desc);
	struct vmbus_gpa_desc d;
	int ret;

	if (head_len < sizeof(d))
		return broken(chan, "packet.offset", "C.5",
			      "payload offset: wanted at least 24 bytes with page ranges, came %u",
			      head_len);
	memcpy(&d, chan->buf, sizeof(d));
	if (!d.range_count)
		return broken(chan, "packet.range_count", "C.5",
			      "range count: wanted at least 1, came 0");
	/* A page number each at most, so this is room for all there can be. */
	ret = reserve_iov(chan, head_len / sizeof(uint64_t));
	if (ret)
		return ret;

	while (pkt->range_cnt < d.range_count) {
		struct vmbus_gpa_range r;

		ret = take_range(chan, off, head_len, pkt);
		if (ret < 0)
			return ret;
		if (!pkt->range_cnt) {
			memcpy(&r, chan->buf + off, sizeof(r));
			pkt->first_range_len = r.byte_count;
		}
		off = ret;
		pkt->range_cnt++;
	}
	pkt->iov = chan->iov;

	return 0;
}

/* Copy the packet at the read index and check it. Returns 1 or an error. */
static int take_packet(struct vmbus_channel *chan, uint32_t avail,
		       struct vmbus_packet *pkt)
{
	struct vmbus_desc d;
	uint32_t len;
	int ret;

	if (avail < sizeof(d) + VMBUS_TRAILER_LEN)
		return broken(chan, "packet.length", "C.7",
			      "at %u: wanted a whole packet, came %u bytes",
			      chan->in.read, avail);
	ring_consumer_copy(&chan->in, 0, &d, sizeof(d));
	ret = check_desc(chan, &d, avail);
	if (ret)
		return ret;

	len = d.len8 * 8u;
	if (reserve_buf(chan, len)) {
		channel_fail(chan);
		return -ENOMEM;
	}
	/* The descriptor that was checked, and the rest: nothing read twice. */
	memcpy(chan->buf, &d, sizeof(d));
	ring_consumer_copy(&chan->in, sizeof(d), chan->buf + sizeof(d),
			   len - sizeof(d));

	memset(pkt, 0, sizeof(*pkt));
	pkt->type = d.type;
	pkt->flags = d.flags;
	pkt->trans_id = d.trans_id;
	pkt->payload = chan->buf + d.offset8 * 8u;
	pkt->payload_len = len - d.offset8 * 8u;

	if (d.type == VM_PKT_GPA_DIRECT) {
		ret = take_ranges(chan, d.offset8 * 8u, pkt);
		if (ret == -ENOMEM)
			channel_fail(chan);
		if (ret)
			return ret;
	}
	if (d.type == VM_PKT_COMPLETION && !settle(chan, d.trans_id))
		return broken(chan, "packet.completion", "I.2 11",
			      "transaction id: wanted one that is outstanding, came 0x%llx",
			      (unsigned long long)d.trans_id);

	ring_consumer_skip(&chan->in, len + VMBUS_TRAILER_LEN);
	chan->stats.pkts_in++;
	chan->stats.bytes_in += len + VMBUS_TRAILER_LEN;

	return 1;
}

static int mask(struct vmbus_channel *chan)
{
	if (ring_consumer_mask(&chan->in))
		return 0;
	return broken(chan, "ring.mask", "C.7",
		      "interrupt mask of the ring to the host: wanted it left alone, the guest changed it");
}

int vmbus_recv(struct vmbus_channel *chan, struct vmbus_packet *pkt)
{
	int avail, ret;

	if (chan->state != CHAN_OPEN)
		return -EPROTO;
	if (!chan->in.masked) {
		ret = mask(chan);
		if (ret)
			return ret;
	}
	/*
	 * Ends: every turn but the last sees a write index that moved on, and a
	 * turn that finds data returns.
	 */
	for (;;) {
		avail = ring_consumer_avail(&chan->in);
		if (avail < 0)
			return bad_write_index(chan);
		if (avail)
			return take_packet(chan, avail, pkt);

		vmbus_recv_done(chan);
		if (!ring_consumer_unmask(&chan->in))
			return 0;
		ret = mask(chan);
		if (ret)
			return ret;
	}
}

uint32_t vmbus_unread(struct vmbus_channel *chan)
{
	int avail = chan->state == CHAN_OPEN ? ring_consumer_avail(&chan->in) : 0;

	return avail > 0 ? (uint32_t)avail : 0;
}

uint32_t vmbus_taken(const struct vmbus_channel *chan, uint32_t *at)
{
	uint32_t was = *at;

	*at = chan->in.read;
	return *at >= was ? *at - was : *at + chan->in.ring.size - was;
}

static void interrupt(struct vmbus_channel *chan)
{
	if (chan->target_vp != VMBUS_VP_NONE)
		synic_set_event(chan->target_vp, chan->relid);
}

void vmbus_recv_done(struct vmbus_channel *chan)
{
	if (chan->state != CHAN_OPEN || !ring_consumer_publish(&chan->in))
		return;
	chan->stats.space_signals++;
	interrupt(chan);
}

/* --- sending --- */

void vmbus_signal(struct vmbus_channel *chan)
{
	if (chan->state != CHAN_OPEN || !ring_producer_publish(&chan->out))
		return;
	chan->stats.signals_out++;
	interrupt(chan);
}

void vmbus_lie(struct vmbus_channel *chan, bool odd)
{
	if (chan->state != CHAN_OPEN)
		return;
	ring_producer_lie(&chan->out, odd ? chan->out.write + 4 :
					    chan->out.ring.size);
	interrupt(chan);
}

/* Whether @len bytes fit: 0, -EAGAIN (the guest will signal), -ENODEV. */
static int make_room(struct vmbus_channel *chan, uint32_t len)
{
	int room = ring_producer_room(&chan->out);

	if (room >= 0 && (uint32_t)room >= len)
		return 0;
	if (room >= 0) {
		/* The guest can only free what it has been shown. */
		vmbus_signal(chan);
		chan->stats.full++;
		room = ring_producer_wait(&chan->out, len);
	}
	if (room < 0) {
		bad_read_index(chan);
		return -ENODEV;
	}
	return room ? 0 : -EAGAIN;
}

/*
 * Write the packet in @iov, @len bytes; the entry behind its last is free for the
 * padding, and the one after that for the trailer.
 */
static int put_packet(struct vmbus_channel *chan, struct iovec *iov,
		      unsigned int cnt, uint32_t len)
{
	static uint8_t zeros[8];
	uint32_t pad = -len & 7;
	uint32_t total = len + pad + VMBUS_TRAILER_LEN;
	uint32_t trailer[2] = { 0, 0 };
	int ret;

	if (chan->state != CHAN_OPEN)
		return -ENODEV;
	if (len > VMBUS_PKT_MAX || total >= chan->out.ring.size)
		return -EMSGSIZE;
	ret = make_room(chan, total);
	if (ret)
		return ret;

	trailer[1] = chan->out.write;
	iov[cnt++] = (struct iovec){ zeros, pad };
	iov[cnt++] = (struct iovec){ trailer, sizeof(trailer) };
	ring_producer_put(&chan->out, iov, cnt);
	chan->stats.pkts_out++;
	chan->stats.bytes_out += total;

	return 0;
}

/*
 * As put_packet(), and remember that the guest owes a completion if so asked. An
 * id that is outstanding twice (fault injection) is owed once.
 */
static int put_owed(struct vmbus_channel *chan, const struct vmbus_desc *d,
		    struct iovec *iov, unsigned int cnt, uint32_t len)
{
	int ret;

	if (!(d->flags & VM_PKT_FLAG_COMPLETION) || is_owed(chan, d->trans_id))
		return put_packet(chan, iov, cnt, len);
	if (!tsearch((void *)d->trans_id, &chan->owed, cmp_id))
		return -ENOMEM;
	ret = put_packet(chan, iov, cnt, len);
	if (ret)
		settle(chan, d->trans_id);
	return ret;
}

int vmbus_send(struct vmbus_channel *chan, uint16_t type, uint16_t flags,
	       uint64_t trans_id, const void *payload, uint32_t len)
{
	struct vmbus_desc d = {
		.type = type,
		.offset8 = sizeof(d) / 8,
		.flags = flags,
		.trans_id = trans_id,
	};
	struct iovec iov[4] = {
		{ &d, sizeof(d) },
		{ (void *)payload, len },
	};

	if (len > VMBUS_PKT_MAX - sizeof(d))
		return -EMSGSIZE;
	d.len8 = (sizeof(d) + len + 7) / 8;
	return put_owed(chan, &d, iov, 2, sizeof(d) + len);
}

int vmbus_send_xfer(struct vmbus_channel *chan, uint16_t set_id,
		    uint64_t trans_id, const struct vmbus_xfer_range *ranges,
		    uint32_t count, const void *payload, uint32_t len)
{
	struct vmbus_xfer_desc x = {
		.d.type = VM_PKT_XFER_PAGES,
		.d.flags = VM_PKT_FLAG_COMPLETION,
		.d.trans_id = trans_id,
		.set_id = set_id,
		.range_count = count,
	};
	uint64_t head = sizeof(x) + (uint64_t)count * sizeof(*ranges);
	struct iovec iov[5] = {
		{ &x, sizeof(x) },
		{ (void *)ranges, head - sizeof(x) },
		{ (void *)payload, len },
	};

	if (head > VMBUS_PKT_MAX || len > VMBUS_PKT_MAX - head)
		return -EMSGSIZE;
	x.d.offset8 = head / 8;
	x.d.len8 = (head + len + 7) / 8;
	return put_owed(chan, &x.d, iov, 3, head + len);
}

int vmbus_send_raw(struct vmbus_channel *chan, const void *pkt, uint32_t len)
{
	struct iovec iov[3] = { { (void *)pkt, len } };
	struct vmbus_desc d = { 0 };

	/* A descriptor that asks for a completion is answered like any other. */
	if (len >= sizeof(d))
		memcpy(&d, pkt, sizeof(d));
	return put_owed(chan, &d, iov, 1, len);
}
