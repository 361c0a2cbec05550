#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Whatever nonsense the host sends, the driver drops and counts it, and traffic
# flows on the same queue afterwards. What breaks the ring itself ends the
# connection, and the next one comes by itself. (PROTOCOL D.11.)
# Break it: skip nvsp_wire_xfer_range() in netvsc_rx.c.
# groups: base swiotlb
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

names=$(hostctl nic0 hostile | awk '{print $1}')
[ "$names" ] || fail "the host knows nothing hostile"
connections() {
	dmesg | grep -c 'connected to the host again'
}
another() {
	[ "$(connections)" -gt "$before" ]
}
for name in $names; do
	before=$(connections)
	try "hostile $name" hostctl nic0 hostile "$name"
	sleep 0.2
	if ping -c 3 -i 0.2 -W 1 "$PEER4" >/dev/null; then
		continue
	fi
	note "$name ended the connection"
	wait_until 90 another ||
		fail "after '$name' nothing flows, and no connection came: $(dmesg | tail -2)"
	network_back
done
traffic_flows
pass
