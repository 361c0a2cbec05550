#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A panic in the guest gives 126 and its message.
# Break it: take hvhost's status 4 for a power-off in job.verdict().
. "$(dirname "$0")/../guest/ktap.sh"
GUEST=$(dirname "$0")/../../lab/guest

said=$("$GUEST" --driver none --no-net --timeout 60 -- sh -c \
	'echo c >/proc/sysrq-trigger; sleep 100' 2>&1)
check_equal "status" 126 $?
case $said in *"sysrq triggered crash"*) ;; *) fail "said: $said";; esac
pass
