#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host of a new connection allows only smaller frames than the one before: the MTU
# follows, and the card works. What the user asks for and this host does not allow is
# refused, and changes nothing.
# Break it: return -EINVAL from check_mtu() of netvsc_drv.c whatever the user asked;
# or do not look at host_mtu in mtu_is_known() of netvsc_reconfig.c.
# groups: jumbo
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

mtu_is() {
	[ "$(cat "/sys/class/net/$GUEST_IF/mtu")" = "$1" ]
}
# How many sections there are depends on the MTU.
rx=$(rx_ring)

undo "hostctl nic0 mtu 9000; ip link set $GUEST_IF mtu 1500; ethtool -G $GUEST_IF rx $rx"
try "an MTU of 9000" ip link set "$GUEST_IF" mtu 9000
try "a host with 4000" hostctl nic0 mtu 4000
try "a new connection" ethtool -G "$GUEST_IF" rx $(($(rx_ring) / 2))
# What a host makes of an MTU beyond its own is the standard one.
mtu_is 1500 || fail "the MTU is $(cat "/sys/class/net/$GUEST_IF/mtu"), not 1500"
traffic_flows
try "an MTU of 4000" ip link set "$GUEST_IF" mtu 4000
try "a packet of that size" ping -M "do" -s 3972 -c 1 -W 5 "$PEER4"
ip link set "$GUEST_IF" mtu 9000 2>/dev/null && fail "the host does not allow 9000, and it is set"
mtu_is 4000 || fail "refused, and the MTU is $(cat "/sys/class/net/$GUEST_IF/mtu")"
traffic_flows

# Less than the standard, which hosts are not asked about otherwise.
try "a host with 1400" hostctl nic0 mtu 1400
try "a new connection" ethtool -G "$GUEST_IF" rx "$rx"
mtu_is 1400 || fail "the MTU is $(cat "/sys/class/net/$GUEST_IF/mtu"), not 1400"
ip link set "$GUEST_IF" mtu 1500 2>/dev/null && fail "the host does not allow 1500, and it is set"
mtu_is 1400 || fail "refused, and the MTU is $(cat "/sys/class/net/$GUEST_IF/mtu")"
traffic_flows
try "a smaller one" ip link set "$GUEST_IF" mtu 1300
try "a host with 1500" hostctl nic0 mtu 1500
try "the standard one" ip link set "$GUEST_IF" mtu 1500
traffic_flows
try "a host with 9000" hostctl nic0 mtu 9000
try "an MTU of 9000 again" ip link set "$GUEST_IF" mtu 9000
traffic_flows
pass
