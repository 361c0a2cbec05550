// SPDX-License-Identifier: GPL-2.0
/*
 * Spreading flows over the queues. Received packets the host spreads: by a hash
 * with our key and a table of ours (Documentation/protocol.md E.6, E.7). Sent
 * packets go where their socket, XPS or the queue they came from says; what is
 * left is spread by a table of the host's (D.8).
 *
 * Both tables name only queues in use, whatever the user or the host put in.
 */
#include <linux/ethtool.h>
#include <linux/if_vlan.h>
#include <linux/in.h>
#include <linux/skbuff.h>
#include <net/flow_dissector.h>
#include <net/sock.h>

#include "hyperv_net.h"

/* The key that all hosts and guests of this kind use (E.7) */
static const char default_key[] =
	"\x6d\x5a\x56\xda\x25\x5b\x0e\xc2\x41\x67\x25\x3d\x43\xa3\x8f\xb0"
	"\xd0\xca\x2b\xcb\xae\x7b\x30\xb4\x77\xcb\x2d\xa3\x80\x30\xf2\x0c"
	"\x6a\x42\xb7\x3b\xbe\xac\x01\xfa";
static_assert(sizeof(default_key) == NDIS_RSS_KEY_LEN + 1);

/* Receive */

/**
 * netvsc_rss_init() - defaults of a new adapter
 * @adapter: adapter
 */
void netvsc_rss_init(struct netvsc_adapter *adapter)
{
	memcpy(adapter->rss.key, default_key, NDIS_RSS_KEY_LEN);
	adapter->rss.ports = NETVSC_FLOW_ALL;
	adapter->host_queues = 1;
	spin_lock_init(&adapter->table_lock);
	netvsc_tx_table_reset(adapter);
}

/**
 * netvsc_rss_ask() - how many queues there can be
 * @conn: connection with its RNDIS session
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0, or as netvsc_conn_error(); a host that has none gives one queue.
 */
int netvsc_rss_ask(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct netvsc_rss *rss = &adapter->rss;
	struct ndis_rss_caps caps = {};

	rss->on = false;
	if (conn->version >= NVSP_PROTOCOL_VERSION_5 &&
	    rndis_filter_query_rss(conn, &caps)) {
		/* What the last connection had is shown until another one has said
		 * what it has
		 */
		if (netvsc_conn_error(conn))
			return netvsc_conn_error(conn);
		caps = (struct ndis_rss_caps) {};
	}
	rss->entries = caps.usable ? caps.entries : 0;
	rss->caps = caps.usable ? caps.flags : 0;
	adapter->host_queues = caps.usable ?
		min_t(u32, caps.queues, NVSP_MAX_CHANNELS) : 1;
	return 0;
}

/* What the host is to hash, of what it can */
static u32 hash_info(const struct netvsc_rss *rss)
{
	u32 info = NDIS_HASH_FUNCTION_TOEPLITZ | NDIS_HASH_IPV4 |
		   NDIS_HASH_IPV6;

	if (rss->ports & NETVSC_FLOW_TCP4)
		info |= NDIS_HASH_TCP_IPV4;
	if (rss->ports & NETVSC_FLOW_TCP6)
		info |= NDIS_HASH_TCP_IPV6;
	if ((rss->ports & NETVSC_FLOW_UDP4) &&
	    (rss->caps & NDIS_RSS_CAPS_HASH_UDP_IPV4))
		info |= NDIS_HASH_UDP_IPV4;
	if ((rss->ports & NETVSC_FLOW_UDP6) &&
	    (rss->caps & NDIS_RSS_CAPS_HASH_UDP_IPV6))
		info |= NDIS_HASH_UDP_IPV6;
	return info;
}

/**
 * netvsc_rss_entry() - the queue that an entry of the table stands for
 * @adapter: adapter
 * @i: entry
 *
 * Context: RTNL or conn_lock.
 * Return: one in use; the user's table may be from a time with more of them.
 */
u32 netvsc_rss_entry(const struct netvsc_adapter *adapter, u32 i)
{
	return adapter->rss.table[i] % adapter->num_queues;
}

static int send_rss(struct netvsc_conn *conn, u32 queues)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct netvsc_rss *rss = &adapter->rss;
	struct ndis_rss param = { .entries = rss->entries };
	int err;
	u32 i;

	memcpy(param.key, rss->key, sizeof(param.key));
	for (i = 0; i < rss->entries; i++) {
		u32 queue = rss->table[i] % queues;

		param.table[i] = adapter->queues[queue]->channel;
	}
	/* Parameters that are in force are not replaced by every host */
	if (rss->on) {
		err = rndis_filter_set_rss(conn, &param);
		if (err)
			return err;
		rss->on = false;
	}
	param.hash_info = hash_info(rss);
	err = rndis_filter_set_rss(conn, &param);
	rss->on = !err;
	return err;
}

