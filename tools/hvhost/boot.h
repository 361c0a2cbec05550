/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts a Linux kernel into guest RAM, ready to be entered in 64-bit mode.
 */
#ifndef HVHOST_BOOT_H
#define HVHOST_BOOT_H

#include <stdint.h>

/**
 * struct boot_request - what to boot
 * @kernel: bzImage
 * @initrds: files that are laid one behind the other, each padded to 4 bytes
 * @initrd_count: how many, may be 0
 * @cmdline: kernel command line
 * @ram: bytes of RAM; the first 3 GiB lie at 0, the rest at 4 GiB
 * @rsdp: guest-physical address of the ACPI root pointer
 */
struct boot_request {
	const char *kernel;
	const char **initrds;
	unsigned int initrd_count;
	const char *cmdline;
	uint64_t ram;
	uint64_t rsdp;
};

/**
 * struct boot_entry - state in which the boot CPU starts
 * @rip: first instruction
 * @rsi: boot parameters
 * @cr3: page tables, the first 4 GiB mapped one to one
 * @gdt: descriptor table with the flat segments 0x10 (code) and 0x18 (data)
 * @gdt_len: its bytes
 */
struct boot_entry {
	uint64_t rip;
	uint64_t rsi;
	uint64_t cr3;
	uint64_t gdt;
	uint16_t gdt_len;
};

#define BOOT_CS		0x10
#define BOOT_DS		0x18

/**
 * boot_load() - load kernel and initrds, write the boot parameters
 *
 * A file that cannot be read, is no kernel or does not fit ends hvhost with a
 * message (fatal()).
 *
 * Context: set-up; RAM is there and zero.
 */
struct boot_entry boot_load(const struct boot_request *req);

#endif
