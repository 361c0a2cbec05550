#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host is told what to let through: packets for this card, broadcasts and, as soon
# as there is the first group, those to groups; everything in promiscuous mode, nothing
# while the interface is down. A new connection is told the same. A host that refuses
# once is asked again.
# Break it: leave netdev_mc_empty() out of wanted_filter() of netvsc_drv.c; or take
# RETRY_PACE out of netvsc_host_work() where it asks for the filter.
# groups: base
# drivers: ours
# timeout: 150
. "$(dirname "$0")/ktap.sh"

filter() {
	hostctl nic0 state | sed -n 's/^filter //p'
}
filter_is() {
	[ "$(filter)" = "$1" ]
}
# becomes WHAT FILTER [SECONDS]
becomes() {
	wait_until "${3:-5}" filter_is "$2" || fail "$1: wanted filter $2, got $(filter)"
}
mode() {
	try "$*" ip link set "$GUEST_IF" "$@"
}
receive_ring() {
	ethtool -g "$GUEST_IF" | sed -n 's/^RX:[[:space:]]*//p' | tail -1
}
anew() {
	try "a new connection" ethtool -G "$GUEST_IF" rx $(($(receive_ring) - 100))
}

ring=$(receive_ring)
undo "hostctl nic0 answer all; ethtool -G $GUEST_IF rx $ring; ip link set $GUEST_IF up"
undo "ip link set $GUEST_IF promisc off; ip link set $GUEST_IF allmulticast off"
# Directed 1, all groups 4, broadcast 8, promiscuous 0x20.
becomes "at first" 0xd
mode promisc on
becomes "promiscuous" 0x20
mode allmulticast on
anew
becomes "promiscuous, a new connection" 0x20
mode promisc off
becomes "all groups" 0xd
mode allmulticast off
anew
becomes "a new connection" 0xd

# The stack joins its groups when the interface is up already.
mode down
becomes "down" 0x0
mode up
becomes "up, and in a group" 0xd
mode down
mode promisc on
sleep 1
becomes "down and promiscuous" 0x0
mode up
becomes "up and promiscuous" 0x20
mode promisc off
becomes "not promiscuous" 0xd

try "refusing" hostctl nic0 fail oid 0x0001010e
mode promisc on
sleep 1
filter_is 0xd || fail "the host refuses, and has filter $(filter)"
try "answering" hostctl nic0 answer all
becomes "after a refusal" 0x20 15
mode promisc off
becomes "not promiscuous" 0xd
network_back
traffic_flows
pass
