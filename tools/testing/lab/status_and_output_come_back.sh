#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command's output is ours and its exit status too; what it leaves running
# does not hold the guest.
# Break it: let init wait for the output's end before it kills leftovers.
. "$(dirname "$0")/../guest/ktap.sh"
GUEST=$(dirname "$0")/../../lab/guest

said=$("$GUEST" --driver none --no-net --timeout 60 --file "$0:/tmp/copy" -- \
	sh -c 'sleep 1000 & echo "arrived $1"; cmp -s /tmp/copy /etc/passwd; exit 7' \
	sh 'a  b' 2>/tmp/hvlab-said.$$)
status=$?
undo rm -f /tmp/hvlab-said.$$
note "$(cat /tmp/hvlab-said.$$)"
check_equal "status" 7 $status
check_equal "output" "arrived a  b" "$said"
pass
