#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# One allocation in five of the data path fails under traffic both ways: packets
# are lost and counted, the connection lives, and all is well afterwards. With a
# program that passes everything they count as lost for want of memory, and not as
# dropped by it, nor as its error.
# Break it: do not complete the transfer page of a packet for which there was no
# memory, or count that as xdp_drop in xdp_pass().
# groups: failing
# kernels: debug
# timeout: 200
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/failing.sh"
. "$(dirname "$0")/xdp-lib"

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

load_programs
attach pass_all "$GUEST_IF"
no_memory=$(xdp_stat rx_no_memory)
by_program=$(xdp_stat rx_queue_N_xdp_drop)
errors=$(xdp_stat rx_xdp_error)
one_in 20
# Small ones leave as copies, of which each wants memory
for bytes in 20 1400; do
	timeout "$(slow 30)" ping -c 100 -i 0.02 -s $bytes "$PEER4" >/tmp/ping 2>&1
done
one_in 0
check_above "lost for want of memory" "$no_memory" "$(xdp_stat rx_no_memory)"
check_equal "dropped by the program" "$by_program" "$(xdp_stat rx_queue_N_xdp_drop)"
check_equal "the program's errors" "$errors" "$(xdp_stat rx_xdp_error)"
detach "$GUEST_IF"
traffic_flows
said=$(ping -c 20 -i 0.05 -W 2 "$PEER4")
echo "$said" | grep -q ' 0% packet loss' || fail "afterwards: $said"
pass
