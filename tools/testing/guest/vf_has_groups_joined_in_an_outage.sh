#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# While a new connection is made the device is detached, and a group that is joined then,
# which since 7.1 takes no RTNL, reaches the VF all the same; one that is left goes.
# Break it: leave netvsc_vf_set_rx_mode() out of end_outage().
# groups: vf_lab
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

SOCK=$(dirname "$0")/bpf/sock
GROUP=ff02::4a:4b
MAC=33:33:00:4a:00:4b
has_group() {
	ip maddr show dev "$1" | grep -q "$MAC"
}
has_not() {
	! has_group "$1"
}
rx=$(rx_ring)
host_has_none || vf_taken "before"
undo "hostctl nic0 answer all; hostctl nic0 vf remove; ethtool -G $GUEST_IF rx $rx"
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
vf=$(vf_of)
has_group "$vf" && fail "$vf has the group before anybody"

try "a slow host" hostctl nic0 slow rndis-init 4000
ethtool -G "$GUEST_IF" rx $((rx / 2)) >/tmp/ring 2>&1 &
change=$!
sleep 1
"$SOCK" join "$GUEST_IF" $GROUP 8 >/tmp/joined 2>&1 &
member=$!
undo "kill $member"
wait $change || fail "a new connection: $(cat /tmp/ring)"
try "a quick host" hostctl nic0 answer all
wait_until 5 grep -q joined /tmp/joined || fail "not joined: $(cat /tmp/joined)"
wait_until 5 has_group "$GUEST_IF" || fail "$GUEST_IF lacks the group"
wait_until 5 has_group "$vf" || fail "$vf lacks the group"
wait $member || fail "leaving: $(cat /tmp/joined)"
wait_until 5 has_not "$vf" || fail "$vf keeps the group"
vf_carries "at last"
traffic_flows
pass
