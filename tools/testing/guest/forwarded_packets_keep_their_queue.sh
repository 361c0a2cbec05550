#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What comes by one card and is sent on by another leaves by the queue of the same
# number, so that a flow stays on its CPU.
# Break it: leave skb_rx_queue_recorded() out of pick_queue(), or skb_record_rx_queue()
# out of the receive path.
# groups: forward
# drivers: ours
# timeout: 150
. "$(dirname "$0")/ktap.sh"

COUNT=100
first=$(interface_of 00:15:5d:77:00:01)
second=$(interface_of 00:15:5d:77:00:02)
third=$(interface_of 00:15:5d:77:00:03)
[ "$first" ] && [ "$second" ] && [ "$third" ] || fail "there are no three cards"

# frames NIC WAY: of each channel
frames() {
	hostctl "$1" counters | sed -n "s/^channel[0-9]* $2 //p"
}
# busy FILE NIC WAY: the channel that carried the flow since FILE was written
busy() {
	frames "$2" "$3" | paste "$1" - | awk -v least=$COUNT '$2 - $1 >= least {print NR - 1}'
}

into_namespace far "$third"
try "address there" ip -n far addr add 10.99.0.2/24 dev "$third"
try "up there" ip -n far link set "$third" up
try "route there" ip -n far route add default via 10.99.0.1
undo ip addr flush dev "$second"
try "address here" ip addr add 10.99.0.1/24 dev "$second"
try "up here" ip link set "$second" up
undo 'echo 0 >/proc/sys/net/ipv4/ip_forward'
echo 1 >/proc/sys/net/ipv4/ip_forward
wait_until 10 ip netns exec far ping -c 1 -W 1 10.99.0.1 || fail "no way from there to here"
traffic_flows

# Ports of chance, so a queue of chance each time: all of them seen, and none wrong.
queues=
for _ in 1 2 3 4 5 6 7 8; do
	frames nic1 rx_frames >/tmp/came
	frames nic0 tx_frames >/tmp/went
	try "a flow" ip netns exec far ./bpf/udp send "$PEER4" 9 $COUNT 100
	came=$(busy /tmp/came nic1 rx_frames)
	check_equal "queue that a flow leaves by" "$came" "$(busy /tmp/went nic0 tx_frames)"
	queues="$queues $came"
done
note "queues of the flows:$queues"
[ "$(echo "$queues" | xargs -n 1 | sort -u | grep -c .)" -gt 1 ] ||
	fail "all flows came by one queue"
traffic_flows
pass
