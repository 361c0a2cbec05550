/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's physical address space, in one place. dsdt.asl repeats the two
 * VMBus windows, and power.h the ports.
 *
 *	0000_0000  RAM, up to 3 GiB; in the first MiB:
 *		0000_0500  GDT of the boot CPU
 *		0000_7000  boot parameters ("zero page")
 *		0000_9000  identity page tables, 6 pages
 *		0002_0000  kernel command line
 *		000A_0000  hole for the guest (RAM behind it is not announced)
 *		000E_0000  ACPI tables
 *	D000_0000  hostctl window, 1 MiB, not RAM
 *	E000_0000  VMBus MMIO window, 256 MiB
 *	FEC0_0000  IO-APIC
 *	FEE0_0000  local APIC
 *	FFFB_C000  4 pages that KVM needs on Intel
 *	1_0000_0000  rest of the RAM
 *	8_0000_0000  VMBus MMIO window, 32 GiB
 */
#ifndef HVHOST_LAYOUT_H
#define HVHOST_LAYOUT_H

#define MIB			(1ull << 20)
#define GIB			(1ull << 30)

#define LAYOUT_GDT		0x500
#define LAYOUT_ZERO_PAGE	0x7000
#define LAYOUT_PAGE_TABLES	0x9000
#define LAYOUT_CMDLINE		0x20000
#define LAYOUT_CMDLINE_MAX	0x10000
#define LAYOUT_LOW_RAM_END	0xA0000
#define LAYOUT_ACPI		0xE0000
#define LAYOUT_ACPI_END		0x100000
#define LAYOUT_HIGH_RAM		MIB	/* first RAM above the legacy hole */
#define LAYOUT_RAM_HOLE		(3 * GIB)	/* RAM below 4 GiB ends here */
#define LAYOUT_HOSTCTL		0xD0000000ull
#define LAYOUT_KVM_IDENTITY	0xFFFBC000ull
#define LAYOUT_KVM_TSS		0xFFFBD000ull
#define LAYOUT_IOAPIC		0xFEC00000u
#define LAYOUT_LAPIC		0xFEE00000u
#define LAYOUT_RAM_ABOVE	(4 * GIB)
#define LAYOUT_MMIO_LOW		0xE0000000ull
#define LAYOUT_MMIO_LOW_LEN	(256 * MIB)
#define LAYOUT_MMIO_HIGH	(32 * GIB)
#define LAYOUT_MMIO_HIGH_LEN	(32 * GIB)

/* RAM in MiB: what a small kernel needs, and what fits below the high window */
#define LAYOUT_MIN_MIB		64
#define LAYOUT_MAX_MIB		((LAYOUT_MMIO_HIGH - GIB) / MIB)

#define LAYOUT_MAX_CPUS		64
#define LAYOUT_MAX_NODES	8

#endif
