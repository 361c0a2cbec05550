// SPDX-License-Identifier: GPL-2.0
/*
 * hostctl's commands that name no device.
 */
#include <stdlib.h>

#include "hostctl.h"
#include "loop.h"
#include "synic_host.h"
#include "vcpu.h"
#include "verdict.h"
#include "violation.h"

#define STATUS_MAX	255

static uint64_t start_ns;

static int help_command(void *ctx, int argc, char **argv, FILE *out)
{
	(void)ctx;
	(void)argc;
	(void)argv;
	hostctl_help(out);
	return HOSTCTL_OK;
}

static int exit_command(void *ctx, int argc, char **argv, FILE *out)
{
	char *end;
	long status;

	(void)ctx;
	if (argc != 2)
		goto usage;
	status = strtol(argv[1], &end, 10);
	if (*end || end == argv[1] || status < 0 || status > STATUS_MAX)
		goto usage;
	verdict_set(END_EXIT, (int)status, "%s", "");
	return HOSTCTL_OK;

usage:
	fprintf(out, "exit: wants a status from 0 to %d\n", STATUS_MAX);
	return HOSTCTL_UNKNOWN;
}

static int report_command(void *ctx, int argc, char **argv, FILE *out)
{
	(void)ctx;
	(void)argc;
	(void)argv;
	fprintf(out, "uptime-ms %llu\n", (unsigned long long)
		(loop_now_ns() - start_ns) / 1000000);
	fprintf(out, "exits %lu\n", vcpu_exits());
	fprintf(out, "violations %lu\n", violation_count());
	fprintf(out, "known-violations %lu\n", violation_known());
	synic_report(out);
	return HOSTCTL_OK;
}

static int exits_command(void *ctx, int argc, char **argv, FILE *out)
{
	(void)ctx;
	(void)argc;
	(void)argv;
	vcpu_print_exits(out);
	return HOSTCTL_OK;
}

void hostctl_add_builtins(void)
{
	static const struct {
		const char *name, *help;
		hostctl_fn fn;
	} builtins[] = {
		{ "help", "help                   this list", help_command },
		{ "exit", "exit STATUS            end the guest with a status (0 to 255)",
		  exit_command },
		{ "report", "report                 counters of the host",
		  report_command },
		{ "exits", "exits                  exits by reason, since the start",
		  exits_command },
	};

	start_ns = loop_now_ns();
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (hostctl_register(builtins[i].name, builtins[i].help,
				     builtins[i].fn, NULL))
			abort();
}
