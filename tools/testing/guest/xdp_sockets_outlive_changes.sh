#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# AF_XDP sockets without copies stay bound when the connection is made anew, for
# another MTU, rings or a watchdog, and when the program goes and comes; fewer
# channels and an MTU that does not fit their chunks are refused. They come and go
# under traffic, killed or not, and when the host does not read the ring; what cannot
# be bound changes nothing, and the log says what does not fit.
# Break it: leave out give_back() in netvsc_xsk_poll(), or xsk_unbind() in
# netvsc_xsk_setup().
# groups: xdp
# drivers: ours
# once: newest
# timeout: 400
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

# refused WHAT WHY WORDS...: sockets that cannot be bound.
refused() {
	what=$1 why=$2
	shift 2
	timeout 20 ./bpf/xsk "$here" "$queues" "$MAPS/sockets" 1 1 "$@" >/tmp/refused 2>&1 &&
		fail "$what is no error: $(cat /tmp/refused)"
	grep -q "binding to a queue: $why" /tmp/refused || fail "$what: $(cat /tmp/refused)"
}

# echoes WHEN: the sockets that are there send frames back.
echoes() {
	wait_until 20 ping -c 1 -W 1 10.88.0.2 || fail "$1: the stack does not answer"
	check_equal "$1" "sent 64 back 64 wrong 0" "$(from_there echo 10.88.0.1 64 1400)"
}

# gone: no socket is bound any more: then the core has nothing against one channel.
gone() {
	kill "$@" $xsk 2>/dev/null
	wait $xsk
	wait_until 10 ethtool -L "$here" combined 1 || fail "a socket stays bound"
	try "all channels" ethtool -L "$here" combined "$queues"
}

two_cards
queues=$(ethtool -l "$here" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)
undo ethtool -L "$here" combined "$queues"
load_programs
config $VERDICT $REDIRECT
config $SOCKET 1
attach verdict "$here"
# shellcheck disable=SC2034 # of xdp-lib
SOCKETS_S=300
max_mtu=$(ip -d link show "$here" | sed -n 's/.*maxmtu \([0-9]*\).*/\1/p')

refused "room for less than the MTU" "Invalid argument" zero-copy chunk=2048 headroom=512
size_is_said 1500 1280
sockets 1 any chunk=2048 headroom=512
grep -q '^bound copy' /tmp/xsk || fail "wanted copies: $(cat /tmp/xsk)"
gone
sockets 1 any
grep -q '^bound zero-copy' /tmp/xsk || fail "wanted no copies: $(cat /tmp/xsk)"
refused "a queue that is bound" "Device or resource busy" zero-copy
refused "a queue that is bound" "Device or resource busy"
gone

sockets 1000000 zero-copy echo chunk=2048
mtu_now=$(ip -d link show "$here" | sed -n 's/.*maxmtu \([0-9]*\).*/\1/p')
check_equal "maxmtu with chunks of 2048" 1774 "$mtu_now"
ip link set "$here" mtu 1800 2>/dev/null && fail "frames of MTU 1800 do not fit"
ethtool -L "$here" combined 1 2>/dev/null && fail "a channel with a socket may not go"
echoes "refused changes"
gone
check_equal "maxmtu without sockets" "$max_mtu" \
	"$(ip -d link show "$here" | sed -n 's/.*maxmtu \([0-9]*\).*/\1/p')"

sockets 1000000 zero-copy echo
opened=$(channels "$here")
try "another MTU" ip link set "$here" mtu 3000
[ "$opened" != "$(channels "$here")" ] || fail "the connection was not made anew"
echoes "another MTU"
try "MTU as before" ip link set "$here" mtu 1500
try "other rings" ethtool -G "$here" rx 2000 tx 100
echoes "other rings"
detach "$here"
echoes=$(from_there send 10.88.0.1 64 1400)
note "without a program: $echoes"
attach verdict "$here"
echoes "a program again"
try "down" ip link set "$here" down
try "up" ip link set "$here" up
echoes "down and up"

try "not reading the ring" hostctl nic1 silent ring
undo hostctl nic1 answer all
try "frames" from_there send 10.88.0.1 3000 1400
try "reading again" hostctl nic1 answer ring
echoes "a host that did not read"

for round in 1 2 3 4 5 6; do
	from_there send 10.88.0.1 2000 1400 >/dev/null &
	flood=$!
	sleep 1
	case $round in
	1 | 4) gone;;
	2 | 5) gone -9;;
	*)	try "not reading the ring" hostctl nic1 silent ring
		sleep 1
		kill -9 $xsk
		wait $xsk
		try "reading again" hostctl nic1 answer ring
		gone;;
	esac
	wait $flood
	sockets 1000000 zero-copy echo unaligned chunk=$((2000 + round * 100))
	echoes "round $round"
done
gone
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
