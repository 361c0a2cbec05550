#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A VF that somebody gave the address of another card, as a bond does, belongs to its own
# card all the same, also when the other one is there first; and has that card's address
# again when it is joined. One whose permanent address is no card's is nobody's, and is
# not marked either.
# Break it: let own_mac() return the present address always, or at POST_INIT.
# groups: vf_lab_two
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

address() {
	cat "/sys/class/net/$1/address"
}
first=$(address "$GUEST_IF")
second=$(address "$GUEST_IF1")
PERM_OTHER=/sys/module/labvf/parameters/perm_other
undo "echo 0 >$PERM_OTHER; modprobe hv_netvsc; network_back; hostctl nic1 vf remove"
try "adding the VF" hostctl nic1 vf add
wait_until 30 has_vf "$GUEST_IF1" || fail "the second card has no VF"
vf=$(vf_of "$GUEST_IF1")

try "unloading" modprobe -r hv_netvsc
try "the VF down" ip link set "$vf" down
try "the first card's address" ip link set "$vf" address "$first"
try "loading" modprobe hv_netvsc
network_back
# shellcheck disable=SC2154 # of the lab's environment
wait_until 30 has_vf "$GUEST_IF1" ||
	fail "the second card lacks its VF, the first has '$(vf_of "$GUEST_IF")'"
has_no_vf "$GUEST_IF" || fail "the first card has the VF of the second"
check_equal "address of the second card" "$second" "$(address "$GUEST_IF1")"
is_back() {
	[ "$(address "$vf")" = "$second" ]
}
wait_until 10 is_back || fail "the VF keeps the address $(address "$vf")"
second_by_vf() {
	hostctl nic1 vf state | grep -q '^path vf'
}
wait_until 30 second_by_vf || fail "the VF does not carry the second card's data"

try "removing the VF" hostctl nic1 vf remove
second_has_none() {
	hostctl nic1 vf state | grep -q '^state absent'
}
wait_until 30 second_has_none || fail "the second card's VF is still there"
echo 1 >$PERM_OTHER
words=$(logged "no netdev found for vf serial")
try "adding a strange VF" hostctl nic1 vf add
wait_until 30 logged_more "no netdev found for vf serial" "$words" ||
	fail "nothing is said of a strange VF: $(dmesg | tail -5)"
vf=$(basename /sys/bus/pci/drivers/labvf/*/net/*)
check_equal "present address of $vf" "$second" "$(address "$vf")"
has_no_vf "$GUEST_IF1" || fail "a strange VF is joined"
is_slave "$vf" && fail "a strange VF is marked"
traffic_flows
pass
