// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual CPUs. A thread enters the guest, serves one exit, and enters it
 * again, until somebody has decided how the guest ends. Nothing here waits for
 * the guest; the I/O thread is waited for only where the guest must not go on
 * before it has seen what happened.
 */
#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "crash.h"
#include "exits.h"
#include "guest_mem.h"
#include "hypercall.h"
#include "kvm_stats.h"
#include "layout.h"
#include "mmio.h"
#include "msg.h"
#include "pio.h"
#include "vcpu.h"
#include "verdict.h"
#include "vm.h"

#define KICK_SIGNAL		SIGUSR1
#define STOP_TIMEOUT_S		5

#define CR0_BOOT		0x80050033ull	/* PG AM WP NE ET MP PE */
#define CR4_PAE			0x20ull
#define EFER_LONG		0x500ull	/* LME, LMA */
#define RFLAGS_FIXED		0x2ull
#define RFLAGS_IF		0x200ull

/* Where x86-64 Linux has its kernel and, from its text on, the modules */
#define KERNEL_HALF		0xFFFF800000000000ull
#define KERNEL_TEXT		0xFFFFFFFF80000000ull
#define KERNEL_TEXT_END		0xFFFFFFFFFF000000ull
#define STACK_PAGE		4096u
#define STACK_WORDS		24u

#define MSR_MISC_ENABLE		0x1A0u
#define MISC_FAST_STRINGS	1ull
#define MSR_MTRR_DEF_TYPE	0x2FFu
#define MTRR_ON_WRITE_BACK	0x806ull
#define MSR_HV_VP_INDEX		0x40000002u

#define MSI_ADDRESS		0xFEE00000u
#define MSI_DEST_SHIFT		12
#define MSI_NMI			0x400u

/**
 * struct vcpu - one virtual CPU
 * @fd: KVM's descriptor
 * @index: VP index and APIC id
 * @served: the thread serves an exit: what is sent to the vCPU waits for that
 * @run: shared with KVM; only the vCPU's thread looks at it, but for
 *	immediate_exit
 * @stats_fd: KVM's counters, -1 when it has none
 * @started: @thread is there and has not been joined
 * @exits: written by the vCPU's thread, read by any
 */
struct vcpu {
	int fd;
	int stats_fd;
	uint32_t index;
	bool started;
	atomic_bool served;
	struct kvm_run *run;
	pthread_t thread;
	_Atomic unsigned long exits[EXIT_REASONS];
};

static struct vcpu vcpus[LAYOUT_MAX_CPUS];
static unsigned int vcpu_count;
static atomic_bool stopping;

static const char *const reason_names[EXIT_REASONS] = {
	[EXIT_PIO_IN] = "pio-in",
	[EXIT_PIO_OUT] = "pio-out",
	[EXIT_MMIO] = "mmio",
	[EXIT_SYNIC] = "synic",
	[EXIT_POST_MESSAGE] = "post-message",
	[EXIT_SIGNAL_EVENT] = "signal-event",
	[EXIT_HYPERCALL] = "hypercall",
	[EXIT_SYSTEM_EVENT] = "system-event",
	[EXIT_INTERRUPTED] = "interrupted",
	[EXIT_OTHER] = "other",
};

static void count(struct vcpu *vcpu, enum exit_reason reason)
{
	atomic_fetch_add_explicit(&vcpu->exits[reason], 1, memory_order_relaxed);
}

static void set_msrs(struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs h;
		struct kvm_msr_entry e[3];
	} msrs = {
		.h.nmsrs = 3,
		.e = {
			{ .index = MSR_MISC_ENABLE, .data = MISC_FAST_STRINGS },
			{ .index = MSR_MTRR_DEF_TYPE, .data = MTRR_ON_WRITE_BACK },
			{ .index = MSR_HV_VP_INDEX, .data = vcpu->index },
		},
	};
	int done = ioctl(vcpu->fd, KVM_SET_MSRS, &msrs);

	if (done != 3)
		fatal(STATUS_FAILED, "KVM_SET_MSRS: refused MSR 0x%x of vCPU %u: %s",
		      msrs.e[done < 0 ? 0 : done].index, vcpu->index,
		      done < 0 ? strerror(errno) : "unknown to KVM");
}

