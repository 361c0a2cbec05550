#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The VF goes down and up a thousand times under eight TCP streams, and is removed
# and added two hundred times with the host's answers late at random: no
# connection is lost.
# Break it: clear adapter::vf_tx only after the VF has stopped.
# groups: vf_many
# timeout: 7200
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
undo "hostctl nic0 vf switch normal; vf_back"
iperf3 -c "$PEER4" -p 5202 -P 8 -b 200K -t "$(slow 7000)" >/tmp/iperf3 2>&1 &
load=$!
undo "kill $load"

alive() {
	kill -0 $load 2>/dev/null || fail "$1: iperf3 ended: $(tail -c 300 /tmp/iperf3)"
}
moved() {
	[ "$(stat_of tx_packets)" -gt $((seen + 50)) ]
}
for round in $(seq 1000); do
	try "round $round: down" ip link set "$vf" down
	try "round $round: up" ip link set "$vf" up
	# Not each time: what is not over yet is to be interrupted, too.
	if [ $((round % 10)) = 0 ]; then
		wait_until 30 host_sends_by vf || fail "round $round: the VF does not return"
		seen=$(stat_of tx_packets)
		wait_until 60 moved || fail "round $round: TCP stands still"
		alive "round $round"
	fi
done
note "$(vf_counted to_vf) switches to the VF, $(vf_counted to_synthetic) back"

for round in $(seq 200); do
	try "late" hostctl nic0 vf switch delay $((round * 7919 % 900))
	try "round $round: remove" hostctl nic0 vf remove
	wait_until 30 sh -c 'hostctl nic0 vf state | grep -q "^state absent"' ||
		fail "late, round $round: the VF does not go"
	try "round $round: add" hostctl nic0 vf add
	wait_until 60 host_sends_by vf || fail "late, round $round: the VF does not return"
	alive "late, round $round"
done
seen=$(stat_of tx_packets)
wait_until 60 moved || fail "in the end TCP stands still"
traffic_flows
pass
