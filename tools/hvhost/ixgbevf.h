/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The VF of a network card: an Intel X540 virtual function in its Hyper-V form
 * (8086:1530), which needs no physical function to talk to. What an unmodified
 * ixgbevf does to it, and no more (Documentation/protocol.md G.10). Runs in the
 * I/O thread.
 */
#ifndef HVHOST_IXGBEVF_H
#define HVHOST_IXGBEVF_H

#include <sys/queue.h>

#include "netpkt.h"
#include "pcifn.h"

#define IXGBEVF_VECTORS		3u
#define IXGBEVF_QUEUES		2u	/* second: of transmit only, for XDP */
#define IXGBEVF_BACKLOG_MAX	1024u	/* frames that wait for a descriptor */

/* Registers at BAR 0; those of a ring at its base */
#define IXGBEVF_CTRL		0x0000u
#define IXGBEVF_CTRL_RST	BIT(26)
#define IXGBEVF_STATUS		0x0008u
#define IXGBEVF_LINKS		0x0010u
#define IXGBEVF_LINKS_UP	BIT(30)
#define IXGBEVF_LINKS_10G	(3u << 28)
#define IXGBEVF_LINKS_1G	(2u << 28)
#define IXGBEVF_LINKS_100M	(1u << 28)
#define IXGBEVF_EICR		0x0100u
#define IXGBEVF_EICS		0x0104u
#define IXGBEVF_EIMS		0x0108u
#define IXGBEVF_EIMC		0x010Cu
#define IXGBEVF_EIAC		0x0110u
#define IXGBEVF_EIAM		0x0114u
#define IXGBEVF_IVAR		0x0120u
#define IXGBEVF_IVAR_MISC	0x0140u
#define IXGBEVF_IVAR_VALID	0x80u
#define IXGBEVF_RX_BASE		0x1000u
#define IXGBEVF_TX_BASE		0x2000u
#define IXGBEVF_RING_STEP	0x40u
#define IXGBEVF_RING_BAL	0x00u
#define IXGBEVF_RING_BAH	0x04u
#define IXGBEVF_RING_LEN	0x08u
#define IXGBEVF_RING_HEAD	0x10u
#define IXGBEVF_RX_SRRCTL	0x14u
#define IXGBEVF_RING_TAIL	0x18u
#define IXGBEVF_RING_CTL	0x28u
#define IXGBEVF_CTL_ENABLE	BIT(25)
#define IXGBEVF_CTL_FLUSH	BIT(26)
#define IXGBEVF_RXCTL_VME	BIT(30)
#define IXGBEVF_RXCTL_RLPML_EN	BIT(15)
#define IXGBEVF_RXCTL_RLPML	0x3FFFu
#define IXGBEVF_GPRC		0x101Cu
#define IXGBEVF_GORC_LSB	0x1020u
#define IXGBEVF_GORC_MSB	0x1024u
#define IXGBEVF_MPRC		0x1034u
#define IXGBEVF_GPTC		0x201Cu
#define IXGBEVF_GOTC_LSB	0x2020u
#define IXGBEVF_GOTC_MSB	0x2024u

/* Offset of the address in configuration space */
#define IXGBEVF_CONFIG_MAC	0x201u

/**
 * struct ixgbevf_ring - a descriptor ring, as its registers say
 * @base: guest-physical address
 * @len: bytes, 16 a descriptor
 * @head: next descriptor of the card's
 * @tail: behind the last one
 * @ctl: RXDCTL or TXDCTL
 * @srrctl: of a receive ring: size of its buffers
 */
struct ixgbevf_ring {
	u64 base;
	u32 len;
	u32 head;
	u32 tail;
	u32 ctl;
	u32 srrctl;
};

/**
 * struct ixgbevf_context - a context descriptor: what later data descriptors refer to
 * @vlan: tag to be put in
 * @l3: offset of the IP header
 * @l4: offset of the transport header
 * @l4_hlen: bytes of it, of a large send
 * @mss: payload bytes of a segment, of a large send
 * @tcp: TCP, else UDP
 */
struct ixgbevf_context {
	u16 vlan;
	u32 l3;
	u32 l4;
	u32 l4_hlen;
	u32 mss;
	bool tcp;
};

/**
 * struct ixgbevf_tx - a transmit ring and the frame being gathered from it
 * @ring: its registers
 * @context: the two last ones, by index
 * @frame: private copy, room for a tag before it
 * @len: bytes of it so far
 * @first: command and status words of its first data descriptor
 */
struct ixgbevf_tx {
	struct ixgbevf_ring ring;
	struct ixgbevf_context context[2];
	u8 *frame;
	u32 len;
	struct {
		u32 cmd;
		u32 status;
	} first;
};

/**
 * struct ixgbevf_frame - a frame that waits for a descriptor
 * @node: in the backlog, the oldest first
 * @status: status and error bits of its last descriptor, without DD and EOP
 * @vlan: its tag, when @status says so
 * @len: bytes of @data
 */
