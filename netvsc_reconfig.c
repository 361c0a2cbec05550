// SPDX-License-Identifier: GPL-2.0
/*
 * Making the connection, ending it, and replacing it: for what the host is told
 * only when a channel is opened (MTU, buffers, more channels), and when nothing
 * moves any more.
 *
 * There is one receive buffer and one primary channel a connection, so the old
 * one ends before the new one begins. What was valid before is valid still: if
 * the new settings fail, the old ones are tried. If those fail as well the
 * device stays as it is, without a carrier, keeps its settings, and rtnl_work
 * tries to connect until the host answers. A connection on which the host was
 * silent is replaced likewise, but not while it still carries packets.
 */
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "hyperv_net.h"
#include "netvsc_ring.h"

/* Seconds between attempts to connect: doubled up to the second. A connection
 * that lasted so long was a good one.
 */
#define RETRY_MIN_SEC		1
#define RETRY_MAX_SEC		60

/* The connection */

/* The host hears that it ends, and transmit does not find it any more. Once: a stray
 * connection comes here again.
 */
static void leave(struct netvsc_adapter *adapter, struct netvsc_conn *conn)
{
	if (conn->left)
		return;
	conn->left = true;
	if (conn->max_packets)
		rndis_filter_halt(conn);
	netvsc_conn_revoke(conn);

	RCU_INIT_POINTER(adapter->conn, NULL);
	synchronize_net();
}

/* None of its channels is being opened any more */
static void bury(struct netvsc_adapter *adapter, struct netvsc_conn *conn)
{
	u32 i;

	netvsc_conn_close(conn);
	/* Its host would have to hear from it, not the next one */
	clear_bit(NETVSC_EVENT_KEEPALIVE, &adapter->events);
	netvsc_path_disconnected(adapter);
	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		netvsc_tx_purge(adapter->queues[i]);
		/* Nobody is there to be told: who drains would wait for it */
		WRITE_ONCE(adapter->queues[i]->rx.comp_n, 0);
		/* The poll may have stopped in the middle of a packet */
		netvsc_rsc_end(adapter->queues[i]);
	}
	netvsc_conn_free(conn);
}

/**
 * netvsc_disconnect() - end a connection, however far it came
 * @adapter: adapter
 * @conn: its connection; freed, or the adapter's stray one
 *
 * Nothing is sent any more: transmit has stopped, or never began. The caller
 * has set the deadline.
 *
 * Context: process, conn_lock, and RTNL if the net_device is registered; waits
 * for the host.
 * Return: 0; -EBUSY the host has not said yet whether a channel is open.
 */
int netvsc_disconnect(struct netvsc_adapter *adapter, struct netvsc_conn *conn)
{
	unsigned int sec = conn->unresponsive ? 1 : NETVSC_LEAVE_SEC;

	lockdep_assert_held(&adapter->conn_lock);
	leave(adapter, conn);
	if (netvsc_channels_quiet(conn, sec * HZ)) {
		bury(adapter, conn);
		return 0;
	}
	netvsc_channels_stop(conn);
	netvsc_path_disconnected(adapter);
	if (!conn->unresponsive)
		netdev_err(adapter->ndev,
			   "host did not say in time whether a channel is open\n");
	conn->unresponsive = true;
	WRITE_ONCE(adapter->stray, conn);
	return -EBUSY;
}

/**
 * netvsc_disconnect_stray() - end the connection that could not be ended before
 * @adapter: adapter, with such a connection or not
 *
 * Context: process, conn_lock, and RTNL if the net_device is registered; waits
 * for the host.
 * Return: 0; -EBUSY still not.
 */
int netvsc_disconnect_stray(struct netvsc_adapter *adapter)
{
	struct netvsc_conn *conn = adapter->stray;

	lockdep_assert_held(&adapter->conn_lock);
	if (!conn)
		return 0;
	WRITE_ONCE(adapter->stray, NULL);
	netvsc_conn_begin(conn, NETVSC_LEAVE_SEC);
	return netvsc_disconnect(adapter, conn);
}

/**
 * netvsc_connect_open() - the first half of it: what waits in the VMBus core
 * @adapter: adapter without connection
 * @sec: seconds that both halves may take
 * @conn: gets the connection, also after an error: to be given to
 *	  netvsc_connect_finish() or netvsc_disconnect(); NULL if there is none
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0; -ENOMEM; or as netvsc_conn_open().
 */
