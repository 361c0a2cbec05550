#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host that did not answer a request is given up, but its packets come by the VF and
# so the connection is kept. When the VF goes down then, the host is asked to send the
# synthetic way all the same, and nothing is lost. One that does not answer that either
# sends nowhere: the connection is made anew, though packets came a moment ago.
# Break it: let path_ask() return each error of netvsc_conn_error(); or leave
# netvsc_lost_more() out of path_give_up().
# groups: vf
# drivers: ours
# once: newest
# timeout: 400
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
undo "hostctl nic0 answer all; hostctl nic0 vf switch normal; ip link set $vf up
ip link set $GUEST_IF promisc off; vf_back"
ping -i 0.2 "$PEER4" >/dev/null 2>&1 &
undo "kill $!"

# given_up PROMISC: for a request that is not answered.
given_up() {
	before=$(logged "connection given up")
	try "no answers" hostctl nic0 silent set
	try "promisc $1" ip link set "$GUEST_IF" promisc "$1"
	wait_until 60 logged_more "connection given up" "$before" || fail "the silence is not noticed"
	host_sends_by vf || fail "given up: the VF does not carry the data any more"
}

connected=$(logged "connected to the host again")
given_up on
try "the VF down" ip link set "$vf" down
check_equal "given up: the host sends by" synthetic "$(host_says path)"
synthetic_carries "given up"
check_equal "new connections" "$connected" "$(logged "connected to the host again")"
try "answers" hostctl nic0 answer all
wait_until 100 logged_more "connected to the host again" "$connected" ||
	fail "not connected anew when the host answers"
try "the VF up" ip link set "$vf" up
vf_carries "connected again"

failed=$(logged "no connection to the host")
connected=$(logged "connected to the host again")
given_up off
try "no switches" hostctl nic0 vf switch silent
try "the VF down" ip link set "$vf" down
wait_until 40 logged_more "no connection to the host" "$failed" ||
	fail "the host sends nowhere, and no new connection is tried: $(dmesg | tail -5)"
try "answers" hostctl nic0 answer all
try "switches" hostctl nic0 vf switch normal
wait_until 100 logged_more "connected to the host again" "$connected" ||
	fail "not connected again: $(dmesg | tail -5)"
try "the VF up" ip link set "$vf" up
vf_carries "in the end"
traffic_flows
pass
