/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hv_netvsc, the driver of the Hyper-V synthetic network card: its types, and
 * what each of its files offers to the files behind it. For the driver's own
 * files only.
 *
 * Lifetimes. The adapter lives as long as its net_device. A queue is made when
 * it is first used and stays until the net_device is freed, so statistics never
 * run backwards and NAPI ids stay. A connection lives from one opening of the
 * VMBus channel to its close.
 *
 * Lock order, outermost first:
 *
 *	RTNL -> adapter::conn_lock -> txq lock -> sections lock -> VMBus ring lock
 *
 * adapter::conn_lock is held for every conversation with the host, so there is
 * one request at a time. connection::reply_lock nests inside all of them and
 * has nothing inside it.
 *
 * Contexts: "xmit" is ndo_start_xmit with the queue's txq lock; "NAPI" is the
 * queue's poll; "process" may sleep.
 */
#ifndef _HYPERV_NET_H
#define _HYPERV_NET_H

#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/if_ether.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>

#include "compat/compat.h"
#include "ndis_wire.h"
#include "nvsp_wire.h"
#include "rndis_wire.h"

/* Transmissions that one queue can have at the host. Some hosts stop reading a
 * ring with 1024 outstanding, and receive completions wait behind them.
 */
#define NETVSC_SLOTS		256
#define NETVSC_SLOT_NONE	U16_MAX

/* A RNDIS header is built in the slot's share of the header area; a power of
 * two, so that none crosses a page.
 */
#define NETVSC_HDR_LEN		128
static_assert(RNDIS_TX_HDR_MAX <= NETVSC_HDR_LEN);
static_assert(!(NETVSC_HDR_LEN & (NETVSC_HDR_LEN - 1)));
static_assert(!(NETVSC_SLOTS & (NETVSC_SLOTS - 1)));

#define NETVSC_SECT_NONE	U16_MAX
#define NETVSC_SECT_CACHE	16	/* sections a queue may keep for itself */
#define NETVSC_SECT_REFILL	8	/* sections moved at a time */

/* Ranges of one packet of pages: what hosts are known to take (protocol.md C.5) */
#define NETVSC_MAX_RANGES	MAX_PAGE_BUFFER_COUNT
/* Pages in them: 64 KiB of data, and each range may touch one page more */
#define NETVSC_MAX_PFNS		(SZ_64K / HV_HYP_PAGE_SIZE + 2 * NETVSC_MAX_RANGES)

/* Receive completions that can wait for room in the ring, one queue */
#define NETVSC_RX_COMPLETIONS	64

/* Room that is asked of the host when the ring is full, in bytes: more than any
 * packet that this driver writes.
 */
#define NETVSC_RING_ROOM	SZ_4K

#define NETVSC_CTRL_PAGES	4

/* Pages that a queue's page pool keeps */
#define NETVSC_POOL_PAGES	256

/* Bounds of conversations with the host, in seconds. Busy hosts were seen to
 * take 15 s for an answer.
 */
#define NETVSC_CONNECT_SEC	60
#define NETVSC_REQUEST_SEC	30
#define NETVSC_DRAIN_MS		2000

/* Size wishes, in bytes */
#define NETVSC_RECV_BUF_LEN	SZ_16M
#define NETVSC_RECV_BUF_LEN_V2	NVSP_RECV_BUF_MAX_V2
#define NETVSC_SEND_BUF_LEN	SZ_1M
#define NETVSC_RING_LEN_MIN	SZ_64K

/* Largest VMBus packet of a host: 562 ranges (protocol.md C.3) */
#define NETVSC_PKT_MAX		4624

#define NETVSC_FILTER_UNKNOWN	U32_MAX

/* Shared memory that had to be left to the host comes from one of these */
enum netvsc_leak {
	NETVSC_LEAK_RECV_BUF,
	NETVSC_LEAK_SEND_BUF,
};

struct netvsc_adapter;
struct netvsc_conn;

