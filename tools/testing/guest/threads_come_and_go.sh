#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Threaded NAPI: each queue polls in a thread of its own, and is told not to at any
# moment: under traffic, while it has no channel, while nothing has one. The core
# waits for such a thread with the device's lock, for ever if its NAPI is disabled.
# Break it: napi_disable() in queue_stop(), and napi_enable() in
# queue_start() (7.3).
# groups: queues
# drivers: ours
# timeout: 200
. "$(dirname "$0")/ktap.sh"

KNOB=/sys/class/net/$GUEST_IF/threaded
threads() {
	grep -l "^napi/$GUEST_IF" /proc/[0-9]*/comm 2>/dev/null | cut -d / -f 3
}
# How often they have run.
turns() {
	for thread in $(threads); do
		cat "/proc/$thread/status" 2>/dev/null
	done | awk '/ctxt_switches/ {n += $2} END {print n + 0}'
}
# Who waits in there for ever cannot be killed.
threaded() {
	rm -f /tmp/threaded
	{ echo "$1" >"$KNOB" && : >/tmp/threaded; } &
	wait_until 20 test -e /tmp/threaded || fail "$2: threaded $1 does not end"
	check_equal "$2: threaded" "$1" "$(cat "$KNOB")"
}

undo "hostctl nic0 answer all; ip link set $GUEST_IF mtu 1500"
all=$(queues)
threaded 1 "at first"
check_equal "threads" "$all" "$(threads | wc -l)"
before=$(turns)
iperf3 -c "$PEER4" -t 7 >/tmp/iperf3 2>&1 &
load=$!
sleep 2
check_above "turns of the threads" 50 $(($(turns) - before))
for on in 0 1 0 1; do
	threaded $on "under traffic"
	sleep 1
done
wait $load || fail "iperf3: $(tail -3 /tmp/iperf3)"

# A new connection with one channel.
try "one queue" ethtool -L "$GUEST_IF" combined 1
try "MTU" ip link set "$GUEST_IF" mtu 4000
has_channels 1 || fail "$(queues) queues, $(channels) channels, not 1"
for on in 0 1 0 1; do
	threaded $on "one queue of $all"
	traffic_flows
done
try "all queues" ethtool -L "$GUEST_IF" combined "$all"
traffic_flows

try "refusing" hostctl nic0 fail recv-buf
ip link set "$GUEST_IF" mtu 1500 2>/dev/null && fail "the change succeeded"
carrier_is 0 || fail "there is a carrier without a connection"
for on in 0 1 0; do
	threaded $on "without a connection"
done
try "answering" hostctl nic0 answer all
wait_until 90 carrier_is 1 || fail "not connected again"
network_back
traffic_flows
pass
