/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything in which the supported kernels differ. What stands in for something of
 * the newest kernel has its name and its signature; what no kernel has begins with
 * compat_ or COMPAT_. Nothing outside this folder asks for a kernel's version.
 * COMPAT_HAVE_* come from probes.mk. The comment above each says since which kernel
 * it is so, or until which, that one included, it is not.
 */
#ifndef _HYPERV_NET_COMPAT_H
#define _HYPERV_NET_COMPAT_H

#include <linux/ethtool.h>
#include <linux/hyperv.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

/* One header until 6.5 */
#ifdef COMPAT_HAVE_PAGE_POOL_HELPERS
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

/* skb_gso_segment() lives in netdevice.h, skb_gso_validate_network_len() in skbuff.h
 * until 6.4, whose stable series has the new header since 6.4.10
 */
#ifdef COMPAT_HAVE_GSO
#include <net/gso.h>
#endif

/* For drivers with a callback for what the host takes away; declared in the core's own
 * drivers/hv/hyperv_vmbus.h.
 */
void vmbus_device_unregister(struct hv_device *device_obj);

/* netdev_lockdep_set_classes() lives in netdevice.h until 6.14, and devices have
 * no lock of their own
 */
#ifdef COMPAT_HAVE_NETDEV_LOCK
#include <net/netdev_lock.h>
#else
static inline void netdev_lock_ops(struct net_device *dev)
{
}

static inline void netdev_unlock_ops(struct net_device *dev)
{
}
#endif

/* The lock is NAPI's too since 6.14 */
#ifndef COMPAT_HAVE_NAPI_LOCKED
static inline void netdev_lock(struct net_device *dev)
{
}

static inline void netdev_unlock(struct net_device *dev)
{
}

static inline void napi_disable_locked(struct napi_struct *n)
{
	napi_disable(n);
}

static inline void __netif_napi_del_locked(struct napi_struct *napi)
{
	__netif_napi_del(napi);
}
#endif

/* New in 6.2; before, IFF_SLAVE kept IPv6 away */
#ifndef COMPAT_HAVE_NO_ADDRCONF
#define IFF_NO_ADDRCONF		0
#endif

/* Takes a struct sockaddr until 6.15 */
#ifndef COMPAT_HAVE_MAC_STORAGE
#define dev_set_mac_address(dev, ss, extack) \
	dev_set_mac_address(dev, (struct sockaddr *)(ss), extack)
#endif

/* A page pool that hands out fragments has to say so until 6.6: this flag is
 * an alias of nothing where the kernel does not know it.
 */
#ifdef PP_FLAG_PAGE_FRAG
#define COMPAT_PP_FLAG_PAGE_FRAG	PP_FLAG_PAGE_FRAG
#else
#define COMPAT_PP_FLAG_PAGE_FRAG	0
#endif

/* Pages that are freed where their NAPI runs go back without a lock, since 6.4 */
#ifdef COMPAT_HAVE_PP_NAPI
#define COMPAT_PP_NAPI(owner)	.napi = (owner),
#else
#define COMPAT_PP_NAPI(owner)
#endif

/* New in 6.8 */
#ifndef COMPAT_HAVE_ETHTOOL_PUTS
static inline void ethtool_puts(u8 **data, const char *str)
{
	strscpy(*data, str, ETH_GSTRING_LEN);
	*data += ETH_GSTRING_LEN;
}
#endif

/* Memory for one object of that type, with GFP_KERNEL unless flags are given: new in
 * 7.0, and in 6.12.118 of its series. 6.18.33 has them without that default.
 */
#ifndef default_gfp
#undef kzalloc_obj
#undef kmalloc_obj
#define compat_default_gfp(a, b, ...)	b
#define default_gfp(...)	compat_default_gfp(, ##__VA_ARGS__, GFP_KERNEL)
#define kzalloc_obj(object, ...)	((typeof(object) *)	\
		kzalloc(sizeof(object), default_gfp(__VA_ARGS__)))
#define kmalloc_obj(object, ...)	((typeof(object) *)	\
		kmalloc(sizeof(object), default_gfp(__VA_ARGS__)))
#endif

/* The name takes its source from __string() alone since 6.10 */
#ifdef COMPAT_HAVE_ASSIGN_STR_2
#define compat_assign_str(dst, src)	__assign_str(dst, src)
#else
#define compat_assign_str(dst, src)	__assign_str(dst)
#endif

/* Defines @name, the remove() of a struct hv_driver, which calls @function;
 * it returns int until 6.2, and the core ignores the value.
 */
