// SPDX-License-Identifier: GPL-2.0
/*
 * ACPI tables of the emulated machine (ACPI specification 6.0, chapter 5.2).
 *
 * The machine is almost nothing: APICs, PM1a registers to power off with, a
 * reset register, and the namespace of dsdt.asl. The FADT says what is absent
 * (VGA, CMOS clock, 8042), so that the guest does not spend time probing.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "acpi.h"
#include "dsdt.hex"
#include "guest_mem.h"
#include "layout.h"
#include "power.h"

#define PACKED __attribute__((packed))

struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} PACKED;

struct acpi_rsdp {
	char signature[8];
	uint8_t checksum;	/* of the first 20 bytes */
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum;
	uint8_t rsv[3];
} PACKED;

struct acpi_gas {
	uint8_t space;		/* 1 = I/O ports */
	uint8_t bits;
	uint8_t offset;
	uint8_t access;		/* 1 = byte, 2 = word, 3 = dword */
	uint64_t address;
} PACKED;

struct acpi_xsdt {
	struct acpi_header h;
	uint64_t entry[3];
} PACKED;

struct acpi_fadt {
	struct acpi_header h;
	uint32_t facs;
	uint32_t dsdt;
	uint8_t rsv0;
	uint8_t preferred_profile;
	uint16_t sci_int;
	uint32_t smi_cmd;
	uint8_t acpi_enable, acpi_disable, s4bios_req, pstate_cnt;
	uint32_t pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt;
	uint32_t pm2_cnt, pm_tmr, gpe0, gpe1;
	uint8_t pm1_evt_len, pm1_cnt_len, pm2_cnt_len, pm_tmr_len;
	uint8_t gpe0_len, gpe1_len, gpe1_base, cst_cnt;
	uint16_t p_lvl2_lat, p_lvl3_lat, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t iapc_boot_arch;
	uint8_t rsv1;
	uint32_t flags;
	struct acpi_gas reset_reg;
	uint8_t reset_value;
	uint16_t arm_boot_arch;
	uint8_t minor;
	uint64_t x_facs, x_dsdt;
	struct acpi_gas x_pm1a_evt, x_pm1b_evt, x_pm1a_cnt, x_pm1b_cnt;
	struct acpi_gas x_pm2_cnt, x_pm_tmr, x_gpe0, x_gpe1;
	struct acpi_gas sleep_control, sleep_status;
	uint64_t hypervisor_id;
} PACKED;

struct acpi_madt {
	struct acpi_header h;
	uint32_t lapic;
	uint32_t flags;
} PACKED;

struct acpi_madt_lapic {
	uint8_t type, length, processor_uid, apic_id;
	uint32_t flags;
} PACKED;

struct acpi_madt_ioapic {
	uint8_t type, length, ioapic_id, rsv;
	uint32_t address;
	uint32_t gsi_base;
} PACKED;

struct acpi_madt_override {
	uint8_t type, length, bus, source;
	uint32_t gsi;
	uint16_t flags;
} PACKED;

struct acpi_madt_nmi {
	uint8_t type, length, processor_uid;
	uint16_t flags;
	uint8_t lint;
} PACKED;

struct acpi_srat {
	struct acpi_header h;
	uint32_t rsv0;		/* 1 */
	uint64_t rsv1;
} PACKED;

struct acpi_srat_cpu {
	uint8_t type, length, domain, apic_id;
	uint32_t flags;
	uint8_t sapic_eid, domain_high[3];
	uint32_t clock_domain;
} PACKED;

struct acpi_srat_memory {
	uint8_t type, length;
	uint32_t domain;
	uint16_t rsv0;
	uint64_t base, len;
	uint32_t rsv1, flags;
	uint64_t rsv2;
} PACKED;

_Static_assert(sizeof(struct acpi_header) == 36, "ACPI 5.2.6");
_Static_assert(sizeof(struct acpi_srat) == 48, "ACPI 5.2.16");
_Static_assert(sizeof(struct acpi_srat_cpu) == 16, "ACPI 5.2.16.1");
_Static_assert(sizeof(struct acpi_srat_memory) == 40, "ACPI 5.2.16.2");
_Static_assert(sizeof(struct acpi_rsdp) == 36, "ACPI 5.2.5.3");
_Static_assert(sizeof(struct acpi_fadt) == 276, "ACPI 5.2.9");
_Static_assert(offsetof(struct acpi_fadt, x_dsdt) == 140, "ACPI 5.2.9");

