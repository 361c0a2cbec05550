/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The synthetic NIC's own types, for its files only; they include nic_priv.h,
 * which has the functions.
 *
 * Everything runs in the I/O thread, so there are no locks. From the guest a
 * packet goes netvsp.c (which message), netvsp_tx.c (data) or rndis_host.c
 * (control), offload.c, uplink; to the guest uplink, offload.c, rss.c,
 * netvsp_rx.c. What the guest wrote is copied once and only the copy is looked
 * at.
 *
 * Lifetimes: struct nic lives as long as hvhost. struct nic_conn lives from the
 * guest's OPEN of the primary channel to its close and is zeroed in between. A
 * struct nic_queue is made once per channel index and kept; its channel comes
 * and goes.
 */
#ifndef HVHOST_NIC_TYPES_H
#define HVHOST_NIC_TYPES_H

#include <stdio.h>

#include "../../nvsp.h"
#include "../../rndis.h"
#include "loop.h"
#include "netpkt.h"
#include "nic.h"
#include "pcap.h"
#include "uplink.h"
#include "violation.h"
#include "vmbus.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#endif

#define NIC_MTU_DEFAULT		1500
#define NIC_MTU_MIN		576
#define NIC_MTU_MAX		9202	/* frame MTU 9216, D.4 */
#define NIC_SECTION_DEFAULT	1728	/* D.5 */
#define NIC_SEND_SECTION_DEFAULT 6144	/* D.6 */
#define NIC_CONTROL_SUBALLOCS	16	/* kept back from data, D.5 */
#define NVSP_MDL_CHAIN		34	/* page ranges that a host takes (C.5) */
#define NIC_BACKLOG_MAX		1024	/* frames that wait for a sub-allocation */
#define NIC_CONTROL_MAX		(100 * 1024) /* bytes of replies that wait, E.3 */
#define NIC_LSO_MAX		0xF53C	/* E.4 */
#define NIC_LSO_MIN_SEGMENTS	2
#define NIC_BATCH_DEFAULT	8	/* RNDIS messages in one NVSP packet, D.7 */
#define NIC_BATCH_MAX		64
#define NIC_ALIGN_DEFAULT	3	/* as a power of two */
#define NIC_ALIGN_MAX		7
#define NIC_MAX_XFER_DEFAULT	0xEFFFFFFFu /* E.3 */
#define NIC_TX_STREAM_MAX	(8 * 68 * 1024) /* bytes of one packet */

/* Room that the host leaves for RNDIS header and per-packet info when it places
 * a frame: five 32-bit PPIs behind the fixed part.
 */
#define NIC_RX_HEADROOM		(sizeof(struct rndis_packet) + 5 * sizeof(struct rndis_ppi_u32))

struct hostile_reply;
struct nic;
struct vf;
struct nic_queue;

/**
 * enum nic_point - an answer or a message of the host that faults can be set on
 *
 * The names stand in nic_fault.c.
 */
enum nic_point {
	NIC_POINT_OPEN,
	NIC_POINT_INIT,
	NIC_POINT_NDIS_CONFIG,
	NIC_POINT_NDIS_VERSION,
	NIC_POINT_RECV_BUF,
	NIC_POINT_SEND_BUF,
	NIC_POINT_SUBCHANNEL,
	NIC_POINT_SUBCHANNEL_OFFERS,
	NIC_POINT_SUBCHANNEL_OPEN,
	NIC_POINT_INDIRECTION_TABLE,
	NIC_POINT_SWITCH_DATA_PATH,
	NIC_POINT_OID_QUERY_EX,
	NIC_POINT_PD_API,
	NIC_POINT_TX_COMPLETE,
	NIC_POINT_CONTROL_COMPLETE,
	NIC_POINT_RNDIS_INIT,
	NIC_POINT_QUERY,
	NIC_POINT_SET,
	NIC_POINT_KEEPALIVE,
	NIC_POINT_HALT,
	NIC_POINT_INDICATION,
	NIC_POINT_RX,
	NIC_POINT_RING,
	NIC_POINT_COUNT,
};

