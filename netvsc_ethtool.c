// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool.
 *
 * The names of the statistics and their order are what scripts know; new ones
 * come at the end. All are tables: a name and where its value is.
 */
#include <linux/cpumask.h>
#include <linux/ethtool.h>
#include <linux/if_vlan.h>

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
	TX_STAT("vlan_error", vlan_error),
};

/* Likewise; ours, behind all those that scripts know */
static const struct stat_desc more_stats[] = {
	NAPI_STAT("tx_errors", tx_errors),
	NAPI_STAT("rx_bad_frame", errors),
	NAPI_STAT("rx_after_down", dropped),
	NAPI_STAT("rx_bad_xfer", bad_xfer),
	NAPI_STAT("rx_bad_completion", bad_completion),
	NAPI_STAT("rx_bad_message", bad_message),
	NAPI_STAT("rx_rsc_packets", rsc_packets),
	NAPI_STAT("rx_rsc_fragments", rsc_fragments),
	NAPI_STAT("rx_rsc_plain", rsc_plain),
	NAPI_STAT("rx_rsc_bad", rsc_bad),
	NAPI_STAT("rx_xdp_error", xdp_error),
	TX_STAT("tx_xsk", xsk),
	NAPI_STAT("rx_xsk_starved", xsk_starved),
	NAPI_STAT("rx_xsk_too_long", xsk_too_long),
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

/* Those of the adapter itself */
static const char leak_stats[NETVSC_LEAKS][ETH_GSTRING_LEN] = {
	[NETVSC_LEAK_RECV] = "recv_buf_leaked",
	[NETVSC_LEAK_SEND] = "send_buf_leaked",
	[NETVSC_LEAK_RING] = "rings_leaked",
};

/* In the order of struct netvsc_vf_counts */
static const char vf_stats[][ETH_GSTRING_LEN] = {
	"vf_rx_packets", "vf_rx_bytes",
	"vf_tx_packets", "vf_tx_bytes", "vf_tx_dropped",
};

static_assert(sizeof(struct netvsc_vf_counts) ==
	      ARRAY_SIZE(vf_stats) * sizeof(u64));

/* Of those, what is shown for each CPU */
#define CPU_VF_STATS	NETVSC_CPU_COUNTS

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
		value = u64_stats_read(block + desc->offset);
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
	return ARRAY_SIZE(global_stats) + ARRAY_SIZE(vf_stats) +
	       adapter->num_queues * ARRAY_SIZE(queue_stats) +
	       cpumask_weight(&adapter->cpus) * ARRAY_SIZE(cpu_stats) +
	       ARRAY_SIZE(more_stats) + ARRAY_SIZE(leak_stats);
}

static void netvsc_get_strings(struct net_device *ndev, u32 string_set,
			       u8 *data)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 cpu, i, q;

	if (string_set != ETH_SS_STATS)
		return;
	for (i = 0; i < ARRAY_SIZE(global_stats); i++)
		ethtool_puts(&data, global_stats[i].name);
	for (i = 0; i < ARRAY_SIZE(vf_stats); i++)
		ethtool_puts(&data, vf_stats[i]);
	for (q = 0; q < adapter->num_queues; q++)
		for (i = 0; i < ARRAY_SIZE(queue_stats); i++)
			ethtool_sprintf(&data, queue_stats[i].name, q);
	for_each_cpu(cpu, &adapter->cpus)
		for (i = 0; i < ARRAY_SIZE(cpu_stats); i++)
			ethtool_sprintf(&data, cpu_stats[i], cpu);
	for (i = 0; i < ARRAY_SIZE(more_stats); i++)
		ethtool_puts(&data, more_stats[i].name);
	for (i = 0; i < ARRAY_SIZE(leak_stats); i++)
		ethtool_puts(&data, leak_stats[i]);
}

/* A CPU's share is what the queues counted while their channel interrupted it. It
 * keeps that when the channel goes to another CPU, or when there is none any more:
 * no figure shrinks. When exactly a channel went is not known, so what a queue
 * counted since the last look is its last CPU's.
 */
