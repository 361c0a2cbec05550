// SPDX-License-Identifier: GPL-2.0
#include "nic_guest.h"
#include "hostctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct nic_guest g;

static void peer_recv(void *ctx, struct net_frame *frame)
{
	struct peer_frame *f;

	(void)ctx;
	assert_true(g.frames < PEER_FRAMES);
	f = &g.frame[g.frames++];
	f->vh = frame->vh;
	f->len = frame->len;
	memcpy(f->data, frame->data, frame->len);
}

int nic_guest_setup(void **state)
{
	(void)state;
	memset(&g, 0, sizeof(g));
	g.frame = malloc(PEER_FRAMES * sizeof(*g.frame));
	g.next_id = 1;
	fake_reset();
	return g.frame ? 0 : -1;
}

int nic_guest_teardown(void **state)
{
	(void)state;
	fake_vmbus_reset();
	if (g.peer)
		g.peer->ops->close(g.peer);
	free(g.frame);
	hostctl_unregister("nic0");
	return 0;
}

void g_nic(enum host_gen gen, const char *spec)
{
	static unsigned int lan;
	char name[32], all[512];

	/* A switch of its own, for NICs of earlier tests stay on theirs */
	snprintf(name, sizeof(name), "lan%u", lan++);
	snprintf(all, sizeof(all), "switch=%s%s%s", name, *spec ? "," : "", spec);
	assert_int_equal(nic_create(0, gen, all), 0);
	assert_int_equal(switch_open(name, peer_recv, NULL, &g.peer), 0);
	g.chan = fake_chan(0);
	assert_non_null(g.chan);
	fake_open(g.chan);
}

void g_send(const struct nvsp_message *msg, u32 len)
{
	fake_push(g.chan, VM_PKT_INBAND, VM_PKT_FLAG_COMPLETION, g.next_id++,
		  msg, len, NULL, 0);
	fake_run(g.chan);
}

struct nvsp_message g_ask(const struct nvsp_message *msg)
{
	struct nvsp_message reply;
	struct fake_sent sent;

	g_send(msg, NVSP_MSG_LEN);
	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.type, VM_PKT_COMPLETION);
	assert_int_equal(sent.trans_id, g.next_id - 1);
	memset(&reply, 0, sizeof(reply));
	memcpy(&reply, sent.payload, sent.len);
	return reply;
}

void g_no_answer(void)
{
	struct fake_sent sent;

	assert_false(fake_take(g.chan, &sent));
}

u32 g_init(u32 version)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_INIT) };

	msg.init.min_version = cpu_to_le32(version);
	msg.init.max_version = cpu_to_le32(version);
	msg = g_ask(&msg);
	assert_int_equal(le32_to_cpu(msg.type), NVSP_MSG_INIT_COMPLETE);
	return le32_to_cpu(msg.init_complete.status);
}

/* A message without reply, sent without completion request */
static void tell(const struct nvsp_message *msg)
{
	fake_push(g.chan, VM_PKT_INBAND, 0, 0, msg, NVSP_MSG_LEN, NULL, 0);
	fake_run(g.chan);
}

void g_ndis_config(u32 mtu, u64 caps)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_NDIS_CONFIG) };

	msg.ndis_config.mtu = cpu_to_le32(mtu);
	msg.ndis_config.capabilities = cpu_to_le64(caps);
	tell(&msg);
	g_no_answer();
}

void g_ndis_version(u32 minor)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_NDIS_VERSION) };

	msg.ndis_version.major = cpu_to_le32(6);
	msg.ndis_version.minor = cpu_to_le32(minor);
	tell(&msg);
	g_no_answer();
}

u32 g_recv_buf(u32 bytes)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF) };
	struct nvsp_message r;
	struct nvsp_recv_section *s = &r.recv_buf_complete.section;

	g.recv = fake_gpadl(RECV_HANDLE, bytes);
	g.recv_len = bytes;
	msg.recv_buf.gpadl = cpu_to_le32(RECV_HANDLE);
	msg.recv_buf.id = cpu_to_le16(NVSP_RECV_BUF_ID);
	r = g_ask(&msg);
	assert_int_equal(le32_to_cpu(r.type), NVSP_MSG_SEND_RECV_BUF_COMPLETE);
	if (le32_to_cpu(r.recv_buf_complete.status) != NVSP_STATUS_SUCCESS)
		return le32_to_cpu(r.recv_buf_complete.status);
	assert_int_equal(le32_to_cpu(r.recv_buf_complete.section_count), 1);
	assert_int_equal(le32_to_cpu(s->offset), 0);
	g.section = le32_to_cpu(s->suballoc_size);
	g.sections = le32_to_cpu(s->suballoc_count);
	assert_int_equal(le32_to_cpu(s->end), g.section * g.sections);
	assert_true(g.section * g.sections <= bytes);
	return NVSP_STATUS_SUCCESS;
}