/**
 * struct nic_fault - what is wrong with one answer
 * @silent: it is not given
 * @fail: it says failure
 * @fail_after: so many answers are right before the first that is not
 * @fail_left: so many times more, then @fail is over; 0: until that is ended
 * @slow_ms: it comes so many milliseconds late
 */
struct nic_fault {
	bool silent;
	bool fail;
	u32 fail_after;
	u32 fail_left;
	u32 slow_ms;
};

#define NIC_OID_FAULTS	8
#define NIC_FAIL_MAX	1000000	/* times that an answer says failure */

/**
 * struct nic_faults - all faults of one NIC
 * @point: by answer
 * @oid: by OID, in force beside @point's "query" and "set"
 * @oid_count: entries of @oid in use
 */
struct nic_faults {
	struct nic_fault point[NIC_POINT_COUNT];
	struct {
		u32 oid;
		struct nic_fault fault;
	} oid[NIC_OID_FAULTS];
	unsigned int oid_count;
};

/** enum nic_vf - whether the NIC has a VF */
enum nic_vf {
	NIC_VF_NONE,
	NIC_VF_PRESENT,		/* from the start */
	NIC_VF_LATER,		/* when hostctl adds it */
};

/** enum nic_csum - checksums that the host offers */
enum nic_csum {
	NIC_CSUM_OFF,
	NIC_CSUM_TCP,		/* Server 2012 R2 */
	NIC_CSUM_ON,		/* TCP and UDP */
};

/**
 * struct nic_config - what --nic said, and the defaults of the generation
 * @mac: permanent address
 * @mtu: largest IP MTU that the host lets the guest have, bytes
 * @nvsp: newest NVSP version offered, NVSP_PROTOCOL_VERSION_*
 * @tap: interface name; NULL for none
 * @switch_name: switch to join; NULL for none
 * @link_up: link state at start
 * @section: sub-allocation of the receive buffer for the standard MTU, bytes
 * @sections: most sub-allocations of the receive buffer
 * @send_section: section of the send buffer, bytes
 * @queues: most channels, the primary counted
 * @batch: most RNDIS messages that the guest may send in one packet
 * @align: what their lengths are multiples of, as a power of two
 * @max_xfer: bytes of such a packet; a message alone may have more
 * @rsc: coalescing is among the capabilities
 * @csum: which checksums are
 * @lso: large send is
 * @udp_hash: UDP port hashing is
 * @raw_csum: TCP frames whose sender left the checksum undone come so, marked
 * @spoof: the guest may change its address
 * @full_range: a received range always counts the whole sub-allocation (D.5)
 * @one_frame: a transfer-page packet never holds more than one frame
 * @speed_mbps: link speed
 * @name: friendly name; NULL when the generation has none
 * @pcap: capture file; NULL for none
 * @vf: whether there is a VF
 * @vf_lab: it is the card of tools/lab/labvf
 * @vf_first: its PCI bus is offered before the guest is told of it
 * @vpci: newest protocol version of that bus, VPCI_V*
 */
struct nic_config {
	u8 mac[6];
	u32 mtu;
	u32 nvsp;
	char *tap;
	char *switch_name;
	bool link_up;
	u32 section;
	u32 sections;
	u32 send_section;
	u32 queues;
	u32 batch;
	u32 align;
	u32 max_xfer;
	bool rsc;
	enum nic_csum csum;
	bool lso;
	bool udp_hash;
	bool raw_csum;
	bool spoof;
	bool full_range;
	bool one_frame;
	u32 speed_mbps;
	char *name;
	char *pcap;
	enum nic_vf vf;
	bool vf_lab;
	bool vf_first;
	u32 vpci;
};

