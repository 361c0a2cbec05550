// SPDX-License-Identifier: GPL-2.0
/*
 * Sends UDP datagrams for the XDP tests, and looks at those that come back. A
 * static program, for an initramfs that has nothing else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "args.h"

#define WINDOW		32	/* datagrams under way */
#define PAUSE_US	2000	/* between such bursts, when nothing comes back */
#define WAIT_S		2

static const char usage[] =
"usage: udp send|echo ADDRESS PORT COUNT BYTES\n"
"\n"
"Sends COUNT datagrams of BYTES bytes, byte n of each being n & 255. With echo it\n"
"waits for each to come back, at most 32 being under way.\n"
"Prints 'sent N back N wrong N'. Exit status: 0 done, 1 failed, 2 wrong usage.\n";

static unsigned char out[65536], in[65536];

static void give_up(const char *what)
{
	fprintf(stderr, "udp: %s: %s; does the interface have its address?\n", what,
		strerror(errno));
	exit(1);
}

static int open_socket(const char *address, unsigned long port)
{
	struct timeval limit = { .tv_sec = WAIT_S };
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), size = 8 << 20;

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1) {
		fprintf(stderr, "udp: %s: no IPv4 address; see --help\n", address);
		exit(2);
	}
	if (fd < 0 || connect(fd, (void *)&to, sizeof(to)))
		give_up(address);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

int main(int argc, char **argv)
{
	unsigned long count, len, sent = 0, back = 0, wrong = 0;
	int fd, echo;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc != 6 || (strcmp(argv[1], "send") && strcmp(argv[1], "echo"))) {
		fputs(usage, stderr);
		return 2;
	}
	echo = !strcmp(argv[1], "echo");
	count = number(argv[4], 100000000);
	len = number(argv[5], 65507);
	fd = open_socket(argv[2], number(argv[3], 65535));
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (unsigned char)i;

	while (sent < count) {
		unsigned long burst = count - sent < WINDOW ? count - sent : WINDOW;

		for (unsigned long i = 0; i < burst; i++, sent++)
			/* That nobody listens is said instead of sending */
			while (send(fd, out, len, 0) < 0)
				if (errno != ECONNREFUSED)
					give_up("sending");
		if (!echo)
			usleep(PAUSE_US);
		for (unsigned long i = 0; echo && i < burst; i++) {
			ssize_t n = recv(fd, in, sizeof(in), 0);

			if (n < 0 && errno != ECONNREFUSED)
				break;
			if (n < 0)
				continue;
			back++;
			wrong += (size_t)n != len || memcmp(in, out, len);
		}
	}
	printf("sent %lu back %lu wrong %lu\n", sent, back, wrong);
	return 0;
}
