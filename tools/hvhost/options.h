/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hvhost's command line.
 */
#ifndef HVHOST_OPTIONS_H
#define HVHOST_OPTIONS_H

#include <stdint.h>

#include "nic.h"

enum nested_mode {
	NESTED_AUTO,
	NESTED_ON,
	NESTED_OFF,
};

/* A repeatable option; @value belongs to argv, @list to nobody: it stays. */
struct option_list {
	const char **value;
	unsigned int count;
};

/**
 * struct options - the command line, checked
 * @vmbus: newest VMBus version offered, major << 16 | minor
 * @nodes: NUMA nodes; each has an equal number of @cpus, a power of two if not all
 * @memory_mib: guest RAM
 * @timeout_s: 0 for none
 * @silence_s: 0 for none
 * @report: NULL for none
 */
struct options {
	const char *kernel;
	struct option_list initrds;
	const char *append;
	unsigned int cpus;
	unsigned int nodes;
	unsigned int memory_mib;
	enum host_gen host;
	uint32_t vmbus;
	struct option_list nics;
	const char *console;
	const char *output;
	unsigned int timeout_s;
	unsigned int silence_s;
	enum nested_mode nested;
	struct option_list allow;
	const char *report;
};

/**
 * options_parse() - read the command line
 *
 * --help and --version print and exit 0; a mistake prints one line and exits 2.
 */
void options_parse(int argc, char **argv, struct options *opts);

#endif