struct ixgbevf_frame {
	STAILQ_ENTRY(ixgbevf_frame) node;
	u32 status;
	u16 vlan;
	u32 len;
	u8 data[];
};

STAILQ_HEAD(ixgbevf_backlog, ixgbevf_frame);

/**
 * struct ixgbevf_stats - counters; never reset, the guest's driver reads differences
 * @rx_packets: frames given to the guest
 * @rx_bytes: their bytes
 * @rx_multicast: multicast among them
 * @rx_no_buffer: dropped, for the backlog is full
 * @rx_too_long: dropped, for the guest takes no such length
 * @rx_disabled: dropped, for the queue or the link is off
 * @tx_packets: frames from the guest
 * @tx_bytes: their bytes
 * @tx_tso: large sends among them
 * @tx_csum: with a checksum request
 * @tx_vlan: with a tag to be put in
 * @tx_bad: whose offloads do not fit them
 * @doorbells: writes to a tail
 */
struct ixgbevf_stats {
	u64 rx_packets;
	u64 rx_bytes;
	u64 rx_multicast;
	u64 rx_no_buffer;
	u64 rx_too_long;
	u64 rx_disabled;
	u64 tx_packets;
	u64 tx_bytes;
	u64 tx_tso;
	u64 tx_csum;
	u64 tx_vlan;
	u64 tx_bad;
	u64 doorbells;
};

/** typedef ixgbevf_send_fn - a frame of the guest; the callee may write to it until it returns */
typedef void (*ixgbevf_send_fn)(void *ctx, struct net_frame *frame);

/**
 * struct ixgbevf - the device, embedded in its owner
 * @fn: its PCI function
 * @name: for messages
 * @send: takes frames
 * @ctx: its argument
 * @link_up: state of the link
 * @speed_mbps: its speed
 * @eicr: causes that are pending
 * @eims: causes that may interrupt
 * @eiac: causes that are cleared when their message is sent
 * @eiam: causes that are masked when their message is sent
 * @ivar: vectors of the queues
 * @ivar_misc: vector of everything else
 * @rx: receive ring
 * @rx_other: registers of the second one, which receives nothing
 * @tx: transmit rings
 * @backlog: frames that wait for descriptors, @backlog_len of them
 * @causes: raised when the present burst is over
 * @flush_posted: that is on its way
 * @stats: counters
 */
struct ixgbevf {
	struct pcifn fn;
	const char *name;
	ixgbevf_send_fn send;
	void *ctx;
	bool link_up;
	u32 speed_mbps;
	u32 eicr;
	u32 eims;
	u32 eiac;
	u32 eiam;
	u32 ivar;
	u32 ivar_misc;
	struct ixgbevf_ring rx;
	struct ixgbevf_ring rx_other;
	struct ixgbevf_tx tx[IXGBEVF_QUEUES];
	struct ixgbevf_backlog backlog;
	u32 backlog_len;
	u32 causes;
	bool flush_posted;
	struct ixgbevf_stats stats;
};

/**
 * ixgbevf_init() - make the device; plugged in nowhere yet
 * @ids: what it says it is; NULL: the card that it is like
 * @mac: permanent address, as the guest's driver will read it
 * Return: 0 or -ENOMEM.
 */
int ixgbevf_init(struct ixgbevf *dev, const char *name,
		 const struct pcifn_ids *ids, const u8 mac[6],
		 ixgbevf_send_fn send, void *ctx);
/** ixgbevf_exit() - free what it holds */
void ixgbevf_exit(struct ixgbevf *dev);

/** ixgbevf_set_link() - change the link; the guest is told */
void ixgbevf_set_link(struct ixgbevf *dev, bool up);

/** ixgbevf_reset() - queues stopped, interrupts masked, what waits is dropped */
void ixgbevf_reset(struct ixgbevf *dev);

/** ixgbevf_receives() - whether the guest has switched its receive queue on */
bool ixgbevf_receives(const struct ixgbevf *dev);

/**
 * ixgbevf_receive() - give the guest a frame of the wire, segmentation done
 * @frame: @frame->vh says whether its checksum is still to be made
 */
void ixgbevf_receive(struct ixgbevf *dev, struct net_frame *frame);

/* ixgbevf.c, for ixgbevf_ring.c */

/** ixgbevf_cause() - raise the vector that an IVAR byte names, when the burst is over */
void ixgbevf_cause(struct ixgbevf *dev, u8 ivar);

/* ixgbevf_ring.c, for ixgbevf.c */

/** ixgbevf_rx_fill() - hand waiting frames to the guest as far as it has buffers */
void ixgbevf_rx_fill(struct ixgbevf *dev);
/** ixgbevf_rx_drop() - forget what waits */
void ixgbevf_rx_drop(struct ixgbevf *dev);
/** ixgbevf_transmit() - the guest moved the tail of transmit queue @nr */
void ixgbevf_transmit(struct ixgbevf *dev, unsigned int nr);

#endif
