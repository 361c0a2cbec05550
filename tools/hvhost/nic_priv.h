/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the synthetic NIC by the file that has them, for its files only.
 * All run in the I/O thread.
 */
#ifndef HVHOST_NIC_PRIV_H
#define HVHOST_NIC_PRIV_H

#include "nic_types.h"

/* nic.c: life */

/**
 * nic_where() - "nic0 channel 0, MESSAGE" for violation(); valid until the
 *	next call for the NIC
 */
const char *nic_where(struct nic_queue *q, const char *message);
/**
 * nic_offer() - offer the primary, or wait with it until the last one is
 *	released
 *
 * Return: 0, -EEXIST or -ENOMEM.
 */
int nic_offer(struct nic *nic);
/**
 * nic_rescind() - take the primary away
 *
 * Return: 0 or -ENODEV when it is gone already.
 */
int nic_rescind(struct nic *nic);
/** nic_offer_subchannels() - offer what was granted to the guest */
void nic_offer_subchannels(struct nic *nic);
/**
 * nic_offer_strange() - offer a sub-channel that the guest has not asked for, or has
 *	already, and that it is to leave alone
 * @index: 1 and above
 *
 * Return: 0 or -ENOMEM.
 */
int nic_offer_strange(struct nic *nic, unsigned int index);
/** nic_flush_soon() - send what is batched once the present burst is over */
void nic_flush_soon(struct nic *nic);
/** nic_set_link() - change the link state; the guest is told */
void nic_set_link(struct nic *nic, bool up);

/* nic_opt.c: --nic */
int nic_opt_parse(struct nic *nic, const char *spec);
void nic_opt_defaults(struct nic *nic);
/**
 * nic_opt_mac() - "aa:bb:cc:dd:ee:ff" or twelve digits
 *
 * Return: 0 or -EINVAL (also for multicast or zero).
 */
int nic_opt_mac(const char *text, u8 mac[6]);

/* nic_ctl.c: hostctl */
int nic_ctl_init(struct nic *nic);

/* nic_fault.c: answers withheld, wrong or late */
struct nic_fault *nic_fault(struct nic *nic, enum nic_point point);
/**
 * nic_fault_fails() - whether the answer that is being given says failure; ask
 *	once for each
 * @fault: may be NULL
 */
bool nic_fault_fails(struct nic_fault *fault);
/** nic_fault_oid() - faults set for @oid, NULL when there are none */
struct nic_fault *nic_fault_oid(struct nic *nic, u32 oid);
/**
 * nic_fault_find() - by name, or "oid:0x..."; a new OID entry is made
 *
 * Return: NULL when unknown or full.
 */
struct nic_fault *nic_fault_find(struct nic *nic, const char *name);
/** nic_fault_names() - all names, for messages */
void nic_fault_names(FILE *out);
/** nic_fault_list() - what is set now */
void nic_fault_list(struct nic *nic, FILE *out);
/**
 * nic_later() - call @fn with @data copied, @ms later, unless the connection
 *	has ended by then
 */
void nic_later(struct nic_queue *q, u32 ms,
	       void (*fn)(struct nic_queue *q, const void *data, u32 len),
	       const void *data, u32 len);

/* netvsp.c: NVSP */

/** netvsp_process() - the guest signalled channel @q */
void netvsp_process(struct nic_queue *q);
/**
 * netvsp_send() - put a packet on the ring, or in line for it. @flags as
 *	vmbus_send()
 */
void netvsp_send(struct nic_queue *q, u16 type, u16 flags, u64 trans_id,
		 const void *payload, u32 len);
/** netvsp_complete() - answer a packet, with the faults set on @point */
void netvsp_complete(struct nic_queue *q, enum nic_point point, u64 trans_id,
		     const struct nvsp_message *msg);
/**
 * netvsp_flush_out() - send what waits
 *
 * Return: true when nothing waits any more.
 */
bool netvsp_flush_out(struct nic_queue *q);

