#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# AF_XDP sockets whose memory the driver works with itself ("zero copy") get whole
# frames and send them back, on every queue: woken as needed and polling busily, in
# chunks of any size and place, tagged, and with so few send sections that their own
# pages go to the host. A socket that gives no chunks loses frames, which are
# counted, and is told. What passes reaches the stack.
# Break it: leave out netvsc_xsk_poll() in netvsc_rx_poll(), or have give_back() not
# look whether the host is done.
# groups: xdp
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

# echoes WORDS...: 320 frames there and back.
echoes() {
	sockets 320 echo zero-copy "$@"
	check_equal "$*" "sent 320 back 320 wrong 0" "$(from_there echo 10.88.0.1 320 1400)"
	wait_sockets
	note "$*: $(tail -1 /tmp/xsk)"
	grep -q '^received 320 wrong 0 sent 320 ' /tmp/xsk || fail "$*: $(cat /tmp/xsk)"
}

# without_sections WORDS...: frames back while the host does not read the ring: more
# than fit the send sections. Few may be lost: the other side does not wait long.
without_sections() {
	full=$(xdp_stat tx_send_full "$here")
	sockets 1000000 echo zero-copy "$@"
	try "not reading the ring" hostctl nic1 silent ring
	undo hostctl nic1 answer all
	for flow in 1 2 3 4; do
		from_there echo 10.88.0.1 160 1400 >/tmp/echo$flow &
	done
	wait_until 10 eval "[ \$(xdp_stat tx_send_full $here) -gt $full ]" ||
		fail "$*: no frame went without a section"
	try "reading again" hostctl nic1 answer ring
	for flow in 1 2 3 4; do
		wait_until 30 grep -q '^sent 160 back 1[0-9][0-9] wrong 0$' /tmp/echo$flow ||
			fail "$*: $(cat /tmp/echo*)"
	done
	kill $xsk
	wait $xsk
}

tagged_frames() {
	ip netns exec there cat /sys/class/net/tagged/statistics/rx_packets
}
tagged_frames_are() {
	[ "$(tagged_frames)" = "$1" ]
}

# each_queue COUNTER: what it says for each, in a line.
each_queue() {
	ethtool -S "$here" | sed -n "s/^ *rx_queue_[0-9]*_$1: //p" | tr '\n' ' '
}

two_cards
to_sockets
failed=$(xdp_stat rx_xdp_error "$here")
tx=$(xdp_stat tx_xsk "$here")

sockets 800 zero-copy
for bytes in 1000 900 800 700 600 500 400 300; do
	try "frames to the sockets" from_there send 10.88.0.1 100 $bytes
done
wait_sockets
grep -q '^received 800 wrong 0 ' /tmp/xsk || fail "wanted 800 frames: $(cat /tmp/xsk)"
case " $(each_queue xdp_redirect)" in
*" 0 "*) fail "a queue got none: $(each_queue xdp_redirect)";;
esac

echoes
echoes busy
echoes chunk=2048
echoes unaligned chunk=3000 headroom=100
sent=$(($(xdp_stat tx_xsk "$here") - tx))
check_equal "frames that the sockets sent" 1280 "$sent"

try "few send sections" ethtool -G "$here" tx 10
wait_until 20 ping -c 1 -W 1 10.88.0.2 || fail "nothing flows with few sections"
for words in "chunk=4096" "unaligned chunk=3000"; do
	# shellcheck disable=SC2086 # words
	without_sections $words
done

# The tag goes beside the frame, whether that is copied or not.
try "a VLAN there" ip -n there link add link "$there" name tagged type vlan id 5
try "the VLAN up" ip -n there link set tagged up
before=$(tagged_frames)
full=$(xdp_stat tx_send_full "$here")
try "not reading the ring" hostctl nic1 silent ring
sockets 0 zero-copy send=180 tag=5
wait_until 10 eval "[ \$(xdp_stat tx_send_full $here) -gt $full ]" ||
	fail "no tagged frame went without a section"
try "reading again" hostctl nic1 answer ring
wait_sockets
wait_until 10 tagged_frames_are $((before + 180)) ||
	fail "wanted 180 frames with the tag after $before, got $(tagged_frames)"
try "more send sections" ethtool -G "$here" tx 200

starved=$(xdp_stat rx_xsk_starved "$here")
sockets 600 zero-copy first=20
try "too many frames" from_there send 10.88.0.1 600 200
kill $xsk
wait $xsk
check_above "frames that found no chunk" "$starved" "$(xdp_stat rx_xsk_starved "$here")"
sockets 100 zero-copy first=20
try "frames" from_there send 10.88.0.1 300 200
wait_sockets
grep -q ' hungry [1-9]' /tmp/xsk || fail "it was not told that chunks are missing: $(cat /tmp/xsk)"
check_equal "frames that did not reach a socket" "$failed" "$(xdp_stat rx_xdp_error "$here")"

# While a socket has the queues, but not these frames.
sockets 1000000 zero-copy
config $VERDICT $PASS
forget_seen
check_equal "passed on" "sent 64 back 0 wrong 0" "$(from_there send 10.88.0.1 64 1400)"
ping -q -c 5 -i 0.2 10.88.0.2 >/tmp/ping || fail "ping: $(cat /tmp/ping)"
check_equal "frames that passed" 64 "$(seen $FRAMES)"
config $VERDICT $TX
check_equal "sent back" "sent 64 back 64 wrong 0" "$(from_there echo 10.88.0.1 64 1400)"
config $VERDICT $DROP
dropped=$(xdp_stat rx_queue_N_xdp_drop "$here")
try "dropped" from_there send 10.88.0.1 64 1400
wait_until 5 eval "[ \$((\$(xdp_stat rx_queue_N_xdp_drop $here) - dropped)) = 64 ]" ||
	fail "wanted 64 more than $dropped drops, got $(xdp_stat rx_queue_N_xdp_drop "$here")"
kill $xsk
wait $xsk
detach "$here"
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
