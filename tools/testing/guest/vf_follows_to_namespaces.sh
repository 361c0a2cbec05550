#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The card moves to another network namespace and back, and the VF with it; a VF
# that is moved away, or comes while the card is elsewhere, is fetched. When the
# namespace ends, both are back.
# Break it: leave vf_follow() out of netvsc_vf_work().
# groups: vf
# drivers: ours
# once: newest
# timeout: 360
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
undo "ip netns del lab; network_back; vf_back"
try "a namespace" ip netns add lab
inside() {
	ip netns exec lab "$@"
}
vf_inside() {
	inside sh -c "ls -d /sys/class/net/$GUEST_IF/lower_*" >/tmp/lower 2>/dev/null
}
vf_outside() {
	has_vf
}

try "moving" ip link set "$GUEST_IF" netns lab
wait_until 10 vf_inside || fail "the VF did not follow: $(dmesg | tail -5)"
said "VF moved to namespace with" || fail "nothing is said about it"
inside ip link set lo up
inside ip link set "$GUEST_IF" up
inside ip addr add "${PEER4%.*}.77/24" dev "$GUEST_IF"
wait_until 20 host_sends_by vf || fail "inside: the VF does not carry the data"
before=$(inside ethtool -S "$GUEST_IF" | sed -n 's/^ *vf_tx_packets: //p')
try "ping inside" inside ping -c 3 -W 5 "$PEER4"
after=$(inside ethtool -S "$GUEST_IF" | sed -n 's/^ *vf_tx_packets: //p')
[ "$after" -ge $((before + 3)) ] || fail "inside: $before, then $after packets by the VF"

# One that comes meanwhile registers outside.
try "remove" hostctl nic0 vf remove
gone() {
	! vf_inside
}
wait_until 20 gone || fail "inside: the VF is still there"
wait_until 20 host_has_none || fail "the host still has it"
try "add" hostctl nic0 vf add
wait_until 30 vf_inside || fail "a new VF is not fetched: $(dmesg | tail -5)"
wait_until 20 host_sends_by vf || fail "a new VF does not carry the data"

# Moved away.
vf=$(sed 's/.*lower_//' /tmp/lower)
try "moving the VF" inside ip link set "$vf" netns 1
wait_until 10 vf_inside || fail "the VF is not fetched: $(dmesg | tail -5)"
wait_until 20 host_sends_by vf || fail "after its return the VF does not carry the data"

# The end of the namespace.
try "ending" ip netns del lab
wait_until 60 vf_outside || fail "the VF is not back: $(dmesg | tail -5; ip -o link)"
network_back
vf_carries "back"
traffic_flows
pass
