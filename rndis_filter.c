// SPDX-License-Identifier: GPL-2.0
/*
 * The RNDIS control plane: requests and their answers, what is asked of the
 * host and what it indicates by itself.
 *
 * A request is built in one of a few pages of the connection. The page is free
 * again when the host has completed its packet, which has nothing to do with
 * the answer: that comes as a received control message of its own. A request
 * that is given up keeps its page until then, and its late answer finds nobody
 * waiting for its id.
 */
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/wait.h>

#include "hyperv_net.h"
#include "netvsc_trace.h"

/* What hosts were seen to be told; they ignore it (E.3) */
#define MAX_XFER_SIZE		SZ_16K

/* Hosts may answer with a later revision than was asked for, which is longer */
#define OFFLOAD_ANSWER_MAX	256
/* How often the stack is told of other offloads, however often the host changes them */
#define OFFLOADS_PACE		HZ

/* Control pages follow the NVSP request among a connection's transaction ids */
#define CTRL_NR_PAGE0		1

/* Sending */

static bool pages_busy(const struct netvsc_conn *conn, unsigned long mask)
{
	return (READ_ONCE(conn->ctrl_busy) & mask) == mask;
}

/* Wait until the host has completed the packet of one of these pages */
static int pages_wait(struct netvsc_conn *conn, unsigned long mask,
		      const char *what)
{
	int err = 0;

	while (pages_busy(conn, mask) && !err) {
		if (!wait_event_timeout(conn->ctrl_idle,
					!pages_busy(conn, mask), HZ))
			err = netvsc_conn_overdue(conn, what);
		netvsc_conn_let_rtnl_go(conn);
	}
	return err;
}

/* Return: number of a page that the host does not use, or -errno */
static int page_get(struct netvsc_conn *conn)
{
	int err = netvsc_conn_error(conn);

	if (!err)
		err = pages_wait(conn, BIT(NETVSC_CTRL_PAGES) - 1,
				 "RNDIS control packets");
	return err ?: find_first_zero_bit(&conn->ctrl_busy, NETVSC_CTRL_PAGES);
}

/* The host is done with page @nr, or never gets it. One only is told so, also when
 * it completes what was not sent. Return: whether the page was sent with @id.
 */
static bool page_done(struct netvsc_conn *conn, int nr, u64 id)
{
	if (cmpxchg(&conn->ctrl_id[nr], id, 0) != id)
		return false;
	netvsc_bounce_end(conn->adapter->hdev, &conn->ctrl_bounced[nr]);
	/* Only then may the page be taken again */
	smp_mb__before_atomic();
	clear_bit(nr, &conn->ctrl_busy);
	wake_up(&conn->ctrl_idle);
	return true;
}

static int page_fill(struct netvsc_conn *conn, int nr, u32 len)
{
	phys_addr_t addr = virt_to_phys(conn->ctrl_page[nr]);
	struct netvsc_pages *pages = &conn->ctrl_pages;

	netvsc_pages_init(pages);
	if (netvsc_conn_primary(conn)->tx.bounced)
		return netvsc_bounce_add(conn->adapter->hdev,
					 &conn->ctrl_bounced[nr], pages, addr,
					 len);
	netvsc_pages_add(pages, addr, len);
	return 0;
}

/* Send @len bytes of page @nr, which the host owns from here */
static int page_send(struct netvsc_conn *conn, int nr, u32 len)
{
	struct netvsc_queue *queue = netvsc_conn_primary(conn);
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET),
		.rndis_packet.channel_type = cpu_to_le32(NVSP_RNDIS_CONTROL),
		.rndis_packet.section_index = cpu_to_le32(NVSP_SECTION_NONE),
	};
	u64 id = netvsc_conn_ctrl_id(conn, CTRL_NR_PAGE0 + nr);
	int err;

	/* Bounce memory comes back by itself: data packets have it */
	while ((err = page_fill(conn, nr, len)) == -ENOMEM) {
		err = netvsc_conn_overdue(conn, "RNDIS control packets: memory to bounce is short");
		if (err)
			return err;
		usleep_range(500, 1000);
	}
	if (err)
		return err;
	conn->ctrl_id[nr] = id;
	/* The id before the bit: rndis_filter_sent() reads them in turn */
	smp_wmb();
	set_bit(nr, &conn->ctrl_busy);

	trace_rndis_send(queue, conn->ctrl_page[nr]);
	/* A full ring empties by itself: data packets are in it */
	while ((err = netvsc_chan_send_pages(queue, &conn->ctrl_pages, &msg,
					     id)) == -EAGAIN) {
		err = netvsc_conn_overdue(conn, "RNDIS control packets: the ring is full");
		if (err)
			break;
		usleep_range(500, 1000);
	}
	/* Only a full ring is sure not to have taken it */
	if (err == -ETIMEDOUT)
		page_done(conn, nr, id);
	return err;
}

