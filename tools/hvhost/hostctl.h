/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hostctl, the host's side: commands that a guest test sends through the
 * shared window. Devices register their verbs here.
 */
#ifndef HVHOST_HOSTCTL_H
#define HVHOST_HOSTCTL_H

#include <stdio.h>

#include "hostctl_abi.h"	/* HOSTCTL_OK, HOSTCTL_REFUSED, ... */

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

/**
 * hostctl_init() - make the window and the doorbell, and the built-in commands
 * @output: --output: "-" for stdout, else a file to write
 * Context: set-up; a file that cannot be written ends hvhost (fatal()).
 */
void hostctl_init(const char *output);

/** hostctl_add_builtins() - the commands that name no device. Context: set-up. */
void hostctl_add_builtins(void);

/** hostctl_help() - help of all commands, one line a verb. Context: I/O thread. */
void hostctl_help(FILE *out);

#endif
