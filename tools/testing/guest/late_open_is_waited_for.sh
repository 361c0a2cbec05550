#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host does not answer the opening of a channel while the MTU changes, and answers
# later: a little, and the change goes well; or much later. Then the change fails in
# bounded time, and so does each that is tried meanwhile; nobody is kept from looking.
# When the answer has come the card connects anew by itself, with its old settings.
# Unloading waits for the answer, and ends with it; so does loading, without a card.
# Break it: return 0 from netvsc_disconnect_stray() as long as there is a connection;
# or leave it out of say_goodbye().
# groups: settings
# once: oldest
# timeout: 360
. "$(dirname "$0")/ktap.sh"

# One deadline for the old connection's end and one for the new one.
LIMIT_S=60
# fails_in SECONDS MTU WORDS
fails_in() {
	timeout "$(slow "$1")" ip link set "$GUEST_IF" mtu "$2" >/tmp/said 2>&1
	case $? in
	0) fail "an MTU of $2 is accepted";;
	124 | 137) fail "an MTU of $2 takes longer than $1 s";;
	esac
	grep -q "$3" /tmp/said || fail "MTU $2: wanted '$3', got '$(cat /tmp/said)'"
}
# nothing_goes STEP: no setting can be made for want of its answer, and that is said at
# once when the first has waited for it. The card is there, without a carrier.
nothing_goes() {
	fails_in 5 3000 "busy"
	check_equal "$1: MTU" "$2" "$(cat "/sys/class/net/$GUEST_IF/mtu")"
	! carrier_is 1 || fail "$1: there is a carrier"
}
# comes_back STEP: by itself, as soon as the answer has come.
comes_back() {
	try "$1: answers" hostctl nic0 answer all
	wait_until $LIMIT_S carrier_is 1 || fail "$1: no carrier: $(dmesg | tail -5)"
	traffic_flows
	try "$1: another MTU" ip link set "$GUEST_IF" mtu 2000
	try "$1: the old one" ip link set "$GUEST_IF" mtu 1500
	traffic_flows
}

undo "hostctl nic0 answer all; modprobe hv_netvsc; ip link set $GUEST_IF mtu 1500"
try "late answers" hostctl nic0 slow open 3000
try "a late answer" timeout "$(slow $LIMIT_S)" ip link set "$GUEST_IF" mtu 4000
traffic_flows
try "answers" hostctl nic0 answer all
try "the old one" ip link set "$GUEST_IF" mtu 1500

try "no answers" hostctl nic0 silent open
fails_in $LIMIT_S 4000 "timed out"
nothing_goes open 1500
comes_back open

# A channel less is no reason to fail, but it is in the way of the next connection.
try "no answers" hostctl nic0 silent subchannel-open
try "fewer queues" ip link set "$GUEST_IF" mtu 4000
traffic_flows
fails_in $LIMIT_S 3000 "busy"
nothing_goes subchannel-open 4000
comes_back subchannel-open

try "no answers" hostctl nic0 silent open
fails_in $LIMIT_S 4000 "timed out"
modprobe -r hv_netvsc >/tmp/said 2>&1 &
busy=$!
sleep "$(slow 3)"
kill -0 $busy || fail "it is unloaded while the host has its rings: $(cat /tmp/said)"
try "answers" hostctl nic0 answer all
wait_until $LIMIT_S ended $busy || fail "unloading does not end"
card_gone || fail "the interface stays: $(cat /tmp/said)"

# A card that is taken up is given up, in time, but not let go before the answer.
try "no answers" hostctl nic0 silent open
echo "<6>loading without an answer" >/dev/kmsg
modprobe hv_netvsc >/tmp/said 2>&1 &
busy=$!
given_up() {
	dmesg | sed '1,/loading without an answer/d' | grep -q "unable to connect to NetVSP - -110"
}
wait_until $LIMIT_S given_up || fail "probe goes on: $(dmesg | tail -3)"
sleep "$(slow 3)"
kill -0 $busy || fail "probe has ended while the host has its rings: $(cat /tmp/said)"
try "answers" hostctl nic0 answer all
wait_until $LIMIT_S ended $busy || fail "probe does not end"
card_gone || fail "an interface without a connection"
try "unloading" modprobe -r hv_netvsc
try "loading" modprobe hv_netvsc
network_back
traffic_flows
pass
