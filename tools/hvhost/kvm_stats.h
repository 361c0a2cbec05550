/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KVM's own counters: exits that it serves itself do not reach hvhost.
 */
#ifndef HVHOST_KVM_STATS_H
#define HVHOST_KVM_STATS_H

#include <stdio.h>

/**
 * kvm_stats_open() - descriptor of a vCPU's statistics
 *
 * Before the vCPU runs: KVM serves no other ioctl of it while it does.
 *
 * Return: the descriptor, or -1 when KVM has no statistics.
 */
int kvm_stats_open(int vcpu_fd);

/**
 * kvm_stats_print() - "kvm.NAME count" a line, summed over the vCPUs
 * @fds: @count descriptors of kvm_stats_open()
 *
 * Only plain counters, and only those that are not zero.
 *
 * Context: any thread.
 */
void kvm_stats_print(FILE *out, const int *fds, unsigned int count);

#endif
