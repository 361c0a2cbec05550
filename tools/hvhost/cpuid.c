// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest's CPUs say of themselves: a table of edits over what KVM
 * supports, the topology, and Hyper-V's leaves.
 */
#include <cpuid.h>
#include <errno.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cpuid.h"
#include "msg.h"
#include "vm.h"

#define CPUID_MAX_ENTRIES	256
#define BIT(n)			(1u << (n))

#define HV_FIRST_LEAF		0x40000000u
#define HV_MAX_LEAF		0x40000006u
#define HV_LAST_LEAF		0x400000FFu
#define HV_NEVER_NOTIFY		0xFFFFFFFFu	/* spinlock retries */

/* Highest APIC ids and CPUs per package, as shifts. */
static unsigned int id_bits(unsigned int cpus)
{
	unsigned int bits = 0;

	while ((1u << bits) < cpus)
		bits++;
	return bits;
}

/**
 * struct edit - bits cleared in a leaf
 * @nested: only when hvhost hides what an emulated CPU gets wrong
 */
struct edit {
	uint32_t leaf;
	uint32_t subleaf;
	bool nested;
	uint32_t eax, ebx, ecx, edx;
};

static const struct edit edits[] = {
	/* MONITOR, VMX, PCID: of no use here, or an exit each */
	{ .leaf = 1, .ecx = BIT(3) | BIT(5) | BIT(17) },
	/* INVPCID */
	{ .leaf = 7, .ebx = BIT(10) },
	/* SVM, topology extensions (leaves 0x8000001D/E are not filled) */
	{ .leaf = 0x80000001, .ecx = BIT(2) | BIT(22) },
	/* FMA, CX16, XSAVE, OSXSAVE, AVX, F16C (LAB.md F2, F18) */
	{ .leaf = 1, .nested = true,
	  .ecx = BIT(12) | BIT(13) | BIT(26) | BIT(27) | BIT(28) | BIT(29) },
	/* AVX2, AVX-512 in all its parts; PKU; VAES, VPCLMULQDQ */
	{ .leaf = 7, .nested = true,
	  .ebx = BIT(5) | BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) |
		 BIT(28) | BIT(30) | BIT(31),
	  .ecx = BIT(1) | BIT(3) | BIT(6) | BIT(9) | BIT(10) | BIT(11) |
		 BIT(12) | BIT(14),
	  .edx = BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) |
		 BIT(25) },
	{ .leaf = 7, .subleaf = 1, .nested = true,
	  .eax = BIT(4) | BIT(5) | BIT(21) | BIT(23) },
	/* XOP, FMA4 */
	{ .leaf = 0x80000001, .nested = true, .ecx = BIT(11) | BIT(16) },
	{ .leaf = 0xD, .nested = true,
	  .eax = ~0u, .ebx = ~0u, .ecx = ~0u, .edx = ~0u },
	{ .leaf = 0xD, .subleaf = 1, .nested = true,
	  .eax = ~0u, .ebx = ~0u, .ecx = ~0u, .edx = ~0u },
};

bool cpuid_in_hypervisor(void)
{
	unsigned int eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & BIT(31));
}

static struct kvm_cpuid2 *alloc_leaves(void)
{
	struct kvm_cpuid2 *leaves;

	leaves = calloc(1, sizeof(*leaves) +
			CPUID_MAX_ENTRIES * sizeof(leaves->entries[0]));
	if (!leaves)
		fatal(STATUS_FAILED, "CPUID leaves: out of memory");
	leaves->nent = CPUID_MAX_ENTRIES;
	return leaves;
}

static struct kvm_cpuid_entry2 *find(struct kvm_cpuid2 *leaves, uint32_t leaf,
				     uint32_t subleaf)
{
	for (uint32_t i = 0; i < leaves->nent; i++)
		if (leaves->entries[i].function == leaf &&
		    leaves->entries[i].index == subleaf)
			return &leaves->entries[i];
	return NULL;
}

/* The entry, all zero, made when KVM has none. */
static struct kvm_cpuid_entry2 *fresh(struct kvm_cpuid2 *leaves, uint32_t leaf,
				      uint32_t subleaf, uint32_t flags)
{
	struct kvm_cpuid_entry2 *e = find(leaves, leaf, subleaf);

	if (!e) {
		if (leaves->nent == CPUID_MAX_ENTRIES)
			fatal(STATUS_FAILED, "KVM has more than %d CPUID leaves",
			      CPUID_MAX_ENTRIES);
		e = &leaves->entries[leaves->nent++];
	}
	*e = (struct kvm_cpuid_entry2){
		.function = leaf, .index = subleaf, .flags = flags,
	};
	return e;
}

