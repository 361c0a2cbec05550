// SPDX-License-Identifier: GPL-2.0
/*
 * Send an UDP datagram and print when the driver handed it to the card: the
 * software transmit time stamp, beside the time before and after. A static
 * program, for an initramfs that has nothing else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef SCM_TIMESTAMPING
#define SCM_TIMESTAMPING SO_TIMESTAMPING
#endif

#define PORT	9	/* discard */
#define WAIT_MS	10000

static const char usage[] =
"usage: txstamp ADDRESS BYTES\n"
"\n"
"Prints 'before S.NS', 'stamp S.NS', 'after S.NS'.\n"
"Exit status: 0 done, 1 no stamp came, 2 wrong usage.\n";

static char bytes[65536];

static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "txstamp: %s: %s\n", what, why);
	exit(1);
}

static void print_time(const char *name, const struct timespec *time)
{
	printf("%s %lld.%09ld\n", name, (long long)time->tv_sec, time->tv_nsec);
}

static int open_to(const char *address)
{
	const int flags = SOF_TIMESTAMPING_TX_SOFTWARE |
			  SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_TSONLY;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
	};
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		give_up(address, "no IPv4 address");
	if (sock < 0 ||
	    setsockopt(sock, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) ||
	    connect(sock, (struct sockaddr *)&to, sizeof(to)))
		give_up("socket", strerror(errno));
	return sock;
}

/* The stamp comes back on the socket's queue of errors. */
static struct timespec stamp_of(int sock)
{
	struct pollfd wait = { .fd = sock };
	char control[512];
	struct msghdr msg = {
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct scm_timestamping stamps;
	struct cmsghdr *one;

	if (poll(&wait, 1, WAIT_MS) != 1 || recvmsg(sock, &msg, MSG_ERRQUEUE) < 0)
		give_up("no stamp", strerror(errno ? errno : ETIMEDOUT));
	for (one = CMSG_FIRSTHDR(&msg); one; one = CMSG_NXTHDR(&msg, one)) {
		if (one->cmsg_level != SOL_SOCKET ||
		    one->cmsg_type != SCM_TIMESTAMPING)
			continue;
		memcpy(&stamps, CMSG_DATA(one), sizeof(stamps));
		return (struct timespec){ stamps.ts[0].tv_sec, stamps.ts[0].tv_nsec };
	}
	give_up("no stamp", "something else came, is the port reachable?");
	exit(1);
}

int main(int argc, char **argv)
{
	struct timespec before, stamp, after;
	size_t len;
	int sock;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	len = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	if (!len || len > sizeof(bytes)) {
		fputs(usage, stderr);
		return 2;
	}
	sock = open_to(argv[1]);
	clock_gettime(CLOCK_REALTIME, &before);
	if (send(sock, bytes, len, 0) != (ssize_t)len)
		give_up("send", strerror(errno));
	stamp = stamp_of(sock);
	clock_gettime(CLOCK_REALTIME, &after);
	print_time("before", &before);
	print_time("stamp", &stamp);
	print_time("after", &after);
	return 0;
}