u32 g_send_buf(u32 bytes)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUF) };

	g.send = fake_gpadl(SEND_HANDLE, bytes);
	g.send_len = bytes;
	msg.send_buf.gpadl = cpu_to_le32(SEND_HANDLE);
	msg = g_ask(&msg);
	assert_int_equal(le32_to_cpu(msg.type), NVSP_MSG_SEND_SEND_BUF_COMPLETE);
	g.send_section = le32_to_cpu(msg.send_buf_complete.section_size);
	return le32_to_cpu(msg.send_buf_complete.status);
}

void g_configure(u32 version)
{
	u64 caps = NVSP_CAP_8021Q;

	if (version >= NVSP_PROTOCOL_VERSION_5)
		caps |= NVSP_CAP_SRIOV;
	if (version >= NVSP_PROTOCOL_VERSION_61)
		caps |= NVSP_CAP_RSC;
	assert_int_equal(g_init(version), NVSP_STATUS_SUCCESS);
	if (version >= NVSP_PROTOCOL_VERSION_2)
		g_ndis_config(1514, caps);
	g_ndis_version(version >= NVSP_PROTOCOL_VERSION_5 ? 30 : 1);
	assert_int_equal(g_recv_buf(64 * 1728), NVSP_STATUS_SUCCESS);
	assert_int_equal(g_send_buf(16 * 6144), NVSP_STATUS_SUCCESS);
}

void g_up(u32 version)
{
	struct rndis_initialize init = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_INITIALIZE),
		.hdr.len = cpu_to_le32(sizeof(init)),
		.request_id = cpu_to_le32(g.next_id++),
		.major = cpu_to_le32(1),
		.max_xfer_size = cpu_to_le32(0x4000),
	};
	struct rndis_initialize_cmplt *cmplt = &g.limits;

	g_configure(version);
	assert_int_equal(g_control(&init, sizeof(init)), NVSP_STATUS_SUCCESS);
	assert_int_equal(g_hear(cmplt, sizeof(*cmplt)), sizeof(*cmplt));
	assert_int_equal(cmplt->request_id, init.request_id);
	assert_int_equal(cmplt->status, 0);
	assert_int_equal(g_set_u32(RNDIS_OID_GEN_CURRENT_PACKET_FILTER, 0x0d), 0);
	g_no_violation();
}

void g_reopen(u32 version)
{
	fake_close(g.chan);
	fake_gpadl_tear(RECV_HANDLE);
	fake_gpadl_tear(SEND_HANDLE);
	fake_open(g.chan);
	g_up(version);
}

static u32 push_packet(u32 channel_type, const void *stream, u32 len)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET) };
	struct iovec iov = { (void *)stream, len };
	struct fake_sent sent;
	struct nvsp_message reply;

	msg.rndis_packet.channel_type = cpu_to_le32(channel_type);
	msg.rndis_packet.section_index = cpu_to_le32(NVSP_SECTION_NONE);
	fake_push(g.chan, VM_PKT_GPA_DIRECT, VM_PKT_FLAG_COMPLETION,
		  g.next_id++, &msg, NVSP_MSG_LEN, &iov, 1);
	fake_run(g.chan);
	if (fake_failed(g.chan))
		return U32_MAX;
	assert_true(fake_take(g.chan, &sent));
	assert_int_equal(sent.type, VM_PKT_COMPLETION);
	assert_int_equal(sent.trans_id, g.next_id - 1);
	memset(&reply, 0, sizeof(reply));
	memcpy(&reply, sent.payload, sent.len);
	assert_int_equal(le32_to_cpu(reply.type),
			 NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE);
	return le32_to_cpu(reply.rndis_packet_complete.status);
}

struct nvsp_message g_subchannels(u32 op, u32 count)
{
	struct nvsp_message msg = { .type = cpu_to_le32(NVSP_MSG_SUBCHANNEL) };

