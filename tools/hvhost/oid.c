// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of the synthetic NIC (Documentation/protocol.md E.11): a table from
 * OID to what answers a query and what takes a set. What has structure is in
 * oid_offload.c. An OID without a row, or without the half that is asked for,
 * is answered with "not supported".
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

#define DRIVER_VERSION		0x0001
#define BUFFER_SPACE		262144
#define MAC_OPTIONS		(0x1 | 0x4 | 0x8 | 0x40 | 0x200)	/* E.11 */
#define FRIENDLY_NAME_MAX	512	/* bytes */

/**
 * struct oid - one object
 * @oid: its number
 * @name: for messages
 * @value: answers a query that is one u32; or
 * @query: any other query, as oid_query()
 * @set: takes a set, as oid_set()
 * @set_least: bytes that a set needs
 */
struct oid {
	u32 oid;
	const char *name;
	u32 (*value)(const struct nic *nic);
	u32 (*query)(struct nic_queue *q, const void *in, u32 in_len, void *out,
		     u32 *out_len);
	u32 (*set)(struct nic_queue *q, const void *in, u32 in_len);
	u32 set_least;
};

static u32 answer(void *out, u32 *out_len, const void *data, u32 len)
{
	memcpy(out, data, len);
	*out_len = len;
	return RNDIS_STATUS_SUCCESS;
}

static u32 answer_u64(void *out, u32 *out_len, u64 value)
{
	__le64 v = cpu_to_le64(value);

	return answer(out, out_len, &v, sizeof(v));
}

/* --- values --- */

static u32 v_zero(const struct nic *nic)
{
	(void)nic;
	return 0;
}

/* One below the standard is said, and no longer frame is refused for it */
static u32 v_mtu(const struct nic *nic)
{
	u32 mtu = nic->conn.frame_mtu - NETPKT_ETH_HLEN;

	return mtu < nic->cfg.mtu ? mtu : nic->cfg.mtu;
}

static u32 v_frame_mtu(const struct nic *nic)
{
	return nic->conn.frame_mtu;
}

static u32 v_link_speed(const struct nic *nic)
{
	/* 32 bits of 100 bit/s wrap beyond 429 Gbit/s; so it is on the wire */
	return (u32)((u64)nic->speed_mbps * 1000000 / RNDIS_LINK_SPEED_UNIT);
}

static u32 v_buffer_space(const struct nic *nic)
{
	(void)nic;
	return BUFFER_SPACE;
}

static u32 v_vendor(const struct nic *nic)
{
	(void)nic;
	return RNDIS_VENDOR_ID_MICROSOFT;
}

static u32 v_filter(const struct nic *nic)
{
	return nic->conn.filter;
}

static u32 v_driver_version(const struct nic *nic)
{
	(void)nic;
	return DRIVER_VERSION;
}

static u32 v_mac_options(const struct nic *nic)
{
	(void)nic;
	return MAC_OPTIONS;
}

static u32 v_media_state(const struct nic *nic)
{
	return nic->link_up ? RNDIS_MEDIA_STATE_CONNECTED
			    : RNDIS_MEDIA_STATE_DISCONNECTED;
}

static u32 v_send_packets(const struct nic *nic)
{
	return nic->cfg.batch;
}

/* --- queries --- */

static u32 q_vendor_description(struct nic_queue *q, const void *in, u32 in_len,
				void *out, u32 *out_len)
{
	static const char text[] = "hvhost synthetic network adapter";

	(void)q;
	(void)in;
	(void)in_len;
	return answer(out, out_len, text, sizeof(text));
}

static u32 q_max_link_speed(struct nic_queue *q, const void *in, u32 in_len,
			    void *out, u32 *out_len)
{
	__le64 speed = cpu_to_le64((u64)q->nic->speed_mbps * 1000000);
	struct ndis_link_speed both = { .tx = speed, .rx = speed };

	(void)in;
	(void)in_len;
	return answer(out, out_len, &both, sizeof(both));
}