/**
 * rndis_filter_sent() - a control packet was completed: one of our pages?
 * @conn: connection
 * @id: transaction id of the completion
 *
 * Context: NAPI of the primary channel.
 * Return: whether it was.
 */
bool rndis_filter_sent(struct netvsc_conn *conn, u64 id)
{
	u32 nr = lower_32_bits(id) - (NETVSC_SLOTS + 1 + CTRL_NR_PAGE0);

	if (nr >= NETVSC_CTRL_PAGES || !test_bit(nr, &conn->ctrl_busy))
		return false;
	smp_rmb(); /* pairs with page_send() */
	return page_done(conn, nr, id);
}

/* Requests */

static u32 new_request_id(struct netvsc_conn *conn)
{
	if (!++conn->next_request)
		conn->next_request = 1;
	return conn->next_request;
}

/* From here an answer to @id is taken */
static void request_arm(struct netvsc_conn *conn, u32 id, u32 type, void *info,
			u32 info_len)
{
	struct netvsc_request *request = &conn->request;

	reinit_completion(&request->done);
	spin_lock_bh(&conn->reply_lock);
	request->id = id;
	request->type = type;
	request->info = info;
	request->info_len = info_len;
	spin_unlock_bh(&conn->reply_lock);
}

/* From here none is, and nobody writes to the waiter's memory */
static void request_disarm(struct netvsc_conn *conn)
{
	spin_lock_bh(&conn->reply_lock);
	conn->request.id = 0;
	conn->request.info = NULL;
	spin_unlock_bh(&conn->reply_lock);
}

