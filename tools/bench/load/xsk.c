// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP: a process with a socket for each queue. It is set up before a section
 * begins, and does nothing in it but what it is asked for: rings and memory are
 * large enough for everything that comes.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_xdp.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "load.h"

#define CHUNK		2048
#define CHUNKS_MAX	65536
#define QUEUES_MAX	16
#define FRAME		60
#define BURST		32	/* frames at a time */
#define ETHERTYPE_LOCAL	0x88B5	/* for experiments (IEEE 802) */

struct ring {
	uint32_t *producer, *consumer;
	void *desc;
};

struct queue {
	int fd;
	struct ring fill, done, rx, tx;
};

static struct queue queue[QUEUES_MAX];
static uint32_t queues, chunks;
static unsigned char *umem;

static void map_ring(struct ring *ring, int fd, const struct xdp_ring_offset *off,
		     size_t desc_size, off_t pgoff)
{
	char *base = mmap(NULL, off->desc + chunks * desc_size,
			  PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, pgoff);

	if (base == MAP_FAILED)
		die("mapping a ring", strerror(errno));
	ring->producer = (void *)(base + off->producer);
	ring->consumer = (void *)(base + off->consumer);
	ring->desc = base + off->desc;
}

static void set(int fd, int option, const void *value, socklen_t len)
{
	if (setsockopt(fd, SOL_XDP, option, value, len))
		die("an option of AF_XDP", strerror(errno));
}

static void map_rings(struct queue *q)
{
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);

	set(q->fd, XDP_UMEM_FILL_RING, &chunks, sizeof(chunks));
	set(q->fd, XDP_UMEM_COMPLETION_RING, &chunks, sizeof(chunks));
	set(q->fd, XDP_RX_RING, &chunks, sizeof(chunks));
	set(q->fd, XDP_TX_RING, &chunks, sizeof(chunks));
	if (getsockopt(q->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len))
		die("offsets of AF_XDP's rings", strerror(errno));
	map_ring(&q->fill, q->fd, &off.fr, sizeof(uint64_t), XDP_UMEM_PGOFF_FILL_RING);
	map_ring(&q->done, q->fd, &off.cr, sizeof(uint64_t),
		 XDP_UMEM_PGOFF_COMPLETION_RING);
	map_ring(&q->rx, q->fd, &off.rx, sizeof(struct xdp_desc), XDP_PGOFF_RX_RING);
	map_ring(&q->tx, q->fd, &off.tx, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING);
}

static void open_queue(uint32_t nr, uint32_t ifindex, int copy)
{
	struct xdp_umem_reg reg = {
		.addr = (uintptr_t)umem, .chunk_size = CHUNK,
		.len = (uint64_t)queues * chunks * CHUNK,
	};
	struct sockaddr_xdp to = {
		.sxdp_family = AF_XDP, .sxdp_ifindex = ifindex, .sxdp_queue_id = nr,
		.sxdp_flags = (copy ? XDP_COPY : 0) | XDP_USE_NEED_WAKEUP,
	};
	struct queue *q = &queue[nr];
	uint64_t *fill;

	q->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (q->fd < 0)
		die("socket of AF_XDP", strerror(errno));
	if (nr) {
		to.sxdp_flags = XDP_SHARED_UMEM;
		to.sxdp_shared_umem_fd = (uint32_t)queue[0].fd;
	} else {
		set(q->fd, XDP_UMEM_REG, &reg, sizeof(reg));
	}
	map_rings(q);
	fill = q->fill.desc;
	for (uint32_t i = 0; i < chunks; i++)
		fill[i] = ((uint64_t)nr * chunks + i) * CHUNK;
	__atomic_store_n(q->fill.producer, chunks, __ATOMIC_RELEASE);
	if (bind(q->fd, (struct sockaddr *)&to, sizeof(to)))
		die("binding to a queue", strerror(errno));
}

static const char *mode(void)
{
	struct xdp_options options = {};
	socklen_t len = sizeof(options);

	getsockopt(queue[0].fd, SOL_XDP, XDP_OPTIONS, &options, &len);
	return options.flags & XDP_OPTIONS_ZEROCOPY ? "zero-copy" : "copy";
}

