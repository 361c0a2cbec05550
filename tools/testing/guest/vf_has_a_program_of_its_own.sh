#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program that somebody attached to the VF itself is not replaced by that of the card:
# the card's is refused, and a VF that comes to have one before it has our settings is
# not used, so that nothing gets past the card's program. It is tried again by itself,
# as is one that did not take our MTU. Likewise with a VF whose driver takes no program.
# Nor is one taken off that came while the VF could not be told of the end of ours.
# Break it: leave dev_xdp_prog_count() out of set_vf_prog(), or APPLY_RETRY; ignore
# what netvsc_vf_set_prog() returns; set the MTU first in give_settings(); leave
# has_own_prog() out of set_vf_prog(), or let it count generic programs.
# groups: vf_lab
# drivers: ours
# once: oldest
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/xdp-lib"

MTU_FAILS=/sys/module/labvf/parameters/mtu_fails
DETACHED=/sys/module/labvf/parameters/detached
XDP_FAILS=/sys/module/labvf/parameters/xdp_fails
undo "echo 0 >$DETACHED; echo 0 >$MTU_FAILS; echo 0 >$XDP_FAILS; ip link set $GUEST_IF mtu 1500; hostctl nic0 vf remove"
host_has_none || vf_taken "before"
load_programs
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
vf=$(vf_of)
program_of() {
	ip -o link show dev "$1" | sed -n 's/.* prog\/xdp id \([0-9]*\).*/\1/p'
}

# seen_by_vf PROGRAM: pings go by the VF, and it sees them there.
seen_by_vf() {
	frames=$(seen $FRAMES)
	pings || fail "pings are lost: $(tail -3 /tmp/ping)"
	check_above "frames by the VF seen by $1" $((frames + 2)) "$(seen $FRAMES)"
}

# While it carries.
try "a program for the VF" ip link set dev "$vf" xdpdrv pinned "$PROGS/redirect_all"
own=$(program_of "$vf")
[ "$own" ] || fail "the VF shows no program: $(ip link show dev "$vf")"
ip link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/pass_all" 2>/tmp/refused &&
	fail "a program beside that of the VF"
grep -q 'the VF has a program of its own' /tmp/refused ||
	fail "it is not said why: $(cat /tmp/refused)"
check_equal "the VF's program" "$own" "$(program_of "$vf")"
detach "$vf"
attach pass_all "$GUEST_IF"
vf_carries "with the card's program"
detach "$GUEST_IF"

# Before it has our settings.
vf_taken "a VF that refuses our MTU"
try "MTU" ip link set "$GUEST_IF" mtu 1400
echo 1 >$MTU_FAILS
try "adding the VF" hostctl nic0 vf add
refused() {
	said "does not take our MTU"
}
wait_until 30 refused || fail "it is not said that the VF is not used: $(dmesg | tail -5)"
vf=$(vf_of)
try "a program for the VF" ip link set dev "$vf" xdpdrv pinned "$PROGS/redirect_all"
attach pass_all "$GUEST_IF"
echo 0 >$MTU_FAILS
frames=$(seen $FRAMES)
has_mtu() {
	[ "$(cat "/sys/class/net/$vf/mtu")" = 1400 ]
}
wait_until 20 has_mtu || fail "the MTU is not tried again"
sleep 1
synthetic_carries "with a program of its own"
check_above "frames seen by the card's program" "$frames" "$(seen $FRAMES)"
# The core lets nobody take it off below another.
detach "$GUEST_IF"
detach "$vf"
vf_carries "without programs"
attach pass_all "$GUEST_IF"
vf_carries "with the card's program again"
seen_by_vf "the card's program"
detach "$GUEST_IF"

# A driver that takes none: of a VF that is there, and of one that comes.
echo 1 >$XDP_FAILS
ip link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/pass_all" 2>/tmp/refused &&
	fail "a program that the VF does not take"
grep -q 'Operation not supported' /tmp/refused ||
	fail "the VF's error is not told: $(cat /tmp/refused)"
check_equal "the card's program" "" "$(program_of "$GUEST_IF")"
vf_carries "a program refused"
vf_taken "a VF that takes no program"
attach pass_all "$GUEST_IF"
try "adding the VF" hostctl nic0 vf add
no_program() {
	said "does not take our XDP program"
}
wait_until 30 no_program || fail "it is not said that the VF is not used: $(dmesg | tail -5)"
frames=$(seen $FRAMES)
synthetic_carries "a VF that takes no program"
check_above "frames seen by the card's program" $((frames + 2)) "$(seen $FRAMES)"
echo 0 >$XDP_FAILS
vf_carries "a VF that takes a program after all"
seen_by_vf "the card's program"
detach "$GUEST_IF"

# The card's program goes while the VF's driver has detached it: it is not in the way of
# the MTU that the card has by then, nor is one that came in its place meanwhile taken for it.
try "a small MTU" ip link set "$GUEST_IF" mtu 1300
config "$VERDICT" "$PASS"
attach verdict "$GUEST_IF"
vf_carries "with the card's program, at 1300"
vf=$(vf_of)
echo 1 >$DETACHED
detach "$GUEST_IF"
try "an MTU that its program was too much for" ip link set "$GUEST_IF" mtu 1500
echo 0 >$DETACHED
has_mtu() {
	[ "$(cat "/sys/class/net/$vf/mtu")" = 1500 ]
}
wait_until 20 has_mtu || fail "the program is in the way: $(dmesg | tail -3)"
vf_carries "without it, at 1500"
attach verdict "$GUEST_IF"
echo 1 >$DETACHED
detach "$GUEST_IF"
try "a program in its place" ip link set dev "$vf" xdpdrv pinned "$PROGS/pass_all"
echo 0 >$DETACHED
vf_carries "with a program of its own"
seen_by_vf "the VF's program"
detach "$vf"

# A generic one is beside ours, not in its place: ours is taken off all the same.
use second
load_programs
generic=$PROGS/pass_all
use first
attach pass_all "$GUEST_IF"
vf_carries "with the card's program once more"
seen_by_vf "the card's program once more"
echo 1 >$DETACHED
detach "$GUEST_IF"
undo "ip link set dev $vf xdpgeneric off"
try "a generic program" ip link set dev "$vf" xdpgeneric pinned "$generic"
echo 0 >$DETACHED
vf_carries "with a generic program"
frames=$(seen $FRAMES)
pings || fail "pings are lost: $(tail -3 /tmp/ping)"
check_equal "frames seen by the card's program after its end" "$frames" "$(seen $FRAMES)"
try "no generic program" ip link set dev "$vf" xdpgeneric off
traffic_flows
pass
