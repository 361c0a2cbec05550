#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Whatever nonsense the host says of the VF, of the data path and of the driver's
# switches of it, the VF that carries the data carries them on, or again in a while:
# VFs that are not there, paths that do not exist, answers that were given already, and
# answers to what was not asked yet, which are not taken for one.
# (Documentation/protocol.md D.11.)
# Break it: leave answered_gen out of netvsc_path_switched().
# groups: vf
# drivers: ours
# once: oldest
# timeout: 400
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
undo "hostctl nic0 vf switch normal; ip link set $vf up; vf_back"
names=$(hostctl nic0 hostile | awk '$1 ~ /^(vf|switch|completion)-/ {print $1}')
[ "$(echo "$names" | wc -w)" -ge 8 ] || fail "the host knows few lies: $names"

connected=$(dmesg | grep -c 'connected to the host again')
for name in $names; do
	try "$name" hostctl nic0 hostile "$name"
	sleep 0.2
	vf_carries "$name"
done
# As they come, with a VF that goes down and up meanwhile.
number=1
for _ in $(seq 60); do
	number=$((number * 7919 % 10007))
	# shellcheck disable=SC2086 # words
	set -- $names
	shift $((number % $#))
	try "$1" hostctl nic0 hostile "$1"
	case $((number % 5)) in
	0) ip link set "$vf" down;;
	1) ip link set "$vf" up;;
	esac
done
try "up" ip link set "$vf" up
vf_carries "all of them"
check_equal "new connections" "$connected" "$(dmesg | grep -c 'connected to the host again')"

# On the way there an answer to another question is none.
try "down" ip link set "$vf" down
synthetic_carries "before"
try "silent" hostctl nic0 vf switch silent
sent=$(counted vf_tx_packets)
try "up" ip link set "$vf" up
sleep 0.5
# In five seconds the driver gives up waiting.
try "an answer too early" hostctl nic0 hostile switch-early
try "ping" ping -c 1 -W 5 "$PEER4"
check_equal "an answer too early: packets by the VF" "$sent" "$(counted vf_tx_packets)"
# One to this question is: late, and of a host that did not do it. What the guest sends
# goes by the VF then, what the host sends does not.
try "the answer" hostctl nic0 hostile switch-again
sends_by_vf() {
	pings && [ "$(counted vf_tx_packets)" -gt "$sent" ]
}
wait_until 10 sends_by_vf || fail "the answer is not taken: $(cat /tmp/ping; dmesg | tail -5)"
try "answering" hostctl nic0 vf switch normal
try "down" ip link set "$vf" down
try "up" ip link set "$vf" up
vf_carries "in the end"
traffic_flows
pass
