// SPDX-License-Identifier: GPL-2.0
/*
 * hostctl's "vmbus" (channels and what went over them) and "violations".
 */
#include "vmbus_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hostctl.h"
#include "violation.h"

static const char help[] =
	"vmbus list             channels: relid, name, state, target VP, ring bytes\n"
	"vmbus counters         packets, bytes and signals each way, a channel a line\n"
	"vmbus rescind RELID    take a channel away, a primary with its sub-channels";

static void print_channel(const struct vmbus_channel *chan, FILE *out)
{
	fprintf(out, "%u \"%s\" %s", chan->relid, chan->name,
		channel_state_name(chan->state));
	if (chan->ring)
		fprintf(out, " vp %d rings %u %u", (int)chan->target_vp,
			chan->in.ring.size, chan->out.ring.size);
	fputc('\n', out);
}

static int cmd_list(FILE *out)
{
	const struct vmbus_channel *chan;
	uint32_t version = vmbus_version();

	if (version)
		fprintf(out, "version %u.%u\n", version >> 16, version & 0xFFFF);
	else
		fprintf(out, "version none\n");
	TAILQ_FOREACH(chan, channel_list(), node)
		print_channel(chan, out);
	return HOSTCTL_OK;
}

static int cmd_counters(FILE *out)
{
	const struct vmbus_channel *chan;

	TAILQ_FOREACH(chan, channel_list(), node) {
		const struct chan_stats *s = &chan->stats;

		fprintf(out, "%u \"%s\" packets-in %" PRIu64
			" packets-out %" PRIu64 " bytes-in %" PRIu64
			" bytes-out %" PRIu64 " signals-in %" PRIu64
			" signals-out %" PRIu64 " space-signals-out %" PRIu64
			" ring-full %" PRIu64 "\n",
			chan->relid, chan->name, s->pkts_in, s->pkts_out,
			s->bytes_in, s->bytes_out, s->signals_in,
			s->signals_out, s->space_signals, s->full);
	}
	return HOSTCTL_OK;
}

static int cmd_rescind(const char *arg, FILE *out)
{
	struct vmbus_channel *chan;
	unsigned long relid;
	char *end;

	relid = strtoul(arg, &end, 10);
	if (!*arg || *end || relid > VMBUS_RELID_MAX) {
		fprintf(out, "vmbus: rescind: %s: not a relid (1..%u)\n", arg,
			VMBUS_RELID_MAX);
		return HOSTCTL_UNKNOWN;
	}
	chan = channel_find(relid);
	if (!chan) {
		fprintf(out, "vmbus: rescind: %lu: no such channel\n", relid);
		return HOSTCTL_REFUSED;
	}
	if (chan->state == CHAN_RESCINDED) {
		fprintf(out, "vmbus: rescind: %lu: already rescinded\n", relid);
		return HOSTCTL_REFUSED;
	}
	vmbus_rescind(chan);
	return HOSTCTL_OK;
}

static int cmd_vmbus(void *ctx, int argc, char **argv, FILE *out)
{
	(void)ctx;

	if (argc == 2 && !strcmp(argv[1], "list"))
		return cmd_list(out);
	if (argc == 2 && !strcmp(argv[1], "counters"))
		return cmd_counters(out);
	if (argc == 3 && !strcmp(argv[1], "rescind"))
		return cmd_rescind(argv[2], out);
	fprintf(out, "%s\n", help);
	return HOSTCTL_UNKNOWN;
}

static int cmd_violations(void *ctx, int argc, char **argv, FILE *out)
{
	(void)ctx;
	(void)argv;

	if (argc != 1) {
		fprintf(out, "violations: takes no argument\n");
		return HOSTCTL_UNKNOWN;
	}
	violation_list(out);
	return violation_count() ? HOSTCTL_REFUSED : HOSTCTL_OK;
}

int vmbus_ctl_init(void)
{
	int ret = hostctl_register("vmbus", help, cmd_vmbus, NULL);

	if (ret)
		return ret;
	ret = hostctl_register("violations",
			       "violations             what the guest broke; fails when not all of it is known",
			       cmd_violations, NULL);
	if (ret)
		hostctl_unregister("vmbus");
	return ret;
}