int netvsc_connect_open(struct netvsc_adapter *adapter, unsigned int sec,
			struct netvsc_conn **conn)
{
	lockdep_assert_held(&adapter->conn_lock);
	*conn = netvsc_conn_alloc(adapter);
	if (!*conn)
		return -ENOMEM;
	netvsc_conn_begin(*conn, sec);
	return netvsc_conn_open(*conn);
}

/**
 * netvsc_connect_finish() - the second half of it: what is said to the host
 * @conn: open connection; to be given to netvsc_disconnect() after an error
 *
 * Context: process, conn_lock, and RTNL: the host may offer a VF from here on,
 * which is not to be registered before our net_device. RTNL may be gone in the end
 * if the caller has lent it to the connection.
 * Return: 0, or an error of any step.
 */
int netvsc_connect_finish(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	int err;

	ASSERT_RTNL();
	err = netvsc_conn_share(conn);
	if (!err)
		err = rndis_filter_init(conn);
	if (!err)
		err = netvsc_ask_host(conn);
	if (!err)
		err = netvsc_queues_open(conn);
	if (err)
		return err;
	netvsc_tx_limits_set(conn);
	adapter->conn_since = jiffies;
	rcu_assign_pointer(adapter->conn, conn);
	return 0;
}

/**
 * netvsc_connect() - connect with the settings in adapter->config
 * @adapter: adapter without connection
 * @sec: seconds that it may take
 *
 * Context: process, RTNL and conn_lock; waits for the host.
 * Return: 0; -EBUSY the last connection has not ended; or an error of any step. Then
 * nothing is left of it, but a stray connection perhaps.
 */
int netvsc_connect(struct netvsc_adapter *adapter, unsigned int sec)
{
	struct netvsc_conn *conn;
	int err;

	err = netvsc_disconnect_stray(adapter);
	if (err)
		return err;
	err = netvsc_connect_open(adapter, sec, &conn);
	if (!err)
		err = netvsc_connect_finish(conn);
	if (err && conn) {
		netvsc_conn_begin(conn, NETVSC_LEAVE_SEC);
		netvsc_disconnect(adapter, conn);
	}
	return err;
}

/* When to try again */

/* @adapter has had a connection, which ends or is of no use any more: one that
 * lasted begins the back-off anew, one of many short ones does not.
 */
static void back_off_begin(struct netvsc_adapter *adapter)
{
	if (time_after(jiffies, adapter->conn_since + RETRY_MAX_SEC * HZ))
		adapter->retry_sec = 0;
}

static void reconf_back_off(struct netvsc_adapter *adapter)
{
	adapter->retry_sec = clamp_t(u32, 2 * adapter->retry_sec,
				     RETRY_MIN_SEC, RETRY_MAX_SEC);
	adapter->retry_next = jiffies + adapter->retry_sec * HZ;
}

/* Jiffies until the next attempt may be made, 0 for now */
static unsigned long back_off_left(const struct netvsc_adapter *adapter)
{
	unsigned long now = jiffies;

	return time_before(now, adapter->retry_next) ?
	       adapter->retry_next - now : 0;
}

/* A connection that is of no use */

/* Whether the host answers again, be it with a refusal. The connection stays
 * given up in any case: what else the host did not hear is not known.
 */
static bool reconf_answers(struct netvsc_conn *conn)
{
	bool up, answered;

	conn->asking = true;
	conn->unresponsive = false;
	netvsc_conn_begin(conn, NETVSC_LEAVE_SEC);
	conn->filter = NETVSC_FILTER_UNKNOWN;
	rndis_filter_query_link(conn, &up);
	netvsc_sync_filter(conn);
	answered = !netvsc_conn_error(conn);
	conn->unresponsive = true;
	conn->asking = false;
	return answered;
}

/* Whether packets were received since this was asked last, whatever became of them */
static bool reconf_receives(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct rtnl_link_stats64 stats = {};
	u64 seen = conn->rx_seen;
	u32 i;

	netvsc_get_stats64(adapter->ndev, &stats);
	conn->rx_seen = stats.rx_packets + stats.rx_dropped;
	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++)
		conn->rx_seen +=
			u64_stats_read(&adapter->queues[i]->rx.stats.xdp_drop);
	return conn->rx_seen != seen;
}

