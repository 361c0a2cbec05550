#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each allocation of opening and of reconfiguring fails in turn: what was valid
# before is valid still, or the new setting is, and traffic flows.
# Break it: return an error of netvsc_connect() without the old settings.
# groups: failing
# kernels: debug
# timeout: 500
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/failing.sh"
NET=/sys/class/net/$GUEST_IF
IFF_UP_MULTICAST=0x1003
IFF_MULTICAST=0x1002

# The retries of a connection that could not be had again take a few seconds.
flows() {
	wait_until 30 ping -c 1 -W 1 "$PEER4" ||
		fail "$1, allocation $nth failed: no traffic"
}

filter
undo "ip link set $GUEST_IF mtu 1500 up"
# network_back sets the addresses that a closed interface loses.
nth=1
while ip link set "$GUEST_IF" down; write_failing $nth $IFF_UP_MULTICAST "$NET/flags"; do
	[ $written = 0 ] || try "opening" ip link set "$GUEST_IF" up
	nth=$((nth + 1))
done
note "opening: $((nth - 1)) allocations"
check_equal "status of opening when none fails" 0 $written
echo $IFF_MULTICAST >"$NET/flags"
ip link set "$GUEST_IF" up
network_back
flows "opening"

nth=1
refused=0
while write_failing $nth 4000 "$NET/mtu"; do
	if [ $written = 0 ]; then
		check_equal "MTU after a change without allocation $nth" 4000 "$(cat "$NET/mtu")"
	else
		check_equal "MTU after allocation $nth failed" 1500 "$(cat "$NET/mtu")"
		refused=$((refused + 1))
	fi
	flows "reconfiguring"
	try "MTU" ip link set "$GUEST_IF" mtu 1500
	nth=$((nth + 1))
done
note "reconfiguring: $((nth - 1)) allocations, $refused of them needed"
check_above "allocations that end a reconfiguration" 0 $refused
check_equal "status of reconfiguring when none fails" 0 $written
check_equal "MTU in the end" 4000 "$(cat "$NET/mtu")"
traffic_flows
pass