static void share_out(struct netvsc_adapter *adapter,
		      struct netvsc_queue *queue)
{
	static const struct stat_desc share[NETVSC_CPU_COUNTS] = {
		NAPI_STAT("", packets), NAPI_STAT("", bytes),
		TX_STAT("", packets), TX_STAT("", bytes),
	};
	const struct vmbus_channel *chan = READ_ONCE(queue->chan);
	u32 cpu = chan ? READ_ONCE(chan->target_cpu) : queue->cpu, i;
	u64 value;

	if (queue->cpu >= nr_cpu_ids)
		queue->cpu = cpu;
	if (cpu >= nr_cpu_ids)
		return;
	for (i = 0; i < NETVSC_CPU_COUNTS; i++) {
		value = read_stat(queue, &share[i]);
		adapter->cpu_counts[queue->cpu][i] += value - queue->shared[i];
		queue->shared[i] = value;
	}
	queue->cpu = cpu;
}

/* What went by queues and by VFs on a CPU */
static void put_cpu_stats(const struct netvsc_adapter *adapter, u32 cpu,
			  u64 *data)
{
	struct netvsc_vf_counts vf;
	u32 i;

	memcpy(data, adapter->cpu_counts[cpu], sizeof(adapter->cpu_counts[cpu]));
	netvsc_path_read_counts(adapter, cpu, &vf);
	for (i = 0; i < CPU_VF_STATS; i++) {
		data[i] += ((const u64 *)&vf)[i];
		data[CPU_VF_STATS + i] = ((const u64 *)&vf)[i];
	}
}

static void netvsc_get_ethtool_stats(struct net_device *ndev,
				     struct ethtool_stats *stats, u64 *data)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 cpu, i, q;

	memset(data, 0, stats->n_stats * sizeof(*data));
	for (i = 0; i < ARRAY_SIZE(global_stats); i++)
		*data++ = sum_stat(adapter, &global_stats[i]);
	netvsc_path_sum_counts(adapter, (struct netvsc_vf_counts *)data);
	data += ARRAY_SIZE(vf_stats);
	for (q = 0; q < adapter->num_queues; q++)
		for (i = 0; i < ARRAY_SIZE(queue_stats); i++)
			*data++ = read_stat(adapter->queues[q], &queue_stats[i]);
	for (q = 0; q < NVSP_MAX_CHANNELS && adapter->queues[q]; q++)
		share_out(adapter, adapter->queues[q]);
	for_each_cpu(cpu, &adapter->cpus) {
		put_cpu_stats(adapter, cpu, data);
		data += ARRAY_SIZE(cpu_stats);
	}
	for (i = 0; i < ARRAY_SIZE(more_stats); i++)
		*data++ = sum_stat(adapter, &more_stats[i]);
	for (i = 0; i < ARRAY_SIZE(leak_stats); i++)
		*data++ = atomic_read(&adapter->leaks[i]);
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
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	int err;

	/* Some VFs cannot say */
	err = netvsc_vf_get_link_ksettings(adapter, cmd);
	if (err != -ENODEV && err != -EOPNOTSUPP)
		return err;
	cmd->base.speed = READ_ONCE(adapter->speed);
	cmd->base.duplex = adapter->duplex;
	cmd->base.port = PORT_OTHER;
	return 0;
}

/* No host takes one: this is what bonding and the like are to believe, until
 * the host has something new to say. A VF may take one.
 */
static int netvsc_set_link_ksettings(struct net_device *ndev,
				     const struct ethtool_link_ksettings *cmd)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	u8 duplex;
	u32 speed;
	int err;

	err = netvsc_vf_set_link_ksettings(adapter, cmd);
	if (err != -ENODEV)
		return err;
	err = ethtool_virtdev_set_link_ksettings(ndev, cmd, &speed, &duplex);
	if (err)
		return err;
	WRITE_ONCE(adapter->speed, speed);
	adapter->duplex = duplex;
	return 0;
}

