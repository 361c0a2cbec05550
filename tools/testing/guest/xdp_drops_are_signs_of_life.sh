#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program drops all that comes, and the host stops answering: the connection carries
# packets all the same, so it stays until the host answers again, and is made anew then.
# Break it: leave xdp_drop out of reconf_receives().
# groups: xdp
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

dropped() {
	xdp_stat rx_queue_N_xdp_drop
}
floods() {
	[ "$(dropped)" -gt $((before + 500)) ]
}
# said WORDS: whether the log has them since the test began.
said() {
	dmesg | sed "1,/xdp_drops_are_signs_of_life begins/d" | grep -q "$1"
}
flood_ended() {
	! kill -0 $flood 2>/dev/null
}

echo "<6>xdp_drops_are_signs_of_life begins" >/dev/kmsg
load_programs
attach verdict "$GUEST_IF"
config $VERDICT $DROP
undo hostctl nic0 blast stop
undo hostctl nic0 answer all
before=$(dropped)
hostctl nic0 blast udp 900 >/tmp/flood &
flood=$!
wait_until 30 floods || fail "no flood: $(cat /tmp/flood)"

try "silencing" hostctl nic0 silent set
undo ip link set "$GUEST_IF" promisc off
try "something to be told" ip link set "$GUEST_IF" promisc on
wait_until 60 said "did not answer" || fail "the host was not asked"
# It is looked at a second later, when the host is asked once more, for ten seconds.
# Then the old connection would be ended, which takes ten more at most.
sleep 25
flood_ended && fail "the connection was given up: $(cat /tmp/flood)"
said "connected to the host again" && fail "there was another connection"

try "answering" hostctl nic0 answer all
wait_until 90 said "connected to the host again" || fail "no new connection when the host answers"
wait $flood
grep -q "connection ended" /tmp/flood || fail "the flood ended otherwise: $(cat /tmp/flood)"
detach "$GUEST_IF"
traffic_flows
pass
