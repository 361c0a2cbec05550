#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host takes one sub-channel away under traffic and keeps the card: as soon as
# something is to be sent there the card connects anew, with as many queues as
# before. So it does for each, and the module unloads right after another.
# The distribution's driver goes on sending there, into the void.
# Break it: leave netvsc_lost_channel() out of tx_write().
# groups: settings
# drivers: ours
# timeout: 200
. "$(dirname "$0")/ktap.sh"

said() {
	dmesg | sed "1,/lost_sub_channel: $round\$/d" | grep -q "$1"
}
queues_are_back() {
	[ "$(queues)" = "$all" ]
}
# relids: of the sub-channels that are open.
relids() {
	hostctl vmbus list | sed -n 's/^\([0-9]*\) "nic0 channel [1-9][0-9]*" open .*/\1/p'
}

all=$(queues)
for round in 1 2 3; do
	relid=$(relids | sed -n "${round}p")
	[ "$relid" ] || fail "round $round: no sub-channel: $(hostctl vmbus list)"
	iperf3 -c "$PEER4" -P 16 -b 1M -t 60 >/dev/null 2>&1 &
	load=$!
	sleep 1
	echo "<6>lost_sub_channel: $round" >/dev/kmsg
	try "round $round" hostctl vmbus rescind "$relid"
	wait_until 30 said 'connected to the host again' ||
		fail "round $round: no new connection came"
	kill $load
	wait $load 2>/dev/null
	wait_until 10 queues_are_back || fail "round $round: $(queues) queues of $all"
	network_back
	traffic_flows
done
relid=$(relids | head -1)
try "another" hostctl vmbus rescind "$relid"
try "unloading" timeout "$(slow 20)" modprobe -r hv_netvsc
try "loading" modprobe hv_netvsc
network_back
check_equal "queues" "$all" "$(queues)"
traffic_flows
pass
