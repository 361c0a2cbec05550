// SPDX-License-Identifier: GPL-2.0
/*
 * The VF: registers and interrupts. Its rings are in ixgbevf_ring.c.
 *
 * Interrupts. A cause is a bit of EICR, the number of its MSI-X vector. It is
 * pending until EIAC or a read of EICR clears it, and sends its message when EIMS
 * lets it; EIAM masks it with the message, so that the guest gets one message
 * until it has looked and written EIMS again.
 */
#include <stdlib.h>
#include <string.h>

#include "ixgbevf.h"
#include "loop.h"

#define BAR_REGS	0u
#define BAR_MSIX	3u
#define BAR_LEN		0x4000u
#define STATUS_VALUE	0x00000001u	/* anything but ones */
#define GOT_BITS	36		/* byte counters wrap there */

static const struct pcifn_ids x540_ids = {
	.vendor = 0x8086,
	.device = 0x1530,
	.revision = 1,
	.class = 0x020000,
	.sub_vendor = 0x8086,
	.sub_device = 0x0001,
};

/* --- interrupts --- */

static void send_causes(struct ixgbevf *dev, u32 causes)
{
	u32 v;

	for (v = 0; v < IXGBEVF_VECTORS; v++) {
		if (!(causes & dev->eims & BIT(v)))
			continue;
		dev->eicr &= ~(dev->eiac & (u32)BIT(v));
		dev->eims &= ~(dev->eiam & (u32)BIT(v));
		pcifn_raise(&dev->fn, v);
	}
}

static void raise_causes(struct ixgbevf *dev, u32 causes)
{
	dev->eicr |= causes;
	send_causes(dev, causes);
}

static void flush(void *ctx)
{
	struct ixgbevf *dev = ctx;
	u32 causes = dev->causes;

	dev->flush_posted = false;
	dev->causes = 0;
	raise_causes(dev, causes);
}

void ixgbevf_cause(struct ixgbevf *dev, u8 ivar)
{
	u32 vector = ivar & (u8)~IXGBEVF_IVAR_VALID;

	if (!(ivar & IXGBEVF_IVAR_VALID) || vector >= IXGBEVF_VECTORS)
		return;
	dev->causes |= (u32)BIT(vector);
	if (dev->flush_posted)
		return;
	dev->flush_posted = true;
	if (loop_post(flush, dev))
		flush(dev);
}

/* --- reading --- */

static u32 read_links(const struct ixgbevf *dev)
{
	if (!dev->link_up)
		return 0;
	return IXGBEVF_LINKS_UP | (dev->speed_mbps >= 10000 ? IXGBEVF_LINKS_10G :
				   dev->speed_mbps >= 1000 ? IXGBEVF_LINKS_1G :
							     IXGBEVF_LINKS_100M);
}

static u32 read_counter(const struct ixgbevf *dev, u32 off)
{
	const struct ixgbevf_stats *s = &dev->stats;
	const u64 high = (1ull << (GOT_BITS - 32)) - 1;

	switch (off) {
	case IXGBEVF_GPRC:
		return (u32)s->rx_packets;
	case IXGBEVF_GORC_LSB:
		return (u32)s->rx_bytes;
	case IXGBEVF_GORC_MSB:
		return (u32)(s->rx_bytes >> 32 & high);
	case IXGBEVF_MPRC:
		return (u32)s->rx_multicast;
	case IXGBEVF_GPTC:
		return (u32)s->tx_packets;
	case IXGBEVF_GOTC_LSB:
		return (u32)s->tx_bytes;
	case IXGBEVF_GOTC_MSB:
		return (u32)(s->tx_bytes >> 32 & high);
	default:
		return 0;
	}
}

/* The ring that a register belongs to, or NULL; its offset there in *@reg */
static struct ixgbevf_ring *ring_of(struct ixgbevf *dev, u32 off, u32 *reg)
{
	u32 at = off & 0xFFF, nr = at / IXGBEVF_RING_STEP;

	*reg = at % IXGBEVF_RING_STEP;
	if (nr >= IXGBEVF_QUEUES)
		return NULL;
	if (off - at == IXGBEVF_RX_BASE)
		return nr ? &dev->rx_other : &dev->rx;
	if (off - at == IXGBEVF_TX_BASE)
		return &dev->tx[nr].ring;
	return NULL;
}

static u32 *ring_word(struct ixgbevf_ring *ring, u32 reg)
{
	switch (reg) {
	case IXGBEVF_RING_LEN:
		return &ring->len;
	case IXGBEVF_RING_HEAD:
		return &ring->head;
	case IXGBEVF_RING_TAIL:
		return &ring->tail;
	case IXGBEVF_RING_CTL:
		return &ring->ctl;
	case IXGBEVF_RX_SRRCTL:
		return &ring->srrctl;
	default:
		return NULL;
	}
}

static u32 read_ring(struct ixgbevf *dev, u32 off)
{
	u32 reg, *word;
	struct ixgbevf_ring *ring = ring_of(dev, off, &reg);

	if (!ring)
		return 0;
	if (reg == IXGBEVF_RING_BAL)
		return (u32)ring->base;
	if (reg == IXGBEVF_RING_BAH)
		return (u32)(ring->base >> 32);
	word = ring_word(ring, reg);
	return word ? *word : read_counter(dev, off);
}

static u32 read_eicr(struct ixgbevf *dev)
{
	u32 value = dev->eicr;

	dev->eicr = 0;
	return value;
}

