// SPDX-License-Identifier: GPL-2.0
/*
 * Classic pcap files with nanosecond time stamps. Each frame is one write, so
 * that the file is whole at any moment and can be followed with tail.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "pcap.h"

#define PCAP_MAGIC_NS		0xA1B23C4D
#define PCAP_LINKTYPE_ETHERNET	1
#define PCAP_SNAPLEN		0x40000

struct pcap_file_header {
	u32 magic;
	u16 major;
	u16 minor;
	s32 zone;
	u32 sigfigs;
	u32 snaplen;
	u32 linktype;
};

struct pcap_record {
	u32 sec;
	u32 nsec;
	u32 captured;
	u32 len;
};

struct pcap {
	int fd;
};

struct pcap *pcap_open(const char *path)
{
	struct pcap_file_header head = {
		.magic = PCAP_MAGIC_NS,
		.major = 2,
		.minor = 4,
		.snaplen = PCAP_SNAPLEN,
		.linktype = PCAP_LINKTYPE_ETHERNET,
	};
	struct pcap *pcap = calloc(1, sizeof(*pcap));
	int err;

	if (!pcap)
		return NULL;
	pcap->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (pcap->fd < 0) {
		err = errno;
		goto err_free;
	}
	if (write(pcap->fd, &head, sizeof(head)) != (ssize_t)sizeof(head)) {
		err = errno ? errno : EIO;
		close(pcap->fd);
		goto err_free;
	}
	return pcap;

err_free:
	free(pcap);
	errno = err;
	return NULL;
}

void pcap_frame(struct pcap *pcap, const u8 *data, u32 len)
{
	struct pcap_record rec = { .captured = len, .len = len };
	struct iovec iov[2] = {
		{ &rec, sizeof(rec) },
		{ (void *)data, len },
	};
	struct timespec now;

	if (!pcap || pcap->fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	rec.sec = (u32)now.tv_sec;
	rec.nsec = (u32)now.tv_nsec;
	if (writev(pcap->fd, iov, 2) != (ssize_t)(sizeof(rec) + len)) {
		perror("hvhost: --nic: pcap: capture ends");
		close(pcap->fd);
		pcap->fd = -1;
	}
}

void pcap_close(struct pcap *pcap)
{
	if (!pcap)
		return;
	if (pcap->fd >= 0)
		close(pcap->fd);
	free(pcap);
}
