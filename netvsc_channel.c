// SPDX-License-Identifier: GPL-2.0
/*
 * Channels: opening the primary one, sub-channels, and closing them all.
 *
 * Sub-channels come when the host likes, on a work of the VMBus core, and each
 * has to be opened in the core's callback: an offered channel that is not open
 * can be taken back and freed at any time. The callback therefore runs without
 * RTNL and without conn_lock, which whoever waits for it may hold. It claims a
 * queue under sub_lock, opens the channel into it, and says how that ended. A
 * sub-channel cannot be closed alone: all go with the primary one, and not before
 * no callback is under way.
 *
 * Channel n is queue n, unless one before it failed to open: queues have no
 * gaps, so that all of them can be used.
 */
#include <linux/mm.h>
#include <linux/wait.h>

#include "hyperv_net.h"

/* How long the core may take for RESCINDs that have come */
#define SETTLE_DELAY	(HZ / 5)

/* Protects struct netvsc_subs of all adapters and the way from a VMBus device
 * to its adapter: a callback may come while the device goes.
 */
static DEFINE_SPINLOCK(sub_lock);

/* One channel */

/* Whoever had the channel before us may have left its callbacks and the
 * pointers of a request tracker there; closing would free them once more.
 */
static void chan_clean(struct vmbus_channel *chan)
{
	chan->rqstor_size = 0;
	chan->requestor.req_arr = NULL;
	chan->requestor.req_bitmap = NULL;
	chan->next_request_id_callback = NULL;
	chan->request_addr_callback = NULL;
	chan->low_latency = false;
}

static void ring_set(struct vmbus_channel *chan, struct page *page, u32 pages)
{
	chan->ringbuffer_page = page;
	chan->ringbuffer_pagecount = pages;
	chan->ringbuffer_send_offset = pages / 2;
}

static struct page *ring_pages(const struct vmbus_channel *chan, u32 len)
{
	return alloc_pages_node(cpu_to_node(chan->target_cpu),
				GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN |
				__GFP_NORETRY, get_order(2 * len));
}

/* Of both rings: 6.1's core sets the indices alone, and would leave the last
 * connection's interrupt mask there.
 */
static void clear_headers(struct netvsc_adapter *adapter)
{
	void *rings = page_address(adapter->ring_page);

	clear_page(rings);
	clear_page(rings + (adapter->ring_pages / 2 << PAGE_SHIFT));
}

/* The primary channel's rings of the last connection; not if they are small, for want
 * of memory then, and there is more now
 */
static bool ring_reuse(struct netvsc_adapter *adapter,
		       struct vmbus_channel *chan)
{
	struct page *page = NULL;

	if (chan->primary_channel || !adapter->ring_page)
		return false;
	if (adapter->ring_pages < 2 * adapter->ring_len >> PAGE_SHIFT)
		page = ring_pages(chan, adapter->ring_len);
	if (page) {
		netvsc_channels_free(adapter);
		ring_set(chan, page, 2 * adapter->ring_len >> PAGE_SHIFT);
	} else {
		clear_headers(adapter);
		ring_set(chan, adapter->ring_page, adapter->ring_pages);
		adapter->ring_page = NULL;
	}
	return true;
}

/* One block of memory for both rings, smaller if there is none of that size. A
 * sub-channel's goes with its close; the primary channel's is kept.
 */
static int ring_alloc(struct netvsc_adapter *adapter,
		      struct vmbus_channel *chan)
{
	struct page *page = NULL;
	u32 len;

	if (ring_reuse(adapter, chan))
		return 0;
	for (len = adapter->ring_len; len >= NETVSC_RING_LEN_MIN;
	     len = PAGE_ALIGN(len / 2)) {
		page = ring_pages(chan, len);
		if (page)
			break;
	}
	if (!page)
		return -ENOMEM;
	if (len != adapter->ring_len)
		netif_info(adapter, probe, adapter->ndev,
			   "no memory for rings of %u bytes, continuing with %u\n",
			   adapter->ring_len, len);

	ring_set(chan, page, 2 * len >> PAGE_SHIFT);
	return 0;
}

/* Whether the host has let go of the rings of a channel that is closed */
static bool rings_are_ours(const struct vmbus_channel *chan)
{
	return !chan->ringbuffer_gpadlhandle.gpadl_handle || chan->rescind;
}

