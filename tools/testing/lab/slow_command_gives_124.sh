#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A command that does not end is ended at the limit.
# Break it: do not give hvhost its --timeout.
. "$(dirname "$0")/../guest/ktap.sh"
GUEST=$(dirname "$0")/../../lab/guest

start=$(date +%s)
said=$("$GUEST" --driver none --no-net --timeout 20 -- sh -c 'echo begun; sleep 1000' 2>&1)
check_equal "status" 124 $?
took=$(($(date +%s) - start))
note "$took s"
case $said in *begun*"time ran out"*) ;; *) fail "said: $said";; esac
[ $took -lt 70 ] || fail "it took $took s"
pass
