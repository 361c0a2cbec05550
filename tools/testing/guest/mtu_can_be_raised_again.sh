#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host of the oldest protocol knows of no MTU but 1500: a smaller one can be raised to
# that again, also when a connection was made with it, and not beyond.
# Break it: take ndev->mtu for the largest in netvsc_ask_host().
# groups: nvsp1
. "$(dirname "$0")/ktap.sh"

rx=$(rx_ring)
undo "ip link set $GUEST_IF mtu 1500; ethtool -G $GUEST_IF rx $rx; network_back"
try "MTU 1400" ip link set "$GUEST_IF" mtu 1400
try "a new connection" ethtool -G "$GUEST_IF" rx $((rx / 2))
check_equal "MTU" 1400 "$(cat "/sys/class/net/$GUEST_IF/mtu")"
try "MTU 1500" ip link set "$GUEST_IF" mtu 1500
ip link set "$GUEST_IF" mtu 1501 2>/dev/null && fail "1501 was taken"
wait_until 10 ping -c 1 -W 1 -M "do" -s 1472 "$PEER4" || fail "1500 bytes do not come back"
traffic_flows
pass
