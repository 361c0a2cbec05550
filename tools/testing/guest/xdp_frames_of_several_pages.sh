#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# At an MTU of 9000 a program with frags gets frames of up to three pages, whole:
# dropped, passed, sent back, made shorter and longer, redirected from and to a veth.
# Break it: copy the first page alone in xdp_fill().
# groups: xdp
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

SIZES="3400 3478 3479 3600 5000 6000 7574 7575 8972"
all_seen() {
	[ "$(seen $FRAMES)" = "$1" ]
}

two_cards
try "MTU" ip link set "$here" mtu 9000
try "MTU there" ip -n there link set "$there" mtu 9000
load_programs verdict_frags
attach verdict "$here"

config $VERDICT $DROP
bytes=0
for size in $SIZES; do
	try "frames of $size bytes" from_there send 10.88.0.1 20 "$size"
	bytes=$((bytes + 20 * (size + 42)))
done
wait_until 5 all_seen 180
has_counts drop 180 $bytes
config $VERDICT $TX
for size in $SIZES; do
	check_equal "frames of $size bytes" "sent 64 back 64 wrong 0" \
		"$(from_there echo 10.88.0.1 64 "$size")"
done
check_equal "frames with wrong bytes" 0 "$(seen $WRONG)"
config $VERDICT $PASS
for size in 56 3450 4000 8972; do
	ping -q -c 10 -i 0.1 -M 'do' -s $size 10.88.0.2 >/tmp/ping 2>&1 ||
		fail "ping -s $size: $(cat /tmp/ping)"
	grep -q ' 0% packet loss' /tmp/ping || fail "ping -s $size: $(cat /tmp/ping)"
done

# Made shorter by most of it, and longer: the datagram's own length says what counts.
undo config $TAIL 0
for tail in -5000 -20 300; do
	failed=$(xdp_stat rx_xdp_error "$here")
	config $VERDICT $DROP
	config $TAIL $((tail & 0xffffffff))
	try "frames to be changed by $tail" from_there send 10.88.0.1 50 8000
	sleep 1
	check_equal "frames that could not be changed by $tail" "$failed" \
		"$(xdp_stat rx_xdp_error "$here")"
	config $VERDICT $TX
	from_there send 10.88.0.1 20 8000 >/dev/null
	config $VERDICT $PASS
	from_there send 10.88.0.1 20 8000 >/dev/null
done
config $TAIL 0

# In by the card and out by a veth, and the other way. A veth of 4 KiB pages takes
# such frames when its peer has a program with frags, or merges.
try "a veth" ip link add inner mtu 9000 type veth peer name outer mtu 9000
undo ip link del inner
for port in inner outer; do
	try "$port up" ip link set $port up
	ethtool -K $port gro on
done
config $VERDICT $REDIRECT
to_port inner
before=$(cat /sys/class/net/outer/statistics/rx_bytes)
errors=$(xdp_stat rx_xdp_error "$here")
try "frames to the veth" from_there send 10.88.0.1 100 8000
if ! netdev-nl xdp "$here" >/dev/null 2>&1; then
	note "this kernel redirects no frame of several pieces"
	sleep 2
	check_equal "frames that could not be redirected" $((errors + 100)) \
		"$(xdp_stat rx_xdp_error "$here")"
	detach "$here"
	pass
fi
veth_got() {
	[ $(($(cat /sys/class/net/outer/statistics/rx_bytes) - before)) -ge $((100 * 8028)) ]
}
wait_until 10 veth_got || fail "the veth got $(($(cat /sys/class/net/outer/statistics/rx_bytes) - before)) bytes of $((100 * 8042))"
detach "$here"

to_port "$here"
try "attaching to the veth" ip link set dev inner xdpdrv pinned "$PROGS/verdict"
use second
load_programs verdict_frags
config $VERDICT $DROP
try "attaching there" ip -n there link set dev "$there" xdpdrv pinned "$PROGS/verdict"
try "address of the veth" ip addr add 10.99.0.1/24 dev outer
try "neighbour" ip neigh add 10.99.0.2 dev outer lladdr "$(ip netns exec there cat "/sys/class/net/$there/address")"
for size in 3600 6000 8972; do
	try "frames of the veth" ./bpf/udp send 10.99.0.2 9 100 $size
done
wait_until 10 all_seen 300
has_counts "from the veth" 300 $((100 * (3600 + 6000 + 8972 + 3 * 42)))
ip link del inner
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
