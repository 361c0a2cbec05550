#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A warning in the guest's kernel log fails the run and is printed, although
# the command succeeds.
# Break it: empty inguest/splats.
. "$(dirname "$0")/../guest/ktap.sh"
GUEST=$(dirname "$0")/../../lab/guest

said=$("$GUEST" --driver none --no-net --timeout 60 -- sh -c \
	'echo "WARNING: CPU: 0 PID: 1 at lab/test.c:1" >/dev/kmsg' 2>&1)
check_equal "status" 126 $?
case $said in *"at lab/test.c:1"*) ;; *) fail "said: $said";; esac
pass