static int netvsc_get_tunable(struct net_device *ndev,
			      const struct ethtool_tunable *tuna, void *data)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	switch (tuna->id) {
	case ETHTOOL_RX_COPYBREAK:
		*(u32 *)data = adapter->rx_copybreak;
		return 0;
	case ETHTOOL_TX_COPYBREAK:
		*(u32 *)data = min(adapter->tx_copybreak,
				   adapter->max_mtu + VLAN_ETH_HLEN);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int netvsc_set_tunable(struct net_device *ndev,
			      const struct ethtool_tunable *tuna,
			      const void *data)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);

	switch (tuna->id) {
	case ETHTOOL_RX_COPYBREAK:
		return netvsc_rx_set_copybreak(adapter, *(const u32 *)data);
	case ETHTOOL_TX_COPYBREAK:
		return netvsc_tx_set_copybreak(adapter, *(const u32 *)data);
	default:
		return -EOPNOTSUPP;
	}
}

/* Batches of small packets. Interrupts are the host's to moderate. */

static __maybe_unused void
netvsc_get_aggr(struct net_device *ndev, u32 *packets, u32 *bytes)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	const struct netvsc_conn *conn = netvsc_conn_locked(adapter);

	*packets = conn ? conn->batch_packets : adapter->aggr.packets;
	*bytes = conn ? conn->batch_len : adapter->aggr.bytes;
}

static __maybe_unused int
netvsc_set_aggr(struct net_device *ndev, u32 packets, u32 bytes,
		struct netlink_ext_ack *extack)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_conn *conn = netvsc_conn_locked(adapter);

	if (!conn) {
		NL_SET_ERR_MSG_MOD(extack, "no connection to the host");
		return -ENETDOWN;
	}
	if (packets == conn->batch_packets && bytes == conn->batch_len)
		return 0;
	if (!conn->sects.size) {
		NL_SET_ERR_MSG_MOD(extack, "nothing is batched without a send buffer");
		return -EOPNOTSUPP;
	}
	if (!packets || packets > conn->max_packets) {
		NL_SET_ERR_MSG_MOD(extack, "the host takes no batch of so many packets");
		return -EINVAL;
	}
	if (!bytes || bytes > netvsc_tx_batch_max(conn)) {
		NL_SET_ERR_MSG_MOD(extack, "a send section takes no batch of so many bytes");
		return -EINVAL;
	}
	/* All that this host takes is not what the next one does */
	adapter->aggr.packets = packets < conn->max_packets ? packets : 0;
	adapter->aggr.bytes = bytes < netvsc_tx_batch_max(conn) ? bytes : 0;
	netvsc_tx_limits_set(conn);
	return 0;
}

COMPAT_TX_AGGR(netvsc_get_coalesce, netvsc_get_aggr,
	       netvsc_set_coalesce, netvsc_set_aggr)

static void netvsc_get_channels(struct net_device *ndev,
				struct ethtool_channels *channels)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	channels->max_combined = netvsc_queues_max(adapter);
	channels->combined_count = adapter->num_queues;
}

static int netvsc_set_channels(struct net_device *ndev,
			       struct ethtool_channels *channels)
{
	/* The core has refused what is above the limits, other kinds included */
	return netvsc_set_queues(netdev_priv(ndev), channels->combined_count);
}

/* As the user set them: the buffer's last page may hold a few more */
static u32 sections_shown(u32 have, u32 wanted)
{
	return wanted ? min(have, wanted) : have;
}

static void netvsc_get_ringparam(struct net_device *ndev,
				 struct ethtool_ringparam *ring,
				 struct kernel_ethtool_ringparam *kernel_ring,
				 struct netlink_ext_ack *extack)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	const struct netvsc_config *config = &adapter->config;
	const struct netvsc_conn *conn = netvsc_conn_locked(adapter);

	if (!conn)
		return;
	ring->rx_max_pending = netvsc_recv_buf_max(conn) / conn->sections.size;
	ring->rx_pending = sections_shown(conn->sections.count,
					  config->recv_sections);
	if (!conn->sects.cnt)
		return;
	ring->tx_max_pending = NETVSC_SEND_BUF_MAX / conn->sects.size;
	ring->tx_pending = sections_shown(conn->sects.cnt,
					  config->send_sections);
}

