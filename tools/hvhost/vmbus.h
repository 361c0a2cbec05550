/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMBus server: what a synthetic device sees of it (Documentation/protocol.md
 * B and C). Everything here runs in the I/O thread.
 */
#ifndef HVHOST_VMBUS_H
#define HVHOST_VMBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct vmbus_channel;
struct vmbus_gpadl;

/* Packet types, C.3 */
#define VM_PKT_INBAND		0x6
#define VM_PKT_XFER_PAGES	0x7
#define VM_PKT_GPA_DIRECT	0x9
#define VM_PKT_COMPLETION	0xB
#define VM_PKT_FLAG_COMPLETION	0x1

/* What open() returns for a guest that is to wait for its answer, see vmbus_open_again() */
#define VMBUS_OPEN_SILENT	1

/**
 * struct vmbus_channel_ops - what a device does when its channel lives
 * @open: the guest opened the channel, rings are mapped. Return 0 or an
 *	NTSTATUS for OPENCHANNEL_RESULT, or VMBUS_OPEN_SILENT for no answer at all.
 * @close: the channel goes (CLOSE, rescind, unload, reconnect); it can already
 *	neither send nor receive, and GPADLs must not be used after it returns.
 *	Must not rescind. A channel that failed is closed when the guest closes it.
 * @process: the guest signalled: there may be packets to receive or room to
 *	send. Drain both; spurious calls are normal.
 * @released: RELID_RELEASED came after a rescind, or the guest can no longer
 *	send it (reset), or never saw the offer: the channel object is freed when
 *	this returns. The same instance may be offered anew from here. May be NULL.
 *
 * When a primary is closed or rescinded, or the connection is reset, the server
 * itself closes and rescinds its sub-channels, each first told with close() if it
 * was open, then with released(). A sub-channel that the guest closes by itself is
 * rescinded too (B.5). hostctl can rescind any channel without asking its device.
 */
struct vmbus_channel_ops {
	int (*open)(struct vmbus_channel *chan);
	void (*close)(struct vmbus_channel *chan);
	void (*process)(struct vmbus_channel *chan);
	void (*released)(struct vmbus_channel *chan);
};

/**
 * struct vmbus_offer - what OFFERCHANNEL says of a channel (B.4)
 * @type: interface type GUID in wire order
 * @instance: instance GUID in wire order
 * @sub_index: 0 for a primary, else the sub-channel's index (1..)
 * @mmio_mb: MMIO megabytes wanted
 * @name: for messages ("nic0"), copied
 * @strange: offered though the index exists already (fault injection)
 */
struct vmbus_offer {
	uint8_t type[16];
	uint8_t instance[16];
	uint16_t sub_index;
	uint16_t mmio_mb;
	const char *name;
	bool strange;
};

/**
 * vmbus_init() - start the server
 * @newest: newest protocol version offered, major << 16 | minor (B.3)
 * Registers itself with the SynIC and with hostctl ("vmbus").
 */
int vmbus_init(uint32_t newest);

/**
 * vmbus_offer() - make a channel; offered now when the guest is connected and
 *	has asked for offers, else on REQUESTOFFERS, again after a reconnect
 *
 * While a rescinded channel of the same instance waits for RELID_RELEASED the
 * offer waits, too. A sub-channel can be made only while its primary is open.
 *
 * Return: the channel, owned by the server until it is released, or NULL: no
 * memory, the same sub-index exists already, or no primary is open.
 */
struct vmbus_channel *vmbus_offer(const struct vmbus_offer *offer,
				  const struct vmbus_channel_ops *ops, void *ctx);

/**
 * vmbus_rescind() - take the channel away: close() first, then RESCIND to the
 *	guest (B.5, H.6); a primary takes its sub-channels with it
 *
 * A channel that the guest never saw is released before this returns.
 */
void vmbus_rescind(struct vmbus_channel *chan);

/**
 * vmbus_open_again() - have open() called once more for an OPENCHANNEL for which it
 *	said VMBUS_OPEN_SILENT; nothing without one
 *
 * The rings that it named have to be there still: a guest that takes them back before it
 * has the answer breaks the protocol, and that is reported.
 */
void vmbus_open_again(struct vmbus_channel *chan);

/* Facts about a channel */
/** vmbus_taken_away() - in close(): whether the guest has yet to hear of it */
bool vmbus_taken_away(const struct vmbus_channel *chan);
void *vmbus_ctx(const struct vmbus_channel *chan);
const char *vmbus_name(const struct vmbus_channel *chan);	/* "nic0 channel 1" */
uint16_t vmbus_sub_index(const struct vmbus_channel *chan);
bool vmbus_is_open(const struct vmbus_channel *chan);
/** vmbus_version() - negotiated version, 0 before INITIATE_CONTACT */
uint32_t vmbus_version(void);

/**
 * struct vmbus_packet - one packet received, in private memory
 * @type: VM_PKT_*
 * @flags: 0 or VM_PKT_FLAG_COMPLETION (anything else was refused)
 * @trans_id: the guest's transaction id
 * @payload: @payload_len bytes, valid until the next vmbus_recv() on the channel
 * @iov: ranges of a GPA-direct packet as pointers into guest RAM (guest may
 *	still write there), @iov_cnt of them; a range of several pages is
 *	several entries
 * @range_cnt: number of ranges in the packet
 * @first_range_len: bytes in the first range (D.7: header must lie in it)
 */
