#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The card moves to a namespace where another interface has a name of its VF's already,
# so the VF cannot follow: that is said, the VF stays joined and marked where it is and
# carries the card's data. When the name is free it follows by itself; and when the card
# comes back to the VF all is as before.
# Break it: unmark the VF in vf_move() whether it is joined or not; or do not try again
# there.
# groups: vf
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
undo "ip netns del lab; ip link property del dev $vf altname taken; network_back; vf_back"
try "a namespace" ip netns add lab
inside() {
	ip netns exec lab "$@"
}
inside_by_vf() {
	before=$(inside ethtool -S "$GUEST_IF" | field_of vf_tx_packets:)
	inside ping -q -i 0.2 -c 3 -W 5 "$PEER4" >/tmp/ping 2>&1 &&
		[ "$(inside ethtool -S "$GUEST_IF" | field_of vf_tx_packets:)" -ge $((before + 3)) ]
}
up_inside() {
	inside ip link set "$GUEST_IF" up
	inside ip addr replace "${PEER4%.*}.77/24" dev "$GUEST_IF"
	wait_until 20 host_sends_by vf || fail "$1: the VF does not carry the data"
	wait_until 10 inside_by_vf || fail "$1: pings do not go by the VF: $(cat /tmp/ping)"
}
could_not() {
	said "unable to follow $GUEST_IF to its namespace"
}

try "the name" inside ip link add taken type dummy
try "another name of the VF" ip link property add dev "$vf" altname taken
try "moving the card" ip link set "$GUEST_IF" netns lab
wait_until 10 could_not || fail "nothing is said about it: $(dmesg | tail -5)"
[ -e "/sys/class/net/$vf" ] || fail "the VF followed all the same"
is_slave "$vf" || fail "the VF has lost its mark"
up_inside "apart"
# What is asked for meanwhile reaches both.
try "MTU" inside ip link set "$GUEST_IF" mtu 1400
check_equal "apart: MTU of the VF" 1400 "$(cat "/sys/class/net/$vf/mtu")"
try "MTU" inside ip link set "$GUEST_IF" mtu 1500

try "the name is free" ip link property del dev "$vf" altname taken
joined_inside() {
	inside sh -c "ls -d /sys/class/net/$GUEST_IF/lower_*" >/tmp/lower
}
wait_until 15 joined_inside ||
	fail "it does not follow when it can: $(dmesg | tail -5)"
up_inside "there"

# And apart once more, with the card coming back.
vf=$(sed 's/.*lower_//' /tmp/lower)
try "the other way round" inside ip link property add dev "$vf" altname taken2
try "the name" ip link add taken2 type dummy
undo ip link del taken2
try "the card back" ip -n lab link set "$GUEST_IF" netns 1
network_back
wait_until 20 host_sends_by vf || fail "back alone: the VF does not carry the data"
pings || fail "back alone: pings are lost: $(cat /tmp/ping)"
try "the name is free" ip link del taken2
try "the VF's namespace ends" ip netns del lab
wait_until 60 has_vf || fail "the VF is not back: $(dmesg | tail -5; ip -o link)"
vf_carries "back"
traffic_flows
pass
