#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program learns the hash of a frame with its type, and its VLAN tag, where the
# kernel has functions for that; what the host did not say is an error and not a zero.
# The kernel's list of what the device can do is complete, and a program that was
# loaded for the device runs at no other.
# Break it: leave out netdev_set_xdp_metadata_ops().
# groups: xdp
# kernels: 7.3
# drivers: ours
# timeout: 120
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

two_cards
features=$(netdev-nl xdp "$here")
for word in basic redirect ndo-xmit rx-sg ndo-xmit-sg hash vlan-tag; do
	case " $features " in
	*" $word "*) ;;
	*) fail "the kernel does not list $word: '$features'";;
	esac
done

load_programs metadata xdpmeta_dev "$here"
attach metadata "$here"
ip link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/metadata" 2>/dev/null &&
	fail "a program for $here runs at $GUEST_IF"
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
pass
