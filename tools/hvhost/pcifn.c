// SPDX-License-Identifier: GPL-2.0
/*
 * A PCI function: configuration space, BARs, MSI-X. Offsets and bits are those
 * of the PCI specification, by the names of linux/pci_regs.h.
 */
#include <assert.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <string.h>

#include "pcifn.h"
#include "violation.h"
#include "vm.h"

#define MSIX_ENTRY_LEN	16u
#define MSIX_CAP_LEN	12u
#define PCIE_CAP_LEN	60u
#define MSI_WINDOW	0xFEE00000ull	/* messages of x86 are written there */
#define MSI_WINDOW_LEN	0x100000ull

static u32 get(const u8 *p, unsigned int size)
{
	__le32 v = 0;

	memcpy(&v, p, size);
	return le32_to_cpu(v);
}

static void put(u8 *p, unsigned int size, u32 value)
{
	__le32 v = cpu_to_le32(value);

	memcpy(p, &v, size);
}

static bool decodes(const struct pcifn *fn)
{
	return get(fn->config + PCI_COMMAND, 2) & PCI_COMMAND_MEMORY;
}

void pcifn_init(struct pcifn *fn, const char *name, const struct pcifn_ids *ids)
{
	memset(fn, 0, sizeof(*fn));
	fn->name = name;
	fn->ids = *ids;
	put(fn->config + PCI_VENDOR_ID, 2, ids->vendor);
	put(fn->config + PCI_DEVICE_ID, 2, ids->device);
	put(fn->config + PCI_CLASS_REVISION, 4, ids->class << 8 | ids->revision);
	put(fn->config + PCI_SUBSYSTEM_VENDOR_ID, 2, ids->sub_vendor);
	put(fn->config + PCI_SUBSYSTEM_ID, 2, ids->sub_device);
	put(fn->writable + PCI_COMMAND, 2, PCI_COMMAND_MEMORY |
	    PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	put(fn->writable + PCI_CACHE_LINE_SIZE, 1, 0xFF);
	put(fn->writable + PCI_INTERRUPT_LINE, 1, 0xFF);
	fn->caps_end = PCI_STD_HEADER_SIZEOF;
}

void pcifn_add_bar(struct pcifn *fn, unsigned int index, u32 size,
		   uint64_t (*read)(void *ctx, uint64_t off, unsigned int size),
		   void (*write)(void *ctx, uint64_t off, unsigned int size,
				 uint64_t value),
		   void *ctx)
{
	struct pcifn_bar *bar = &fn->bar[index];

	assert(index < PCIFN_BARS && size >= 4096 && !(size & (size - 1)));
	bar->size = size;
	bar->region = (struct mmio_region){
		.len = size, .read = read, .write = write, .ctx = ctx,
	};
	put(fn->writable + PCI_BASE_ADDRESS_0 + 4 * index, 4, ~(size - 1));
}

u32 pcifn_probed_bar(const struct pcifn *fn, unsigned int index)
{
	return get(fn->writable + PCI_BASE_ADDRESS_0 + 4 * index, 4);
}

/* A new capability in front of the others. Return: its offset */
static u32 add_cap(struct pcifn *fn, u8 id, u32 len)
{
	u32 at = fn->caps_end;

	assert(at + len <= 0x100);
	fn->config[at] = id;
	fn->config[at + 1] = fn->config[PCI_CAPABILITY_LIST];
	fn->config[PCI_CAPABILITY_LIST] = (u8)at;
	put(fn->config + PCI_STATUS, 2, PCI_STATUS_CAP_LIST);
	fn->caps_end = (at + len + 3) & ~3u;
	return at;
}

void pcifn_add_pcie(struct pcifn *fn)
{
	u32 at = add_cap(fn, PCI_CAP_ID_EXP, PCIE_CAP_LEN);

	put(fn->config + at + PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_ENDPOINT << 4);
	put(fn->config + at + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_RBER);
	put(fn->writable + at + PCI_EXP_DEVCTL, 2, 0x7FFF);
}

/* --- MSI-X --- */

static bool masked(const struct pcifn *fn, u32 vector)
{
	u16 flags = (u16)get(fn->config + fn->msix + PCI_MSIX_FLAGS, 2);

	return flags & PCI_MSIX_FLAGS_MASKALL ||
	       fn->vector[vector].control & PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

static bool msix_on(const struct pcifn *fn)
{
	return fn->msix && get(fn->config + fn->msix + PCI_MSIX_FLAGS, 2) &
			   PCI_MSIX_FLAGS_ENABLE;
}

static void send(struct pcifn *fn, u32 vector)
{
	const struct pcifn_vector *v = &fn->vector[vector];

	if (v->address - MSI_WINDOW >= MSI_WINDOW_LEN) {
		violation("pci.msi-address", fn->name, "G.8",
			  "MSI-X entry %u: wanted an address of CREATE_INTERRUPT's reply, came 0x%llx",
			  vector, (unsigned long long)v->address);
		fn->lost++;
		return;
	}
	if (vm_signal_msi(v->address, v->data))
		fn->lost++;
	else
		fn->raised++;
}

void pcifn_raise(struct pcifn *fn, u32 vector)
{
	if (fn->gone || !msix_on(fn) || vector >= fn->vectors)
		return;
	if (masked(fn, vector))
		fn->vector[vector].pending = true;
	else
		send(fn, vector);
}

/* Masks have changed: send what waited for it */
static void send_pending(struct pcifn *fn)
{
	u32 i;

	for (i = 0; msix_on(fn) && i < fn->vectors; i++) {
		if (!fn->vector[i].pending || masked(fn, i))
			continue;
		fn->vector[i].pending = false;
		send(fn, i);
	}
}

static u32 table_word(const struct pcifn *fn, u32 off)
{
	const struct pcifn_vector *v = &fn->vector[off / MSIX_ENTRY_LEN];

	switch (off % MSIX_ENTRY_LEN) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		return (u32)v->address;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		return (u32)(v->address >> 32);
	case PCI_MSIX_ENTRY_DATA:
		return v->data;
	default:
		return v->control;
	}
}

static uint64_t msix_read(void *ctx, uint64_t off, unsigned int size)
{
	const struct pcifn *fn = ctx;
	u32 value = 0, i;

	if (size != 4 || off % 4)
		return UINT64_MAX;
	if (off < (u64)fn->vectors * MSIX_ENTRY_LEN)
		return table_word(fn, (u32)off);
	for (i = 0; off == get(fn->config + fn->msix + PCI_MSIX_PBA, 4) / 8 * 8 &&
	     i < fn->vectors; i++)
		value |= (u32)fn->vector[i].pending << i;
	return value;
}

static void msix_write(void *ctx, uint64_t off, unsigned int size, uint64_t value)
{
	struct pcifn *fn = ctx;
	struct pcifn_vector *v;
	u32 word = (u32)value;

	if (off % 4 || size != 4) {
		violation("pci.msix-access", fn->name, "G.8",
			  "MSI-X table: wanted whole words, came %u bytes at 0x%llx",
			  size, (unsigned long long)off);
		return;
	}
	if (off >= (u64)fn->vectors * MSIX_ENTRY_LEN)
		return;
	v = &fn->vector[off / MSIX_ENTRY_LEN];
	switch (off % MSIX_ENTRY_LEN) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		v->address = (v->address & ~(u64)U32_MAX) | word;
		break;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		v->address = (v->address & U32_MAX) | (u64)word << 32;
		break;
	case PCI_MSIX_ENTRY_DATA:
		v->data = word;
		break;
	default:
		v->control = word & PCI_MSIX_ENTRY_CTRL_MASKBIT;
		send_pending(fn);
		break;
	}
}

