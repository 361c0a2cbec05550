// SPDX-License-Identifier: GPL-2.0
/*
 * What hostctl can do to the VF of a NIC: "nic0 vf VERB ...".
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hostctl.h"
#include "nic_priv.h"
#include "vf.h"

#define MS_MAX		3600000u
#define FLAPS_MAX	1000000u
#define FLAP_MS_DEFAULT	500u

static const char vf_help[] =
	"vf add                    give the NIC its VF\n"
	"vf remove                 take it away as planned: path, association, eject\n"
	"vf eject                  ask the guest to give it up, say the rest then\n"
	"vf surprise               take it away without a word\n"
	"vf flap N [MS]            remove and add it N times, MS between steps (500)\n"
	"vf link up|down           change the link of the VF alone\n"
	"vf order vf-first|synthetic-first  offer the PCI bus at once, or when the guest\n"
	"                          was told of the VF\n"
	"vf delay offer|associate|probe|eject|surprise MS  be late with the PCI bus, with\n"
	"                          telling the guest, with D0ENTRY's answer; patience of an\n"
	"                          eject; for so long a VF is dead before it is taken away\n"
	"vf associate on|off       tell the guest of VFs, or do not\n"
	"vf switch normal|refuse|silent|delay MS  how SWITCH_DATA_PATH is answered\n"
	"vf path vf|synthetic      move the traffic without being asked, and say so\n"
	"vf version 1.1|1.2|1.3|1.4  newest protocol of the PCI bus when it is offered next\n"
	"vf exceptions on|off      multicast goes the synthetic way though the VF is chosen\n"
	"vf state | counters       where it is; frames and events";

/**
 * struct verb - one word behind "vf"
 * @name: the word
 * @args: words that must follow, @most that may
 * @fn: argv[0] is the first word behind @name. Return: HOSTCTL_*.
 */
struct verb {
	const char *name;
	int args;
	int most;
	int (*fn)(struct vf *vf, int argc, char **argv, FILE *out);
};

static int parse_number(const char *text, u32 max, u32 *value)
{
	unsigned long v;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	v = strtoul(text, &end, 10);
	if (*end || v > max)
		return -EINVAL;
	*value = (u32)v;
	return 0;
}

/* One of two words. Return: HOSTCTL_* */
static int choose(const char *what, const char *word, const char *yes,
		  const char *no, bool *value, FILE *out)
{
	if (strcmp(word, yes) && strcmp(word, no)) {
		fprintf(out, "vf %s %s: wanted %s or %s\n", what, word, yes, no);
		return HOSTCTL_UNKNOWN;
	}
	*value = !strcmp(word, yes);
	return HOSTCTL_OK;
}

static int answer(struct vf *vf, int ret, FILE *out)
{
	if (!ret)
		return HOSTCTL_OK;
	fprintf(out, "%s: %s\n", vf->name,
		ret == -EEXIST ? "is there already" :
		ret == -ENODEV ? "is not there" :
		ret == -EALREADY ? "is being removed" : strerror(-ret));
	return HOSTCTL_REFUSED;
}

static int c_add(struct vf *vf, int argc, char **argv, FILE *out)
{
	(void)argc;
	(void)argv;
	return answer(vf, vf_add(vf), out);
}

static int c_remove(struct vf *vf, int argc, char **argv, FILE *out)
{
	(void)argc;
	(void)argv;
	return answer(vf, vf_remove(vf, VF_REMOVE), out);
}

static int c_eject(struct vf *vf, int argc, char **argv, FILE *out)
{
	(void)argc;
	(void)argv;
	return answer(vf, vf_remove(vf, VF_EJECT), out);
}

static int c_surprise(struct vf *vf, int argc, char **argv, FILE *out)
{
	(void)argc;
	(void)argv;
	return answer(vf, vf_remove(vf, VF_SURPRISE), out);
}

