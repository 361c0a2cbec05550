#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Frames that a program turns round come back to their sender, whole, and share
# ring packets; they count as received; with the stack's own traffic on the same queues
# nothing is lost.
# (LISA: verify_xdp_action_tx.)
# Break it: leave out copy_out() in netvsc_xdp.c; flush behind each xdp_send_back(); or
# count no packets or bytes in netvsc_xdp_count().
# groups: xdp
# drivers: ours
# timeout: 150
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

# comes_back COUNT BYTES
comes_back() {
	said=$(from_there echo 10.88.0.1 "$1" "$2") || fail "$said"
	check_equal "$1 frames of $2 bytes" "sent $1 back $1 wrong 0" "$said"
}

two_cards
load_programs
attach verdict "$here"
config $VERDICT $TX
sent=$(xdp_stat rx_queue_N_xdp_tx "$here")
failed=$(xdp_stat rx_xdp_error "$here")
lost=$(stat_of tx_dropped "$here")
undo polled_every 0
come_back() {
	for size in 1 18 100 500 1472; do
		comes_back 96 $size
	done
}
received_from
ring_packets_shared nic1 sent_back 480 come_back
received_more "sent back" 480 $((96 * (1 + 18 + 100 + 500 + 1472 + 5 * 42)))
check_equal "frames sent back" 480 $(($(xdp_stat rx_queue_N_xdp_tx "$here") - sent))

# The stack sends on the same queues meanwhile.
ping -q -c 1000 -i 0.005 -s 1000 10.88.0.2 >/tmp/ping 2>&1 &
load=$!
for size in 900 1000 1100 1200 1300; do
	comes_back 96 $size
done
wait $load
grep -q ' 0% packet loss' /tmp/ping || fail "ping meanwhile: $(cat /tmp/ping)"
check_equal "errors" "$failed" "$(xdp_stat rx_xdp_error "$here")"
check_equal "packets lost" "$lost" "$(stat_of tx_dropped "$here")"
pass
