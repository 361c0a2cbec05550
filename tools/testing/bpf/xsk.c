// SPDX-License-Identifier: GPL-2.0
/*
 * AF_XDP sockets, one for each queue of an interface, which share one UMEM: receives
 * UDP datagrams over IPv4 whose byte n is n & 255, and sends them back if asked to.
 * A chunk that comes back is written over: what is still to be read would differ. A
 * static program, for an initramfs that has nothing else.
 */
#include <arpa/inet.h>
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

#include "metadata.h"

#ifndef SO_PREFER_BUSY_POLL
#define SO_PREFER_BUSY_POLL	69
#define SO_BUSY_POLL_BUDGET	70
#endif

#ifndef XDP_USE_SG
#define XDP_USE_SG	(1 << 4)
#define XDP_PKT_CONTD	(1 << 0)
#endif

#define RING		512	/* descriptors of each ring, and chunks of a queue */
#define QUEUES_MAX	64
#define ETHERTYPE_LOCAL	0x88B5	/* for experiments (IEEE 802) */
#define FRAME		60
#define HEADERS		(sizeof(struct ethhdr) + sizeof(struct iphdr) + \
			 sizeof(struct udphdr))

static const char usage[] =
"usage: xsk INTERFACE QUEUES MAP COUNT SECONDS [WORD...]\n"
"\n"
"Puts a socket for each queue into the pinned XSKMAP MAP, says 'ready', and takes\n"
"COUNT frames, or what comes within SECONDS. Prints\n"
"'received N wrong N sent N wakeups N hungry N'; hungry: times that the kernel said\n"
"it has no chunk left. Words:\n"
"  echo         send each back\n"
"  busy         poll the queues itself\n"
"  zero-copy    as the device has it, or not at all; any: if it has, else copied\n"
"  several      frames of several chunks\n"
"  unaligned    chunks lie anywhere, and need be no power of two\n"
"  chunk=BYTES headroom=BYTES    of each chunk\n"
"  first=N      give only so many chunks, and none back, until the kernel is hungry\n"
"  twice        give each chunk twice: more room than there is\n"
"  send=N       first send so many broadcasts of 60 bytes by the first queue\n"
"  tag=ID       with a VLAN tag in them\n"
"  metadata     print what stands in front of the last frame: 'hash_error N hash N\n"
"               hash_type N tag_error N tag N'\n"
"Exit status: 0 done, 1 failed, 2 wrong usage.\n";

/* A ring that is shared with the kernel */
struct ring {
	unsigned int *producer, *consumer, *flags;
	void *desc;
};

struct queue {
	int fd;
	struct ring fill, done, rx, tx;
	unsigned int under_way;	/* descriptors sent, and not done */
	unsigned int given;	/* chunks that were ever given */
	unsigned int at;	/* bytes of the frame that is being received */
	bool bad;		/* some of them were not what was sent */
};

static struct queue queue[QUEUES_MAX];
static unsigned char *umem;
static unsigned long received, wrong, sent, wakeups, hungry;
static unsigned int chunk = 4096, headroom, first = RING, broadcasts, tag;
static bool echo, busy, zero_copy, any, several, unaligned, metadata, twice;
static struct metadata last;

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

/* Of the UMEM, in which an unaligned address has its offset at the top */
static unsigned char *data_of(__u64 addr)
{
	return umem + (addr & XSK_UNALIGNED_BUF_ADDR_MASK) +
	       (addr >> XSK_UNALIGNED_BUF_OFFSET_SHIFT);
}

/* The kernel hands a chunk out anywhere in it */
static __u64 chunk_of(__u64 addr)
{
	addr = (addr & XSK_UNALIGNED_BUF_ADDR_MASK) +
	       (addr >> XSK_UNALIGNED_BUF_OFFSET_SHIFT);
	return addr / chunk * chunk;
}

static void give_chunks(struct queue *q, unsigned int nr, unsigned int most)
{
	/* The last ones of the first queue are for what is sent */
	if (!nr && most > RING - broadcasts)
		most = RING - broadcasts;
	for (; q->given < most; q->given++)
		give(&q->fill, ((__u64)nr * RING +
				(twice ? q->given / 2 : q->given)) * chunk);
}

