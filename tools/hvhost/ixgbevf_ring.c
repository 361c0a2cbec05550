// SPDX-License-Identifier: GPL-2.0
/*
 * The VF's rings. A descriptor is copied once and the copy looked at; frames of
 * the guest are gathered in private memory. A descriptor that makes no sense stops
 * its queue, as the card's own malicious-driver detection does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest_mem.h"
#include "ixgbevf.h"
#include "violation.h"

#define DESC_LEN	16u
#define DESCS_MAX	4096u

/* Command word of a transmit descriptor; its low 16 bits are the buffer's length */
#define TX_TYPE_MASK	0x00F00000u
#define TX_TYPE_CONTEXT	0x00200000u
#define TX_TYPE_DATA	0x00300000u
#define TX_LEN_MASK	0x0000FFFFu
#define TX_EOP		BIT(24)
#define TX_RS		BIT(27)
#define TX_DEXT		BIT(29)
#define TX_VLE		BIT(30)
#define TX_TSE		BIT(31)

/* Status word of a data descriptor */
#define TX_DD		BIT(0)
#define TX_INDEX_SHIFT	4
#define TX_CHECK_CONTEXT BIT(7)
#define TX_IXSM		BIT(8)	/* IPv4 header checksum */
#define TX_TXSM		BIT(9)	/* TCP or UDP checksum */

/* Words of a context descriptor */
#define CTX_L3_HLEN	0x1FFu
#define CTX_MACLEN_SHIFT 9
#define CTX_MACLEN	0x7Fu
#define CTX_VLAN_SHIFT	16
#define CTX_TCP		BIT(11)
#define CTX_L4LEN_SHIFT	8
#define CTX_MSS_SHIFT	16

/* Status word of a receive descriptor */
#define RX_DD		BIT(0)
#define RX_EOP		BIT(1)
#define RX_VP		BIT(3)
#define RX_L4CS		BIT(5)
#define RX_IPCS		BIT(6)
#define RX_ERR_L4	BIT(30)
#define RX_ERR_IP	BIT(31)

#define RX_BUFFER_DEFAULT	2048u
#define RX_BUFFER_UNIT		1024u
#define RX_BUFFER_MASK		0x7Fu
#define FCS_LEN			4u

/** struct tx_desc - a transmit descriptor, of data; a context's words have other names */
struct tx_desc {
	__le64 address;
	__le32 cmd;
	__le32 status;
} __packed;

/** struct tx_context_desc - a context descriptor */
struct tx_context_desc {
	__le32 vlan_lens;
	__le32 rsv;
	__le32 cmd;
	__le32 mss_l4len;
} __packed;

/** struct rx_desc - a receive descriptor before it is filled */
struct rx_desc {
	__le64 packet;
	__le64 header;
} __packed;

/** struct rx_done - and afterwards */
struct rx_done {
	__le32 info;
	__le32 hash;
	__le32 status;
	__le16 len;
	__le16 vlan;
} __packed;

_Static_assert(sizeof(struct tx_desc) == DESC_LEN, "protocol.md G.10");
_Static_assert(sizeof(struct tx_context_desc) == DESC_LEN, "protocol.md G.10");
_Static_assert(sizeof(struct rx_done) == DESC_LEN, "protocol.md G.10");

static bool enabled(const struct ixgbevf_ring *ring)
{
	return ring->ctl & IXGBEVF_CTL_ENABLE;
}

/* The guest's driver is mad: stop the queue. Always false */
static bool stop(struct ixgbevf *dev, struct ixgbevf_ring *ring, const char *what,
		 u64 value)
{
	violation("ixgbevf.descriptor", dev->name, "G.10",
		  "%s, came 0x%llx; the queue stops", what,
		  (unsigned long long)value);
	ring->ctl &= ~(u32)IXGBEVF_CTL_ENABLE;
	return false;
}

