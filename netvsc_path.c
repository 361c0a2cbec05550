// SPDX-License-Identifier: GPL-2.0
/*
 * The path of the data: by the VF or the synthetic way, as it is agreed with the
 * host (Documentation/protocol.md D.9, H.4, H.5), and what goes by the VF.
 * netvsc_vf.c joins the VF and says here what happens to it.
 *
 * SWITCH_DATA_PATH is sent, and the poll sees its completion. Nobody waits for
 * that but who takes the VF down, for half a second, because it is about to stop.
 *
 *	                   usable: SWITCH(VF) sent
 *	   SYNTHETIC -----------------------------> TO_VF
 *	    ^    ^                                  |  | the host has moved them
 *	    |    |                                  |  v
 *	    |    +-- the host moves them by itself -|- VF
 *	    |                                       |  |
 *	    | the host has moved them   silent host |  | not usable any more
 *	    |                                       v  v
 *	    +------------------------------- TO_SYNTHETIC: SWITCH(synthetic) sent
 *
 * From TO_SYNTHETIC the VF can be asked for again at once. A closed channel leads
 * to SYNTHETIC from everywhere. We send by the VF in state VF alone, and receive
 * on both paths at any time. A host that said that it sends by the VF and does not
 * return in a few seconds is not there any more: the connection is given up, and
 * a new one begins on the synthetic path.
 *
 * Sending by the VF takes one pointer, adapter::vf_tx, and counters of the CPU:
 * nothing that CPUs share but the queue's own lock, and the queue follows the
 * VF's. The pointer is set and cleared with the state, under netvsc_vf::lock.
 */
#include <linux/netpoll.h>
#include <linux/rtnetlink.h>
#include <net/sch_generic.h>
#include <asm/mshyperv.h>

#include "hyperv_net.h"
#include "netvsc_ring.h"

/* How often the host's mind may change, at most */
#define ASSOC_DELAY		(HZ / 50)
/* How long who takes the VF down is kept waiting for the host */
#define DOWN_MS			500
/* When a silent host is given up */
#define SWITCH_TIMEOUT		(5 * HZ)
/* A new connection's host names the VF again; one that does not, does not mean
 * to take it away
 */
#define ASSOC_GRACE		(2 * HZ)
/* How often a VF is looked at that its driver has detached */
#define DETACHED_DELAY		(HZ / 2)
/* Seconds between attempts to switch that the host ignores */
#define RETRY_MIN_SEC		1
#define RETRY_MAX_SEC		60
/* Likewise after the host moved the data by itself: it is about to take the VF
 * away, or it did not mean it
 */
#define RETRY_MOVED_SEC		10

/* State */

/* Whether it can send now. Its queues are unplugged, and plugged in, by a work of the
 * core's, some time after its driver has lost, or found, a carrier. A carrier that was
 * away for a moment is there again while they are still unplugged: what is queued then
 * is dropped, and the core says that it was taken. The first queue tells of all of them,
 * and that takes a read of what nobody writes but then.
 */
static bool is_usable(const struct net_device *vf)
{
	return netif_running(vf) && netif_carrier_ok(vf) &&
	       netif_device_present(vf) && !qdisc_tx_is_noop(vf);
}

static enum netvsc_path path_now(struct netvsc_vf *vf)
{
	enum netvsc_path path;

	spin_lock_bh(&vf->lock);
	path = vf->path;
	spin_unlock_bh(&vf->lock);
	return path;
}

/* Whether the host sends, or was asked to send, by the VF; with netvsc_vf::lock */
static bool is_host_at_vf(const struct netvsc_vf *vf)
{
	return vf->path == NETVSC_PATH_VF || vf->path == NETVSC_PATH_TO_VF;
}

/* Whether it does so for a VF that is gone: the one that we have now it does not mean */
static bool is_stale(struct netvsc_vf *vf)
{
	bool stale;

	spin_lock_bh(&vf->lock);
	stale = vf->stale && is_host_at_vf(vf);
	spin_unlock_bh(&vf->lock);
	return stale;
}

/* What it would be if nothing had been cut off, unless the user has set another since */
static u32 sends_uncut(const struct netvsc_sends *sends, u32 limit)
{
	return sends->was && limit == sends->cut ? sends->was : limit;
}

