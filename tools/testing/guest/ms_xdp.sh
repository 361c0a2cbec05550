#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What Microsoft's suites xdp/functional.py and xdp/performance.py ask of a guest, as
# far as one machine can play it, in their order: programs on three cards, at their
# MTUs, with each verdict counted; of what is dropped, sent back or on to another card
# at least nine frames in ten are, on one queue and on all. How fast is not judged, and
# latency is shown.
# Break it: count nothing in netvsc_xdp_count(), let XDP_DROP fall through to XDP_PASS
# in netvsc_xdp_receive(), or leave out netvsc_tx_flush() in netvsc_xdp_poll_end().
# groups: xdp
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/xdp-lib"

begin() {
	note "$1, $(cut -d. -f1 /proc/uptime) s"
	now=$1
}
answers() {
	ping -q -c 5 -i 0.2 "$@" >/tmp/ping 2>&1 || fail "$now: $(cat /tmp/ping)"
}
# grown COUNTER COMMAND...: by how much, on $here; $wanted at least.
grown() {
	counter=$1
	shift
	before=$(xdp_stat "$counter" "$here")
	try "$now" "$@"
	enough() {
		grown=$(($(xdp_stat "$counter" "$here") - before))
		[ $grown -ge "$wanted" ]
	}
	wait_until 10 enough
}
# most GOT OF: nine in ten.
most() {
	note "$now: $1 of $2 frames"
	[ "$1" -ge $(($2 * 9 / 10)) ] || fail "$now: $1 of $2 frames"
}
# shown NAME: the mean time of a ping.
shown() {
	ping -q -c 20 -i 0.05 10.88.0.2 >/tmp/ping 2>&1 || fail "$now: $(cat /tmp/ping)"
	figure "$1" "$(sed -n 's|^rtt [^=]*= [^/]*/\([^/]*\)/.*|\1|p' /tmp/ping)" ms
}

two_cards
load_programs
begin verify_xdp_basic
for _ in 1 2 3; do
	attach pass_all "$here"
	answers 10.88.0.2
	detach "$here"
	answers 10.88.0.2
done

begin verify_xdp_synthetic
has_no_vf "$here" || fail "$now: $here has a VF"
forget_seen
attach pass_all "$here"
answers 10.88.0.2
check_above "$now: frames seen" 4 "$(seen $FRAMES)"

begin verify_xdp_multiple_nics
attach pass_all "$GUEST_IF"
forget_seen
answers "$PEER4"
check_above "$now: frames seen on $GUEST_IF" 4 "$(seen $FRAMES)"
try "$now" ip -n there link set dev "$there" xdpdrv pinned "$PROGS/pass_all"
forget_seen
answers 10.88.0.2
check_above "$now: frames seen on $here and $there" 9 "$(seen $FRAMES)"
detach "$GUEST_IF"
try "$now" ip -n there link set dev "$there" xdpdrv off
detach "$here"

attach verdict "$here"
wanted=5
for row in "drop $DROP rx_queue_N_xdp_drop" "tx $TX rx_queue_N_xdp_tx" \
	   "aborted $ABORTED rx_xdp_error"; do
	# shellcheck disable=SC2086 # words
	set -- $row
	begin "verify_xdp_action_$1"
	config $VERDICT "$2"
	grown "$3" from_there send 10.88.0.1 5 100
	check_equal "$now" 5 "$grown"
done
detach "$here"

begin verify_xdp_with_different_mtu
for mtu in 1500 2000 3506; do
	try "$now" ip link set "$here" mtu $mtu
	try "$now" ip -n there link set "$there" mtu $mtu
	attach pass_all "$here"
	forget_seen
	answers -M 'do' -s $((mtu - 28)) 10.88.0.2
	check_above "$now: frames seen at $mtu" 4 "$(seen $FRAMES)"
	detach "$here"
done
try "$now" ip link set "$here" mtu 1500
try "$now" ip -n there link set "$there" mtu 1500

# The VF's half: xdp_reaches_the_vf. Here the card itself goes and comes.
begin verify_xdp_remove_add
attach pass_all "$GUEST_IF"
undo hostctl nic0 add
try "$now" hostctl nic0 remove
wait_until 30 card_gone || fail "$now: $GUEST_IF is still there"
try "$now" hostctl nic0 add
network_back
check_equal "$now: programs of the new card" 0 "$(ip link show "$GUEST_IF" | grep -c prog/xdp)"
attach pass_all "$GUEST_IF"
forget_seen
answers "$PEER4"
check_above "$now: frames seen" 4 "$(seen $FRAMES)"
detach "$GUEST_IF"

queues=$(ethtool -l "$here" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)
undo ethtool -L "$here" combined "$queues"
attach verdict "$here"
to_port "$GUEST_IF"
for cores in 1 "$queues"; do
	[ "$cores" = "$(ethtool -l "$here" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)" ] ||
		try "$now" ethtool -L "$here" combined "$cores"

	begin "perf_xdp_rx_drop, $cores queues"
	config $VERDICT $DROP
	wanted=864
	grown rx_queue_N_xdp_drop from_there send 10.88.0.1 960 200
	most "$grown" 960

	begin "perf_xdp_tx_forward, $cores queues, by XDP_TX"
	config $VERDICT $TX
	back=$(from_there echo 10.88.0.1 960 200 | sed -n 's/.* back \([0-9]*\) wrong 0$/\1/p')
	most "${back:-0}" 960

	begin "perf_xdp_tx_forward, $cores queues, to another card"
	config $VERDICT $REDIRECT
	frames=$(host_counts nic0 tx_frames)
	grown rx_queue_N_xdp_redirect from_there send 10.88.0.1 960 200
	most "$grown" 960
	on_its_way() {
		[ $(($(host_counts nic0 tx_frames) - frames)) -ge $wanted ]
	}
	wait_until 10 on_its_way
	most $(($(host_counts nic0 tx_frames) - frames)) 960
done
detach "$here"

begin "perf_xdp_lagscope_latency, perf_xdp_ntttcp_latency"
shown ping_without_xdp
attach pass_all "$here"
shown ping_with_xdp
detach "$here"
traffic_flows
pass