/** enum nic_drop - why a frame went no further; names in nic_ctl.c */
enum nic_drop {
	NIC_DROP_LINK,	    /* link down */
	NIC_DROP_CLOSED,    /* guest not up */
	NIC_DROP_FILTER,    /* not wanted by the packet filter */
	NIC_DROP_SIZE,	    /* larger than the frame MTU */
	NIC_DROP_BACKLOG,   /* guest gives no sub-allocation or no ring space */
	NIC_DROP_MALFORMED, /* uplink's offload fields do not fit the frame */
	NIC_DROP_FAULT,	    /* on request */
	NIC_DROP_UPLINK,    /* uplink has no room */
	NIC_DROP_COUNT,
};

/**
 * struct nic_stats - counters of one queue
 * @tx_packets: NVSP data packets from the guest
 * @tx_sections: of these, those in a send section
 * @tx_frames: frames in them (RNDIS messages)
 * @tx_most: most frames in one packet
 * @tx_bytes: bytes of those frames
 * @tx_lso: frames among them that were large sends
 * @tx_csum: frames among them with a checksum request
 * @tx_vlan: frames among them with a tag in per-packet info
 * @tx_tagged: frames among them with a tag inside
 * @tx_udp_long: UDP checksums that were asked for and that Azure gets wrong: of
 *	more than 1420 bytes over IPv4, fragments allowed
 * @tx_bad_csum: whole TCP or UDP packets without a checksum request, and with a wrong
 *	checksum; the guest may forward such ones
 * @tx_bad: RNDIS messages that were refused
 * @rx_packets: transfer-page packets to the guest, data only
 * @rx_frames: frames in them
 * @rx_bytes: bytes of those frames
 * @rx_most: most frames in one packet
 * @rx_failed: transfer-page packets that the guest completed with a failure
 * @rx_strange: completions of those that belong to no sub-allocation (NIC_STRANGE_ID)
 * @rx_rsc: coalesced packets to the guest
 * @rx_rsc_frags: frames in them; all of @rx_frames that were coalesced
 * @control: control messages from the guest
 * @wakeups: times the guest's signal was acted on
 * @ring_full: times the ring to the guest had no room
 */
struct nic_stats {
	u64 tx_packets;
	u64 tx_sections;
	u64 tx_frames;
	u64 tx_most;
	u64 tx_bytes;
	u64 tx_lso;
	u64 tx_csum;
	u64 tx_vlan;
	u64 tx_tagged;
	u64 tx_udp_long;
	u64 tx_bad_csum;
	u64 tx_bad;
	u64 rx_packets;
	u64 rx_frames;
	u64 rx_bytes;
	u64 rx_most;
	u64 rx_failed;
	u64 rx_strange;
	u64 rx_rsc;
	u64 rx_rsc_frags;
	u64 control;
	u64 wakeups;
	u64 ring_full;
};

/**
 * struct nic_out - a packet for the guest's ring that has to wait
 * @next: next in line
 * @type: VM_PKT_INBAND or VM_PKT_COMPLETION
 * @flags: VM_PKT_FLAG_*
 * @trans_id: transaction id
 * @len: bytes of @payload
 */
struct nic_out {
	struct nic_out *next;
	u16 type;
	u16 flags;
	u64 trans_id;
	u32 len;
	u8 payload[];
};

/**
 * struct nic_rx_meta - what the per-packet info of a frame to the guest will say
 * @csum: RNDIS_RX_CSUM_*, when @has_csum
 * @hash: Toeplitz hash, when @has_hash
 * @hash_info: NDIS_HASH_*, when @has_hash
 * @vlan: value of the 802.1Q info, when @has_vlan
 * @id: value of the packet-id info, when @has_id: see NIC_PACKET_ID()
 * @rsc_head: bytes of all headers of a coalesced packet, repeated in none of its
 *	fragments but the first
 * @rsc_mss: bytes of payload in each fragment but the last; 0: not coalesced
 */