/* The core's functions for limits that the user sets are not for drivers */
static void sends_cut(struct netvsc_sends *sends, unsigned int *limit, u32 was, u32 most)
{
	sends->was = was > most ? was : 0;
	sends->cut = most;
	WRITE_ONCE(*limit, min(was, most));
}

/**
 * netvsc_path_limit_sends() - the limit of large sends by the VF, or without
 * @adapter: adapter; &netvsc_adapter.tso_max is the host's
 * @vf: the VF, NULL without
 *
 * A user's limit that is more than what this path takes is there again with one that
 * takes it.
 *
 * Context: RTNL, or before the net_device is registered.
 */
void netvsc_path_limit_sends(struct netvsc_adapter *adapter, const struct net_device *vf)
{
	struct net_device *ndev = adapter->ndev;
	unsigned int *ipv4 = compat_gso_ipv4_max_size(ndev);
	u32 gso = sends_uncut(&adapter->vf.gso, ndev->gso_max_size);
	u32 gso_ipv4 = sends_uncut(&adapter->vf.gso_ipv4, *ipv4);
	u32 most = adapter->tso_max;

	if (vf)
		most = max(most, vf->tso_max_size);
	netif_set_tso_max_size(ndev, most);
	sends_cut(&adapter->vf.gso, &ndev->gso_max_size, gso, most);
	sends_cut(&adapter->vf.gso_ipv4, ipv4, gso_ipv4, most);
}

/* The log and the limit of large sends follow the path */
static void show_path(struct netvsc_adapter *adapter)
{
	bool on_vf = path_now(&adapter->vf) == NETVSC_PATH_VF &&
		     !is_stale(&adapter->vf);
	struct net_device *vf = netvsc_vf_dev(adapter);
	struct net_device *ndev = adapter->ndev;

	if (!vf || on_vf == adapter->vf.shown_path)
		return;
	adapter->vf.shown_path = on_vf;
	netvsc_path_limit_sends(adapter, on_vf ? vf : NULL);
	if (__ratelimit(&adapter->vf.ratelimit))
		netdev_info(ndev, "Data path switched %s VF: %s\n",
			    on_vf ? "to" : "from", vf->name);
}

/* Ask the host to move the data; its completion is seen in any state. Under
 * RTNL, so requests go out in the order of their ids.
 */
static int path_ask(struct netvsc_adapter *adapter, enum netvsc_path path)
{
	struct netvsc_conn *conn = netvsc_conn_locked(adapter);
	bool to_vf = path == NETVSC_PATH_TO_VF;
	struct netvsc_vf *vf = &adapter->vf;
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SWITCH_DATA_PATH),
		.switch_data_path.path = cpu_to_le32(to_vf ?
						     NVSP_DATA_PATH_VF :
						     NVSP_DATA_PATH_SYNTHETIC),
	};
	int err;
	u64 id;

	ASSERT_RTNL();
	if (!conn)
		return -ENETDOWN;
	err = netvsc_conn_error(conn);
	/* A host that was silent once may return the data all the same, and what it
	 * sends by a VF that has stopped is lost
	 */
	if (err && (to_vf || err != -ETIMEDOUT))
		return err;

	/* Nobody will answer what is not in the ring, and an answer that comes at
	 * once waits for the lock
	 */
	spin_lock_bh(&vf->lock);
	id = (u64)(vf->asked_gen + 1) << 32 |
	     (to_vf ? NETVSC_SWITCH_VF_ID : NETVSC_SWITCH_ID);
	err = netvsc_chan_send(netvsc_conn_primary(conn), &msg, id);
	if (!err) {
		vf->path = path;
		vf->stale = false;
		vf->asked_gen++;
		vf->deadline = jiffies + SWITCH_TIMEOUT;
		reinit_completion(&vf->answered);
		/* The answer before this one may have come just now */
		RCU_INIT_POINTER(adapter->vf_tx, NULL);
	}
	spin_unlock_bh(&vf->lock);
	if (!err)
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, SWITCH_TIMEOUT + 1);
	return err;
}

