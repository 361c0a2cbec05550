// SPDX-License-Identifier: GPL-2.0
/*
 * Where the guest's serial port leads. Output comes a byte at a time from vCPU
 * threads; it is gathered and written by whoever fills the buffer, or by a
 * timer of the I/O thread a few milliseconds later.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <termios.h>
#include <unistd.h>

#include "console.h"
#include "hang.h"
#include "loop.h"
#include "msg.h"
#include "serial.h"
#include "verdict.h"

#define FLUSH_DELAY_NS		5000000ull
#define ESCAPE_KEY		0x01	/* Ctrl-A */

/* Protects the buffer: vCPUs and the I/O thread meet here. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint8_t buffer[4096];
static size_t buffered;

static int out_fd = -1;
static bool has_input;
static bool input_watched;	/* I/O thread only */
static struct termios saved;
static volatile bool raw;

static void flush_later(void *ctx);
static void flush_now(void *ctx);

static struct loop_timer flush_timer = { .fn = flush_now };

void console_restore(void)
{
	if (!raw)
		return;
	raw = false;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

bool console_is_raw(void)
{
	return raw;
}

static void make_raw(void)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &saved))
		return;
	t = saved;
	cfmakeraw(&t);
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &t))
		return;
	raw = true;
	atexit(console_restore);
}

void console_open(const char *target)
{
	if (!strcmp(target, "none"))
		return;
	if (strcmp(target, "-")) {
		out_fd = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			      0666);
		if (out_fd < 0)
			fatal(STATUS_FAILED,
			      "--console %s: %s, name a file that can be written",
			      target, strerror(errno));
		return;
	}
	out_fd = STDOUT_FILENO;
	has_input = true;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		make_raw();
}

/* Called with the lock; a console that cannot be written loses its output. */
static void flush_locked(void)
{
	size_t done = 0;

	while (done < buffered) {
		ssize_t n = write(out_fd, buffer + done, buffered - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			break;
	}
	buffered = 0;
}

void console_flush(void)
{
	pthread_mutex_lock(&lock);
	flush_locked();
	pthread_mutex_unlock(&lock);
}

static void flush_now(void *ctx)
{
	(void)ctx;
	console_flush();
}

static void flush_later(void *ctx)
{
	(void)ctx;
	loop_timer_set(&flush_timer, FLUSH_DELAY_NS);
}

void console_write(uint8_t byte)
{
	bool first;

	hang_word();
	if (out_fd < 0)
		return;
	pthread_mutex_lock(&lock);
	first = buffered == 0;
	buffer[buffered++] = byte;
	if (buffered == sizeof(buffer))
		flush_locked();
	pthread_mutex_unlock(&lock);
	/* Without memory for the timer, the next full buffer does it. */
	if (first)
		loop_post(flush_later, NULL);
}

/* Takes the escape sequences out; returns how many bytes are for the guest. */
static size_t filter_keys(uint8_t *keys, size_t len)
{
	static bool escaped;
	size_t kept = 0;

	if (!raw)
		return len;
	for (size_t i = 0; i < len; i++) {
		if (!escaped && keys[i] == ESCAPE_KEY) {
			escaped = true;
			continue;
		}
		if (escaped && keys[i] == 'x')
			verdict_set(END_STOPPED, 0, "Ctrl-A x on the terminal");
		else
			keys[kept++] = keys[i];
		escaped = false;
	}
	return kept;
}

static void read_input(void *ctx, uint32_t events)
{
	uint8_t keys[256];
	size_t room = serial_room();
	ssize_t n;

	(void)ctx;
	(void)events;
	if (!room) {
		loop_del_fd(STDIN_FILENO);
		input_watched = false;
		return;
	}
	n = read(STDIN_FILENO, keys, room < sizeof(keys) ? room : sizeof(keys));
	if (n > 0) {
		serial_receive(keys, filter_keys(keys, (size_t)n));
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
		/* End of input: the guest goes on without. */
		loop_del_fd(STDIN_FILENO);
		has_input = false;
		input_watched = false;
	}
}

static void watch_input(void *ctx)
{
	(void)ctx;
	if (!has_input || input_watched)
		return;
	/* A regular file or /dev/null cannot be polled, and has nothing to say. */
	if (loop_add_fd(STDIN_FILENO, EPOLLIN, read_input, NULL))
		has_input = false;
	else
		input_watched = true;
}

void console_start(void)
{
	watch_input(NULL);
}

void console_resume(void)
{
	loop_post(watch_input, NULL);
}
