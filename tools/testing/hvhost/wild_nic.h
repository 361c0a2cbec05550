/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a wild guest says to a NIC. Requests are made with the driver's own
 * encoders and then bent, if the input wants it; as long as nothing was bent, the
 * host must find nothing wrong with them.
 */
#ifndef WILD_NIC_H
#define WILD_NIC_H

#include "wild_guest.h"

#define WILD_LEVELS	11

/** wild_climb() - the next steps of a lawful life, until @level of them were taken */
void wild_climb(u32 level);
/** wild_bend() - change a few of @len bytes, if @in wants it */
void wild_bend(struct input *in, void *bytes, u32 len);
/**
 * wild_stream() - send RNDIS messages
 * @first: bytes of them to go into send section @section; 0: none
 * @split: where a second range starts; 0: one range
 * Return: the packet's id, or 0.
 */
u64 wild_stream(unsigned int index, u16 flags, u32 channel_type, const u8 *stream,
		u32 len, u32 section, u32 first, u32 split);

/* A request each, as @in wants it */
void wild_nvsp(struct input *in);
void wild_switch(struct input *in);
void wild_control(struct input *in);
void wild_query(struct input *in);
void wild_set(struct input *in);
/** wild_send() - data. @peer_frames: of those that arrived so far */
void wild_send(struct input *in, const u32 *peer_frames);

#endif
