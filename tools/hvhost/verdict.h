/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the guest ended: decided once, told once.
 */
#ifndef HVHOST_VERDICT_H
#define HVHOST_VERDICT_H

/**
 * enum guest_end - what ended the guest
 * @END_NONE: it runs
 * @END_POWEROFF: it entered ACPI S5
 * @END_EXIT: `hostctl exit`
 * @END_REBOOT: reset register, keyboard controller, or Hyper-V's reset MSR
 * @END_TRIPLE_FAULT: a vCPU shut down
 * @END_PANIC: it reported a crash through the crash MSRs
 * @END_TIMEOUT: --timeout ran out
 * @END_STOPPED: hvhost was told to end (a signal, the terminal's escape key)
 * @END_FAILED: hvhost or KVM could not go on
 */
enum guest_end {
	END_NONE,
	END_POWEROFF,
	END_EXIT,
	END_REBOOT,
	END_TRIPLE_FAULT,
	END_PANIC,
	END_TIMEOUT,
	END_STOPPED,
	END_FAILED,
};

/**
 * verdict_set() - the guest ended; the loop is stopped
 * @status: argument of `hostctl exit`, else 0
 * @fmt: detail for the one line on stderr, "" for none
 *
 * The first one counts. A panic that was noted with verdict_panic() turns
 * every later end but END_EXIT and END_POWEROFF into END_PANIC.
 *
 * Context: any thread.
 */
void verdict_set(enum guest_end end, int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * verdict_panic() - the guest reported a crash, but still runs
 * @fmt: what it reported
 *
 * It may go on to a crash kernel, or reboot, or stop dead.
 *
 * Context: any thread.
 */
void verdict_panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * verdict_finish() - print the one line and write the report
 * @report: file for --report, or NULL
 * @exits: exits to user space, all vCPUs
 *
 * Context: I/O thread, the vCPUs have stopped.
 * Return: exit status of hvhost.
 */
int verdict_finish(const char *report, unsigned long exits);

#endif