/* Where the descriptor at the head is, or NULL: the queue was stopped */
static u8 *head_desc(struct ixgbevf *dev, struct ixgbevf_ring *ring)
{
	u32 count = ring->len / DESC_LEN;
	u8 *desc;

	if (count > DESCS_MAX) {
		stop(dev, ring, "ring: wanted at most 4096 descriptors", ring->len);
		return NULL;
	}
	if (ring->head >= count || ring->tail >= count) {
		stop(dev, ring, "head and tail: wanted below the ring's length",
		     (u64)ring->head << 32 | ring->tail);
		return NULL;
	}
	desc = gm_ptr(gpa(ring->base + ring->head * DESC_LEN), DESC_LEN);
	if (!desc || ring->base % DESC_LEN) {
		stop(dev, ring, "ring address: wanted aligned, in RAM", ring->base);
		return NULL;
	}
	return desc;
}

static void advance(struct ixgbevf_ring *ring)
{
	ring->head++;
	if (ring->head == ring->len / DESC_LEN)
		ring->head = 0;
}

/* --- from the guest --- */

static void take_context(struct ixgbevf_tx *tx, const struct tx_context_desc *d)
{
	u32 lens = le32_to_cpu(d->vlan_lens), mss = le32_to_cpu(d->mss_l4len);
	struct ixgbevf_context *c = &tx->context[mss >> TX_INDEX_SHIFT & 1];

	c->vlan = (u16)(lens >> CTX_VLAN_SHIFT);
	c->l3 = lens >> CTX_MACLEN_SHIFT & CTX_MACLEN;
	c->l4 = c->l3 + (lens & CTX_L3_HLEN);
	c->l4_hlen = mss >> CTX_L4LEN_SHIFT & 0xFF;
	c->mss = mss >> CTX_MSS_SHIFT;
	c->tcp = le32_to_cpu(d->cmd) & CTX_TCP;
}

static void need_csum(struct net_frame *frame, u32 start, bool tcp)
{
	frame->vh.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	frame->vh.csum_start = cpu_to_le16((u16)start);
	frame->vh.csum_offset = cpu_to_le16(tcp ? 16 : 6);
}

/* A large send: lengths are the card's to make. Return: whether it is one */
static bool segment_request(const struct ixgbevf_context *c,
			    struct net_frame *frame)
{
	struct netpkt p;
	u8 *ip;

	netpkt_parse(frame->data, frame->len, NETPKT_LEN_FRAME, &p);
	if (p.proto != NETPKT_PROTO_TCP || p.l3 != c->l3 || p.l4 != c->l4 ||
	    p.l4_hlen != c->l4_hlen || !c->mss || frame->len <= p.l4 + p.l4_hlen)
		return false;
	ip = frame->data + p.l3;
	if (p.ip_version == 4) {
		put_be16(ip + 2, (u16)(frame->len - p.l3));
		netpkt_ipv4_csum(frame->data, &p);
	} else {
		put_be16(ip + 4, (u16)(frame->len - p.l3 - NETPKT_IPV6_HLEN));
	}
	put_be16(frame->data + netpkt_l4_csum_off(&p),
		 netpkt_fold(netpkt_pseudo(frame->data, &p, p.l4_len)));
	need_csum(frame, p.l4, true);
	if (frame->len - p.l4 - p.l4_hlen <= c->mss)
		return true;
	frame->vh.gso_type = p.ip_version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 :
						 VIRTIO_NET_HDR_GSO_TCPV6;
	if (frame->data[p.l4 + 13] & NETPKT_TCP_CWR)
		frame->vh.gso_type |= VIRTIO_NET_HDR_GSO_ECN;
	frame->vh.gso_size = cpu_to_le16((u16)c->mss);
	frame->vh.hdr_len = cpu_to_le16((u16)(p.l4 + p.l4_hlen));
	return true;
}

/* A checksum request. Return: whether it fits the frame */
static bool csum_request(const struct ixgbevf_context *c, u32 status,
			 struct net_frame *frame)
{
	struct netpkt p;

