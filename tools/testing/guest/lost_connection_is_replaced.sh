#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host that does not answer a request is given up, and the card connects anew
# by itself: when it answers again, as long as it carries packets meanwhile; and
# at once, again and again, when nothing comes from it.
# Break it: do not kick in netvsc_conn_overdue(); or let reconf_answers() return true,
# or reconf_receives().
# groups: queues
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

# The log since the last mark has so many lines with these words.
mark() {
	echo "<6>lost_connection: $1" >/dev/kmsg
	last=$1
}
said() {
	dmesg | sed "1,/lost_connection: $last\$/d" | grep -q "$1"
}
promisc_at_host() {
	[ "$(hostctl nic0 state | sed -n 's/^filter //p')" = "$1" ]
}

all=$(queues)
undo "hostctl nic0 answer all; ip link set $GUEST_IF promisc off"
plain=$(hostctl nic0 state | sed -n 's/^filter //p')

# Its packets come, its answers do not.
mark flowing
try "no answers" hostctl nic0 silent set
try "promisc" ip link set "$GUEST_IF" promisc on
wait_until 60 said 'connection given up' || fail "30 s of silence are not noticed"
for second in 1 2 3 4 5 6 7 8; do
	ping -c 2 -W 2 "$PEER4" >/dev/null || fail "after $second rounds nothing flows any more"
	sleep 1
done
said 'connected to the host again' && fail "connected anew, though the host does not answer"
carrier_is 1 || fail "no carrier, though packets flow"
try "answers" hostctl nic0 answer all
wait_until 100 said 'connected to the host again' || fail "not connected anew when it answers"
promisc_at_host "$plain" && fail "the host was not told of the filter that it missed"
check_equal "queues" "$all" "$(queues)"
traffic_flows
try "no promisc" ip link set "$GUEST_IF" promisc off
wait_until 40 promisc_at_host "$plain" || fail "the host is not asked any more"

# Nothing comes from it at all.
mark silent
for point in set query rx; do
	try "silent $point" hostctl nic0 silent $point
done
try "promisc" ip link set "$GUEST_IF" promisc on
wait_until 60 said 'connection given up' || fail "another silence is not noticed"
wait_until 120 said 'no connection to the host' || fail "no new connection is tried"
try "answers" hostctl nic0 answer all
wait_until 100 carrier_is 1 || fail "not connected again when the host answers"
said 'connected to the host again' || fail "the log does not say so"
check_equal "queues" "$all" "$(queues)"
network_back
traffic_flows
pass
