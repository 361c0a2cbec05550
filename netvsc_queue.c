// SPDX-License-Identifier: GPL-2.0
/*
 * Queues: they are made when they are first wanted and freed with the
 * net_device; which of them are in use follows the channels that are open.
 */
#include <linux/slab.h>

#include "hyperv_net.h"

/* Making them */

/* At once for whoever has the device's lock: the core waits in there for ever for the
 * thread of a NAPI that is disabled.
 */
static void napi_remove(struct netvsc_queue *queue)
{
	struct net_device *ndev = queue->adapter->ndev;

	netdev_lock(ndev);
	napi_disable_locked(&queue->napi);
	__netif_napi_del_locked(&queue->napi);
	netdev_unlock(ndev);
	/* Who found it in the list */
	synchronize_net();
}

static void queue_free(struct netvsc_queue *queue)
{
	napi_remove(queue);
	netvsc_xdp_queue_free(queue);
	if (queue->rx.pool)
		page_pool_destroy(queue->rx.pool);
	if (queue->tx.hdr)
		free_pages_exact(queue->tx.hdr, NETVSC_SLOTS * NETVSC_HDR_LEN);
	kvfree(queue->tx.bounced);
	kvfree(queue->tx.slots);
	kfree(queue->xsk);
	kvfree(queue);
}

/**
 * netvsc_queues_free() - with the adapter, once no channel is open
 * @adapter: adapter; its net_device is not registered any more
 */
void netvsc_queues_free(struct netvsc_adapter *adapter)
{
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		queue_free(adapter->queues[i]);
		adapter->queues[i] = NULL;
	}
}

/* Nothing is mapped for DMA: frames are copied into the pages */
static int pool_create(struct netvsc_queue *queue, int node)
{
	const struct page_pool_params params = {
		.flags = COMPAT_PP_FLAG_PAGE_FRAG,
		.pool_size = NETVSC_POOL_PAGES,
		.nid = node,
		COMPAT_PP_NAPI(&queue->napi)
	};
	struct page_pool *pool;

	pool = page_pool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	queue->rx.pool = pool;
	return 0;
}

/* Enabled for as long as there is the queue, whether it has a channel or not: see
 * napi_remove()
 */
static void napi_add(struct netvsc_queue *queue)
{
	netif_napi_add_config(queue->adapter->ndev, &queue->napi,
			      netvsc_rx_poll, queue->idx);
	napi_enable(&queue->napi);
}

static int tx_alloc(struct netvsc_queue *queue)
{
	struct netvsc_tx *tx = &queue->tx;

	tx->slots = kvcalloc(NETVSC_SLOTS, sizeof(*tx->slots), GFP_KERNEL);
	tx->hdr = alloc_pages_exact(NETVSC_SLOTS * NETVSC_HDR_LEN,
				    GFP_KERNEL | __GFP_ZERO);
	if (!tx->slots || !tx->hdr)
		return -ENOMEM;
	if (!netvsc_bounce_wanted(queue->adapter->hdev))
		return 0;
	tx->bounced = kvcalloc(NETVSC_SLOTS, sizeof(*tx->bounced), GFP_KERNEL);
	return tx->bounced ? 0 : -ENOMEM;
}

static struct netvsc_queue *queue_alloc(struct netvsc_adapter *adapter, u32 idx)
{
	int node = dev_to_node(&adapter->hdev->device);
	struct netvsc_queue *queue;

	queue = kvzalloc_node(sizeof(*queue), GFP_KERNEL, node);
	if (!queue)
		return NULL;
	queue->adapter = adapter;
	queue->idx = idx;
	queue->cpu = nr_cpu_ids;
	queue->tx.txq = netdev_get_tx_queue(adapter->ndev, idx);
	netdev_queue_set_dql_min_limit(queue->tx.txq, NETVSC_BQL_MIN);
	queue->tx.msg.type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET);
	queue->tx.msg.rndis_packet.channel_type = cpu_to_le32(NVSP_RNDIS_DATA);
	u64_stats_init(&queue->tx.stats.syncp);
	u64_stats_init(&queue->rx.stats.syncp);

	napi_add(queue);
	if (pool_create(queue, node) || tx_alloc(queue) ||
	    netvsc_xdp_queue_init(queue)) {
		queue_free(queue);
		return NULL;
	}
	netvsc_slots_reset(queue);
	return queue;
}

/**
 * netvsc_queues_alloc() - have queues made
 * @adapter: adapter
 * @queues: so many, those that there are counted
 *
 * Context: process.
 * Return: how many there are, up to @queues.
 */
u32 netvsc_queues_alloc(struct netvsc_adapter *adapter, u32 queues)
{
	u32 i;

	for (i = 0; i < queues; i++) {
		if (!adapter->queues[i]) {
			/* Statistics look without a lock: it is complete */
			smp_store_release(&adapter->queues[i],
					  queue_alloc(adapter, i));
		}
		if (!adapter->queues[i])
			break;
	}
	return i;
}

/* Using them */

/**
 * netvsc_queues_use() - use the first so many queues
 * @conn: connection
 * @queues: number of them; their channels are open
 *
 * That is the host's table, ours and the core's.
 *
 * Context: process, conn_lock, and RTNL once the net_device is registered.
 * Return: 0; -EOPNOTSUPP, -EIO the host does not spread; as
 * netvsc_conn_error(); or what the core said.
 */
