#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host takes a card away while the guest goes to sleep: its driver has closed it, and
# VMBus is not left yet. The guest sleeps and wakes, the card is gone, the other one
# works, and so does the card when it is offered anew.
# Break it: leave flush_workqueue() out of netvsc_suspend().
# groups: hibernate
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/hibernate-lib"

# shellcheck disable=SC2154 # of the lab's environment
is_there() {
	[ -e "/sys/class/net/$GUEST_IF1" ]
}
undo "hostctl nic1 answer all; hostctl nic1 add; network_back"
try "mode" sh -c 'echo shutdown >/sys/power/disk'
for round in 1 2 3; do
	is_there || fail "round $round: there is no $GUEST_IF1"
	try "round $round: to go" hostctl nic1 remove closed
	hibernate "round $round"
	wait_until 30 card_gone "$GUEST_IF1" || fail "round $round: $GUEST_IF1 is still there"
	traffic_flows
	try "round $round: a new offer" hostctl nic1 add
	wait_until 30 is_there || fail "round $round: $GUEST_IF1 does not come back"
	network_back
	wait_until 30 carrier_is 1 "$GUEST_IF1" || fail "round $round: $GUEST_IF1 has no carrier"
done
hibernate "with both"
wait_until 60 carrier_is 1 "$GUEST_IF1" || fail "with both: $GUEST_IF1 has no carrier"
traffic_flows
pass