static int c_flap(struct vf *vf, int argc, char **argv, FILE *out)
{
	u32 times, ms = FLAP_MS_DEFAULT;

	if (parse_number(argv[0], FLAPS_MAX, &times) ||
	    (argc > 1 && parse_number(argv[1], MS_MAX, &ms))) {
		fprintf(out, "vf flap: wanted 0..%u times and 0..%u ms\n",
			FLAPS_MAX, MS_MAX);
		return HOSTCTL_UNKNOWN;
	}
	vf_flap(vf, times, ms);
	return HOSTCTL_OK;
}

static int c_link(struct vf *vf, int argc, char **argv, FILE *out)
{
	bool up;
	int ret = choose("link", argv[0], "up", "down", &up, out);

	(void)argc;
	if (ret == HOSTCTL_OK)
		ixgbevf_set_link(&vf->dev, up);
	return ret;
}

static int c_order(struct vf *vf, int argc, char **argv, FILE *out)
{
	(void)argc;
	return choose("order", argv[0], "vf-first", "synthetic-first",
		      &vf->vf_first, out);
}

static int c_delay(struct vf *vf, int argc, char **argv, FILE *out)
{
	const struct {
		const char *name;
		u32 *ms;
	} what[] = {
		{ "offer", &vf->offer_ms }, { "associate", &vf->associate_ms },
		{ "probe", &vf->bus.d0_ms }, { "eject", &vf->eject_ms },
		{ "surprise", &vf->surprise_ms },
	};
	size_t i;

	(void)argc;
	for (i = 0; i < ARRAY_SIZE(what); i++)
		if (!strcmp(argv[0], what[i].name) &&
		    !parse_number(argv[1], MS_MAX, what[i].ms))
			return HOSTCTL_OK;
	fprintf(out,
		"vf delay: wanted offer, associate, probe, eject or surprise, and 0..%u ms\n",
		MS_MAX);
	return HOSTCTL_UNKNOWN;
}

static int c_associate(struct vf *vf, int argc, char **argv, FILE *out)
{
	int ret = choose("associate", argv[0], "on", "off", &vf->associate, out);

	(void)argc;
	if (ret == HOSTCTL_OK)
		vf_tell(vf);
	return ret;
}

static int c_switch(struct vf *vf, int argc, char **argv, FILE *out)
{
	struct nic_fault *fault = nic_fault(vf->nic, NIC_POINT_SWITCH_DATA_PATH);
	struct nic_fault want = { 0 };

	if (!strcmp(argv[0], "refuse"))
		want.fail = true;
	else if (!strcmp(argv[0], "silent"))
		want.silent = true;
	else if (!strcmp(argv[0], "delay") && argc == 2 &&
		 !parse_number(argv[1], MS_MAX, &want.slow_ms))
		argc--;
	else if (strcmp(argv[0], "normal"))
		argc = 0;
	if (argc == 1) {
		*fault = want;
		return HOSTCTL_OK;
	}
	fprintf(out, "vf switch: wanted normal, refuse, silent, or delay and 0..%u ms\n",
		MS_MAX);
	return HOSTCTL_UNKNOWN;
}

static int c_path(struct vf *vf, int argc, char **argv, FILE *out)
{
	bool on_vf;
	int ret = choose("path", argv[0], "vf", "synthetic", &on_vf, out);

	(void)argc;
	if (ret == HOSTCTL_OK)
		vf_move(vf, on_vf);
	return ret;
}

static int c_version(struct vf *vf, int argc, char **argv, FILE *out)
{
	u32 minor;

	(void)argc;
	if (!strncmp(argv[0], "1.", 2) && !parse_number(argv[0] + 2, 4, &minor) &&
	    minor) {
		vf->bus.newest = VPCI_V1_1 + minor - 1;
		return HOSTCTL_OK;
	}
	fprintf(out, "vf version %s: wanted 1.1, 1.2, 1.3 or 1.4\n", argv[0]);
	return HOSTCTL_UNKNOWN;
}

static int c_exceptions(struct vf *vf, int argc, char **argv, FILE *out)
{
	(void)argc;
	return choose("exceptions", argv[0], "on", "off", &vf->exceptions, out);
}

static const char *state_name(enum vf_state state)
{
	switch (state) {
	case VF_ABSENT:
		return "absent";
	case VF_WAITING:
		return "waiting";
	case VF_OFFERED:
		return "offered";
	case VF_LEAVING:
		return "leaving";
	}
	return "?";
}