#ifdef COMPAT_HAVE_VOID_HV_REMOVE
#define COMPAT_HV_REMOVE(name, function)		\
static void name(struct hv_device *hdev)		\
{							\
	function(hdev);					\
}
#else
#define COMPAT_HV_REMOVE(name, function)		\
static int name(struct hv_device *hdev)			\
{							\
	function(hdev);					\
	return 0;					\
}
#endif

/* Which NAPI serves a queue is only shown since 6.8 */
#ifndef COMPAT_HAVE_QUEUE_SET_NAPI
enum netdev_queue_type {
	NETDEV_QUEUE_TYPE_RX,
	NETDEV_QUEUE_TYPE_TX,
};

static inline void netif_queue_set_napi(struct net_device *dev,
					unsigned int queue_index,
					enum netdev_queue_type type,
					struct napi_struct *napi)
{
}
#endif

/* A NAPI keeps its id and its settings while it is disabled only since 6.13 */
#ifndef COMPAT_HAVE_NAPI_CONFIG
static inline void
netif_napi_add_config(struct net_device *dev, struct napi_struct *napi,
		      int (*poll)(struct napi_struct *, int), int index)
{
	netif_napi_add(dev, napi, poll);
}
#endif

/* Statistics by queue over netlink: since 6.9, and complete since 6.11 */
#ifdef COMPAT_HAVE_QUEUE_STATS
#include <net/netdev_queues.h>

static inline void compat_set_stat_ops(struct net_device *dev,
				       const struct netdev_stat_ops *ops)
{
	dev->stat_ops = ops;
}
#else
struct netdev_queue_stats_rx {
	u64 bytes;
	u64 packets;
	u64 alloc_fail;
};

struct netdev_queue_stats_tx {
	u64 bytes;
	u64 packets;
	u64 hw_drops;
	u64 stop;
	u64 wake;
};

struct netdev_stat_ops {
	void (*get_queue_stats_rx)(struct net_device *dev, int idx,
				   struct netdev_queue_stats_rx *stats);
	void (*get_queue_stats_tx)(struct net_device *dev, int idx,
				   struct netdev_queue_stats_tx *stats);
	void (*get_base_stats)(struct net_device *dev,
			       struct netdev_queue_stats_rx *rx,
			       struct netdev_queue_stats_tx *tx);
};

static inline void compat_set_stat_ops(struct net_device *dev,
				       const struct netdev_stat_ops *ops)
{
}
#endif

/* What a device can do with XDP is said since 6.3, and what it knows of frames
 * beside their bytes since 6.8
 */
#ifdef COMPAT_HAVE_XDP_METADATA
static inline void
compat_set_xdp_metadata_ops(struct net_device *dev,
			    const struct xdp_metadata_ops *ops)
{
	dev->xdp_metadata_ops = ops;
}

static inline u32 compat_xdp_features(const struct net_device *dev)
{
	return READ_ONCE(dev->xdp_features);
}
#else
enum {
	NETDEV_XDP_ACT_BASIC		= BIT(0),
	NETDEV_XDP_ACT_REDIRECT		= BIT(1),
	NETDEV_XDP_ACT_NDO_XMIT		= BIT(2),
	NETDEV_XDP_ACT_XSK_ZEROCOPY	= BIT(3),
	NETDEV_XDP_ACT_RX_SG		= BIT(5),
	NETDEV_XDP_ACT_NDO_XMIT_SG	= BIT(6),
};

enum xdp_rss_hash_type {
	XDP_RSS_TYPE_NONE		= 0,
	XDP_RSS_TYPE_L3_IPV4		= BIT(0),
	XDP_RSS_TYPE_L3_IPV6		= BIT(1),
	XDP_RSS_TYPE_L3_IPV6_EX		= BIT(1) | BIT(2),
	XDP_RSS_TYPE_L4_IPV4_TCP	= BIT(0) | BIT(3) | BIT(4),
	XDP_RSS_TYPE_L4_IPV4_UDP	= BIT(0) | BIT(3) | BIT(5),
	XDP_RSS_TYPE_L4_IPV6_TCP	= BIT(1) | BIT(3) | BIT(4),
	XDP_RSS_TYPE_L4_IPV6_UDP	= BIT(1) | BIT(3) | BIT(5),
	XDP_RSS_TYPE_L4_IPV6_TCP_EX	= BIT(1) | BIT(2) | BIT(3) | BIT(4),
	XDP_RSS_TYPE_L4_IPV6_UDP_EX	= BIT(1) | BIT(2) | BIT(3) | BIT(5),
};

struct xdp_md;