/* With netvsc_vf::lock: from now on we send by the VF */
static void send_by_vf(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;

	rcu_assign_pointer(adapter->vf_tx,
			   rcu_dereference_protected(vf->dev,
						     lockdep_is_held(&vf->lock)));
}

/* From now on we do not. Return: where the host's data go, or do in fact: it may
 * have moved them when that was given up
 */
static enum netvsc_path send_by_synthetic(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;
	enum netvsc_path path;

	spin_lock_bh(&vf->lock);
	RCU_INIT_POINTER(adapter->vf_tx, NULL);
	path = vf->path;
	if (path == NETVSC_PATH_SYNTHETIC && vf->moved)
		path = NETVSC_PATH_VF;
	spin_unlock_bh(&vf->lock);
	return path;
}

/* There is nobody to ask, or nobody answers */
static void reset_path(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;

	spin_lock_bh(&vf->lock);
	RCU_INIT_POINTER(adapter->vf_tx, NULL);
	vf->path = NETVSC_PATH_SYNTHETIC;
	vf->moved = false;
	complete_all(&vf->answered);
	spin_unlock_bh(&vf->lock);
}

/* Ask the host to return, if it was not asked yet; once at least, and until @end
 * when the ring is full. Return: it will answer
 */
static bool begin_return(struct netvsc_adapter *adapter, unsigned long end)
{
	enum netvsc_path path;
	int err;

	for (;;) {
		path = send_by_synthetic(adapter);
		if (path == NETVSC_PATH_SYNTHETIC ||
		    path == NETVSC_PATH_TO_SYNTHETIC)
			return path == NETVSC_PATH_TO_SYNTHETIC;
		err = path_ask(adapter, NETVSC_PATH_TO_SYNTHETIC);
		if (err != -EAGAIN || !time_before(jiffies, end))
			break;
		usleep_range(1000, 2000);
	}
	if (err == -EAGAIN)
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, ASSOC_DELAY);
	else if (err)
		reset_path(adapter);
	return !err;
}

/* From the work, which comes again: others wait for RTNL meanwhile */
static void try_return(struct netvsc_adapter *adapter)
{
	begin_return(adapter, jiffies);
}

/**
 * netvsc_path_leave() - back to the synthetic path
 * @adapter: adapter
 *
 * What is sent at once, what is received as soon as the host can.
 *
 * Context: process, RTNL; waits for room in the ring, 500 ms at most.
 */
void netvsc_path_leave(struct netvsc_adapter *adapter)
{
	begin_return(adapter, jiffies + msecs_to_jiffies(DOWN_MS));
	show_path(adapter);
}

/**
 * netvsc_path_leave_wait() - likewise, because the VF or the channel is to stop
 * @adapter: adapter
 *
 * Context: process, RTNL, perhaps conn_lock; waits for the host, 500 ms at most.
 */
void netvsc_path_leave_wait(struct netvsc_adapter *adapter)
{
	unsigned long end = jiffies + msecs_to_jiffies(DOWN_MS);
	long left;

	if (begin_return(adapter, end)) {
		left = end - jiffies;
		if (left > 0)
			wait_for_completion_timeout(&adapter->vf.answered,
						    left);
	}
	show_path(adapter);
}

/**
 * netvsc_path_check() - the VF's carrier, queues or presence may have changed
 * @adapter: adapter with a VF
 *
 * Losing them is acted upon at once, the rest by the work.
 *
 * Context: process, RTNL.
 */
void netvsc_path_check(struct netvsc_adapter *adapter)
{
	if (!is_usable(netvsc_vf_dev(adapter)))
		netvsc_path_leave(adapter);
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
}

/**
 * netvsc_path_set_vf() - a VF is joined, or left
 * @adapter: adapter
 * @dev: the VF, or NULL; then the path was left before
 *
 * Context: process, RTNL.
 */
void netvsc_path_set_vf(struct netvsc_adapter *adapter, struct net_device *dev)
{
	struct netvsc_vf *vf = &adapter->vf;

	spin_lock_bh(&vf->lock);
	RCU_INIT_POINTER(adapter->vf_tx, NULL);
	rcu_assign_pointer(vf->dev, dev);
	vf->stale = is_host_at_vf(vf);
	spin_unlock_bh(&vf->lock);
	vf->waited = false;
	/* The host could not be asked to return yet, but this VF does not count */
	if (vf->shown_path)
		netvsc_path_limit_sends(adapter, NULL);
	vf->shown_path = false;
	vf->retry_sec = 0;
}

