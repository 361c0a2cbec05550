# SPDX-License-Identifier: GPL-2.0
# What the kernel that is built for has: probes of its source, because
# distributions backport and version numbers lie.

compat-flag = $(if $(wildcard $(srctree)/$(1)),-D$(2))

ccflags-y += $(call compat-flag,include/net/page_pool/helpers.h,COMPAT_HAVE_PAGE_POOL_HELPERS)
