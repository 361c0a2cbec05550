/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a vCPU came out to user space.
 */
#ifndef HVHOST_EXITS_H
#define HVHOST_EXITS_H

enum exit_reason {
	EXIT_PIO_IN,
	EXIT_PIO_OUT,
	EXIT_MMIO,
	EXIT_SYNIC,
	EXIT_POST_MESSAGE,
	EXIT_SIGNAL_EVENT,
	EXIT_HYPERCALL,
	EXIT_SYSTEM_EVENT,
	EXIT_INTERRUPTED,
	EXIT_OTHER,
	EXIT_REASONS,
};

#endif
