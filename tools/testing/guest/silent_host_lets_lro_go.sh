#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Switching LRO off succeeds, whether the host refuses, and is asked again until
# it does, or says nothing at all: the stack takes no refusal there. What still
# comes coalesced is received. (Rule F9, trap T54.)
# Break it: return the error of netvsc_rsc_sync() in netvsc_set_features().
# drivers: ours
# groups: base
# once: oldest
# timeout: 240
. "$(dirname "$0")/ktap.sh"

lro() {
	ethtool -k "$GUEST_IF" | sed -n 's/^large-receive-offload: \([a-z]*\).*/\1/p'
}
host_has() {
	[ "$(hostctl nic0 state | sed -n 's/^rsc4 //p')" = "$1" ]
}
receive() {
	timeout "$(slow 30)" iperf3 -c "$PEER4" -R -n 2M >/tmp/iperf3 2>&1 ||
		fail "iperf3: $(tail -3 /tmp/iperf3)"
}

undo hostctl nic0 answer all
try "host refuses" hostctl nic0 fail set
try "switching it off" ethtool -K "$GUEST_IF" lro off
check_equal "LRO" off "$(lro)"
host_has on || fail "the host did it all the same: this shows nothing"
receive
try "host answers" hostctl nic0 answer all
wait_until 40 host_has off || fail "the host was not asked again"

try "host refuses" hostctl nic0 fail set
ethtool -K "$GUEST_IF" lro on 2>/dev/null && fail "on, though the host refuses"
check_equal "LRO" off "$(lro)"
try "host answers" hostctl nic0 answer all
# The stack asks for nothing that it asked for already.
try "off is off" ethtool -K "$GUEST_IF" lro off
try "switching it on" ethtool -K "$GUEST_IF" lro on
host_has on || fail "the host was not asked to"

try "host says nothing" hostctl nic0 silent set
# A bridge is who insists most: a refusal would be a splat.
try "a bridge" ip link add br1 type bridge
undo ip link del br1
try "port" timeout "$(slow 100)" ip link set "$GUEST_IF" master br1
check_equal "LRO" off "$(lro)"
try "no bridge" ip link del br1
receive
try "host answers" hostctl nic0 answer all
try "unloading" modprobe -r hv_netvsc
try "loading" modprobe hv_netvsc
network_back
host_has on || fail "a new connection does not begin with what is wanted"
check_equal "LRO" on "$(lro)"
traffic_flows
pass