/**
 * enum netvsc_slot_state - who a transmit slot belongs to
 * @NETVSC_SLOT_FREE: nobody; in the free list or on its way there
 * @NETVSC_SLOT_BUILDING: the transmit side, which fills it or its batch
 * @NETVSC_SLOT_IN_FLIGHT: the host, until its completion or the close of the
 *			   channel
 * @NETVSC_SLOT_COMPLETED: the poll, which frees it
 */
enum netvsc_slot_state {
	NETVSC_SLOT_FREE,
	NETVSC_SLOT_BUILDING,
	NETVSC_SLOT_IN_FLIGHT,
	NETVSC_SLOT_COMPLETED,
};

/**
 * struct netvsc_slot - one transmission: one packet in the ring
 * @skb: packet to free at completion; NULL when its data were copied
 * @bytes: what BQL was told, in bytes
 * @len: bytes used in @sect
 * @gen: counts the uses, so that a completion cannot be replayed
 * @packets: packets in it
 * @sect: send section, NETVSC_SECT_NONE when the data go as pages
 * @state: enum netvsc_slot_state
 *
 * Written by the transmit side until it is in the ring; from then on it belongs
 * to the completion side.
 */
struct netvsc_slot {
	struct sk_buff *skb;
	u32 bytes;
	u32 len;
	u32 gen;
	u16 packets;
	u16 sect;
	u8 state;
};

/**
 * struct netvsc_spsc - indexes on their way from the NAPI poll to transmit
 * @head: next to write; single producer, the poll
 * @tail: next to read; single consumer, transmit
 * @idx: the indexes; a queue never has more than NETVSC_SLOTS, so it cannot
 *	 overflow
 */
struct netvsc_spsc {
	u32 head ____cacheline_aligned_in_smp;
	u32 tail ____cacheline_aligned_in_smp;
	u16 idx[NETVSC_SLOTS];
};

/**
 * struct netvsc_tx_stats - written under the txq lock only
 * @packets: accepted
 * @bytes: accepted, without repeated headers of segmented packets
 * @dropped: lost, with one of the reasons below or for want of a connection
 * @scattered: had to be linearized
 * @no_memory: memory for that was missing
 * @too_big: fits no packet even so
 * @busy: handed back to the stack
 * @send_full: small, but no send section was free, so sent as pages
 * @no_space: ring was full
 * @stop_queue: queue stopped
 * @xdp_xmit: frames of XDP among @packets
 * @syncp: guards all of these
 */
struct netvsc_tx_stats {
	u64 packets;
	u64 bytes;
	u64 dropped;
	u64 scattered;
	u64 no_memory;
	u64 too_big;
	u64 busy;
	u64 send_full;
	u64 no_space;
	u64 stop_queue;
	u64 xdp_xmit;
	struct u64_stats_sync syncp;
};

/**
 * struct netvsc_napi_stats - written in the queue's NAPI poll only
 * @packets: received and handed to the stack
 * @bytes: received
 * @multicast: of @packets, those to several receivers
 * @dropped: frames that came after the interface was taken down
 * @no_memory: frames lost for want of memory
 * @errors: frames lost because the host's message was malformed
 * @comp_busy: times the ring had no room for receive completions
 * @wake_queue: transmit queue woken
 * @tx_errors: transmissions the host answered with a failure
 * @bad_completion: completions of nothing that was sent
 * @bad_xfer: transfer-page packets with a malformed head or range
 * @bad_message: other messages that were malformed, unknown or unexpected
 * @xdp_drop: frames that a XDP program dropped
 * @xdp_redirect: frames that it redirected
 * @xdp_tx: frames that it sent back
 * @syncp: guards all of these
 */
struct netvsc_napi_stats {
	u64 packets;
	u64 bytes;
	u64 multicast;
	u64 dropped;
	u64 no_memory;
	u64 errors;
	u64 comp_busy;
	u64 wake_queue;
	u64 tx_errors;
	u64 bad_completion;
	u64 bad_xfer;
	u64 bad_message;
	u64 xdp_drop;
	u64 xdp_redirect;
	u64 xdp_tx;
	struct u64_stats_sync syncp;
};

