#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Taken down the interface is silent, taken up it works again, ten times.
# Break it: forget to set the packet filter in open.
# groups: base nvsp1
. "$(dirname "$0")/ktap.sh"

traffic_flows
for round in $(seq 10); do
	try "down, round $round" ip link set "$GUEST_IF" down
	ping -c 1 -W 1 "$PEER4" >/dev/null 2>&1 && fail "round $round: it answers while down"
	try "up, round $round" ip link set "$GUEST_IF" up
	wait_until 5 grep -q 1 "/sys/class/net/$GUEST_IF/carrier" ||
		fail "round $round: no carrier"
done
network_back
traffic_flows
pass
