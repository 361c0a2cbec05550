#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Small packets that the stack sends in a burst travel several to a packet of
# the ring, and all of them arrive.
# pktgen sends one skb many times over, which a driver that keeps state in the skb
# does not survive: the distribution's oopses here. (Trap T50.)
# Break it: flush after each packet in netvsc_tx.c.
# drivers: ours
# timeout: 90
. "$(dirname "$0")/ktap.sh"

PACKETS=4000
counter() {
	hostctl nic0 counters | sed -n "s/^channel0 $1 //p"
}

try "pktgen" modprobe pktgen
undo modprobe -r pktgen
echo "add_device $GUEST_IF" >/proc/net/pktgen/kpktgend_0
for line in "count $PACKETS" "pkt_size 60" "burst 8" "delay 0" \
	    "dst_mac 02:00:00:00:00:99" "dst 192.0.2.9"; do
	echo "$line" >"/proc/net/pktgen/$GUEST_IF"
done
packets=$(counter tx_packets)
frames=$(counter tx_frames)
timeout "$(slow 60)" sh -c 'echo start >/proc/net/pktgen/pgctrl' || fail "pktgen did not end"
all_there() {
	[ $(($(counter tx_frames) - frames)) -ge $PACKETS ]
}
wait_until 10 all_there ||
	fail "wanted $PACKETS frames at the host, got $(($(counter tx_frames) - frames))"
packets=$(($(counter tx_packets) - packets))
figure ring_packets_for_4000_frames $packets packets
[ $packets -le $((PACKETS / 2)) ] || fail "$packets ring packets for $PACKETS frames"
traffic_flows
pass
