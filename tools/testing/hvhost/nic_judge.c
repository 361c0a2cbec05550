// SPDX-License-Identifier: GPL-2.0
/* See nic_judge.h. */
#include "nic_judge.h"

#include <string.h>

#include "../../../ndis_wire.h"
#include "../../../nvsp_wire.h"
#include "../../../rsc_wire.h"
#include "vf.h"
#include "vmbus_priv.h"
#include "wild_guest.h"

#define SECTIONS_MAX	20000u	/* 31 MiB of the smallest */

/**
 * struct held - a sub-allocation in the guest's hands
 * @id: of its transfer
 * @chan: channel that it came on, plus 1; 0: it is the host's
 * @len: bytes that count
 * @sum: of them, when they came
 */
struct held {
	u64 id;
	u8 chan;
	u32 len;
	u64 sum;
};

static struct held held[SECTIONS_MAX];
static u32 held_end;	/* of those in use since judge_begin() */

/* --- the receive buffer --- */

static const u8 *section(u32 index)
{
	return fake_page(WILD_RECV_PFN) + (size_t)index * w.nic->conn.rx.size;
}

static u64 sum_of(const u8 *at, u32 len)
{
	u64 sum = len, word;

	for (; len >= sizeof(word); len -= sizeof(word), at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum = (sum << 5 | sum >> 59) ^ word;
	}
	while (len--)
		sum = (sum << 5 | sum >> 59) ^ *at++;
	return sum;
}

/* Nobody but the guest touches what the guest holds */
static void give_back(u32 index)
{
	struct held *h = &held[index];

	require(w.blind || h->sum == sum_of(section(index), h->len),
		"the host leaves alone what the guest holds");
	h->chan = 0;
}

void judge_begin(void)
{
	memset(held, 0, held_end * sizeof(*held));
	held_end = 0;
}

void judge_closed(unsigned int index)
{
	u32 i;

	for (i = 0; i < held_end; i++)
		if (held[i].chan == index + 1)
			held[i].chan = 0;
	if (!index)
		judge_begin();
}

u64 judge_held(unsigned int index, u32 nth)
{
	u64 id = UINT64_MAX;
	u32 i;

	for (i = 0; i < held_end; i++) {
		/* the first of a transfer names it */
		if (held[i].chan != index + 1 || held[i].id != i)
			continue;
		id = i;
		if (!nth--)
			break;
	}
	return id;
}

void judge_given_back(unsigned int index, u64 id)
{
	u32 i;

	for (i = 0; i < held_end; i++)
		if (held[i].chan == index + 1 && held[i].id == id)
			give_back(i);
}

/* --- what the host says --- */

static void judge_completion(unsigned int index, u64 id, const u8 *payload,
			     u32 len)
{
	struct wild_chan *c = &w.chan[index];
	struct nvsp_sections sections;
	enum nvsp_wire_fault fault = NVSP_WIRE_OK;
	u32 i, status, value;

	for (i = 0; i < c->asked_count && c->asked[i] != id; i++)
		;
	if (w.faulty)
		return;
	require(i < c->asked_count, "what is completed was asked for, and once");
	c->asked[i] = c->asked[--c->asked_count];
	memset(&w.reply, 0, sizeof(w.reply));
	memcpy(&w.reply, payload, len < sizeof(w.reply) ? len : sizeof(w.reply));
	w.reply_id = id;
	if (!len)
		return;
	switch (le32_to_cpu(w.reply.type)) {
	case NVSP_MSG_INIT_COMPLETE:
		fault = nvsp_wire_init_complete(payload, len, &status);
		break;
	case NVSP_MSG_SEND_RECV_BUF_COMPLETE:
		fault = nvsp_wire_recv_buf_complete(payload, len,
						    NVSP_RECV_BUF_MAX, &status,
						    &sections);
		break;
	case NVSP_MSG_SEND_SEND_BUF_COMPLETE:
		fault = nvsp_wire_send_buf_complete(payload, len,
						    NVSP_SEND_BUF_MAX, &status,
						    &sections);
		break;
	case NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE:
		fault = nvsp_wire_rndis_complete(payload, len, &status);
		break;
	case NVSP_MSG_SUBCHANNEL:
		fault = nvsp_wire_subchannel_complete(payload, len,
						      NVSP_MAX_CHANNELS, &status,
						      &value);
		break;
	case NVSP_MSG_OID_QUERY_EX_COMPLETE:
	case NVSP_MSG_PD_API:
		break;
	default:
		fault = NVSP_FAULT_TYPE;
	}
	require(!fault || fault == NVSP_FAULT_STATUS,
		"the driver understands what a completion says");
}

