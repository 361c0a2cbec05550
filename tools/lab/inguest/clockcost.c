// SPDX-License-Identifier: GPL-2.0
/*
 * Print what one clock_gettime() costs, in CPU cycles: the lab's self-test. A
 * guest without a usable Hyper-V TSC page pays an exit for each, a hundred
 * thousand cycles and more under emulation.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#define ROUNDS 8
#define READS 32

int main(void)
{
	uint64_t best = UINT64_MAX;
	struct timespec now;
	int round, i;

	/* The least of several rounds: an interrupt in one does not count. */
	for (round = 0; round < ROUNDS; round++) {
		uint64_t start = __rdtsc(), cost;

		for (i = 0; i < READS; i++)
			clock_gettime(CLOCK_MONOTONIC, &now);
		cost = (__rdtsc() - start) / READS;
		if (cost < best)
			best = cost;
	}
	printf("%llu\n", (unsigned long long)best);
	return 0;
}