static int c_state(struct vf *vf, int argc, char **argv, FILE *out)
{
	(void)argc;
	(void)argv;
	fprintf(out, "state %s\nbus %s\nvpci 0x%08x\ninterrupts %u\n",
		state_name(vf->state), vpci_phase_name(vf->bus.phase),
		vf->bus.version, vf->bus.messages);
	fprintf(out, "serial %u\ntold %s\npath %s\nreceives %s\nlink %s\n",
		vf->bus.serial, vf->told ? "yes" : "no",
		vf->on_vf ? "vf" : "synthetic",
		ixgbevf_receives(&vf->dev) ? "yes" : "no",
		vf->dev.link_up ? "up" : "down");
	fprintf(out, "flaps_left %u\n", vf->flaps);
	return HOSTCTL_OK;
}

static int c_counters(struct vf *vf, int argc, char **argv, FILE *out)
{
	const struct ixgbevf_stats *d = &vf->dev.stats;
	const struct vf_stats *s = &vf->stats;
	const struct {
		const char *name;
		u64 value;
	} rows[] = {
		{ "added", s->added }, { "ejected", s->ejected },
		{ "expired", s->expired }, { "associations", s->associations },
		{ "to_vf", s->to_vf }, { "to_synthetic", s->to_synthetic },
		{ "switch_redundant", s->redundant },
		{ "switch_refused", s->refused },
		{ "tx_packets", d->tx_packets }, { "tx_bytes", d->tx_bytes },
		{ "tx_tso", d->tx_tso }, { "tx_csum", d->tx_csum },
		{ "tx_vlan", d->tx_vlan }, { "tx_bad", d->tx_bad },
		{ "tx_dropped", s->tx_dropped },
		{ "tx_other_path", s->tx_other_path },
		{ "tx_too_early", s->tx_too_early },
		{ "tx_synthetic", s->tx_synthetic },
		{ "rx_packets", d->rx_packets }, { "rx_bytes", d->rx_bytes },
		{ "rx_no_buffer", d->rx_no_buffer },
		{ "rx_too_long", d->rx_too_long },
		{ "rx_disabled", d->rx_disabled },
		{ "rx_filtered", s->rx_filtered },
		{ "rx_malformed", s->rx_malformed },
		{ "doorbells", d->doorbells },
		{ "interrupts", vf->dev.fn.raised },
		{ "interrupts_lost", vf->dev.fn.lost },
	};
	size_t i;

	(void)argc;
	(void)argv;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		fprintf(out, "%s %llu\n", rows[i].name,
			(unsigned long long)rows[i].value);
	return HOSTCTL_OK;
}

static const struct verb verbs[] = {
	{ "add", 0, 0, c_add },
	{ "remove", 0, 0, c_remove },
	{ "eject", 0, 0, c_eject },
	{ "surprise", 0, 0, c_surprise },
	{ "flap", 1, 2, c_flap },
	{ "link", 1, 1, c_link },
	{ "order", 1, 1, c_order },
	{ "delay", 2, 2, c_delay },
	{ "associate", 1, 1, c_associate },
	{ "switch", 1, 2, c_switch },
	{ "path", 1, 1, c_path },
	{ "version", 1, 1, c_version },
	{ "exceptions", 1, 1, c_exceptions },
	{ "state", 0, 0, c_state },
	{ "counters", 0, 0, c_counters },
};

int vf_ctl(struct nic *nic, int argc, char **argv, FILE *out)
{
	size_t i;

	if (!nic->vf) {
		fprintf(out, "%s: has no VF, give it one with --nic vf=1\n", nic->ident);
		return HOSTCTL_REFUSED;
	}
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[0], verbs[i].name))
			continue;
		if (argc - 1 >= verbs[i].args && argc - 1 <= verbs[i].most)
			return verbs[i].fn(nic->vf, argc - 1, argv + 1, out);
		break;
	}
	fprintf(out, "%s: wanted one of\n%s\n", nic->ident, vf_help);
	return HOSTCTL_UNKNOWN;
}
