// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target over every function that reads what a host sent.
 *
 * The first byte chooses the function, the second the alignment, the rest is the
 * message. The sanitizers see a byte read outside it; the checks here see a
 * result that names bytes outside it, or one that the oracle disagrees with.
 *
 * To see it fail: drop the (u64) in ends_within() of rndis_wire.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "oracle.h"

#define MAX_FRAME	1518
#define RECV_BUF_LEN	65536

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_wire: does not hold: %s\n", what);
	abort();
}

static void fuzz_packet(const u8 *msg, u32 len)
{
	struct rndis_packet_info ours, theirs;
	enum rndis_wire_fault fault;

	fault = rndis_wire_packet(msg, len, MAX_FRAME, &ours);
	require(fault == oracle_packet(msg, len, MAX_FRAME, &theirs),
		"oracle finds the same fault in a packet");
	if (fault)
		return;
	require(!memcmp(&ours, &theirs, sizeof(ours)),
		"oracle reads the same packet");
	require(ours.msg_len <= len && ours.data_len <= MAX_FRAME &&
		(u64)ours.data_off + ours.data_len <= ours.msg_len,
		"frame inside the message");
}

static void fuzz_control(const u8 *msg, u32 len)
{
	struct rndis_completion cmplt, cmplt2;
	struct rndis_indication ind, ind2;
	enum rndis_wire_fault fault;
	u32 type, msg_len, id;

	fault = rndis_wire_complete(msg, len, &cmplt);
	require(fault == oracle_complete(msg, len, &cmplt2),
		"oracle finds the same fault in a completion");
	require(fault || (!memcmp(&cmplt, &cmplt2, sizeof(cmplt)) &&
			  (u64)cmplt.info_off + cmplt.info_len <= len),
		"oracle reads the same completion, object inside it");

	fault = rndis_wire_indicate(msg, len, &ind);
	require(fault == oracle_indicate(msg, len, &ind2),
		"oracle finds the same fault in an indication");
	require(fault || (!memcmp(&ind, &ind2, sizeof(ind)) &&
			  (u64)ind.buf_off + ind.buf_len <= len),
		"oracle reads the same indication, buffer inside it");

	fault = rndis_wire_type(msg, len, &type, &msg_len);
	require(fault || (msg_len >= 8 && msg_len <= len),
		"message inside the transfer");
	rndis_wire_keepalive(msg, len, &id);
}

static void fuzz_object(const u8 *obj, u32 len)
{
	struct ndis_offload_caps offload;
	struct ndis_rss_caps rss;
	struct ndis_link link;
	u32 value;

	if (!ndis_wire_rss_caps(obj, len, &rss))
		require(rss.queues >= 1 && rss.queues <= 64 &&
			rss.entries >= 1 && rss.entries <= 128 &&
			!(rss.entries & (rss.entries - 1)),
			"RSS capabilities within limits");
	if (!ndis_wire_offload(obj, len, 1500, &offload))
		require(offload.lso_ipv4.max_size <= 65535 &&
			offload.lso_ipv6.max_size <= 65535 &&
			(!offload.lso_ipv4.max_size ||
			 (offload.lso_ipv4.max_size >= 3000 &&
			  offload.lso_ipv4.min_segments >= 2)),
			"large send within limits");
	ndis_wire_link_state(obj, len, &link);
	ndis_wire_link_speed(obj, len, &link);
	ndis_wire_u32(obj, len, &value);
}

static void fuzz_nvsp(const u8 *msg, u32 len)
{
	struct nvsp_sections sections;
	u32 status, value, i;
	u8 table[16];
	bool flag;

	if (!nvsp_wire_recv_buf_complete(msg, len, RECV_BUF_LEN, &status,
					 &sections))
		require(sections.size >= 256 && sections.count &&
			(u64)sections.size * sections.count <= RECV_BUF_LEN,
			"receive sections inside the buffer");
	if (!nvsp_wire_send_buf_complete(msg, len, RECV_BUF_LEN, &status,
					 &sections))
		require((u64)sections.size * sections.count <= RECV_BUF_LEN,
			"send sections inside the buffer");
	if (!nvsp_wire_indirection(msg, len, len & 1 ? NVSP_PROTOCOL_VERSION_61 :
				   NVSP_PROTOCOL_VERSION_5, 5, table))
		for (i = 0; i < 16; i++)
			require(table[i] < 5, "table names open channels");
	if (!nvsp_wire_subchannel_complete(msg, len, 7, &status, &value))
		require(value <= 7, "no more channels than asked for");
	nvsp_wire_init_complete(msg, len, &status);
	nvsp_wire_rndis_packet(msg, len, &flag);
	nvsp_wire_rndis_complete(msg, len, &status);
	nvsp_wire_vf_association(msg, len, &flag, &value);
	nvsp_wire_switch_data_path(msg, len, &flag);
	nvsp_wire_type(msg, len, &value);
}

static void fuzz_range(const u8 *msg, u32 len)
{
	struct nvsp_sections sections;
	u32 words[4];

	if (len < sizeof(words))
		return;
	memcpy(words, msg, sizeof(words));
	/* the oracle tries each section: keep them few */
	sections.size = words[0];
	sections.count = words[1] % 64;
	require(nvsp_wire_xfer_range(words[2], words[3], &sections) ==
		oracle_xfer_range(words[2], words[3], &sections),
		"oracle says the same of a range");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 len, skew;
	void *mem;
	u8 *msg;

	if (size < 2)
		return 0;
	len = (u32)size - 2;
	skew = data[1] % 8;

	/* ends where its allocation ends, at the chosen alignment */
	mem = malloc(len + skew + 1);
	require(mem, "memory");
	msg = (u8 *)mem + skew + 1;
	memcpy(msg, data + 2, len);

	switch (data[0] % 5) {
	case 0:
		fuzz_packet(msg, len);
		break;
	case 1:
		fuzz_control(msg, len);
		break;
	case 2:
		fuzz_object(msg, len);
		break;
	case 3:
		fuzz_nvsp(msg, len);
		break;
	case 4:
		fuzz_range(msg, len);
		break;
	}
	free(mem);
	return 0;
}
