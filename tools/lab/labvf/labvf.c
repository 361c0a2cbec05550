// SPDX-License-Identifier: GPL-2.0
/*
 * Driver of a VF that is there in the laboratory only (hvhost's 1234:1530): what
 * the distribution's VF drivers cannot be made to do is a parameter here.
 *
 * It wants the instance lock for all its operations, as the drivers of Azure's VFs
 * do, and none of the stock drivers whose card hvhost can play does. And it is
 * slow, or fails, when it is told to; parameters can be written at any time.
 *
 * The device has the registers and descriptors of Documentation/protocol.md G.10.
 * Everything is copied through buffers that stay mapped: simple, not fast.
 */
#include <linux/bpf_trace.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#ifdef LABVF_HAVE_OPS_LOCK
#include <net/netdev_lock.h>
#endif
#include <net/sch_generic.h>
#include <net/xdp.h>

#define LABVF_DESCS		64
#define LABVF_BUF		10240		/* bytes a frame at most */
#define LABVF_HEADROOM		XDP_PACKET_HEADROOM
#define LABVF_MAX_MTU		9000
#define LABVF_XDP_MTU		1400
#define LABVF_KEY_LEN		40
#define LABVF_TSO_MAX		131072		/* bytes */

#define LABVF_LINKS		0x0010
#define LABVF_LINKS_UP		BIT(30)
#define LABVF_CTRL		0x0000
#define LABVF_CTRL_RESET	BIT(26)
#define LABVF_EIMS		0x0108
#define LABVF_EIMC		0x010C
#define LABVF_EIAC		0x0110
#define LABVF_EIAM		0x0114
#define LABVF_IVAR		0x0120
#define LABVF_IVAR_MISC		0x0140
#define LABVF_IVAR_QUEUE	0x8080		/* both directions on vector 0 */
#define LABVF_IVAR_LINK		0x81		/* the rest on vector 1 */
#define LABVF_RX		0x1000
#define LABVF_TX		0x2000
#define LABVF_RING_LOW		0x00
#define LABVF_RING_HIGH		0x04
#define LABVF_RING_LEN		0x08
#define LABVF_RING_HEAD		0x10
#define LABVF_RING_SIZE		0x14		/* of receive: buffer in KiB */
#define LABVF_RING_TAIL		0x18
#define LABVF_RING_CTL		0x28
#define LABVF_RING_ON		BIT(25)
#define LABVF_CONFIG_MAC	0x201

#define LABVF_TX_FRAME		0x2B300000u	/* data, whole frame, report */
#define LABVF_DONE		BIT(0)

static bool ops_lock = true;
module_param(ops_lock, bool, 0444);
MODULE_PARM_DESC(ops_lock, "operations run under the instance lock, where there is one");

#define LABVF_KNOB(name, type, what) \
	static type name; \
	module_param(name, type, 0644); \
	MODULE_PARM_DESC(name, what)

LABVF_KNOB(probe_ms, uint, "probe takes so long");
LABVF_KNOB(open_ms, uint, "open takes so long");
LABVF_KNOB(open_fails, bool, "open fails");
LABVF_KNOB(stop_ms, uint, "stop takes so long");
LABVF_KNOB(mac_fails, bool, "no new address is taken");
LABVF_KNOB(mtu_fails, bool, "no new MTU is taken");
LABVF_KNOB(xdp_fails, bool, "no XDP program is taken");
LABVF_KNOB(key_fails, bool, "no RSS key is taken");
LABVF_KNOB(vids_fail, bool, "no further VLAN is taken");
LABVF_KNOB(perm_other, bool, "the permanent address is another than the card's");

/* The VF that was made last, for what a parameter does at once; RTNL */
static struct net_device *labvf_last;

static void labvf_plug(struct net_device *dev, bool unplugged)
{
#ifdef LABVF_HAVE_OPS_LOCK
	netdev_lock_ops(dev);
#endif
	if (!unplugged)
		dev_activate(dev);
	else
#ifdef LABVF_HAVE_DEACTIVATE_2
		dev_deactivate(dev, true);
#else
		dev_deactivate(dev);
#endif
#ifdef LABVF_HAVE_OPS_LOCK
	netdev_unlock_ops(dev);
#endif
}

