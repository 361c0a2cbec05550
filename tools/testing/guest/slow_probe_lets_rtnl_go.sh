#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host answers each request of a probe in time, and all of them together take long:
# nobody else waits for RTNL until the probe is done, and the card works then.
# The distribution's driver has RTNL for all of it.
# Break it: leave netvsc_conn_let_rtnl_go() out behind the loop of netvsc_conn_wait().
# groups: settings
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

undo "hostctl nic0 answer all; modprobe hv_netvsc"
try "unloading" modprobe -r hv_netvsc
for step in query set; do
	try "slow answers" hostctl nic0 slow $step 800
done
modprobe hv_netvsc >/tmp/said 2>&1 &
loading=$!
undo "wait $loading"
# It has RTNL by then, and lets it go after three seconds.
channel_is_open() {
	hostctl nic0 state | grep -q '^channels_open 1$'
}
wait_until 20 channel_is_open || fail "loading does not begin: $(cat /tmp/said)"
try "something that needs RTNL" ip link set lo mtu 65535
try "the same again" ip link set lo mtu 65536
! [ -e "/sys/class/net/$GUEST_IF" ] || fail "RTNL came after the card"
kill -0 $loading || fail "the probe ended early: $(cat /tmp/said)"
wait $loading || fail "loading: $(cat /tmp/said)"
try "prompt answers" hostctl nic0 answer all
network_back
traffic_flows
pass
