/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine under the VMBus server, made of arrays: guest RAM, SynIC, hostctl
 * and the reporter of violations. It records what the server does, for the tests to look at.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_RAM_PAGES	4096u	/* RAM is [0, 16 MiB) */
#define FAKE_VPS	4u

/** fake_reset() - zero RAM and forget all that was recorded; keeps the server's handlers */
void fake_reset(void);

/** fake_page() - guest RAM by page number; aborts when there is none */
uint8_t *fake_page(uint64_t pfn);

/** fake_post() - HvPostMessage of the guest on connection id 4 */
void fake_post(const void *msg, uint32_t len);

/**
 * fake_take_message() - the oldest message to the guest
 * @buf: 240 bytes
 * @vp: VP it was sent to, may be NULL
 * Return: its length, or -1 when there is none.
 */
int fake_take_message(void *buf, uint32_t *vp);

/** fake_signal() - HvSignalEvent of the guest; false when nobody listens on @conn_id */
bool fake_signal(uint32_t conn_id);
/** fake_connected() - whether somebody listens on @conn_id */
bool fake_connected(uint32_t conn_id);

/** fake_events() - interrupts raised for flag @flag on @vp since fake_reset() */
unsigned int fake_events(uint32_t vp, uint32_t flag);

/** fake_msis() - interrupt messages sent since fake_reset(); the last one's in *@address and *@data */
unsigned int fake_msis(uint64_t *address, uint32_t *data);

/** fake_hostctl() - run a command; its output is in @out (@size bytes). Return: HOSTCTL_* */
int fake_hostctl(const char *line, char *out, unsigned int size);

/** struct fake_violation - one call of violation() */
struct fake_violation {
	char rule[40];
	char where[96];
	char section[16];
	char text[256];
};

/** fake_take_violation() - the oldest that was not taken yet; false when there is none */
bool fake_take_violation(struct fake_violation *v);

#endif
