#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A packet whose TCP checksum the host calls wrong is sent on as it came, and the end
# that it is for finds it wrong: nothing is repaired on the way, be it one packet or a
# coalesced one. One whose checksum was never computed gets a right one.
# Break it: have prepare() in netvsc_rx.c call netvsc_rsc_fix_csum() for all that is
# TCP; or tell netvsc_rsc_finish() there that each checksum is good.
# drivers: ours
# groups: forward
# timeout: 120
. "$(dirname "$0")/ktap.sh"

EACH=3
first=$(interface_of 00:15:5d:77:00:01)
second=$(interface_of 00:15:5d:77:00:02)
third=$(interface_of 00:15:5d:77:00:03)
[ "$first" ] && [ "$second" ] && [ "$third" ] || fail "there are no three cards"

# far_tcp COLUMN: what TCP counts at the far end.
far_tcp() {
	ip netns exec far cat /proc/net/snmp | awk -v column="$1" '$1 == "Tcp:" {
		for (i = 2; i <= NF; i++)
			if (!n) name[i] = $i; else if (name[i] == column) print $i
		n++ }'
}
all_came() {
	[ $(($(far_tcp InSegs) - segments)) -ge $EACH ]
}

into_namespace far "$third"
try "address there" ip -n far addr add 10.99.0.2/24 dev "$third"
try "up there" ip -n far link set "$third" up
# The host's shapes are from 192.0.2.1, and for 192.0.2.2.
try "its address there" ip -n far addr add 192.0.2.2/32 dev "$third"
try "route there" ip -n far route add default via 10.99.0.1
undo ip link set "$second" down
undo ip addr flush dev "$second"
try "address here" ip addr add 10.99.0.1/24 dev "$second"
try "up here" ip link set "$second" up
undo ip route del 192.0.2.2/32
try "route to there" ip route add 192.0.2.2/32 via 10.99.0.2
undo ip route del 192.0.2.1/32
try "route back" ip route add 192.0.2.1/32 dev "$first"
undo ip neigh del 192.0.2.1 dev "$first"
try "neighbour" ip neigh replace 192.0.2.1 lladdr 02:00:00:00:00:66 dev "$first"
undo 'echo 0 >/proc/sys/net/ipv4/ip_forward'
echo 1 >/proc/sys/net/ipv4/ip_forward
wait_until 10 ip netns exec far ping -c 1 -W 1 10.99.0.1 || fail "no way from there to here"
traffic_flows

# try_shape NAME WRONG: WRONG of EACH such packets have a wrong checksum there.
try_shape() {
	segments=$(far_tcp InSegs)
	wrong=$(far_tcp InCsumErrors)
	for _ in $(seq $EACH); do
		try "$1" hostctl nic0 rsc "$1"
		# Not merged with the one before
		sleep 0.2
	done
	wait_until 5 all_came ||
		fail "$1: of $EACH packets $(($(far_tcp InSegs) - segments)) came to the far end"
	sleep 0.2
	check_equal "$1: packets at the far end" $EACH $(($(far_tcp InSegs) - segments))
	check_equal "$1: wrong checksums there" "$2" $(($(far_tcp InCsumErrors) - wrong))
}

try_shape whole-bad $EACH
try_shape whole-both $EACH
try_shape whole-raw 0
# Too long to be sent on in one piece: it is cut as IP cuts.
try_shape bad-csum $EACH
traffic_flows
pass
