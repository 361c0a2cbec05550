#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The fragments of one datagram go by one channel, and come by one, though only the
# first of them has the ports that whole datagrams are spread by: else they would
# overtake each other. (Trap T42.)
# Break it: add ntohs(ip_hdr(skb)->frag_off) to what tx_hash() gives.
# groups: base
# timeout: 150
. "$(dirname "$0")/ktap.sh"

COUNT=80
FRAGMENTS=6
# What else is sent meanwhile, as by the connection that controls the test.
OTHERS=50

host() {
	hostctl nic0 counters | sed -n "s/^channel\([0-9]*\) $1 //p"
}
# grown WAY: frames of each channel since /tmp/WAY was written, those with many alone.
grown() {
	host "$1" | paste /tmp/"$1" - | awk -v least=$OTHERS '$2 - $1 >= least {print $2 - $1}'
}

# together ADDRESS: datagrams of a socket that is not connected, there and back.
together() {
	host tx_frames >/tmp/tx_frames
	host rx_frames >/tmp/rx_frames
	timeout "$(slow 40)" netperf -H "$1" -t UDP_RR -l -$COUNT -- -r 8000,8000 \
		>/tmp/netperf 2>&1 || fail "netperf to $1: $(tail -3 /tmp/netperf)"
	for way in tx_frames rx_frames; do
		channels=$(grown $way)
		note "$1: $way of the channels: $(echo "$channels" | xargs)"
		check_equal "channels of fragments, $way, $1" 1 "$(echo "$channels" | grep -c .)"
		check_above "$way, $1" $((FRAGMENTS * COUNT - 1)) "$channels"
	done
}

check_equal "MTU" 1500 "$(cat "/sys/class/net/$GUEST_IF/mtu")"
check_above "queues" 1 "$(ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)"
# Other ports each time: by chance they might choose the queue that addresses do.
for _ in 1 2 3 4 5 6; do
	together "$PEER4"
	together "$PEER6"
done
pass