/**
 * netvsc_rss_apply() - have the host spread over the first so many queues
 * @conn: connection
 * @queues: number of them; their channels are open
 *
 * By the user's table, or by one that gives each of them the same share.
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0; -EOPNOTSUPP it has no RSS; -EIO it refused; or as
 * netvsc_conn_error().
 */
int netvsc_rss_apply(struct netvsc_conn *conn, u32 queues)
{
	struct netvsc_rss *rss = &conn->adapter->rss;
	u32 i;

	lockdep_assert_held(&conn->adapter->conn_lock);
	if (!rss->entries)
		return -EOPNOTSUPP;
	if (!netif_is_rxfh_configured(conn->adapter->ndev)) {
		for (i = 0; i < NDIS_RSS_INDIRECTION_MAX; i++)
			rss->table[i] = ethtool_rxfh_indir_default(i, queues);
	}
	return send_rss(conn, queues);
}

/* Whether the host was told all of it already */
static bool is_told(const struct netvsc_rss *old, const struct netvsc_rss *rss)
{
	return old->on && old->ports == rss->ports &&
	       !memcmp(old->key, rss->key, sizeof(rss->key)) &&
	       !memcmp(old->table, rss->table, sizeof(rss->table));
}

/**
 * netvsc_rss_change() - other parameters, at the user's wish
 * @adapter: adapter
 * @rss: with another key, table or level than now
 * @extack: what the user is told about an error; may be NULL
 *
 * Context: process, RTNL; waits for the host.
 * Return: 0; -ENETDOWN there is no host; -EIO or -EOPNOTSUPP it refused; or as
 * netvsc_conn_error(). On an error all is as before.
 */
int netvsc_rss_change(struct netvsc_adapter *adapter,
		      const struct netvsc_rss *rss,
		      struct netlink_ext_ack *extack)
{
	struct netvsc_rss old = adapter->rss;
	struct netvsc_conn *conn;
	int err = 0;

	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	if (!conn) {
		NL_SET_ERR_MSG_MOD(extack, "no connection to the host");
		err = -ENETDOWN;
	} else {
		adapter->rss = *rss;
		netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
		/* With one queue the host has none until there are more */
		if (!is_told(&old, rss) && (old.on || adapter->num_queues > 1))
			err = send_rss(conn, adapter->num_queues);
		if (err == -EIO || err == -EOPNOTSUPP)
			NL_SET_ERR_MSG_MOD(extack, "the host refused");
		if (err) {
			old.on = adapter->rss.on;
			adapter->rss = old;
			/* If this fails, too, the next change tells all */
			send_rss(conn, adapter->num_queues);
		}
	}
	mutex_unlock(&adapter->conn_lock);
	return err;
}

/* Transmit */

/**
 * netvsc_tx_table_reset() - as long as the host has not said anything
 * @adapter: adapter
 *
 * Context: process.
 */
void netvsc_tx_table_reset(struct netvsc_adapter *adapter)
{
	u32 i;

	spin_lock_bh(&adapter->table_lock);
	for (i = 0; i < NETVSC_TX_ENTRIES; i++)
		adapter->host_table[i] = i;
	spin_unlock_bh(&adapter->table_lock);
}

/* The queue of a channel, or another one in use if it has none */
static u8 channel_queue(const struct netvsc_adapter *adapter, u8 channel,
			u32 queues)
{
	u32 i;

	for (i = 0; i < queues; i++) {
		if (adapter->queues[i]->channel == channel)
			return i;
	}
	return channel % queues;
}

/* Under table_lock; xmit reads without, one entry is as good as the other */
static void fill_tx_table(struct netvsc_adapter *adapter, u32 queues)
{
	u32 i;

	for (i = 0; i < NETVSC_TX_ENTRIES; i++)
		WRITE_ONCE(adapter->tx_table[i],
			   channel_queue(adapter, adapter->host_table[i],
					 queues));
}

/**
 * netvsc_tx_table_update() - other queues are in use now
 * @adapter: adapter
 * @queues: so many
 *
 * Context: process.
 */