static void create(uint32_t index, const struct cpuid_config *cfg)
{
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	struct vcpu *vcpu = &vcpus[index];
	int run_size;

	vcpu->index = index;
	vcpu->fd = ioctl(vm_fd(), KVM_CREATE_VCPU, (unsigned long)index);
	if (vcpu->fd < 0)
		fatal(STATUS_FAILED, "KVM_CREATE_VCPU %u: %s", index,
		      strerror(errno));
	run_size = ioctl(vm_kvm_fd(), KVM_GET_VCPU_MMAP_SIZE, 0);
	if (run_size < (int)sizeof(*vcpu->run))
		fatal(STATUS_FAILED, "KVM_GET_VCPU_MMAP_SIZE: %d bytes", run_size);
	vcpu->run = mmap(NULL, (size_t)run_size, PROT_READ | PROT_WRITE,
			 MAP_SHARED, vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED)
		fatal(STATUS_FAILED, "vCPU %u: mmap: %s", index, strerror(errno));
	if (ioctl(vcpu->fd, KVM_ENABLE_CAP, &synic))
		fatal(STATUS_FAILED, "KVM_ENABLE_CAP(KVM_CAP_HYPERV_SYNIC2): %s",
		      strerror(errno));
	cpuid_set(vcpu->fd, index, cfg);
	set_msrs(vcpu);
	vcpu->stats_fd = kvm_stats_open(vcpu->fd);
}

void vcpu_create_all(const struct cpuid_config *cfg)
{
	for (uint32_t i = 0; i < cfg->cpus; i++)
		create(i, cfg);
	vcpu_count = cfg->cpus;
}

static struct kvm_segment flat_segment(uint16_t selector, bool code)
{
	return (struct kvm_segment){
		.limit = UINT32_MAX,
		.selector = selector,
		.type = code ? 0xB : 0x3,
		.present = 1,
		.db = !code,
		.s = 1,
		.l = code,
		.g = 1,
	};
}

void vcpu_set_entry(const struct boot_entry *entry)
{
	struct kvm_regs regs = {
		.rip = entry->rip,
		.rsi = entry->rsi,
		.rflags = RFLAGS_FIXED,
	};
	int fd = vcpus[0].fd;
	struct kvm_sregs s;

	if (ioctl(fd, KVM_GET_SREGS, &s))
		fatal(STATUS_FAILED, "KVM_GET_SREGS: %s", strerror(errno));
	s.cs = flat_segment(BOOT_CS, true);
	s.ds = flat_segment(BOOT_DS, false);
	s.es = s.ds;
	s.fs = s.ds;
	s.gs = s.ds;
	s.ss = s.ds;
	s.gdt.base = entry->gdt;
	s.gdt.limit = (uint16_t)(entry->gdt_len - 1);
	s.cr0 = CR0_BOOT;
	s.cr3 = entry->cr3;
	s.cr4 = CR4_PAE;
	s.efer = EFER_LONG;
	if (ioctl(fd, KVM_SET_SREGS, &s) || ioctl(fd, KVM_SET_REGS, &regs))
		fatal(STATUS_FAILED, "KVM_SET_SREGS: %s", strerror(errno));
}

static void serve_pio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	int is_out = run->io.direction == KVM_EXIT_IO_OUT;
	uint8_t *data = (uint8_t *)run + run->io.data_offset;

	count(vcpu, is_out ? EXIT_PIO_OUT : EXIT_PIO_IN);
	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size)
		pio_access(is_out, run->io.port, run->io.size, data);
}

static void serve_mmio(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	count(vcpu, EXIT_MMIO);
	mmio_access(run->mmio.is_write, run->mmio.phys_addr, run->mmio.len,
		    run->mmio.data);
}

