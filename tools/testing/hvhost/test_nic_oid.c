// SPDX-License-Identifier: GPL-2.0
/*
 * RNDIS control: order, malformed requests, each object, indications.
 */
#include "nic_guest.h"

#include <string.h>

#include "hostctl.h"

static void up(enum host_gen gen, const char *spec)
{
	g_nic(gen, spec);
	g_up(NVSP_PROTOCOL_VERSION_5);
}

/* --- messages --- */

static void restart(void)
{
	assert_true(fake_failed(g.chan));
	g_reopen(NVSP_PROTOCOL_VERSION_5);
	g_alive();
}

static void fatal_messages_stop(void **state)
{
	static const struct { u32 type; const char *rule; } bad[] = {
		{ RNDIS_MSG_INITIALIZE, "rndis.order" },
		{ RNDIS_MSG_RESET, "rndis.control-type" },
		{ RNDIS_MSG_SET_EX, "rndis.control-type" },
		{ RNDIS_MSG_INDICATE_STATUS, "rndis.control-type" },
		{ RNDIS_MSG_QUERY_CMPLT, "rndis.control-type" },
		{ 0x4711, "rndis.control-type" },
	};
	struct rndis_request msg;
	unsigned int i;

	(void)state;
	up(HOST_WS2022, "");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(&msg, 0, sizeof(msg));
		msg.hdr.type = cpu_to_le32(bad[i].type);
		msg.hdr.len = cpu_to_le32(sizeof(msg));
		msg.request_id = cpu_to_le32(5);
		if (bad[i].type == RNDIS_MSG_INITIALIZE)
			msg.hdr.len = cpu_to_le32(24);
		assert_int_equal(g_control(&msg, le32_to_cpu(msg.hdr.len)),
				 U32_MAX);
		g_violation(bad[i].rule);
		restart();
	}
}

static void query_before_initialize_stops(void **state)
{
	struct rndis_request msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_QUERY),
		.hdr.len = cpu_to_le32(sizeof(msg)),
	};

	(void)state;
	g_nic(HOST_WS2022, "");
	g_configure(NVSP_PROTOCOL_VERSION_5);
	assert_int_equal(g_control(&msg, sizeof(msg)), U32_MAX);
	g_violation("rndis.order");
	restart();
}

static void wrong_rndis_version_is_answered_with_failure(void **state)
{
	struct rndis_initialize init = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_INITIALIZE),
		.hdr.len = cpu_to_le32(sizeof(init)),
		.request_id = cpu_to_le32(3), .major = cpu_to_le32(2),
	};
	struct rndis_initialize_cmplt cmplt;

	(void)state;
	g_nic(HOST_WS2022, "");
	g_configure(NVSP_PROTOCOL_VERSION_5);
	assert_int_equal(g_control(&init, sizeof(init)), NVSP_STATUS_SUCCESS);
	assert_int_equal(g_hear(&cmplt, sizeof(cmplt)), sizeof(cmplt));
	assert_int_equal(le32_to_cpu(cmplt.status), RNDIS_STATUS_BAD_VERSION);
	g_violation("rndis.version");
}

static void malformed_requests_fail(void **state)
{
	static const struct {
		u32 at, value;
		const char *rule;
		u32 nvsp, status;
	} bad[] = {
		{ 4, 27, "rndis.length", NVSP_STATUS_INVALID_RNDIS_PACKET, 0 },
		{ 4, 33, "rndis.length", NVSP_STATUS_INVALID_RNDIS_PACKET, 0 },
		{ 4, 0xffffffff, "rndis.length",
		  NVSP_STATUS_INVALID_RNDIS_PACKET, 0 },
		{ 16, 5, "rndis.info-length", 1, RNDIS_STATUS_INVALID_LENGTH },
		{ 16, 0xffffffff, "rndis.info-length", 1,
		  RNDIS_STATUS_INVALID_LENGTH },
		{ 20, 0, "rndis.info-offset", 1, RNDIS_STATUS_INVALID_DATA },
		{ 20, 24, "rndis.info-offset", 1, RNDIS_STATUS_INVALID_DATA },
		{ 20, 0xffffffff, "rndis.info-offset", 1, RNDIS_STATUS_INVALID_DATA },
		{ 24, 1, "rndis.vc-handle", 1, RNDIS_STATUS_SUCCESS },
		{ 8, 0, "rndis.request-id", 1, RNDIS_STATUS_SUCCESS },
	};
	struct rndis_cmplt cmplt;
	u8 msg[32], reply[64];
	unsigned int i;

	(void)state;
	up(HOST_WS2022, "");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct rndis_request req = {
			.hdr.type = cpu_to_le32(RNDIS_MSG_SET),
			.hdr.len = cpu_to_le32(32),
			.request_id = cpu_to_le32(0x77),
			.oid = cpu_to_le32(RNDIS_OID_GEN_CURRENT_PACKET_FILTER),
			.info_len = cpu_to_le32(4),
			.info_offset = cpu_to_le32(20),
		};

		memcpy(msg, &req, sizeof(req));
		memset(msg + 28, 0, 4);
		msg[28] = 0x0d;
		memcpy(msg + bad[i].at, &bad[i].value, 4);
		assert_int_equal(g_control(msg, 32), bad[i].nvsp);
		g_violation(bad[i].rule);
		if (bad[i].nvsp != NVSP_STATUS_SUCCESS) {
			g_no_answer();
			continue;
		}
		assert_int_equal(g_hear(reply, sizeof(reply)), sizeof(cmplt));
		memcpy(&cmplt, reply, sizeof(cmplt));
		assert_int_equal(le32_to_cpu(cmplt.status), bad[i].status);
	}
	g_alive();
}

