// SPDX-License-Identifier: GPL-2.0
/*
 * What hostctl can do to a NIC: "nic0 VERB ...".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostctl.h"
#include "nic_priv.h"
#include "vf.h"

static const char nic_ctl_help[] =
	"link up|down              change the link state, the guest is told\n"
	"event network-change      tell the guest that the network behind the link changed\n"
	"event speed MBPS          change the link speed, the guest is told\n"
	"event offloads off|on     switch off those of transmit as if by itself; the guest\n"
	"                          is told\n"
	"event keepalive           ask the guest whether it is there; \"state\" counts answers\n"
	"mtu BYTES                 allow this MTU from the next connection on\n"
	"counters                  frames, bytes, drops, packets of each channel\n"
	"state                     what was negotiated\n"
	"remove [closed]           take the NIC away (rescind); not before the guest has\n"
	"                          closed it next\n"
	"add                       offer it again\n"
	"silent STEP               withhold an answer\n"
	"fail STEP [TIMES [AFTER]] let it say failure; so many times, then no more; after\n"
	"                          so many that do not\n"
	"slow STEP MS              give an answer late\n"
	"answer STEP               end that; \"answer all\" ends every fault, and what is\n"
	"                          to be spoilt next, and \"remove closed\"\n"
	"table CHANNEL...          send the guest another send indirection table, of these\n"
	"grant N                   grant at most N sub-channels from now on\n"
	"faults                    list the faults in force, the answer that will be\n"
	"                          spoilt, and the STEPs\n"
	"blast udp SECONDS         flood the guest with UDP frames of 60 bytes, from 192.0.2.1\n"
	"                          to 192.0.2.2 port 9; returns when it is over\n"
	"blast stop                end that before\n"
	"rsc SHAPE                 send a coalesced packet of this shape; without: list\n"
	"vf VERB ...               the VF of the NIC; without a known verb: list\n"
	"hostile NAME              send what no honest host sends, or spoil the next answer\n"
	"                          of its kind; without NAME: list";

static const char *const drop_name[NIC_DROP_COUNT] = {
	[NIC_DROP_LINK]		= "link",
	[NIC_DROP_CLOSED]	= "closed",
	[NIC_DROP_FILTER]	= "filter",
	[NIC_DROP_SIZE]		= "size",
	[NIC_DROP_BACKLOG]	= "backlog",
	[NIC_DROP_MALFORMED]	= "malformed",
	[NIC_DROP_FAULT]	= "fault",
	[NIC_DROP_UPLINK]	= "uplink",
};

/**
 * struct verb - one word behind the NIC's name
 * @name: the word
 * @args: words that must follow, @most that may
 * @fn: argv[0] is the first word behind @name. Return: HOSTCTL_*.
 */
struct verb {
	const char *name;
	int args;
	int most;
	int (*fn)(struct nic *nic, int argc, char **argv, FILE *out);
};

static int c_link(struct nic *nic, int argc, char **argv, FILE *out)
{
	bool up = !strcmp(argv[0], "up");

	(void)argc;
	if (!up && strcmp(argv[0], "down")) {
		fprintf(out, "link %s: wanted up or down\n", argv[0]);
		return HOSTCTL_UNKNOWN;
	}
	nic_set_link(nic, up);
	return HOSTCTL_OK;
}

static int parse_range(const char *text, u32 min, u32 max, u32 *value)
{
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	if (end == text || *end || v < min || v > max)
		return -EINVAL;
	*value = (u32)v;
	return 0;
}

static int parse_number(const char *text, u32 max, u32 *value)
{
	return parse_range(text, 1, max, value);
}

/* From the next connection on */
static int c_mtu(struct nic *nic, int argc, char **argv, FILE *out)
{
	u32 mtu;

	(void)argc;
	if (parse_range(argv[0], NIC_MTU_MIN, NIC_MTU_MAX, &mtu)) {
		fprintf(out, "mtu %s: wanted %u to %u\n", argv[0], NIC_MTU_MIN,
			NIC_MTU_MAX);
		return HOSTCTL_UNKNOWN;
	}
	nic->cfg.mtu = mtu;
	return HOSTCTL_OK;
}

