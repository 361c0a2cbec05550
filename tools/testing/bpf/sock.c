// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that go by ways of their own: one that polls the card itself, without
 * ever sleeping, one that sends without the qdisc, one that sends what no driver can,
 * and one that joins a group without RTNL. A static program, for an initramfs that has
 * nothing else.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "args.h"

#ifndef SO_BUSY_POLL
#define SO_BUSY_POLL	46
#endif
#define ETHERTYPE_LOCAL	0x88B5	/* for experiments (IEEE 802) */
#define FRAME		200
/* Without their Ethernet headers */
#define LONG		1500
#define SHORT		46
#define HALF_TAG	2

static const char usage[] =
"usage: sock spin ADDRESS PORT SECONDS\n"
"       sock bypass INTERFACE COUNT\n"
"       sock tail INTERFACE LONG SHORT\n"
"       sock claim INTERFACE COUNT\n"
"       sock join INTERFACE GROUP SECONDS\n"
"\n"
"spin opens a TCP connection and reads from it with busy polling, without waiting,\n"
"for so long; it prints 'read N times'. bypass broadcasts COUNT frames from a packet\n"
"socket without qdisc; it prints 'sent N'. tail broadcasts LONG frames of 1514 bytes,\n"
"then SHORT ones of 60, then one that claims to have a VLAN tag and is too short for it.\n"
"claim broadcasts COUNT frames without one from a socket for those that have one.\n"
"join joins a multicast group of IPv6, prints 'joined', and leaves it so much later.\n"
"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

static void give_up(const char *what)
{
	fprintf(stderr, "sock: %s: %s; is the interface up?\n", what,
		strerror(errno));
	exit(1);
}

static int spin(const char *address, unsigned long port, unsigned long seconds)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((unsigned short)port),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), usecs = 1;
	time_t end = time(NULL) + (time_t)seconds;
	unsigned long n = 0;
	char byte;

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1) {
		fprintf(stderr, "sock: %s: no IPv4 address; see --help\n", address);
		return 2;
	}
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &usecs, sizeof(usecs)) ||
	    connect(fd, (void *)&to, sizeof(to)))
		give_up(address);
	while (time(NULL) < end) {
		if (recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno != EAGAIN)
			give_up("reading");
		n++;
	}
	printf("read %lu times\n", n);
	return 0;
}

static int bypass(const char *name, unsigned long count)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(name),
		.sll_halen = ETH_ALEN,
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0), on = 1;
	static const char frame[FRAME];
	unsigned long sent = 0;

	memset(to.sll_addr, 0xFF, ETH_ALEN);
	to.sll_protocol = htons(ETHERTYPE_LOCAL);
	if (fd < 0 || !to.sll_ifindex ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		give_up(name);
	while (sent < count) {
		if (sendto(fd, frame, sizeof(frame), 0, (void *)&to,
			   sizeof(to)) == sizeof(frame))
			sent++;
		else if (errno != ENOBUFS)
			give_up("sending");
	}
	printf("sent %lu\n", sent);
	return 0;
}

static void broadcast(int fd, struct sockaddr_ll *to, unsigned short type,
		      unsigned long count, size_t len)
{
	static const char frame[LONG];

	to->sll_protocol = htons(type);
	while (count--)
		if (sendto(fd, frame, len, 0, (void *)to, sizeof(*to)) != (ssize_t)len)
			give_up("sending");
}

static int tail(const char *name, unsigned long n_long, unsigned long n_short)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(name),
		.sll_halen = ETH_ALEN,
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM, 0);

	memset(to.sll_addr, 0xFF, ETH_ALEN);
	if (fd < 0 || !to.sll_ifindex)
		give_up(name);
	broadcast(fd, &to, ETHERTYPE_LOCAL, n_long, LONG);
	broadcast(fd, &to, ETHERTYPE_LOCAL, n_short, SHORT);
	broadcast(fd, &to, ETHERTYPE_VLAN, 1, HALF_TAG);
	return 0;
}

/* Nobody looks whether what such a socket sends is what it is bound to */
static int claim(const char *name, unsigned long count)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(name),
		.sll_protocol = htons(ETHERTYPE_VLAN),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	struct {
		struct ether_header eth;
		unsigned char data[SHORT];
	} frame = { .eth.ether_type = htons(ETHERTYPE_LOCAL) };

	memset(frame.eth.ether_dhost, 0xFF, ETH_ALEN);
	if (fd < 0 || !to.sll_ifindex)
		give_up(name);
	while (count--)
		if (sendto(fd, &frame, sizeof(frame), 0, (void *)&to,
			   sizeof(to)) != sizeof(frame))
			give_up("sending");
	return 0;
}

static int join(const char *name, const char *group, unsigned long seconds)
{
	struct ipv6_mreq mreq = { .ipv6mr_interface = if_nametoindex(name) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (inet_pton(AF_INET6, group, &mreq.ipv6mr_multiaddr) != 1) {
		fprintf(stderr, "sock: %s: wanted an IPv6 address; see --help\n", group);
		return 2;
	}
	if (fd < 0 || !mreq.ipv6mr_interface ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &mreq, sizeof(mreq)))
		give_up(name);
	puts("joined");
	fflush(stdout);
	sleep((unsigned int)seconds);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc == 5 && !strcmp(argv[1], "spin"))
		return spin(argv[2], number(argv[3], 65535),
			    number(argv[4], 100000));
	if (argc == 4 && !strcmp(argv[1], "bypass"))
		return bypass(argv[2], number(argv[3], 100000000));
	if (argc == 5 && !strcmp(argv[1], "tail"))
		return tail(argv[2], number(argv[3], 1000), number(argv[4], 1000));
	if (argc == 4 && !strcmp(argv[1], "claim"))
		return claim(argv[2], number(argv[3], 1000));
	if (argc == 5 && !strcmp(argv[1], "join"))
		return join(argv[2], argv[3], number(argv[4], 3600));
	fputs(usage, stderr);
	return 2;
}
