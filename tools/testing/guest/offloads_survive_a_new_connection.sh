#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What ethtool -k shows is the same behind a new connection as before it: offloads of
# the host, those of the stack, and what the user chose. Offloads that the host does
# not have for one connection come back with the next that has them.
# Break it: assign hw_features from the host's alone in set_features() of
# netvsc_drv.c; or leave netdev_change_features() or follow_lro() out of
# netvsc_follow_host().
# drivers: ours
# groups: base vf
# timeout: 150
. "$(dirname "$0")/ktap.sh"

features() {
	ethtool -k "$GUEST_IF" | sed 1d
}
# same_features WHEN WHAT
same_features() {
	features >/tmp/features.now
	diff "$2" /tmp/features.now >/tmp/features.diff ||
		fail "$1: $(tr '\n' ';' </tmp/features.diff)"
}
is_on() {
	features | grep -q "^$1: on"
}

undo "hostctl nic0 answer all; ethtool -K $GUEST_IF gro on lro on"
features >/tmp/features.first
for feature in generic-receive-offload generic-segmentation-offload tcp-segmentation-offload \
	rx-checksumming large-receive-offload; do
	is_on $feature || fail "$feature is not on at first"
done
rx=$(rx_ring)
try "a smaller ring" ethtool -G "$GUEST_IF" rx $((rx / 2))
same_features "a smaller ring" /tmp/features.first
try "choosing" ethtool -K "$GUEST_IF" gro off lro off
features >/tmp/features.chosen
try "the old ring" ethtool -G "$GUEST_IF" rx "$rx"
same_features "the old ring" /tmp/features.chosen

try "choosing again" ethtool -K "$GUEST_IF" gro on lro on
same_features "choosing again" /tmp/features.first

# A host that does not take the parameters (OID_TCP_OFFLOAD_PARAMETERS) has none.
try "refusing" hostctl nic0 fail oid 0xfc01020c
try "without offloads" ethtool -G "$GUEST_IF" rx $((rx / 2))
for feature in tcp-segmentation-offload tx-checksumming large-receive-offload; do
	is_on $feature && fail "$feature is on, and the host has it not"
done
is_on generic-receive-offload || fail "generic-receive-offload went too"
ethtool -K "$GUEST_IF" tx-tcp-segmentation on >/dev/null 2>&1
is_on tcp-segmentation-offload && fail "the user gets what the host has not"
traffic_flows
try "answering" hostctl nic0 answer all
try "the old ring again" ethtool -G "$GUEST_IF" rx "$rx"
same_features "the old ring again" /tmp/features.first
traffic_flows

# What the stack switches off while the host has it not, because packets are to be
# forwarded, stays off when the host has it again.
forwarding=/proc/sys/net/ipv4/conf/$GUEST_IF/forwarding
undo "echo $(cat "$forwarding") >$forwarding"
try "refusing again" hostctl nic0 fail oid 0xfc01020c
try "without offloads again" ethtool -G "$GUEST_IF" rx $((rx / 2))
echo 1 >"$forwarding"
try "answering again" hostctl nic0 answer all
try "the old ring once more" ethtool -G "$GUEST_IF" rx "$rx"
is_on tcp-segmentation-offload || fail "tcp-segmentation-offload does not come back"
is_on large-receive-offload && fail "large-receive-offload comes back"
host_coalesces() {
	hostctl nic0 state | grep -q '^rsc[46] on'
}
host_does_not() {
	! host_coalesces
}
wait_until 5 host_does_not || fail "the host coalesces, and LRO is off"
try "LRO" ethtool -K "$GUEST_IF" lro on
host_coalesces || fail "the host does not coalesce, and LRO is on"
traffic_flows
pass
