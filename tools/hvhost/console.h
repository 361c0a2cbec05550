/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the guest's serial port leads: this terminal, a file, or nowhere.
 */
#ifndef HVHOST_CONSOLE_H
#define HVHOST_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * console_open() - open the target of --console
 * @target: "-" this terminal, in and out; "none"; else a file to write
 *
 * A terminal is put into raw mode; Ctrl-A x ends hvhost then, Ctrl-A Ctrl-A is
 * a Ctrl-A for the guest. console_restore() runs at exit by itself.
 */
void console_open(const char *target);

/** console_start() - begin to read input. Context: I/O thread, loop is there. */
void console_start(void);

/** console_write() - one byte of output, written soon. Context: any thread. */
void console_write(uint8_t byte);

/** console_flush() - write what is buffered. Context: any thread. */
void console_flush(void);

/**
 * console_resume() - the serial port has room for input again
 * Context: any thread.
 */
void console_resume(void);

/** console_is_raw() - whether lines on the terminal need a carriage return */
bool console_is_raw(void);

/** console_restore() - the terminal as it was. Context: any, more than once. */
void console_restore(void);

#endif
