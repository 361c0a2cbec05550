// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing the NDIS objects that RNDIS carries. See ndis_wire.h for
 * the habits that all functions here share, and Documentation/protocol.md E for
 * the layouts.
 */
#include "ndis_wire.h"

/**
 * ndis_wire_u32 - read an object that is one number
 * @obj: the object
 * @len: bytes of it
 * @value: the number
 *
 * Return: RNDIS_WIRE_OK, or RNDIS_FAULT_OBJECT if it is not 4 bytes long.
 */
enum rndis_wire_fault ndis_wire_u32(const void *obj, u32 len, u32 *value)
{
	__le32 copy;

	if (len != sizeof(copy))
		return RNDIS_FAULT_OBJECT;
	wire_fetch(&copy, obj, sizeof(copy));
	*value = le32_to_cpu(copy);
	return RNDIS_WIRE_OK;
}

/* One character as UTF-8; return bytes, 0 if there is no room for it */
static u32 put_utf8(char *at, u32 room, u32 c)
{
	u32 more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const u8 lead[] = { 0, 0xC0, 0xE0, 0xF0 };
	u32 i;

	if (more >= room)
		return 0;
	for (i = more; i; i--) {
		at[i] = 0x80 | (c & 0x3F);
		c >>= 6;
	}
	at[0] = lead[more] | c;
	return more + 1;
}

static bool is_surrogate(u32 unit, u32 first)
{
	return unit >= first && unit < first + 0x400;
}

static u32 fetch_utf16(const u8 *at)
{
	__le16 unit;

	wire_fetch(&unit, at, sizeof(unit));
	return le16_to_cpu(unit);
}

/**
 * ndis_wire_name - read an object that is a name
 * @obj: the object, UTF-16LE; a 0 ends the name, if it is not as long as @obj
 * @len: bytes of it
 * @text: the name as UTF-8 with a 0 behind it, cut at a character
 * @size: bytes of @text, at least 1
 *
 * Return: RNDIS_WIRE_OK, or RNDIS_FAULT_OBJECT if it is no UTF-16 or holds
 * control characters, with an empty name.
 */
enum rndis_wire_fault ndis_wire_name(const void *obj, u32 len, char *text,
				     u32 size)
{
	const u8 *at = obj;
	u32 used = 0, i;

	text[0] = 0;
	if (len % 2)
		return RNDIS_FAULT_OBJECT;
	for (i = 0; i < len; i += 2) {
		u32 c = fetch_utf16(at + i);
		u32 low = len - i > 2 ? fetch_utf16(at + i + 2) : 0;
		u32 more;

		if (!c)
			break;
		if (is_surrogate(c, 0xD800) && is_surrogate(low, 0xDC00)) {
			c = 0x10000 + ((c - 0xD800) << 10) + low - 0xDC00;
			i += 2;
		} else if (c < 0x20 || (c >= 0x7F && c < 0xA0) ||
			   is_surrogate(c, 0xD800) || is_surrogate(c, 0xDC00)) {
			text[0] = 0;
			return RNDIS_FAULT_OBJECT;
		}
		more = put_utf8(text + used, size - 1 - used, c);
		if (!more)
			break;
		used += more;
	}
	text[used] = 0;
	return RNDIS_WIRE_OK;
}

/*
 * Copy an NDIS object of @type to @copy, which has @room bytes and starts with
 * an object header. The host's object must have at least @min bytes and not
 * claim more than the @len that came; what it has less than @room counts as 0,
 * what it has more is of a revision that we do not know.
 */
static enum rndis_wire_fault fetch_object(void *copy, u32 room, const void *obj,
					  u32 len, u8 type, u32 min)
{
	struct ndis_object_header hdr;
	u32 size;

	memset(copy, 0, room);
	wire_fetch(copy, obj, len < room ? len : room);

	memcpy(&hdr, copy, sizeof(hdr));
	size = le16_to_cpu(hdr.size);
	/* and so len >= min */
	if (hdr.type != type || !hdr.revision || size < min || size > len)
		return RNDIS_FAULT_OBJECT;

	/* room - size cannot wrap, by the condition */
	if (size < room)
		memset((u8 *)copy + size, 0, room - size);
	return RNDIS_WIRE_OK;
}

/* The largest power of two that is not above @value, which is not 0 */
static u32 power_of_two_below(u32 value)
{
	u32 power = 1;

	while (power <= value / 2)
		power *= 2;
	return power;
}

/**
 * ndis_wire_rss_caps - read the RSS capabilities
 * @obj: answer of RNDIS_OID_GEN_RECEIVE_SCALE_CAPABILITIES
 * @len: bytes of it
 * @caps: what the host can do, within our own limits
 *
 * A host that offers nothing we can use gets one queue and @caps->usable false.
 * Documentation/protocol.md E.6, I.1 rule 30.
 *
 * Return: RNDIS_WIRE_OK or RNDIS_FAULT_OBJECT.
 */