/* The core does the same when the carrier is lost and found, and tells of each */
static int labvf_set_unplugged(const char *value, const struct kernel_param *param)
{
	bool unplugged;
	int err = kstrtobool(value, &unplugged);

	if (err)
		return err;
	rtnl_lock();
	if (labvf_last && netif_running(labvf_last)) {
		labvf_plug(labvf_last, unplugged);
		if (!unplugged)
			netdev_state_change(labvf_last);
	}
	rtnl_unlock();
	return 0;
}

static const struct kernel_param_ops labvf_unplugged_ops = {
	.set = labvf_set_unplugged,
};
module_param_cb(unplugged, &labvf_unplugged_ops, NULL, 0200);
MODULE_PARM_DESC(unplugged, "its queues are, though it has a carrier; nobody is told");

/**
 * struct labvf_desc - a descriptor, in each of its forms
 * @address: of the buffer; given back: type and hash
 * @command: of transmit; of receive given back: status
 * @status: of transmit; of receive given back: length and tag
 */
struct labvf_desc {
	__le64 address;
	__le32 command;
	__le32 status;
};

/**
 * struct labvf_ring - a ring and the buffers that belong to it for good
 * @desc: LABVF_DESCS of them
 * @desc_dma: where the card sees them
 * @buf: as many buffers of LABVF_HEADROOM + LABVF_BUF bytes
 * @buf_dma: where the card sees those
 * @next: to be filled (transmit) or looked at (receive)
 * @clean: of transmit: the oldest on its way
 */
struct labvf_ring {
	struct labvf_desc *desc;
	dma_addr_t desc_dma;
	u8 *buf;
	dma_addr_t buf_dma;
	u32 next;
	u32 clean;
};

/**
 * struct labvf - netdev_priv()
 * @dev: its net_device
 * @pdev: its PCI function
 * @regs: BAR 0
 * @napi: polls both rings
 * @rxq: for XDP
 * @rx: receive ring
 * @tx: transmit ring
 * @prog: XDP program, of which PASS and DROP are done
 * @speed: in Mbit/s, as it was set: the card has one of its own
 * @key: for RSS, as it was set: with one queue nothing is spread
 * @begun: an operation of ethtool is under way
 * @vids: VLANs that are to be received, for a look at them: nothing is filtered; RTNL
 */
struct labvf {
	struct net_device *dev;
	struct pci_dev *pdev;
	void __iomem *regs;
	struct napi_struct napi;
	struct xdp_rxq_info rxq;
	struct labvf_ring rx;
	struct labvf_ring tx;
	struct bpf_prog __rcu *prog;
	u32 speed;
	u8 key[LABVF_KEY_LEN];
	bool begun;
	DECLARE_BITMAP(vids, VLAN_N_VID);
};

static int labvf_get_vids(char *buffer, const struct kernel_param *param)
{
	int len = 0;

	rtnl_lock();
	if (labvf_last) {
		struct labvf *vf = netdev_priv(labvf_last);

		len = sysfs_emit(buffer, "%*pbl\n", VLAN_N_VID, vf->vids);
	}
	rtnl_unlock();
	return len;
}

static const struct kernel_param_ops labvf_vids_ops = { .get = labvf_get_vids };
module_param_cb(vids, &labvf_vids_ops, NULL, 0400);
MODULE_PARM_DESC(vids, "VLANs that the VF made last is to receive");

static int labvf_renew_vid(struct net_device *dev, int vid, void *arg)
{
	if (!vid)
		__set_bit(vid, arg);
	return 0;
}

/* The core tells a detached device nothing, and afterwards not what it missed. VLAN 0 is
 * its own doing, and asked for; the others are the card's, who has to see to it.
 */
static void labvf_attach(struct net_device *dev)
{
	struct labvf *vf = netdev_priv(dev);

	__clear_bit(0, vf->vids);
	vlan_for_each(dev, labvf_renew_vid, vf->vids);
	netif_device_attach(dev);
}

