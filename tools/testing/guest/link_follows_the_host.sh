#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The carrier goes and comes with the host's link, also when the changes come
# fast; then the last one counts.
# Break it: ignore INDICATE_STATUS.
# groups: base nvsp2
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
sleep 5
carrier_is 1 || fail "carrier is off after fast changes that ended with up"
traffic_flows
pass