/* Of a channel that is not open any more. The core frees what it does not know to
 * be visible to the host, whether the host has let go of it or not.
 */
static void ring_free(struct netvsc_adapter *adapter,
		      struct vmbus_channel *chan)
{
	if (!rings_are_ours(chan) && chan->ringbuffer_page) {
		netvsc_leak(adapter, NETVSC_LEAK_RING,
			    chan->ringbuffer_pagecount << PAGE_SHIFT);
		chan->ringbuffer_page = NULL;
	}
	vmbus_free_ring(chan);
}

/* Close all channels. The primary one's rings are kept if the host let go of
 * them. A host that could not be asked to has them still.
 */
static void close_all(struct netvsc_adapter *adapter,
		      struct vmbus_channel *chan)
{
	int err = vmbus_disconnect_ring(chan);

	if (!err && rings_are_ours(chan) &&
	    !chan->ringbuffer_gpadlhandle.decrypted) {
		adapter->ring_page = chan->ringbuffer_page;
		adapter->ring_pages = chan->ringbuffer_pagecount;
		chan->ringbuffer_page = NULL;
	}
	ring_free(adapter, chan);
}

static void queue_reset(struct netvsc_conn *conn, struct netvsc_queue *queue)
{
	/* A sub-channel of the last connection is freed by now, and the interrupt of
	 * the one that is opened may come before queue_start()
	 */
	WRITE_ONCE(queue->chan, NULL);
	netvsc_slots_reset(queue);
	queue->rx.desc = NULL;
	queue->rx.xfer.active = false;
	queue->rx.comp_n = 0;
	queue->conn = conn;
}

/* The poll looks at the ring for as long as the channel is open, whether the interface
 * is up or not: the host's answers come through it. Not before, because a socket that
 * polls by itself would meet a ring that is not there yet. What came meanwhile found
 * nobody to wake, so the poll looks at once.
 */
static void queue_start(struct netvsc_queue *queue, struct vmbus_channel *chan)
{
	/* Pairs with who reads the pointer without having been told of it */
	smp_store_release(&queue->chan, chan);
	/* Pairs with netvsc_rx_poll() */
	smp_store_release(&queue->polled, true);
	local_bh_disable();
	napi_schedule(&queue->napi);
	local_bh_enable();
}

/* Afterwards no poll looks at the ring that did not before: the caller waits for those
 * with synchronize_net().
 */
static void queue_stop(struct netvsc_queue *queue)
{
	WRITE_ONCE(queue->polled, false);
}

/* The core keeps the callback of a channel that failed to open, and somebody
 * may still signal it.
 */
static void drop_callback(struct vmbus_channel *chan)
{
	unsigned long flags;

	spin_lock_irqsave(&chan->sched_lock, flags);
	chan->onchannel_callback = NULL;
	spin_unlock_irqrestore(&chan->sched_lock, flags);
}

/* The first half of opening a channel, before vmbus_connect_ring() */
static int chan_prepare(struct netvsc_conn *conn, struct netvsc_queue *queue,
			struct vmbus_channel *chan)
{
	int err;

	chan_clean(chan);
	chan->max_pkt_size = NETVSC_PKT_MAX;
	set_channel_read_mode(chan, HV_CALL_ISR);

	err = ring_alloc(conn->adapter, chan);
	if (!err)
		queue_reset(conn, queue);
	return err;
}

/* The second half, if that failed */
static void chan_failed(struct netvsc_queue *queue, struct vmbus_channel *chan)
{
	drop_callback(chan);
	ring_free(queue->adapter, chan);
	queue->conn = NULL;
}

/* The primary channel */

static void open_work(struct work_struct *work)
{
	struct netvsc_conn *conn = container_of(work, struct netvsc_conn,
						open_work);

	conn->open_err = vmbus_connect_ring(conn->chan, netvsc_rx_channel_cb,
					    netvsc_conn_primary(conn));
	/* Whoever sees it may free the connection */
	complete_all(&conn->opened);
}

/* The core waits for the host's answer or for the card's RESCIND, however long that
 * takes, and the RESCIND may be behind another one which waits for RTNL: that of a VF.
 * So a work waits with the core, and who may hold RTNL waits for the work.
 */