/* What the host says */

/* It has done what was asked of it last; with netvsc_vf::lock */
static void take_answer(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;

	switch (vf->path) {
	case NETVSC_PATH_TO_VF:
		vf->path = NETVSC_PATH_VF;
		if (!vf->stale)
			send_by_vf(adapter);
		break;
	case NETVSC_PATH_TO_SYNTHETIC:
		vf->path = NETVSC_PATH_SYNTHETIC;
		break;
	case NETVSC_PATH_SYNTHETIC:
	case NETVSC_PATH_VF:
		break;
	}
	complete_all(&vf->answered);
}

/**
 * netvsc_path_switched() - a control packet was completed: a SWITCH_DATA_PATH?
 * @conn: connection
 * @pulled: the completion
 *
 * Hosts answer with nothing, also when they did nothing (D.3, D.9): then they go
 * on sending on the synthetic path, where we receive in any state.
 *
 * Context: NAPI of the primary channel.
 * Return: whether it was.
 */
bool netvsc_path_switched(struct netvsc_conn *conn,
			  const struct netvsc_pulled *pulled)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 gen = upper_32_bits(pulled->id), id = lower_32_bits(pulled->id);
	struct netvsc_vf *vf = &adapter->vf;
	bool ours;

	if (id != NETVSC_SWITCH_ID && id != NETVSC_SWITCH_VF_ID)
		return false;
	spin_lock(&vf->lock);
	/* Each is answered once, and in their order */
	ours = gen - vf->answered_gen - 1 < vf->asked_gen - vf->answered_gen;
	if (ours) {
		vf->answered_gen = gen;
		/* Also when the next was asked for already, or nobody waits for
		 * this one any more
		 */
		vf->moved = id == NETVSC_SWITCH_VF_ID;
	}
	/* Of more than one the last counts */
	if (ours && gen == vf->asked_gen)
		take_answer(adapter);
	spin_unlock(&vf->lock);
	if (ours)
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
	return ours;
}

/**
 * netvsc_path_associate() - the host says whether the NIC has a VF
 * @conn: connection
 * @pulled: its SEND_VF_ASSOCIATION
 *
 * Context: NAPI of the primary channel.
 * Return: false when it is malformed.
 */
bool netvsc_path_associate(struct netvsc_conn *conn,
			   const struct netvsc_pulled *pulled)
{
	struct netvsc_vf *vf = &conn->adapter->vf;
	bool associated, changed;
	u32 serial;

	if (nvsp_wire_vf_association(pulled->data, pulled->len, &associated,
				     &serial))
		return false;
	if (hv_is_isolation_supported()) {
		netvsc_host_err(conn->adapter,
				"Ignore VF_ASSOCIATION msg from the host: the guest is isolated\n");
		return true;
	}
	spin_lock(&vf->lock);
	changed = vf->associated != associated || vf->serial != serial ||
		  !vf->fresh;
	vf->associated = associated;
	vf->serial = serial;
	vf->fresh = true;
	spin_unlock(&vf->lock);
	if (changed)
		netvsc_kick_rtnl(conn->adapter, NETVSC_EVENT_VF, ASSOC_DELAY);
	return true;
}

/**
 * netvsc_path_host_switch() - the host moved the data by itself
 * @conn: connection
 * @pulled: its SWITCH_DATA_PATH
 *
 * It does so before it takes the VF away. That it would give the VF is for us to
 * ask, so nothing is done about the other direction.
 *
 * Context: NAPI of the primary channel.
 * Return: false when it is malformed.
 */
