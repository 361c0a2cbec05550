#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# AF_XDP sockets without copies get frames of several chunks whole and send them back,
# as pages of theirs when no send section is large enough, and pass them to the stack;
# a socket that takes one chunk only is refused at such an MTU, and one that gives a
# chunk twice loses frames or has them overwritten. So is what does not fit a program
# that sees one part only. Kernels before 6.6 have no such frames.
# Break it: have give_back() in netvsc_xsk.c not look whether the host is done, or leave
# out is_among() in add_chunks(), or call show_frags() before the last memcpy() there,
# or get_page() in add_part() (debug kernel); or have xsk_max_mtu() go by most alone.
# groups: xdp
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

# echoes WORDS...: frames of 9000 bytes there and back.
echoes() {
	sockets 160 echo zero-copy several "$@"
	check_equal "$*" "sent 160 back 160 wrong 0" "$(from_there echo 10.88.0.1 160 8972)"
	wait_sockets
	note "$*: $(tail -1 /tmp/xsk)"
	grep -q '^received 160 wrong 0 ' /tmp/xsk || fail "$*: $(cat /tmp/xsk)"
}

two_cards
queues=$(ethtool -l "$here" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)
timeout 20 ./bpf/xsk "$here" 1 "/nowhere" 1 1 several >/tmp/xsk 2>&1
! grep -q 'binding to a queue: Invalid argument' /tmp/xsk ||
	skip "this kernel has no frames of several chunks"
try "MTU here" ip link set "$here" mtu 9000
try "MTU there" ip -n there link set "$there" mtu 9000
load_programs verdict_frags
config $VERDICT $REDIRECT
config $SOCKET 1
attach verdict "$here"
failed=$(xdp_stat rx_xdp_error "$here")
long=$(xdp_stat rx_xsk_too_long "$here")

timeout 20 ./bpf/xsk "$here" 1 "$MAPS/sockets" 1 1 zero-copy >/tmp/xsk 2>&1 &&
	fail "one chunk for frames of 9000 bytes is no error"
grep -q 'binding to a queue: Invalid argument' /tmp/xsk || fail "one chunk: $(cat /tmp/xsk)"
size_is_said 9000 3840

echoes
echoes busy
echoes chunk=2048
echoes unaligned chunk=3000
check_equal "frames that did not reach a socket" "$failed" "$(xdp_stat rx_xdp_error "$here")"

# A frame that would have one chunk twice is lost, and nothing else.
starved=$(xdp_stat rx_xsk_starved "$here")
more_starved() {
	[ "$(xdp_stat rx_xsk_starved "$here")" -gt "$starved" ]
}
sockets 1000000 zero-copy several twice
try "frames" from_there send 10.88.0.1 100 8972
wait_until 10 more_starved || fail "no frame was lost for a chunk that was given twice"
kill $xsk
wait $xsk

# Chunks that need not be aligned may be given twice: they overwrite each other, the
# addresses of the frame with what is in its middle, and nothing but that is wrong.
config $VERDICT $PASS
sockets 1000000 zero-copy several twice unaligned chunk=3000
arrived=$(xdp_stat rx_queue_N_packets "$here")
more_arrived() {
	[ "$(xdp_stat rx_queue_N_packets "$here")" -ge $((arrived + 50)) ]
}
try "frames" from_there send 10.88.0.1 60 8972
wait_until 10 more_arrived || fail "no frames arrive in chunks that are given twice"
config $VERDICT $REDIRECT
try "frames" from_there send 10.88.0.1 60 8972
kill $xsk
wait $xsk
echoes unaligned chunk=3000

# A program that can see one part only, and chunks that a frame does not fit: whatever
# comes last is refused.
too_long=$(xdp_stat rx_xsk_too_long "$here")
use second
load_programs
use first
try "MTU 3000" ip link set "$here" mtu 3000
sockets 1000000 zero-copy several chunk=2048
opened=$(channels "$here")
ip -force link set dev "$here" xdpdrv pinned "$BPF/second/verdict" 2>/tmp/said &&
	fail "a program without frags is attached where frames have two chunks"
grep -q 'do not fit a chunk' /tmp/said || fail "no reason is given: $(cat /tmp/said)"
check_equal "channels" "$opened" "$(channels "$here")"
try "MTU 1500" ip link set "$here" mtu 1500
try "a program without frags" ip -force link set dev "$here" xdpdrv \
	pinned "$BPF/second/verdict"
ip link set "$here" mtu 3000 2>/tmp/said &&
	fail "an MTU at which frames have two chunks is set under a program without frags"
grep -q 'mtu greater than device maximum' /tmp/said || fail "MTU: $(cat /tmp/said)"
kill $xsk
wait $xsk
try "MTU 3000 again" ip link set "$here" mtu 3000
timeout 20 ./bpf/xsk "$here" 1 "$BPF/second-maps/sockets" 1 1 zero-copy several chunk=2048 \
	>/tmp/xsk 2>&1 && fail "two chunks for a program without frags are no error"
grep -q 'binding to a queue: Invalid argument' /tmp/xsk || fail "two chunks: $(cat /tmp/xsk)"
try "a program with frags" ip -force link set dev "$here" xdpdrv pinned "$PROGS/verdict"
check_equal "frames that were too long" "$too_long" "$(xdp_stat rx_xsk_too_long "$here")"
try "MTU 9000" ip link set "$here" mtu 9000

# shellcheck disable=SC2034 # of xdp-lib
SOCKETS_S=150
# In the middle of sending, with the host holding on to pages.
sockets 1000000 echo zero-copy several
for round in 1 2 3; do
	try "not reading the ring" hostctl nic1 silent ring
	undo hostctl nic1 answer all
	try "frames" from_there send 10.88.0.1 100 8972
	kill -9 $xsk
	wait $xsk
	sockets 1000000 echo zero-copy several
	try "reading again" hostctl nic1 answer ring
	check_equal "round $round" "sent 64 back 64 wrong 0" "$(from_there echo 10.88.0.1 64 8972)"
done

config $VERDICT $PASS
ping -q -c 5 -i 0.2 -s 8000 10.88.0.2 >/tmp/ping || fail "ping: $(cat /tmp/ping)"
config $VERDICT $TX
check_equal "sent back" "sent 64 back 64 wrong 0" "$(from_there echo 10.88.0.1 64 5000)"
kill $xsk
wait $xsk
check_equal "frames that were too long" "$long" "$(xdp_stat rx_xsk_too_long "$here")"
detach "$here"
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
