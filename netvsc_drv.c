// SPDX-License-Identifier: GPL-2.0
/*
 * The net_device of a synthetic NIC: probe and remove, open and stop, and the
 * work that talks to the host when nobody waits for it.
 *
 * Probe makes the whole connection before it takes RTNL, since the host may
 * take its time. Remove stops what could start new work first, then takes the
 * net_device away from the stack, and only then ends the connection.
 */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <asm/mshyperv.h>

#include "hyperv_net.h"

#define NETVSC_VERSION		"0.1.0"

/* Pages of 4 KiB, each way */
#define RING_SIZE_MIN		64
#define RING_SIZE_MAX		4096
#define LINK_PACE		(2 * HZ)
#define TX_TIMEOUT		(30 * HZ)

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

/* Queues */

static void queue_free(struct netvsc_queue *queue)
{
	if (queue->rx.pool) {
		page_pool_destroy(queue->rx.pool);
		netif_napi_del(&queue->napi);
	}
	if (queue->tx.hdr)
		free_pages_exact(queue->tx.hdr, NETVSC_SLOTS * NETVSC_HDR_LEN);
	kvfree(queue->tx.slots);
	kvfree(queue);
}

static void queues_free(struct netvsc_adapter *adapter)
{
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		queue_free(adapter->queues[i]);
		adapter->queues[i] = NULL;
	}
}

/* Nothing is mapped for DMA: frames are copied into the pages */
static struct page_pool *pool_create(struct netvsc_queue *queue, int node)
{
	const struct page_pool_params params = {
		.flags = COMPAT_PP_FLAG_PAGE_FRAG,
		.pool_size = NETVSC_POOL_PAGES,
		.nid = node,
	};

	return page_pool_create(&params);
}

static struct netvsc_queue *queue_alloc(struct netvsc_adapter *adapter, u32 idx)
{
	int node = dev_to_node(&adapter->hdev->device);
	struct netvsc_queue *queue;
	struct page_pool *pool;

	queue = kvzalloc_node(sizeof(*queue), GFP_KERNEL, node);
	if (!queue)
		return NULL;
	queue->adapter = adapter;
	queue->idx = idx;
	u64_stats_init(&queue->tx.stats.syncp);
	u64_stats_init(&queue->rx.stats.syncp);

	queue->tx.slots = kvcalloc(NETVSC_SLOTS, sizeof(*queue->tx.slots),
				   GFP_KERNEL);
	queue->tx.hdr = alloc_pages_exact(NETVSC_SLOTS * NETVSC_HDR_LEN,
					  GFP_KERNEL | __GFP_ZERO);
	pool = pool_create(queue, node);
	if (!queue->tx.slots || !queue->tx.hdr || IS_ERR(pool)) {
		if (!IS_ERR(pool))
			page_pool_destroy(pool);
		queue_free(queue);
		return NULL;
	}
	queue->rx.pool = pool;
	netvsc_slots_reset(queue);
	netif_napi_add(adapter->ndev, &queue->napi, netvsc_rx_poll);
	queue->state = NETVSC_QUEUE_ADDED;
	return queue;
}

/* Events */

/**
 * netvsc_kick() - have the host work look at something
 * @adapter: adapter
 * @event: what
 *
 * Context: any.
 */
void netvsc_kick(struct netvsc_adapter *adapter, enum netvsc_event_bit event)
{
	unsigned long flags;

	set_bit(event, &adapter->events);
	spin_lock_irqsave(&adapter->kick_lock, flags);
	if (!adapter->dying)
		mod_delayed_work(netvsc_wq, &adapter->host_work, 0);
	spin_unlock_irqrestore(&adapter->kick_lock, flags);
}

static void kick_later(struct netvsc_adapter *adapter,
		       enum netvsc_event_bit event, unsigned long delay)
{
	unsigned long flags;

	set_bit(event, &adapter->events);
	spin_lock_irqsave(&adapter->kick_lock, flags);
	if (!adapter->dying)
		mod_delayed_work(netvsc_wq, &adapter->host_work, delay);
	spin_unlock_irqrestore(&adapter->kick_lock, flags);
}

