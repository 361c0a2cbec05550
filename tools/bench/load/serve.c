// SPDX-License-Identifier: GPL-2.0
/*
 * The peer's side: sends a flood when asked, echoes, and takes or gives TCP data.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

/* So many packets, then a pause: a host that cannot keep up would drop them. */
#define BURST		64
#define PAUSE_US	2000

static char buffer[65536];

static void flood(uint32_t count, uint32_t size, const char *destination)
{
	struct sockaddr_in to = address_of(destination, PORT_DISCARD);
	int fd = udp_socket(0);
	uint32_t i;

	if (size > SIZE_MAX_UDP)
		size = SIZE_MAX_UDP;
	for (i = 1; i <= count; i++) {
		if (sendto(fd, buffer, size, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			(void)errno;	/* it is lost, and not counted */
		if (!(i % BURST))
			usleep(PAUSE_US);
	}
	close(fd);
}

static void serve_flood(void)
{
	int fd = udp_socket(PORT_FLOOD);

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		char text[128], destination[64];
		unsigned int count, size;
		ssize_t n = recvfrom(fd, text, sizeof(text) - 1, 0,
				     (struct sockaddr *)&from, &len);

		if (n <= 0)
			continue;
		text[n] = '\0';
		if (sscanf(text, "%u %u %63s", &count, &size, destination) != 3)
			continue;
		flood(count, size, destination);
		sendto(fd, "done", 4, 0, (struct sockaddr *)&from, len);
	}
}

static void serve_echo(void)
{
	int fd = udp_socket(PORT_ECHO);

	for (;;) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, buffer, sizeof(buffer), 0,
				     (struct sockaddr *)&from, &len);

		if (n > 0)
			sendto(fd, buffer, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
}

static void one_stream(int fd)
{
	struct tcp_order order;
	uint32_t left;
	int one = 1;

	alarm(LIMIT_S);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (read_whole(fd, &order, sizeof(order)))
		return;
	left = ntohl(order.receive);
	while (left) {
		uint32_t now = left < sizeof(buffer) ? left : sizeof(buffer);

		write_whole(fd, buffer, now);
		left -= now;
	}
	if (ntohl(order.echo) > sizeof(buffer))
		return;
	while (order.echo && !read_whole(fd, buffer, ntohl(order.echo)))
		write_whole(fd, buffer, ntohl(order.echo));
	while (!order.receive && read(fd, buffer, sizeof(buffer)) > 0)
		;
}

static void serve_tcp(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(PORT_TCP) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    listen(fd, STREAMS_MAX))
		die("TCP server", strerror(errno));
	for (;;) {
		int stream = accept(fd, NULL, NULL);

		if (stream < 0)
			continue;
		if (!fork()) {
			one_stream(stream);
			_exit(0);
		}
		close(stream);
	}
}

int cmd_serve(int argc, char **argv)
{
	void (*const servers[])(void) = { serve_echo, serve_tcp };
	size_t i;

	(void)argc;
	(void)argv;
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	drop_discard();
	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		servers[i]();
	}
	serve_flood();
	return 0;
}