struct xdp_metadata_ops {
	int (*xmo_rx_hash)(const struct xdp_md *ctx, u32 *hash,
			   enum xdp_rss_hash_type *rss_type);
	int (*xmo_rx_vlan_tag)(const struct xdp_md *ctx, __be16 *vlan_proto,
			       u16 *vlan_tci);
};

static inline void xdp_set_features_flag(struct net_device *dev, u32 val)
{
}

/* Whether it takes frames of several pages is not known */
static inline u32 compat_xdp_features(const struct net_device *dev)
{
	return dev->netdev_ops->ndo_xdp_xmit ? NETDEV_XDP_ACT_NDO_XMIT : 0;
}

static inline void
compat_set_xdp_metadata_ops(struct net_device *dev,
			    const struct xdp_metadata_ops *ops)
{
}
#endif

/* AF_XDP sockets have packets in several chunks since 6.6, and room for the driver
 * behind a struct xdp_buff since 6.3
 */
#ifdef COMPAT_HAVE_XSK_FRAGS
static inline void compat_set_xdp_zc_max_segs(struct net_device *dev, u32 segs)
{
	dev->xdp_zc_max_segs = segs;
}
#else
#define XDP_UMEM_SG_FLAG	0
#define XDP_PKT_CONTD		0

static inline void compat_set_xdp_zc_max_segs(struct net_device *dev, u32 segs)
{
}
#endif

#ifdef XSK_PRIV_MAX
#define COMPAT_XSK_CB		XSK_PRIV_MAX
#else
#define COMPAT_XSK_CB		0
#endif

/* Further parts of a received frame, in order; before 6.13 by a list of their own.
 * Those of a pool are the frame's that is looked at just now: 6.1 has none.
 */
#ifdef COMPAT_HAVE_XSKB_LIST_NODE
#define COMPAT_XSKB_NODE	xskb_list_node
#else
#define COMPAT_XSKB_NODE	list_node
#endif
#ifdef COMPAT_HAVE_XSK_FRAGS
#define compat_xsk_for_each_frag(pos, head)				\
	list_for_each_entry(pos,					\
			    &container_of(head, struct xdp_buff_xsk,	\
					  xdp)->pool->xskb_list,	\
			    COMPAT_XSKB_NODE)
#else
#define compat_xsk_for_each_frag(pos, head)	for (pos = NULL; pos; )
#endif

/* Parts of an earlier frame, which nobody has any more; there are none before 6.6 */
static inline void compat_xsk_drop_frags(struct xsk_buff_pool *pool)
{
#ifdef COMPAT_HAVE_XSK_FRAGS
	struct xdp_buff_xsk *pos;

	while (!list_empty(&pool->xskb_list)) {
		pos = list_first_entry(&pool->xskb_list, struct xdp_buff_xsk,
				       COMPAT_XSKB_NODE);
		list_del_init(&pos->COMPAT_XSKB_NODE);
		xsk_buff_free(&pos->xdp);
	}
#endif
}

/* One more part of a received frame. The function of that name is given the first
 * one as well since 6.14, and then makes a fragment itself, of a page that is none.
 */
static inline void compat_xsk_add_frag(struct xdp_buff *xdp)
{
#ifdef COMPAT_HAVE_XSK_ADD_FRAG_2
	struct xdp_buff_xsk *frag = container_of(xdp, struct xdp_buff_xsk, xdp);

	list_add_tail(&frag->COMPAT_XSKB_NODE, &frag->pool->xskb_list);
#elif defined(COMPAT_HAVE_XSK_FRAGS)
	xsk_buff_add_frag(xdp);
#endif
}

/* Take up to @max descriptors out of the rings of a pool's sockets. The pool's buffer
 * for them is as long as the first socket's ring, and filled beyond that for further
 * sockets where the pool does not know its length: 6.1 does not, 6.12.118 and 7.3 do.
 */
static inline u32 compat_xsk_tx_peek(struct xsk_buff_pool *pool,
				     struct xdp_desc *desc, u32 max)
{
	u32 n = 0;

#ifdef COMPAT_HAVE_XSK_TX_DESCS
	n = xsk_tx_peek_release_desc_batch(pool, max);
	memcpy(desc, pool->tx_descs, n * sizeof(*desc));
#else
	while (n < max && xsk_tx_peek_desc(pool, &desc[n]))
		n++;
	if (n)
		xsk_tx_release(pool);
#endif
	return n;
}

