// SPDX-License-Identifier: GPL-2.0
/*
 * The net_device of a synthetic NIC: probe and remove, open and stop, and the
 * work that talks to the host when nobody waits for it.
 *
 * Probe lets RTNL go when the host takes its time. Remove stops what could start
 * new work first, then takes the net_device away from the stack, and only then
 * ends the connection.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/crash_dump.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "hyperv_net.h"

#define NETVSC_VERSION		"0.1.0"

/* Pages of 4 KiB, each way */
#define RING_SIZE_MIN		64
#define RING_SIZE_MAX		4096
#define LINK_PACE		(2 * HZ)
#define TX_TIMEOUT		(30 * HZ)
#define RETRY_PACE		(10 * HZ)
#define RX_COPYBREAK		256
/* A crash kernel has little memory, and needs no speed */
#define CRASH_RECV_BUF_LEN	SZ_1M
#define CRASH_SEND_BUF_LEN	SZ_256K
/* What Hyper-V calls a card that nobody gave a name */
#define DEFAULT_NAME		"Network Adapter"

static unsigned int ring_size = 128;
module_param(ring_size, uint, 0444);
MODULE_PARM_DESC(ring_size, "Ring buffer size (# of 4K pages)");

static int debug = -1;
module_param(debug, int, 0444);
MODULE_PARM_DESC(debug, "Debug level (0=none,...,16=all)");

static const u32 default_msg = NETIF_MSG_DRV | NETIF_MSG_PROBE |
			       NETIF_MSG_LINK | NETIF_MSG_IFUP |
			       NETIF_MSG_IFDOWN | NETIF_MSG_RX_ERR |
			       NETIF_MSG_TX_ERR;

static struct workqueue_struct *netvsc_wq;
static struct hv_driver netvsc_driver;

/* Events */

/* The bit in any case, the work unless the device goes. What is due before is not
 * put off: who has time looks again when the work comes too early for it.
 */
static void kick(struct netvsc_adapter *adapter, struct delayed_work *work,
		 unsigned long *due, enum netvsc_event_bit event,
		 unsigned long delay)
{
	unsigned long flags;

	set_bit(event, &adapter->events);
	spin_lock_irqsave(&adapter->kick_lock, flags);
	if (!adapter->dying && (!delayed_work_pending(work) ||
				time_before(jiffies + delay, *due))) {
		*due = jiffies + delay;
		mod_delayed_work(netvsc_wq, work, delay);
	}
	spin_unlock_irqrestore(&adapter->kick_lock, flags);
}

/**
 * netvsc_kick() - have the host work look at something
 * @adapter: adapter
 * @event: what
 * @delay: and when, jiffies
 *
 * Context: any.
 */
void netvsc_kick(struct netvsc_adapter *adapter, enum netvsc_event_bit event,
		 unsigned long delay)
{
	kick(adapter, &adapter->host_work, &adapter->host_due, event, delay);
}

/**
 * netvsc_kick_rtnl() - likewise the work that has RTNL
 * @adapter: adapter
 * @event: what
 * @delay: and when, jiffies
 *
 * Context: any.
 */
void netvsc_kick_rtnl(struct netvsc_adapter *adapter,
		      enum netvsc_event_bit event, unsigned long delay)
{
	kick(adapter, &adapter->rtnl_work, &adapter->rtnl_due, event, delay);
}

/**
 * netvsc_run() - have a work done that may wait for the host
 * @work: it
 *
 * Context: any.
 */
void netvsc_run(struct work_struct *work)
{
	queue_work(netvsc_wq, work);
}

/* No event is queued or under way after this, and none will be. RTNL must not
 * be held: one of the works takes it.
 */
static void stop_events(struct netvsc_adapter *adapter)
{
	spin_lock_irq(&adapter->kick_lock);
	adapter->dying = true;
	spin_unlock_irq(&adapter->kick_lock);
	cancel_delayed_work_sync(&adapter->host_work);
	cancel_delayed_work_sync(&adapter->rtnl_work);
}

/* They may be again */
static void start_events(struct netvsc_adapter *adapter)
{
	spin_lock_irq(&adapter->kick_lock);
	adapter->dying = false;
	spin_unlock_irq(&adapter->kick_lock);
	/* What happened meanwhile was not looked at */
	netvsc_kick(adapter, NETVSC_EVENT_LINK, 0);
}

static bool take_event(struct netvsc_adapter *adapter,
		       enum netvsc_event_bit event)
{
	return test_and_clear_bit(event, &adapter->events);
}

/* Filter and link */

static u32 wanted_filter(const struct net_device *ndev)
{
	u32 filter = NDIS_PACKET_TYPE_DIRECTED;

	if (ndev->flags & IFF_PROMISC)
		return NDIS_PACKET_TYPE_PROMISCUOUS;
	if (!netdev_mc_empty(ndev) || (ndev->flags & IFF_ALLMULTI))
		filter |= NDIS_PACKET_TYPE_ALL_MULTICAST;
	if (ndev->flags & IFF_BROADCAST)
		filter |= NDIS_PACKET_TYPE_BROADCAST;
	return filter;
}

/**
 * netvsc_sync_filter() - have the host know what it is to let through
 * @conn: connection whose interface is up
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0, -EIO, or as netvsc_conn_error().
 */
int netvsc_sync_filter(struct netvsc_conn *conn)
{
	return rndis_filter_set_packet_filter(conn,
					      wanted_filter(conn->adapter->ndev));
}

static void show_link(struct netvsc_adapter *adapter, bool up)
{
	if (!adapter->up || up == netif_carrier_ok(adapter->ndev))
		return;
	if (up)
		netif_carrier_on(adapter->ndev);
	else
		netif_carrier_off(adapter->ndev);
	netvsc_xsk_resume(adapter);
	adapter->link_next = jiffies + LINK_PACE;
}

