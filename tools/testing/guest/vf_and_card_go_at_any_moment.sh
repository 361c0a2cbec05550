#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host takes the card away while its VF carries the data, and while a switch to
# the VF or back is asked for and not answered: the card goes in a few seconds, the VF
# stays as an interface of its own, or goes with it, and when both are offered again
# the VF carries the data. A card that was taken away and has no interface any more
# leaves no mark on its VF.
# Break it: ask without looking at netvsc_conn_error(), or wait for the answer of a
# channel that was rescinded without a limit.
# groups: vf
# drivers: ours
# once: newest
# timeout: 400
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
undo "hostctl nic0 answer all; hostctl nic0 add; network_back; vf_back"

# taken_away WHEN: the card, in time; its VF is left alone.
taken_away() {
	ms=$(took_ms rescinded) || fail "$1: the card does not go"
	note "$1: the card went in $ms ms"
	[ "$ms" -lt "$(slow 5000)" ] || fail "$1: the card went in $ms ms"
	[ -e "/sys/class/net/$vf" ] || fail "$1: the VF went as well"
	[ -e "/sys/class/net/$vf/master" ] && fail "$1: the VF has a master still"
	is_slave "$vf" && fail "$1: a slave of nobody"
}
rescinded() {
	hostctl nic0 remove >/dev/null && wait_until 20 card_gone
}
# back WHEN: the card is offered again.
back() {
	try "$1: answering" hostctl nic0 answer all
	try "$1: the card" hostctl nic0 add
	network_back
	wait_until 20 has_vf || fail "$1: the VF is not joined again: $(dmesg | tail -5)"
	vf=$(vf_of)
	try "$1: the VF up" ip link set "$vf" up
	vf_carries "$1"
}

vf=$(vf_of)
taken_away "carrying"
back "carrying"

# The answer comes to a channel that is not there any more.
try "late" hostctl nic0 vf switch delay 3000
ip link set "$vf" down &
down=$!
sleep 0.2
taken_away "on the way back, late"
wait $down
back "on the way back, late"

try "silent" hostctl nic0 vf switch silent
ip link set "$vf" down &
down=$!
sleep 0.2
taken_away "on the way back, silent"
wait $down
back "on the way back, silent"

try "down" ip link set "$vf" down
synthetic_carries "before"
try "silent" hostctl nic0 vf switch silent
try "up" ip link set "$vf" up
sleep 1
taken_away "on the way there, silent"
back "on the way there, silent"

# Both at once, in either order, and the one that goes first is waited for by nobody.
for first in "vf surprise" remove; do
	second=remove
	[ "$first" = remove ] && second="vf surprise"
	# shellcheck disable=SC2086 # words
	{
		try "$first" hostctl nic0 $first
		try "$second" hostctl nic0 $second
	}
	wait_until 20 card_gone || fail "$first, $second: the card does not go"
	vf_gone() {
		! [ -e "/sys/class/net/$vf" ]
	}
	wait_until 20 vf_gone || fail "$first, $second: the VF does not go"
	wait_until 20 host_has_none || fail "$first, $second: the host still has it"
	try "the card" hostctl nic0 add
	try "the VF" hostctl nic0 vf add
	network_back
	wait_until 30 has_vf || fail "$first, $second: no VF is joined"
	vf=$(vf_of)
	vf_carries "$first, $second"
done
traffic_flows
pass