/* netvsp_msg.c: what the messages mean */

/**
 * netvsp_message() - one NVSP message of the guest
 *
 * Return: 0, or -EPROTO when the channel must stop.
 */
int netvsp_message(struct nic_queue *q, const struct vmbus_packet *pkt);
/**
 * netvsp_send_table() - send indirection table of @count channels, again and
 *	again until it is full (D.8); the primary is open
 */
void netvsp_send_table(struct nic *nic, const u32 *channel, u32 count);
/**
 * netvsp_opened() - a channel opened: on the last sub-channel the guest gets
 *	its table
 */
void netvsp_opened(struct nic_queue *q);
/** netvsp_reset() - connection over: free what it held */
void netvsp_reset(struct nic *nic);

/* netvsp_buf.c: the two shared buffers */
int netvsp_recv_buf(struct nic_queue *q, const struct nvsp_message *msg,
		    struct nvsp_message *reply);
int netvsp_send_buf(struct nic_queue *q, const struct nvsp_message *msg,
		    struct nvsp_message *reply);
int netvsp_revoke_recv_buf(struct nic_queue *q, const struct nvsp_message *msg);
int netvsp_revoke_send_buf(struct nic_queue *q, const struct nvsp_message *msg);
/**
 * netvsp_section() - bytes of a sub-allocation that hold frames of @frame_mtu
 */
u32 netvsp_section(const struct nic *nic, u32 frame_mtu);

/* netvsp_tx.c: from the guest */

/**
 * netvsp_tx_packet() - a SEND_RNDIS_PACKET message
 * Return: 0, or -EPROTO when the channel must stop.
 */
int netvsp_tx_packet(struct nic_queue *q, const struct vmbus_packet *pkt,
		     const struct nvsp_message *msg);

/* netvsp_rx.c: to the guest */

/** struct nic_piece - a frame or part of one: @len bytes at @data */
struct nic_piece {
	struct nic_rx_meta meta;
	const u8 *data;
	u32 len;
};

/**
 * netvsp_rx_now() - one complete frame for queue @q, if it need not wait
 *
 * Return: whether it is on its way.
 */
bool netvsp_rx_now(struct nic_queue *q, const struct nic_rx_meta *meta,
		   const u8 *data, u32 len);
/** netvsp_rx_frame() - one complete frame for queue @q */
void netvsp_rx_frame(struct nic_queue *q, const struct nic_rx_meta *meta,
		     const u8 *data, u32 len);
/**
 * netvsp_rx_pieces() - a packet of our own making: each of @count messages is a
 *	range of one transfer-page packet, whatever the limits say
 *
 * Return: 0, -ENOSPC without room for it, -EINVAL when @count is above
 * NVSP_XFER_RANGES_RSC + 1.
 */
int netvsp_rx_pieces(struct nic_queue *q, const struct nic_piece *piece,
		     u32 count);
/** netvsp_rx_control() - one RNDIS control message on the primary; copied */
void netvsp_rx_control(struct nic *nic, const void *msg, u32 len);
/**
 * netvsp_rx_flush() - send what is batched or waits on @q as far as there is
 *	room
 */
void netvsp_rx_flush(struct nic_queue *q);
/**
 * netvsp_rx_complete() - the guest gives a packet back
 *
 * Return: 0 or -EPROTO.
 */
int netvsp_rx_complete(struct nic_queue *q, u64 trans_id, const void *payload,
		       u32 len);
/** netvsp_rx_closed() - channel @q went: what it held is ours again */
void netvsp_rx_closed(struct nic_queue *q);
/** netvsp_rx_init() - all sub-allocations free */
int netvsp_rx_init(struct nic_recv_buf *rx);

/* rndis_pkt.c: RNDIS PACKET messages of the guest */

/**
 * struct rndis_tx - a PACKET message, checked
 * @frame: where the frame is, in the private copy
 * @len: its bytes
 * @csum, @lso, @vlan, @hash: values of the PPIs when has_ says so
 */