/* The host may flood us with changes, and some listeners miss fast ones: at
 * most one each two seconds, and then the last.
 */
static void update_link(struct netvsc_adapter *adapter)
{
	bool bounce = test_bit(NETVSC_EVENT_BOUNCE, &adapter->events);
	bool link = test_bit(NETVSC_EVENT_LINK, &adapter->events);
	bool was_up = netif_carrier_ok(adapter->ndev), up;

	if (!bounce && !link)
		return;
	if (time_before(jiffies, adapter->link_next)) {
		netvsc_kick(adapter, bounce ? NETVSC_EVENT_BOUNCE :
					      NETVSC_EVENT_LINK,
			    adapter->link_next - jiffies);
		return;
	}

	clear_bit(NETVSC_EVENT_LINK, &adapter->events);
	up = READ_ONCE(adapter->link_up);
	/* A link that fell and is up again may be another one */
	if (take_event(adapter, NETVSC_EVENT_FELL) && was_up && up)
		set_bit(NETVSC_EVENT_BOUNCE, &adapter->events);
	if (!take_event(adapter, NETVSC_EVENT_BOUNCE)) {
		show_link(adapter, up);
		if (was_up && up) {
			adapter->link_next = jiffies + LINK_PACE;
			netvsc_kick_rtnl(adapter, NETVSC_EVENT_PEERS, 0);
		}
		return;
	}
	/* Addresses have to be renewed: down now, up again in a while */
	show_link(adapter, false);
	netvsc_kick(adapter, NETVSC_EVENT_LINK, LINK_PACE);
}

static void update_speed(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 mbps;

	if (conn->version < NVSP_PROTOCOL_VERSION_5 ||
	    rndis_filter_query_speed(conn, &mbps) ||
	    mbps == adapter->host_speed)
		return;
	/* News, where what was heard before may not be what the user set */
	adapter->host_speed = mbps;
	WRITE_ONCE(adapter->speed, mbps);
}

static void answer_keepalive(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	bool due;
	u32 id;

	spin_lock_bh(&conn->reply_lock);
	due = take_event(adapter, NETVSC_EVENT_KEEPALIVE);
	id = adapter->keepalive_id;
	spin_unlock_bh(&conn->reply_lock);
	if (due)
		rndis_filter_answer_keepalive(conn, id);
}

static void netvsc_host_work(struct work_struct *work)
{
	struct netvsc_adapter *adapter =
		container_of(work, struct netvsc_adapter, host_work.work);
	struct netvsc_conn *conn;

	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	if (!conn)
		goto out;

	netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
	answer_keepalive(conn);
	if (take_event(adapter, NETVSC_EVENT_SPEED))
		update_speed(conn);
	/* A host that refuses is asked again later, and one that does not answer by
	 * the next connection
	 */
	if (take_event(adapter, NETVSC_EVENT_RX_MODE) && adapter->up &&
	    netvsc_sync_filter(conn) && !netvsc_conn_error(conn))
		netvsc_kick(adapter, NETVSC_EVENT_RX_MODE, RETRY_PACE);
	if (take_event(adapter, NETVSC_EVENT_RSC) && netvsc_rsc_sync(conn) &&
	    !netvsc_conn_error(conn))
		netvsc_kick(adapter, NETVSC_EVENT_RSC, RETRY_PACE);
	if (!conn->broken)
		update_link(adapter);
	if (take_event(adapter, NETVSC_EVENT_LOST))
		netvsc_lost(conn);
out:
	mutex_unlock(&adapter->conn_lock);
}

static bool is_registered(const struct net_device *ndev)
{
	return ndev->reg_state == NETREG_REGISTERED;
}

static void netvsc_rtnl_work(struct work_struct *work)
{
	struct netvsc_adapter *adapter =
		container_of(work, struct netvsc_adapter, rtnl_work.work);

	rtnl_lock();
	/* A probe that let RTNL go sees to it later */
	if (!is_registered(adapter->ndev))
		goto out;
	if (take_event(adapter, NETVSC_EVENT_RECONNECT))
		netvsc_reconnect(adapter);
	if (take_event(adapter, NETVSC_EVENT_QUEUES))
		netvsc_queues_late(adapter);
	if (take_event(adapter, NETVSC_EVENT_OFFLOADS))
		netvsc_follow_offloads(adapter);
	if (take_event(adapter, NETVSC_EVENT_PEERS))
		__netdev_notify_peers(adapter->ndev);
	if (take_event(adapter, NETVSC_EVENT_VF))
		netvsc_vf_work(adapter);
out:
	rtnl_unlock();
}

/* Operations of the net_device */

/**
 * netvsc_go_up() - let packets through, both ways
 * @conn: connection whose interface is up
 *
 * Context: process, RTNL and conn_lock; waits for the host.
 * Return: 0, -EIO, or as netvsc_conn_error().
 */
int netvsc_go_up(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct net_device *ndev = adapter->ndev;
	int err;

	err = netvsc_sync_filter(conn);
	if (err) {
		netif_err(adapter, ifup, ndev,
			  "unable to set the packet filter: %d\n", err);
		return err;
	}
	adapter->up = true;
	WRITE_ONCE(adapter->closing, false);
	/* Woken, not only started: what an outage left in the qdiscs moves again,
	 * and TCP sends nothing anew that is still there.
	 */
	netif_tx_wake_all_queues(ndev);
	if (READ_ONCE(adapter->link_up))
		netif_carrier_on(ndev);
	else
		netif_carrier_off(ndev);
	netvsc_xsk_resume(adapter);
	return 0;
}

