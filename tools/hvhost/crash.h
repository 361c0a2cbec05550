/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that reports its own crash (Documentation/protocol.md A.2, crash MSRs).
 */
#ifndef HVHOST_CRASH_H
#define HVHOST_CRASH_H

#include <stdint.h>

/**
 * crash_report() - the guest has written the crash control MSR
 *
 * It is given some time to reboot or to enter its crash kernel; one that does
 * neither is ended.
 *
 * Context: thread of the vCPU that wrote it.
 */
void crash_report(int vcpu_fd, uint32_t index);

/**
 * crash_guest_lives() - the guest has started anew (its crash kernel)
 * Context: I/O thread.
 */
void crash_guest_lives(void);

#endif
