/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What hvhost says on stderr, and how it gives up.
 */
#ifndef HVHOST_MSG_H
#define HVHOST_MSG_H

/* Exit status; 124 to 126 belong to the lab. */
#define STATUS_OK		0	/* the guest ended by itself */
#define STATUS_FAILED		1	/* hvhost could not go on */
#define STATUS_USAGE		2
#define STATUS_VIOLATION	3	/* the guest broke the protocol */
#define STATUS_CRASHED		4	/* panic or triple fault */
#define STATUS_REBOOTED		5
#define STATUS_HUNG		6	/* --timeout ran out */

/**
 * msg() - print one line "hvhost: ..." on stderr
 * Context: any thread.
 */
void msg(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * fatal() - print "hvhost: what: why, what to do" and exit
 * @status: STATUS_FAILED or STATUS_USAGE
 *
 * For what cannot be set up; only while no vCPU runs.
 */
void fatal(int status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

#endif