static int netvsc_open(struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_conn *conn;
	int err = 0;

	mutex_lock(&adapter->conn_lock);
	netif_carrier_off(ndev);
	/* Without a connection, or with one that is given up, it goes up with the
	 * next
	 */
	conn = netvsc_conn_locked(adapter);
	if (conn) {
		netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
		err = netvsc_go_up(conn);
		if (err && err != -ENODEV && netvsc_conn_error(conn)) {
			netvsc_lost_more(conn);
			err = 0;
		}
	}
	mutex_unlock(&adapter->conn_lock);
	if (!err)
		netvsc_vf_open(adapter);
	return err;
}

static int netvsc_stop(struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_conn *conn;

	netvsc_vf_close(adapter);
	mutex_lock(&adapter->conn_lock);
	/* The flag first, so that the poll does not wake what is stopped here */
	WRITE_ONCE(adapter->closing, true);
	netif_tx_disable(ndev);
	adapter->up = false;
	conn = netvsc_conn_locked(adapter);
	if (conn) {
		netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
		rndis_filter_set_packet_filter(conn, 0);
		if (!netvsc_conn_drain(conn) && !netvsc_conn_error(conn))
			netif_err(adapter, ifdown, ndev,
				  "Ring buffer not empty after closing rndis\n");
	}
	mutex_unlock(&adapter->conn_lock);
	return 0;
}

static u16 select_queue(struct net_device *ndev, struct sk_buff *skb,
			struct net_device *sb_dev)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct net_device *vf;
	u16 queue;

	/* A packet socket that does without the qdisc holds nothing here */
	rcu_read_lock();
	vf = rcu_dereference(adapter->vf_tx);
	queue = vf ? netvsc_within(netvsc_path_select_queue(vf, skb),
				   READ_ONCE(ndev->real_num_tx_queues)) :
		     netvsc_select_queue(ndev, skb, sb_dev);
	rcu_read_unlock();
	return queue;
}

/* What the VF takes may be longer than what the host does */
static netdev_features_t features_check(struct sk_buff *skb,
					struct net_device *ndev,
					netdev_features_t features)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	if (skb->len >= READ_ONCE(adapter->tso_max) && !rcu_access_pointer(adapter->vf_tx))
		features &= ~NETIF_F_GSO_MASK;
	return netvsc_tx_features_check(skb, ndev, features);
}

static netdev_tx_t xmit_synthetic(struct netvsc_adapter *adapter,
				  struct netvsc_queue *queue,
				  struct sk_buff *skb)
{
	struct netvsc_conn *conn = rcu_dereference_bh(adapter->conn);

	/* pktgen sends on a queue that was there when it began */
	if (likely(conn && READ_ONCE(queue->chan)))
		return netvsc_tx_xmit(conn, queue, skb);
	netvsc_stat_add(&queue->tx.stats, dropped, 1);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

/* Not inline: what it needs to remember is not for packets without a VF */
static noinline netdev_tx_t xmit_vf(struct netvsc_adapter *adapter,
				    struct netvsc_queue *queue,
				    struct net_device *vf, struct sk_buff *skb)
{
	if (!netvsc_path_can_send(vf, adapter->ndev))
		return xmit_synthetic(adapter, queue, skb);
	/* The path may change in the middle of a burst */
	netvsc_tx_flush(queue);
	return netvsc_path_xmit(adapter, vf, skb);
}

static netdev_tx_t netvsc_start_xmit(struct sk_buff *skb,
				     struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_queue *queue =
		adapter->queues[skb_get_queue_mapping(skb)];
	struct net_device *vf = rcu_dereference_bh(adapter->vf_tx);

	return vf ? xmit_vf(adapter, queue, vf, skb) :
		    xmit_synthetic(adapter, queue, skb);
}

static int netvsc_ndo_xdp_xmit(struct net_device *ndev, int count,
			       struct xdp_frame **frames, u32 flags)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct net_device *vf = rcu_dereference_bh(adapter->vf_tx);
	int sent;

	/* The host takes from both: what the VF refuses goes the other way */
	if (vf && netvsc_path_can_send(vf, ndev)) {
		sent = netvsc_path_xdp_xmit(adapter, vf, count, frames, flags);
		if (sent >= 0)
			return sent;
	}
	return netvsc_xdp_xmit(ndev, count, frames, flags);
}

/* The VF has a program first: it is what may not be able to */
static int netvsc_bpf(struct net_device *ndev, struct netdev_bpf *bpf)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	int err;

	if (bpf->command == XDP_SETUP_XSK_POOL)
		return netvsc_xsk_setup(adapter, bpf->xsk.pool,
					bpf->xsk.queue_id);
	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	err = netvsc_xdp_check(adapter, bpf->prog, bpf->extack);
	if (!err)
		err = netvsc_vf_set_prog(adapter, bpf->prog, bpf->extack);
	if (err)
		return err;
	netvsc_xdp_set(adapter, bpf->prog);
	/* One that could not have the old one may have this */
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
	return 0;
}

static void netvsc_set_rx_mode(struct net_device *ndev)
{
	netvsc_vf_set_rx_mode(ndev);
	netvsc_kick(netdev_priv(ndev), NETVSC_EVENT_RX_MODE, 0);
}

static int set_features_both(struct net_device *ndev, netdev_features_t features)
{
	int err = netvsc_set_features(ndev, features);

	if (!err)
		netvsc_vf_set_features(netdev_priv(ndev));
	return err;
}

/* The core of some kernels asks also for the address that there is, whether or not we are
 * up. The VF has the address first: it is what may not be able to.
 */
