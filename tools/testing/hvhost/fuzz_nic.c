// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target: the whole life of a NIC with a guest that can do anything,
 * and with a neighbour on its switch. On the real VMBus server: rings, GPADLs and
 * channels are the guest's, too.
 *
 * Input: a byte that chooses the NIC, then steps. After each step the NIC's books
 * are in order; all that the host says is understood by the driver's decoders;
 * what the guest holds nobody touches; what keeps to the rules is not refused.
 * After the last, everything of the connection is gone, and the next one works.
 * With FUZZ_STEPS=1 in the environment it tells the steps and the violations.
 *
 * Break it: let netvsp_rx_complete() accept the id of any section, not only of a
 * packet's first; leave out wild_listen()'s part, channel_stop(), in
 * channel_on_close(); or let check_data() of rndis_pkt.c add in 32 bits.
 */
#include <string.h>

#include "frames.h"
#include "hostctl.h"
#include "nic_judge.h"
#include "vf.h"
#include "vmbus_priv.h"
#include "wild_nic.h"

static struct uplink *peer;
static u32 peer_frames;
static bool tell;

/* --- the NIC --- */

static const struct {
	enum host_gen gen;
	const char *spec;
} nics[] = {
	{ HOST_AZURE, "queues=4" },
	{ HOST_WS2022, "queues=8,mtu=9000,full-range=on" },
	{ HOST_WS2019, "queues=2,raw-csum=on,rsc=off,section=1638,send-section=256" },
	{ HOST_WS2016, "queues=3,one-frame=on,spoof=off" },
	{ HOST_WS2012R2, "queues=2" },
	{ HOST_AZURE, "nvsp=4" },
	{ HOST_AZURE, "nvsp=2,mtu=4000" },
	{ HOST_AZURE, "nvsp=1,csum=off,lso=off" },
	{ HOST_AZURE, "queues=2,vf=1" },
	{ HOST_WS2019, "vf=later,vf-order=vf-first" },
};

/* Made once, as all that belongs to the NIC; lent to those that have one */
static struct vf *vf;

/* What goes to a TAP or to another guest must be sound */
static void peer_recv(void *ctx, struct net_frame *frame)
{
	const struct virtio_net_hdr *vh = &frame->vh;
	u8 gso = vh->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;

	(void)ctx;
	peer_frames++;
	require(frame->len >= NETPKT_ETH_HLEN && frame->len <= NET_FRAME_MAX,
		"a frame has a length");
	require(!(vh->flags & ~VIRTIO_NET_HDR_F_NEEDS_CSUM), "flags that a sender sets");
	require(!vh->flags || vh->csum_start + vh->csum_offset + 2u <= frame->len,
		"a checksum is inside its frame");
	require(gso == VIRTIO_NET_HDR_GSO_NONE || gso == VIRTIO_NET_HDR_GSO_TCPV4 ||
		gso == VIRTIO_NET_HDR_GSO_TCPV6, "a segment is TCP's");
	require(!vh->gso_type || (vh->gso_size && vh->flags &&
				  vh->hdr_len < frame->len &&
				  vh->hdr_len >= vh->csum_start),
		"a large segment has headers, payload and a size");
}

static void make_nic(void)
{
	require(!vmbus_init(VMBUS_V5_3), "the server starts");
	require(!nic_create(0, HOST_AZURE, "switch=lan,vf=later"), "a NIC can be made");
	require(!switch_open("lan", peer_recv, NULL, &peer), "and have a peer");
	w.nic = ((struct nic_queue *)vmbus_ctx(TAILQ_FIRST(channel_list())))->nic;
	vf = w.nic->vf;
}

static void renew_vf(struct nic *nic)
{
	nic->vf = vf;
	vf->flaps = 0;
	vf->surprise_ms = 0;
	vf_remove(vf, VF_SURPRISE);
	nic->vf = nic->cfg.vf == NIC_VF_NONE ? NULL : vf;
	vf->vf_first = nic->cfg.vf_first;
	vf->associate = true;
	vf->exceptions = false;
	vf->offer_ms = 0;
	vf->associate_ms = 0;
	vf->eject_ms = 50;
	if (nic->cfg.vf == NIC_VF_PRESENT)
		require(!vf_add(vf), "a VF can be added");
}

