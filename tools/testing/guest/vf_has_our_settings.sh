#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# MTU, address, receive modes, other addresses and features of the interface are the
# VF's as well, also of a VF that comes back. What the VF refuses leaves both as they
# were; what somebody else sets on the VF is set back.
# (Microsoft's verify_sriov_ethtool_offload_setting.)
# Break it: return early from sync_features(); leave dev_uc_sync() out of sync_lists(), or
# IFF_ALLMULTI out of sync_flags(); or NETDEV_FEAT_CHANGE out of vf_event().
# groups: vf
# drivers: ours
# once: oldest
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
OTHER=02:15:5d:01:02:03
undo "ip link set $GUEST_IF promisc off; ip link set $GUEST_IF mtu 1500
ip link set $GUEST_IF allmulticast off; bridge fdb del $OTHER dev $GUEST_IF self
ethtool -K $GUEST_IF rx on gro on; ip maddr del 01:00:5e:01:02:03 dev $GUEST_IF; vf_back"

mtu_of() {
	cat "/sys/class/net/$1/mtu"
}
is_promiscuous() {
	ip -d -o link show dev "$1" | grep -q 'promiscuity [1-9]'
}
feature() {
	ethtool -k "$1" | sed -n "s/^$2: \([a-z]*\).*/\1/p"
}
hears() {
	ip maddr show dev "$1" | grep -q 01:00:5e:01:02:03
}
listens() {
	bridge fdb show dev "$1" | grep -q $OTHER
}
# IFF_ALLMULTI is 0x200.
hears_all() {
	[ $(($(cat "/sys/class/net/$1/flags") & 0x200)) != 0 ]
}
in_step() {
	check_equal "$1: MTU of the VF" "$(mtu_of "$GUEST_IF")" "$(mtu_of "$vf")"
	is_promiscuous "$vf" || fail "$1: the VF is not promiscuous"
	hears "$vf" || fail "$1: the VF lacks the multicast address"
	listens "$vf" || fail "$1: the VF lacks the second address"
	hears_all "$vf" || fail "$1: the VF does not take all multicast"
	for name in rx-checksumming generic-receive-offload; do
		check_equal "$1: $name of the VF" off "$(feature "$vf" $name)"
	done
}

try "MTU" ip link set "$GUEST_IF" mtu 1400
try "promiscuous" ip link set "$GUEST_IF" promisc on
try "multicast" ip maddr add 01:00:5e:01:02:03 dev "$GUEST_IF"
try "a second address" bridge fdb add $OTHER dev "$GUEST_IF" self
try "all multicast" ip link set "$GUEST_IF" allmulticast on
try "features" ethtool -K "$GUEST_IF" rx off gro off
in_step "set"
vf_carries "with other settings"

# The VF has what it had when it comes back.
vf_taken "with other settings"
vf_back || fail "the VF does not come back"
vf=$(vf_of)
in_step "back"

# Somebody else's settings.
try "MTU of the VF" ip link set "$vf" mtu 1300
mtu_is_ours() {
	[ "$(mtu_of "$vf")" = 1400 ]
}
wait_until 10 mtu_is_ours || fail "the VF keeps an MTU of its own"
try "a feature of the VF" ethtool -K "$vf" gro on
feature_is_ours() {
	[ "$(feature "$vf" generic-receive-offload)" = off ]
}
wait_until 10 feature_is_ours || fail "the VF keeps a feature of its own"

# Not promiscuous and so on any more, and what the VF does not take.
try "not promiscuous" ip link set "$GUEST_IF" promisc off
try "no second address" bridge fdb del $OTHER dev "$GUEST_IF" self
try "not all multicast" ip link set "$GUEST_IF" allmulticast off
is_promiscuous "$vf" && fail "the VF is promiscuous still"
listens "$vf" && fail "the VF has the second address still"
hears_all "$vf" && fail "the VF takes all multicast still"
ip link set "$GUEST_IF" mtu 30000 2>/dev/null && fail "an MTU that the VF does not take"
check_equal "MTU after the refusal" 1400 "$(mtu_of "$GUEST_IF")"
check_equal "MTU of the VF after the refusal" 1400 "$(mtu_of "$vf")"
mac=$(cat "/sys/class/net/$GUEST_IF/address")
try "down" ip link set "$GUEST_IF" down
# This kind of VF has one address, whatever is asked of it.
ip link set "$GUEST_IF" address 02:11:22:33:44:55 2>/dev/null &&
	fail "an address that the VF does not take"
check_equal "address after the refusal" "$mac" "$(cat "/sys/class/net/$GUEST_IF/address")"
try "up" ip link set "$GUEST_IF" up
try "features" ethtool -K "$GUEST_IF" rx on gro on
check_equal "features back" on "$(feature "$vf" generic-receive-offload)"
network_back
vf_carries "in the end"
traffic_flows
pass