static void judge_query(const struct rndis_completion *cmplt)
{
	const u8 *obj = w.heard + cmplt->info_off;
	u32 len = cmplt->info_len;
	struct ndis_offload_caps offload;
	struct ndis_rss_caps rss;

	/* Only these start with their type, and are as long as they say */
	if (len < 4 || (obj[2] | obj[3] << 8) != (int)len)
		return;
	if (obj[0] == NDIS_OBJECT_TYPE_OFFLOAD)
		require(!ndis_wire_offload(obj, len, 1500, &offload),
			"the driver reads offload objects");
	if (obj[0] == NDIS_OBJECT_TYPE_RSS_CAPABILITIES)
		require(!ndis_wire_rss_caps(obj, len, &rss) && rss.usable,
			"and RSS capabilities");
}

static void judge_control(const u8 *msg, u32 len)
{
	struct rndis_completion cmplt;
	struct rndis_indication ind;
	u32 type, msg_len;

	require(len <= sizeof(w.heard), "a control message is no longer than a reply");
	memcpy(w.heard, msg, len);
	w.heard_len = len;
	require(!rndis_wire_type(msg, len, &type, &msg_len) && msg_len == len,
		"a control message is its range");
	if (type == RNDIS_MSG_INDICATE_STATUS) {
		require(!rndis_wire_indicate(msg, len, &ind),
			"the driver understands an indication");
		return;
	}
	require(!rndis_wire_complete(msg, len, &cmplt),
		"the driver understands a reply");
	if (type == RNDIS_MSG_QUERY_CMPLT && !cmplt.status)
		judge_query(&cmplt);
}

/* One data message; @first is where the run of coalesced ones began */
static void judge_data(const u8 *msg, u32 len, struct rsc_run *run, u8 *first,
		       struct rsc_headers *hdrs)
{
	u32 max = w.nic->conn.frame_mtu + NETPKT_VLAN_HLEN, head;
	struct rndis_packet_info info;
	enum rsc_step step;

	require(!rndis_wire_packet(msg, len, max, &info),
		"the driver understands a frame");
	step = rsc_wire_step(run, &info);
	require(step != RSC_ORPHAN, "fragments come in order");
	head = info.data_len < RSC_HEADERS_MAX ? info.data_len : RSC_HEADERS_MAX;
	if (step == RSC_FIRST) {
		memcpy(first, msg + info.data_off, head);
		require(rsc_wire_parse(first, head, hdrs),
			"the first fragment has all headers");
	}
	if (step == RSC_LAST)
		require(rsc_wire_repair(first, hdrs, run),
			"a coalesced packet has a length that can be");
}

static u32 take_section(unsigned int index, u64 id,
			const struct vmbus_xfer_range *range)
{
	const struct nic_recv_buf *rx = &w.nic->conn.rx;
	const struct nvsp_sections sections = { rx->size, rx->count };
	u32 at;

	require(!nvsp_wire_xfer_range(range->byte_offset, range->byte_count,
				      &sections), "a range is in one section");
	at = range->byte_offset / rx->size;
	require(at < SECTIONS_MAX && !held[at].chan,
		"the host does not use what the guest holds");
	held[at] = (struct held){ .id = id, .chan = (u8)(index + 1),
				  .len = range->byte_count };
	held[at].sum = sum_of(section(at), range->byte_count);
	if (at >= held_end)
		held_end = at + 1;
	return at;
}

static void judge_xfer(unsigned int index, const u8 *packet, u32 len)
{
	const struct nvsp_message success = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE),
		.rndis_packet_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS),
	};
	const struct nic_recv_buf *rx = &w.nic->conn.rx;
	struct vmbus_xfer_range range;
	struct vmbus_xfer_desc x;
	struct rsc_headers hdrs;
	struct rsc_run run = { 0 };
	u8 first[RSC_HEADERS_MAX];
	bool control;
	u32 i, at;

	memcpy(&x, packet, sizeof(x));
	if (w.faulty)
		return;
	require(x.set_id == rx->id &&
		!nvsp_wire_xfer_header(NVSP_RECV_BUF_ID, x.range_count,
				       NVSP_XFER_RANGES_RSC, x.d.offset8 * 8u,
				       len), "a transfer is of the guest's buffer");
	require(!nvsp_wire_rndis_packet(packet + x.d.offset8 * 8u,
					len - x.d.offset8 * 8u, &control),
		"and says what it holds");
	require(!control || (!index && x.range_count == 1),
		"control messages come alone, on the primary");
	for (i = 0; i < x.range_count; i++) {
		memcpy(&range, packet + sizeof(x) + i * sizeof(range),
		       sizeof(range));
		at = take_section(index, x.d.trans_id, &range);
		require(i || at == x.d.trans_id,
			"a transfer has the name of its first section");
		if (control)
			judge_control(section(at), range.byte_count);
		else
			judge_data(section(at), range.byte_count, &run, first,
				   &hdrs);
	}
	require(!run.open, "a coalesced packet ends in its transfer");
	if (w.completes)
		wild_complete(index, x.d.trans_id, &success, sizeof(success));
}

