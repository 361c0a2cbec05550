// SPDX-License-Identifier: GPL-2.0
/* See wild_nic.h: the start of a life, and control messages. */
#include "wild_nic.h"

#include <string.h>

#include "../../../ndis_wire.h"
#include "vf.h"
#include "vmbus_priv.h"

#define MSG_MAX		1600u
#define SECTION_MAX	32768u	/* that a send section is here */

void wild_bend(struct input *in, void *bytes, u32 len)
{
	u8 count = in_u8(in);
	u32 at;

	if (count < 0xC0 || !len)
		return;
	for (count &= 7; count; count--) {
		at = in_u16(in) % len;
		((u8 *)bytes)[at] = in_u8(in);
		in->bent = true;
	}
}

/* --- NVSP --- */

static void nvsp(unsigned int index, const struct nvsp_message *msg)
{
	memset(&w.reply, 0, sizeof(w.reply));
	wild_push(index, VM_PKT_INBAND, VM_PKT_FLAG_COMPLETION, NULL, 0, msg,
		  NVSP_MSG_LEN);
	wild_signal(index);
}

/* Of the answer, while the rules are kept and answers are read */
static void expect(bool holds, const char *what)
{
	if (w.lawful && w.reads)
		require(holds, what);
}

static void say_init(void)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_INIT) };

	msg.init.min_version = cpu_to_le32(w.nic->cfg.nvsp);
	msg.init.max_version = msg.init.min_version;
	nvsp(0, &msg);
	expect(le32_to_cpu(w.reply.init_complete.status) == NVSP_STATUS_SUCCESS,
	       "the version that is offered is taken");
}

static u64 caps(void)
{
	u32 version = w.nic->cfg.nvsp;

	return NVSP_CAP_8021Q |
	       (version >= NVSP_PROTOCOL_VERSION_5 ? NVSP_CAP_SRIOV : 0) |
	       (version >= NVSP_PROTOCOL_VERSION_61 ? NVSP_CAP_RSC : 0);
}

static void say_config(void)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_NDIS_CONFIG) };

	if (w.nic->cfg.nvsp < NVSP_PROTOCOL_VERSION_2)
		return;
	msg.ndis_config.mtu = cpu_to_le32(w.nic->cfg.mtu + NETPKT_ETH_HLEN);
	msg.ndis_config.capabilities = cpu_to_le64(caps());
	nvsp(0, &msg);
}

static void say_version(void)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_NDIS_VERSION) };

	msg.ndis_version.major = cpu_to_le32(NVSP_NDIS_MAJOR);
	msg.ndis_version.minor =
		cpu_to_le32(w.nic->cfg.nvsp >= NVSP_PROTOCOL_VERSION_5 ?
				    NVSP_NDIS_MINOR_V5 : NVSP_NDIS_MINOR_V1);
	nvsp(0, &msg);
}

static void say_recv_buf(void)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF) };

	if (!w.have_recv)
		wild_gpadl(0, WILD_RECV, WILD_RECV_PFN, WILD_RECV_PAGES);
	w.have_recv = true;
	msg.recv_buf.gpadl = cpu_to_le32(WILD_RECV);
	msg.recv_buf.id = cpu_to_le16(NVSP_RECV_BUF_ID);
	nvsp(0, &msg);
	expect(le32_to_cpu(w.reply.recv_buf_complete.status) == NVSP_STATUS_SUCCESS,
	       "a receive buffer is taken");
}

static void say_send_buf(void)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUF) };

	if (!w.have_send)
		wild_gpadl(0, WILD_SEND, WILD_SEND_PFN, WILD_SEND_PAGES);
	w.have_send = true;
	msg.send_buf.gpadl = cpu_to_le32(WILD_SEND);
	nvsp(0, &msg);
	expect(le32_to_cpu(w.reply.send_buf_complete.status) == NVSP_STATUS_SUCCESS,
	       "a send buffer is taken");
}

/* --- RNDIS --- */

