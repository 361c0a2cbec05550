#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Two cards have a VF each: each is joined to the card whose address it has, and
# carries its data alone.
# Break it: take the first adapter in find_adapter().
# groups: vf_two
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

for card in "$GUEST_IF" "$GUEST_IF1"; do
	wait_until 30 has_vf "$card" || fail "$card has no VF"
	check_equal "address of the VF of $card" "$(cat "/sys/class/net/$card/address")" \
		"$(cat "/sys/class/net/$(vf_of "$card")/address")"
done
carried() {
	hostctl "$1" vf state | grep -q '^path vf'
}
for nic in nic0 nic1; do
	wait_until 30 carried $nic || fail "the VF of $nic does not carry the data"
done
first=$(counted vf_tx_packets "$GUEST_IF")
second=$(counted vf_tx_packets "$GUEST_IF1")
# shellcheck disable=SC2154 # of the lab's environment
try "ping by the second" ping -I "$GUEST_IF1" -c 10 -i 0.2 -W 5 "$PEER41"
check_above "packets by the second VF" $((second + 9)) "$(counted vf_tx_packets "$GUEST_IF1")"
[ "$(counted vf_tx_packets "$GUEST_IF")" -lt $((first + 10)) ] ||
	fail "packets of the second card went by the first one's VF"
vf_carries "the first"
# The second one's goes, the first one's stays.
try "remove" hostctl nic1 vf remove
wait_until 20 has_no_vf "$GUEST_IF1" || fail "the second VF is still there"
vf_carries "the first, alone"
try "add" hostctl nic1 vf add
wait_until 30 carried nic1 || fail "the second VF does not come back"
traffic_flows
pass