	msg.subchannel_request.op = cpu_to_le32(op);
	msg.subchannel_request.count = cpu_to_le32(count);
	msg = g_ask(&msg);
	assert_int_equal(le32_to_cpu(msg.type), NVSP_MSG_SUBCHANNEL);
	return msg;
}

u32 g_control(const void *msg, u32 len)
{
	return push_packet(NVSP_RNDIS_CONTROL, msg, len);
}

u32 g_tx(const void *stream, u32 len)
{
	return push_packet(NVSP_RNDIS_DATA, stream, len);
}

void g_complete(u64 trans_id, u32 status)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE)
	};

	msg.rndis_packet_complete.status = cpu_to_le32(status);
	fake_push(g.chan, VM_PKT_COMPLETION, 0, trans_id, &msg, 8, NULL, 0);
	fake_run(g.chan);
}

/* What every transfer-page packet must look like */
static void check_xfer(const struct fake_sent *sent, u32 channel_type)
{
	struct nvsp_message msg = { .type = 0 };
	u32 i, first;

	memcpy(&msg, sent->payload, sent->len);
	assert_int_equal(sent->type, VM_PKT_XFER_PAGES);
	assert_int_equal(sent->set_id, NVSP_RECV_BUF_ID);
	assert_int_equal(le32_to_cpu(msg.type), NVSP_MSG_SEND_RNDIS_PACKET);
	assert_int_equal(le32_to_cpu(msg.rndis_packet.channel_type), channel_type);
	assert_int_equal(le32_to_cpu(msg.rndis_packet.section_index),
			 NVSP_SECTION_NONE);
	assert_true(sent->ranges > 0);
	for (i = 0; i < sent->ranges; i++) {
		first = sent->range[i].byte_offset / g.section;
		assert_true(sent->range[i].byte_count >= 8);
		assert_true(first < g.sections);
		assert_int_equal((sent->range[i].byte_offset +
				  sent->range[i].byte_count - 1) /
					 g.section,
				 first);
	}
}

u32 g_hear(void *msg, u32 max)
{
	struct fake_sent sent;
	u32 len;

	if (!fake_take(g.chan, &sent))
		return 0;
	check_xfer(&sent, NVSP_RNDIS_CONTROL);
	assert_int_equal(sent.ranges, 1);
	len = sent.range[0].byte_count;
	assert_true(len <= max);
	memcpy(msg, g.recv + sent.range[0].byte_offset, len);
	g_complete(sent.trans_id, NVSP_STATUS_SUCCESS);
	return len;
}

static u32 request(u32 type, u32 oid, const void *in, u32 in_len, u8 *reply,
		   u32 *reply_len)
{
	u8 msg[sizeof(struct rndis_request) + 1024];
	struct rndis_request req = {
		.hdr.type = cpu_to_le32(type),
		.hdr.len = cpu_to_le32((u32)sizeof(req) + in_len),
		.request_id = cpu_to_le32(g.next_id++),
		.oid = cpu_to_le32(oid),
		.info_len = cpu_to_le32(in_len),
		.info_offset = cpu_to_le32(20),
	};
	struct rndis_cmplt cmplt;

	assert_true(in_len <= 1024);
	memcpy(msg, &req, sizeof(req));
	if (in_len)
		memcpy(msg + sizeof(req), in, in_len);
	assert_int_equal(g_control(msg, (u32)sizeof(req) + in_len),
			 NVSP_STATUS_SUCCESS);
	*reply_len = g_hear(reply, 2048);
	assert_true(*reply_len >= sizeof(cmplt));
	memcpy(&cmplt, reply, sizeof(cmplt));
	assert_int_equal(le32_to_cpu(cmplt.hdr.type), type | RNDIS_MSG_COMPLETION);
	assert_int_equal(le32_to_cpu(cmplt.hdr.len), *reply_len);
	assert_int_equal(cmplt.request_id, req.request_id);
	return le32_to_cpu(cmplt.status);
}

u32 g_query(u32 oid, const void *in, u32 in_len, void *out, u32 *out_len)
{
	struct rndis_query_cmplt cmplt;
	u8 reply[2048];
	u32 len, status;

	status = request(RNDIS_MSG_QUERY, oid, in, in_len, reply, &len);
	assert_true(len >= sizeof(cmplt));
	memcpy(&cmplt, reply, sizeof(cmplt));
	*out_len = le32_to_cpu(cmplt.info_len);
	assert_int_equal(le32_to_cpu(cmplt.info_offset), 16);
	assert_int_equal(*out_len, len - sizeof(cmplt));
	memcpy(out, reply + sizeof(cmplt), *out_len);
	return status;
}

