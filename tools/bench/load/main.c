// SPDX-License-Identifier: GPL-2.0
/*
 * load: makes the traffic of a benchmark, in the guest and at its peer.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"
#include "mark.h"

static const char usage[] =
"usage: load serve                          the peer's side of all below\n"
"       load mark [MS]                      wait, then mark this moment for the counter\n"
"       load nothing                        start and end\n"
"       load spin MS                        keep a processor busy, without the kernel\n"
"       load pktgen N                       start what pktgen was told, N times\n"
"       load flood PEER N SIZE DESTINATION  have the peer send N datagrams there\n"
"       load bursts PEER N SIZE SEGMENTS    send N datagrams, so many at a time\n"
"       load xsk INTERFACE QUEUES MAP N any|copy\n"
"                                           sockets of AF_XDP in MAP, for N frames\n"
"       load xsk-ask [N]                    have those send N frames, or end\n"
"       load tcp-send PEER BYTES STREAMS    send to the peer\n"
"       load tcp-recv PEER BYTES STREAMS    receive from it\n"
"       load tcp-rr PEER N                  N times one byte there and back\n"
"       load gap PEER COMMAND...            the longest silence while COMMAND runs, ms\n";

static int cmd_mark(int argc, char **argv)
{
	if (argc == 2)
		usleep(number(argv[1], 10000) * 1000);
	__asm__ volatile(MARK_ASM);
	return 0;
}

static int cmd_nothing(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static int cmd_spin(int argc, char **argv)
{
	uint64_t end = now_ms() + number(argv[1], 10000);

	(void)argc;
	while (now_ms() < end)
		;
	return 0;
}

static int cmd_pktgen(int argc, char **argv)
{
	uint32_t left = number(argv[1], 1000);
	int fd = open("/proc/net/pktgen/pgctrl", O_WRONLY);

	(void)argc;
	if (fd < 0)
		die("pktgen", "it is not loaded");
	while (left--)
		write_whole(fd, "start", 5);
	return 0;
}

static const struct {
	const char *name;
	int least, most;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "serve", 1, 1, cmd_serve },
	{ "mark", 1, 2, cmd_mark },
	{ "nothing", 1, 1, cmd_nothing },
	{ "spin", 2, 2, cmd_spin },
	{ "pktgen", 2, 2, cmd_pktgen },
	{ "flood", 5, 5, cmd_flood },
	{ "bursts", 5, 5, cmd_bursts },
	{ "xsk", 6, 6, cmd_xsk },
	{ "xsk-ask", 1, 2, cmd_xsk_ask },
	{ "tcp-send", 4, 4, cmd_tcp_send },
	{ "tcp-recv", 4, 4, cmd_tcp_recv },
	{ "tcp-rr", 3, 3, cmd_tcp_rr },
	{ "gap", 3, 64, cmd_gap },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		if (argc - 1 < commands[i].least || argc - 1 > commands[i].most)
			break;
		/* What hangs ends: the peer's server alone lives as long as its guest. */
		if (commands[i].run != cmd_serve)
			alarm(LIMIT_S);
		return commands[i].run(argc - 1, argv + 1);
	}
	fputs(usage, stderr);
	return 2;
}
