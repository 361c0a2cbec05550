#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# TCP runs to the peer and back; what came through is shown, not judged.
# Break it: stop the transmit queue and never wake it.
# groups: base cpu1 nvsp1 nvsp2 nvsp4 nvsp5 nvsp6 ws2012r2 jumbo raw_csum batches swiotlb bare
# timeout: 150
. "$(dirname "$0")/ktap.sh"

# Long enough to be worth showing in one group, long enough to stall in others.
case $LAB_GROUP in
base) seconds=3;;
*)    seconds=1;;
esac

# Slower than this, on machines that are emulated, something was waited for.
SLOW=20000000

# run NAME OPTION...: one transfer.
run() {
	name=$1
	shift
	timeout "$(slow 30)" iperf3 -J -t $seconds "$@" >/tmp/iperf3.json 2>&1 ||
		fail "$name: $(tail -c 300 /tmp/iperf3.json)"
	rate=$(iperf3_received bits_per_second)
	check_above "$name, bit/s" 0 "$rate"
	figure "$name" $((rate / 1000000)) Mbit/s
	[ $rate -gt $SLOW ] || note "$name: sent again: $(awk '/"retransmits"/ {n = $2}
		END {print n + 0}' /tmp/iperf3.json) segments"
}

run tcp4_transmit -c "$PEER4"
run tcp4_receive -c "$PEER4" -R
run tcp6_transmit -c "$PEER6"
traffic_flows
pass
