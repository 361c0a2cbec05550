// SPDX-License-Identifier: GPL-2.0
/*
 * The connection to the host: its life, NVSP, and the buffers that are shared
 * with the host.
 *
 *	alloc -> open ----> share -> (RNDIS, traffic) -> drain -> revoke
 *	           |          |                                     |
 *	           +----------+----------> close -> free <----------+
 *
 * Every step can fail, and close and free undo whatever was done. Waits of our
 * own protocol, and for the open channel, end with the host's answer, with the
 * deadline of the operation, or when the channel is rescinded. The VMBus core's own
 * waits end with the host's answer or a rescind only: a work has the one for the
 * channel, and hosts answer the others (GPADLs, close) of a card that is gone as well.
 */
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <asm/mshyperv.h>

#include "hyperv_net.h"
#include "netvsc_ring.h"

/* Receive buffers are halved down to this, in bytes, when memory is short */
#define RECV_BUF_LEN_MIN	SZ_1M
#define SEND_BUF_LEN_MIN	SZ_128K

/* Versions, newest first: the first that the host takes wins (D.4) */
static const u32 nvsp_versions[] = {
	NVSP_PROTOCOL_VERSION_61,
	NVSP_PROTOCOL_VERSION_6,
	NVSP_PROTOCOL_VERSION_5,
	NVSP_PROTOCOL_VERSION_4,
	NVSP_PROTOCOL_VERSION_2,
	NVSP_PROTOCOL_VERSION_1,
};

struct netvsc_queue *netvsc_conn_primary(const struct netvsc_conn *conn)
{
	return conn->adapter->queues[0];
}

/* Requests and waiting */

/**
 * netvsc_conn_begin() - start an operation of one or more requests
 * @conn: connection
 * @sec: seconds after which all of its waits have ended
 */
void netvsc_conn_begin(struct netvsc_conn *conn, unsigned int sec)
{
	lockdep_assert_held(&conn->adapter->conn_lock);
	conn->deadline = jiffies + sec * HZ;
}

/**
 * netvsc_conn_error() - why nothing can be asked of the host
 * @conn: connection
 *
 * Context: any.
 * Return: 0 it can; -ENODEV the channel is rescinded; -EPROTO the host
 * corrupted the ring; -ETIMEDOUT an earlier request was not answered.
 */
int netvsc_conn_error(const struct netvsc_conn *conn)
{
	if (READ_ONCE(conn->chan->rescind))
		return -ENODEV;
	if (READ_ONCE(conn->broken))
		return -EPROTO;
	return conn->unresponsive ? -ETIMEDOUT : 0;
}

/**
 * netvsc_conn_overdue() - whether to give up waiting for the host
 * @conn: connection
 * @what: what is waited for, for the message
 *
 * A silence marks the connection: all later requests fail at once. One that is
 * in use is replaced in time; one that is being made fails.
 *
 * Context: process, conn_lock.
 * Return: 0 to go on waiting, or as netvsc_conn_error().
 */
int netvsc_conn_overdue(struct netvsc_conn *conn, const char *what)
{
	struct netvsc_adapter *adapter = conn->adapter;
	int err = netvsc_conn_error(conn);

	lockdep_assert_held(&adapter->conn_lock);
	if (err || time_before(jiffies, conn->deadline))
		return err;

	conn->unresponsive = true;
	if (conn->asking)
		return -ETIMEDOUT;
	netdev_err(adapter->ndev,
		   "host did not answer %s in time; connection given up\n",
		   what);
	if (rcu_access_pointer(adapter->conn) == conn)
		netvsc_kick(adapter, NETVSC_EVENT_LOST, 0);
	return -ETIMEDOUT;
}

/**
 * netvsc_conn_lend_rtnl() - what waits for the host need not keep RTNL
 * @conn: connection
 *
 * Context: process, RTNL and conn_lock.
 */
void netvsc_conn_lend_rtnl(struct netvsc_conn *conn)
{
	ASSERT_RTNL();
	lockdep_assert_held(&conn->adapter->conn_lock);
	conn->rtnl_until = jiffies + NETVSC_LENT_RTNL_SEC * HZ;
	conn->lent_rtnl = true;
}

/**
 * netvsc_conn_keep_rtnl() - from here on it has to
 * @conn: connection after netvsc_conn_lend_rtnl()
 *
 * Context: process, conn_lock.
 * Return: false if RTNL was let go meanwhile.
 */