static u32 q_link_state(struct nic_queue *q, const void *in, u32 in_len,
			void *out, u32 *out_len)
{
	__le64 speed = cpu_to_le64((u64)q->nic->speed_mbps * 1000000);
	struct ndis_link_state state = {
		.hdr.type = NDIS_OBJECT_TYPE_DEFAULT,
		.hdr.revision = NDIS_LINK_STATE_REVISION_1,
		.hdr.size = cpu_to_le16(sizeof(state)),
		.connect_state = cpu_to_le32(q->nic->link_up
						     ? NDIS_LINK_CONNECTED
						     : NDIS_LINK_DISCONNECTED),
		.duplex = cpu_to_le32(2), /* full */
		.tx_speed = speed,
		.rx_speed = speed,
	};

	(void)in;
	(void)in_len;
	return answer(out, out_len, &state, sizeof(state));
}

static u32 q_friendly_name(struct nic_queue *q, const void *in, u32 in_len,
			   void *out, u32 *out_len)
{
	const char *name = q->nic->cfg.name;
	u8 text[FRIENDLY_NAME_MAX];
	u32 i;

	(void)in;
	(void)in_len;
	if (!name)
		return RNDIS_STATUS_NOT_SUPPORTED;
	/* ASCII as UTF-16LE with its terminator; cfg.name has at most 255 */
	for (i = 0; name[i]; i++) {
		text[2 * i] = (u8)name[i];
		text[2 * i + 1] = 0;
	}
	text[2 * i] = 0;
	text[2 * i + 1] = 0;
	return answer(out, out_len, text, 2 * i + 2);
}

static u32 q_permanent_mac(struct nic_queue *q, const void *in, u32 in_len,
			   void *out, u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer(out, out_len, q->nic->cfg.mac, 6);
}

static u32 q_current_mac(struct nic_queue *q, const void *in, u32 in_len,
			 void *out, u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer(out, out_len, q->nic->mac, 6);
}

static u32 q_empty(struct nic_queue *q, const void *in, u32 in_len, void *out,
		   u32 *out_len)
{
	(void)q;
	(void)in;
	(void)in_len;
	(void)out;
	*out_len = 0;
	return RNDIS_STATUS_SUCCESS;
}

/* Sum of one counter over the queues */
static u64 total(const struct nic *nic, size_t member)
{
	u64 sum = 0, one;
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS; i++) {
		if (!nic->queue[i])
			continue;
		memcpy(&one, (const u8 *)&nic->queue[i]->stats + member,
		       sizeof(one));
		sum += one;
	}
	return sum;
}

static u32 q_xmit_ok(struct nic_queue *q, const void *in, u32 in_len, void *out,
		     u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer_u64(out, out_len,
			  total(q->nic, offsetof(struct nic_stats, tx_frames)));
}

static u32 q_rcv_ok(struct nic_queue *q, const void *in, u32 in_len, void *out,
		    u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer_u64(out, out_len,
			  total(q->nic, offsetof(struct nic_stats, rx_frames)));
}

static u32 q_xmit_error(struct nic_queue *q, const void *in, u32 in_len,
			void *out, u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer_u64(out, out_len,
			  total(q->nic, offsetof(struct nic_stats, tx_bad)));
}

static u32 q_rcv_error(struct nic_queue *q, const void *in, u32 in_len,
		       void *out, u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer_u64(out, out_len, q->nic->drop_rx[NIC_DROP_MALFORMED]);
}

static u32 q_no_buffer(struct nic_queue *q, const void *in, u32 in_len,
		       void *out, u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer_u64(out, out_len, q->nic->drop_rx[NIC_DROP_BACKLOG]);
}

static u32 q_bytes_rcv(struct nic_queue *q, const void *in, u32 in_len,
		       void *out, u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer_u64(out, out_len,
			  total(q->nic, offsetof(struct nic_stats, rx_bytes)));
}

