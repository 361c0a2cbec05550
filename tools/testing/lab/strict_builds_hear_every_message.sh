#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What make says when the compiler or sparse finds something makes a strict build fail,
# and what an unharmed tree has it say as well does not. Without a build.
# Break it: leave "warning" out of MESSAGE in tools/lab/hvlab/kbuild.py, or let NOISE
# match an empty line.
. "$(dirname "$0")/../guest/ktap.sh"

try "tests of strict builds" python3 "$(dirname "$0")/kbuild_test.py"
pass