/* As it was made, but for the numbers that only count */
static void renew_nic(u8 which)
{
	struct nic *nic = w.nic;
	char *name = nic->cfg.switch_name;
	u32 i;

	which %= ARRAY_LEN(nics);
	free(nic->cfg.name);
	memset(&nic->cfg, 0, sizeof(nic->cfg));
	nic->gen = nics[which].gen;
	nic_opt_defaults(nic);
	require(!nic_opt_parse(nic, nics[which].spec), "the options are good");
	nic->cfg.switch_name = name;
	memcpy(nic->mac, nic->cfg.mac, sizeof(nic->mac));
	nic->link_up = true;
	nic->speed_mbps = nic->cfg.speed_mbps;
	nic->grant = NVSP_MAX_CHANNELS;
	nic->armed = NULL;
	nic->epoch = 0;
	memset(&nic->faults, 0, sizeof(nic->faults));
	renew_vf(nic);
	memset(nic->drop_tx, 0, sizeof(nic->drop_tx));
	memset(nic->drop_rx, 0, sizeof(nic->drop_rx));
	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		if (!nic->queue[i])
			continue;
		memset(&nic->queue[i]->stats, 0, sizeof(nic->queue[i]->stats));
		nic->queue[i]->rsc_id = 0;
	}
	if (!nic->queue[0]->chan)
		require(!nic_offer(nic), "a NIC that was removed comes back");
}

/* --- steps --- */

static void step_complete(struct input *in)
{
	u8 which = in_u8(in);
	unsigned int index = in_u8(in) % WILD_CHANNELS;
	u64 id = judge_held(index, which);
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE),
		.rndis_packet_complete.status = cpu_to_le32(
			which & 0x10 ? NVSP_STATUS_SUCCESS : NVSP_STATUS_FAILURE),
	};
	u32 len = in_bend(in, sizeof(msg)) % (sizeof(msg) + 1);

	wild_bend(in, &msg, sizeof(msg));
	if (which >= 0xE0 || id == UINT64_MAX)
		id = in_u16(in);
	if (in->bent || which >= 0xE0 || judge_held(index, which) == UINT64_MAX)
		wild_broke();
	wild_complete(index, id, &msg, len);
	wild_signal(index);
}

static void step_raw(struct input *in)
{
	static const u16 types[] = {
		VM_PKT_INBAND, VM_PKT_GPA_DIRECT, VM_PKT_COMPLETION,
	};
	unsigned int index = in_u8(in) % WILD_CHANNELS;
	u16 type = (u16)in_bend(in, types[in_u8(in) % ARRAY_LEN(types)]);
	u16 flags = (u16)in_bend(in, 1);
	u8 head[96], payload[256];
	u32 head_len = in_u8(in) % (sizeof(head) / 8 + 1) * 8, len = in_u8(in);

	in_bytes(in, head, head_len);
	in_bytes(in, payload, len);
	wild_broke();
	wild_push(index, type, flags, head, head_len, payload, len);
	wild_signal(index);
}

/* The neighbour sends to the guest, or to everybody */
static void step_peer(struct input *in)
{
	static u32 (*const make[])(u8 *out, u32 len) = { f_udp4, f_tcp4, f_tcp6 };
	static u8 buf[8 + NET_FRAME_MAX + 100];
	struct net_frame frame = { .data = buf + 8 };
	u8 kind = in_u8(in), how = in_u8(in);
	u32 payload = in_u16(in) % (how & 1 ? 60000 : 1400), count = 1 + (how >> 6) * 20;

	frame.len = make[kind % 3](frame.data, payload);
	memcpy(frame.data, w.nic->mac, 6);
	memcpy(frame.data + 6, g_peer_mac, 6);
	if (how & 2)
		memset(frame.data, 0xFF, 6);
	wild_bend(in, frame.data, frame.len < 80 ? frame.len : 80);
	if (kind % 3 && how & 1) {
		frame.vh.gso_type = kind % 3 == 1 ? VIRTIO_NET_HDR_GSO_TCPV4 :
						    VIRTIO_NET_HDR_GSO_TCPV6;
		frame.vh.gso_size = (u16)in_bend(in, 500 + in_u8(in) * 4);
		frame.vh.hdr_len = kind % 3 == 1 ? 54 : 74;
	}
	if (kind % 3 && how & 5) {
		frame.vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		frame.vh.csum_start = (u16)in_bend(in, kind % 3 == 1 ? 34 : 54);
		frame.vh.csum_offset = (u16)in_bend(in, 16);
	}
	if (how & 8 && frame.len + NETPKT_VLAN_HLEN <= NET_FRAME_MAX)
		netpkt_vlan_insert(&frame, in_u16(in));
	if (how & 0x10)
		frame.len = in_u16(in) % (frame.len + 1);
	while (count--)
		peer->ops->send(peer, &frame);
	wild_listen();
	wild_signal(0);
}

