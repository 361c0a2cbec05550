// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP sockets in copy mode, one for each queue of an interface, which share one
 * UMEM: receives UDP datagrams over IPv4 whose byte n is n & 255, and sends them
 * back if asked to. A static program, for an initramfs that has nothing else.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_xdp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SO_PREFER_BUSY_POLL
#define SO_PREFER_BUSY_POLL	69
#define SO_BUSY_POLL_BUDGET	70
#endif

#define CHUNK		4096
#define RING		256	/* descriptors of each ring, and chunks of a queue */
#define QUEUES_MAX	64
#define HEADERS		(sizeof(struct ethhdr) + sizeof(struct iphdr) + \
			 sizeof(struct udphdr))

static const char usage[] =
"usage: xsk INTERFACE QUEUES MAP COUNT SECONDS [echo] [busy] [zero-copy]\n"
"\n"
"Puts a socket for each queue into the pinned XSKMAP MAP, says 'ready', and takes\n"
"COUNT frames, or what comes within SECONDS. echo: sends each back; busy: polls\n"
"the queues itself; zero-copy: as the device has it, or not at all. Prints\n"
"'received N wrong N sent N wakeups N'.\n"
"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

/* A ring that is shared with the kernel */
struct ring {
	unsigned int *producer, *consumer, *flags;
	void *desc;
};

struct queue {
	int fd;
	struct ring fill, done, rx, tx;
	unsigned int under_way;	/* sent, and not done */
};

static struct queue queue[QUEUES_MAX];
static unsigned char *umem;
static unsigned long received, wrong, sent, wakeups;

static void give_up(const char *what)
{
	fprintf(stderr, "xsk: %s: %s; is there a program, and the interface up?\n",
		what, strerror(errno));
	exit(1);
}

static void set(int fd, int option, const void *value, socklen_t len,
		const char *what)
{
	if (setsockopt(fd, SOL_XDP, option, value, len))
		give_up(what);
}

static void map_ring(struct ring *ring, int fd, const struct xdp_ring_offset *off,
		     size_t desc_size, off_t pgoff)
{
	char *base = mmap(NULL, off->desc + RING * desc_size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_POPULATE, fd, pgoff);

	if (base == MAP_FAILED)
		give_up("mapping a ring");
	ring->producer = (void *)(base + off->producer);
	ring->consumer = (void *)(base + off->consumer);
	ring->flags = (void *)(base + off->flags);
	ring->desc = base + off->desc;
}

static bool wants_wakeup(const struct ring *ring)
{
	return __atomic_load_n(ring->flags, __ATOMIC_ACQUIRE) & XDP_RING_NEED_WAKEUP;
}

/* Number of descriptors that the kernel has put there, or taken */
static unsigned int ready(const struct ring *ring)
{
	return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - *ring->consumer;
}

static void give(struct ring *ring, __u64 addr)
{
	__u64 *desc = ring->desc;

	desc[*ring->producer % RING] = addr;
	__atomic_store_n(ring->producer, *ring->producer + 1, __ATOMIC_RELEASE);
}

static void open_socket(unsigned int nr, unsigned int ifindex, unsigned int queues,
			bool zero_copy)
{
	struct xdp_umem_reg reg = {
		.addr = (unsigned long)umem, .chunk_size = CHUNK,
		.len = (unsigned long)queues * RING * CHUNK,
	};
	struct sockaddr_xdp to = {
		.sxdp_family = AF_XDP, .sxdp_ifindex = ifindex, .sxdp_queue_id = nr,
		.sxdp_flags = (zero_copy ? XDP_ZEROCOPY : XDP_COPY) |
			      XDP_USE_NEED_WAKEUP,
	};
	struct queue *q = &queue[nr];
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);
	int size = RING;

	q->fd = socket(AF_XDP, SOCK_RAW, 0);
	if (q->fd < 0)
		give_up("making a socket");
	if (!nr) {
		set(q->fd, XDP_UMEM_REG, &reg, sizeof(reg), "the memory");
	} else {
		to.sxdp_flags = XDP_SHARED_UMEM;
		to.sxdp_shared_umem_fd = (__u32)queue[0].fd;
	}
	set(q->fd, XDP_UMEM_FILL_RING, &size, sizeof(size), "a ring");
	set(q->fd, XDP_UMEM_COMPLETION_RING, &size, sizeof(size), "a ring");
	set(q->fd, XDP_RX_RING, &size, sizeof(size), "a ring");
	set(q->fd, XDP_TX_RING, &size, sizeof(size), "a ring");
	if (getsockopt(q->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len))
		give_up("asking for offsets");
	map_ring(&q->fill, q->fd, &off.fr, sizeof(__u64), XDP_UMEM_PGOFF_FILL_RING);
	map_ring(&q->done, q->fd, &off.cr, sizeof(__u64),
		 XDP_UMEM_PGOFF_COMPLETION_RING);
	map_ring(&q->rx, q->fd, &off.rx, sizeof(struct xdp_desc), XDP_PGOFF_RX_RING);
	map_ring(&q->tx, q->fd, &off.tx, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING);
	for (unsigned int i = 0; i < RING; i++)
		give(&q->fill, ((__u64)nr * RING + i) * CHUNK);
	if (bind(q->fd, (void *)&to, sizeof(to)))
		give_up("binding to a queue");
}

