// SPDX-License-Identifier: GPL-2.0
/*
 * What modinfo says as "revision": the state of the sources that a module was
 * built from. Part of modules that are built outside the kernel's tree only.
 */
#include <linux/module.h>

MODULE_INFO(revision, COMPAT_REVISION);