/* Channels, and memory that the guest describes twice or takes away */
static void step_vmbus(struct input *in)
{
	static const u32 handles[] = { WILD_RECV, WILD_SEND, WILD_RING, WILD_RING + 1 };
	u8 what = in_u8(in);
	unsigned int index = in_u8(in) % WILD_CHANNELS;
	u32 handle = handles[in_u8(in) % ARRAY_LEN(handles)], pages;

	switch (what % 8) {
	case 0:
		wild_open(index);
		break;
	case 1:
		wild_close(index);
		break;
	case 2:
		wild_release(index);
		break;
	case 3:
		wild_broke();
		guest_teardown_gpadl(w.chan[index].relid, handle);
		break;
	case 4:
		wild_broke();
		w.blind = true;
		pages = in_u8(in);
		wild_gpadl(index, handle, in_bend(in, WILD_RECV_PFN),
			   pages < 0xF0 ? 1 + pages : 8100);
		break;
	case 5:
		wild_broke();
		guest_relid_msg(what & 0x80 ? VMBUS_CLOSECHANNEL :
					      VMBUS_RELID_RELEASED,
				in_bend(in, w.chan[index].relid));
		break;
	case 6:
		if (w.chan[index].open)
			guest_modify(w.chan[index].relid, in_u8(in) % FAKE_VPS);
		break;
	case 7:
		w.reads = !(what & 0x10);
		w.completes = !(what & 0x20);
		w.keeps = what & 0x40;
	}
	wild_listen();
	wild_signal(index);
}

static void step_poke(struct input *in)
{
	struct wild_chan *c = &w.chan[in_u8(in) % WILD_CHANNELS];
	u8 where = in_u8(in), *word;

	if (!c->open)
		return;
	wild_broke();
	c->blind |= where & 1;
	word = fake_page(where & 1 ? c->gc.in.pfn : c->gc.out.pfn) +
	       (where >> 1) % 17 * 4;
	put_le32(word, in_bend(in, get_le32(word)));
	wild_signal((unsigned int)(c - w.chan));
}

static void step_hostctl(struct input *in)
{
	/* From @faults on the host no longer does what a guest may expect */
	static const char *const lines[] = {
		"nic0 link down", "nic0 link up", "nic0 state", "nic0 counters",
		"nic0 event network-change", "nic0 event speed 40000",
		"nic0 remove", "nic0 add", "vmbus list", "vmbus rescind 2",
		"nic0 vf add", "nic0 vf remove", "nic0 vf eject", "nic0 vf surprise",
		"nic0 vf path synthetic", "nic0 vf path vf", "nic0 vf flap 3 1",
		"nic0 vf associate off", "nic0 vf associate on",
		"nic0 vf order vf-first", "nic0 vf delay associate 3",
		"nic0 vf state", "nic0 vf counters",
		"nic0 rsc most", "nic0 rsc late-infos",
		"nic0 rsc too-many", "nic0 rsc too-long", "nic0 rsc empty-piece",
		"nic0 silent rx", "nic0 silent ring", "nic0 slow tx-complete 5",
		"nic0 vf switch silent", "nic0 vf switch refuse", "nic0 vf switch delay 5",
		"nic0 hostile vf-storm", "nic0 hostile switch-again",
		"nic0 slow query 5", "nic0 fail subchannel-open", "nic0 grant 1",
		"nic0 slow subchannel-offers 5", "nic0 hostile rndis-length",
		"nic0 hostile xfer-none", "nic0 hostile init-type",
		"nic0 answer all",
	};
	const u32 faults = 25;
	u32 which = in_u8(in) % ARRAY_LEN(lines);
	char out[4096];

	if (which >= faults) {
		w.faulty = true;
		wild_broke();
	}
	if (tell)
		fprintf(stderr, "step: %s\n", lines[which]);
	fake_hostctl(lines[which], out, sizeof(out));
	wild_listen();
	wild_signal(0);
}