struct rndis_tx {
	u8 *frame;
	u32 len;
	u32 csum;
	u32 lso;
	u32 vlan;
	u32 hash;
	bool has_csum;
	bool has_lso;
	bool has_vlan;
	bool has_hash;
};

/**
 * rndis_pkt_parse() - check a PACKET message
 * @msg: private copy, @len bytes: the message, no more
 * @first: bytes of it that lie in the first range of the packet (D.7)
 * Return: 0, or -EINVAL: reported.
 */
int rndis_pkt_parse(struct nic_queue *q, u8 *msg, u32 len, u32 first,
		    struct rndis_tx *tx);

/* rndis_host.c: RNDIS control messages */

/**
 * rndis_host_message() - one control message from the guest, private copy
 * @silent_ack: set when the NVSP completion is to be withheld as well
 * Return: NVSP_STATUS_* for the completion, or -EPROTO to stop the channel.
 */
int rndis_host_message(struct nic_queue *q, const u8 *msg, u32 len,
		       bool *silent_ack);
/**
 * rndis_host_indicate() - INDICATE_STATUS with @len bytes; dropped while RNDIS
 *	is not initialised
 */
void rndis_host_indicate(struct nic *nic, u32 status, const void *buf, u32 len);

/** rndis_host_keepalive() - ask the guest whether it is there; RNDIS is initialised */
void rndis_host_keepalive(struct nic *nic);

/* oid.c: objects */

#define OID_REPLY_MAX	1024

/**
 * oid_query() - Return: RNDIS_STATUS_*; on success *@out_len bytes (<=
 *	OID_REPLY_MAX) in @out
 */
u32 oid_query(struct nic_queue *q, u32 oid, const void *in, u32 in_len,
	      void *out, u32 *out_len);
/** oid_set() - Return: RNDIS_STATUS_* */
u32 oid_set(struct nic_queue *q, u32 oid, const void *in, u32 in_len);

/* oid_offload.c: offload objects, config parameters */

/**
 * oid_header_ok() - whether a query's input is an object header of @type;
 *	reported if not
 */
bool oid_header_ok(struct nic_queue *q, const char *name, u8 type,
		   const void *in, u32 in_len);
u32 oid_offload_capabilities(struct nic_queue *q, const void *in, u32 in_len,
			     void *out, u32 *out_len);
u32 oid_offload_current(struct nic_queue *q, const void *in, u32 in_len,
			void *out, u32 *out_len);
u32 oid_offload_parameters(struct nic_queue *q, const void *in, u32 in_len);
u32 oid_offload_encapsulation(struct nic_queue *q, const void *in, u32 in_len);
u32 oid_config_parameter(struct nic_queue *q, const void *in, u32 in_len);
/**
 * oid_offload_indicate() - tell the guest the configuration that resulted
 *	(E.9)
 */
void oid_offload_indicate(struct nic *nic);

/* oid_rss.c */
u32 oid_rss_capabilities(struct nic_queue *q, const void *in, u32 in_len,
			 void *out, u32 *out_len);
u32 oid_rss_parameters(struct nic_queue *q, const void *in, u32 in_len);

/* offload.c: what the guest leaves to the card, and the other way round */

/**
 * offload_tx() - check the requests of @tx against its frame and make @frame
 *	of both
 *
 * Return: 0 or -EINVAL: reported.
 */
int offload_tx(struct nic_queue *q, const struct rndis_tx *tx,
	       struct net_frame *frame);
/**
 * offload_rx() - a complete frame: what its per-packet info says of its
 *	checksums
 */
void offload_rx(struct nic *nic, const struct net_frame *frame,
		const struct netpkt *p, struct nic_rx_meta *meta);

/** offload_rx_on() - whether the guest has the check of @p's checksum switched on */
bool offload_rx_on(const struct nic *nic, const struct netpkt *p);

