/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest's CPUs say of themselves.
 */
#ifndef HVHOST_CPUID_H
#define HVHOST_CPUID_H

#include <stdbool.h>

#include "nic.h"

/**
 * struct cpuid_config - what decides the leaves
 * @cpus: vCPUs
 * @package: of them the cores of a package
 * @gen: host generation, for the build number of leaf 0x40000002
 * @hide_nested: hide what breaks under an emulated CPU (LAB.md F18)
 */
struct cpuid_config {
	unsigned int cpus;
	unsigned int package;
	enum host_gen gen;
	bool hide_nested;
};

/**
 * cpuid_set() - set all leaves of a vCPU: those of KVM with our edits, and
 *	Hyper-V's (Documentation/protocol.md A.1)
 * @vcpu_fd: the vCPU, its SynIC enabled
 * @index: its number, which is its APIC id as well
 *
 * Context: set-up. fatal() with its name when KVM lacks what a guest must see.
 */
void cpuid_set(int vcpu_fd, unsigned int index, const struct cpuid_config *cfg);

/** cpuid_in_hypervisor() - whether hvhost itself runs under a hypervisor */
bool cpuid_in_hypervisor(void);

#endif