#define FADT_REVISION		6
#define FADT_BOOT_LEGACY	0x0001	/* ISA devices that the user sees */
#define FADT_BOOT_NO_VGA	0x0004
#define FADT_BOOT_NO_CMOS_RTC	0x0020	/* rtc.c has too little for a driver */
#define FADT_WBINVD		0x00000001
#define FADT_C1			0x00000004
#define FADT_PWR_BUTTON		0x00000010	/* set: not a fixed feature */
#define FADT_SLP_BUTTON		0x00000020	/* set: not a fixed feature */
#define FADT_FIX_RTC		0x00000040	/* set: no wake-up by the RTC */
#define FADT_RESET_REG		0x00000400
#define SCI_IRQ			9

#define MADT_PCAT_COMPAT	1	/* dual 8259 present */
#define MADT_LAPIC_ENABLED	1
#define MADT_LEVEL_ACTIVE_HIGH	0x000D
#define MADT_ALL_PROCESSORS	0xFF

#define SRAT_ENABLED		1
#define SRAT_NODE_ALIGN		(2 * MIB)

/* Where the next table goes. */
static uint64_t next_table;

static void *table_begin(uint64_t *addr, size_t len)
{
	void *p = gm_ptr(gpa(next_table), len);

	if (!p || next_table + len > LAYOUT_ACPI_END)
		abort();	/* sizes are ours, bounded by LAYOUT_MAX_CPUS */
	memset(p, 0, len);
	*addr = next_table;
	next_table = (next_table + len + 15) & ~15ull;
	return p;
}

static uint8_t checksum(const void *p, size_t len)
{
	const uint8_t *byte = p;
	uint8_t sum = 0;

	while (len--)
		sum = (uint8_t)(sum + *byte++);
	return (uint8_t)-sum;
}

static void table_finish(struct acpi_header *h, const char *signature,
			 uint8_t revision, size_t len)
{
	memcpy(h->signature, signature, 4);
	h->length = (uint32_t)len;
	h->revision = revision;
	memcpy(h->oem_id, "HVHOST", 6);
	memcpy(h->oem_table_id, "HVHOST  ", 8);
	h->oem_revision = 1;
	memcpy(h->creator_id, "HVHO", 4);
	h->creator_revision = 1;
	h->checksum = 0;
	h->checksum = checksum(h, len);
}

static uint64_t build_dsdt(void)
{
	uint64_t addr;

	/* iasl has made header and checksum. */
	memcpy(table_begin(&addr, sizeof(dsdt_aml_code)), dsdt_aml_code,
	       sizeof(dsdt_aml_code));
	return addr;
}

static struct acpi_gas io_register(uint16_t port, uint8_t bits)
{
	return (struct acpi_gas){
		.space = 1,
		.bits = bits,
		.access = bits == 8 ? 1 : bits == 16 ? 2 : 3,
		.address = port,
	};
}

static uint64_t build_fadt(uint64_t dsdt)
{
	uint64_t addr;
	struct acpi_fadt *f = table_begin(&addr, sizeof(*f));

	f->dsdt = (uint32_t)dsdt;
	f->x_dsdt = dsdt;
	f->sci_int = SCI_IRQ;
	f->pm1a_evt = POWER_PM1A_EVT;
	f->pm1a_cnt = POWER_PM1A_CNT;
	f->pm1_evt_len = 4;
	f->pm1_cnt_len = 2;
	f->x_pm1a_evt = io_register(POWER_PM1A_EVT, 32);
	f->x_pm1a_cnt = io_register(POWER_PM1A_CNT, 16);
	f->p_lvl2_lat = 0xFFFF;	/* no C2, no C3 */
	f->p_lvl3_lat = 0xFFFF;
	f->iapc_boot_arch = FADT_BOOT_LEGACY | FADT_BOOT_NO_VGA |
			    FADT_BOOT_NO_CMOS_RTC;
	f->flags = FADT_WBINVD | FADT_C1 | FADT_PWR_BUTTON | FADT_SLP_BUTTON |
		   FADT_FIX_RTC | FADT_RESET_REG;
	f->reset_reg = io_register(POWER_RESET_PORT, 8);
	f->reset_value = POWER_RESET_VALUE;
	table_finish(&f->h, "FACP", FADT_REVISION, sizeof(*f));
	return addr;
}

static void fill_madt_tail(void *p)
{
	struct {
		struct acpi_madt_ioapic ioapic;
		struct acpi_madt_override sci;
		struct acpi_madt_nmi nmi;
	} PACKED *tail = p;

	tail->ioapic = (struct acpi_madt_ioapic){
		.type = 1, .length = sizeof(tail->ioapic),
		.address = LAYOUT_IOAPIC,
	};
	tail->sci = (struct acpi_madt_override){
		.type = 2, .length = sizeof(tail->sci), .source = SCI_IRQ,
		.gsi = SCI_IRQ, .flags = MADT_LEVEL_ACTIVE_HIGH,
	};
	tail->nmi = (struct acpi_madt_nmi){
		.type = 4, .length = sizeof(tail->nmi),
		.processor_uid = MADT_ALL_PROCESSORS, .lint = 1,
	};
}

