// SPDX-License-Identifier: GPL-2.0
/*
 * Memory-mapped registers: the table, and the way from a vCPU to the I/O thread.
 *
 * A write is posted, as on a PCI bus: the vCPU goes on, and what it reads
 * afterwards has seen the write, since the loop keeps the order.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "loop.h"
#include "mmio.h"

/* Writes on their way; a vCPU that makes more waits for the I/O thread */
#define WRITES_MAX	1024u

/**
 * struct access - one access on its way
 * @value: written, or read
 */
struct access {
	uint64_t addr;
	unsigned int size;
	uint64_t value;
};

static struct mmio_region *regions;	/* I/O thread only */
static atomic_uint writes_queued;

static bool inside(uint64_t addr, uint64_t len, uint64_t base, uint64_t size)
{
	/* Subtractions only: no sum of guest values can wrap. */
	return addr >= base && addr - base < size && len <= size - (addr - base);
}

static bool in_window(uint64_t addr, uint64_t len)
{
	return inside(addr, len, LAYOUT_MMIO_LOW, LAYOUT_MMIO_LOW_LEN) ||
	       inside(addr, len, LAYOUT_MMIO_HIGH, LAYOUT_MMIO_HIGH_LEN);
}

int mmio_add(struct mmio_region *region)
{
	const struct mmio_region *r;

	if (!region->len || !in_window(region->base, region->len))
		return -ERANGE;
	for (r = regions; r; r = r->next)
		if (region->base < r->base + r->len &&
		    r->base < region->base + region->len)
			return -EEXIST;
	region->next = regions;
	regions = region;
	return 0;
}

void mmio_del(struct mmio_region *region)
{
	struct mmio_region **at;

	for (at = &regions; *at; at = &(*at)->next) {
		if (*at == region) {
			*at = region->next;
			return;
		}
	}
}

static const struct mmio_region *find(const struct access *a)
{
	const struct mmio_region *r;

	for (r = regions; r; r = r->next)
		if (inside(a->addr, a->size, r->base, r->len))
			return r;
	return NULL;
}

static void do_read(void *ctx)
{
	struct access *a = ctx;
	const struct mmio_region *r = find(a);

	if (r)
		a->value = r->read(r->ctx, a->addr - r->base, a->size);
}

static void do_write(void *ctx)
{
	const struct access *a = ctx;
	const struct mmio_region *r = find(a);

	if (r)
		r->write(r->ctx, a->addr - r->base, a->size, a->value);
}

static void posted_write(void *ctx)
{
	do_write(ctx);
	atomic_fetch_sub(&writes_queued, 1);
	free(ctx);
}

static void post_write(struct access *a)
{
	struct access *copy = NULL;

	if (atomic_load(&writes_queued) < WRITES_MAX)
		copy = malloc(sizeof(*copy));
	if (!copy) {
		loop_call(do_write, a);
		return;
	}
	*copy = *a;
	atomic_fetch_add(&writes_queued, 1);
	if (!loop_post(posted_write, copy))
		return;
	atomic_fetch_sub(&writes_queued, 1);
	free(copy);
	loop_call(do_write, a);
}

void mmio_access(bool is_write, uint64_t addr, unsigned int size, void *data)
{
	struct access a = { .addr = addr, .size = size };

	if (size > sizeof(a.value))
		return;
	if (is_write) {
		memcpy(&a.value, data, size);
		if (in_window(addr, size))
			post_write(&a);
		return;
	}
	a.value = UINT64_MAX;
	if (in_window(addr, size))
		loop_call(do_read, &a);
	memcpy(data, &a.value, size);
}
