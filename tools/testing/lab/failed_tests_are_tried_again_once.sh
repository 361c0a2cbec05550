#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What tools/testing/run makes of a test that fails: tried again alone, once, and
# only if neither the kernel nor the host saw anything wrong.
# Break it: let SEEN in tools/testing/run match nothing.
. "$(dirname "$0")/../guest/ktap.sh"

try "tests of the runner" python3 "$(dirname "$0")/run_test.py"
pass
