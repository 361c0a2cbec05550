// SPDX-License-Identifier: GPL-2.0
/*
 * Synthetic NIC: how one is made, offered, opened, closed and taken away.
 *
 *	nic_create()	configuration, uplink, hostctl verbs, offer, VF
 *	open/close	of the primary begin and end a connection (struct nic_conn);
 *			closing it takes the sub-channels away (B.5), the server sees to it
 *	nic_rescind(), nic_offer()	hot removal and return
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nic_priv.h"
#include "vf.h"

/* f8615163-df3e-46c5-913f-f2d2f965ed0e in wire order, B.5 */
static const u8 nic_type[16] = {
	0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf, 0xc5, 0x46,
	0x91, 0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e,
};

/* Instance of nic0; the last byte counts */
static const u8 nic_instance[16] = {
	0x1a, 0x4e, 0x6b, 0x7c, 0x52, 0x9d, 0x0f, 0x43,
	0xa8, 0x27, 0x00, 0x15, 0x5d, 0x68, 0x76, 0x00,
};

const char *nic_where(struct nic_queue *q, const char *message)
{
	struct nic *nic = q->nic;

	snprintf(nic->where, sizeof(nic->where), "%s, %s",
		 q->chan ? vmbus_name(q->chan) : nic->ident, message);
	return nic->where;
}

static void flush_all(void *ctx)
{
	struct nic *nic = ctx;
	u32 i;

	nic->flush_posted = false;
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		if (!nic_queue_up(nic, i))
			continue;
		netvsp_rx_flush(nic->queue[i]);
		vmbus_signal(nic->queue[i]->chan);
	}
}

void nic_flush_soon(struct nic *nic)
{
	if (nic->flush_posted)
		return;
	nic->flush_posted = true;
	if (loop_post(flush_all, nic))
		flush_all(nic);
}

static void open_now(void *ctx)
{
	struct nic_queue *q = ctx;

	q->open_due = true;
	if (q->chan)
		vmbus_open_again(q->chan);
	q->open_due = false;
}

static struct nic_queue *queue_get(struct nic *nic, unsigned int index)
{
	struct nic_queue *q = nic->queue[index];

	if (q)
		return q;
	q = calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->nic = nic;
	q->index = index;
	q->open_late.fn = open_now;
	q->open_late.ctx = q;
	q->out_tail = &q->out;
	nic_fifo_init(&q->backlog);
	nic->queue[index] = q;
	return q;
}

/* Whether OPENCHANNEL gets no answer now */
static bool is_kept_waiting(struct nic_queue *q, const struct nic_fault *fault)
{
	if (fault->silent)
		return true;
	if (!fault->slow_ms || q->open_due)
		return false;
	loop_timer_set(&q->open_late, fault->slow_ms * 1000000ull);
	return true;
}

static int nic_open(struct vmbus_channel *chan)
{
	struct nic_queue *q = vmbus_ctx(chan);
	struct nic *nic = q->nic;
	struct nic_fault *fault = nic_fault(nic, q->index ? NIC_POINT_SUBCHANNEL_OPEN :
							    NIC_POINT_OPEN);

	/* Of the sub-channels only the first: the others show what is made of the rest */
	if (q->index <= 1 && nic_fault_fails(fault))
		return -EIO;
	if (q->index <= 1 && is_kept_waiting(q, fault))
		return VMBUS_OPEN_SILENT;
	if (!q->index) {
		netvsp_reset(nic);
		nic->epoch++;
	}
	q->failed = false;
	q->epoch = nic->epoch;
	q->open = true;
	netvsp_opened(q);
	return 0;
}

static void drop_out(struct nic_queue *q)
{
	struct nic_out *out;

	while ((out = q->out)) {
		q->out = out->next;
		free(out);
	}
	q->out_tail = &q->out;
	q->out_count = 0;
}

/* Posted: the server is done with the close by then */
static void rescind_closed(void *ctx)
{
	nic_rescind(ctx);
}

static void nic_close(struct vmbus_channel *chan)
{
	struct nic_queue *q = vmbus_ctx(chan);
	struct nic *nic = q->nic;

	if (q->open) {
		q->open = false;
		q->tx_lied = false;
		q->tx_early = 0;
		netvsp_rx_closed(q);
		drop_out(q);
	}
	if (q->index) {
		if (!vmbus_taken_away(chan))
			q->epoch = 0;
		return;
	}
	/* What is late belongs to nobody now; the server ends the sub-channels */
	nic->epoch++;
	vf_nic_closed(nic);
	netvsp_reset(nic);
	if (nic->goes_closed)
		nic->goes_closed = loop_post(rescind_closed, nic) != 0;
}

static void nic_process(struct vmbus_channel *chan)
{
	netvsp_process(vmbus_ctx(chan));
}

static void nic_released(struct vmbus_channel *chan)
{
	struct nic_queue *q = vmbus_ctx(chan);

	/* The next one of the same index may have been offered already */
	if (q->chan == chan) {
		q->chan = NULL;
		loop_timer_cancel(&q->open_late);
	}
}

static const struct vmbus_channel_ops nic_ops = {
	.open = nic_open,
	.close = nic_close,
	.process = nic_process,
	.released = nic_released,
};

