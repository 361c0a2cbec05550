// SPDX-License-Identifier: GPL-2.0
/*
 * Guest memory: the table of regions and the one check of an address.
 */
#include <stdlib.h>

#include "guest_mem.h"

#define GM_MAX_REGIONS	4

static struct {
	uint64_t start;
	uint64_t len;
	char *host;
} regions[GM_MAX_REGIONS];
static unsigned int region_count;

void gm_add_region(struct gpa start, uint64_t len, void *host)
{
	if (region_count == GM_MAX_REGIONS)
		abort();
	regions[region_count].start = start.v;
	regions[region_count].len = len;
	regions[region_count].host = host;
	region_count++;
}

void *gm_ptr(struct gpa addr, uint64_t len)
{
	for (unsigned int i = 0; i < region_count; i++) {
		uint64_t off = addr.v - regions[i].start;

		/* Subtractions only: no sum of guest values can wrap. */
		if (addr.v >= regions[i].start && off < regions[i].len &&
		    len <= regions[i].len - off)
			return regions[i].host + off;
	}
	return NULL;
}
