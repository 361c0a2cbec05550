#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a CPU sends goes by the queue that the user gave to that CPU, until the user
# takes it back.
# Break it: leave have_xps() out of netvsc_select_queue().
# groups: queues
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

COUNT=200
host() {
	hostctl nic0 counters | sed -n 's/^channel[0-9]* tx_frames //p'
}
# map QUEUE CPUS: CPUs as a mask
map() {
	echo "$2" >"/sys/class/net/$GUEST_IF/queues/tx-$1/xps_cpus" ||
		fail "queue $1 does not take CPUs $2"
}
# sends CPU: the channels that carried what it sent.
sends() {
	host >/tmp/sent
	try "sending on CPU $1" taskset -c "$1" ./bpf/udp send "$PEER4" 9 $COUNT 100
	host | paste /tmp/sent - | awk -v least=$COUNT '$2 - $1 >= least {print NR - 1}'
}

check_equal "queues" 4 "$(ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)"
undo 'for queue in 0 1 2 3; do map $queue 0; done'
for shift in 1 2; do
	for queue in 0 1 2 3; do
		map $queue $((1 << (queue + shift) % 4))
	done
	for queue in 0 1 2 3; do
		cpu=$(((queue + shift) % 4))
		check_equal "channel of CPU $cpu" $queue "$(sends $cpu)"
	done
done
traffic_flows
pass