static int primary_open(struct netvsc_conn *conn)
{
	struct netvsc_queue *queue = netvsc_conn_primary(conn);
	int err;

	err = chan_prepare(conn, queue, conn->chan);
	if (err)
		return err;
	conn->opening = true;
	netvsc_run(&conn->open_work);
	err = netvsc_conn_wait(conn, &conn->opened, "OPENCHANNEL");
	if (err)
		return err;
	netvsc_channels_opened(conn);
	if (conn->open)
		queue_start(queue, conn->chan);
	return conn->open_err;
}

/* Sub-channels as they come */

static struct netvsc_adapter *sub_adapter(const struct vmbus_channel *chan)
{
	struct hv_device *hdev = chan->primary_channel->device_obj;
	struct net_device *ndev = hdev ? hv_get_drvdata(hdev) : NULL;

	return ndev ? netdev_priv(ndev) : NULL;
}

/* The queue that this sub-channel is for, NULL when nobody asked for it */
static struct netvsc_queue *sub_claim(const struct vmbus_channel *chan,
				      struct netvsc_conn **conn)
{
	u32 index = chan->offermsg.offer.sub_channel_index;
	struct netvsc_adapter *adapter;
	struct netvsc_queue *queue = NULL;
	struct netvsc_subs *subs;

	spin_lock(&sub_lock);
	adapter = sub_adapter(chan);
	subs = adapter ? &adapter->subs : NULL;
	if (subs && !READ_ONCE(chan->primary_channel->rescind) &&
	    subs->conn && index && index <= subs->most &&
	    !test_bit(index, subs->seen)) {
		u32 nr = find_first_zero_bit(subs->busy, NVSP_MAX_CHANNELS);

		/* One for each index up to @most was made beforehand */
		queue = adapter->queues[nr];
		queue->channel = index;
		__set_bit(index, subs->seen);
		__set_bit(nr, subs->busy);
		subs->inflight++;
		*conn = subs->conn;
	}
	spin_unlock(&sub_lock);
	return queue;
}

/* Whether the connection still takes the channel that was opened for it */
static bool sub_take(struct netvsc_queue *queue)
{
	struct netvsc_subs *subs = &queue->adapter->subs;
	bool taken;

	spin_lock(&sub_lock);
	taken = subs->conn;
	if (taken)
		__set_bit(queue->idx, subs->open);
	spin_unlock(&sub_lock);
	return taken;
}

/* How the opening of a claimed queue's channel ended. A failed one makes place
 * for the next.
 */
static void sub_end(struct netvsc_queue *queue, bool open)
{
	struct netvsc_subs *subs = &queue->adapter->subs;
	bool late;

	spin_lock(&sub_lock);
	if (!open) {
		__clear_bit(queue->channel, subs->seen);
		__clear_bit(queue->idx, subs->busy);
	}
	subs->ended++;
	late = subs->late;
	/* Kicked before it counts as ended: the adapter may go after that */
	if (late)
		netvsc_kick_rtnl(queue->adapter, NETVSC_EVENT_QUEUES, 0);
	subs->inflight--;
	wake_up_all(&subs->idle);
	spin_unlock(&sub_lock);
}

static int sub_open(struct netvsc_conn *conn, struct netvsc_queue *queue,
		    struct vmbus_channel *chan)
{
	int err;

	err = chan_prepare(conn, queue, chan);
	if (err)
		return err;
	err = vmbus_connect_ring(chan, netvsc_rx_channel_cb, queue);
	if (err)
		chan_failed(queue, chan);
	else
		queue_start(queue, chan);
	return err;
}

static void sub_offered(struct vmbus_channel *chan)
{
	struct netvsc_conn *conn;
	struct netvsc_queue *queue = sub_claim(chan, &conn);
	int err;

	if (!queue)
		return;
	err = sub_open(conn, queue, chan);
	/* From here a failed channel may be freed */
	if (err)
		netvsc_host_err(conn->adapter, "sub channel open failed: %d\n",
				err);
	else if (!sub_take(queue))
		queue_stop(queue);
	sub_end(queue, !err);
}

/* From here sub-channels 1 to @most are taken */
static void subs_begin(struct netvsc_conn *conn, u32 most, bool late)
{
	struct netvsc_subs *subs = &conn->adapter->subs;

	spin_lock(&sub_lock);
	subs->conn = conn;
	subs->most = most;
	subs->ended = 0;
	subs->late = late;
	spin_unlock(&sub_lock);
	vmbus_set_sc_create_callback(conn->chan, sub_offered);
}