static void keepalive_is_answered(void **state)
{
	struct rndis_keepalive msg = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_KEEPALIVE),
		.hdr.len = cpu_to_le32(sizeof(msg)),
		.request_id = cpu_to_le32(0x123),
	};
	struct rndis_cmplt cmplt;

	(void)state;
	up(HOST_WS2022, "");
	assert_int_equal(g_control(&msg, sizeof(msg)), NVSP_STATUS_SUCCESS);
	assert_int_equal(g_hear(&cmplt, sizeof(cmplt)), sizeof(cmplt));
	assert_int_equal(le32_to_cpu(cmplt.hdr.type), RNDIS_MSG_KEEPALIVE_CMPLT);
	assert_int_equal(cmplt.request_id, msg.request_id);
	assert_int_equal(cmplt.status, 0);
}

/* The guest's answer to the host's own */
static u32 answer_keepalive(u32 id, u32 status)
{
	struct rndis_cmplt cmplt = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_KEEPALIVE_CMPLT),
		.hdr.len = cpu_to_le32(sizeof(cmplt)),
		.request_id = cpu_to_le32(id),
		.status = cpu_to_le32(status),
	};

	return g_control(&cmplt, sizeof(cmplt));
}

static bool state_has(const char *line)
{
	char text[4096];

	assert_int_equal(fake_hostctl("nic0 state", text, sizeof(text)), 0);
	return strstr(text, line);
}

static u32 ask_keepalive(void)
{
	struct rndis_keepalive msg;
	char said[256];

	assert_int_equal(fake_hostctl("nic0 event keepalive", said, sizeof(said)),
			 HOSTCTL_OK);
	fake_posted();
	assert_int_equal(g_hear(&msg, sizeof(msg)), sizeof(msg));
	assert_int_equal(le32_to_cpu(msg.hdr.type), RNDIS_MSG_KEEPALIVE);
	assert_int_equal(le32_to_cpu(msg.hdr.len), sizeof(msg));
	return le32_to_cpu(msg.request_id);
}

static void answers_to_keepalive_are_judged(void **state)
{
	char said[256];
	u32 id;

	(void)state;
	g_nic(HOST_WS2022, "");
	assert_int_equal(fake_hostctl("nic0 event keepalive", said, sizeof(said)),
			 HOSTCTL_REFUSED);
	g_up(NVSP_PROTOCOL_VERSION_61);
	assert_int_equal(answer_keepalive(1, 0), NVSP_STATUS_SUCCESS);
	g_violation("rndis.keepalive");

	id = ask_keepalive();
	assert_int_equal(answer_keepalive(id + 1, 0), NVSP_STATUS_SUCCESS);
	g_violation("rndis.keepalive");
	assert_true(state_has("\nkeepalive_answers 0\n"));
	assert_int_equal(answer_keepalive(id, 0), NVSP_STATUS_SUCCESS);
	g_no_violation();
	assert_true(state_has("\nkeepalive_answers 1\n"));
	assert_int_equal(answer_keepalive(id, 0), NVSP_STATUS_SUCCESS);
	g_violation("rndis.keepalive");

	/* The last of several is enough, and the others are late then */
	ask_keepalive();
	id = ask_keepalive();
	assert_int_equal(answer_keepalive(id, 0), NVSP_STATUS_SUCCESS);
	g_no_violation();
	assert_int_equal(answer_keepalive(id - 1, 0), NVSP_STATUS_SUCCESS);
	g_violation("rndis.keepalive");
	assert_true(state_has("\nkeepalives 3\nkeepalive_answers 2\n"));

	id = ask_keepalive();
	assert_int_equal(answer_keepalive(id, RNDIS_STATUS_FAILURE), NVSP_STATUS_SUCCESS);
	g_violation("rndis.keepalive");
	assert_true(state_has("\nkeepalive_answers 2\n"));
	g_alive();
}

