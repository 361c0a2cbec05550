/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One PCI function as its guest sees it: configuration space, 32-bit memory
 * BARs, and interrupts by MSI-X. What the registers in the BARs do is up to the
 * device, how the configuration space is reached to the bus (vpci.c). Everything
 * runs in the I/O thread.
 */
#ifndef HVHOST_PCIFN_H
#define HVHOST_PCIFN_H

#include "../../wire_types.h"
#include "mmio.h"

#define PCIFN_CONFIG_LEN	4096u
#define PCIFN_BARS		6u
#define PCIFN_VECTORS_MAX	16u

/**
 * struct pcifn_ids - what the function says it is
 * @vendor: vendor id
 * @device: device id
 * @revision: revision
 * @class: base class, sub-class and programming interface, 24 bits
 * @sub_vendor: subsystem vendor id
 * @sub_device: subsystem id
 */
struct pcifn_ids {
	u16 vendor;
	u16 device;
	u8 revision;
	u32 class;
	u16 sub_vendor;
	u16 sub_device;
};

/**
 * struct pcifn_bar - one memory BAR
 * @size: bytes, a power of two and at least a page; 0 there is none
 * @region: its registers, in the table of mmio.c while @mapped
 * @mapped: memory decode is on and nothing else is at its address
 */
struct pcifn_bar {
	u32 size;
	struct mmio_region region;
	bool mapped;
};

/**
 * struct pcifn_vector - entry of the MSI-X table, as the guest wrote it
 * @address: of the message
 * @data: of the message
 * @control: bit 0 masked
 * @pending: wanted while masked
 */
struct pcifn_vector {
	u64 address;
	u32 data;
	u32 control;
	bool pending;
};

/**
 * struct pcifn - a function; embedded in its device
 * @name: for messages ("nic0 vf")
 * @ids: constant
 * @config: configuration space
 * @writable: the bits of it that the guest may change
 * @caps_end: offset behind the last capability
 * @bar: its BARs
 * @vector: MSI-X table, @vectors entries
 * @msix: offset of the MSI-X capability, 0 for none
 * @gone: taken out: all reads give ones, nothing is raised
 * @raised: interrupt messages sent
 * @lost: messages that could not be sent: no such CPU or vector
 */
struct pcifn {
	const char *name;
	struct pcifn_ids ids;
	u8 config[PCIFN_CONFIG_LEN];
	u8 writable[PCIFN_CONFIG_LEN];
	u32 caps_end;
	struct pcifn_bar bar[PCIFN_BARS];
	struct pcifn_vector vector[PCIFN_VECTORS_MAX];
	u32 vectors;
	u32 msix;
	bool gone;
	u64 raised;
	u64 lost;
};

/** pcifn_init() - a function without BARs and capabilities, memory decode off */
void pcifn_init(struct pcifn *fn, const char *name, const struct pcifn_ids *ids);

/**
 * pcifn_add_bar() - a 32-bit memory BAR
 * @size: bytes, a power of two and at least a page
 * @read: as in struct mmio_region, as @write and @ctx
 */
void pcifn_add_bar(struct pcifn *fn, unsigned int index, u32 size,
		   uint64_t (*read)(void *ctx, uint64_t off, unsigned int size),
		   void (*write)(void *ctx, uint64_t off, unsigned int size,
				 uint64_t value),
		   void *ctx);

/**
 * pcifn_add_msix() - the MSI-X capability, with its table in a BAR of its own
 * @bar: that BAR, made here: table at 0, pending bits at half its size
 * @vectors: entries, at most PCIFN_VECTORS_MAX
 */
void pcifn_add_msix(struct pcifn *fn, unsigned int bar, u32 size, u32 vectors);

/** pcifn_add_pcie() - the PCI Express capability of an endpoint without functions */
void pcifn_add_pcie(struct pcifn *fn);

/** pcifn_probed_bar() - what BAR @index reads after all ones were written to it */
u32 pcifn_probed_bar(const struct pcifn *fn, unsigned int index);

/** pcifn_config_read() - @size bytes at @off; ones outside or when it is gone */
u32 pcifn_config_read(const struct pcifn *fn, u32 off, unsigned int size);
/** pcifn_config_write() - the guest writes; read-only bits keep their value */
void pcifn_config_write(struct pcifn *fn, u32 off, unsigned int size, u32 value);

/** pcifn_raise() - send the message of an MSI-X vector, or keep it pending while masked */
void pcifn_raise(struct pcifn *fn, u32 vector);

/** pcifn_reset() - as it was made: BARs unmapped, MSI-X off */
void pcifn_reset(struct pcifn *fn);

/** pcifn_remove() - taken out while in use: what the guest reads are ones */
void pcifn_remove(struct pcifn *fn);

#endif
