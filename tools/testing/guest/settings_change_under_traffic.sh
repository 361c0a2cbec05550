#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# MTU, rings and number of queues change 25 times under TCP traffic: each
# change succeeds, the connection lives, statistics never run backwards: those of the
# interface, of each queue and of each CPU. What is already so changes nothing, and for
# fewer queues, or queues that are open, no channel is closed.
# Break it: start the queues in netvsc_go_up() instead of waking them; clear cpu_counts
# and what is shared of each queue before netvsc_get_ethtool_stats() shares out those
# in use.
# groups: queues
# drivers: ours
# timeout: 400
. "$(dirname "$0")/ktap.sh"

CHANNELS=$(echo "/sys/class/net/$GUEST_IF/device/channels")
# The core makes a folder for each channel when it is offered.
channels() {
	stat -c %i "$CHANNELS"/* | sort | tr '\n' ' '
}
setting() {
	ethtool "$1" "$GUEST_IF" | sed -n "s/^$2:[[:space:]]*//p" | tail -1
}
bytes() {
	echo $(($(stat_of rx_bytes) + $(stat_of tx_bytes)))
}

# A load that leaves an emulated CPU time for the rest.
timeout "$(slow 390)" iperf3 -c "$PEER4" -p 5202 -P 4 -b 2M -t "$(slow 380)" >/tmp/iperf3 2>&1 &
load=$!
undo "kill $load; ethtool -L $GUEST_IF combined 4; ethtool -G $GUEST_IF rx 9709 tx 192; ip link set $GUEST_IF mtu 1500"
begun=$(bytes)
runs() {
	[ "$(bytes)" -gt $((begun + 100000)) ]
}
wait_until 20 runs || fail "iperf3 does not begin: $(tail -c 300 /tmp/iperf3)"

# The same again: nothing is said to the host.
before=$(host_counts nic0 control)
ethtool -L "$GUEST_IF" combined "$(setting -l Combined)" 2>/dev/null
ethtool -G "$GUEST_IF" rx "$(setting -g RX)" tx "$(setting -g TX)" 2>/dev/null
try "the same MTU" ip link set "$GUEST_IF" mtu "$(cat "/sys/class/net/$GUEST_IF/mtu")"
try "the same address" ip link set "$GUEST_IF" address "$(cat "/sys/class/net/$GUEST_IF/address")"
try "the same coalescing" ethtool -K "$GUEST_IF" lro on
try "the same fields" ethtool -N "$GUEST_IF" rx-flow-hash udp4 sdfn
ethtool -X "$GUEST_IF" hkey "$(ethtool -x "$GUEST_IF" | sed -n '/^RSS hash key/{n;p}')" equal "$(setting -l Combined)"
check_equal "control messages for nothing new" "$before" "$(host_counts nic0 control)"
try "no table" ethtool -X "$GUEST_IF" default

# Fewer queues and back: the channels stay.
before=$(channels)
for queues in 3 1 2 4; do
	try "$queues queues" ethtool -L "$GUEST_IF" combined $queues
	check_equal "queues" $queues "$(setting -l Combined)"
	check_equal "queues of the core" $queues "$(queues)"
	no_figure_fell "$queues queues"
done
try "a smaller MTU" ip link set "$GUEST_IF" mtu 1400
try "the usual MTU" ip link set "$GUEST_IF" mtu 1500
check_equal "channels" "$before" "$(channels)"

count=0
seen=$(bytes)
while [ $count -lt 25 ]; do
	case $((count % 5)) in
	0) try "MTU 4000" ip link set "$GUEST_IF" mtu 4000;;
	1) try "2 queues" ethtool -L "$GUEST_IF" combined 2
	   try "rings" ethtool -G "$GUEST_IF" rx $((1000 + count)) tx 100
	   check_equal "receive sections" $((1000 + count)) "$(setting -g RX)"
	   check_equal "send sections" 100 "$(setting -g TX)";;
	2) try "4 queues" ethtool -L "$GUEST_IF" combined 4
	   check_equal "queues" 4 "$(setting -l Combined)";;
	3) try "MTU 1500" ip link set "$GUEST_IF" mtu 1500;;
	4) try "rings" ethtool -G "$GUEST_IF" rx 9000 tx 192;;
	esac
	count=$((count + 1))
	[ $((count % 5)) = 0 ] && note "$count changes, $(cut -d. -f1 /proc/uptime) s"
	now=$(bytes)
	[ "$now" -ge "$seen" ] || fail "after change $count: statistics ran from $seen to $now bytes"
	seen=$now
	no_figure_fell "after change $count"
done
kill -0 $load 2>/dev/null || fail "iperf3 ended: $(tail -c 300 /tmp/iperf3)"
more_came() {
	[ "$(bytes)" -gt $((seen + 100000)) ]
}
# Each outage may cost TCP a retransmission timeout, and each in a row doubles it.
wait_until 60 more_came || {
	note "$(ss -tino dst "$PEER4")"
	note "$(ping -c 3 -W 1 "$PEER4" | tail -2)"
	note "$(ethtool -S "$GUEST_IF" | grep -v ': 0$')"
	note "$(tail -c 600 /tmp/iperf3)"
	fail "the connection is dead"
}
traffic_flows
pass
