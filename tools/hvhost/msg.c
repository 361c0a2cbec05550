// SPDX-License-Identifier: GPL-2.0
/*
 * What hvhost says on stderr. A line is written in one piece, so that lines
 * of several threads do not mix; a terminal in raw mode needs its own return.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "console.h"
#include "msg.h"

static void vmsg(const char *fmt, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, args);
	fprintf(stderr, "hvhost: %s%s\n", text, console_is_raw() ? "\r" : "");
}

void msg(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vmsg(fmt, args);
	va_end(args);
}

void fatal(int status, const char *fmt, ...)
{
	va_list args;

	console_restore();
	va_start(args, fmt);
	vmsg(fmt, args);
	va_end(args);
	exit(status);
}
