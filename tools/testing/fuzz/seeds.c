// SPDX-License-Identifier: GPL-2.0
/*
 * Writes one sound message of each kind into a folder, for the fuzzer to start
 * from. The first two bytes of a seed are fuzz_wire.c's choice of function and
 * alignment.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ndis_wire.h"
#include "nvsp_wire.h"

#define KIND_PACKET	0
#define KIND_CONTROL	1
#define KIND_OBJECT	2
#define KIND_NVSP	3
#define KIND_RANGE	4

static const char *folder;

static void save(const char *name, u8 kind, const void *msg, size_t len)
{
	const u8 head[2] = { kind, 0 };
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file || fwrite(head, sizeof(head), 1, file) != 1 ||
	    fwrite(msg, len, 1, file) != 1 || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void save_packets(void)
{
	struct rndis_tx_info tx = {
		.data_len = 60,
		.have = RNDIS_HAVE_HASH | RNDIS_HAVE_VLAN | RNDIS_HAVE_CSUM,
	};
	struct rndis_ppi_u32 *ppi;
	u8 msg[256] = { 0 };
	int hdr;

	hdr = rndis_wire_put_packet(msg, sizeof(msg), &tx);
	save("packet", KIND_PACKET, msg, hdr + 60);

	/* the same as a fragment of a coalesced packet, with hash info */
	ppi = (struct rndis_ppi_u32 *)(msg + sizeof(struct rndis_packet));
	ppi[0].head.type = cpu_to_le32(RNDIS_PPI_HASH_INFO);
	ppi[1].head.type = cpu_to_le32(RNDIS_PPI_PACKET_ID);
	ppi[1].value = cpu_to_le32(0x00010101);
	save("packet_fragment", KIND_PACKET, msg, hdr + 60);

	tx.have = RNDIS_HAVE_LSO;
	memset(msg, 0, sizeof(msg));
	hdr = rndis_wire_put_packet(msg, sizeof(msg), &tx);
	save("packet_large_send", KIND_PACKET, msg, hdr + 60);
	tx.have = 0;
	memset(msg, 0, sizeof(msg));
	hdr = rndis_wire_put_packet(msg, sizeof(msg), &tx);
	save("packet_bare", KIND_PACKET, msg, hdr + 60);
}

static void save_control(void)
{
	static const __le32 initialize[13] = {
		cpu_to_le32(RNDIS_MSG_INITIALIZE_CMPLT), cpu_to_le32(52),
		cpu_to_le32(1), 0, cpu_to_le32(1), 0, cpu_to_le32(1), 0,
		cpu_to_le32(8), cpu_to_le32(0xEFFFFFFF), cpu_to_le32(3),
	};
	static const __le32 query[8] = {
		cpu_to_le32(RNDIS_MSG_QUERY_CMPLT), cpu_to_le32(30),
		cpu_to_le32(2), 0, cpu_to_le32(6), cpu_to_le32(16),
	};
	static const __le32 indicate[9] = {
		cpu_to_le32(RNDIS_MSG_INDICATE_STATUS), cpu_to_le32(36),
		cpu_to_le32(RNDIS_STATUS_LINK_SPEED_CHANGE), cpu_to_le32(16),
		cpu_to_le32(12),
	};
	static const __le32 keepalive[3] = {
		cpu_to_le32(RNDIS_MSG_KEEPALIVE), cpu_to_le32(12),
		cpu_to_le32(3),
	};

	save("initialize", KIND_CONTROL, initialize, sizeof(initialize));
	save("query", KIND_CONTROL, query, 30);
	save("indicate", KIND_CONTROL, indicate, sizeof(indicate));
	save("keepalive", KIND_CONTROL, keepalive, sizeof(keepalive));
}

