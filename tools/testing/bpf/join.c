// SPDX-License-Identifier: GPL-2.0
/*
 * Membership in a multicast group of IPv6, as a socket asks for it: what the shell has
 * for that waits for RTNL. A static program, for an initramfs that has nothing else.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "args.h"

static const char usage[] =
"usage: join GROUP INTERFACE SECONDS\n"
"\n"
"Joins a multicast group of IPv6 there, says \"joined\", and leaves it so many seconds\n"
"later.\n"
"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

int main(int argc, char **argv)
{
	struct ipv6_mreq group;
	unsigned long seconds;
	int fd;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc != 4) {
		fputs(usage, stderr);
		return 2;
	}
	seconds = number(argv[3], 3600);
	memset(&group, 0, sizeof(group));
	group.ipv6mr_interface = if_nametoindex(argv[2]);
	if (inet_pton(AF_INET6, argv[1], &group.ipv6mr_multiaddr) != 1) {
		fprintf(stderr, "join: %s: wanted an address of IPv6; see --help\n", argv[1]);
		return 2;
	}
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof(group))) {
		fprintf(stderr, "join: %s on %s: %s; is it a group, and is the interface there?\n",
			argv[1], argv[2], strerror(errno));
		return 1;
	}
	puts("joined");
	fflush(stdout);
	sleep((unsigned int)seconds);
	return 0;
}
