#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# AF_XDP sockets in copy mode, one for each queue with a UMEM that they share, get
# whole frames and send them back, woken as needed and polling busily; a queue that
# does not exist is refused, with nothing changed.
# Break it: leave out xdp_do_flush() in netvsc_xdp_poll_end().
# groups: xdp
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

two_cards
to_sockets
failed=$(xdp_stat rx_xdp_error "$here")

sockets 500
try "frames to the sockets" from_there send 10.88.0.1 500 1000
wait_sockets
grep -q '^received 500 wrong 0 ' /tmp/xsk || fail "wanted 500 frames: $(cat /tmp/xsk)"
for words in "echo" "echo busy"; do
	sockets 320 $words
	check_equal "$words" "sent 320 back 320 wrong 0" "$(from_there echo 10.88.0.1 320 1000)"
	wait_sockets
	note "$words: $(tail -1 /tmp/xsk)"
	grep -q '^received 320 wrong 0 sent 320 ' /tmp/xsk || fail "$words: $(cat /tmp/xsk)"
done
check_equal "frames that did not reach a socket" "$failed" "$(xdp_stat rx_xdp_error "$here")"

timeout 20 ./bpf/xsk "$here" $((queues + 1)) "$MAPS/sockets" 1 1 >/tmp/xsk 2>&1 &&
	fail "a queue that does not exist is no error"
grep -q 'binding to a queue: Invalid argument' /tmp/xsk || fail "no such queue: $(cat /tmp/xsk)"
detach "$here"
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
