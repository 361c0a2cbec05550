/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of the load generator share. Guest and peer run the same
 * program; it costs little to start, so that little of what is counted is its own.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <netinet/in.h>
#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define PORT_FLOOD	7001	/* UDP: ask the peer to send datagrams */
#define PORT_ECHO	7002	/* UDP: every datagram comes back */
#define PORT_TCP	7003	/* TCP: struct tcp_order, then data */
#define PORT_DISCARD	9	/* UDP: nobody listens, or all is dropped */

#define LIMIT_S		60	/* no operation takes longer */
#define RUN		192	/* packets without a pause: fewer than a queue takes */
#define RUN_PAUSE_US	10000
#define STREAMS_MAX	64
#define SIZE_MAX_UDP	1472

/* What a client asks of the TCP server; numbers in network order. */
struct tcp_order {
	uint32_t receive;	/* bytes that the server sends */
	uint32_t echo;		/* bytes of each message that it returns, or 0 */
};

/* util.c */
_Noreturn void die(const char *what, const char *why);
uint32_t number(const char *text, uint32_t most);
struct sockaddr_in address_of(const char *text, uint16_t port);
uint64_t now_ms(void);
int udp_socket(uint16_t port);
void drop_discard(void);
void write_whole(int fd, const void *data, size_t len);
int read_whole(int fd, void *data, size_t len);

/* Subcommands; argv[0] is the subcommand's name. Return: exit status. */
int cmd_serve(int argc, char **argv);
int cmd_flood(int argc, char **argv);
int cmd_bursts(int argc, char **argv);
int cmd_xsk(int argc, char **argv);
int cmd_xsk_ask(int argc, char **argv);
int cmd_tcp_send(int argc, char **argv);
int cmd_tcp_recv(int argc, char **argv);
int cmd_tcp_rr(int argc, char **argv);
int cmd_gap(int argc, char **argv);

#endif