int netvsc_queues_use(struct netvsc_conn *conn, u32 queues)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct net_device *ndev = adapter->ndev;
	bool fewer = queues < adapter->num_queues;
	int err = 0;
	u32 i;

	if (!fewer)
		err = netif_set_real_num_queues(ndev, queues, queues);
	if (!err && (queues > 1 || adapter->rss.on))
		err = netvsc_rss_apply(conn, queues);
	if (!err && fewer)
		err = netif_set_real_num_queues(ndev, queues, queues);
	if (err && !fewer)
		netif_set_real_num_queues(ndev, adapter->num_queues,
					  adapter->num_queues);
	if (err)
		return err;

	netvsc_tx_table_update(adapter, queues);
	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		struct napi_struct *napi = &adapter->queues[i]->napi;

		if (i >= queues)
			napi = NULL;
		netif_queue_set_napi(ndev, i, NETDEV_QUEUE_TYPE_RX, napi);
		netif_queue_set_napi(ndev, i, NETDEV_QUEUE_TYPE_TX, napi);
	}
	return 0;
}

/* Use what there is, up to what is wanted; @least always work */
static void use_usable(struct netvsc_conn *conn, u32 least)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 n = min(netvsc_channels_usable(adapter), adapter->config.queues);
	int err;

	err = netvsc_queues_use(conn, n);
	/* With the next connection there may be as many again: what the user has set
	 * up for each (XPS, RPS, traffic classes) would go with them
	 */
	if (!err || n <= least || netvsc_conn_error(conn))
		return;
	netif_warn(adapter, probe, adapter->ndev,
		   "using %u of %u queues: spreading over them failed: %d\n",
		   least, n, err);
	netvsc_queues_use(conn, least);
}

static u32 queues_wanted(const struct netvsc_adapter *adapter)
{
	return min3(adapter->config.queues, adapter->host_queues, num_online_cpus());
}

/* The core has a place for sub-channels in sysfs, where users move them to other CPUs,
 * only when it has made the device known: for a card that comes while the driver is
 * there, that is after probe(). Until then the primary channel has to do.
 */
static bool has_place(const struct netvsc_adapter *adapter)
{
	return READ_ONCE(adapter->hdev->channels_kset);
}

static void grow_later(struct netvsc_adapter *adapter)
{
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_QUEUES, HZ / 20);
}

/* Channels for the queues that are wanted */
static int grow(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 want = queues_wanted(adapter);

	if (want > 1 && !has_place(adapter)) {
		grow_later(adapter);
		return 0;
	}
	return netvsc_channels_grow(conn, netvsc_queues_alloc(adapter, want));
}

/**
 * netvsc_queues_open() - sub-channels for the queues that are wanted
 * @conn: connection with its RNDIS session
 *
 * Context: as netvsc_queues_use(); waits for the host.
 * Return: 0, or as netvsc_conn_error().
 */
int netvsc_queues_open(struct netvsc_conn *conn)
{
	int err;

	netvsc_tx_table_reset(conn->adapter);
	err = netvsc_rss_ask(conn);
	if (!err)
		err = grow(conn);
	if (err)
		return err;
	use_usable(conn, 1);
	return netvsc_conn_error(conn);
}

static void grow_late(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 want = queues_wanted(adapter);

	if (want <= 1)
		return;
	if (!has_place(adapter) ||
	    netvsc_channels_ask(conn, netvsc_queues_alloc(adapter, want)) == -EAGAIN)
		grow_later(adapter);
}

/**
 * netvsc_queues_late() - a sub-channel came when nobody waited for it any more, or
 * is to be asked for only now
 * @adapter: adapter
 *
 * Context: process, RTNL.
 */
void netvsc_queues_late(struct netvsc_adapter *adapter)
{
	struct netvsc_conn *conn;

	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	if (conn && !netvsc_channels_asked(conn))
		grow_late(conn);
	if (conn && !netvsc_channels_pending(conn) &&
	    netvsc_channels_usable(adapter) > adapter->num_queues &&
	    adapter->config.queues > adapter->num_queues) {
		netvsc_conn_begin(conn, NETVSC_LEAVE_SEC);
		use_usable(conn, adapter->num_queues);
	}
	mutex_unlock(&adapter->conn_lock);
}

/**
 * netvsc_queues_max() - how many there can be now
 * @adapter: adapter
 *
 * One for each CPU that is online. A queue stays when a CPU goes.
 *
 * Context: RTNL.
 * Return: 1 to NVSP_MAX_CHANNELS.
 */
u32 netvsc_queues_max(const struct netvsc_adapter *adapter)
{
	u32 most = min(adapter->host_queues, num_online_cpus());

	return max(most, adapter->num_queues);
}

/**
 * netvsc_queues_default() - how many to have when the user did not say
 *
 * Return: 1 to NVSP_MAX_CHANNELS.
 */
u32 netvsc_queues_default(void)
{
	u32 queues = max_t(u32, NETVSC_QUEUES,
			   netif_get_num_default_rss_queues());

	return min3(queues, num_online_cpus(), (u32)NVSP_MAX_CHANNELS);
}
