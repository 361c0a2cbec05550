#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program without frags and an MTU whose frames do not fit a page do not meet,
# whichever comes first: the later is refused with a sentence, and nothing has changed,
# not even the connection. At the largest MTU that is left, full frames reach the
# program. (LISA: verify_xdp_with_different_mtu. Trap T38.)
# Break it: let netvsc_xdp_max_mtu() return adapter->max_mtu.
# groups: xdp
# drivers: ours
# timeout: 150
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

LARGEST=3506
# refused WHAT WORDS COMMAND...: it fails and says so, and the connection stays.
refused() {
	what=$1 words=$2
	shift 2
	opened=$(channels "$here")
	control=$(host_counts nic1 control)
	if "$@" >/tmp/said 2>&1; then
		fail "$what is not refused"
	fi
	grep -q "$words" /tmp/said || fail "$what: wanted '$words', got '$(cat /tmp/said)'"
	check_equal "$what: channels" "$opened" "$(channels "$here")"
	check_equal "$what: messages to the host" "$control" \
		"$(host_counts nic1 control)"
}
mtu() {
	cat "/sys/class/net/$here/mtu"
}

two_cards
try "the other card's MTU" ip -n there link set "$there" mtu 9000
load_programs
for size in 1500 2000 $LARGEST; do
	try "MTU $size" ip link set "$here" mtu $size
	attach verdict "$here"
	config $VERDICT $TX
	payload=$((size - 28))
	ip -n there link set "$there" mtu $size
	check_equal "full frames at MTU $size" "sent 50 back 50 wrong 0" \
		"$(from_there echo 10.88.0.1 50 $payload)"
	refused "the program first, at $size" "mtu greater than device maximum" \
		ip link set "$here" mtu $((LARGEST + 1))
	check_equal "MTU" $size "$(mtu)"
	check_equal "programs" 1 "$(ip link show "$here" | grep -c prog/xdp)"
	detach "$here"
done
# Tagged ones are four bytes longer where the host leaves the tag inside.
try "an MTU above that" ip link set "$here" mtu $((LARGEST + 1))
refused "the MTU first" "do not fit a page" \
	ip link set dev "$here" xdpdrv pinned "$PROGS/verdict"
check_equal "MTU" $((LARGEST + 1)) "$(mtu)"
check_equal "programs" 0 "$(ip link show "$here" | grep -c prog/xdp)"
dmesg | grep -q "XDP: mtu:$((LARGEST + 1)) too large" || fail "the log says nothing"

# One that replaces a program with frags is refused likewise.
use second
load_programs verdict_frags
attach verdict "$here"
use first
refused "a replacement" "do not fit a page" \
	ip -force link set dev "$here" xdpdrv pinned "$PROGS/verdict"
check_equal "programs" 1 "$(ip link show "$here" | grep -c prog/xdp)"
try "MTU 9000" ip link set "$here" mtu 9000
detach "$here"
try "MTU 1500" ip link set "$here" mtu 1500
ip -n there link set "$there" mtu 1500
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