static u32 q_bytes_xmit(struct nic_queue *q, const void *in, u32 in_len,
			void *out, u32 *out_len)
{
	(void)in;
	(void)in_len;
	return answer_u64(out, out_len,
			  total(q->nic, offsetof(struct nic_stats, tx_bytes)));
}

static u32 q_supported(struct nic_queue *q, const void *in, u32 in_len,
		       void *out, u32 *out_len);

/* --- sets --- */

static u32 s_filter(struct nic_queue *q, const void *in, u32 in_len)
{
	__le32 value;
	u32 filter;

	(void)in_len;
	memcpy(&value, in, sizeof(value));
	filter = le32_to_cpu(value);
	/* Above 0x80 the sources disagree, and nobody needs them (K 5) */
	if (filter & ~0xffu) {
		nic_violation(q, "oid.filter",
			      "SET OID_GEN_CURRENT_PACKET_FILTER", "E.12",
			      "filter: wanted bits of 0xff, came 0x%x", filter);
		return RNDIS_STATUS_INVALID_DATA;
	}
	q->nic->conn.filter = filter;
	return RNDIS_STATUS_SUCCESS;
}

static u32 s_ignore(struct nic_queue *q, const void *in, u32 in_len)
{
	(void)q;
	(void)in;
	(void)in_len;
	return RNDIS_STATUS_SUCCESS;
}

static u32 s_multicast(struct nic_queue *q, const void *in, u32 in_len)
{
	(void)in;
	if (in_len % 6) {
		nic_violation(q, "oid.length", "SET OID_802_3_MULTICAST_LIST",
			      "E.11", "length: wanted a multiple of 6, came %u",
			      in_len);
		return RNDIS_STATUS_INVALID_LENGTH;
	}
	return RNDIS_STATUS_SUCCESS;
}

#define VALUE(o, fn)		{ RNDIS_OID_##o, "OID_" #o, fn, NULL, NULL, 0 }
#define QUERY(o, fn)		{ RNDIS_OID_##o, "OID_" #o, NULL, fn, NULL, 0 }
#define SET(o, fn, least)	{ RNDIS_OID_##o, "OID_" #o, NULL, NULL, fn, least }

