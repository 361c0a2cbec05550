#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Under eight TCP streams the VF goes down and up until the host has moved the data
# to it a thousand times: no connection is lost, and neither is memory. Some rounds
# are too short for a switch, so what is not over yet is interrupted, too.
# Break it: clear adapter::vf_tx only after the VF has stopped.
# groups: vf_many
# timeout: 7200
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/vf-many"

FLAPS=$((1000 / PART))

# flap ROUND: down and up; now and then at once, mostly after a moment.
flap() {
	try "round $1: down" ip link set "$vf" down
	try "round $1: up" ip link set "$vf" up
	[ $(($1 % 7)) = 0 ] || sleep 0.$(($1 % 4))
}
# flap_until TIMES: the host moved the data to the VF so often.
flap_until() {
	while done=$(($(vf_counted to_vf) - first)); [ $done -lt "$1" ]; do
		[ $round -lt $((4 * FLAPS)) ] || fail "$round rounds, $done switches"
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			round=$((round + 1))
			flap $round
		done
		wait_until 30 host_sends_by vf || fail "round $round: the VF does not return"
		[ $((round % 50)) != 0 ] || goes_on "round $round, $done switches"
	done
}

vf_carries "at first"
vf=$(vf_of)
undo "ip link set $vf up"
streams_begin 7100
first=$(vf_counted to_vf)
round=0
# The first ones fill caches.
flap_until $((FLAPS / 10))
remember
flap_until $FLAPS
nothing_lost
note "$round rounds, $(($(vf_counted to_vf) - first)) switches to the VF"
goes_on "in the end"
traffic_flows
pass
