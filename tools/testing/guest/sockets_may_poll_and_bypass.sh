#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A socket that polls the card by itself, while connections end and begin: it must
# not meet a ring that is not there. And a packet socket that sends without qdisc,
# whose choice of a queue nothing protects but the driver (debug kernels tell).
# Break it: let netvsc_rx_poll() not look at queue->polled; take the RCU
# section out of select_queue().
# groups: queues
# timeout: 150
. "$(dirname "$0")/ktap.sh"

try "frames without qdisc" ./bpf/sock bypass "$GUEST_IF" 10
before=$(stat_of tx_packets)
check_equal "frames without qdisc" "sent 500" "$(./bpf/sock bypass "$GUEST_IF" 500)"
check_above "packets sent" 499 $(($(stat_of tx_packets) - before))

# A new connection each time: the rings of the old one are gone for a while.
./bpf/sock spin "$PEER4" 5201 "$(slow 40)" >/tmp/spin 2>&1 &
spinner=$!
undo "kill $spinner; ip link set $GUEST_IF mtu 1500"
for mtu in 4000 1500 4000 1500; do
	try "MTU $mtu" ip link set "$GUEST_IF" mtu $mtu
	sleep 1
	kill -0 $spinner || fail "the socket ended early: $(cat /tmp/spin)"
done
traffic_flows
wait $spinner || fail "the socket failed: $(cat /tmp/spin)"
check_above "reads" 100 "$(sed -n 's/^read \(.*\) times/\1/p' /tmp/spin)"
pass
