/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory-mapped registers: who answers for which guest-physical addresses inside
 * the VMBus windows of layout.h. Nothing there has memory behind it, so each
 * access of the guest leaves it.
 */
#ifndef HVHOST_MMIO_H
#define HVHOST_MMIO_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct mmio_region - a range of registers, embedded in its owner
 * @base: first guest-physical address
 * @len: bytes
 * @read: value of @size bytes (1, 2, 4 or 8) at @off, which lie inside. Context:
 *	I/O thread; a vCPU waits for it.
 * @write: the guest wrote @value there. Context: I/O thread, in the order of the
 *	vCPU's writes; the vCPU may be further on by then.
 * @ctx: their argument
 * @next: of the table
 */
struct mmio_region {
	uint64_t base;
	uint64_t len;
	uint64_t (*read)(void *ctx, uint64_t off, unsigned int size);
	void (*write)(void *ctx, uint64_t off, unsigned int size, uint64_t value);
	void *ctx;
	struct mmio_region *next;
};

/**
 * mmio_add() - answer for a range from now on
 *
 * Context: I/O thread.
 * Return: 0; -ERANGE not wholly inside a window; -EEXIST another region is there.
 */
int mmio_add(struct mmio_region *region);

/** mmio_del() - undo; harmless when it is not there. Context: I/O thread. */
void mmio_del(struct mmio_region *region);

/**
 * mmio_access() - an access of the guest
 * @data: @size bytes; a read fills them, with ones where nobody answers
 *
 * A read returns when it was answered; a write returns at once unless many are
 * on their way.
 *
 * Context: thread of the vCPU.
 */
void mmio_access(bool is_write, uint64_t addr, unsigned int size, void *data);

#endif