bool netvsc_path_host_switch(struct netvsc_conn *conn,
			     const struct netvsc_pulled *pulled)
{
	struct netvsc_adapter *adapter = conn->adapter;
	struct netvsc_vf *vf = &adapter->vf;
	bool to_vf;

	if (nvsp_wire_switch_data_path(pulled->data, pulled->len, &to_vf))
		return false;
	if (to_vf)
		return true;
	spin_lock(&vf->lock);
	/* A request of ours that is on its way is answered all the same, and what
	 * the host does then is what it says then
	 */
	if (vf->path == NETVSC_PATH_VF) {
		RCU_INIT_POINTER(adapter->vf_tx, NULL);
		vf->path = NETVSC_PATH_SYNTHETIC;
		vf->moved = false;
		vf->held = true;
	}
	spin_unlock(&vf->lock);
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, ASSOC_DELAY);
	return true;
}

/**
 * netvsc_path_is_named() - whether the host says that this VF is ours
 * @adapter: adapter
 * @serial: number of the VF
 *
 * Context: process.
 * Return: true if it has named this one.
 */
bool netvsc_path_is_named(struct netvsc_adapter *adapter, u32 serial)
{
	struct netvsc_vf *vf = &adapter->vf;
	bool named;

	spin_lock_bh(&vf->lock);
	named = vf->associated && vf->serial == serial;
	spin_unlock_bh(&vf->lock);
	return named;
}

/* Deciding */

static void path_back_off(struct netvsc_vf *vf, u32 least_sec)
{
	vf->retry_sec = clamp_t(u32, 2 * vf->retry_sec, least_sec,
				RETRY_MAX_SEC);
	vf->retry_next = jiffies + vf->retry_sec * HZ;
}

/* Whether the host moved the data by itself, which is told once */
static bool was_held(struct netvsc_vf *vf)
{
	bool held;

	spin_lock_bh(&vf->lock);
	held = vf->held;
	vf->held = false;
	spin_unlock_bh(&vf->lock);
	return held;
}

/* The host that has a VF for us says so; after a new connection it may take the
 * old word for granted
 */
static bool is_associated(struct netvsc_adapter *adapter)
{
	unsigned long grace = adapter->conn_since + ASSOC_GRACE;
	struct netvsc_vf *vf = &adapter->vf;
	bool associated, fresh;

	spin_lock_bh(&vf->lock);
	associated = vf->associated;
	fresh = vf->fresh;
	spin_unlock_bh(&vf->lock);
	if (associated && !fresh && time_before(jiffies, grace)) {
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, grace - jiffies);
		return false;
	}
	return associated;
}

/* Whether the VF is to carry the data */
static bool is_wanted(struct netvsc_adapter *adapter)
{
	const struct netvsc_conn *conn = netvsc_conn_locked(adapter);
	const struct net_device *vf = netvsc_vf_dev(adapter);
	bool associated;
	int err;

	if (!vf || !adapter->vf.applied || !is_usable(vf) || !conn ||
	    !netif_running(adapter->ndev))
		return false;
	/* A host that was silent once is asked for no VF, but one that carries the
	 * data may be all that works: see netvsc_lost()
	 */
	err = netvsc_conn_error(conn);
	if (err && err != -ETIMEDOUT)
		return false;
	associated = is_associated(adapter);
	/* Not when the host has just taken its word back */
	if (!associated && !adapter->vf.waited)
		netdev_info(adapter->ndev,
			    "Waiting for the VF association from host\n");
	adapter->vf.waited = true;
	return associated;
}

static void show_association(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;
	bool associated;
	u32 serial;

	spin_lock_bh(&vf->lock);
	associated = vf->associated;
	serial = vf->serial;
	spin_unlock_bh(&vf->lock);
	if (associated == vf->shown_associated)
		return;
	vf->shown_associated = associated;
	if (__ratelimit(&adapter->ratelimit))
		netdev_info(adapter->ndev, "VF slot %u %s\n", serial,
			    associated ? "added" : "removed");
}

