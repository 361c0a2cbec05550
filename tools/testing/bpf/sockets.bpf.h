/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AF_XDP sockets by queue, as xsk.c puts them there.
 */
#ifndef SOCKETS_BPF_H
#define SOCKETS_BPF_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

#endif
