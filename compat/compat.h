/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything in which the supported kernels differ. Each shim has the name
 * and the signature of the newest kernel; nothing outside this folder asks
 * for a kernel's version. COMPAT_HAVE_* come from probes.mk.
 */
#ifndef _HYPERV_NET_COMPAT_H
#define _HYPERV_NET_COMPAT_H

#include <linux/skbuff.h>

/* One header until 6.5 */
#ifdef COMPAT_HAVE_PAGE_POOL_HELPERS
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif

/* A page pool that hands out fragments has to say so until 6.6: this flag is
 * an alias of nothing where the kernel does not know it.
 */
#ifdef PP_FLAG_PAGE_FRAG
#define COMPAT_PP_FLAG_PAGE_FRAG	PP_FLAG_PAGE_FRAG
#else
#define COMPAT_PP_FLAG_PAGE_FRAG	0
#endif

/* __assign_str() has two arguments until 6.9 */
#define compat_assign_str(dst, src)	__assign_str(dst, src)

#endif /* _HYPERV_NET_COMPAT_H */