static u32 subs_inflight(struct netvsc_subs *subs)
{
	u32 n;

	spin_lock(&sub_lock);
	n = subs->inflight;
	spin_unlock(&sub_lock);
	return n;
}

/* From here none is taken */
static void subs_stop(struct netvsc_subs *subs)
{
	spin_lock(&sub_lock);
	subs->conn = NULL;
	spin_unlock(&sub_lock);
}

static u32 subs_ended(struct netvsc_subs *subs)
{
	u32 n;

	spin_lock(&sub_lock);
	n = subs->ended;
	spin_unlock(&sub_lock);
	return n;
}

/* Those that come later are told to rtnl_work */
static void subs_wait(struct netvsc_conn *conn, u32 granted)
{
	struct netvsc_subs *subs = &conn->adapter->subs;
	unsigned int sec = 0;

	while (sec++ < NETVSC_SUBCHANNEL_SEC && !netvsc_conn_error(conn)) {
		if (wait_event_timeout(subs->idle,
				       subs_ended(subs) >= granted, HZ))
			break;
		netvsc_conn_let_rtnl_go(conn);
	}
	spin_lock(&sub_lock);
	subs->late = true;
	spin_unlock(&sub_lock);
}

/* All channels */

/**
 * netvsc_channels_usable() - number of queues with an open channel
 * @adapter: adapter with a connection
 *
 * Context: process.
 * Return: queues 0 to one less than this can be used.
 */
u32 netvsc_channels_usable(struct netvsc_adapter *adapter)
{
	u32 n;

	spin_lock(&sub_lock);
	n = find_first_zero_bit(adapter->subs.open, NVSP_MAX_CHANNELS);
	spin_unlock(&sub_lock);
	return n;
}

/**
 * netvsc_channels_asked() - whether sub-channels were asked for
 * @conn: the adapter's connection
 *
 * Context: process, conn_lock.
 */
bool netvsc_channels_asked(struct netvsc_conn *conn)
{
	bool asked;

	spin_lock(&sub_lock);
	asked = conn->adapter->subs.conn;
	spin_unlock(&sub_lock);
	return asked;
}

static void subs_reset(struct netvsc_subs *subs)
{
	bitmap_zero(subs->seen, NVSP_MAX_CHANNELS);
	bitmap_zero(subs->busy, NVSP_MAX_CHANNELS);
	bitmap_zero(subs->open, NVSP_MAX_CHANNELS);
	subs->granted = 0;
	subs->asked = 0;
	__set_bit(0, subs->busy);
}

/**
 * netvsc_channels_open() - open the primary channel
 * @conn: a fresh connection; see netvsc_channels_quiet() for what may be left of the
 *	  attempt after an error
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0; -ENOMEM; -ENXIO the host has no such card; -ETIMEDOUT or -ENODEV as
 * netvsc_conn_error(); or what the VMBus core said.
 */
int netvsc_channels_open(struct netvsc_conn *conn)
{
	struct netvsc_subs *subs = &conn->adapter->subs;
	int err;

	/* No callback is under way: they ended with the last connection */
	subs_reset(subs);
	/* After hibernation the host may have no such card any more, and the
	 * core would wait for its answer for ever. Nobody is told when the card
	 * is offered again, so this is no reason to give up.
	 */
	if (conn->chan->offermsg.child_relid == INVALID_RELID)
		return -ENXIO;
	vmbus_set_chn_rescind_callback(conn->chan, netvsc_rescinded);
	err = primary_open(conn);
	if (err)
		netdev_err(conn->adapter->ndev,
			   "unable to open channel: %d\n", err);
	else
		__set_bit(0, subs->open);
	return err;
}

/**
 * netvsc_channels_opened() - what came of opening the primary channel
 * @conn: connection whose @opened was completed
 *
 * Context: process, conn_lock.
 */
void netvsc_channels_opened(struct netvsc_conn *conn)
{
	conn->opening = false;
	if (conn->open_err)
		chan_failed(netvsc_conn_primary(conn), conn->chan);
	else
		conn->open = true;
}

/* @queues were asked for, and what has come now is used */
static void subs_report(struct netvsc_conn *conn, u32 queues)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 usable = netvsc_channels_usable(adapter);

	if (usable < queues)
		netif_info(adapter, probe, adapter->ndev,
			   "using %u of %u queues: the host granted %u sub-channels, %u are open\n",
			   usable, queues, adapter->subs.granted, usable - 1);
}