u64 wild_stream(unsigned int index, u16 flags, u32 channel_type, const u8 *stream,
		u32 len, u32 section, u32 first, u32 split)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET) };
	u32 part[2] = { len, 0 }, off = 0, at = 8, i, p;
	u8 head[8 + 2 * 8 + 8 * (WILD_STREAM_PAGES + 2)] = { 0 };
	u64 pfn;

	msg.rndis_packet.channel_type = cpu_to_le32(channel_type);
	msg.rndis_packet.section_index = cpu_to_le32(NVSP_SECTION_NONE);
	if (first > len)
		first = len;
	if (first > SECTION_MAX)
		first = SECTION_MAX;
	if (first) {
		msg.rndis_packet.section_index = cpu_to_le32(section);
		msg.rndis_packet.section_size = cpu_to_le32(first);
		off = (section * w.nic->cfg.send_section) %
		      (WILD_SEND_PAGES * HV_PAGE_SIZE - first);
		memcpy(fake_page(WILD_SEND_PFN) + off, stream, first);
		part[0] = len - first;
	}
	if (split && split < part[0]) {
		part[1] = part[0] - split;
		part[0] = split;
	}
	if (!part[0])
		return wild_push(index, VM_PKT_INBAND, flags, NULL, 0, &msg,
				 NVSP_MSG_LEN);
	require(len <= WILD_STREAM_PAGES * HV_PAGE_SIZE, "a stream has its place");
	memcpy(fake_page(WILD_STREAM_PFN), stream + first, len - first);
	for (i = 0, off = 0; i < 2 && part[i]; off += part[i++]) {
		put_le32(head + at, part[i]);
		put_le32(head + at + 4, off % HV_PAGE_SIZE);
		at += 8;
		for (p = off / HV_PAGE_SIZE; p <= (off + part[i] - 1) / HV_PAGE_SIZE; p++) {
			pfn = WILD_STREAM_PFN + p;
			memcpy(head + at, &pfn, sizeof(pfn));
			at += sizeof(pfn);
		}
	}
	put_le32(head + 4, i);
	return wild_push(index, VM_PKT_GPA_DIRECT, flags, head, at, &msg,
			 NVSP_MSG_LEN);
}

static void request(const u8 *msg, int len)
{
	require(len > 0, "the driver can say it");
	w.heard_len = 0;
	memset(&w.reply, 0, sizeof(w.reply));
	wild_stream(0, VM_PKT_FLAG_COMPLETION, NVSP_RNDIS_CONTROL, msg, (u32)len, 0,
		    0, 0);
	wild_signal(0);
}

/* Whether the reply to the last request was success, or cannot be known */
static bool succeeded(void)
{
	return w.heard_len >= 16 && !get_le32(w.heard + 12);
}

static u32 next_request(void)
{
	return (u32)w.next_id++;
}

static void say_initialize(void)
{
	u8 msg[MSG_MAX];

	request(msg, rndis_wire_put_initialize(msg, sizeof(msg), next_request(),
					       0x4000));
	expect(succeeded(), "INITIALIZE succeeds");
}

static void say_set(u32 oid, const void *info, u32 len)
{
	u8 msg[MSG_MAX];

	request(msg, rndis_wire_put_set(msg, sizeof(msg), next_request(), oid,
					info, len));
}

static void say_filter(void)
{
	__le32 filter = cpu_to_le32(NDIS_PACKET_TYPE_DIRECTED |
				    NDIS_PACKET_TYPE_BROADCAST |
				    NDIS_PACKET_TYPE_MULTICAST);

	say_set(RNDIS_OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter));
	expect(succeeded(), "a packet filter is taken");
}

static struct ndis_offload_parameters all_offloads(void)
{
	bool rsc = w.nic->cfg.rsc && w.nic->conn.caps & NVSP_CAP_RSC;

	return (struct ndis_offload_parameters){
		.hdr.type = NDIS_OBJECT_TYPE_DEFAULT,
		.hdr.revision = NDIS_OFFLOAD_PARAMETERS_REVISION_3,
		.hdr.size = cpu_to_le16(NDIS_OFFLOAD_PARAMETERS_SIZE_3),
		.ipv4_csum = NDIS_OFFLOAD_PARAM_CSUM_BOTH,
		.tcp_ipv4_csum = NDIS_OFFLOAD_PARAM_CSUM_BOTH,
		.udp_ipv4_csum = NDIS_OFFLOAD_PARAM_CSUM_BOTH,
		.tcp_ipv6_csum = NDIS_OFFLOAD_PARAM_CSUM_BOTH,
		.udp_ipv6_csum = NDIS_OFFLOAD_PARAM_CSUM_BOTH,
		.lso_v2_ipv4 = NDIS_OFFLOAD_PARAM_ON,
		.lso_v2_ipv6 = NDIS_OFFLOAD_PARAM_ON,
		.rsc_ipv4 = rsc ? NDIS_OFFLOAD_PARAM_ON : 0,
		.rsc_ipv6 = rsc ? NDIS_OFFLOAD_PARAM_ON : 0,
	};
}

