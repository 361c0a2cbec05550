#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Whatever nonsense the host sends, the driver drops it and counts it as bad, and traffic
# flows on the same connection afterwards. What is well formed and only says what is
# not so, of a VF or of channels, is no fault of the message and not counted. Bad packets
# are answered like good ones: each part of the receive buffer comes back to the host.
# (PROTOCOL D.11, traps T8, T12, T18, T19, T22.)
# Break it: skip nvsp_wire_xfer_range() in netvsc_rx.c; count nothing in
# receive_message() or receive_reply(); or do not answer a packet with a bad range.
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

# recv_free: parts of the receive buffer that the host may use.
recv_free() {
	hostctl nic0 state | sed -n 's/^recv_free //p'
}
all_free() {
	[ "$(recv_free)" = "$free" ]
}

# Packets with a bad header are in no part of the buffer; their answers are counted.
all_answered() {
	[ "$(host_counts nic0 rx_strange)" = $((answered + 1)) ]
}

undo hostctl nic0 table 0 1
free=$(recv_free)
check_above "parts of the receive buffer" 0 "$free"
connected=$(connections)
for name in $names; do
	before=$(bad)
	answered=$(host_counts nic0 rx_strange)
	try "hostile $name" hostctl nic0 hostile "$name"
	case $name in
	table-entry | vf-foreign | vf-storm | switch-without-vf | switch-storm) sleep 0.2;;
	*) wait_until 5 more_bad || fail "$name is not counted";;
	esac
	case $name in
	xfer-*) wait_until 5 all_answered || fail "$name is not answered once:" \
		"$answered before, $(host_counts nic0 rx_strange) now";;
	esac
	wait_until 5 all_free ||
		fail "after '$name' the guest keeps $((free - $(recv_free))) parts of the receive buffer"
	ping -c 3 -i 0.2 -W 1 "$PEER4" >/dev/null ||
		fail "after '$name' nothing flows: $(dmesg | tail -2)"
done
check_equal "new connections" "$connected" "$(connections)"
traffic_flows
pass
