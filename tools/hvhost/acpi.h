/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ACPI tables of the emulated machine.
 */
#ifndef HVHOST_ACPI_H
#define HVHOST_ACPI_H

#include <stdint.h>

/**
 * acpi_build() - write RSDP, XSDT, FADT, MADT, SRAT and DSDT into guest RAM
 * @cpus: vCPUs; the APIC id of each is its index
 * @nodes: NUMA nodes; for one there is no SRAT
 * @ram: bytes of guest RAM
 *
 * They lie at LAYOUT_ACPI, where a kernel finds the RSDP by itself too.
 *
 * Context: set-up; RAM is there.
 * Return: guest-physical address of the RSDP.
 */
uint64_t acpi_build(unsigned int cpus, unsigned int nodes, uint64_t ram);

#endif
