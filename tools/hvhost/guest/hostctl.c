// SPDX-License-Identifier: GPL-2.0
/*
 * hostctl, the guest's side: sends a command to hvhost and prints its answer.
 * A static program, for an initramfs that has nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../hostctl_abi.h"

#define STATUS_NO_HOST	125	/* not reached: no hvhost, not root */
#define LATER_US	50000	/* before the host is asked how far it is */

static const char usage[] =
"usage: hostctl COMMAND [ARGUMENT]...   ask the host (hvhost) to do something\n"
"       hostctl output                  copy stdin to the host's --output\n"
"       hostctl help                    the host's commands\n"
"\n"
"Exit status: 0 done, 1 refused, 2 unknown command, 125 no host.\n"
"Example: hostctl nic0 link down\n";

static char *window;
static int mem_fd;

static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "hostctl: %s: %s\n", what, why);
	exit(STATUS_NO_HOST);
}

static void open_host(void)
{
	const struct hostctl_header *h;

	mem_fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
	if (mem_fd < 0)
		give_up("/dev/mem", strerror(errno));
	window = mmap(NULL, HOSTCTL_WINDOW_LEN, PROT_READ | PROT_WRITE,
		      MAP_SHARED, mem_fd, (off_t)HOSTCTL_WINDOW_GPA);
	if (window == MAP_FAILED)
		give_up("window at 0xD0000000", strerror(errno));
	h = (const struct hostctl_header *)window;
	if (h->magic != HOSTCTL_MAGIC || h->abi != HOSTCTL_ABI)
		give_up("window at 0xD0000000", "this machine is not run by hvhost");
	if (ioperm(HOSTCTL_PORT, 4, 1))
		give_up("I/O port 0x510", strerror(errno));
}

/* One request is ours from the lock to the unlock. */
static void lock_window(void)
{
	while (flock(mem_fd, LOCK_EX))
		if (errno != EINTR)
			give_up("/dev/mem", strerror(errno));
}

static void unlock_window(void)
{
	flock(mem_fd, LOCK_UN);
}

static uint32_t ring(enum hostctl_op op, uint32_t len)
{
	volatile struct hostctl_header *h = (void *)window;

	h->op = op;
	h->request_len = len;
	__sync_synchronize();
	outl(HOSTCTL_ABI, HOSTCTL_PORT);
	__sync_synchronize();
	return h->status;
}

static bool write_all(const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* The words, each with its zero byte, in @request. Return: its length */
static uint32_t join_words(int argc, char **argv, char *request)
{
	uint32_t len = 0;

	for (int i = 0; i < argc; i++) {
		size_t word = strlen(argv[i]) + 1;

		if (word > HOSTCTL_REQUEST_MAX - len)
			give_up(argv[0], "too many arguments");
		memcpy(request + len, argv[i], word);
		len += (uint32_t)word;
	}
	return len;
}

/* One request, and its reply in @reply. Return: the host's status */
static uint32_t ask(const char *request, uint32_t len, char *reply,
		    uint32_t *reply_len)
{
	uint32_t status;

	lock_window();
	memcpy(window + HOSTCTL_REQUEST_OFF, request, len);
	status = ring(HOSTCTL_OP_COMMAND, len);
	*reply_len = ((volatile struct hostctl_header *)window)->reply_len;
	if (*reply_len > HOSTCTL_REPLY_MAX)
		*reply_len = HOSTCTL_REPLY_MAX;
	memcpy(reply, window + HOSTCTL_REPLY_OFF, *reply_len);
	unlock_window();
	return status;
}

static int command(int argc, char **argv)
{
	static char request[HOSTCTL_REQUEST_MAX], reply[HOSTCTL_REPLY_MAX];
	uint32_t len = join_words(argc, argv, request);
	uint32_t status, reply_len;

	while ((status = ask(request, len, reply, &reply_len)) == HOSTCTL_LATER) {
		len = reply_len < sizeof(request) ? reply_len : sizeof(request);
		memcpy(request, reply, len);
		usleep(LATER_US);
	}
	if (!write_all(reply, reply_len))
		give_up("stdout", strerror(errno));
	return (int)status;
}

/* What comes together goes together: one exit for a buffer, not for a line. */
static int output(void)
{
	static char buf[256 * 1024];
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) != 0) {
		uint32_t status;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			give_up("stdin", strerror(errno));
		lock_window();
		memcpy(window + HOSTCTL_REQUEST_OFF, buf, (size_t)n);
		status = ring(HOSTCTL_OP_OUTPUT, (uint32_t)n);
		unlock_window();
		if (status != HOSTCTL_OK)
			return (int)status;
	}
	return HOSTCTL_OK;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs(usage, stderr);
		return HOSTCTL_UNKNOWN;
	}
	if (!strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("hostctl, ABI %u\n", HOSTCTL_ABI);
		return 0;
	}
	open_host();
	if (!strcmp(argv[1], "output"))
		return output();
	return command(argc - 1, argv + 1);
}
