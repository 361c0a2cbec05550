// SPDX-License-Identifier: GPL-2.0
/*
 * Print what the kernel's netlink family "netdev" says of an interface's queues:
 * no program of Debian's does, and the guest has no Python. A static program,
 * for an initramfs that has nothing else.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STATUS_USAGE	2
#define STATUS_ABSENT	4	/* this kernel has no such family or command */

/* Of linux/netdev.h, which older C libraries do not have. */
enum { CMD_DEV_GET = 1 };
enum { DEV_IFINDEX = 1, DEV_XDP_FEATURES = 3, DEV_XDP_METADATA = 5 };
enum { CMD_QUEUE_GET = 10, CMD_NAPI_GET = 11, CMD_QSTATS_GET = 12 };
enum { QUEUE_ID = 1, QUEUE_IFINDEX, QUEUE_TYPE, QUEUE_NAPI_ID };
enum { NAPI_IFINDEX = 1, NAPI_ID };
enum { QSTATS_IFINDEX = 1, QSTATS_TYPE, QSTATS_ID, QSTATS_SCOPE, QSTATS_MAX = 40 };

static const char * const stat_names[QSTATS_MAX] = {
	[8] = "rx packets", [9] = "rx bytes", [10] = "tx packets",
	[11] = "tx bytes", [12] = "rx alloc-fail", [13] = "rx hw-drops",
	[24] = "tx hw-drops", [33] = "tx stop", [34] = "tx wake",
};

/* By bit */
static const char * const xdp_features[] = {
	"basic", "redirect", "ndo-xmit", "xsk-zerocopy", "hw-offload", "rx-sg",
	"ndo-xmit-sg",
};
static const char * const xdp_metadata[] = { "timestamp", "hash", "vlan-tag" };

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const char usage[] =
"usage: netdev-nl queues|napis|stats|totals|xdp INTERFACE\n"
"\n"
"queues   'rx 0 napi 12' for each queue, 'none' without one\n"
"napis    'napi 12' for each\n"
"stats    'rx 0 packets 34' for each queue and counter\n"
"totals   'rx packets 34' for each counter of the whole interface\n"
"xdp      what the driver can do with XDP and what programs can ask for, in words\n"
"\n"
"Exit status: 0 done, 1 refused, 2 wrong usage, 4 this kernel has no such thing.\n";

/* A request that is built, and an answer that is read. */
static union {
	struct nlmsghdr head;
	char bytes[65536];
} msg;

static int sock;

static void give_up(int status, const char *what, const char *why)
{
	fprintf(stderr, "netdev-nl: %s: %s\n", what, why);
	exit(status);
}

static void begin(uint16_t family, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *genl = NLMSG_DATA(&msg.head);

	memset(&msg, 0, sizeof(struct nlmsghdr) + GENL_HDRLEN);
	msg.head.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	msg.head.nlmsg_type = family;
	msg.head.nlmsg_flags = NLM_F_REQUEST | flags;
	genl->cmd = cmd;
	genl->version = 1;
}

