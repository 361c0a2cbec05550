#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host that does not read the ring while frames are sent back: they fill the slots
# but for those that the stack needs, the rest is dropped and counted, and when the
# host reads again stack and program send as before. A program that is attached while
# the connection is made anew still runs.
# Break it: take slots to the last one in netvsc_tx_slot_get().
# groups: xdp
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

# What the stack has put into slots of $here.
by_stack() {
	echo $(($(xdp_stat tx_queue_N_packets "$here") -
		$(xdp_stat rx_queue_N_xdp_tx "$here")))
}
FLOWS=16
all_in_slots() {
	[ $(($(by_stack) - stack)) -ge $FLOWS ]
}

two_cards
load_programs
attach verdict "$here"
config $VERDICT $TX
undo hostctl nic1 answer all
failed=$(xdp_stat rx_xdp_error "$here")
for round in 1 2 3; do
	try "not reading the ring" hostctl nic1 silent ring
	before=$(xdp_stat rx_xdp_error "$here")
	try "frames" from_there send 10.88.0.1 3000 1400
	[ "$(xdp_stat rx_xdp_error "$here")" -gt "$before" ] || note "round $round: no frame was dropped"
	# One for each of several flows, so that all queues get some.
	stack=$(by_stack)
	for flow in $(seq $FLOWS); do
		try "flow $flow of the stack" ./bpf/udp send 10.88.0.2 9 1 100
	done
	wait_until 5 all_in_slots ||
		fail "round $round: of $FLOWS packets of the stack $(($(by_stack) - stack)) find a slot"
	try "reading again" hostctl nic1 answer ring
	wait_until 20 ping -c 1 -W 1 10.88.0.2 || fail "round $round: the stack does not send any more"
	sleep 1
	check_equal "round $round: frames come back" "sent 64 back 64 wrong 0" \
		"$(from_there echo 10.88.0.1 64 1400)"
done
check_above "frames that could not be sent" "$failed" "$(xdp_stat rx_xdp_error "$here")"

opened=$(channels "$here")
try "other rings" ethtool -G "$here" rx 2000 tx 100
[ "$opened" != "$(channels "$here")" ] || fail "the connection was not made anew"
wait_until 20 ping -c 1 -W 1 10.88.0.2 || fail "nothing flows after the rings were changed"
check_equal "frames on the new connection" "sent 64 back 64 wrong 0" \
	"$(from_there echo 10.88.0.1 64 1400)"
try "down" ip link set "$here" down
try "up" ip link set "$here" up
wait_until 20 ping -c 1 -W 1 10.88.0.2 || fail "nothing flows after down and up"
check_equal "frames after down and up" "sent 64 back 64 wrong 0" \
	"$(from_there echo 10.88.0.1 64 1400)"
pass
