#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Two cards have the same address and a VF each: a VF is joined to the card on whose
# channel the host has named the VF's PCI slot, whichever comes first.
# Break it: let netvsc_path_is_named() say no.
# groups: vf_twins
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

has_link() {
	[ "$(cat "/sys/class/net/$1/carrier")" = 1 ]
}
both_have_link() {
	has_link "$first" && has_link "$second"
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
hostctl nic0 vf remove; hostctl nic1 vf remove"
try "up" ip link set "$first" up
try "up" ip link set "$second" up
wait_until 20 both_have_link || fail "a card has no link"
try "link down" hostctl nic1 link down
wait_until 20 has_either_not || fail "no link goes down"
has_link "$second" && first=${2##*/} second=${1##*/}
try "link up" hostctl nic1 link up

vf_absent() {
	hostctl "$1" vf state | grep -q '^state absent'
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
	for number in 0 1; do
		try "removing the VF of nic$number" hostctl nic$number vf remove
		wait_until 30 vf_absent nic$number || fail "nic$number still has its VF"
	done
	wait_until 30 has_no_vf "$first" || fail "$first still has a VF"
	wait_until 30 has_no_vf "$second" || fail "$second still has a VF"
done
pass