static int netvsc_set_mac_address(struct net_device *ndev, void *addr)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	const struct sockaddr *sa = addr;
	struct netvsc_conn *conn;
	int err;

	if (ether_addr_equal(ndev->dev_addr, sa->sa_data))
		return 0;
	err = eth_prepare_mac_addr_change(ndev, addr);
	if (err)
		return err;
	err = netvsc_vf_set_mac(adapter, sa->sa_data);
	if (err)
		return err;

	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	err = -ENETDOWN;
	if (conn) {
		netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
		err = rndis_filter_set_mac(conn, sa->sa_data);
	}
	mutex_unlock(&adapter->conn_lock);
	if (err) {
		netvsc_vf_set_mac(adapter, ndev->dev_addr);
		return err;
	}
	eth_commit_mac_addr_change(ndev, addr);
	/* One that could not have the old one may have this */
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
	return 0;
}

static const struct net_device_ops netvsc_netdev_ops = {
	.ndo_open		= netvsc_open,
	.ndo_stop		= netvsc_stop,
	.ndo_start_xmit		= netvsc_start_xmit,
	.ndo_features_check	= features_check,
	.ndo_select_queue	= select_queue,
	.ndo_change_mtu		= netvsc_change_mtu,
	.ndo_tx_timeout		= netvsc_tx_timeout,
	.ndo_fix_features	= netvsc_fix_features,
	.ndo_set_features	= set_features_both,
	.ndo_change_rx_flags	= netvsc_vf_change_rx_flags,
	.ndo_set_rx_mode	= netvsc_set_rx_mode,
	.ndo_vlan_rx_add_vid	= netvsc_vf_add_vid,
	.ndo_vlan_rx_kill_vid	= netvsc_vf_kill_vid,
	.ndo_set_mac_address	= netvsc_set_mac_address,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_get_stats64	= netvsc_get_stats64,
	.ndo_bpf		= netvsc_bpf,
	.ndo_xdp_xmit		= netvsc_ndo_xdp_xmit,
	.ndo_xsk_wakeup		= netvsc_xsk_wakeup,
};

/* Connecting */

/* The stack makes sends of two segments; a host that wants more gets none */
static bool can_segment(const struct ndis_lso_caps *lso)
{
	return lso->max_size && lso->min_segments <= NDIS_LSO_SEGMENTS_MIN;
}

/**
 * netvsc_offloads() - what of its transmit offloads a host has for us
 * @caps: what it says (Documentation/protocol.md E.8)
 *
 * Return: NETVSC_OFFLOAD_*.
 */
u32 netvsc_offloads(const struct ndis_offload_caps *caps)
{
	const u32 tcp4 = NDIS_CSUM_IPV4_TCP | NDIS_CSUM_IPV4_TCP_OPTIONS;
	const u32 tcp6 = NDIS_CSUM_IPV6_TCP | NDIS_CSUM_IPV6_TCP_OPTIONS |
			 NDIS_CSUM_IPV6_EXTENSION_HEADERS;
	const u32 lso6 = NDIS_LSO_IPV6_TCP_OPTIONS |
			 NDIS_LSO_IPV6_EXTENSION_HEADERS;
	u32 have = 0;

	if ((caps->ipv4_tx & tcp4) == tcp4) {
		have |= NETVSC_OFFLOAD_TCP4;
		if (caps->ipv4_tx & NDIS_CSUM_IPV4_UDP)
			have |= NETVSC_OFFLOAD_UDP4;
		if (can_segment(&caps->lso_ipv4))
			have |= NETVSC_OFFLOAD_LSO4;
	}
	if ((caps->ipv6_tx & tcp6) == tcp6) {
		have |= NETVSC_OFFLOAD_TCP6;
		if (caps->ipv6_tx & NDIS_CSUM_IPV6_UDP)
			have |= NETVSC_OFFLOAD_UDP6;
		if (can_segment(&caps->lso_ipv6) &&
		    (caps->lso_ipv6_options & lso6) == lso6)
			have |= NETVSC_OFFLOAD_LSO6;
	}
	return have;
}

/* Transmit goes on, perhaps, and may see the old ones for a moment: the host has said that
 * it changed, not when.
 */
static void set_tx_offloads(struct netvsc_adapter *adapter,
			    const struct ndis_offload_caps *caps, u32 have)
{
	u32 tso_max = GSO_LEGACY_MAX_SIZE;

	if (have & NETVSC_OFFLOAD_LSO4)
		tso_max = min(tso_max, caps->lso_ipv4.max_size);
	if (have & NETVSC_OFFLOAD_LSO6)
		tso_max = min(tso_max, caps->lso_ipv6.max_size);
	WRITE_ONCE(adapter->tso_max, tso_max);
	WRITE_ONCE(adapter->tx_csum_v4,
		   (have & NETVSC_OFFLOAD_TCP4 ? RNDIS_TX_CSUM_TCP : 0) |
		   (have & NETVSC_OFFLOAD_UDP4 ? RNDIS_TX_CSUM_UDP : 0));
	WRITE_ONCE(adapter->tx_csum_v6,
		   (have & NETVSC_OFFLOAD_TCP6 ? RNDIS_TX_CSUM_TCP : 0) |
		   (have & NETVSC_OFFLOAD_UDP6 ? RNDIS_TX_CSUM_UDP : 0));
}

static netdev_features_t host_features(const struct ndis_offload_caps *caps,
				       u32 have)
{
	netdev_features_t features = NETIF_F_SG | NETIF_F_RXCSUM |
				     NETIF_F_RXHASH;

	if (have & NETVSC_OFFLOAD_TCP4)
		features |= NETIF_F_IP_CSUM;
	if (have & NETVSC_OFFLOAD_TCP6)
		features |= NETIF_F_IPV6_CSUM;
	if (have & NETVSC_OFFLOAD_LSO4)
		features |= NETIF_F_TSO;
	if (have & NETVSC_OFFLOAD_LSO6)
		features |= NETIF_F_TSO6;
	if (caps->rsc_ipv4 && caps->rsc_ipv6)
		features |= NETIF_F_LRO;
	return features;
}

