#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host does not read the ring for a while, but keeps sending: receive
# completions fill the ring, and what is transmitted then finds it full. When the
# host reads again nothing is stuck, and no receive buffer was lost.
# Break it: do not set the pending send size in netvsc_chan_want_room().
# groups: one_frame
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}

undo "hostctl nic0 answer all; modprobe -r hv_netvsc; modprobe hv_netvsc"
try "unloading" modprobe -r hv_netvsc
try "loading with the smallest ring" modprobe hv_netvsc ring_size=64
network_back
free=$(hostctl nic0 state | sed -n 's/^recv_free //p')

# With one frame a packet there are more completions than the ring can hold, and
# they run out before the receive buffers do.
iperf3 -u -R -l 200 -b 10M -c "$PEER4" -t 40 >/dev/null 2>&1 &
load=$!
undo kill $load
sleep 1
try "not reading the ring" hostctl nic0 silent ring
ring_is_full() {
	[ "$(stat rx_comp_busy)" -gt 0 ]
}
wait_until 20 ring_is_full || fail "the ring did not become full: $(stat rx_queue_0_packets) packets"
ping -c 5 -i 0.2 -W 1 "$PEER4" >/dev/null && fail "pings are answered by a host that does not read"
check_above "transmissions that found the ring full" 0 "$(stat tx_no_space)"

try "reading again" hostctl nic0 answer ring
wait_until 10 ping -c 1 -W 1 "$PEER4" || fail "nothing flows after the host reads again"
kill $load 2>/dev/null
wait $load 2>/dev/null
all_free() {
	[ "$(hostctl nic0 state | sed -n 's/^recv_free //p')" = "$free" ]
}
wait_until 10 all_free ||
	fail "receive buffers at the guest: wanted $free free, got $(hostctl nic0 state | sed -n 's/^recv_free //p')"
note "rx_comp_busy $(stat rx_comp_busy), tx_no_space $(stat tx_no_space)"
traffic_flows
pass