/* rsc.c: coalescing (E.5) */

/**
 * rsc_coalesce() - give the guest a large TCP segment of the uplink as one
 *	coalesced packet
 *
 * Return: false: not done, and the frame is as it was; cut it.
 */
bool rsc_coalesce(struct nic *nic, struct net_frame *frame);

/* rsc_shape.c: coalesced packets of awkward shape, on request */
int rsc_shape_run(struct nic *nic, const char *name, FILE *out);
void rsc_shape_names(FILE *out);

/* nic_rx.c: frames from the uplink: filter, tag, offload, steering */
void nic_rx(void *ctx, struct net_frame *frame);
/** nic_rx_ready() - whether the guest is up and can be sent frames */
bool nic_rx_ready(const struct nic *nic);
/**
 * nic_rx_now() - @count times one frame for the synthetic path, as far as none
 *	has to wait
 * @frame: complete, no large segment
 *
 * Return: how many are on their way, or -EIO: dropped and counted.
 */
int nic_rx_now(struct nic *nic, struct net_frame *frame, u32 count);
/** nic_rx_steer() - the queue that a frame goes to; its hash into @meta */
struct nic_queue *nic_rx_steer(struct nic *nic, const u8 *data,
			       const struct netpkt *p, struct nic_rx_meta *meta);
/** nic_rx_take_tag() - move a tag from the frame to @meta, if the guest wants it there */
void nic_rx_take_tag(const struct nic *nic, struct net_frame *frame,
		     struct nic_rx_meta *meta);

/* rss.c */
void rss_set_key(struct nic_rss *rss, const u8 key[NDIS_RSS_KEY_LEN]);
/**
 * rss_steer() - hash of a frame into @meta, if it has one
 *
 * Return: index of the queue that the guest's table wants.
 */
u32 rss_steer(const struct nic_rss *rss, const u8 *data, const struct netpkt *p,
	      struct nic_rx_meta *meta);
/** rss_toeplitz() - hash of at most 36 bytes */
u32 rss_toeplitz(const struct nic_rss *rss, const u8 *input, u32 len);

/* hostile.c: messages that no honest host sends (D.11) */
int hostile_run(struct nic *nic, const char *name, FILE *out);
void hostile_names(FILE *out);

/* hostile_reply.c: answers that no honest host gives */

/**
 * hostile_arm() - spoil the next answer that @name is about
 *
 * Return: 0 or -ENOENT.
 */
int hostile_arm(struct nic *nic, const char *name);
/** hostile_armed() - name of what the next answer of its type is spoilt by, or NULL */
const char *hostile_armed(const struct nic *nic);
/** hostile_spoil() - spoil @reply if that is armed. Return: whether it was */
bool hostile_spoil(struct nic *nic, struct nvsp_message *reply);
/** hostile_reply_names() - print each name and what it does with @format */
void hostile_reply_names(FILE *out, const char *format);

/* nic_blast.c: floods */

/** nic_blast_ctl() - "blast ..."; Return: HOSTCTL_* */
int nic_blast_ctl(struct nic *nic, int argc, char **argv, FILE *out);

/* nic_fifo.c: frames that wait */
void nic_fifo_init(struct nic_fifo *fifo);
int nic_fifo_push(struct nic_fifo *fifo, const struct nic_rx_meta *meta,
		  const void *data, u32 len);
/** nic_fifo_pop() - drop the head */
void nic_fifo_pop(struct nic_fifo *fifo);
void nic_fifo_clear(struct nic_fifo *fifo);

/** nic_queue_up() - whether queue @index can carry data now */
static inline bool nic_queue_up(const struct nic *nic, u32 index)
{
	return index < NVSP_MAX_CHANNELS && nic->queue[index] &&
	       nic->queue[index]->open && !nic->queue[index]->failed;
}

#define nic_violation(q, rule, message, section, ...) \
	violation(rule, nic_where(q, message), section, __VA_ARGS__)

#endif
