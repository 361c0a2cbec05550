/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What metadata.bpf.c puts in front of a frame for a socket, and xsk.c reads.
 */
#ifndef METADATA_H
#define METADATA_H

#include <linux/types.h>

struct metadata {
	__u32 hash_error;	/* 0, or it was refused with this errno */
	__u32 hash;
	__u32 hash_type;
	__u32 tag_error;
	__u32 tag;
};

#endif