static int labvf_set_detached(const char *value, const struct kernel_param *param)
{
	bool detached;
	int err = kstrtobool(value, &detached);

	if (err)
		return err;
	rtnl_lock();
	if (labvf_last && detached)
		netif_device_detach(labvf_last);
	else if (labvf_last)
		labvf_attach(labvf_last);
	rtnl_unlock();
	return 0;
}

static const struct kernel_param_ops labvf_detached_ops = {
	.set = labvf_set_detached,
};
module_param_cb(detached, &labvf_detached_ops, NULL, 0200);
MODULE_PARM_DESC(detached, "detached, as drivers are that recover; nobody is told");

/* The core's promise to drivers like this one; a caller who breaks it is told */
static void labvf_assert_lock(struct net_device *dev)
{
#ifdef LABVF_HAVE_OPS_LOCK
	WARN_ON_ONCE(dev->request_ops_lock && !mutex_is_locked(&dev->lock));
#endif
}

static void labvf_assert(struct net_device *dev)
{
	ASSERT_RTNL();
	labvf_assert_lock(dev);
}

static u32 labvf_read(struct labvf *vf, u32 off)
{
	return readl(vf->regs + off);
}

static void labvf_write(struct labvf *vf, u32 off, u32 value)
{
	writel(value, vf->regs + off);
}

static u8 *labvf_buf(struct labvf_ring *ring, u32 nr)
{
	return ring->buf + (size_t)nr * (LABVF_HEADROOM + LABVF_BUF) + LABVF_HEADROOM;
}

static dma_addr_t labvf_buf_dma(struct labvf_ring *ring, u32 nr)
{
	return ring->buf_dma + (size_t)nr * (LABVF_HEADROOM + LABVF_BUF) + LABVF_HEADROOM;
}

static u32 labvf_after(u32 nr)
{
	return (nr + 1) % LABVF_DESCS;
}

/* --- receive --- */

static void labvf_refill(struct labvf *vf, u32 nr)
{
	struct labvf_desc *desc = &vf->rx.desc[nr];

	desc->command = 0;
	desc->status = 0;
	desc->address = cpu_to_le64(labvf_buf_dma(&vf->rx, nr));
}

/* Whether the program lets it through; it may have moved its ends */
static bool labvf_passes(struct labvf *vf, u8 **data, u32 *len)
{
	struct bpf_prog *prog = rcu_dereference_bh(vf->prog);
	struct xdp_buff xdp;

	if (!prog)
		return true;
	xdp_init_buff(&xdp, LABVF_HEADROOM + LABVF_BUF, &vf->rxq);
	xdp_prepare_buff(&xdp, *data - LABVF_HEADROOM, LABVF_HEADROOM, *len, false);
	if (bpf_prog_run_xdp(prog, &xdp) != XDP_PASS)
		return false;
	*data = xdp.data;
	*len = xdp.data_end - xdp.data;
	return true;
}

static void labvf_receive(struct labvf *vf, u8 *data, u32 len)
{
	struct sk_buff *skb;

	if (!labvf_passes(vf, &data, &len))
		return;
	skb = napi_alloc_skb(&vf->napi, len);
	if (!skb) {
		DEV_STATS_INC(vf->dev, rx_dropped);
		return;
	}
	skb_put_data(skb, data, len);
	skb->protocol = eth_type_trans(skb, vf->dev);
	DEV_STATS_INC(vf->dev, rx_packets);
	DEV_STATS_ADD(vf->dev, rx_bytes, len);
	napi_gro_receive(&vf->napi, skb);
}

static int labvf_poll_rx(struct labvf *vf, int budget)
{
	struct labvf_ring *ring = &vf->rx;
	int done = 0;

	while (done < budget) {
		struct labvf_desc *desc = &ring->desc[ring->next];
		u32 len;

		if (!(le32_to_cpu(READ_ONCE(desc->command)) & LABVF_DONE))
			break;
		dma_rmb();
		len = le32_to_cpu(desc->status) & 0xffff;
		if (len >= ETH_HLEN && len <= LABVF_BUF)
			labvf_receive(vf, labvf_buf(ring, ring->next), len);
		labvf_refill(vf, ring->next);
		/* One is always the driver's: a full ring looks like an empty one */
		dma_wmb();
		labvf_write(vf, LABVF_RX + LABVF_RING_TAIL, ring->next);
		ring->next = labvf_after(ring->next);
		done++;
	}
	return done;
}

