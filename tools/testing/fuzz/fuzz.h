/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share: a check that ends the run, and a reader that
 * turns the fuzzer's bytes into fields.
 *
 * A target builds its messages from fields, so that most of what it tries gets
 * past the first checks of a decoder, and lets some fields bend what was built.
 * An input that is too short goes on with zeros: any file is an input.
 *
 * Take one field in a statement: C says nothing about the order of arguments, and
 * an input must be the same to every compiler.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "../../../wire_types.h"

/** LLVMFuzzerTestOneInput() - what a target is: try these bytes, return 0 */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define ARRAY_LEN(array)	(sizeof(array) / sizeof((array)[0]))

static __attribute__((__noinline__, __unused__))
void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: does not hold: %s\n", what);
	abort();
}

/**
 * struct input - what is left of the fuzzer's bytes
 * @at: @left of them
 * @bent: in_bend() has changed something
 */
struct input {
	const u8 *at;
	size_t left;
	bool bent;
};

/** in_bytes() - the next @len bytes to @to, then zeros. Return: how many there were */
static inline u32 in_bytes(struct input *in, void *to, u32 len)
{
	u32 there = in->left < len ? (u32)in->left : len;

	memset(to, 0, len);
	if (!there)
		return 0;
	memcpy(to, in->at, there);
	in->at += there;
	in->left -= there;
	return there;
}

static inline u8 in_u8(struct input *in)
{
	u8 value;

	in_bytes(in, &value, sizeof(value));
	return value;
}

static inline u16 in_u16(struct input *in)
{
	u8 raw[2];

	in_bytes(in, raw, sizeof(raw));
	return (u16)(raw[0] | raw[1] << 8);
}

static inline u32 in_u32(struct input *in)
{
	u32 low = in_u16(in);

	return low | (u32)in_u16(in) << 16;
}

/** in_bend() - @value as it is, mostly; else near it, or anything */
static inline u32 in_bend(struct input *in, u32 value)
{
	u8 how = in_u8(in);

	if (how < 0xC0)
		return value;
	in->bent = true;
	if (how < 0xF0)
		return value + how - 0xD8;
	return in_u32(in);
}

static inline u32 get_le32(const u8 *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (u32)at[3] << 24;
}

static inline u16 get_le16(const u8 *at)
{
	return (u16)(at[0] | at[1] << 8);
}

static inline void put_le32(u8 *at, u32 value)
{
	at[0] = (u8)value;
	at[1] = (u8)(value >> 8);
	at[2] = (u8)(value >> 16);
	at[3] = (u8)(value >> 24);
}

static inline void put_le16(u8 *at, u32 value)
{
	at[0] = (u8)value;
	at[1] = (u8)(value >> 8);
}

#endif
