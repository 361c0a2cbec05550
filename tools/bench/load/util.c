// SPDX-License-Identifier: GPL-2.0
/*
 * Small things that every part of the load generator needs.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

void die(const char *what, const char *why)
{
	fprintf(stderr, "load: %s: %s\n", what, why);
	exit(1);
}

uint32_t number(const char *text, uint32_t most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || !value || value > most)
		die(text, "wanted digits, and not too large");
	return (uint32_t)value;
}

struct sockaddr_in address_of(const char *text, uint16_t port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};

	if (inet_pton(AF_INET, text, &addr.sin_addr) != 1)
		die(text, "not an IPv4 address");
	return addr;
}

uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

int udp_socket(uint16_t port)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int one = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket", strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (port && bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die("bind", strerror(errno));
	return fd;
}

/* A socket that takes nothing: datagrams end there, and wake nobody. */
void drop_discard(void)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &drop };
	int fd = udp_socket(PORT_DISCARD);

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		die("SO_ATTACH_FILTER", strerror(errno));
}

void write_whole(int fd, const void *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			die("write", n ? strerror(errno) : "nothing was taken");
		data = (const char *)data + n;
		len -= (size_t)n;
	}
}

/* Return: 0, or -1 when the other side has closed. */
int read_whole(int fd, void *data, size_t len)
{
	while (len) {
		ssize_t n = read(fd, data, len);

		if (n < 0)
			die("read", strerror(errno));
		if (!n)
			return -1;
		data = (char *)data + n;
		len -= (size_t)n;
	}
	return 0;
}
