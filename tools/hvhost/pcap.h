/* SPDX-License-Identifier: GPL-2.0 */
/* Capture of Ethernet frames in the classic pcap format, nanosecond stamps. */
#ifndef HVHOST_PCAP_H
#define HVHOST_PCAP_H

#include "../../wire_types.h"

struct pcap;

/** pcap_open() - start a capture file, overwriting. Return: it, or NULL with errno set */
struct pcap *pcap_open(const char *path);

/** pcap_frame() - append one frame; a failing disk ends the capture with a message */
void pcap_frame(struct pcap *pcap, const u8 *data, u32 len);

void pcap_close(struct pcap *pcap);

#endif
