#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The stack hands over a burst, and says of each packet but the last that more are
# coming. The last one cannot be sent: what was batched before it goes to the host all
# the same, with nothing else being sent, and the bad one is counted. (Traps T23, T24.)
# Break it: leave netvsc_tx_flush() out of tx_drop() in netvsc_tx.c.
# drivers: ours
# groups: cpu1 one_frame
# timeout: 150
. "$(dirname "$0")/ktap.sh"

LONG=20
limits=/sys/class/net/$GUEST_IF/queues/tx-0/byte_queue_limits
stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
all_there() {
	[ $(($(host_counts nic0 tx_frames 0) - frames)) -ge $((LONG + short)) ]
}
counted() {
	[ "$(stat vlan_error)" -gt "$bad" ] && [ "$(stat_of tx_dropped)" -gt "$dropped" ]
}

# One queue of the qdisc, first in, first out, which may hand over many at once.
undo tc qdisc del dev "$GUEST_IF" root
try "a qdisc for each queue" tc qdisc replace dev "$GUEST_IF" root handle 1: mq
try "first in, first out" tc qdisc replace dev "$GUEST_IF" parent 1:1 pfifo limit 1000
# Half of the long ones have room in front of it, from the next completions on.
undo "echo $(cat "$limits/limit_max") >$limits/limit_max"
echo 16000 >"$limits/limit_max"
traffic_flows

undo hostctl nic0 answer all
all_packets=$(host_counts nic0 tx_packets 0)
all_frames=$(host_counts nic0 tx_frames 0)
# So that a batch is neither always full nor always empty when the bad one comes.
for short in 1 2 3 4 5 6 7; do
	frames=$(host_counts nic0 tx_frames 0)
	bad=$(stat vlan_error)
	dropped=$(stat_of tx_dropped)
	# Nothing is completed, so that the qdisc has to keep what comes.
	try "not reading the ring" hostctl nic0 silent ring
	try "sending" ./bpf/sock tail "$GUEST_IF" $LONG $short
	check_equal "bad ones sent before the host reads" "$bad" "$(stat vlan_error)"
	try "reading again" hostctl nic0 answer ring
	wait_until 3 all_there ||
		fail "$short short ones: wanted $((LONG + short)) frames, got $(($(host_counts nic0 tx_frames 0) - frames))"
	wait_until 3 counted || fail "$short short ones: the bad one is not counted"
	check_equal "$short short ones: vlan_error" $((bad + 1)) "$(stat vlan_error)"
	check_equal "$short short ones: drops" $((dropped + 1)) "$(stat_of tx_dropped)"
done
all_packets=$(($(host_counts nic0 tx_packets 0) - all_packets))
all_frames=$(($(host_counts nic0 tx_frames 0) - all_frames))
note "$all_frames frames in $all_packets packets of the ring"
[ $all_packets -lt $all_frames ] || fail "no two of $all_frames frames shared a packet"
traffic_flows
pass
