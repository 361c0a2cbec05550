// SPDX-License-Identifier: GPL-2.0
/*
 * Objects with structure: offload capabilities and switches, encapsulation, and
 * the configuration parameters (Documentation/protocol.md E.8 to E.10, E.13).
 */
#include <stdio.h>
#include <string.h>

#include "nic_priv.h"

#define ENCAPSULATION	(NDIS_ENCAPSULATION_IEEE_802_3 | NDIS_ENCAPSULATION_IEEE_802_1PQ_OOB)

bool oid_header_ok(struct nic_queue *q, const char *name, u8 type,
		   const void *in, u32 in_len)
{
	struct ndis_object_header hdr;

	if (in_len < sizeof(hdr)) {
		nic_violation(q, "oid.header", name, "I.2 13",
			      "object header: wanted 4 bytes, came %u", in_len);
		return false;
	}
	memcpy(&hdr, in, sizeof(hdr));
	/* Some guests send the whole object zeroed (E.8) */
	if (hdr.type && hdr.type != type) {
		nic_violation(q, "oid.header", name, "I.2 13",
			      "object type: wanted 0x%02x, came 0x%02x", type, hdr.type);
		return false;
	}
	return true;
}

/* --- NDIS_OFFLOAD --- */

static void offload_init(const struct nic *nic, struct ndis_offload *o, u32 *len)
{
	bool ndis630 = nic->conn.ndis_minor >= NVSP_NDIS_MINOR_V5;

	memset(o, 0, sizeof(*o));
	*len = ndis630 ? NDIS_OFFLOAD_SIZE_3 : NDIS_OFFLOAD_SIZE_2;
	o->hdr.type = NDIS_OBJECT_TYPE_OFFLOAD;
	o->hdr.revision = ndis630 ? NDIS_OFFLOAD_REVISION_3
				  : NDIS_OFFLOAD_REVISION_2;
	o->hdr.size = cpu_to_le16((u16)*len);
}

static void put_csum(struct ndis_csum_offload *c, u32 flags)
{
	if (!flags)
		return;
	c->encapsulation = cpu_to_le32(ENCAPSULATION);
	c->flags = cpu_to_le32(flags);
}

static void put_lso(struct ndis_offload *o, bool v4, bool v6)
{
	if (v4) {
		o->lso_v2.ipv4_encapsulation = cpu_to_le32(ENCAPSULATION);
		o->lso_v2.ipv4_max_size = cpu_to_le32(NIC_LSO_MAX);
		o->lso_v2.ipv4_min_segments = cpu_to_le32(NIC_LSO_MIN_SEGMENTS);
	}
	if (v6) {
		o->lso_v2.ipv6_encapsulation = cpu_to_le32(ENCAPSULATION);
		o->lso_v2.ipv6_max_size = cpu_to_le32(NIC_LSO_MAX);
		o->lso_v2.ipv6_min_segments = cpu_to_le32(NIC_LSO_MIN_SEGMENTS);
		o->lso_v2.ipv6_options =
			cpu_to_le32(NDIS_LSO_IPV6_EXTENSION_HEADERS |
				    NDIS_LSO_IPV6_TCP_OPTIONS);
	}
}

static u32 flags4(bool ip, bool tcp, bool udp)
{
	return (ip ? NDIS_CSUM_IPV4_IP_HEADER | NDIS_CSUM_IPV4_IP_OPTIONS : 0) |
	       (tcp ? NDIS_CSUM_IPV4_TCP | NDIS_CSUM_IPV4_TCP_OPTIONS : 0) |
	       (udp ? NDIS_CSUM_IPV4_UDP : 0);
}

static u32 flags6(bool tcp, bool udp)
{
	return (tcp ? NDIS_CSUM_IPV6_TCP | NDIS_CSUM_IPV6_TCP_OPTIONS |
		      NDIS_CSUM_IPV6_EXTENSION_HEADERS : 0) |
	       (udp ? NDIS_CSUM_IPV6_UDP : 0);
}

