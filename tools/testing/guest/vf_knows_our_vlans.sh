#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A VF that filters VLANs is told of the card's: of those that there are when it comes, of
# each that comes later, and when one goes. A VLAN that it refuses is refused on the card;
# a VF that refuses one that there is already is not used until it takes it. When the
# card gives the VF up, it has none of them any more. One that its driver has detached gets
# what came meanwhile when it is there again.
# Break it: leave vlan_vid_add() or either vlan_vid_del() out; return 0 from
# netvsc_vf_add_vid() in any case; let netvsc_vf_add_vid() and netvsc_vf_kill_vid() ask
# for netvsc_vf_dev() in place of settable_vf().
# groups: vf_lab
# drivers: ours
# once: newest
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

VIDS_FAIL=/sys/module/labvf/parameters/vids_fail
card=$(basename "$(readlink -f "/sys/class/net/$GUEST_IF/device")")
# vids: the numbers, but for 0, which the kernel adds by itself.
vids() {
	tr , '\n' </sys/module/labvf/parameters/vids | grep -v '^0$' | xargs
}
vids_are() {
	[ "$(vids)" = "$1" ]
}
add() {
	ip link add link "$GUEST_IF" name "lab.$1" type vlan id "$1"
}

undo "echo 0 >$VIDS_FAIL; hostctl nic0 vf remove; ip link del lab.9; ip link del lab.70; ip link del lab.5"
host_has_none || vf_taken "before"
try "a VLAN" add 5
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
check_equal "VLANs of one that comes" 5 "$(vids)"
try "another VLAN" add 70
check_equal "VLANs with another" "5 70" "$(vids)"
try "the first goes" ip link del lab.5
check_equal "VLANs without the first" 70 "$(vids)"

echo 1 >$VIDS_FAIL
add 9 2>/dev/null && fail "a VLAN that the VF refuses is there"
[ -e /sys/class/net/lab.9 ] && fail "a VLAN that was refused is there"
check_equal "VLANs after a refusal" 70 "$(vids)"
vf_taken "refusing"
check_equal "VLANs without a VF" "" "$(vids)"
try "a VLAN without a VF" add 9
try "adding the VF" hostctl nic0 vf add
wait_until 30 has_vf || fail "no VF is joined: $(dmesg | tail -5)"
refused() {
	dmesg | grep -q 'does not take our VLANs'
}
wait_until 20 refused || fail "nothing is said of the refusal: $(dmesg | tail -5)"
synthetic_carries "refusing"
echo 0 >$VIDS_FAIL
vf_carries "not refusing any more"
check_equal "VLANs of one that has refused" "9 70" "$(vids)"

# One that its driver has detached is told later, and its refusal is no refusal.
DETACHED=/sys/module/labvf/parameters/detached
undo "echo 0 >$DETACHED; ip link del lab.30"
echo 1 >$DETACHED
try "a VLAN while the VF is detached" add 30
try "one goes while the VF is detached" ip link del lab.70
echo 0 >$DETACHED
wait_until 30 vids_are "9 30" || fail "VLANs of one that is attached again: $(vids)"
vf_carries "attached again"

undo "echo $card >/sys/bus/vmbus/drivers/hv_netvsc/bind; network_back"
try "unbinding the card" sh -c "echo $card >/sys/bus/vmbus/drivers/hv_netvsc/unbind"
wait_until 10 vids_are "" || fail "VLANs of a card that is gone: $(vids)"
try "binding" sh -c "echo $card >/sys/bus/vmbus/drivers/hv_netvsc/bind"
network_back
vf_carries "bound anew"
check_equal "VLANs of a new card" "" "$(vids)"
traffic_flows
pass
