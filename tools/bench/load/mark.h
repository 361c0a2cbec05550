/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The instruction by which a guest tells the counting plugin to read its
 * counters: nopl 0x68636e62(%rax,%rax), which does nothing anywhere.
 */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#define MARK_ASM	"nopl 0x68636e62(%rax,%rax)"
#define MARK_CODE	"\x0f\x1f\x84\x00\x62\x6e\x63\x68"
#define MARK_LEN	8

#endif
