/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SynIC, the side of the machine: what main() and the vCPUs call. Devices use
 * synic.h.
 */
#ifndef HVHOST_SYNIC_HOST_H
#define HVHOST_SYNIC_HOST_H

#include <stdint.h>
#include <stdio.h>

/**
 * synic_init() - connect the SINT of each VP with the I/O thread
 * @cpus: VPs, 0 to @cpus - 1
 * Context: set-up, interrupt routes are programmed.
 */
void synic_init(unsigned int cpus);

/**
 * synic_pages_changed() - a guest wrote SCONTROL, SIMP or SIEFP
 * @control: SCONTROL
 * @event_page: SIEFP, @message_page: SIMP
 *
 * When it returns, newly enabled pages are zero.
 *
 * Context: thread of the vCPU.
 */
void synic_pages_changed(uint32_t vp, uint64_t control, uint64_t event_page,
			 uint64_t message_page);

/** synic_deliver_post() - hand a checked message to the handler. Context: I/O thread. */
void synic_deliver_post(uint32_t vp, uint32_t conn_id, const void *payload,
			uint32_t len);

/** synic_backlog() - messages that wait for their slot. Context: any thread. */
unsigned int synic_backlog(void);

/** synic_report() - counters, "synic.NAME count" a line. Context: I/O thread. */
void synic_report(FILE *out);

#endif