static u32 read_register(struct ixgbevf *dev, u32 off)
{
	switch (off) {
	case IXGBEVF_STATUS:
		return STATUS_VALUE;
	case IXGBEVF_LINKS:
		return read_links(dev);
	case IXGBEVF_EICR:
		return read_eicr(dev);
	case IXGBEVF_EIMS:
		return dev->eims;
	case IXGBEVF_EIAC:
		return dev->eiac;
	case IXGBEVF_EIAM:
		return dev->eiam;
	case IXGBEVF_IVAR:
		return dev->ivar;
	case IXGBEVF_IVAR_MISC:
		return dev->ivar_misc;
	default:
		return read_ring(dev, off);
	}
}

static uint64_t regs_read(void *ctx, uint64_t off, unsigned int size)
{
	/* Registers are words; nobody reads less of one */
	return size == 4 && !(off % 4) ? read_register(ctx, (u32)off) : 0;
}

/* --- writing --- */

static void write_ctl(struct ixgbevf *dev, struct ixgbevf_ring *ring, u32 value)
{
	ring->ctl = value & ~(u32)IXGBEVF_CTL_FLUSH;
	if (ring == &dev->rx && !(value & IXGBEVF_CTL_ENABLE))
		ixgbevf_rx_drop(dev);
}

static void write_ring(struct ixgbevf *dev, u32 off, u32 value)
{
	u32 reg, *word;
	struct ixgbevf_ring *ring = ring_of(dev, off, &reg);

	if (!ring)
		return;
	if (reg == IXGBEVF_RING_CTL) {
		write_ctl(dev, ring, value);
		return;
	}
	if (reg == IXGBEVF_RING_BAL)
		ring->base = (ring->base & ~(u64)U32_MAX) | value;
	else if (reg == IXGBEVF_RING_BAH)
		ring->base = (ring->base & U32_MAX) | (u64)value << 32;
	word = ring_word(ring, reg);
	if (!word)
		return;
	*word = value;
	if (reg != IXGBEVF_RING_TAIL)
		return;
	dev->stats.doorbells++;
	if (ring == &dev->rx)
		ixgbevf_rx_fill(dev);
	else if (ring != &dev->rx_other)
		ixgbevf_transmit(dev, ring != &dev->tx[0].ring);
}

static void write_register(struct ixgbevf *dev, u32 off, u32 value)
{
	switch (off) {
	case IXGBEVF_CTRL:
		if (value & IXGBEVF_CTRL_RST)
			ixgbevf_reset(dev);
		break;
	case IXGBEVF_EICS:
		raise_causes(dev, value);
		break;
	case IXGBEVF_EIMS:
		dev->eims |= value;
		send_causes(dev, dev->eicr);
		break;
	case IXGBEVF_EIMC:
		dev->eims &= ~value;
		break;
	case IXGBEVF_EIAC:
		dev->eiac = value;
		break;
	case IXGBEVF_EIAM:
		dev->eiam = value;
		break;
	case IXGBEVF_IVAR:
		dev->ivar = value;
		break;
	case IXGBEVF_IVAR_MISC:
		dev->ivar_misc = value;
		break;
	default:
		write_ring(dev, off, value);
		break;
	}
}

static void regs_write(void *ctx, uint64_t off, unsigned int size, uint64_t value)
{
	if (size == 4 && !(off % 4))
		write_register(ctx, (u32)off, (u32)value);
}

/* --- life --- */

static void reset_tx(struct ixgbevf_tx *tx)
{
	u8 *frame = tx->frame;

	memset(tx, 0, sizeof(*tx));
	tx->frame = frame;
}

void ixgbevf_reset(struct ixgbevf *dev)
{
	unsigned int i;

	ixgbevf_rx_drop(dev);
	memset(&dev->rx, 0, sizeof(dev->rx));
	memset(&dev->rx_other, 0, sizeof(dev->rx_other));
	for (i = 0; i < IXGBEVF_QUEUES; i++)
		reset_tx(&dev->tx[i]);
	dev->eicr = 0;
	dev->eims = 0;
	dev->eiac = 0;
	dev->eiam = 0;
	dev->ivar = 0;
	dev->ivar_misc = 0;
	dev->causes = 0;
}

void ixgbevf_set_link(struct ixgbevf *dev, bool up)
{
	if (dev->link_up == up)
		return;
	dev->link_up = up;
	ixgbevf_cause(dev, (u8)dev->ivar_misc);
}

int ixgbevf_init(struct ixgbevf *dev, const char *name,
		 const struct pcifn_ids *ids, const u8 mac[6],
		 ixgbevf_send_fn send, void *ctx)
{
	unsigned int i;

	memset(dev, 0, sizeof(*dev));
	STAILQ_INIT(&dev->backlog);
	dev->name = name;
	dev->send = send;
	dev->ctx = ctx;
	dev->link_up = true;
	pcifn_init(&dev->fn, name, ids ? ids : &x540_ids);
	pcifn_add_bar(&dev->fn, BAR_REGS, BAR_LEN, regs_read, regs_write, dev);
	pcifn_add_msix(&dev->fn, BAR_MSIX, BAR_LEN, IXGBEVF_VECTORS);
	pcifn_add_pcie(&dev->fn);
	memcpy(dev->fn.config + IXGBEVF_CONFIG_MAC, mac, 6);
	for (i = 0; i < IXGBEVF_QUEUES; i++) {
		dev->tx[i].frame = malloc(NETPKT_VLAN_HLEN + NET_FRAME_MAX);
		if (!dev->tx[i].frame) {
			ixgbevf_exit(dev);
			return -ENOMEM;
		}
	}
	pcifn_reset(&dev->fn);
	ixgbevf_reset(dev);
	return 0;
}

void ixgbevf_exit(struct ixgbevf *dev)
{
	unsigned int i;

	ixgbevf_rx_drop(dev);
	for (i = 0; i < IXGBEVF_QUEUES; i++)
		free(dev->tx[i].frame);
}
