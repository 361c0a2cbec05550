// SPDX-License-Identifier: GPL-2.0
/*
 * The virtual machine: KVM's file descriptors, RAM, interrupt controllers.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest_mem.h"
#include "layout.h"
#include "msg.h"
#include "synic.h"
#include "vm.h"

#define KVM_API			12
#define ISA_IRQS		16u
#define IOAPIC_PINS		24u
#define SINT_GSI_BASE		IOAPIC_PINS

#define SLOT_LOW_RAM		0
#define SLOT_HIGH_RAM		1
#define SLOT_WINDOW		2

static int kvm_fd = -1;
static int machine_fd = -1;
static uint32_t next_window_slot = SLOT_WINDOW;

/* What KVM must have, in the words of its documentation. */
static const struct {
	unsigned int cap;
	const char *name;
} needed[] = {
	{ KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY" },
	{ KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP" },
	{ KVM_CAP_PIT2, "KVM_CAP_PIT2" },
	{ KVM_CAP_IRQ_ROUTING, "KVM_CAP_IRQ_ROUTING" },
	{ KVM_CAP_IRQ_INJECT_STATUS, "KVM_CAP_IRQ_INJECT_STATUS" },
	{ KVM_CAP_IRQFD, "KVM_CAP_IRQFD" },
	{ KVM_CAP_SIGNAL_MSI, "KVM_CAP_SIGNAL_MSI" },
	{ KVM_CAP_IRQFD_RESAMPLE, "KVM_CAP_IRQFD_RESAMPLE" },
	{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
	{ KVM_CAP_HYPERV, "KVM_CAP_HYPERV" },
	{ KVM_CAP_HYPERV_TIME, "KVM_CAP_HYPERV_TIME" },
	{ KVM_CAP_HYPERV_SYNIC2, "KVM_CAP_HYPERV_SYNIC2" },
	{ KVM_CAP_HYPERV_VP_INDEX, "KVM_CAP_HYPERV_VP_INDEX" },
	{ KVM_CAP_HYPERV_EVENTFD, "KVM_CAP_HYPERV_EVENTFD" },
	{ KVM_CAP_HYPERV_CPUID, "KVM_CAP_HYPERV_CPUID" },
};

int vm_kvm_fd(void)
{
	return kvm_fd;
}

int vm_fd(void)
{
	return machine_fd;
}

int vm_has_cap(unsigned int cap)
{
	int ret = ioctl(machine_fd, KVM_CHECK_EXTENSION, cap);

	return ret > 0 ? ret : 0;
}

static void open_kvm(void)
{
	int api;

	kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm_fd < 0)
		fatal(STATUS_FAILED, "/dev/kvm: %s, %s", strerror(errno),
		      errno == EACCES ? "join the group kvm" :
		      "load kvm_amd or kvm_intel, or use tools/lab/guest");
	api = ioctl(kvm_fd, KVM_GET_API_VERSION, 0);
	if (api != KVM_API)
		fatal(STATUS_FAILED, "/dev/kvm: API version %d instead of %d",
		      api, KVM_API);
	machine_fd = ioctl(kvm_fd, KVM_CREATE_VM, 0ul);
	if (machine_fd < 0)
		fatal(STATUS_FAILED, "KVM_CREATE_VM: %s", strerror(errno));
}

/* On the VM's descriptor: some KVMs answer differently on the system's. */
static void check_caps(unsigned int cpus)
{
	int max;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!vm_has_cap(needed[i].cap))
			fatal(STATUS_FAILED,
			      "/dev/kvm: KVM lacks %s, run nested (tools/lab/guest)",
			      needed[i].name);
	max = vm_has_cap(KVM_CAP_MAX_VCPUS);
	if (max && cpus > (unsigned int)max)
		fatal(STATUS_FAILED, "--cpus %u: KVM makes at most %d vCPUs",
		      cpus, max);
}

static void add_slot(uint32_t slot, uint64_t addr, void *host, uint64_t len)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = addr,
		.memory_size = len,
		.userspace_addr = (uintptr_t)host,
	};

	if (ioctl(machine_fd, KVM_SET_USER_MEMORY_REGION, &region))
		fatal(STATUS_FAILED, "KVM_SET_USER_MEMORY_REGION at 0x%llx: %s",
		      (unsigned long long)addr, strerror(errno));
}

/* Whether a file's content has @word; false when it cannot be read. */
static bool file_says(const char *path, const char *word)
{
	char text[128] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 && strstr(text, word);
}

static uint64_t available_mib(void)
{
	unsigned long long kib = 0;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "re");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %llu kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib / 1024;
}

/*
 * A fault that a nested KVM has to serve costs as much as an exit. In pages of
 * 2 MiB there are few of them, and the RAM that a guest never touches need not
 * be cleared; with pages of 4 KiB all of it is populated beforehand.
 */
static void populate(char *p, uint64_t len)
{
	if (madvise(p, len, MADV_HUGEPAGE) == 0 &&
	    !file_says("/sys/kernel/mm/transparent_hugepage/enabled", "[never]"))
		return;
	if (madvise(p, len, MADV_POPULATE_WRITE) == 0)
		return;
	for (uint64_t off = 0; off < len; off += HV_PAGE_SIZE)
		((volatile char *)p)[off] = 0;	/* Linux before 5.14 */
}