bool netvsc_conn_keep_rtnl(struct netvsc_conn *conn)
{
	bool kept = conn->lent_rtnl;

	conn->lent_rtnl = false;
	return kept;
}

/**
 * netvsc_conn_let_rtnl_go() - others have waited long enough
 * @conn: connection, perhaps one that RTNL was lent to
 *
 * Context: process, conn_lock; who waits for the host calls it now and then.
 */
void netvsc_conn_let_rtnl_go(struct netvsc_conn *conn)
{
	if (!conn->lent_rtnl || time_before(jiffies, conn->rtnl_until))
		return;
	conn->lent_rtnl = false;
	rtnl_unlock();
}

/**
 * netvsc_conn_wait() - wait for the host until the operation's deadline
 * @conn: connection
 * @done: completed by the poll
 * @what: the request's name, for the message
 *
 * Context: process, conn_lock.
 * Return: 0, or as netvsc_conn_error().
 */
int netvsc_conn_wait(struct netvsc_conn *conn, struct completion *done,
		     const char *what)
{
	int err;

	/* In slices, because nobody tells us of a rescind */
	while (!wait_for_completion_timeout(done, HZ)) {
		err = netvsc_conn_overdue(conn, what);
		if (err)
			return err;
		netvsc_conn_let_rtnl_go(conn);
	}
	/* Many answers that each come in time may take long together */
	netvsc_conn_let_rtnl_go(conn);
	return 0;
}

/**
 * netvsc_conn_ctrl_id() - a fresh transaction id for a control packet
 * @conn: connection
 * @nr: 0 for NVSP requests, 1 + page for RNDIS messages
 *
 * Context: conn_lock.
 * Return: it, never 0 and never one of a transmit slot.
 */
u64 netvsc_conn_ctrl_id(struct netvsc_conn *conn, u32 nr)
{
	lockdep_assert_held(&conn->adapter->conn_lock);
	conn->next_gen++;
	return (u64)conn->next_gen << 32 | (NETVSC_SLOTS + 1 + nr);
}

/* An answer with this transaction id is waited for; 0 for none */
static void nvsp_expect(struct netvsc_conn *conn, u64 id)
{
	spin_lock_bh(&conn->reply_lock);
	conn->call.id = id;
	spin_unlock_bh(&conn->reply_lock);
}

/* Whatever comes will be in conn->call.reply; @kick if nobody waits for it */
static int nvsp_ask(struct netvsc_conn *conn, const struct nvsp_message *msg,
		    bool kick)
{
	u64 id = netvsc_conn_ctrl_id(conn, 0);
	int err;

	err = netvsc_conn_error(conn);
	if (err)
		return err;
	reinit_completion(&conn->call.done);
	conn->call.kick = kick;
	nvsp_expect(conn, id);
	err = netvsc_chan_send(netvsc_conn_primary(conn), msg, id);
	if (err)
		nvsp_expect(conn, 0);
	return err;
}

static int nvsp_wait(struct netvsc_conn *conn, const char *what)
{
	int err;

	err = netvsc_conn_wait(conn, &conn->call.done, what);
	nvsp_expect(conn, 0);
	return err;
}

static int nvsp_call(struct netvsc_conn *conn, const struct nvsp_message *msg,
		     const char *what)
{
	int err;

	err = nvsp_ask(conn, msg, false);
	return err ?: nvsp_wait(conn, what);
}

/**
 * netvsc_conn_reply() - a control packet was completed: a waiting NVSP request?
 * @conn: connection
 * @pulled: the completion
 *
 * Context: NAPI of the primary channel.
 * Return: whether it was.
 */
bool netvsc_conn_reply(struct netvsc_conn *conn,
		       const struct netvsc_pulled *pulled)
{
	struct netvsc_call *call = &conn->call;
	bool match;

	spin_lock(&conn->reply_lock);
	match = call->id && call->id == pulled->id;
	if (match) {
		call->id = 0;
		call->len = min_t(u32, pulled->len, sizeof(call->reply));
		memcpy(&call->reply, pulled->data, call->len);
		complete(&call->done);
		if (call->kick)
			netvsc_kick_rtnl(conn->adapter, NETVSC_EVENT_QUEUES, 0);
	}
	spin_unlock(&conn->reply_lock);
	return match;
}

/* Negotiation */