	if (status & TX_IXSM) {
		netpkt_parse(frame->data, frame->len, NETPKT_LEN_IP, &p);
		if (p.ip_version != 4 || p.l3 != c->l3)
			return false;
		netpkt_ipv4_csum(frame->data, &p);
	}
	if (!(status & TX_TXSM))
		return true;
	if (c->l4 < NETPKT_ETH_HLEN + NETPKT_IPV4_HLEN ||
	    c->l4 + (c->tcp ? NETPKT_TCP_HLEN : NETPKT_UDP_HLEN) > frame->len)
		return false;
	need_csum(frame, c->l4, c->tcp);
	return true;
}

static void add_tag(const struct ixgbevf_context *c, struct net_frame *frame)
{
	netpkt_vlan_insert(frame, c->vlan);
	if (frame->vh.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
		frame->vh.csum_start = cpu_to_le16((u16)(le16_to_cpu(frame->vh.csum_start) +
							 NETPKT_VLAN_HLEN));
	if (frame->vh.gso_type)
		frame->vh.hdr_len = cpu_to_le16((u16)(le16_to_cpu(frame->vh.hdr_len) +
						      NETPKT_VLAN_HLEN));
}

/* The frame is whole. Return: whether its offloads fit it */
static bool send_frame(struct ixgbevf *dev, struct ixgbevf_tx *tx)
{
	u32 cmd = tx->first.cmd, status = tx->first.status;
	const struct ixgbevf_context *c = &tx->context[status >> TX_INDEX_SHIFT & 1];
	struct net_frame frame = {
		.data = tx->frame + NETPKT_VLAN_HLEN,
		.len = tx->len,
	};

	if (tx->len < NETPKT_ETH_HLEN)
		return false;
	if (cmd & TX_TSE ? !segment_request(c, &frame) :
			   !csum_request(c, status, &frame))
		return false;
	dev->stats.tx_packets++;
	dev->stats.tx_bytes += frame.len;
	dev->stats.tx_tso += !!(cmd & TX_TSE);
	dev->stats.tx_csum += !!(status & TX_TXSM);
	dev->stats.tx_vlan += !!(cmd & TX_VLE);
	if (cmd & TX_VLE)
		add_tag(c, &frame);
	dev->send(dev->ctx, &frame);
	return true;
}

/* Add a data descriptor's bytes to the frame. Return: false: the queue was stopped */
static bool gather(struct ixgbevf *dev, struct ixgbevf_tx *tx,
		   const struct tx_desc *d)
{
	u32 len = le32_to_cpu(d->cmd) & TX_LEN_MASK;
	const void *data = gm_ptr(gpa(le64_to_cpu(d->address)), len);

	if (!len || !data)
		return stop(dev, &tx->ring, "buffer: wanted some bytes of RAM",
			    le64_to_cpu(d->address));
	if (len > NET_FRAME_MAX - tx->len)
		return stop(dev, &tx->ring, "frame: wanted at most 65553 bytes",
			    (u64)tx->len + len);
	if (!tx->len) {
		tx->first.cmd = le32_to_cpu(d->cmd);
		tx->first.status = le32_to_cpu(d->status);
	}
	wire_fetch(tx->frame + NETPKT_VLAN_HLEN + tx->len, data, len);
	tx->len += len;
	return true;
}

static bool data_desc(struct ixgbevf *dev, struct ixgbevf_tx *tx,
		      const struct tx_desc *d)
{
	if (!gather(dev, tx, d))
		return false;
	if (!(le32_to_cpu(d->cmd) & TX_EOP))
		return true;
	if (!send_frame(dev, tx)) {
		dev->stats.tx_bad++;
		return stop(dev, &tx->ring,
			    "offload: wanted lengths of the frame's own headers",
			    (u64)tx->first.cmd << 32 | tx->first.status);
	}
	tx->len = 0;
	return true;
}

/* The descriptor at @desc is done with */
static void report(u8 *desc)
{
	__le32 *status = (__le32 *)(desc + offsetof(struct tx_desc, status));

	__atomic_store_n(status, cpu_to_le32((u32)TX_DD), __ATOMIC_RELEASE);
}

/* Return: whether to go on */
static bool one_desc(struct ixgbevf *dev, struct ixgbevf_tx *tx, bool *reported)
{
	u8 *at = head_desc(dev, &tx->ring);
	struct tx_context_desc context;
	struct tx_desc d;
	u32 cmd;

	if (!at)
		return false;
	wire_fetch(&d, at, sizeof(d));
	cmd = le32_to_cpu(d.cmd);
	if (!(cmd & TX_DEXT) || ((cmd & TX_TYPE_MASK) != TX_TYPE_CONTEXT &&
				 (cmd & TX_TYPE_MASK) != TX_TYPE_DATA))
		return stop(dev, &tx->ring, "type: wanted context or data", cmd);
	if ((cmd & TX_TYPE_MASK) == TX_TYPE_CONTEXT) {
		memcpy(&context, &d, sizeof(context));
		take_context(tx, &context);
	} else if (!data_desc(dev, tx, &d)) {
		return false;
	}
	if (cmd & TX_RS && (cmd & TX_TYPE_MASK) == TX_TYPE_DATA) {
		report(at);
		*reported = true;
	}
	advance(&tx->ring);
	return true;
}

void ixgbevf_transmit(struct ixgbevf *dev, unsigned int nr)
{
	struct ixgbevf_tx *tx = &dev->tx[nr];
	bool reported = false;
	u32 left = tx->ring.len / DESC_LEN;

	/* Ends: one turn of the ring at most */
	while (enabled(&tx->ring) && tx->ring.head != tx->ring.tail && left--)
		if (!one_desc(dev, tx, &reported))
			break;
	if (reported)
		ixgbevf_cause(dev, (u8)(dev->ivar >> (nr ? 24 : 8)));
}

/* --- to the guest --- */

static u32 buffer_len(const struct ixgbevf *dev)
{
	u32 units = dev->rx.srrctl & RX_BUFFER_MASK;

	return units ? units * RX_BUFFER_UNIT : RX_BUFFER_DEFAULT;
}

static u32 free_descs(const struct ixgbevf_ring *ring)
{
	u32 count = ring->len / DESC_LEN;

	if (!count || ring->head >= count || ring->tail >= count)
		return 0;
	return (ring->tail + count - ring->head) % count;
}

/* One buffer's part of a frame. Return: false: the queue was stopped */
static bool put_part(struct ixgbevf *dev, const u8 *data, u32 len, u32 status,
		     u16 vlan)
{
	struct rx_done done = {
		.status = cpu_to_le32(status | (u32)RX_DD),
		.len = cpu_to_le16((u16)len),
		.vlan = cpu_to_le16(vlan),
	};
	u8 *at = head_desc(dev, &dev->rx);
	struct rx_desc d;
	void *buf;
	u64 tail;

	if (!at)
		return false;
	wire_fetch(&d, at, sizeof(d));
	buf = gm_ptr(gpa(le64_to_cpu(d.packet)), len);
	if (!buf)
		return stop(dev, &dev->rx, "buffer: wanted in RAM",
			    le64_to_cpu(d.packet));
	memcpy(buf, data, len);
	memcpy(at, &done, sizeof(u64));
	memcpy(&tail, (const u8 *)&done + sizeof(u64), sizeof(tail));
	/* The driver looks at the length first, then at the rest */
	__atomic_store_n((u64 *)(at + sizeof(u64)), tail, __ATOMIC_RELEASE);
	advance(&dev->rx);
	return true;
}

/* Return: whether it is done with, be it for the guest or for good */
static bool put_frame(struct ixgbevf *dev, const u8 *data, u32 len, u32 status,
		      u16 vlan)
{
	u32 room = buffer_len(dev), part, off;

	if ((len + room - 1) / room > free_descs(&dev->rx))
		return false;
	for (off = 0; off < len; off += part) {
		part = len - off < room ? len - off : room;
		if (!put_part(dev, data + off, part,
			      off + part < len ? 0 : status | (u32)RX_EOP, vlan))
			return true;
	}
	dev->stats.rx_packets++;
	dev->stats.rx_bytes += len;
	dev->stats.rx_multicast += data[0] & 1;
	ixgbevf_cause(dev, (u8)dev->ivar);
	return true;
}

bool ixgbevf_receives(const struct ixgbevf *dev)
{
	return enabled(&dev->rx);
}

void ixgbevf_rx_fill(struct ixgbevf *dev)
{
	struct ixgbevf_frame *f;

	while (enabled(&dev->rx) && (f = STAILQ_FIRST(&dev->backlog))) {
		if (!put_frame(dev, f->data, f->len, f->status, f->vlan))
			return;
		STAILQ_REMOVE_HEAD(&dev->backlog, node);
		dev->backlog_len--;
		free(f);
	}
}

void ixgbevf_rx_drop(struct ixgbevf *dev)
{
	struct ixgbevf_frame *f;

	while ((f = STAILQ_FIRST(&dev->backlog))) {
		STAILQ_REMOVE_HEAD(&dev->backlog, node);
		free(f);
		dev->stats.rx_disabled++;
	}
	dev->backlog_len = 0;
}

static void wait_for_buffer(struct ixgbevf *dev, const struct net_frame *frame,
			    u32 status, u16 vlan)
{
	struct ixgbevf_frame *f = NULL;

	if (dev->backlog_len < IXGBEVF_BACKLOG_MAX)
		f = malloc(sizeof(*f) + frame->len);
	if (!f) {
		dev->stats.rx_no_buffer++;
		return;
	}
	f->status = status;
	f->vlan = vlan;
	f->len = frame->len;
	memcpy(f->data, frame->data, frame->len);
	STAILQ_INSERT_TAIL(&dev->backlog, f, node);
	dev->backlog_len++;
}

/* What the status word says of the checksums */
static u32 csum_status(const struct net_frame *frame)
{
	bool known = frame->vh.flags & VIRTIO_NET_HDR_F_DATA_VALID;
	u32 status = 0;
	struct netpkt p;

	netpkt_parse(frame->data, frame->len, NETPKT_LEN_IP, &p);
	if (p.ip_version == 4) {
		status |= RX_IPCS;
		if (!netpkt_ipv4_csum_ok(frame->data, &p))
			status |= RX_ERR_IP;
	}
	if (p.proto) {
		status |= RX_L4CS;
		if (!known && !netpkt_l4_csum_ok(frame->data, &p))
			status |= RX_ERR_L4;
	}
	return status;
}

void ixgbevf_receive(struct ixgbevf *dev, struct net_frame *frame)
{
	u32 limit = dev->rx.ctl & IXGBEVF_RXCTL_RLPML, status;
	u16 vlan = 0;

	if (!enabled(&dev->rx) || !dev->link_up) {
		dev->stats.rx_disabled++;
		return;
	}
	if (frame->len > NET_FRAME_MAX || netpkt_complete(frame) ||
	    (dev->rx.ctl & IXGBEVF_RXCTL_RLPML_EN && frame->len + FCS_LEN > limit)) {
		dev->stats.rx_too_long++;
		return;
	}
	status = csum_status(frame);
	if (dev->rx.ctl & IXGBEVF_RXCTL_VME && netpkt_vlan_strip(frame, &vlan))
		status |= (u32)RX_VP;
	if (!STAILQ_EMPTY(&dev->backlog) ||
	    !put_frame(dev, frame->data, frame->len, status, vlan))
		wait_for_buffer(dev, frame, status, vlan);
}