static void tell_step(u8 what)
{
	static const char *const names[16] = {
		"climb", "climb", "nvsp or switch", "control", "query", "set", "set",
		"send", "send", "complete", "raw", "peer", "peer", "vmbus",
		"poke or hostctl", "pass",
	};

	if (tell)
		fprintf(stderr, "step: %s 0x%x, lawful %d, phase %d, rndis %d\n",
			names[what % 16], what >> 4, w.lawful, w.nic->conn.phase,
			w.nic->conn.rndis);
}

static void step(struct input *in)
{
	u8 what = in_u8(in);

	tell_step(what);
	in->bent = false;
	switch (what % 16) {
	case 0:
	case 1:
		wild_climb(what >> 4);
		break;
	case 2:
		if (what & 0x80)
			wild_switch(in);
		else
			wild_nvsp(in);
		break;
	case 3:
		wild_control(in);
		break;
	case 4:
		wild_query(in);
		break;
	case 5:
	case 6:
		wild_set(in);
		break;
	case 7:
	case 8:
		wild_send(in, &peer_frames);
		break;
	case 9:
		step_complete(in);
		break;
	case 10:
		step_raw(in);
		break;
	case 11:
	case 12:
		step_peer(in);
		break;
	case 13:
		step_vmbus(in);
		break;
	case 14:
		if (what & 0x80)
			step_hostctl(in);
		else
			step_poke(in);
		break;
	case 15:
		fake_pass(1 + (what >> 4));
		wild_listen();
		wild_signal(0);
	}
}

/* Violations have a rule and a sentence; who keeps to the rules has none */
static void judge_violations(void)
{
	struct fake_violation v;

	while (fake_take_violation(&v)) {
		require(*v.rule && *v.where && *v.section && *v.text,
			"a violation says what it is");
		if (tell || w.lawful)
			fprintf(stderr, "violation: %s: %s: %s\n", v.where, v.rule,
				v.text);
		require(!w.lawful, "who keeps to the rules hears nothing");
	}
}

/* All requests of a guest that listens were answered */
static void judge_answers(void)
{
	const struct vmbus_channel *chan;
	u32 i;

	for (i = 0; i < WILD_CHANNELS && w.reads && !w.blind && !w.faulty; i++) {
		chan = channel_find(w.chan[i].relid);
		require(!w.chan[i].open || w.chan[i].blind ||
			chan->state != CHAN_OPEN || !w.chan[i].asked_count,
			"every request is answered");
	}
}

/* A life without a fault, whatever went before */
static void next_life_works(bool small)
{
	static const u8 none[1];
	struct input in = { .at = none };
	u32 before = peer_frames;

	wild_begin(small);
	/* all but RSS, whose tables take longer than all the rest */
	wild_climb(WILD_LEVELS - 1);
	wild_send(&in, &peer_frames);
	require(peer_frames == before + 1, "the next life carries frames");
	judge_violations();
	judge_nic();
	wild_end();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { .at = data, .left = size };
	u8 which = in_u8(&in);
	bool small = which & 0x80;

	if (!w.nic)
		make_nic();
	tell = getenv("FUZZ_STEPS");
	renew_nic(which);
	peer_frames = 0;
	wild_begin(small);
	while (in.left) {
		step(&in);
		judge_violations();
		judge_answers();
		judge_nic();
	}
	wild_end();
	w.lawful = false;
	judge_violations();
	judge_idle();
	renew_nic(which);
	next_life_works(small);
	judge_idle();
	return 0;
}