/* Add to one counter of a block. Context: the block's only writer. */
#define netvsc_stat_add(stats, counter, n)			\
	do {							\
		typeof(stats) __stats = (stats);		\
								\
		u64_stats_update_begin(&__stats->syncp);	\
		__stats->counter += (n);			\
		u64_stats_update_end(&__stats->syncp);		\
	} while (0)

/**
 * struct netvsc_pages - a packet of pages (GPA direct, protocol.md C.5) while it
 *			 is built and until it is in the ring
 * @len: bytes of @mpb with its ranges
 * @pfns: page numbers used
 * @last: last range, in @room; NULL if there is none
 * @end: physical address behind it
 * @mpb: head as VMBus wants it; the ranges follow
 * @room: memory of the ranges
 */
struct netvsc_pages {
	u32 len;
	u32 pfns;
	struct hv_mpb_array *last;
	phys_addr_t end;
	struct vmbus_packet_mpb_array mpb;
	u64 room[NETVSC_MAX_RANGES + NETVSC_MAX_PFNS];
};

/**
 * struct netvsc_tx - transmit side of a queue; xmit context unless noted
 * @free: stack of free slots
 * @free_n: number of them; the poll reads it without lock to decide on waking
 * @sect: sections kept for this queue, a stack
 * @sect_n: number of them
 * @batch: slot of the batch that is being filled, or NETVSC_SLOT_NONE
 * @batch_last: offset of the batch's last message in the section, in bytes
 * @unsent: slot that is complete, but found the ring full; the queue is stopped
 *	    and the poll writes it. NETVSC_SLOT_NONE if there is none
 * @pages: ranges of the slot that is being written or is @unsent
 * @hdr: header area, NETVSC_HDR_LEN bytes a slot; read by the host
 * @slots: the slots; see struct netvsc_slot for who writes when
 * @done: completed slots, from the poll
 * @done_sect: their sections, from the poll
 * @stats: statistics
 */
struct netvsc_tx {
	u16 free[NETVSC_SLOTS];
	u32 free_n;
	u16 sect[NETVSC_SECT_CACHE];
	u32 sect_n;
	u16 batch;
	u32 batch_last;
	u16 unsent;
	struct netvsc_pages pages;
	void *hdr;
	struct netvsc_slot *slots;
	struct netvsc_spsc done;
	struct netvsc_spsc done_sect;
	struct netvsc_tx_stats stats;
};

/**
 * struct netvsc_rx_completion - a receive completion that waits for the ring
 * @id: the host's transaction id
 * @status: enum nvsp_status
 */
struct netvsc_rx_completion {
	u64 id;
	u32 status;
};

/**
 * struct netvsc_xfer - the transfer-page packet that is being received
 * @ranges: its ranges, in the channel's private copy of the packet
 * @cnt: number of them
 * @next: first that was not looked at yet
 * @active: there is such a packet, even if it has no ranges
 * @control: the ranges hold control messages, not frames
 * @done: its completion; @done.id is the packet's transaction id
 */
struct netvsc_xfer {
	const struct vmtransfer_page_range *ranges;
	u32 cnt;
	u32 next;
	bool active;
	bool control;
	struct netvsc_rx_completion done;
};

/**
 * struct netvsc_rx - receive side of a queue; NAPI context
 * @desc: packet at the head of the ring, in the channel's private copy; NULL
 *	  before the next look at the ring. Outlives a poll when the budget ends
 *	  in the middle of a packet
 * @xfer: how far it was received, if it is a transfer-page packet
 * @comp: completions to write, @comp_n of them
 * @comp_n: see @comp
 * @pool: pages of received packets
 * @tx_packets: packets completed in this poll, for BQL
 * @tx_bytes: their bytes
 * @stats: statistics
 */
struct netvsc_rx {
	struct vmpacket_descriptor *desc;
	struct netvsc_xfer xfer;
	struct netvsc_rx_completion comp[NETVSC_RX_COMPLETIONS];
	u32 comp_n;
	struct page_pool *pool;
	u32 tx_packets;
	u32 tx_bytes;
	struct netvsc_napi_stats stats;
};

