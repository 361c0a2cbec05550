#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program for the card itself, which has no place for one, and memory of an AF_XDP
# socket whose chunks are aligned and no power of two are refused; the program that is
# attached stays, and the sockets that come after work.
# Break it: let netvsc_bpf() take XDP_SETUP_PROG_HW for XDP_SETUP_PROG.
# groups: xdp
# drivers: ours
# once: newest
# timeout: 120
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

program() {
	ip -o link show dev "$here" | sed -n 's/.* prog\/xdp id \([0-9]*\).*/\1/p'
}

two_cards
to_sockets
own=$(program)
[ "$own" ] || fail "$here shows no program: $(ip link show dev "$here")"
for words in "" -force; do
	# shellcheck disable=SC2086 # none is none
	ip $words link set dev "$here" xdpoffload pinned "$PROGS/pass_all" 2>/dev/null &&
		fail "a program runs in the card: $(ip link show dev "$here")"
	check_equal "program after the refusal" "$own" "$(program)"
done

for words in "" zero-copy; do
	# shellcheck disable=SC2086
	timeout 20 ./bpf/xsk "$here" "$queues" "$MAPS/sockets" 1 1 $words chunk=3000 \
		>/tmp/xsk 2>&1 && fail "chunks of 3000 bytes, aligned, are no error"
	grep -q 'the memory: Invalid argument' /tmp/xsk ||
		fail "chunks of 3000 bytes: $(cat /tmp/xsk)"
done

sockets 20 zero-copy
try "frames to the socket" from_there send 10.88.0.1 20 100
wait_sockets
grep -q '^received 20 wrong 0 ' /tmp/xsk || fail "sockets afterwards: $(cat /tmp/xsk)"
detach "$here"
try "an offloaded program without another" sh -c \
	"! ip link set dev $here xdpoffload pinned $PROGS/pass_all 2>/dev/null"
check_equal "program in the end" "" "$(program)"
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