/* Return: 0; -EPROTO refused or nonsense, so the next may be tried; else final */
static int try_version(struct netvsc_conn *conn, u32 version)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_INIT),
		.init.min_version = cpu_to_le32(version),
		.init.max_version = cpu_to_le32(version),
	};
	u32 status;
	int err;

	err = nvsp_call(conn, &msg, "NVSP INIT");
	if (err)
		return err == -EPROTO ? -EIO : err;
	if (nvsp_wire_init_complete(&conn->call.reply, conn->call.len, &status))
		return -EPROTO;
	conn->version = version;
	return 0;
}

static int nvsp_negotiate(struct netvsc_conn *conn)
{
	/* What the older ones leave out, a host that nobody trusts could use */
	bool newest = hv_is_isolation_supported();
	int err = -EPROTO;
	int i;

	for (i = 0; i < ARRAY_SIZE(nvsp_versions) && err == -EPROTO; i++) {
		err = try_version(conn, nvsp_versions[i]);
		if (newest)
			break;
	}
	if (err == -EPROTO && newest)
		netdev_err(conn->adapter->ndev,
			   "the host offers no version that a confidential guest may use\n");
	else if (err == -EPROTO)
		netdev_err(conn->adapter->ndev,
			   "host takes no NVSP version that this driver knows\n");
	return err;
}

/* The host sizes its sub-allocations by this MTU, so it comes first (D.4) */
static int send_ndis_config(struct netvsc_conn *conn)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_NDIS_CONFIG),
		.ndis_config.mtu = cpu_to_le32(conn->mtu + ETH_HLEN),
	};
	u64 caps = NVSP_CAP_8021Q;

	if (conn->version < NVSP_PROTOCOL_VERSION_2)
		return 0;
	/* Link speed is only told to guests that know teaming; VFs are offered
	 * to those that know them, from this message on
	 */
	if (conn->version >= NVSP_PROTOCOL_VERSION_5)
		caps |= NVSP_CAP_TEAMING;
	if (conn->version >= NVSP_PROTOCOL_VERSION_5 &&
	    !hv_is_isolation_supported())
		caps |= NVSP_CAP_SRIOV;
	if (conn->version >= NVSP_PROTOCOL_VERSION_61)
		caps |= NVSP_CAP_RSC;
	msg.ndis_config.capabilities = cpu_to_le64(caps);
	return netvsc_chan_send(netvsc_conn_primary(conn), &msg, 0);
}

static int send_ndis_version(struct netvsc_conn *conn)
{
	u32 minor = conn->version >= NVSP_PROTOCOL_VERSION_5 ?
		    NVSP_NDIS_MINOR_V5 : NVSP_NDIS_MINOR_V1;
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_NDIS_VERSION),
		.ndis_version.major = cpu_to_le32(NVSP_NDIS_MAJOR),
		.ndis_version.minor = cpu_to_le32(minor),
	};

	return netvsc_chan_send(netvsc_conn_primary(conn), &msg, 0);
}

/**
 * netvsc_conn_ask_subchannels() - ask the host for sub-channels
 * @conn: connection with its RNDIS session
 * @count: sub-channels wanted
 * @kick: whether rtnl_work is to be told of the answer, NETVSC_EVENT_QUEUES
 *
 * Context: process, conn_lock.
 * Return: 0; -EAGAIN the ring is full; or as netvsc_conn_error().
 */
int netvsc_conn_ask_subchannels(struct netvsc_conn *conn, u32 count, bool kick)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SUBCHANNEL),
		.subchannel_request.op = cpu_to_le32(NVSP_SUBCHANNEL_ALLOCATE),
		.subchannel_request.count = cpu_to_le32(count),
	};

	return nvsp_ask(conn, &msg, kick);
}

/**
 * netvsc_conn_wait_subchannels() - wait for the answer
 * @conn: connection after netvsc_conn_ask_subchannels()
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0, or as netvsc_conn_error().
 */
int netvsc_conn_wait_subchannels(struct netvsc_conn *conn)
{
	return nvsp_wait(conn, "NVSP SUBCHANNEL");
}

/* The answer may be coming just now */
static bool nvsp_answered(struct netvsc_conn *conn)
{
	bool answered;

	spin_lock_bh(&conn->reply_lock);
	answered = !conn->call.id;
	spin_unlock_bh(&conn->reply_lock);
	return answered;
}

