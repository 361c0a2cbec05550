/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's serial port: a 16550A at 0x3F8, IRQ 4 (Linux' ttyS0).
 */
#ifndef HVHOST_SERIAL_H
#define HVHOST_SERIAL_H

#include <stddef.h>
#include <stdint.h>

/** serial_init() - register its ports. Context: before the vCPUs run. */
void serial_init(void);

/** serial_room() - bytes of input that serial_receive() would take now */
size_t serial_room(void);

/**
 * serial_receive() - input for the guest; what there is no room for is lost
 * Context: any thread.
 */
void serial_receive(const uint8_t *data, size_t len);

#endif
