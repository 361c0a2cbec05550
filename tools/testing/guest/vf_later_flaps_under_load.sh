#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host gives the card a VF, and takes it away and gives it back five times, while
# a TCP connection sends: the connection is not lost.
# groups: vf_later
# Break it: let the driver drop what it cannot send over the VF.
# timeout: 240
. "$(dirname "$0")/ktap.sh"

host_says() {
	[ "$(hostctl nic0 vf state | sed -n "s/^$1 //p")" = "$2" ]
}
count_of() {
	hostctl nic0 vf counters | sed -n "s/^$1 //p"
}
# shellcheck disable=SC2317 # called by wait_until
over() {
	host_says flaps_left 0 && host_says path vf
}

undo "hostctl nic0 vf remove; wait_until 30 host_says state absent"
iperf3 -c "$PEER4" -t 600 -J >/tmp/load 2>&1 &
load=$!
undo kill $load
try "adding a VF" hostctl nic0 vf add
wait_until 40 host_says path vf || fail "the VF is not used: $(dmesg | tail -15)"
added=$(count_of added)
sent=$(count_of tx_packets)
try "five flaps" hostctl nic0 vf flap 5 300
wait_until 150 over || fail "they do not end: $(hostctl nic0 vf state)"
check_equal "VFs given" $((added + 5)) "$(count_of added)"
kill -0 $load || fail "the connection was lost: $(tail -5 /tmp/load)"
check_above "frames from the VF" "$sent" "$(count_of tx_packets)"
kill -INT $load
wait $load
grep -q '"error".*interrupt' /tmp/load ||
	fail "the connection ended otherwise: $(grep error /tmp/load)"
traffic_flows
pass
