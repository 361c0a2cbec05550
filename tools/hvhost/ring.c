// SPDX-License-Identifier: GPL-2.0
/*
 * One VMBus ring in guest memory (Documentation/protocol.md C).
 *
 * Memory order. x86 keeps stores in order and loads in order, so acquire and
 * release cost nothing; but a store followed by a load of another word may be
 * swapped, and all four handshakes of C.7 are of that kind: each side stores its
 * own word and then looks at the other's. Each needs a full fence on both sides,
 * or both look before either store is seen and nobody signals:
 *
 *   (A) producer: write_index = w;   fence;  interrupt_mask?  read_index?
 *   (B) consumer: interrupt_mask = 0; fence; write_index?
 *       without: new packet, consumer asleep, no signal
 *   (C) consumer: read_index = r;     fence; pending_send_size?
 *   (D) producer: pending_send_size = p; fence; read_index?
 *       without: room, producer asleep, no signal
 *
 * (A) pairs with (B), (C) with (D); hvhost has one, the guest the other.
 */
#include "ring.h"

#include <errno.h>
#include <string.h>

#include "guest_mem.h"

static uint32_t load(const uint32_t *shared)
{
	return __atomic_load_n(shared, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *shared, uint32_t v)
{
	__atomic_store_n(shared, v, __ATOMIC_RELEASE);
}

static void full_fence(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Bytes from @from forward to @to around the ring; both are below @r->size. */
static uint32_t distance(const struct ring *r, uint32_t from, uint32_t to)
{
	return to >= from ? to - from : r->size - from + to;
}

static uint32_t advance(const struct ring *r, uint32_t idx, uint32_t len)
{
	/* Both are below 2^25 (B.4 bounds a GPADL): the sum cannot overflow. */
	idx += len;
	return idx >= r->size ? idx - r->size : idx;
}

static bool is_index(const struct ring *r, uint32_t idx)
{
	return idx % 8 == 0 && idx < r->size;
}

/* Free bytes as C.2 counts them: equal indices are an empty ring. */
static uint32_t free_bytes(const struct ring *r, uint32_t read, uint32_t write)
{
	return r->size - distance(r, read, write);
}

static void ring_set(struct ring *r, uint8_t *const *pages, uint32_t count)
{
	r->hdr = (struct vmbus_ring_header *)pages[0];
	r->data = pages + 1;
	r->size = (count - 1) * HV_PAGE_SIZE;
}

/* The part of [@idx, @idx + *@len) that lies in one page; *@len becomes its length. */
static uint8_t *chunk(const struct ring *r, uint32_t idx, uint32_t *len)
{
	uint32_t left = HV_PAGE_SIZE - idx % HV_PAGE_SIZE;

	if (*len > left)
		*len = left;
	return r->data[idx / HV_PAGE_SIZE] + idx % HV_PAGE_SIZE;
}

int ring_consumer_init(struct ring_consumer *c, uint8_t *const *pages,
		       uint32_t count)
{
	memset(c, 0, sizeof(*c));
	ring_set(&c->ring, pages, count);

	c->seen = load(&c->ring.hdr->read_index);
	if (!is_index(&c->ring, c->seen))
		return -EPROTO;
	c->read = c->seen;
	c->published = c->seen;
	c->write = c->seen;

	return ring_consumer_avail(c) < 0 ? -EPROTO : 0;
}

int ring_consumer_avail(struct ring_consumer *c)
{
	const struct ring *r = &c->ring;

	c->seen = load(&r->hdr->write_index);
	if (!is_index(r, c->seen))
		return -EPROTO;
	/*
	 * The producer may write up to what we have published, but neither past
	 * it nor take back what it has shown: the distance can only grow.
	 */
	if (distance(r, c->published, c->seen) <
	    distance(r, c->published, c->write))
		return -EPROTO;
	c->write = c->seen;

	return distance(r, c->read, c->write);
}

void ring_consumer_copy(const struct ring_consumer *c, uint32_t off, void *dst,
			uint32_t len)
{
	uint32_t idx = advance(&c->ring, c->read, off);
	uint8_t *to = dst;

	while (len) {
		uint32_t n = len;
		const uint8_t *from = chunk(&c->ring, idx, &n);

		memcpy(to, from, n);
		idx = advance(&c->ring, idx, n);
		to += n;
		len -= n;
	}
}

void ring_consumer_skip(struct ring_consumer *c, uint32_t len)
{
	c->read = advance(&c->ring, c->read, len);
}

/*
 * Positions differ in what "enough room" means: signal when the free bytes reach
 * the pending size, or when they pass it (K.7), and some guests store one less
 * than they need, so the size may be any of the eight values up to the next
 * multiple of 8 (C.7). A signal too many is harmless and one too few is a hang:
 * signal whenever this batch moved the free bytes through or within that band.
 */
static bool crosses(uint32_t pending, uint32_t before, uint32_t after)
{
	uint32_t low = pending & ~7u;
	uint64_t high = ((uint64_t)pending + 7) & ~7ull;

	return pending && before < after && before <= high && after >= low;
}

bool ring_consumer_publish(struct ring_consumer *c)
{
	const struct ring *r = &c->ring;
	uint32_t old = c->published;
	uint32_t pending, write;

	if (c->read == old)
		return false;
	/* Release: the copies out of the ring are done before it is given back. */
	store(&r->hdr->read_index, c->read);
	c->published = c->read;

	full_fence();	/* (C), against the guest's (D) */

	if (!(load(&r->hdr->feature_bits) & VMBUS_RING_PENDING_SEND_SIZE))
		return false;
	pending = load(&r->hdr->pending_send_size);
	if (!pending)
		return false;
	write = load(&r->hdr->write_index);
	if (!is_index(r, write))
		return false;	/* the next ring_consumer_avail() says so */

	return crosses(pending, free_bytes(r, old, write),
		       free_bytes(r, c->read, write));
}

bool ring_consumer_mask(struct ring_consumer *c)
{
	bool intact = load(&c->ring.hdr->interrupt_mask) == c->masked;

	store(&c->ring.hdr->interrupt_mask, 1);
	c->masked = true;

	return intact;
}

bool ring_consumer_unmask(struct ring_consumer *c)
{
	store(&c->ring.hdr->interrupt_mask, 0);
	c->masked = false;

	full_fence();	/* (B), against the guest's (A) */

	return load(&c->ring.hdr->write_index) != c->read;
}

int ring_producer_init(struct ring_producer *p, uint8_t *const *pages,
		       uint32_t count)
{
	memset(p, 0, sizeof(*p));
	ring_set(&p->ring, pages, count);

	p->seen = load(&p->ring.hdr->write_index);
	if (!is_index(&p->ring, p->seen))
		return -EPROTO;
	p->write = p->seen;
	p->published = p->seen;
	p->seen = load(&p->ring.hdr->read_index);
	if (!is_index(&p->ring, p->seen))
		return -EPROTO;
	p->read = p->seen;
	/* The guest usually has set it already; it speaks of us (C.1). */
	store(&p->ring.hdr->feature_bits,
	      load(&p->ring.hdr->feature_bits) | VMBUS_RING_PENDING_SEND_SIZE);

	return 0;
}

int ring_producer_room(struct ring_producer *p)
{
	const struct ring *r = &p->ring;

	p->seen = load(&r->hdr->read_index);
	if (!is_index(r, p->seen))
		return -EPROTO;
	/* The consumer moves forward, and no further than it has been shown. */
	if (distance(r, p->read, p->seen) >
	    distance(r, p->read, p->published))
		return -EPROTO;
	p->read = p->seen;

	/* Never completely full: that would look empty. */
	return free_bytes(r, p->read, p->write) - 8;
}

void ring_producer_put(struct ring_producer *p, const struct iovec *iov,
		       unsigned int cnt)
{
	uint32_t total = 0;

	for (unsigned int i = 0; i < cnt; i++) {
		const uint8_t *from = iov[i].iov_base;
		uint32_t len = iov[i].iov_len;

		total += len;
		while (len) {
			uint32_t n = len;
			uint8_t *to = chunk(&p->ring, p->write, &n);

			memcpy(to, from, n);
			p->write = advance(&p->ring, p->write, n);
			from += n;
			len -= n;
		}
	}
	/* What is smaller went past who waits */
	if (p->waiting && total >= p->waiting) {
		store(&p->ring.hdr->pending_send_size, 0);
		p->waiting = 0;
	}
}

bool ring_producer_publish(struct ring_producer *p)
{
	struct vmbus_ring_header *hdr = p->ring.hdr;
	uint32_t old = p->published;

	if (p->write == old || p->lied)
		return false;
	/* Release: the packets are there before the index that names them. */
	store(&hdr->write_index, p->write);
	p->published = p->write;

	full_fence();	/* (A), against the guest's (B) */

	if (load(&hdr->interrupt_mask))
		return false;
	/* Acquire on the mask keeps this load behind it. */
	return load(&hdr->read_index) == old;
}

void ring_producer_lie(struct ring_producer *p, uint32_t index)
{
	store(&p->ring.hdr->write_index, index);
	p->lied = true;
}

int ring_producer_wait(struct ring_producer *p, uint32_t len)
{
	int room;

	store(&p->ring.hdr->pending_send_size, len);
	p->waiting = len;

	full_fence();	/* (D), against the guest's (C) */

	room = ring_producer_room(p);
	if (room < 0)
		return room;
	return (uint32_t)room >= len;
}
