/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the VMBus server share; for them and their tests only.
 *
 *   vmbus.c      the connection: versions, who may say what when, reset
 *   channel.c    the life of a channel: open, close, rescind
 *   offer.c      what may be offered when, and its relid
 *   gpadl.c      guest memory that the guest describes by page numbers
 *   packet.c     packets on an open channel, both ways
 *   ring.c       one ring (ring.h)
 *   vmbus_ctl.c  hostctl's "vmbus" and "violations"
 *
 * All of it runs in the I/O thread, so there are no locks.
 */
#ifndef HVHOST_VMBUS_PRIV_H
#define HVHOST_VMBUS_PRIV_H

#include <sys/queue.h>

#include "ring.h"
#include "vmbus.h"
#include "vmbus_abi.h"

/**
 * enum chan_state - life of a channel; channel.c has the picture
 * @CHAN_HIDDEN: the device has made it; the guest has not heard of it, because
 *	there is no connection or its instance is not free yet. No relid.
 * @CHAN_OFFERED: the guest may make GPADLs and open it; the host waits.
 * @CHAN_OPEN: the guest has opened it; both use the rings.
 * @CHAN_FAILED: the guest believes it open; it broke a rule, and the host no
 *	longer touches the rings, until the guest closes it.
 * @CHAN_RESCINDED: the host has taken it away and touches nothing of it; the
 *	guest may still close it and tear down GPADLs. Ends with RELID_RELEASED.
 */
enum chan_state {
	CHAN_HIDDEN,
	CHAN_OFFERED,
	CHAN_OPEN,
	CHAN_FAILED,
	CHAN_RESCINDED,
};

/**
 * struct chan_stats - what went over a channel since it was made
 * @pkts_in: packets taken from the guest
 * @pkts_out: packets written to the guest
 * @bytes_in: their bytes in the ring, with descriptor and trailer
 * @bytes_out: the same to the guest
 * @signals_in: wake-ups by the guest; several signals may be one
 * @signals_out: interrupts for packets
 * @space_signals: interrupts because the guest waited for room
 * @full: times that the ring to the guest had no room
 */
struct chan_stats {
	uint64_t pkts_in;
	uint64_t pkts_out;
	uint64_t bytes_in;
	uint64_t bytes_out;
	uint64_t signals_in;
	uint64_t signals_out;
	uint64_t space_signals;
	uint64_t full;
};

/**
 * struct vmbus_channel - one channel of a device
 * @node: in the server's list, in the order of making
 * @state: changed by channel_set_state() alone
 * @guest_open: rescinded while open, so that a CLOSECHANNEL may still come
 * @type: interface type GUID
 * @instance: instance GUID; with @sub_index unique among channels that are not
 *	rescinded
 * @sub_index: 0 for the primary
 * @mmio_mb: MMIO megabytes wanted
 * @name: "nic0 channel 1"
 * @ops: the device's functions
 * @ctx: their argument
 * @relid: 1..2047; 0 while hidden
 * @target_vp: VP that takes interrupts, VMBUS_VP_NONE for none; while open
 * @ring: GPADL of the rings; while the guest believes the channel open
 * @in: ring from the guest; while open
 * @out: ring to the guest; while open
 * @buf: private copy of the packet received last, @buf_len bytes long
 * @iov: its ranges, room for @iov_max
 * @owed: ids of packets that the guest has not completed yet (a tsearch() tree)
 * @late: OPENCHANNEL that was not answered, if @opening
 * @opening: see @late
 * @stats: counters
 *
 * Made by the device, freed by channel.c.
 */
struct vmbus_channel {
	TAILQ_ENTRY(vmbus_channel) node;
	enum chan_state state;
	bool guest_open;
	uint8_t type[16];
	uint8_t instance[16];
	uint16_t sub_index;
	uint16_t mmio_mb;
	bool strange;
	char name[48];
	const struct vmbus_channel_ops *ops;
	void *ctx;

	uint32_t relid;
	uint32_t target_vp;
	struct vmbus_gpadl *ring;
	struct ring_consumer in;
	struct ring_producer out;

	uint8_t *buf;
	uint32_t buf_len;
	struct iovec *iov;
	uint32_t iov_max;
	void *owed;

	struct vmbus_open_channel late;
	bool opening;

	struct chan_stats stats;
};

TAILQ_HEAD(chan_list, vmbus_channel);

