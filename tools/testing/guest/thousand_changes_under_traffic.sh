#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A thousand changes of MTU, rings and number of queues under TCP traffic both
# ways: each succeeds and is what is shown, statistics never run backwards, and
# the host gets back what it gave.
# Break it: leave `closing` set at the end of netvsc_reconfigure().
# groups: long
# drivers: ours
# timeout: 3600
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/requests.sh"

CHANGES=1000
bytes() {
	echo $(($(stat_of rx_bytes) + $(stat_of tx_bytes)))
}
load() {
	while :; do
		iperf3 -c "$PEER4" -P 2 -b 4M -t 10 >/tmp/iperf3 2>&1 || sleep 1
		iperf3 -c "$PEER4" -P 2 -b 4M -t 10 -R >/tmp/iperf3 2>&1 || sleep 1
	done
}

undo "ip link set $GUEST_IF mtu 1500; ethtool -G $GUEST_IF rx 9709; ethtool -L $GUEST_IF combined 2"
load &
undo "kill $!; killall iperf3"
count=0
seen=$(bytes)
while [ $count -lt $CHANGES ]; do
	for what in mtu rings queues; do
		value=$(other $what "$(shown $what)")
		try "change $count: $what $value" change $what "$value"
		check_equal "change $count: $what" "$value" "$(shown $what)"
		count=$((count + 1))
	done
	now=$(bytes)
	[ "$now" -ge "$seen" ] || fail "after change $count: statistics ran from $seen to $now bytes"
	seen=$now
	[ $((count % 99)) = 0 ] || continue
	note "$count changes, $(cut -d. -f1 /proc/uptime) s, $seen bytes"
	wait_until 20 ping -c 1 -W 1 "$PEER4" || fail "after change $count nothing flows"
done
more_came() {
	[ "$(bytes)" -gt $((seen + 1000000)) ]
}
wait_until 60 more_came || fail "no traffic after the last change"
traffic_flows
pass