/* --- transmit --- */

static void labvf_clean_tx(struct labvf *vf)
{
	struct labvf_ring *ring = &vf->tx;
	u32 clean = ring->clean;

	/* Pairs with the release in labvf_send(): the descriptor is filled */
	while (clean != smp_load_acquire(&ring->next) &&
	       le32_to_cpu(READ_ONCE(ring->desc[clean].status)) & LABVF_DONE)
		clean = labvf_after(clean);
	if (clean == ring->clean)
		return;
	/* The descriptors were read before they are given back */
	smp_store_release(&ring->clean, clean);
	/* Pairs with the barrier in labvf_send(): either side sees the other */
	smp_mb();
	if (netif_queue_stopped(vf->dev))
		netif_wake_queue(vf->dev);
}

/* The frame is in the next buffer, and there is room: the queue is not stopped */
static void labvf_send(struct labvf *vf, u32 len)
{
	struct labvf_ring *ring = &vf->tx;
	u32 nr = ring->next, after = labvf_after(nr);
	struct labvf_desc *desc = &ring->desc[nr];

	desc->address = cpu_to_le64(labvf_buf_dma(ring, nr));
	desc->command = cpu_to_le32(LABVF_TX_FRAME | len);
	desc->status = 0;
	DEV_STATS_INC(vf->dev, tx_packets);
	DEV_STATS_ADD(vf->dev, tx_bytes, len);
	/* The descriptor before its number; pairs with labvf_clean_tx() */
	smp_store_release(&ring->next, after);
	/* And before the device hears of it */
	dma_wmb();
	labvf_write(vf, LABVF_TX + LABVF_RING_TAIL, after);
	if (labvf_after(after) == READ_ONCE(ring->clean)) {
		netif_stop_queue(vf->dev);
		/* Pairs with labvf_clean_tx(), which frees before it looks */
		smp_mb();
		if (labvf_after(after) != READ_ONCE(ring->clean))
			netif_start_queue(vf->dev);
	}
}

static netdev_tx_t labvf_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct labvf *vf = netdev_priv(dev);

	if (skb->len > LABVF_BUF) {
		dev_kfree_skb_any(skb);
		DEV_STATS_INC(dev, tx_dropped);
		return NETDEV_TX_OK;
	}
	skb_copy_bits(skb, 0, labvf_buf(&vf->tx, vf->tx.next), skb->len);
	labvf_send(vf, skb->len);
	dev_consume_skb_any(skb);
	return NETDEV_TX_OK;
}

/* Those that are not sent stay the caller's */
static int labvf_xdp_xmit(struct net_device *dev, int count, struct xdp_frame **frames,
			  u32 flags)
{
	struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);
	struct labvf *vf = netdev_priv(dev);
	struct xdp_frame *frame;
	int sent;

	if (!netif_carrier_ok(dev))
		return -ENETDOWN;
	__netif_tx_lock(txq, smp_processor_id());
	for (sent = 0; sent < count && !netif_xmit_stopped(txq); sent++) {
		frame = frames[sent];
		if (xdp_frame_has_frags(frame) || frame->len > LABVF_BUF)
			break;
		memcpy(labvf_buf(&vf->tx, vf->tx.next), frame->data, frame->len);
		labvf_send(vf, frame->len);
		xdp_return_frame(frame);
	}
	__netif_tx_unlock(txq);
	return sent;
}

/* --- interrupts --- */

static int labvf_poll(struct napi_struct *napi, int budget)
{
	struct labvf *vf = container_of(napi, struct labvf, napi);
	int done;

	labvf_clean_tx(vf);
	done = labvf_poll_rx(vf, budget);
	if (done < budget && napi_complete_done(napi, done))
		labvf_write(vf, LABVF_EIMS, BIT(0));
	return done;
}

static irqreturn_t labvf_queue_irq(int irq, void *data)
{
	struct labvf *vf = data;

	napi_schedule(&vf->napi);
	return IRQ_HANDLED;
}

