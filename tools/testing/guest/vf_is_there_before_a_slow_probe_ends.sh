#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host is so slow with its answers that probe lets others have RTNL meanwhile: the
# VF registers before the card does, is no slave of anybody then, and is joined, marked
# and used as soon as the card is there. Whatever the VF is called by then, the card
# gets a name. The same when the probe ends with an error.
# Break it: let find_waiting() find nothing; or do not take RTNL again in
# connect_and_register().
# groups: vf
# drivers: ours
# once: newest
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

DRIVER=/sys/bus/vmbus/drivers/hv_netvsc
vf_carries "at first"
card=$(device_of_card)
undo "hostctl nic0 answer all; hostctl nic0 vf order synthetic-first
echo $card >$DRIVER/bind; network_back; vf_back"

# bind_slowly: in the background; the VF is added when the host knows that it may be.
bind_slowly() {
	(
		echo "$card" >$DRIVER/bind && touch /tmp/bound
		touch /tmp/bind-ended
	) 2>/dev/null &
	sleep 0.5
	try "adding the VF" hostctl nic0 vf add
	wait_until 20 vf_alone || fail "$1: no VF registers beside the probe"
	[ -e /tmp/bind-ended ] && fail "$1: the probe has ended before the VF came"
	is_slave "$vf" && fail "$1: a slave of nobody"
	try "$1: RTNL is free" timeout "$(slow 3)" ip link set "$vf" up
	wait_until 60 test -e /tmp/bind-ended || fail "$1: the probe does not end"
}
# vf_alone: sets vf, the only interface of the VF's driver.
vf_alone() {
	for dir in /sys/bus/pci/drivers/ixgbevf/*/net/*; do
		[ -e "$dir" ] && vf=${dir##*/} && return 0
	done
	return 1
}

prepare() {
	rm -f /tmp/bound /tmp/bind-ended
	vf_taken "$1"
	echo "$card" >$DRIVER/unbind
	try "$1: the VF comes first" hostctl nic0 vf order vf-first
	# The address is asked for after the host was told that we know VFs.
	try "$1" hostctl nic0 slow oid:0x01010101 9000
}

prepare "slow"
bind_slowly "slow"
[ -e /tmp/bound ] || fail "slow: probe fails: $(dmesg | tail -5)"
try "in time" hostctl nic0 answer all
network_back
wait_until 10 has_vf || fail "slow: the VF is not joined: $(dmesg | tail -8)"
vf=$(vf_of)
is_slave "$vf" || fail "slow: the VF is not marked"
vf_carries "slow"

# The answer is a refusal, which ends the probe.
prepare "failing"
try "failing" hostctl nic0 fail oid:0x01010101
bind_slowly "failing"
[ -e /tmp/bound ] && fail "failing: probe succeeds"
vf_alone || fail "failing: the VF went as well"
[ -e "/sys/class/net/$vf/master" ] && fail "failing: the VF has a master"
is_slave "$vf" && fail "failing: a slave of nobody after the probe"
try "answering" hostctl nic0 answer all
try "binding" sh -c "echo $card >$DRIVER/bind"
network_back
vf_carries "bound in the end"
traffic_flows
pass