/**
 * netvsc_conn_read_subchannels() - what the host answered, if it has
 * @conn: connection after netvsc_conn_ask_subchannels(), and nothing else asked since
 * @count: sub-channels wanted
 * @granted: those that will be offered, up to @count; 0 on an error
 *
 * Context: process, conn_lock.
 * Return: 0; -EINPROGRESS there is no answer yet; -EOPNOTSUPP the host grants none;
 * -EPROTO; or as netvsc_conn_overdue() at the deadline.
 */
int netvsc_conn_read_subchannels(struct netvsc_conn *conn, u32 count, u32 *granted)
{
	enum nvsp_wire_fault fault;
	u32 status;

	*granted = 0;
	if (!nvsp_answered(conn))
		return netvsc_conn_overdue(conn, "NVSP SUBCHANNEL") ?: -EINPROGRESS;
	fault = nvsp_wire_subchannel_complete(&conn->call.reply, conn->call.len,
					      count, &status, granted);
	if (!fault)
		return 0;
	*granted = 0;
	return fault == NVSP_FAULT_STATUS ? -EOPNOTSUPP : -EPROTO;
}

/* Shared buffers */

/**
 * netvsc_recv_buf_max() - largest receive buffer that the host takes
 * @conn: connection with a version
 *
 * Return: bytes.
 */
u32 netvsc_recv_buf_max(const struct netvsc_conn *conn)
{
	return conn->version > NVSP_PROTOCOL_VERSION_2 ? NVSP_RECV_BUF_MAX :
							 NVSP_RECV_BUF_MAX_V2;
}

/* Default: sections for all queues that are wanted, as many as one may have in
 * use; how large the host makes them is not known yet.
 */
static u32 send_buf_len(const struct netvsc_config *config)
{
	u32 len = config->queues * NETVSC_SECTS_PER_QUEUE * NETVSC_SECT_LEN;

	if (config->send_len)
		return config->send_len;
	len = clamp_t(u32, len, NETVSC_SEND_BUF_LEN, NETVSC_SEND_BUF_MAX);
	return PAGE_ALIGN(len);
}

/* Default: hosts divide it among the queues, and each wants room for a burst */
static u32 recv_buf_len(const struct netvsc_conn *conn,
			const struct netvsc_config *config)
{
	u32 len = clamp_t(u32, config->queues * NETVSC_RECV_PER_QUEUE,
			  NETVSC_RECV_BUF_LEN, NETVSC_RECV_BUF_LEN_MAX);

	return min(config->recv_len ?: len, netvsc_recv_buf_max(conn));
}

static void *spare_take(struct netvsc_spare *spare)
{
	void *addr = spare->addr;

	*spare = (struct netvsc_spare) {};
	return addr;
}

static void bufs_drop(struct netvsc_adapter *adapter, enum netvsc_buf_type type)
{
	vfree(spare_take(&adapter->spare[type]));
	vfree(spare_take(&adapter->next[type]));
}

/* What is there if it has the size, else new. Memory may be short: then what is
 * there is not kept beside it.
 */
static void *buf_alloc(struct netvsc_adapter *adapter,
		       enum netvsc_buf_type type, u32 len)
{
	if (adapter->next[type].len == len)
		return spare_take(&adapter->next[type]);
	if (adapter->spare[type].len == len)
		return spare_take(&adapter->spare[type]);
	bufs_drop(adapter, type);
	return __vmalloc(len, GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
}

static void buf_prepare(struct netvsc_adapter *adapter,
			enum netvsc_buf_type type, u32 have, u32 want)
{
	struct netvsc_spare *next = &adapter->next[type];

