/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest that can do anything to a NIC: on the real VMBus server, with rings,
 * GPADLs and messages of its own making, and a memory of what it has done.
 *
 * It keeps to the rules until a caller breaks one and says so (@lawful): then it
 * holds the host to less.
 */
#ifndef WILD_GUEST_H
#define WILD_GUEST_H

#include "fake_guest.h"
#include "fake_loop.h"
#include "fuzz.h"
#include "guest_mem.h"
#include "nic_priv.h"

#define WILD_CHANNELS	8	/* the primary and its sub-channels */
#define WILD_ASKED	64	/* requests of a channel without answer */

#define WILD_RECV	0x100	/* GPADL handles */
#define WILD_SEND	0x101
#define WILD_RING	0x1000	/* plus the channel's index */

/* Guest RAM, in pages */
#define WILD_RING_PFN	16u
#define WILD_RING_DATA	4u	/* pages of data each way, at most */
#define WILD_RECV_PFN	256u
#define WILD_RECV_PAGES	64u
#define WILD_SEND_PFN	512u
#define WILD_SEND_PAGES	16u
#define WILD_STREAM_PFN	640u
#define WILD_STREAM_PAGES 160u

/**
 * struct wild_chan - a channel as the guest knows it
 * @relid: 0: not offered
 * @open: the host said that it is
 * @rescinded: and not released yet
 * @blind: headers of its rings were written by hand; nothing in them counts
 * @gc: its rings
 * @asked: ids of requests that have to be answered, @asked_count of them
 */
struct wild_chan {
	u32 relid;
	bool open;
	bool rescinded;
	bool blind;
	struct guest_chan gc;
	u64 asked[WILD_ASKED];
	u32 asked_count;
};

/**
 * struct wild_guest - the guest
 * @nic: the NIC, to look into
 * @chan: its channels
 * @ring_data: pages of data in a ring
 * @lawful: no rule was broken since wild_begin()
 * @blind: its memory is laid out so that the host writes where it should not look
 * @faulty: the host was told to misbehave; then nothing is lawful
 * @reads: takes what the host sends, at once
 * @completes: and gives it back, at once
 * @keeps: does not release what was rescinded
 * @have_recv: there is a GPADL of the receive buffer
 * @have_send: and one of the send buffer
 * @vf_bus: channel of the VF's bus, which it never opens; 0: not offered
 * @vf_told: it was told of a VF in this connection
 * @level: how far wild_climb() has come in
 * @epoch: the NIC's connection of that number
 * @next_id: of a request; never used twice
 * @reply: what the last completion said, zeros behind its end
 * @reply_id: its id
 * @heard: the last control message, @heard_len bytes; 0: none since it was looked at
 */
struct wild_guest {
	struct nic *nic;
	struct wild_chan chan[WILD_CHANNELS];
	u32 ring_data;
	bool lawful;
	bool blind;
	bool faulty;
	bool reads;
	bool completes;
	bool keeps;
	bool have_recv;
	bool have_send;
	u32 vf_bus;
	bool vf_told;
	u32 level;
	u32 epoch;
	u64 next_id;
	struct nvsp_message reply;
	u64 reply_id;
	u8 heard[2048];
	u32 heard_len;
};

extern struct wild_guest w;

/** wild_begin() - fresh RAM and connection, the primary offered; rings are small, or not */
void wild_begin(bool small);
/** wild_end() - UNLOAD: the connection is over, on both sides */
void wild_end(void);
/** wild_listen() - take VMBus messages of the host and do what they ask for */
void wild_listen(void);

/** wild_open() - open channel @index, if it is offered. Return: whether it is open */
bool wild_open(unsigned int index);
/** wild_close() - close it, if it is open, and tear its GPADLs down */
void wild_close(unsigned int index);
/** wild_release() - release it, if it was rescinded and kept */
void wild_release(unsigned int index);
/** wild_gpadl() - make a GPADL for channel @index */
void wild_gpadl(unsigned int index, u32 handle, u32 pfn, u32 pages);

/**
 * wild_push() - write a packet into the ring to the host, if it has room
 * @head: @head_len bytes between descriptor and payload
 * Return: its id, or 0.
 */
u64 wild_push(unsigned int index, u16 type, u16 flags, const void *head,
	      u32 head_len, const void *payload, u32 len);
/** wild_signal() - wake the host; what it sends is taken and judged */
void wild_signal(unsigned int index);

/** wild_broke() - a rule was broken: the host may say so, and stop */
static inline void wild_broke(void)
{
	w.lawful = false;
}

/** wild_complete() - give transfer @id back with @len bytes of NVSP message */
void wild_complete(unsigned int index, u64 id, const struct nvsp_message *msg, u32 len);

#endif