/**
 * netvsc_lost() - the host was silent, or corrupted the ring: what to do
 * @conn: connection
 *
 * A host that does not answer may still carry packets, and a new connection
 * ends that if it stays silent: as long as packets come, one is made only when
 * the host answers again. In between it is asked now and then.
 *
 * Context: process, conn_lock; waits for the host.
 */
void netvsc_lost(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	int err = netvsc_conn_error(conn);
	unsigned long left;

	lockdep_assert_held(&adapter->conn_lock);
	if (!err || err == -ENODEV)
		return;
	if (conn->broken)
		netif_carrier_off(adapter->ndev);
	if (!conn->lost) {
		conn->lost = true;
		reconf_receives(conn);
		back_off_begin(adapter);
		reconf_back_off(adapter);
	}
	left = back_off_left(adapter);
	if (!left && !conn->broken && adapter->up && !reconf_answers(conn) &&
	    reconf_receives(conn)) {
		reconf_back_off(adapter);
		left = back_off_left(adapter);
	}
	if (left)
		netvsc_kick(adapter, NETVSC_EVENT_LOST, left);
	else
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_RECONNECT, 0);
}

/**
 * netvsc_lost_more() - a connection that was given up may carry less than before
 * @conn: connection
 *
 * What came until now says nothing any more, and the next attempt to ask the host
 * may be a minute away: it is made in a second, and what comes in this second counts.
 *
 * Context: process, conn_lock.
 */
void netvsc_lost_more(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;

	lockdep_assert_held(&adapter->conn_lock);
	reconf_receives(conn);
	adapter->retry_next = jiffies + HZ;
	netvsc_kick(adapter, NETVSC_EVENT_LOST, HZ);
}

/* Replacing it */

/* The stack sends nothing from here on, and its watchdog does not look. The
 * carrier stays: what is built on the device is not to notice.
 */
static void begin_outage(struct netvsc_adapter *adapter)
{
	struct netvsc_conn *conn = netvsc_conn_locked(adapter);
	struct net_device *ndev = adapter->ndev;

	/* The flag first, so that the poll does not wake what is stopped here */
	WRITE_ONCE(adapter->closing, true);
	netif_device_detach(ndev);
	netif_tx_disable(ndev);
	/* A poll that had not seen the flag may have woken one */
	synchronize_net();
	netif_tx_disable(ndev);
	adapter->up = false;
	if (conn) {
		netvsc_tx_flush_all(adapter);
		back_off_begin(adapter);
		netvsc_path_leave_wait(adapter);
		netvsc_conn_begin(conn, NETVSC_LEAVE_SEC);
		rndis_filter_set_packet_filter(conn, 0);
		netvsc_conn_drain(conn);
		netvsc_disconnect(adapter, conn);
	}
	/* They were about the connection that has ended, or one is made now */
	clear_bit(NETVSC_EVENT_LOST, &adapter->events);
	clear_bit(NETVSC_EVENT_RECONNECT, &adapter->events);
	clear_bit(NETVSC_EVENT_OFFLOADS, &adapter->events);
}

/* No connection, and it is not known when there will be one */
static void retry_later(struct netvsc_adapter *adapter, int err)
{
	if (err == -ENODEV)
		return;		/* the device goes, or is about to */
	reconf_back_off(adapter);
	netif_err(adapter, link, adapter->ndev,
		  "no connection to the host: %d; trying again in %u s\n", err,
		  adapter->retry_sec);
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_RECONNECT,
			 back_off_left(adapter));
}

/* With a connection or without: a device that stayed detached could not be
 * configured any more.
 */
static void end_outage(struct netvsc_adapter *adapter)
{
	struct netvsc_conn *conn = netvsc_conn_locked(adapter);
	struct net_device *ndev = adapter->ndev;
	int err = 0;

	if (conn && netif_running(ndev)) {
		netvsc_conn_begin(conn, NETVSC_LEAVE_SEC);
		err = netvsc_go_up(conn);
	}
	if (err)
		retry_later(adapter, err);
	if (!conn || err)
		netif_carrier_off(ndev);
	netif_device_attach(ndev);
	/* The core tells no device that is detached of addresses that come and go */
	netif_addr_lock_bh(ndev);
	netvsc_vf_set_rx_mode(ndev);
	netif_addr_unlock_bh(ndev);
	netvsc_kick(adapter, NETVSC_EVENT_RX_MODE, 0);
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
	if (conn)
		netvsc_bufs_trim(adapter);
}