void netvsc_tx_table_update(struct netvsc_adapter *adapter, u32 queues)
{
	spin_lock_bh(&adapter->table_lock);
	adapter->num_queues = queues;
	fill_tx_table(adapter, queues);
	spin_unlock_bh(&adapter->table_lock);
}

/**
 * netvsc_tx_table_receive() - the host says which channel it likes for what
 * @conn: connection
 * @pulled: its SEND_INDIRECTION_TABLE
 *
 * Context: NAPI of the primary channel.
 * Return: false when it is malformed.
 */
bool netvsc_tx_table_receive(struct netvsc_conn *conn,
			     const struct netvsc_pulled *pulled)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u8 table[NETVSC_TX_ENTRIES];

	/* Channels that are not open are told apart where the table is used */
	if (nvsp_wire_indirection(pulled->data, pulled->len, conn->version,
				  NVSP_MAX_CHANNELS, table))
		return false;
	spin_lock(&adapter->table_lock);
	memcpy(adapter->host_table, table, sizeof(table));
	fill_tx_table(adapter, adapter->num_queues);
	spin_unlock(&adapter->table_lock);
	return true;
}

static u32 keys_flow(const struct flow_keys *keys)
{
	bool v6 = keys->control.addr_type == FLOW_DISSECTOR_KEY_IPV6_ADDRS;

	switch (keys->basic.ip_proto) {
	case IPPROTO_TCP:
		return v6 ? NETVSC_FLOW_TCP6 : NETVSC_FLOW_TCP4;
	case IPPROTO_UDP:
		return v6 ? NETVSC_FLOW_UDP6 : NETVSC_FLOW_UDP4;
	default:
		return 0;
	}
}

/* Without the ports of flows that are not in @ports. Not inline: its memory would be
 * cleared for every packet.
 */
static noinline u32 tx_hash_some(struct sk_buff *skb, u32 ports)
{
	struct flow_keys keys;

	if (!skb_flow_dissect_flow_keys(skb, &keys, 0) ||
	    (ports & keys_flow(&keys)))
		return skb_get_hash(skb);
	keys.ports.ports = 0;
	/* The kernel makes one for each flow, and no host hashes it */
	keys.tags.flow_label = 0;
	return flow_hash_from_keys(&keys);
}

/* A hash at the level that the user wants for this kind of flow. Fragments of
 * one packet have the same: the core hashes no ports of them.
 */
static u32 tx_hash(const struct netvsc_adapter *adapter, struct sk_buff *skb)
{
	u32 ports = READ_ONCE(adapter->rss.ports);

	if (likely(ports == NETVSC_FLOW_ALL))
		return skb_get_hash(skb);
	return tx_hash_some(skb, ports);
}

static bool have_xps(const struct net_device *ndev)
{
#ifdef CONFIG_XPS
	return rcu_access_pointer(ndev->xps_maps[XPS_CPUS]) ||
	       rcu_access_pointer(ndev->xps_maps[XPS_RXQS]);
#else
	return false;
#endif
}

static u16 pick_queue(const struct netvsc_adapter *adapter,
		      struct sk_buff *skb, u32 queues)
{
	u32 queue;

	/* Forwarded: where it came in, so that flows stay on their CPU */
	if (skb_rx_queue_recorded(skb))
		queue = skb_get_rx_queue(skb);
	else
		queue = READ_ONCE(adapter->tx_table[tx_hash(adapter, skb) %
						    NETVSC_TX_ENTRIES]);
	return netvsc_within(queue, queues);
}

/**
 * netvsc_select_queue() - the queue for a packet
 * @ndev: our net_device
 * @skb: packet
 * @sb_dev: whose XPS maps count
 *
 * A flow stays on its queue until it has nothing under way, so that its packets
 * stay in order.
 *
 * Return: number of a queue in use.
 */
u16 netvsc_select_queue(struct net_device *ndev, struct sk_buff *skb,
			struct net_device *sb_dev)
{
	u32 queues = READ_ONCE(ndev->real_num_tx_queues);
	struct sock *sk = skb->sk;
	int old, queue;

	if (queues == 1)
		return 0;
	if (have_xps(ndev))
		return netdev_pick_tx(ndev, skb, sb_dev);

	old = sk_tx_queue_get(sk);
	if (old >= 0 && old < queues && !skb->ooo_okay)
		return old;
	queue = pick_queue(netdev_priv(ndev), skb, queues);
	if (queue != old && sk && sk_fullsock(sk) &&
	    rcu_access_pointer(sk->sk_dst_cache))
		sk_tx_queue_set(sk, queue);
	return queue;
}
