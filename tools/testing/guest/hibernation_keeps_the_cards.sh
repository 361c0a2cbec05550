#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The guest hibernates as far as it can without a disk: all devices are stopped,
# VMBus is left, CPUs go offline, the image is made, and then, for want of a place
# to write it to, all of that is undone. Settings, addresses and a TCP connection
# stay, and so does a host that says nothing in between: the card connects when
# it answers.
# Break it: return an error from netvsc_suspend(); do not call start_events().
# groups: hibernate
# drivers: ours
# timeout: 400
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/hibernate-lib"

setting() {
	ethtool "$1" "$GUEST_IF" | sed -n "s/^$2:[[:space:]]*//p" | tail -1
}
bytes() {
	echo $(($(stat_of rx_bytes) + $(stat_of tx_bytes)))
}
more_came() {
	[ "$(bytes)" -gt $((seen + 100000)) ]
}
# dump: what the user has set, but for what is set below.
dump() {
	ethtool -x "$GUEST_IF"
	for flow in tcp4 tcp6 udp4 udp6; do
		ethtool -n "$GUEST_IF" rx-flow-hash $flow
	done
	ethtool -k "$GUEST_IF"
	ethtool -g "$GUEST_IF"
	ethtool --get-tunable "$GUEST_IF" rx-copybreak
	ethtool "$GUEST_IF" | grep -E 'Speed|Duplex'
	ip -o link show dev "$GUEST_IF" | sed 's/ state [A-Z]*//; s/,LOWER_UP//; s/NO-CARRIER,//'
}
kept() {
	dump >/tmp/after
	cmp -s /tmp/dump /tmp/after || fail "$1: $(diff /tmp/dump /tmp/after)"
}
all=$(setting -l Combined)
undo "hostctl nic0 answer all; ip link set $GUEST_IF mtu 1500"
undo "ethtool -L $GUEST_IF combined $all; ethtool -G $GUEST_IF rx 9709"
try "mode" sh -c 'echo shutdown >/sys/power/disk'
try "MTU" ip link set "$GUEST_IF" mtu 4000
try "rings" ethtool -G "$GUEST_IF" rx 5000
try "queues" ethtool -L "$GUEST_IF" combined 3
try "a table" ethtool -X "$GUEST_IF" weight 1 0 2
try "fields" ethtool -N "$GUEST_IF" rx-flow-hash udp4 sd
try "no coalescing" ethtool -K "$GUEST_IF" lro off
try "less is copied" ethtool --set-tunable "$GUEST_IF" rx-copybreak 300
try "all packets" ip link set "$GUEST_IF" promisc on
try "all groups" ip link set "$GUEST_IF" allmulticast on
undo "ethtool -X $GUEST_IF default; ethtool -N $GUEST_IF rx-flow-hash udp4 sdfn"
undo "ethtool -K $GUEST_IF lro on; ethtool --set-tunable $GUEST_IF rx-copybreak 256"
undo "ip link set $GUEST_IF promisc off; ip link set $GUEST_IF allmulticast off"
dump >/tmp/dump
asked=$(host_state filter; host_state rss_hash_info)
timeout "$(slow 390)" iperf3 -c "$PEER4" -P 4 -b 2M -t "$(slow 380)" >/tmp/iperf3 2>&1 &
load=$!
undo kill $load
for round in 1 2 3; do
	hibernate "round $round"
	wait_until 60 carrier_is 1 || fail "round $round: no carrier"
	check_equal "round $round: MTU" 4000 "$(cat "/sys/class/net/$GUEST_IF/mtu")"
	check_equal "round $round: sections" 5000 "$(setting -g RX)"
	check_equal "round $round: queues" 3 "$(setting -l Combined)"
	kept "round $round"
	check_equal "round $round: what the host was told" "$asked" \
		"$(host_state filter; host_state rss_hash_info)"
	seen=$(bytes)
	wait_until 60 more_came || fail "round $round: traffic stopped: $(tail -c 300 /tmp/iperf3)"
	kill -0 $load 2>/dev/null || fail "round $round: iperf3 ended: $(tail -c 300 /tmp/iperf3)"
done
traffic_flows

# Down it stays down, and goes up as ever.
try "down" ip link set "$GUEST_IF" down
hibernate "down"
try "up" ip link set "$GUEST_IF" up
network_back
traffic_flows

try "no answers" hostctl nic0 fail recv-buf
hibernate "no answers"
carrier_is 0 || fail "a carrier without a connection"
try "answers" hostctl nic0 answer all
wait_until 100 carrier_is 1 || fail "not connected when the host answers again"
network_back
traffic_flows
pass
