// SPDX-License-Identifier: GPL-2.0
/* RSS capabilities and parameters (Documentation/protocol.md E.6). */
#include <string.h>

#include "nic_priv.h"

#define PARAM_NAME	"SET OID_GEN_RECEIVE_SCALE_PARAMETERS"

u32 oid_rss_capabilities(struct nic_queue *q, const void *in, u32 in_len,
			 void *out, u32 *out_len)
{
	const struct nic_config *cfg = &q->nic->cfg;
	u32 flags = NDIS_RSS_CAPS_TOEPLITZ | NDIS_RSS_CAPS_HASH_TCP_IPV4 |
		    NDIS_RSS_CAPS_HASH_TCP_IPV6 | NDIS_RSS_CAPS_CLASSIFY_ISR |
		    NDIS_RSS_CAPS_MSIX;
	struct ndis_rss_capabilities caps = {
		.hdr.type = NDIS_OBJECT_TYPE_RSS_CAPABILITIES,
		.hdr.revision = NDIS_RSS_CAPABILITIES_REVISION_2,
		.hdr.size = cpu_to_le16(NDIS_RSS_CAPABILITIES_SIZE_2),
		.interrupt_messages = cpu_to_le32(cfg->queues),
		.receive_queues = cpu_to_le32(cfg->queues),
		.indirection_entries = cpu_to_le16(NDIS_RSS_INDIRECTION_MAX),
	};

	if (q->nic->conn.version < NVSP_PROTOCOL_VERSION_5)
		return RNDIS_STATUS_NOT_SUPPORTED;
	if (!oid_header_ok(q, "QUERY OID_GEN_RECEIVE_SCALE_CAPABILITIES",
			   NDIS_OBJECT_TYPE_RSS_CAPABILITIES, in, in_len))
		return RNDIS_STATUS_INVALID_DATA;
	if (cfg->udp_hash)
		flags |= NDIS_RSS_CAPS_HASH_UDP_IPV4 | NDIS_RSS_CAPS_HASH_UDP_IPV6;
	caps.flags = cpu_to_le32(flags);
	memcpy(out, &caps, sizeof(caps));
	*out_len = sizeof(caps);
	return RNDIS_STATUS_SUCCESS;
}

/* Hash types of UDP are for the hosts that offered them */
static bool types_ok(struct nic_queue *q, u32 hash_info)
{
	u32 udp = NDIS_HASH_UDP_IPV4 | NDIS_HASH_UDP_IPV6 | NDIS_HASH_UDP_IPV6_EX;

	if (q->nic->cfg.udp_hash || !(hash_info & udp))
		return true;
	nic_violation(q, "oid.rss-types", PARAM_NAME, "E.7",
		      "hash types: wanted those that were offered, came 0x%08x",
		      hash_info);
	return false;
}

static bool inside(u32 off, u32 len, u32 whole)
{
	/* off + len cannot overflow: off is at most whole, len has 16 bits */
	return off >= NDIS_RSS_PARAMETERS_SIZE_2 && off <= whole &&
	       off + len <= whole;
}

static bool shape_ok(struct nic_queue *q, const struct ndis_rss_parameters *p,
		     u32 whole)
{
	u32 table_len = le16_to_cpu(p->table_len);
	u32 key_len = le16_to_cpu(p->key_len);

	if (!table_len || table_len % 4 ||
	    table_len > NDIS_RSS_INDIRECTION_MAX * 4 ||
	    !inside(le32_to_cpu(p->table_offset), table_len, whole)) {
		nic_violation(q, "oid.rss-table", PARAM_NAME, "E.6",
			      "table: wanted 1..128 entries of 4 bytes in an object of %u, came %u bytes at %u",
			      whole, table_len, le32_to_cpu(p->table_offset));
		return false;
	}
	if (key_len != NDIS_RSS_KEY_LEN ||
	    !inside(le32_to_cpu(p->key_offset), key_len, whole)) {
		nic_violation(q, "oid.rss-key", PARAM_NAME, "E.6",
			      "key: wanted 40 bytes in an object of %u, came %u bytes at %u",
			      whole, key_len, le32_to_cpu(p->key_offset));
		return false;
	}
	return true;
}

/* In this connection. The guest may not have heard yet that it was taken away. */
static bool was_opened(const struct nic *nic, u32 index)
{
	return nic->queue[index] && nic->queue[index]->epoch == nic->epoch;
}

/* Take the entries over into @rss. Return: whether they are all valid */
static bool take_table(struct nic_queue *q, const u8 *table, u32 entries,
		       struct nic_rss *rss)
{
	__le32 raw;
	u32 i, index;

	for (i = 0; i < entries; i++) {
		memcpy(&raw, table + 4 * i, sizeof(raw));
		index = le32_to_cpu(raw);
		if (index >= q->nic->cfg.queues) {
			nic_violation(q, "oid.rss-table", PARAM_NAME, "E.6",
				      "table entry %u: wanted less than %u, came %u",
				      i, q->nic->cfg.queues, index);
			return false;
		}
		if (!was_opened(q->nic, index))
			nic_violation(q, "oid.rss-closed-channel", PARAM_NAME,
				      "H.2",
				      "table entry %u: wanted an open channel, came %u",
				      i, index);
		rss->table[i] = index;
	}
	rss->entries = entries;
	return true;
}

u32 oid_rss_parameters(struct nic_queue *q, const void *in, u32 in_len)
{
	static struct nic_rss next;	/* I/O thread only, and large */
	const u8 *object = in;
	struct ndis_rss_parameters p;
	u32 hash_info;

	if (q->nic->conn.version < NVSP_PROTOCOL_VERSION_5)
		return RNDIS_STATUS_NOT_SUPPORTED;
	memcpy(&p, in, sizeof(p));
	if (p.hdr.type != NDIS_OBJECT_TYPE_RSS_PARAMETERS || !p.hdr.revision)
		nic_violation(q, "oid.header", PARAM_NAME, "E.6",
			      "object header: wanted type 0x89, revision 1..3; came 0x%02x, %u",
			      p.hdr.type, p.hdr.revision);
	hash_info = le32_to_cpu(p.hash_info);
	if (le16_to_cpu(p.flags) & NDIS_RSS_FLAG_DISABLE ||
	    !(hash_info & NDIS_HASH_FUNCTION_MASK)) {
		q->nic->conn.rss.enabled = false;
		return RNDIS_STATUS_SUCCESS;
	}
	if ((hash_info & NDIS_HASH_FUNCTION_MASK) != NDIS_HASH_FUNCTION_TOEPLITZ) {
		nic_violation(q, "oid.rss-function", PARAM_NAME, "E.7",
			      "hash function: wanted 1 (Toeplitz), came %u",
			      hash_info & NDIS_HASH_FUNCTION_MASK);
		return RNDIS_STATUS_INVALID_DATA;
	}
	if (!types_ok(q, hash_info) || !shape_ok(q, &p, in_len) ||
	    !take_table(q, object + le32_to_cpu(p.table_offset),
			le16_to_cpu(p.table_len) / 4, &next))
		return RNDIS_STATUS_INVALID_DATA;
	next.hash_info = hash_info;
	next.enabled = true;
	rss_set_key(&next, object + le32_to_cpu(p.key_offset));
	q->nic->conn.rss = next;
	return RNDIS_STATUS_SUCCESS;
}
