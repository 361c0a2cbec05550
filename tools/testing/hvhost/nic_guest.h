/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's driver, as simple as it can be said, for dialogues with the NIC: on
 * fake_vmbus.h below, and with a port of the built-in switch as the peer.
 */
#ifndef NIC_GUEST_H
#define NIC_GUEST_H

#include "test.h"

#include "fake_host.h"
#include "fake_vmbus.h"
#include "frames.h"
#include "nic_priv.h"

#define RECV_HANDLE	0x100
#define SEND_HANDLE	0x101
#define PEER_FRAMES	512

/**
 * struct peer_frame - what came out at the other side of the switch
 * @vh: what was left to do to it
 * @data: @len bytes
 */
struct peer_frame {
	struct virtio_net_hdr vh;
	u8 data[70000];
	u32 len;
};

/**
 * struct nic_guest - the guest
 * @chan: primary channel
 * @recv: memory of the receive buffer, @recv_len bytes
 * @send: memory of the send buffer, @send_len bytes
 * @section: bytes of a sub-allocation, as the host said
 * @sections: number of them
 * @send_section: bytes of a send section
 * @limits: how the host answered INITIALIZE
 * @next_id: transaction and request ids count up
 * @peer: uplink port of the other side
 * @frame: frames that arrived there, @frames of them
 */
struct nic_guest {
	struct vmbus_channel *chan;
	u8 *recv;
	u32 recv_len;
	u8 *send;
	u32 send_len;
	u32 section;
	u32 sections;
	u32 send_section;
	struct rndis_initialize_cmplt limits;
	u32 next_id;
	struct uplink *peer;
	struct peer_frame *frame;
	u32 frames;
};

extern struct nic_guest g;

/** nic_guest_setup(), nic_guest_teardown() - cmocka fixtures */
int nic_guest_setup(void **state);
int nic_guest_teardown(void **state);

/** g_nic() - make nic0 of generation @gen with @spec and a peer on its switch, and open its channel */
void g_nic(enum host_gen gen, const char *spec);

/** g_send() - one NVSP message of @len bytes, completion requested; runs the host */
void g_send(const struct nvsp_message *msg, u32 len);
/** g_ask() - a full-size NVSP message and the completion that it gets, or fails the test */
struct nvsp_message g_ask(const struct nvsp_message *msg);
/** g_no_answer() - fails the test when the host sent anything */
void g_no_answer(void);

/* Steps of D.4, each checked */
u32 g_init(u32 version);			/* returns the status */
void g_ndis_config(u32 mtu, u64 caps);
void g_ndis_version(u32 minor);
u32 g_recv_buf(u32 bytes);			/* returns the status */
u32 g_send_buf(u32 bytes);			/* returns the status */
/** g_configure() - all of them up to the first RNDIS message, for @version */
void g_configure(u32 version);
/** g_up() - g_configure(), INITIALIZE, and the usual packet filter */
void g_up(u32 version);

/** g_reopen() - close the channel, drop the buffers, start again */
void g_reopen(u32 version);

/** g_subchannels() - ask for @count of them. Return: the host's answer */
struct nvsp_message g_subchannels(u32 op, u32 count);

/** g_control() - send a RNDIS control message. Return: NVSP status of its completion */
u32 g_control(const void *msg, u32 len);
/** g_hear() - take and complete the next control message from the host. Return: its length, 0 for none */
u32 g_hear(void *msg, u32 max);
/** g_query() - Return: RNDIS status; *@out_len bytes in @out (OID_REPLY_MAX) */
u32 g_query(u32 oid, const void *in, u32 in_len, void *out, u32 *out_len);
u32 g_query_u32(u32 oid);
u32 g_set(u32 oid, const void *in, u32 in_len);
u32 g_set_u32(u32 oid, u32 value);

/** g_tx() - send a data stream as one GPA range. Return: NVSP status of the completion */
u32 g_tx(const void *stream, u32 len);
/** g_frame() - build a RNDIS PACKET with one PPI (@ppi_type U32_MAX: none). Return: its length */
u32 g_frame(u8 *out, const u8 *frame, u32 len, u32 ppi_type, u32 ppi_value);

/** g_peer_send() - the peer sends a frame that is complete */
void g_peer_send(const u8 *frame, u32 len);

/** g_rx() - take and complete the next data packet. Return: number of its frames, 0 for none */
u32 g_rx(struct fake_sent *sent);
/** g_complete() - complete a transfer-page packet */
void g_complete(u64 trans_id, u32 status);

/** g_alive() - traffic flows both ways, and nothing was violated since the last look */
void g_alive(void);

/** g_violation() - the only violation since the last look is of @rule */
void g_violation(const char *rule);
void g_no_violation(void);

/** g_key() - the key of the check values in E.7 */
void g_key(u8 key[NDIS_RSS_KEY_LEN]);

#endif