/**
 * netvsc_reconfigure() - connect anew with other settings
 * @adapter: adapter
 * @config: the settings, valid as far as can be said without the host
 *
 * On an error the old ones are in force again, or will be as soon as the host
 * answers.
 *
 * Context: process, RTNL; waits for the host.
 * Return: 0, or an error of any step of netvsc_connect().
 */
int netvsc_reconfigure(struct netvsc_adapter *adapter,
		       const struct netvsc_config *config)
{
	const struct netvsc_config old = adapter->config;
	int err, again;

	ASSERT_RTNL();
	mutex_lock(&adapter->conn_lock);
	netvsc_bufs_prepare(adapter, config);
	begin_outage(adapter);
	adapter->config = *config;
	adapter->mtu_asked = config->mtu != old.mtu;
	err = netvsc_connect(adapter, NETVSC_REQUEST_SEC);
	if (!err && adapter->mtu_asked)
		adapter->mtu_lowered = false;
	adapter->mtu_asked = false;
	if (err) {
		netdev_err(adapter->ndev,
			   "new settings failed: %d; returning to the old ones\n",
			   err);
		adapter->config = old;
		/* A host that said nothing for so long will not do so now, and
		 * others wait for RTNL
		 */
		again = err;
		if (err != -ETIMEDOUT && err != -ENODEV)
			again = netvsc_connect(adapter, NETVSC_LEAVE_SEC);
		if (again)
			retry_later(adapter, again);
	}
	end_outage(adapter);
	mutex_unlock(&adapter->conn_lock);
	netvsc_follow_host(adapter);
	return err;
}

/**
 * netvsc_reconnect() - connect anew with the same settings
 * @adapter: adapter, with a connection or without
 *
 * Not more often than the back-off allows: the watchdog may ask for it each
 * time it looks.
 *
 * Context: process, RTNL; waits for the host.
 */
void netvsc_reconnect(struct netvsc_adapter *adapter)
{
	unsigned long left;
	int err;

	ASSERT_RTNL();
	mutex_lock(&adapter->conn_lock);
	left = back_off_left(adapter);
	if (left) {
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_RECONNECT, left);
		goto out;
	}
	begin_outage(adapter);
	err = netvsc_connect(adapter, NETVSC_LEAVE_SEC);
	if (err) {
		retry_later(adapter, err);
	} else {
		/* A host that ends this one as well has to wait a little */
		adapter->retry_next = jiffies + RETRY_MIN_SEC * HZ;
		netif_info(adapter, link, adapter->ndev,
			   "connected to the host again\n");
	}
	end_outage(adapter);
out:
	mutex_unlock(&adapter->conn_lock);
	netvsc_follow_host(adapter);
}

/* Hibernation */

/**
 * netvsc_pause() - no connection until netvsc_unpause()
 * @adapter: adapter whose works are stopped
 *
 * Context: process; waits for the host.
 * Return: 0, or as netvsc_disconnect(); netvsc_unpause() is due in either case.
 */
int netvsc_pause(struct netvsc_adapter *adapter)
{
	int err;

	rtnl_lock();
	mutex_lock(&adapter->conn_lock);
	begin_outage(adapter);
	err = netvsc_disconnect_stray(adapter);
	mutex_unlock(&adapter->conn_lock);
	rtnl_unlock();
	return err;
}

/**
 * netvsc_unpause() - connect again
 * @adapter: adapter after netvsc_pause(); its works may run
 *
 * The host may be another one than before. If it does not answer, attempts go
 * on.
 *
 * Context: process; waits for the host.
 */
void netvsc_unpause(struct netvsc_adapter *adapter)
{
	int err = 0;

	rtnl_lock();
	mutex_lock(&adapter->conn_lock);
	/* rtnl_work may have been faster */
	if (!netvsc_conn_locked(adapter))
		err = netvsc_connect(adapter, NETVSC_REQUEST_SEC);
	if (err)
		retry_later(adapter, err);
	end_outage(adapter);
	mutex_unlock(&adapter->conn_lock);
	netvsc_follow_host(adapter);
	rtnl_unlock();
}

