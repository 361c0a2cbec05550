// SPDX-License-Identifier: GPL-2.0
/*
 * VMBus server: GPADLs, guest memory that the guest describes by page numbers
 * (Documentation/protocol.md B.4, B.7).
 *
 * GPADL_HEADER announces how many bytes of page numbers there will be and brings
 * the first of them, GPADL_BODY the rest; when all are there, GPADL_CREATED is
 * answered, once. A fault in the header or in a page number is kept as the
 * status of that answer, so that the bodies on their way find their GPADL.
 *
 * The host maps nothing: guest memory stays where it is for as long as hvhost
 * runs, so a GPADL is an array of pointers, and "unmap" is to forget it.
 */
#include "vmbus_priv.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "violation.h"

/* B.4: what a VM may have in GPADLs altogether, before Server 2019 and since */
#define LIMIT_PAGES_OLD	(384u << 20 >> HV_PAGE_SHIFT)
#define LIMIT_PAGES_NEW	(1280u << 20 >> HV_PAGE_SHIFT)

static TAILQ_HEAD(, vmbus_gpadl) gpadls = TAILQ_HEAD_INITIALIZER(gpadls);
static void *by_handle;		/* the same in a tsearch() tree */
static uint32_t total_pages;	/* announced by all of them */

static int cmp_handle(const void *a, const void *b)
{
	uint32_t l = ((const struct vmbus_gpadl *)a)->handle;
	uint32_t r = ((const struct vmbus_gpadl *)b)->handle;

	return (l > r) - (l < r);
}

static struct vmbus_gpadl *find(uint32_t handle)
{
	struct vmbus_gpadl key = { .handle = handle };
	struct vmbus_gpadl **g = tfind(&key, &by_handle, cmp_handle);

	return g ? *g : NULL;
}

static void gpadl_free(struct vmbus_gpadl *g)
{
	TAILQ_REMOVE(&gpadls, g, node);
	tdelete(g, &by_handle, cmp_handle);
	total_pages -= g->pages;
	free(g->page);
	free(g);
}

static struct vmbus_gpadl *gpadl_new(const struct vmbus_gpadl_header *m,
				     uint32_t pages)
{
	struct vmbus_gpadl *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->page = calloc(pages, sizeof(*g->page));
	if (!g->page)
		goto err_free;
	g->handle = m->gpadl;
	g->relid = m->relid;
	g->byte_count = m->byte_count;
	g->byte_offset = m->byte_offset;
	g->pages = pages;
	if (!tsearch(g, &by_handle, cmp_handle))
		goto err_free_pages;
	TAILQ_INSERT_TAIL(&gpadls, g, node);
	total_pages += pages;

	return g;

err_free_pages:
	free(g->page);
err_free:
	free(g);
	return NULL;
}

static void send_created(uint32_t relid, uint32_t handle, uint32_t status)
{
	struct vmbus_gpadl_created msg = {
		.hdr.type = VMBUS_GPADL_CREATED,
		.relid = relid,
		.gpadl = handle,
		.status = status,
	};

	conn_send(&msg, sizeof(msg));
}

/* Take @n page numbers; what comes after the last announced one is junk (B.2). */
static void take_pfns(struct vmbus_gpadl *g, const char *where,
		      const uint64_t *pfn, uint32_t n)
{
	if (n > g->pages - g->filled)
		n = g->pages - g->filled;
	for (uint32_t i = 0; i < n; i++) {
		g->page[g->filled] = gm_ptr(gpa_of_pfn(pfn[i]), HV_PAGE_SIZE);
		if (!g->page[g->filled] && !g->status) {
			violation("gpadl.pfn", where, "I.2 5",
				  "GPADL 0x%x, page %u: wanted a page of RAM, came page number 0x%llx",
				  g->handle, g->filled,
				  (unsigned long long)pfn[i]);
			g->status = VMBUS_STATUS_FAILURE;
		}
		g->filled++;
	}
	if (g->filled < g->pages)
		return;

	g->created = true;
	send_created(g->relid, g->handle, g->status);
	if (g->status)
		gpadl_free(g);
}