/* Zeroed memory whose huge pages can be the guest's huge pages. */
static char *alloc_ram(uint64_t len)
{
	const uint64_t align = 2 * MIB;
	uint64_t mib = len / MIB, available = available_mib();
	char *p;

	if (available && mib > available)
		fatal(STATUS_FAILED,
		      "--memory %llu: only %llu MiB are available here, give the guest less",
		      (unsigned long long)mib, (unsigned long long)available);
	p = mmap(NULL, len + align, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		fatal(STATUS_FAILED, "--memory %llu: %s, give the guest less",
		      (unsigned long long)mib, strerror(errno));
	p = (char *)(((uintptr_t)p + align - 1) & ~(uintptr_t)(align - 1));
	populate(p, len);
	return p;
}

static void add_ram(uint64_t ram)
{
	uint64_t low = ram < LAYOUT_RAM_HOLE ? ram : LAYOUT_RAM_HOLE;
	char *host = alloc_ram(ram);

	add_slot(SLOT_LOW_RAM, 0, host, low);
	gm_add_region(gpa(0), low, host);
	if (ram > low) {
		add_slot(SLOT_HIGH_RAM, LAYOUT_RAM_ABOVE, host + low, ram - low);
		gm_add_region(gpa(LAYOUT_RAM_ABOVE), ram - low, host + low);
	}
}

static void add_interrupt_controllers(void)
{
	/* No speaker: port 0x61 is the PIT's gate, the rest is nobody's. */
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
	uint64_t identity = LAYOUT_KVM_IDENTITY;

	if (ioctl(machine_fd, KVM_SET_IDENTITY_MAP_ADDR, &identity) ||
	    ioctl(machine_fd, KVM_SET_TSS_ADDR, LAYOUT_KVM_TSS))
		fatal(STATUS_FAILED, "KVM_SET_TSS_ADDR: %s", strerror(errno));
	if (ioctl(machine_fd, KVM_CREATE_IRQCHIP, 0))
		fatal(STATUS_FAILED, "KVM_CREATE_IRQCHIP: %s", strerror(errno));
	if (ioctl(machine_fd, KVM_CREATE_PIT2, &pit))
		fatal(STATUS_FAILED, "KVM_CREATE_PIT2: %s", strerror(errno));
}

void vm_create(uint64_t ram, unsigned int cpus)
{
	open_kvm();
	check_caps(cpus);
	add_interrupt_controllers();
	add_ram(ram);
}

void vm_add_window(uint64_t addr, void *host, uint64_t len)
{
	add_slot(next_window_slot++, addr, host, len);
}

int vm_irq_line(uint32_t gsi, bool level)
{
	struct kvm_irq_level irq = { .irq = gsi, .level = level };

	if (ioctl(machine_fd, KVM_IRQ_LINE_STATUS, &irq))
		return -errno;
	return irq.status;
}

int vm_signal_msi(uint64_t address, uint32_t data)
{
	struct kvm_msi msi = {
		.address_lo = (uint32_t)address,
		.address_hi = (uint32_t)(address >> 32),
		.data = data,
	};

	return ioctl(machine_fd, KVM_SIGNAL_MSI, &msi) < 0 ? -errno : 0;
}

uint32_t vm_sint_gsi(uint32_t vp)
{
	return SINT_GSI_BASE + vp;
}

static void route_pin(struct kvm_irq_routing *table, uint32_t gsi,
		      uint32_t chip, uint32_t pin)
{
	table->entries[table->nr++] = (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip = { .irqchip = chip, .pin = pin },
	};
}

void vm_route_irqs(unsigned int cpus)
{
	struct kvm_irq_routing *table;

	table = calloc(1, sizeof(*table) + (ISA_IRQS + IOAPIC_PINS + cpus) *
		       sizeof(table->entries[0]));
	if (!table)
		fatal(STATUS_FAILED, "interrupt routes: out of memory");
	for (uint32_t gsi = 0; gsi < IOAPIC_PINS; gsi++) {
		if (gsi < ISA_IRQS)
			route_pin(table, gsi, gsi < 8 ? KVM_IRQCHIP_PIC_MASTER :
				  KVM_IRQCHIP_PIC_SLAVE, gsi % 8);
		route_pin(table, gsi, KVM_IRQCHIP_IOAPIC, gsi);
	}
	for (uint32_t vp = 0; vp < cpus; vp++)
		table->entries[table->nr++] = (struct kvm_irq_routing_entry){
			.gsi = vm_sint_gsi(vp),
			.type = KVM_IRQ_ROUTING_HV_SINT,
			.u.hv_sint = { .vcpu = vp, .sint = SYNIC_VMBUS_SINT },
		};
	if (ioctl(machine_fd, KVM_SET_GSI_ROUTING, table))
		fatal(STATUS_FAILED, "KVM_SET_GSI_ROUTING: %s", strerror(errno));
	free(table);
}
