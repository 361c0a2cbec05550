// SPDX-License-Identifier: GPL-2.0
#include "fake_loop.h"

#include <errno.h>
#include <string.h>

#include "loop.h"

#define MAX_POSTS	64

static struct { loop_fn fn; void *ctx; } posts[MAX_POSTS];
static unsigned int n_posts;
static struct loop_timer *timers;
static uint64_t now_ns = 1;

int loop_post(loop_fn fn, void *ctx)
{
	if (n_posts == MAX_POSTS)
		return -ENOMEM;
	posts[n_posts].fn = fn;
	posts[n_posts++].ctx = ctx;
	return 0;
}

int loop_add_fd(int fd, uint32_t events, loop_fd_fn fn, void *ctx)
{
	(void)fd;
	(void)events;
	(void)fn;
	(void)ctx;
	return 0;
}

void loop_del_fd(int fd)
{
	(void)fd;
}

uint64_t loop_now_ns(void)
{
	return now_ns;
}

void loop_call(loop_fn fn, void *ctx)
{
	fn(ctx);
}

void loop_timer_cancel(struct loop_timer *t)
{
	struct loop_timer **at;

	for (at = &timers; t->due_ns && *at; at = &(*at)->next) {
		if (*at == t) {
			*at = t->next;
			break;
		}
	}
	t->due_ns = 0;
}

void loop_timer_set(struct loop_timer *t, uint64_t delay_ns)
{
	loop_timer_cancel(t);
	t->due_ns = now_ns + delay_ns;
	t->next = timers;
	timers = t;
}

void fake_posted(void)
{
	loop_fn fn;
	void *ctx;

	while (n_posts) {
		fn = posts[0].fn;
		ctx = posts[0].ctx;
		memmove(posts, posts + 1, --n_posts * sizeof(posts[0]));
		fn(ctx);
	}
}

/* The earliest timer that is due, taken out of the list */
static struct loop_timer *due(void)
{
	struct loop_timer **best = NULL, **at, *t;

	for (at = &timers; *at; at = &(*at)->next)
		if ((*at)->due_ns <= now_ns &&
		    (!best || (*at)->due_ns <= (*best)->due_ns))
			best = at;
	if (!best)
		return NULL;
	t = *best;
	*best = t->next;
	t->due_ns = 0;
	return t;
}

void fake_pass(unsigned int ms)
{
	struct loop_timer *t;

	now_ns += ms * 1000000ull;
	while ((t = due()))
		t->fn(t->ctx);
	fake_posted();
}

void fake_loop_reset(void)
{
	struct loop_timer *t;

	fake_posted();
	/* What is late and belongs to nobody frees itself */
	now_ns += 1ull << 50;
	while ((t = due()))
		t->fn(t->ctx);
}
