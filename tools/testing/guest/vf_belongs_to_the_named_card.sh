#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Two cards have the same address and a VF each: a VF is joined to the card on whose
# channel the host has named the VF's PCI slot, whichever comes first; also when the host
# names it seconds after it came, and the other card has it by then.
# Break it: let netvsc_path_is_named() say no; or leave take_named() out of vf_follow().
# groups: vf_twins
# drivers: ours
# timeout: 360
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

both_have_link() {
	carrier_is 1 "$first" && carrier_is 1 "$second"
}
has_either_not() {
	! both_have_link
}

# Which is which, their addresses do not tell.
set -- /sys/bus/vmbus/drivers/hv_netvsc/*/net/*
check_equal "cards" 2 $#
first=${1##*/} second=${2##*/}
check_equal "address of $second" "$(cat "/sys/class/net/$first/address")" \
	"$(cat "/sys/class/net/$second/address")"
undo "hostctl nic1 link up; ip link set $first down; ip link set $second down
for nic in nic0 nic1; do hostctl \$nic vf remove; hostctl \$nic vf delay associate 0
hostctl \$nic vf order synthetic-first; done"
try "up" ip link set "$first" up
try "up" ip link set "$second" up
wait_until 20 both_have_link || fail "a card has no link"
try "link down" hostctl nic1 link down
wait_until 20 has_either_not || fail "no link goes down"
carrier_is 1 "$second" && first=${2##*/} second=${1##*/}
try "link up" hostctl nic1 link up

vf_absent() {
	hostctl "$1" vf state | grep -q '^state absent'
}
both_removed() {
	for number in 0 1; do
		try "removing the VF of nic$number" hostctl nic$number vf remove
		wait_until 30 vf_absent nic$number || fail "nic$number still has its VF"
	done
	wait_until 30 has_no_vf "$first" || fail "$first still has a VF"
	wait_until 30 has_no_vf "$second" || fail "$second still has a VF"
}
# joined COUNT: so many cards have a VF.
joined() {
	[ "$( (vf_of "$first"; vf_of "$second") | grep -c .)" = "$1" ]
}
for order in "1 0" "0 1"; do
	for number in $order; do
		[ "$number" = 0 ] && card=$first || card=$second
		try "adding the VF of nic$number" hostctl nic$number vf add
		wait_until 30 has_vf "$card" ||
			fail "order $order: $card has not got the VF of nic$number: $(dmesg | tail -5)"
	done
	in_its_slot "$first" nic0
	in_its_slot "$second" nic1
	both_removed
done

# The PCI bus comes at once, and the name later.
for nic in nic0 nic1; do
	try "bus first" hostctl $nic vf order vf-first
	try "late names" hostctl $nic vf delay associate "$(slow 3)000"
done
sends_by_vf() {
	hostctl "$1" vf state | grep -q '^path vf'
}
for order in "1 0" "0 1"; do
	count=0
	for number in $order; do
		count=$((count + 1))
		try "adding the VF of nic$number" hostctl nic$number vf add
		wait_until 30 joined $count ||
			fail "late names, order $order: no card has the VF of nic$number: $(dmesg | tail -5)"
	done
	for number in 0 1; do
		[ "$number" = 0 ] && card=$first || card=$second
		wait_until 40 is_in_its_slot "$card" nic$number ||
			fail "late names, order $order: $card has not got the VF of nic$number: $(dmesg | tail -9)"
		wait_until 30 sends_by_vf nic$number ||
			fail "late names, order $order: the VF of nic$number is not used: $(dmesg | tail -9)"
	done
	both_removed
done
pass
