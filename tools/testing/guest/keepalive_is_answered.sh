#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host asks whether the guest is there, with a KEEPALIVE: it is answered, with the
# host's own number and success, whether the interface is up or down, and on each new
# connection. Of several at once the last is answered at least. The host takes any other
# answer, or one too many, for a violation. (PROTOCOL E.3.)
# Break it: answer with a number of our own, or with a failure, in
# rndis_wire_put_keepalive_cmplt(); or do not kick in receive_keepalive().
# groups: base nvsp2
# drivers: ours
# timeout: 90
. "$(dirname "$0")/ktap.sh"

state() {
	hostctl nic0 state | sed -n "s/^$1 //p"
}
answers_are_more() {
	[ "$(state keepalive_answers)" -gt "$before" ]
}
# asked WHEN: once, and answered.
asked() {
	before=$(state keepalive_answers)
	try "$1" hostctl nic0 event keepalive
	wait_until 10 answers_are_more ||
		fail "$1: no answer: $(hostctl nic0 state | grep keepalive)
$(hostctl violations)"
	check_equal "$1: answers" $((before + 1)) "$(state keepalive_answers)"
}

undo ip link set "$GUEST_IF" up
for round in 1 2 3; do
	asked "round $round"
done
try "down" ip link set "$GUEST_IF" down
asked "down"
try "up" ip link set "$GUEST_IF" up
before=$(state keepalive_answers)
for round in 1 2 3 4 5; do
	try "at once, $round" hostctl nic0 event keepalive
done
wait_until 10 answers_are_more || fail "of five at once none is answered"

receive_ring() {
	ethtool -g "$GUEST_IF" | sed -n 's/^RX:[[:space:]]*//p' | tail -1
}
ring=$(receive_ring)
undo ethtool -G "$GUEST_IF" rx "$ring"
try "another connection" ethtool -G "$GUEST_IF" rx $((ring - 100))
check_equal "questions of a new connection" 0 "$(state keepalives)"
asked "a new connection"
network_back
traffic_flows
pass