/**
 * enum netvsc_queue_state - what may be done with a queue's NAPI
 * @NETVSC_QUEUE_ADDED: known to the core, disabled
 * @NETVSC_QUEUE_ENABLED: polls; only now may it be disabled
 */
enum netvsc_queue_state {
	NETVSC_QUEUE_ADDED,
	NETVSC_QUEUE_ENABLED,
};

/**
 * struct netvsc_queue - a channel's transmit and receive side
 * @adapter: owner
 * @chan: the channel, NULL while it is closed. Set before NAPI is enabled and
 *	  cleared after it is disabled and transmit has stopped
 * @conn: the connection @chan belongs to, likewise
 * @idx: number of the queue, 0 is the primary channel's
 * @state: see the enum; process context under conn_lock
 * @napi: poll of both sides
 * @rx: receive side
 * @tx: transmit side
 *
 * Made when the adapter first uses it, freed with the net_device.
 */
struct netvsc_queue {
	struct netvsc_adapter *adapter;
	struct vmbus_channel *chan;
	struct netvsc_conn *conn;
	u32 idx;
	enum netvsc_queue_state state;
	struct napi_struct napi;
	struct netvsc_rx rx ____cacheline_aligned_in_smp;
	struct netvsc_tx tx ____cacheline_aligned_in_smp;
};

/**
 * struct netvsc_buf - memory shared with the host for one connection
 * @addr: vmalloc memory, NULL if there is none
 * @len: bytes
 * @gpadl: how the host knows it; handle 0 when it does not
 */
struct netvsc_buf {
	void *addr;
	u32 len;
	struct vmbus_gpadl gpadl;
};

/**
 * struct netvsc_sects - the send buffer's sections that no queue keeps
 * @lock: protects @free and @free_n; xmit and NAPI of all queues meet here
 * @size: bytes of a section, 0 when there is no send buffer
 * @cnt: number of sections
 * @free: stack of free ones
 * @free_n: number of them
 */
struct netvsc_sects {
	spinlock_t lock;	/* free, free_n; innermost but for the ring's */
	u32 size;
	u32 cnt;
	u16 *free;
	u32 free_n;
};

/**
 * struct netvsc_call - the one NVSP request that may wait for its answer
 * @id: transaction id of the request, 0 when nobody waits
 * @len: bytes of the answer
 * @reply: the answer, copied
 * @done: completed when the answer is there
 */
struct netvsc_call {
	u64 id;
	u32 len;
	struct nvsp_message reply;
	struct completion done;
};

/**
 * struct netvsc_request - the one RNDIS request that may wait for its answer
 * @id: RNDIS request id, 0 when nobody waits
 * @type: type of the completion it waits for, RNDIS_MSG_*
 * @info: where the answer's information goes, in the waiter's memory
 * @info_len: room there, then bytes used
 * @cmplt: the decoded answer
 * @done: completed when the answer is there
 */
struct netvsc_request {
	u32 id;
	u32 type;
	void *info;
	u32 info_len;
	struct rndis_completion cmplt;
	struct completion done;
};

/**
 * struct netvsc_conn - one connection to the host
 * @adapter: owner
 * @chan: primary channel
 * @open: @chan is open, so it has to be closed
 * @version: negotiated NVSP version, 0 before
 * @mtu: IP MTU that the host was told, in bytes
 * @deadline: when the operation under way must have ended, jiffies
 * @unresponsive: a request was not answered in time; all later ones fail at once
 * @broken: the host corrupted the ring; nothing is received any more
 * @recv: receive buffer
 * @send: send buffer
 * @sections: sub-allocations of the receive buffer
 * @sects: send sections
 * @max_packets: RNDIS messages in one batch
 * @pkt_align: alignment of all but the first of them, bytes, a power of two
 * @max_xfer: bytes of a batch
 * @reply_lock: protects @call.id and @request.id and what belongs to them: the
 *		waiter meets the poll here
 * @call: NVSP request under way
 * @request: RNDIS request under way
 * @filter: packet filter that the host has, NDIS_PACKET_TYPE_*, or
 *	    NETVSC_FILTER_UNKNOWN after it did not answer
 * @next_gen: generation of the next control packet's transaction id
 * @next_request: next RNDIS request id
 * @ctrl_page: memory of RNDIS requests
 * @ctrl_busy: bit n: the host has not completed what was sent from page n
 * @ctrl_id: transaction id of what was sent from page n
 * @ctrl_idle: woken when a bit of @ctrl_busy is cleared
 * @ctrl_pages: ranges of the control packet that is being written
 * @ctrl_msg: private copy of the control message being received, NAPI
 *
 * conn_lock unless noted. Its life: netvsc_conn_alloc(), _open() the channel,
 * _share() the buffers; _drain(), _revoke() the buffers, _close(), _free().
 */
