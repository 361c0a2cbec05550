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
 *	RTNL -> VF's instance lock -> adapter::conn_lock -> txq lock ->
 *	sections lock -> VMBus ring lock
 *
 * Functions of the core that take the VF's instance lock are called with RTNL
 * alone. A txq lock of ours is held over those of the VF. The spinlocks
 * netvsc_channel.c has for sub-channels and adapter::kick_lock nest in this order
 * inside conn_lock; netvsc_vf::lock has the ring lock inside it, and
 * adapter::table_lock is innermost.
 *
 * adapter::conn_lock is held for every conversation with the host, so there is
 * one request at a time. The exception is SWITCH_DATA_PATH, which RTNL or
 * netvsc_vf::lock serializes, since it must not wait behind another request.
 * connection::reply_lock nests inside all of them, and adapter::kick_lock alone in it.
 *
 * Contexts: "xmit" is ndo_start_xmit with the queue's txq lock; "NAPI" is the
 * queue's poll; "process" may sleep.
 */
#ifndef _HYPERV_NET_H
#define _HYPERV_NET_H

#include <linux/completion.h>
#include <linux/hyperv.h>
#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/if_xdp.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/xdp.h>

#include "compat/compat.h"
#include "ndis_wire.h"
#include "nvsp_wire.h"
#include "rndis_wire.h"
#include "rsc_wire.h"

/* Features that a host has, or has not */
#define NETVSC_HOST_FEATURES \
	(NETIF_F_SG | NETIF_F_RXCSUM | NETIF_F_RXHASH | NETIF_F_IP_CSUM | \
	 NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6 | NETIF_F_LRO)

/* Transmissions that one queue can have at the host. Some hosts stop reading a
 * ring with 1024 outstanding, and receive completions wait behind them.
 */
#define NETVSC_SLOTS		256
#define NETVSC_SLOT_NONE	U16_MAX

/* BQL's limit is never below what the smallest frames make of them, in bytes: with
 * less the queue would be stopped after a batch or two, and what the stack has for a
 * stopped queue comes one by one afterwards.
 */
#define NETVSC_BQL_MIN		(NETVSC_SLOTS * ETH_ZLEN)

/* A RNDIS header is built in the slot's share of the header area; a power of
 * two, so that none crosses a page.
 */
#define NETVSC_HDR_LEN		128
static_assert(RNDIS_TX_HDR_MAX <= NETVSC_HDR_LEN);
static_assert(!(NETVSC_HDR_LEN & (NETVSC_HDR_LEN - 1)));
static_assert(!(NETVSC_SLOTS & (NETVSC_SLOTS - 1)));

#define NETVSC_SECT_NONE	U16_MAX
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

/* Lower half of the transaction ids of SWITCH_DATA_PATH, to the synthetic path and
 * to the VF: behind those of the slots, of NVSP requests and of the pages
 */
#define NETVSC_SWITCH_ID	(NETVSC_SLOTS + 1 + 1 + NETVSC_CTRL_PAGES)
#define NETVSC_SWITCH_VF_ID	(NETVSC_SWITCH_ID + 1)

/* Pages that a queue's page pool keeps */
#define NETVSC_POOL_PAGES	256

/* Bounds of conversations with the host, in seconds. Busy hosts were seen to
 * take 15 s for an answer.
 */
#define NETVSC_CONNECT_SEC	60
#define NETVSC_REQUEST_SEC	30
/* Of these, how long who need not hold RTNL keeps it from others */
#define NETVSC_LENT_RTNL_SEC	3
/* Leaving a connection that is replaced, and reaching the host again: RTNL is
 * held meanwhile
 */
#define NETVSC_LEAVE_SEC	10
#define NETVSC_DRAIN_MS		2000
/* How long to wait for sub-channels: later ones are taken when they come */
#define NETVSC_SUBCHANNEL_SEC	5

/* Sections of a buffer that the user may set it to */
#define NETVSC_MIN_SECTIONS	10

/* Queues, unless the user wants others, there are fewer CPUs or a host that
 * has fewer.
 */
#define NETVSC_QUEUES		16

/* Size wishes, in bytes */
#define NETVSC_MAX_MTU		(65535 - ETH_HLEN)
#define NETVSC_RECV_PER_QUEUE	SZ_2M
#define NETVSC_RECV_BUF_LEN	SZ_8M
#define NETVSC_RECV_BUF_LEN_MAX	SZ_16M
/* A section for each slot of one queue */
#define NETVSC_SEND_BUF_LEN	(NETVSC_SLOTS * NETVSC_SECT_LEN)
#define NETVSC_SEND_BUF_MAX	(15 * SZ_1M)
/* What a queue can have in use, and how large hosts are known to make them */
#define NETVSC_SECTS_PER_QUEUE	48
#define NETVSC_SECT_LEN		6144
static_assert(IS_ALIGNED(NETVSC_SEND_BUF_LEN, PAGE_SIZE));
#define NETVSC_RING_LEN_MIN	SZ_64K

/* Largest VMBus packet of a host: 562 ranges (protocol.md C.3) */
#define NETVSC_PKT_MAX		4624

#define NETVSC_FILTER_UNKNOWN	U32_MAX

/* Descriptors, each a part of a chunk, of one packet of an AF_XDP socket, and pages
 * that they can touch; a VLAN tag parts one more
 */
#define NETVSC_XSK_SEGS		18
#define NETVSC_XSK_PAGES	(2 * NETVSC_XSK_SEGS + 1)
/* Descriptors taken from its ring at a time */
#define NETVSC_XSK_DESCS	32

/* What is counted by CPU: packets and bytes, received and sent */
#define NETVSC_CPU_COUNTS	4

/* The lowest bits of a packet's hash choose one of these for sending */
#define NETVSC_TX_ENTRIES	NVSP_INDIRECTION_ENTRIES

/* The buffers that are shared with the host */
enum netvsc_buf_type {
	NETVSC_BUF_RECV,
	NETVSC_BUF_SEND,
	NETVSC_BUF_TYPES,
};

/* What a host may keep: those, and the rings of a channel */
enum netvsc_leak {
	NETVSC_LEAK_RECV = NETVSC_BUF_RECV,
	NETVSC_LEAK_SEND = NETVSC_BUF_SEND,
	NETVSC_LEAK_RING,
	NETVSC_LEAKS,
};

struct netvsc_adapter;
struct netvsc_conn;

/**
 * enum netvsc_slot_state - who a transmit slot belongs to
 * @NETVSC_SLOT_FREE: nobody; in the free list or on its way there
 * @NETVSC_SLOT_BUILDING: the transmit side, which fills it or its batch
 * @NETVSC_SLOT_IN_FLIGHT: the host, until its completion or the close of the
 *			   channel; or the poll, as the one that found the ring full
 * @NETVSC_SLOT_COMPLETED: the poll, which frees it
 */
enum netvsc_slot_state {
	NETVSC_SLOT_FREE,
	NETVSC_SLOT_BUILDING,
	NETVSC_SLOT_IN_FLIGHT,
	NETVSC_SLOT_COMPLETED,
};

/**
 * enum netvsc_slot_kind - what a transmit slot holds until its completion
 * @NETVSC_SLOT_SKB: a packet of the stack, or nothing
 * @NETVSC_SLOT_XDP_BACK: a frame of this queue's own pages
 * @NETVSC_SLOT_XDP_OTHER: a frame of another device
 * @NETVSC_SLOT_XSK: pages of an AF_XDP socket's memory
 */
enum netvsc_slot_kind {
	NETVSC_SLOT_SKB,
	NETVSC_SLOT_XDP_BACK,
	NETVSC_SLOT_XDP_OTHER,
	NETVSC_SLOT_XSK,
};

/**
 * struct netvsc_xsk_sent - what of an AF_XDP socket's memory the host may read
 * @nr: number in the order of what was sent
 * @epoch: which pool's order
 * @n: pages
 * @page: they are, with a reference to each
 */
struct netvsc_xsk_sent {
	u32 nr;
	u32 epoch;
	u32 n;
	struct page *page[NETVSC_XSK_PAGES];
};

/**
 * struct netvsc_slot - one transmission: one packet in the ring
 * @skb: packet to free at completion; NULL when its data were copied
 * @frame: likewise, unless @kind is NETVSC_SLOT_SKB
 * @sent: likewise, if @kind is NETVSC_SLOT_XSK
 * @bytes: what BQL was told, in bytes
 * @len: bytes used in @sect
 * @gen: counts the uses, so that a completion cannot be replayed
 * @packets: packets in it
 * @sect: send section, NETVSC_SECT_NONE when the data go as pages
 * @state: enum netvsc_slot_state
 * @kind: enum netvsc_slot_kind
 *
 * Written by the transmit side until its state is in flight, which comes before it is
 * in the ring; from then on it belongs to the completion side.
 */