static void serve_system_event(struct vcpu *vcpu)
{
	count(vcpu, EXIT_SYSTEM_EVENT);
	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		verdict_set(END_POWEROFF, 0, "%s", "");
		break;
	case KVM_SYSTEM_EVENT_RESET:
		verdict_set(END_REBOOT, 0, "Hyper-V's reset MSR");
		break;
	case KVM_SYSTEM_EVENT_CRASH:
		crash_report(vcpu->fd, vcpu->index);
		break;
	}
}

static void serve_failure(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct kvm_regs regs = { 0 };

	count(vcpu, EXIT_OTHER);
	ioctl(vcpu->fd, KVM_GET_REGS, &regs);
	switch (run->exit_reason) {
	case KVM_EXIT_SHUTDOWN:
		verdict_set(END_TRIPLE_FAULT, 0, "vCPU %u", vcpu->index);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		verdict_set(END_FAILED, 0,
			    "KVM: internal error %u on vCPU %u at rip 0x%llx, see the kernel log",
			    run->internal.suberror, vcpu->index, regs.rip);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		verdict_set(END_FAILED, 0,
			    "KVM: vCPU %u cannot enter the guest at rip 0x%llx: hardware reason 0x%llx",
			    vcpu->index, regs.rip,
			    run->fail_entry.hardware_entry_failure_reason);
		break;
	default:
		verdict_set(END_FAILED, 0, "KVM: unknown exit %u on vCPU %u",
			    run->exit_reason, vcpu->index);
		break;
	}
}

static void serve_exit(struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_IO:
		serve_pio(vcpu);
		break;
	case KVM_EXIT_MMIO:
		serve_mmio(vcpu);
		break;
	case KVM_EXIT_HYPERV:
		count(vcpu, hypercall_exit(vcpu->index, &vcpu->run->hyperv));
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		serve_system_event(vcpu);
		break;
	case KVM_EXIT_INTR:
		count(vcpu, EXIT_INTERRUPTED);
		break;
	default:
		serve_failure(vcpu);
		break;
	}
}

static void *run_vcpu(void *arg)
{
	struct vcpu *vcpu = arg;

	while (!atomic_load(&stopping)) {
		if (ioctl(vcpu->fd, KVM_RUN, 0) == 0) {
			atomic_store_explicit(&vcpu->served, true,
					      memory_order_relaxed);
			serve_exit(vcpu);
			atomic_store_explicit(&vcpu->served, false,
					      memory_order_relaxed);
		} else if (errno == EINTR || errno == EAGAIN) {
			count(vcpu, EXIT_INTERRUPTED);
		} else {
			verdict_set(END_FAILED, 0, "KVM_RUN on vCPU %u: %s",
				    vcpu->index, strerror(errno));
			break;
		}
	}
	return NULL;
}

/* Its arrival is all that is wanted: it ends KVM_RUN. */
static void on_kick(int signal)
{
	(void)signal;
}

void vcpu_start_all(void)
{
	struct sigaction action = { .sa_handler = on_kick };
	char name[16];

	sigaction(KICK_SIGNAL, &action, NULL);
	for (unsigned int i = 0; i < vcpu_count; i++) {
		int err = pthread_create(&vcpus[i].thread, NULL, run_vcpu,
					 &vcpus[i]);

		if (err)
			fatal(STATUS_FAILED, "vCPU %u: no thread: %s", i,
			      strerror(err));
		vcpus[i].started = true;
		snprintf(name, sizeof(name), "vcpu%u", i);
		pthread_setname_np(vcpus[i].thread, name);
	}
}

void vcpu_stop_all(void)
{
	struct timespec limit;

	atomic_store(&stopping, true);
	for (unsigned int i = 0; i < vcpu_count; i++) {
		if (!vcpus[i].started)
			continue;
		vcpus[i].run->immediate_exit = 1;
		pthread_kill(vcpus[i].thread, KICK_SIGNAL);
	}
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += STOP_TIMEOUT_S;
	/* One that writes to a blocked pipe is left behind: the process ends. */
	for (unsigned int i = 0; i < vcpu_count; i++)
		if (vcpus[i].started &&
		    !pthread_timedjoin_np(vcpus[i].thread, NULL, &limit))
			vcpus[i].started = false;
}

