/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the wire headers need from their surroundings, in the kernel and in
 * user space alike.
 *
 * nvsp.h, rndis.h and the pure code on top of them (rndis_wire.c, nvsp_wire.c)
 * are compiled into the driver, into unit tests and fuzzers and into the
 * emulated host. They include this file and nothing else; it is the only place
 * that knows which of these worlds it stands in.
 */
#ifndef _HYPERV_WIRE_TYPES_H
#define _HYPERV_WIRE_TYPES_H

#ifdef __KERNEL__

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#else /* user space */

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;

#ifndef __force
#define __force
#endif
#ifndef __packed
#define __packed		__attribute__((__packed__))
#endif
#ifndef BIT
#define BIT(nr)			(1UL << (nr))
#endif
#ifndef likely
#define likely(condition)	__builtin_expect(!!(condition), 1)
#endif
#ifndef U32_MAX
#define U32_MAX			((u32)~0U)
#endif

/* As in the kernel, and unlike htole32(), constant for a constant */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define wire_swap16(val)	((u16)(val))
#define wire_swap32(val)	((u32)(val))
#define wire_swap64(val)	((u64)(val))
#else
#define wire_swap16(val)	__builtin_bswap16(val)
#define wire_swap32(val)	__builtin_bswap32(val)
#define wire_swap64(val)	__builtin_bswap64(val)
#endif

#define cpu_to_le16(val)	((__force __le16)wire_swap16(val))
#define cpu_to_le32(val)	((__force __le32)wire_swap32(val))
#define cpu_to_le64(val)	((__force __le64)wire_swap64(val))
#define le16_to_cpu(val)	wire_swap16((__force u16)(val))
#define le32_to_cpu(val)	wire_swap32((__force u32)(val))
#define le64_to_cpu(val)	wire_swap64((__force u64)(val))

static inline void barrier(void)
{
	__asm__ __volatile__("" : : : "memory");
}

#endif /* __KERNEL__ */

/**
 * wire_fetch - copy bytes that the other side can still rewrite, exactly once
 * @dst: private memory of at least @len bytes
 * @src: shared memory of at least @len bytes, any alignment
 * @len: bytes to copy
 *
 * Everything that is judged is judged in @dst. The barrier keeps the compiler
 * from reading @src again later in place of a value that it has in @dst: such a
 * second read could return what no check has seen. (The check and the use of a
 * value fetched without it may legally come from two loads.)
 *
 * Unaligned @src is fine: messages in the receive buffer stand at any offset,
 * Documentation/protocol.md D.5.
 *
 * Context: Any.
 */
static inline void wire_fetch(void *dst, const void *src, size_t len)
{
	memcpy(dst, src, len);
	barrier();
}

/**
 * wire_fetch_le32 - likewise for one number
 * @src: four bytes of shared memory, any alignment
 *
 * Only this value is made independent of @src: whatever else the compiler has in
 * registers stays there, which counts where many are fetched for each packet.
 *
 * Context: Any.
 * Return: the number.
 */
static inline u32 wire_fetch_le32(const void *src)
{
	__le32 copy;

	memcpy(&copy, src, sizeof(copy));
	/* It comes out of here, for all that the compiler knows, not from @src */
	__asm__ __volatile__("" : "+r" (copy));
	return le32_to_cpu(copy);
}

/**
 * wire_fetch_le64 - likewise for two 32-bit numbers at once
 * @src: eight bytes of shared memory, any alignment
 *
 * Context: Any.
 * Return: the first one in the lower half.
 */
static inline u64 wire_fetch_le64(const void *src)
{
	__le64 copy;

	memcpy(&copy, src, sizeof(copy));
	__asm__ __volatile__("" : "+r" (copy));
	return le64_to_cpu(copy);
}

#endif /* _HYPERV_WIRE_TYPES_H */
