#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A frame goes back with the VLAN tag it came with, which programs do not see; a tag
# that a program puts into a frame is handed to the host beside it, and one that is
# redirected likewise, or sent by an AF_XDP socket in copy mode.
# Break it: leave out xdp_take_tag() in netvsc_xdp.c, or the tag in xdp_send_back(), or
# !skb->protocol in netvsc_tx.c.
# groups: xdp
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

# tagged ID: an interface there with 10.88.ID.2, which knows 10.88.ID.1.
tagged() {
	try "VLAN $1 there" ip -n there link add "v$1" link "$there" type vlan id "$1"
	try "address" ip -n there addr add "10.88.$1.2/24" dev "v$1"
	try "up" ip -n there link set "v$1" up
	try "neighbour" ip -n there neigh add "10.88.$1.1" dev "v$1" \
		lladdr "$(cat "/sys/class/net/$here/address")"
}
two_cards
tagged 7
tagged 9
load_programs
attach verdict "$here"
config $VERDICT $TX
inside=$(host_counts nic1 tx_tagged)
beside=$(host_counts nic1 tx_vlan)
check_equal "frames of VLAN 7" "sent 50 back 50 wrong 0" "$(from_there echo 10.88.7.1 50 500)"
has_counts "VLAN 7" 50 $((50 * 542))
check_equal "tags beside the frame" 50 $(($(host_counts nic1 tx_vlan) - beside))

# Sent without a tag to an address of VLAN 9, and turned round with one.
config $TAG 9
try "route there" ip -n there route add 10.88.9.1 dev "$there" src 10.88.9.2
try "neighbour there" ip -n there neigh add 10.88.9.1 dev "$there" \
	lladdr "$(cat "/sys/class/net/$here/address")"
ip netns exec there sh -c 'for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$f; done'
check_equal "frames with a tag of the program's" "sent 50 back 50 wrong 0" \
	"$(from_there echo 10.88.9.1 50 500)"
check_equal "tags beside the frame" 100 $(($(host_counts nic1 tx_vlan) - beside))

detach "$here"
to_sockets
beside=$(host_counts nic1 tx_vlan)
sockets 0 send=50 tag=7
wait_sockets
has_tags() {
	[ "$(host_counts nic1 tx_vlan)" -ge $((beside + 50)) ]
}
wait_until 10 has_tags || fail "a socket's tags beside the frame: wanted 50," \
	"got $(($(host_counts nic1 tx_vlan) - beside))"
check_equal "tags inside" "$inside" "$(host_counts nic1 tx_tagged)"
pass