/* What the header says of itself; the status for GPADL_CREATED. */
static uint32_t check_range(const struct vmbus_gpadl_header *m,
			    const char *where)
{
	uint64_t pages;

	if (m->range_count != 1) {
		violation("gpadl.range_count", where, "B.4",
			  "GPADL 0x%x, range count: wanted 1, came %u",
			  m->gpadl, m->range_count);
		return VMBUS_STATUS_FAILURE;
	}
	if (!m->byte_count || m->byte_offset >= HV_PAGE_SIZE) {
		violation("gpadl.range", where, "I.2 5",
			  "GPADL 0x%x: wanted a length and an offset below 4096, came %u bytes at %u",
			  m->gpadl, m->byte_count, m->byte_offset);
		return VMBUS_STATUS_FAILURE;
	}
	pages = ((uint64_t)m->byte_offset + m->byte_count + HV_PAGE_SIZE - 1) /
		HV_PAGE_SIZE;
	if (m->range_bytes != VMBUS_GPADL_RANGE_HEAD + 8 * pages) {
		violation("gpadl.size", where, "I.2 5",
			  "GPADL 0x%x, total bytes: wanted %llu for %llu pages, came %u",
			  m->gpadl,
			  (unsigned long long)(VMBUS_GPADL_RANGE_HEAD + 8 * pages),
			  (unsigned long long)pages, m->range_bytes);
		return VMBUS_STATUS_FAILURE;
	}
	if (!channel_find(m->relid)) {
		violation("gpadl.relid", where, "I.2 5",
			  "GPADL 0x%x, relid: wanted an offered channel, came %u",
			  m->gpadl, m->relid);
		return VMBUS_STATUS_FAILURE;
	}
	return VMBUS_STATUS_OK;
}

/* Whether @pages more would be too many, or the handle is in use. */
static bool refuse(const struct vmbus_gpadl_header *m, uint32_t pages,
		   const char *where)
{
	uint32_t limit = vmbus_version() >= VMBUS_V5_2 ? LIMIT_PAGES_NEW :
							 LIMIT_PAGES_OLD;

	if (find(m->gpadl)) {
		violation("gpadl.handle", where, "I.2 5",
			  "handle: wanted an unused one, came 0x%x again",
			  m->gpadl);
		send_created(m->relid, m->gpadl, VMBUS_STATUS_FAILURE);
		return true;
	}
	if (pages > limit - total_pages) {
		violation("gpadl.limit", where, "B.4",
			  "GPADL 0x%x: wanted at most %u more pages, came %u",
			  m->gpadl, limit - total_pages, pages);
		send_created(m->relid, m->gpadl, VMBUS_STATUS_NO_RESOURCES);
		return true;
	}
	return false;
}

void gpadl_on_header(const struct guest_msg *msg)
{
	const struct vmbus_gpadl_header *m = &msg->m.gpadl_header;
	uint32_t in_msg = (msg->len - offsetof(struct vmbus_gpadl_header, pfn)) /
			  sizeof(m->pfn[0]);
	struct vmbus_gpadl *g;
	uint64_t pfn[26];
	char where[CHANNEL_WHERE_LEN];
	uint32_t pages;

	channel_where(where, m->relid, "GPADL_HEADER");

	/* As many page numbers as are announced, to find the last body. */
	pages = m->range_bytes / sizeof(m->pfn[0]);
	pages = pages > 2 ? pages - 1 : 1;
	if (refuse(m, pages, where))
		return;
	g = gpadl_new(m, pages);
	if (!g) {
		send_created(m->relid, m->gpadl, VMBUS_STATUS_NO_RESOURCES);
		return;
	}
	g->status = check_range(m, where);
	memcpy(pfn, m->pfn, sizeof(pfn));	/* they are not aligned there */
	take_pfns(g, where, pfn, in_msg);
}

void gpadl_on_body(const struct guest_msg *msg)
{
	const struct vmbus_gpadl_body *m = &msg->m.gpadl_body;
	uint32_t in_msg = (msg->len - offsetof(struct vmbus_gpadl_body, pfn)) /
			  sizeof(m->pfn[0]);
	struct vmbus_gpadl *g = find(m->gpadl);
	uint64_t pfn[28];
	char where[CHANNEL_WHERE_LEN];

	channel_where(where, g ? g->relid : 0, "GPADL_BODY");
	if (!g || g->created) {
		violation("gpadl.body", where, "B.4",
			  "handle: wanted a GPADL that lacks page numbers, came 0x%x, which %s",
			  m->gpadl, g ? "is complete" : "is unknown");
		return;
	}
	memcpy(pfn, m->pfn, sizeof(pfn));
	take_pfns(g, where, pfn, in_msg);
}

/* Tell who uses it, forget it, and only then let the guest have it back. */
static void gpadl_torn(struct vmbus_gpadl *g)
{
	struct vmbus_gpadl_torndown msg = {
		.hdr.type = VMBUS_GPADL_TORNDOWN,
		.gpadl = g->handle,
	};

	if (g->torn)
		g->torn(g->torn_ctx, g);
	gpadl_free(g);
	conn_send(&msg, sizeof(msg));
}

