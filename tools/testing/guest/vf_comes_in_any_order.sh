#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A VF is there before the host says that it belongs to the card, long after, and
# when it never says so: then it is joined but not used, and nothing waits. The
# host moves the data by itself, and is asked for the VF again after a while. A VF
# whose driver takes its time is joined when it is there.
# Nothing is sent by a VF before the host was asked for it and has answered.
# Break it: ask for the VF in is_wanted() without the host's word; or set
# adapter::vf_tx when the VF is joined.
# groups: vf
# drivers: ours
# once: newest
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
early=$(vf_counted tx_too_early)
undo "hostctl nic0 vf order synthetic-first; hostctl nic0 vf associate on
hostctl nic0 vf delay associate 0; hostctl nic0 vf delay probe 0
hostctl nic0 vf delay offer 0; vf_back"

again() {
	try "remove" hostctl nic0 vf remove
	wait_until 20 has_no_vf || fail "$1: the VF is still there"
	wait_until 20 host_has_none || fail "$1: the host still has it"
	try "$1" hostctl nic0 vf add
	wait_until 60 has_vf || fail "$1: no VF is joined"
}

try "VF first" hostctl nic0 vf order vf-first
try "late" hostctl nic0 vf delay associate 5000
again "the VF before the word"
vf_carries "the VF before the word"
try "in time" hostctl nic0 vf delay associate 0

# The word first, and the VF long after.
try "synthetic first" hostctl nic0 vf order synthetic-first
vf_taken "the word long before the VF"
try "late" hostctl nic0 vf delay offer "$(slow 8)000"
words=$(logged "VF slot 1 added")
try "add" hostctl nic0 vf add
wait_until 20 logged_more "VF slot 1 added" "$words" || fail "nothing is said of the word"
synthetic_carries "the word long before the VF"
has_no_vf || fail "the VF was there with the word"
vf_carries "the VF long after the word"
try "in time" hostctl nic0 vf delay offer 0
try "VF first" hostctl nic0 vf order vf-first

try "slowly" hostctl nic0 vf delay probe 8000
again "a slow probe"
vf_carries "a slow probe"
try "quickly" hostctl nic0 vf delay probe 0

try "no word" hostctl nic0 vf associate off
again "no word"
waits() {
	said "Waiting for the VF association from host"
}
wait_until 20 waits || fail "no word: nothing is said about it"
synthetic_carries "no word"
# RTNL is free, and the VF can be taken down and up meanwhile.
vf=$(vf_of)
for way in down up; do
	ms=$(took_ms ip link set "$vf" $way) || fail "no word: the VF cannot be set $way"
	note "no word: the VF was $way in $ms ms"
	[ "$ms" -lt "$(slow 3000)" ] || fail "no word: setting the VF $way took $ms ms"
done
try "the word" hostctl nic0 vf associate on
vf_carries "the word, at last"

try "the host moves" hostctl nic0 vf path synthetic
synthetic_carries "moved by the host"
vf_carries "asked for again"
check_equal "frames by a VF that the host was never asked for" "$early" \
	"$(vf_counted tx_too_early)"
traffic_flows
pass
