/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ways a guest ends by itself: ACPI sleep state S5 and the reset ports.
 */
#ifndef HVHOST_POWER_H
#define HVHOST_POWER_H

/* I/O ports, for the FADT as well */
#define POWER_PM1A_EVT		0x600	/* 2 bytes status, 2 bytes enable */
#define POWER_PM1A_CNT		0x604	/* 2 bytes */
#define POWER_RESET_PORT	0xCF9
#define POWER_RESET_VALUE	0x06
#define POWER_SLP_TYP_S5	5	/* as the DSDT's \_S5 says */

/** power_init() - register the ports. Context: before the vCPUs run. */
void power_init(void);

#endif