/**
 * struct vmbus_gpadl - guest memory described by the guest
 * @node: in the server's list
 * @handle: the guest's name for it, unique in the connection
 * @relid: channel that it was made for; 0 when there was none
 * @byte_count: length of the range
 * @byte_offset: where it starts in the first page
 * @page: host pointers to its pages, @pages of them, @filled so far
 * @status: what GPADL_CREATED will say
 * @created: GPADL_CREATED has been sent
 * @torn_wanted: teardown came while its rings were open; TORNDOWN is owed
 * @torn: told before TORNDOWN is answered, or NULL
 * @torn_ctx: its argument
 * @user: channel that asked for @torn
 */
struct vmbus_gpadl {
	TAILQ_ENTRY(vmbus_gpadl) node;
	uint32_t handle;
	uint32_t relid;
	uint32_t byte_count;
	uint32_t byte_offset;
	uint8_t **page;
	uint32_t pages;
	uint32_t filled;
	uint32_t status;
	bool created;
	bool torn_wanted;
	void (*torn)(void *ctx, struct vmbus_gpadl *g);
	void *torn_ctx;
	struct vmbus_channel *user;
};

/**
 * struct guest_msg - one control message, in private memory
 * @len: bytes that the guest sent
 * @m: the message, zeros behind @len
 */
struct guest_msg {
	uint32_t len;
	union vmbus_guest_msg m;
};

/* vmbus.c */

/** conn_send() - send a control message to the connection's message VP */
void conn_send(const void *msg, uint8_t len);
/** conn_takes_offers() - whether the guest has asked for offers */
bool conn_takes_offers(void);

/* channel.c */

/** channel_list() - all channels, in the order of making; changed by channel.c and offer.c */
struct chan_list *channel_list(void);
/** channel_set_state() - the one function that changes the state; aborts at a wrong step */
void channel_set_state(struct vmbus_channel *chan, enum chan_state state);
/** channel_same_device() - whether both have the same type and instance */
bool channel_same_device(const struct vmbus_channel *a,
			 const struct vmbus_channel *b);

/** channel_conn_id() - id for HvSignalEvent: any unique 24 bits will do (B.1, J) */
static inline uint32_t channel_conn_id(const struct vmbus_channel *chan)
{
	return 0x2000u + chan->relid;
}

#define CHANNEL_WHERE_LEN 96
/** channel_where() - "nic0 channel 0, @msg" for violation(), whoever @relid is */
void channel_where(char where[CHANNEL_WHERE_LEN], uint32_t relid,
		   const char *msg);
/** channel_find() - the channel that the guest knows as @relid, or NULL */
struct vmbus_channel *channel_find(uint32_t relid);
/** channel_state_name() - for messages */
const char *channel_state_name(enum chan_state state);
/** channel_reset() - the connection is gone: close all, hide primaries, free the rest */
void channel_reset(void);
/** channel_fail() - stop using the rings of an open channel for good */
void channel_fail(struct vmbus_channel *chan);

void channel_on_open(const struct guest_msg *msg);
void channel_on_close(const struct guest_msg *msg);
void channel_on_modify(const struct guest_msg *msg);
void channel_on_released(const struct guest_msg *msg);

/* offer.c */

/** channel_offer_hidden() - offer what is hidden and free to be offered */
void channel_offer_hidden(void);

/* gpadl.c */

void gpadl_on_header(const struct guest_msg *msg);
void gpadl_on_body(const struct guest_msg *msg);
void gpadl_on_teardown(const struct guest_msg *msg);
/** gpadl_lookup() - a GPADL that was created for @relid, or NULL */
struct vmbus_gpadl *gpadl_lookup(uint32_t handle, uint32_t relid);
/** gpadl_ring_released() - the rings in it are no longer used: send an owed TORNDOWN */
void gpadl_ring_released(struct vmbus_gpadl *g);
/** gpadl_forget_user() - @chan closes: it is told of no teardown any more */
void gpadl_forget_user(struct vmbus_channel *chan);
/** gpadl_drop_relid() - the guest has given @relid up: free what was made for it, users are told */
void gpadl_drop_relid(uint32_t relid);
/** gpadl_reset() - the connection is gone: free all */
void gpadl_reset(void);

/* packet.c */

/** packet_open() - take the rings up at OPENCHANNEL; 0 or -EPROTO (reported) */
int packet_open(struct vmbus_channel *chan, uint32_t downstream_page);
/** packet_close() - forget all that belongs to the rings */
void packet_close(struct vmbus_channel *chan);

/* vmbus_ctl.c */

/** vmbus_ctl_init() - register the commands. Return: 0 or -errno. */
int vmbus_ctl_init(void);

#endif
