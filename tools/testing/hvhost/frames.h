/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Known frames between the guest and its peer, complete and with right checksums.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "../../../wire_types.h"

/* Addresses of the guest and of the peer */
extern const u8 g_mac[6], g_peer_mac[6];

/** f_udp4(), f_tcp4(), f_tcp6() - complete frames from the guest with @len bytes of payload. Return: bytes */
u32 f_udp4(u8 *out, u32 len);
u32 f_tcp4(u8 *out, u32 len);
u32 f_tcp6(u8 *out, u32 len);

#endif