/* Has to be told apart from a driver's own since 6.14 */
#ifndef COMPAT_HAVE_XDP_PROPAGATE
static inline int dev_xdp_propagate(struct net_device *dev,
				    struct netdev_bpf *bpf)
{
	if (!dev->netdev_ops->ndo_bpf)
		return -EOPNOTSUPP;
	return dev->netdev_ops->ndo_bpf(dev, bpf);
}
#endif

/* IPv4 has limits of its own since 6.3 */
static inline unsigned int *compat_gso_ipv4_max_size(struct net_device *dev)
{
#ifdef COMPAT_HAVE_GSO_IPV4
	return &dev->gso_ipv4_max_size;
#else
	return &dev->gso_max_size;
#endif
}

/* Likewise since 6.3 */
static inline unsigned int *compat_gro_ipv4_max_size(struct net_device *dev)
{
#ifdef COMPAT_HAVE_GSO_IPV4
	return &dev->gro_ipv4_max_size;
#else
	return &dev->gro_max_size;
#endif
}

/* New names and arguments since 6.18 */
#ifndef COMPAT_HAVE_XDP_SKB_FLAGS
static inline u32 xdp_buff_get_skb_flags(const struct xdp_buff *xdp)
{
	return xdp->flags;
}

static inline void
xdp_update_skb_frags_info(struct sk_buff *skb, u8 nr_frags, unsigned int size,
			  unsigned int truesize, u32 xdp_flags)
{
	xdp_update_skb_shared_info(skb, nr_frags, size, truesize,
				   xdp_flags & XDP_FLAGS_FRAGS_PF_MEMALLOC);
}
#endif

/* Defines @get_op and @set_op, the operations that read and set RSS, which call
 * @get and @set; they have one struct for all parameters since 6.8.
 */
#ifdef COMPAT_HAVE_RXFH_PARAM
#define COMPAT_RXFH(get_op, get, set_op, set)				\
static int get_op(struct net_device *ndev,				\
		  struct ethtool_rxfh_param *param)			\
{									\
	return get(ndev, param);					\
}									\
									\
static int set_op(struct net_device *ndev,				\
		  struct ethtool_rxfh_param *param,			\
		  struct netlink_ext_ack *extack)			\
{									\
	return set(ndev, param, extack);				\
}
#else
struct ethtool_rxfh_param {
	u8 hfunc;
	u32 *indir;
	u8 *key;
};

#define COMPAT_RXFH(get_op, get, set_op, set)				\
static int get_op(struct net_device *ndev, u32 *indir, u8 *key,		\
		  u8 *hfunc)						\
{									\
	struct ethtool_rxfh_param param = {				\
		.indir = indir,						\
		.key = key,						\
	};								\
	int err = get(ndev, &param);					\
									\
	if (hfunc)							\
		*hfunc = param.hfunc;					\
	return err;							\
}									\
									\
static int set_op(struct net_device *ndev, const u32 *indir,		\
		  const u8 *key, const u8 hfunc)			\
{									\
	struct ethtool_rxfh_param param = {				\
		.hfunc = hfunc,						\
		.indir = (u32 *)indir,					\
		.key = (u8 *)key,					\
	};								\
									\
	return set(ndev, &param, NULL);					\
}
#endif

/* Another device's RSS key, and nothing else, as the core sets it for ethtool -X; which
 * holds a lock for that since 6.11, and has one struct for it since 6.8. The caller has
 * asked whether there is the operation.
 */
static inline int compat_set_rxfh_key(struct net_device *dev, u8 *key, u32 len)
{
	const struct ethtool_ops *ops = dev->ethtool_ops;
#ifdef COMPAT_HAVE_RXFH_PARAM
	struct ethtool_rxfh_param param = {
		.hfunc = ETH_RSS_HASH_NO_CHANGE,
		.key_size = len,
		.key = key,
		.input_xfrm = RXH_XFRM_NO_CHANGE,
	};
	int err;

#ifdef COMPAT_HAVE_RSS_LOCK
	mutex_lock(&dev->ethtool->rss_lock);
#endif
	err = ops->set_rxfh(dev, &param, NULL);
#ifdef COMPAT_HAVE_RSS_LOCK
	mutex_unlock(&dev->ethtool->rss_lock);
#endif
	return err;
#else
	return ops->set_rxfh(dev, NULL, key, ETH_RSS_HASH_NO_CHANGE);
#endif
}

/* Defines @get_op and @set_op, the operations behind ethtool -c and -C, which
 * call @get and @set for the batches of transmit; ethtool knows of those since
 * 6.3, so older kernels leave @get and @set unused. The second macro puts them
 * into the table.
 */
