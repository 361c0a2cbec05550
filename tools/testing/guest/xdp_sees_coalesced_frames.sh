#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a host coalesces although there is a program is cut into frames again, with
# right checksums: each gets its own verdict and is counted by it, once. What cannot be
# cut is one frame to a program that takes several pages, and lost on any other.
# (Trap T46.)
# Break it: have deliver_coalesced() not ask for a program, or count in cut_for_xdp()
# as xdp_drop.
# groups: xdp
# drivers: ours
# timeout: 150
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

COUNTERS="rx_queue_N_xdp_drop rx_queue_N_xdp_tx rx_queue_N_xdp_redirect rx_xdp_error
	  rx_no_memory"
counts() {
	for name in $COUNTERS; do
		xdp_stat "$name"
	done
}
# came SHAPE FRAMES BYTES DROPPED BACK REDIRECTED FAILED: what the program saw of it,
# and how the driver counted that.
came() {
	shape=$1 frames=$2 bytes=$3
	shift 3
	wanted="$* 0 "
	forget_seen
	coalesced=$(xdp_stat rx_rsc_packets)
	counts >/tmp/before
	as_wanted() {
		came=$(counts | paste /tmp/before - | awk '{printf "%d ", $2 - $1}')
		[ "$came" = "$wanted" ] && [ "$(seen $FRAMES)" = "$frames" ] &&
			[ "$(xdp_stat rx_rsc_packets)" -gt "$coalesced" ]
	}
	try "a coalesced packet" hostctl nic0 rsc "$shape"
	wait_until 10 as_wanted
	check_equal "$shape: dropped, back, redirected, failed, no memory" "$wanted" "$came"
	has_counts "$shape" "$frames" "$bytes"
	check_equal "$shape: coalesced packets" $((coalesced + 1)) "$(xdp_stat rx_rsc_packets)"
}

# Ten pieces of 1000 bytes behind headers of 54
ten="10 10540"
two_cards
load_programs
attach verdict_tcp "$GUEST_IF"
config $VERDICT $DROP
# shellcheck disable=SC2086 # words
came plain $ten 10 0 0 0
config $VERDICT $TX
sent=$(xdp_stat tx_queue_N_packets)
# shellcheck disable=SC2086 # words
came plain $ten 0 10 0 0
check_above "frames sent" $((sent + 9)) "$(xdp_stat tx_queue_N_packets)"
config $VERDICT $REDIRECT
to_port "$here"
sent=$(xdp_stat tx_queue_N_xdp_xmit "$here")
# shellcheck disable=SC2086 # words
came plain $ten 0 0 10 0
grew tx_queue_N_xdp_xmit "$sent" 10 "$here"
config $VERDICT $ABORTED
# shellcheck disable=SC2086 # words
came plain $ten 0 0 0 10
config $VERDICT $PASS
received=$(xdp_stat rx_queue_N_packets)
# shellcheck disable=SC2086 # words
came plain $ten 0 0 0 0
more_received() {
	[ $(($(xdp_stat rx_queue_N_packets) - received)) -ge 10 ]
}
wait_until 10 more_received || fail "ten frames do not reach the stack"
config $VERDICT $DROP
came syn 0 0 0 0 0 1
detach "$GUEST_IF"

use second
load_programs verdict_frags
config $VERDICT $DROP
attach verdict_tcp "$GUEST_IF"
came syn 1 10054 1 0 0 0
detach "$GUEST_IF"
traffic_flows
pass
