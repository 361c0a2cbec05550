/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the small programs for guests have in common.
 */
#ifndef ARGS_H
#define ARGS_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* A number of the command line; anything else ends the program with status 2 */
static inline unsigned long number(const char *text, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*end || end == text || n > most) {
		fprintf(stderr, "%s: %s: wanted 0 to %lu; see --help\n",
			program_invocation_short_name, text, most);
		exit(2);
	}
	return n;
}

#endif
