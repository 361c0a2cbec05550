// SPDX-License-Identifier: GPL-2.0
/* Memory that a hostile host rewrites. See shared.h. */
#include <sanitizer/asan_interface.h>

#include "fuzz.h"
#include "shared.h"

/*
 * The code under test gets @base, which nobody may read; @bytes is what it
 * finds there.
 */
static struct {
	u8 *base;
	u8 *bytes;
	u8 *msg;
	unsigned int len;
	u8 change;
} now;

const void *shared_map(const void *bytes, unsigned int len, struct shared how)
{
	size_t whole = (size_t)how.skew + len + 1;

	require(!now.base, "one message at a time");
	now.base = malloc(whole);
	now.bytes = malloc(len + 1);
	require(now.base && now.bytes, "memory");
	if (len)
		memcpy(now.bytes, bytes, len);
	/* the byte in front keeps an empty message from being the end of it */
	now.msg = now.base + 1 + how.skew;
	now.len = len;
	now.change = how.change;
	ASAN_POISON_MEMORY_REGION(now.msg, len);
	return now.msg;
}

void shared_unmap(void)
{
	ASAN_UNPOISON_MEMORY_REGION(now.msg, now.len);
	free(now.base);
	free(now.bytes);
	now.base = NULL;
}

void *shared_copy(void *dst, const void *src, size_t len)
{
	size_t at = (uintptr_t)src - (uintptr_t)now.msg;
	size_t i;

	if (!now.base || at >= now.len)
		return memcpy(dst, src, len);
	require(len <= now.len - at, "no byte is read behind the message");
	memcpy(dst, now.bytes + at, len);
	/* one byte of each word, so that what comes next may still look right */
	for (i = at; now.change && i < at + len; i++)
		if (i % 4 == now.change % 4)
			now.bytes[i] = (u8)(now.bytes[i] + now.change / 4 + 1);
	return dst;
}
