// SPDX-License-Identifier: GPL-2.0
/*
 * SynIC and hypercalls on a KVM that is played here: this thread is the guest
 * and the I/O thread at once, and turns the loop by hand.
 */
#include "test.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <string.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crash.h"
#include "guest_mem.h"
#include "hypercall.h"
#include "loop.h"
#include "msg.h"
#include "synic.h"
#include "synic_host.h"
#include "violation.h"
#include "vm.h"

#define PAGES		8
#define RAM		0x100000ull
#define SIMP		(RAM + 1 * HV_PAGE_SIZE)
#define SIEFP		(RAM + 2 * HV_PAGE_SIZE)
#define INPUT		(RAM + 3 * HV_PAGE_SIZE)
#define ENABLED		1
#define SLOT		(2 * 256)
#define MS		1000000ull

/* --- the machine that synic.c and hypercall.c see --- */

static uint8_t ram[PAGES * HV_PAGE_SIZE] __attribute__((aligned(4096)));
static int raises[2];
static bool masked;
static int resample_fd[2];
static int bad_pages;
static struct kvm_hyperv_eventfd eventfds[4];
static unsigned int eventfd_count;

int vm_fd(void)
{
	return 1000;
}

uint32_t vm_sint_gsi(uint32_t vp)
{
	return 24 + vp;
}

int vm_irq_line(uint32_t gsi, bool level)
{
	assert_true(level);
	raises[gsi - 24]++;
	return masked ? -1 : 1;
}

void crash_guest_lives(void)
{
}

void violation(const char *rule, const char *where, const char *section,
	       const char *fmt, ...)
{
	(void)where;
	(void)section;
	(void)fmt;
	assert_string_equal(rule, "synic.page");
	bad_pages++;
}

void fatal(int status, const char *fmt, ...)
{
	(void)status;
	fprintf(stderr, "%s\n", fmt);
	_exit(1);
}

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	const struct kvm_hyperv_eventfd *ev = arg;

	assert_int_equal(fd, 1000);
	if (request == KVM_IRQFD) {
		const struct kvm_irqfd *irqfd = arg;

		assert_true(irqfd->flags & KVM_IRQFD_FLAG_RESAMPLE);
		resample_fd[irqfd->gsi - 24] = (int)irqfd->resamplefd;
		return 0;
	}
	assert_int_equal(request, KVM_HYPERV_EVENTFD);
	if (ev->flags & KVM_HYPERV_EVENTFD_DEASSIGN) {
		eventfd_count--;
		return 0;
	}
	for (unsigned int i = 0; i < eventfd_count; i++) {
		if (eventfds[i].conn_id == ev->conn_id) {
			errno = EEXIST;
			return -1;
		}
	}
	eventfds[eventfd_count++] = *ev;
	return 0;
}

/* --- helpers --- */

static struct loop_timer end_of_turn;

static void end_turn(void *ctx)
{
	(void)ctx;
	loop_stop();
}

/*
 * The loop runs once in a process: each test turns it at most once, for as long
 * as it says, and looks at the outcome afterwards.
 */
static void turn_loop(uint64_t ns)
{
	end_of_turn.fn = end_turn;
	loop_timer_set(&end_of_turn, ns);
	loop_run();
}

static uint8_t *guest(uint64_t addr)
{
	return ram + (addr - RAM);
}

static uint32_t slot_type(void)
{
	uint32_t type;

	memcpy(&type, guest(SIMP) + SLOT, sizeof(type));
	return type;
}

static bool slot_pending(void)
{
	return guest(SIMP)[SLOT + 5] & 1;
}

static uint8_t take_message(void)
{
	uint8_t first = guest(SIMP)[SLOT + 16];

	assert_int_equal(slot_type(), 1);
	memset(guest(SIMP) + SLOT, 0, 4);
	return first;
}

static void guest_enables_synic(uint32_t vp)
{
	memset(guest(SIMP), 0xEE, HV_PAGE_SIZE);
	memset(guest(SIEFP), 0xEE, HV_PAGE_SIZE);
	synic_pages_changed(vp, ENABLED, SIEFP | ENABLED, SIMP | ENABLED);
}

static void send(uint8_t first)
{
	uint8_t payload[SYNIC_PAYLOAD_MAX] = { first };

	synic_send_message(0, payload, sizeof(payload));
}

static int machine(void **state)
{
	(void)state;
	memset(ram, 0, sizeof(ram));
	if (loop_init())
		return -1;
	gm_add_region(gpa(RAM), sizeof(ram), ram);
	synic_init(2);
	return 0;
}

/* --- tests; each in a process of its own --- */