/* No event is queued or under way after this, and none will be */
static void stop_events(struct netvsc_adapter *adapter)
{
	spin_lock_irq(&adapter->kick_lock);
	adapter->dying = true;
	spin_unlock_irq(&adapter->kick_lock);
	cancel_delayed_work_sync(&adapter->host_work);
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

static void show_link(struct netvsc_adapter *adapter, bool up)
{
	if (!adapter->up || up == netif_carrier_ok(adapter->ndev))
		return;
	if (up)
		netif_carrier_on(adapter->ndev);
	else
		netif_carrier_off(adapter->ndev);
	adapter->link_next = jiffies + LINK_PACE;
}

/* The host may flood us with changes, and some listeners miss fast ones: at
 * most one each two seconds, and then the last.
 */
static void update_link(struct netvsc_adapter *adapter)
{
	bool bounce = test_bit(NETVSC_EVENT_BOUNCE, &adapter->events);
	bool link = test_bit(NETVSC_EVENT_LINK, &adapter->events);

	if (!bounce && !link)
		return;
	if (time_before(jiffies, adapter->link_next)) {
		kick_later(adapter, bounce ? NETVSC_EVENT_BOUNCE :
					     NETVSC_EVENT_LINK,
			   adapter->link_next - jiffies);
		return;
	}

	clear_bit(NETVSC_EVENT_LINK, &adapter->events);
	if (!take_event(adapter, NETVSC_EVENT_BOUNCE)) {
		show_link(adapter, READ_ONCE(adapter->link_up));
		return;
	}
	/* Addresses have to be renewed: down now, up again in a while */
	show_link(adapter, false);
	kick_later(adapter, NETVSC_EVENT_LINK, LINK_PACE);
}

static void update_speed(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 mbps;

	if (conn->version >= NVSP_PROTOCOL_VERSION_5 &&
	    !rndis_filter_query_speed(conn, &mbps))
		WRITE_ONCE(adapter->speed, mbps);
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
	if (take_event(adapter, NETVSC_EVENT_BROKEN))
		netif_carrier_off(adapter->ndev);
	if (take_event(adapter, NETVSC_EVENT_KEEPALIVE))
		rndis_filter_answer_keepalive(conn,
					      READ_ONCE(adapter->keepalive_id));
	if (take_event(adapter, NETVSC_EVENT_SPEED))
		update_speed(conn);
	if (take_event(adapter, NETVSC_EVENT_RX_MODE) && adapter->up)
		rndis_filter_set_packet_filter(conn,
					       wanted_filter(adapter->ndev));
	if (!conn->broken)
		update_link(adapter);
out:
	mutex_unlock(&adapter->conn_lock);
}

/* Operations of the net_device */

static int netvsc_open(struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_conn *conn;
	int err;

	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
	netif_carrier_off(ndev);

	err = rndis_filter_set_packet_filter(conn, wanted_filter(ndev));
	if (err) {
		netdev_err(ndev, "unable to set the packet filter: %d\n", err);
		goto out;
	}
	adapter->up = true;
	WRITE_ONCE(adapter->closing, false);
	netif_tx_start_all_queues(ndev);
	if (READ_ONCE(adapter->link_up))
		netif_carrier_on(ndev);
out:
	mutex_unlock(&adapter->conn_lock);
	return err;
}

static int netvsc_stop(struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_conn *conn;

	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);

	/* The flag first, so that the poll does not wake what is stopped here */
	WRITE_ONCE(adapter->closing, true);
	netif_tx_disable(ndev);
	adapter->up = false;
	rndis_filter_set_packet_filter(conn, 0);
	if (!netvsc_conn_drain(conn) && !netvsc_conn_error(conn))
		netdev_err(ndev, "Ring buffer not empty after closing rndis\n");
	mutex_unlock(&adapter->conn_lock);
	return 0;
}