/* The host of this connection may have other offloads than that of the last one,
 * be it for another MTU, or than it had a while ago. What it lacks ends here; for the
 * rest, see netvsc_follow_host().
 */
static void set_features(struct netvsc_conn *conn, const struct net_device *vf)
{
	const struct ndis_offload_caps *caps = &conn->caps;
	u32 can = netvsc_offloads(caps);
	u32 have = can & ~READ_ONCE(conn->offloads_lost);
	netdev_features_t host = host_features(caps, have);
	struct netvsc_adapter *adapter = conn->adapter;
	struct net_device *ndev = adapter->ndev;

	set_tx_offloads(adapter, caps, have);
	netvsc_path_limit_sends(adapter, vf);
	adapter->features_due |= is_registered(ndev) &&
				 host != adapter->host_features;
	WRITE_ONCE(adapter->host_features, host);
	/* The stack keeps bits of its own there */
	ndev->hw_features &= ~NETVSC_HOST_FEATURES;
	/* What is off for a while can be wanted or not */
	ndev->hw_features |= host_features(caps, can);
	ndev->vlan_features = (host & ~NETIF_F_LRO) | NETIF_F_HIGHDMA;
	if (is_registered(ndev)) {
		ndev->features &= ~NETVSC_HOST_FEATURES | host;
		return;
	}
	/* What nobody could see is not wanted, should a host have it one day */
	adapter->rsc_wanted &= !!(host & NETIF_F_LRO);
	ndev->features = host | NETIF_F_HIGHDMA | NETIF_F_HW_VLAN_CTAG_TX |
			 NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_CTAG_FILTER;
}

/* While a host had none, LRO could be switched off without our being asked, and this
 * connection has begun with what was wanted before.
 */
static void follow_lro(struct netvsc_adapter *adapter)
{
	if (!(adapter->host_features & NETIF_F_LRO) ||
	    (adapter->ndev->features & NETIF_F_LRO) || !adapter->rsc_wanted)
		return;
	mutex_lock(&adapter->conn_lock);
	WRITE_ONCE(adapter->rsc_wanted, false);
	mutex_unlock(&adapter->conn_lock);
	netvsc_kick(adapter, NETVSC_EVENT_RSC, 0);
}

/* The connection is made for it, so this makes no other: a host that allows less each
 * time is asked once. A VF or what is built on the device may not agree; until it does
 * frames that are too long are dropped.
 */
static void lower_mtu(struct netvsc_adapter *adapter, u32 mtu)
{
	struct net_device *ndev = adapter->ndev;
	u32 was = ndev->mtu;
	int err;

	if (mtu >= was)
		return;
	err = dev_set_mtu(ndev, mtu);
	if (!err) {
		netdev_warn(ndev, "the host allows an MTU of %u only: lowered from %u\n",
			    mtu, was);
		return;
	}
	netdev_err(ndev, "the host allows an MTU of %u only, and it cannot be lowered from %u: %d\n",
		   mtu, was, err);
	mutex_lock(&adapter->conn_lock);
	adapter->mtu_lowered = true;
	mutex_unlock(&adapter->conn_lock);
}

/**
 * netvsc_follow_host() - adapt to the host of a new connection
 * @adapter: adapter that may have connected to another host
 *
 * What is wanted and this one has is on again, and what is built on the device hears
 * of it. An MTU that it does not allow is lowered to what it does.
 *
 * What is built on the device may not want that, and have the old MTU set again, which
 * connects anew: it is not adapted to that connection's host from within. An MTU that
 * this one lowers further is due after the next connection.
 *
 * Context: process, RTNL, not conn_lock; waits for the host.
 */
void netvsc_follow_host(struct netvsc_adapter *adapter)
{
	bool features, lowered;
	u32 mtu;

	ASSERT_RTNL();
	if (adapter->following)
		return;
	adapter->following = true;
	mutex_lock(&adapter->conn_lock);
	lowered = adapter->mtu_lowered;
	mtu = adapter->config.mtu;
	adapter->mtu_lowered = false;
	mutex_unlock(&adapter->conn_lock);
	if (lowered)
		lower_mtu(adapter, mtu);

	mutex_lock(&adapter->conn_lock);
	features = adapter->features_due;
	adapter->features_due = false;
	mutex_unlock(&adapter->conn_lock);
	if (features)
		netdev_change_features(adapter->ndev);
	follow_lro(adapter);
	adapter->following = false;
}

/**
 * netvsc_follow_offloads() - the host has switched offloads off or on by itself
 * @adapter: adapter
 *
 * Context: process, RTNL, not conn_lock; waits for the host if coalescing has to change.
 */
void netvsc_follow_offloads(struct netvsc_adapter *adapter)
{
	struct netvsc_conn *conn;
	u32 lost = 0;

	ASSERT_RTNL();
	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	if (conn) {
		lost = READ_ONCE(conn->offloads_lost);
		set_features(conn, adapter->vf.shown_path ?
				   netvsc_vf_dev(adapter) : NULL);
	}
	mutex_unlock(&adapter->conn_lock);
	if (!conn)
		return;
	netif_info(adapter, drv, adapter->ndev,
		   "the host has switched offloads, off are 0x%02x\n", lost);
	netvsc_follow_host(adapter);
}

/* What the host made of the MTU that it was told. A smaller one is fine, but for a
 * user who asks for his just now. No answer, or none that makes sense, limits nothing.
 */
