/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The I/O thread's loop, whose posted calls and timers run when a test says so.
 */
#ifndef FAKE_LOOP_H
#define FAKE_LOOP_H

/** fake_posted() - run the posted calls */
void fake_posted(void);
/** fake_pass() - let @ms go by, timers fire */
void fake_pass(unsigned int ms);
/** fake_loop_reset() - run all that waits, however late it is due */
void fake_loop_reset(void);

#endif
