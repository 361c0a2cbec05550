#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host completes nothing for a while under load: the queue stops. When it
# completes again, the queue wakes and all that was accepted arrives.
# Break it: do not wake the queue in the poll.
# drivers: ours
# timeout: 60
. "$(dirname "$0")/ktap.sh"

stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}

stopped=$(stat stop_queue)
undo hostctl nic0 answer all
try "slow completions" hostctl nic0 slow tx-complete 200
iperf3 -u -c "$PEER4" -b 200M -t 4 >/dev/null 2>&1
hostctl nic0 answer all
bql=/sys/class/net/$GUEST_IF/queues/tx-0/byte_queue_limits/inflight
idle() {
	[ "$(cat "$bql")" = 0 ]
}
wait_until 10 idle || fail "BQL still has $(cat "$bql") bytes in flight"
note "stopped $(($(stat stop_queue) - stopped)) times, woken $(stat wake_queue)"
traffic_flows
pass
