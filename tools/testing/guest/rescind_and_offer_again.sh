#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host takes the card away under traffic and gives it back, five times, in the
# group `long` two hundred: the interface goes at once and comes back working.
# The distribution's driver waits for a drain that no host will answer any more, up
# to twenty seconds a time. (Trap T21.) All queues come back, too, and all channels
# stand in sysfs, where the core has a place for them only after probe().
# drivers: ours
# Break it: wait for the drain without looking at the rescind; ask for sub-channels
# in probe().
# groups: base swiotlb long
# timeout: 120 long=3600
. "$(dirname "$0")/ktap.sh"

all=$(queues)
check_above "queues" 1 "$all"
rounds=5
[ "$LAB_GROUP" = long ] && rounds=200
undo hostctl nic0 add
for round in $(seq $rounds); do
	iperf3 -c "$PEER4" -t 30 >/dev/null 2>&1 &
	load=$!
	sleep 0.5
	try "removing the card, round $round" hostctl nic0 remove
	wait_until 10 card_gone || fail "round $round: $GUEST_IF is still there after 10 s"
	kill $load 2>/dev/null
	wait $load 2>/dev/null
	try "offering it again, round $round" hostctl nic0 add
	network_back
	wait_until 10 has_channels "$all" ||
		fail "round $round: $(queues) queues, $(channels) channels, not $all"
	[ $((round % 20)) = 0 ] && note "$round rounds, $(cut -d. -f1 /proc/uptime) s"
done
traffic_flows
pass