/* Return: whether it is about the VF */
static bool judge_vf(const u8 *payload, u32 len)
{
	u32 type = len < 4 ? 0 : get_le32(payload), serial;
	bool flag;

	if (type == NVSP_MSG_SEND_VF_ASSOCIATION) {
		require(!nvsp_wire_vf_association(payload, len, &flag, &serial),
			"the driver understands what is said of the VF");
		require(w.nic->vf && serial == w.nic->vf->bus.serial &&
			w.nic->conn.caps & NVSP_CAP_SRIOV,
			"it is this NIC's, and the guest knows VFs");
		w.vf_told |= flag;
		return true;
	}
	if (type != NVSP_MSG_SWITCH_DATA_PATH)
		return false;
	require(!nvsp_wire_switch_data_path(payload, len, &flag) && w.nic->vf,
		"and where the data go");
	return true;
}

static void judge_inband(const u8 *payload, u32 len)
{
	const struct nic_conn *conn = &w.nic->conn;
	u8 table[NVSP_INDIRECTION_ENTRIES];
	u32 i;

	if (w.faulty || judge_vf(payload, len))
		return;
	require(!nvsp_wire_indirection(payload, len, conn->version,
				       NVSP_MAX_CHANNELS, table),
		"the driver understands the table");
	for (i = 0; i < sizeof(table); i++)
		require(table[i] <= conn->subs, "which names channels there are");
}

void judge_packet(unsigned int index, const u8 *packet, u32 len)
{
	struct vmbus_desc d;

	memcpy(&d, packet, sizeof(d));
	require(d.len8 * 8u == len && d.offset8 >= 2 && d.offset8 <= d.len8,
		"a packet of the host is well formed");
	switch (d.type) {
	case VM_PKT_COMPLETION:
		judge_completion(index, d.trans_id, packet + d.offset8 * 8u,
				 len - d.offset8 * 8u);
		break;
	case VM_PKT_XFER_PAGES:
		judge_xfer(index, packet, len);
		break;
	case VM_PKT_INBAND:
		judge_inband(packet + d.offset8 * 8u, len - d.offset8 * 8u);
		break;
	default:
		require(false, "a packet has a type that the host sends");
	}
}

/* --- the books --- */

static void judge_fifo(const struct nic_fifo *fifo, u32 most)
{
	const struct nic_frame *frame;
	u32 count = 0, bytes = 0;

	for (frame = fifo->head; frame && count <= most; frame = frame->next) {
		count++;
		bytes += frame->len;
	}
	require(count == fifo->count && bytes == fifo->bytes && count <= most,
		"what waits is counted, and bounded");
}

static bool is_live(const struct vmbus_channel *chan)
{
	const struct vmbus_channel *other;

	TAILQ_FOREACH(other, channel_list(), node)
		if (other == chan)
			return true;
	return false;
}

static void judge_queue(const struct nic_queue *q)
{
	const struct nic_out *out;
	u32 count = 0;

	require(!q->chan || is_live(q->chan), "a queue's channel exists");
	require(!q->open || (q->chan && (q->chan->state == CHAN_OPEN ||
					 q->chan->state == CHAN_FAILED)),
		"an open queue has an open channel");
	require(!q->open || !q->failed || q->chan->state == CHAN_FAILED,
		"a broken queue has a stopped channel");
	require(!q->open || !q->index || w.nic->queue[0]->open,
		"a sub-channel is open with its primary only");
	for (out = q->out; out && count <= 4096; out = out->next)
		count++;
	require(count == q->out_count && count <= 4096,
		"answers that wait are counted, and bounded");
	judge_fifo(&q->backlog, NIC_BACKLOG_MAX);
	require(q->ranges <= NVSP_XFER_RANGES_RSC + 1, "a batch has a limit");
	require(q->open || (!q->out && !q->backlog.head && !q->ranges),
		"nothing waits on a closed channel");
}