struct netvsc_conn {
	struct netvsc_adapter *adapter;
	struct vmbus_channel *chan;
	bool open;
	u32 version;
	u32 mtu;
	unsigned long deadline;
	bool unresponsive;
	bool broken;
	struct netvsc_buf recv;
	struct netvsc_buf send;
	struct nvsp_sections sections;
	struct netvsc_sects sects;
	u32 max_packets;
	u32 pkt_align;
	u32 max_xfer;
	spinlock_t reply_lock;	/* waiter and poll: call, request */
	struct netvsc_call call;
	struct netvsc_request request;
	u32 filter;
	u32 next_gen;
	u32 next_request;
	void *ctrl_page[NETVSC_CTRL_PAGES];
	unsigned long ctrl_busy;
	u64 ctrl_id[NETVSC_CTRL_PAGES];
	wait_queue_head_t ctrl_idle;
	struct netvsc_pages ctrl_pages;
	u8 ctrl_msg[SZ_1K];
};

/* Bits of adapter::events, set by NAPI, taken by host_work */
enum netvsc_event_bit {
	NETVSC_EVENT_LINK,	/* media connect or disconnect */
	NETVSC_EVENT_SPEED,	/* link speed may have changed */
	NETVSC_EVENT_BOUNCE,	/* network change: take the link down and up */
	NETVSC_EVENT_RX_MODE,	/* receive filter may have to change */
	NETVSC_EVENT_KEEPALIVE,	/* the host wants a sign of life */
	NETVSC_EVENT_BROKEN,	/* the ring is corrupt */
};

/**
 * struct netvsc_adapter - one synthetic NIC, netdev_priv() of its net_device
 * @ndev: the net_device
 * @hdev: the VMBus device
 * @msg_enable: NETIF_MSG_* mask
 * @conn_lock: held for conversations with the host and over changes of @conn
 * @conn: connection, NULL if there is none. Changes under RTNL and conn_lock
 *	  once the net_device is registered; read under either, or under RCU
 * @queues: by number, NULL until first used; entries never change after
 * @num_queues: queues in use
 * @ring_len: wanted bytes of a ring, each way
 * @closing: transmit must not be started again; read by the poll
 * @kick_lock: protects @dying
 * @dying: no work may be queued any more
 * @host_work: what has to be said to the host without RTNL; takes conn_lock
 * @events: enum netvsc_event_bit
 * @link_up: what the host said last
 * @keepalive_id: id of the host's last KEEPALIVE
 * @link_next: when the next link change may be shown, jiffies
 * @up: the interface is up as far as the host is concerned; conn_lock
 * @speed: link speed in Mb/s, SPEED_UNKNOWN before the host said it
 * @duplex: DUPLEX_*
 * @tx_csum_v4: RNDIS_TX_CSUM_TCP and _UDP: what the host computes for IPv4
 * @tx_csum_v6: likewise for IPv6
 * @cpus: CPUs that ethtool knows, those present at probe: its memory must not
 *	  grow between asking for its size and filling it
 * @leaks: buffers that were left to the host, by enum netvsc_leak
 * @ratelimit: budget of messages that the host can provoke
 */