static void labvf_link(struct labvf *vf)
{
	u32 links = labvf_read(vf, LABVF_LINKS);

	/* All ones: it is gone, and its removal will say so */
	if (links == ~0u || !(links & LABVF_LINKS_UP))
		netif_carrier_off(vf->dev);
	else
		netif_carrier_on(vf->dev);
}

static irqreturn_t labvf_link_irq(int irq, void *data)
{
	struct labvf *vf = data;

	labvf_link(vf);
	labvf_write(vf, LABVF_EIMS, BIT(1));
	return IRQ_HANDLED;
}

/* --- net_device --- */

static void labvf_ring_on(struct labvf *vf, u32 base, struct labvf_ring *ring)
{
	labvf_write(vf, base + LABVF_RING_LOW, lower_32_bits(ring->desc_dma));
	labvf_write(vf, base + LABVF_RING_HIGH, upper_32_bits(ring->desc_dma));
	labvf_write(vf, base + LABVF_RING_LEN, LABVF_DESCS * sizeof(*ring->desc));
	labvf_write(vf, base + LABVF_RING_HEAD, 0);
	labvf_write(vf, base + LABVF_RING_TAIL, 0);
	labvf_write(vf, base + LABVF_RING_CTL, LABVF_RING_ON);
	ring->next = 0;
	ring->clean = 0;
}

static void labvf_on(struct labvf *vf)
{
	u32 i;

	labvf_write(vf, LABVF_CTRL, LABVF_CTRL_RESET);
	labvf_ring_on(vf, LABVF_TX, &vf->tx);
	labvf_ring_on(vf, LABVF_RX, &vf->rx);
	labvf_write(vf, LABVF_RX + LABVF_RING_SIZE, LABVF_BUF / 1024);
	for (i = 0; i < LABVF_DESCS; i++)
		labvf_refill(vf, i);
	labvf_write(vf, LABVF_RX + LABVF_RING_TAIL, LABVF_DESCS - 1);
	labvf_write(vf, LABVF_IVAR, LABVF_IVAR_QUEUE);
	labvf_write(vf, LABVF_IVAR_MISC, LABVF_IVAR_LINK);
	labvf_write(vf, LABVF_EIAC, 3);
	labvf_write(vf, LABVF_EIAM, 3);
	labvf_write(vf, LABVF_EIMS, 3);
}

static void labvf_napi(struct labvf *vf, bool on)
{
#ifdef LABVF_HAVE_OPS_LOCK
	if (vf->dev->request_ops_lock) {
		if (on)
			napi_enable_locked(&vf->napi);
		else
			napi_disable_locked(&vf->napi);
		return;
	}
#endif
	if (on)
		napi_enable(&vf->napi);
	else
		napi_disable(&vf->napi);
}

static int labvf_open(struct net_device *dev)
{
	struct labvf *vf = netdev_priv(dev);
	int err;

	labvf_assert(dev);
	msleep(READ_ONCE(open_ms));
	if (READ_ONCE(open_fails))
		return -EIO;
	err = request_irq(pci_irq_vector(vf->pdev, 0), labvf_queue_irq, 0,
			  dev->name, vf);
	if (err)
		return err;
	err = request_irq(pci_irq_vector(vf->pdev, 1), labvf_link_irq, 0,
			  dev->name, vf);
	if (err) {
		free_irq(pci_irq_vector(vf->pdev, 0), vf);
		return err;
	}
	labvf_napi(vf, true);
	labvf_on(vf);
	netif_start_queue(dev);
	labvf_link(vf);
	return 0;
}

static int labvf_stop(struct net_device *dev)
{
	struct labvf *vf = netdev_priv(dev);

	labvf_assert(dev);
	msleep(READ_ONCE(stop_ms));
	netif_tx_disable(dev);
	netif_carrier_off(dev);
	labvf_write(vf, LABVF_EIMC, ~0u);
	labvf_write(vf, LABVF_CTRL, LABVF_CTRL_RESET);
	labvf_read(vf, LABVF_LINKS);
	labvf_napi(vf, false);
	free_irq(pci_irq_vector(vf->pdev, 1), vf);
	free_irq(pci_irq_vector(vf->pdev, 0), vf);
	return 0;
}