	vfree(spare_take(next));
	if (have == want)
		return;
	next->addr = __vmalloc(want, GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN |
				     __GFP_NORETRY);
	next->len = next->addr ? want : 0;
}

/**
 * netvsc_bufs_prepare() - have the memory of the next connection made
 * @adapter: adapter with or without a connection
 * @config: what the next connection is for
 *
 * So that it need not be made while nothing is received. There may be none; then
 * the next connection looks again, without that of the last one beside it.
 *
 * Context: process, conn_lock.
 */
void netvsc_bufs_prepare(struct netvsc_adapter *adapter,
			 const struct netvsc_config *config)
{
	const struct netvsc_conn *conn = netvsc_conn_locked(adapter);

	if (!conn)
		return;
	buf_prepare(adapter, NETVSC_BUF_RECV, conn->recv.len,
		    recv_buf_len(conn, config));
	buf_prepare(adapter, NETVSC_BUF_SEND, conn->send.len,
		    send_buf_len(config));
}

static int buf_share(struct netvsc_conn *conn, enum netvsc_buf_type type,
		     u32 len, u32 len_min)
{
	struct netvsc_buf *buf = type == NETVSC_BUF_RECV ? &conn->recv :
							   &conn->send;
	int err;

	len_min = min(len, len_min);
	for (; len >= len_min; len = PAGE_ALIGN(len / 2)) {
		buf->mem = buf_alloc(conn->adapter, type, len);
		if (buf->mem || len == PAGE_SIZE)
			break;
	}
	if (!buf->mem)
		return -ENOMEM;
	buf->len = len;
	err = vmbus_establish_gpadl(conn->chan, buf->mem, len, &buf->gpadl);
	if (err)
		return err;
	buf->addr = compat_map_shared(buf->mem, len);
	return buf->addr ? 0 : -ENOMEM;
}

/**
 * netvsc_leak() - leave memory to the host, which may still write there
 * @adapter: adapter
 * @what: which memory
 * @len: bytes
 *
 * Context: process.
 */
void netvsc_leak(struct netvsc_adapter *adapter, enum netvsc_leak what,
		 u32 len)
{
	static const char * const names[NETVSC_LEAKS] = {
		[NETVSC_LEAK_RECV] = "receive buffer",
		[NETVSC_LEAK_SEND] = "send buffer",
		[NETVSC_LEAK_RING] = "rings",
	};

	if (atomic_inc_return(&adapter->leaks[what]) == 1)
		netdev_warn(adapter->ndev,
			    "host did not release the %s; %u bytes are left to it\n",
			    names[what], len);
}

/* The host lets go of the buffer, or it says nothing and keeps it: then it may
 * still write there, and the memory is lost.
 */
static void buf_unshare(struct netvsc_conn *conn, struct netvsc_buf *buf)
{
	if (buf->gpadl.gpadl_handle)
		vmbus_teardown_gpadl(conn->chan, &buf->gpadl);
}

/* What is ours again is kept: memory of this size may not be found again. That of
 * the last connection beside that of one which failed after it.
 */
static void buf_put(struct netvsc_conn *conn, struct netvsc_buf *buf,
		    enum netvsc_buf_type type)
{
	struct netvsc_adapter *adapter = conn->adapter;
	bool ours = !buf->gpadl.gpadl_handle || conn->chan->rescind;
	struct netvsc_spare *spare = &adapter->spare[type];

	if (!buf->mem)
		return;
	if (spare->addr)
		spare = &adapter->next[type];
	if (ours && !buf->gpadl.decrypted) {
		compat_unmap_shared(buf->addr, buf->mem);
		vfree(spare->addr);
		spare->addr = buf->mem;
		spare->len = buf->len;
	} else {
		/* Nobody points to it any more, and that is meant */
		kmemleak_not_leak(buf->mem);
		netvsc_leak(adapter, (enum netvsc_leak)type, buf->len);
	}
	*buf = (struct netvsc_buf) {};
}

/* Both buffers become known to the VMBus core and the host, not to the NIC. Of
 * the send buffer an error is not one of the connection.
 */
static int establish_bufs(struct netvsc_conn *conn)
{
	const struct netvsc_config *config = &conn->adapter->config;
	int err;

	err = buf_share(conn, NETVSC_BUF_RECV, recv_buf_len(conn, config),
			RECV_BUF_LEN_MIN);
	if (err)
		return err;
	err = buf_share(conn, NETVSC_BUF_SEND, send_buf_len(config),
			SEND_BUF_LEN_MIN);
	if (!err)
		return 0;
	netif_warn(conn->adapter, probe, conn->adapter->ndev,
		   "no send buffer: %d; continuing without\n", err);
	return netvsc_conn_error(conn);
}

static int share_recv_buf(struct netvsc_conn *conn)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_RECV_BUF),
		.recv_buf.id = cpu_to_le16(NVSP_RECV_BUF_ID),
	};
	struct nvsp_sections sections;
	enum nvsp_wire_fault fault;
	u32 status = 0;
	int err;

	msg.recv_buf.gpadl = cpu_to_le32(conn->recv.gpadl.gpadl_handle);
	err = nvsp_call(conn, &msg, "NVSP SEND_RECV_BUF");
	if (err)
		return err;

	fault = nvsp_wire_recv_buf_complete(&conn->call.reply, conn->call.len,
					    conn->recv.len, &status,
					    &sections);
	if (fault) {
		netdev_err(conn->adapter->ndev,
			   "host's answer to the receive buffer: %s, status %u\n",
			   nvsp_wire_fault_name(fault), status);
		return -EPROTO;
	}
	/* Only now: the poll is running and believes what stands here */
	conn->sections = sections;
	return 0;
}