static int netvsc_set_ringparam(struct net_device *ndev,
				struct ethtool_ringparam *ring,
				struct kernel_ethtool_ringparam *kernel_ring,
				struct netlink_ext_ack *extack)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_config config = adapter->config;
	struct netvsc_conn *conn = netvsc_conn_locked(adapter);
	struct ethtool_ringparam now = {};

	if (!conn) {
		NL_SET_ERR_MSG_MOD(extack, "no connection to the host");
		return -ENETDOWN;
	}
	netvsc_get_ringparam(ndev, &now, kernel_ring, extack);
	ring->rx_pending = max_t(u32, ring->rx_pending, NETVSC_MIN_SECTIONS);
	ring->tx_pending = max_t(u32, ring->tx_pending, NETVSC_MIN_SECTIONS);
	ring->tx_pending = min(ring->tx_pending, now.tx_max_pending);

	if (ring->rx_pending != now.rx_pending) {
		config.recv_sections = ring->rx_pending;
		config.recv_len = PAGE_ALIGN(ring->rx_pending *
					     conn->sections.size);
	}
	if (ring->tx_pending != now.tx_pending) {
		config.send_sections = ring->tx_pending;
		config.send_len = PAGE_ALIGN(ring->tx_pending *
					     conn->sects.size);
	}
	if (ring->rx_pending == now.rx_pending &&
	    ring->tx_pending == now.tx_pending)
		return 0;
	return netvsc_reconfigure(adapter, &config);
}

/* Receive side scaling */

static u32 netvsc_get_rxfh_key_size(struct net_device *ndev)
{
	return NDIS_RSS_KEY_LEN;
}

static u32 netvsc_get_rxfh_indir_size(struct net_device *ndev)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	return adapter->rss.entries;
}

static u32 netvsc_get_rx_ring_count(struct net_device *ndev)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);

	return adapter->num_queues;
}

static int netvsc_get_rxfh(struct net_device *ndev,
			   struct ethtool_rxfh_param *param)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 i;

	param->hfunc = ETH_RSS_HASH_TOP;
	if (param->key)
		memcpy(param->key, adapter->rss.key, NDIS_RSS_KEY_LEN);
	for (i = 0; param->indir && i < adapter->rss.entries; i++)
		param->indir[i] = netvsc_rss_entry(adapter, i);
	return 0;
}

static int netvsc_set_rxfh(struct net_device *ndev,
			   struct ethtool_rxfh_param *param,
			   struct netlink_ext_ack *extack)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_rss rss = adapter->rss;
	int err;
	u32 i;

	if (param->hfunc != ETH_RSS_HASH_NO_CHANGE &&
	    param->hfunc != ETH_RSS_HASH_TOP) {
		NL_SET_ERR_MSG_MOD(extack, "the host hashes by Toeplitz only");
		return -EOPNOTSUPP;
	}
	if (!rss.entries) {
		NL_SET_ERR_MSG_MOD(extack, "the host has no RSS");
		return -EOPNOTSUPP;
	}
	if (param->key) {
		memcpy(rss.key, param->key, NDIS_RSS_KEY_LEN);
		rss.key_set = true;
	}
	/* The core has seen to it that each is a queue in use */
	for (i = 0; param->indir && i < rss.entries; i++)
		rss.table[i] = param->indir[i];
	if (!memcmp(&rss, &adapter->rss, sizeof(rss)))
		return 0;
	err = netvsc_rss_change(adapter, &rss, extack);
	if (!err && param->key)
		netvsc_vf_set_key(adapter);
	return err;
}

COMPAT_RXFH(netvsc_op_get_rxfh, netvsc_get_rxfh,
	    netvsc_op_set_rxfh, netvsc_set_rxfh)

/* NETVSC_FLOW_* of a flow type whose level can be chosen, else 0 */
static u32 flow_bit(u32 flow_type)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		return NETVSC_FLOW_TCP4;
	case TCP_V6_FLOW:
		return NETVSC_FLOW_TCP6;
	case UDP_V4_FLOW:
		return NETVSC_FLOW_UDP4;
	case UDP_V6_FLOW:
		return NETVSC_FLOW_UDP6;
	default:
		return 0;
	}
}