static const struct oid oids[] = {
	QUERY(GEN_SUPPORTED_LIST, q_supported),
	VALUE(GEN_HARDWARE_STATUS, v_zero),
	VALUE(GEN_MEDIA_SUPPORTED, v_zero),
	VALUE(GEN_MEDIA_IN_USE, v_zero),
	VALUE(GEN_MAXIMUM_LOOKAHEAD, v_mtu),
	VALUE(GEN_MAXIMUM_FRAME_SIZE, v_mtu),
	VALUE(GEN_LINK_SPEED, v_link_speed),
	VALUE(GEN_TRANSMIT_BUFFER_SPACE, v_buffer_space),
	VALUE(GEN_RECEIVE_BUFFER_SPACE, v_buffer_space),
	VALUE(GEN_TRANSMIT_BLOCK_SIZE, v_frame_mtu),
	VALUE(GEN_RECEIVE_BLOCK_SIZE, v_frame_mtu),
	VALUE(GEN_VENDOR_ID, v_vendor),
	QUERY(GEN_VENDOR_DESCRIPTION, q_vendor_description),
	{ RNDIS_OID_GEN_CURRENT_PACKET_FILTER, "OID_GEN_CURRENT_PACKET_FILTER", v_filter, NULL,
	  s_filter, 4 },
	VALUE(GEN_CURRENT_LOOKAHEAD, v_mtu),
	VALUE(GEN_DRIVER_VERSION, v_driver_version),
	VALUE(GEN_MAXIMUM_TOTAL_SIZE, v_frame_mtu),
	VALUE(GEN_MAC_OPTIONS, v_mac_options),
	VALUE(GEN_MEDIA_CONNECT_STATUS, v_media_state),
	VALUE(GEN_MAXIMUM_SEND_PACKETS, v_send_packets),
	VALUE(GEN_VENDOR_DRIVER_VERSION, v_driver_version),
	SET(GEN_NETWORK_LAYER_ADDRESSES, s_ignore, 0),
	QUERY(GEN_RECEIVE_SCALE_CAPABILITIES, oid_rss_capabilities),
	SET(GEN_RECEIVE_SCALE_PARAMETERS, oid_rss_parameters, NDIS_RSS_PARAMETERS_SIZE_2),
	QUERY(GEN_MAX_LINK_SPEED, q_max_link_speed),
	QUERY(GEN_LINK_STATE, q_link_state),
	SET(GEN_LINK_PARAMETERS, s_ignore, 0),
	SET(GEN_RNDIS_CONFIG_PARAMETER, oid_config_parameter, sizeof(struct ndis_config_parameter)),
	QUERY(GEN_XMIT_OK, q_xmit_ok),
	QUERY(GEN_RCV_OK, q_rcv_ok),
	QUERY(GEN_XMIT_ERROR, q_xmit_error),
	QUERY(GEN_RCV_ERROR, q_rcv_error),
	QUERY(GEN_RCV_NO_BUFFER, q_no_buffer),
	QUERY(GEN_FRIENDLY_NAME, q_friendly_name),
	QUERY(GEN_BYTES_RCV, q_bytes_rcv),
	QUERY(GEN_BYTES_XMIT, q_bytes_xmit),
	QUERY(802_3_PERMANENT_ADDRESS, q_permanent_mac),
	QUERY(802_3_CURRENT_ADDRESS, q_current_mac),
	{ RNDIS_OID_802_3_MULTICAST_LIST, "OID_802_3_MULTICAST_LIST", NULL, q_empty, s_multicast, 0 },
	VALUE(802_3_MAXIMUM_LIST_SIZE, v_zero),
	SET(OFFLOAD_ENCAPSULATION, oid_offload_encapsulation,
	    sizeof(struct ndis_offload_encapsulation)),
	QUERY(TCP_OFFLOAD_CURRENT_CONFIG, oid_offload_current),
	SET(TCP_OFFLOAD_PARAMETERS, oid_offload_parameters, NDIS_OFFLOAD_PARAMETERS_SIZE_1),
	QUERY(TCP_OFFLOAD_HARDWARE_CAPABILITIES, oid_offload_capabilities),
};

static u32 q_supported(struct nic_queue *q, const void *in, u32 in_len,
		       void *out, u32 *out_len)
{
	__le32 list[ARRAY_SIZE(oids)];
	size_t i;

	(void)q;
	(void)in;
	(void)in_len;
	for (i = 0; i < ARRAY_SIZE(oids); i++)
		list[i] = cpu_to_le32(oids[i].oid);
	return answer(out, out_len, list, sizeof(list));
}

static const struct oid *find(u32 number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(oids); i++)
		if (oids[i].oid == number)
			return &oids[i];
	return NULL;
}

u32 oid_query(struct nic_queue *q, u32 number, const void *in, u32 in_len,
	      void *out, u32 *out_len)
{
	const struct oid *oid = find(number);
	__le32 value;

	if (oid && oid->value) {
		value = cpu_to_le32(oid->value(q->nic));
		return answer(out, out_len, &value, sizeof(value));
	}
	if (oid && oid->query)
		return oid->query(q, in, in_len, out, out_len);
	return RNDIS_STATUS_NOT_SUPPORTED;
}

u32 oid_set(struct nic_queue *q, u32 number, const void *in, u32 in_len)
{
	const struct oid *oid = find(number);
	char where[64];

	if (!oid || !oid->set)
		return RNDIS_STATUS_NOT_SUPPORTED;
	if (in_len < oid->set_least) {
		snprintf(where, sizeof(where), "SET %s", oid->name);
		nic_violation(q, "oid.length", where, "I.2 13",
			      "length: wanted at least %u, came %u", oid->set_least, in_len);
		return RNDIS_STATUS_INVALID_LENGTH;
	}
	return oid->set(q, in, in_len);
}
