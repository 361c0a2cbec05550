// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics of the net_device, as a whole and by queue. ethtool's own are in
 * netvsc_ethtool.c.
 *
 * A queue counts for as long as the net_device exists, whether it is in use or
 * not, so nothing here ever runs backwards.
 */
#include <linux/netdevice.h>

#include "hyperv_net.h"

/* As a whole */

static void add_tx_stats(const struct netvsc_tx_stats *from,
			 struct rtnl_link_stats64 *to)
{
	u64 packets, bytes, dropped;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->syncp);
		packets = u64_stats_read(&from->packets);
		bytes = u64_stats_read(&from->bytes);
		dropped = u64_stats_read(&from->dropped);
	} while (u64_stats_fetch_retry(&from->syncp, start));
	to->tx_packets += packets;
	to->tx_bytes += bytes;
	to->tx_dropped += dropped;
}

static void add_rx_stats(const struct netvsc_napi_stats *from,
			 struct rtnl_link_stats64 *to)
{
	u64 packets, bytes, multicast, dropped, errors, tx_errors;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->syncp);
		packets = u64_stats_read(&from->packets);
		bytes = u64_stats_read(&from->bytes);
		multicast = u64_stats_read(&from->multicast);
		dropped = u64_stats_read(&from->no_memory) +
			  u64_stats_read(&from->xsk_starved) +
			  u64_stats_read(&from->xsk_too_long);
		errors = u64_stats_read(&from->errors) +
			 u64_stats_read(&from->bad_xfer) +
			 u64_stats_read(&from->rsc_bad);
		tx_errors = u64_stats_read(&from->tx_errors);
	} while (u64_stats_fetch_retry(&from->syncp, start));
	to->rx_packets += packets;
	to->rx_bytes += bytes;
	to->multicast += multicast;
	to->rx_dropped += dropped;
	to->rx_errors += errors;
	to->tx_errors += tx_errors;
}

/**
 * netvsc_get_stats64() - the net_device's operation
 * @ndev: our net_device
 * @stats: sums over all queues and VFs that ever were
 *
 * Context: any.
 */
void netvsc_get_stats64(struct net_device *ndev,
			struct rtnl_link_stats64 *stats)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_vf_counts vf;
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		add_tx_stats(&adapter->queues[i]->tx.stats, stats);
		add_rx_stats(&adapter->queues[i]->rx.stats, stats);
	}
	netvsc_path_sum_counts(adapter, &vf);
	stats->rx_packets += vf.rx_packets;
	stats->rx_bytes += vf.rx_bytes;
	stats->tx_packets += vf.tx_packets;
	stats->tx_bytes += vf.tx_bytes;
	stats->tx_dropped += vf.tx_dropped;
}

/* By queue */

static void add_queue_rx(const struct netvsc_queue *queue,
			 struct netdev_queue_stats_rx *to)
{
	const struct netvsc_napi_stats *from = &queue->rx.stats;
	u64 packets, bytes, no_memory;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->syncp);
		packets = u64_stats_read(&from->packets);
		bytes = u64_stats_read(&from->bytes);
		no_memory = u64_stats_read(&from->no_memory) +
			    u64_stats_read(&from->xsk_starved);
	} while (u64_stats_fetch_retry(&from->syncp, start));
	to->packets += packets;
	to->bytes += bytes;
	to->alloc_fail += no_memory;
}

static void add_queue_tx(const struct netvsc_queue *queue,
			 struct netdev_queue_stats_tx *to)
{
	const struct netvsc_napi_stats *done = &queue->rx.stats;
	const struct netvsc_tx_stats *from = &queue->tx.stats;
	u64 packets, bytes, stop, refused, wake;
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&from->syncp);
		packets = u64_stats_read(&from->packets);
		bytes = u64_stats_read(&from->bytes);
		stop = u64_stats_read(&from->stop_queue);
	} while (u64_stats_fetch_retry(&from->syncp, start));
	do {
		start = u64_stats_fetch_begin(&done->syncp);
		refused = u64_stats_read(&done->tx_errors);
		wake = u64_stats_read(&done->wake_queue);
	} while (u64_stats_fetch_retry(&done->syncp, start));
	to->packets += packets;
	to->bytes += bytes;
	to->hw_drops += refused;
	to->stop += stop;
	to->wake += wake;
}

/* The core has marked what nobody counts: only what is set here is shown */
static void begin_queue_rx(struct netdev_queue_stats_rx *stats)
{
	stats->packets = 0;
	stats->bytes = 0;
	stats->alloc_fail = 0;
}

static void begin_queue_tx(struct netdev_queue_stats_tx *stats)
{
	stats->packets = 0;
	stats->bytes = 0;
	stats->hw_drops = 0;
	stats->stop = 0;
	stats->wake = 0;
}

static void netvsc_get_queue_stats_rx(struct net_device *ndev, int idx,
				      struct netdev_queue_stats_rx *stats)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	begin_queue_rx(stats);
	add_queue_rx(adapter->queues[idx], stats);
}

static void netvsc_get_queue_stats_tx(struct net_device *ndev, int idx,
				      struct netdev_queue_stats_tx *stats)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	begin_queue_tx(stats);
	add_queue_tx(adapter->queues[idx], stats);
}

/* The past of queues that are not in use now: the core adds the others */
static void netvsc_get_base_stats(struct net_device *ndev,
				  struct netdev_queue_stats_rx *rx,
				  struct netdev_queue_stats_tx *tx)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 i;

	begin_queue_rx(rx);
	begin_queue_tx(tx);
	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		if (i >= ndev->real_num_rx_queues)
			add_queue_rx(adapter->queues[i], rx);
		if (i >= ndev->real_num_tx_queues)
			add_queue_tx(adapter->queues[i], tx);
	}
}

const struct netdev_stat_ops netvsc_stat_ops = {
	.get_queue_stats_rx	= netvsc_get_queue_stats_rx,
	.get_queue_stats_tx	= netvsc_get_queue_stats_tx,
	.get_base_stats		= netvsc_get_base_stats,
};
