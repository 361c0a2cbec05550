#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a queue sent is never completed: after thirty seconds the log says in what
# state the queue is, the card connects anew by itself, and all works again, with
# the same settings. What was lost is counted.
# Break it: do not kick rtnl_work in netvsc_tx_timeout().
# groups: faults
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"

REPORT='queue [0-9]*: stuck with [0-9]* of 256 slots free, no slot unsent, [0-9]* bytes free in the ring, [0-9]* to read; connecting anew'

said() {
	dmesg | sed '1,/stuck_queue: begins$/d' | grep -q "$1"
}

undo hostctl nic0 answer all
all=$(queues)
try "a larger MTU" ip link set "$GUEST_IF" mtu 4000
undo ip link set "$GUEST_IF" mtu 1500
dropped=$(stat_of tx_dropped)

expect_complaint 'NETDEV WATCHDOG'
echo "<6>stuck_queue: begins" >/dev/kmsg
try "no completions" hostctl nic0 silent tx-complete
ping -c 20 -i 0.1 -s 1400 -W 1 "$PEER4" >/dev/null
# Those that were withheld do not come any more.
try "completions again" hostctl nic0 answer tx-complete
ping -c 1 -W 2 "$PEER4" >/dev/null && fail "the queue is not stuck: this shows nothing"

wait_until 80 said 'NETDEV WATCHDOG' || fail "the kernel did not notice"
said "$REPORT" || fail "the log does not say how it stands: $(dmesg | tail -3)"
note "$(dmesg | grep -o "$REPORT" | tail -1)"
free=$(dmesg | sed -n 's/.*stuck with \([0-9]*\) of 256.*/\1/p' | tail -1)
[ "$free" -lt 256 ] || fail "no slot is in use in a queue that is stuck"
wait_until 20 said 'connected to the host again' || fail "no new connection came"
traffic_flows
check_equal "queues" "$all" "$(queues)"
check_equal "MTU" 4000 "$(cat "/sys/class/net/$GUEST_IF/mtu")"
check_above "packets counted as lost" "$dropped" "$(stat_of tx_dropped)"
pass