static void body_zeroed(void)
{
	guest_enables_synic(0);
	for (unsigned int i = 0; i < HV_PAGE_SIZE; i++) {
		assert_int_equal(guest(SIMP)[i], 0);
		assert_int_equal(guest(SIEFP)[i], 0);
	}
	/* A write that changes nothing takes no message away. */
	send('a');
	synic_pages_changed(0, ENABLED, SIEFP | ENABLED, SIMP | ENABLED);
	assert_int_equal(take_message(), 'a');
}

static void body_outside_ram(void)
{
	synic_pages_changed(0, ENABLED, 1, UINT64_MAX);
	synic_pages_changed(0, ENABLED, 1, UINT64_MAX);
	assert_int_equal(bad_pages, 2);
	send('a');
	synic_set_event(0, 5);
	assert_int_equal(synic_backlog(), 1);
	assert_int_equal(raises[0], 0);
	guest_enables_synic(0);
	assert_int_equal(take_message(), 'a');
}

static void body_one_slot(void)
{
	guest_enables_synic(0);
	send('a');
	assert_int_equal(raises[0], 1);
	assert_false(slot_pending());
	send('b');
	send('c');
	assert_true(slot_pending());
	assert_int_equal(raises[0], 1);
	assert_int_equal(synic_backlog(), 2);
	assert_int_equal(take_message(), 'a');
	turn_loop(30 * MS);	/* no EOM, no EOI: the timer has to find it */
	assert_int_equal(take_message(), 'b');
	assert_int_equal(raises[0], 2);
	assert_int_equal(synic_backlog(), 1);
}

static void body_resample(void)
{
	const uint64_t one = 1;

	guest_enables_synic(0);
	send('a');
	send('b');
	assert_int_equal(take_message(), 'a');
	assert_int_equal(write(resample_fd[0], &one, sizeof(one)), sizeof(one));
	turn_loop(MS / 2);	/* less than the timer needs */
	assert_int_equal(take_message(), 'b');
	assert_int_equal(synic_backlog(), 0);
}

static void body_masked(void)
{
	guest_enables_synic(0);
	masked = true;
	send('a');
	assert_int_equal(raises[0], 1);
	turn_loop(10 * MS);
	assert_true(raises[0] > 1 && raises[0] < 10);
	assert_int_equal(take_message(), 'a');
}

/* 1 ms, 2, 4 ... 128: eleven times in a second, not a thousand */
static void body_masked_long(void)
{
	guest_enables_synic(0);
	masked = true;
	send('a');
	turn_loop(1000 * MS);
	assert_true(raises[0] > 8 && raises[0] < 20);
	masked = false;
	turn_loop(200 * MS);
	assert_int_equal(take_message(), 'a');
}

static void body_masked_event(void)
{
	guest_enables_synic(0);
	masked = true;
	synic_set_event(0, 9);
	turn_loop(10 * MS);
	assert_true(raises[0] > 1 && raises[0] < 10);
}

static void body_drop(void)
{
	guest_enables_synic(0);
	send('a');
	send('b');
	synic_drop_messages();
	assert_int_equal(synic_backlog(), 0);
	assert_int_equal(take_message(), 'a');
	turn_loop(5 * MS);
	assert_int_equal(slot_type(), 0);
}

static void body_event(void)
{
	guest_enables_synic(1);
	synic_set_event(1, 2047);
	assert_int_equal(guest(SIEFP)[SLOT + 255], 0x80);
	assert_int_equal(raises[1], 1);
	synic_set_event(1, 2047);
	assert_int_equal(raises[1], 1);	/* it is on its way already */
	synic_set_event(1, 2040);
	assert_int_equal(guest(SIEFP)[SLOT + 255], 0x81);
	assert_int_equal(raises[1], 2);
	assert_int_equal(raises[0], 0);
}

static int signalled;

static void on_signal(void *ctx)
{
	assert_int_equal((intptr_t)ctx, 7);
	signalled++;
}

static void body_connect(void)
{
	const uint64_t three = 3;

	assert_int_equal(synic_connect(0x2001, on_signal, (void *)7), 0);
	assert_int_equal(synic_connect(0x2001, on_signal, (void *)7), -EEXIST);
	assert_int_equal(eventfd_count, 1);
	assert_int_equal(write(eventfds[0].fd, &three, 8), 8);
	turn_loop(5 * MS);
	assert_int_equal(signalled, 1);
	synic_disconnect(0x2001);
	synic_disconnect(0x2001);
	assert_int_equal(eventfd_count, 0);
}

static uint64_t hypercall(uint64_t input, uint64_t rdx)
{
	struct kvm_hyperv_exit exit = {
		.type = KVM_EXIT_HYPERV_HCALL,
		.u.hcall = { .input = input, .result = 0xBAD, .params = { rdx } },
	};

	hypercall_exit(0, &exit);
	return exit.u.hcall.result;
}

