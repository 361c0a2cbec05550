// SPDX-License-Identifier: GPL-2.0
/*
 * A VF: a function of a real network card that the host lends to the guest
 * beside the synthetic one, with the same MAC address. It carries the data
 * while it is there and up; the user configures and sees the synthetic NIC
 * alone (Documentation/protocol.md D.9, G.7, H.4, H.5).
 *
 * The VF is a net_device of another driver. Notifiers tell what happens to it,
 * and RTNL is held for all of it:
 *
 *	POST_INIT	marked: user space leaves it alone from its first sight
 *	REGISTER	joined: we take what it receives, it is our lower device.
 *			In another namespace than ours: rtnl_work moves it first
 *	100 ms later	rtnl_work gives it our settings and takes it up; udev has
 *			renamed it by then, which it cannot while it is up
 *	UP, CHANGE	rtnl_work looks whether it can carry the data
 *	GOING_DOWN	the data go back to the synthetic path, at once
 *	UNREGISTER	left, at once. A VF that stays (unbind, rmmod) has no program,
 *			addresses and receive modes of ours any more; its own address,
 *			MTU, features and RSS key nobody could want back
 *
 * Which way the data take then is netvsc_path.c's matter.
 */
#include <linux/bpf.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <asm/mshyperv.h>

#include "hyperv_net.h"

/* What udev needs to rename a new interface */
#define APPLY_DELAY		(HZ / 10)
/* How often a VF is tried again that could not be joined or moved, or did not take our
 * settings
 */
#define APPLY_RETRY		(5 * HZ)
/* Likewise one that could not be opened */
#define OPEN_RETRY		(10 * HZ)

/* Features that the VF has as we have them. Not LRO: it is off when ours is, and
 * the VF's own default is none of our business else.
 */
#define SHARED_FEATURES(ndev, vf) \
	((ndev)->hw_features & (vf)->hw_features & ~NETIF_F_LRO)

/* Our registered adapters; RTNL */
static LIST_HEAD(adapters);
/* The module goes, so nobody would tell us that a VF does; RTNL */
static bool unloading;

/* Finding out what belongs together */

/* An isolated guest trusts no device but its own drivers' copies: no VF there */
static bool is_candidate(const struct net_device *dev)
{
	return dev->type == ARPHRD_ETHER && dev->dev.parent &&
	       dev_is_pci(dev->dev.parent) && !hv_is_isolation_supported();
}

/* The host's number of the VF is the name of its PCI slot. Who takes that away has
 * removed the VF before. Context: RTNL, the VF is registered.
 */
static bool get_serial(const struct net_device *vf, u32 *serial)
{
	const struct pci_dev *pdev = to_pci_dev(vf->dev.parent);

	return pdev->slot && !kstrtou32(pci_slot_name(pdev->slot), 10, serial);
}

/* The permanent address, which some have none of. The present one is what somebody may
 * have given it: a bond, ours. At POST_INIT the core does not have it yet; what is
 * marked then must be what is joined at REGISTER.
 */
static const u8 *own_mac(const struct net_device *vf)
{
	if (vf->reg_state == NETREG_UNINITIALIZED &&
	    vf->addr_assign_type == NET_ADDR_PERM)
		return vf->dev_addr;
	return is_zero_ether_addr(vf->perm_addr) ? vf->dev_addr : vf->perm_addr;
}

static bool same_mac(const struct net_device *ndev, const struct net_device *vf)
{
	return ether_addr_equal(ndev->perm_addr, own_mac(vf));
}

/* Or is about to */
static bool has_vf(const struct netvsc_adapter *adapter)
{
	return netvsc_vf_dev(adapter) || adapter->vf.stray;
}

/* Whose VF this is. The address has to fit in any case: a host that names the
 * VF of another NIC, or the same for two, is not believed. Of two with the same
 * address, neither of which is named, one has use for it.
 */
static struct netvsc_adapter *find_adapter(const struct net_device *vf)
{
	struct netvsc_adapter *adapter, *by_mac = NULL;
	bool have_serial;
	u32 serial;

	if (!is_candidate(vf))
		return NULL;
	have_serial = get_serial(vf, &serial);
	list_for_each_entry(adapter, &adapters, vf.node) {
		if (!same_mac(adapter->ndev, vf))
			continue;
		if (have_serial && netvsc_path_is_named(adapter, serial))
			return adapter;
		if (!by_mac || (has_vf(by_mac) && !has_vf(adapter)))
			by_mac = adapter;
	}
	return by_mac;
}

/* Whether the host has named this VF for this card */
static bool is_named(struct netvsc_adapter *adapter,
		     const struct net_device *vf)
{
	u32 serial;

	return get_serial(vf, &serial) &&
	       netvsc_path_is_named(adapter, serial);
}

