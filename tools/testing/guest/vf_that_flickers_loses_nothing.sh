#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The carrier of the VF was away for a moment: it is there again, and the kernel has
# unplugged the VF's queues meanwhile, which then drop all that they are given and say
# that they took it. No packet is handed to them: the data take the synthetic path, at
# once, and return when the queues are plugged in.
# Break it: leave qdisc_tx_is_noop() out of is_usable().
# groups: vf_lab
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

UNPLUGGED=/sys/module/labvf/parameters/unplugged
undo "echo 0 >$UNPLUGGED; hostctl nic0 vf remove"
host_has_none || vf_taken "before"
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
vf=$(vf_of)
dropped=$(counted vf_tx_dropped)

for round in 1 2 3; do
	by_vf=$(counted vf_tx_packets)
	echo 1 >$UNPLUGGED
	check_equal "round $round: carrier of the VF" 1 "$(cat "/sys/class/net/$vf/carrier")"
	pings || fail "round $round: pings are lost: $(tail -3 /tmp/ping)"
	# One may have gone there before.
	sent=$(($(counted vf_tx_packets) - by_vf))
	[ $sent -le 2 ] || fail "round $round: $sent packets were given to a VF without queues"
	synthetic_carries "round $round, unplugged"
	echo 0 >$UNPLUGGED
	vf_carries "round $round, plugged in"
done
check_equal "packets that the VF's queues did not take" "$dropped" "$(counted vf_tx_dropped)"
traffic_flows
pass