u32 oid_offload_capabilities(struct nic_queue *q, const void *in, u32 in_len,
			     void *out, u32 *out_len)
{
	const struct nic_config *cfg = &q->nic->cfg;
	bool tcp = cfg->csum >= NIC_CSUM_TCP;
	bool udp = cfg->csum == NIC_CSUM_ON;
	struct ndis_offload o;

	if (!oid_header_ok(q, "QUERY OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES",
			   NDIS_OBJECT_TYPE_OFFLOAD, in, in_len))
		return RNDIS_STATUS_INVALID_DATA;
	offload_init(q->nic, &o, out_len);
	put_csum(&o.ipv4_tx, flags4(tcp, tcp, udp));
	put_csum(&o.ipv4_rx, flags4(tcp, tcp, udp));
	put_csum(&o.ipv6_tx, flags6(tcp, udp));
	put_csum(&o.ipv6_rx, flags6(tcp, udp));
	put_lso(&o, cfg->lso, cfg->lso);
	o.rsc_ipv4 = cfg->rsc;
	o.rsc_ipv6 = cfg->rsc;
	memcpy(out, &o, *out_len);
	return RNDIS_STATUS_SUCCESS;
}

/* Whether a setting switches on a direction (NDIS_OFFLOAD_PARAM_CSUM_TX or _RX) */
static bool has(u8 setting, u8 direction)
{
	return setting == direction || setting == NDIS_OFFLOAD_PARAM_CSUM_BOTH;
}

static void current_config(const struct nic *nic, struct ndis_offload *o, u32 *len)
{
	const struct nic_offloads *now = &nic->conn.offloads;
	const u8 tx = NDIS_OFFLOAD_PARAM_CSUM_TX, rx = NDIS_OFFLOAD_PARAM_CSUM_RX;
	bool on = !nic->tx_offloads_off;

	offload_init(nic, o, len);
	put_csum(&o->ipv4_tx, flags4(on && has(now->ip4, tx), on && has(now->tcp4, tx),
				     on && has(now->udp4, tx)));
	put_csum(&o->ipv4_rx, flags4(has(now->ip4, rx), has(now->tcp4, rx),
				     has(now->udp4, rx)));
	put_csum(&o->ipv6_tx, flags6(on && has(now->tcp6, tx), on && has(now->udp6, tx)));
	put_csum(&o->ipv6_rx, flags6(has(now->tcp6, rx), has(now->udp6, rx)));
	put_lso(o, on && now->lso4, on && now->lso6);
	o->rsc_ipv4 = now->rsc4;
	o->rsc_ipv6 = now->rsc6;
}

u32 oid_offload_current(struct nic_queue *q, const void *in, u32 in_len,
			void *out, u32 *out_len)
{
	struct ndis_offload o;

	if (!oid_header_ok(q, "QUERY OID_TCP_OFFLOAD_CURRENT_CONFIG",
			   NDIS_OBJECT_TYPE_OFFLOAD, in, in_len))
		return RNDIS_STATUS_INVALID_DATA;
	current_config(q->nic, &o, out_len);
	memcpy(out, &o, *out_len);
	return RNDIS_STATUS_SUCCESS;
}

void oid_offload_indicate(struct nic *nic)
{
	struct ndis_offload o;
	u32 len;

	current_config(nic, &o, &len);
	rndis_host_indicate(nic, RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG,
			    &o, len);
}

/* --- OFFLOAD_PARAMETERS --- */

#define PARAM_NAME	"SET OID_TCP_OFFLOAD_PARAMETERS"

/* Bytes that each revision needs: NDIS says 26 for the third (K 6) */
static u32 param_least(u8 revision)
{
	if (revision <= NDIS_OFFLOAD_PARAMETERS_REVISION_1)
		return NDIS_OFFLOAD_PARAMETERS_SIZE_1;
	if (revision == NDIS_OFFLOAD_PARAMETERS_REVISION_2)
		return NDIS_OFFLOAD_PARAMETERS_SIZE_2;
	return NDIS_OFFLOAD_PARAMETERS_SIZE_3 - 2;
}