static struct netvsc_adapter *vf_own(const struct net_device *ndev)
{
	struct netvsc_adapter *adapter;

	list_for_each_entry(adapter, &adapters, vf.node) {
		if (adapter->ndev == ndev)
			return adapter;
	}
	return NULL;
}

/* The adapter that has it, or is about to */
static struct netvsc_adapter *vf_holder(const struct net_device *dev)
{
	struct netvsc_adapter *adapter;

	list_for_each_entry(adapter, &adapters, vf.node) {
		if (netvsc_vf_dev(adapter) == dev || adapter->vf.stray == dev)
			return adapter;
	}
	return NULL;
}

/* User space and IPv6 leave alone what is a slave. The core has no function for these
 * flags: masters of all kinds write them, under RTNL.
 */
static void vf_mark(struct net_device *vf)
{
	vf->flags |= IFF_SLAVE;
	vf->priv_flags |= IFF_NO_ADDRCONF;
}

/* What another master has is marked by it, or has no use for that */
static void vf_unmark(struct net_device *vf)
{
	const struct net_device *master = netdev_master_upper_dev_get(vf);

	if (master && !vf_own(master))
		return;
	vf->flags &= ~IFF_SLAVE;
	vf->priv_flags &= ~IFF_NO_ADDRCONF;
}

/* Settings */

static int set_vf_mac(struct net_device *vf, const u8 *mac)
{
	struct sockaddr_storage ss = { .ss_family = vf->type };

	if (ether_addr_equal(vf->dev_addr, mac))
		return 0;
	memcpy(ss.__data, mac, ETH_ALEN);
	return dev_set_mac_address(vf, &ss, NULL);
}

static netdev_features_t wanted_features(const struct net_device *ndev,
					 const struct net_device *vf)
{
	netdev_features_t shared = SHARED_FEATURES(ndev, vf);

	return (vf->wanted_features & ~shared) |
	       (ndev->wanted_features & shared);
}

static void sync_features(const struct net_device *ndev, struct net_device *vf)
{
	netdev_features_t wanted = wanted_features(ndev, vf);

	if (vf->wanted_features == wanted)
		return;
	netdev_lock_ops(vf);
	/* Only ethtool sets these in the core, and has no function for drivers */
	vf->wanted_features = wanted;
	netdev_update_features(vf);
	netdev_unlock_ops(vf);
}

/* The VF counts who wants it promiscuous, and we are one of them */
static void sync_flag(struct net_device *vf, bool wanted, bool *have,
		      int (*set)(struct net_device *dev, int inc))
{
	if (wanted != *have && !set(vf, wanted ? 1 : -1))
		*have = wanted;
}

static void sync_flags(struct netvsc_adapter *adapter, struct net_device *vf,
		       u32 flags)
{
	sync_flag(vf, flags & IFF_PROMISC, &adapter->vf.promisc,
		  dev_set_promiscuity);
	sync_flag(vf, flags & IFF_ALLMULTI, &adapter->vf.allmulti,
		  dev_set_allmulti);
}

/* The synthetic NIC filters no VLANs, the VF may: it is to know those of ours. It is told
 * the difference, so that one which was detached, or refused some, has them later.
 */
static int sync_vids(struct netvsc_adapter *adapter, struct net_device *vf)
{
	unsigned long *told = adapter->vf.vids;
	unsigned int vid;
	int err;

	for_each_andnot_bit(vid, told, adapter->vids, VLAN_N_VID) {
		vlan_vid_del(vf, htons(ETH_P_8021Q), vid);
		__clear_bit(vid, told);
	}
	for_each_andnot_bit(vid, adapter->vids, told, VLAN_N_VID) {
		err = vlan_vid_add(vf, htons(ETH_P_8021Q), vid);
		if (err)
			return err;
		__set_bit(vid, told);
	}
	return 0;
}

static void forget_vids(struct netvsc_adapter *adapter, struct net_device *vf)
{
	unsigned int vid;

	for_each_set_bit(vid, adapter->vf.vids, VLAN_N_VID)
		vlan_vid_del(vf, htons(ETH_P_8021Q), vid);
	bitmap_zero(adapter->vf.vids, VLAN_N_VID);
}

static void sync_lists(struct net_device *ndev, struct net_device *vf)
{
	netif_addr_lock_bh(ndev);
	dev_uc_sync(vf, ndev);
	dev_mc_sync(vf, ndev);
	netif_addr_unlock_bh(ndev);
}

/* The core has no functions for what follows that drivers may call, so this is what it
 * does around an operation. With the VF's lock. Return: 0 if the operation may be called
 */
static int vf_op_begin(struct net_device *vf)
{
	const struct ethtool_ops *ops = vf->ethtool_ops;

	if (!netif_device_present(vf))
		return -ENODEV;
	return ops->begin ? ops->begin(vf) : 0;
}

