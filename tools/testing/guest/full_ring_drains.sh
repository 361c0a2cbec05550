#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host does not read the ring for a while, but keeps sending: receive
# completions fill the ring, and what is transmitted then finds it full, bursts in
# the middle of one. When the host reads again nothing is stuck, no receive buffer was
# lost, and what was sent is there or was counted as dropped. (Traps T7, T23.)
# Break it: do not set the pending send size in netvsc_chan_want_room().
# groups: one_frame
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}

PACKETS=1000
# From the host first: what is sent meanwhile is not missed there.
all_there() {
	[ $(($(host_counts nic0 tx_frames 0) - arrived)) -ge $(($(stat_of tx_packets) - sent)) ]
}

undo "hostctl nic0 answer all; modprobe -r hv_netvsc; modprobe hv_netvsc"
try "unloading" modprobe -r hv_netvsc
try "loading with the smallest ring" modprobe hv_netvsc ring_size=64
network_back
free=$(hostctl nic0 state | sed -n 's/^recv_free //p')
arrived=$(host_counts nic0 tx_frames 0)
sent=$(stat_of tx_packets)
dropped=$(stat_of tx_dropped)
pktgen_sends "$GUEST_IF" "count $PACKETS" "pkt_size 60" "burst 8"

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
timeout "$(slow 60)" sh -c 'echo start >/proc/net/pktgen/pgctrl' &
bursts=$!
ping -c 5 -i 0.2 -W 1 "$PEER4" >/dev/null && fail "pings are answered by a host that does not read"
check_above "transmissions that found the ring full" 0 "$(stat tx_no_space)"

try "reading again" hostctl nic0 answer ring
wait_until 10 ping -c 1 -W 1 "$PEER4" || fail "nothing flows after the host reads again"
wait $bursts || fail "pktgen did not end"
kill $load 2>/dev/null
wait $load 2>/dev/null
all_free() {
	[ "$(hostctl nic0 state | sed -n 's/^recv_free //p')" = "$free" ]
}
wait_until 10 all_free ||
	fail "receive buffers at the guest: wanted $free free, got $(hostctl nic0 state | sed -n 's/^recv_free //p')"
wait_until 10 all_there ||
	fail "$(($(stat_of tx_packets) - sent)) frames sent, $(($(host_counts nic0 tx_frames 0) - arrived)) at the host"
gone=$(($(stat_of tx_packets) - sent + $(stat_of tx_dropped) - dropped))
[ $gone -ge $PACKETS ] || fail "of $PACKETS frames of pktgen $gone were sent or dropped"
note "rx_comp_busy $(stat rx_comp_busy), tx_no_space $(stat tx_no_space)"
traffic_flows
pass