/* As a message to the local APIC: a vCPU's own descriptor is busy in KVM_RUN. */
void vcpu_nmi_all(void)
{
	for (unsigned int i = 0; i < vcpu_count; i++) {
		struct kvm_msi msi = {
			.address_lo = MSI_ADDRESS | vcpus[i].index << MSI_DEST_SHIFT,
			.data = MSI_NMI,
		};

		/* A host that holds a vCPU up looks like a guest that hangs */
		if (atomic_load_explicit(&vcpus[i].served, memory_order_relaxed))
			msg("vCPU %u: an exit is being served", i);
		if (ioctl(vm_fd(), KVM_SIGNAL_MSI, &msi) < 0)
			msg("KVM_SIGNAL_MSI: no NMI for vCPU %u: %s", i,
			    strerror(errno));
	}
}

/* What may be return addresses of the kernel or its modules, the innermost first:
 * all words of the stack's page are looked at. For who has the kernel's symbols.
 */
static void print_stack(FILE *out, struct vcpu *vcpu, uint64_t rsp)
{
	struct kvm_translation at = { .linear_address = rsp };
	unsigned int n = 0;
	uint64_t len = STACK_PAGE - rsp % STACK_PAGE, word;
	const uint8_t *page;

	if (rsp < KERNEL_HALF || ioctl(vcpu->fd, KVM_TRANSLATE, &at) < 0 ||
	    !at.valid)
		return;
	page = gm_ptr(gpa(at.physical_address), len);
	for (uint64_t i = 0; page && i + sizeof(word) <= len && n < STACK_WORDS;
	     i += sizeof(word)) {
		memcpy(&word, page + i, sizeof(word));
		if (word >= KERNEL_TEXT && word < KERNEL_TEXT_END)
			fprintf(out, "%s%llx", n++ ? " " : " (stack ",
				(unsigned long long)word);
	}
	fputs(n ? ")" : "", out);
}

void vcpu_print_state(FILE *out)
{
	for (unsigned int i = 0; i < vcpu_count; i++) {
		struct kvm_mp_state mp = { 0 };
		struct kvm_regs regs = { 0 };

		if (vcpus[i].started)
			continue;	/* KVM would make us wait for it */
		ioctl(vcpus[i].fd, KVM_GET_REGS, &regs);
		ioctl(vcpus[i].fd, KVM_GET_MP_STATE, &mp);
		fprintf(out, "%svCPU %u at rip 0x%llx%s%s", i ? ", " : "", i,
			regs.rip,
			regs.rflags & RFLAGS_IF ? "" : " (interrupts off)",
			mp.mp_state == KVM_MP_STATE_HALTED ? " (halted)" :
			mp.mp_state == KVM_MP_STATE_UNINITIALIZED ?
			" (not started)" : "");
		print_stack(out, &vcpus[i], regs.rsp);
	}
}

static unsigned long sum(enum exit_reason reason)
{
	unsigned long total = 0;

	for (unsigned int i = 0; i < vcpu_count; i++)
		total += atomic_load_explicit(&vcpus[i].exits[reason],
					      memory_order_relaxed);
	return total;
}

unsigned long vcpu_exits(void)
{
	unsigned long total = 0;

	for (enum exit_reason r = 0; r < EXIT_REASONS; r++)
		total += sum(r);
	return total;
}

void vcpu_print_exits(FILE *out)
{
	int fds[LAYOUT_MAX_CPUS];

	fprintf(out, "total %lu\n", vcpu_exits());
	for (enum exit_reason r = 0; r < EXIT_REASONS; r++)
		fprintf(out, "%s %lu\n", reason_names[r], sum(r));
	for (unsigned int i = 0; i < vcpu_count; i++)
		fds[i] = vcpus[i].stats_fd;
	kvm_stats_print(out, fds, vcpu_count);
}