struct nic_rx_meta {
	u32 csum;
	u32 hash;
	u32 hash_info;
	u32 vlan;
	u32 id;
	u32 rsc_head;
	u32 rsc_mss;
	bool has_csum;
	bool has_hash;
	bool has_vlan;
	bool has_id;
};

/* Value of the packet-id info (E.4) */
#define NIC_PACKET_ID(flags, id) \
	(RNDIS_PACKET_ID_VERSION | (u32)(flags) << 8 | (u32)(u16)(id) << 16)

/**
 * struct nic_frame - a frame or a control message that waits for the guest
 * @next: next in line
 * @meta: of a frame; zero for a control message
 * @len: bytes of @data
 */
struct nic_frame {
	struct nic_frame *next;
	struct nic_rx_meta meta;
	u32 len;
	u8 data[];
};

/** struct nic_fifo - frames in order; @bytes and @count of what is in it */
struct nic_fifo {
	struct nic_frame *head;
	struct nic_frame **tail;
	u32 count;
	u32 bytes;
};

/* As many as a guest is thought to use at a time, if it numbers the places of its
 * packets, and counts their uses above that.
 */
#define NIC_TX_IDS	512
#define NIC_NEXT_ID(id)	((id) + (1ull << 32))

/**
 * struct nic_queue - one channel of the NIC
 * @nic: its NIC
 * @chan: VMBus channel; NULL before the first offer and after the last release
 * @index: 0 for the primary
 * @open: the guest has the channel open
 * @epoch: connection in which it was opened last, 0 when the guest has closed it since
 * @open_late: until an OPENCHANNEL is answered that is to be answered late
 * @open_due: that time is over
 * @failed: it broke the protocol; nothing is sent or received any more
 * @again: a continuation of process() is posted
 * @out: packets that found the ring full, sent before anything else
 * @out_count: of them
 * @backlog: frames that wait for a sub-allocation or ring space
 * @range: transfer-page packet being built
 * @ranges: ranges in it
 * @batch_head: its first sub-allocation, @batch_tail its last
 * @batch_bytes: bytes of frames in it
 * @rsc_id: id of the last coalesced packet
 * @tx_id: ids of the guest's last packets, at their remainders
 * @tx_lied: what comes next of those was said to be done
 * @tx_early: bytes of its ring that were unread when it was read the first time after that,
 *	and are still
 * @tx_at: for vmbus_taken()
 * @strange: of the next packet of that kind, above NIC_STRANGE_ID
 * @at_halt: bytes that the guest's ring held unread when HALT came
 * @stats: counters; never reset
 */
struct nic_queue {
	struct nic *nic;
	struct vmbus_channel *chan;
	unsigned int index;
	bool open;
	u32 epoch;
	struct loop_timer open_late;
	bool open_due;
	bool failed;
	bool again;
	struct nic_out *out;
	struct nic_out **out_tail;
	unsigned int out_count;
	struct nic_fifo backlog;
	struct vmbus_xfer_range range[NVSP_XFER_RANGES_RSC + 1];
	u32 ranges;
	s32 batch_head;
	s32 batch_tail;
	u64 batch_bytes;
	u16 rsc_id;
	u64 tx_id[NIC_TX_IDS];
	bool tx_lied;
	u32 tx_early;
	u32 tx_at;
	u16 strange;
	u32 at_halt;
	struct nic_stats stats;
};

/** enum nvsp_phase - how far the dialogue on the primary channel is (D.4) */
enum nvsp_phase {
	NVSP_PHASE_VERSION, /* guest: try versions; host: nothing agreed yet */
	NVSP_PHASE_CONFIG,  /* guest: NDIS version, configuration, buffers */
	NVSP_PHASE_RNDIS,   /* guest: RNDIS messages; the rest is settled */
};

/** enum rndis_phase - state of the RNDIS device */
enum rndis_phase {
	RNDIS_PHASE_UNINITIALIZED,
	RNDIS_PHASE_READY,
	RNDIS_PHASE_HALTED,
};

