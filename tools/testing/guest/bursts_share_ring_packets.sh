#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Small packets that the stack sends in a burst travel several to a packet of
# the ring, within the host's limits of number, alignment and bytes, and all of them
# arrive; longer ones still two by two.
# pktgen sends one skb many times over, which a driver that keeps state in the skb
# does not survive: the distribution's oopses here. (Trap T50.)
# Break it: flush after each packet in netvsc_tx.c; ignore max_xfer in
# netvsc_tx_batch_max() (group batches).
# groups: base batches
# drivers: ours
# timeout: 90
. "$(dirname "$0")/ktap.sh"

PACKETS=4000
pktgen_sends "$GUEST_IF" "count $PACKETS" "burst 8"
all_there() {
	[ $(($(host_counts nic0 tx_frames 0) - frames)) -ge $PACKETS ]
}
# burst SIZE MOST: at most so many ring packets for PACKETS frames, in $packets.
burst() {
	echo "pkt_size $1" >"/proc/net/pktgen/$GUEST_IF"
	packets=$(host_counts nic0 tx_packets 0)
	frames=$(host_counts nic0 tx_frames 0)
	timeout "$(slow 60)" sh -c 'echo start >/proc/net/pktgen/pgctrl' ||
		fail "pktgen did not end"
	wait_until 10 all_there ||
		fail "wanted $PACKETS frames of $1 at the host, got $(($(host_counts nic0 tx_frames 0) - frames))"
	packets=$(($(host_counts nic0 tx_packets 0) - packets))
	[ $packets -le "$2" ] || fail "$packets ring packets for $PACKETS frames of $1"
}
burst 60 $((PACKETS / 2))
figure ring_packets_for_4000_frames $packets packets
burst 800 $((PACKETS * 3 / 4))
traffic_flows
pass
