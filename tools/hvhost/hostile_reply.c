// SPDX-License-Identifier: GPL-2.0
/*
 * Answers that no honest host gives (Documentation/protocol.md D.11): armed by
 * name, each spoils the next NVSP answer of its type and is then used up, so
 * that a guest can show that it refuses, and that it recovers.
 */
#include <errno.h>
#include <string.h>

#include "nic_priv.h"

struct hostile_reply {
	const char *name;
	const char *help;
	u32 type;
	void (*spoil)(struct nvsp_message *reply);
};

static struct nvsp_recv_section *section_of(struct nvsp_message *reply)
{
	return &reply->recv_buf_complete.section;
}

static void sections_none(struct nvsp_message *reply)
{
	reply->recv_buf_complete.section_count = 0;
}

static void sections_many(struct nvsp_message *reply)
{
	reply->recv_buf_complete.section_count = cpu_to_le32(0x10000001);
}

static void section_offset(struct nvsp_message *reply)
{
	section_of(reply)->offset = cpu_to_le32(8);
}

static void section_size_zero(struct nvsp_message *reply)
{
	section_of(reply)->suballoc_size = 0;
}

static void section_size_tiny(struct nvsp_message *reply)
{
	section_of(reply)->suballoc_size = cpu_to_le32(8);
}

static void section_size_huge(struct nvsp_message *reply)
{
	section_of(reply)->suballoc_size = cpu_to_le32(0x80000000);
}

static void section_count_zero(struct nvsp_message *reply)
{
	section_of(reply)->suballoc_count = 0;
}

/* Size times count wraps in 32 bits to something small */
static void section_wrap(struct nvsp_message *reply)
{
	section_of(reply)->suballoc_size = cpu_to_le32(0x10000);
	section_of(reply)->suballoc_count = cpu_to_le32(0x10001);
}

static void section_end(struct nvsp_message *reply)
{
	section_of(reply)->end = cpu_to_le32(0x7fffffff);
}

static void send_zero(struct nvsp_message *reply)
{
	reply->send_buf_complete.section_size = 0;
}

static void send_huge(struct nvsp_message *reply)
{
	reply->send_buf_complete.section_size = cpu_to_le32(0x7fffffff);
}

static void send_odd(struct nvsp_message *reply)
{
	reply->send_buf_complete.section_size = cpu_to_le32(6145);
}

static void subchannels_more(struct nvsp_message *reply)
{
	reply->subchannel_complete.count = cpu_to_le32(0xffffffff);
}

static void wrong_type(struct nvsp_message *reply)
{
	reply->type = cpu_to_le32(NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE);
}

#define INIT_REPLY	NVSP_MSG_INIT_COMPLETE
#define RECV_REPLY	NVSP_MSG_SEND_RECV_BUF_COMPLETE
#define SEND_REPLY	NVSP_MSG_SEND_SEND_BUF_COMPLETE

static const struct hostile_reply replies[] = {
	{ "init-type", "INIT answered with another type", INIT_REPLY, wrong_type },
	{ "recv-type", "receive buffer answered with another type", RECV_REPLY, wrong_type },
	{ "recv-no-section", "receive buffer: no section", RECV_REPLY, sections_none },
	{ "recv-sections", "receive buffer: 268 million sections", RECV_REPLY, sections_many },
	{ "recv-offset", "receive buffer: section at offset 8", RECV_REPLY, section_offset },
	{ "recv-size-zero", "sub-allocations of 0 bytes", RECV_REPLY, section_size_zero },
	{ "recv-size-tiny", "sub-allocations of 8 bytes", RECV_REPLY, section_size_tiny },
	{ "recv-size-huge", "sub-allocations of 2 GiB", RECV_REPLY, section_size_huge },
	{ "recv-count-zero", "0 sub-allocations", RECV_REPLY, section_count_zero },
	{ "recv-wrap", "size times count wraps", RECV_REPLY, section_wrap },
	{ "recv-end", "receive buffer: wrong end", RECV_REPLY, section_end },
	{ "send-size-zero", "send sections of 0 bytes", SEND_REPLY, send_zero },
	{ "send-size-huge", "send sections of 2 GiB", SEND_REPLY, send_huge },
	{ "send-size-odd", "send sections of 6145 bytes", SEND_REPLY, send_odd },
	{ "subchannel-count", "4 billion sub-channels granted", NVSP_MSG_SUBCHANNEL,
	  subchannels_more },
};

int hostile_arm(struct nic *nic, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(replies); i++) {
		if (strcmp(replies[i].name, name))
			continue;
		nic->armed = &replies[i];
		return 0;
	}
	return -ENOENT;
}

bool hostile_spoil(struct nic *nic, struct nvsp_message *reply)
{
	const struct hostile_reply *armed = nic->armed;

	if (!armed || le32_to_cpu(reply->type) != armed->type)
		return false;
	armed->spoil(reply);
	nic->armed = NULL;
	return true;
}

const char *hostile_armed(const struct nic *nic)
{
	return nic->armed ? nic->armed->name : NULL;
}

void hostile_reply_names(FILE *out, const char *format)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(replies); i++)
		fprintf(out, format, replies[i].name, replies[i].help);
}
