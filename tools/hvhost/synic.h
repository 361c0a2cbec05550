/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SynIC of the emulated host, on KVM's: messages and events to the guest,
 * posted messages and signals from it (Documentation/protocol.md A.3 to A.7).
 */
#ifndef HVHOST_SYNIC_H
#define HVHOST_SYNIC_H

#include <stdint.h>

#include "loop.h"

#define SYNIC_VMBUS_SINT	2
#define SYNIC_PAYLOAD_MAX	240

#define HV_STATUS_SUCCESS			0x0000
#define HV_STATUS_INVALID_HYPERCALL_INPUT	0x0003
#define HV_STATUS_INVALID_ALIGNMENT		0x0004
#define HV_STATUS_INVALID_PARAMETER		0x0005
#define HV_STATUS_INSUFFICIENT_MEMORY		0x000B
#define HV_STATUS_INVALID_PORT_ID		0x0011
#define HV_STATUS_INVALID_CONNECTION_ID		0x0012

/**
 * synic_send_message() - queue a message for a VP's slot of SINT 2
 * @vp: VP index
 * @payload: @len bytes (<= 240), copied
 *
 * One message in the slot, FIFO behind it (A.4). Never blocks, never lost.
 *
 * Context: I/O thread.
 */
void synic_send_message(uint32_t vp, const void *payload, uint8_t len);

/** synic_drop_messages() - forget what is queued (connection reset). Context: I/O thread. */
void synic_drop_messages(void);

/**
 * synic_set_event() - set event flag @flag (a relid) of SINT 2 on @vp and raise it
 * Context: I/O thread.
 */
void synic_set_event(uint32_t vp, uint32_t flag);

/** synic_vp_valid() - whether such a VP exists */
int synic_vp_valid(uint32_t vp);

/**
 * synic_connect() - have HvSignalEvent on @conn_id call @fn in the I/O thread
 * @conn_id: 24 bits, unused
 *
 * Several signals may become one call.
 *
 * Context: I/O thread. Return: 0 or -errno.
 */
int synic_connect(uint32_t conn_id, loop_fn fn, void *ctx);
/** synic_disconnect() - undo; no call after return. Context: I/O thread. */
void synic_disconnect(uint32_t conn_id);

/**
 * typedef synic_post_fn - one HvPostMessage of the guest
 * @conn_id: connection id it was posted to (1 or 4; others were refused)
 * @payload: private copy of @len bytes (<= 240)
 * Context: I/O thread, in the order of posting.
 */
typedef void (*synic_post_fn)(void *ctx, uint32_t vp, uint32_t conn_id,
			      const void *payload, uint32_t len);
void synic_set_post_handler(synic_post_fn fn, void *ctx);

#endif
