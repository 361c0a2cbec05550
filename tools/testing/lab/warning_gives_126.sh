#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A warning in the guest's kernel log fails the run and is printed, although
# the command succeeds; but one that a test expected does not, once.
# Break it: empty inguest/splats; or do not forget in inguest/complaints what was
# expected and came.
. "$(dirname "$0")/../guest/ktap.sh"
GUEST=$(dirname "$0")/../../lab/guest

# in_guest COMMANDS: leaves what was said in $said.
in_guest() {
	said=$("$GUEST" --driver none --no-net --timeout 60 -- sh -c "$1" 2>&1)
}
expect='echo "lab: expected at lab/test.c" >/dev/kmsg'
warn='echo "WARNING: CPU: 0 PID: 1 at lab/test.c:1" >/dev/kmsg'

in_guest "$expect; $warn"
check_equal "status after an expected warning" 0 $?
in_guest "$expect; $warn; $warn"
check_equal "status after another" 126 $?
case $said in *"at lab/test.c:1"*) ;; *) fail "said: $said";; esac
pass
