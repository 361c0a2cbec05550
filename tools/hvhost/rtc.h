/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A CMOS clock that can be read: the guest's wall clock.
 */
#ifndef HVHOST_RTC_H
#define HVHOST_RTC_H

/** rtc_init() - register its ports. Context: before the vCPUs run. */
void rtc_init(void);

#endif