static int check_mtu(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct net_device *ndev = adapter->ndev;
	u32 mtu;

	if (rndis_filter_query_mtu(conn, &mtu) || mtu < ETH_MIN_MTU)
		mtu = NETVSC_MAX_MTU;
	adapter->host_mtu = mtu;
	if (mtu >= adapter->config.mtu)
		return 0;
	if (adapter->mtu_asked) {
		netdev_err(ndev, "the host allows an MTU of %u, not %u\n", mtu,
			   adapter->config.mtu);
		return -EINVAL;
	}
	adapter->config.mtu = mtu;
	/* What is longer is neither taken nor sent */
	conn->mtu = max_t(u32, mtu, ETH_DATA_LEN);
	if (is_registered(ndev))
		adapter->mtu_lowered = true;
	else
		ndev->mtu = mtu;
	return 0;
}

/* The host knows one address: the NIC's own, unless it is told another */
static int check_mac(struct netvsc_conn *conn)
{
	struct net_device *ndev = conn->adapter->ndev;
	u8 mac[ETH_ALEN];
	int err;

	err = rndis_filter_query_mac(conn, mac);
	if (err)
		return err;
	if (!is_registered(ndev))
		eth_hw_addr_set(ndev, mac);
	else if (!ether_addr_equal(mac, ndev->dev_addr) &&
		 rndis_filter_set_mac(conn, ndev->dev_addr))
		netdev_warn(ndev, "the host does not take the address that was set before\n");
	return 0;
}

/* The first connection's host names the card, unless it has nothing to say. A
 * name that is set later is the user's.
 */
static void take_name(struct netvsc_conn *conn)
{
	struct net_device *ndev = conn->adapter->ndev;
	char name[IFALIASZ];

	if (is_registered(ndev) ||
	    rndis_filter_query_name(conn, name, sizeof(name)) || !name[0] ||
	    !strcmp(name, DEFAULT_NAME))
		return;
	dev_set_alias(ndev, name, strlen(name));
}

/**
 * netvsc_ask_host() - the NIC as the host describes it
 * @conn: connection with its RNDIS session
 *
 * Context: process, conn_lock, and RTNL if the net_device is registered; waits
 * for the host.
 * Return: 0, -EINVAL, -EPROTO, or as netvsc_conn_error().
 */
int netvsc_ask_host(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct net_device *ndev = adapter->ndev;
	bool up;
	int err;

	err = check_mac(conn);
	if (!err)
		err = check_mtu(conn);
	if (err)
		return err;
	ndev->min_mtu = ETH_MIN_MTU;
	adapter->max_mtu = conn->version >= NVSP_PROTOCOL_VERSION_2 ?
			   NETVSC_MAX_MTU : ETH_DATA_LEN;
	ndev->max_mtu = netvsc_xdp_max_mtu(adapter);

	err = rndis_filter_set_offloads(conn, &conn->caps);
	/* Those of the connection before are shown until another host has spoken */
	if (netvsc_conn_error(conn))
		return netvsc_conn_error(conn);
	if (err)
		netif_info(adapter, probe, ndev,
			   "continuing without offloads: %d\n", err);
	set_features(conn, NULL);

	take_name(conn);
	update_speed(conn);
	/* What the host says by itself meanwhile is newer than its answer */
	clear_bit(NETVSC_EVENT_LINK, &adapter->events);
	clear_bit(NETVSC_EVENT_FELL, &adapter->events);
	rndis_filter_query_link(conn, &up);
	spin_lock_bh(&conn->reply_lock);
	if (!test_bit(NETVSC_EVENT_LINK, &adapter->events))
		WRITE_ONCE(adapter->link_up, up);
	spin_unlock_bh(&conn->reply_lock);
	/* A host that fails to answer something has no NIC for us; one that
	 * only refuses has.
	 */
	return netvsc_conn_error(conn);
}

/* The device */

/* What the user did not choose */
static void default_config(struct netvsc_adapter *adapter)
{
	struct netvsc_config *config = &adapter->config;

	config->mtu = adapter->ndev->mtu;
	config->queues = netvsc_queues_default();
	adapter->ring_len = VMBUS_RING_SIZE(ring_size * HV_HYP_PAGE_SIZE);
	if (!is_kdump_kernel() && !reset_devices)
		return;
	config->queues = 1;
	config->recv_len = CRASH_RECV_BUF_LEN;
	config->send_len = CRASH_SEND_BUF_LEN;
	adapter->ring_len = NETVSC_RING_LEN_MIN;
}

static void adapter_init(struct netvsc_adapter *adapter,
			 struct net_device *ndev, struct hv_device *hdev)
{
	adapter->ndev = ndev;
	adapter->hdev = hdev;
	adapter->msg_enable = netif_msg_init(debug, default_msg);
	adapter->num_queues = 1;
	default_config(adapter);
	netvsc_rss_init(adapter);
	netvsc_channels_init(adapter);
	adapter->closing = true;
	adapter->speed = SPEED_UNKNOWN;
	adapter->host_speed = SPEED_UNKNOWN;
	adapter->rx_copybreak = RX_COPYBREAK;
	adapter->tx_copybreak = U32_MAX;
	adapter->rsc_wanted = true;
	adapter->duplex = DUPLEX_FULL;
	adapter->link_next = jiffies;
	adapter->retry_next = jiffies;
	cpumask_copy(&adapter->cpus, cpu_present_mask);
	mutex_init(&adapter->conn_lock);
	spin_lock_init(&adapter->kick_lock);
	INIT_DELAYED_WORK(&adapter->host_work, netvsc_host_work);
	INIT_DELAYED_WORK(&adapter->rtnl_work, netvsc_rtnl_work);
	ratelimit_state_init(&adapter->ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
	/* A host may move its VFs often, and each time matters to who reads */
	ratelimit_state_init(&adapter->vf.ratelimit, 10 * HZ, 100);
}

static void device_free(struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);

	/* Of a net_device that was never registered, nobody else does */
	dev_set_alias(ndev, NULL, 0);
	netvsc_queues_free(adapter);
	netvsc_bufs_free(adapter);
	netvsc_vf_free(adapter);
	kvfree(adapter->cpu_counts);
	free_netdev(ndev);
}