/* A request that should have been answered by now */
static void path_give_up(struct netvsc_adapter *adapter, enum netvsc_path path)
{
	struct netvsc_vf *vf = &adapter->vf;
	struct netvsc_conn *conn;
	bool moved;

	if (path == NETVSC_PATH_TO_VF) {
		try_return(adapter);
		/* The ring was full: once more in a moment */
		if (path_now(vf) == NETVSC_PATH_TO_VF)
			return;
		path_back_off(vf, RETRY_MIN_SEC);
		netvsc_host_err(adapter,
				"host did not answer the switch to the VF; synthetic path kept, asked again in %u s\n",
				vf->retry_sec);
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF,
				 vf->retry_sec * HZ);
		return;
	}
	spin_lock_bh(&vf->lock);
	moved = vf->moved;
	spin_unlock_bh(&vf->lock);
	reset_path(adapter);
	if (!moved) {
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
		return;
	}
	/* What it sends us goes nowhere. A new connection begins on the synthetic
	 * path.
	 */
	mutex_lock(&adapter->conn_lock);
	conn = netvsc_conn_locked(adapter);
	if (conn) {
		netvsc_conn_begin(conn, 0);
		if (netvsc_conn_error(conn) == -ETIMEDOUT)
			netvsc_lost_more(conn);
		else
			netvsc_conn_overdue(conn, "NVSP SWITCH_DATA_PATH");
	}
	mutex_unlock(&adapter->conn_lock);
}

/* The VF carries, and is to go on */
static void path_stay(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;

	vf->retry_sec = 0;
	/* Its carrier may have been away for less than it takes to switch */
	spin_lock_bh(&vf->lock);
	if (vf->path == NETVSC_PATH_VF)
		send_by_vf(adapter);
	spin_unlock_bh(&vf->lock);
}

/* The VF is to carry */
static void path_take(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;

	if (vf->retry_sec && time_before(jiffies, vf->retry_next))
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF,
				 vf->retry_next - jiffies);
	else if (path_ask(adapter, NETVSC_PATH_TO_VF) == -EAGAIN)
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, ASSOC_DELAY);
}

/* Bring the path to where it is to be */
static void path_decide(struct netvsc_adapter *adapter)
{
	bool wanted = is_wanted(adapter);
	struct netvsc_vf *vf = &adapter->vf;
	enum netvsc_path path = path_now(vf);
	bool asked = path == NETVSC_PATH_TO_VF ||
		     path == NETVSC_PATH_TO_SYNTHETIC;

	if (was_held(vf))
		path_back_off(vf, RETRY_MOVED_SEC);
	if (asked && time_after(jiffies, vf->deadline)) {
		path_give_up(adapter, path);
		return;
	}
	if (asked)
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF,
				 vf->deadline + 1 - jiffies);

	/* Another VF has to wait until the host has left the one before */
	if (!wanted || is_stale(vf))
		try_return(adapter);
	else if (path == NETVSC_PATH_VF)
		path_stay(adapter);
	else if (path != NETVSC_PATH_TO_VF)
		path_take(adapter);
}

/**
 * netvsc_path_work() - what the path depends on may have changed
 * @adapter: adapter
 *
 * Context: process, RTNL, not conn_lock, which it may have to wait for.
 */
void netvsc_path_work(struct netvsc_adapter *adapter)
{
	const struct net_device *vf = netvsc_vf_dev(adapter);

	ASSERT_RTNL();
	clear_bit(NETVSC_EVENT_VF_LOST, &adapter->events);
	/* Before the VF is looked at: what transmit sees later, test_and_set_bit()
	 * there asks for the work again
	 */
	smp_mb__after_atomic();
	show_association(adapter);
	path_decide(adapter);
	show_path(adapter);
	/* Nobody is told when it is there again */
	if (vf && !netif_device_present(vf))
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, DETACHED_DELAY);
}

/**
 * netvsc_path_disconnected() - the connection has ended
 * @adapter: adapter; its channel is closed
 *
 * Context: process, conn_lock, and RTNL if the net_device is registered.
 */
void netvsc_path_disconnected(struct netvsc_adapter *adapter)
{
	reset_path(adapter);
	spin_lock_bh(&adapter->vf.lock);
	adapter->vf.fresh = false;
	/* What was not answered will not be */
	adapter->vf.answered_gen = adapter->vf.asked_gen;
	spin_unlock_bh(&adapter->vf.lock);
}

/* Data */

static void count_rx(struct netvsc_adapter *adapter, u32 len)
{
	struct netvsc_vf_stats *stats = this_cpu_ptr(adapter->vf.stats);

	u64_stats_update_begin(&stats->syncp);
	u64_stats_inc(&stats->rx_packets);
	u64_stats_add(&stats->rx_bytes, len);
	u64_stats_update_end(&stats->syncp);
}