static int labvf_set_mac(struct net_device *dev, void *addr)
{
	labvf_assert(dev);
	if (READ_ONCE(mac_fails))
		return -EADDRNOTAVAIL;
	return eth_mac_addr(dev, addr);
}

static int labvf_change_mtu(struct net_device *dev, int mtu)
{
	struct labvf *vf = netdev_priv(dev);

	labvf_assert(dev);
	if (READ_ONCE(mtu_fails))
		return -EIO;
	/* As with drivers that have one buffer for a frame */
	if (rcu_access_pointer(vf->prog) && mtu > LABVF_XDP_MTU)
		return -EINVAL;
	WRITE_ONCE(dev->mtu, mtu);
	return 0;
}

static int labvf_set_features(struct net_device *dev, netdev_features_t features)
{
	labvf_assert(dev);
	return 0;
}

static int labvf_bpf(struct net_device *dev, struct netdev_bpf *bpf)
{
	struct labvf *vf = netdev_priv(dev);
	struct bpf_prog *old;

	labvf_assert(dev);
	if (bpf->command != XDP_SETUP_PROG)
		return -EINVAL;
	if (bpf->prog && READ_ONCE(xdp_fails))
		return -EOPNOTSUPP;
	old = rcu_replace_pointer(vf->prog, bpf->prog, rtnl_is_locked());
	synchronize_net();
	if (old)
		bpf_prog_put(old);
	return 0;
}

/* No receive mode: the host's card takes all multicast */
static int labvf_add_vid(struct net_device *dev, __be16 proto, u16 vid)
{
	struct labvf *vf = netdev_priv(dev);

	if (READ_ONCE(vids_fail))
		return -ENOSPC;
	WARN_ON_ONCE(__test_and_set_bit(vid, vf->vids));
	return 0;
}

static int labvf_kill_vid(struct net_device *dev, __be16 proto, u16 vid)
{
	struct labvf *vf = netdev_priv(dev);

	WARN_ON_ONCE(!__test_and_clear_bit(vid, vf->vids));
	return 0;
}

static const struct net_device_ops labvf_ops = {
	.ndo_open		= labvf_open,
	.ndo_stop		= labvf_stop,
	.ndo_start_xmit		= labvf_xmit,
	.ndo_set_mac_address	= labvf_set_mac,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_change_mtu		= labvf_change_mtu,
	.ndo_set_features	= labvf_set_features,
	.ndo_bpf		= labvf_bpf,
	.ndo_vlan_rx_add_vid	= labvf_add_vid,
	.ndo_vlan_rx_kill_vid	= labvf_kill_vid,
	.ndo_xdp_xmit		= labvf_xdp_xmit,
};

/* Drivers wake their card here. The core has nothing between the two but operations,
 * and ends each that it has begun. Where there is the lock, ethtool does not come with
 * RTNL in any case.
 */
static int labvf_begin(struct net_device *dev)
{
	struct labvf *vf = netdev_priv(dev);

	labvf_assert_lock(dev);
	WARN_ON_ONCE(vf->begun);
	vf->begun = true;
	return 0;
}

static void labvf_complete(struct net_device *dev)
{
	struct labvf *vf = netdev_priv(dev);

	labvf_assert_lock(dev);
	WARN_ON_ONCE(!vf->begun);
	vf->begun = false;
}

/* The core itself asks for this one without a beginning */
static int labvf_get_link(struct net_device *dev,
			  struct ethtool_link_ksettings *settings)
{
	struct labvf *vf = netdev_priv(dev);

	labvf_assert_lock(dev);
	settings->base.speed = vf->speed;
	settings->base.duplex = DUPLEX_FULL;
	settings->base.port = PORT_OTHER;
	return 0;
}

static int labvf_set_link(struct net_device *dev,
			  const struct ethtool_link_ksettings *settings)
{
	struct labvf *vf = netdev_priv(dev);

	labvf_assert_lock(dev);
	if (!vf->begun)
		return -EIO;
	if (!settings->base.speed || settings->base.duplex == DUPLEX_HALF)
		return -EINVAL;
	vf->speed = settings->base.speed;
	return 0;
}