static void add(uint16_t type, const void *data, size_t len)
{
	struct nlattr *attr = (void *)(msg.bytes + NLMSG_ALIGN(msg.head.nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	memcpy((char *)attr + NLA_HDRLEN, data, len);
	msg.head.nlmsg_len = NLMSG_ALIGN(msg.head.nlmsg_len) + NLA_ALIGN(attr->nla_len);
}

/* The attributes of one message by type; those above the last are left out. */
static void read_attrs(const struct nlmsghdr *head, const struct nlattr **attrs,
		       unsigned int count)
{
	const char *at = (const char *)NLMSG_DATA(head) + GENL_HDRLEN;
	const char *end = (const char *)head + head->nlmsg_len;

	memset(attrs, 0, count * sizeof(*attrs));
	while (end - at >= NLA_HDRLEN) {
		const struct nlattr *attr = (const void *)at;

		if (attr->nla_len < NLA_HDRLEN || attr->nla_len > end - at)
			return;
		if ((attr->nla_type & NLA_TYPE_MASK) < count)
			attrs[attr->nla_type & NLA_TYPE_MASK] = attr;
		at += NLA_ALIGN(attr->nla_len);
	}
}

/* A number of 4 or 8 bytes, or 2 */
static unsigned long long number(const struct nlattr *attr)
{
	const char *data = (const char *)attr + NLA_HDRLEN;
	uint64_t long_one;
	uint32_t word;
	uint16_t half;

	switch (attr->nla_len - NLA_HDRLEN) {
	case sizeof(long_one):
		memcpy(&long_one, data, sizeof(long_one));
		return long_one;
	case sizeof(word):
		memcpy(&word, data, sizeof(word));
		return word;
	default:
		memcpy(&half, data, sizeof(half));
		return half;
	}
}

/* Send what was built and have each answer seen. Return: 0 or an errno. */
static int ask(void (*see)(const struct nlmsghdr *head))
{
	if (send(sock, &msg, msg.head.nlmsg_len, 0) < 0)
		return errno;
	for (;;) {
		ssize_t got = recv(sock, &msg, sizeof(msg), 0);
		unsigned int left = got;
		struct nlmsghdr *head;

		if (got < 0)
			return errno;
		for (head = &msg.head; NLMSG_OK(head, left);
		     head = NLMSG_NEXT(head, left)) {
			const struct nlmsgerr *err = NLMSG_DATA(head);

			if (head->nlmsg_type == NLMSG_ERROR)
				return -err->error;
			/* The end of a dump carries an error as well. */
			if (head->nlmsg_type == NLMSG_DONE)
				return head->nlmsg_len < NLMSG_LENGTH(4) ? 0 : -err->error;
			see(head);
		}
	}
}

static uint16_t family_id;

static void see_family(const struct nlmsghdr *head)
{
	const struct nlattr *attrs[CTRL_ATTR_FAMILY_ID + 1];

	read_attrs(head, attrs, CTRL_ATTR_FAMILY_ID + 1);
	if (attrs[CTRL_ATTR_FAMILY_ID])
		family_id = number(attrs[CTRL_ATTR_FAMILY_ID]);
}

static void see_queue(const struct nlmsghdr *head)
{
	const struct nlattr *attrs[QUEUE_NAPI_ID + 1];

	read_attrs(head, attrs, QUEUE_NAPI_ID + 1);
	printf("%s %llu napi ", number(attrs[QUEUE_TYPE]) ? "tx" : "rx",
	       number(attrs[QUEUE_ID]));
	if (attrs[QUEUE_NAPI_ID])
		printf("%llu\n", number(attrs[QUEUE_NAPI_ID]));
	else
		printf("none\n");
}

static void see_napi(const struct nlmsghdr *head)
{
	const struct nlattr *attrs[NAPI_ID + 1];

	read_attrs(head, attrs, NAPI_ID + 1);
	printf("napi %llu\n", number(attrs[NAPI_ID]));
}

static void see_stats(const struct nlmsghdr *head)
{
	const struct nlattr *attrs[QSTATS_MAX];
	unsigned int i;

	read_attrs(head, attrs, QSTATS_MAX);
	for (i = 0; i < QSTATS_MAX; i++) {
		if (!attrs[i] || !stat_names[i])
			continue;
		printf("%.2s ", stat_names[i]);
		if (attrs[QSTATS_ID])
			printf("%llu ", number(attrs[QSTATS_ID]));
		printf("%s %llu\n", stat_names[i] + 3, number(attrs[i]));
	}
}

static void print_bits(unsigned long long bits, const char * const *names,
		       unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (bits & 1ull << i)
			printf("%s ", names[i]);
}

static void see_xdp(const struct nlmsghdr *head)
{
	const struct nlattr *attrs[DEV_XDP_METADATA + 1];

	read_attrs(head, attrs, DEV_XDP_METADATA + 1);
	if (attrs[DEV_XDP_FEATURES])
		print_bits(number(attrs[DEV_XDP_FEATURES]), xdp_features,
			   COUNT(xdp_features));
	if (attrs[DEV_XDP_METADATA])
		print_bits(number(attrs[DEV_XDP_METADATA]), xdp_metadata,
			   COUNT(xdp_metadata));
	printf("\n");
}

/* Return: 0 or an errno. */
static int find_family(void)
{
	const struct timeval limit = { .tv_sec = 20 };

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (sock < 0 ||
	    setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)))
		return errno;
	begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	add(CTRL_ATTR_FAMILY_NAME, "netdev", sizeof("netdev"));
	/* One answer, and then the receipt that was asked for */
	msg.head.nlmsg_flags |= NLM_F_ACK;
	return ask(see_family);
}

static int show(const char *what, uint32_t index)
{
	const uint32_t by_queue = 1;

	if (!strcmp(what, "queues")) {
		begin(family_id, CMD_QUEUE_GET, NLM_F_DUMP);
		add(QUEUE_IFINDEX, &index, sizeof(index));
		return ask(see_queue);
	}
	if (!strcmp(what, "napis")) {
		begin(family_id, CMD_NAPI_GET, NLM_F_DUMP);
		add(NAPI_IFINDEX, &index, sizeof(index));
		return ask(see_napi);
	}
	if (!strcmp(what, "xdp")) {
		begin(family_id, CMD_DEV_GET, NLM_F_ACK);
		add(DEV_IFINDEX, &index, sizeof(index));
		return ask(see_xdp);
	}
	begin(family_id, CMD_QSTATS_GET, NLM_F_DUMP);
	add(QSTATS_IFINDEX, &index, sizeof(index));
	if (!strcmp(what, "stats"))
		add(QSTATS_SCOPE, &by_queue, sizeof(by_queue));
	return ask(see_stats);
}

int main(int argc, char **argv)
{
	uint32_t index;
	int err;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc != 3 || (strcmp(argv[1], "queues") && strcmp(argv[1], "napis") &&
			  strcmp(argv[1], "stats") && strcmp(argv[1], "totals") &&
			  strcmp(argv[1], "xdp"))) {
		fputs(usage, stderr);
		return STATUS_USAGE;
	}
	index = if_nametoindex(argv[2]);
	if (!index)
		give_up(1, argv[2], strerror(errno));
	err = find_family();
	if (err)
		give_up(err == ENOENT ? STATUS_ABSENT : 1, "netlink family netdev",
			strerror(err));
	err = show(argv[1], index);
	if (err)
		give_up(err == EOPNOTSUPP ? STATUS_ABSENT : 1, argv[1],
			strerror(err));
	return 0;
}