static void nothing_goes_after_halt(void **state)
{
	struct rndis_halt halt = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_HALT),
		.hdr.len = cpu_to_le32(sizeof(halt)),
		.request_id = cpu_to_le32(9),
	};
	u8 frame[128], msg[256];

	(void)state;
	up(HOST_WS2022, "");
	assert_int_equal(g_control(&halt, sizeof(halt)), NVSP_STATUS_SUCCESS);
	g_no_answer();
	g_no_violation();
	assert_int_equal(g_tx(msg,
			      g_frame(msg, frame, f_udp4(frame, 40), U32_MAX, 0)),
			 NVSP_STATUS_FAILURE);
	g_violation("rndis.order");
	assert_int_equal(g.frames, 0);
	assert_int_equal(g_control(&halt, sizeof(halt)), NVSP_STATUS_FAILURE);
	g_violation("rndis.order");
	g_reopen(NVSP_PROTOCOL_VERSION_5);
	g_alive();
}

/* --- objects --- */

static void simple_objects(void **state)
{
	static const struct { u32 oid, value;
	} rows[] = {
		{ 0x00010102, 0 },	{ 0x00010103, 0 },
		{ 0x00010104, 0 },	{ 0x00010105, 1500 },
		{ 0x00010106, 1500 },	{ 0x00010107, 100000000 },
		{ 0x00010108, 262144 }, { 0x00010109, 262144 },
		{ 0x0001010A, 1514 },	{ 0x0001010B, 1514 },
		{ 0x0001010C, 0x155D }, { 0x0001010E, 0x0d },
		{ 0x0001010F, 1500 },	{ 0x00010111, 1514 },
		{ 0x00010113, 0x24d },	{ 0x00010114, 0 },
		{ 0x00010115, 8 },	{ 0x01010104, 0 },
	};
	unsigned int i;

	(void)state;
	up(HOST_WS2022, "");
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(g_query_u32(rows[i].oid), rows[i].value);
	g_no_violation();
}

static void every_supported_query_is_answered(void **state)
{
	u8 list[OID_REPLY_MAX], out[OID_REPLY_MAX];
	static const struct ndis_object_header no_header;
	u32 len, out_len, i, answered = 0;
	__le32 oid;

	(void)state;
	up(HOST_WS2022, "");
	assert_int_equal(g_query(RNDIS_OID_GEN_SUPPORTED_LIST, NULL, 0, list, &len),
			 0);
	assert_true(len > 100 && len % 4 == 0);
	for (i = 0; i < len; i += 4) {
		memcpy(&oid, list + i, 4);
		answered += g_query(le32_to_cpu(oid), &no_header, 4, out,
				    &out_len) == RNDIS_STATUS_SUCCESS;
	}
	assert_int_equal(answered, len / 4 - 6); /* six can only be set */
	g_no_violation();
}

static void addresses(void **state)
{
	u8 out[OID_REPLY_MAX];
	u32 len;

	(void)state;
	up(HOST_WS2022, "mac=00:15:5D:12:34:56");
	assert_int_equal(g_query(RNDIS_OID_802_3_PERMANENT_ADDRESS, NULL, 0,
				 out, &len),
			 0);
	assert_int_equal(len, 6);
	assert_memory_equal(out, "\x00\x15\x5d\x12\x34\x56", 6);
	assert_int_equal(g_query(RNDIS_OID_802_3_CURRENT_ADDRESS, NULL, 0, out,
				 &len),
			 0);
	assert_memory_equal(out, "\x00\x15\x5d\x12\x34\x56", 6);
}

/* A config parameter with string @value. Return: bytes */
static u32 config_parameter(u8 *out, const char *name, const char *value, u32 type)
{
	struct ndis_config_parameter p = {
		.name_offset = cpu_to_le32(20),
		.name_len = cpu_to_le32(2 * (u32)strlen(name)),
		.type = cpu_to_le32(type),
		.value_offset = cpu_to_le32(20 + 2 * (u32)strlen(name)),
		.value_len = cpu_to_le32(2 * (u32)strlen(value)),
	};
	u32 at = 20;

	memcpy(out, &p, sizeof(p));
	for (; *name; name++, at += 2)
		put_be16(out + at, (u16)(*name << 8));
	for (; *value; value++, at += 2)
		put_be16(out + at, (u16)(*value << 8));
	return at;
}

