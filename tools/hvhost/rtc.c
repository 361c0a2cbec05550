// SPDX-License-Identifier: GPL-2.0
/*
 * A CMOS clock (MC146818) that can be read. Linux takes its wall clock from it
 * whatever the FADT says of a CMOS, and would wait for seconds, a thousand
 * port accesses each, when the registers read all ones. There are no alarms
 * and no interrupts, and writes change nothing.
 */
#include <stdatomic.h>
#include <time.h>

#include "pio.h"
#include "rtc.h"

#define RTC_PORT		0x70	/* index, then data */
#define RTC_INDEX_MASK		0x7F	/* bit 7 gates the NMI */

enum {
	RTC_SECONDS = 0x00,
	RTC_MINUTES = 0x02,
	RTC_HOURS = 0x04,
	RTC_WEEKDAY = 0x06,
	RTC_DAY = 0x07,
	RTC_MONTH = 0x08,
	RTC_YEAR = 0x09,
	RTC_REG_A = 0x0A,
	RTC_REG_B = 0x0B,
	RTC_REG_D = 0x0D,
	RTC_CENTURY = 0x32,
};

#define RTC_A_32KHZ		0x26	/* divider; no update in progress */
#define RTC_B_24H		0x02	/* and BCD */
#define RTC_D_VALID		0x80

static _Atomic uint8_t selected;

static uint8_t bcd(int value)
{
	return (uint8_t)(value / 10 % 10 << 4 | value % 10);
}

static uint8_t read_reg(uint8_t reg)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	switch (reg) {
	case RTC_SECONDS:
		return bcd(tm.tm_sec);
	case RTC_MINUTES:
		return bcd(tm.tm_min);
	case RTC_HOURS:
		return bcd(tm.tm_hour);
	case RTC_WEEKDAY:
		return bcd(tm.tm_wday + 1);
	case RTC_DAY:
		return bcd(tm.tm_mday);
	case RTC_MONTH:
		return bcd(tm.tm_mon + 1);
	case RTC_YEAR:
		return bcd(tm.tm_year % 100);
	case RTC_CENTURY:
		return bcd((tm.tm_year + 1900) / 100);
	case RTC_REG_A:
		return RTC_A_32KHZ;
	case RTC_REG_B:
		return RTC_B_24H;
	case RTC_REG_D:
		return RTC_D_VALID;
	default:
		return 0;
	}
}

static uint32_t rtc_in(uint16_t off, uint8_t size)
{
	(void)size;
	return off ? read_reg(atomic_load(&selected)) : 0xFF;
}

static void rtc_out(uint16_t off, uint8_t size, uint32_t value)
{
	(void)size;
	if (!off)
		atomic_store(&selected, (uint8_t)(value & RTC_INDEX_MASK));
}

void rtc_init(void)
{
	static const struct pio_device dev = {
		RTC_PORT, 2, "CMOS clock", rtc_in, rtc_out,
	};

	pio_register(&dev);
}
