/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One VMBus ring in guest memory, from either end: indices, copying and the
 * question whether the other side wants a signal (Documentation/protocol.md
 * C.1, C.2, C.7). Knows nothing of packets, channels or KVM.
 *
 *               read            write
 *   data:  ......|###############|..............   D bytes, D = (pages - 1) * 4096
 *                ^ consumer takes ^ producer adds
 *
 * The words of a consumer are avail, copy, skip, publish, mask and unmask; those
 * of a producer room, put, publish and wait. What one end has skipped or put is
 * private until it publishes it. The side that publishes is told whether it must
 * signal; ring.c never signals.
 *
 * The other side may write anything anywhere at any time. Each end therefore
 * keeps its own index and the last good one of the other side in private memory,
 * and never reads its own back.
 */
#ifndef HVHOST_RING_H
#define HVHOST_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vmbus_abi.h"

/**
 * struct ring - where a ring lies
 * @hdr: its first page, shared with the other side
 * @data: pointers to its data pages; owned by the caller
 * @size: bytes of data (D)
 */
struct ring {
	struct vmbus_ring_header *hdr;
	uint8_t *const *data;
	uint32_t size;
};

/**
 * struct ring_consumer - the reading end
 * @ring: the ring
 * @read: next byte to read, private
 * @published: read index that the producer has been told
 * @write: last good write index of the producer
 * @seen: index last loaded from the producer, good or bad, for messages
 * @masked: we asked not to be signalled
 */
struct ring_consumer {
	struct ring ring;
	uint32_t read;
	uint32_t published;
	uint32_t write;
	uint32_t seen;
	bool masked;
};

/**
 * struct ring_producer - the writing end
 * @ring: the ring
 * @write: next byte to write, private
 * @published: write index that the consumer has been told
 * @read: last good read index of the consumer
 * @seen: index last loaded from the consumer, good or bad, for messages
 * @waiting: pending send size, 0 when nobody waits
 * @lied: the consumer was shown an index that is none; nothing else is shown
 */
struct ring_producer {
	struct ring ring;
	uint32_t write;
	uint32_t published;
	uint32_t read;
	uint32_t seen;
	uint32_t waiting;
	bool lied;
};

/**
 * ring_consumer_init() - take up reading where the ring's header says
 * @pages: pointers to all pages, header first; must stay valid
 * @count: pages, at least 2
 * Return: 0, or -EPROTO when an index is no place in the ring.
 */
int ring_consumer_init(struct ring_consumer *c, uint8_t *const *pages,
		       uint32_t count);

/**
 * ring_consumer_avail() - bytes that can be read now
 * Return: bytes (0 = empty), or -EPROTO when the write index is not a multiple
 * of 8, not in the ring, or went backwards; @seen has it.
 */
int ring_consumer_avail(struct ring_consumer *c);

/** ring_consumer_copy() - copy @len bytes out that start @off bytes after the read index */
void ring_consumer_copy(const struct ring_consumer *c, uint32_t off, void *dst,
			uint32_t len);

/** ring_consumer_skip() - done with @len bytes, a multiple of 8 */
void ring_consumer_skip(struct ring_consumer *c, uint32_t len);

/**
 * ring_consumer_publish() - give everything skipped back to the producer
 * Return: whether the producer waits for room and this gave it (C.7).
 */
bool ring_consumer_publish(struct ring_consumer *c);

/**
 * ring_consumer_mask() - ask not to be signalled
 * Return: false when the producer has changed the mask, which is ours (C.7).
 */
bool ring_consumer_mask(struct ring_consumer *c);

/**
 * ring_consumer_unmask() - ask to be signalled again
 * Return: whether something came meanwhile: there may be no signal for it.
 */
bool ring_consumer_unmask(struct ring_consumer *c);

/** ring_producer_init() - as ring_consumer_init(), for the writing end */
int ring_producer_init(struct ring_producer *p, uint8_t *const *pages,
		       uint32_t count);

/**
 * ring_producer_room() - largest number of bytes, a multiple of 8, that
 *	ring_producer_put() may be given now
 * Return: it, or -EPROTO when the read index is not a multiple of 8, not in the
 * ring, or passed what was written or went backwards; @seen has it.
 */
int ring_producer_room(struct ring_producer *p);

/**
 * ring_producer_put() - write bytes after those written so far
 * @iov: @cnt pieces, their sum a multiple of 8 and within ring_producer_room()
 */
void ring_producer_put(struct ring_producer *p, const struct iovec *iov,
		       unsigned int cnt);

/**
 * ring_producer_publish() - show the consumer everything put so far
 * Return: whether to signal it: not masked, and the ring was empty (C.7).
 */
bool ring_producer_publish(struct ring_producer *p);

/**
 * ring_producer_lie() - show the consumer a write index of one's own making (fault
 *	injection); what is published later does not heal it
 */
void ring_producer_lie(struct ring_producer *p, uint32_t index);

/**
 * ring_producer_wait() - tell the consumer that we wait for room
 * @len: bytes that did not fit, less than the ring's size
 *
 * Publish first: the consumer frees room only by reading.
 *
 * Return: 0 it will signal; 1 there is room after all; -EPROTO as
 * ring_producer_room().
 */
int ring_producer_wait(struct ring_producer *p, uint32_t len);

#endif