static void open_socket(unsigned int nr, unsigned int ifindex, unsigned int queues)
{
	struct xdp_umem_reg reg = {
		.addr = (unsigned long)umem, .chunk_size = chunk,
		.len = (unsigned long)queues * RING * chunk, .headroom = headroom,
		.flags = unaligned ? XDP_UMEM_UNALIGNED_CHUNK_FLAG : 0,
	};
	struct sockaddr_xdp to = {
		.sxdp_family = AF_XDP, .sxdp_ifindex = ifindex, .sxdp_queue_id = nr,
		.sxdp_flags = (__u16)((any ? 0 : zero_copy ? XDP_ZEROCOPY : XDP_COPY) |
				      (several ? XDP_USE_SG : 0) |
				      XDP_USE_NEED_WAKEUP),
	};
	struct xdp_options options;
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
	give_chunks(q, nr, first);
	if (bind(q->fd, (void *)&to, sizeof(to)))
		give_up("binding to a queue");
	len = sizeof(options);
	if (getsockopt(q->fd, SOL_XDP, XDP_OPTIONS, &options, &len))
		give_up("asking for options");
	if (any && !nr)
		printf("bound %s\n", options.flags & XDP_OPTIONS_ZEROCOPY ?
		       "zero-copy" : "copy");
	if (zero_copy && !(options.flags & XDP_OPTIONS_ZEROCOPY))
		give_up("it is not zero-copy");
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

/* Bytes of a frame, from @at on */
static bool is_right(const unsigned char *data, unsigned int len, unsigned int at)
{
	for (unsigned int i = 0; i < len; i++)
		if (at + i >= HEADERS && data[i] != ((at + i - HEADERS) & 255))
			return false;
	return at || len > HEADERS;
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

/* One part of a frame. Return: whether it was the last */
static bool look(struct queue *q, const struct xdp_desc *got)
{
	q->bad |= !is_right(data_of(got->addr), got->len, q->at);
	if (metadata && !q->at)
		memcpy(&last, data_of(got->addr) - sizeof(last), sizeof(last));
	if (echo && !q->at)
		turn_round(data_of(got->addr));
	q->at += got->len;
	if (got->options & XDP_PKT_CONTD)
		return false;
	received++;
	wrong += q->bad;
	q->bad = false;
	q->at = 0;
	return true;
}

static void take(struct queue *q)
{
	unsigned int end = *q->tx.producer;

	while (ready(&q->rx)) {
		struct xdp_desc *desc = q->rx.desc, *out = q->tx.desc;
		struct xdp_desc got = desc[*q->rx.consumer % RING];

		__atomic_store_n(q->rx.consumer, *q->rx.consumer + 1,
				 __ATOMIC_RELEASE);
		if (echo) {
			out[end++ % RING] = got;
			q->under_way++;
		}
		if (look(q, &got))
			__atomic_store_n(q->tx.producer, end, __ATOMIC_RELEASE);
		if (!echo && !(first < RING && q->given == first))
			give(&q->fill, chunk_of(got.addr));
	}
}

/* What was sent is room to receive into again */
static void finish(struct queue *q)
{
	while (ready(&q->done)) {
		__u64 *desc = q->done.desc;
		__u64 addr = chunk_of(desc[*q->done.consumer % RING]);

		__atomic_store_n(q->done.consumer, *q->done.consumer + 1,
				 __ATOMIC_RELEASE);
		memset(umem + addr, 0xEE, chunk);
		give(&q->fill, addr);
		q->under_way--;
		sent++;
	}
}

static void wake(struct queue *q, unsigned int nr)
{
	if (wants_wakeup(&q->fill)) {
		hungry++;
		give_chunks(q, nr, RING);
	}
	if (q->under_way && wants_wakeup(&q->tx)) {
		wakeups++;
		sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
	}
	if (busy || wants_wakeup(&q->fill))
		recvfrom(q->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

static void broadcast(struct queue *q)
{
	struct xdp_desc *out = q->tx.desc;

	for (unsigned int i = 0; i < broadcasts; i++) {
		__u64 addr = (__u64)(RING - 1 - i) * chunk;
		struct ethhdr *eth = (void *)(umem + addr);

		memset(eth->h_dest, 0xFF, ETH_ALEN);
		eth->h_proto = htons(tag ? ETH_P_8021Q : ETHERTYPE_LOCAL);
		if (tag) {
			__be16 *behind = (void *)(eth + 1);

			behind[0] = htons((unsigned short)tag);
			behind[1] = htons(ETHERTYPE_LOCAL);
		}
		out[(*q->tx.producer + i) % RING] = (struct xdp_desc) {
			.addr = addr, .len = FRAME,
		};
	}
	__atomic_store_n(q->tx.producer, *q->tx.producer + broadcasts,
			 __ATOMIC_RELEASE);
	q->under_way += broadcasts;
}

static bool is_busy(unsigned int queues)
{
	for (unsigned int i = 0; i < queues; i++)
		if (queue[i].under_way)
			return true;
	return false;
}

static void run(unsigned int queues, unsigned long count, time_t seconds)
{
	struct pollfd fds[QUEUES_MAX];
	time_t end = time(NULL) + seconds;

	for (unsigned int i = 0; i < queues; i++)
		fds[i] = (struct pollfd) { .fd = queue[i].fd, .events = POLLIN };
	while ((received < count || is_busy(queues)) && time(NULL) < end) {
		poll(fds, queues, busy ? 0 : 100);
		for (unsigned int i = 0; i < queues; i++) {
			take(&queue[i]);
			wake(&queue[i], i);
			finish(&queue[i]);
		}
	}
}

static bool word(const char *arg)
{
	static const struct {
		const char *name;
		bool *is;
	} words[] = {
		{ "echo", &echo }, { "busy", &busy }, { "zero-copy", &zero_copy },
		{ "any", &any }, { "several", &several }, { "unaligned", &unaligned },
		{ "metadata", &metadata }, { "twice", &twice },
	};

	for (unsigned int i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(arg, words[i].name)) {
			*words[i].is = true;
			return true;
		}
	}
	return sscanf(arg, "chunk=%u", &chunk) == 1 ||
	       sscanf(arg, "headroom=%u", &headroom) == 1 ||
	       sscanf(arg, "first=%u", &first) == 1 ||
	       sscanf(arg, "send=%u", &broadcasts) == 1 ||
	       sscanf(arg, "tag=%u", &tag) == 1;
}

int main(int argc, char **argv)
{
	unsigned int queues, ifindex;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	queues = argc < 6 ? 0 : (unsigned int)atoi(argv[2]);
	for (int i = 6; i < argc; i++)
		if (!word(argv[i]) || first > RING || broadcasts > RING || !chunk)
			queues = 0;
	if (!queues || queues > QUEUES_MAX) {
		fputs(usage, stderr);
		return 2;
	}
	ifindex = if_nametoindex(argv[1]);
	if (!ifindex)
		give_up(argv[1]);
	umem = mmap(NULL, (size_t)queues * RING * chunk, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (umem == MAP_FAILED)
		give_up("memory");
	for (unsigned int i = 0; i < queues; i++) {
		open_socket(i, ifindex, queues);
		if (busy)
			poll_busily(queue[i].fd);
	}
	fill_map(argv[3], queues);
	printf("ready\n");
	fflush(stdout);
	broadcast(&queue[0]);
	run(queues, strtoul(argv[4], NULL, 10), atoi(argv[5]));
	if (metadata)
		printf("hash_error %u hash %u hash_type %u tag_error %u tag %u\n",
		       last.hash_error, last.hash, last.hash_type,
		       last.tag_error, last.tag);
	printf("received %lu wrong %lu sent %lu wakeups %lu hungry %lu\n", received,
	       wrong, sent, wakeups, hungry);
	return 0;
}
