#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What goes from one card to the other through the host's switch, coalesced on
# the way, has the same bytes at the end.
# Break it: start each page of netvsc_rsc_append() one byte further.
# drivers: ours
# groups: switch
# timeout: 240
. "$(dirname "$0")/ktap.sh"

set -- /sys/bus/vmbus/drivers/hv_netvsc/*/net/*
check_equal "number of cards" 2 $#
here=$(basename "$1")
there=$(basename "$2")
coalesced() {
	ip netns exec there ethtool -S "$there" | sed -n 's/^ *rx_rsc_packets: //p'
}

into_namespace there "$there"
echo 0 >/proc/sys/net/ipv6/conf/"$here"/accept_dad
ip netns exec there sh -c "echo 0 >/proc/sys/net/ipv6/conf/$there/accept_dad"
try "up here" ip link set "$here" up
try "up there" ip -n there link set "$there" up
try "lo up there" ip -n there link set lo up
undo ip addr flush dev "$here"
for net in 10.88.1.%/24 fd88::%/64; do
	try "address here" ip addr add "$(echo $net | tr % 1)" dev "$here"
	try "address there" ip -n there addr add "$(echo $net | tr % 2)" dev "$there"
done
wait_until 10 ping -c 1 -W 1 10.88.1.2 || fail "no answer from $there"
wait_until 10 ping -c 1 -W 1 fd88::2 || fail "no answer from $there"

dd if=/dev/urandom of=/tmp/data bs=1M count=2 2>/dev/null
wanted=$(sha256sum </tmp/data)
# nc ends when its own input does.
mkfifo /tmp/hold
exec 3<>/tmp/hold
for address in 10.88.1.2 fd88::2; do
	before=$(coalesced)
	ip netns exec there timeout "$(slow 60)" nc -l -p 4000 <&3 >/tmp/got &
	receiver=$!
	listening() {
		ip netns exec there ss -tln | grep -q ':4000'
	}
	wait_until 10 listening || fail "nc does not listen"
	timeout "$(slow 60)" nc "$address" 4000 </tmp/data >/dev/null &
	sender=$!
	whole() {
		[ "$(wc -c </tmp/got)" = "$(wc -c </tmp/data)" ]
	}
	wait_until 50 whole ||
		fail "$address: $(wc -c </tmp/got) of $(wc -c </tmp/data) bytes came"
	check_equal "digest of what came at $address" "$wanted" "$(sha256sum </tmp/got)"
	check_above "coalesced packets" "$before" "$(coalesced)"
	kill $receiver $sender 2>/dev/null
	wait
done
pass