/* Without a send buffer everything goes as pages: slower, but it works */
static int share_send_buf(struct netvsc_conn *conn)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(NVSP_MSG_SEND_SEND_BUF),
		.send_buf.id = cpu_to_le16(NVSP_SEND_BUF_ID),
	};
	struct nvsp_sections sections = {};
	enum nvsp_wire_fault fault;
	u32 status = 0;
	int err;

	if (!conn->send.addr)
		return 0;
	msg.send_buf.gpadl = cpu_to_le32(conn->send.gpadl.gpadl_handle);
	err = nvsp_call(conn, &msg, "NVSP SEND_SEND_BUF");
	if (err)
		return err;

	fault = nvsp_wire_send_buf_complete(&conn->call.reply, conn->call.len,
					    conn->send.len, &status, &sections);
	if (fault) {
		netif_warn(conn->adapter, probe, conn->adapter->ndev,
			   "host's answer to the send buffer: %s, status %u; continuing without\n",
			   nvsp_wire_fault_name(fault), status);
		sections = (struct nvsp_sections) {};
	}
	return netvsc_sects_init(&conn->sects, conn->send.len, sections.size,
				 conn->adapter->config.queues);
}

/**
 * netvsc_conn_share() - NDIS configuration and the shared buffers
 * @conn: an open connection
 *
 * From here on the host may offer a VF.
 *
 * Context: process, conn_lock; waits for the host.
 * Return: 0; -ENOMEM; -EPROTO; as netvsc_conn_error(); or what the VMBus core
 * said of the ring.
 */
int netvsc_conn_share(struct netvsc_conn *conn)
{
	int err;

	lockdep_assert_held(&conn->adapter->conn_lock);
	err = send_ndis_config(conn);
	if (!err)
		err = send_ndis_version(conn);
	if (!err)
		err = share_recv_buf(conn);
	if (!err)
		err = share_send_buf(conn);
	return err;
}

static void nvsp_revoke(struct netvsc_conn *conn, u32 type, u16 id)
{
	struct nvsp_message msg = {
		.type = cpu_to_le32(type),
		.revoke_recv_buf.id = cpu_to_le16(id),
	};

	/* Best effort: what the host holds is decided by the GPADL's end */
	netvsc_chan_send(netvsc_conn_primary(conn), &msg, 0);
}

/**
 * netvsc_conn_revoke() - tell the host to stop using the buffers
 * @conn: connection; everything that was sent is completed or given up
 *
 * Only right before netvsc_conn_close(): some hosts stop the channel here.
 */
void netvsc_conn_revoke(struct netvsc_conn *conn)
{
	if (netvsc_conn_error(conn) == -ENODEV)
		return;
	if (conn->sections.count)
		nvsp_revoke(conn, NVSP_MSG_REVOKE_RECV_BUF, NVSP_RECV_BUF_ID);
	if (conn->sects.cnt)
		nvsp_revoke(conn, NVSP_MSG_REVOKE_SEND_BUF, NVSP_SEND_BUF_ID);
}

/* The channel */

/**
 * netvsc_conn_open() - open the primary channel, agree on a NVSP version, and
 *			make the buffers known
 * @conn: a fresh connection
 *
 * Context: process, conn_lock; waits for the host, also in the VMBus core.
 * Return: 0; -ENOMEM; -ENXIO the host has no such card; -EPROTO; as
 * netvsc_conn_error(); or what the VMBus core said of the channel or of a GPADL.
 */
int netvsc_conn_open(struct netvsc_conn *conn)
{
	int err;

	lockdep_assert_held(&conn->adapter->conn_lock);
	err = netvsc_channels_open(conn);
	if (!err)
		err = nvsp_negotiate(conn);
	return err ?: establish_bufs(conn);
}

static bool queue_idle(const struct netvsc_queue *queue)
{
	return netvsc_slots_avail(queue) == NETVSC_SLOTS &&
	       !READ_ONCE(queue->rx.comp_n);
}

static bool all_idle(const struct netvsc_conn *conn)
{
	u32 i;

	for (i = 0; i < NVSP_MAX_CHANNELS && conn->adapter->queues[i]; i++) {
		if (!queue_idle(conn->adapter->queues[i]))
			return false;
	}
	return true;
}

