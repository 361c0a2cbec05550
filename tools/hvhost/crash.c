// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that reports its own crash. What the five parameters mean is up to
 * the guest; Linux gives error, its OS id, RIP, RAX and RSP.
 */
#include <linux/kvm.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "crash.h"
#include "loop.h"
#include "verdict.h"

#define MSR_HV_CRASH_P0		0x40000100u
#define CRASH_PARAMS		5

/* A guest with panic=0 stops dead; a crash kernel needs this long to come up where
 * processors are emulated and busy.
 */
#define GRACE_NS		120000000000ull

static void give_up(void *ctx)
{
	(void)ctx;
	verdict_set(END_PANIC, 0, "%s", "");
}

static struct loop_timer grace = { .fn = give_up };

static void start_grace(void *ctx)
{
	(void)ctx;
	loop_timer_set(&grace, GRACE_NS);
}

void crash_guest_lives(void)
{
	loop_timer_cancel(&grace);
}

void crash_report(int vcpu_fd, uint32_t index)
{
	struct {
		struct kvm_msrs h;
		struct kvm_msr_entry e[CRASH_PARAMS];
	} msrs = { .h.nmsrs = CRASH_PARAMS };

	for (unsigned int i = 0; i < CRASH_PARAMS; i++)
		msrs.e[i].index = MSR_HV_CRASH_P0 + i;
	ioctl(vcpu_fd, KVM_GET_MSRS, &msrs);	/* what is not read stays 0 */
	verdict_panic("vCPU %u, P0 0x%llx, P1 0x%llx, P2 0x%llx, P3 0x%llx, P4 0x%llx",
		      index, msrs.e[0].data, msrs.e[1].data, msrs.e[2].data,
		      msrs.e[3].data, msrs.e[4].data);
	loop_post(start_grace, NULL);
}
