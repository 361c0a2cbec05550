#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A VF whose driver wants the instance lock for everything (where the kernel has
# one), as those of Azure's cards do, is slow, and refuses: settings, namespaces
# and the path do not deadlock, what the VF refuses is not changed on the card
# either, and a VF that cannot be opened leaves the synthetic path.
# Break it: leave netdev_lock_ops() out of sync_features().
# groups: vf_lab
# drivers: ours
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

KNOBS=/sys/module/labvf/parameters
knob() {
	echo "$2" >"$KNOBS/$1"
}
undo "for knob in open_fails mac_fails mtu_fails; do echo 0 >$KNOBS/\$knob; done
echo 0 >$KNOBS/open_ms; ip link set $GUEST_IF address $(cat "/sys/class/net/$GUEST_IF/address")
network_back; hostctl nic0 vf remove"
[ "$(host_says state)" = absent ] && try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
vf=$(vf_of)
address() {
	cat "/sys/class/net/$1/address"
}

# What it takes.
mac=$(address "$GUEST_IF")
try "down" ip link set "$GUEST_IF" down
try "another address" ip link set "$GUEST_IF" address 02:11:22:33:44:55
check_equal "the VF's address" 02:11:22:33:44:55 "$(address "$vf")"
try "the old address" ip link set "$GUEST_IF" address "$mac"

# What it refuses.
knob mac_fails 1
ip link set "$GUEST_IF" address 02:11:22:33:44:55 2>/dev/null &&
	fail "an address that the VF refuses"
check_equal "address after the refusal" "$mac" "$(address "$GUEST_IF")"
knob mac_fails 0
try "up" ip link set "$GUEST_IF" up
network_back
knob mtu_fails 1
ip link set "$GUEST_IF" mtu 1400 2>/dev/null && fail "an MTU that the VF refuses"
check_equal "MTU after the refusal" 1500 "$(cat "/sys/class/net/$GUEST_IF/mtu")"
knob mtu_fails 0
try "MTU" ip link set "$GUEST_IF" mtu 1400
check_equal "MTU of the VF" 1400 "$(cat "/sys/class/net/$vf/mtu")"
try "MTU" ip link set "$GUEST_IF" mtu 1500
try "promiscuous" ip link set "$GUEST_IF" promisc on
try "not promiscuous" ip link set "$GUEST_IF" promisc off
try "features" ethtool -K "$GUEST_IF" rx off gro off
check_equal "features of the VF" off \
	"$(ethtool -k "$vf" | field_of generic-receive-offload:)"
try "features" ethtool -K "$GUEST_IF" rx on gro on
vf_carries "with all that"

# It does not open, then slowly.
knob open_fails 1
try "down" ip link set "$GUEST_IF" down
try "up" ip link set "$GUEST_IF" up
network_back
said "unable to open VF $vf" || fail "nothing is said of a VF that does not open"
synthetic_carries "a VF that does not open"
knob open_fails 0
knob open_ms 2000
try "the VF up" ip link set "$vf" up
vf_carries "opened slowly"
knob open_ms 0

# Another namespace, both ways.
try "moving the VF" ip link set "$vf" netns "$(sh -c 'unshare -n sleep 30 >/dev/null & echo $!; sleep 0.5')"
wait_until 20 has_vf || fail "the VF is not fetched: $(dmesg | tail -5)"
vf_carries "fetched"

for how in eject surprise remove; do
	try "$how" hostctl nic0 vf $how
	wait_until 20 has_no_vf || fail "$how: the VF is still there"
	synthetic_carries "$how"
	wait_until 20 sh -c 'hostctl nic0 vf state | grep -q "^state absent"'
	try "add" hostctl nic0 vf add
	vf_carries "after $how"
done
traffic_flows
pass