struct vmbus_packet {
	uint16_t type;
	uint16_t flags;
	uint64_t trans_id;
	const void *payload;
	uint32_t payload_len;
	const struct iovec *iov;
	uint32_t iov_cnt;
	uint32_t range_cnt;
	uint32_t first_range_len;
};

/**
 * vmbus_recv() - take the next packet from the guest
 * A completion whose transaction id is not outstanding never gets here (I.2 11).
 *
 * Return: 1 a packet, 0 ring empty (published, re-armed and re-checked), -EPROTO
 * ring or packet broken or channel not open: reported, channel dead, process() is
 * not called again. -ENOMEM the same for want of memory.
 */
int vmbus_recv(struct vmbus_channel *chan, struct vmbus_packet *pkt);

/**
 * vmbus_recv_done() - publish the read index of all that was received, with
 *	the space signal of C.7 when the guest waits for room. Call once a batch;
 *	the server calls it after process().
 */
void vmbus_recv_done(struct vmbus_channel *chan);

/** vmbus_unread() - bytes that the guest's ring holds beyond the last packet taken */
uint32_t vmbus_unread(struct vmbus_channel *chan);

/** vmbus_taken() - bytes of packets taken since the ring was @at, which is brought up to date */
uint32_t vmbus_taken(const struct vmbus_channel *chan, uint32_t *at);

/**
 * vmbus_send() - write an in-band packet or a completion
 * @type: VM_PKT_INBAND or VM_PKT_COMPLETION
 *
 * The guest sees it with the next vmbus_signal(). With VM_PKT_FLAG_COMPLETION
 * @trans_id is outstanding until the guest completes it; two live ones must differ.
 *
 * Return: 0; -EAGAIN no room: pending size is set and process() is called when
 * there is; -EMSGSIZE larger than the ring or 64 Ki times 8 bytes; -ENODEV not
 * open, or the guest's read index was broken (reported, channel dead); -ENOMEM.
 */
int vmbus_send(struct vmbus_channel *chan, uint16_t type, uint16_t flags,
	       uint64_t trans_id, const void *payload, uint32_t len);

/** struct vmbus_xfer_range - bytes and offset in the receive buffer (C.4) */
struct vmbus_xfer_range {
	uint32_t byte_count;
	uint32_t byte_offset;
};

/** vmbus_send_xfer() - write a transfer-page packet, completion requested; returns as vmbus_send() */
int vmbus_send_xfer(struct vmbus_channel *chan, uint16_t set_id, uint64_t trans_id,
		    const struct vmbus_xfer_range *ranges, uint32_t count,
		    const void *payload, uint32_t len);

/** vmbus_send_raw() - write a packet byte for byte (fault injection); as vmbus_send() */
int vmbus_send_raw(struct vmbus_channel *chan, const void *pkt, uint32_t len);

/**
 * vmbus_lie() - corrupt the ring to the guest and interrupt it (fault injection)
 * @odd: a write index between two packets; else one behind the end of the ring
 *
 * The guest sees nothing else on the channel until it has opened it anew.
 */
void vmbus_lie(struct vmbus_channel *chan, bool odd);

/**
 * vmbus_signal() - show the guest the packets written since the last call, and
 *	raise its interrupt if it wants one (C.7). Call once a batch; the server
 *	calls it after process(), but not after timers and uplinks.
 */
void vmbus_signal(struct vmbus_channel *chan);

/**
 * vmbus_fail() - the guest broke the protocol of the device: the channel stops
 *	answering (I.2 "errors that stop the channel") until the guest closes it
 */
void vmbus_fail(struct vmbus_channel *chan);

/**
 * vmbus_gpadl_find() - GPADL by handle; it must belong to this channel's device.
 *	A GPADL has one range: others are refused when the guest makes them.
 * Return: it, or NULL. Valid until the channel's close(), or until the guest tears
 * it down or releases the channel that it was made for, of which @torn (may be
 * NULL) is told before it goes. The last @torn is the one that counts.
 */
struct vmbus_gpadl *vmbus_gpadl_find(struct vmbus_channel *chan, uint32_t handle,
				     void (*torn)(void *ctx, struct vmbus_gpadl *g), void *ctx);
/** vmbus_gpadl_len() - bytes of its (single) range */
uint64_t vmbus_gpadl_len(const struct vmbus_gpadl *g);
/** vmbus_gpadl_copy_in()/_out() - copy from / to the guest; 0 or -EFAULT when [@off, @off + @len) lies outside */
int vmbus_gpadl_copy_in(const struct vmbus_gpadl *g, void *dst, uint64_t off, uint64_t len);
int vmbus_gpadl_copy_out(const struct vmbus_gpadl *g, uint64_t off, const void *src, uint64_t len);
/** vmbus_gpadl_iov() - the same as pointers; returns entries used or -EFAULT / -ENOSPC */
int vmbus_gpadl_iov(const struct vmbus_gpadl *g, uint64_t off, uint64_t len,
		    struct iovec *iov, unsigned int max);

#endif
