#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# LRO that the user switches off is off at the VF as well: of one that is there, and of
# one that comes later, whose driver begins with it on. An address that somebody else
# gives the VF is the card's again at once, and nothing is lost.
# Break it: leave dev_disable_lro() out of vf_apply(), or NETDEV_CHANGEADDR out of
# vf_event().
# groups: vf_lab
# drivers: ours
# once: newest
# timeout: 150
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

lro() {
	ethtool -k "$1" | sed -n 's/^large-receive-offload: \([a-z]*\).*/\1/p'
}
vf_lro_is() {
	[ "$(lro "$(vf_of)")" = "$1" ]
}
address() {
	cat "/sys/class/net/$1/address"
}

undo "ethtool -K $GUEST_IF lro on; hostctl nic0 vf remove"
host_has_none || vf_taken "before"
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
check_equal "LRO of the card" on "$(lro "$GUEST_IF")"
check_equal "LRO of the VF" on "$(lro "$(vf_of)")"
try "LRO off" ethtool -K "$GUEST_IF" lro off
check_equal "LRO of the VF, switched off" off "$(lro "$(vf_of)")"
vf_carries "without LRO"

vf_taken "without LRO"
try "adding the VF" hostctl nic0 vf add
wait_until 30 has_vf || fail "no VF is joined: $(dmesg | tail -5)"
wait_until 20 vf_lro_is off || fail "a VF that comes has LRO on"
vf_carries "come without LRO"

vf=$(vf_of)
mac=$(address "$GUEST_IF")
try "the VF's own address" ip link set "$vf" address 02:11:22:33:44:55
is_back() {
	[ "$(address "$vf")" = "$mac" ]
}
wait_until 10 is_back || fail "the VF keeps the address $(address "$vf")"
check_equal "address of the card" "$mac" "$(address "$GUEST_IF")"
vf_carries "with the card's address"
traffic_flows
pass
