/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A Linux x86 kernel image file, looked at (boot protocol of the kernel's
 * Documentation/x86/boot.rst). Pure: no guest, no KVM.
 */
#ifndef HVHOST_BZIMAGE_H
#define HVHOST_BZIMAGE_H

#include <stddef.h>
#include <stdint.h>

#include <asm/bootparam.h>

#define BZIMAGE_ENTRY_64	0x200	/* 64-bit entry, from the payload's start */

/**
 * struct bzimage - what the loader has to know of an image
 * @hdr: copy of the setup header; fields that the image does not have are 0
 * @payload: protected-mode part, inside the caller's buffer
 * @payload_len: bytes
 * @load_addr: guest-physical address that the kernel prefers
 * @init_size: bytes of RAM from @load_addr that it needs until it runs
 * @initrd_max: highest address an initrd's last byte may have
 * @cmdline_max: longest command line, without the zero
 */
struct bzimage {
	struct setup_header hdr;
	const void *payload;
	size_t payload_len;
	uint64_t load_addr;
	uint64_t init_size;
	uint64_t initrd_max;
	uint32_t cmdline_max;
};

/**
 * bzimage_parse() - check @file and describe it
 * @file: @len bytes, trusted in nothing
 *
 * Return: NULL, or in a few words why this is not an image that can be booted.
 */
const char *bzimage_parse(const void *file, size_t len, struct bzimage *out);

#endif
