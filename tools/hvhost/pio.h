/* SPDX-License-Identifier: GPL-2.0 */
/*
 * I/O ports of the emulated machine: who owns which.
 */
#ifndef HVHOST_PIO_H
#define HVHOST_PIO_H

#include <stdint.h>

/**
 * struct pio_device - a range of ports
 * @base: first port
 * @count: ports
 * @name: for the error when two overlap
 * @in: value of @size bytes (1, 2 or 4) at @off from @base; NULL reads ones
 * @out: the same, written; NULL ignores it
 *
 * The callbacks run in the thread of the vCPU that did the access, several at
 * a time. An access never leaves the range.
 */
struct pio_device {
	uint16_t base;
	uint16_t count;
	const char *name;
	uint32_t (*in)(uint16_t off, uint8_t size);
	void (*out)(uint16_t off, uint8_t size, uint32_t value);
};

/**
 * pio_register() - add a device; @dev must stay valid
 * Context: before the vCPUs run. Aborts when the ranges of two overlap.
 */
void pio_register(const struct pio_device *dev);

/**
 * pio_access() - one access of the guest
 * @is_out: direction
 * @port: first port
 * @size: 1, 2 or 4 bytes
 * @data: @size bytes, read or filled
 *
 * What nobody owns reads all ones and ignores writes.
 *
 * Context: vCPU thread.
 */
void pio_access(int is_out, uint16_t port, uint8_t size, void *data);

#endif
