// SPDX-License-Identifier: GPL-2.0
/*
 * How long nothing gets through while a command changes the interface.
 *
 * A datagram goes to the peer every millisecond and comes back; the longest time
 * between two that came back is the outage, less the usual distance of two.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

#define STEP_MS		1
#define BEFORE_MS	200	/* until the command starts */
#define AFTER_MS	300	/* behind its end */
#define GAP_LIMIT_MS	30000

struct run {
	int fd;
	uint64_t last;		/* when something came back */
	uint64_t usual;		/* longest silence before the command */
	uint64_t gap;		/* longest since */
	int started;
};

static void came_back(struct run *run)
{
	uint64_t now = now_ms(), *gap = run->started ? &run->gap : &run->usual;
	char text[8];

	while (recv(run->fd, text, sizeof(text), MSG_DONTWAIT) > 0) {
		if (run->last && now - run->last > *gap)
			*gap = now - run->last;
		run->last = now;
	}
}

/* Send one and take what comes; errors while the interface is away are expected. */
static void beat(struct run *run)
{
	struct pollfd pfd = { .fd = run->fd, .events = POLLIN };
	uint64_t next = now_ms() + STEP_MS;

	if (send(run->fd, "beat", 4, MSG_DONTWAIT) < 0)
		(void)errno;
	do {
		if (poll(&pfd, 1, STEP_MS) > 0)
			came_back(run);
	} while (now_ms() < next);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	execvp(argv[0], argv);
	die(argv[0], strerror(errno));
}

int cmd_gap(int argc, char **argv)
{
	struct sockaddr_in peer = address_of(argv[1], PORT_ECHO);
	struct run run = { .fd = udp_socket(0) };
	uint64_t begin, end;
	int status = -1;
	pid_t pid;

	(void)argc;
	if (connect(run.fd, (struct sockaddr *)&peer, sizeof(peer)))
		die("connect", strerror(errno));
	for (begin = now_ms(); now_ms() < begin + BEFORE_MS;)
		beat(&run);
	if (!run.last)
		die(argv[1], "nothing comes back");
	run.started = 1;
	pid = start(argv + 2);
	/* Until the command has ended and, behind that, something came back. */
	for (end = now_ms() + GAP_LIMIT_MS; now_ms() < end;) {
		beat(&run);
		if (status < 0 && waitpid(pid, &status, WNOHANG) == pid) {
			begin = now_ms();
			end = begin + GAP_LIMIT_MS;
		}
		if (status >= 0 && run.last > begin && now_ms() > begin + AFTER_MS)
			break;
	}
	if (status || run.last <= begin)
		die(argv[2], status ? "it failed" : "traffic did not come back");
	printf("gap_ms %llu\nusual_ms %llu\n", (unsigned long long)run.gap,
	       (unsigned long long)run.usual);
	return 0;
}
