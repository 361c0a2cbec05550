#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The driver is unloaded whatever the VF does: it carries the data, is down, has no
# word of the host, is asked for or given back and the host does not answer, has just
# come, is in another namespace, is about to go, has no driver. The unloading takes a
# few seconds at most and leaves a VF without mark and master; loaded again, the driver
# joins and uses it.
# Break it: leave netvsc_vf_unregister() out of netvsc_exit(); or leave vf_unmark() out of
# leave_vf().
# groups: vf
# drivers: ours
# once: oldest
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
undo "hostctl nic0 vf switch normal; hostctl nic0 vf associate on
modprobe hv_netvsc; modprobe ixgbevf; network_back; ip netns del away; vf_back"

# the_vf: sets vf, the interface of the VF's driver here, empty when there is none.
the_vf() {
	vf=
	for dir in /sys/bus/pci/drivers/ixgbevf/*/net/*; do
		[ -e "$dir" ] && vf=${dir##*/}
	done
	[ "$vf" ]
}
# unload WHEN
unload() {
	ms=$(took_ms modprobe -r hv_netvsc) || fail "$1: it is not unloaded"
	note "$1: unloaded in $ms ms"
	[ "$ms" -lt "$(slow 5000)" ] || fail "$1: unloading took $ms ms"
	the_vf || return 0
	[ -e "/sys/class/net/$vf/master" ] && fail "$1: the VF has a master still"
	! is_slave "$vf" || fail "$1: a slave of nobody"
}
# load WHEN: all is well again.
load() {
	try "$1: answering" hostctl nic0 vf switch normal
	try "$1: the word" hostctl nic0 vf associate on
	try "$1: loading" modprobe hv_netvsc
	network_back
	wait_until 20 has_vf || fail "$1: the VF is not joined: $(dmesg | tail -5)"
	the_vf
	try "$1: the VF up" ip link set "$vf" up
	vf_carries "$1"
}

the_vf
unload "carrying"
load "carrying"

try "down" ip link set "$vf" down
unload "down"
load "down"

# The host moves the data 3 s after it was asked to: to nobody.
try "late" hostctl nic0 vf switch delay 3000
try "down" ip link set "$vf" down
unload "on the way back"
load "on the way back"
try "down" ip link set "$vf" down
synthetic_carries "before"
try "silent" hostctl nic0 vf switch silent
try "up" ip link set "$vf" up
sleep 0.5
unload "on the way there"
load "on the way there"

vf_taken "no word"
try "no word" hostctl nic0 vf associate off
try "order" hostctl nic0 vf order vf-first
undo hostctl nic0 vf order synthetic-first
try "no word" hostctl nic0 vf add
wait_until 30 has_vf || fail "no word: the VF is not joined"
unload "no word"
load "no word"

# Joined, and not given our settings yet: that is a tenth of a second.
vf_taken "just come"
try "just come" hostctl nic0 vf add
wait_until 30 has_vf || fail "just come: the VF is not joined"
unload "just come"
load "just come"

# The card is there, and the VF on its way or not.
try "away" ip netns add away
try "the card away" ip link set "$GUEST_IF" netns away
unload "away"
try "not away" ip netns del away
wait_until 20 the_vf || fail "away: the VF does not return"
load "away"

try "about to go" hostctl nic0 vf remove
unload "about to go"
wait_until 30 host_has_none || fail "about to go: it does not go"
try "about to go" hostctl nic0 vf add
load "about to go"

try "without a driver" modprobe -r ixgbevf
unload "without a driver"
try "with a driver" modprobe ixgbevf
load "without a driver"
traffic_flows
pass
