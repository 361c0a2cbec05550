// SPDX-License-Identifier: GPL-2.0
/*
 * The programs of verdict.bpf.c for frames of several pages. They are loaded by
 * themselves: no map of devices, CPUs or programs can be used by both kinds.
 */
#define SECTION "xdp.frags"
#include "verdict.bpf.c"
