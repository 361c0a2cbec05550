/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the virtual PCI bus, as they lie in VMBus packets
 * (Documentation/protocol.md G.3, G.4). Little-endian, packed.
 */
#ifndef HVHOST_VPCI_ABI_H
#define HVHOST_VPCI_ABI_H

#include "../../wire_types.h"

#define VPCI_V1_1	0x00010001u
#define VPCI_V1_2	0x00010002u
#define VPCI_V1_3	0x00010003u
#define VPCI_V1_4	0x00010004u

#define VPCI_BUS_RELATIONS		0x42490000u
#define VPCI_QUERY_BUS_RELATIONS	0x42490001u
#define VPCI_POWER_STATE_CHANGE		0x42490004u
#define VPCI_QUERY_REQUIREMENTS		0x42490005u
#define VPCI_QUERY_RESOURCES		0x42490006u
#define VPCI_D0ENTRY			0x42490007u
#define VPCI_D0EXIT			0x42490008u
#define VPCI_READ_BLOCK			0x42490009u
#define VPCI_WRITE_BLOCK		0x4249000Au
#define VPCI_EJECT			0x4249000Bu
#define VPCI_EJECTION_COMPLETE		0x4249000Fu
#define VPCI_RESOURCES_ASSIGNED		0x42490010u
#define VPCI_RESOURCES_RELEASED		0x42490011u
#define VPCI_QUERY_VERSION		0x42490013u
#define VPCI_CREATE_INTERRUPT		0x42490014u
#define VPCI_DELETE_INTERRUPT		0x42490015u
#define VPCI_RESOURCES_ASSIGNED2	0x42490016u
#define VPCI_CREATE_INTERRUPT2		0x42490017u
#define VPCI_BUS_RELATIONS2		0x42490019u
#define VPCI_CREATE_INTERRUPT3		0x4249001Bu

#define VPCI_STATUS_OK			0u
#define VPCI_STATUS_REVISION_MISMATCH	0xC0000059u
#define VPCI_STATUS_NOT_SUPPORTED	0xC00000BBu
#define VPCI_STATUS_BAD_DATA		0xC000090Bu

#define VPCI_CONFIG_WINDOW	0x2000u	/* slot register, configuration space (G.5) */
#define VPCI_BLOCK_MAX		128u
#define VPCI_CPUS_MAX		32u

/** struct vpci_function - BUS_RELATIONS2 has one of each function; BUS_RELATIONS its first 20 bytes */
struct vpci_function {
	__le16 vendor;
	__le16 device;
	u8 revision;
	u8 prog_if;
	u8 sub_class;
	u8 base_class;
	__le16 sub_vendor;
	__le16 sub_device;
	__le32 slot;
	__le32 serial;
	__le32 flags;
	__le16 node;
	__le16 rsv;
} __packed;

#define VPCI_FUNCTION_LEN	20u

struct vpci_relations {
	__le32 type;
	__le32 count;
	struct vpci_function function;
} __packed;

struct vpci_version {
	__le32 type;
	__le32 version;
} __packed;

struct vpci_d0entry {
	__le32 type;
	__le32 rsv;
	__le64 window;
} __packed;

/** struct vpci_slot - all messages that name a function and no more */
struct vpci_slot {
	__le32 type;
	__le32 slot;
} __packed;

struct vpci_power {
	__le32 type;
	__le32 slot;
	__le32 state;
} __packed;

struct vpci_ejected {
	__le32 type;
	__le32 slot;
	__le32 status;
} __packed;

/** struct vpci_requirements - reply to QUERY_REQUIREMENTS */
struct vpci_requirements {
	__le32 status;
	__le32 bar[6];
} __packed;

/** struct vpci_message - a translated interrupt: what the guest writes to MSI-X */
struct vpci_message {
	__le16 rsv;
	__le16 count;
	__le32 data;
	__le64 address;
} __packed;

struct vpci_create1 {
	__le32 type;
	__le32 slot;
	u8 vector;
	u8 mode;
	__le16 count;
	__le32 rsv;
	__le64 cpus;
} __packed;

struct vpci_create2 {
	__le32 type;
	__le32 slot;
	u8 vector;
	u8 mode;
	__le16 count;
	__le16 cpu_count;
	__le16 cpu[VPCI_CPUS_MAX];
} __packed;

struct vpci_create3 {
	__le32 type;
	__le32 slot;
	__le32 vector;
	u8 mode;
	u8 rsv;
	__le16 count;
	__le16 cpu_count;
	__le16 cpu[VPCI_CPUS_MAX];
} __packed;

struct vpci_created {
	__le32 status;
	__le32 rsv;
	struct vpci_message message;
} __packed;

struct vpci_delete {
	__le32 type;
	__le32 slot;
	struct vpci_message message;
} __packed;

struct vpci_block {
	__le32 type;
	__le32 block;
	__le32 slot;
	__le32 bytes;
} __packed;

#define VPCI_ASSIGNED_LEN	148u
#define VPCI_ASSIGNED2_LEN	202u

_Static_assert(sizeof(struct vpci_function) == 28, "protocol.md G.4");
_Static_assert(sizeof(struct vpci_d0entry) == 16, "protocol.md G.4");
_Static_assert(sizeof(struct vpci_message) == 16, "protocol.md G.4");
_Static_assert(sizeof(struct vpci_create1) == 24, "protocol.md G.4");
_Static_assert(sizeof(struct vpci_create2) == 78, "protocol.md G.4");
_Static_assert(sizeof(struct vpci_create3) == 82, "protocol.md G.4");
_Static_assert(sizeof(struct vpci_created) == 24, "protocol.md G.4");
_Static_assert(sizeof(struct vpci_delete) == 24, "protocol.md G.4");

#endif
