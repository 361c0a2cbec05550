// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk data over some streams, either way, and request-response.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

static char buffer[65536];

static int open_stream(const char *text, uint32_t receive, uint32_t echo)
{
	struct tcp_order order = { htonl(receive), htonl(echo) };
	struct sockaddr_in peer = address_of(text, PORT_TCP);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof(peer)))
		die(text, strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	write_whole(fd, &order, sizeof(order));
	return fd;
}

/* One step of a stream. Return: 1 as long as it has more to do. */
static int step(int fd, int sends, uint32_t *left)
{
	uint32_t most = *left < sizeof(buffer) ? *left : sizeof(buffer);
	ssize_t n = sends ? send(fd, buffer, most, MSG_DONTWAIT)
			  : recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN)
		die(sends ? "send" : "recv", strerror(errno));
	if (n > 0)
		*left -= (uint32_t)n < *left ? (uint32_t)n : *left;
	if (*left && n)
		return 1;
	if (sends)
		shutdown(fd, SHUT_WR);
	return 0;
}

static int bulk(char **argv, int sends)
{
	uint32_t streams = number(argv[3], STREAMS_MAX), left[STREAMS_MAX], i, open;
	uint32_t bytes = number(argv[2], 1u << 30) / streams;
	struct pollfd fds[STREAMS_MAX];

	for (i = 0; i < streams; i++) {
		fds[i].fd = open_stream(argv[1], sends ? 0 : bytes, 0);
		fds[i].events = sends ? POLLOUT : POLLIN;
		left[i] = bytes;
	}
	for (open = streams; open;) {
		if (poll(fds, streams, LIMIT_S * 1000) <= 0)
			die("poll", "no stream moves");
		for (i = 0; i < streams; i++) {
			if (fds[i].fd < 0 || !fds[i].revents ||
			    step(fds[i].fd, sends, &left[i]))
				continue;
			/* The peer closes when it has everything. */
			while (sends && read(fds[i].fd, buffer, sizeof(buffer)) > 0)
				;
			close(fds[i].fd);
			fds[i].fd = -1;
			open--;
			if (left[i])
				die("peer", "closed too early");
		}
	}
	return 0;
}

int cmd_tcp_send(int argc, char **argv)
{
	(void)argc;
	return bulk(argv, 1);
}

int cmd_tcp_recv(int argc, char **argv)
{
	(void)argc;
	return bulk(argv, 0);
}

int cmd_tcp_rr(int argc, char **argv)
{
	uint32_t left = number(argv[2], 1000000);
	int fd = open_stream(argv[1], 0, 1);
	char byte = 'x';

	(void)argc;
	while (left--) {
		write_whole(fd, &byte, 1);
		if (read_whole(fd, &byte, 1))
			die("peer", "closed too early");
	}
	return 0;
}
