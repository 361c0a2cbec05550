// SPDX-License-Identifier: GPL-2.0
/*
 * hvhost: boots a Linux guest on KVM and plays the Hyper-V host for it.
 *
 * Threads: this one runs the loop, and with it every device; each vCPU has one
 * of its own, which only enters the guest and serves ports and hypercalls.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "acpi.h"
#include "boot.h"
#include "console.h"
#include "cpuid.h"
#include "hang.h"
#include "hostctl.h"
#include "layout.h"
#include "loop.h"
#include "msg.h"
#include "nic.h"
#include "options.h"
#include "power.h"
#include "rtc.h"
#include "serial.h"
#include "synic_host.h"
#include "vcpu.h"
#include "verdict.h"
#include "violation.h"
#include "vm.h"
#include "vmbus.h"

static void on_signal(void *ctx, uint32_t events)
{
	int fd = *(int *)ctx;
	struct signalfd_siginfo info;

	(void)events;
	if (read(fd, &info, sizeof(info)) == sizeof(info))
		verdict_set(END_STOPPED, 0, "by signal %u (%s)", info.ssi_signo,
			    strsignal((int)info.ssi_signo));
}

/* Before any thread exists, so that none of them takes these signals. */
static void catch_signals(void)
{
	static int fd;
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0 || loop_add_fd(fd, EPOLLIN, on_signal, &fd))
		fatal(STATUS_FAILED, "signalfd: %s", strerror(errno));
}

static void accept_violations(const struct options *opts)
{
	for (unsigned int i = 0; i < opts->allow.count; i++)
		if (violation_allow(opts->allow.value[i]))
			fatal(STATUS_USAGE, "--allow %s: no such list, see --help",
			      opts->allow.value[i]);
}

static void make_machine(const struct options *opts)
{
	const struct cpuid_config cpuid = {
		.cpus = opts->cpus,
		.package = opts->cpus / opts->nodes,
		.gen = opts->host,
		.hide_nested = opts->nested == NESTED_ON ||
			       (opts->nested == NESTED_AUTO &&
				cpuid_in_hypervisor()),
	};

	vm_create(opts->memory_mib * MIB, opts->cpus);
	vcpu_create_all(&cpuid);
	vm_route_irqs(opts->cpus);
	synic_init(opts->cpus);
	power_init();
	rtc_init();
	serial_init();
}

static void load_guest(const struct options *opts)
{
	const struct boot_request req = {
		.kernel = opts->kernel,
		.initrds = opts->initrds.value,
		.initrd_count = opts->initrds.count,
		.cmdline = opts->append,
		.ram = opts->memory_mib * MIB,
		.rsdp = acpi_build(opts->cpus, opts->nodes,
				   opts->memory_mib * MIB),
	};
	struct boot_entry entry = boot_load(&req);

	vcpu_set_entry(&entry);
}

static void make_devices(const struct options *opts)
{
	int err = vmbus_init(opts->vmbus);

	if (err)
		fatal(STATUS_FAILED, "VMBus server: %s", strerror(-err));
	for (unsigned int i = 0; i < opts->nics.count; i++) {
		err = nic_create(i, opts->host, opts->nics.value[i]);
		/* It has said what is wrong. */
		if (err)
			fatal(err == -EINVAL ? STATUS_USAGE : STATUS_FAILED,
			      "--nic %s: not made", opts->nics.value[i]);
	}
}

static int finish(const struct options *opts)
{
	int status;

	vcpu_stop_all();
	console_flush();
	console_restore();
	status = verdict_finish(opts->report, vcpu_exits());
	if (hang_seen()) {
		fputs("hvhost: ", stderr);
		vcpu_print_state(stderr);
		fputc('\n', stderr);
	}
	return status;
}

int main(int argc, char **argv)
{
	static struct options opts;
	int err;

	options_parse(argc, argv, &opts);
	accept_violations(&opts);
	err = loop_init();
	if (err)
		fatal(STATUS_FAILED, "event loop: %s", strerror(-err));
	catch_signals();
	make_machine(&opts);
	hostctl_init(opts.output);
	make_devices(&opts);
	load_guest(&opts);

	console_open(opts.console);
	console_start();
	hang_watch(opts.timeout_s, opts.silence_s);
	vcpu_start_all();
	loop_run();
	return finish(&opts);
}
