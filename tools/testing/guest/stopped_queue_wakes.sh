#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host completes late while packets come faster than it completes: the queue
# stops, wakes each time slots come free, and every packet arrives. Nothing is in
# flight at the end.
# Break it: do not wake the queue in netvsc_tx_poll().
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

PACKETS=1500
stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
# pktgen does not mind BQL, so that the slots run out and not its limit.
pktgen_sends "$GUEST_IF" "count $PACKETS" "pkt_size 60"

stopped=$(stat stop_queue)
woken=$(stat wake_queue)
arrived=$(host_counts nic0 tx_frames 0)
undo hostctl nic0 answer all
try "slow completions" hostctl nic0 slow tx-complete "$(slow 400)"
timeout "$(slow 40)" sh -c 'echo start >/proc/net/pktgen/pgctrl' || fail "pktgen did not end"
all_there() {
	[ $(($(host_counts nic0 tx_frames 0) - arrived)) -ge $PACKETS ]
}
wait_until 10 all_there || fail "wanted $PACKETS frames, got $(($(host_counts nic0 tx_frames 0) - arrived))"
hostctl nic0 answer all

idle() {
	[ "$(cat "/sys/class/net/$GUEST_IF/queues/tx-0/byte_queue_limits/inflight")" = 0 ]
}
wait_until 10 idle || fail "BQL still has bytes in flight"
check_above "times stopped" 0 $(($(stat stop_queue) - stopped))
check_above "times woken" 0 $(($(stat wake_queue) - woken))
note "stopped $(($(stat stop_queue) - stopped)) times"
traffic_flows
pass
