// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool.
 *
 * The names of the statistics and their order are what scripts know; new ones
 * come at the end. All are tables: a name and where its value is.
 */
#include <linux/cpumask.h>
#include <linux/ethtool.h>

#include "hyperv_net.h"

/**
 * struct stat_desc - one counter of a queue's blocks
 * @name: as ethtool shows it
 * @offset: of the u64 in its block
 * @tx: its block is struct netvsc_tx_stats, else struct netvsc_napi_stats
 */
struct stat_desc {
	char name[ETH_GSTRING_LEN];
	u16 offset;
	bool tx;
};

#define TX_STAT(name_, member) \
	{ name_, offsetof(struct netvsc_tx_stats, member), true }
#define NAPI_STAT(name_, member) \
	{ name_, offsetof(struct netvsc_napi_stats, member), false }

/* Sums over all queues that ever were */
static const struct stat_desc global_stats[] = {
	TX_STAT("tx_scattered", scattered),
	TX_STAT("tx_no_memory", no_memory),
	TX_STAT("tx_no_space", no_space),
	TX_STAT("tx_too_big", too_big),
	TX_STAT("tx_busy", busy),
	TX_STAT("tx_send_full", send_full),
	NAPI_STAT("rx_comp_busy", comp_busy),
	NAPI_STAT("rx_no_memory", no_memory),
	TX_STAT("stop_queue", stop_queue),
	NAPI_STAT("wake_queue", wake_queue),
};

/* Likewise; ours, behind all those that scripts know */
static const struct stat_desc more_stats[] = {
	NAPI_STAT("tx_errors", tx_errors),
	NAPI_STAT("rx_bad_frame", errors),
	NAPI_STAT("rx_after_down", dropped),
	NAPI_STAT("rx_bad_xfer", bad_xfer),
	NAPI_STAT("rx_bad_completion", bad_completion),
	NAPI_STAT("rx_bad_message", bad_message),
};

static const struct stat_desc queue_stats[] = {
	TX_STAT("tx_queue_%u_packets", packets),
	TX_STAT("tx_queue_%u_bytes", bytes),
	TX_STAT("tx_queue_%u_xdp_xmit", xdp_xmit),
	NAPI_STAT("rx_queue_%u_packets", packets),
	NAPI_STAT("rx_queue_%u_bytes", bytes),
	NAPI_STAT("rx_queue_%u_xdp_drop", xdp_drop),
	NAPI_STAT("rx_queue_%u_xdp_redirect", xdp_redirect),
	NAPI_STAT("rx_queue_%u_xdp_tx", xdp_tx),
};

/* Have no counter in a queue: in-band VLAN tags, and the VF's share */
static const char other_stats[][ETH_GSTRING_LEN] = {
	"vlan_error",
	"vf_rx_packets", "vf_rx_bytes",
	"vf_tx_packets", "vf_tx_bytes", "vf_tx_dropped",
};

static const char cpu_stats[][ETH_GSTRING_LEN] = {
	"cpu%u_rx_packets", "cpu%u_rx_bytes",
	"cpu%u_tx_packets", "cpu%u_tx_bytes",
	"cpu%u_vf_rx_packets", "cpu%u_vf_rx_bytes",
	"cpu%u_vf_tx_packets", "cpu%u_vf_tx_bytes",
};

static u64 read_stat(const struct netvsc_queue *queue,
		     const struct stat_desc *desc)
{
	const void *block = desc->tx ? (const void *)&queue->tx.stats :
				       (const void *)&queue->rx.stats;
	const struct u64_stats_sync *syncp = desc->tx ?
		&queue->tx.stats.syncp : &queue->rx.stats.syncp;
	unsigned int start;
	u64 value;

	do {
		start = u64_stats_fetch_begin(syncp);
		value = *(const u64 *)(block + desc->offset);
	} while (u64_stats_fetch_retry(syncp, start));
	return value;
}

static u64 sum_stat(const struct netvsc_adapter *adapter,
		    const struct stat_desc *desc)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++)
		sum += read_stat(adapter->queues[i], desc);
	return sum;
}

static int netvsc_get_sset_count(struct net_device *ndev, int string_set)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	if (string_set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return ARRAY_SIZE(global_stats) + ARRAY_SIZE(other_stats) +
	       adapter->num_queues * ARRAY_SIZE(queue_stats) +
	       cpumask_weight(&adapter->cpus) * ARRAY_SIZE(cpu_stats) +
	       ARRAY_SIZE(more_stats);
}

