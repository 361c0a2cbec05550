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

mkdir -p /tmp/www
dd if=/dev/urandom of=/tmp/www/data bs=1M count=2 2>/dev/null
wanted=$(sha256sum </tmp/www/data)
# It sends by sendfile(), thus large segments: of the small writes of nc a fast
# peer leaves nothing to coalesce.
httpd -f -p 4000 -h /tmp/www &
server=$!
listening() {
	ss -tln | grep -q ':4000'
}
wait_until 10 listening || fail "httpd does not listen"
for address in 10.88.1.1 '[fd88::1]'; do
	before=$(coalesced)
	try "data from $address" ip netns exec there timeout "$(slow 60)" \
		wget -q -O /tmp/got "http://$address:4000/data"
	check_equal "digest of what came from $address" "$wanted" \
		"$(sha256sum </tmp/got)"
	check_above "coalesced packets" "$before" "$(coalesced)"
done
kill $server
pass
