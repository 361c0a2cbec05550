#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module unloads and loads twenty times and then carries traffic, with our driver
# while the host's link goes and comes all the time. The distribution's leaves a timer of
# a link event behind (trap T30), at which 6.1 was seen to crash in __queue_work().
# Break it: leave a GPADL or a channel open in remove; or do not wait for the work that
# a link event begins.
# groups: base nvsp2
# timeout: 150
. "$(dirname "$0")/ktap.sh"

# Several in each round, at other moments of each.
link_events() {
	while [ "$LAB_DRIVER" = ours ]; do
		hostctl nic0 link down
		sleep 0.13
		hostctl nic0 link up
		sleep 0.17
	done
}
undo "hostctl nic0 link up"
link_events >/dev/null 2>&1 &
events=$!
undo "kill $events 2>/dev/null"

for round in $(seq 20); do
	try "unloading, round $round" modprobe -r hv_netvsc
	! [ -e "/sys/class/net/$GUEST_IF" ] || fail "round $round: $GUEST_IF stayed"
	try "loading, round $round" modprobe hv_netvsc
	wait_until 10 test -e "/sys/class/net/$GUEST_IF" ||
		fail "round $round: $GUEST_IF did not come back"
done
[ "$LAB_DRIVER" != ours ] || try "link events" kill $events
wait $events 2>/dev/null
try "link up" hostctl nic0 link up
network_back
traffic_flows
pass