enum rndis_wire_fault ndis_wire_rss_caps(const void *obj, u32 len,
					 struct ndis_rss_caps *caps)
{
	struct ndis_rss_capabilities copy;
	enum rndis_wire_fault fault;
	bool counted;
	u32 entries;

	fault = fetch_object(&copy, sizeof(copy), obj, len,
			     NDIS_OBJECT_TYPE_RSS_CAPABILITIES,
			     NDIS_RSS_CAPABILITIES_SIZE_1);
	if (fault)
		return fault;

	/* revision 1 has no number of entries: every known host has the maximum */
	counted = copy.hdr.revision >= NDIS_RSS_CAPABILITIES_REVISION_2 &&
		  le16_to_cpu(copy.hdr.size) >= NDIS_RSS_CAPABILITIES_SIZE_2;
	entries = le16_to_cpu(copy.indirection_entries);

	caps->flags = le32_to_cpu(copy.flags);
	caps->usable = caps->flags & NDIS_RSS_CAPS_TOEPLITZ &&
		       (entries || !counted);
	if (!entries || entries > NDIS_RSS_INDIRECTION_MAX)
		entries = NDIS_RSS_INDIRECTION_MAX;
	caps->entries = power_of_two_below(entries);

	caps->queues = le32_to_cpu(copy.receive_queues);
	if (!caps->queues || !caps->usable)
		caps->queues = 1;
	if (caps->queues > NDIS_RSS_QUEUES_MAX)
		caps->queues = NDIS_RSS_QUEUES_MAX;
	return RNDIS_WIRE_OK;
}

/* An ability without an encapsulation to use it with is none (E.8) */
static u32 csum_flags(const struct ndis_csum_offload *csum)
{
	return csum->encapsulation ? le32_to_cpu(csum->flags) : 0;
}

/*
 * I.1 rule 31. A host that takes more than 65535 bytes takes 65535; one that
 * wants large packets only, or takes too small ones, gets none.
 */
static void read_lso(struct ndis_lso_caps *lso, __le32 encapsulation,
		     __le32 max_size, __le32 min_segments, u32 mtu)
{
	u32 segments = le32_to_cpu(min_segments);
	u32 size = le32_to_cpu(max_size);

	memset(lso, 0, sizeof(*lso));
	if (!encapsulation || size < 2 * (u64)mtu ||
	    segments > NDIS_LSO_SEGMENTS_CAP)
		return;

	lso->max_size = size < NDIS_LSO_SIZE_MAX ? size : NDIS_LSO_SIZE_MAX;
	lso->min_segments = segments;
	if (segments < NDIS_LSO_SEGMENTS_MIN)
		lso->min_segments = NDIS_LSO_SEGMENTS_MIN;
}

/**
 * ndis_wire_offload - read what the host can take over
 * @obj: answer of RNDIS_OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES or _CURRENT_CONFIG,
 *       or the buffer of RNDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG
 * @len: bytes of it
 * @mtu: IP MTU; a large send of less than two of them is none
 * @caps: what the host can do, within our own limits
 *
 * Members behind the size that the object states count as 0.
 * Documentation/protocol.md E.8, I.1 rule 31.
 *
 * Return: RNDIS_WIRE_OK or RNDIS_FAULT_OBJECT.
 */
enum rndis_wire_fault ndis_wire_offload(const void *obj, u32 len, u32 mtu,
					struct ndis_offload_caps *caps)
{
	enum rndis_wire_fault fault;
	struct ndis_offload copy;

	fault = fetch_object(&copy, sizeof(copy), obj, len,
			     NDIS_OBJECT_TYPE_OFFLOAD, NDIS_OFFLOAD_SIZE_1);
	if (fault)
		return fault;

	caps->ipv4_tx = csum_flags(&copy.ipv4_tx);
	caps->ipv4_rx = csum_flags(&copy.ipv4_rx);
	caps->ipv6_tx = csum_flags(&copy.ipv6_tx);
	caps->ipv6_rx = csum_flags(&copy.ipv6_rx);

	read_lso(&caps->lso_ipv4, copy.lso_v2.ipv4_encapsulation,
		 copy.lso_v2.ipv4_max_size, copy.lso_v2.ipv4_min_segments, mtu);
	read_lso(&caps->lso_ipv6, copy.lso_v2.ipv6_encapsulation,
		 copy.lso_v2.ipv6_max_size, copy.lso_v2.ipv6_min_segments, mtu);
	caps->lso_ipv6_options = le32_to_cpu(copy.lso_v2.ipv6_options);

