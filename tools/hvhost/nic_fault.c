// SPDX-License-Identifier: GPL-2.0
/*
 * Faults on purpose: each answer or message of the host can be withheld, made
 * to fail, or made late, from the command line (before boot) or by hostctl.
 */
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"

static const char *const point_name[NIC_POINT_COUNT] = {
	[NIC_POINT_OPEN]		= "open",
	[NIC_POINT_INIT]		= "init",
	[NIC_POINT_NDIS_CONFIG]		= "ndis-config",
	[NIC_POINT_NDIS_VERSION]	= "ndis-version",
	[NIC_POINT_RECV_BUF]		= "recv-buf",
	[NIC_POINT_SEND_BUF]		= "send-buf",
	[NIC_POINT_SUBCHANNEL]		= "subchannel",
	[NIC_POINT_SUBCHANNEL_OFFERS]	= "subchannel-offers",
	[NIC_POINT_SUBCHANNEL_OPEN]	= "subchannel-open",
	[NIC_POINT_INDIRECTION_TABLE]	= "indirection-table",
	[NIC_POINT_SWITCH_DATA_PATH]	= "switch-data-path",
	[NIC_POINT_OID_QUERY_EX]	= "oid-query-ex",
	[NIC_POINT_PD_API]		= "pd-api",
	[NIC_POINT_TX_COMPLETE]		= "tx-complete",
	[NIC_POINT_CONTROL_COMPLETE]	= "control-complete",
	[NIC_POINT_RNDIS_INIT]		= "rndis-init",
	[NIC_POINT_QUERY]		= "query",
	[NIC_POINT_SET]			= "set",
	[NIC_POINT_KEEPALIVE]		= "keepalive",
	[NIC_POINT_HALT]		= "halt",
	[NIC_POINT_INDICATION]		= "indication",
	[NIC_POINT_RX]			= "rx",
	[NIC_POINT_RING]		= "ring",
};

struct nic_fault *nic_fault(struct nic *nic, enum nic_point point)
{
	return &nic->faults.point[point];
}

bool nic_fault_fails(struct nic_fault *fault)
{
	if (!fault || !fault->fail)
		return false;
	if (fault->fail_after) {
		fault->fail_after--;
		return false;
	}
	if (fault->fail_left && !--fault->fail_left)
		fault->fail = false;
	return true;
}

struct nic_fault *nic_fault_oid(struct nic *nic, u32 oid)
{
	unsigned int i;

	for (i = 0; i < nic->faults.oid_count; i++)
		if (nic->faults.oid[i].oid == oid)
			return &nic->faults.oid[i].fault;
	return NULL;
}

static struct nic_fault *find_oid(struct nic *nic, const char *text)
{
	struct nic_faults *faults = &nic->faults;
	struct nic_fault *fault;
	unsigned long oid;
	char *end;

	oid = strtoul(text, &end, 0);
	if (end == text || *end || oid > U32_MAX)
		return NULL;
	fault = nic_fault_oid(nic, (u32)oid);
	if (fault)
		return fault;
	if (faults->oid_count == NIC_OID_FAULTS)
		return NULL;
	faults->oid[faults->oid_count].oid = (u32)oid;
	fault = &faults->oid[faults->oid_count++].fault;
	memset(fault, 0, sizeof(*fault));
	return fault;
}

struct nic_fault *nic_fault_find(struct nic *nic, const char *name)
{
	unsigned int i;

	if (!strncmp(name, "oid:", 4))
		return find_oid(nic, name + 4);
	for (i = 0; i < NIC_POINT_COUNT; i++)
		if (!strcmp(name, point_name[i]))
			return &nic->faults.point[i];
	return NULL;
}

void nic_fault_names(FILE *out)
{
	unsigned int i;

	for (i = 0; i < NIC_POINT_COUNT; i++)
		fprintf(out, "%s ", point_name[i]);
	fprintf(out, "oid:0x...");
}

static void list_one(FILE *out, const char *name, const struct nic_fault *fault)
{
	if (fault->silent)
		fprintf(out, "silent %s\n", name);
	if (fault->fail) {
		fprintf(out, "fail %s", name);
		if (fault->fail_left)
			fprintf(out, " %u", fault->fail_left);
		if (fault->fail_after)
			fprintf(out, " %u", fault->fail_after);
		fputc('\n', out);
	}
	if (fault->slow_ms)
		fprintf(out, "slow %s %u\n", name, fault->slow_ms);
}

void nic_fault_list(struct nic *nic, FILE *out)
{
	const char *armed = hostile_armed(nic);
	char name[32];
	unsigned int i;

	for (i = 0; i < NIC_POINT_COUNT; i++)
		list_one(out, point_name[i], &nic->faults.point[i]);
	for (i = 0; i < nic->faults.oid_count; i++) {
		snprintf(name, sizeof(name), "oid:0x%08x", nic->faults.oid[i].oid);
		list_one(out, name, &nic->faults.oid[i].fault);
	}
	if (armed)
		fprintf(out, "hostile %s\n", armed);
}

/**
 * struct later - an answer that comes late
 * @epoch: connection it belongs to
 */
struct later {
	struct loop_timer timer;
	struct nic_queue *q;
	u32 epoch;
	void (*fn)(struct nic_queue *q, const void *data, u32 len);
	u32 len;
	u8 data[];
};

static void later_fire(void *ctx)
{
	struct later *later = ctx;

	if (later->epoch == later->q->nic->epoch && later->q->open)
		later->fn(later->q, later->data, later->len);
	free(later);
}

void nic_later(struct nic_queue *q, u32 ms,
	       void (*fn)(struct nic_queue *q, const void *data, u32 len),
	       const void *data, u32 len)
{
	struct later *later = calloc(1, sizeof(*later) + len);

	if (!later)
		return;		/* as late as can be */
	later->timer.fn = later_fire;
	later->timer.ctx = later;
	later->q = q;
	later->epoch = q->nic->epoch;
	later->fn = fn;
	later->len = len;
	if (len)
		memcpy(later->data, data, len);
	loop_timer_set(&later->timer, ms * 1000000ull);
}