/**
 * netvsc_channels_grow() - ask for sub-channels and wait until they are open
 * @conn: connection with its RNDIS session
 * @queues: queues wanted, all channels counted; they have been made
 *
 * Bounded, and no failure but the connection's own: what came is in
 * netvsc_channels_usable(), what comes later is told to rtnl_work.
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0, or as netvsc_conn_error().
 */
int netvsc_channels_grow(struct netvsc_conn *conn, u32 queues)
{
	struct netvsc_subs *subs = &conn->adapter->subs;
	int err;

	lockdep_assert_held(&conn->adapter->conn_lock);
	if (queues <= 1)
		return 0;
	subs_begin(conn, queues - 1, false);
	err = netvsc_conn_ask_subchannels(conn, queues - 1, false);
	if (!err)
		err = netvsc_conn_wait_subchannels(conn);
	if (!err)
		err = netvsc_conn_read_subchannels(conn, queues - 1, &subs->granted);
	if (!err)
		subs_wait(conn, subs->granted);
	subs_report(conn, queues);
	return netvsc_conn_error(conn);
}

/* The card may be in use, and others wait for RTNL and conn_lock */

/**
 * netvsc_channels_ask() - ask for sub-channels and wait for nothing
 * @conn: the adapter's connection
 * @queues: as for netvsc_channels_grow()
 *
 * rtnl_work is told of the answer, of each that is open, and of the time when no
 * more is to be expected: then it calls netvsc_channels_pending().
 *
 * Context: process, conn_lock.
 * Return: 0; -EAGAIN the ring is full, nothing was asked; or as netvsc_conn_error().
 */
int netvsc_channels_ask(struct netvsc_conn *conn, u32 queues)
{
	struct netvsc_subs *subs = &conn->adapter->subs;
	int err;

	lockdep_assert_held(&conn->adapter->conn_lock);
	if (queues <= 1)
		return 0;
	subs_begin(conn, queues - 1, true);
	err = netvsc_conn_ask_subchannels(conn, queues - 1, true);
	if (err) {
		subs_stop(subs);
		return err;
	}
	subs->asked = queues;
	subs->answered = false;
	subs->until = jiffies + NETVSC_REQUEST_SEC * HZ;
	return 0;
}

/* Whether an answer is still to come, or a sub-channel */
static bool subs_expected(struct netvsc_conn *conn)
{
	struct netvsc_subs *subs = &conn->adapter->subs;

	if (!subs->answered) {
		conn->deadline = subs->until;
		if (netvsc_conn_read_subchannels(conn, subs->most, &subs->granted) ==
		    -EINPROGRESS)
			return true;
		subs->answered = true;
		subs->until = jiffies + NETVSC_SUBCHANNEL_SEC * HZ;
	}
	return subs_ended(subs) < subs->granted && !netvsc_conn_error(conn) &&
	       time_before(jiffies, subs->until);
}

/**
 * netvsc_channels_pending() - whether it is too early to use what has come
 * @conn: the adapter's connection, for which sub-channels may have been asked for
 *
 * Context: process, conn_lock.
 */
bool netvsc_channels_pending(struct netvsc_conn *conn)
{
	struct netvsc_subs *subs = &conn->adapter->subs;

	lockdep_assert_held(&conn->adapter->conn_lock);
	if (!subs->asked)
		return false;
	if (subs_expected(conn)) {
		netvsc_kick_rtnl(conn->adapter, NETVSC_EVENT_QUEUES,
				 max_t(long, subs->until - jiffies, 1));
		return true;
	}
	subs_report(conn, subs->asked);
	subs->asked = 0;
	return false;
}

/**
 * netvsc_channels_quiet() - no channel is opened for the connection any more
 * @conn: connection
 * @timeout: how long to wait for those that are being opened, jiffies
 *
 * Until then the core has their rings, and the connection cannot be closed. It does not
 * go on with a card that was taken away before its probe has ended: who opens one of
 * its sub-channels waits for that.
 *
 * Context: process; waits for the host.
 * Return: whether none is being opened.
 */
bool netvsc_channels_quiet(struct netvsc_conn *conn, unsigned long timeout)
{
	struct netvsc_subs *subs = &conn->adapter->subs;

	subs_stop(subs);
	return wait_event_timeout(subs->idle, !subs_inflight(subs), timeout) &&
	       (!conn->opening ||
		wait_for_completion_timeout(&conn->opened, timeout));
}