static int c_event(struct nic *nic, int argc, char **argv, FILE *out)
{
	__le32 speed[2];

	if (!strcmp(argv[0], "network-change") && argc == 1) {
		rndis_host_indicate(nic, RNDIS_STATUS_NETWORK_CHANGE, NULL, 0);
		return HOSTCTL_OK;
	}
	if (!strcmp(argv[0], "offloads") && argc == 2 &&
	    (!strcmp(argv[1], "off") || !strcmp(argv[1], "on"))) {
		nic->tx_offloads_off = !strcmp(argv[1], "off");
		oid_offload_indicate(nic);
		return HOSTCTL_OK;
	}
	if (!strcmp(argv[0], "keepalive") && argc == 1) {
		if (nic_queue_up(nic, 0) && nic->conn.rndis == RNDIS_PHASE_READY) {
			rndis_host_keepalive(nic);
			return HOSTCTL_OK;
		}
		fprintf(out, "%s is not up\n", nic->ident);
		return HOSTCTL_REFUSED;
	}
	if (!strcmp(argv[0], "speed") && argc == 2 &&
	    !parse_number(argv[1], 4000000, &nic->speed_mbps)) {
		/* Units as of OID_GEN_LINK_SPEED: so the distribution's driver reads it */
		speed[0] = cpu_to_le32((u32)(nic->speed_mbps * 1000000ull /
					     RNDIS_LINK_SPEED_UNIT));
		speed[1] = speed[0];
		rndis_host_indicate(nic, RNDIS_STATUS_LINK_SPEED_CHANGE, speed,
				    sizeof(speed));
		return HOSTCTL_OK;
	}
	fprintf(out,
		"event: wanted network-change, keepalive, offloads off|on, or speed 1..4000000 (Mbit/s)\n");
	return HOSTCTL_UNKNOWN;
}