/*
 * The TSC of an emulated CPU runs at one rate, although QEMU does not say so.
 * Linux then does not calibrate its delay loop on each CPU: 0.1 s and more, and
 * with 64 of them so long that some come up after they were given up.
 */
static void set_invariant_tsc(struct kvm_cpuid2 *leaves)
{
	struct kvm_cpuid_entry2 *e = find(leaves, 0x80000007, 0);

	if (e)
		e->edx |= BIT(8);
}

/* Leaf 1 and AMD's 0x8000000x: APIC id and how many CPUs the package has. */
static void set_topology(struct kvm_cpuid2 *leaves, unsigned int index,
			 unsigned int cpus)
{
	unsigned int bits = id_bits(cpus);
	struct kvm_cpuid_entry2 *e;

	e = find(leaves, 1, 0);
	if (e) {
		e->ebx = (e->ebx & 0xFF00) | index << 24 | 1u << bits << 16;
		e->edx = (e->edx & ~BIT(28)) | (cpus > 1 ? BIT(28) : 0);
	}
	e = find(leaves, 0x80000001, 0);
	if (e)	/* "legacy" way of counting cores */
		e->ecx = (e->ecx & ~BIT(1)) | (cpus > 1 ? BIT(1) : 0);
	e = find(leaves, 0x80000008, 0);
	if (e)
		e->ecx = (cpus - 1) | bits << 12;
	for (uint32_t i = 0; i < leaves->nent; i++) {
		e = &leaves->entries[i];
		if (e->function == 4 && (e->eax & 0x1F))
			e->eax = (e->eax & 0x3FFF) | (cpus - 1) << 26;
	}
}

/* Leaf 0xB: threads (one a core), then cores. */
static void set_x2apic_topology(struct kvm_cpuid2 *leaves, unsigned int index,
				unsigned int cpus)
{
	const uint32_t significant = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
	struct kvm_cpuid_entry2 *e;

	e = fresh(leaves, 0xB, 0, significant);
	e->ebx = 1;
	e->ecx = 1 << 8;	/* level type SMT */
	e->edx = index;
	e = fresh(leaves, 0xB, 1, significant);
	e->eax = id_bits(cpus);
	e->ebx = cpus;
	e->ecx = 1 | 2 << 8;	/* level type core */
	e->edx = index;
	e = fresh(leaves, 0xB, 2, significant);
	e->ecx = 2;
	e->edx = index;
}

static void apply_edits(struct kvm_cpuid2 *leaves, bool nested)
{
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const struct edit *edit = &edits[i];
		struct kvm_cpuid_entry2 *e;

		if (edit->nested && !nested)
			continue;
		e = find(leaves, edit->leaf, edit->subleaf);
		if (!e)
			continue;
		e->eax &= ~edit->eax;
		e->ebx &= ~edit->ebx;
		e->ecx &= ~edit->ecx;
		e->edx &= ~edit->edx;
	}
}

/* KVM's paravirtual leaves must not show beside Hyper-V's. */
static void drop_kvm_leaves(struct kvm_cpuid2 *leaves)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < leaves->nent; i++)
		if (leaves->entries[i].function < HV_FIRST_LEAF ||
		    leaves->entries[i].function > HV_LAST_LEAF)
			leaves->entries[kept++] = leaves->entries[i];
	leaves->nent = kept;
}

/**
 * struct privilege - a bit of leaf 0x40000003 that a guest should see
 * @needed: its name when no guest works without it, else NULL
 */
struct privilege {
	char reg;	/* 'a', 'b' or 'd' */
	uint8_t bit;
	const char *needed;
};

/* Documentation/protocol.md A.1.1 */
static const struct privilege privileges[] = {
	{ 'a', 1, "the partition reference counter" },
	{ 'a', 2, "the SynIC MSRs" },
	{ 'a', 3, NULL },	/* synthetic timers, with 'd' 19 only */
	{ 'a', 5, "the hypercall MSRs" },
	{ 'a', 6, "the VP index MSR" },
	{ 'a', 9, NULL },	/* reference TSC page */
	{ 'a', 11, NULL },	/* frequency MSRs, with 'd' 8 */
	{ 'b', 4, "posting messages" },
	{ 'b', 5, "signalling events" },
	{ 'd', 8, NULL },
	{ 'd', 10, NULL },	/* crash MSRs */
	{ 'd', 19, NULL },	/* direct-mode synthetic timers */
};

static uint32_t *reg_of(struct kvm_cpuid_entry2 *e, char reg)
{
	return reg == 'a' ? &e->eax : reg == 'b' ? &e->ebx : &e->edx;
}