static void address_change(void **state)
{
	static const char *const bad[] = { "00155d00009", "01155d000099",
					   "000000000000", "00155d0000zz", "" };
	u8 object[128], out[OID_REPLY_MAX], frame[128];
	struct fake_sent sent;
	unsigned int i;
	u32 len, n;

	(void)state;
	up(HOST_WS2022, "");
	n = config_parameter(object, "NetworkAddress", "00155d000099",
			     NDIS_CONFIG_PARAM_STRING);
	assert_int_equal(g_set(RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER, object, n), 0);
	assert_int_equal(g_query(RNDIS_OID_802_3_CURRENT_ADDRESS, NULL, 0, out,
				 &len),
			 0);
	assert_memory_equal(out, "\x00\x15\x5d\x00\x00\x99", 6);
	len = f_udp4(frame, 40);
	memcpy(frame, out, 6);
	memcpy(frame + 6, g_peer_mac, 6);
	g_peer_send(frame, len);
	assert_int_equal(g_rx(&sent), 1);
	assert_int_equal(g_query(RNDIS_OID_802_3_PERMANENT_ADDRESS, NULL, 0,
				 out, &len),
			 0);
	assert_memory_equal(out, g_mac, 6);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		n = config_parameter(object, "NetworkAddress", bad[i],
				     NDIS_CONFIG_PARAM_STRING);
		assert_int_equal(g_set(RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER,
				       object, n),
				 RNDIS_STATUS_INVALID_DATA);
		g_violation("oid.network-address");
	}
	n = config_parameter(object, "NetworkAddress", "00155d000099",
			     NDIS_CONFIG_PARAM_INTEGER);
	assert_int_equal(g_set(RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER, object, n),
			 RNDIS_STATUS_INVALID_DATA);
	g_violation("oid.config-parameter");
}

static void config_parameter_bounds(void **state)
{
	static const struct { u32 at, value;
	} bad[] = {
		{ 0, 19 },	    { 0, 73 },		{ 0, 0xfffffff0 },
		{ 4, 256 },	    { 4, 53 },		{ 4, 0xffffffff },
		{ 12, 0 },	    { 12, 0xffffffff }, { 16, 25 },
		{ 16, 0x80000000 },
	};
	u8 object[128];
	unsigned int i;
	u32 n;

	(void)state;
	up(HOST_WS2022, "spoof=off");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		n = config_parameter(object, "NetworkAddress", "00155d000099", 2);
		memcpy(object + bad[i].at, &bad[i].value, 4);
		assert_int_equal(g_set(RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER,
				       object, n),
				 RNDIS_STATUS_INVALID_DATA);
		g_violation("oid.config-parameter");
	}
	assert_int_equal(g_set(RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER, object, 19),
			 RNDIS_STATUS_INVALID_LENGTH);
	g_violation("oid.length");
	n = config_parameter(object, "NetworkAddress", "00155d000099", 2);
	assert_int_equal(g_set(RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER, object, n),
			 RNDIS_STATUS_FAILURE);
	n = config_parameter(object, "*LsoV2IPv4", "1", 2);
	assert_int_equal(g_set(RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER, object, n), 0);
	g_no_violation();
}

static void sets_that_are_wrong(void **state)
{
	u8 list[13] = { 0 };

	(void)state;
	up(HOST_WS2022, "");
	assert_int_equal(g_set_u32(RNDIS_OID_GEN_CURRENT_PACKET_FILTER, 0x100),
			 RNDIS_STATUS_INVALID_DATA);
	g_violation("oid.filter");
	assert_int_equal(g_set(RNDIS_OID_GEN_CURRENT_PACKET_FILTER, list, 3),
			 RNDIS_STATUS_INVALID_LENGTH);
	g_violation("oid.length");
	assert_int_equal(g_set(RNDIS_OID_802_3_MULTICAST_LIST, list, 12), 0);
	assert_int_equal(g_set(RNDIS_OID_802_3_MULTICAST_LIST, list, 13),
			 RNDIS_STATUS_INVALID_LENGTH);
	g_violation("oid.length");
	assert_int_equal(g_set_u32(RNDIS_OID_GEN_LINK_SPEED, 5),
			 RNDIS_STATUS_NOT_SUPPORTED);
	assert_int_equal(g_set_u32(0x12345678, 5), RNDIS_STATUS_NOT_SUPPORTED);
	g_alive();
}

