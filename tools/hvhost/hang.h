/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deciding that the guest has hung, and asking it where.
 */
#ifndef HVHOST_HANG_H
#define HVHOST_HANG_H

#include <stdbool.h>

/**
 * hang_watch() - begin to watch the guest
 * @limit_s: seconds that it may run, 0 for any number
 * @silence_s: seconds that it may say nothing on console and output, 0 likewise
 *
 * A silent guest gets an NMI on each vCPU, so that its kernel may say where it
 * stands, and ends a few seconds later: as hung, or as crashed when it panicked.
 * Context: I/O thread.
 */
void hang_watch(unsigned int limit_s, unsigned int silence_s);

/** hang_word() - the guest has said something. Context: any thread. */
void hang_word(void);

/** hang_seen() - whether a limit was over. Context: I/O thread. */
bool hang_seen(void);

#endif
