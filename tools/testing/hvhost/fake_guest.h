/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's side of VMBus, as simple as it can be said, and a device of the
 * host that does what a test tells it. Dialogues are written with these.
 *
 * Ring code here is independent of ring.c on purpose: a byte at a time, with the
 * remainder of a division where ring.c compares.
 */
#ifndef FAKE_GUEST_H
#define FAKE_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "fake_host.h"
#include "vmbus.h"
#include "vmbus_abi.h"

#define CONN_ID(relid)	(0x2000u + (relid))

/**
 * struct fake_dev - device behind one channel; counts what it is told
 * @chan: its channel, NULL when released
 * @open_status: what open() answers
 * @opened, @closed, @released, @processed: calls
 * @echo: process() answers each packet with an in-band packet of the same payload
 * @recv_error: what vmbus_recv() ended with at last, 0 when the ring was drained
 * @last: the packet received last; its payload and iov are not valid later
 * @last_bytes: the first bytes of its payload
 * @packets: received so far
 */
struct fake_dev {
	struct vmbus_channel *chan;
	int open_status;
	int opened, closed, released, processed;
	bool echo;
	int recv_error;
	struct vmbus_packet last;
	uint8_t last_bytes[64];
	int packets;
};

/**
 * dev_offer() - make a device and offer it as instance @instance, sub-channel @sub
 * Return: it, until guest_teardown(); without a channel when the server refused.
 */
struct fake_dev *dev_offer(uint8_t instance, uint16_t sub);

/** dev_offer_strange() - the same, also of an index that exists */
struct fake_dev *dev_offer_strange(uint8_t instance, uint16_t sub);

/** guest_setup(), guest_teardown() - cmocka fixtures: a fresh server and RAM; all devices gone */
int guest_setup(void **state);
int guest_teardown(void **state);

/** guest_say() - post a message of @len bytes of type @type; fields by the caller */
void guest_say(union vmbus_guest_msg *msg, uint32_t type, uint32_t len);

/** guest_contact() - INITIATE_CONTACT as a well-behaved guest sends it */
void guest_contact(uint32_t version);
/** guest_connect() - contact, offers; eats the answers. Relids go up from 1. */
void guest_connect(uint32_t version);
void guest_relid_msg(uint32_t type, uint32_t relid);
void guest_teardown_gpadl(uint32_t relid, uint32_t handle);

/** guest_gpadl() - describe pages [@pfn, @pfn + @pages), with bodies; answer not eaten */
void guest_gpadl(uint32_t relid, uint32_t handle, uint64_t pfn, uint32_t pages);
/** guest_open_msg() - OPENCHANNEL; answer not eaten */
void guest_open_msg(uint32_t relid, uint32_t handle, uint32_t vp, uint32_t down);

/** guest_hear() - take the next message: its type is @type; fails the test otherwise */
void guest_hear(void *msg, uint32_t type);
/** guest_hear_nothing() - fails the test when a message is waiting */
void guest_hear_nothing(void);
/** guest_hear_status() - next is @type (OPENCHANNEL_RESULT, GPADL_CREATED); returns its status */
uint32_t guest_hear_status(uint32_t type, uint32_t relid, uint32_t id);

/** guest_hear_offer() - next is a well-formed offer of sub-channel @sub; returns its relid */
uint32_t guest_hear_offer(uint16_t sub);
/** guest_hear_rescind() - next is a RESCIND; returns its relid */
uint32_t guest_hear_rescind(void);
/** guest_modify() - MODIFYCHANNEL; answer not eaten */
void guest_modify(uint32_t relid, uint32_t vp);
/** guest_hear_modified() - next is the answer to it; returns its status */
uint32_t guest_hear_modified(uint32_t relid);

/**
 * struct guest_ring - one ring as the guest sees it
 * @pfn: page number of its header
 * @size: bytes of data
 */
struct guest_ring {
	uint64_t pfn;
	uint32_t size;
};

/**
 * struct guest_chan - an open channel
 * @relid: its relid
 * @handle: GPADL of its rings
 * @out: to the host
 * @in: from the host
 */
struct guest_chan {
	uint32_t relid;
	uint32_t handle;
	struct guest_ring out;
	struct guest_ring in;
};

/** guest_open() - GPADL and OPENCHANNEL, two rings of @data_pages data pages at @pfn, interrupts on VP 1 */
void guest_open(struct guest_chan *gc, uint32_t relid, uint64_t pfn,
		uint32_t data_pages);

struct vmbus_ring_header *ring_header(const struct guest_ring *r);
/** ring_poke() - write bytes at the write index and move it; no check, no signal */
void ring_poke(struct guest_ring *r, const void *bytes, uint32_t len);
/** guest_packet() - a well-formed packet and its trailer into the ring to the host; no signal */
void guest_packet(struct guest_chan *gc, uint16_t type, uint16_t flags,
		  uint64_t id, const void *payload, uint32_t len);
/**
 * guest_read() - take a packet from the ring from the host
 * @buf: room for @max bytes: descriptor and payload
 * Return: bytes, 0 when the ring is empty.
 */
uint32_t guest_read(struct guest_chan *gc, void *buf, uint32_t max);

/** prove_alive() - a packet goes to the device and its echo comes back */
void prove_alive(struct guest_chan *gc, struct fake_dev *dev);

/** prove_usable() - relid 1, @dev's, opens, answers and closes, whatever went before */
void prove_usable(struct fake_dev *dev);

/** expect_violation() - the one violation since the last call is of @rule */
void expect_violation(const char *rule);
/** expect_no_violation() - none since the last call */
void expect_no_violation(void);

#endif
