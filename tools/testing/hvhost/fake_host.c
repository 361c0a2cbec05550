// SPDX-License-Identifier: GPL-2.0
#include "fake_host.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "guest_mem.h"
#include "hostctl.h"
#include "synic.h"
#include "violation.h"
#include "vm.h"

#define MAX_MESSAGES	4096
#define MAX_FLAG	2048
#define MAX_CONN_ID	0x4000
#define MAX_COMMANDS	8
#define MAX_VIOLATIONS	64

static uint8_t ram[FAKE_RAM_PAGES * HV_PAGE_SIZE]
	__attribute__((aligned(4096)));

static struct {
	uint32_t vp;
	uint8_t len;
	uint8_t payload[SYNIC_PAYLOAD_MAX];
} messages[MAX_MESSAGES];
static unsigned int msg_first, msg_end;

static unsigned int events[FAKE_VPS][MAX_FLAG];
static struct { loop_fn fn; void *ctx; } conns[MAX_CONN_ID];
static struct { const char *name; hostctl_fn fn; void *ctx; } cmds[MAX_COMMANDS];
static struct fake_violation violations[MAX_VIOLATIONS];
static unsigned int vio_first, vio_end;
static struct { unsigned int count; uint64_t address; uint32_t data; } msi;
static synic_post_fn post_fn;
static void *post_ctx;

void fake_reset(void)
{
	/* Zeros again, at the cost of the pages that were touched */
	if (madvise(ram, sizeof(ram), MADV_DONTNEED))
		memset(ram, 0, sizeof(ram));
	memset(events, 0, sizeof(events));
	msg_first = 0;
	msg_end = 0;
	vio_first = 0;
	vio_end = 0;
	memset(&msi, 0, sizeof(msi));
}

uint8_t *fake_page(uint64_t pfn)
{
	assert(pfn < FAKE_RAM_PAGES);
	return ram + pfn * HV_PAGE_SIZE;
}

void *gm_ptr(struct gpa addr, uint64_t len)
{
	if (addr.v > sizeof(ram) || len > sizeof(ram) - addr.v)
		return NULL;
	return ram + addr.v;
}

void fake_post(const void *msg, uint32_t len)
{
	post_fn(post_ctx, 0, 4, msg, len);
}

int fake_take_message(void *buf, uint32_t *vp)
{
	if (msg_first == msg_end)
		return -1;
	memset(buf, 0, SYNIC_PAYLOAD_MAX);
	memcpy(buf, messages[msg_first].payload, messages[msg_first].len);
	if (vp)
		*vp = messages[msg_first].vp;
	return messages[msg_first++].len;
}

bool fake_signal(uint32_t conn_id)
{
	if (!fake_connected(conn_id))
		return false;
	conns[conn_id].fn(conns[conn_id].ctx);
	return true;
}

bool fake_connected(uint32_t conn_id)
{
	assert(conn_id < MAX_CONN_ID);
	return conns[conn_id].fn;
}

unsigned int fake_events(uint32_t vp, uint32_t flag)
{
	assert(vp < FAKE_VPS && flag < MAX_FLAG);
	return events[vp][flag];
}

int fake_hostctl(const char *line, char *out, unsigned int size)
{
	int argc = 0, ret = HOSTCTL_UNKNOWN;
	char *argv[32], *words, *save;
	FILE *f;

	memset(out, 0, size);
	f = fmemopen(out, size - 1, "w");
	words = strdup(line);
	for (char *w = strtok_r(words, " ", &save); w;
	     w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	for (int i = 0; i < MAX_COMMANDS; i++)
		if (cmds[i].name && !strcmp(cmds[i].name, argv[0]))
			ret = cmds[i].fn(cmds[i].ctx, argc, argv, f);
	free(words);
	fclose(f);
	return ret;
}

unsigned int fake_msis(uint64_t *address, uint32_t *data)
{
	*address = msi.address;
	*data = msi.data;
	return msi.count;
}

int vm_signal_msi(uint64_t address, uint32_t data)
{
	msi.address = address;
	msi.data = data;
	msi.count++;
	return 0;
}

bool fake_take_violation(struct fake_violation *v)
{
	if (vio_first == vio_end)
		return false;
	*v = violations[vio_first++ % MAX_VIOLATIONS];
	return true;
}

/* --- what the server calls --- */

void violation(const char *rule, const char *where, const char *section,
	       const char *fmt, ...)
{
	struct fake_violation *v = &violations[vio_end++ % MAX_VIOLATIONS];
	va_list ap;

	snprintf(v->rule, sizeof(v->rule), "%s", rule);
	snprintf(v->where, sizeof(v->where), "%s", where);
	snprintf(v->section, sizeof(v->section), "%s", section);
	va_start(ap, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, ap);
	va_end(ap);
}

unsigned long violation_count(void)
{
	return vio_end - vio_first;
}

void violation_list(FILE *out)
{
	for (unsigned int i = vio_first; i != vio_end; i++)
		fprintf(out, "%s\n", violations[i % MAX_VIOLATIONS].rule);
}


void synic_send_message(uint32_t vp, const void *payload, uint8_t len)
{
	assert(vp < FAKE_VPS && len <= SYNIC_PAYLOAD_MAX);
	assert(msg_end < MAX_MESSAGES);
	messages[msg_end].vp = vp;
	messages[msg_end].len = len;
	memcpy(messages[msg_end].payload, payload, len);
	msg_end++;
}

void synic_drop_messages(void)
{
	msg_first = 0;
	msg_end = 0;
}

void synic_set_event(uint32_t vp, uint32_t flag)
{
	assert(vp < FAKE_VPS && flag && flag < MAX_FLAG);
	events[vp][flag]++;
}

int synic_vp_valid(uint32_t vp)
{
	return vp < FAKE_VPS;
}

int synic_connect(uint32_t conn_id, loop_fn fn, void *ctx)
{
	assert(conn_id < MAX_CONN_ID);
	if (conns[conn_id].fn)
		return -EEXIST;
	conns[conn_id].fn = fn;
	conns[conn_id].ctx = ctx;
	return 0;
}

void synic_disconnect(uint32_t conn_id)
{
	assert(fake_connected(conn_id));
	conns[conn_id].fn = NULL;
}

void synic_set_post_handler(synic_post_fn fn, void *ctx)
{
	post_fn = fn;
	post_ctx = ctx;
}

int hostctl_register(const char *name, const char *help, hostctl_fn fn,
		     void *ctx)
{
	(void)help;
	for (int i = 0; i < MAX_COMMANDS; i++) {
		if (cmds[i].name)
			continue;
		cmds[i].name = name;
		cmds[i].fn = fn;
		cmds[i].ctx = ctx;
		return 0;
	}
	return -ENOMEM;
}

void hostctl_unregister(const char *name)
{
	for (int i = 0; i < MAX_COMMANDS; i++)
		if (cmds[i].name && !strcmp(cmds[i].name, name))
			cmds[i].name = NULL;
}
