#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# While a new connection is made the host answers one request as no honest one does: of
# the version, of the receive buffer and its sub-allocations, of the send buffer, of
# sub-channels. What the driver can do without it does without: an older version, no
# send buffer, as many channels as it asked for. Else the change that wanted the
# connection fails, the old setting is in force, and the card works as before. The next
# connection is as good as any. (PROTOCOL D.11, traps T8, T15.)
# Break it: do not look at the size of sub-allocations, or of send sections, in
# nvsp_wire.c; take more sub-channels than were asked for in
# nvsp_wire_subchannel_complete(); or do not try the old settings in netvsc_reconfigure().
# groups: base swiotlb
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

names=$(hostctl nic0 hostile | awk '/ next time: / {print $1}')
[ "$(echo "$names" | wc -w)" -ge 15 ] || fail "the host knows few hostile answers: $names"
state() {
	hostctl nic0 state | sed -n "s/^$1 //p"
}
ring() {
	ethtool -g "$GUEST_IF" | sed -n 's/^RX:[[:space:]]*//p' | tail -1
}
# other_ring: one of two sizes, so that a change to it takes a new connection.
other_ring() {
	if [ "$(ring)" -lt "$first" ]; then
		echo "$first"
	else
		echo $((first - 100))
	fi
}
armed() {
	hostctl nic0 faults | grep -qx "hostile $1"
}
complaints() {
	dmesg | grep -c "host's answer to the $1 buffer"
}
# works WHEN: and sections says by how many packets the send buffer was used.
works() {
	sections=$(host_counts nic0 tx_sections)
	wait_until 10 ping -c 3 -i 0.2 -W 1 "$PEER4" ||
		fail "$1: nothing flows: $(dmesg | tail -3)"
	sections=$(($(host_counts nic0 tx_sections) - sections))
}
# healthy WHEN: all is as it was at first.
healthy() {
	check_equal "$1: version" "$version" "$(state nvsp)"
	check_equal "$1: channels" "$channels" "$(state channels_open)"
	works "$1"
	check_above "$1: packets by the send buffer" 0 "$sections"
}
refused() {
	[ $status != 0 ] || fail "$1: the change succeeded"
	check_equal "$1: the ring" "$old" "$(ring)"
	check_above "$1: lines in the log" "$said" "$(complaints receive)"
}
# does WHEN: the change succeeded.
does() {
	[ $status = 0 ] || fail "$1: the change failed: $(cat /tmp/change)"
	[ "$(ring)" != "$old" ] || fail "$1: the ring is the old one"
	works "$1"
}
unsectioned() {
	does "$1"
	check_equal "$1: packets by a send buffer that is none" 0 "$sections"
}

first=$(ring)
version=$(state nvsp)
channels=$(state channels_open)
check_above "channels" 1 "$channels"
undo "hostctl nic0 answer all; ethtool -G $GUEST_IF rx $first"
healthy "at first"
for name in $names; do
	old=$(ring)
	try "$name" hostctl nic0 hostile "$name"
	armed "$name" || fail "$name: the host does not say that it will"
	said=$(complaints receive)
	unsent=$(complaints send)
	ethtool -G "$GUEST_IF" rx "$(other_ring)" >/tmp/change 2>&1
	status=$?
	armed "$name" && fail "$name: the host was not asked what it would answer so"
	case $name in
	init-type)
		does "$name"
		[ "$(state nvsp)" != "$version" ] || fail "$name: the answer was taken";;
	# Where the buffer's end is follows from what else is said.
	recv-end) does "$name";;
	recv-*) refused "$name";;
	send-size-zero) unsectioned "$name";;
	send-*)
		unsectioned "$name"
		check_above "$name: lines in the log" "$unsent" "$(complaints send)";;
	*)
		does "$name"
		check_equal "$name: channels" "$channels" "$(state channels_open)";;
	esac
	[ $status = 0 ] && try "$name, then another" ethtool -G "$GUEST_IF" rx "$(other_ring)"
	healthy "after $name"
done
traffic_flows
pass