/* First transaction id of what is sent on purpose and belongs to no sub-allocation, and
 * what they have in common
 */
#define NIC_STRANGE_ID	0x7fffffffffff0000ull
#define NIC_STRANGE_IDS	0xffffffffffff0000ull

/* Transaction ids of what is said of the VF; a guest may answer or not (D.9) */
#define NIC_VF_ASSOCIATION_ID	0x8000000000000000ull
#define NIC_VF_PATH_ID		0x8000000000000001ull

#define NIC_SUB_FREE	0xFFFF	/* owner of a sub-allocation: the host */

/**
 * struct nic_sub - one sub-allocation of the receive buffer
 * @owner: index of the queue in whose packet it is; NIC_SUB_FREE when ours
 * @head: first of its packet: its index is the transaction id
 * @sent: the packet is in the ring (else still being built)
 * @next: next of the packet, or of the free list; -1 ends both
 */
struct nic_sub {
	u16 owner;
	bool head;
	bool sent;
	s32 next;
};

/**
 * struct nic_recv_buf - the guest's receive buffer (D.5)
 * @gpadl: NULL when there is none
 * @id: transfer page set id
 * @size: bytes of a sub-allocation
 * @count: sub-allocations
 * @sub: @count of them
 * @free: first free one, -1 for none
 * @free_count: free ones
 * @revoked: the guest took it back
 */
struct nic_recv_buf {
	struct vmbus_gpadl *gpadl;
	u16 id;
	u32 size;
	u32 count;
	struct nic_sub *sub;
	s32 free;
	u32 free_count;
	bool revoked;
};

/**
 * struct nic_send_buf - the guest's send buffer (D.6)
 * @gpadl: NULL when there is none
 * @id: name the guest gave it
 * @size: bytes of a section
 * @count: sections
 * @revoked: the guest took it back
 */
struct nic_send_buf {
	struct vmbus_gpadl *gpadl;
	u16 id;
	u32 size;
	u32 count;
	bool revoked;
};

/**
 * struct nic_offloads - what the guest switched on (E.9)
 * @ip4: IPv4 header checksum: one of NDIS_OFFLOAD_PARAM_CSUM_*, 0 while unset
 * @tcp4: TCP over IPv4, as @ip4
 * @udp4: UDP over IPv4, as @ip4
 * @tcp6: TCP over IPv6, as @ip4
 * @udp6: UDP over IPv6, as @ip4
 * @lso4: large send over IPv4
 * @lso6: large send over IPv6
 * @rsc4: coalescing over IPv4
 * @rsc6: coalescing over IPv6
 */
struct nic_offloads {
	u8 ip4;
	u8 tcp4;
	u8 udp4;
	u8 tcp6;
	u8 udp6;
	bool lso4;
	bool lso6;
	bool rsc4;
	bool rsc6;
};

/**
 * struct nic_rss - receive side scaling as the guest set it (E.6)
 * @enabled: set, with a hash function
 * @hash_info: function and types
 * @entries: entries of @table, a power of two or not
 * @table: queue index by hash % entries
 * @key: Toeplitz key
 * @part: hash contribution of each value of each input byte
 */
struct nic_rss {
	bool enabled;
	u32 hash_info;
	u32 entries;
	u32 table[NDIS_RSS_INDIRECTION_MAX];
	u8 key[NDIS_RSS_KEY_LEN];
	u32 part[36][256];
};