static void fill_map(const char *path)
{
	union bpf_attr attr;
	long map;

	/* An initialiser may leave what is beside the members it names as it was. */
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)path;
	map = syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
	if (map < 0)
		die(path, strerror(errno));
	for (uint32_t nr = 0; nr < queues; nr++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)map;
		attr.key = (uintptr_t)&nr;
		attr.value = (uintptr_t)&queue[nr].fd;
		if (syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)))
			die("putting a socket into the map", strerror(errno));
	}
}

/* To an address that the peer throws away. What the kernel has not taken at once it
 * is asked to take again.
 */
static void send_frames(uint32_t count)
{
	struct queue *q = &queue[0];
	struct xdp_desc *desc = q->tx.desc;
	uint32_t end = *q->tx.producer, i;

	for (i = 0; i < count; i++) {
		desc[end++ % chunks] = (struct xdp_desc) {
			.addr = (uint64_t)(i % chunks) * CHUNK, .len = FRAME,
		};
		if ((i + 1) % BURST && i + 1 < count)
			continue;
		__atomic_store_n(q->tx.producer, end, __ATOMIC_RELEASE);
		while (__atomic_load_n(q->tx.consumer, __ATOMIC_ACQUIRE) != end) {
			sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
			if (__atomic_load_n(q->tx.consumer, __ATOMIC_ACQUIRE) != end)
				usleep(RUN_PAUSE_US);
		}
		__atomic_store_n(q->done.consumer,
				 __atomic_load_n(q->done.producer, __ATOMIC_ACQUIRE),
				 __ATOMIC_RELEASE);
		if (!((i + 1) % RUN))
			usleep(RUN_PAUSE_US);
	}
}

static uint32_t received(void)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < queues; i++)
		sum += __atomic_load_n(queue[i].rx.producer, __ATOMIC_ACQUIRE);
	return sum;
}

static const struct sockaddr_un asked = {
	.sun_family = AF_UNIX, .sun_path = "/run/load-xsk",
};

static int unix_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket", strerror(errno));
	return fd;
}

/* What it is asked: a number of frames to send, or 0 to end */
static void serve_asked(void)
{
	int fd = unix_socket();
	char text[64];

	unlink(asked.sun_path);
	if (bind(fd, (const struct sockaddr *)&asked, sizeof(asked)))
		die("bind", strerror(errno));
	printf("bound %s\nready\n", mode());
	fflush(stdout);
	for (;;) {
		struct sockaddr_un from;
		socklen_t len = sizeof(from);
		uint32_t count;

		if (recvfrom(fd, &count, sizeof(count), 0, (struct sockaddr *)&from,
			     &len) != sizeof(count))
			continue;
		send_frames(count);
		snprintf(text, sizeof(text), "received %u", received());
		sendto(fd, text, strlen(text), 0, (struct sockaddr *)&from, len);
		if (!count)
			return;
	}
}

int cmd_xsk(int argc, char **argv)
{
	uint32_t ifindex = if_nametoindex(argv[1]);
	struct ethhdr eth = {
		.h_dest = { 2, 0, 0, 0, 0, 0x99 }, .h_source = { 2, 0, 0, 0, 0, 0x98 },
		.h_proto = htons(ETHERTYPE_LOCAL),
	};

	(void)argc;
	alarm(10 * LIMIT_S);
	queues = number(argv[2], QUEUES_MAX);
	for (chunks = 1; chunks < number(argv[4], CHUNKS_MAX);)
		chunks *= 2;
	umem = mmap(NULL, (size_t)queues * chunks * CHUNK, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (!ifindex || umem == MAP_FAILED)
		die(argv[1], strerror(errno));
	for (uint32_t i = 0; i < chunks; i++)
		memcpy(umem + (size_t)i * CHUNK, &eth, sizeof(eth));
	for (uint32_t i = 0; i < queues; i++)
		open_queue(i, ifindex, !strcmp(argv[5], "copy"));
	fill_map(argv[3]);
	serve_asked();
	return 0;
}

int cmd_xsk_ask(int argc, char **argv)
{
	uint32_t count = argc == 2 ? number(argv[1], 1000000) : 0;
	sa_family_t any = AF_UNIX;
	int fd = unix_socket();
	char text[64] = "";

	/* With an address that the kernel chooses, for the answer */
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    sendto(fd, &count, sizeof(count), 0, (const struct sockaddr *)&asked,
		   sizeof(asked)) != sizeof(count) ||
	    recv(fd, text, sizeof(text) - 1, 0) < 0)
		die("asking load xsk", strerror(errno));
	puts(text);
	return 0;
}
