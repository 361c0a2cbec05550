// SPDX-License-Identifier: GPL-2.0
/*
 * Small packets: a flood from the peer, and bursts to it.
 */
#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "load.h"

/*
 * The peer says when it has sent all, and that may be lost like the rest of it: then
 * it is asked once more. How many packets came is for others to count.
 */
int cmd_flood(int argc, char **argv)
{
	struct sockaddr_in peer = address_of(argv[1], PORT_FLOOD);
	const struct timeval patience = { .tv_sec = 10 };
	int fd = udp_socket(0);
	char text[128], answer[128];
	ssize_t got;

	(void)argc;
	drop_discard();
	snprintf(text, sizeof(text), "%u %u %.40s", number(argv[2], 1000000),
		 number(argv[3], SIZE_MAX_UDP), argv[4]);
	if (connect(fd, (struct sockaddr *)&peer, sizeof(peer)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		die("asking the peer", strerror(errno));
	do {
		if (send(fd, text, strlen(text), 0) < 0)
			die("asking the peer", strerror(errno));
		got = recv(fd, answer, sizeof(answer), 0);
		if (got < 0 && errno != EAGAIN)
			die("the peer's answer", strerror(errno));
	} while (got < 0);
	return 0;
}

/*
 * One large datagram that the stack cuts below the queueing discipline: what it
 * was cut into reaches the driver as a burst, packets that each are their own skb.
 * Not faster than the host takes them: a queue that is full says something about the
 * host only.
 */
int cmd_bursts(int argc, char **argv)
{
	struct sockaddr_in peer = address_of(argv[1], PORT_DISCARD);
	uint32_t left = number(argv[2], 1000000), size = number(argv[3], 1000);
	uint32_t segments = number(argv[4], 60);
	int fd = udp_socket(0), gso = (int)size;
	uint32_t sent = 0;
	static char data[65536];

	(void)argc;
	if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &gso, sizeof(gso)))
		die("UDP_SEGMENT", strerror(errno));
	while (left) {
		uint32_t now = left < segments ? left : segments;

		if (sendto(fd, data, now * size, 0, (struct sockaddr *)&peer,
			   sizeof(peer)) < 0 && errno != ECONNREFUSED)
			die("sendto", strerror(errno));
		left -= now;
		sent += now;
		if (sent >= RUN) {
			usleep(RUN_PAUSE_US);
			sent = 0;
		}
	}
	return 0;
}
