/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message in memory that is shared with a hostile host. Put before the first
 * line of the code under test ("-include"), it takes the place of memcpy(), which
 * is all that wire_fetch() is made of in user space.
 *
 * - Bytes of the message are had through wire_fetch() and in no other way: read
 *   directly, the sanitizer stops the run.
 * - The host may rewrite what was read while it is being judged: a second look
 *   at a byte finds another one, if the input wants it so. What a decoder then
 *   returns must be as sound as ever (Documentation/protocol.md I.1 rule 1).
 */
#ifndef FUZZ_SHARED_H
#define FUZZ_SHARED_H

#include <string.h>

/**
 * struct shared - how a message lies
 * @skew: bytes before it; it ends where its allocation ends
 * @change: how bytes change once they were read; 0: they stay
 */
struct shared {
	unsigned char skew;
	unsigned char change;
};

/** shared_map() - put @len bytes there; one message at a time */
const void *shared_map(const void *bytes, unsigned int len, struct shared how);
void shared_unmap(void);
/** shared_copy() - memcpy() of the code under test */
void *shared_copy(void *dst, const void *src, size_t len);

#ifdef SHARED_MEMCPY
#define memcpy(dst, src, len)	shared_copy(dst, src, len)
#endif

#endif
