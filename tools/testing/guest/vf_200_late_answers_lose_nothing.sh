#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Under eight TCP streams the host takes the VF away and gives it back two hundred
# times, and is late at random with its answers to the switches, often later than who
# takes the VF down is kept waiting: no connection is lost, and neither is memory.
# Break it: hold the VF once more in join_vf(); or call what the host says late the
# answer to what was asked last.
# groups: vf_many
# timeout: 7200
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/vf-many"

LATE=$((200 / PART))

# late_round NUMBER
late_round() {
	try "late" hostctl nic0 vf switch delay $(($1 * 7919 % 900))
	try "round $1: remove" hostctl nic0 vf remove
	wait_until 30 host_has_none || fail "round $1: the VF does not go"
	try "round $1: add" hostctl nic0 vf add
	wait_until 60 host_sends_by vf || fail "round $1: the VF does not return"
	alive "round $1"
	[ $(($1 % 10)) != 0 ] || goes_on "round $1"
}

vf_carries "at first"
undo "hostctl nic0 vf switch normal; vf_back"
streams_begin 7100
late_round 1
late_round 2
remember
for round in $(seq 3 $LATE); do
	late_round "$round"
done
try "in time" hostctl nic0 vf switch normal
nothing_lost
goes_on "in the end"
traffic_flows
pass