/**
 * netvsc_path_receive() - what the VF received goes on as if we had
 * @pskb: packet
 *
 * Context: softirq.
 * Return: RX_HANDLER_ANOTHER, or RX_HANDLER_CONSUMED when the packet is dropped.
 */
rx_handler_result_t netvsc_path_receive(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;
	struct net_device *ndev = rcu_dereference(skb->dev->rx_handler_data);

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (unlikely(!skb))
		return RX_HANDLER_CONSUMED;
	*pskb = skb;
	if (unlikely(!netif_running(ndev))) {
		dev_core_stats_rx_dropped_inc(skb->dev);
		kfree_skb(skb);
		return RX_HANDLER_CONSUMED;
	}
	/* The MAC header lies in front of the data here */
	count_rx(netdev_priv(ndev), skb->len + ETH_HLEN);
	skb->dev = ndev;
	/* It may have more queues than we use */
	if (skb_rx_queue_recorded(skb))
		skb_record_rx_queue(skb,
				    netvsc_within(skb_get_rx_queue(skb),
						  READ_ONCE(ndev->real_num_rx_queues)));
	return RX_HANDLER_ANOTHER;
}

/**
 * netvsc_path_can_send() - whether a packet goes by the VF
 * @vf: adapter::vf_tx, not NULL
 * @ndev: our net_device
 *
 * A carrier that is lost is seen here up to a second before anybody tells of it, queues
 * that the core has unplugged a moment before, a VF that its driver has detached nowhere
 * else, and what the host sends until it is asked not to is lost. The work is asked for
 * once, not with each packet until it comes: then it clears adapter::vf_tx. netpoll
 * comes with interrupts off, where no other device can be queued to.
 *
 * Context: xmit.
 * Return: false to send by the synthetic path.
 */
bool netvsc_path_can_send(const struct net_device *vf, struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);

	if (likely(is_usable(vf)))
		return !netpoll_tx_running(ndev);
	if (!test_bit(NETVSC_EVENT_VF_LOST, &adapter->events) &&
	    !test_and_set_bit(NETVSC_EVENT_VF_LOST, &adapter->events))
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
	return false;
}

/**
 * netvsc_path_xmit() - send a packet by the VF
 * @adapter: adapter
 * @vf: the VF
 * @skb: packet; not ours any more
 *
 * Which of its queues, the core asks the VF again, as of any packet that is queued to
 * it: that select_queue asked already said which of ours is to be locked, and is not
 * handed on. Its qdisc may keep the packet, so one that its sender sends many times over
 * (pktgen) is copied.
 *
 * Context: xmit.
 * Return: NETDEV_TX_OK.
 */
netdev_tx_t netvsc_path_xmit(struct netvsc_adapter *adapter,
			     struct net_device *vf, struct sk_buff *skb)
{
	struct netvsc_vf_stats *stats;
	int err = NET_XMIT_DROP;
	u32 len = skb->len;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (likely(skb)) {
		skb->dev = vf;
		skb_set_queue_mapping(skb, 0);
		err = dev_queue_xmit(skb);
	}

	stats = this_cpu_ptr(adapter->vf.stats);
	u64_stats_update_begin(&stats->syncp);
	if (likely(err == NET_XMIT_SUCCESS || err == NET_XMIT_CN)) {
		u64_stats_inc(&stats->tx_packets);
		u64_stats_add(&stats->tx_bytes, len);
	} else {
		u64_stats_inc(&stats->tx_dropped);
	}
	u64_stats_update_end(&stats->syncp);
	return NETDEV_TX_OK;
}

/* Whether the VF takes such frames now: that it has the operation says little */
static bool takes_frames(const struct net_device *vf, int count,
			 struct xdp_frame **frames)
{
	u32 features = compat_xdp_features(vf);
	int i;

	if (!vf->netdev_ops->ndo_xdp_xmit ||
	    !(features & NETDEV_XDP_ACT_NDO_XMIT))
		return false;
	if (features & NETDEV_XDP_ACT_NDO_XMIT_SG)
		return true;
	for (i = 0; i < count; i++) {
		if (xdp_frame_has_frags(frames[i]))
			return false;
	}
	return true;
}

