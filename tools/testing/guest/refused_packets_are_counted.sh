#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host refuses packets: each is an error of transmission, and no drop; the log says
# so with the host's reason, but not once for each when there are many. The slot and its
# bytes of BQL come back as they do for the others.
# Break it: do not look at the status in tx_done(); or return from it there, before the
# slot is put back.
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

REASON="nvsp_rndis_pkt_complete error status: 2"
stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
said() {
	dmesg | sed '1,/refused_packets: begins$/d' | grep -c "$REASON"
}
refuses() {
	hostctl nic0 faults | grep -q '^fail tx-complete'
}
used_up() {
	! refuses
}
idle() {
	for queue in "/sys/class/net/$GUEST_IF/queues/"tx-*; do
		[ "$(cat "$queue/byte_queue_limits/inflight")" = 0 ] || return 1
	done
}
now_counted() {
	[ "$(stat tx_errors)" -ge $((errors + 5)) ]
}

errors=$(stat tx_errors)
dropped=$(stat_of tx_dropped)
echo "<6>refused_packets: begins" >/dev/kmsg
undo hostctl nic0 answer all
try "refusing five" hostctl nic0 fail tx-complete 5
# They reach the peer all the same, and he answers.
ping -c 10 -i 0.05 -W 2 "$PEER4" >/tmp/ping 2>&1 || fail "ping: $(cat /tmp/ping)"
wait_until 5 used_up || fail "not five packets went to the host in 10 pings"
wait_until 5 now_counted || fail "five packets refused, $(($(stat tx_errors) - errors)) errors counted"
check_equal "errors, of five packets refused" $((errors + 5)) "$(stat tx_errors)"
check_equal "errors that ip -s link shows" $((errors + 5)) "$(stat_of tx_errors)"
check_equal "drops" "$dropped" "$(stat_of tx_dropped)"
check_above "lines in the log" 0 "$(said)"

# Long ones are handed over as pages, and small ones go several to a packet.
errors=$(stat tx_errors)
try "refusing all" hostctl nic0 fail tx-complete
timeout "$(slow 30)" iperf3 -c "$PEER4" -n 8M >/tmp/iperf3 2>&1 ||
	fail "iperf3: $(tail -3 /tmp/iperf3)"
try "accepting" hostctl nic0 answer tx-complete
wait_until 10 idle || fail "BQL still has bytes in flight"
many=$(($(stat tx_errors) - errors))
check_above "errors" 100 $many
check_equal "drops" "$dropped" "$(stat_of tx_dropped)"
lines=$(said)
note "$many packets refused, $lines lines in the log"
[ "$lines" -lt $((many + 5)) ] || fail "a line in the log for each of $many packets"

errors=$(stat tx_errors)
traffic_flows
check_equal "errors when the host accepts again" "$errors" "$(stat tx_errors)"
pass
