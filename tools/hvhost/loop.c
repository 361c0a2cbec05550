// SPDX-License-Identifier: GPL-2.0
/*
 * The I/O thread's loop: file descriptors, one-shot timers and work posted by
 * other threads.
 *
 * Everything but the queue of posted work belongs to the I/O thread. The queue
 * has a lock of its own and an eventfd that is written only when the queue was
 * empty: posting to a busy loop costs no system call.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

#define LOOP_MAX_FD	8192
#define LOOP_BATCH	32

/**
 * struct watch - what to call for a file descriptor, indexed by it
 * @fn: NULL when the descriptor is not watched
 * @generation: changes at each loop_del_fd(), so that an event that was
 *	already fetched for an earlier user of the number is dropped
 */
struct watch {
	loop_fd_fn fn;
	void *ctx;
	uint32_t generation;
};

/**
 * struct work - one posted call
 * @done: set when @fn has run and somebody waits for it; NULL otherwise, and
 *	then the loop frees the struct
 */
struct work {
	struct work *next;
	loop_fn fn;
	void *ctx;
	bool *done;
};

static struct watch watches[LOOP_MAX_FD];
static struct loop_timer *timers;	/* sorted by due_ns */
static int epoll_fd = -1;
static int wake_fd = -1;
static pthread_t io_thread;

/* Protects the queue and @stopping; posters meet the I/O thread here. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t call_done = PTHREAD_COND_INITIALIZER;
static struct work *queue_head;
static struct work **queue_tail = &queue_head;
static bool stopping;	/* loop_stop() was called */
static bool finished;	/* loop_run() has returned: nothing runs any more */

uint64_t loop_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void take_wakeup(void *ctx, uint32_t events)
{
	uint64_t count;

	(void)ctx;
	(void)events;
	/* Non-blocking: empty means that somebody took it already. */
	if (read(wake_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		abort();
}

int loop_init(void)
{
	io_thread = pthread_self();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (epoll_fd < 0 || wake_fd < 0)
		return -errno;
	return loop_add_fd(wake_fd, EPOLLIN, take_wakeup, NULL);
}

int loop_add_fd(int fd, uint32_t events, loop_fd_fn fn, void *ctx)
{
	struct epoll_event ev = { .events = events };

	if (fd < 0 || fd >= LOOP_MAX_FD)
		return -EBADF;
	ev.data.u64 = (uint64_t)watches[fd].generation << 32 | (uint32_t)fd;
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev))
		return -errno;
	watches[fd].fn = fn;
	watches[fd].ctx = ctx;
	return 0;
}

void loop_del_fd(int fd)
{
	if (fd < 0 || fd >= LOOP_MAX_FD || !watches[fd].fn)
		return;
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
	watches[fd].fn = NULL;
	watches[fd].generation++;
}

/* The poster's half of loop_post() and loop_call(); takes the lock itself. */
static bool enqueue(struct work *work)
{
	static const uint64_t one = 1;
	bool was_empty;

	pthread_mutex_lock(&lock);
	if (finished) {
		pthread_mutex_unlock(&lock);
		return false;
	}
	was_empty = !queue_head;
	work->next = NULL;
	*queue_tail = work;
	queue_tail = &work->next;
	pthread_mutex_unlock(&lock);
	/* EAGAIN would mean 2^64 - 1 wake-ups are pending: awake it is. */
	if (was_empty && write(wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort();
	return true;
}

int loop_post(loop_fn fn, void *ctx)
{
	struct work *work = malloc(sizeof(*work));

	if (!work)
		return -ENOMEM;
	*work = (struct work){ .fn = fn, .ctx = ctx };
	if (!enqueue(work))
		free(work);
	return 0;
}

void loop_call(loop_fn fn, void *ctx)
{
	bool done = false;
	struct work work = { .fn = fn, .ctx = ctx, .done = &done };

	if (pthread_equal(io_thread, pthread_self())) {
		fn(ctx);
		return;
	}
	if (!enqueue(&work))
		return;
	pthread_mutex_lock(&lock);
	while (!done)
		pthread_cond_wait(&call_done, &lock);
	pthread_mutex_unlock(&lock);
}

static struct work *take_queue(void)
{
	struct work *first;

	pthread_mutex_lock(&lock);
	first = queue_head;
	queue_head = NULL;
	queue_tail = &queue_head;
	pthread_mutex_unlock(&lock);
	return first;
}

/*
 * Run what is queued now. What that posts in turn waits for the next round, so
 * that work that posts itself again cannot starve the file descriptors.
 */
static void run_posted(void)
{
	struct work *work = take_queue();

	while (work) {
		struct work *next = work->next;

		work->fn(work->ctx);
		if (work->done) {
			/* The waiter owns @work: gone once the lock is free. */
			pthread_mutex_lock(&lock);
			*work->done = true;
			pthread_cond_broadcast(&call_done);
			pthread_mutex_unlock(&lock);
		} else {
			free(work);
		}
		work = next;
	}
}

void loop_timer_cancel(struct loop_timer *t)
{
	struct loop_timer **at;

	if (!t->due_ns)
		return;
	for (at = &timers; *at; at = &(*at)->next) {
		if (*at == t) {
			*at = t->next;
			break;
		}
	}
	t->due_ns = 0;
}

void loop_timer_set(struct loop_timer *t, uint64_t delay_ns)
{
	struct loop_timer **at;

	loop_timer_cancel(t);
	t->due_ns = loop_now_ns() + delay_ns;
	for (at = &timers; *at && (*at)->due_ns <= t->due_ns; at = &(*at)->next)
		;
	t->next = *at;
	*at = t;
}

static void run_timers(void)
{
	uint64_t now = timers ? loop_now_ns() : 0;

	/* A timer that re-arms itself is due after @now: this ends. */
	while (timers && timers->due_ns <= now) {
		struct loop_timer *t = timers;

		timers = t->next;
		t->due_ns = 0;
		t->fn(t->ctx);
	}
}

static int wait_events(struct epoll_event *ev)
{
	struct timespec left;
	uint64_t now, delay;

	if (!timers)
		return epoll_pwait2(epoll_fd, ev, LOOP_BATCH, NULL, NULL);
	now = loop_now_ns();
	delay = timers->due_ns > now ? timers->due_ns - now : 0;
	left.tv_sec = (time_t)(delay / 1000000000);
	left.tv_nsec = (long)(delay % 1000000000);
	return epoll_pwait2(epoll_fd, ev, LOOP_BATCH, &left, NULL);
}

static void run_events(void)
{
	struct epoll_event ev[LOOP_BATCH];
	int n = wait_events(ev);

	if (n < 0 && errno != EINTR)
		abort();
	for (int i = 0; i < n; i++) {
		uint32_t fd = (uint32_t)ev[i].data.u64;
		uint32_t generation = (uint32_t)(ev[i].data.u64 >> 32);

		if (watches[fd].fn && watches[fd].generation == generation)
			watches[fd].fn(watches[fd].ctx, ev[i].events);
	}
}

static bool is_stopping(void)
{
	bool ret;

	pthread_mutex_lock(&lock);
	ret = stopping;
	pthread_mutex_unlock(&lock);
	return ret;
}

void loop_run(void)
{
	while (!is_stopping()) {
		run_events();
		run_posted();
		run_timers();
	}
	/* Nobody may be left waiting in loop_call(). */
	pthread_mutex_lock(&lock);
	finished = true;
	pthread_mutex_unlock(&lock);
	run_posted();
}

void loop_stop(void)
{
	static const uint64_t one = 1;

	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_mutex_unlock(&lock);
	if (write(wake_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort();
}