static void vf_op_end(struct net_device *vf)
{
	if (vf->ethtool_ops->complete)
		vf->ethtool_ops->complete(vf);
}

/* A flow has the same hash whichever way it comes, if the user has chosen the key. What
 * a VF has for a default is as good as ours, so that is left alone. One that does not
 * take a key, be it that its driver cannot set any, hashes by its own: no harm. Some
 * take none before they are up.
 */
static void sync_key(struct netvsc_adapter *adapter, struct net_device *vf)
{
	const struct ethtool_ops *ops = vf->ethtool_ops;

	if (!adapter->vf.key_due || !netif_running(vf) || !adapter->rss.key_set ||
	    !ops || !ops->set_rxfh || !ops->get_rxfh_key_size)
		return;
	netdev_lock_ops(vf);
	if (!vf_op_begin(vf)) {
		adapter->vf.key_due = false;
		if (ops->get_rxfh_key_size(vf) == NDIS_RSS_KEY_LEN)
			compat_set_rxfh_key(vf, adapter->rss.key,
					    NDIS_RSS_KEY_LEN);
		vf_op_end(vf);
	}
	netdev_unlock_ops(vf);
}

/* Whether its driver has a program that the core knows of: not ours. The generic one is
 * beside it.
 */
static bool has_own_prog(struct net_device *vf)
{
	return dev_xdp_prog_count(vf) > !!rcu_access_pointer(vf->xdp_prog);
}

/* The VF has a reference of its own. One that has none needs not know of XDP */
static int set_vf_prog(struct netvsc_adapter *adapter, struct net_device *vf,
		       struct bpf_prog *prog, struct netlink_ext_ack *extack)
{
	struct netdev_bpf bpf = {
		.command = XDP_SETUP_PROG,
		.prog = prog,
		.extack = extack,
	};
	int err;

	/* While the card's was gone, and the VF could not be told, theirs could take its
	 * place
	 */
	if (has_own_prog(vf))
		adapter->vf.prog = NULL;
	if (adapter->vf.prog == prog)
		return 0;
	/* Whoever attached that one counts on it, and would take ours off in its
	 * place: the driver has one, and the core knows of theirs alone
	 */
	if (prog && dev_xdp_prog_count(vf)) {
		NL_SET_ERR_MSG_MOD(extack, "the VF has a program of its own");
		return -EBUSY;
	}
	/* It reads our metadata, which the VF's driver does not have */
	if (prog && bpf_prog_is_dev_bound(prog->aux)) {
		NL_SET_ERR_MSG_MOD(extack,
				   "a program that is bound to this device cannot run on its VF");
		return -EOPNOTSUPP;
	}
	if (prog)
		bpf_prog_inc(prog);
	err = dev_xdp_propagate(vf, &bpf);
	if (!err)
		adapter->vf.prog = prog;
	else if (prog)
		bpf_prog_put(prog);
	return err;
}

/* Whether to open it. What the user has closed stays closed. */
static bool is_open_due(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;

	if (!vf->to_open || !netif_running(adapter->ndev))
		return false;
	if (!vf->unopened || !time_before(jiffies, vf->open_at))
		return true;
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, vf->open_at - jiffies);
	return false;
}

/* Return: 0, or an error, and then what it was about */
static int give_settings(struct netvsc_adapter *adapter, struct net_device *vf,
			 const char **what)
{
	struct net_device *ndev = adapter->ndev;
	struct bpf_prog *prog = rtnl_dereference(adapter->xdp_prog);
	int err = 0;

	/* One that is ours no more may be what keeps the VF from our MTU */
	*what = "XDP program";
	if (!prog)
		err = set_vf_prog(adapter, vf, NULL, NULL);
	if (err)
		return err;
	*what = "MTU";
	if (vf->mtu != ndev->mtu)
		err = dev_set_mtu(vf, ndev->mtu);
	if (err)
		return err;
	*what = "address";
	err = set_vf_mac(vf, ndev->dev_addr);
	if (err)
		return err;
	*what = "VLANs";
	err = sync_vids(adapter, vf);
	if (err)
		return err;
	/* A frame that comes by the VF must not get past the program */
	*what = "XDP program";
	return set_vf_prog(adapter, vf, prog, NULL);
}

/* How much is sent in one is decided by our limit, and the VF must not be what has it cut
 * in software. How much of what the VF receives is put together is decided there. The
 * core's functions for these limits are not for drivers.
 */
