#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The address of a card that is down can be changed, the host learns it, and it
# survives a new connection. One that is no card's is refused.
# Break it: do not compare the addresses in check_mac().
# groups: queues
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"

address() {
	cat "/sys/class/net/$GUEST_IF/address"
}
host() {
	hostctl nic0 state | sed -n 's/^mac //p'
}

# lab-net knows the card by its first address: what goes with the interface has
# to be put back here.
addr6=$(ip -6 -o addr show dev "$GUEST_IF" scope global | awk '{print $4; exit}')
up() {
	try "up" ip link set "$GUEST_IF" up
	try "IPv6 address" ip addr replace "$addr6" dev "$GUEST_IF" nodad
}

first=$(address)
other=02:11:22:33:44:55
undo "ip link set $GUEST_IF down; ip link set $GUEST_IF address $first; ip link set $GUEST_IF up mtu 1500"
ip link set "$GUEST_IF" address $other 2>/dev/null && fail "changed while it was up"
try "down" ip link set "$GUEST_IF" down
ip link set "$GUEST_IF" address 01:00:5e:00:00:01 2>/dev/null && fail "a group's address was taken"
check_equal "address" "$first" "$(address)"
try "another address" ip link set "$GUEST_IF" address $other
check_equal "address at the host" $other "$(host)"
up
traffic_flows
try "MTU 4000" ip link set "$GUEST_IF" mtu 4000
check_equal "address" $other "$(address)"
check_equal "address at the host after a new connection" $other "$(host)"
try "MTU 1500" ip link set "$GUEST_IF" mtu 1500
traffic_flows
pass
