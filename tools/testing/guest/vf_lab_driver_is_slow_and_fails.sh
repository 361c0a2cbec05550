#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The second card's VF is the laboratory's own, whose driver wants the instance lock
# (on kernels that have one), takes its time to probe and to open, fails to open, and
# takes neither address nor MTU: the card carries traffic all the while, refuses what
# its VF refuses, and uses the VF once it is open.
# The distribution's driver changes the VF's features without its lock (trap T34), at
# which the VF's driver warns on 7.3; on 6.1 it passes.
# groups: vf_later
# drivers: ours
# Break it: call dev_open() where the VF's lock is held; or leave the card's new
# address in place when the VF's is refused.
# timeout: 240
. "$(dirname "$0")/ktap.sh"

knobs=/sys/module/labvf/parameters
card=$GUEST_IF1 peer=$PEER41

host_says() {
	[ "$(hostctl nic1 vf state | sed -n "s/^$1 //p")" = "$2" ]
}
vf_of() {
	for dir in /sys/class/net/"$card"/lower_*; do
		[ -e "$dir" ] && echo "${dir##*/lower_}" && return 0
	done
	return 1
}
# carries WHEN
carries() {
	wait_until 5 ping -c 1 -W 1 "$peer" || fail "$1: $peer does not answer"
}
# knob NAME VALUE
knob() {
	echo "$2" >$knobs/"$1" || fail "no such knob: $1"
}
used() {
	wait_until 40 host_says path vf || {
		note "$(hostctl nic1 vf state; dmesg | tail -20)"
		fail "$1: the VF is not used"
	}
	carries "$1"
}

undo "hostctl nic1 vf remove; wait_until 30 host_says state absent
for knob in probe_ms open_ms stop_ms; do echo 0 >$knobs/\$knob; done
for knob in open_fails mac_fails mtu_fails xdp_fails; do echo 0 >$knobs/\$knob; done
ip link set $card mtu 1500"

knob probe_ms 3000
knob open_ms 2000
try "adding a VF" hostctl nic1 vf add
carries "while it is probed"
used "slow to probe and to open"
vf=$(vf_of) || fail "no VF is joined"
check_equal "driver of $vf" labvf \
	"$(basename "$(readlink "/sys/class/net/$vf/device/driver")")"
knob probe_ms 0
knob open_ms 0

try "MTU 1400" ip link set "$card" mtu 1400
check_equal "MTU of the VF" 1400 "$(cat "/sys/class/net/$vf/mtu")"
knob mtu_fails 1
ip link set "$card" mtu 1300 2>/dev/null && fail "an MTU that the VF refuses"
check_equal "MTU after the refusal" 1400 "$(cat "/sys/class/net/$card/mtu")"
knob mtu_fails 0
used "after a refused MTU"

mac=$(cat "/sys/class/net/$card/address")
knob mac_fails 1
ip link set "$card" address 02:11:22:33:44:55 2>/dev/null &&
	fail "an address that the VF refuses"
check_equal "address after the refusal" "$mac" "$(cat "/sys/class/net/$card/address")"
check_equal "address of the VF" "$mac" "$(cat "/sys/class/net/$vf/address")"
knob mac_fails 0
try "features" ethtool -K "$card" rx off
try "features" ethtool -K "$card" rx on
used "after a refused address"

# It comes back, and cannot be opened at first.
try "taking the VF away" hostctl nic1 vf remove
wait_until 30 host_says state absent || fail "it is not given up"
knob open_fails 1
try "adding it" hostctl nic1 vf add
wait_until 40 vf_of || fail "a VF that does not open is not joined: $(dmesg | tail -15)"
sleep 1
host_says path synthetic || fail "the VF does not open, and is used"
carries "without the VF"
knob open_fails 0
try "VF up" ip link set "$(vf_of)" up
used "opened in the end"
try "taking it without a word" hostctl nic1 vf surprise
wait_until 30 host_says state absent || fail "it is not away"
carries "without the VF"
pass