static void sync_limits(struct net_device *ndev, struct net_device *vf)
{
	WRITE_ONCE(vf->gso_max_size, vf->tso_max_size);
	WRITE_ONCE(*compat_gso_ipv4_max_size(vf), vf->tso_max_size);
	WRITE_ONCE(vf->gro_max_size, ndev->gro_max_size);
	WRITE_ONCE(*compat_gro_ipv4_max_size(vf), *compat_gro_ipv4_max_size(ndev));
}

/* Nobody tells when what failed would go well */
static void vf_later(struct netvsc_adapter *adapter)
{
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, APPLY_RETRY);
}

/* Our settings for a VF that has just come, or has others all of a sudden. One
 * that cannot have them would lose what we can carry, so it is not used. One that
 * its driver has detached has them when it is there again. Each is set only where it
 * differs; that cannot be seen of the lists, which are the VF's as soon as ours change.
 */
static void vf_apply(struct netvsc_adapter *adapter, struct net_device *vf)
{
	struct net_device *ndev = adapter->ndev;
	bool was_applied = adapter->vf.applied;
	const char *what;
	int err;

	adapter->vf.applied = false;
	if (!netif_device_present(vf))
		return;
	/* The core does so only when the features of either change */
	if (!(ndev->features & NETIF_F_LRO) && (vf->features & NETIF_F_LRO))
		dev_disable_lro(vf);
	err = give_settings(adapter, vf, &what);
	if (err) {
		if (!adapter->vf.failed)
			netdev_err(ndev,
				   "VF %s does not take our %s: %d; not used\n",
				   vf->name, what, err);
		adapter->vf.failed = true;
		vf_later(adapter);
		return;
	}
	adapter->vf.applied = true;
	adapter->vf.failed = false;
	sync_features(ndev, vf);
	sync_limits(ndev, vf);
	sync_flags(adapter, vf, ndev->flags);
	if (!was_applied)
		sync_lists(ndev, vf);
	if (is_open_due(adapter))
		netvsc_vf_open(adapter);
	sync_key(adapter, vf);
}

/**
 * netvsc_vf_open() - our interface comes up, and the VF with it
 * @adapter: adapter
 *
 * Without the VF there is the synthetic path, and one that cannot be opened is
 * tried again.
 *
 * Context: process, RTNL, not conn_lock.
 */
void netvsc_vf_open(struct netvsc_adapter *adapter)
{
	struct net_device *vf = netvsc_vf_dev(adapter);
	int err;

	adapter->vf.to_open = true;
	if (!vf || !adapter->vf.applied)
		return;
	err = dev_open(vf, NULL);
	if (err && !adapter->vf.unopened)
		netdev_warn(adapter->ndev, "unable to open VF %s: %d\n",
			    vf->name, err);
	adapter->vf.to_open = err != 0;
	adapter->vf.unopened = err != 0;
	/* A card that does not answer keeps its driver, and RTNL, for long */
	adapter->vf.open_at = jiffies + OPEN_RETRY;
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
}

/**
 * netvsc_vf_close() - our interface goes down, and the VF before it
 * @adapter: adapter
 *
 * Context: as netvsc_vf_open(); waits for the host, 500 ms at most.
 */
void netvsc_vf_close(struct netvsc_adapter *adapter)
{
	struct net_device *vf = netvsc_vf_dev(adapter);

	adapter->vf.to_open = false;
	adapter->vf.unopened = false;
	if (vf)
		dev_close(vf);
}

/* The VF that has our settings, and gets what becomes of them first. One that is not
 * used is given them when it is, and so is one that its driver has detached, which
 * would fail what we ourselves can do.
 */
static struct net_device *settable_vf(struct netvsc_adapter *adapter)
{
	struct net_device *vf = netvsc_vf_dev(adapter);

	if (!vf || !adapter->vf.applied)
		return NULL;
	if (netif_device_present(vf))
		return vf;
	adapter->vf.applied = false;
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
	return NULL;
}

/**
 * netvsc_vf_set_mtu() - before ours changes
 * @adapter: adapter
 * @mtu: the new one, or the old one again
 *
 * Context: process, RTNL, not conn_lock.
 * Return: 0, or what the VF's driver said.
 */
int netvsc_vf_set_mtu(struct netvsc_adapter *adapter, int mtu)
{
	struct net_device *vf = settable_vf(adapter);

	return vf ? dev_set_mtu(vf, mtu) : 0;
}

/**
 * netvsc_vf_set_mac() - before ours changes
 * @adapter: adapter
 * @mac: the new one, or the old one again
 *
 * Context: process, RTNL, not conn_lock.
 * Return: 0, or what the VF's driver said.
 */
int netvsc_vf_set_mac(struct netvsc_adapter *adapter, const u8 *mac)
{
	struct net_device *vf = settable_vf(adapter);

	return vf ? set_vf_mac(vf, mac) : 0;
}