#define HASH_ADDRS	(RXH_IP_SRC | RXH_IP_DST)
#define HASH_PORTS	(RXH_L4_B_0_1 | RXH_L4_B_2_3)

static int netvsc_get_rxfh_fields(struct net_device *ndev,
				  struct ethtool_rxfh_fields *fields)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 bit = flow_bit(fields->flow_type);

	fields->data = 0;
	if (bit || fields->flow_type == IPV4_FLOW ||
	    fields->flow_type == IPV6_FLOW)
		fields->data = HASH_ADDRS;
	if (adapter->rss.ports & bit)
		fields->data |= HASH_PORTS;
	return 0;
}

static int netvsc_set_rxfh_fields(struct net_device *ndev,
				  const struct ethtool_rxfh_fields *fields,
				  struct netlink_ext_ack *extack)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_rss rss = adapter->rss;
	u32 bit = flow_bit(fields->flow_type);

	if (!bit) {
		NL_SET_ERR_MSG_MOD(extack, "only tcp4, tcp6, udp4 and udp6 can be set");
		return -EOPNOTSUPP;
	}
	if (fields->data == (HASH_ADDRS | HASH_PORTS)) {
		rss.ports |= bit;
	} else if (fields->data == HASH_ADDRS) {
		rss.ports &= ~bit;
	} else {
		NL_SET_ERR_MSG_MOD(extack, "wanted sd (addresses) or sdfn (and ports)");
		return -EINVAL;
	}
	if (rss.ports == adapter->rss.ports)
		return 0;
	return netvsc_rss_change(adapter, &rss, extack);
}

COMPAT_RXNFC(netvsc_get_rxnfc, netvsc_get_rxfh_fields,
	     netvsc_set_rxnfc, netvsc_set_rxfh_fields, netvsc_get_rx_ring_count)

/* The table that chooses the queue of what is sent */
#define REGS_VERSION	1

static int netvsc_get_regs_len(struct net_device *ndev)
{
	return NETVSC_TX_ENTRIES * sizeof(u32);
}

static void netvsc_get_regs(struct net_device *ndev, struct ethtool_regs *regs,
			    void *data)
{
	const struct netvsc_adapter *adapter = netdev_priv(ndev);
	u32 *entry = data;
	u32 i;

	regs->version = REGS_VERSION;
	for (i = 0; i < NETVSC_TX_ENTRIES; i++)
		entry[i] = READ_ONCE(adapter->tx_table[i]);
}

const struct ethtool_ops netvsc_ethtool_ops = {
	.get_drvinfo		= netvsc_get_drvinfo,
	.get_msglevel		= netvsc_get_msglevel,
	.set_msglevel		= netvsc_set_msglevel,
	.get_link		= ethtool_op_get_link,
	.get_ts_info		= ethtool_op_get_ts_info,
	.get_link_ksettings	= netvsc_get_link_ksettings,
	.set_link_ksettings	= netvsc_set_link_ksettings,
	.get_tunable		= netvsc_get_tunable,
	.set_tunable		= netvsc_set_tunable,
	COMPAT_TX_AGGR_OPS(netvsc_get_coalesce, netvsc_set_coalesce)
	.get_sset_count		= netvsc_get_sset_count,
	.get_strings		= netvsc_get_strings,
	.get_ethtool_stats	= netvsc_get_ethtool_stats,
	.get_channels		= netvsc_get_channels,
	.set_channels		= netvsc_set_channels,
	COMPAT_RXNFC_OPS(netvsc_get_rxnfc, netvsc_get_rxfh_fields,
			 netvsc_set_rxnfc, netvsc_set_rxfh_fields,
			 netvsc_get_rx_ring_count)
	.get_rxfh_key_size	= netvsc_get_rxfh_key_size,
	.get_rxfh_indir_size	= netvsc_get_rxfh_indir_size,
	.get_rxfh		= netvsc_op_get_rxfh,
	.set_rxfh		= netvsc_op_set_rxfh,
	.get_regs_len		= netvsc_get_regs_len,
	.get_regs		= netvsc_get_regs,
	.get_ringparam		= netvsc_get_ringparam,
	.set_ringparam		= netvsc_set_ringparam,
};
