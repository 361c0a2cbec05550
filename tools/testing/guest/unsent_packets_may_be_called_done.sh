#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The ring to the host is full, a packet waits for room in it, and the host says that it
# is done with this one, and with all that it cannot have read yet. No memory is used or
# freed twice, and when the host reads again the card carries on.
# Break it: have retry_unsent() send the slot in whatever state it is.
# groups: one_frame
# drivers: ours
# timeout: 400
. "$(dirname "$0")/ktap.sh"

stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
undo "hostctl nic0 answer all; modprobe -r hv_netvsc; modprobe hv_netvsc"
try "unloading" modprobe -r hv_netvsc
try "loading with the smallest ring" modprobe hv_netvsc ring_size=64
network_back
# As pages, of many pieces, a packet is the longest in the ring.
try "no copies" ethtool --set-tunable "$GUEST_IF" tx-copybreak 0
pktgen_sends "$GUEST_IF" "count 0" "pkt_size 1400" "frags 16"
undo "echo stop >/proc/net/pktgen/pgctrl"
# Sends as fast as it can, in the background, until it is stopped.
flood() {
	timeout "$(slow 60)" sh -c 'echo start >/proc/net/pktgen/pgctrl' &
	flood=$!
}
flood_ends() {
	echo stop >/proc/net/pktgen/pgctrl
	wait $flood
}
# Each slot has been in the ring once, so that the host knows its next id.
known() {
	[ "$(host_counts nic0 tx_packets 0)" -ge 600 ]
}
flood
wait_until 20 known || fail "pktgen sends little"
flood_ends

# ring WHAT: of the channel, in bytes.
ring() {
	cat "/sys/class/net/$GUEST_IF/device/channels"/*/"$1"
}
all_read() {
	[ "$(ring read_avail)" = 0 ]
}
# There are fewer slots than the ring has room for: completions of what is received fill
# most of it, step by step, since none of them may wait itself: the host's would not be
# looked at. 256 packets of these want 94000 bytes.
fill() {
	for _ in $(seq 60); do
		try "receiving" hostctl nic0 answer rx
		sleep 0.5
		try "receiving nothing" hostctl nic0 silent rx
		wait_until 20 all_read || fail "$(ring read_avail) bytes are not read"
		avail=$(ring write_avail)
		[ "$avail" -ge 85000 ] || return 0
	done
	fail "of the ring $avail bytes are free"
}
for round in 1 2; do
	full=$(stat tx_no_space) bad=$(stat rx_bad_completion)
	waits() {
		[ "$(stat tx_no_space)" -gt "$full" ]
	}
	more_bad() {
		[ "$(stat rx_bad_completion)" -gt "$bad" ]
	}
	iperf3 -u -R -l 200 -b 1M -c "$PEER4" -t 100 >/dev/null 2>&1 &
	load=$!
	sleep 1
	try "round $round: not reading the ring" hostctl nic0 silent ring
	fill
	kill $load
	flood
	wait_until 20 waits || fail "round $round: the ring did not become full"
	for _ in 1 2 3; do
		try "round $round: all is done" hostctl nic0 hostile completion-early
	done
	flood_ends
	# What is sent after the host reads again must not meet a lie of before.
	wait_until 20 all_read || fail "round $round: $(ring read_avail) bytes are not read"
	try "round $round: reading again" hostctl nic0 answer all
	# Most of them were of slots that held nothing.
	wait_until 10 more_bad || fail "round $round: no completion was bad"
	wait_until 10 ping -c 1 -W 1 "$PEER4" || fail "round $round: nothing flows"
done
note "tx_no_space $(stat tx_no_space), rx_bad_completion $(stat rx_bad_completion)"
traffic_flows
pass