/**
 * netvsc_vf_change_rx_flags() - ndo_change_rx_flags
 * @ndev: our net_device
 * @change: flags that changed
 *
 * Context: RTNL; before 7.1 also with spinlocks held.
 */
void netvsc_vf_change_rx_flags(struct net_device *ndev, int change)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct net_device *vf = netvsc_vf_dev(adapter);

	if (vf && adapter->vf.applied)
		sync_flags(adapter, vf, ndev->flags);
}

/**
 * netvsc_vf_set_rx_mode() - our lists of addresses changed
 * @ndev: our net_device, with its address lock held
 *
 * Context: any.
 */
void netvsc_vf_set_rx_mode(struct net_device *ndev)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct net_device *vf;

	rcu_read_lock();
	vf = rcu_dereference(adapter->vf.dev);
	if (vf) {
		dev_uc_sync(vf, ndev);
		dev_mc_sync(vf, ndev);
	}
	rcu_read_unlock();
}

/**
 * netvsc_vf_add_vid() - ndo_vlan_rx_add_vid
 * @ndev: our net_device
 * @proto: ETH_P_8021Q
 * @vid: VLAN that is to be received
 *
 * Context: process, RTNL.
 * Return: 0, or what the VF's driver said.
 */
int netvsc_vf_add_vid(struct net_device *ndev, __be16 proto, u16 vid)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct net_device *vf = settable_vf(adapter);
	int err;

	__set_bit(vid, adapter->vids);
	err = vf ? sync_vids(adapter, vf) : 0;
	if (err)
		__clear_bit(vid, adapter->vids);
	return err;
}

/**
 * netvsc_vf_kill_vid() - ndo_vlan_rx_kill_vid
 * @ndev: our net_device
 * @proto: ETH_P_8021Q
 * @vid: VLAN that nobody wants any more
 *
 * Context: process, RTNL.
 * Return: 0; a VF that has our settings is not to have others.
 */
int netvsc_vf_kill_vid(struct net_device *ndev, __be16 proto, u16 vid)
{
	struct netvsc_adapter *adapter = netdev_priv(ndev);
	struct net_device *vf = settable_vf(adapter);

	__clear_bit(vid, adapter->vids);
	if (vf)
		sync_vids(adapter, vf);
	return 0;
}

/**
 * netvsc_vf_get_link_ksettings() - speed and the like of the card that carries
 * @adapter: adapter
 * @cmd: filled in
 *
 * Context: process, RTNL.
 * Return: 0, what the VF's driver said, or -ENODEV when there is none.
 */
int netvsc_vf_get_link_ksettings(struct netvsc_adapter *adapter,
				 struct ethtool_link_ksettings *cmd)
{
	struct net_device *vf = netvsc_vf_dev(adapter);

	return vf ? __ethtool_get_link_ksettings(vf, cmd) : -ENODEV;
}

/**
 * netvsc_vf_set_link_ksettings() - likewise, what the user wants
 * @adapter: adapter
 * @cmd: the settings
 *
 * Context: process, RTNL.
 * Return: 0, what the VF's driver said, or -ENODEV when there is none that takes
 * any.
 */
int netvsc_vf_set_link_ksettings(struct netvsc_adapter *adapter,
				 const struct ethtool_link_ksettings *cmd)
{
	struct net_device *vf = netvsc_vf_dev(adapter);
	const struct ethtool_ops *ops = vf ? vf->ethtool_ops : NULL;
	int err;

	if (!ops || !ops->set_link_ksettings)
		return -ENODEV;
	netdev_lock_ops(vf);
	err = vf_op_begin(vf);
	if (!err) {
		err = ops->set_link_ksettings(vf, cmd);
		vf_op_end(vf);
	}
	netdev_unlock_ops(vf);
	return err;
}

/**
 * netvsc_vf_set_features() - after ours changed
 * @adapter: adapter
 *
 * Context: process, RTNL.
 */
void netvsc_vf_set_features(struct netvsc_adapter *adapter)
{
	struct net_device *vf = settable_vf(adapter);

	if (vf)
		sync_features(adapter->ndev, vf);
}

/**
 * netvsc_vf_set_key() - after the user has chosen our RSS key
 * @adapter: adapter
 *
 * By the work: the core holds our device's lock for RSS here, and takes that of the VF
 * within the VF's instance lock.
 *
 * Context: process, RTNL.
 */
void netvsc_vf_set_key(struct netvsc_adapter *adapter)
{
	adapter->vf.key_due = true;
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
}

/**
 * netvsc_vf_set_prog() - before our XDP program changes
 * @adapter: adapter
 * @prog: program, NULL for none
 * @extack: for the VF's driver
 *
 * Context: process, RTNL.
 * Return: 0, or what the VF's driver said.
 */