u32 g_query_u32(u32 oid)
{
	u8 out[OID_REPLY_MAX];
	__le32 value;
	u32 len;

	assert_int_equal(g_query(oid, NULL, 0, out, &len), RNDIS_STATUS_SUCCESS);
	assert_int_equal(len, sizeof(value));
	memcpy(&value, out, sizeof(value));
	return le32_to_cpu(value);
}

u32 g_set(u32 oid, const void *in, u32 in_len)
{
	u8 reply[2048];
	u32 len;

	return request(RNDIS_MSG_SET, oid, in, in_len, reply, &len);
}

u32 g_set_u32(u32 oid, u32 value)
{
	__le32 raw = cpu_to_le32(value);

	return g_set(oid, &raw, sizeof(raw));
}

u32 g_frame(u8 *out, const u8 *frame, u32 len, u32 ppi_type, u32 ppi_value)
{
	u32 ppi_len = ppi_type == U32_MAX ? 0 : (u32)sizeof(struct rndis_ppi_u32);
	u32 head = (u32)sizeof(struct rndis_packet) + ppi_len;
	struct rndis_packet pkt = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_PACKET),
		.hdr.len = cpu_to_le32(head + len),
		.data_offset = cpu_to_le32(head - 8),
		.data_len = cpu_to_le32(len),
		.ppi_offset = cpu_to_le32(ppi_len ? 36 : 0),
		.ppi_len = cpu_to_le32(ppi_len),
	};
	struct rndis_ppi_u32 ppi = {
		.head.size = cpu_to_le32(sizeof(ppi)),
		.head.type = cpu_to_le32(ppi_type),
		.head.offset = cpu_to_le32(12),
		.value = cpu_to_le32(ppi_value),
	};

	memcpy(out, &pkt, sizeof(pkt));
	if (ppi_len)
		memcpy(out + sizeof(pkt), &ppi, sizeof(ppi));
	memcpy(out + head, frame, len);
	return head + len;
}

void g_peer_send(const u8 *data, u32 len)
{
	u8 buf[70000];
	struct net_frame frame = { .data = buf + 8, .len = len };

	memcpy(frame.data, data, len);
	assert_int_equal(g.peer->ops->send(g.peer, &frame), 0);
	fake_posted();
}

u32 g_rx(struct fake_sent *sent)
{
	if (!fake_take(g.chan, sent))
		return 0;
	check_xfer(sent, NVSP_RNDIS_DATA);
	g_complete(sent->trans_id, NVSP_STATUS_SUCCESS);
	return sent->ranges;
}

void g_alive(void)
{
	u8 frame[256], msg[512];
	struct fake_sent sent;
	u32 len, before;

	g_no_violation();
	assert_false(fake_failed(g.chan));
	len = f_udp4(frame, 40);
	before = g.frames;
	assert_int_equal(g_tx(msg, g_frame(msg, frame, len, U32_MAX, 0)),
			 NVSP_STATUS_SUCCESS);
	assert_int_equal(g.frames, before + 1);
	assert_int_equal(g.frame[before].len, len);
	assert_memory_equal(g.frame[before].data, frame, len);
	g.frames = before;

	memcpy(frame, g_mac, 6);
	memcpy(frame + 6, g_peer_mac, 6);
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	assert_memory_equal(g.recv + sent.range[0].byte_offset +
				    sent.range[0].byte_count - len,
			    frame, len);
	g_no_violation();
}

void g_violation(const char *rule)
{
	struct fake_violation v;

	assert_true(fake_take_violation(&v));
	assert_string_equal(v.rule, rule);
	g_no_violation();
}

void g_no_violation(void)
{
	struct fake_violation v;

	if (fake_take_violation(&v))
		fail_msg("%s: %s: %s", v.rule, v.where, v.text);
}

void g_key(u8 key[NDIS_RSS_KEY_LEN])
{
	static const char hex[] = "6d5a56da255b0ec24167253d43a38fb0"
				  "d0ca2bcbae7b30b4"
				  "77cb2da38030f20c"
				  "6a42b73bbeac01fa";
	unsigned int i, byte;

	for (i = 0; i < NDIS_RSS_KEY_LEN; i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		key[i] = (u8)byte;
	}
}
