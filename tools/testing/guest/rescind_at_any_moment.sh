#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host takes the card away in the middle of whatever the driver does: while it
# is loaded or unloaded, goes up or down, changes its MTU, its rings or its
# queues. That ends at once, so does the interface, and when the card is offered
# again it works. (Trap T21.)
# The distribution's driver waits for what no host will answer any more.
# Break it: do not look at the rescind in netvsc_conn_wait().
# groups: faults long
# drivers: ours
# timeout: 300 long=1800
. "$(dirname "$0")/ktap.sh"

# The shortest wait of our own that a rescind ends is a second's slice; those for answers
# last ten seconds at least.
LIMIT_S=6
longest=0
case $LAB_GROUP in
long) delays="0 0.01 0.02 0.03 0.05 0.07 0.1 0.15 0.2 0.3 0.5";;
*)    delays="0 0.1";;
esac

now() {
	cut -d. -f1 /proc/uptime
}

# rescind_during DELAY COMMAND: the host is slow, so that there is a middle.
rescind_during() {
	case="'$2', $1 s after its begin"
	eval "$3"
	for step in init recv-buf rndis-init query set; do
		hostctl nic0 slow $step 100 || fail "slow $step"
	done
	sh -c "$2" >/dev/null 2>&1 &
	busy=$!
	sleep "$1"
	from=$(now)
	try "$case: taking it away" hostctl nic0 remove
	wait_until $LIMIT_S ended $busy || fail "$case: it goes on after $(($(now) - from)) s"
	took=$(($(now) - from))
	[ $took -le "$(slow $LIMIT_S)" ] || fail "$case: it went on for $took s"
	[ $took -le $longest ] || longest=$took
	[ -d /sys/module/hv_netvsc ] || modprobe hv_netvsc
	wait_until $LIMIT_S card_gone || fail "$case: the interface stays"
	hostctl nic0 answer all
	try "$case: offering it again" hostctl nic0 add
	network_back
}

undo "hostctl nic0 answer all; hostctl nic0 add; modprobe hv_netvsc"
for delay in $delays; do
	rescind_during "$delay" "modprobe hv_netvsc" "modprobe -r hv_netvsc"
	rescind_during "$delay" "modprobe -r hv_netvsc"
	rescind_during "$delay" "ip link set $GUEST_IF up" "ip link set $GUEST_IF down"
	rescind_during "$delay" "ip link set $GUEST_IF down"
	rescind_during "$delay" "ip link set $GUEST_IF mtu 4000"
	rescind_during "$delay" "ethtool -G $GUEST_IF rx 5000"
	rescind_during "$delay" "ethtool -L $GUEST_IF combined 2" \
		"ethtool -L $GUEST_IF combined 1; ethtool -G $GUEST_IF rx 5000"
	rescind_during "$delay" "ethtool -K $GUEST_IF lro off; ethtool -K $GUEST_IF lro on"
done
note "what lasted longest ended $longest s after the card went"
traffic_flows
pass