static bool param_header_ok(struct nic_queue *q,
			    const struct ndis_offload_parameters *p, u32 len)
{
	u32 size = le16_to_cpu(p->hdr.size);
	u32 least = param_least(p->hdr.revision);

	if (p->hdr.type != NDIS_OBJECT_TYPE_DEFAULT || !p->hdr.revision ||
	    size < NDIS_OFFLOAD_PARAMETERS_SIZE_1 || size > len) {
		nic_violation(q, "oid.header", PARAM_NAME, "E.9",
			      "object header: wanted type 0x80, revision 1.., size 20..%u; came 0x%02x, %u, %u",
			      len, p->hdr.type, p->hdr.revision, size);
		return false;
	}
	/* Hosts go by the size (K 6) */
	if (size < least)
		nic_violation(q, "oid.offload-revision", PARAM_NAME, "E.9",
			      "object of revision %u: wanted at least %u bytes, came %u",
			      p->hdr.revision, least, size);
	return true;
}

static bool param_values_ok(struct nic_queue *q,
			    const struct ndis_offload_parameters *p)
{
	const u8 csum[] = { p->ipv4_csum, p->tcp_ipv4_csum, p->udp_ipv4_csum,
			    p->tcp_ipv6_csum, p->udp_ipv6_csum };
	const u8 on_off[] = { p->lso_v2_ipv4, p->lso_v2_ipv6, p->rsc_ipv4,
			      p->rsc_ipv6 };
	bool ok = p->lso_v1 <= NDIS_OFFLOAD_PARAM_OFF;
	size_t i;

	for (i = 0; i < sizeof(csum); i++)
		ok &= csum[i] <= NDIS_OFFLOAD_PARAM_CSUM_BOTH;
	for (i = 0; i < sizeof(on_off); i++)
		ok &= on_off[i] <= NDIS_OFFLOAD_PARAM_ON;
	if (!ok)
		nic_violation(q, "oid.offload-parameters", PARAM_NAME, "E.9",
			      "wanted checksums 0..4, LSO v1 0..1, LSO v2 and RSC 0..2; came %u %u %u %u %u, %u, %u %u %u %u",
			      csum[0], csum[1], csum[2], csum[3], csum[4],
			      p->lso_v1, on_off[0], on_off[1], on_off[2],
			      on_off[3]);
	if (p->flags || p->pad1)
		nic_violation(q, "oid.reserved", PARAM_NAME, "E.9",
			      "flags, padding: wanted 0, came 0x%x, 0x%x",
			      le32_to_cpu(p->flags), p->pad1);
	return ok;
}

static void take_csum(u8 *now, u8 value, bool supported)
{
	if (value != NDIS_OFFLOAD_PARAM_NO_CHANGE)
		*now = supported ? value : NDIS_OFFLOAD_PARAM_CSUM_OFF;
}

static void take_switch(bool *now, u8 value, bool supported)
{
	if (value != NDIS_OFFLOAD_PARAM_NO_CHANGE)
		*now = supported && value == NDIS_OFFLOAD_PARAM_ON;
}

u32 oid_offload_parameters(struct nic_queue *q, const void *in, u32 in_len)
{
	const struct nic_config *cfg = &q->nic->cfg;
	struct nic_offloads *now = &q->nic->conn.offloads;
	struct ndis_offload_parameters p;
	bool tcp = cfg->csum >= NIC_CSUM_TCP;
	bool udp = cfg->csum == NIC_CSUM_ON;
	bool rsc = cfg->rsc && q->nic->conn.caps & NVSP_CAP_RSC;
	u32 size;

	memset(&p, 0, sizeof(p));
	memcpy(&p, in, in_len < sizeof(p) ? in_len : sizeof(p));
	if (!param_header_ok(q, &p, in_len))
		return RNDIS_STATUS_INVALID_DATA;
	/* Fields behind what the object says it has count as "no change" */
	size = le16_to_cpu(p.hdr.size);
	if (size < sizeof(p))
		memset((u8 *)&p + size, 0, sizeof(p) - size);
	if (!param_values_ok(q, &p))
		return RNDIS_STATUS_INVALID_DATA;
	take_csum(&now->ip4, p.ipv4_csum, tcp);
	take_csum(&now->tcp4, p.tcp_ipv4_csum, tcp);
	take_csum(&now->tcp6, p.tcp_ipv6_csum, tcp);
	take_csum(&now->udp4, p.udp_ipv4_csum, udp);
	take_csum(&now->udp6, p.udp_ipv6_csum, udp);
	take_switch(&now->lso4, p.lso_v2_ipv4, cfg->lso);
	take_switch(&now->lso6, p.lso_v2_ipv6, cfg->lso);
	take_switch(&now->rsc4, p.rsc_ipv4, rsc);
	take_switch(&now->rsc6, p.rsc_ipv6, rsc);
	return RNDIS_STATUS_SUCCESS;
}

