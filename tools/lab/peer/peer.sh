#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Runs in a network namespace of its own: makes the TAPs that the guest's NICs
# end in, gives them addresses, starts the servers and then the monitor. An
# ordinary Linux stack is thereby the guest's peer; all of it ends with this
# process group.
#
# usage: peer.sh JOB-DIRECTORY
# JOB/taps: lines "NAME MTU IPV4/LEN IPV6/LEN", JOB/start: script that runs hvhost
# IPERF3, NETSERVER: how to start the servers (default: from PATH)

cd "$1" || exit 125

fail() {
	echo "lab: the peer's network: $*" >&2
	exit 125
}

ip link set lo up || fail "cannot bring lo up: is this a namespace of its own?"
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
while read -r name mtu addr4 addr6; do
	ip tuntap add dev "$name" mode tap vnet_hdr ||
		fail "cannot make TAP $name (is the tun module there?)"
	ip link set "$name" mtu "$mtu" up || fail "TAP $name: mtu $mtu"
	[ "$addr4" ] || continue
	ip addr add "$addr4" dev "$name" || fail "TAP $name: $addr4"
	ip addr add "$addr6" dev "$name" nodad || fail "TAP $name: $addr6"
done <taps

${IPERF3:-iperf3} -s >iperf3.log 2>&1 </dev/null &
servers=$!
# For a test that keeps TCP from getting a word through for minutes. The other is
# not that patient: a client that vanished would keep all others waiting.
${IPERF3:-iperf3} -s -p 5202 --rcv-timeout 600000 >iperf3-patient.log 2>&1 </dev/null &
servers="$servers $!"
${NETSERVER:-netserver} -D >netserver.log 2>&1 </dev/null &
servers="$servers $!"

trap 'kill $servers 2>/dev/null' EXIT
sh ./start
