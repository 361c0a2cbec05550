#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host of a new connection allows a smaller MTU only, and the VF does not take it: that
# is said, the MTU stays, and so do both ways of the data for what is not too long. Once
# the VF takes it the MTU can be lowered.
# Break it: write the net_device's MTU in lower_mtu() in place of dev_set_mtu().
# groups: vf_lab
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

MTU_FAILS=/sys/module/labvf/parameters/mtu_fails
mtu() {
	cat "/sys/class/net/$1/mtu"
}
rx=$(rx_ring)
host_has_none || vf_taken "before"
undo "hostctl nic0 vf remove; hostctl nic0 mtu 1500; ip link set $GUEST_IF mtu 1500
ethtool -G $GUEST_IF rx $rx"
try "a host with 9000" hostctl nic0 mtu 9000
try "an MTU of 4000" ip link set "$GUEST_IF" mtu 4000
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
vf=$(vf_of)
check_equal "MTU of $vf" 4000 "$(mtu "$vf")"

undo "echo 0 >$MTU_FAILS"
echo 1 >$MTU_FAILS
try "a host with 1500" hostctl nic0 mtu 1500
for rings in $((rx / 2)) "$rx"; do
	try "a new connection, $rings" ethtool -G "$GUEST_IF" rx "$rings"
	check_equal "MTU, $rings" 4000 "$(mtu "$GUEST_IF")"
	check_equal "MTU of $vf, $rings" 4000 "$(mtu "$vf")"
	vf_carries "$rings"
done
said "the host allows an MTU of 1500 only, and it cannot be lowered from 4000" ||
	fail "nothing is said about it: $(dmesg | tail -5)"
try "the VF down" ip link set "$vf" down
synthetic_carries "down"
try "the VF up" ip link set "$vf" up
vf_carries "up"

echo 0 >$MTU_FAILS
try "an MTU of 1500" ip link set "$GUEST_IF" mtu 1500
check_equal "MTU of $vf at last" 1500 "$(mtu "$vf")"
vf_carries "at last"
traffic_flows
pass