/* --- offloads --- */

static void capabilities(struct ndis_offload *o, u32 *len)
{
	struct ndis_object_header hdr = { NDIS_OBJECT_TYPE_OFFLOAD, 3,
					  cpu_to_le16(156) };
	u8 out[OID_REPLY_MAX];

	assert_int_equal(g_query(RNDIS_OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES,
				 &hdr, sizeof(hdr), out, len),
			 0);
	assert_true(*len <= sizeof(*o));
	memset(o, 0, sizeof(*o));
	memcpy(o, out, *len);
	assert_int_equal(o->hdr.type, NDIS_OBJECT_TYPE_OFFLOAD);
	assert_int_equal(le16_to_cpu(o->hdr.size), *len);
}

static void capabilities_by_generation(void **state)
{
	struct ndis_offload o;
	u32 len;

	(void)state;
	up(HOST_WS2012R2, "");
	capabilities(&o, &len);
	assert_int_equal(len, 156);
	assert_int_equal(o.hdr.revision, 3);
	assert_true(le32_to_cpu(o.ipv4_tx.flags) & NDIS_CSUM_IPV4_TCP);
	assert_false(le32_to_cpu(o.ipv4_tx.flags) & NDIS_CSUM_IPV4_UDP);
	assert_false(le32_to_cpu(o.ipv6_tx.flags) & NDIS_CSUM_IPV6_UDP);
	assert_int_equal(le32_to_cpu(o.lso_v2.ipv4_max_size), 0xF53C);
	assert_int_equal(le32_to_cpu(o.lso_v2.ipv4_min_segments), 2);
	assert_int_equal(o.rsc_ipv4, 0);
}

static void capabilities_of_a_new_host(void **state)
{
	struct ndis_offload o;
	u32 len;

	(void)state;
	up(HOST_AZURE, "");
	capabilities(&o, &len);
	assert_true(le32_to_cpu(o.ipv4_tx.flags) & NDIS_CSUM_IPV4_UDP);
	assert_true(le32_to_cpu(o.ipv6_rx.flags) & NDIS_CSUM_IPV6_UDP);
	assert_int_equal(o.rsc_ipv4, 1);
	assert_int_equal(o.rsc_ipv6, 1);
}

static void capabilities_switched_off(void **state)
{
	struct ndis_offload o;
	u32 len;

	(void)state;
	g_nic(HOST_AZURE, "csum=off,lso=off,rsc=off");
	g_up(NVSP_PROTOCOL_VERSION_4);
	capabilities(&o, &len);
	assert_int_equal(len, 144);	/* NDIS 6.1 */
	assert_int_equal(o.hdr.revision, 2);
	assert_int_equal(o.ipv4_tx.flags, 0);
	assert_int_equal(o.ipv6_rx.flags, 0);
	assert_int_equal(o.lso_v2.ipv4_encapsulation, 0);
	assert_int_equal(o.lso_v2.ipv6_encapsulation, 0);
	assert_int_equal(o.rsc_ipv4, 0);
}

static u32 set_parameters(struct ndis_offload_parameters *p, u8 revision,
			  u16 size, u32 len)
{
	p->hdr.type = NDIS_OBJECT_TYPE_DEFAULT;
	p->hdr.revision = revision;
	p->hdr.size = cpu_to_le16(size);
	return g_set(RNDIS_OID_TCP_OFFLOAD_PARAMETERS, p, len);
}

/* The indication after a SET, and the query, must agree */
static void current_config(struct ndis_offload *o)
{
	struct ndis_object_header hdr = { NDIS_OBJECT_TYPE_OFFLOAD, 1,
					  cpu_to_le16(112) };
	struct rndis_indicate_status ind;
	u8 msg[512], out[OID_REPLY_MAX];
	u32 len;

	len = g_hear(msg, sizeof(msg));
	assert_true(len > sizeof(ind));
	memcpy(&ind, msg, sizeof(ind));
	assert_int_equal(le32_to_cpu(ind.hdr.type), RNDIS_MSG_INDICATE_STATUS);
	assert_int_equal(le32_to_cpu(ind.status),
			 RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG);
	assert_int_equal(le32_to_cpu(ind.buf_offset), 12);
	assert_int_equal(le32_to_cpu(ind.buf_len), len - sizeof(ind));
	memset(o, 0, sizeof(*o));
	memcpy(o, msg + sizeof(ind), len - sizeof(ind));
	assert_int_equal(g_query(RNDIS_OID_TCP_OFFLOAD_CURRENT_CONFIG, &hdr, 4,
				 out, &len),
			 0);
	assert_memory_equal(out, o, len);
}

