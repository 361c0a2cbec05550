#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program that is attached to the card runs on what comes by the VF as well, and on
# the VF that comes after it, before the data go there; nothing of it stays behind when
# it is taken off. (LISA: verify_xdp_sriov_failsafe, verify_xdp_remove_add_vf. Traps
# T11, T34.) Of what it drops while the VF carries and then the card itself, both together
# are nearly all that came, and nothing reaches the stack. (LISA:
# perf_xdp_rx_drop_singlethread_sriov, without its rate.)
# Break it: leave set_vf_prog() out of vf_apply() in netvsc_vf.c; or let XDP_DROP fall
# through to XDP_PASS in netvsc_xdp_receive().
# groups: vf
# drivers: ours
# once: newest
# timeout: 360
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/xdp-lib"

programs() {
	bpftool-newer prog show | grep -c ' xdp '
}
# counted_by_vf WHEN: pings by the VF are seen by the program. Its driver may take the
# link down for a moment when it gets one, and the data take the other path meanwhile.
counted_by_vf() {
	vf_carries "$1"
	vf_counts() {
		frames=$(seen $FRAMES)
		received=$(counted vf_rx_packets)
		pings || return 1
		received=$(($(counted vf_rx_packets) - received))
		frames=$(($(seen $FRAMES) - frames))
		[ $received -ge 3 ] && [ $frames -ge $received ]
	}
	wait_until 20 vf_counts ||
		fail "$1: $received packets by the VF, $frames seen by the program: $(tail -3 /tmp/ping)"
}

wait_until 30 has_vf || fail "no VF is joined: $(dmesg | tail -20)"
vf_carries "at first"
before=$(programs)
load_programs
attach pass_all "$GUEST_IF"
counted_by_vf "attached"

# What has no port to go to is dropped: all of it.
try "a replacement" ip -force link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/redirect_all"
vf_carries_no_more() {
	ping -c 3 -i 0.2 -W 1 "$PEER4" >/tmp/ping 2>&1
	grep -q ' 100% packet loss' /tmp/ping
}
wait_until 20 vf_carries_no_more || fail "frames get past the program: $(tail -3 /tmp/ping)"
try "the first again" ip -force link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/pass_all"
counted_by_vf "replaced twice"

# Datagrams to port 9, of which the first five pass: until then iperf3 has said hello.
DATAGRAMS=960
datagrams() {
	awk '/^Udp: [0-9]/ {print $2 + $3}' /proc/net/snmp
}
# What the host gave to either.
given() {
	echo $(($(vf_counted rx_packets) + $(host_counts nic0 rx_frames)))
}
sees() {
	[ "$(seen $FRAMES)" -ge "$1" ]
}
config "$VERDICT" "$PASS"
try "a verdict" ip -force link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/verdict"
vf_carries "with a verdict"
forget_seen
iperf3 -c "$PEER4" -u -R --cport 9 -l 200 -b 160K -t "$(slow 100)" >/tmp/iperf3 2>&1 &
load=$!
undo "kill $load"
wait_until 20 sees 5 || fail "no datagrams come: $(tail -c 300 /tmp/iperf3)"
config "$VERDICT" "$DROP"
sleep 1
stack=$(datagrams)
frames=$(seen $FRAMES)
host=$(given)
by_card=$(xdp_stat rx_queue_N_xdp_drop)
wait_until 30 sees $((frames + DATAGRAMS / 2)) ||
	fail "the VF's program saw $(($(seen $FRAMES) - frames)) of $((DATAGRAMS / 2)) datagrams"
check_equal "dropped by the card while the VF carries" "$by_card" \
	"$(xdp_stat rx_queue_N_xdp_drop)"
vf=$(vf_of)
undo "ip link set $vf up"
try "the VF down" ip link set "$vf" down
wait_until 20 host_sends_by synthetic || fail "the host still sends by the VF"
# The VF's may have seen them all before it was down.
card_drops() {
	[ $(($(xdp_stat rx_queue_N_xdp_drop) - by_card)) -gt $((DATAGRAMS / 4)) ]
}
wait_until 30 card_drops || fail "the card's program drops no more than" \
	"$(($(xdp_stat rx_queue_N_xdp_drop) - by_card)) datagrams"
wait_until 30 sees $((frames + DATAGRAMS)) ||
	fail "the programs saw $(($(seen $FRAMES) - frames)) of $DATAGRAMS datagrams"
host=$(($(given) - host))
frames=$(($(seen $FRAMES) - frames))
by_card=$(($(xdp_stat rx_queue_N_xdp_drop) - by_card))
note "$host frames came, the programs dropped $frames, the card's $by_card of them"
[ $frames -ge $((host * 9 / 10)) ] || fail "of $host frames the programs dropped $frames"
check_equal "datagrams that reached the stack" "$stack" "$(datagrams)"
kill $load
wait $load 2>/dev/null
try "the VF up" ip link set "$vf" up
try "the first again" ip -force link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/pass_all"
counted_by_vf "after the verdict"

try "taking the VF away" hostctl nic0 vf remove
wait_until 20 has_no_vf || fail "the VF is still joined"
frames=$(seen $FRAMES)
synthetic_carries "without VF"
check_above "frames seen without VF" "$frames" "$(seen $FRAMES)"
vf_back || fail "the VF does not come back"
counted_by_vf "after it came back"

detach "$GUEST_IF"
frames=$(seen $FRAMES)
vf_carries "detached"
check_equal "frames seen by no program" "$frames" "$(seen $FRAMES)"
rm -rf "$PROGS" "$MAPS"
all_gone() {
	[ "$(programs)" = "$before" ]
}
wait_until 10 all_gone || fail "programs are left: $(bpftool-newer prog show | grep ' xdp ')"
traffic_flows
pass
