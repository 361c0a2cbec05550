// SPDX-License-Identifier: GPL-2.0
/*
 * KVM's own counters, by its binary statistics interface (the kernel's
 * Documentation/virt/kvm/api.rst, KVM_GET_STATS_FD).
 */
#include <linux/kvm.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kvm_stats.h"

#define STATS_MAX		512u
#define STATS_NAME_MAX		128u

/* The kernel's words: bounded all the same, a mistake must not crash us. */
static int read_header(int fd, struct kvm_stats_header *h)
{
	if (pread(fd, h, sizeof(*h), 0) != sizeof(*h))
		return -1;
	if (h->num_desc > STATS_MAX || h->name_size > STATS_NAME_MAX)
		return -1;
	return 0;
}

static char *read_descs(int fd, const struct kvm_stats_header *h,
			size_t *desc_len)
{
	size_t len;
	char *descs;

	*desc_len = sizeof(struct kvm_stats_desc) + h->name_size;
	len = *desc_len * h->num_desc;
	descs = malloc(len);
	if (descs && pread(fd, descs, len, h->desc_offset) != (ssize_t)len) {
		free(descs);
		return NULL;
	}
	return descs;
}

static int is_counter(const struct kvm_stats_desc *d)
{
	return (d->flags & KVM_STATS_TYPE_MASK) == KVM_STATS_TYPE_CUMULATIVE &&
	       (d->flags & KVM_STATS_UNIT_MASK) == KVM_STATS_UNIT_NONE &&
	       d->size == 1;
}

static uint64_t sum_value(const int *fds, unsigned int count, off_t off)
{
	uint64_t sum = 0, value;

	for (unsigned int i = 0; i < count; i++)
		if (fds[i] >= 0 &&
		    pread(fds[i], &value, sizeof(value), off) == sizeof(value))
			sum += value;
	return sum;
}

int kvm_stats_open(int vcpu_fd)
{
	return ioctl(vcpu_fd, KVM_GET_STATS_FD, NULL);
}

void kvm_stats_print(FILE *out, const int *fds, unsigned int count)
{
	struct kvm_stats_header h;
	size_t desc_len;
	char *descs;

	if (!count || fds[0] < 0 || read_header(fds[0], &h))
		return;
	descs = read_descs(fds[0], &h, &desc_len);
	if (!descs)
		return;
	for (uint32_t i = 0; i < h.num_desc; i++) {
		struct kvm_stats_desc *d = (void *)(descs + i * desc_len);
		uint64_t value;

		if (!is_counter(d))
			continue;
		value = sum_value(fds, count, h.data_offset + d->offset);
		if (value)
			fprintf(out, "kvm.%.*s %llu\n", (int)h.name_size,
				d->name, (unsigned long long)value);
	}
	free(descs);
}