static netdev_tx_t netvsc_start_xmit(struct sk_buff *skb,
				     struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_queue *queue =
		adapter->queues[skb_get_queue_mapping(skb)];
	struct netvsc_conn *conn = rcu_dereference_bh(adapter->conn);

	if (likely(conn))
		return netvsc_tx_xmit(conn, queue, skb);
	netvsc_stat_add(&queue->tx.stats, dropped, 1);
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static void netvsc_set_rx_mode(struct net_device *ndev)
{
	netvsc_kick(netdev_priv(ndev), NETVSC_EVENT_RX_MODE);
}

static void add_tx_stats(const struct netvsc_tx_stats *from,
			 struct rtnl_link_stats64 *to)
{
	u64 packets, bytes, dropped;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->syncp);
		packets = from->packets;
		bytes = from->bytes;
		dropped = from->dropped;
	} while (u64_stats_fetch_retry(&from->syncp, start));
	to->tx_packets += packets;
	to->tx_bytes += bytes;
	to->tx_dropped += dropped;
}

static void add_rx_stats(const struct netvsc_napi_stats *from,
			 struct rtnl_link_stats64 *to)
{
	u64 packets, bytes, multicast, no_memory, errors, tx_errors;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->syncp);
		packets = from->packets;
		bytes = from->bytes;
		multicast = from->multicast;
		no_memory = from->no_memory;
		errors = from->errors;
		tx_errors = from->tx_errors;
	} while (u64_stats_fetch_retry(&from->syncp, start));
	to->rx_packets += packets;
	to->rx_bytes += bytes;
	to->multicast += multicast;
	to->rx_dropped += no_memory;
	to->rx_errors += errors;
	to->tx_errors += tx_errors;
}

static void netvsc_get_stats64(struct net_device *ndev,
			       struct rtnl_link_stats64 *stats)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		add_tx_stats(&adapter->queues[i]->tx.stats, stats);
		add_rx_stats(&adapter->queues[i]->rx.stats, stats);
	}
}

static const struct net_device_ops netvsc_netdev_ops = {
	.ndo_open		= netvsc_open,
	.ndo_stop		= netvsc_stop,
	.ndo_start_xmit		= netvsc_start_xmit,
	.ndo_features_check	= netvsc_tx_features_check,
	.ndo_set_rx_mode	= netvsc_set_rx_mode,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_get_stats64	= netvsc_get_stats64,
};

/* Connecting */

/* The stack makes sends of two segments; a host that wants more gets none */
static bool can_segment(const struct ndis_lso_caps *lso)
{
	return lso->max_size && lso->min_segments <= NDIS_LSO_SEGMENTS_MIN;
}

/* What of its offloads the host has for us (Documentation/protocol.md E.8) */
static void set_features(struct netvsc_adapter *adapter,
			 const struct ndis_offload_caps *caps)
{
	const u32 tcp4 = NDIS_CSUM_IPV4_TCP | NDIS_CSUM_IPV4_TCP_OPTIONS;
	const u32 tcp6 = NDIS_CSUM_IPV6_TCP | NDIS_CSUM_IPV6_TCP_OPTIONS |
			 NDIS_CSUM_IPV6_EXTENSION_HEADERS;
	const u32 lso6 = NDIS_LSO_IPV6_TCP_OPTIONS |
			 NDIS_LSO_IPV6_EXTENSION_HEADERS;
	struct net_device *ndev = adapter->ndev;
	u32 tso_max = GSO_LEGACY_MAX_SIZE;

	ndev->hw_features = NETIF_F_SG | NETIF_F_RXCSUM | NETIF_F_RXHASH;
	if ((caps->ipv4_tx & tcp4) == tcp4) {
		ndev->hw_features |= NETIF_F_IP_CSUM;
		adapter->tx_csum_v4 = RNDIS_TX_CSUM_TCP;
		if (caps->ipv4_tx & NDIS_CSUM_IPV4_UDP)
			adapter->tx_csum_v4 |= RNDIS_TX_CSUM_UDP;
		if (can_segment(&caps->lso_ipv4)) {
			ndev->hw_features |= NETIF_F_TSO;
			tso_max = min(tso_max, caps->lso_ipv4.max_size);
		}
	}
	if ((caps->ipv6_tx & tcp6) == tcp6) {
		ndev->hw_features |= NETIF_F_IPV6_CSUM;
		adapter->tx_csum_v6 = RNDIS_TX_CSUM_TCP;
		if (caps->ipv6_tx & NDIS_CSUM_IPV6_UDP)
			adapter->tx_csum_v6 |= RNDIS_TX_CSUM_UDP;
		if (can_segment(&caps->lso_ipv6) &&
		    (caps->lso_ipv6_options & lso6) == lso6) {
			ndev->hw_features |= NETIF_F_TSO6;
			tso_max = min(tso_max, caps->lso_ipv6.max_size);
		}
	}
	netif_set_tso_max_size(ndev, tso_max);

	ndev->features = ndev->hw_features | NETIF_F_HIGHDMA |
			 NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_CTAG_RX;
	ndev->vlan_features = ndev->hw_features | NETIF_F_HIGHDMA;
}

