// SPDX-License-Identifier: GPL-2.0
/*
 * The text after --nic: a table of keys, and the defaults of each host
 * generation (Documentation/protocol.md F).
 */
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"
#include "vpci_abi.h"

/**
 * struct opt - one key of --nic
 * @key: its name
 * @values: what may stand behind the "="
 * @help: one line for --help
 * @set: take @value over; -EINVAL when it is not one of @values
 */
struct opt {
	const char *key;
	const char *values;
	const char *help;
	int (*set)(struct nic *nic, const char *value);
};

static int parse_u32(const char *text, u32 min, u32 max, u32 *out)
{
	unsigned long v;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	v = strtoul(text, &end, 0);
	if (errno || *end || v < min || v > max)
		return -EINVAL;
	*out = (u32)v;
	return 0;
}

static int parse_bool(const char *text, const char *yes, const char *no, bool *out)
{
	if (strcmp(text, yes) && strcmp(text, no))
		return -EINVAL;
	*out = !strcmp(text, yes);
	return 0;
}

static int parse_text(const char *text, size_t max, char **out)
{
	char *copy;

	if (!*text || strlen(text) > max)
		return -EINVAL;
	copy = strdup(text);
	if (!copy)
		return -ENOMEM;
	free(*out);
	*out = copy;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int nic_opt_mac(const char *text, u8 mac[6])
{
	bool colons = strlen(text) == 17;
	u8 any = 0;
	int hi, lo, i;

	if (!colons && strlen(text) != 12)
		return -EINVAL;
	for (i = 0; i < 6; i++) {
		hi = hex_digit(text[0]);
		lo = hi < 0 ? -1 : hex_digit(text[1]);
		if (lo < 0)
			return -EINVAL;
		mac[i] = (u8)(hi << 4 | lo);
		any |= mac[i];
		text += 2;
		if (colons && i < 5 && *text++ != ':')
			return -EINVAL;
	}
	return !any || mac[0] & 1 ? -EINVAL : 0;
}

static int set_mac(struct nic *nic, const char *v)
{
	return nic_opt_mac(v, nic->cfg.mac);
}

static int set_mtu(struct nic *nic, const char *v)
{
	return parse_u32(v, NIC_MTU_MIN, NIC_MTU_MAX, &nic->cfg.mtu);
}

static int set_nvsp(struct nic *nic, const char *v)
{
	static const struct {
		const char *text;
		u32 version;
	} table[] = {
		{ "1", NVSP_PROTOCOL_VERSION_1 },
		{ "2", NVSP_PROTOCOL_VERSION_2 },
		{ "4", NVSP_PROTOCOL_VERSION_4 },
		{ "5", NVSP_PROTOCOL_VERSION_5 },
		{ "6", NVSP_PROTOCOL_VERSION_6 },
		{ "6.1", NVSP_PROTOCOL_VERSION_61 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		if (!strcmp(v, table[i].text)) {
			nic->cfg.nvsp = table[i].version;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_tap(struct nic *nic, const char *v)
{
	return parse_text(v, IFNAMSIZ - 1, &nic->cfg.tap);
}

static int set_switch(struct nic *nic, const char *v)
{
	return parse_text(v, 63, &nic->cfg.switch_name);
}

static int set_link(struct nic *nic, const char *v)
{
	return parse_bool(v, "up", "down", &nic->cfg.link_up);
}

static int set_section(struct nic *nic, const char *v)
{
	return parse_u32(v, NIC_RX_HEADROOM + NETPKT_ETH_HLEN + NIC_MTU_DEFAULT,
			 65536, &nic->cfg.section);
}

static int set_send_section(struct nic *nic, const char *v)
{
	return parse_u32(v, 256, 65536, &nic->cfg.send_section);
}

static int set_sections(struct nic *nic, const char *v)
{
	return parse_u32(v, NIC_CONTROL_SUBALLOCS + 1, U32_MAX, &nic->cfg.sections);
}

static int set_queues(struct nic *nic, const char *v)
{
	return parse_u32(v, 1, NVSP_MAX_CHANNELS, &nic->cfg.queues);
}

static int set_batch(struct nic *nic, const char *v)
{
	return parse_u32(v, 1, NIC_BATCH_MAX, &nic->cfg.batch);
}

static int set_align(struct nic *nic, const char *v)
{
	return parse_u32(v, 0, NIC_ALIGN_MAX, &nic->cfg.align);
}

static int set_max_xfer(struct nic *nic, const char *v)
{
	return parse_u32(v, 1, U32_MAX, &nic->cfg.max_xfer);
}

static int set_speed(struct nic *nic, const char *v)
{
	return parse_u32(v, 1, 4000000, &nic->cfg.speed_mbps);
}

static int set_rsc(struct nic *nic, const char *v)
{
	return parse_bool(v, "on", "off", &nic->cfg.rsc);
}

static int set_csum(struct nic *nic, const char *v)
{
	if (!strcmp(v, "off"))
		nic->cfg.csum = NIC_CSUM_OFF;
	else if (!strcmp(v, "tcp"))
		nic->cfg.csum = NIC_CSUM_TCP;
	else if (!strcmp(v, "on"))
		nic->cfg.csum = NIC_CSUM_ON;
	else
		return -EINVAL;
	return 0;
}

static int set_lso(struct nic *nic, const char *v)
{
	return parse_bool(v, "on", "off", &nic->cfg.lso);
}

static int set_udp_hash(struct nic *nic, const char *v)
{
	return parse_bool(v, "on", "off", &nic->cfg.udp_hash);
}

static int set_raw_csum(struct nic *nic, const char *v)
{
	return parse_bool(v, "on", "off", &nic->cfg.raw_csum);
}

static int set_spoof(struct nic *nic, const char *v)
{
	return parse_bool(v, "on", "off", &nic->cfg.spoof);
}

static int set_one_frame(struct nic *nic, const char *v)
{
	return parse_bool(v, "on", "off", &nic->cfg.one_frame);
}

static int set_full_range(struct nic *nic, const char *v)
{
	return parse_bool(v, "on", "off", &nic->cfg.full_range);
}

static int set_name(struct nic *nic, const char *v)
{
	return parse_text(v, 255, &nic->cfg.name);
}

static int set_pcap(struct nic *nic, const char *v)
{
	return parse_text(v, PATH_MAX, &nic->cfg.pcap);
}

static int set_vf(struct nic *nic, const char *v)
{
	if (!strcmp(v, "0"))
		nic->cfg.vf = NIC_VF_NONE;
	else if (!strcmp(v, "1"))
		nic->cfg.vf = NIC_VF_PRESENT;
	else if (!strcmp(v, "later"))
		nic->cfg.vf = NIC_VF_LATER;
	else
		return -EINVAL;
	return 0;
}

static int set_vf_kind(struct nic *nic, const char *v)
{
	return parse_bool(v, "lab", "ixgbevf", &nic->cfg.vf_lab);
}

static int set_vf_order(struct nic *nic, const char *v)
{
	return parse_bool(v, "vf-first", "synthetic-first", &nic->cfg.vf_first);
}

static int set_vpci(struct nic *nic, const char *v)
{
	u32 minor;

	if (strncmp(v, "1.", 2) || parse_u32(v + 2, 1, 4, &minor))
		return -EINVAL;
	nic->cfg.vpci = VPCI_V1_1 + minor - 1;
	return 0;
}

/* NAME+NAME+...: run @fn on the fault of each */
static int each_fault(struct nic *nic, const char *v,
		      int (*fn)(struct nic_fault *fault, const char *arg))
{
	char *text = strdup(v), *save = NULL, *word, *arg;
	struct nic_fault *fault;
	int ret = text ? 0 : -ENOMEM;

	word = text ? strtok_r(text, "+", &save) : NULL;
	if (text && !word)
		ret = -EINVAL;
	for (; word && !ret; word = strtok_r(NULL, "+", &save)) {
		arg = strchr(word, '@');
		if (arg)
			*arg++ = '\0';
		fault = nic_fault_find(nic, word);
		ret = fault ? fn(fault, arg) : -EINVAL;
	}
	free(text);
	return ret;
}

static int fault_silent(struct nic_fault *fault, const char *arg)
{
	fault->silent = true;
	return arg ? -EINVAL : 0;
}

static int fault_fail(struct nic_fault *fault, const char *arg)
{
	fault->fail = true;
	return arg ? parse_u32(arg, 1, NIC_FAIL_MAX, &fault->fail_left) : 0;
}

static int fault_slow(struct nic_fault *fault, const char *arg)
{
	return arg ? parse_u32(arg, 1, 3600000, &fault->slow_ms) : -EINVAL;
}

static int set_hostile(struct nic *nic, const char *v)
{
	return hostile_arm(nic, v) ? -EINVAL : 0;
}

static int set_silent(struct nic *nic, const char *v)
{
	return each_fault(nic, v, fault_silent);
}

static int set_fail(struct nic *nic, const char *v)
{
	return each_fault(nic, v, fault_fail);
}

static int set_slow(struct nic *nic, const char *v)
{
	return each_fault(nic, v, fault_slow);
}

static const struct opt opts[] = {
	{ "mac", "aa:bb:cc:dd:ee:ff, unicast", "address (00:15:5d:00:01:NN)", set_mac },
	{ "mtu", "576..9202 bytes", "largest IP MTU the host allows (1500)", set_mtu },
	{ "nvsp", "1, 2, 4, 5, 6 or 6.1", "newest NVSP version offered (of --host)", set_nvsp },
	{ "tap", "an interface name", "uplink: TAP, attached to or created", set_tap },
	{ "switch", "a name", "uplink: port of the built-in switch NAME", set_switch },
	{ "link", "up or down", "link state at start (up)", set_link },
	{ "speed", "1..4000000 Mbit/s", "link speed (10000)", set_speed },
	{ "section", "1638..65536 bytes", "sub-allocation of the receive buffer (1728)", set_section },
	{ "sections", "17 or more", "most sub-allocations of the receive buffer (all that fit)",
	  set_sections },
	{ "send-section", "256..65536 bytes", "section of the send buffer (6144)", set_send_section },
	{ "queues", "1..64", "most channels (64; 1 before NVSP 5)", set_queues },
	{ "batch", "1..64", "most frames that the guest may send in one packet (8)", set_batch },
	{ "align", "0..7", "their alignment there, as a power of two (3)", set_align },
	{ "max-xfer", "1..4294967295 bytes", "most bytes of several frames in one packet (0xEFFFFFFF)",
	  set_max_xfer },
	{ "csum", "off, tcp or on", "checksum offload offered (of --host)", set_csum },
	{ "lso", "on or off", "large send offload offered (on)", set_lso },
	{ "rsc", "on or off", "receive coalescing offered (of --host)", set_rsc },
	{ "raw-csum", "on or off", "undone TCP checksums come undone, and marked (off)", set_raw_csum },
	{ "udp-hash", "on or off", "UDP port hashing offered (of --host)", set_udp_hash },
	{ "spoof", "on or off", "the guest may change its address (on)", set_spoof },
	{ "one-frame", "on or off", "each received packet holds one frame (off)", set_one_frame },
	{ "full-range", "on or off", "received ranges count the whole section (off)", set_full_range },
	{ "name", "at most 255 characters", "friendly name (of --host)", set_name },
	{ "vf", "0, 1 or later", "a VF: none, from the start, or when hostctl adds it (0)",
	  set_vf },
	{ "vf-kind", "ixgbevf or lab", "driver that it is for; lab: tools/lab/labvf (ixgbevf)",
	  set_vf_kind },
	{ "vf-order", "vf-first or synthetic-first", "its PCI bus is offered at once, or when the guest knows (synthetic-first)", set_vf_order },
	{ "vpci", "1.1, 1.2, 1.3 or 1.4", "newest version of that bus (of --host)", set_vpci },
	{ "pcap", "a file", "capture of the Ethernet frames", set_pcap },
	{ "silent", "STEP+STEP...", "answers to withhold", set_silent },
	{ "fail", "STEP[@TIMES]+...", "answers that say failure", set_fail },
	{ "slow", "STEP@MS+...", "answers to give late", set_slow },
	{ "hostile", "a name of \"hostctl nic0 hostile\" for the next time",
	  "answer to spoil once", set_hostile },
};

void nic_opt_defaults(struct nic *nic)
{
	static const u8 mac[6] = { 0x00, 0x15, 0x5d, 0x00, 0x01, 0x00 };
	struct nic_config *cfg = &nic->cfg;

	memcpy(cfg->mac, mac, sizeof(cfg->mac));
	cfg->mac[5] = (u8)nic->index;
	cfg->mtu = NIC_MTU_DEFAULT;
	cfg->link_up = true;
	cfg->section = NIC_SECTION_DEFAULT;
	cfg->sections = U32_MAX;
	cfg->send_section = NIC_SEND_SECTION_DEFAULT;
	cfg->queues = NVSP_MAX_CHANNELS;
	cfg->batch = NIC_BATCH_DEFAULT;
	cfg->align = NIC_ALIGN_DEFAULT;
	cfg->max_xfer = NIC_MAX_XFER_DEFAULT;
	cfg->lso = true;
	cfg->spoof = true;
	cfg->speed_mbps = 10000;
	cfg->nvsp = nic->gen >= HOST_WS2019 ? NVSP_PROTOCOL_VERSION_61 :
		    nic->gen == HOST_WS2016 ? NVSP_PROTOCOL_VERSION_6 :
					      NVSP_PROTOCOL_VERSION_5;
	cfg->csum = nic->gen >= HOST_WS2016 ? NIC_CSUM_ON : NIC_CSUM_TCP;
	cfg->rsc = nic->gen >= HOST_WS2019;
	cfg->udp_hash = nic->gen >= HOST_WS2019;
	cfg->vpci = nic->gen >= HOST_WS2022 ? VPCI_V1_4 : VPCI_V1_2;
}

static int bad_key(const char *key)
{
	size_t i;

	fprintf(stderr, "hvhost: --nic: %s: no such key, known are", key);
	for (i = 0; i < ARRAY_SIZE(opts); i++)
		fprintf(stderr, " %s", opts[i].key);
	fputc('\n', stderr);
	return -EINVAL;
}

static int bad_value(const struct opt *opt, const char *value)
{
	fprintf(stderr, "hvhost: --nic: %s=%s: not a valid value, wanted %s",
		opt->key, value, opt->values);
	if (strstr(opt->values, "STEP")) {
		fputs(", where STEP is one of ", stderr);
		nic_fault_names(stderr);
	}
	fputc('\n', stderr);
	return -EINVAL;
}

static int parse_one(struct nic *nic, char *word)
{
	char *value = strchr(word, '=');
	size_t i;
	int ret;

	if (!value) {
		fprintf(stderr,
			"hvhost: --nic: %s: no value, wanted key=value\n", word);
		return -EINVAL;
	}
	*value++ = '\0';
	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		if (strcmp(word, opts[i].key))
			continue;
		ret = opts[i].set(nic, value);
		return ret == -EINVAL ? bad_value(&opts[i], value) : ret;
	}
	return bad_key(word);
}

/* What only all keys together can tell */
static int check_whole(struct nic *nic)
{
	struct nic_config *cfg = &nic->cfg;

	if (cfg->tap && cfg->switch_name) {
		fprintf(stderr,
			"hvhost: --nic: tap=%s and switch=%s: a NIC has one uplink, leave one out\n",
			cfg->tap, cfg->switch_name);
		return -EINVAL;
	}
	/* A host older than 2016 has a bus that Linux does not speak to (G.2) */
	if (cfg->vf != NIC_VF_NONE && nic->gen < HOST_WS2016) {
		fputs("hvhost: --nic: vf: not on a host before ws2016, see --host\n",
		      stderr);
		return -EINVAL;
	}
	/* No vRSS before NVSP 5, no coalescing before 6.1 (D.3) */
	if (cfg->nvsp < NVSP_PROTOCOL_VERSION_5)
		cfg->queues = 1;
	if (cfg->nvsp < NVSP_PROTOCOL_VERSION_61)
		cfg->rsc = false;
	if (!cfg->name && nic->gen >= HOST_WS2019)
		return parse_text("Network Adapter", 255, &cfg->name);
	return 0;
}

int nic_opt_parse(struct nic *nic, const char *spec)
{
	char *text = strdup(spec), *save = NULL, *word;
	int ret = text ? 0 : -ENOMEM;

	if (text)
		for (word = strtok_r(text, ",", &save); word && !ret;
		     word = strtok_r(NULL, ",", &save))
			ret = parse_one(nic, word);
	free(text);
	return ret ? ret : check_whole(nic);
}

const char *nic_help(void)
{
	static char text[4096];
	size_t at = 0, i;

	if (*text)
		return text;
	for (i = 0; i < ARRAY_SIZE(opts) && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "    %-13s %s\n", opts[i].key,
				       opts[i].help);
	return text;
}
