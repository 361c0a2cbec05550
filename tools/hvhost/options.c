// SPDX-License-Identifier: GPL-2.0
/*
 * hvhost's command line.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"
#include "msg.h"
#include "options.h"

#ifndef HVHOST_VERSION
#define HVHOST_VERSION "unknown"
#endif

#define VMBUS(major, minor)	((major) << 16 | (minor))
#define TIMEOUT_MAX_S		604800u	/* a week */

enum {
	OPT_KERNEL = 1, OPT_INITRD, OPT_APPEND, OPT_CPUS, OPT_NODES, OPT_MEMORY,
	OPT_HOST, OPT_VMBUS, OPT_NIC, OPT_CONSOLE, OPT_OUTPUT, OPT_TIMEOUT, OPT_SILENCE,
	OPT_NESTED, OPT_ALLOW, OPT_REPORT, OPT_HELP, OPT_VERSION,
};

/* A word and what it stands for; a table ends with a NULL word. */
struct choice {
	const char *word;
	uint32_t value;
};

static const struct choice host_words[] = {
	{ "ws2012r2", HOST_WS2012R2 },
	{ "ws2016", HOST_WS2016 },
	{ "ws2019", HOST_WS2019 },
	{ "ws2022", HOST_WS2022 },
	{ "azure", HOST_AZURE },
	{ NULL, 0 },
};

static const struct choice vmbus_words[] = {
	{ "3.0", VMBUS(3, 0) },
	{ "4.0", VMBUS(4, 0) },
	{ "4.1", VMBUS(4, 1) },
	{ "5.0", VMBUS(5, 0) },
	{ "5.1", VMBUS(5, 1) },
	{ "5.2", VMBUS(5, 2) },
	{ "5.3", VMBUS(5, 3) },
	{ NULL, 0 },
};

static const struct choice nested_words[] = {
	{ "auto", NESTED_AUTO },
	{ "on", NESTED_ON },
	{ "off", NESTED_OFF },
	{ NULL, 0 },
};

/* Newest VMBus version of each generation (Documentation/protocol.md F) */
static const uint32_t host_vmbus[] = {
	[HOST_WS2012R2] = VMBUS(3, 0),
	[HOST_WS2016] = VMBUS(4, 0),
	[HOST_WS2019] = VMBUS(5, 2),
	[HOST_WS2022] = VMBUS(5, 3),
	[HOST_AZURE] = VMBUS(5, 3),
};

static const char help_text[] =
"usage: hvhost --kernel BZIMAGE [OPTION]...   boot a guest on an emulated Hyper-V host\n"
"  --kernel FILE        Linux bzImage, x86-64\n"
"  --initrd FILE        initial RAM disk; repeatable, laid one behind the other\n"
"  --append TEXT        kernel command line (default empty)\n"
"  --cpus N             virtual CPUs, 1 to 64 (default 1)\n"
"  --nodes N            NUMA nodes, 1 to 8: each with a package of the CPUs and a part\n"
"                       of the RAM (default 1)\n"
"  --memory MIB         guest RAM (default 512)\n"
"  --host GENERATION    ws2012r2, ws2016, ws2019, ws2022 or azure (default ws2022):\n"
"                       sets the defaults of --vmbus and --nic\n"
"  --vmbus VERSION      newest VMBus version offered, 3.0 4.0 4.1 5.0 5.1 5.2 5.3\n"
"  --nic KEY=VALUE,...  a synthetic NIC; repeatable (default: none)\n"
"  --console FILE|-|none  guest's serial port (default -: this terminal, in and out;\n"
"                       Ctrl-A x ends hvhost)\n"
"  --output FILE|-      what the guest sends with `hostctl output` (default -: stdout)\n"
"  --timeout SECONDS    the guest has hung when it still runs then (default: none)\n"
"  --silence SECONDS    ... or when it says nothing for so long (default: any time)\n"
"  --nested auto|on|off hide CPU features that break in nested guests (default auto:\n"
"                       when hvhost itself runs under a hypervisor)\n"
"  --allow NAME         accept a list of known violations (stock); repeatable\n"
"  --report FILE        write at the end how it ended, \"key value\" a line\n"
"  --help, --version\n"
"Keys of --nic:\n";

static const char help_end[] =
"Exit status: 0 guest ended by itself, 1 hvhost could not go on, 2 wrong usage,\n"
"  3 guest broke the protocol, 4 guest crashed, 5 guest rebooted, 6 guest hung.\n"
"Example: hvhost --kernel vmlinuz --initrd initrd --append console=ttyS0 --nic tap=tap0\n";

static void print_help(void)
{
	fputs(help_text, stdout);
	fputs(nic_help(), stdout);
	fputs(help_end, stdout);
}

static uint32_t choose(const char *option, const char *word,
		       const struct choice *table)
{
	char words[128] = "";

	for (const struct choice *c = table; c->word; c++) {
		if (!strcmp(c->word, word))
			return c->value;
		if (words[0])
			strcat(words, ", ");
		strcat(words, c->word);	/* the tables are ours and short */
	}
	fatal(STATUS_USAGE, "%s %s: no such choice, take one of %s", option,
	      word, words);
}

