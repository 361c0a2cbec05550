/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMBus as a NIC sees it, without rings: packets from the guest are queued here,
 * packets to the guest are taken from here.
 */
#ifndef FAKE_VMBUS_H
#define FAKE_VMBUS_H

#include <stdbool.h>
#include <stdint.h>

#include "fake_loop.h"
#include "vmbus.h"

#define FAKE_PAYLOAD_MAX	256
#define FAKE_RANGES_MAX		600

/**
 * struct fake_sent - one packet that the host sent
 * @type, @flags, @trans_id: of its descriptor
 * @set_id, @range, @ranges: of a transfer-page packet
 * @payload: @len bytes
 */
struct fake_sent {
	struct fake_sent *next;
	uint16_t type;
	uint16_t flags;
	uint64_t trans_id;
	uint16_t set_id;
	struct vmbus_xfer_range range[FAKE_RANGES_MAX];
	uint32_t ranges;
	uint8_t payload[FAKE_PAYLOAD_MAX];
	uint32_t len;
};

/** fake_vmbus_reset() - all channels, GPADLs, posted calls and timers are gone */
void fake_vmbus_reset(void);

/** fake_chan() - the channel of that sub-channel index that is offered now, or NULL */
struct vmbus_channel *fake_chan(unsigned int sub);
/** fake_strange() - one that no honest host offers */
struct vmbus_channel *fake_strange(unsigned int sub);
/** fake_bus() - the channel of the virtual PCI bus that is offered now, or NULL */
struct vmbus_channel *fake_bus(void);
void fake_open(struct vmbus_channel *chan);
/** fake_open_refused() - the guest tries to; return: whether the host refused */
bool fake_open_refused(struct vmbus_channel *chan);
/** fake_opening() - whether the guest still waits for the host to open it */
bool fake_opening(const struct vmbus_channel *chan);
/** fake_close() - the guest closes it; a primary takes its sub-channels along */
void fake_close(struct vmbus_channel *chan);
/** fake_release() - RELID_RELEASED of a rescinded channel */
void fake_release(struct vmbus_channel *chan);
bool fake_rescinded(const struct vmbus_channel *chan);
/** fake_failed() - whether vmbus_fail() was called */
bool fake_failed(const struct vmbus_channel *chan);

/** fake_room() - let the ring to the guest take @packets more; UINT32_MAX: no limit */
void fake_room(struct vmbus_channel *chan, uint32_t packets);
/** fake_signals() - vmbus_signal() calls that had something to show */
unsigned int fake_signals(const struct vmbus_channel *chan);
/** fake_lies() - vmbus_lie() calls */
unsigned int fake_lies(const struct vmbus_channel *chan);

/**
 * fake_push() - a packet from the guest; taken with the next fake_run()
 * @ranges: its GPA ranges, copied by reference; NULL for none
 */
void fake_push(struct vmbus_channel *chan, uint16_t type, uint16_t flags,
	       uint64_t id, const void *payload, uint32_t len,
	       const struct iovec *ranges, uint32_t count);

/** fake_run() - process() of the channel, then all posted calls */
void fake_run(struct vmbus_channel *chan);

/** fake_take() - the oldest packet sent on the channel. Return: false when there is none */
bool fake_take(struct vmbus_channel *chan, struct fake_sent *sent);

/** fake_gpadl() - guest memory of @len bytes under @handle. Return: the memory */
uint8_t *fake_gpadl(uint32_t handle, uint32_t len);
/** fake_gpadl_tear() - the guest tears it down */
void fake_gpadl_tear(uint32_t handle);

#endif