static void say_offloads(void)
{
	const struct nic_offloads *now = &w.nic->conn.offloads;
	struct ndis_offload_parameters p = all_offloads();

	say_set(RNDIS_OID_TCP_OFFLOAD_PARAMETERS, &p, sizeof(p));
	/* The answer is followed by an indication */
	expect(now->lso4 == w.nic->cfg.lso && now->lso6 == w.nic->cfg.lso &&
	       (now->tcp4 == NDIS_OFFLOAD_PARAM_CSUM_BOTH) ==
		       (w.nic->cfg.csum != NIC_CSUM_OFF),
	       "what is offered can be switched on");
}

static void say_subchannels(void)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SUBCHANNEL) };
	u32 room = w.nic->conn.rx.count / (NIC_CONTROL_SUBALLOCS + 1);
	u32 want = w.nic->cfg.queues - 1, i;

	if (!want || w.nic->cfg.nvsp < NVSP_PROTOCOL_VERSION_5)
		return;
	msg.subchannel_request.op = cpu_to_le32(NVSP_SUBCHANNEL_ALLOCATE);
	msg.subchannel_request.count = cpu_to_le32(want);
	nvsp(0, &msg);
	fake_pass(1);
	wild_listen();
	for (i = 1; i <= want && i < WILD_CHANNELS; i++)
		wild_open(i);
	wild_signal(0);
	/* Who keeps what was rescinded is offered no other in its place */
	expect(want >= room || w.keeps ||
	       (nic_queue_up(w.nic, want) && w.nic->conn.table_sent),
	       "sub-channels come, and the table");
}

/* RSS over the channels that are open, in an order that @in gives */
static void say_rss(struct input *in)
{
	struct ndis_rss rss = { .hash_info = NDIS_HASH_FUNCTION_TOEPLITZ |
			NDIS_HASH_TCP_IPV4 | NDIS_HASH_IPV4 | NDIS_HASH_TCP_IPV6 };
	u8 info[NDIS_RSS_PARAM_LEN(NDIS_RSS_INDIRECTION_MAX)];
	u32 i;
	int len;

	if (w.nic->cfg.nvsp < NVSP_PROTOCOL_VERSION_5)
		return;
	rss.entries = 1 + in_u8(in) % NDIS_RSS_INDIRECTION_MAX;
	for (i = 0; i < rss.entries; i++) {
		rss.table[i] = in_u8(in) % WILD_CHANNELS;
		if (!nic_queue_up(w.nic, rss.table[i]))
			rss.table[i] = 0;
	}
	in_bytes(in, rss.key, sizeof(rss.key));
	len = ndis_wire_put_rss(info, sizeof(info), &rss);
	require(len > 0, "the driver can say it");
	wild_bend(in, info, (u32)len);
	if (in->bent)
		wild_broke();
	say_set(RNDIS_OID_GEN_RECEIVE_SCALE_PARAMETERS, info, (u32)len);
	expect(succeeded() && w.nic->conn.rss.entries == rss.entries &&
	       !memcmp(w.nic->conn.rss.key, rss.key, sizeof(rss.key)),
	       "RSS parameters are taken");
	for (i = 0; i < rss.entries; i++)
		expect(w.nic->conn.rss.table[i] == rss.table[i],
		       "and the table is the guest's");
}

static void say_rss_plain(void)
{
	struct input none = { 0 };

	say_rss(&none);
}

static void open_primary(void)
{
	wild_open(0);
}

void wild_climb(u32 to)
{
	static void (*const steps[WILD_LEVELS])(void) = {
		open_primary, say_init, say_config, say_version, say_recv_buf,
		say_send_buf, say_initialize, say_filter, say_offloads,
		say_subchannels, say_rss_plain,
	};

	/* A connection that wild_climb() did not open has no more than that */
	if (w.epoch != w.nic->epoch)
		w.level = w.nic->queue[0]->open;
	while (w.level < to && w.level < WILD_LEVELS) {
		steps[w.level++]();
		w.epoch = w.nic->epoch;
		if (!w.chan[0].open) {
			w.level = 0;
			return;
		}
	}
	w.epoch = w.nic->epoch;
}

/* --- requests as the input wants them --- */