static unsigned int number(const char *option, const char *word,
			   unsigned int least, unsigned int most)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (word[0] < '0' || word[0] > '9' || *end || value < least ||
	    value > most)
		fatal(STATUS_USAGE, "%s %s: wants a number from %u to %u",
		      option, word, least, most);
	return (unsigned int)value;
}

static void append_value(struct option_list *list, const char *value)
{
	const char **grown;

	grown = realloc(list->value, (list->count + 1) * sizeof(*grown));
	if (!grown)
		fatal(STATUS_FAILED, "command line: out of memory");
	list->value = grown;
	list->value[list->count++] = value;
}

static void take_machine_option(struct options *opts, int option,
				const char *value)
{
	switch (option) {
	case OPT_CPUS:
		opts->cpus = number("--cpus", value, 1, LAYOUT_MAX_CPUS);
		break;
	case OPT_NODES:
		opts->nodes = number("--nodes", value, 1, LAYOUT_MAX_NODES);
		break;
	case OPT_MEMORY:
		opts->memory_mib = number("--memory", value, LAYOUT_MIN_MIB,
					  LAYOUT_MAX_MIB);
		break;
	case OPT_HOST:
		opts->host = (enum host_gen)choose("--host", value, host_words);
		break;
	case OPT_VMBUS:
		opts->vmbus = choose("--vmbus", value, vmbus_words);
		break;
	case OPT_TIMEOUT:
		opts->timeout_s = number("--timeout", value, 1, TIMEOUT_MAX_S);
		break;
	case OPT_SILENCE:
		opts->silence_s = number("--silence", value, 1, TIMEOUT_MAX_S);
		break;
	case OPT_NESTED:
		opts->nested = (enum nested_mode)choose("--nested", value,
							nested_words);
		break;
	}
}

static void take_option(struct options *opts, int option, const char *value)
{
	switch (option) {
	case OPT_KERNEL:
		opts->kernel = value;
		break;
	case OPT_INITRD:
		append_value(&opts->initrds, value);
		break;
	case OPT_APPEND:
		opts->append = value;
		break;
	case OPT_NIC:
		append_value(&opts->nics, value);
		break;
	case OPT_CONSOLE:
		opts->console = value;
		break;
	case OPT_OUTPUT:
		opts->output = value;
		break;
	case OPT_ALLOW:
		append_value(&opts->allow, value);
		break;
	case OPT_REPORT:
		opts->report = value;
		break;
	case OPT_HELP:
		print_help();
		exit(STATUS_OK);
	case OPT_VERSION:
		printf("hvhost %s\n", HVHOST_VERSION);
		exit(STATUS_OK);
	default:
		take_machine_option(opts, option, value);
		break;
	}
}

static const struct option long_options[] = {
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "append", required_argument, NULL, OPT_APPEND },
	{ "cpus", required_argument, NULL, OPT_CPUS },
	{ "nodes", required_argument, NULL, OPT_NODES },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "host", required_argument, NULL, OPT_HOST },
	{ "vmbus", required_argument, NULL, OPT_VMBUS },
	{ "nic", required_argument, NULL, OPT_NIC },
	{ "console", required_argument, NULL, OPT_CONSOLE },
	{ "output", required_argument, NULL, OPT_OUTPUT },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "silence", required_argument, NULL, OPT_SILENCE },
	{ "nested", required_argument, NULL, OPT_NESTED },
	{ "allow", required_argument, NULL, OPT_ALLOW },
	{ "report", required_argument, NULL, OPT_REPORT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

/* The APIC ids of a package begin at a power of two. */
static void check_nodes(const struct options *opts)
{
	unsigned int cpus = opts->cpus / opts->nodes;

	if (opts->nodes > 1 &&
	    (opts->cpus % opts->nodes || !cpus || (cpus & (cpus - 1))))
		fatal(STATUS_USAGE, "--nodes %u: %u CPUs cannot be divided into packages of 1, 2, 4, ...",
		      opts->nodes, opts->cpus);
}

void options_parse(int argc, char **argv, struct options *opts)
{
	int option;

	*opts = (struct options){
		.append = "",
		.cpus = 1,
		.nodes = 1,
		.memory_mib = 512,
		.host = HOST_WS2022,
		.console = "-",
		.output = "-",
	};
	opterr = 0;
	/* ':' tells a missing value from an unknown option. */
	while ((option = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (option == '?')
			fatal(STATUS_USAGE, "%s: no such option, see --help",
			      argv[optind - 1]);
		if (option == ':')
			fatal(STATUS_USAGE, "%s: wants a value, see --help",
			      argv[optind - 1]);
		take_option(opts, option, optarg);
	}
	if (optind < argc)
		fatal(STATUS_USAGE, "%s: not an option, see --help", argv[optind]);
	if (!opts->kernel)
		fatal(STATUS_USAGE, "--kernel: missing, name a Linux bzImage");
	check_nodes(opts);
	if (!opts->vmbus)
		opts->vmbus = host_vmbus[opts->host];
}
