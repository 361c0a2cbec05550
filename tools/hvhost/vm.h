/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual machine: KVM's file descriptors, RAM, interrupt controllers.
 */
#ifndef HVHOST_VM_H
#define HVHOST_VM_H

#include <stdbool.h>
#include <stdint.h>

/**
 * vm_create() - open KVM, check what it can, make the VM with @ram bytes
 * @cpus: vCPUs it will get
 *
 * RAM is zero, aligned to 2 MiB, and in huge pages where there are any.
 * Whatever is missing ends hvhost with a message that names it (fatal()).
 */
void vm_create(uint64_t ram, unsigned int cpus);

/** vm_kvm_fd(), vm_fd() - system and VM file descriptor */
int vm_kvm_fd(void);
int vm_fd(void);

/** vm_has_cap() - value of a KVM capability, 0 when KVM lacks it */
int vm_has_cap(unsigned int cap);

/** vm_add_window() - map @len bytes of host memory at @addr; not RAM */
void vm_add_window(uint64_t addr, void *host, uint64_t len);

/**
 * vm_irq_line() - drive an interrupt line
 * @gsi: 0..23 IO-APIC pin (and PIC below 16), then the SINT routes
 *
 * Context: any thread.
 * Return: < 0 error, 0 merged or masked, else to how many CPUs it went.
 */
int vm_irq_line(uint32_t gsi, bool level);

/**
 * vm_signal_msi() - an interrupt message, as a PCI device writes it
 * @address: 0xFEExxxxx, names the CPU
 * @data: vector and delivery mode
 *
 * Context: any thread.
 * Return: 0, or -errno when KVM does not know such a message.
 */
int vm_signal_msi(uint64_t address, uint32_t data);

/** vm_sint_gsi() - GSI that raises SYNIC_VMBUS_SINT of @vp */
uint32_t vm_sint_gsi(uint32_t vp);

/**
 * vm_route_irqs() - program all interrupt routes
 * Context: set-up, once, when SYNIC2 is enabled on every vCPU (LAB.md F19).
 */
void vm_route_irqs(unsigned int cpus);

#endif