/**
 * netvsc_channels_settle() - the core is to be done with what the host takes away
 * @adapter: adapter
 * @connected: it has a connection, whose open channels stay in any case
 *
 * Sub-channels that were granted and are not open yet wait in a queue of the core's.
 * Each leaves its list when its own RESCIND is taken. To close the primary before that
 * may mean to wait for what does not come, and the core adds them to a device that is
 * gone.
 *
 * Context: process, conn_lock or device_lock; waits for the host.
 */
void netvsc_channels_settle(struct netvsc_adapter *adapter, bool connected)
{
	const struct vmbus_channel *chan = adapter->hdev->channel;
	struct netvsc_subs *subs = &adapter->subs;
	unsigned long end = jiffies + NETVSC_SUBCHANNEL_SEC * HZ;
	u32 open = 0;

	if (!READ_ONCE(chan->rescind))
		return;
	if (connected) {
		spin_lock(&sub_lock);
		open = bitmap_weight(subs->open, NVSP_MAX_CHANNELS) - 1;
		spin_unlock(&sub_lock);
		if (open >= subs->granted)
			return;
	}
	/* The list is the core's: whether it is empty is all that can be asked */
	if (open)
		end = jiffies + SETTLE_DELAY;
	while (!list_empty(&chan->sc_list) && time_before(jiffies, end))
		usleep_range(1000, 2000);
}

/**
 * netvsc_channels_stop() - no poll looks at a ring any more
 * @conn: connection after netvsc_channels_quiet(); transmit has stopped
 *
 * Context: process, conn_lock.
 */
void netvsc_channels_stop(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 i;

	lockdep_assert_held(&adapter->conn_lock);
	/* Who opens another one stops its poll: no connection takes it */
	for_each_set_bit(i, adapter->subs.open, NVSP_MAX_CHANNELS)
		queue_stop(adapter->queues[i]);
	/* Polls are RCU's readers: of softirq, threads, sockets and netpoll alike */
	synchronize_net();
}

/**
 * netvsc_channels_close() - close all channels
 * @conn: connection whose channels are stopped
 *
 * Context: process, conn_lock; waits for the host in the VMBus core.
 */
void netvsc_channels_close(struct netvsc_conn *conn)
{
	struct netvsc_adapter *adapter = conn->adapter;
	u32 i;

	close_all(adapter, conn->chan);
	chan_clean(conn->chan);
	for (i = 0; i < NVSP_MAX_CHANNELS && adapter->queues[i]; i++) {
		WRITE_ONCE(adapter->queues[i]->chan, NULL);
		adapter->queues[i]->conn = NULL;
	}
	conn->open = false;
}

/**
 * netvsc_channels_free() - what the last connection left for the next one
 * @adapter: adapter without connection
 */
void netvsc_channels_free(struct netvsc_adapter *adapter)
{
	if (adapter->ring_page)
		__free_pages(adapter->ring_page,
			     get_order(adapter->ring_pages << PAGE_SHIFT));
	adapter->ring_page = NULL;
}

/**
 * netvsc_channels_forget() - no callback finds the adapter any more
 * @hdev: VMBus device of an adapter that goes
 *
 * One that the core has read and not called yet cannot be waited for: it holds no lock
 * in between. What such a call needs is checked under sub_lock, or counted in the
 * device; that it does not come behind the unloading of the module is up to the core.
 */
void netvsc_channels_forget(struct hv_device *hdev)
{
	vmbus_set_chn_rescind_callback(hdev->channel, NULL);
	vmbus_set_sc_create_callback(hdev->channel, NULL);
	spin_lock(&sub_lock);
	hv_set_drvdata(hdev, NULL);
	spin_unlock(&sub_lock);
}

/**
 * netvsc_channels_prepare() - a connection without channels
 * @conn: connection
 */
void netvsc_channels_prepare(struct netvsc_conn *conn)
{
	INIT_WORK(&conn->open_work, open_work);
	init_completion(&conn->opened);
}

/**
 * netvsc_channels_init() - an adapter without channels
 * @adapter: adapter
 */
void netvsc_channels_init(struct netvsc_adapter *adapter)
{
	init_waitqueue_head(&adapter->subs.idle);
}