/* One NVSP message with fields that could be right; in the wrong place, mostly */
void wild_nvsp(struct input *in)
{
	static const u32 types[] = {
		NVSP_MSG_INIT, NVSP_MSG_SEND_NDIS_VERSION,
		NVSP_MSG_SEND_NDIS_CONFIG, NVSP_MSG_SEND_RECV_BUF,
		NVSP_MSG_SEND_SEND_BUF, NVSP_MSG_REVOKE_RECV_BUF,
		NVSP_MSG_REVOKE_SEND_BUF, NVSP_MSG_SWITCH_DATA_PATH,
		NVSP_MSG_OID_QUERY_EX, NVSP_MSG_SUBCHANNEL, NVSP_MSG_PD_API,
		NVSP_MSG_SEND_RNDIS_PACKET,
	};
	static const u32 values[] = {
		0, 1, 2, 6, 30, WILD_RECV, WILD_SEND, WILD_RING,
		NVSP_RECV_BUF_ID, 1514, 9014, NVSP_PROTOCOL_VERSION_1,
		NVSP_PROTOCOL_VERSION_2, NVSP_PROTOCOL_VERSION_5,
		NVSP_PROTOCOL_VERSION_61, NVSP_SECTION_NONE,
	};
	u8 msg[64] = { 0 }, how = in_u8(in);
	unsigned int index = how & 0x80 ? in_u8(in) % WILD_CHANNELS : 0;
	u16 type = (u16)in_bend(in, VM_PKT_INBAND);
	u32 len = in_bend(in, NVSP_MSG_LEN) % sizeof(msg), i;

	put_le32(msg, in_bend(in, types[in_u8(in) % ARRAY_LEN(types)]));
	for (i = 0; i < (how & 3u); i++)
		put_le32(msg + 4 + 4 * i,
			 in_bend(in, values[in_u8(in) % ARRAY_LEN(values)]));
	wild_bend(in, msg, sizeof(msg));
	wild_broke();
	wild_push(index, type, how & 4 ? 0 : 1, NULL, 0, msg, len);
	wild_signal(index);
}

/* The data path, lawfully when there was a VF */
void wild_switch(struct input *in)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SWITCH_DATA_PATH) };
	bool on_vf = in_u8(in) & 1, may = w.vf_told && w.reads && !w.blind;

	msg.switch_data_path.path = cpu_to_le32(on_vf);
	if (!may)
		wild_broke();
	w.reply_id = 0;
	nvsp(0, &msg);
	expect(w.reply_id == w.next_id - 1, "a switch is answered");
	/* Its bus has no driver here, so the VF cannot have them */
	expect(on_vf || !w.nic->vf || !w.nic->vf->on_vf, "the data come the synthetic way");
}

/* Any RNDIS control message */
void wild_control(struct input *in)
{
	static const u32 types[] = {
		RNDIS_MSG_INITIALIZE, RNDIS_MSG_HALT, RNDIS_MSG_QUERY,
		RNDIS_MSG_SET, RNDIS_MSG_RESET, RNDIS_MSG_KEEPALIVE,
		RNDIS_MSG_KEEPALIVE_CMPLT, RNDIS_MSG_INDICATE_STATUS,
		RNDIS_MSG_PACKET,
	};
	u32 channel_type = in_bend(in, NVSP_RNDIS_CONTROL);
	u8 msg[MSG_MAX], index = in_u8(in), section = in_u8(in);
	u32 len = in_u8(in) + 8u, split = in_u8(in);

	in_bytes(in, msg, len);
	put_le32(msg, types[msg[0] % ARRAY_LEN(types)]);
	put_le32(msg + 4, in_bend(in, len));
	wild_broke();
	index = index < 0xF0 ? 0 : index % WILD_CHANNELS;
	wild_stream(index, section & 2 ? 0 : VM_PKT_FLAG_COMPLETION, channel_type,
		    msg, len, section >> 2, section & 1 ? len : 0, split);
	wild_signal(index);
}