/* What asks for it */

/* Hosts take frames of the standard size in any case: a smaller MTU is nothing
 * that they have to know, unless it is more than they said to allow.
 */
static bool mtu_is_known(const struct netvsc_adapter *adapter, u32 mtu)
{
	return mtu <= adapter->host_mtu &&
	       max_t(u32, mtu, ETH_DATA_LEN) ==
	       max_t(u32, adapter->config.mtu, ETH_DATA_LEN);
}

/**
 * netvsc_change_mtu() - the net_device's operation
 * @ndev: our net_device
 * @mtu: within the limits of the net_device
 *
 * The VF has it first: it is what may not be able to.
 *
 * Return: 0, -EINVAL when the host allows no such MTU, as netvsc_reconfigure(),
 * or what the VF's driver said.
 */
int netvsc_change_mtu(struct net_device *ndev, int mtu)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct netvsc_config config = adapter->config;
	int err;

	err = netvsc_vf_set_mtu(adapter, mtu);
	if (err)
		return err;
	config.mtu = mtu;
	if (mtu_is_known(adapter, mtu)) {
		/* Without conn_lock, which a silent host may keep for long: who makes
		 * a connection for it has RTNL as well
		 */
		adapter->config.mtu = mtu;
	} else {
		err = netvsc_reconfigure(adapter, &config);
		if (err) {
			netvsc_vf_set_mtu(adapter, ndev->mtu);
			return err;
		}
	}
	WRITE_ONCE(ndev->mtu, mtu);
	/* One that could not have the old one may have this */
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
	return 0;
}

/**
 * netvsc_set_queues() - use more or fewer queues
 * @adapter: adapter
 * @queues: 1 to netvsc_queues_max()
 *
 * Only tables change if the channels are open.
 *
 * Context: process, RTNL; waits for the host.
 * Return: 0; -ENETDOWN fewer were asked for, and there is no host; or as
 * netvsc_queues_use() or netvsc_reconfigure(). The host may give fewer than were
 * asked for.
 */
int netvsc_set_queues(struct netvsc_adapter *adapter, u32 queues)
{
	struct netvsc_config config = adapter->config;
	struct netvsc_conn *conn;
	u32 open;
	int err;

	config.queues = queues;
	if (queues == adapter->num_queues) {
		/* Not more either, should the host have more one day */
		mutex_lock(&adapter->conn_lock);
		adapter->config = config;
		mutex_unlock(&adapter->conn_lock);
		return 0;
	}
	/* Without a connection nothing is open, and fewer are no reason to connect */
	open = rcu_access_pointer(adapter->conn) ?
	       netvsc_channels_usable(adapter) : adapter->num_queues;
	if (queues > open)
		return netvsc_reconfigure(adapter, &config);

	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	err = -ENETDOWN;
	if (conn) {
		netvsc_conn_begin(conn, NETVSC_REQUEST_SEC);
		err = netvsc_queues_use(conn, queues);
		if (!err)
			adapter->config = config;
		else
			netvsc_queues_use(conn, adapter->num_queues);
	}
	mutex_unlock(&adapter->conn_lock);
	return err;
}

/**
 * netvsc_tx_timeout() - a queue has been stopped for too long
 * @ndev: our net_device
 * @idx: the queue
 *
 * Context: softirq.
 */
void netvsc_tx_timeout(struct net_device *ndev, unsigned int idx)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	const struct netvsc_queue *queue = adapter->queues[idx];
	const struct vmbus_channel *chan = queue ? READ_ONCE(queue->chan) : NULL;

	if (chan)
		netif_err(adapter, tx_err, ndev,
			  "queue %u: stuck with %u of %u slots free, %s slot unsent, %u bytes free in the ring, %u to read; connecting anew\n",
			  idx, netvsc_slots_avail(queue), NETVSC_SLOTS,
			  READ_ONCE(queue->tx.unsent) == NETVSC_SLOT_NONE ?
			  "no" : "a",
			  hv_get_bytes_to_write(&chan->outbound),
			  hv_get_bytes_to_read(&chan->inbound));
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_RECONNECT, 0);
}