struct netvsc_slot {
	union {
		struct sk_buff *skb;
		struct xdp_frame *frame;
		struct netvsc_xsk_sent *sent;
	};
	u32 bytes;
	u32 len;
	u32 gen;
	u16 packets;
	u16 sect;
	u8 state;
	u8 kind;
};

/**
 * struct netvsc_spsc - indexes on their way from the NAPI poll to transmit
 * @head: next to write; single producer, the poll
 * @idx: the indexes, of the poll like @head, but for one that transmit gives back
 *	 unused; a queue never has more than NETVSC_SLOTS, so it cannot overflow
 * @tail: next to read; single consumer, transmit
 */
struct netvsc_spsc {
	u32 head ____cacheline_aligned_in_smp;
	u16 idx[NETVSC_SLOTS];
	u32 tail ____cacheline_aligned_in_smp;
};

/**
 * struct netvsc_tx_stats - written under the txq lock, or when nothing is sent any more
 * @packets: accepted
 * @bytes: accepted, without repeated headers of segmented packets
 * @dropped: lost: with one of the reasons below, for want of a connection, because
 *	     it was no frame, or given up with the connection
 * @scattered: had to be linearized, or dropped where that is not allowed
 * @no_memory: memory for that was missing, or for the checksum
 * @too_big: fits no packet even so
 * @vlan_error: had a malformed tag in it
 * @busy: handed back to the stack
 * @send_full: small, but no send section was free, so sent as pages
 * @no_space: ring was full
 * @stop_queue: queue stopped
 * @xdp_xmit: frames of XDP among @packets
 * @xsk: frames of AF_XDP sockets without an skb among @packets
 * @syncp: guards all of these
 */
struct netvsc_tx_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t dropped;
	u64_stats_t scattered;
	u64_stats_t no_memory;
	u64_stats_t too_big;
	u64_stats_t vlan_error;
	u64_stats_t busy;
	u64_stats_t send_full;
	u64_stats_t no_space;
	u64_stats_t stop_queue;
	u64_stats_t xdp_xmit;
	u64_stats_t xsk;
	struct u64_stats_sync syncp;
};

/**
 * struct netvsc_napi_stats - written in the queue's NAPI poll, or when none runs any more
 * @packets: received, and handed to the stack or, by a XDP program, to where it
 *	     was to go; not what such a program drops
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
 * @rsc_packets: of @packets, those that the host coalesced
 * @rsc_fragments: fragments in them
 * @rsc_plain: of @rsc_packets, those that the stack cannot cut again
 * @rsc_bad: coalesced packets that came in part only, and fragments of none
 * @xdp_drop: frames that a XDP program dropped
 * @xdp_redirect: frames that it redirected
 * @xdp_tx: frames that it sent back
 * @xdp_error: frames lost because there was no such verdict, or it could not be
 *	       carried out
 * @xsk_starved: frames lost because an AF_XDP socket had given no room for them
 * @xsk_too_long: frames lost because they do not fit its chunks
 * @syncp: guards all of these
 */
struct netvsc_napi_stats {
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t multicast;
	u64_stats_t dropped;
	u64_stats_t no_memory;
	u64_stats_t errors;
	u64_stats_t comp_busy;
	u64_stats_t wake_queue;
	u64_stats_t tx_errors;
	u64_stats_t bad_completion;
	u64_stats_t bad_xfer;
	u64_stats_t bad_message;
	u64_stats_t rsc_packets;
	u64_stats_t rsc_fragments;
	u64_stats_t rsc_plain;
	u64_stats_t rsc_bad;
	u64_stats_t xdp_drop;
	u64_stats_t xdp_redirect;
	u64_stats_t xdp_tx;
	u64_stats_t xdp_error;
	u64_stats_t xsk_starved;
	u64_stats_t xsk_too_long;
	struct u64_stats_sync syncp;
};

