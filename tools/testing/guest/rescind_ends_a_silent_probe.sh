#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host goes silent in the middle of probe and then takes the card away:
# probe ends at once, not at its deadline.
# Break it: do not look at the rescind while waiting.
# groups: silent
# drivers: ours
# timeout: 90
. "$(dirname "$0")/ktap.sh"

DRIVER=/sys/bus/vmbus/drivers/hv_netvsc
mac=$(hostctl nic0 state | sed -n 's/^mac //p')
for dir in "$DRIVER"/*-*-*; do
	[ "$(cat "$dir"/net/*/address)" = "$mac" ] && device=$(basename "$dir")
done
[ "$device" ] || fail "nic0: no device"

undo "hostctl nic0 answer all; hostctl nic0 add"
echo "$device" >"$DRIVER/unbind"
hostctl nic0 silent recv-buf
(echo "$device" >"$DRIVER/bind"; touch /tmp/probe-ended) 2>/dev/null &
sleep 2
[ -e /tmp/probe-ended ] && fail "probe did not wait for the silent host"
try "removing the card" hostctl nic0 remove
wait_until 8 test -e /tmp/probe-ended || fail "probe goes on 8 s after the rescind"
hostctl nic0 answer all
try "offering it again" hostctl nic0 add
# Looked up each time: the device was not there before.
is_back() {
	grep -qs "$mac" "$DRIVER"/*/net/*/address
}
wait_until 20 is_back || fail "the card did not come back"
pass