static u32 labvf_get_key_size(struct net_device *dev)
{
	return LABVF_KEY_LEN;
}

static void labvf_get_key(struct net_device *dev, u8 *key)
{
	struct labvf *vf = netdev_priv(dev);

	labvf_assert_lock(dev);
	if (key)
		memcpy(key, vf->key, LABVF_KEY_LEN);
}

/* Not while it is down, as with Azure's own */
static int labvf_set_key(struct net_device *dev, const u32 *indir, const u8 *key,
			 u8 hfunc)
{
	struct labvf *vf = netdev_priv(dev);

	labvf_assert_lock(dev);
	if (!vf->begun)
		return -EIO;
	if (indir || hfunc != ETH_RSS_HASH_NO_CHANGE)
		return -EINVAL;
	if (READ_ONCE(key_fails) || !netif_running(dev))
		return -EOPNOTSUPP;
	if (key)
		memcpy(vf->key, key, LABVF_KEY_LEN);
	return 0;
}

#ifdef LABVF_HAVE_RXFH_PARAM
static int labvf_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param)
{
	param->hfunc = ETH_RSS_HASH_TOP;
	labvf_get_key(dev, param->key);
	return 0;
}

static int labvf_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *param,
			  struct netlink_ext_ack *extack)
{
	return labvf_set_key(dev, param->indir, param->key, param->hfunc);
}
#else
static int labvf_get_rxfh(struct net_device *dev, u32 *indir, u8 *key, u8 *hfunc)
{
	if (hfunc)
		*hfunc = ETH_RSS_HASH_TOP;
	labvf_get_key(dev, key);
	return 0;
}

static int labvf_set_rxfh(struct net_device *dev, const u32 *indir, const u8 *key,
			  const u8 hfunc)
{
	return labvf_set_key(dev, indir, key, hfunc);
}
#endif

/* ethtool shows no key of who has no number of rings */
#ifdef LABVF_HAVE_RX_RING_COUNT
static u32 labvf_get_rings(struct net_device *dev)
{
	return 1;
}
#else
static int labvf_get_rings(struct net_device *dev, struct ethtool_rxnfc *info,
			   u32 *rules)
{
	if (info->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	info->data = 1;
	return 0;
}
#endif

static void labvf_get_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	channels->max_combined = 1;
	channels->combined_count = 1;
}

static const struct ethtool_ops labvf_ethtool_ops = {
	.begin			= labvf_begin,
	.complete		= labvf_complete,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= labvf_get_link,
	.set_link_ksettings	= labvf_set_link,
	.get_channels		= labvf_get_channels,
#ifdef LABVF_HAVE_RX_RING_COUNT
	.get_rx_ring_count	= labvf_get_rings,
#else
	.get_rxnfc		= labvf_get_rings,
#endif
	.get_rxfh_key_size	= labvf_get_key_size,
	.get_rxfh		= labvf_get_rxfh,
	.set_rxfh		= labvf_set_rxfh,
};

/* --- PCI --- */

static int labvf_ring_alloc(struct labvf *vf, struct labvf_ring *ring)
{
	struct device *dev = &vf->pdev->dev;

	ring->desc = dmam_alloc_coherent(dev, LABVF_DESCS * sizeof(*ring->desc),
					 &ring->desc_dma, GFP_KERNEL);
	ring->buf = dmam_alloc_coherent(dev, LABVF_DESCS * (LABVF_HEADROOM + LABVF_BUF),
					&ring->buf_dma, GFP_KERNEL);
	return ring->desc && ring->buf ? 0 : -ENOMEM;
}

static int labvf_pci(struct labvf *vf)
{
	struct pci_dev *pdev = vf->pdev;
	int err;

	err = pcim_enable_device(pdev);
	if (err)
		return err;
	vf->regs = pcim_iomap(pdev, 0, 0);
	if (!vf->regs)
		return -ENOMEM;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		return err;
	pci_set_master(pdev);
	err = labvf_ring_alloc(vf, &vf->rx);
	if (!err)
		err = labvf_ring_alloc(vf, &vf->tx);
	if (err)
		return err;
	err = pci_alloc_irq_vectors(pdev, 2, 2, PCI_IRQ_MSIX);
	return err < 0 ? err : 0;
}