/**
 * netvsc_path_xdp_xmit() - send other devices' frames by the VF
 * @adapter: adapter
 * @vf: adapter::vf_tx, not NULL
 * @count: frames
 * @frames: they are; what is not sent stays the caller's
 * @flags: XDP_XMIT_*
 *
 * Context: softirq.
 * Return: frames sent; -EOPNOTSUPP or what the VF's driver said when all of them
 * are still the caller's, and not counted.
 */
int netvsc_path_xdp_xmit(struct netvsc_adapter *adapter, struct net_device *vf,
			 int count, struct xdp_frame **frames, u32 flags)
{
	struct netvsc_vf_stats *stats = this_cpu_ptr(adapter->vf.stats);
	u32 len[DEV_MAP_BULK_SIZE], bytes = 0;
	int sent, i;

	if (!takes_frames(vf, count, frames))
		return -EOPNOTSUPP;
	count = min_t(int, count, ARRAY_SIZE(len));
	/* Those that are sent may be gone */
	for (i = 0; i < count; i++)
		len[i] = xdp_get_frame_len(frames[i]);
	/* As the core's own code for redirected frames, which no driver can call */
	sent = vf->netdev_ops->ndo_xdp_xmit(vf, count, frames, flags);
	if (sent < 0)
		return sent;
	for (i = 0; i < sent; i++)
		bytes += len[i];

	u64_stats_update_begin(&stats->syncp);
	u64_stats_add(&stats->tx_packets, sent);
	u64_stats_add(&stats->tx_bytes, bytes);
	u64_stats_add(&stats->tx_dropped, count - sent);
	u64_stats_update_end(&stats->syncp);
	return sent;
}

/**
 * netvsc_path_select_queue() - one of our queues for each of the VF's
 * @vf: the VF
 * @skb: packet
 *
 * So that packets for two queues of the VF do not meet in a lock of ours, as far
 * as we have as many.
 *
 * Context: xmit, before the queue is known.
 * Return: the VF's queue; the caller folds it.
 */
u16 netvsc_path_select_queue(struct net_device *vf, struct sk_buff *skb)
{
	const struct net_device_ops *ops = vf->netdev_ops;

	/* What netdev_core_pick_tx() does, which is the core's alone */
	if (ops->ndo_select_queue)
		return ops->ndo_select_queue(vf, skb, NULL);
	return netdev_pick_tx(vf, skb, NULL);
}

/**
 * netvsc_path_read_counts() - what went by VFs on one CPU
 * @adapter: adapter
 * @cpu: a possible one
 * @counts: filled in
 *
 * Context: any.
 */
void netvsc_path_read_counts(const struct netvsc_adapter *adapter, u32 cpu,
			     struct netvsc_vf_counts *counts)
{
	const struct netvsc_vf_stats *stats = per_cpu_ptr(adapter->vf.stats,
							  cpu);
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&stats->syncp);
		counts->rx_packets = u64_stats_read(&stats->rx_packets);
		counts->rx_bytes = u64_stats_read(&stats->rx_bytes);
		counts->tx_packets = u64_stats_read(&stats->tx_packets);
		counts->tx_bytes = u64_stats_read(&stats->tx_bytes);
		counts->tx_dropped = u64_stats_read(&stats->tx_dropped);
	} while (u64_stats_fetch_retry(&stats->syncp, start));
}

/**
 * netvsc_path_sum_counts() - what went by VFs in all
 * @adapter: adapter
 * @sum: filled in
 *
 * Context: any.
 */
void netvsc_path_sum_counts(const struct netvsc_adapter *adapter,
			    struct netvsc_vf_counts *sum)
{
	struct netvsc_vf_counts counts;
	u32 cpu;

	*sum = (struct netvsc_vf_counts) {};
	for_each_possible_cpu(cpu) {
		netvsc_path_read_counts(adapter, cpu, &counts);
		sum->rx_packets += counts.rx_packets;
		sum->rx_bytes += counts.rx_bytes;
		sum->tx_packets += counts.tx_packets;
		sum->tx_bytes += counts.tx_bytes;
		sum->tx_dropped += counts.tx_dropped;
	}
}