#ifdef COMPAT_HAVE_TX_AGGR
#define COMPAT_TX_AGGR(get_op, get, set_op, set)			\
static int get_op(struct net_device *ndev,				\
		  struct ethtool_coalesce *coal,			\
		  struct kernel_ethtool_coalesce *kernel_coal,		\
		  struct netlink_ext_ack *extack)			\
{									\
	get(ndev, &kernel_coal->tx_aggr_max_frames,			\
	    &kernel_coal->tx_aggr_max_bytes);				\
	return 0;							\
}									\
									\
static int set_op(struct net_device *ndev,				\
		  struct ethtool_coalesce *coal,			\
		  struct kernel_ethtool_coalesce *kernel_coal,		\
		  struct netlink_ext_ack *extack)			\
{									\
	return set(ndev, kernel_coal->tx_aggr_max_frames,		\
		   kernel_coal->tx_aggr_max_bytes, extack);		\
}

#define COMPAT_TX_AGGR_OPS(get_op, set_op)				\
	.supported_coalesce_params = ETHTOOL_COALESCE_TX_AGGR_MAX_BYTES |	\
				     ETHTOOL_COALESCE_TX_AGGR_MAX_FRAMES,	\
	.get_coalesce		= get_op,				\
	.set_coalesce		= set_op,
#else
#define COMPAT_TX_AGGR(get_op, get, set_op, set)
#define COMPAT_TX_AGGR_OPS(get_op, set_op)
#endif

/* Likewise for the fields that are hashed, and the number of rings: operations
 * of their own since 6.17 and 6.19, before that commands of one, which may go
 * unused. The second macro puts them into the table.
 */
#ifdef COMPAT_HAVE_RXFH_FIELDS
#define COMPAT_RXFH_FIELDS_OPS(get, set)				\
	.get_rxfh_fields	= get,					\
	.set_rxfh_fields	= set,
#else
struct ethtool_rxfh_fields {
	u32 data;
	u32 flow_type;
};

#define COMPAT_RXFH_FIELDS_OPS(get, set)
#endif

/* The number of rings since 6.19; the two operations below it until then */
#ifdef COMPAT_HAVE_RX_RING_COUNT
#define COMPAT_RXNFC(get_op, get, set_op, set, count)
#define COMPAT_RXNFC_OPS(get_op, get, set_op, set, count)		\
	COMPAT_RXFH_FIELDS_OPS(get, set)				\
	.get_rx_ring_count	= count,
#else
#define COMPAT_RXNFC(get_op, get, set_op, set, count)			\
static int get_op(struct net_device *ndev, struct ethtool_rxnfc *info,	\
		  u32 *rules)						\
{									\
	struct ethtool_rxfh_fields fields = {				\
		.flow_type = info->flow_type,				\
	};								\
	int err;							\
									\
	switch (info->cmd) {						\
	case ETHTOOL_GRXRINGS:						\
		info->data = count(ndev);				\
		return 0;						\
	case ETHTOOL_GRXFH:						\
		err = get(ndev, &fields);				\
		info->data = fields.data;				\
		return err;						\
	default:							\
		return -EOPNOTSUPP;					\
	}								\
}									\
									\
static int set_op(struct net_device *ndev, struct ethtool_rxnfc *info)	\
{									\
	const struct ethtool_rxfh_fields fields = {			\
		.data = info->data,					\
		.flow_type = info->flow_type,				\
	};								\
									\
	if (info->cmd != ETHTOOL_SRXFH || info->data != fields.data)	\
		return -EOPNOTSUPP;					\
	return set(ndev, &fields, NULL);				\
}

#define COMPAT_RXNFC_OPS(get_op, get, set_op, set, count)		\
	COMPAT_RXFH_FIELDS_OPS(get, set)				\
	.get_rxnfc		= get_op,				\
	.set_rxnfc		= set_op,
#endif

/* Until 6.3 memory that a guest isolated by SEV-SNP shares with the host is read and
 * written above the boundary of what is private
 */
#ifdef COMPAT_HAVE_HV_MAP_MEMORY
#include <asm/mshyperv.h>

static inline void *compat_map_shared(void *mem, unsigned long len)
{
	return hv_isolation_type_snp() ? hv_map_memory(mem, len) : mem;
}

static inline void compat_unmap_shared(void *addr, void *mem)
{
	if (addr && addr != mem)
		hv_unmap_memory(addr);
}
#else
static inline void *compat_map_shared(void *mem, unsigned long len)
{
	return mem;
}

static inline void compat_unmap_shared(void *addr, void *mem)
{
}
#endif

#endif /* _HYPERV_NET_COMPAT_H */