static long bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static void fill_map(const char *path, unsigned int queues)
{
	union bpf_attr attr;
	long map;

	/* An initialiser may leave what is beside the members it names as it was. */
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (unsigned long)path;
	map = bpf(BPF_OBJ_GET, &attr);
	if (map < 0)
		give_up(path);
	for (__u32 nr = 0; nr < queues; nr++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (__u32)map;
		attr.key = (unsigned long)&nr;
		attr.value = (unsigned long)&queue[nr].fd;
		if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
			give_up("putting a socket into the map");
	}
}

static void poll_busily(int fd)
{
	int on = 1, us = 50, budget = 64;

	if (setsockopt(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL, &us, sizeof(us)) ||
	    setsockopt(fd, SOL_SOCKET, SO_BUSY_POLL_BUDGET, &budget, sizeof(budget)))
		give_up("busy polling");
}

static bool is_whole(const unsigned char *frame, unsigned int len)
{
	for (unsigned int i = HEADERS; i < len; i++)
		if (frame[i] != ((i - HEADERS) & 255))
			return false;
	return len > HEADERS;
}

static void turn_round(unsigned char *frame)
{
	struct iphdr *ip = (void *)(frame + sizeof(struct ethhdr));
	struct udphdr *udp = (void *)(ip + 1);
	unsigned char mac[ETH_ALEN];
	__be32 addr = ip->saddr;
	__be16 port = udp->source;

	memcpy(mac, frame, ETH_ALEN);
	memcpy(frame, frame + ETH_ALEN, ETH_ALEN);
	memcpy(frame + ETH_ALEN, mac, ETH_ALEN);
	ip->saddr = ip->daddr;
	ip->daddr = addr;
	udp->source = udp->dest;
	udp->dest = port;
}

static void take(struct queue *q, bool echo)
{
	while (ready(&q->rx)) {
		struct xdp_desc *desc = q->rx.desc, *out = q->tx.desc;
		struct xdp_desc got = desc[*q->rx.consumer % RING];

		__atomic_store_n(q->rx.consumer, *q->rx.consumer + 1,
				 __ATOMIC_RELEASE);
		received++;
		wrong += !is_whole(umem + got.addr, got.len);
		if (!echo) {
			give(&q->fill, got.addr);
			continue;
		}
		turn_round(umem + got.addr);
		out[*q->tx.producer % RING] = got;
		__atomic_store_n(q->tx.producer, *q->tx.producer + 1,
				 __ATOMIC_RELEASE);
		q->under_way++;
	}
}

/* What was sent is room to receive into again */
static void finish(struct queue *q)
{
	while (ready(&q->done)) {
		__u64 *desc = q->done.desc;
		__u64 addr = desc[*q->done.consumer % RING];

		__atomic_store_n(q->done.consumer, *q->done.consumer + 1,
				 __ATOMIC_RELEASE);
		/* The kernel may hand it out anywhere in its chunk */
		give(&q->fill, addr / CHUNK * CHUNK);
		q->under_way--;
		sent++;
	}
}

static void wake(struct queue *q, bool busy)
{
	if (q->under_way && wants_wakeup(&q->tx)) {
		wakeups++;
		sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
	}
	if (busy || wants_wakeup(&q->fill))
		recvfrom(q->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

static void run(unsigned int queues, unsigned long count, time_t seconds, bool echo,
		bool busy)
{
	struct pollfd fds[QUEUES_MAX];
	time_t end = time(NULL) + seconds;

	for (unsigned int i = 0; i < queues; i++)
		fds[i] = (struct pollfd) { .fd = queue[i].fd, .events = POLLIN };
	while ((received < count || (echo && sent < received)) && time(NULL) < end) {
		poll(fds, queues, busy ? 0 : 100);
		for (unsigned int i = 0; i < queues; i++) {
			take(&queue[i], echo);
			wake(&queue[i], busy);
			finish(&queue[i]);
		}
	}
}

int main(int argc, char **argv)
{
	bool echo = false, busy = false, zero_copy = false;
	unsigned int queues, ifindex;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	for (int i = 6; i < argc; i++) {
		echo |= !strcmp(argv[i], "echo");
		busy |= !strcmp(argv[i], "busy");
		zero_copy |= !strcmp(argv[i], "zero-copy");
	}
	queues = argc < 6 ? 0 : (unsigned int)atoi(argv[2]);
	if (!queues || queues > QUEUES_MAX) {
		fputs(usage, stderr);
		return 2;
	}
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex)
		give_up(argv[1]);
	umem = mmap(NULL, (size_t)queues * RING * CHUNK, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (umem == MAP_FAILED)
		give_up("memory");
	for (unsigned int i = 0; i < queues; i++) {
		open_socket(i, ifindex, queues, zero_copy);
		if (busy)
			poll_busily(queue[i].fd);
	}
	fill_map(argv[3], queues);
	printf("ready\n");
	fflush(stdout);
	run(queues, strtoul(argv[4], NULL, 10), atoi(argv[5]), echo, busy);
	printf("received %lu wrong %lu sent %lu wakeups %lu\n", received, wrong, sent,
	       wakeups);
	return 0;
}