static int offer(struct nic *nic, unsigned int index)
{
	struct nic_queue *q = queue_get(nic, index);
	struct vmbus_offer of = {
		.sub_index = (u16)index,
		.name = nic->ident,
	};
	struct vmbus_channel *chan;

	if (!q)
		return -ENOMEM;
	memcpy(of.type, nic_type, sizeof(of.type));
	memcpy(of.instance, nic_instance, sizeof(of.instance));
	of.instance[15] = (u8)nic->index;
	chan = vmbus_offer(&of, &nic_ops, q);
	if (!chan)
		return q->chan ? -EEXIST : -ENOMEM;
	q->chan = chan;
	return 0;
}

static int strange_open(struct vmbus_channel *chan)
{
	char where[96];

	snprintf(where, sizeof(where), "%s, OPENCHANNEL", vmbus_name(chan));
	violation("nvsp.strange-channel", where, "D.8",
		  "sub-channel %u: wanted left alone, for it was not asked for or is open already",
		  vmbus_sub_index(chan));
	return -EIO;
}

static void strange_nothing(struct vmbus_channel *chan)
{
	(void)chan;
}

/* Refused by open(): the rest never comes */
static const struct vmbus_channel_ops strange_ops = {
	.open = strange_open,
	.close = strange_nothing,
	.process = strange_nothing,
};

int nic_offer_strange(struct nic *nic, unsigned int index)
{
	struct vmbus_offer of = {
		.sub_index = (u16)index,
		.name = nic->ident,
		.strange = true,
	};

	memcpy(of.type, nic_type, sizeof(of.type));
	memcpy(of.instance, nic_instance, sizeof(of.instance));
	of.instance[15] = (u8)nic->index;
	return vmbus_offer(&of, &strange_ops, nic) ? 0 : -ENOMEM;
}

int nic_offer(struct nic *nic)
{
	return offer(nic, 0);
}

int nic_rescind(struct nic *nic)
{
	struct nic_queue *q = nic->queue[0];
	struct vmbus_channel *chan = q->chan;

	if (!chan)
		return -ENODEV;
	vmbus_rescind(chan);
	q->chan = NULL;
	return 0;
}

void nic_offer_subchannels(struct nic *nic)
{
	unsigned int i;
	int ret;

	for (i = 1; i <= nic->conn.subs; i++) {
		ret = offer(nic, i);
		if (ret)
			fprintf(stderr,
				"hvhost: %s: sub-channel %u not offered: %s\n",
				nic->ident, i, strerror(-ret));
	}
}

void nic_set_link(struct nic *nic, bool up)
{
	nic->link_up = up;
	rndis_host_indicate(nic, up ? RNDIS_STATUS_MEDIA_CONNECT :
				      RNDIS_STATUS_MEDIA_DISCONNECT, NULL, 0);
}

static int open_uplink(struct nic *nic)
{
	if (nic->cfg.tap)
		return tap_open(nic->cfg.tap, nic_rx, nic, &nic->uplink);
	if (nic->cfg.switch_name)
		return switch_open(nic->cfg.switch_name, nic_rx, nic, &nic->uplink);
	return 0;
}

static int open_pcap(struct nic *nic)
{
	int err;

	if (!nic->cfg.pcap)
		return 0;
	nic->pcap = pcap_open(nic->cfg.pcap);
	if (nic->pcap)
		return 0;
	err = errno;
	fprintf(stderr, "hvhost: --nic: pcap=%s: %s\n", nic->cfg.pcap,
		strerror(err));
	return -err;
}

static void nic_free(struct nic *nic)
{
	vf_free(nic);
	if (nic->uplink)
		nic->uplink->ops->close(nic->uplink);
	pcap_close(nic->pcap);
	free(nic->cfg.tap);
	free(nic->cfg.switch_name);
	free(nic->cfg.name);
	free(nic->cfg.pcap);
	free(nic->queue[0]);
	free(nic->stream);
	free(nic);
}

int nic_create(unsigned int index, enum host_gen gen, const char *spec)
{
	struct nic *nic = calloc(1, sizeof(*nic));
	int ret;

	if (!nic)
		return -ENOMEM;
	nic->index = index;
	nic->gen = gen;
	nic->grant = NVSP_MAX_CHANNELS;
	snprintf(nic->ident, sizeof(nic->ident), "nic%u", index);
	nic_opt_defaults(nic);
	ret = nic_opt_parse(nic, spec);
	if (ret)
		goto err_free;
	memcpy(nic->mac, nic->cfg.mac, sizeof(nic->mac));
	nic->link_up = nic->cfg.link_up;
	nic->speed_mbps = nic->cfg.speed_mbps;
	ret = -ENOMEM;
	nic->stream = malloc(NIC_TX_STREAM_MAX);
	if (!nic->stream)
		goto err_free;
	ret = open_pcap(nic);
	if (ret)
		goto err_free;
	ret = open_uplink(nic);
	if (ret)
		goto err_free;
	ret = nic_ctl_init(nic);
	if (ret)
		goto err_free;
	nic_fifo_init(&nic->conn.control);
	ret = nic_offer(nic);
	if (!ret)
		ret = vf_create(nic);
	if (!ret)
		return 0;

err_free:
	nic_free(nic);
	return ret;
}