/**
 * netvsc_conn_drain() - wait until nothing is under way in either direction
 * @conn: connection; transmit is stopped and the filter closed
 *
 * Bounded: what the host has not completed by then is given up with the
 * channel, which is safe once that is closed.
 *
 * Return: whether all was completed.
 */
bool netvsc_conn_drain(struct netvsc_conn *conn)
{
	unsigned long end = jiffies + msecs_to_jiffies(NETVSC_DRAIN_MS);

	while (!all_idle(conn)) {
		if (netvsc_conn_error(conn) || time_after(jiffies, end))
			return false;
		usleep_range(500, 1000);
	}
	return true;
}

/**
 * netvsc_conn_close() - close the channel and take the buffers back
 * @conn: connection in whatever state, after netvsc_channels_quiet(); not reachable
 *	  for xmit any more
 *
 * Afterwards the host touches nothing of it but what was leaked, and neither
 * interrupt nor poll comes.
 *
 * Context: process, conn_lock; waits for the host in the VMBus core.
 */
void netvsc_conn_close(struct netvsc_conn *conn)
{
	/* Hosts before 2016 want the buffers back first */
	bool bufs_first = vmbus_proto_version < VERSION_WIN10;

	lockdep_assert_held(&conn->adapter->conn_lock);
	if (conn->opening)
		netvsc_channels_opened(conn);
	if (!conn->open)
		return;

	netvsc_channels_settle(conn->adapter, true);
	netvsc_channels_stop(conn);
	if (bufs_first) {
		buf_unshare(conn, &conn->recv);
		buf_unshare(conn, &conn->send);
	}
	netvsc_channels_close(conn);
	if (!bufs_first) {
		buf_unshare(conn, &conn->recv);
		buf_unshare(conn, &conn->send);
	}
}

/**
 * netvsc_conn_alloc() - a connection that is not open yet
 * @adapter: owner
 *
 * Return: it, or NULL when memory is short.
 */
struct netvsc_conn *netvsc_conn_alloc(struct netvsc_adapter *adapter)
{
	struct netvsc_conn *conn;
	int i;

	conn = kzalloc_obj(*conn);
	if (!conn)
		return NULL;

	conn->adapter = adapter;
	conn->chan = adapter->hdev->channel;
	/* Hosts know no smaller one */
	conn->mtu = max_t(u32, adapter->config.mtu, ETH_DATA_LEN);
	spin_lock_init(&conn->reply_lock);
	netvsc_channels_prepare(conn);
	init_completion(&conn->call.done);
	init_completion(&conn->request.done);
	init_waitqueue_head(&conn->ctrl_idle);

	for (i = 0; i < NETVSC_CTRL_PAGES; i++) {
		conn->ctrl_page[i] = (void *)get_zeroed_page(GFP_KERNEL);
		if (!conn->ctrl_page[i]) {
			netvsc_conn_free(conn);
			return NULL;
		}
	}
	return conn;
}

/**
 * netvsc_conn_free() - free a closed connection
 * @conn: connection; no slot of its queues is in use
 */
void netvsc_conn_free(struct netvsc_conn *conn)
{
	int i;

	buf_put(conn, &conn->recv, NETVSC_BUF_RECV);
	buf_put(conn, &conn->send, NETVSC_BUF_SEND);
	netvsc_sects_free(&conn->sects);
	for (i = 0; i < NETVSC_CTRL_PAGES; i++) {
		netvsc_bounce_end(conn->adapter->hdev, &conn->ctrl_bounced[i]);
		free_page((unsigned long)conn->ctrl_page[i]);
	}
	kfree(conn);
}

/**
 * netvsc_bufs_trim() - the buffers that no connection uses
 * @adapter: adapter
 *
 * Context: process, conn_lock, or nothing else uses the adapter.
 */
void netvsc_bufs_trim(struct netvsc_adapter *adapter)
{
	bufs_drop(adapter, NETVSC_BUF_RECV);
	bufs_drop(adapter, NETVSC_BUF_SEND);
}

/**
 * netvsc_bufs_free() - what connections left for the next one
 * @adapter: adapter without connection
 */
void netvsc_bufs_free(struct netvsc_adapter *adapter)
{
	netvsc_bufs_trim(adapter);
	netvsc_channels_free(adapter);
}
