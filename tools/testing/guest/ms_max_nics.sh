#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What Microsoft's suite network/synthetic.py asks of a guest with as many cards as
# Azure gives: each is there at the start and works; taken away, and added again
# one by one, and all at once, each appears, gets its address and carries traffic; and
# so it is after each of ten reloads of the driver.
# Break it: make probe asynchronous, or let it fail for a card that comes back.
# groups: max_nics
# timeout: 900
. "$(dirname "$0")/ktap.sh"

CARDS=8 RELOADS=10
count() {
	find /sys/bus/vmbus/drivers/hv_netvsc/*/net -mindepth 1 -maxdepth 1 2>/dev/null | wc -l
}
count_is() {
	[ "$(count)" = "$1" ]
}
# all_work WHEN: every card has its address, and its peer answers.
all_work() {
	check_equal "$1: cards" $CARDS "$(count)"
	network_back
	for number in '' $(seq $((CARDS - 1))); do
		peer=$(eval echo "\$PEER4$number")
		wait_until 10 ping -c 1 -W 1 "$peer" || fail "$1: $peer does not answer"
	done
}
each() {
	for number in $(seq 0 $((CARDS - 1))); do
		try "$1 nic$number" hostctl "nic$number" "$1"
		[ "$2" ] || continue
		wait_until 20 count_is $((number + 1)) || fail "nic$number did not appear"
	done
}

note verify_synthetic_provision_with_max_nics
all_work "at the start"
note verify_synthetic_add_max_nics_one_by_one_after_provision
each remove
wait_until 30 count_is 0 || fail "$(count) cards are still there"
each add "and wait"
all_work "added one by one"
note verify_synthetic_add_max_nics_one_time_after_provision
each remove
wait_until 30 count_is 0 || fail "$(count) cards are still there"
each add
wait_until 60 count_is $CARDS || fail "$(count) cards of $CARDS came"
all_work "added all at once"
note "verify_reload_hyperv_modules, with all cards"
undo modprobe hv_netvsc
for round in $(seq $RELOADS); do
	try "reload $round" modprobe -r hv_netvsc
	count_is 0 || fail "reload $round: $(count) cards are left without a driver"
	try "reload $round" modprobe hv_netvsc
	wait_until 60 count_is $CARDS || fail "reload $round: $(count) cards of $CARDS came"
	all_work "reload $round"
done
for dir in /sys/class/net/*; do
	case $(readlink "$dir/device/subsystem" 2>/dev/null) in
	*/vmbus) ip link set "${dir##*/}" down;;
	esac
done
pass
