/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hostctl as guest and host share it: a window of memory and one doorbell.
 *
 * The guest writes a request into the window and its operation into the
 * header, then writes HOSTCTL_ABI to the doorbell port (32 bits). When the
 * write has returned, status and reply are there. Requests of several
 * processes must not mix: the guest's program holds a lock on /dev/mem.
 */
#ifndef HVHOST_HOSTCTL_ABI_H
#define HVHOST_HOSTCTL_ABI_H

#include <stdint.h>

#define HOSTCTL_WINDOW_GPA	0xD0000000ull
#define HOSTCTL_WINDOW_LEN	0x100000u
#define HOSTCTL_PORT		0x510
#define HOSTCTL_MAGIC		0x48435648u	/* "HVCH" */
#define HOSTCTL_ABI		1u

#define HOSTCTL_REQUEST_OFF	0x1000u
#define HOSTCTL_REQUEST_MAX	(HOSTCTL_REPLY_OFF - HOSTCTL_REQUEST_OFF)
#define HOSTCTL_REPLY_OFF	0x80000u
#define HOSTCTL_REPLY_MAX	(HOSTCTL_WINDOW_LEN - HOSTCTL_REPLY_OFF)

/**
 * enum hostctl_op - what the request is
 * @HOSTCTL_OP_COMMAND: words, each with its zero byte; the reply is text
 * @HOSTCTL_OP_OUTPUT: bytes for the host's --output; no reply
 */
enum hostctl_op {
	HOSTCTL_OP_COMMAND = 1,
	HOSTCTL_OP_OUTPUT = 2,
};

/* Status of a reply, which is the exit status of the guest's program */
#define HOSTCTL_OK	0
#define HOSTCTL_REFUSED	1	/* understood, but not possible now; the reply says why */
#define HOSTCTL_UNKNOWN	2	/* no such command or argument */
/* It takes longer, and neither a vCPU nor the I/O thread waits: the reply is another
 * request, to be sent a moment later
 */
#define HOSTCTL_LATER	3

/**
 * struct hostctl_header - start of the window
 * @magic: HOSTCTL_MAGIC, written by the host at the start
 * @abi: HOSTCTL_ABI, written by the host at the start
 * @op: request: enum hostctl_op
 * @request_len: request: bytes at HOSTCTL_REQUEST_OFF
 * @status: reply: HOSTCTL_OK, ...
 * @reply_len: reply: bytes at HOSTCTL_REPLY_OFF; longer replies are cut
 */
struct hostctl_header {
	uint32_t magic;
	uint32_t abi;
	uint32_t op;
	uint32_t request_len;
	uint32_t status;
	uint32_t reply_len;
};

#endif