int netvsc_vf_set_prog(struct netvsc_adapter *adapter, struct bpf_prog *prog,
		       struct netlink_ext_ack *extack)
{
	struct net_device *vf = settable_vf(adapter);

	return vf ? set_vf_prog(adapter, vf, prog, extack) : 0;
}

/* Coming and going */

static int link_vf(struct net_device *ndev, struct net_device *vf)
{
	int err;

	err = netdev_rx_handler_register(vf, netvsc_path_receive, ndev);
	if (err)
		return err;
	err = netdev_master_upper_dev_link(vf, ndev, NULL, NULL, NULL);
	if (err)
		netdev_rx_handler_unregister(vf);
	return err;
}

/* RTNL, and the VF's instance lock */
static void join_vf(struct netvsc_adapter *adapter, struct net_device *vf)
{
	struct net_device *ndev = adapter->ndev;
	int err;

	if (netvsc_vf_dev(adapter))
		return;
	netdev_info(ndev, "VF registering: %s\n", vf->name);
	vf_mark(vf);
	err = link_vf(ndev, vf);
	if (err) {
		vf_unmark(vf);
		vf_later(adapter);
		if (__ratelimit(&adapter->vf.ratelimit))
			netdev_err(vf, "unable to join %s: %d\n", ndev->name, err);
		return;
	}
	netdev_hold(vf, &adapter->vf.dev_tracker, GFP_KERNEL);
	call_netdevice_notifiers(NETDEV_JOIN, vf);
	WRITE_ONCE(ndev->needed_headroom,
		   max(ndev->needed_headroom, vf->needed_headroom));
	adapter->vf.applied = false;
	adapter->vf.failed = false;
	adapter->vf.to_open = true;
	adapter->vf.unopened = false;
	adapter->vf.key_due = true;
	adapter->vf.apply_at = jiffies + APPLY_DELAY;
	netvsc_path_set_vf(adapter, vf);
	netdev_info(vf, "joined to %s\n", ndev->name);
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, APPLY_DELAY);
}

/* RTNL, not the VF's instance lock. It stays marked if it is @another card's next */
static void leave_vf(struct netvsc_adapter *adapter, struct net_device *vf,
		     bool another)
{
	struct net_device *ndev = adapter->ndev;
	int err;

	netdev_info(ndev, "VF unregistering: %s\n", vf->name);
	netvsc_path_leave_wait(adapter);
	netvsc_path_set_vf(adapter, NULL);
	/* What follows tells user space, which may have it from here on: not one
	 * that goes
	 */
	if (vf->reg_state == NETREG_REGISTERED && !another)
		vf_unmark(vf);
	netdev_upper_dev_unlink(vf, ndev);
	/* Waits for who still has the pointer, too */
	netdev_rx_handler_unregister(vf);
	dev_uc_unsync(vf, ndev);
	dev_mc_unsync(vf, ndev);
	forget_vids(adapter, vf);
	/* Only moved, or somebody else's from now on */
	if (vf->reg_state == NETREG_REGISTERED)
		sync_flags(adapter, vf, 0);
	adapter->vf.promisc = false;
	adapter->vf.allmulti = false;
	/* Its driver would keep it for good: the core does not know of it */
	err = set_vf_prog(adapter, vf, NULL, NULL);
	if (err)
		netdev_warn(ndev, "VF %s keeps our XDP program: %d\n",
			    vf->name, err);
	adapter->vf.prog = NULL;
	/* We ourselves need none */
	WRITE_ONCE(ndev->needed_headroom, 0);
	netdev_put(vf, &adapter->vf.dev_tracker);
	/* There may be another */
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
}

/* A VF of ours in another namespace, with or without its lock */
static void take_stray(struct netvsc_adapter *adapter, struct net_device *vf)
{
	if (has_vf(adapter))
		return;
	vf_mark(vf);
	netdev_hold(vf, &adapter->vf.stray_tracker, GFP_KERNEL);
	adapter->vf.stray = vf;
	netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
}

static struct net_device *drop_stray(struct netvsc_adapter *adapter)
{
	struct net_device *vf = adapter->vf.stray;

	if (vf) {
		adapter->vf.stray = NULL;
		netdev_put(vf, &adapter->vf.stray_tracker);
	}
	return vf;
}

static void vf_come(struct netvsc_adapter *adapter, struct net_device *vf)
{
	if (net_eq(dev_net(vf), dev_net(adapter->ndev)))
		join_vf(adapter, vf);
	else
		take_stray(adapter, vf);
}

