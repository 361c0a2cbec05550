/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The I/O thread: one epoll loop that runs every device of the emulated host.
 * Devices therefore need no locks; vCPU threads only hand work over to it.
 */
#ifndef HVHOST_LOOP_H
#define HVHOST_LOOP_H

#include <stdint.h>

typedef void (*loop_fd_fn)(void *ctx, uint32_t events);
typedef void (*loop_fn)(void *ctx);

int loop_init(void);

/**
 * loop_run() - run the I/O thread's loop until loop_stop()
 * Context: the I/O thread (hvhost's first thread).
 */
void loop_run(void);

/** loop_stop() - let loop_run() return. Context: any thread. */
void loop_stop(void);

/**
 * loop_add_fd() - call @fn whenever @fd is ready for @events (EPOLLIN, ...)
 * Context: I/O thread. Level triggered. Return: 0 or -errno.
 */
int loop_add_fd(int fd, uint32_t events, loop_fd_fn fn, void *ctx);

/** loop_del_fd() - forget @fd; no callback for it after return. Context: I/O thread. */
void loop_del_fd(int fd);

/** loop_post() - run @fn in the I/O thread, soon, in order. Context: any thread. Return: 0 or -ENOMEM. */
int loop_post(loop_fn fn, void *ctx);

/**
 * loop_call() - as loop_post(), but returns when @fn has run
 *
 * Once loop_run() has returned, it returns at once and @fn does not run.
 *
 * Context: any thread; in the I/O thread it is a plain call.
 */
void loop_call(loop_fn fn, void *ctx);

/**
 * struct loop_timer - one-shot timer, embedded in its owner
 */
struct loop_timer {
	loop_fn fn;
	void *ctx;
	uint64_t due_ns;	/* CLOCK_MONOTONIC; 0 when not armed */
	struct loop_timer *next;
};

/** loop_timer_set() - (re)arm @t to fire once @delay_ns from now. Context: I/O thread. */
void loop_timer_set(struct loop_timer *t, uint64_t delay_ns);
/** loop_timer_cancel() - disarm; harmless when not armed. Context: I/O thread. */
void loop_timer_cancel(struct loop_timer *t);

/** loop_now_ns() - CLOCK_MONOTONIC in ns */
uint64_t loop_now_ns(void);

#endif
