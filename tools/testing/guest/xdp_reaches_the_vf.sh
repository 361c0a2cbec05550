#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program that is attached to the card runs on what comes by the VF as well, and on
# the VF that comes after it, before the data go there; nothing of it stays behind when
# it is taken off. (LISA: verify_xdp_sriov_failsafe, verify_xdp_remove_add_vf. Traps
# T11, T34.)
# Break it: leave set_vf_prog() out of vf_apply() in netvsc_vf.c.
# groups: vf
# drivers: ours
# timeout: 240
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