static int status_to_errno(u32 status)
{
	switch (status) {
	case RNDIS_STATUS_SUCCESS:
		return 0;
	case RNDIS_STATUS_NOT_SUPPORTED:
	case RNDIS_STATUS_INVALID_OID:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

/* Send the @len bytes built in page @nr and wait for the answer */
static int request_run(struct netvsc_conn *conn, int nr, int len,
		       const char *what)
{
	int err = len < 0 ? len : page_send(conn, nr, len);

	if (!err)
		err = netvsc_conn_wait(conn, &conn->request.done, what);
	request_disarm(conn);
	return err ?: status_to_errno(conn->request.cmplt.status);
}

/* Return: 0 with *@info_len bytes in @info; -EOPNOTSUPP, -EIO the host refused;
 * or as netvsc_conn_error()
 */
static int rndis_query(struct netvsc_conn *conn, u32 oid, const void *in,
		       u32 in_len, void *info, u32 *info_len)
{
	u32 id = new_request_id(conn);
	int nr = page_get(conn);
	char what[32];
	int err, len;

	if (nr < 0)
		return nr;
	snprintf(what, sizeof(what), "RNDIS QUERY 0x%08x", oid);
	request_arm(conn, id, RNDIS_MSG_QUERY_CMPLT, info, *info_len);
	len = rndis_wire_put_query(conn->ctrl_page[nr], PAGE_SIZE, id, oid, in,
				   in_len);
	err = request_run(conn, nr, len, what);
	if (!err)
		*info_len = conn->request.info_len;
	return err;
}

static int rndis_set(struct netvsc_conn *conn, u32 oid, const void *info,
		     u32 info_len)
{
	u32 id = new_request_id(conn);
	int nr = page_get(conn);
	char what[32];
	int len;

	if (nr < 0)
		return nr;
	snprintf(what, sizeof(what), "RNDIS SET 0x%08x", oid);
	request_arm(conn, id, RNDIS_MSG_SET_CMPLT, NULL, 0);
	len = rndis_wire_put_set(conn->ctrl_page[nr], PAGE_SIZE, id, oid, info,
				 info_len);
	return request_run(conn, nr, len, what);
}

static int query_u32(struct netvsc_conn *conn, u32 oid, u32 *value)
{
	__le32 info = 0;
	u32 len = sizeof(info);
	int err;

	err = rndis_query(conn, oid, NULL, 0, &info, &len);
	if (!err && ndis_wire_u32(&info, len, value))
		err = -EPROTO;
	return err;
}

/* What is asked and said */

/**
 * rndis_filter_init() - RNDIS INITIALIZE, and what the host takes in a batch
 * @conn: connection whose buffers are shared
 *
 * Return: 0, -EIO, or as netvsc_conn_error().
 */
int rndis_filter_init(struct netvsc_conn *conn)
{
	const struct rndis_completion *cmplt = &conn->request.cmplt;
	u32 id = new_request_id(conn);
	int nr = page_get(conn);
	int err, len;

	if (nr < 0)
		return nr;
	request_arm(conn, id, RNDIS_MSG_INITIALIZE_CMPLT, NULL, 0);
	len = rndis_wire_put_initialize(conn->ctrl_page[nr], PAGE_SIZE, id,
					MAX_XFER_SIZE);
	err = request_run(conn, nr, len, "RNDIS INITIALIZE");
	if (err)
		return err;

	conn->max_packets = cmplt->max_packets;
	conn->pkt_align = BIT(cmplt->alignment_factor);
	conn->max_xfer = cmplt->max_xfer_size;
	/* Too small to mean anything (I.1 rule 29) */
	if (conn->max_xfer < conn->mtu + VLAN_ETH_HLEN + RNDIS_TX_HDR_MAX) {
		conn->max_packets = 1;
		conn->max_xfer = U32_MAX;
	}
	return 0;
}

/**
 * rndis_filter_set_packet_filter() - what the host lets through to us
 * @conn: connection
 * @filter: NDIS_PACKET_TYPE_*, 0 for nothing
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0, -EIO, or as netvsc_conn_error().
 */
int rndis_filter_set_packet_filter(struct netvsc_conn *conn, u32 filter)
{
	__le32 info = cpu_to_le32(filter);
	int err;

	err = netvsc_conn_error(conn);
	if (err || conn->filter == filter)
		return err;
	conn->filter = NETVSC_FILTER_UNKNOWN;
	err = rndis_set(conn, RNDIS_OID_GEN_CURRENT_PACKET_FILTER, &info,
			sizeof(info));
	if (!err)
		conn->filter = filter;
	return err;
}

/**
 * rndis_filter_query_mac() - the NIC's permanent address
 * @conn: connection
 * @mac: ETH_ALEN bytes
 *
 * Return: 0, -EPROTO when the host's answer is no address of a NIC, or as
 * netvsc_conn_error().
 */
int rndis_filter_query_mac(struct netvsc_conn *conn, u8 *mac)
{
	u32 len = ETH_ALEN;
	int err;

	err = rndis_query(conn, RNDIS_OID_802_3_PERMANENT_ADDRESS, NULL, 0, mac,
			  &len);
	if (!err && (len != ETH_ALEN || !is_valid_ether_addr(mac)))
		err = -EPROTO;
	return err;
}

/**
 * rndis_filter_set_mac() - the address that the host takes for ours
 * @conn: connection
 * @mac: ETH_ALEN bytes
 *
 * Return: 0, -EIO the host allows no other, or as netvsc_conn_error().
 */
int rndis_filter_set_mac(struct netvsc_conn *conn, const u8 *mac)
{
	u8 obj[NDIS_MAC_PARAM_LEN];
	int len = ndis_wire_put_mac_param(obj, sizeof(obj), mac);

	if (len < 0)
		return len;
	return rndis_set(conn, RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER, obj, len);
}

/**
 * rndis_filter_query_mtu() - the IP MTU that the host made of what it was told
 * @conn: connection
 * @mtu: bytes
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0, -EIO, -EPROTO, or as netvsc_conn_error().
 */
int rndis_filter_query_mtu(struct netvsc_conn *conn, u32 *mtu)
{
	return query_u32(conn, RNDIS_OID_GEN_MAXIMUM_FRAME_SIZE, mtu);
}

/**
 * rndis_filter_query_name() - the name that the host's owner gave the card
 * @conn: connection
 * @name: the name, UTF-8
 * @size: bytes there
 *
 * Return: 0, -EPROTO, -EOPNOTSUPP, -EIO, or as netvsc_conn_error().
 */
int rndis_filter_query_name(struct netvsc_conn *conn, char *name, u32 size)
{
	u8 obj[NDIS_NAME_LEN];
	u32 len = sizeof(obj);
	int err;

	err = rndis_query(conn, RNDIS_OID_GEN_FRIENDLY_NAME, NULL, 0, obj,
			  &len);
	if (!err && ndis_wire_name(obj, len, name, size))
		err = -EPROTO;
	return err;
}

/**
 * rndis_filter_query_link() - whether there is a link
 * @conn: connection
 * @up: filled in; a host that does not say is taken to have one
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0, -EIO, -EPROTO, or as netvsc_conn_error().
 */
int rndis_filter_query_link(struct netvsc_conn *conn, bool *up)
{
	u32 state = RNDIS_MEDIA_STATE_DISCONNECTED;
	int err;

	err = query_u32(conn, RNDIS_OID_GEN_MEDIA_CONNECT_STATUS, &state);
	*up = err || state == RNDIS_MEDIA_STATE_CONNECTED;
	return err;
}

/**
 * rndis_filter_query_speed() - speed of the link
 * @conn: connection
 * @mbps: Mb/s
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0, -EIO, -EPROTO, or as netvsc_conn_error().
 */
int rndis_filter_query_speed(struct netvsc_conn *conn, u32 *mbps)
{
	u32 units;
	int err;

	err = query_u32(conn, RNDIS_OID_GEN_LINK_SPEED, &units);
	if (!err)
		*mbps = units / (1000000 / RNDIS_LINK_SPEED_UNIT);
	return err;
}

/* Offloads */

/* Each generation of hosts knows its own revision of the object (E.8) */
static void offload_header(const struct netvsc_conn *conn,
			   struct ndis_object_header *hdr)
{
	hdr->type = NDIS_OBJECT_TYPE_OFFLOAD;
	if (conn->version >= NVSP_PROTOCOL_VERSION_5) {
		hdr->revision = NDIS_OFFLOAD_REVISION_3;
		hdr->size = cpu_to_le16(NDIS_OFFLOAD_SIZE_3);
	} else if (conn->version >= NVSP_PROTOCOL_VERSION_4) {
		hdr->revision = NDIS_OFFLOAD_REVISION_2;
		hdr->size = cpu_to_le16(NDIS_OFFLOAD_SIZE_2);
	} else {
		hdr->revision = NDIS_OFFLOAD_REVISION_1;
		hdr->size = cpu_to_le16(NDIS_OFFLOAD_SIZE_1);
	}
}

static int query_offloads(struct netvsc_conn *conn,
			  struct ndis_offload_caps *caps)
{
	struct ndis_offload obj = {};
	u8 answer[OFFLOAD_ANSWER_MAX];
	u32 len = sizeof(answer);
	int err;

	offload_header(conn, &obj.hdr);
	err = rndis_query(conn, RNDIS_OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES,
			  &obj, le16_to_cpu(obj.hdr.size), answer, &len);
	if (err)
		return err;
	return ndis_wire_offload(answer, len, conn->mtu, caps) ? -EPROTO : 0;
}

static u8 csum_param(bool tx, bool rx)
{
	if (tx && rx)
		return NDIS_OFFLOAD_PARAM_CSUM_BOTH;
	if (tx)
		return NDIS_OFFLOAD_PARAM_CSUM_TX;
	return rx ? NDIS_OFFLOAD_PARAM_CSUM_RX : NDIS_OFFLOAD_PARAM_CSUM_OFF;
}

static u8 switch_param(bool on)
{
	return on ? NDIS_OFFLOAD_PARAM_ON : NDIS_OFFLOAD_PARAM_OFF;
}

/**
 * rndis_filter_set_offloads() - switch on what the host can do
 * @conn: connection
 * @caps: what it can do and now does; all zero on an error
 *
 * Return: 0, -EPROTO, -EOPNOTSUPP, -EIO, or as netvsc_conn_error().
 */
int rndis_filter_set_offloads(struct netvsc_conn *conn,
			      struct ndis_offload_caps *caps)
{
	struct ndis_offload_parameters obj = {};
	bool v5 = conn->version >= NVSP_PROTOCOL_VERSION_5;
	u32 size = v5 ? NDIS_OFFLOAD_PARAMETERS_SIZE_3 :
			NDIS_OFFLOAD_PARAMETERS_SIZE_2;
	int err;

	*caps = (struct ndis_offload_caps) {};
	err = query_offloads(conn, caps);
	if (err)
		goto none;

	obj.hdr.type = NDIS_OBJECT_TYPE_DEFAULT;
	obj.hdr.revision = v5 ? NDIS_OFFLOAD_PARAMETERS_REVISION_3 :
				NDIS_OFFLOAD_PARAMETERS_REVISION_2;
	obj.hdr.size = cpu_to_le16(size);
	obj.ipv4_csum = NDIS_OFFLOAD_PARAM_CSUM_OFF;
	obj.tcp_ipv4_csum = csum_param(caps->ipv4_tx & NDIS_CSUM_IPV4_TCP,
				       caps->ipv4_rx & NDIS_CSUM_IPV4_TCP);
	obj.udp_ipv4_csum = csum_param(caps->ipv4_tx & NDIS_CSUM_IPV4_UDP,
				       caps->ipv4_rx & NDIS_CSUM_IPV4_UDP);
	obj.tcp_ipv6_csum = csum_param(caps->ipv6_tx & NDIS_CSUM_IPV6_TCP,
				       caps->ipv6_rx & NDIS_CSUM_IPV6_TCP);
	obj.udp_ipv6_csum = csum_param(caps->ipv6_tx & NDIS_CSUM_IPV6_UDP,
				       caps->ipv6_rx & NDIS_CSUM_IPV6_UDP);
	obj.lso_v2_ipv4 = switch_param(caps->lso_ipv4.max_size);
	obj.lso_v2_ipv6 = switch_param(caps->lso_ipv6.max_size);
	/* Both or none: there is one switch for it here */
	if (conn->version < NVSP_PROTOCOL_VERSION_61 || !caps->rsc_ipv4 ||
	    !caps->rsc_ipv6) {
		caps->rsc_ipv4 = false;
		caps->rsc_ipv6 = false;
	}
	conn->rsc = caps->rsc_ipv4 && conn->adapter->rsc_wanted;
	if (v5) {
		obj.rsc_ipv4 = switch_param(conn->rsc);
		obj.rsc_ipv6 = switch_param(conn->rsc);
	}

	err = rndis_set(conn, RNDIS_OID_TCP_OFFLOAD_PARAMETERS, &obj, size);
	if (!err)
		return 0;
none:
	conn->rsc = false;
	*caps = (struct ndis_offload_caps) {};
	return err;
}

/* Receive side scaling */

/**
 * rndis_filter_query_rss() - what the host can do about RSS
 * @conn: connection of version 5 at least
 * @caps: that
 *
 * Return: 0, -EPROTO, -EOPNOTSUPP, -EIO, or as netvsc_conn_error().
 */
int rndis_filter_query_rss(struct netvsc_conn *conn, struct ndis_rss_caps *caps)
{
	const struct ndis_object_header in = {
		.type = NDIS_OBJECT_TYPE_RSS_CAPABILITIES,
		.revision = NDIS_RSS_CAPABILITIES_REVISION_2,
		.size = cpu_to_le16(NDIS_RSS_CAPABILITIES_SIZE_2),
	};
	u8 answer[OFFLOAD_ANSWER_MAX];
	u32 len = sizeof(answer);
	int err;

	err = rndis_query(conn, RNDIS_OID_GEN_RECEIVE_SCALE_CAPABILITIES, &in,
			  sizeof(in), answer, &len);
	if (err)
		return err;
	return ndis_wire_rss_caps(answer, len, caps) ? -EPROTO : 0;
}

/**
 * rndis_filter_set_rss() - RSS parameters
 * @conn: connection whose host has RSS
 * @rss: the parameters; every channel in its table is open
 *
 * Return: 0, -EINVAL, -EIO, or as netvsc_conn_error().
 */
int rndis_filter_set_rss(struct netvsc_conn *conn, const struct ndis_rss *rss)
{
	u8 obj[NDIS_RSS_PARAM_LEN(NDIS_RSS_INDIRECTION_MAX)];
	int len = ndis_wire_put_rss(obj, sizeof(obj), rss);

	if (len < 0)
		return len;
	return rndis_set(conn, RNDIS_OID_GEN_RECEIVE_SCALE_PARAMETERS, obj,
			 len);
}

/**
 * rndis_filter_set_rsc() - have the host coalesce, or not
 * @conn: connection of version 6.1
 * @on: whether to
 *
 * Return: 0, -EPROTO, -EOPNOTSUPP, -EIO, or as netvsc_conn_error().
 */
int rndis_filter_set_rsc(struct netvsc_conn *conn, bool on)
{
	/* All that is 0 stays as it is */
	const struct ndis_offload_parameters obj = {
		.hdr.type = NDIS_OBJECT_TYPE_DEFAULT,
		.hdr.revision = NDIS_OFFLOAD_PARAMETERS_REVISION_3,
		.hdr.size = cpu_to_le16(NDIS_OFFLOAD_PARAMETERS_SIZE_3),
		.rsc_ipv4 = switch_param(on),
		.rsc_ipv6 = switch_param(on),
	};

	return rndis_set(conn, RNDIS_OID_TCP_OFFLOAD_PARAMETERS, &obj,
			 NDIS_OFFLOAD_PARAMETERS_SIZE_3);
}

/**
 * rndis_filter_answer_keepalive() - answer the host's KEEPALIVE
 * @conn: connection
 * @request_id: its id
 */
void rndis_filter_answer_keepalive(struct netvsc_conn *conn, u32 request_id)
{
	int nr = page_get(conn);
	int len;

	if (nr < 0)
		return;
	len = rndis_wire_put_keepalive_cmplt(conn->ctrl_page[nr], PAGE_SIZE,
					     request_id);
	if (len > 0)
		page_send(conn, nr, len);
}

/**
 * rndis_filter_halt() - end the RNDIS session
 * @conn: connection
 *
 * There is no answer; the completion of the packet says that the host has it.
 */
void rndis_filter_halt(struct netvsc_conn *conn)
{
	int nr = page_get(conn);
	int len;

	if (nr < 0)
		return;
	len = rndis_wire_put_halt(conn->ctrl_page[nr], PAGE_SIZE,
				  new_request_id(conn));
	if (len > 0 && !page_send(conn, nr, len))
		pages_wait(conn, BIT(nr), "RNDIS HALT");
}

/* What arrives */

static bool receive_completion(struct netvsc_conn *conn, const void *msg,
			       u32 len)
{
	struct netvsc_request *request = &conn->request;
	struct rndis_completion cmplt;
	bool match;

	if (rndis_wire_complete(msg, len, &cmplt))
		return false;

	spin_lock(&conn->reply_lock);
	match = request->id && request->id == cmplt.request_id &&
		request->type == cmplt.type;
	if (match) {
		request->id = 0;
		request->cmplt = cmplt;
		request->info_len = min(request->info_len, cmplt.info_len);
		if (request->info_len)
			memcpy(request->info, msg + cmplt.info_off,
			       request->info_len);
		complete(&request->done);
	}
	spin_unlock(&conn->reply_lock);
	return match;
}

/* What is switched on, after each change: ours as well. A host that has switched off by
 * itself what was on once is to be asked for it no more; one that says nothing of some is
 * taken at its word when it was asked. Return: false when it is malformed.
 */
static bool receive_offloads(struct netvsc_conn *conn, const void *buf, u32 len)
{
	struct ndis_offload_caps caps;
	u8 obj[OFFLOAD_ANSWER_MAX];
	u32 on, lost;

	len = min_t(u32, len, sizeof(obj));
	memcpy(obj, buf, len);
	if (ndis_wire_offload(obj, len, conn->mtu, &caps))
		return false;
	on = netvsc_offloads(&caps);
	conn->offloads_seen |= on;
	lost = conn->offloads_seen & ~on;
	if (lost == conn->offloads_lost)
		return true;
	WRITE_ONCE(conn->offloads_lost, lost);
	netvsc_kick_rtnl(conn->adapter, NETVSC_EVENT_OFFLOADS, OFFLOADS_PACE);
	return true;
}

static bool receive_indication(struct netvsc_conn *conn, const void *msg,
			       u32 len)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct rndis_indication ind;
	bool up;

	if (rndis_wire_indicate(msg, len, &ind))
		return false;

	switch (ind.status) {
	case RNDIS_STATUS_MEDIA_CONNECT:
	case RNDIS_STATUS_MEDIA_DISCONNECT:
		up = ind.status == RNDIS_STATUS_MEDIA_CONNECT;
		/* In one piece for who asks at the same time: netvsc_ask_host() */
		spin_lock(&conn->reply_lock);
		WRITE_ONCE(adapter->link_up, up);
		if (!up)
			set_bit(NETVSC_EVENT_FELL, &adapter->events);
		netvsc_kick(adapter, NETVSC_EVENT_LINK, 0);
		spin_unlock(&conn->reply_lock);
		break;
	case RNDIS_STATUS_NETWORK_CHANGE:
		netvsc_kick(adapter, NETVSC_EVENT_BOUNCE, 0);
		break;
	case RNDIS_STATUS_LINK_SPEED_CHANGE:
		netvsc_kick(adapter, NETVSC_EVENT_SPEED, 0);
		break;
	case RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG:
		return receive_offloads(conn, msg + ind.buf_off, ind.buf_len);
	default:
		/* Others are for information (E.14) */
		break;
	}
	return true;
}

static bool receive_keepalive(struct netvsc_conn *conn, const void *msg,
			      u32 len)
{
	u32 id;

	if (rndis_wire_keepalive(msg, len, &id))
		return false;
	/* In one piece for host_work, or this one is answered twice */
	spin_lock(&conn->reply_lock);
	conn->adapter->keepalive_id = id;
	netvsc_kick(conn->adapter, NETVSC_EVENT_KEEPALIVE, 0);
	spin_unlock(&conn->reply_lock);
	return true;
}

/**
 * rndis_filter_receive() - a control message came
 * @conn: connection
 * @msg: the message, in memory that the host can write
 * @len: bytes of the range it stands in
 *
 * Context: NAPI of the primary channel.
 * Return: false when it is malformed, unknown, or an answer that nobody waits
 * for.
 */
bool rndis_filter_receive(struct netvsc_conn *conn, const void *msg, u32 len)
{
	u32 type, msg_len;

	len = min_t(u32, len, sizeof(conn->ctrl_msg));
	memcpy(conn->ctrl_msg, msg, len);
	/* The trace shows what stands behind a header, be it there or not */
	if (len < sizeof(struct rndis_halt))
		memset(conn->ctrl_msg + len, 0, sizeof(struct rndis_halt) - len);
	msg = conn->ctrl_msg;
	if (rndis_wire_type(msg, len, &type, &msg_len))
		return false;

	trace_rndis_recv(netvsc_conn_primary(conn), msg);
	switch (type) {
	case RNDIS_MSG_INDICATE_STATUS:
		return receive_indication(conn, msg, len);
	case RNDIS_MSG_KEEPALIVE:
		return receive_keepalive(conn, msg, len);
	default:
		return receive_completion(conn, msg, len);
	}
}