/* The NIC as the host describes it */
static int ask_host(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct net_device *ndev = adapter->ndev;
	struct ndis_offload_caps caps;
	u8 mac[ETH_ALEN];
	bool up;
	u32 mtu;
	int err;

	err = rndis_filter_query_mac(conn, mac);
	if (err)
		return err;
	eth_hw_addr_set(ndev, mac);

	err = rndis_filter_query_mtu(conn, &mtu);
	if (!err && mtu >= ETH_MIN_MTU && mtu < ndev->mtu)
		ndev->mtu = mtu;
	ndev->min_mtu = ETH_MIN_MTU;
	ndev->max_mtu = ndev->mtu;

	err = rndis_filter_set_offloads(conn, &caps);
	if (err)
		netdev_info(ndev, "continuing without offloads: %d\n", err);
	set_features(adapter, &caps);

	update_speed(conn);
	/* What the host says by itself meanwhile is newer than its answer */
	clear_bit(NETVSC_EVENT_LINK, &adapter->events);
	if (!rndis_filter_query_link(conn, &up) &&
	    !test_bit(NETVSC_EVENT_LINK, &adapter->events))
		WRITE_ONCE(adapter->link_up, up);
	/* A host that fails to answer something has no NIC for us; one that
	 * only refuses has.
	 */
	return netvsc_conn_error(conn);
}

/* Undo what was done of netvsc_connect(), however far it came. Nothing is sent
 * any more: the interface is down or was never there.
 */
static void netvsc_disconnect(struct netvsc_adapter *adapter,
			      struct netvsc_conn *conn)
{
	lockdep_assert_held(&adapter->conn_lock);
	netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
	if (conn->max_packets)
		rndis_filter_halt(conn);
	netvsc_conn_revoke(conn);

	RCU_INIT_POINTER(adapter->conn, NULL);
	synchronize_net();

	netvsc_conn_close(conn);
	netvsc_tx_purge(netvsc_conn_primary(conn));
	netvsc_conn_free(conn);
}

static int netvsc_connect(struct netvsc_adapter *adapter)
{
	struct netvsc_conn *conn = netvsc_conn_alloc(adapter);
	int err;

	if (!conn)
		return -ENOMEM;

	mutex_lock(&adapter->conn_lock);
	netvsc_conn_begin(conn, NETVSC_CONNECT_SEC);
	err = netvsc_conn_open(conn);
	if (!err)
		err = netvsc_conn_share(conn);
	if (!err)
		err = rndis_filter_init(conn);
	if (!err)
		err = ask_host(conn);
	if (!err)
		rcu_assign_pointer(adapter->conn, conn);
	else
		netvsc_disconnect(adapter, conn);
	mutex_unlock(&adapter->conn_lock);
	return err;
}

/* The device */

