#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# One allocation in five of the data path fails under traffic both ways: packets
# are lost and counted, the connection lives, and all is well afterwards.
# Break it: do not complete the transfer page of a packet for which there was no
# memory.
# groups: failing
# kernels: debug
# timeout: 200
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/failing.sh"

counter() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
dropped() {
	echo $(($(stat_of rx_dropped) + $(stat_of tx_dropped)))
}

filter
undo one_in 0
before=$(dropped)
timeout "$(slow 30)" iperf3 -c "$PEER4" -t 15 >/tmp/to 2>&1 &
to=$!
one_in 20
timeout "$(slow 30)" ping -c 200 -i 0.02 -s 1400 "$PEER4" >/tmp/ping 2>&1
one_in 0
lost=$(($(dropped) - before))
note "$lost packets were dropped"
wait $to || fail "TCP to the peer: $(cat /tmp/to)"
check_above "packets dropped for want of memory" 0 $lost
traffic_flows
said=$(ping -c 20 -i 0.05 -W 2 "$PEER4")
echo "$said" | grep -q ' 0% packet loss' || fail "afterwards: $said"
pass
