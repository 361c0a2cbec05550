#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# MTU, rings and queues change while the VF carries a ping: it stays joined, and
# carries the data again.
# Break it: do not ask for EVENT_VF in end_outage().
# groups: vf vf_old
# once: oldest
# timeout: 360
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
undo "ip link set $GUEST_IF mtu 1500"
joined=$(dmesg | grep -c 'VF registering')
for mtu in 2000 1500; do
	try "MTU $mtu" ip link set "$GUEST_IF" mtu $mtu
	check_equal "MTU of the VF" $mtu "$(cat "/sys/class/net/$vf/mtu")"
	vf_carries "MTU $mtu"
done
try "rings" ethtool -G "$GUEST_IF" rx 5000
vf_carries "other rings"
if [ "$(ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | head -1)" -gt 1 ]; then
	for queues in 1 2; do
		try "$queues queues" ethtool -L "$GUEST_IF" combined $queues
		vf_carries "$queues queues"
	done
fi
check_equal "times the VF was joined" "$joined" "$(dmesg | grep -c 'VF registering')"
traffic_flows
pass