static void adapter_init(struct netvsc_adapter *adapter,
			 struct net_device *ndev, struct hv_device *hdev)
{
	adapter->ndev = ndev;
	adapter->hdev = hdev;
	adapter->msg_enable = netif_msg_init(debug, default_msg);
	adapter->ring_len = VMBUS_RING_SIZE(ring_size * HV_HYP_PAGE_SIZE);
	adapter->num_queues = 1;
	adapter->closing = true;
	adapter->speed = SPEED_UNKNOWN;
	adapter->duplex = DUPLEX_FULL;
	adapter->link_next = jiffies;
	cpumask_copy(&adapter->cpus, cpu_present_mask);
	mutex_init(&adapter->conn_lock);
	spin_lock_init(&adapter->kick_lock);
	INIT_DELAYED_WORK(&adapter->host_work, netvsc_host_work);
	ratelimit_state_init(&adapter->ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			     DEFAULT_RATELIMIT_BURST);
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
	ndev->watchdog_timeo = TX_TIMEOUT;
	netdev_lockdep_set_classes(ndev);
	netif_carrier_off(ndev);

	adapter = netdev_priv(ndev);
	adapter_init(adapter, ndev, hdev);
	adapter->queues[0] = queue_alloc(adapter, 0);
	if (!adapter->queues[0] || netif_set_real_num_tx_queues(ndev, 1) ||
	    netif_set_real_num_rx_queues(ndev, 1)) {
		queues_free(adapter);
		free_netdev(ndev);
		return NULL;
	}
	return ndev;
}

static void device_free(struct net_device *ndev)
{
	queues_free(netdev_priv(ndev));
	free_netdev(ndev);
}

static int netvsc_probe(struct hv_device *hdev,
			const struct hv_vmbus_device_id *id)
{
	struct netvsc_adapter *adapter;
	struct net_device *ndev;
	int err;

	/* Their pages are private: each would have to be made host-visible */
	if (hv_is_isolation_supported()) {
		dev_err(&hdev->device,
			"isolated guests are not supported by this version\n");
		return -EOPNOTSUPP;
	}
	ndev = device_alloc(hdev);
	if (!ndev)
		return -ENOMEM;
	adapter = netdev_priv(ndev);
	hv_set_drvdata(hdev, ndev);

	err = netvsc_connect(adapter);
	if (err) {
		netdev_err(ndev, "unable to connect to NetVSP - %d\n", err);
		goto err_free;
	}
	err = register_netdev(ndev);
	if (err) {
		netdev_err(ndev, "unable to register the device: %d\n", err);
		goto err_disconnect;
	}
	return 0;

err_disconnect:
	stop_events(adapter);
	mutex_lock(&adapter->conn_lock);
	netvsc_disconnect(adapter, netvsc_conn_locked(adapter));
	mutex_unlock(&adapter->conn_lock);
err_free:
	stop_events(adapter);
	hv_set_drvdata(hdev, NULL);
	device_free(ndev);
	return err;
}

static int netvsc_remove(struct hv_device *hdev)
{
	struct net_device *ndev = hv_get_drvdata(hdev);
	struct netvsc_adapter *adapter = netdev_priv(ndev);

	stop_events(adapter);
	unregister_netdev(ndev);

	mutex_lock(&adapter->conn_lock);
	netvsc_disconnect(adapter, netvsc_conn_locked(adapter));
	mutex_unlock(&adapter->conn_lock);

	hv_set_drvdata(hdev, NULL);
	device_free(ndev);
	return 0;
}

static const struct hv_vmbus_device_id netvsc_id_table[] = {
	{ HV_NIC_GUID, },
	{ },
};
MODULE_DEVICE_TABLE(vmbus, netvsc_id_table);

static struct hv_driver netvsc_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= netvsc_id_table,
	.probe		= netvsc_probe,
	.remove		= netvsc_remove,
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
	err = vmbus_driver_register(&netvsc_driver);
	if (err)
		destroy_workqueue(netvsc_wq);
	return err;
}
module_init(netvsc_init);

static void __exit netvsc_exit(void)
{
	vmbus_driver_unregister(&netvsc_driver);
	destroy_workqueue(netvsc_wq);
}
module_exit(netvsc_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Microsoft Hyper-V network driver");
MODULE_VERSION(NETVSC_VERSION);
