/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must hold of a NIC whatever its guest does: its books, and all that it
 * says, which the driver's own decoders have to understand.
 */
#ifndef NIC_JUDGE_H
#define NIC_JUDGE_H

#include "../../../wire_types.h"

/** judge_begin() - a new connection: the guest holds nothing */
void judge_begin(void);
/** judge_packet() - a packet of the host, @len bytes with its descriptor */
void judge_packet(unsigned int index, const u8 *packet, u32 len);
/** judge_closed() - channel @index is no more: what the guest held of it is gone */
void judge_closed(unsigned int index);
/** judge_held() - the @nth transfer that the guest holds on channel @index. Return: its id, or UINT64_MAX */
u64 judge_held(unsigned int index, u32 nth);
/** judge_given_back() - the guest completes transfer @id */
void judge_given_back(unsigned int index, u64 id);
/** judge_nic() - the books of the NIC are in order */
void judge_nic(void);
/** judge_idle() - and after the connection's end there is nothing in them */
void judge_idle(void);

#endif
