#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Whatever nonsense the host sends, the driver drops it and counts it as bad, and traffic
# flows on the same connection afterwards. What is well formed and only says what is
# not so, of a VF or of channels, is no fault of the message and not counted.
# (PROTOCOL D.11, traps T8, T12, T18, T19, T22.)
# Break it: skip nvsp_wire_xfer_range() in netvsc_rx.c; or count nothing in
# receive_message() or receive_reply().
# groups: base swiotlb
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

# Answers that are spoilt, corrupt rings and strange offers have tests of their own.
names=$(hostctl nic0 hostile | awk '!/ next time: / && !/^(ring|offer)-/ {print $1}')
[ "$(echo "$names" | wc -w)" -ge 25 ] || fail "the host knows little that is hostile: $names"
connections() {
	dmesg | grep -c 'connected to the host again'
}
bad() {
	ethtool -S "$GUEST_IF" | awk '
		/ rx_bad_(xfer|completion|message):/ {sum += $2} END {print sum + 0}'
}
more_bad() {
	[ "$(bad)" -gt "$before" ]
}

undo hostctl nic0 table 0 1
connected=$(connections)
for name in $names; do
	before=$(bad)
	try "hostile $name" hostctl nic0 hostile "$name"
	case $name in
	table-entry | vf-foreign | vf-storm | switch-without-vf | switch-storm) sleep 0.2;;
	*) wait_until 5 more_bad || fail "$name is not counted";;
	esac
	ping -c 3 -i 0.2 -W 1 "$PEER4" >/dev/null ||
		fail "after '$name' nothing flows: $(dmesg | tail -2)"
done
check_equal "new connections" "$connected" "$(connections)"
traffic_flows
pass
