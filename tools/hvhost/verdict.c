// SPDX-License-Identifier: GPL-2.0
/*
 * How the guest ended: decided once, told once.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "loop.h"
#include "msg.h"
#include "verdict.h"
#include "violation.h"

/* Name in the report, what the line says, exit status. */
static const struct {
	const char *name;
	const char *text;
	int status;
} ends[] = {
	[END_POWEROFF] = { "poweroff", "guest powered off", STATUS_OK },
	[END_EXIT] = { "exit", "guest ended by itself", STATUS_OK },
	[END_REBOOT] = { "reboot", "guest rebooted", STATUS_REBOOTED },
	[END_TRIPLE_FAULT] = { "triple-fault", "guest crashed: triple fault",
			       STATUS_CRASHED },
	[END_PANIC] = { "panic", "guest crashed: panic", STATUS_CRASHED },
	[END_TIMEOUT] = { "timeout", "guest hung", STATUS_HUNG },
	[END_STOPPED] = { "stopped", "stopped", STATUS_FAILED },
	[END_FAILED] = { "failed", "cannot go on", STATUS_FAILED },
};

/* Protects what follows; any thread may end the guest. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum guest_end verdict;
static int guest_status;
static char detail[512];
static char panic_detail[512];

void verdict_set(enum guest_end end, int status, const char *fmt, ...)
{
	va_list args;

	pthread_mutex_lock(&lock);
	if (verdict == END_NONE) {
		verdict = end;
		guest_status = status;
		va_start(args, fmt);
		vsnprintf(detail, sizeof(detail), fmt, args);
		va_end(args);
		if (panic_detail[0] && end != END_EXIT && end != END_POWEROFF) {
			verdict = END_PANIC;
			memcpy(detail, panic_detail, sizeof(detail));
		}
	}
	pthread_mutex_unlock(&lock);
	loop_stop();
}

void verdict_panic(const char *fmt, ...)
{
	va_list args;

	pthread_mutex_lock(&lock);
	va_start(args, fmt);
	vsnprintf(panic_detail, sizeof(panic_detail), fmt, args);
	va_end(args);
	pthread_mutex_unlock(&lock);
	msg("guest reports a panic: %s", panic_detail);
}

static void write_report(FILE *out, unsigned long exits)
{
	fprintf(out, "end %s\n", ends[verdict].name);
	fprintf(out, "status %d\n", guest_status);
	if (panic_detail[0])
		fprintf(out, "panic %s\n", panic_detail);
	fprintf(out, "violations %lu\n", violation_count());
	fprintf(out, "known-violations %lu\n", violation_known());
	fprintf(out, "exits %lu\n", exits);
}

/* The list has one violation a line; the report names each line. */
static void write_violations(FILE *out)
{
	char line[1024];
	FILE *list = tmpfile();

	if (!list)
		return;
	violation_list(list);
	rewind(list);
	while (fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0])
			fprintf(out, "violation %s\n", line);
	}
	fclose(list);
}

static int save_report(const char *path, unsigned long exits)
{
	FILE *out = fopen(path, "w");
	int bad;

	if (!out) {
		msg("--report %s: %s, name a file that can be written",
		    path, strerror(errno));
		return -1;
	}
	write_report(out, exits);
	write_violations(out);
	bad = ferror(out);
	if (fclose(out) || bad) {
		msg("--report %s: not written whole: %s, free some space",
		    path, strerror(errno));
		return -1;
	}
	return 0;
}

int verdict_finish(const char *report, unsigned long exits)
{
	int status = ends[verdict].status;

	if (status == STATUS_OK && violation_count())
		status = STATUS_VIOLATION;
	if (verdict == END_EXIT)
		msg("%s with status %d", ends[verdict].text, guest_status);
	else
		msg("%s%s%s", ends[verdict].text, detail[0] ? ": " : "", detail);
	if (status == STATUS_VIOLATION)
		msg("guest broke the protocol: %lu violations outside the known list",
		    violation_count());
	if (report && save_report(report, exits) && status == STATUS_OK)
		status = STATUS_FAILED;
	return status;
}