static void set_privileges(struct kvm_cpuid_entry2 *leaf,
			   struct kvm_cpuid_entry2 *supported)
{
	for (size_t i = 0; i < sizeof(privileges) / sizeof(privileges[0]); i++) {
		const struct privilege *p = &privileges[i];

		if (*reg_of(supported, p->reg) & BIT(p->bit))
			*reg_of(leaf, p->reg) |= BIT(p->bit);
		else if (p->needed)
			fatal(STATUS_FAILED,
			      "KVM: its Hyper-V emulation lacks %s, use a newer kernel",
			      p->needed);
	}
	/* A timer that writes the message page would race with VMBus (A.7 T2). */
	if (!(leaf->edx & BIT(19)))
		leaf->eax &= ~BIT(3);
	/* The two halves of one feature */
	if (!(leaf->edx & BIT(8)))
		leaf->eax &= ~BIT(11);
}

/* Build numbers as the host generations have them; nothing depends on them. */
static void set_version(struct kvm_cpuid_entry2 *e, enum host_gen gen)
{
	static const struct {
		uint32_t build, version;
	} versions[] = {
		[HOST_WS2012R2] = { 9600, 6 << 16 | 3 },
		[HOST_WS2016] = { 14393, 10 << 16 },
		[HOST_WS2019] = { 17763, 10 << 16 },
		[HOST_WS2022] = { 20348, 10 << 16 },
		[HOST_AZURE] = { 20348, 10 << 16 },
	};

	e->eax = versions[gen].build;
	e->ebx = versions[gen].version;
}

static void set_hyperv(struct kvm_cpuid2 *leaves, struct kvm_cpuid2 *supported,
		       const struct cpuid_config *cfg)
{
	struct kvm_cpuid_entry2 *e, *from = find(supported, 0x40000003, 0);

	if (!from)
		fatal(STATUS_FAILED, "KVM: no Hyper-V leaf 0x40000003, use a newer kernel");
	e = fresh(leaves, 0x40000000, 0, 0);
	e->eax = HV_MAX_LEAF;
	memcpy(&e->ebx, "Micr", 4);
	memcpy(&e->ecx, "osof", 4);
	memcpy(&e->edx, "t Hv", 4);
	e = fresh(leaves, 0x40000001, 0, 0);
	memcpy(&e->eax, "Hv#1", 4);
	set_version(fresh(leaves, 0x40000002, 0, 0), cfg->gen);
	set_privileges(fresh(leaves, 0x40000003, 0, 0), from);
	e = fresh(leaves, 0x40000004, 0, 0);
	e->eax = BIT(5) | BIT(9);	/* relaxed timing, no AutoEOI */
	e->ebx = HV_NEVER_NOTIFY;
	e = fresh(leaves, 0x40000005, 0, 0);
	e->eax = cfg->cpus;
	e->ebx = cfg->cpus;
	fresh(leaves, 0x40000006, 0, 0);
	/* Linux 7.3 reads 0x40000082 without asking whether it is there. */
	for (uint32_t leaf = 0x40000080; leaf <= 0x40000082; leaf++)
		fresh(leaves, leaf, 0, 0);
}

static void get_leaves(int fd, unsigned long request, const char *name,
		       struct kvm_cpuid2 *leaves)
{
	if (ioctl(fd, request, leaves))
		fatal(STATUS_FAILED, "%s: %s", name, strerror(errno));
}

void cpuid_set(int vcpu_fd, unsigned int index, const struct cpuid_config *cfg)
{
	struct kvm_cpuid2 *supported = alloc_leaves();
	struct kvm_cpuid2 *leaves = alloc_leaves();
	struct kvm_cpuid_entry2 *e;

	get_leaves(vm_kvm_fd(), KVM_GET_SUPPORTED_CPUID,
		   "KVM_GET_SUPPORTED_CPUID", leaves);
	get_leaves(vcpu_fd, KVM_GET_SUPPORTED_HV_CPUID,
		   "KVM_GET_SUPPORTED_HV_CPUID", supported);
	drop_kvm_leaves(leaves);
	apply_edits(leaves, cfg->hide_nested);
	e = find(leaves, 1, 0);
	if (e)
		e->ecx |= BIT(31) | BIT(21);	/* hypervisor, x2APIC */
	e = find(leaves, 6, 0);
	if (e)
		e->eax |= BIT(2);	/* ARAT: no other timer is needed in idle */
	if (cfg->hide_nested)
		set_invariant_tsc(leaves);
	set_topology(leaves, index, cfg->package);
	set_x2apic_topology(leaves, index, cfg->package);
	set_hyperv(leaves, supported, cfg);
	if (ioctl(vcpu_fd, KVM_SET_CPUID2, leaves))
		fatal(STATUS_FAILED, "KVM_SET_CPUID2: %s", strerror(errno));
	free(supported);
	free(leaves);
}
