#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The key of RSS that the user gives the card is the VF's as well: soon, when the VF
# went down and up (its driver takes none while it is down), and when it was away. One
# that nobody chose is not handed over, and a VF that refuses one keeps its own and
# carries on, while the card has what was set.
# Break it: leave sync_key() out of vf_apply(), or netdev_lock_ops() or vf_op_begin() out
# of sync_key(); or do not look at key_set there.
# groups: vf_lab
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

KEY_FAILS=/sys/module/labvf/parameters/key_fails
key() {
	ethtool -x "$1" | grep -E '^([0-9a-f]{2}:){39}'
}
vf_key_is() {
	[ "$(key "$(vf_of)")" = "$1" ]
}
# given KEY WHEN: the VF has it, and the card.
given() {
	wait_until 20 vf_key_is "$1" ||
		fail "$2: wanted the key $1, the VF has '$(key "$(vf_of)")'"
	check_equal "$2: key of the card" "$1" "$(key "$GUEST_IF")"
}

# A driver that is new has a key that nobody chose.
undo "echo 0 >$KEY_FAILS; hostctl nic0 vf remove; modprobe -r hv_netvsc
modprobe hv_netvsc; network_back"
host_has_none || vf_taken "before"
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
first=$(key "$(vf_of)")
[ "$first" ] || fail "the VF shows no key: $(ethtool -x "$(vf_of)" 2>&1)"
[ "$first" != "$(key "$GUEST_IF")" ] || fail "the VF has a key that nobody chose"

one=$(key "$GUEST_IF" | sed 's/^../ff/; s/..$/00/')
other=$(key "$GUEST_IF" | sed 's/^../00/; s/..$/ff/')
try "a key" ethtool -X "$GUEST_IF" hkey "$one"
given "$one" "set"

try "the VF down" ip link set "$(vf_of)" down
try "another key" ethtool -X "$GUEST_IF" hkey "$other"
sleep "$(slow 1)"
check_equal "key of a VF that is down" "$one" "$(key "$(vf_of)")"
try "the VF up" ip link set "$(vf_of)" up
vf_carries "up again"
given "$other" "up again"

vf_taken "with a key"
try "adding the VF" hostctl nic0 vf add
vf_carries "back"
given "$other" "back"

echo 1 >$KEY_FAILS
try "a key that the VF refuses" ethtool -X "$GUEST_IF" hkey "$one"
check_equal "refused: key of the card" "$one" "$(key "$GUEST_IF")"
sleep "$(slow 1)"
check_equal "refused: key of the VF" "$other" "$(key "$(vf_of)")"
vf_taken "refusing"
try "adding the VF" hostctl nic0 vf add
vf_carries "a VF that refuses the key"
check_equal "refused: key of the VF that came" "$first" "$(key "$(vf_of)")"
check_equal "refused: key of the card, in the end" "$one" "$(key "$GUEST_IF")"
traffic_flows
pass
