#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The guest hibernates, as far as it can without a disk, while the VF carries TCP
# streams: VF, card and their bus are stopped and started again, and the VF, which
# tells nobody that it sleeps, carries the streams on. The same while the VF is down,
# while the host answers no switch, and when the VF goes on the way there.
# (Microsoft's verify_hibernation_sriov_network.)
# Break it: leave reset_path() out of netvsc_path_disconnected().
# groups: vf_hibernate
# drivers: ours
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/hibernate-lib"

moved() {
	[ "$(counted vf_tx_packets)" -gt $((seen + 50)) ]
}

vf_carries "at first"
undo "hostctl nic0 answer all; network_back; vf_back"
try "mode" sh -c 'echo shutdown >/sys/power/disk'
iperf3 -c "$PEER4" -p 5202 -P 4 -b 200K -i 0 -t "$(slow 470)" >/tmp/iperf3 2>&1 &
load=$!
undo "kill $load"
for round in 1 2 3; do
	hibernate "round $round"
	wait_until 30 has_vf || fail "round $round: the VF is not joined: $(dmesg | tail)"
	vf_carries "round $round"
	seen=$(counted vf_tx_packets)
	wait_until 60 moved || fail "round $round: TCP does not return to the VF"
	kill -0 $load 2>/dev/null || fail "round $round: iperf3 ended: $(tail -c 300 /tmp/iperf3)"
done

vf=$(vf_of)
try "down" ip link set "$vf" down
hibernate "down"
synthetic_carries "down"
try "up" ip link set "$vf" up
vf_carries "up again"

# Half a second is waited for an answer; then the connection ends in any case.
try "silent" hostctl nic0 vf switch silent
hibernate "silent"
try "answering" hostctl nic0 vf switch normal
vf_carries "answering again"

# While memory for the image is gathered. Not later: ixgbevf, when it is removed while
# it sleeps, frees its vectors a second time, and the kernel falls.
try "without a word" hostctl nic0 vf surprise
hibernate "without a word"
wait_until 30 has_no_vf || fail "without a word: the VF is still joined"
synthetic_carries "without a word"
try "add" hostctl nic0 vf add
vf_carries "another VF"
traffic_flows
pass
