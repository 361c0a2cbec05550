/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A virtual PCI bus over VMBus with one function in slot 0
 * (Documentation/protocol.md G). The guest's own pci-hyperv binds to it. Runs in
 * the I/O thread.
 */
#ifndef HVHOST_VPCI_H
#define HVHOST_VPCI_H

#include <stdio.h>

#include "loop.h"
#include "mmio.h"
#include "pcifn.h"
#include "vmbus.h"
#include "vpci_abi.h"

#define VPCI_INTERRUPTS_MAX	64u

/**
 * enum vpci_phase - how far the dialogue is (G.6)
 * @VPCI_CLOSED: the guest has not opened the channel
 * @VPCI_OPEN: no version is agreed on
 * @VPCI_VERSIONED: it is
 * @VPCI_D0: the configuration window is mapped
 * @VPCI_ASSIGNED: the guest has said that it gave resources to the function
 */
enum vpci_phase {
	VPCI_CLOSED,
	VPCI_OPEN,
	VPCI_VERSIONED,
	VPCI_D0,
	VPCI_ASSIGNED,
};

/**
 * struct vpci_ops - what the owner of the bus is told
 * @ejected: the guest has given the function up, upon vpci_eject() or by itself
 * @closed: the guest has closed the channel, or it was taken from it
 * @released: the guest has forgotten the bus: it may be offered anew
 */
struct vpci_ops {
	void (*ejected)(void *ctx);
	void (*closed)(void *ctx);
	void (*released)(void *ctx);
};

/**
 * struct vpci_bus - a bus; embedded in its owner
 * @name: for messages ("nic0 vf")
 * @instance: instance GUID; bytes 4 and 5 give the guest's PCI domain (G.7)
 * @newest: newest version offered, VPCI_V*
 * @serial: serial number of the function, in the guest the name of its slot
 * @fn: the function
 * @ops: of the owner
 * @ctx: argument of @ops
 * @d0_ms: D0ENTRY is answered so many milliseconds late
 * @chan: NULL while not offered
 * @phase: how far the guest is
 * @version: agreed on; 0 before
 * @window: the configuration window, mapped since VPCI_D0
 * @slot: selected in the window
 * @ejecting: EJECT was sent and EJECTION_COMPLETE has not come
 * @present: the function is on the bus
 * @message: interrupts that the guest has created
 * @messages: of them
 * @late: the answer to D0ENTRY that is due, with @late_id
 */
struct vpci_bus {
	const char *name;
	u8 instance[16];
	u32 newest;
	u32 serial;
	struct pcifn *fn;
	const struct vpci_ops *ops;
	void *ctx;
	u32 d0_ms;

	struct vmbus_channel *chan;
	enum vpci_phase phase;
	u32 version;
	struct mmio_region window;
	u32 slot;
	bool ejecting;
	bool present;
	struct vpci_message message[VPCI_INTERRUPTS_MAX];
	u32 messages;
	struct loop_timer late;
	u64 late_id;
};

/**
 * vpci_offer() - offer the bus to the guest, its function plugged in
 * All fields above @chan are set by the owner, the rest is zero.
 *
 * Return: 0; -EEXIST it is there; -ENOMEM.
 */
int vpci_offer(struct vpci_bus *bus);

/**
 * vpci_eject() - ask the guest to give the function up; ops->ejected() follows
 * Return: 0, or -ENODEV when the guest has not got as far as to see it.
 */
int vpci_eject(struct vpci_bus *bus);

/**
 * vpci_rescind() - take the bus away; a function in use is gone from one read to
 *	the next (G.9)
 */
void vpci_rescind(struct vpci_bus *bus);

/** vpci_seen() - whether the guest has opened the bus and may know its function */
bool vpci_seen(const struct vpci_bus *bus);

/** vpci_phase_name() - for messages */
const char *vpci_phase_name(enum vpci_phase phase);

#endif