struct netvsc_adapter {
	struct net_device *ndev;
	struct hv_device *hdev;
	u32 msg_enable;
	struct mutex conn_lock;	/* conversations with the host, conn */
	struct netvsc_conn __rcu *conn;
	struct netvsc_queue *queues[NVSP_MAX_CHANNELS];
	u32 num_queues;
	u32 ring_len;
	bool closing;
	spinlock_t kick_lock;	/* dying */
	bool dying;
	struct delayed_work host_work;
	unsigned long events;
	bool link_up;
	u32 keepalive_id;
	unsigned long link_next;
	bool up;
	u32 speed;
	u8 duplex;
	u32 tx_csum_v4;
	u32 tx_csum_v6;
	struct cpumask cpus;
	u32 leaks[2];
	struct ratelimit_state ratelimit;
};

/* The connection, for who holds conn_lock or RTNL */
static inline struct netvsc_conn *
netvsc_conn_locked(struct netvsc_adapter *adapter)
{
	return rcu_dereference_protected(adapter->conn,
					 lockdep_is_held(&adapter->conn_lock) ||
					 lockdep_rtnl_is_held());
}

/* A complaint that the host can provoke at will: limited for each adapter */
#define netvsc_host_err(adapter, fmt, ...)				\
	do {								\
		struct netvsc_adapter *__a = (adapter);			\
									\
		if (__ratelimit(&__a->ratelimit))			\
			netdev_err(__a->ndev, fmt, ##__VA_ARGS__);	\
	} while (0)

/* netvsc_ring.c: slots, sections, packets in and out of the rings */

/**
 * enum netvsc_pull - what stands at the head of the incoming ring
 * @NETVSC_PULL_EMPTY: nothing
 * @NETVSC_PULL_SENT: a transmission is completed
 * @NETVSC_PULL_REPLY: a control packet is completed
 * @NETVSC_PULL_MESSAGE: NVSP message of the host
 * @NETVSC_PULL_XFER: received frames or control messages
 * @NETVSC_PULL_BAD: malformed or unknown; nothing may be done but to skip it
 * @NETVSC_PULL_BROKEN: the ring itself is corrupt; do not call again
 */
enum netvsc_pull {
	NETVSC_PULL_EMPTY,
	NETVSC_PULL_SENT,
	NETVSC_PULL_REPLY,
	NETVSC_PULL_MESSAGE,
	NETVSC_PULL_XFER,
	NETVSC_PULL_BAD,
	NETVSC_PULL_BROKEN,
};

/**
 * struct netvsc_pulled - what netvsc_chan_peek() found
 * @id: transaction id
 * @slot: slot that is completed, for NETVSC_PULL_SENT
 * @data: payload in private memory, a NVSP message
 * @len: bytes of it
 */
struct netvsc_pulled {
	u64 id;
	u16 slot;
	const void *data;
	u32 len;
};

/* NAPI */
enum netvsc_pull netvsc_chan_peek(struct netvsc_queue *queue,
				  struct netvsc_pulled *pulled);
void netvsc_chan_consume(struct netvsc_queue *queue);
bool netvsc_chan_sent_next(struct netvsc_queue *queue);
bool netvsc_chan_rearm(struct netvsc_queue *queue);
int netvsc_chan_complete(struct netvsc_queue *queue, u64 id, u32 status);
/* any; the caller serializes */
bool netvsc_chan_want_room(struct vmbus_channel *chan);
bool netvsc_chan_has_room(struct vmbus_channel *chan);
int netvsc_chan_send(struct netvsc_queue *queue, const struct nvsp_message *msg,
		     u64 id);
int netvsc_chan_send_pages(struct netvsc_queue *queue,
			   struct netvsc_pages *pages,
			   const struct nvsp_message *msg, u64 id);
void netvsc_pages_init(struct netvsc_pages *pages);
bool netvsc_pages_add(struct netvsc_pages *pages, phys_addr_t addr, u32 len);

/* xmit */
u16 netvsc_slot_get(struct netvsc_queue *queue);
void netvsc_slot_unget(struct netvsc_queue *queue, u16 slot);
u64 netvsc_slot_id(const struct netvsc_queue *queue, u16 slot);
u16 netvsc_sect_get(struct netvsc_conn *conn, struct netvsc_queue *queue);
/* NAPI */
void netvsc_slot_put(struct netvsc_conn *conn, struct netvsc_queue *queue, u16 slot);
/* any */
u32 netvsc_slots_avail(const struct netvsc_queue *queue);
/* process, nothing else uses the queue or the sections */
void netvsc_slots_reset(struct netvsc_queue *queue);
int netvsc_sects_init(struct netvsc_sects *sects, u32 buf_len, u32 size);
void netvsc_sects_free(struct netvsc_sects *sects);

/* netvsc.c: life of a connection, NVSP; process context under conn_lock */
struct netvsc_conn *netvsc_conn_alloc(struct netvsc_adapter *adapter);
int netvsc_conn_open(struct netvsc_conn *conn);
int netvsc_conn_share(struct netvsc_conn *conn);
bool netvsc_conn_drain(struct netvsc_conn *conn);
void netvsc_conn_revoke(struct netvsc_conn *conn);
void netvsc_conn_close(struct netvsc_conn *conn);
void netvsc_conn_free(struct netvsc_conn *conn);
void netvsc_conn_begin(struct netvsc_conn *conn, unsigned int sec);
int netvsc_conn_wait(struct netvsc_conn *conn, struct completion *done,
		     const char *what);
int netvsc_conn_error(const struct netvsc_conn *conn);
int netvsc_conn_overdue(struct netvsc_conn *conn, const char *what);
u64 netvsc_conn_ctrl_id(struct netvsc_conn *conn, u32 nr);
struct netvsc_queue *netvsc_conn_primary(const struct netvsc_conn *conn);
/* NAPI */
bool netvsc_conn_reply(struct netvsc_conn *conn,
		       const struct netvsc_pulled *pulled);

/* netvsc_tx.c */
/* xmit */
netdev_tx_t netvsc_tx_xmit(struct netvsc_conn *conn, struct netvsc_queue *queue,
			   struct sk_buff *skb);
/* NAPI */
void netvsc_tx_done(struct netvsc_conn *conn, struct netvsc_queue *queue,
		    const struct netvsc_pulled *pulled);
void netvsc_tx_poll(struct netvsc_queue *queue);
/* process: xmit and NAPI of the queue have stopped */
void netvsc_tx_purge(struct netvsc_queue *queue);
/* any */
netdev_features_t
netvsc_tx_features_check(struct sk_buff *skb, struct net_device *ndev,
			 netdev_features_t features);

/* rndis_filter.c: process context under conn_lock */
int rndis_filter_init(struct netvsc_conn *conn);
int rndis_filter_set_packet_filter(struct netvsc_conn *conn, u32 filter);
int rndis_filter_query_mac(struct netvsc_conn *conn, u8 *mac);
int rndis_filter_query_mtu(struct netvsc_conn *conn, u32 *mtu);
int rndis_filter_query_link(struct netvsc_conn *conn, bool *up);
int rndis_filter_query_speed(struct netvsc_conn *conn, u32 *mbps);
int rndis_filter_set_offloads(struct netvsc_conn *conn,
			      struct ndis_offload_caps *caps);
void rndis_filter_answer_keepalive(struct netvsc_conn *conn, u32 request_id);
void rndis_filter_halt(struct netvsc_conn *conn);
/* NAPI */
bool rndis_filter_receive(struct netvsc_conn *conn, const void *msg, u32 len);
bool rndis_filter_sent(struct netvsc_conn *conn, u64 id);

/* netvsc_rx.c */
int netvsc_rx_poll(struct napi_struct *napi, int budget);
void netvsc_rx_channel_cb(void *context);

/* netvsc_ethtool.c */
extern const struct ethtool_ops netvsc_ethtool_ops;

/* netvsc_drv.c; NAPI and process */
void netvsc_kick(struct netvsc_adapter *adapter, enum netvsc_event_bit event);

#endif /* _HYPERV_NET_H */