void gpadl_on_teardown(const struct guest_msg *msg)
{
	const struct vmbus_gpadl_teardown *m = &msg->m.teardown;
	struct vmbus_channel *chan = channel_find(m->relid);
	struct vmbus_gpadl *g = find(m->gpadl);
	char where[CHANNEL_WHERE_LEN];

	channel_where(where, m->relid, "GPADL_TEARDOWN");
	if (!g || g->relid != m->relid || !g->created) {
		violation("gpadl.teardown", where, "I.2 7",
			  "wanted a created GPADL of this channel, came 0x%x of relid %u, which %s; dropped",
			  m->gpadl, m->relid,
			  !g ? "is unknown" : !g->created ? "is incomplete" :
			  "is another channel's");
		return;
	}
	if (chan && chan->ring == g) {
		violation("gpadl.teardown_open", where, "B.7",
			  "GPADL 0x%x: wanted after CLOSECHANNEL, came while its rings are open; %s",
			  m->gpadl, g->torn_wanted ? "and again, dropped" :
			  "answered at CLOSECHANNEL");
		g->torn_wanted = true;
		return;
	}
	gpadl_torn(g);
}

struct vmbus_gpadl *gpadl_lookup(uint32_t handle, uint32_t relid)
{
	struct vmbus_gpadl *g = find(handle);

	return g && g->created && g->relid == relid ? g : NULL;
}

void gpadl_ring_released(struct vmbus_gpadl *g)
{
	if (g->torn_wanted)
		gpadl_torn(g);
}

void gpadl_forget_user(struct vmbus_channel *chan)
{
	struct vmbus_gpadl *g;

	TAILQ_FOREACH(g, &gpadls, node) {
		if (g->user != chan)
			continue;
		g->user = NULL;
		g->torn = NULL;
	}
}

void gpadl_drop_relid(uint32_t relid)
{
	struct vmbus_gpadl *g, *next;

	for (g = TAILQ_FIRST(&gpadls); g; g = next) {
		next = TAILQ_NEXT(g, node);
		if (g->relid != relid)
			continue;
		/* Another channel of the device may use it */
		if (g->torn)
			g->torn(g->torn_ctx, g);
		gpadl_free(g);
	}
}

void gpadl_reset(void)
{
	while (!TAILQ_EMPTY(&gpadls))
		gpadl_free(TAILQ_FIRST(&gpadls));
}

struct vmbus_gpadl *vmbus_gpadl_find(struct vmbus_channel *chan, uint32_t handle,
				     void (*torn)(void *ctx,
						  struct vmbus_gpadl *g),
				     void *ctx)
{
	struct vmbus_gpadl *g = find(handle);
	const struct vmbus_channel *maker;

	if (!g || !g->created)
		return NULL;
	maker = channel_find(g->relid);
	if (!maker || !channel_same_device(maker, chan))
		return NULL;
	if (torn) {
		g->torn = torn;
		g->torn_ctx = ctx;
		g->user = chan;
	}
	return g;
}

uint64_t vmbus_gpadl_len(const struct vmbus_gpadl *g)
{
	return g->byte_count;
}

/* The part of [@off, @off + *@len) that lies in one page; *@len becomes its length. */
static uint8_t *chunk(const struct vmbus_gpadl *g, uint64_t off, uint64_t *len)
{
	uint64_t at = g->byte_offset + off;
	uint64_t left = HV_PAGE_SIZE - at % HV_PAGE_SIZE;

	if (*len > left)
		*len = left;
	return g->page[at / HV_PAGE_SIZE] + at % HV_PAGE_SIZE;
}

static bool inside(const struct vmbus_gpadl *g, uint64_t off, uint64_t len)
{
	return off <= g->byte_count && len <= g->byte_count - off;
}

int vmbus_gpadl_copy_in(const struct vmbus_gpadl *g, void *dst, uint64_t off,
			uint64_t len)
{
	const uint8_t *page;
	uint8_t *to = dst;
	uint64_t n;

	if (!inside(g, off, len))
		return -EFAULT;
	for (; len; off += n, to += n, len -= n) {
		n = len;
		page = chunk(g, off, &n);
		memcpy(to, page, n);
	}
	return 0;
}

int vmbus_gpadl_copy_out(const struct vmbus_gpadl *g, uint64_t off,
			 const void *src, uint64_t len)
{
	const uint8_t *from = src;
	uint8_t *page;
	uint64_t n;

	if (!inside(g, off, len))
		return -EFAULT;
	for (; len; off += n, from += n, len -= n) {
		n = len;
		page = chunk(g, off, &n);
		memcpy(page, from, n);
	}
	return 0;
}

int vmbus_gpadl_iov(const struct vmbus_gpadl *g, uint64_t off, uint64_t len,
		    struct iovec *iov, unsigned int max)
{
	unsigned int used = 0;
	uint64_t n;

	if (!inside(g, off, len))
		return -EFAULT;
	for (; len; off += n, len -= n) {
		if (used == max)
			return -ENOSPC;
		n = len;
		iov[used].iov_base = chunk(g, off, &n);
		iov[used].iov_len = n;
		used++;
	}
	return used;
}