void pcifn_add_msix(struct pcifn *fn, unsigned int bar, u32 size, u32 vectors)
{
	assert(vectors && vectors <= PCIFN_VECTORS_MAX);
	pcifn_add_bar(fn, bar, size, msix_read, msix_write, fn);
	fn->msix = add_cap(fn, PCI_CAP_ID_MSIX, MSIX_CAP_LEN);
	fn->vectors = vectors;
	put(fn->config + fn->msix + PCI_MSIX_FLAGS, 2, vectors - 1);
	put(fn->writable + fn->msix + PCI_MSIX_FLAGS, 2,
	    PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	put(fn->config + fn->msix + PCI_MSIX_TABLE, 4, bar);
	put(fn->config + fn->msix + PCI_MSIX_PBA, 4, size / 2 | bar);
}

/* --- configuration space --- */

static void unmap_bars(struct pcifn *fn)
{
	unsigned int i;

	for (i = 0; i < PCIFN_BARS; i++) {
		if (fn->bar[i].mapped)
			mmio_del(&fn->bar[i].region);
		fn->bar[i].mapped = false;
	}
}

static void map_bars(struct pcifn *fn)
{
	struct pcifn_bar *bar;
	unsigned int i;
	int ret;

	for (i = 0; i < PCIFN_BARS; i++) {
		bar = &fn->bar[i];
		if (!bar->size || bar->mapped)
			continue;
		bar->region.base = get(fn->config + PCI_BASE_ADDRESS_0 + 4 * i, 4);
		ret = mmio_add(&bar->region);
		bar->mapped = !ret;
		if (ret)
			violation("pci.bar-address", fn->name, "G.5",
				  "BAR %u: wanted free space in a VMBus window, came 0x%llx, %u bytes (%s)",
				  i, (unsigned long long)bar->region.base, bar->size,
				  strerror(-ret));
	}
}

u32 pcifn_config_read(const struct pcifn *fn, u32 off, unsigned int size)
{
	if (fn->gone || size > 4 || off > PCIFN_CONFIG_LEN - size)
		return U32_MAX;
	return get(fn->config + off, size);
}

/* BARs do not move while memory decode is on, as on Hyper-V */
static bool is_locked(const struct pcifn *fn, u32 off)
{
	return decodes(fn) && off >= PCI_BASE_ADDRESS_0 &&
	       off < PCI_BASE_ADDRESS_0 + 4 * PCIFN_BARS;
}

void pcifn_config_write(struct pcifn *fn, u32 off, unsigned int size, u32 value)
{
	bool decoded = decodes(fn);
	unsigned int i;
	u8 mask;

	if (fn->gone || size > 4 || off > PCIFN_CONFIG_LEN - size)
		return;
	for (i = 0; i < size; i++, off++) {
		mask = is_locked(fn, off) ? 0 : fn->writable[off];
		fn->config[off] = (u8)((fn->config[off] & ~mask) |
				       (value >> 8 * i & mask));
	}
	if (decoded && !decodes(fn))
		unmap_bars(fn);
	else if (!decoded && decodes(fn))
		map_bars(fn);
	send_pending(fn);
}

void pcifn_reset(struct pcifn *fn)
{
	u32 i;

	unmap_bars(fn);
	for (i = 0; i < PCIFN_CONFIG_LEN; i++)
		fn->config[i] &= (u8)~fn->writable[i];
	memset(fn->vector, 0, sizeof(fn->vector));
	for (i = 0; i < fn->vectors; i++)
		fn->vector[i].control = PCI_MSIX_ENTRY_CTRL_MASKBIT;
	fn->gone = false;
}

void pcifn_remove(struct pcifn *fn)
{
	unmap_bars(fn);
	fn->gone = true;
}
