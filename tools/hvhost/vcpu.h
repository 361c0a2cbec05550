/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual CPUs: one thread each, and what makes them leave the guest.
 */
#ifndef HVHOST_VCPU_H
#define HVHOST_VCPU_H

#include <stdio.h>

#include "boot.h"
#include "cpuid.h"

/**
 * vcpu_create_all() - make the vCPUs: SynIC, CPUID, MSRs; none runs yet
 * @cfg: how many and what they say of themselves
 *
 * vCPU n has APIC id n and VP index n.
 */
void vcpu_create_all(const struct cpuid_config *cfg);

/** vcpu_set_entry() - registers of the boot CPU (vCPU 0) */
void vcpu_set_entry(const struct boot_entry *entry);

/** vcpu_start_all() - start the threads; those but 0 wait for a SIPI */
void vcpu_start_all(void);

/**
 * vcpu_stop_all() - make the threads leave the guest and end
 * Context: I/O thread, after loop_run().
 */
void vcpu_stop_all(void);

/** vcpu_nmi_all() - an NMI for each vCPU. Context: any thread. */
void vcpu_nmi_all(void);

/**
 * vcpu_print_state() - where each vCPU is, on one line (a guest that hung)
 * Context: after vcpu_stop_all().
 */
void vcpu_print_state(FILE *out);

/** vcpu_exits() - exits to user space so far, all vCPUs. Context: any thread. */
unsigned long vcpu_exits(void);

/**
 * vcpu_print_exits() - exits by reason, "reason count" a line; those to user
 *	space, then KVM's own counters ("kvm.NAME")
 * Context: any thread.
 */
void vcpu_print_exits(FILE *out);

#endif