static void parameters_are_masked_and_told(void **state)
{
	struct ndis_offload_parameters p = {
		.ipv4_csum = 2,
		.tcp_ipv4_csum = 4,
		.udp_ipv4_csum = 4,
		.tcp_ipv6_csum = 3,
		.lso_v2_ipv4 = 2,
		.rsc_ipv4 = 2,
	};
	struct ndis_offload o;

	(void)state;
	up(HOST_WS2012R2, "");
	assert_int_equal(set_parameters(&p, 3, 28, 28), 0);
	current_config(&o);
	assert_true(le32_to_cpu(o.ipv4_tx.flags) & NDIS_CSUM_IPV4_IP_HEADER);
	assert_false(le32_to_cpu(o.ipv4_rx.flags) & NDIS_CSUM_IPV4_IP_HEADER);
	assert_true(le32_to_cpu(o.ipv4_tx.flags) & NDIS_CSUM_IPV4_TCP);
	assert_false(le32_to_cpu(o.ipv4_tx.flags) & NDIS_CSUM_IPV4_UDP);
	assert_false(le32_to_cpu(o.ipv6_tx.flags) & NDIS_CSUM_IPV6_TCP);
	assert_true(le32_to_cpu(o.ipv6_rx.flags) & NDIS_CSUM_IPV6_TCP);
	assert_int_equal(le32_to_cpu(o.lso_v2.ipv4_max_size), 0xF53C);
	assert_int_equal(o.lso_v2.ipv6_encapsulation, 0);
	assert_int_equal(o.rsc_ipv4, 0);
	/* 0 changes nothing, 1 switches off */
	memset(&p, 0, sizeof(p));
	p.lso_v2_ipv4 = 1;
	assert_int_equal(set_parameters(&p, 2, 22, 22), 0);
	current_config(&o);
	assert_true(le32_to_cpu(o.ipv4_tx.flags) & NDIS_CSUM_IPV4_TCP);
	assert_int_equal(o.lso_v2.ipv4_encapsulation, 0);
	g_alive();
}

static void wrong_parameters_change_nothing(void **state)
{
	static const struct {
		const char *rule;
		u8 revision;
		u16 size;
		u32 len;
		u8 csum, lso1;
	} bad[] = {
		{ "oid.header", 0, 28, 28, 0, 0 },
		{ "oid.header", 3, 29, 28, 0, 0 },
		{ "oid.header", 1, 19, 28, 0, 0 },
		{ "oid.length", 1, 19, 19, 0, 0 },
		{ "oid.offload-parameters", 3, 28, 28, 5, 0 },
		{ "oid.offload-parameters", 3, 28, 28, 0, 2 },
	};
	struct ndis_offload_parameters p;
	unsigned int i;

	(void)state;
	up(HOST_WS2022, "");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		memset(&p, 0, sizeof(p));
		p.tcp_ipv4_csum = bad[i].csum;
		p.lso_v1 = bad[i].lso1;
		assert_int_not_equal(set_parameters(&p, bad[i].revision,
						    bad[i].size, bad[i].len),
				     0);
		g_violation(bad[i].rule);
		g_no_answer();
	}
	g_alive();
}

static void queries_need_an_object_header(void **state)
{
	struct ndis_object_header wrong = { 0x99, 1, cpu_to_le16(4) };
	static const u32 oids[] = { RNDIS_OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES,
				    RNDIS_OID_TCP_OFFLOAD_CURRENT_CONFIG,
				    RNDIS_OID_GEN_RECEIVE_SCALE_CAPABILITIES };
	u8 out[OID_REPLY_MAX];
	unsigned int i;
	u32 len;

	(void)state;
	up(HOST_WS2022, "");
	for (i = 0; i < ARRAY_SIZE(oids); i++) {
		assert_int_not_equal(g_query(oids[i], NULL, 0, out, &len), 0);
		g_violation("oid.header");
		assert_int_not_equal(g_query(oids[i], &wrong, 4, out, &len), 0);
		g_violation("oid.header");
	}
	g_alive();
}

/* --- RSS --- */

