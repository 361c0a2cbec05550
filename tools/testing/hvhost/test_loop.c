// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop: order of posted work, calls that wait, timers, and that
 * nothing runs for a descriptor that was given up.
 */
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"

#define MS	1000000ull
#define POSTS	1000

static int order[POSTS];
static int order_count;

static int start(void **state)
{
	(void)state;
	order_count = 0;
	return 0;
}

static void note(void *ctx)
{
	order[order_count++] = (int)(intptr_t)ctx;
}

static void stop(void *ctx)
{
	(void)ctx;
	loop_stop();
}

/* loop_run() may be called once in a process: each test has one of its own. */
static void in_child(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		/*
		 * A check that fails here goes on in cmocka: keep its
		 * output out of the parent's, its status is enough.
		 */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		alarm(20);
		assert_int_equal(loop_init(), 0);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Inside the child a failed check must end it with a status. */
#define check(cond) do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			_exit(1); \
		} \
	} while (0)

static void *post_many(void *arg)
{
	(void)arg;
	for (intptr_t i = 0; i < POSTS; i++)
		check(loop_post(note, (void *)i) == 0);
	loop_post(stop, NULL);
	return NULL;
}

static void body_order(void)
{
	pthread_t thread;

	check(!pthread_create(&thread, NULL, post_many, NULL));
	loop_run();
	pthread_join(thread, NULL);
	check(order_count == POSTS);
	for (int i = 0; i < POSTS; i++)
		check(order[i] == i);
}

static void posted_work_runs_in_the_order_of_posting(void **state)
{
	(void)state;
	in_child(body_order);
}

static int called;

static void count_call(void *ctx)
{
	(void)ctx;
	called++;
}

static void *call_often(void *arg)
{
	(void)arg;
	for (int i = 1; i <= 100; i++) {
		loop_call(count_call, NULL);
		check(called == i);
	}
	loop_stop();
	return NULL;
}

static void body_call(void)
{
	pthread_t thread;

	check(!pthread_create(&thread, NULL, call_often, NULL));
	loop_run();
	pthread_join(thread, NULL);
	check(called == 100);
}

static void a_call_has_run_when_it_returns(void **state)
{
	(void)state;
	in_child(body_call);
}

static void *call_after_end(void *arg)
{
	(void)arg;
	loop_call(count_call, NULL);
	return NULL;
}

static void body_call_after_end(void)
{
	pthread_t thread;

	loop_post(stop, NULL);
	loop_run();
	check(!pthread_create(&thread, NULL, call_after_end, NULL));
	pthread_join(thread, NULL);
	check(called == 0);
}

static void a_call_after_the_end_returns_without_running(void **state)
{
	(void)state;
	in_child(body_call_after_end);
}

static void post_again(void *ctx)
{
	check(loop_post(post_again, ctx) == 0);
}

static void on_ready(void *ctx, uint32_t events)
{
	(void)ctx;
	check(events & EPOLLIN);
	loop_stop();
}

static void body_no_starving(void)
{
	int fd = eventfd(1, 0);

	check(loop_add_fd(fd, EPOLLIN, on_ready, NULL) == 0);
	loop_post(post_again, NULL);
	loop_run();
}

static void work_that_posts_itself_starves_nobody(void **state)
{
	(void)state;
	in_child(body_no_starving);
}

static struct loop_timer timers[3];
static uint64_t start_ns;

static void fired(void *ctx)
{
	intptr_t n = (intptr_t)ctx;

	check(loop_now_ns() - start_ns >= (uint64_t)n * 10 * MS);
	note(ctx);
	if (n == 2)
		loop_stop();
}

static void body_timers(void)
{
	start_ns = loop_now_ns();
	for (intptr_t n = 0; n < 3; n++) {
		timers[n].fn = fired;
		timers[n].ctx = (void *)n;
		loop_timer_set(&timers[n], (uint64_t)n * 10 * MS);
	}
	loop_timer_cancel(&timers[0]);
	loop_timer_cancel(&timers[0]);
	/* Armed anew: the later time counts. */
	loop_timer_set(&timers[1], 1 * MS);
	loop_timer_set(&timers[1], 10 * MS);
	loop_timer_set(&timers[2], 20 * MS);
	loop_run();
	check(order_count == 2);
	check(order[0] == 1 && order[1] == 2);
	check(!timers[1].due_ns && !timers[2].due_ns);
}

static void timers_fire_once_in_time_order(void **state)
{
	(void)state;
	in_child(body_timers);
}

static int fd_pair[2];

/* Whoever comes first gives both up; the other must not be called. */
static void give_up_both(void *ctx, uint32_t events)
{
	(void)ctx;
	(void)events;
	called++;
	loop_del_fd(fd_pair[0]);
	loop_del_fd(fd_pair[1]);
	loop_post(stop, NULL);
}

static void body_del_fd(void)
{
	for (int i = 0; i < 2; i++) {
		fd_pair[i] = eventfd(1, 0);
		check(loop_add_fd(fd_pair[i], EPOLLIN, give_up_both, NULL) == 0);
	}
	loop_run();
	check(called == 1);
}

static void no_callback_comes_for_a_descriptor_given_up(void **state)
{
	(void)state;
	in_child(body_del_fd);
}

static void must_not_come(void *ctx, uint32_t events)
{
	(void)ctx;
	(void)events;
	check(0);
}

/* The other's event is fetched already when its number gets a new owner. */
static void replace_other(void *ctx, uint32_t events)
{
	int other = fd_pair[(intptr_t)ctx ^ 1], fresh = eventfd(0, 0);

	(void)events;
	loop_del_fd(fd_pair[0]);
	loop_del_fd(fd_pair[1]);
	check(dup2(fresh, other) == other);
	check(loop_add_fd(other, EPOLLIN, must_not_come, NULL) == 0);
	loop_post(stop, NULL);
}

static void body_reuse(void)
{
	for (intptr_t i = 0; i < 2; i++) {
		fd_pair[i] = eventfd(1, 0);
		check(loop_add_fd(fd_pair[i], EPOLLIN, replace_other,
				  (void *)i) == 0);
	}
	loop_run();
}

static void a_new_owner_does_not_get_the_old_ones_event(void **state)
{
	(void)state;
	in_child(body_reuse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(posted_work_runs_in_the_order_of_posting,
				       start),
		cmocka_unit_test_setup(a_call_has_run_when_it_returns, start),
		cmocka_unit_test_setup(a_call_after_the_end_returns_without_running,
				       start),
		cmocka_unit_test_setup(work_that_posts_itself_starves_nobody,
				       start),
		cmocka_unit_test_setup(timers_fire_once_in_time_order, start),
		cmocka_unit_test_setup(a_new_owner_does_not_get_the_old_ones_event,
				       start),
		cmocka_unit_test_setup(no_callback_comes_for_a_descriptor_given_up,
				       start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
