#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The carrier goes and comes with the host's link, also when the changes come
# fast; then the last one counts.
# Break it: ignore INDICATE_STATUS.
# groups: base nvsp2
# timeout: 120
. "$(dirname "$0")/ktap.sh"

carrier_is() {
	[ "$(cat "/sys/class/net/$GUEST_IF/carrier")" = "$1" ]
}

undo hostctl nic0 link up
try "link down" hostctl nic0 link down
wait_until 8 carrier_is 0 || fail "carrier is on after the host took the link down"
try "link up" hostctl nic0 link up
wait_until 8 carrier_is 1 || fail "carrier is off after the host gave the link back"
for round in 1 2 3 4 5; do
	try "link down, round $round" hostctl nic0 link down
	try "link up, round $round" hostctl nic0 link up
done

# A driver may show the changes one by one, at a pace of its own.
settled() {
	changes=$(cat "/sys/class/net/$GUEST_IF/carrier_changes")
	sleep 5
	[ "$changes" = "$(cat "/sys/class/net/$GUEST_IF/carrier_changes")" ]
}
for limit in 1 2 3 4 5 6 7 8; do
	settled && break
	note "not settled after $((limit * 5)) s"
done
carrier_is 1 || fail "carrier is off after fast changes that ended with up"
traffic_flows
pass
