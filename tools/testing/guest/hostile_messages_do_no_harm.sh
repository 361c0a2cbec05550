#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Whatever nonsense the host sends, the driver drops and counts it, and traffic
# flows on the same queue afterwards. What breaks the ring itself ends the
# connection; a reload brings it back. (PROTOCOL D.11.)
# Break it: skip nvsp_wire_xfer_range() in netvsc_rx.c.
# drivers: ours
# timeout: 200
. "$(dirname "$0")/ktap.sh"

names=$(hostctl nic0 hostile | awk '{print $1}')
[ "$names" ] || fail "the host knows nothing hostile"
for name in $names; do
	try "hostile $name" hostctl nic0 hostile "$name"
	sleep 0.2
	if ping -c 3 -i 0.2 -W 1 "$PEER4" >/dev/null; then
		continue
	fi
	note "$name ended the connection"
	dmesg | tail -3 | grep -q 'connection given up' ||
		fail "after '$name' nothing flows, and nothing said why: $(dmesg | tail -2)"
	try "unloading" modprobe -r hv_netvsc
	try "loading" modprobe hv_netvsc
	network_back
done
traffic_flows
pass
