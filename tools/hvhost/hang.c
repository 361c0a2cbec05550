// SPDX-License-Identifier: GPL-2.0
/*
 * Deciding that the guest has hung, and asking it where. A kernel that stands
 * with interrupts off still takes an NMI; a vCPU that does not even take that is
 * not the guest's fault.
 */
#include <stdatomic.h>
#include <stdint.h>

#include "hang.h"
#include "loop.h"
#include "msg.h"
#include "vcpu.h"
#include "verdict.h"

#define NS_PER_S	1000000000ull
#define ANSWER_S	10u	/* backtraces of 64 vCPUs at a slow port */

static struct {
	unsigned int limit_s;
	unsigned int silence_s;
	bool seen;
	atomic_bool spoke;
} hang;

static void on_limit(void *ctx)
{
	(void)ctx;
	hang.seen = true;
	verdict_set(END_TIMEOUT, 0, "still running after %u s", hang.limit_s);
}

static void give_up(void *ctx)
{
	(void)ctx;
	verdict_set(END_TIMEOUT, 0, "not a word for %u s, no panic after an NMI",
		    hang.silence_s);
}

static void on_silence(void *ctx);

static struct loop_timer limit_timer = { .fn = on_limit };
static struct loop_timer silence_timer = { .fn = on_silence };
static struct loop_timer answer_timer = { .fn = give_up };

/* Twice in each period: silence is noticed after one to one and a half. */
static void on_silence(void *ctx)
{
	static unsigned int quiet;

	(void)ctx;
	quiet = atomic_exchange(&hang.spoke, false) ? 0 : quiet + 1;
	if (quiet < 2) {
		loop_timer_set(&silence_timer, hang.silence_s * NS_PER_S / 2);
		return;
	}
	hang.seen = true;
	msg("not a word for %u s: an NMI asks the guest where it stands",
	    hang.silence_s);
	vcpu_nmi_all();
	loop_timer_set(&answer_timer, ANSWER_S * NS_PER_S);
}

void hang_watch(unsigned int limit_s, unsigned int silence_s)
{
	hang.limit_s = limit_s;
	hang.silence_s = silence_s;
	if (limit_s)
		loop_timer_set(&limit_timer, limit_s * NS_PER_S);
	if (silence_s)
		loop_timer_set(&silence_timer, silence_s * NS_PER_S / 2);
}

void hang_word(void)
{
	atomic_store_explicit(&hang.spoke, true, memory_order_relaxed);
}

bool hang_seen(void)
{
	return hang.seen;
}
