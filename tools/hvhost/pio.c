// SPDX-License-Identifier: GPL-2.0
/*
 * I/O ports: a table short enough to be searched from the start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "msg.h"
#include "pio.h"

#define PIO_MAX_DEVICES	16

static const struct pio_device *devices[PIO_MAX_DEVICES];
static unsigned int device_count;

void pio_register(const struct pio_device *dev)
{
	for (unsigned int i = 0; i < device_count; i++) {
		const struct pio_device *other = devices[i];

		if (dev->base < other->base + other->count &&
		    other->base < dev->base + dev->count) {
			msg("ports of %s and %s overlap", dev->name, other->name);
			abort();
		}
	}
	if (device_count == PIO_MAX_DEVICES)
		abort();
	devices[device_count++] = dev;
}

static const struct pio_device *find(uint16_t port, uint8_t size)
{
	for (unsigned int i = 0; i < device_count; i++) {
		const struct pio_device *dev = devices[i];

		if (port >= dev->base &&
		    port + size <= dev->base + dev->count)
			return dev;
	}
	return NULL;
}

void pio_access(int is_out, uint16_t port, uint8_t size, void *data)
{
	const struct pio_device *dev = find(port, size);
	uint32_t value = UINT32_MAX;

	if (size > sizeof(value))
		return;
	if (is_out) {
		value = 0;
		memcpy(&value, data, size);
		if (dev && dev->out)
			dev->out((uint16_t)(port - dev->base), size, value);
		return;
	}
	if (dev && dev->in)
		value = dev->in((uint16_t)(port - dev->base), size);
	memcpy(data, &value, size);
}
