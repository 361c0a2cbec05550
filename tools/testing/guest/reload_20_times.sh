#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module unloads and loads twenty times and then carries traffic, while the host's
# link goes and comes all the time.
# Break it: leave a GPADL or a channel open in remove; or do not wait for the work that
# a link event begins.
# groups: base nvsp2
# timeout: 150
. "$(dirname "$0")/ktap.sh"

# Several events in each round, at other moments of each.
undo "hostctl nic0 link up"
while :; do
	hostctl nic0 link down
	sleep 0.13
	hostctl nic0 link up
	sleep 0.17
done >/dev/null 2>&1 &
events=$!
undo "kill $events"

for round in $(seq 20); do
	try "unloading, round $round" modprobe -r hv_netvsc
	! [ -e "/sys/class/net/$GUEST_IF" ] || fail "round $round: $GUEST_IF stayed"
	try "loading, round $round" modprobe hv_netvsc
	wait_until 10 test -e "/sys/class/net/$GUEST_IF" ||
		fail "round $round: $GUEST_IF did not come back"
done
try "link events" kill $events
wait $events 2>/dev/null
try "link up" hostctl nic0 link up
network_back
traffic_flows
pass