static struct net_device *device_alloc(struct hv_device *hdev)
{
	struct netvsc_adapter *adapter;
	struct net_device *ndev;

	/* As many queues as a host can have: none is made before it is used */
	ndev = alloc_etherdev_mq(sizeof(*adapter), NVSP_MAX_CHANNELS);
	if (!ndev)
		return NULL;
	SET_NETDEV_DEV(ndev, &hdev->device);
	ndev->netdev_ops = &netvsc_netdev_ops;
	ndev->ethtool_ops = &netvsc_ethtool_ops;
	compat_set_stat_ops(ndev, &netvsc_stat_ops);
	ndev->watchdog_timeo = TX_TIMEOUT;
	netdev_lockdep_set_classes(ndev);
	netif_carrier_off(ndev);

	adapter = netdev_priv(ndev);
	adapter_init(adapter, ndev, hdev);
	netvsc_xdp_init(ndev);
	adapter->cpu_counts = kvcalloc(nr_cpu_ids, sizeof(*adapter->cpu_counts),
				       GFP_KERNEL);
	if (netvsc_vf_init(adapter) || !adapter->cpu_counts ||
	    !netvsc_queues_alloc(adapter, 1) ||
	    netif_set_real_num_queues(ndev, 1, 1)) {
		device_free(ndev);
		return NULL;
	}
	return ndev;
}

/* The end of the adapter's last connection, if it has one, or of @conn, which
 * did not become one. Without RTNL: it waits for the host where nothing else can be
 * done about it.
 */
static void say_goodbye(struct netvsc_adapter *adapter, struct netvsc_conn *conn)
{
	mutex_lock(&adapter->conn_lock);
	if (!conn)
		conn = netvsc_conn_locked(adapter);
	if (conn) {
		netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
		netvsc_disconnect(adapter, conn);
	}
	while (netvsc_disconnect_stray(adapter))
		;
	mutex_unlock(&adapter->conn_lock);
}

/* Whether none of its channels is being opened any more. Else the core may go on only
 * when probe() has returned.
 */
static bool can_end(struct netvsc_conn *conn)
{
	while (!netvsc_channels_quiet(conn, HZ / 10)) {
		if (READ_ONCE(conn->chan->rescind))
			return false;
	}
	return true;
}

/* The second half of connecting. The host is told that we know VFs, and none is to
 * be registered before our net_device is there to join it, with the name that is
 * to be ours. A host that is slow with its answers has to do without: a VF that
 * comes meanwhile is joined all the same, only later.
 */
static int connect_and_register(struct netvsc_adapter *adapter,
				struct netvsc_conn *conn)
{
	struct net_device *ndev = adapter->ndev;
	bool kept;
	int err;

	rtnl_lock();
	mutex_lock(&adapter->conn_lock);
	netvsc_conn_lend_rtnl(conn);
	err = netvsc_connect_finish(conn);
	kept = netvsc_conn_keep_rtnl(conn);
	mutex_unlock(&adapter->conn_lock);
	if (!kept)
		rtnl_lock();
	if (err) {
		netdev_err(ndev, "unable to connect to NetVSP - %d\n", err);
		goto out;
	}
	err = register_netdevice(ndev);
	if (err) {
		netdev_err(ndev, "unable to register the device: %d\n", err);
		goto out;
	}
	netvsc_vf_add(adapter);
	/* For what the work found too early */
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
out:
	rtnl_unlock();
	return err;
}

static int netvsc_probe(struct hv_device *hdev,
			const struct hv_vmbus_device_id *id)
{
	struct netvsc_adapter *adapter;
	struct netvsc_conn *conn;
	struct net_device *ndev;
	int err;

	ndev = device_alloc(hdev);
	if (!ndev)
		return -ENOMEM;
	adapter = netdev_priv(ndev);
	hv_set_drvdata(hdev, ndev);

	mutex_lock(&adapter->conn_lock);
	err = netvsc_connect_open(adapter, NETVSC_CONNECT_SEC, &conn);
	mutex_unlock(&adapter->conn_lock);
	if (err)
		netdev_err(ndev, "unable to connect to NetVSP - %d\n", err);
	else
		err = connect_and_register(adapter, conn);
	if (!err)
		return 0;

	if (conn && !can_end(conn)) {
		/* remove() is called as soon as this returns, and ends it, once */
		mutex_lock(&adapter->conn_lock);
		RCU_INIT_POINTER(adapter->conn, NULL);
		WRITE_ONCE(adapter->stray, conn);
		mutex_unlock(&adapter->conn_lock);
		return 0;
	}
	stop_events(adapter);
	say_goodbye(adapter, conn);
	netvsc_channels_forget(hdev);
	device_free(ndev);
	return err;
}

static void netvsc_remove(struct hv_device *hdev)
{
	struct net_device *ndev = hv_get_drvdata(hdev);
	struct netvsc_adapter *adapter = netdev_priv(ndev);

	stop_events(adapter);
	if (is_registered(ndev)) {
		rtnl_lock();
		netvsc_vf_del(adapter);
		unregister_netdevice(ndev);
		rtnl_unlock();
	}
	say_goodbye(adapter, NULL);
	netvsc_channels_forget(hdev);
	device_free(ndev);
}

/* The host takes the device away */

struct gone {
	struct work_struct work;
	struct hv_device *hdev;
};

/* Held while a removal is handed on, and while that is put to an end */
static DEFINE_MUTEX(gone_lock);

static bool is_ours(const struct hv_device *hdev)
{
	return hdev->device.driver == &netvsc_driver.driver;
}