	caps->rsc_ipv4 = copy.hdr.revision >= NDIS_OFFLOAD_REVISION_3 &&
			 copy.rsc_ipv4;
	caps->rsc_ipv6 = copy.hdr.revision >= NDIS_OFFLOAD_REVISION_3 &&
			 copy.rsc_ipv6;
	return RNDIS_WIRE_OK;
}

/* Write @len characters of ASCII as UTF-16LE; return where the next one goes */
static u8 *put_utf16(u8 *at, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		*at++ = text[i];
		*at++ = 0;
	}
	return at;
}

/**
 * ndis_wire_put_mac_param - write the object that changes the MAC address
 * @buf: where it goes
 * @room: bytes there; NDIS_MAC_PARAM_LEN are needed
 * @mac: NDIS_MAC_LEN bytes
 *
 * For a SET of RNDIS_OID_GEN_RNDIS_CONFIG_PARAMETER. Documentation/protocol.md
 * E.13: name "NetworkAddress", value twelve hexadecimal digits.
 *
 * Return: bytes written or -ENOSPC.
 */
int ndis_wire_put_mac_param(void *buf, size_t room, const u8 *mac)
{
	static const char name[] = "NetworkAddress";
	static const char digits[] = "0123456789ABCDEF";
	const u32 name_len = 2 * (sizeof(name) - 1);
	struct ndis_config_parameter param;
	char text[2 * NDIS_MAC_LEN];
	unsigned int i;
	u8 *at;

	static_assert(sizeof(param) + 2 * (sizeof(name) - 1) + 2 * sizeof(text) ==
		      NDIS_MAC_PARAM_LEN, "protocol.md E.13");
	if (room < NDIS_MAC_PARAM_LEN)
		return -ENOSPC;

	for (i = 0; i < NDIS_MAC_LEN; i++) {
		text[2 * i] = digits[mac[i] >> 4];
		text[2 * i + 1] = digits[mac[i] & 0xF];
	}

	param.name_offset = cpu_to_le32(sizeof(param));
	param.name_len = cpu_to_le32(name_len);
	param.type = cpu_to_le32(NDIS_CONFIG_PARAM_STRING);
	param.value_offset = cpu_to_le32(sizeof(param) + name_len);
	param.value_len = cpu_to_le32(2 * sizeof(text));
	memcpy(buf, &param, sizeof(param));

	at = put_utf16((u8 *)buf + sizeof(param), name, sizeof(name) - 1);
	put_utf16(at, text, sizeof(text));
	return NDIS_MAC_PARAM_LEN;
}

/**
 * ndis_wire_put_rss - write the object that sets the RSS parameters
 * @buf: where it goes
 * @room: bytes there; NDIS_RSS_PARAM_LEN() are needed
 * @rss: what to set
 *
 * For a SET of RNDIS_OID_GEN_RECEIVE_SCALE_PARAMETERS. Table and key are always
 * in it: hosts read them whatever the flags say (Documentation/protocol.md E.6).
 *
 * Return: bytes written, -ENOSPC, or -EINVAL for a table of no or too many
 * entries.
 */
int ndis_wire_put_rss(void *buf, size_t room, const struct ndis_rss *rss)
{
	const u32 table_len = 4 * rss->entries;
	const u32 table_off = NDIS_RSS_PARAMETERS_SIZE_2;
	struct ndis_rss_parameters param;
	unsigned int i;
	__le32 entry;

	if (!rss->entries || rss->entries > NDIS_RSS_INDIRECTION_MAX)
		return -EINVAL;
	if (room < NDIS_RSS_PARAM_LEN(rss->entries))
		return -ENOSPC;

	memset(&param, 0, sizeof(param));
	param.hdr.type = NDIS_OBJECT_TYPE_RSS_PARAMETERS;
	param.hdr.revision = NDIS_RSS_PARAMETERS_REVISION_2;
	param.hdr.size = cpu_to_le16(NDIS_RSS_PARAMETERS_SIZE_2);
	if (!rss->hash_info)
		param.flags = cpu_to_le16(NDIS_RSS_FLAG_DISABLE);
	param.hash_info = cpu_to_le32(rss->hash_info);
	param.table_len = cpu_to_le16(table_len);
	param.table_offset = cpu_to_le32(table_off);
	param.key_len = cpu_to_le16(NDIS_RSS_KEY_LEN);
	param.key_offset = cpu_to_le32(table_off + table_len);
	memcpy(buf, &param, sizeof(param));

	for (i = 0; i < rss->entries; i++) {
		entry = cpu_to_le32(rss->table[i]);
		memcpy((u8 *)buf + table_off + 4 * i, &entry, sizeof(entry));
	}
	memcpy((u8 *)buf + table_off + table_len, rss->key, NDIS_RSS_KEY_LEN);
	return NDIS_RSS_PARAM_LEN(rss->entries);
}