/**
 * struct nic_conn - all that begins with OPEN and ends with close
 * @phase: how far the NVSP dialogue is
 * @rndis: state of the RNDIS device
 * @version: NVSP version agreed on, 0 before
 * @have_config: SEND_NDIS_CONFIG came
 * @have_ndis: SEND_NDIS_VERSION came
 * @ndis_minor: its minor version
 * @frame_mtu: largest frame without tag, bytes
 * @caps: NVSP_CAP_* of the guest
 * @rx: receive buffer
 * @tx: send buffer
 * @control: control messages that wait for a sub-allocation or ring space
 * @filter: packet filter, NDIS_PACKET_TYPE_*
 * @offloads: switched on
 * @rss: receive side scaling
 * @subs: sub-channels granted
 * @table_sent: the guest has a send indirection table
 * @switch_id: transaction id of the last SWITCH_DATA_PATH
 * @keepalives: KEEPALIVE sent to the guest; the number of each is its request id
 * @keepalive_last: number of the one that was answered last
 * @keepalive_answers: right answers to them
 */
struct nic_conn {
	enum nvsp_phase phase;
	enum rndis_phase rndis;
	u32 version;
	bool have_config;
	bool have_ndis;
	u32 ndis_minor;
	u32 frame_mtu;
	u64 caps;
	struct nic_recv_buf rx;
	struct nic_send_buf tx;
	struct nic_fifo control;
	u32 filter;
	struct nic_offloads offloads;
	struct nic_rss rss;
	u32 subs;
	bool table_sent;
	u64 switch_id;
	u32 keepalives;
	u32 keepalive_last;
	u32 keepalive_answers;
};

#define NIC_BLAST_LEN	60
#define NIC_BLAST_FLOWS	64

/**
 * struct nic_blast - a flood of the host's own frames (nic_blast.c)
 * @timer: the next burst
 * @epoch: connection that it is for
 * @end_ns: when it is over
 * @runs: it is under way
 * @cut: its connection ended before it was over
 * @given: frames that the guest got
 * @no_room: those that found no place in its receive buffer or ring
 * @next: flow of the next burst
 * @frame: a frame of each flow
 */
struct nic_blast {
	struct loop_timer timer;
	u32 epoch;
	u64 end_ns;
	bool runs;
	bool cut;
	u64 given;
	u64 no_room;
	u32 next;
	u8 frame[NIC_BLAST_FLOWS][NIC_BLAST_LEN];
};

/**
 * struct nic - one synthetic NIC
 * @index: of --nic
 * @gen: generation that gives the defaults
 * @ident: "nic0"
 * @cfg: configuration; constant
 * @mac: current address; the guest may change it
 * @link_up: state of the link
 * @speed_mbps: current link speed
 * @tx_offloads_off: those of transmit are off, whatever the guest switched on
 * @flush_posted: nic_flush() is on its way
 * @goes_closed: it is taken away as soon as the guest has closed it
 * @epoch: number of the present connection
 * @queue: by channel index; NULL until used
 * @conn: the present connection
 * @faults: set on purpose
 * @grant: most sub-channels that are granted, whatever is asked for
 * @armed: answer to be spoilt next (hostile_reply.c), NULL for none
 * @blast: the last flood
 * @uplink: NULL when there is none
 * @pcap: NULL when nothing is captured
 * @vf: NULL when there never is one
 * @drop_tx: frames from the guest dropped, by reason
 * @drop_rx: frames to the guest dropped, by reason
 * @where: room for nic_where()
 * @stream: private copy of the packet being transmitted
 */
struct nic {
	unsigned int index;
	enum host_gen gen;
	char ident[16];
	struct nic_config cfg;
	u8 mac[6];
	bool link_up;
	u32 speed_mbps;
	bool tx_offloads_off;
	bool flush_posted;
	bool goes_closed;
	u32 epoch;
	struct nic_queue *queue[NVSP_MAX_CHANNELS];
	struct nic_conn conn;
	struct nic_faults faults;
	u32 grant;
	const struct hostile_reply *armed;
	struct nic_blast blast;
	struct uplink *uplink;
	struct pcap *pcap;
	struct vf *vf;
	u64 drop_tx[NIC_DROP_COUNT];
	u64 drop_rx[NIC_DROP_COUNT];
	char where[96];
	u8 *stream;
};

#endif