/* Each sub-allocation is free, or in one chain of an open queue */
static void judge_sections(const struct nic_recv_buf *rx)
{
	u32 free = 0, taken = 0, chained = 0, i;
	s32 at;

	for (at = rx->free; at >= 0 && free <= rx->count; at = rx->sub[at].next) {
		require((u32)at < rx->count && rx->sub[at].owner == NIC_SUB_FREE,
			"what is on the free list is free");
		free++;
	}
	require(free == rx->free_count, "free sections are counted");
	for (i = 0; i < rx->count; i++) {
		const struct nic_sub *sub = &rx->sub[i];

		if (sub->owner == NIC_SUB_FREE)
			continue;
		taken++;
		require(sub->owner < NVSP_MAX_CHANNELS &&
			w.nic->queue[sub->owner] && w.nic->queue[sub->owner]->open,
			"a section is free or an open queue's");
		for (at = sub->head ? (s32)i : -1; at >= 0 && chained <= rx->count;
		     at = rx->sub[at].next) {
			require(rx->sub[at].owner == sub->owner,
				"a transfer is one queue's");
			chained++;
		}
	}
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		chained += w.nic->queue[i] ? w.nic->queue[i]->ranges : 0;
	require(free + taken == rx->count && chained == taken,
		"each section is in one transfer or free");
}

static void judge_buffer(const struct vmbus_gpadl *g, u64 bytes)
{
	if (g)
		require(gpadl_lookup(g->handle, g->relid) == g &&
			bytes <= vmbus_gpadl_len(g),
			"a buffer exists, and its sections are inside it");
}

static void judge_settings(const struct nic_conn *conn)
{
	const struct nic_offloads *o = &conn->offloads;
	const struct nic_config *cfg = &w.nic->cfg;
	u32 i;

	require(conn->frame_mtu >= NIC_MTU_DEFAULT + NETPKT_ETH_HLEN &&
		conn->frame_mtu <= cfg->mtu + NETPKT_ETH_HLEN,
		"the frame MTU is one that the host lets the guest have");
	require(w.faulty || !conn->version == (conn->phase == NVSP_PHASE_VERSION),
		"a version is agreed on, or the first phase is not over");
	require(conn->version <= cfg->nvsp, "it is one that is offered");
	require(o->ip4 <= 4 && o->tcp4 <= 4 && o->udp4 <= 4 && o->tcp6 <= 4 &&
		o->udp6 <= 4 && (cfg->lso || (!o->lso4 && !o->lso6)) &&
		(cfg->rsc || (!o->rsc4 && !o->rsc6)),
		"what is switched on is offered");
	require(conn->subs < cfg->queues, "sub-channels are within the limit");
	if (!conn->rss.enabled)
		return;
	require(conn->rss.entries && conn->rss.entries <= NDIS_RSS_INDIRECTION_MAX,
		"a table has entries");
	for (i = 0; i < conn->rss.entries; i++)
		require(conn->rss.table[i] < cfg->queues,
			"which name queues that there can be");
}

void judge_nic(void)
{
	const struct nic_conn *conn = &w.nic->conn;
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		if (w.nic->queue[i])
			judge_queue(w.nic->queue[i]);
	judge_buffer(conn->rx.gpadl, (u64)conn->rx.size * conn->rx.count);
	judge_buffer(conn->tx.gpadl, (u64)conn->tx.size * conn->tx.count);
	if (conn->rx.sub)
		judge_sections(&conn->rx);
	judge_fifo(&conn->control, NIC_CONTROL_MAX);
	require(conn->control.bytes <= NIC_CONTROL_MAX, "replies are bounded");
	if (w.nic->queue[0]->open)
		judge_settings(conn);
}

void judge_idle(void)
{
	const struct nic_conn *conn = &w.nic->conn;
	u32 i;

	judge_nic();
	for (i = 0; i < NVSP_MAX_CHANNELS; i++)
		require(!w.nic->queue[i] || !w.nic->queue[i]->open,
			"no channel is open without a connection");
	require(!conn->rx.sub && !conn->rx.gpadl && !conn->tx.gpadl &&
		!conn->control.head && !conn->version && !conn->subs,
		"nothing of a connection is left");
}
