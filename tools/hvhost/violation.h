/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the guest did against the protocol: printed, counted, and compared
 * with the one list of what a distribution's driver is known to do.
 */
#ifndef HVHOST_VIOLATION_H
#define HVHOST_VIOLATION_H

#include <stddef.h>
#include <stdio.h>

/**
 * violation() - report that the guest broke a rule
 * @rule: short name, "layer.what" ("nvsp.order"), the key of the known list
 * @where: channel and message ("nic0 channel 0, SEND_RNDIS_PACKET")
 * @section: section of Documentation/protocol.md that has the rule ("D.4")
 * @fmt: the field, what was wanted, what came
 *
 * Prints one line on stderr (rate limited per rule, never uncounted).
 *
 * Context: any thread.
 */
void violation(const char *rule, const char *where, const char *section,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/** violation_allow() - accept the known list named @name ("stock"). Return: 0, or -ENOENT. */
int violation_allow(const char *name);

/** violation_count() - violations outside the accepted lists so far */
unsigned long violation_count(void);
/** violation_known() - violations inside the accepted lists so far */
unsigned long violation_known(void);
/** violation_list() - write every distinct violation, its count and, if known, the reason */
void violation_list(FILE *out);

#endif
