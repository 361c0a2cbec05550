// SPDX-License-Identifier: GPL-2.0
/*
 * The ways a guest ends by itself: ACPI sleep state S5 and the reset ports.
 */
#include <stdatomic.h>
#include <stddef.h>

#include "pio.h"
#include "power.h"
#include "verdict.h"

#define PM1_SCI_EN		0x0001
#define PM1_SLP_TYP_SHIFT	10
#define PM1_SLP_TYP_MASK	0x7
#define PM1_SLP_EN		0x2000

#define RESET_CPU		0x04	/* port 0xCF9: reset, of either kind */

#define KBC_PORT		0x64
#define KBC_PULSE_RESET		0xFE

/* Only kept so that the guest reads back what it wrote; nothing is raised. */
static _Atomic uint16_t pm1_enable;
static _Atomic uint16_t pm1_control;

static uint32_t pm1_evt_in(uint16_t off, uint8_t size)
{
	uint32_t both = (uint32_t)atomic_load(&pm1_enable) << 16;

	(void)size;
	return both >> (8 * off);
}

static void pm1_evt_out(uint16_t off, uint8_t size, uint32_t value)
{
	if (off == 2 && size == 2)
		atomic_store(&pm1_enable, (uint16_t)value);
}

/* There is no SMI that could hand ACPI over: it is always on. */
static uint32_t pm1_cnt_in(uint16_t off, uint8_t size)
{
	(void)size;
	return (atomic_load(&pm1_control) | PM1_SCI_EN) >> (8 * off);
}

static void pm1_cnt_out(uint16_t off, uint8_t size, uint32_t value)
{
	unsigned int type = (value >> PM1_SLP_TYP_SHIFT) & PM1_SLP_TYP_MASK;

	if (off || size != 2)
		return;
	atomic_store(&pm1_control, (uint16_t)(value & ~PM1_SLP_EN));
	if ((value & PM1_SLP_EN) && type == POWER_SLP_TYP_S5)
		verdict_set(END_POWEROFF, 0, "%s", "");
}

static void reset_out(uint16_t off, uint8_t size, uint32_t value)
{
	(void)off;
	(void)size;
	if (value & RESET_CPU)
		verdict_set(END_REBOOT, 0, "reset register");
}

/* Status: no byte waits in either direction, so that the guest may write. */
static uint32_t kbc_in(uint16_t off, uint8_t size)
{
	(void)off;
	(void)size;
	return 0;
}

static void kbc_out(uint16_t off, uint8_t size, uint32_t value)
{
	(void)off;
	(void)size;
	if ((value & 0xFF) == KBC_PULSE_RESET)
		verdict_set(END_REBOOT, 0, "keyboard controller");
}

void power_init(void)
{
	static const struct pio_device devices[] = {
		{ POWER_PM1A_EVT, 4, "PM1a event", pm1_evt_in, pm1_evt_out },
		{ POWER_PM1A_CNT, 2, "PM1a control", pm1_cnt_in, pm1_cnt_out },
		{ POWER_RESET_PORT, 1, "reset register", NULL, reset_out },
		{ KBC_PORT, 1, "keyboard controller", kbc_in, kbc_out },
	};

	for (unsigned int i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		pio_register(&devices[i]);
}