/* RTNL keeps it here while its lock is not held, and nobody else has it */
static void vf_move(struct netvsc_adapter *adapter, struct net_device *vf)
{
	struct net_device *ndev = adapter->ndev;
	int err;

	vf_mark(vf);
	/* It is joined when it registers there */
	err = dev_change_net_namespace(vf, dev_net(ndev), "eth%d");
	if (!err) {
		netdev_info(vf, "VF moved to namespace with: %s\n", ndev->name);
		return;
	}
	/* One that is joined goes on carrying the data from where it is */
	if (netvsc_vf_dev(adapter) != vf)
		vf_unmark(vf);
	vf_later(adapter);
	if (__ratelimit(&adapter->vf.ratelimit))
		netdev_err(vf, "unable to follow %s to its namespace: %d\n",
			   ndev->name, err);
}

/* One that nobody has, wherever it is: it was there before us, or came while
 * there was another
 */
static struct net_device *find_waiting(struct netvsc_adapter *adapter)
{
	struct net_device *vf, *found = NULL;
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net) {
		for_each_netdev(net, vf) {
			if (!found && find_adapter(vf) == adapter &&
			    !vf_holder(vf) && !netdev_is_rx_handler_busy(vf) &&
			    !netdev_master_upper_dev_get(vf))
				found = vf;
		}
	}
	up_read(&net_rwsem);
	return found;
}

/* Likewise, and what was to be fetched is one of them, unless somebody got it where it
 * was
 */
static struct net_device *find_free(struct netvsc_adapter *adapter)
{
	struct net_device *stray = drop_stray(adapter);
	struct net_device *vf = find_waiting(adapter);

	if (stray && stray != vf)
		vf_unmark(stray);
	return vf;
}

/* The VF that the host has named for this card when another with the same address had
 * it already: the name came later. What this one got for want of a name is left for the
 * other, which looks for one as soon as it has none. A VF that the host has named for
 * both stays.
 */
static struct net_device *take_named(struct netvsc_adapter *adapter)
{
	struct net_device *own = netvsc_vf_dev(adapter), *vf;
	struct netvsc_adapter *other;

	if (own && is_named(adapter, own))
		return NULL;
	list_for_each_entry(other, &adapters, vf.node) {
		vf = netvsc_vf_dev(other);
		if (other == adapter || !vf ||
		    !same_mac(adapter->ndev, vf) || !is_named(adapter, vf) ||
		    is_named(other, vf))
			continue;
		leave_vf(other, vf, true);
		if (own)
			leave_vf(adapter, own, false);
		return vf;
	}
	return NULL;
}

/* The VF is to be where we are */
static void vf_follow(struct netvsc_adapter *adapter)
{
	struct net_device *ndev = adapter->ndev;
	struct net_device *vf = unloading ? NULL : take_named(adapter);

	if (!vf)
		vf = netvsc_vf_dev(adapter);
	if (!vf && !unloading)
		vf = find_free(adapter);
	if (!vf)
		return;
	if (!net_eq(dev_net(vf), dev_net(ndev))) {
		vf_move(adapter, vf);
	} else if (!netvsc_vf_dev(adapter)) {
		netdev_lock_ops(vf);
		join_vf(adapter, vf);
		netdev_unlock_ops(vf);
	}
}

/**
 * netvsc_vf_work() - something about the VF may have changed
 * @adapter: adapter
 *
 * Context: process, RTNL, not conn_lock, which it may have to wait for; waits for the
 * VF's driver, and for the host only when a VF that carries is taken from where it is:
 * another card, or another namespace.
 */
void netvsc_vf_work(struct netvsc_adapter *adapter)
{
	struct net_device *vf;

	ASSERT_RTNL();
	vf_follow(adapter);
	vf = netvsc_vf_dev(adapter);
	if (vf && time_before(jiffies, adapter->vf.apply_at))
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF,
				 adapter->vf.apply_at - jiffies);
	else if (vf)
		vf_apply(adapter, vf);
	netvsc_path_work(adapter);
}

/* Notifiers */

static void vf_registered(struct net_device *dev)
{
	struct netvsc_adapter *adapter = find_adapter(dev);
	u32 serial;

	if (adapter) {
		vf_come(adapter, dev);
		/* There is another one: it stays as its driver made it */
		if (!vf_holder(dev))
			vf_unmark(dev);
	} else if (is_candidate(dev) && get_serial(dev, &serial)) {
		netdev_notice(dev, "no netdev found for vf serial:%u\n",
			      serial);
	}
}

/* Whether somebody gave it other settings than ours */
static bool is_out_of_step(const struct netvsc_adapter *adapter,
			   const struct net_device *vf)
{
	const struct net_device *ndev = adapter->ndev;

	return vf->mtu != ndev->mtu ||
	       !ether_addr_equal(vf->dev_addr, ndev->dev_addr) ||
	       vf->wanted_features != wanted_features(ndev, vf);
}