static void print_queue(FILE *out, const struct nic_queue *q)
{
	const struct nic_stats *s = &q->stats;
	const struct {
		const char *name;
		u64 value;
	} rows[] = {
		{ "tx_packets", s->tx_packets },
		{ "tx_sections", s->tx_sections }, { "tx_frames", s->tx_frames },
		{ "tx_bytes", s->tx_bytes }, { "tx_most_in_packet", s->tx_most },
		{ "tx_lso", s->tx_lso },
		{ "tx_csum", s->tx_csum }, { "tx_vlan", s->tx_vlan },
		{ "tx_tagged", s->tx_tagged },
		{ "tx_udp_long", s->tx_udp_long },
		{ "tx_bad_csum", s->tx_bad_csum }, { "tx_bad", s->tx_bad },
		{ "rx_packets", s->rx_packets }, { "rx_frames", s->rx_frames },
		{ "rx_bytes", s->rx_bytes }, { "rx_most_in_packet", s->rx_most },
		{ "rx_failed", s->rx_failed }, { "rx_strange", s->rx_strange },
		{ "rx_rsc", s->rx_rsc },
		{ "rx_rsc_fragments", s->rx_rsc_frags }, { "control", s->control },
		{ "signals", s->wakeups }, { "ring_full", s->ring_full },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		fprintf(out, "channel%u %s %llu\n", q->index, rows[i].name,
			(unsigned long long)rows[i].value);
}

static int c_counters(struct nic *nic, int argc, char **argv, FILE *out)
{
	u32 i;

	(void)argc;
	(void)argv;
	for (i = 0; i < NIC_DROP_COUNT; i++) {
		fprintf(out, "tx_drop_%s %llu\n", drop_name[i],
			(unsigned long long)nic->drop_tx[i]);
		fprintf(out, "rx_drop_%s %llu\n", drop_name[i],
			(unsigned long long)nic->drop_rx[i]);
	}
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (nic->queue[i])
			print_queue(out, nic->queue[i]);
	return HOSTCTL_OK;
}

static int c_state(struct nic *nic, int argc, char **argv, FILE *out)
{
	const struct nic_conn *c = &nic->conn;
	u32 i, open = 0;

	(void)argc;
	(void)argv;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		open += nic_queue_up(nic, i);
	fprintf(out, "link %s\nspeed_mbps %u\nchannels_open %u\n",
		nic->link_up ? "up" : "down", nic->speed_mbps, open);
	fprintf(out,
		"nvsp 0x%08x\nndis_minor %u\nframe_mtu %u\ncapabilities 0x%llx\n",
		c->version, c->ndis_minor, c->frame_mtu,
		(unsigned long long)c->caps);
	fprintf(out, "recv_section %u\nrecv_sections %u\nrecv_free %u\n",
		c->rx.size, c->rx.count, c->rx.free_count);
	fprintf(out, "send_section %u\nsend_sections %u\n", c->tx.size,
		c->tx.count);
	fprintf(out, "batch %u\nalign %u\nmax_xfer %u\n", nic->cfg.batch,
		nic->cfg.align, nic->cfg.max_xfer);
	fprintf(out, "filter 0x%x\nrss %s\nrss_hash_info 0x%x\nrss_entries %u\n",
		c->filter, c->rss.enabled ? "on" : "off", c->rss.hash_info,
		c->rss.entries);
	fputs("rss_key ", out);
	for (i = 0; i < NDIS_RSS_KEY_LEN; i++)
		fprintf(out, "%02x", c->rss.key[i]);
	fprintf(out, "\nkeepalives %u\nkeepalive_answers %u\n", c->keepalives,
		c->keepalive_answers);
	fprintf(out, "rsc4 %s\nrsc6 %s\n", c->offloads.rsc4 ? "on" : "off",
		c->offloads.rsc6 ? "on" : "off");
	fprintf(out, "mac %02x:%02x:%02x:%02x:%02x:%02x\n", nic->mac[0],
		nic->mac[1], nic->mac[2], nic->mac[3], nic->mac[4], nic->mac[5]);
	return HOSTCTL_OK;
}

static int c_remove(struct nic *nic, int argc, char **argv, FILE *out)
{
	if (argc && strcmp(argv[0], "closed")) {
		fprintf(out, "remove %s: wanted closed, or nothing\n", argv[0]);
		return HOSTCTL_UNKNOWN;
	}
	if (argc && nic_queue_up(nic, 0)) {
		nic->goes_closed = true;
		return HOSTCTL_OK;
	}
	if (!nic_rescind(nic))
		return HOSTCTL_OK;
	fprintf(out, "%s is not there\n", nic->ident);
	return HOSTCTL_REFUSED;
}

static int c_add(struct nic *nic, int argc, char **argv, FILE *out)
{
	int ret = nic_offer(nic);

	(void)argc;
	(void)argv;
	if (!ret)
		return HOSTCTL_OK;
	fprintf(out, "%s: %s\n", nic->ident,
		ret == -EEXIST ? "is there already" : strerror(-ret));
	return HOSTCTL_REFUSED;
}

/* "oid 0x..." is one step in two words. Return: the fault, or NULL: told in @out */
static struct nic_fault *find_step(struct nic *nic, int *argc, char ***argv,
				   FILE *out)
{
	struct nic_fault *fault = NULL;
	char name[32];

	if (!strcmp((*argv)[0], "oid") && *argc > 1) {
		snprintf(name, sizeof(name), "oid:%.20s", (*argv)[1]);
		(*argc)--;
		(*argv)++;
		fault = nic_fault_find(nic, name);
	} else {
		fault = nic_fault_find(nic, (*argv)[0]);
	}
	if (!fault) {
		fprintf(out, "%s: no such step, known are ", (*argv)[0]);
		nic_fault_names(out);
		fputc('\n', out);
	}
	(*argc)--;
	(*argv)++;
	return fault;
}

static int c_silent(struct nic *nic, int argc, char **argv, FILE *out)
{
	struct nic_fault *fault = find_step(nic, &argc, &argv, out);

	if (!fault || argc)
		return HOSTCTL_UNKNOWN;
	fault->silent = true;
	return HOSTCTL_OK;
}

static int c_fail(struct nic *nic, int argc, char **argv, FILE *out)
{
	struct nic_fault *fault = find_step(nic, &argc, &argv, out);
	u32 times = 0, after = 0;

	if (!fault)
		return HOSTCTL_UNKNOWN;
	if (argc > 2 || (argc && parse_number(argv[0], NIC_FAIL_MAX, &times)) ||
	    (argc > 1 && parse_number(argv[1], NIC_FAIL_MAX, &after))) {
		fprintf(out, "fail: wanted STEP and, if at all, 1..%u TIMES and AFTER\n",
			NIC_FAIL_MAX);
		return HOSTCTL_UNKNOWN;
	}
	fault->fail = true;
	fault->fail_left = times;
	fault->fail_after = after;
	return HOSTCTL_OK;
}

static int c_slow(struct nic *nic, int argc, char **argv, FILE *out)
{
	struct nic_fault *fault = find_step(nic, &argc, &argv, out);

	if (!fault)
		return HOSTCTL_UNKNOWN;
	if (argc != 1 || parse_number(argv[0], 3600000, &fault->slow_ms)) {
		fprintf(out, "slow: wanted STEP and 1..3600000 (ms)\n");
		return HOSTCTL_UNKNOWN;
	}
	return HOSTCTL_OK;
}

/* Channels whose opening was not answered, and what was left in the rings while they
 * were not read; no signal comes for it
 */
static void go_on(struct nic *nic)
{
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		if (nic->queue[i] && nic->queue[i]->chan)
			vmbus_open_again(nic->queue[i]->chan);
		if (nic_queue_up(nic, i))
			netvsp_process(nic->queue[i]);
	}
}