/* --- OFFLOAD_ENCAPSULATION --- */

u32 oid_offload_encapsulation(struct nic_queue *q, const void *in, u32 in_len)
{
	struct ndis_offload_encapsulation e;

	(void)in_len;
	memcpy(&e, in, sizeof(e));
	if (e.hdr.type == NDIS_OBJECT_TYPE_OFFLOAD_ENCAPSULATION && e.hdr.revision)
		return RNDIS_STATUS_SUCCESS;
	nic_violation(q, "oid.header", "SET OID_OFFLOAD_ENCAPSULATION", "E.10",
		      "object header: wanted type 0xa8, revision 1; came 0x%02x, %u",
		      e.hdr.type, e.hdr.revision);
	return RNDIS_STATUS_INVALID_DATA;
}

/* --- config parameters --- */

#define CONFIG_NAME	"SET OID_GEN_RNDIS_CONFIG_PARAMETER"

/* UTF-16LE to a C string; what is not ASCII becomes '?'. @len bytes, checked */
static void from_utf16(char *out, const u8 *in, u32 len)
{
	u32 i;

	for (i = 0; i + 1 < len; i += 2)
		*out++ = in[i + 1] || !in[i] || in[i] > 0x7e ? '?' : (char)in[i];
	*out = '\0';
}

static bool piece_ok(u32 off, u32 len, u32 whole)
{
	/* off + len cannot overflow: len is at most 255 when it is added */
	return len <= NDIS_CONFIG_PARAM_LEN_MAX &&
	       off >= sizeof(struct ndis_config_parameter) && off <= whole &&
	       off + len <= whole;
}

static u32 set_address(struct nic_queue *q, const char *value)
{
	u8 mac[6];

	if (nic_opt_mac(value, mac)) {
		nic_violation(q, "oid.network-address", CONFIG_NAME, "E.13",
			      "NetworkAddress: wanted 12 hexadecimal digits of a unicast address, came \"%s\"",
			      value);
		return RNDIS_STATUS_INVALID_DATA;
	}
	if (!q->nic->cfg.spoof)
		return RNDIS_STATUS_FAILURE;
	memcpy(q->nic->mac, mac, sizeof(mac));
	return RNDIS_STATUS_SUCCESS;
}

u32 oid_config_parameter(struct nic_queue *q, const void *in, u32 in_len)
{
	char name[NDIS_CONFIG_PARAM_LEN_MAX + 1],
		value[NDIS_CONFIG_PARAM_LEN_MAX + 1];
	struct ndis_config_parameter p;
	u32 name_off, name_len, value_off, value_len;

	memcpy(&p, in, sizeof(p));
	name_off = le32_to_cpu(p.name_offset);
	name_len = le32_to_cpu(p.name_len);
	value_off = le32_to_cpu(p.value_offset);
	value_len = le32_to_cpu(p.value_len);
	if (!piece_ok(name_off, name_len, in_len) ||
	    !piece_ok(value_off, value_len, in_len)) {
		nic_violation(q, "oid.config-parameter", CONFIG_NAME, "E.13",
			      "wanted name and value of at most 255 bytes in an object of %u; came %u at %u and %u at %u",
			      in_len, name_len, name_off, value_len, value_off);
		return RNDIS_STATUS_INVALID_DATA;
	}
	from_utf16(name, (const u8 *)in + name_off, name_len);
	from_utf16(value, (const u8 *)in + value_off, value_len);
	/* The offload keywords do what OFFLOAD_PARAMETERS does; nobody sends them here */
	if (strcmp(name, "NetworkAddress"))
		return RNDIS_STATUS_SUCCESS;
	if (le32_to_cpu(p.type) != NDIS_CONFIG_PARAM_STRING) {
		nic_violation(q, "oid.config-parameter", CONFIG_NAME, "E.13",
			      "NetworkAddress type: wanted 2 (string), came %u", le32_to_cpu(p.type));
		return RNDIS_STATUS_INVALID_DATA;
	}
	return set_address(q, value);
}