static void labvf_dress(struct labvf *vf)
{
	struct net_device *dev = vf->dev;
	u8 mac[ETH_ALEN];
	int i;

	for (i = 0; i < ETH_ALEN; i++)
		pci_read_config_byte(vf->pdev, LABVF_CONFIG_MAC + i, &mac[i]);
	eth_hw_addr_set(dev, mac);
	if (READ_ONCE(perm_other)) {
		eth_random_addr(dev->perm_addr);
		dev->addr_assign_type = NET_ADDR_SET;
	}
	dev->netdev_ops = &labvf_ops;
	dev->ethtool_ops = &labvf_ethtool_ops;
	vf->speed = SPEED_10000;
	netdev_rss_key_fill(vf->key, sizeof(vf->key));
	dev->max_mtu = LABVF_MAX_MTU;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	/* LRO is a word: nothing is put together here */
	dev->hw_features = NETIF_F_RXCSUM | NETIF_F_LRO;
	dev->features = NETIF_F_RXCSUM | NETIF_F_LRO | NETIF_F_HW_VLAN_CTAG_FILTER;
	/* More than is in force by itself, as cards for BIG TCP */
	netif_set_tso_max_size(dev, LABVF_TSO_MAX);
#ifdef LABVF_HAVE_OPS_LOCK
	dev->request_ops_lock = ops_lock;
#endif
#ifdef LABVF_HAVE_XDP_FEATURES
	xdp_set_features_flag(dev, NETDEV_XDP_ACT_BASIC | NETDEV_XDP_ACT_NDO_XMIT);
#endif
	netif_napi_add(dev, &vf->napi, labvf_poll);
	netif_carrier_off(dev);
}

static int labvf_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct net_device *dev;
	struct labvf *vf;
	int err;

	msleep(READ_ONCE(probe_ms));
	dev = alloc_etherdev(sizeof(*vf));
	if (!dev)
		return -ENOMEM;
	SET_NETDEV_DEV(dev, &pdev->dev);
	vf = netdev_priv(dev);
	vf->dev = dev;
	vf->pdev = pdev;
	pci_set_drvdata(pdev, vf);
	err = labvf_pci(vf);
	if (err)
		goto err_free;
	labvf_dress(vf);
	err = xdp_rxq_info_reg(&vf->rxq, dev, 0, 0);
	if (err)
		goto err_vectors;
	err = register_netdev(dev);
	if (!err) {
		rtnl_lock();
		labvf_last = dev;
		rtnl_unlock();
		return 0;
	}
	xdp_rxq_info_unreg(&vf->rxq);
err_vectors:
	pci_free_irq_vectors(pdev);
err_free:
	free_netdev(dev);
	return err;
}

static void labvf_remove(struct pci_dev *pdev)
{
	struct labvf *vf = pci_get_drvdata(pdev);

	rtnl_lock();
	if (labvf_last == vf->dev)
		labvf_last = NULL;
	rtnl_unlock();
	unregister_netdev(vf->dev);
	WARN_ON_ONCE(netif_device_present(vf->dev) &&
		     !bitmap_empty(vf->vids, VLAN_N_VID));
	xdp_rxq_info_unreg(&vf->rxq);
	pci_free_irq_vectors(pdev);
	free_netdev(vf->dev);
}

static const struct pci_device_id labvf_ids[] = {
	{ PCI_DEVICE(0x1234, 0x1530) },
	{ }
};
MODULE_DEVICE_TABLE(pci, labvf_ids);

static struct pci_driver labvf_driver = {
	.name		= "labvf",
	.id_table	= labvf_ids,
	.probe		= labvf_probe,
	.remove		= labvf_remove,
};
module_pci_driver(labvf_driver);

MODULE_DESCRIPTION("VF of the hv_netvsc laboratory");
MODULE_LICENSE("GPL");