static uint64_t build_madt(unsigned int cpus)
{
	size_t lapics = cpus * sizeof(struct acpi_madt_lapic);
	size_t len = sizeof(struct acpi_madt) + lapics +
		     sizeof(struct acpi_madt_ioapic) +
		     sizeof(struct acpi_madt_override) +
		     sizeof(struct acpi_madt_nmi);
	struct acpi_madt_lapic *lapic;
	struct acpi_madt *m;
	uint64_t addr;

	m = table_begin(&addr, len);
	m->lapic = LAYOUT_LAPIC;
	m->flags = MADT_PCAT_COMPAT;
	lapic = (void *)(m + 1);
	for (unsigned int i = 0; i < cpus; i++)
		lapic[i] = (struct acpi_madt_lapic){
			.length = sizeof(*lapic),
			.processor_uid = (uint8_t)i,
			.apic_id = (uint8_t)i,
			.flags = MADT_LAPIC_ENABLED,
		};
	fill_madt_tail((char *)lapic + lapics);
	table_finish(&m->h, "APIC", 4, len);
	return addr;
}

/* RAM of @node from byte @from up to @to of all RAM, which has a hole below 4 GiB */
static struct acpi_srat_memory *put_memory(struct acpi_srat_memory *m, unsigned int node,
					   uint64_t from, uint64_t to)
{
	if (from < LAYOUT_RAM_HOLE && to > LAYOUT_RAM_HOLE) {
		m = put_memory(m, node, from, LAYOUT_RAM_HOLE);
		from = LAYOUT_RAM_HOLE;
	}
	*m = (struct acpi_srat_memory){
		.type = 1, .length = sizeof(*m), .domain = node,
		.base = from < LAYOUT_RAM_HOLE
				? from
				: from - LAYOUT_RAM_HOLE + LAYOUT_RAM_ABOVE,
		.len = to - from,
		.flags = SRAT_ENABLED,
	};
	return m + 1;
}

static uint64_t build_srat(unsigned int cpus, unsigned int nodes, uint64_t ram)
{
	uint64_t part = ram / nodes & ~(SRAT_NODE_ALIGN - 1);
	struct acpi_srat_memory *m;
	struct acpi_srat_cpu *cpu;
	struct acpi_srat *s;
	uint64_t addr;

	/* One part at most has the hole in it */
	s = table_begin(&addr, sizeof(*s) + cpus * sizeof(*cpu) +
				       (nodes + 1) * sizeof(*m));
	s->rsv0 = 1;
	cpu = (void *)(s + 1);
	for (unsigned int i = 0; i < cpus; i++)
		cpu[i] = (struct acpi_srat_cpu){
			.length = sizeof(*cpu),
			.domain = (uint8_t)(i * nodes / cpus),
			.apic_id = (uint8_t)i,
			.flags = SRAT_ENABLED,
		};
	m = (void *)(cpu + cpus);
	for (unsigned int i = 0; i < nodes; i++)
		m = put_memory(m, i, i * part, i + 1 < nodes ? (i + 1) * part : ram);
	table_finish(&s->h, "SRAT", 3, (size_t)((char *)m - (char *)s));
	return addr;
}

uint64_t acpi_build(unsigned int cpus, unsigned int nodes, uint64_t ram)
{
	size_t tables = nodes > 1 ? 3 : 2;
	struct acpi_rsdp *rsdp;
	struct acpi_xsdt *xsdt;
	uint64_t addr, dsdt, xsdt_addr;

	next_table = LAYOUT_ACPI;
	rsdp = table_begin(&addr, sizeof(*rsdp));
	dsdt = build_dsdt();
	xsdt = table_begin(&xsdt_addr, sizeof(*xsdt));
	xsdt->entry[0] = build_fadt(dsdt);
	xsdt->entry[1] = build_madt(cpus);
	if (nodes > 1)
		xsdt->entry[2] = build_srat(cpus, nodes, ram);
	table_finish(&xsdt->h, "XSDT", 1,
		     sizeof(xsdt->h) + tables * sizeof(xsdt->entry[0]));

	memcpy(rsdp->signature, "RSD PTR ", 8);
	memcpy(rsdp->oem_id, "HVHOST", 6);
	rsdp->revision = 2;
	rsdp->length = sizeof(*rsdp);
	rsdp->xsdt = xsdt_addr;
	rsdp->checksum = checksum(rsdp, 20);
	rsdp->extended_checksum = checksum(rsdp, sizeof(*rsdp));
	return addr;
}
