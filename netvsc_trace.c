// SPDX-License-Identifier: GPL-2.0
/*
 * Where the trace points of netvsc_trace.h are made.
 */
#define CREATE_TRACE_POINTS
#include "netvsc_trace.h"
