// SPDX-License-Identifier: GPL-2.0
/*
 * Uplink: a TAP interface of this machine, with virtio_net_hdr, so that its
 * kernel can take over checksums and segmentation and leave us the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "loop.h"
#include "netpkt.h"
#include "uplink.h"

#define TAP_BURST	64	/* frames before others have their turn */
#define TAP_HEADROOM	4	/* for a tag put in by the receiver */

struct tap {
	struct uplink up;
	int fd;
	u8 buf[TAP_HEADROOM + NET_FRAME_MAX];
};

static int tap_send(struct uplink *up, struct net_frame *frame)
{
	struct tap *tap = (struct tap *)up;
	struct iovec iov[2] = {
		{ &frame->vh, sizeof(frame->vh) },
		{ frame->data, frame->len },
	};

	if (writev(tap->fd, iov, 2) >= 0)
		return 0;
	return errno == ENOBUFS ? -EAGAIN : -errno;
}

static void tap_close(struct uplink *up)
{
	struct tap *tap = (struct tap *)up;

	loop_del_fd(tap->fd);
	close(tap->fd);
	free(tap);
}

static const struct uplink_ops tap_ops = {
	.send = tap_send,
	.close = tap_close,
};

static void tap_readable(void *ctx, uint32_t events)
{
	struct tap *tap = ctx;
	struct net_frame frame;
	struct iovec iov[2];
	unsigned int i;
	ssize_t len;

	(void)events;
	for (i = 0; i < TAP_BURST; i++) {
		iov[0] = (struct iovec){ &frame.vh, sizeof(frame.vh) };
		iov[1] = (struct iovec){ tap->buf + TAP_HEADROOM, NET_FRAME_MAX };
		len = readv(tap->fd, iov, 2);
		if (len < (ssize_t)(sizeof(frame.vh) + NETPKT_ETH_HLEN))
			return;
		frame.data = tap->buf + TAP_HEADROOM;
		frame.len = (u32)(len - (ssize_t)sizeof(frame.vh));
		tap->up.recv(tap->up.ctx, &frame);
	}
}

static int tap_fail(const char *ifname, const char *what, int err)
{
	const char *hint = "";

	if (err == ENOENT || err == ENODEV)
		hint = " (load the tun module)";
	else if (err == EPERM || err == EACCES)
		hint = " (needs root, or a TAP that was made for this user)";
	else if (err == EBUSY)
		hint = " (another program is attached to it)";
	else if (err == EINVAL)
		hint = " (is there an interface of this name that is no TAP?)";
	fprintf(stderr, "hvhost: --nic: tap=%s: %s: %s%s\n", ifname, what,
		strerror(err), hint);
	return -err;
}

/* An interface that we made ourselves has nobody else to bring it up */
static int tap_set_up(const char *ifname)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr;
	int ret = 0;

	if (fd < 0)
		return -errno;
	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, ifname, strlen(ifname));
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) < 0) {
		ret = -errno;
	} else if (!(ifr.ifr_flags & IFF_UP)) {
		ifr.ifr_flags |= IFF_UP;
		if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
			ret = -errno;
	}
	close(fd);
	return ret;
}

static int tap_attach(int fd, const char *ifname)
{
	unsigned int offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 |
				TUN_F_TSO_ECN;
	int hdr_len = sizeof(struct virtio_net_hdr);
	struct ifreq ifr;
	int ret;

	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, ifname, strlen(ifname));
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	if (ioctl(fd, TUNSETIFF, &ifr) < 0)
		return tap_fail(ifname, "cannot attach", errno);
	if (ioctl(fd, TUNSETVNETHDRSZ, &hdr_len) < 0)
		return tap_fail(ifname, "cannot set the header size", errno);
	if (ioctl(fd, TUNSETOFFLOAD, offloads) < 0)
		return tap_fail(ifname, "cannot set offloads", errno);
	ret = tap_set_up(ifname);
	return ret ? tap_fail(ifname, "cannot bring it up", -ret) : 0;
}

int tap_open(const char *ifname, uplink_recv_fn recv, void *ctx, struct uplink **up)
{
	struct tap *tap = calloc(1, sizeof(*tap));
	int ret;

	if (!tap)
		return -ENOMEM;
	tap->up = (struct uplink){ &tap_ops, recv, ctx };
	tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (tap->fd < 0) {
		ret = tap_fail(ifname, "cannot open /dev/net/tun", errno);
		goto err_free;
	}
	ret = tap_attach(tap->fd, ifname);
	if (!ret)
		ret = loop_add_fd(tap->fd, EPOLLIN, tap_readable, tap);
	if (!ret) {
		*up = &tap->up;
		return 0;
	}
	close(tap->fd);

err_free:
	free(tap);
	return ret;
}