static void save_objects(void)
{
	static const struct ndis_rss_capabilities rss = {
		.hdr = { NDIS_OBJECT_TYPE_RSS_CAPABILITIES, 2, cpu_to_le16(18) },
		.flags = cpu_to_le32(0x701),
		.receive_queues = cpu_to_le32(8),
		.indirection_entries = cpu_to_le16(128),
	};
	static const struct ndis_offload offload = {
		.hdr = { NDIS_OBJECT_TYPE_OFFLOAD, 3, cpu_to_le16(156) },
		.ipv4_tx = { cpu_to_le32(2), cpu_to_le32(0x155) },
		.lso_v2 = { .ipv4_encapsulation = cpu_to_le32(2),
			    .ipv4_max_size = cpu_to_le32(0xF53C),
			    .ipv4_min_segments = cpu_to_le32(2) },
		.rsc_ipv4 = 1,
	};
	static const struct ndis_link_state link = {
		.hdr = { NDIS_OBJECT_TYPE_DEFAULT, 1, cpu_to_le16(40) },
		.connect_state = cpu_to_le32(NDIS_LINK_CONNECTED),
	};

	save("rss", KIND_OBJECT, &rss, sizeof(rss));
	save("offload", KIND_OBJECT, &offload, sizeof(offload));
	save("link", KIND_OBJECT, &link, sizeof(link));
}

static void save_nvsp(void)
{
	static const u32 types[] = {
		NVSP_MSG_INIT_COMPLETE, NVSP_MSG_SEND_RNDIS_PACKET,
		NVSP_MSG_SEND_RNDIS_PACKET_COMPLETE, NVSP_MSG_SUBCHANNEL,
		NVSP_MSG_SEND_VF_ASSOCIATION, NVSP_MSG_SWITCH_DATA_PATH,
		NVSP_MSG_SEND_RECV_BUF_COMPLETE, NVSP_MSG_SEND_SEND_BUF_COMPLETE,
	};
	static const __le32 range[4] = { cpu_to_le32(1806), cpu_to_le32(16),
					 cpu_to_le32(1806), cpu_to_le32(100) };
	u8 table[NVSP_MSG_LEN + NVSP_INDIRECTION_BYTES] = { 0 };
	struct nvsp_message msg;
	char name[32];
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		memset(&msg, 0, sizeof(msg));
		msg.type = cpu_to_le32(types[i]);
		msg.recv_buf_complete.status = cpu_to_le32(NVSP_STATUS_SUCCESS);
		msg.recv_buf_complete.section_count = cpu_to_le32(1);
		if (types[i] == NVSP_MSG_SEND_RECV_BUF_COMPLETE) {
			msg.recv_buf_complete.section.suballoc_size =
				cpu_to_le32(1728);
			msg.recv_buf_complete.section.suballoc_count =
				cpu_to_le32(30);
		}
		if (types[i] == NVSP_MSG_SEND_SEND_BUF_COMPLETE)
			msg.send_buf_complete.section_size = cpu_to_le32(6144);
		if (types[i] == NVSP_MSG_INIT_COMPLETE)
			msg.init_complete.status =
				cpu_to_le32(NVSP_STATUS_SUCCESS);
		snprintf(name, sizeof(name), "nvsp_%u", types[i]);
		save(name, KIND_NVSP, &msg, sizeof(msg));
	}

	memset(&msg, 0, sizeof(msg));
	msg.type = cpu_to_le32(NVSP_MSG_SEND_INDIRECTION_TABLE);
	msg.indirection_table.count = cpu_to_le32(NVSP_INDIRECTION_ENTRIES);
	msg.indirection_table.offset = cpu_to_le32(NVSP_MSG_LEN_V1);
	memcpy(table, &msg, sizeof(msg));
	save("nvsp_134", KIND_NVSP, table, sizeof(table));
	save("range", KIND_RANGE, range, sizeof(range));
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: seeds FOLDER\n");
		return 2;
	}
	folder = argv[1];
	save_packets();
	save_control();
	save_objects();
	save_nvsp();
	return 0;
}
