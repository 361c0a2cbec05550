// SPDX-License-Identifier: GPL-2.0
/*
 * Reporter of what the guest did against the protocol.
 *
 * Violations are kept by rule and place ("nvsp.order" on "nic0 channel 0, ..."),
 * the first text of each as its example, so that a guest that breaks a rule a
 * million times costs one entry. A guest can also invent places; the table is
 * therefore bounded, and what does not fit is counted in its last entry.
 */
#include "violation.h"

#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#define MAX_ENTRIES	256	/* distinct violations that are kept */
#define PRINT_ALL	8	/* print so many of each, then at powers of two */

/**
 * struct known - what a distribution's driver is known to do
 * @list: one of @lists
 * @rule: the rule it breaks
 * @where: pattern (fnmatch) of the place, NULL for any
 * @reason: why it is known and not a fault of hvhost
 */
struct known {
	const char *list;
	const char *rule;
	const char *where;
	const char *reason;
};

/* The one list. An entry is added when it was seen, with what was seen. */
static const struct known known_table[] = {
	{ "stock", "rndis.ppi-offset", "*, RNDIS PACKET",
	  "6.1 always says offset 36, also of no per-packet info at all; nothing is read from there" },
	{ "stock", "oid.offload-revision", "*",
	  "up to NVSP 4, 6.1 shortens the object to 22 bytes as NDIS 6.1 has it but leaves its revision at 3; hosts go by the size" },
	{ "core", "vmbus.order", "VMBus, RELID_RELEASED",
	  "6.1's hv_vmbus, when its module unloads, posts UNLOAD first and then releases the relid of each device that it still had" },
	{ NULL, NULL, NULL, NULL },
};

/**
 * struct entry - one distinct violation
 * @rule: "layer.what"
 * @where: channel and message
 * @section: section of Documentation/protocol.md
 * @text: the first one's field, wanted and came
 * @count: how often
 * @known: entry of the list that covers it, or NULL
 */
struct entry {
	char rule[40];
	char where[96];
	char section[16];
	char text[256];
	unsigned long count;
	const struct known *known;
};

/* The lock protects all of these; any thread may report. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry entries[MAX_ENTRIES];
static unsigned int n_entries;
static unsigned long count_new, count_known;

/*
 * "stock" is what the distribution's hv_netvsc does, for --allow. "core" is what
 * the kernel's own bus driver does whatever the NIC's driver is: no run may fail
 * for it, so it is always accepted, but still printed and counted.
 */
static struct {
	const char *name;
	bool allowed;
} lists[] = {
	{ "stock", false },
	{ "core", true },
};

#define N_LISTS (sizeof(lists) / sizeof(lists[0]))

static bool list_allowed(const char *name)
{
	for (unsigned int i = 0; i < N_LISTS; i++)
		if (!strcmp(lists[i].name, name))
			return lists[i].allowed;
	return false;
}

static const struct known *find_known(const char *rule, const char *where)
{
	const struct known *k;

	for (k = known_table; k->list; k++) {
		if (strcmp(k->rule, rule) || !list_allowed(k->list))
			continue;
		if (!k->where || !fnmatch(k->where, where, 0))
			return k;
	}
	return NULL;
}

/* The entry of this rule and place, made if need be; not yet counted. */
static struct entry *find_entry(const char *rule, const char *where,
				const char *section)
{
	struct entry *e;

	for (unsigned int i = 0; i < n_entries; i++) {
		e = &entries[i];
		if (!strncmp(e->rule, rule, sizeof(e->rule) - 1) &&
		    !strncmp(e->where, where, sizeof(e->where) - 1))
			return e;
	}
	if (n_entries == MAX_ENTRIES)
		return &entries[MAX_ENTRIES - 1];

	e = &entries[n_entries++];
	if (n_entries == MAX_ENTRIES) {
		/* Never known: what lands here must not be excused. */
		rule = "violation.overflow";
		where = "more kinds than are kept, this is the first";
	} else {
		e->known = find_known(rule, where);
	}
	snprintf(e->rule, sizeof(e->rule), "%s", rule);
	snprintf(e->where, sizeof(e->where), "%s", where);
	snprintf(e->section, sizeof(e->section), "%s", section);

	return e;
}

static bool worth_printing(unsigned long count)
{
	return count <= PRINT_ALL || !(count & (count - 1));
}

static void print_now(const struct entry *e, const char *rule,
		      const char *where, const char *section, const char *text)
{
	char times[48] = "";

	if (e->count > PRINT_ALL)
		snprintf(times, sizeof(times), " (%lu times by now)", e->count);
	fprintf(stderr, "hvhost: %s: %s: %s [%s, protocol.md %s]%s\n",
		e->known ? "known violation" : "violation", where, text, rule,
		section, times);
}

void violation(const char *rule, const char *where, const char *section,
	       const char *fmt, ...)
{
	struct entry *e;
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	pthread_mutex_lock(&lock);
	e = find_entry(rule, where, section);
	if (!e->count++)
		memcpy(e->text, text, sizeof(text));
	if (e->known)
		count_known++;
	else
		count_new++;
	if (worth_printing(e->count))
		print_now(e, rule, where, section, text);
	pthread_mutex_unlock(&lock);
}

int violation_allow(const char *name)
{
	int ret = -ENOENT;

	pthread_mutex_lock(&lock);
	for (unsigned int i = 0; i < N_LISTS; i++) {
		if (!strcmp(lists[i].name, name)) {
			lists[i].allowed = true;
			ret = 0;
		}
	}
	pthread_mutex_unlock(&lock);
	return ret;
}

unsigned long violation_count(void)
{
	unsigned long n;

	pthread_mutex_lock(&lock);
	n = count_new;
	pthread_mutex_unlock(&lock);
	return n;
}

unsigned long violation_known(void)
{
	unsigned long n;

	pthread_mutex_lock(&lock);
	n = count_known;
	pthread_mutex_unlock(&lock);
	return n;
}

void violation_list(FILE *out)
{
	pthread_mutex_lock(&lock);
	for (unsigned int i = 0; i < n_entries; i++) {
		const struct entry *e = &entries[i];

		fprintf(out, "%lu x %s: %s: %s [protocol.md %s]", e->count,
			e->rule, e->where, e->text, e->section);
		if (e->known)
			fprintf(out, " known (%s): %s", e->known->list,
				e->known->reason);
		fputc('\n', out);
	}
	pthread_mutex_unlock(&lock);
}
