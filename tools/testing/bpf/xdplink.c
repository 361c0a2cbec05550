// SPDX-License-Identifier: GPL-2.0
/*
 * A bpf_link at an interface's driver, whose program is replaced back and forth by
 * another. A static program, for an initramfs that has nothing else.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS	20

static const char usage[] =
"usage: xdplink INTERFACE PROGRAM PROGRAM\n"
"\n"
"Attaches the first pinned PROGRAM by a link, puts the second into its place and\n"
"back, twenty times, and lets the link go.\n"
"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

static int bpf(int command, union bpf_attr *attr, const char *what)
{
	long fd = syscall(SYS_bpf, command, attr, sizeof(*attr));

	if (fd < 0) {
		fprintf(stderr, "xdplink: %s: %s; is another program attached?\n", what,
			strerror(errno));
		exit(1);
	}
	return (int)fd;
}

static int pinned(const char *path)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (unsigned long)path;
	return bpf(BPF_OBJ_GET, &attr, path);
}

int main(int argc, char **argv)
{
	union bpf_attr create, update;
	int prog[2], link;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc != 4) {
		fputs(usage, stderr);
		return 2;
	}
	prog[0] = pinned(argv[2]);
	prog[1] = pinned(argv[3]);
	/* An initialiser may leave what is beside the member it names as it was. */
	memset(&create, 0, sizeof(create));
	create.link_create.attach_type = BPF_XDP;
	create.link_create.flags = XDP_FLAGS_DRV_MODE;
	create.link_create.prog_fd = (__u32)prog[0];
	create.link_create.target_ifindex = if_nametoindex(argv[1]);
	link = bpf(BPF_LINK_CREATE, &create, argv[1]);
	for (int i = 1; i <= ROUNDS; i++) {
		memset(&update, 0, sizeof(update));
		update.link_update.link_fd = (__u32)link;
		update.link_update.new_prog_fd = (__u32)prog[i % 2];
		bpf(BPF_LINK_UPDATE, &update, "replacing the program");
	}
	return 0;
}