static int c_answer(struct nic *nic, int argc, char **argv, FILE *out)
{
	struct nic_fault *fault;

	if (!strcmp(argv[0], "all")) {
		memset(&nic->faults, 0, sizeof(nic->faults));
		nic->armed = NULL;
		nic->goes_closed = false;
	} else {
		fault = find_step(nic, &argc, &argv, out);
		if (!fault || argc)
			return HOSTCTL_UNKNOWN;
		memset(fault, 0, sizeof(*fault));
	}
	go_on(nic);
	return HOSTCTL_OK;
}

static int c_grant(struct nic *nic, int argc, char **argv, FILE *out)
{
	(void)argc;
	if (!parse_number(argv[0], NVSP_MAX_CHANNELS, &nic->grant))
		return HOSTCTL_OK;
	fprintf(out, "grant: wanted 1..%u sub-channels\n", NVSP_MAX_CHANNELS);
	return HOSTCTL_UNKNOWN;
}

static int c_table(struct nic *nic, int argc, char **argv, FILE *out)
{
	u32 channel[NVSP_INDIRECTION_ENTRIES];
	int i;

	for (i = 0; i < argc; i++) {
		if (parse_range(argv[i], 0, NVSP_MAX_CHANNELS - 1, &channel[i])) {
			fprintf(out, "table %s: wanted channels, 0..%u\n",
				argv[i], NVSP_MAX_CHANNELS - 1);
			return HOSTCTL_UNKNOWN;
		}
		if (!nic_queue_up(nic, channel[i])) {
			fprintf(out, "table: channel %u is not open\n", channel[i]);
			return HOSTCTL_REFUSED;
		}
	}
	if (nic->conn.version < NVSP_PROTOCOL_VERSION_5 ||
	    nic->conn.phase != NVSP_PHASE_RNDIS || !nic_queue_up(nic, 0)) {
		fprintf(out, "table: %s has no connection that knows one\n",
			nic->ident);
		return HOSTCTL_REFUSED;
	}
	netvsp_send_table(nic, channel, (u32)argc);
	return HOSTCTL_OK;
}

static int c_faults(struct nic *nic, int argc, char **argv, FILE *out)
{
	(void)argc;
	(void)argv;
	nic_fault_list(nic, out);
	fputs("steps: ", out);
	nic_fault_names(out);
	fputc('\n', out);
	return HOSTCTL_OK;
}

static int c_hostile(struct nic *nic, int argc, char **argv, FILE *out)
{
	if (argc)
		return hostile_run(nic, argv[0], out);
	hostile_names(out);
	return HOSTCTL_OK;
}

static int c_rsc(struct nic *nic, int argc, char **argv, FILE *out)
{
	if (argc)
		return rsc_shape_run(nic, argv[0], out);
	rsc_shape_names(out);
	return HOSTCTL_OK;
}

static const struct verb verbs[] = {
	{ "link", 1, 1, c_link },
	{ "event", 1, 2, c_event },
	{ "mtu", 1, 1, c_mtu },
	{ "counters", 0, 0, c_counters },
	{ "state", 0, 0, c_state },
	{ "remove", 0, 1, c_remove },
	{ "add", 0, 0, c_add },
	{ "silent", 1, 2, c_silent },
	{ "fail", 1, 4, c_fail },
	{ "slow", 2, 3, c_slow },
	{ "answer", 1, 2, c_answer },
	{ "grant", 1, 1, c_grant },
	{ "table", 1, NVSP_INDIRECTION_ENTRIES, c_table },
	{ "faults", 0, 0, c_faults },
	{ "blast", 1, 2, nic_blast_ctl },
	{ "rsc", 0, 1, c_rsc },
	{ "hostile", 0, 1, c_hostile },
	{ "vf", 1, 3, vf_ctl },
};

static int nic_ctl(void *ctx, int argc, char **argv, FILE *out)
{
	struct nic *nic = ctx;
	size_t i;

	for (i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name))
			continue;
		if (argc - 2 >= verbs[i].args && argc - 2 <= verbs[i].most)
			return verbs[i].fn(nic, argc - 2, argv + 2, out);
		break;
	}
	fprintf(out, "%s: wanted one of\n%s\n", nic->ident, nic_ctl_help);
	return HOSTCTL_UNKNOWN;
}

int nic_ctl_init(struct nic *nic)
{
	return hostctl_register(nic->ident, nic_ctl_help, nic_ctl, nic);
}
