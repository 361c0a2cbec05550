// SPDX-License-Identifier: GPL-2.0
/*
 * A QEMU TCG plugin: counts the instructions that run in the kernel's half of
 * the address space, by 16 bytes of code, and how often each function is called.
 *
 * It counts for both kernels of the nested lab, which is why they must not lie
 * at the same addresses; the reader tells them apart. A program of the guest marks
 * the begin and the end of a measured section by executing a no-operation that
 * nothing else contains (mark.h), so that no time passes between the mark and
 * the counters being read.
 *
 * -plugin icount.so,out=FILE	FILE gets, for each mark:
 *	u64 MARK_MAGIC, u64 entries, then so many times
 *	u64 address, u64 instructions, u64 calls, each since the mark before
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../load/mark.h"
#include "qemu_plugin_abi.h"

#define MARK_MAGIC	0x4b52414d48434e42ull	/* "BNCHMARK" */
#define KERNEL_HALF	0xffff800000000000ull
/* Functions begin at multiples of it, so no granule belongs to two of them. */
#define GRANULE		16u
#define GRANULES	(1u << 19)
#define PROBES		64u

/* What a vCPU has for each granule. */
struct count {
	uint64_t insns;
	uint64_t calls;
};

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

/* Index 0 counts what found no place. */
static uint64_t address[GRANULES];
static struct count seen[GRANULES];
static struct qemu_plugin_scoreboard *board;
static FILE *out;

/* vCPUs translate, and marks come, at the same time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static qemu_plugin_u64 counter(unsigned int index, size_t member)
{
	qemu_plugin_u64 entry = {
		.score = board,
		.offset = index * sizeof(struct count) + member,
	};

	return entry;
}

/* An open hash: the place of ADDR, taken if it is new. */
static unsigned int place_of(uint64_t addr)
{
	unsigned int at = (unsigned int)((addr / GRANULE * 0x9e3779b97f4a7c15ull) >> 45);
	unsigned int i, found = 0;

	pthread_mutex_lock(&lock);
	for (i = 0; i < PROBES && !found; i++, at++) {
		at %= GRANULES;
		if (at && (!address[at] || address[at] == addr))
			found = at;
	}
	if (found)
		address[found] = addr;
	pthread_mutex_unlock(&lock);
	return found;
}

static void write_word(uint64_t word)
{
	fwrite(&word, sizeof(word), 1, out);
}

/* What granule AT has gained since the last mark. */
static bool gained(unsigned int at, struct count *gain)
{
	struct count now = {
		.insns = qemu_plugin_u64_sum(counter(at, offsetof(struct count, insns))),
		.calls = qemu_plugin_u64_sum(counter(at, offsetof(struct count, calls))),
	};

	gain->insns = now.insns - seen[at].insns;
	gain->calls = now.calls - seen[at].calls;
	seen[at] = now;
	return gain->insns;
}

static void mark(unsigned int vcpu, void *data)
{
	static struct {
		uint64_t address;
		struct count gain;
	} row[GRANULES];
	unsigned int at, rows = 0;

	(void)vcpu;
	(void)data;
	pthread_mutex_lock(&lock);
	for (at = 0; at < GRANULES; at++) {
		if ((at && !address[at]) || !gained(at, &row[rows].gain))
			continue;
		row[rows++].address = address[at];
	}
	write_word(MARK_MAGIC);
	write_word(rows);
	fwrite(row, sizeof(row[0]), rows, out);
	fflush(out);
	pthread_mutex_unlock(&lock);
}

static void look_for_marks(struct qemu_plugin_tb *tb, size_t insns)
{
	unsigned char bytes[MARK_LEN];
	size_t i;

	for (i = 0; i < insns; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (qemu_plugin_insn_data(insn, bytes, sizeof(bytes)) == sizeof(bytes) &&
		    !memcmp(bytes, MARK_CODE, sizeof(bytes)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, mark,
							       QEMU_PLUGIN_CB_NO_REGS,
							       NULL);
	}
}

static void translated(struct qemu_plugin_tb *tb, void *data)
{
	uint64_t start = qemu_plugin_tb_vaddr(tb);
	size_t insns = qemu_plugin_tb_n_insns(tb);
	unsigned int at;

	(void)data;
	if (start < KERNEL_HALF) {
		look_for_marks(tb, insns);
		return;
	}
	at = place_of(start - start % GRANULE);
	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64,
			counter(at, offsetof(struct count, insns)), insns);
	/* A block that begins at a function's first byte is a call of it. */
	if (!(start % GRANULE))
		qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb,
				QEMU_PLUGIN_INLINE_ADD_U64,
				counter(at, offsetof(struct count, calls)), 1);
}

QEMU_PLUGIN_EXPORT
int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "icount: wanted one argument, out=FILE\n");
		return -1;
	}
	out = fopen(argv[0] + 4, "we");
	if (!out) {
		perror(argv[0] + 4);
		return -1;
	}
	board = qemu_plugin_scoreboard_new(GRANULES * sizeof(struct count));
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
	return 0;
}