static uint64_t post(uint32_t conn_id, uint32_t type, uint32_t len)
{
	const uint32_t input[4] = { conn_id, 0, type, len };

	memcpy(guest(INPUT), input, sizeof(input));
	return hypercall(0x5C, INPUT);
}

static int posts;

static void on_post(void *ctx, uint32_t vp, uint32_t conn_id,
		    const void *payload, uint32_t len)
{
	(void)ctx;
	assert_int_equal(vp, 0);
	assert_int_equal(conn_id, 4);
	assert_int_equal(len, 240);
	assert_int_equal(*(const uint8_t *)payload, 'p');
	posts++;
}

static void body_post(void)
{
	synic_set_post_handler(on_post, NULL);
	assert_int_equal(post(4, 1, 241), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(post(4, 1, UINT32_MAX), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(post(4, 2, 8), HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(post(5, 1, 8), HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(post(0x1000004, 1, 8), HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(hypercall(0x1005C, INPUT),
			 HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_int_equal(hypercall(0x5C, INPUT + 4), HV_STATUS_INVALID_ALIGNMENT);
	assert_int_equal(hypercall(0x5C, INPUT + HV_PAGE_SIZE - 248),
			 HV_STATUS_INVALID_ALIGNMENT);
	assert_int_equal(hypercall(0x5C, RAM + sizeof(ram)),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(hypercall(0x5C, ~0xFFFull), HV_STATUS_INVALID_PARAMETER);
	guest(INPUT)[16] = 'p';
	assert_int_equal(post(4, 1, 240), HV_STATUS_SUCCESS);
	guest(INPUT)[16] = 'x';	/* the copy was taken */
	turn_loop(5 * MS);
	assert_int_equal(posts, 1);
}

static void body_flood(void)
{
	int taken = 0;

	synic_set_post_handler(on_post, NULL);
	guest(INPUT)[16] = 'p';
	while (post(4, 1, 240) == HV_STATUS_SUCCESS)
		assert_in_range(++taken, 1, 1000);
	assert_int_equal(post(4, 1, 240), HV_STATUS_INSUFFICIENT_MEMORY);
	turn_loop(5 * MS);
	assert_int_equal(posts, taken);
}

static void body_signal(void)
{
	assert_int_equal(hypercall(0x1005D, 0x2001),
			 HV_STATUS_INVALID_CONNECTION_ID);
	assert_int_equal(hypercall(0x5D, 0x2001 | 1ull << 32),
			 HV_STATUS_INVALID_PARAMETER);
	assert_int_equal(hypercall(0x1005D, 1ull << 48),
			 HV_STATUS_INVALID_HYPERCALL_INPUT);
	assert_int_equal(hypercall(0x69, 0), 2);
}

/* The loop and the SynIC are one of a kind: a process for each test. */
static void in_child(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		/*
		 * A check that fails here goes on in cmocka: keep its
		 * output out of the parent's, its status is enough.
		 */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		alarm(20);
		machine(NULL);
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name, body) \
	static void name(void **state) { (void)state; in_child(body); }

TEST(pages_are_zero_when_enabled_and_only_then, body_zeroed)
TEST(pages_outside_ram_are_refused, body_outside_ram)
TEST(messages_wait_for_the_slot_in_order, body_one_slot)
TEST(end_of_message_brings_the_next_at_once, body_resample)
TEST(masked_sint_is_raised_again_with_pauses, body_masked)
TEST(masked_sint_is_raised_ever_less_often, body_masked_long)
TEST(masked_sint_is_raised_again_for_events, body_masked_event)
TEST(dropped_messages_do_not_come, body_drop)
TEST(event_flag_is_set_and_raised_once, body_event)
TEST(signal_reaches_its_connection, body_connect)
TEST(post_is_checked_and_copied, body_post)
TEST(flood_of_posts_is_pushed_back, body_flood)
TEST(signal_to_nobody_has_a_status, body_signal)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_zero_when_enabled_and_only_then),
		cmocka_unit_test(pages_outside_ram_are_refused),
		cmocka_unit_test(messages_wait_for_the_slot_in_order),
		cmocka_unit_test(end_of_message_brings_the_next_at_once),
		cmocka_unit_test(masked_sint_is_raised_again_with_pauses),
		cmocka_unit_test(masked_sint_is_raised_ever_less_often),
		cmocka_unit_test(masked_sint_is_raised_again_for_events),
		cmocka_unit_test(dropped_messages_do_not_come),
		cmocka_unit_test(event_flag_is_set_and_raised_once),
		cmocka_unit_test(signal_reaches_its_connection),
		cmocka_unit_test(post_is_checked_and_copied),
		cmocka_unit_test(flood_of_posts_is_pushed_back),
		cmocka_unit_test(signal_to_nobody_has_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
