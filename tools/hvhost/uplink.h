/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a NIC's frames go to and come from. A TAP and a port of the built-in
 * switch have the same shape: an operation to send, and a callback for what
 * arrives.
 */
#ifndef HVHOST_UPLINK_H
#define HVHOST_UPLINK_H

#include <linux/virtio_net.h>

#include "../../wire_types.h"

/* Largest frame that travels: 64 KiB of IP behind an Ethernet header and tag */
#define NET_FRAME_MAX	(65535 + 18)

/**
 * struct net_frame - one Ethernet frame in private memory
 * @vh: what is left to do to it: checksum, segmentation (as the TAP has it,
 *	little-endian); all zero for a frame that is complete
 * @data: first byte of the Ethernet header; belongs to whoever hands the frame
 *	on, and the callee may write to it until it returns
 * @len: bytes, no FCS
 */
struct net_frame {
	struct virtio_net_hdr vh;
	u8 *data;
	u32 len;
};

struct uplink;

/**
 * typedef uplink_recv_fn - a frame arrived
 * Context: I/O thread. Must copy what it wants to keep.
 */
typedef void (*uplink_recv_fn)(void *ctx, struct net_frame *frame);

/**
 * struct uplink_ops - what an uplink can do
 * @send: take one frame. Return 0; -EAGAIN no room, the frame is lost; other
 *	-errno when the frame was refused.
 * @close: end it and free it
 */
struct uplink_ops {
	int (*send)(struct uplink *up, struct net_frame *frame);
	void (*close)(struct uplink *up);
};

/**
 * struct uplink - base of each kind, first member of its struct
 * @ops: of the kind
 * @recv: called for each frame that arrives
 * @ctx: argument of @recv
 */
struct uplink {
	const struct uplink_ops *ops;
	uplink_recv_fn recv;
	void *ctx;
};

/**
 * tap_open() - attach to a TAP interface, or create it
 * @ifname: its name
 *
 * The interface speaks virtio_net_hdr; checksums and TCP segments may be left
 * undone in both directions.
 *
 * Context: I/O thread. A failure is told on stderr.
 * Return: 0 and *@up, or -errno.
 */
int tap_open(const char *ifname, uplink_recv_fn recv, void *ctx,
	     struct uplink **up);

/**
 * switch_open() - a new port of the built-in switch of that name
 * Context: I/O thread.
 * Return: 0 and *@up, or -ENOMEM.
 */
int switch_open(const char *name, uplink_recv_fn recv, void *ctx,
		struct uplink **up);

#endif
