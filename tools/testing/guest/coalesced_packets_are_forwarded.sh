#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Packets that came coalesced go on through a bridge and through a route, whole
# and with right checksums. The stack switches LRO off for both, and the host goes
# on coalescing as it does until it has heard of it: it refuses to hear. The host computes the
# checksums of nothing that comes in (raw-csum=on), so whatever goes out had them
# computed by us or the host's card. (Rule F9, traps T46, T54.)
# Break it: call netvsc_rsc_fix_csum() never; or do not set the pseudo-header's
# sum in make_gso().
# drivers: ours
# groups: forward
# timeout: 400
. "$(dirname "$0")/ktap.sh"

ADDRESS=10.77.1.77
ADDRESS6=fd77:1::77
first=$(interface_of 00:15:5d:77:00:01)
second=$(interface_of 00:15:5d:77:00:02)
third=$(interface_of 00:15:5d:77:00:03)

driver() {
	ethtool -S "$first" | sed -n "s/^ *$1: //p"
}
lro() {
	ethtool -k "$first" | sed -n 's/^large-receive-offload: \([a-z]*\).*/\1/p'
}
far() {
	ip netns exec far "$@"
}
bad_sums() {
	far awk '$1 == "Tcp:" && n++ {print $16}' /proc/net/snmp
}
retransmitted() {
	awk '/"retransmits"/ {gsub(/[^0-9]/, "", $2); n = $2} END {print n}' /tmp/iperf3.json
}

# forwarded WAY: from the peer to the far end and back.
forwarded() {
	check_equal "$1: LRO, seen to by the stack" off "$(lro)"
	for peer in "$PEER4" "$PEER6"; do
		wait_until 10 far ping -c 1 -W 1 "$peer" ||
			fail "$1: $peer cannot be reached"
		before=$(driver rx_rsc_packets)
		sums=$(bad_sums)
		far timeout "$(slow 60)" iperf3 -J -c "$peer" -R -n 2M >/tmp/iperf3.json 2>&1 ||
			fail "$1, $peer: $(tail -c 300 /tmp/iperf3.json)"
		check_above "$1: coalesced packets from $peer" "$before" \
			"$(driver rx_rsc_packets)"
		check_equal "$1: wrong checksums at the far end" "$sums" "$(bad_sums)"
		note "$1: $(retransmitted) segments sent again by $peer"
		far timeout "$(slow 60)" iperf3 -c "$peer" -n 1M >/tmp/iperf3 2>&1 ||
			fail "$1, to $peer: $(tail -3 /tmp/iperf3)"
	done
	check_equal "$1: packets that cannot be cut again" "$plain" "$(driver rx_rsc_plain)"
}

[ "$first" ] && [ "$second" ] && [ "$third" ] || fail "there are no three cards"
plain=$(driver rx_rsc_plain)
into_namespace far "$third"
# What is seen there is what was sent, not what is merged again.
try "no merging there" far ethtool -K "$third" lro off gro off
far sh -c "echo 0 >/proc/sys/net/ipv6/conf/$third/accept_dad"
try "address there" far ip addr add $ADDRESS/24 dev "$third"
try "address there" far ip addr add $ADDRESS6/64 dev "$third"
try "up there" far ip link set "$third" up
undo ip link set "$second" down
undo ip addr flush dev "$second"
try "no address here" ip addr flush dev "$second"
try "up here" ip link set "$second" up
try "LRO on" ethtool -K "$first" lro on
undo hostctl nic0 answer all
# OFFLOAD_PARAMETERS alone: the bridge needs another packet filter.
try "host does not listen" hostctl nic0 fail oid 0xfc01020c

try "a bridge" ip link add br0 type bridge
undo ip link del br0
for port in "$first" "$second"; do
	try "port $port" ip link set "$port" master br0
done
try "bridge up" ip link set br0 up
forwarded bridge

try "no bridge" ip link del br0
# The peer would go on sending to where it saw the others, for up to a minute.
ADDRESS=10.77.1.78
ADDRESS6=fd77:1::78
try "LRO on" ethtool -K "$first" lro on
try "no address there" far ip addr flush dev "$third"
far sh -c "echo 0 >/proc/sys/net/ipv6/conf/$third/accept_dad"
try "address there" far ip addr add $ADDRESS/32 dev "$third"
try "address there" far ip addr add $ADDRESS6/128 dev "$third" nodad
try "address here" ip addr add 10.99.0.1/24 dev "$second"
try "address here" ip addr add fd99::1/64 dev "$second" nodad
try "address there" far ip addr add 10.99.0.2/24 dev "$third"
try "address there" far ip addr add fd99::2/64 dev "$third" nodad
try "route there" far ip route add 10.77.1.0/24 via 10.99.0.1 src $ADDRESS
try "route there" far ip -6 route add fd77:1::/64 via fd99::1 src $ADDRESS6
try "route to there" ip route add $ADDRESS/32 via 10.99.0.2
try "route to there" ip -6 route add $ADDRESS6/128 via fd99::2
try "proxy" ip neigh add proxy $ADDRESS dev "$first"
try "proxy" ip neigh add proxy $ADDRESS6 dev "$first"
echo 1 >/proc/sys/net/ipv4/conf/"$first"/proxy_arp
echo 1 >/proc/sys/net/ipv6/conf/"$first"/proxy_ndp
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
undo 'echo 0 >/proc/sys/net/ipv4/ip_forward'
undo 'echo 0 >/proc/sys/net/ipv6/conf/all/forwarding'
forwarded route
traffic_flows
pass
