# SPDX-License-Identifier: GPL-2.0
# For modules that are built outside the kernel's tree, which has a revision of
# its own. Ours is in an object of its own: when it changes, only that is compiled
# anew. Who builds where git is missing names it.

ifdef KBUILD_EXTMOD
COMPAT_REVISION ?= $(shell sh $(src)/compat/revision.sh)

hv_netvsc-m += compat/revision.o
CFLAGS_compat/revision.o := -DCOMPAT_REVISION='"$(COMPAT_REVISION)"'
endif
