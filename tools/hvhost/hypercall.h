/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exits of KVM's Hyper-V emulation: hypercalls it does not do itself, and
 * changes of the SynIC's pages (Documentation/protocol.md A.3, A.6).
 */
#ifndef HVHOST_HYPERCALL_H
#define HVHOST_HYPERCALL_H

#include <linux/kvm.h>
#include <stdint.h>

#include "exits.h"

/**
 * hypercall_exit() - serve one exit; its result is in @exit afterwards
 * @vp: VP that made it
 *
 * Context: the vCPU's thread.
 * Return: which kind it was.
 */
enum exit_reason hypercall_exit(uint32_t vp, struct kvm_hyperv_exit *exit);

#endif
