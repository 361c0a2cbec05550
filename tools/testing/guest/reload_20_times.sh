#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module unloads and loads twenty times and then carries traffic.
# Break it: leave a GPADL or a channel open in remove.
# groups: base nvsp2
# timeout: 150
. "$(dirname "$0")/ktap.sh"

for round in $(seq 20); do
	try "unloading, round $round" modprobe -r hv_netvsc
	! [ -e "/sys/class/net/$GUEST_IF" ] || fail "round $round: $GUEST_IF stayed"
	try "loading, round $round" modprobe hv_netvsc
	wait_until 10 test -e "/sys/class/net/$GUEST_IF" ||
		fail "round $round: $GUEST_IF did not come back"
done
network_back
traffic_flows
pass