void wild_query(struct input *in)
{
	static const u32 oids[] = {
		RNDIS_OID_GEN_SUPPORTED_LIST, RNDIS_OID_GEN_MAXIMUM_FRAME_SIZE,
		RNDIS_OID_GEN_MAXIMUM_TOTAL_SIZE, RNDIS_OID_GEN_VENDOR_ID,
		RNDIS_OID_GEN_TRANSMIT_BUFFER_SPACE, RNDIS_OID_GEN_MAC_OPTIONS,
		RNDIS_OID_GEN_CURRENT_PACKET_FILTER,
		RNDIS_OID_GEN_MAXIMUM_SEND_PACKETS, RNDIS_OID_GEN_RCV_OK,
		RNDIS_OID_GEN_XMIT_ERROR, RNDIS_OID_GEN_BYTES_XMIT,
		RNDIS_OID_GEN_LINK_SPEED, RNDIS_OID_GEN_VENDOR_DESCRIPTION,
		RNDIS_OID_GEN_MEDIA_CONNECT_STATUS, RNDIS_OID_GEN_LINK_STATE,
		RNDIS_OID_GEN_MAX_LINK_SPEED, RNDIS_OID_GEN_FRIENDLY_NAME,
		RNDIS_OID_GEN_XMIT_OK, RNDIS_OID_GEN_BYTES_RCV,
		RNDIS_OID_GEN_RCV_NO_BUFFER, RNDIS_OID_GEN_RCV_ERROR,
		RNDIS_OID_802_3_PERMANENT_ADDRESS,
		RNDIS_OID_802_3_CURRENT_ADDRESS, RNDIS_OID_802_3_MULTICAST_LIST,
		RNDIS_OID_GEN_RECEIVE_SCALE_CAPABILITIES,
		RNDIS_OID_TCP_OFFLOAD_CURRENT_CONFIG,
		RNDIS_OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES,
	};
	static const u8 header[][4] = {
		{ NDIS_OBJECT_TYPE_RSS_CAPABILITIES, 2, 18 },
		{ NDIS_OBJECT_TYPE_OFFLOAD, 3, 156 },
		{ NDIS_OBJECT_TYPE_OFFLOAD, 3, 156 },
	};
	u32 which = in_u8(in) % ARRAY_LEN(oids), oid = in_bend(in, oids[which]);
	u32 objects = ARRAY_LEN(oids) - ARRAY_LEN(header);
	u8 msg[MSG_MAX], info[256] = { 0 };
	u32 info_len = 0;
	int len;

	if (which >= objects) {
		memcpy(info, header[which - objects], 4);
		info_len = info[2];
	}
	info_len = in_bend(in, info_len) % sizeof(info);
	len = rndis_wire_put_query(msg, sizeof(msg), next_request(), oid, info,
				   info_len);
	wild_bend(in, msg, (u32)len);
	if (in->bent || w.nic->conn.rndis != RNDIS_PHASE_READY)
		wild_broke();
	request(msg, len);
}

static void set_offloads(struct input *in)
{
	struct ndis_offload_parameters p = all_offloads();
	u8 *value = (u8 *)&p + 4;
	u32 i, len = sizeof(p);

	/* Any of the values that there are; LSO v1 has but two */
	for (i = 0; i < 11; i++)
		value[i] = in_u8(in) % (i < 5 ? 5 : i == 5 ? 2 : 3);
	if (in_u8(in) & 1) {
		p.hdr.revision = NDIS_OFFLOAD_PARAMETERS_REVISION_2;
		len = NDIS_OFFLOAD_PARAMETERS_SIZE_2;
		p.hdr.size = cpu_to_le16((u16)len);
	}
	wild_bend(in, &p, len);
	if (in->bent)
		wild_broke();
	say_set(RNDIS_OID_TCP_OFFLOAD_PARAMETERS, &p, len);
}

static void set_mac(struct input *in)
{
	u8 mac[6], info[NDIS_MAC_PARAM_LEN];

	in_bytes(in, mac, sizeof(mac));
	mac[0] &= 0xFE;
	mac[5] |= 1;
	ndis_wire_put_mac_param(info, sizeof(info), mac);
	wild_bend(in, info, sizeof(info));
	if (in->bent)
		wild_broke();
	say_set(RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER, info, sizeof(info));
	expect(succeeded() == w.nic->cfg.spoof &&
	       (!w.nic->cfg.spoof || !memcmp(w.nic->mac, mac, sizeof(mac))),
	       "an address is taken, if the guest may");
}

static void set_anything(struct input *in)
{
	static const u32 oids[] = {
		RNDIS_OID_GEN_CURRENT_PACKET_FILTER,
		RNDIS_OID_802_3_MULTICAST_LIST,
		RNDIS_OID_GEN_NETWORK_LAYER_ADDRESSES,
		RNDIS_OID_OFFLOAD_ENCAPSULATION, RNDIS_OID_GEN_LINK_PARAMETERS,
		RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER,
		RNDIS_OID_TCP_OFFLOAD_PARAMETERS,
		RNDIS_OID_GEN_RECEIVE_SCALE_PARAMETERS,
	};
	u32 oid = oids[in_u8(in) % ARRAY_LEN(oids)], len = in_u8(in);
	u8 info[256];

	in_bytes(in, info, len);
	wild_broke();
	say_set(oid, info, len);
}

void wild_set(struct input *in)
{
	u8 kind = in_u8(in);

	if (w.nic->conn.rndis != RNDIS_PHASE_READY)
		wild_broke();
	switch (kind % 5) {
	case 0:
		say_rss(in);
		break;
	case 1:
		set_offloads(in);
		break;
	case 2:
		set_mac(in);
		break;
	case 3:
		say_filter();
		break;
	default:
		set_anything(in);
	}
}