/* Of the VF that is joined */
static void vf_event(struct netvsc_adapter *adapter, unsigned long event,
		     struct net_device *vf)
{
	switch (event) {
	case NETDEV_UP:
		adapter->vf.to_open = false;
		adapter->vf.unopened = false;
		adapter->vf.key_due = true;
		fallthrough;
	case NETDEV_CHANGE:
		netvsc_path_check(adapter);
		break;
	case NETDEV_GOING_DOWN:
		netvsc_path_leave_wait(adapter);
		break;
	case NETDEV_DOWN:
		/* It was waited for, when the VF could still receive */
		netvsc_path_leave(adapter);
		break;
	case NETDEV_CHANGEMTU:
	case NETDEV_CHANGEADDR:
	case NETDEV_FEAT_CHANGE:
		if (is_out_of_step(adapter, vf))
			netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
		break;
	case NETDEV_UNREGISTER:
		leave_vf(adapter, vf, false);
		break;
	}
}

/* One that a bond or a macvlan had, which may have let it go */
static void vf_is_free(unsigned long event, struct net_device *vf)
{
	struct netvsc_adapter *adapter;

	if (event != NETDEV_CHANGEUPPER)
		return;
	adapter = find_adapter(vf);
	if (adapter && !has_vf(adapter))
		netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
}

static int netvsc_vf_event(struct notifier_block *nb, unsigned long event,
			   void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct netvsc_adapter *adapter = vf_own(dev);

	if (adapter) {
		/* Perhaps in another namespace */
		if (event == NETDEV_REGISTER)
			netvsc_kick_rtnl(adapter, NETVSC_EVENT_VF, 0);
		return NOTIFY_DONE;
	}
	if (event == NETDEV_POST_INIT && find_adapter(dev))
		vf_mark(dev);
	if (event == NETDEV_REGISTER)
		vf_registered(dev);

	adapter = vf_holder(dev);
	if (!adapter) {
		vf_is_free(event, dev);
		return NOTIFY_DONE;
	}
	if (adapter->vf.stray != dev)
		vf_event(adapter, event, dev);
	else if (event == NETDEV_UNREGISTER)
		vf_unmark(drop_stray(adapter));
	return NOTIFY_DONE;
}

static struct notifier_block vf_notifier = {
	.notifier_call = netvsc_vf_event,
};

/* Life */

/**
 * netvsc_vf_add() - from now on the adapter can have a VF
 * @adapter: adapter whose net_device has just been registered
 *
 * Context: process, RTNL since before the host was told that we know VFs.
 */
void netvsc_vf_add(struct netvsc_adapter *adapter)
{
	struct net_device *vf;

	ASSERT_RTNL();
	list_add_tail(&adapter->vf.node, &adapters);
	vf = unloading ? NULL : find_waiting(adapter);
	if (!vf)
		return;
	netdev_lock_ops(vf);
	vf_come(adapter, vf);
	netdev_unlock_ops(vf);
}

/**
 * netvsc_vf_del() - the net_device is about to be unregistered
 * @adapter: adapter whose works are stopped
 *
 * Context: process, RTNL; waits for the host, 500 ms at most.
 */
void netvsc_vf_del(struct netvsc_adapter *adapter)
{
	struct net_device *vf = netvsc_vf_dev(adapter);

	ASSERT_RTNL();
	if (vf)
		leave_vf(adapter, vf, false);
	vf = drop_stray(adapter);
	if (vf)
		vf_unmark(vf);
	list_del(&adapter->vf.node);
}

/**
 * netvsc_vf_init() - a new adapter, without VF
 * @adapter: adapter
 *
 * Return: 0 or -ENOMEM.
 */
int netvsc_vf_init(struct netvsc_adapter *adapter)
{
	struct netvsc_vf *vf = &adapter->vf;

	spin_lock_init(&vf->lock);
	init_completion(&vf->answered);
	INIT_LIST_HEAD(&vf->node);
	vf->stats = netdev_alloc_pcpu_stats(struct netvsc_vf_stats);
	return vf->stats ? 0 : -ENOMEM;
}

/**
 * netvsc_vf_free() - with the adapter, however far netvsc_vf_init() came
 * @adapter: adapter
 */
void netvsc_vf_free(struct netvsc_adapter *adapter)
{
	free_percpu(adapter->vf.stats);
}

/**
 * netvsc_vf_register() - with the module, before there is any adapter
 *
 * Return: 0 or a negative error.
 */
int netvsc_vf_register(void)
{
	return register_netdevice_notifier(&vf_notifier);
}

/**
 * netvsc_vf_unregister() - leaves all VFs
 *
 * Context: process.
 */
void netvsc_vf_unregister(void)
{
	rtnl_lock();
	unloading = true;
	rtnl_unlock();
	unregister_netdevice_notifier(&vf_notifier);
}
