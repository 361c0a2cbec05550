/* SPDX-License-Identifier: GPL-2.0 */
/* What the unit tests share: messages of words, patches, random numbers. */
#ifndef _UNIT_H
#define _UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "oracle.h"

/* Write @value at byte @at; patches end with one that has @size 0 */
struct patch {
	u32 at;
	u64 value;
	u32 size;
};

#define P8(at, value)	{ at, value, 1 }
#define P16(at, value)	{ at, value, 2 }
#define P32(at, value)	{ at, value, 4 }
#define P64(at, value)	{ at, value, 8 }

static inline void put_le(u8 *at, u64 value, u32 size)
{
	for (; size; size--, value >>= 8)
		*at++ = (u8)value;
}

static inline void apply(u8 *msg, const struct patch *patch)
{
	for (; patch->size; patch++)
		put_le(msg + patch->at, patch->value, patch->size);
}

/*
 * A copy of @len bytes that ends where its allocation ends, so that one byte
 * too far is seen by the sanitizer, and starts at any alignment, as messages in
 * a receive buffer do.
 */
struct exact {
	void *mem;
	u8 *msg;
};

static inline struct exact exact_copy(const void *from, u32 len, u32 skew)
{
	struct exact copy = { .mem = malloc(len + skew + !(len + skew)) };

	assert_non_null(copy.mem);
	copy.msg = (u8 *)copy.mem + skew;
	memcpy(copy.msg, from, len);
	return copy;
}

static inline u32 env_u32(const char *name, u32 otherwise)
{
	const char *text = getenv(name);

	return text ? (u32)strtoul(text, NULL, 0) : otherwise;
}

/* xorshift; WIRE_SEED and WIRE_ROUNDS repeat or lengthen a duel */
static u64 random_state;

static inline void random_start(void)
{
	u32 seed = env_u32("WIRE_SEED", 20261122);

	random_state = seed * 2685821657736338717ULL + 1;
	printf("# WIRE_SEED=%u\n", seed);
}

static inline u32 random_below(u32 limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (u32)((random_state >> 32) * limit >> 32);
}

/* Mostly numbers at which a check could be off by one or wrap */
static inline u32 nasty(u32 near)
{
	switch (random_below(8)) {
	case 0:
		return 0;
	case 1:
		return U32_MAX - random_below(64);
	case 2:
		return 0x80000000 - 8 + random_below(16);
	case 3:
		return random_below(U32_MAX);
	case 4:
		return random_below(128);
	default:
		return near - 8 + random_below(16);
	}
}

/* One cmocka test a row, under the row's name */
#define ADD_ROWS(tests, count, rows, function)				\
	do {								\
		for (size_t i_ = 0; i_ < ARRAY_LEN(rows); i_++)		\
			(tests)[(count)++] = (struct CMUnitTest) {	\
				.name = (rows)[i_].name,		\
				.test_func = (function),		\
				.initial_state = (void *)&(rows)[i_],	\
			};						\
	} while (0)

#define ARRAY_LEN(array)	(sizeof(array) / sizeof((array)[0]))

#endif /* _UNIT_H */
