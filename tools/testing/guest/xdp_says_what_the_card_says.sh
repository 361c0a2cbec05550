#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program learns the hash of a frame with its type, and its VLAN tag, where the
# kernel has functions for that; what the host did not say is an error and not a zero.
# The kernel's list of what the device can do is complete at any time, and a program that
# was loaded for the device runs at no other, which keeps the one that it has. AF_XDP
# sockets get it in front of the frame, with and without copies. Debug kernels lack the
# BTF that such programs need: of them the list alone is looked at.
# Break it: leave out compat_set_xdp_metadata_ops(), or note_info() in netvsc_xsk.c.
# groups: xdp
# since: 6.12
# drivers: ours
# timeout: 150
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

ENODATA=61
FRAMES=0 HASH_ERROR=1 HASH=2 HASH_TYPE=3 TAG_ERROR=4 TAG_PROTO=5 TAG_TCI=6
# XDP_RSS_L3_IPV4, and _L4 and _L4_UDP with it
L3_IPV4=1 L4_UDP_IPV4=41
said() {
	seen "$1" said
}
all_seen() {
	[ "$(said $FRAMES)" = "$1" ]
}

# socket_says ADDRESS WORDS...: $told by a socket of these WORDS of a frame to it.
socket_says() {
	address=$1
	shift
	sockets 20 metadata "$@"
	lists "with a socket${1+ of }$*"
	try "frames to the socket" from_there send "$address" 20 100
	wait_sockets
	grep -q '^received 20 wrong 0 ' /tmp/xsk || fail "socket $*: $(cat /tmp/xsk)"
	told=$(grep '^hash_error ' /tmp/xsk)
}

two_cards
netdev-nl xdp "$here" >/dev/null || skip "this kernel has no such list"
# lists WHEN: all words that there are to be, and no other.
lists() {
	check_equal "what the kernel lists $1" \
		"basic redirect ndo-xmit xsk-zerocopy rx-sg ndo-xmit-sg hash vlan-tag" \
		"$(netdev-nl xdp "$here" | xargs)"
}
lists "without a program"

if ! [ -e /sys/kernel/btf/vmlinux ]; then
	note "no BTF: no program can ask"
	pass
fi
load_programs metadata xdpmeta_dev "$here"
attach metadata "$here"
lists "with a program"
program() {
	ip -o link show dev "$GUEST_IF" | sed -n 's/.* prog\/xdp id \([0-9]*\).*/\1/p'
}
use second
load_programs
attach pass_all "$GUEST_IF"
own=$(program)
use first
ip -force link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/metadata" 2>/dev/null &&
	fail "a program for $here runs at $GUEST_IF"
[ "$own" ] || fail "$GUEST_IF shows no program"
check_equal "program of $GUEST_IF after the refusal" "$own" "$(program)"
detach "$GUEST_IF"
try "frames" from_there send 10.88.0.1 20 100
wait_until 5 all_seen 20 || fail "seen are $(said $FRAMES) frames of 20"
check_equal "tag of an untagged frame" $ENODATA "$(said $TAG_ERROR)"
check_equal "error for the hash" 0 "$(said $HASH_ERROR)"
[ "$(said $HASH)" != 0 ] || fail "the hash is 0"
case $(said $HASH_TYPE) in
"$L3_IPV4" | "$L4_UDP_IPV4") note "hash type $(said $HASH_TYPE)";;
*) fail "type of the hash: $(said $HASH_TYPE)";;
esac
try "no hashes" ethtool -K "$here" rxhash off
undo ethtool -K "$here" rxhash on
try "frames" from_there send 10.88.0.1 20 100
wait_until 5 all_seen 40
check_equal "error for a hash that is off" $ENODATA "$(said $HASH_ERROR)"
try "hashes" ethtool -K "$here" rxhash on

try "a VLAN there" ip -n there link add v7 link "$there" type vlan id 7 egress-qos-map 0:5
try "address" ip -n there addr add 10.88.7.2/24 dev v7
try "up" ip -n there link set v7 up
try "neighbour" ip -n there neigh add 10.88.7.1 dev v7 \
	lladdr "$(cat "/sys/class/net/$here/address")"
try "tagged frames" from_there send 10.88.7.1 20 100
wait_until 5 all_seen 60
check_equal "error for the tag" 0 "$(said $TAG_ERROR)"
check_equal "tag's protocol" $((0x8100)) "$(said $TAG_PROTO)"
check_equal "tag" $((5 << 13 | 7)) "$(said $TAG_TCI)"
detach "$here"

queues=$(ethtool -l "$here" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)
attach metadata_socket "$here"
for words in "" zero-copy; do
	# shellcheck disable=SC2086 # none is none
	socket_says 10.88.0.1 $words
	case $told in
	"hash_error 0 hash 0 "*) fail "socket $words: the hash is 0";;
	"hash_error 0 hash "*" hash_type "[1-9]*" tag_error $ENODATA tag 0") ;;
	*) fail "socket $words: wanted a hash and no tag, got '$told'";;
	esac
	# shellcheck disable=SC2086
	socket_says 10.88.7.1 $words
	case $told in
	"hash_error 0 hash "*" tag_error 0 tag $((5 << 13 | 7))") ;;
	*) fail "socket $words: wanted a tag, got '$told'";;
	esac
done
detach "$here"
pass