/* Add to one counter of a block. Context: the block's only writer. */
#define netvsc_stat_add(stats, counter, n)			\
	do {							\
		typeof(stats) __stats = (stats);		\
								\
		u64_stats_update_begin(&__stats->syncp);	\
		u64_stats_add(&__stats->counter, n);		\
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
 * struct netvsc_bounced - what of a packet of pages was copied for the host
 * @n: pieces
 * @len: their bytes
 * @addr: where the host finds them
 *
 * Belongs to who has the packet.
 */
struct netvsc_bounced {
	u32 n;
	u32 len[NETVSC_MAX_RANGES];
	dma_addr_t addr[NETVSC_MAX_RANGES];
};

/**
 * struct netvsc_tx - transmit side of a queue; xmit context unless noted
 * @txq: the core's part of it
 * @hdr: header area, NETVSC_HDR_LEN bytes a slot; read by the host
 * @slots: the slots; see struct netvsc_slot for who writes when
 * @bounced: what was copied for the host, by slot; NULL when it reads pages
 *	     where they are. Written as the slot is
 * @unsent: slot that is complete, but found the ring full; the queue is stopped
 *	    and the poll writes it. NETVSC_SLOT_NONE if there is none
 * @batch: slot of the batch that is being filled, or NETVSC_SLOT_NONE
 * @batch_last: offset of the batch's last message in the section, in bytes
 * @sect_n: number of sections in @sect
 * @sect: sections that were taken for this queue, a stack
 * @msg: what says to the host where a slot's packet is; only that changes
 * @pages: ranges of the slot that is being written or is @unsent
 * @free: free slots, from the poll: the longest free is used first
 * @done_sect: sections of completed slots, from the poll
 * @stats: statistics
 */
struct netvsc_tx {
	struct netdev_queue *txq;
	void *hdr;
	struct netvsc_slot *slots;
	struct netvsc_bounced *bounced;
	u16 unsent;
	/* Written with each packet; each poll reads what is above */
	u16 batch ____cacheline_aligned_in_smp;
	u32 batch_last;
	u32 sect_n;
	u16 sect[NETVSC_SECT_REFILL];
	struct nvsp_message msg;
	struct netvsc_pages pages;
	struct netvsc_spsc free;
	struct netvsc_spsc done_sect;
	struct netvsc_tx_stats stats;
};

/**
 * struct netvsc_pulled - what netvsc_chan_peek() found
 * @id: transaction id
 * @data: payload in private memory, a NVSP message
 * @len: bytes of it
 */
struct netvsc_pulled {
	u64 id;
	const void *data;
	u32 len;
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
 * struct netvsc_rsc - the coalesced packet that is being received
 * @run: its fragments so far
 * @hdrs: its headers, if @parsed
 * @parsed: they are those of TCP, and whole
 * @counted: it is lost and was counted
 * @info: what the host said with the first fragment
 * @skb: the packet so far; NULL when it is lost or there is none
 */
struct netvsc_rsc {
	struct rsc_run run;
	struct rsc_headers hdrs;
	bool parsed;
	bool counted;
	struct rndis_packet_info info;
	struct sk_buff *skb;
};

/**
 * struct netvsc_rx - receive side of a queue; NAPI context
 * @desc: packet at the head of the ring, in the channel's private copy; NULL
 *	  before the next look at the ring. Outlives a poll when the budget ends
 *	  in the middle of a packet
 * @pulled: what the poll found there
 * @xfer: how far it was received, if it is a transfer-page packet
 * @info: what the host said about the frame being received
 * @rsc: coalesced packet within it
 * @comp: completions to write, @comp_n of them
 * @comp_n: see @comp
 * @pool: pages of received packets
 * @sect: sections to give back, @sect_n of them
 * @sect_n: see @sect
 * @tx_packets: packets completed in this poll, for BQL
 * @tx_bytes: their bytes
 * @stats: statistics
 */
struct netvsc_rx {
	struct vmpacket_descriptor *desc;
	struct netvsc_pulled pulled;
	struct netvsc_xfer xfer;
	struct rndis_packet_info info;
	struct netvsc_rsc rsc;
	struct netvsc_rx_completion comp[NETVSC_RX_COMPLETIONS];
	u32 comp_n;
	struct page_pool *pool;
	u16 sect[NETVSC_SECT_REFILL];
	u32 sect_n;
	u32 tx_packets;
	u32 tx_bytes;
	struct netvsc_napi_stats stats;
};

/**
 * struct netvsc_xdp - a queue's part in XDP; NAPI context
 * @rxq: what a program and who takes its frames know of the queue
 * @pool: whole pages. Not those of the receive side: kernels before 6.4 take
 *	  frames that they make skbs of out of their pool, and would take a page
 *	  that fragments are still made of
 * @room: a page for the next frame, NULL when the last one was given away
 * @redirected: frames wait for the end of the poll in who takes them
 * @sent_back: frames may wait for it in the open batch
 */
struct netvsc_xdp {
	struct xdp_rxq_info rxq;
	struct page_pool *pool;
	void *room;
	bool redirected;
	bool sent_back;
};

/**
 * struct netvsc_xdp_in - a received frame as a program sees it
 * @xdp: first, since the metadata functions get this alone; it may be one of an
 *	 AF_XDP socket's, which have NETVSC_XSK_CB bytes behind it for us
 * @info: what the host said about the frame
 */
struct netvsc_xdp_in {
	struct xdp_buff xdp;
	const struct rndis_packet_info *info;
};

#define NETVSC_XSK_CB \
	(sizeof(struct netvsc_xdp_in) - sizeof(struct xdp_buff))

/**
 * struct netvsc_xsk_order - one packet of pages, and what follows without any
 * @descs: descriptors
 * @done: the host is done with the pages
 */
struct netvsc_xsk_order {
	u32 descs;
	bool done;
};

/**
 * struct netvsc_xsk - an AF_XDP socket's memory that a queue works with; NAPI
 *		       context unless noted
 * @pool: the memory, NULL if there is none; changes under RTNL, read under RCU
 * @rxq: what a program and who takes its frames know of the queue; RTNL
 * @room: bytes of a frame that fit one chunk; RTNL, before there is a @pool
 * @most: bytes of the longest frame; likewise
 * @starved: there was no chunk for the last frame
 * @desc: descriptors of frames that are to be sent, those from @next to @count
 * @next: see @desc
 * @count: see @desc
 * @epoch: counts the pools; RTNL, read by the poll
 * @order: packets of pages that are under way, by number, from @tail to @head
 * @head: number of the next
 * @tail: number of the oldest
 * @ready: descriptors that can be given back
 */
struct netvsc_xsk {
	struct xsk_buff_pool __rcu *pool;
	struct xdp_rxq_info rxq;
	u32 room;
	u32 most;
	bool starved;
	struct xdp_desc desc[NETVSC_XSK_DESCS];
	u32 next;
	u32 count;
	u32 epoch;
	struct netvsc_xsk_order order[NETVSC_SLOTS];
	u32 head;
	u32 tail;
	u32 ready;
};

/**
 * struct netvsc_queue - a channel's transmit and receive side
 * @adapter: owner
 * @chan: the channel, NULL while it is closed. Set when it is open, before @polled
 *	  is, and cleared after that is and transmit has stopped
 * @conn: the connection @chan belongs to, set before the channel is opened
 * @idx: number of the queue, 0 is the primary channel's
 * @channel: number that the host knows @chan by: @idx, or more if a channel
 *	     before it failed to open
 * @polled: the poll may look at @chan and @conn; who opens or closes the channel
 * @napi: poll of both sides, enabled for as long as there is the queue
 * @rx: receive side
 * @xdp: what becomes of received frames while there is a program
 * @xsk: an AF_XDP socket's memory, NULL before the first; made under RTNL
 * @tx: transmit side
 * @cpu: CPU that @chan interrupted when it was last looked at for @shared, none
 *	 (>= nr_cpu_ids) before; RTNL
 * @shared: what of the queue's counts stands in netvsc_adapter::cpu_counts; RTNL
 *
 * Made when the adapter first uses it, freed with the net_device.
 */
struct netvsc_queue {
	struct netvsc_adapter *adapter;
	struct vmbus_channel *chan;
	struct netvsc_conn *conn;
	u32 idx;
	u32 channel;
	bool polled;
	/* Written at each interrupt; what is above is read by each xmit */
	struct napi_struct napi ____cacheline_aligned_in_smp;
	struct netvsc_rx rx ____cacheline_aligned_in_smp;
	struct netvsc_xdp xdp;
	struct netvsc_xsk *xsk;
	struct netvsc_tx tx ____cacheline_aligned_in_smp;
	u32 cpu;
	u64 shared[NETVSC_CPU_COUNTS];
};

/**
 * struct netvsc_buf - memory shared with the host for one connection
 * @mem: vmalloc memory, NULL if there is none
 * @addr: where it is read and written: @mem, or in some isolated guests an alias;
 *	  NULL while the host does not know it
 * @len: bytes
 * @gpadl: how the host knows it; handle 0 when it does not
 */
struct netvsc_buf {
	void *mem;
	void *addr;
	u32 len;
	struct vmbus_gpadl gpadl;
};

/**
 * struct netvsc_sects - the send buffer's sections that no queue keeps
 * @size: bytes of a section, 0 when there is no send buffer
 * @cnt: number of sections
 * @keep: completed sections that a queue may keep for itself
 * @free: stack of free ones
 * @lock: protects @free and @free_n; xmit and NAPI of all queues meet here, away
 *	  from what they only read
 * @free_n: number of them
 */
struct netvsc_sects {
	u32 size;
	u32 cnt;
	u32 keep;
	u16 *free;
	/* free, free_n; innermost but for the ring's */
	spinlock_t lock ____cacheline_aligned_in_smp;
	u32 free_n;
};

/**
 * struct netvsc_call - the one NVSP request that may wait for its answer
 * @id: transaction id of the request, 0 when nobody waits
 * @len: bytes of the answer
 * @reply: the answer, copied
 * @done: completed when the answer is there
 * @kick: rtnl_work is told of it too
 */
struct netvsc_call {
	u64 id;
	u32 len;
	struct nvsp_message reply;
	struct completion done;
	bool kick;
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

/* Transmit offloads of a host that can be used */
#define NETVSC_OFFLOAD_TCP4	BIT(0)	/* checksum of TCP over IPv4 */
#define NETVSC_OFFLOAD_UDP4	BIT(1)
#define NETVSC_OFFLOAD_LSO4	BIT(2)	/* large sends over IPv4 */
#define NETVSC_OFFLOAD_TCP6	BIT(3)
#define NETVSC_OFFLOAD_UDP6	BIT(4)
#define NETVSC_OFFLOAD_LSO6	BIT(5)

/**
 * struct netvsc_conn - one connection to the host
 * @adapter: owner
 * @chan: primary channel
 * @open_work: opens @chan in the VMBus core
 * @opened: completed when that has ended
 * @open_err: and how
 * @opening: it was begun, and nobody has looked yet how it ended
 * @open: @chan is open, so it has to be closed
 * @left: the host heard that it ends, and the adapter has it no more
 * @version: negotiated NVSP version, 0 before
 * @mtu: IP MTU that the host was told, in bytes
 * @caps: the host's offloads, as it said when it was asked; conn_lock
 * @offloads_seen: NETVSC_OFFLOAD_*: which of them it has said are on; the poll's
 * @offloads_lost: those among them that it has switched off since; the poll's
 * @deadline: when the operation under way must have ended, jiffies
 * @lent_rtnl: who waits for the host holds RTNL, which it is not to keep from others;
 *	conn_lock. Who needs it all the time does not say so here
 * @rtnl_until: then it is let go, jiffies
 * @unresponsive: a request was not answered in time; all later ones fail at once
 * @broken: the host corrupted the ring; nothing is received any more
 * @lost: either was seen, and a new connection is to come
 * @asking: whether the host answers again is found out: a silence is no news
 * @rx_seen: packets received when it was last looked whether any come
 * @recv: receive buffer
 * @send: send buffer
 * @sections: sub-allocations of the receive buffer
 * @sects: send sections
 * @max_packets: RNDIS messages in one batch
 * @pkt_align: alignment of all but the first of them, bytes, a power of two
 * @max_xfer: bytes of a batch
 * @copy_len: bytes of the longest packet that is copied; read by xmit
 * @batch_packets: @max_packets, but not more than the user wants; read by xmit
 * @batch_len: bytes of a batch, as the user and @sects allow it; read by xmit
 * @reply_lock: protects @call.id and @request.id and what belongs to them, and what the
 *		host says by itself together with its event: who waits or works meets
 *		the poll here
 * @call: NVSP request under way
 * @request: RNDIS request under way
 * @rsc: the host coalesces, or it did not say that it stopped
 * @filter: packet filter that the host has, NDIS_PACKET_TYPE_*, or
 *	    NETVSC_FILTER_UNKNOWN after it did not answer
 * @next_gen: generation of the next control packet's transaction id
 * @next_request: next RNDIS request id
 * @ctrl_page: memory of RNDIS requests
 * @ctrl_busy: bit n: the host has not completed what was sent from page n
 * @ctrl_id: transaction id of what was sent from page n
 * @ctrl_idle: woken when a bit of @ctrl_busy is cleared
 * @ctrl_pages: ranges of the control packet that is being written
 * @ctrl_bounced: what was copied for the host of page n, if it has to be
 * @ctrl_msg: private copy of the control message being received, NAPI
 *
 * conn_lock unless noted. Its life: netvsc_conn_alloc(), _open() the channel,
 * _share() the buffers; _drain(), _revoke() the buffers, _close(), _free().
 */
struct netvsc_conn {
	struct netvsc_adapter *adapter;
	struct vmbus_channel *chan;
	struct work_struct open_work;
	struct completion opened;
	int open_err;
	bool opening;
	bool open;
	bool left;
	u32 version;
	u32 mtu;
	struct ndis_offload_caps caps;
	u32 offloads_seen;
	u32 offloads_lost;
	unsigned long deadline;
	bool lent_rtnl;
	unsigned long rtnl_until;
	bool unresponsive;
	bool broken;
	bool lost;
	bool asking;
	u64 rx_seen;
	struct netvsc_buf recv;
	struct netvsc_buf send;
	struct nvsp_sections sections;
	struct netvsc_sects sects;
	u32 max_packets;
	u32 pkt_align;
	u32 max_xfer;
	u32 copy_len;
	u32 batch_packets;
	u32 batch_len;
	spinlock_t reply_lock;	/* waiter and poll: call, request */
	struct netvsc_call call;
	struct netvsc_request request;
	bool rsc;
	u32 filter;
	u32 next_gen;
	u32 next_request;
	void *ctrl_page[NETVSC_CTRL_PAGES];
	unsigned long ctrl_busy;
	u64 ctrl_id[NETVSC_CTRL_PAGES];
	wait_queue_head_t ctrl_idle;
	struct netvsc_pages ctrl_pages;
	struct netvsc_bounced ctrl_bounced[NETVSC_CTRL_PAGES];
	u8 ctrl_msg[SZ_1K];
};

/* Bits of adapter::events: the first group is for host_work, the second for
 * rtnl_work
 */
enum netvsc_event_bit {
	NETVSC_EVENT_LINK,	/* media connect or disconnect */
	NETVSC_EVENT_FELL,	/* a disconnect, whatever came after it */
	NETVSC_EVENT_SPEED,	/* link speed may have changed */
	NETVSC_EVENT_BOUNCE,	/* network change: take the link down and up */
	NETVSC_EVENT_RX_MODE,	/* receive filter may have to change */
	NETVSC_EVENT_KEEPALIVE,	/* the host wants a sign of life */
	NETVSC_EVENT_LOST,	/* the host is silent, or the ring is corrupt */
	NETVSC_EVENT_RSC,	/* the host may have to be told about coalescing */

	NETVSC_EVENT_QUEUES,	/* a sub-channel came late, or is still to be asked for */
	NETVSC_EVENT_OFFLOADS,	/* the host may have other offloads than a while ago */
	NETVSC_EVENT_RECONNECT,	/* there is no connection, or it is of no use */
	NETVSC_EVENT_PEERS,	/* others may look for us where we are no more */
	NETVSC_EVENT_VF,	/* a VF came, or what it needs to carry the data */
	NETVSC_EVENT_VF_LOST,	/* transmit saw that it cannot, and asked for that */
};

/**
 * struct netvsc_subs - sub-channels of the connection, netvsc_channel.c's
 * @conn: connection that takes them, NULL if none does
 * @most: highest sub-channel that was asked for
 * @seen: bit n: sub-channel n is open or being opened
 * @busy: bit n: queue n has a channel or is getting one
 * @open: bit n: queue n's channel is open
 * @inflight: callbacks of the VMBus core under way
 * @ended: those that ended since sub-channels were asked for
 * @granted: sub-channels that the host said it would offer
 * @late: nobody waits for them any more
 * @asked: queues that netvsc_channels_ask() was to give, 0 when that is settled;
 *	conn_lock
 * @answered: the host said how many sub-channels it grants for them; conn_lock
 * @until: what is still to come has until then, jiffies; conn_lock
 * @idle: woken when one ends
 */
struct netvsc_subs {
	struct netvsc_conn *conn;
	u32 most;
	DECLARE_BITMAP(seen, NVSP_MAX_CHANNELS);
	DECLARE_BITMAP(busy, NVSP_MAX_CHANNELS);
	DECLARE_BITMAP(open, NVSP_MAX_CHANNELS);
	u32 inflight;
	u32 ended;
	u32 granted;
	bool late;
	u32 asked;
	bool answered;
	unsigned long until;
	wait_queue_head_t idle;
};

/* Flows whose hash has a level of its own: bits of netvsc_rss::ports */
#define NETVSC_FLOW_TCP4	BIT(0)
#define NETVSC_FLOW_TCP6	BIT(1)
#define NETVSC_FLOW_UDP4	BIT(2)
#define NETVSC_FLOW_UDP6	BIT(3)
#define NETVSC_FLOW_ALL		GENMASK(3, 0)

/**
 * struct netvsc_rss - how flows are spread over the queues
 * @entries: of @table, 0 when the host has no RSS
 * @caps: NDIS_RSS_CAPS_*
 * @on: the host of this connection has parameters
 * @key_set: @key is the user's
 * @key: Toeplitz key
 * @table: queue by hash; it may name more queues than are in use
 * @ports: NETVSC_FLOW_*: hashed by addresses and ports, not addresses alone
 *
 * conn_lock; @ports is read by xmit.
 */
struct netvsc_rss {
	u32 entries;
	u32 caps;
	bool on;
	bool key_set;
	u8 key[NDIS_RSS_KEY_LEN];
	u16 table[NDIS_RSS_INDIRECTION_MAX];
	u32 ports;
};

/**
 * enum netvsc_path - the way that the data take, as far as it is agreed
 * @NETVSC_PATH_SYNTHETIC: the host sends on the synthetic path, and so do we
 * @NETVSC_PATH_TO_VF: the host was asked to send on the VF; we do when it does
 * @NETVSC_PATH_VF: the host sends on the VF, and so do we
 * @NETVSC_PATH_TO_SYNTHETIC: the host was asked to return; we have already
 */
enum netvsc_path {
	NETVSC_PATH_SYNTHETIC,
	NETVSC_PATH_TO_VF,
	NETVSC_PATH_VF,
	NETVSC_PATH_TO_SYNTHETIC,
};

/**
 * struct netvsc_vf_counts - what went by VFs
 * @rx_packets: received
 * @rx_bytes: received
 * @tx_packets: handed to the VF
 * @tx_bytes: likewise, without repeated headers of segmented packets
 * @tx_dropped: not taken by its queueing discipline
 */
struct netvsc_vf_counts {
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_dropped;
};

/**
 * struct netvsc_vf_stats - one CPU's share of it
 * @rx_packets: as in struct netvsc_vf_counts; written with bottom halves off
 * @rx_bytes: likewise
 * @tx_packets: likewise
 * @tx_bytes: likewise
 * @tx_dropped: likewise
 * @syncp: guards them
 */
struct netvsc_vf_stats {
	u64_stats_t rx_packets;
	u64_stats_t rx_bytes;
	u64_stats_t tx_packets;
	u64_stats_t tx_bytes;
	u64_stats_t tx_dropped;
	struct u64_stats_sync syncp;
};

/**
 * struct netvsc_sends - a limit of large sends that the path does not take whole
 * @was: what it is to be, bytes; 0 if nothing was cut off
 * @cut: and to what it was cut
 */
struct netvsc_sends {
	u32 was;
	u32 cut;
};

/**
 * struct netvsc_vf - the VF, and the path of the data
 * @node: among all adapters that can have one; RTNL
 * @lock: protects what follows, up to @fresh: RTNL's holders meet the poll here
 * @dev: the VF that is joined, NULL if there is none; changes under RTNL as well
 * @path: see the enum
 * @stale: what it says was agreed for a VF that is gone, and the host could not be asked
 *	to return yet
 * @asked_gen: generation of the last SWITCH_DATA_PATH's transaction id
 * @answered_gen: that of the last one that was completed
 * @moved: the host said that it sends on the VF, and not yet that it returned: so
 *	it said in its last answer, whatever was asked since
 * @held: the host moved the data by itself, and that was not acted upon
 * @associated: the host says that this NIC has a VF
 * @serial: which, as its PCI slot is named
 * @fresh: it said so on this connection
 * @answered: the last SWITCH_DATA_PATH was, or will not be
 * @deadline: when it should have been, jiffies; RTNL, as all that follows
 * @dev_tracker: of the reference to @dev
 * @stray: a VF of ours in another namespace, to be moved; NULL if there is none
 * @stray_tracker: of the reference to it
 * @applied: @dev has our settings, so it can be used
 * @failed: it does not take them, and that was said
 * @to_open: it is to be opened as soon as it has our settings and we are up
 * @unopened: it could not be, and that was said
 * @open_at: not before this is that tried again, jiffies
 * @waited: the host's word came, or it was said that it is waited for
 * @key_due: since it came, or went up, it has not been asked to take the key of the
 *	user's choice, or there is another since
 * @prog: program that we have attached to it, NULL if there is none
 * @vids: VLANs that it was told of, by number
 * @promisc: we have made it promiscuous
 * @allmulti: likewise, for all multicast
 * @apply_at: not before this does it get our settings, jiffies
 * @shown_path: the VF is the path, as the log says
 * @gso: the limit of large sends
 * @gso_ipv4: likewise, for IPv4
 * @shown_associated: as the log says of @associated
 * @retry_sec: seconds to wait after the last attempt that failed, 0: none did
 * @retry_next: when they are over, jiffies
 * @ratelimit: budget of messages about the path, which the host can provoke
 * @stats: what went by VFs, by CPU
 */
struct netvsc_vf {
	struct list_head node;
	spinlock_t lock;	/* dev, path, ids of requests, host's word */
	struct net_device __rcu *dev;
	enum netvsc_path path;
	bool stale;
	u32 asked_gen;
	u32 answered_gen;
	bool moved;
	bool held;
	bool associated;
	u32 serial;
	bool fresh;
	struct completion answered;
	unsigned long deadline;
	netdevice_tracker dev_tracker;
	struct net_device *stray;
	netdevice_tracker stray_tracker;
	bool applied;
	bool failed;
	bool to_open;
	bool unopened;
	unsigned long open_at;
	bool waited;
	bool key_due;
	struct bpf_prog *prog;
	DECLARE_BITMAP(vids, VLAN_N_VID);
	bool promisc;
	bool allmulti;
	unsigned long apply_at;
	bool shown_path;
	struct netvsc_sends gso;
	struct netvsc_sends gso_ipv4;
	bool shown_associated;
	u32 retry_sec;
	unsigned long retry_next;
	struct ratelimit_state ratelimit;
	struct netvsc_vf_stats __percpu *stats;
};

/**
 * struct netvsc_config - settings that take a new connection
 * @mtu: IP MTU, bytes
 * @queues: queues to have if the host has as many
 * @recv_sections: of the receive buffer, as the user wants them
 * @send_sections: of the send buffer, likewise
 * @recv_len: bytes of the receive buffer, 0 for the default
 * @send_len: bytes of the send buffer, 0 for the default, which goes by @queues
 */
struct netvsc_config {
	u32 mtu;
	u32 queues;
	u32 recv_sections;
	u32 send_sections;
	u32 recv_len;
	u32 send_len;
};

/**
 * struct netvsc_aggr - what the user wants of batches; 0: what the host takes
 * @packets: most packets of one
 * @bytes: and most bytes, headers included
 */
struct netvsc_aggr {
	u32 packets;
	u32 bytes;
};

/**
 * struct netvsc_spare - memory that the next connection takes over
 * @addr: vmalloc memory, NULL if there is none
 * @len: bytes
 */
struct netvsc_spare {
	void *addr;
	u32 len;
};

/**
 * struct netvsc_adapter - one synthetic NIC, netdev_priv() of its net_device
 * @ndev: the net_device
 * @hdev: the VMBus device
 * @stray: connection that could not be ended yet, because one of its channels is half
 *	   open; probe() may leave one to remove(). NULL usually; conn_lock
 * @xdp_prog: program that runs on received frames, NULL if there is none;
 *	      changes under RTNL, read under RCU
 * @msg_enable: NETIF_MSG_* mask
 * @conn_lock: held for conversations with the host and over changes of @conn
 * @conn: connection, NULL if there is none. Changes under RTNL and conn_lock
 *	  once the net_device is registered; read under either, or under RCU
 * @vf_tx: the VF while we send by it, else NULL; changes under netvsc_vf::lock,
 *	   read under RCU
 * @queues: by number, NULL until first used; entries never change after
 * @num_queues: queues in use: those with a lower number. Changes under RTNL
 *		once the net_device is registered, and conn_lock
 * @config: settings of the connection, and of the next; as @num_queues
 * @retry_sec: seconds that were waited for the last attempt to connect, or to
 *	       find out whether the host answers; conn_lock
 * @retry_next: not before this the next, jiffies; conn_lock
 * @conn_since: when the connection began, jiffies; conn_lock
 * @spare: buffers of the last connection, by enum netvsc_buf_type; conn_lock
 * @next: likewise, those made for the next one while the last one was there
 * @ring_page: rings of the last connection's primary channel, NULL if there are
 *	       none; conn_lock
 * @ring_pages: pages there
 * @host_queues: queues that can be had of this host
 * @subs: sub-channels
 * @rss: spreading of flows
 * @table_lock: protects @host_table and, against other writers, @tx_table
 * @host_table: channel by hash, as the host wants it
 * @tx_table: queue by hash, for xmit
 * @ring_len: wanted bytes of a ring, each way
 * @closing: transmit must not be started again; read by the poll
 * @kick_lock: protects @dying, @host_due, @rtnl_due
 * @dying: no work may be queued any more
 * @host_work: what has to be said to the host without RTNL; takes conn_lock
 * @rtnl_work: what needs RTNL, and then conn_lock; cancelled without either
 * @host_due: when @host_work runs if it is queued, jiffies
 * @rtnl_due: likewise @rtnl_work
 * @events: enum netvsc_event_bit
 * @link_up: what the host said last
 * @keepalive_id: id of the host's last KEEPALIVE; netvsc_conn::reply_lock
 * @link_next: when the next link change may be shown, jiffies
 * @up: the interface is up as far as the host is concerned; conn_lock
 * @speed: link speed in Mb/s, SPEED_UNKNOWN before the host said it
 * @duplex: DUPLEX_*
 * @host_speed: what the host said last; the user may have set @speed since
 * @tso_max: the host takes large sends of fewer bytes than this
 * @aggr: batches as the user wants them; RTNL
 * @rx_copybreak: frames up to this many bytes get a small head of their own;
 *		  read by NAPI
 * @tx_copybreak: frames up to this many bytes are copied to be sent, as far as
 *		  they fit a section; RTNL
 * @rsc_wanted: the host is to coalesce if it can; written under conn_lock
 * @host_features: NETIF_F_*: which of NETVSC_HOST_FEATURES the host has; written
 *		   under RTNL and conn_lock
 * @mtu_asked: the user wants the MTU in @config just now; conn_lock
 * @host_mtu: the largest that the host allows, as it said last; written under RTNL
 *	      and conn_lock
 * @mtu_lowered: the host allows only the MTU in @config, and the net_device has
 *		 another; conn_lock
 * @features_due: they are not those of the connection before; conn_lock
 * @following: netvsc_follow_host() is under way; RTNL
 * @tx_csum_v4: RNDIS_TX_CSUM_TCP and _UDP: what the host computes for IPv4
 * @tx_csum_v6: likewise for IPv6
 * @cpus: CPUs that ethtool knows, those present at probe: its memory must not
 *	  grow between asking for its size and filling it
 * @cpu_counts: what went by each possible CPU, as far as it was looked at: packets
 *		and bytes received, packets and bytes sent; RTNL
 * @xdp_wanted: there is a program, or one is about to be attached; RTNL
 * @max_mtu: largest MTU that the host's protocol allows, bytes
 * @vids: VLANs that are to be received, by number; RTNL
 * @leaks: how often memory was left to the host, by enum netvsc_leak
 * @vf: the VF
 * @ratelimit: budget of messages that the host can provoke
 */
struct netvsc_adapter {
	struct net_device *ndev;
	struct hv_device *hdev;
	struct netvsc_conn *stray;
	struct bpf_prog __rcu *xdp_prog;
	u32 msg_enable;
	struct mutex conn_lock;	/* conversations with the host, conn */
	struct netvsc_conn __rcu *conn;
	struct net_device __rcu *vf_tx;
	struct netvsc_queue *queues[NVSP_MAX_CHANNELS];
	u32 num_queues;
	struct netvsc_config config;
	u32 retry_sec;
	unsigned long retry_next;
	unsigned long conn_since;
	struct netvsc_spare spare[NETVSC_BUF_TYPES];
	struct netvsc_spare next[NETVSC_BUF_TYPES];
	struct page *ring_page;
	u32 ring_pages;
	u32 host_queues;
	struct netvsc_subs subs;
	struct netvsc_rss rss;
	spinlock_t table_lock;	/* host_table, tx_table */
	u8 host_table[NETVSC_TX_ENTRIES];
	u8 tx_table[NETVSC_TX_ENTRIES];
	u32 ring_len;
	bool closing;
	spinlock_t kick_lock;	/* dying, host_due, rtnl_due */
	bool dying;
	struct delayed_work host_work;
	struct delayed_work rtnl_work;
	unsigned long host_due;
	unsigned long rtnl_due;
	unsigned long events;
	bool link_up;
	u32 keepalive_id;
	unsigned long link_next;
	bool up;
	u32 speed;
	u8 duplex;
	u32 host_speed;
	u32 tso_max;
	struct netvsc_aggr aggr;
	u32 rx_copybreak;
	u32 tx_copybreak;
	bool rsc_wanted;
	netdev_features_t host_features;
	bool features_due;
	bool following;
	u32 host_mtu;
	bool mtu_asked;
	bool mtu_lowered;
	u32 tx_csum_v4;
	u32 tx_csum_v6;
	struct cpumask cpus;
	u64 (*cpu_counts)[NETVSC_CPU_COUNTS];
	bool xdp_wanted;
	u32 max_mtu;
	DECLARE_BITMAP(vids, VLAN_N_VID);
	atomic_t leaks[NETVSC_LEAKS];
	struct netvsc_vf vf;
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

/* The VF that is joined, NULL if there is none, for who holds RTNL and as long.
 * Newer kernels want its instance lock for what is done to it.
 */
static inline struct net_device *
netvsc_vf_dev(const struct netvsc_adapter *adapter)
{
	return rtnl_dereference(adapter->vf.dev);
}

/* A complaint that the host can provoke at will: limited for each adapter */
#define netvsc_host_err(adapter, fmt, ...)				\
	do {								\
		struct netvsc_adapter *__a = (adapter);			\
									\
		if (__ratelimit(&__a->ratelimit))			\
			netdev_err(__a->ndev, fmt, ##__VA_ARGS__);	\
	} while (0)

/* netvsc_ring.c: slots, sections, packets in and out of the rings; netvsc_ring.h
 * has what every packet passes
 */

/**
 * enum netvsc_pull - what stands at the head of the incoming ring
 * @NETVSC_PULL_EMPTY: nothing
 * @NETVSC_PULL_SENT: a transmission is completed, the host says: netvsc_slot_claim()
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

/* NAPI */
void netvsc_chan_pull_xfer(struct netvsc_queue *queue,
			   const struct vmpacket_descriptor *desc,
			   const struct netvsc_pulled *pulled);
int netvsc_chan_complete(struct netvsc_queue *queue, u64 id, u32 status);
/* any; the caller serializes */
bool netvsc_chan_want_room(struct vmbus_channel *chan);
int netvsc_chan_send_pages(struct netvsc_queue *queue,
			   struct netvsc_pages *pages,
			   const struct nvsp_message *msg, u64 id);
void netvsc_pages_init(struct netvsc_pages *pages);
bool netvsc_pages_add(struct netvsc_pages *pages, phys_addr_t addr, u32 len);

/* xmit */
void netvsc_sects_take(struct netvsc_conn *conn, struct netvsc_queue *queue);
/* NAPI */
void netvsc_sects_give(struct netvsc_conn *conn, struct netvsc_queue *queue);
/* process, nothing else uses the queue or the sections */
void netvsc_slots_reset(struct netvsc_queue *queue);
int netvsc_sects_init(struct netvsc_sects *sects, u32 buf_len, u32 size,
		      u32 queues);
void netvsc_sects_free(struct netvsc_sects *sects);

/* netvsc_bounce.c: process */
bool netvsc_bounce_wanted(struct hv_device *hdev);
/* any; who has the packet */
int netvsc_bounce_add(struct hv_device *hdev, struct netvsc_bounced *bounced,
		      struct netvsc_pages *pages, phys_addr_t addr, u32 len);
void netvsc_bounce_end(struct hv_device *hdev, struct netvsc_bounced *bounced);

/* netvsc.c: life of a connection, NVSP; process context under conn_lock */
struct netvsc_conn *netvsc_conn_alloc(struct netvsc_adapter *adapter);
int netvsc_conn_open(struct netvsc_conn *conn);
int netvsc_conn_share(struct netvsc_conn *conn);
bool netvsc_conn_drain(struct netvsc_conn *conn);
void netvsc_conn_revoke(struct netvsc_conn *conn);
void netvsc_conn_close(struct netvsc_conn *conn);
void netvsc_conn_free(struct netvsc_conn *conn);
u32 netvsc_recv_buf_max(const struct netvsc_conn *conn);
void netvsc_bufs_prepare(struct netvsc_adapter *adapter,
			 const struct netvsc_config *config);
void netvsc_leak(struct netvsc_adapter *adapter, enum netvsc_leak what,
		 u32 len);
void netvsc_bufs_trim(struct netvsc_adapter *adapter);
void netvsc_bufs_free(struct netvsc_adapter *adapter);
void netvsc_conn_begin(struct netvsc_conn *conn, unsigned int sec);
void netvsc_conn_lend_rtnl(struct netvsc_conn *conn);
bool netvsc_conn_keep_rtnl(struct netvsc_conn *conn);
void netvsc_conn_let_rtnl_go(struct netvsc_conn *conn);
int netvsc_conn_wait(struct netvsc_conn *conn, struct completion *done,
		     const char *what);
int netvsc_conn_ask_subchannels(struct netvsc_conn *conn, u32 count, bool kick);
int netvsc_conn_wait_subchannels(struct netvsc_conn *conn);
int netvsc_conn_read_subchannels(struct netvsc_conn *conn, u32 count, u32 *granted);
int netvsc_conn_error(const struct netvsc_conn *conn);
int netvsc_conn_overdue(struct netvsc_conn *conn, const char *what);
u64 netvsc_conn_ctrl_id(struct netvsc_conn *conn, u32 nr);
struct netvsc_queue *netvsc_conn_primary(const struct netvsc_conn *conn);
/* NAPI */
bool netvsc_conn_reply(struct netvsc_conn *conn,
		       const struct netvsc_pulled *pulled);

/* netvsc_channel.c: process, conn_lock */
int netvsc_channels_open(struct netvsc_conn *conn);
int netvsc_channels_grow(struct netvsc_conn *conn, u32 queues);
int netvsc_channels_ask(struct netvsc_conn *conn, u32 queues);
bool netvsc_channels_pending(struct netvsc_conn *conn);
void netvsc_channels_opened(struct netvsc_conn *conn);
void netvsc_channels_stop(struct netvsc_conn *conn);
void netvsc_channels_close(struct netvsc_conn *conn);
/* process, conn_lock or device_lock */
void netvsc_channels_settle(struct netvsc_adapter *adapter, bool connected);
/* process */
bool netvsc_channels_quiet(struct netvsc_conn *conn, unsigned long timeout);
u32 netvsc_channels_usable(struct netvsc_adapter *adapter);
bool netvsc_channels_asked(struct netvsc_conn *conn);
void netvsc_channels_prepare(struct netvsc_conn *conn);
void netvsc_channels_init(struct netvsc_adapter *adapter);
void netvsc_channels_free(struct netvsc_adapter *adapter);
void netvsc_channels_forget(struct hv_device *hdev);

/* netvsc_rss.c: process, conn_lock */
int netvsc_rss_ask(struct netvsc_conn *conn);
int netvsc_rss_apply(struct netvsc_conn *conn, u32 queues);
u32 netvsc_rss_entry(const struct netvsc_adapter *adapter, u32 i);
/* process */
void netvsc_rss_init(struct netvsc_adapter *adapter);
int netvsc_rss_change(struct netvsc_adapter *adapter,
		      const struct netvsc_rss *rss,
		      struct netlink_ext_ack *extack);
void netvsc_tx_table_reset(struct netvsc_adapter *adapter);
void netvsc_tx_table_update(struct netvsc_adapter *adapter, u32 queues);
/* NAPI */
bool netvsc_tx_table_receive(struct netvsc_conn *conn,
			     const struct netvsc_pulled *pulled);
/* xmit, before the queue is known */
u16 netvsc_select_queue(struct net_device *ndev, struct sk_buff *skb,
			struct net_device *sb_dev);

/* One of @queues for what came by a number that may be larger. It hardly ever is, so
 * a division for each packet is spared.
 */
static inline u16 netvsc_within(u32 queue, u32 queues)
{
	return likely(queue < queues) ? queue : queue % queues;
}

/* netvsc_tx.c */
/* xmit */
netdev_tx_t netvsc_tx_xmit(struct netvsc_conn *conn, struct netvsc_queue *queue,
			   struct sk_buff *skb);
void netvsc_tx_flush(struct netvsc_queue *queue);
void netvsc_lost_channel(struct netvsc_queue *queue);
void netvsc_tx_flush_all(struct netvsc_adapter *adapter);
int netvsc_tx_add(struct netvsc_queue *queue, u16 idx, phys_addr_t addr, u32 len);
void netvsc_tx_unbounce(struct netvsc_queue *queue, u16 idx);
/* any; who has them */
void netvsc_tx_unpin(struct netvsc_xsk_sent *sent);
/* NAPI */
u32 netvsc_tx_done(struct netvsc_conn *conn, struct netvsc_queue *queue,
		   u32 limit, int budget);
void netvsc_tx_poll(struct netvsc_queue *queue, u32 sent, int budget);
/* xmit, for frames that are no skb */
u16 netvsc_tx_slot_get(struct netvsc_queue *queue);
void *netvsc_tx_copy(struct netvsc_conn *conn, struct netvsc_queue *queue,
		     const struct rndis_tx_info *info);
void netvsc_tx_send(struct netvsc_queue *queue, u16 idx);
/* process: xmit and NAPI of the queue have stopped */
void netvsc_tx_purge(struct netvsc_queue *queue);
/* process, RTNL once registered */
u32 netvsc_tx_batch_max(const struct netvsc_conn *conn);
void netvsc_tx_limits_set(struct netvsc_conn *conn);
int netvsc_tx_set_copybreak(struct netvsc_adapter *adapter, u32 len);
/* any */
netdev_features_t
netvsc_tx_features_check(struct sk_buff *skb, struct net_device *ndev,
			 netdev_features_t features);

/* rndis_filter.c: process context under conn_lock */
int rndis_filter_init(struct netvsc_conn *conn);
int rndis_filter_set_packet_filter(struct netvsc_conn *conn, u32 filter);
int rndis_filter_query_mac(struct netvsc_conn *conn, u8 *mac);
int rndis_filter_set_mac(struct netvsc_conn *conn, const u8 *mac);
int rndis_filter_query_mtu(struct netvsc_conn *conn, u32 *mtu);
int rndis_filter_query_name(struct netvsc_conn *conn, char *name, u32 size);
int rndis_filter_query_link(struct netvsc_conn *conn, bool *up);
int rndis_filter_query_speed(struct netvsc_conn *conn, u32 *mbps);
int rndis_filter_set_offloads(struct netvsc_conn *conn,
			      struct ndis_offload_caps *caps);
int rndis_filter_query_rss(struct netvsc_conn *conn,
			   struct ndis_rss_caps *caps);
int rndis_filter_set_rss(struct netvsc_conn *conn, const struct ndis_rss *rss);
int rndis_filter_set_rsc(struct netvsc_conn *conn, bool on);
void rndis_filter_answer_keepalive(struct netvsc_conn *conn, u32 request_id);
void rndis_filter_halt(struct netvsc_conn *conn);
/* NAPI */
bool rndis_filter_receive(struct netvsc_conn *conn, const void *msg, u32 len);
bool rndis_filter_sent(struct netvsc_conn *conn, u64 id);

/* netvsc_rsc.c */

/**
 * enum netvsc_rsc_verdict - what netvsc_rsc_receive() did with a message
 * @NETVSC_RSC_WHOLE: nothing: it is a frame of its own
 * @NETVSC_RSC_TAKEN: it is part of a packet, which may be complete now
 * @NETVSC_RSC_REFUSED: it is part of nothing; counted
 */
enum netvsc_rsc_verdict {
	NETVSC_RSC_WHOLE,
	NETVSC_RSC_TAKEN,
	NETVSC_RSC_REFUSED,
};

/* NAPI */
bool netvsc_rsc_append(struct netvsc_queue *queue, struct sk_buff *skb,
		       const void *data, u32 len);
enum netvsc_rsc_verdict
netvsc_rsc_receive(struct netvsc_queue *queue, const void *data,
		   const struct rndis_packet_info *info, struct sk_buff **skb);
bool netvsc_rsc_end(struct netvsc_queue *queue);
void netvsc_rsc_finish(struct netvsc_queue *queue, struct sk_buff *skb,
		       bool good);
void netvsc_rsc_fix_csum(struct sk_buff *skb);
struct sk_buff *netvsc_rsc_cut(struct sk_buff *skb);
/* process */
int netvsc_rsc_sync(struct netvsc_conn *conn);
netdev_features_t netvsc_fix_features(struct net_device *ndev,
				      netdev_features_t features);
int netvsc_set_features(struct net_device *ndev, netdev_features_t features);

/* netvsc_xdp.c */
/* NAPI */
bool netvsc_xdp_receive(struct netvsc_queue *queue, struct bpf_prog *prog,
			const void *data, const struct rndis_packet_info *info,
			struct sk_buff **skb);
void netvsc_xdp_poll_end(struct netvsc_queue *queue);
void netvsc_xdp_count(struct netvsc_queue *queue, u64_stats_t *verdict,
		      u32 len);
void netvsc_xdp_sent(struct netvsc_queue *queue, u64_stats_t *whose,
		     u32 packets, u32 bytes);
void netvsc_xdp_fail(struct netvsc_queue *queue, struct bpf_prog *prog, u32 act);
void netvsc_xdp_fix_csums(struct xdp_buff *xdp,
			  const struct rndis_packet_info *info);
/* softirq */
int netvsc_xdp_xmit(struct net_device *ndev, int count,
		    struct xdp_frame **frames, u32 flags);
/* process, RTNL once registered */
u32 netvsc_xdp_max_mtu(const struct netvsc_adapter *adapter);
/* process, RTNL */
int netvsc_xdp_check(struct netvsc_adapter *adapter, struct bpf_prog *prog,
		     struct netlink_ext_ack *extack);
void netvsc_xdp_set(struct netvsc_adapter *adapter, struct bpf_prog *prog);
/* process */
void netvsc_xdp_init(struct net_device *ndev);
int netvsc_xdp_queue_init(struct netvsc_queue *queue);
void netvsc_xdp_queue_free(struct netvsc_queue *queue);

/* The program, for who receives; NAPI */
static inline struct bpf_prog *
netvsc_xdp_prog(const struct netvsc_queue *queue)
{
	return rcu_dereference_bh(queue->adapter->xdp_prog);
}

/* With the txq lock: queues that are being stopped take nothing any more, since
 * the flag is set before each of their locks was held.
 */
static inline bool netvsc_xdp_may_send(const struct netvsc_queue *queue)
{
	const struct netvsc_adapter *adapter = queue->adapter;

	return likely(!READ_ONCE(adapter->closing) &&
		      netif_carrier_ok(adapter->ndev));
}

/* A neighbour on the same host leaves checksums out; NAPI */
static inline void
netvsc_xdp_fill_csums(struct xdp_buff *xdp, const struct rndis_packet_info *info)
{
	if (unlikely(info->csum & (RNDIS_RX_CSUM_TCP_VALUE_INVALID |
				   RNDIS_RX_CSUM_IP_VALUE_INVALID)))
		netvsc_xdp_fix_csums(xdp, info);
}

/* Whether the end of the poll has something to do for it; NAPI */
static inline bool netvsc_xdp_waits(const struct netvsc_queue *queue)
{
	return queue->xdp.redirected || queue->xdp.sent_back;
}

/* netvsc_xsk.c */
/* NAPI */
bool netvsc_xsk_receive(struct netvsc_queue *queue, struct xsk_buff_pool *pool,
			struct bpf_prog *prog, const void *data,
			const struct rndis_packet_info *info,
			struct sk_buff **skb);
u32 netvsc_xsk_parts(struct xdp_buff *xdp, struct kvec *part);
bool netvsc_xsk_poll(struct netvsc_conn *conn, struct netvsc_queue *queue,
		     struct xsk_buff_pool *pool, u32 budget);
/* process */
int netvsc_xsk_wakeup(struct net_device *ndev, u32 idx, u32 flags);
void netvsc_xsk_resume(struct netvsc_adapter *adapter);
/* process, RTNL */
int netvsc_xsk_setup(struct netvsc_adapter *adapter, struct xsk_buff_pool *pool,
		     u32 idx);

/* The memory of a socket that is bound to the queue, under RCU */
static inline struct xsk_buff_pool *
netvsc_xsk_pool(const struct netvsc_queue *queue)
{
	const struct netvsc_xsk *xsk = READ_ONCE(queue->xsk);

	return xsk ? rcu_dereference_check(xsk->pool, rcu_read_lock_bh_held()) :
		     NULL;
}

/* netvsc_rx.c */
int netvsc_rx_poll(struct napi_struct *napi, int budget);
void netvsc_rx_channel_cb(void *context);
/* process */
int netvsc_rx_set_copybreak(struct netvsc_adapter *adapter, u32 len);

/* netvsc_path.c */
/* process, RTNL */
void netvsc_path_work(struct netvsc_adapter *adapter);
void netvsc_path_check(struct netvsc_adapter *adapter);
void netvsc_path_leave(struct netvsc_adapter *adapter);
void netvsc_path_limit_sends(struct netvsc_adapter *adapter, const struct net_device *vf);
void netvsc_path_set_vf(struct netvsc_adapter *adapter, struct net_device *dev);
bool netvsc_path_is_named(struct netvsc_adapter *adapter, u32 serial);
/* process, RTNL, perhaps conn_lock */
void netvsc_path_leave_wait(struct netvsc_adapter *adapter);
/* process, conn_lock; RTNL once registered */
void netvsc_path_disconnected(struct netvsc_adapter *adapter);
/* NAPI */
bool netvsc_path_switched(struct netvsc_conn *conn,
			  const struct netvsc_pulled *pulled);
bool netvsc_path_associate(struct netvsc_conn *conn,
			   const struct netvsc_pulled *pulled);
bool netvsc_path_host_switch(struct netvsc_conn *conn,
			     const struct netvsc_pulled *pulled);
/* softirq */
rx_handler_result_t netvsc_path_receive(struct sk_buff **pskb);
int netvsc_path_xdp_xmit(struct netvsc_adapter *adapter, struct net_device *vf,
			 int count, struct xdp_frame **frames, u32 flags);
/* xmit */
bool netvsc_path_can_send(const struct net_device *vf, struct net_device *ndev);
netdev_tx_t netvsc_path_xmit(struct netvsc_adapter *adapter,
			     struct net_device *vf, struct sk_buff *skb);
/* xmit, before the queue is known */
u16 netvsc_path_select_queue(struct net_device *vf, struct sk_buff *skb);
/* any */
void netvsc_path_read_counts(const struct netvsc_adapter *adapter, u32 cpu,
			     struct netvsc_vf_counts *counts);
void netvsc_path_sum_counts(const struct netvsc_adapter *adapter,
			    struct netvsc_vf_counts *sum);

/* netvsc_vf.c: process; these take RTNL */
int netvsc_vf_register(void);
void netvsc_vf_unregister(void);
/* process, RTNL */
void netvsc_vf_add(struct netvsc_adapter *adapter);
void netvsc_vf_del(struct netvsc_adapter *adapter);
void netvsc_vf_work(struct netvsc_adapter *adapter);
void netvsc_vf_open(struct netvsc_adapter *adapter);
void netvsc_vf_close(struct netvsc_adapter *adapter);
int netvsc_vf_set_mtu(struct netvsc_adapter *adapter, int mtu);
int netvsc_vf_set_mac(struct netvsc_adapter *adapter, const u8 *mac);
void netvsc_vf_set_features(struct netvsc_adapter *adapter);
void netvsc_vf_set_key(struct netvsc_adapter *adapter);
int netvsc_vf_set_prog(struct netvsc_adapter *adapter, struct bpf_prog *prog,
		       struct netlink_ext_ack *extack);
void netvsc_vf_change_rx_flags(struct net_device *ndev, int change);
int netvsc_vf_add_vid(struct net_device *ndev, __be16 proto, u16 vid);
int netvsc_vf_kill_vid(struct net_device *ndev, __be16 proto, u16 vid);
int netvsc_vf_get_link_ksettings(struct netvsc_adapter *adapter,
				 struct ethtool_link_ksettings *cmd);
int netvsc_vf_set_link_ksettings(struct netvsc_adapter *adapter,
				 const struct ethtool_link_ksettings *cmd);
/* process */
int netvsc_vf_init(struct netvsc_adapter *adapter);
void netvsc_vf_free(struct netvsc_adapter *adapter);
/* any */
void netvsc_vf_set_rx_mode(struct net_device *ndev);

/* netvsc_queue.c: process, conn_lock; RTNL once registered */
int netvsc_queues_use(struct netvsc_conn *conn, u32 queues);
int netvsc_queues_open(struct netvsc_conn *conn);
/* process */
u32 netvsc_queues_default(void);
u32 netvsc_queues_alloc(struct netvsc_adapter *adapter, u32 queues);
void netvsc_queues_free(struct netvsc_adapter *adapter);
/* process, RTNL */
u32 netvsc_queues_max(const struct netvsc_adapter *adapter);
void netvsc_queues_late(struct netvsc_adapter *adapter);

/* netvsc_reconfig.c: process, conn_lock; RTNL once registered */
int netvsc_connect_open(struct netvsc_adapter *adapter, unsigned int sec,
			struct netvsc_conn **conn);
int netvsc_connect_finish(struct netvsc_conn *conn);
int netvsc_connect(struct netvsc_adapter *adapter, unsigned int sec);
int netvsc_disconnect(struct netvsc_adapter *adapter, struct netvsc_conn *conn);
int netvsc_disconnect_stray(struct netvsc_adapter *adapter);
/* process, conn_lock */
void netvsc_lost(struct netvsc_conn *conn);
void netvsc_lost_more(struct netvsc_conn *conn);
/* process, RTNL */
int netvsc_reconfigure(struct netvsc_adapter *adapter,
		       const struct netvsc_config *config);
void netvsc_reconnect(struct netvsc_adapter *adapter);
/* process */
int netvsc_pause(struct netvsc_adapter *adapter);
void netvsc_unpause(struct netvsc_adapter *adapter);
/* process, RTNL */
int netvsc_change_mtu(struct net_device *ndev, int mtu);
int netvsc_set_queues(struct netvsc_adapter *adapter, u32 queues);
/* softirq */
void netvsc_tx_timeout(struct net_device *ndev, unsigned int idx);

/* netvsc_stats.c */
/* any */
void netvsc_get_stats64(struct net_device *ndev,
			struct rtnl_link_stats64 *stats);
/* process, RTNL */
extern const struct netdev_stat_ops netvsc_stat_ops;

/* netvsc_ethtool.c */
extern const struct ethtool_ops netvsc_ethtool_ops;

/* netvsc_drv.c */
/* the VMBus core's work */
void netvsc_rescinded(struct vmbus_channel *chan);
/* process, conn_lock; RTNL once registered */
u32 netvsc_offloads(const struct ndis_offload_caps *caps);
void netvsc_follow_offloads(struct netvsc_adapter *adapter);
int netvsc_ask_host(struct netvsc_conn *conn);
int netvsc_go_up(struct netvsc_conn *conn);
/* process, conn_lock */
int netvsc_sync_filter(struct netvsc_conn *conn);
/* process, RTNL */
void netvsc_follow_host(struct netvsc_adapter *adapter);
/* any */
void netvsc_kick(struct netvsc_adapter *adapter, enum netvsc_event_bit event,
		 unsigned long delay);
void netvsc_kick_rtnl(struct netvsc_adapter *adapter,
		      enum netvsc_event_bit event, unsigned long delay);
void netvsc_run(struct work_struct *work);

#endif /* _HYPERV_NET_H */