/* Not before all processes are frozen */
static bool is_suspended(const struct device *dev)
{
#ifdef CONFIG_PM_SLEEP
	return dev->power.is_suspended;
#else
	return false;
#endif
}

static void gone_work(struct work_struct *work)
{
	struct gone *gone = container_of(work, struct gone, work);
	struct hv_device *hdev = gone->hdev;
	struct netvsc_adapter *adapter;

	kfree(gone);
	/* It may have another driver by now, or none */
	device_lock(&hdev->device);
	if (is_ours(hdev)) {
		adapter = netdev_priv(hv_get_drvdata(hdev));
		netvsc_channels_settle(adapter, READ_ONCE(adapter->stray) ||
				       rcu_access_pointer(adapter->conn));
	}
	device_unlock(&hdev->device);
	vmbus_device_unregister(hdev);
	put_device(&hdev->device);
}

/**
 * netvsc_rescinded() - the host took the NIC away
 * @chan: primary channel
 *
 * The core would remove the device here, in the work in which it takes one such
 * message after the other. Who is opening a sub-channel sleeps until that channel's
 * own message is taken, and removing waits for who is opening: so it is done in
 * another work. Unless the callback was taken back meanwhile, for a guest that falls
 * asleep: then no channel is being opened, and nobody waits for other works any more.
 *
 * Context: process, the core's work.
 */
void netvsc_rescinded(struct vmbus_channel *chan)
{
	struct hv_device *hdev = chan->device_obj;
	/* Without it nobody could remove the device */
	struct gone *gone = kmalloc_obj(*gone, GFP_KERNEL | __GFP_NOFAIL);
	bool here;

	get_device(&hdev->device);
	gone->hdev = hdev;
	INIT_WORK(&gone->work, gone_work);
	mutex_lock(&gone_lock);
	here = !chan->chn_rescind_callback && is_suspended(&hdev->device);
	if (!here)
		netvsc_run(&gone->work);
	mutex_unlock(&gone_lock);
	if (here)
		gone_work(&gone->work);
}

/* Hibernation */

static int suspend_ours(struct hv_device *hdev)
{
	struct net_device *ndev = hv_get_drvdata(hdev);
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	int err;

	if (!is_registered(ndev))
		return 0;
	stop_events(adapter);
	err = netvsc_pause(adapter);
	if (err) {
		start_events(adapter);
		netvsc_unpause(adapter);
		return err;
	}
	/* The core waits for the removals that it began itself, before it forgets its
	 * channels. No channel is being opened now: nothing keeps it from removing.
	 */
	mutex_lock(&gone_lock);
	vmbus_set_chn_rescind_callback(hdev->channel, NULL);
	mutex_unlock(&gone_lock);
	return 0;
}

/* The VMBus core closes its connection after this, and finds the device again by its
 * id. Processes are frozen, works are not: the host may take the device away at any
 * moment, and in this phase the core does not keep it from being removed. A device that
 * was removed with a channel that the core has forgotten would be none of its devices.
 */
static int netvsc_suspend(struct hv_device *hdev)
{
	int err = 0;

	device_lock(&hdev->device);
	if (is_ours(hdev))
		err = suspend_ours(hdev);
	device_unlock(&hdev->device);
	if (!err && READ_ONCE(hdev->channel->rescind))
		flush_workqueue(netvsc_wq);
	return err;
}

static void resume_ours(struct hv_device *hdev)
{
	struct net_device *ndev = hv_get_drvdata(hdev);
	struct netvsc_adapter *adapter = netdev_priv(ndev);

	if (!is_registered(ndev))
		return;
	start_events(adapter);
	netvsc_unpause(adapter);
}

/* A host that does not answer yet is no reason to fail: nobody would try again */
static int netvsc_resume(struct hv_device *hdev)
{
	device_lock(&hdev->device);
	if (is_ours(hdev))
		resume_ours(hdev);
	device_unlock(&hdev->device);
	return 0;
}

COMPAT_HV_REMOVE(hv_driver_remove, netvsc_remove)

static const struct hv_vmbus_device_id netvsc_id_table[] = {
	{ HV_NIC_GUID, },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, netvsc_id_table);

static struct hv_driver netvsc_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= netvsc_id_table,
	.probe		= netvsc_probe,
	.remove		= hv_driver_remove,
	.suspend	= netvsc_suspend,
	.resume		= netvsc_resume,
	.driver		= {
		/* Interfaces get their names in the order of the offers */
		.probe_type = PROBE_FORCE_SYNCHRONOUS,
	},
};

static int __init netvsc_init(void)
{
	int err;

	if (ring_size < RING_SIZE_MIN) {
		ring_size = RING_SIZE_MIN;
		pr_info("Increased ring_size to %u (min allowed)\n", ring_size);
	}
	if (ring_size > RING_SIZE_MAX) {
		ring_size = RING_SIZE_MAX;
		pr_info("Decreased ring_size to %u (max allowed)\n", ring_size);
	}
	netvsc_wq = alloc_workqueue("netvsc", WQ_UNBOUND, 0);
	if (!netvsc_wq)
		return -ENOMEM;
	/* First, so that what it tells of VFs that are there is nothing to us: each
	 * device looks for its own
	 */
	err = netvsc_vf_register();
	if (err)
		goto err_wq;
	err = vmbus_driver_register(&netvsc_driver);
	if (err)
		goto err_vf;
	return 0;

err_vf:
	netvsc_vf_unregister();
err_wq:
	destroy_workqueue(netvsc_wq);
	return err;
}
module_init(netvsc_init);

static void __exit netvsc_exit(void)
{
	netvsc_vf_unregister();
	vmbus_driver_unregister(&netvsc_driver);
	destroy_workqueue(netvsc_wq);
}
module_exit(netvsc_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Microsoft Hyper-V network driver");
MODULE_VERSION(NETVSC_VERSION);
