/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hostctl, the host's side: commands that a guest test sends through the
 * shared window. Devices register their verbs here.
 */
#ifndef HVHOST_HOSTCTL_H
#define HVHOST_HOSTCTL_H

#include <stdio.h>

#define HOSTCTL_OK	0
#define HOSTCTL_REFUSED	1	/* understood, but not possible now; the reply says why */
#define HOSTCTL_UNKNOWN	2	/* no such command or argument */

/**
 * typedef hostctl_fn - run one command
 * @argc: words in @argv, argv[0] is the registered name
 * @out: what goes back to the guest
 * Context: I/O thread; must not wait.
 * Return: HOSTCTL_*.
 */
typedef int (*hostctl_fn)(void *ctx, int argc, char **argv, FILE *out);

/**
 * hostctl_register() - add a command
 * @name: first word ("nic0"); copied
 * @help: one line a verb, newline separated; must stay valid
 * Return: 0 or -EEXIST, -ENOMEM.
 */
int hostctl_register(const char *name, const char *help, hostctl_fn fn, void *ctx);
void hostctl_unregister(const char *name);

#endif
