# SPDX-License-Identifier: GPL-2.0
# What the kernel that is built for has: probes of its headers, because
# distributions backport and version numbers lie.

# $(call compat-file,FILE,NAME): defines NAME where the file exists.
compat-file = $(if $(wildcard $(srctree)/include/$(1)),-D$(2))
# $(call compat-text,FILE,REGEX,NAME): defines NAME where the file has the text. A
# regex has a dot for each bracket and comma: those are make's.
compat-text = $(shell grep -Eqs '$(2)' $(srctree)/include/$(1) && echo -D$(3))

ccflags-y += $(call compat-file,net/page_pool/helpers.h,COMPAT_HAVE_PAGE_POOL_HELPERS)
ccflags-y += $(call compat-text,net/page_pool/types.h,struct napi_struct [*]napi;,COMPAT_HAVE_PP_NAPI)
ccflags-y += $(call compat-file,net/gso.h,COMPAT_HAVE_GSO)
ccflags-y += $(call compat-file,net/netdev_lock.h,COMPAT_HAVE_NETDEV_LOCK)
ccflags-y += $(call compat-text,linux/netdevice.h,void napi_disable_locked,COMPAT_HAVE_NAPI_LOCKED)
ccflags-y += $(call compat-text,linux/ethtool.h,void ethtool_puts,COMPAT_HAVE_ETHTOOL_PUTS)
ccflags-y += $(call compat-text,linux/hyperv.h,void ..remove..struct hv_device,COMPAT_HAVE_VOID_HV_REMOVE)
ccflags-y += $(call compat-text,trace/stages/stage6_event_callback.h,define __assign_str.dst. src,COMPAT_HAVE_ASSIGN_STR_2)
ccflags-y += $(call compat-text,linux/ethtool.h,^struct ethtool_rxfh_param,COMPAT_HAVE_RXFH_PARAM)
ccflags-y += $(call compat-text,linux/ethtool.h,struct mutex.*rss_lock;,COMPAT_HAVE_RSS_LOCK)
ccflags-y += $(call compat-text,linux/ethtool.h,[*]get_rxfh_fields,COMPAT_HAVE_RXFH_FIELDS)
ccflags-y += $(call compat-text,linux/ethtool.h,[*]get_rx_ring_count,COMPAT_HAVE_RX_RING_COUNT)
ccflags-y += $(call compat-text,linux/netdevice.h,void netif_queue_set_napi,COMPAT_HAVE_QUEUE_SET_NAPI)
ccflags-y += $(call compat-text,net/netdev_queues.h,u64 wake;,COMPAT_HAVE_QUEUE_STATS)
ccflags-y += $(call compat-text,linux/netdevice.h,^netif_napi_add_config,COMPAT_HAVE_NAPI_CONFIG)
ccflags-y += $(call compat-text,linux/ethtool.h,u32 tx_aggr_max_bytes;,COMPAT_HAVE_TX_AGGR)
ccflags-y += $(call compat-text,linux/netdevice.h,^.IFF_NO_ADDRCONF,COMPAT_HAVE_NO_ADDRCONF)
ccflags-y += $(call compat-text,linux/netdevice.h,int dev_set_mac_address.*sockaddr_storage,COMPAT_HAVE_MAC_STORAGE)
ccflags-y += $(call compat-text,net/xdp.h,xmo_rx_vlan_tag,COMPAT_HAVE_XDP_METADATA)
ccflags-y += $(call compat-text,net/xdp.h,xdp_update_skb_frags_info,COMPAT_HAVE_XDP_SKB_FLAGS)
ccflags-y += $(call compat-text,linux/netdevice.h,unsigned int.*gso_ipv4_max_size;,COMPAT_HAVE_GSO_IPV4)
ccflags-y += $(call compat-text,linux/netdevice.h,int dev_xdp_propagate,COMPAT_HAVE_XDP_PROPAGATE)
ccflags-y += $(call compat-text,net/xdp_sock_drv.h,void xsk_buff_add_frag|bool xsk_buff_add_frag,COMPAT_HAVE_XSK_FRAGS)
ccflags-y += $(call compat-text,net/xdp_sock_drv.h,bool xsk_buff_add_frag,COMPAT_HAVE_XSK_ADD_FRAG_2)
ccflags-y += $(call compat-text,net/xsk_buff_pool.h,struct list_head xskb_list_node,COMPAT_HAVE_XSKB_LIST_NODE)
ccflags-y += $(call compat-text,net/xsk_buff_pool.h,u32 tx_descs_nentries;,COMPAT_HAVE_XSK_TX_DESCS)
ccflags-y += $(call compat-text,asm-generic/mshyperv.h,void [*]hv_map_memory,COMPAT_HAVE_HV_MAP_MEMORY)
