/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KVM's own counters: exits that it serves itself do not reach hvhost.
 */
#ifndef HVHOST_KVM_STATS_H
#define HVHOST_KVM_STATS_H

#include <stdio.h>

/**
 * kvm_stats_print() - "kvm.NAME count" a line, summed over the vCPUs
 * @vcpu_fds: @count of them
 *
 * Only plain counters, and only those that are not zero. Prints nothing when
 * KVM has no statistics descriptors.
 */
void kvm_stats_print(FILE *out, const int *vcpu_fds, unsigned int count);

#endif