static void netvsc_get_strings(struct net_device *ndev, u32 string_set,
			       u8 *data)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 cpu, i, q;

	if (string_set != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(global_stats); i++)
		ethtool_sprintf(&data, "%s", global_stats[i].name);
	for (i = 0; i < ARRAY_SIZE(other_stats); i++)
		ethtool_sprintf(&data, "%s", other_stats[i]);
	for (q = 0; q < adapter->num_queues; q++)
		for (i = 0; i < ARRAY_SIZE(queue_stats); i++)
			ethtool_sprintf(&data, queue_stats[i].name, q);
	for_each_cpu(cpu, &adapter->cpus)
		for (i = 0; i < ARRAY_SIZE(cpu_stats); i++)
			ethtool_sprintf(&data, cpu_stats[i], cpu);
	for (i = 0; i < ARRAY_SIZE(more_stats); i++)
		ethtool_sprintf(&data, "%s", more_stats[i].name);
}

/* What a CPU's share is: the queues whose channel interrupts it now */
static void put_cpu_stats(const struct netvsc_adapter *adapter, u32 cpu,
			  u64 *data)
{
	static const struct stat_desc share[] = {
		NAPI_STAT("", packets), NAPI_STAT("", bytes),
		TX_STAT("", packets), TX_STAT("", bytes),
	};
	u32 q, i;

	for (q = 0; q < adapter->num_queues; q++) {
		const struct netvsc_queue *queue = adapter->queues[q];
		const struct vmbus_channel *chan = READ_ONCE(queue->chan);

		if (!chan || READ_ONCE(chan->target_cpu) != cpu)
			continue;
		for (i = 0; i < ARRAY_SIZE(share); i++)
			data[i] += read_stat(queue, &share[i]);
	}
}

static void netvsc_get_ethtool_stats(struct net_device *ndev,
				     struct ethtool_stats *stats, u64 *data)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 cpu, i, q;

	memset(data, 0, stats->n_stats * sizeof(*data));
	for (i = 0; i < ARRAY_SIZE(global_stats); i++)
		*data++ = sum_stat(adapter, &global_stats[i]);
	data += ARRAY_SIZE(other_stats);
	for (q = 0; q < adapter->num_queues; q++)
		for (i = 0; i < ARRAY_SIZE(queue_stats); i++)
			*data++ = read_stat(adapter->queues[q], &queue_stats[i]);
	for_each_cpu(cpu, &adapter->cpus) {
		put_cpu_stats(adapter, cpu, data);
		data += ARRAY_SIZE(cpu_stats);
	}
	for (i = 0; i < ARRAY_SIZE(more_stats); i++)
		*data++ = sum_stat(adapter, &more_stats[i]);
}

static void netvsc_get_drvinfo(struct net_device *ndev,
			       struct ethtool_drvinfo *info)
{
	/* The core adds the bus address; the host tells no firmware version */
	strscpy(info->fw_version, "N/A", ETHTOOL_FWVERS_LEN);
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
}

static u32 netvsc_get_msglevel(struct net_device *ndev)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	return adapter->msg_enable;
}

static void netvsc_set_msglevel(struct net_device *ndev, u32 mask)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);

	adapter->msg_enable = mask;
}

static int netvsc_get_link_ksettings(struct net_device *ndev,
				     struct ethtool_link_ksettings *cmd)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	cmd->base.speed = READ_ONCE(adapter->speed);
	cmd->base.duplex = adapter->duplex;
	cmd->base.port = PORT_OTHER;
	return 0;
}

const struct ethtool_ops netvsc_ethtool_ops = {
	.get_drvinfo		= netvsc_get_drvinfo,
	.get_msglevel		= netvsc_get_msglevel,
	.set_msglevel		= netvsc_set_msglevel,
	.get_link		= ethtool_op_get_link,
	.get_ts_info		= ethtool_op_get_ts_info,
	.get_link_ksettings	= netvsc_get_link_ksettings,
	.get_sset_count		= netvsc_get_sset_count,
	.get_strings		= netvsc_get_strings,
	.get_ethtool_stats	= netvsc_get_ethtool_stats,
};
