#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host does not answer a request while a setting changes: the change fails in
# bounded time and says that it timed out, the old setting is in force, and the
# card connects again by itself. In the group `long` each request of each change.
# (silent_host_ends_probe has them for probe.)
# Break it: wait without a deadline in netvsc_conn_wait().
# groups: long
# drivers: ours
# timeout: 3600
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/requests.sh"

# One deadline for the old connection's end and one for the new one.
LIMIT_S=60
TIMED_OUT=Connection_timed_out

undo "hostctl nic0 answer all; ip link set $GUEST_IF up mtu 1500; ethtool -G $GUEST_IF rx 9709; ethtool -L $GUEST_IF combined 2"
for what in mtu rings queues; do
	echo "$REQUESTS" | grep . >/tmp/rows
	while read -r step _ silent _; do
		change_under silent "$step" $what "$silent" $LIMIT_S
	done </tmp/rows
	change_under silent control-complete $what $TIMED_OUT $LIMIT_S
	change_under silent halt $what ok $LIMIT_S
	reloaded
done
change_under silent subchannel-offers queues fewer $LIMIT_S
change_under silent oid:0x0001010e state ok $LIMIT_S
network_back
change_under silent oid:0x00010204 key $TIMED_OUT $LIMIT_S
change_under silent oid:0x0001021b address $TIMED_OUT $LIMIT_S
network_back
traffic_flows
try "unloading" modprobe -r hv_netvsc
try "loading" modprobe hv_netvsc
network_back
traffic_flows
pass