static void rss_capabilities(void **state)
{
	struct ndis_object_header hdr = { NDIS_OBJECT_TYPE_RSS_CAPABILITIES, 2,
					  cpu_to_le16(18) };
	struct ndis_rss_capabilities caps;
	u8 out[OID_REPLY_MAX];
	u32 len;

	(void)state;
	up(HOST_WS2016, "queues=7");
	assert_int_equal(g_query(RNDIS_OID_GEN_RECEIVE_SCALE_CAPABILITIES, &hdr,
				 4, out, &len),
			 0);
	assert_int_equal(len, 18);
	memcpy(&caps, out, sizeof(caps));
	assert_int_equal(caps.hdr.type, NDIS_OBJECT_TYPE_RSS_CAPABILITIES);
	assert_int_equal(le32_to_cpu(caps.receive_queues), 7);
	assert_int_equal(le16_to_cpu(caps.indirection_entries), 128);
	assert_true(le32_to_cpu(caps.flags) & NDIS_RSS_CAPS_TOEPLITZ);
	assert_false(le32_to_cpu(caps.flags) & NDIS_RSS_CAPS_HASH_UDP_IPV4);
}

/* Key behind the head, table behind the key; one field may be overwritten */
static u32 set_rss(u32 entry, u32 at, u32 value, u32 bytes, u32 len)
{
	u8 object[256] = { 0 };
	struct ndis_rss_parameters p = {
		.hdr.type = NDIS_OBJECT_TYPE_RSS_PARAMETERS, .hdr.revision = 2,
		.hdr.size = cpu_to_le16(40), .hash_info = cpu_to_le32(0x701),
		.table_len = cpu_to_le16(16), .table_offset = cpu_to_le32(80),
		.key_len = cpu_to_le16(40), .key_offset = cpu_to_le32(40),
	};

	memcpy(object, &p, sizeof(p));
	memcpy(object + 80, &entry, 4);
	memcpy(object + at, &value, bytes);
	return g_set(RNDIS_OID_GEN_RECEIVE_SCALE_PARAMETERS, object, len);
}

static void up_with_subchannel(void)
{
	struct fake_sent table;

	up(HOST_WS2022, "queues=2");
	g_subchannels(NVSP_SUBCHANNEL_ALLOCATE, 1);
	fake_pass(1);
	fake_open(fake_chan(1));
	assert_true(fake_take(g.chan, &table));
}

/* The guest has not heard of it yet */
static void rss_may_name_what_was_just_taken_away(void **state)
{
	(void)state;
	up_with_subchannel();
	vmbus_rescind(fake_chan(1));
	assert_int_equal(set_rss(1, 0, 0, 0, 96), 0);
	g_no_violation();
}

static void rss_must_not_name_what_the_guest_closed(void **state)
{
	(void)state;
	up_with_subchannel();
	fake_close(fake_chan(1));
	assert_int_equal(set_rss(1, 0, 0, 0, 96), 0);
	g_violation("oid.rss-closed-channel");
}

static void rss_parameters(void **state)
{
	static const struct {
		const char *rule;
		u32 at, value, bytes, len;
	} bad[] = {
		{ "oid.rss-table", 12, 0, 2, 96 },
		{ "oid.rss-table", 12, 14, 2, 96 },
		{ "oid.rss-table", 12, 20, 2, 96 },
		{ "oid.rss-table", 12, 516, 2, 256 },
		{ "oid.rss-table", 16, 84, 4, 96 },
		{ "oid.rss-table", 16, 0xfffffff0, 4, 96 },
		{ "oid.rss-table", 16, 8, 4, 96 },
		{ "oid.rss-key", 20, 39, 2, 96 },
		{ "oid.rss-key", 24, 57, 4, 96 },
		{ "oid.rss-key", 24, 0xffffffff, 4, 96 },
		{ "oid.rss-function", 8, 0x702, 4, 96 },
		{ "oid.length", 0, 0, 0, 39 },
	};
	unsigned int i;
	char text[4096];

	(void)state;
	up(HOST_WS2022, "queues=2");
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_not_equal(set_rss(0, bad[i].at, bad[i].value,
					     bad[i].bytes, bad[i].len),
				     0);
		g_violation(bad[i].rule);
	}
	/* UDP is offered here */
	assert_int_equal(set_rss(0, 8, 0x4701, 4, 96), 0);
	g_no_violation();
	assert_int_equal(set_rss(2, 0, 0, 0, 96), RNDIS_STATUS_INVALID_DATA);
	g_violation("oid.rss-table");
	assert_int_equal(set_rss(1, 0, 0, 0, 96), 0);
	g_violation("oid.rss-closed-channel");
	assert_int_equal(set_rss(0, 0, 0, 0, 96), 0);
	assert_int_equal(fake_hostctl("nic0 state", text, sizeof(text)), 0);
	assert_non_null(strstr(text, "rss on\n"));
	assert_int_equal(set_rss(0, 4, NDIS_RSS_FLAG_DISABLE, 2, 96), 0);
	assert_int_equal(fake_hostctl("nic0 state", text, sizeof(text)), 0);
	assert_non_null(strstr(text, "rss off\n"));
	assert_int_equal(set_rss(0, 40, 0xf4030201, 4, 96), 0);
	assert_true(state_has("\nrss_key 010203f400000000"));
	g_alive();
}

static void rss_types_that_were_not_offered(void **state)
{
	(void)state;
	up(HOST_WS2022, "queues=2,udp-hash=off");
	assert_int_equal(set_rss(0, 8, 0x4701, 4, 96), RNDIS_STATUS_INVALID_DATA);
	g_violation("oid.rss-types");
	assert_int_equal(set_rss(0, 0, 0, 0, 96), 0);
	g_alive();
}

/* --- faults --- */

static void faults_on_objects(void **state)
{
	struct rndis_request req = {
		.hdr.type = cpu_to_le32(RNDIS_MSG_QUERY),
		.hdr.len = cpu_to_le32(28),
		.request_id = cpu_to_le32(5),
		.oid = cpu_to_le32(RNDIS_OID_GEN_LINK_SPEED),
		.info_offset = cpu_to_le32(20),
	};
	u8 out[OID_REPLY_MAX];
	u32 len;

	(void)state;
	g_nic(HOST_WS2022,
	      "fail=oid:0x00010106,silent=oid:0x00010107,slow=oid:0x10114@70");
	g_up(NVSP_PROTOCOL_VERSION_5);
	assert_int_equal(g_query(RNDIS_OID_GEN_MAXIMUM_FRAME_SIZE, NULL, 0, out,
				 &len),
			 RNDIS_STATUS_FAILURE);
	assert_int_equal(g_control(&req, sizeof(req)), NVSP_STATUS_SUCCESS);
	g_no_answer();
	req.oid = cpu_to_le32(RNDIS_OID_GEN_MEDIA_CONNECT_STATUS);
	assert_int_equal(g_control(&req, sizeof(req)), NVSP_STATUS_SUCCESS);
	g_no_answer();
	fake_pass(71);
	assert_int_equal(g_hear(out, sizeof(out)), 28);
	g_alive();
}

/* One is granted, two are refused, and from then on all are granted */
static void fault_on_an_object_may_begin_late_and_end(void **state)
{
	static const u32 wanted[] = {
		RNDIS_STATUS_SUCCESS, RNDIS_STATUS_FAILURE, RNDIS_STATUS_FAILURE,
		RNDIS_STATUS_SUCCESS, RNDIS_STATUS_SUCCESS,
	};
	u8 out[OID_REPLY_MAX];
	char text[256];
	unsigned int i;
	u32 len;

	(void)state;
	up(HOST_WS2022, "");
	assert_int_equal(fake_hostctl("nic0 fail oid 0x1010e 2 1", text,
				      sizeof(text)), 0);
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		/* Another one counts for nothing */
		assert_int_equal(g_query(RNDIS_OID_GEN_LINK_SPEED, NULL, 0, out,
					 &len), RNDIS_STATUS_SUCCESS);
		assert_int_equal(g_set_u32(RNDIS_OID_GEN_CURRENT_PACKET_FILTER,
					   0x0d), wanted[i]);
	}
	g_alive();
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, nic_guest_setup, nic_guest_teardown)
	const struct CMUnitTest tests[] = {
		T(fatal_messages_stop),
		T(query_before_initialize_stops),
		T(wrong_rndis_version_is_answered_with_failure),
		T(malformed_requests_fail),
		T(keepalive_is_answered),
		T(answers_to_keepalive_are_judged),
		T(nothing_goes_after_halt),
		T(simple_objects),
		T(every_supported_query_is_answered),
		T(addresses),
		T(address_change),
		T(config_parameter_bounds),
		T(sets_that_are_wrong),
		T(capabilities_by_generation),
		T(capabilities_of_a_new_host),
		T(capabilities_switched_off),
		T(parameters_are_masked_and_told),
		T(wrong_parameters_change_nothing),
		T(queries_need_an_object_header),
		T(rss_capabilities),
		T(rss_may_name_what_was_just_taken_away),
		T(rss_must_not_name_what_the_guest_closed),
		T(rss_parameters),
		T(rss_types_that_were_not_offered),
		T(faults_on_objects),
		T(fault_on_an_object_may_begin_late_and_end),
	};

	return cmocka_run_group_tests_name("nic_oid", tests, NULL, NULL);
}
