#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Link settings, message level and copybreak are what ethtool sets, also over a
# new connection; what does not fit is refused and changes nothing. Sent packets
# get their software time stamp, whether they are copied or handed over as pages.
# Break it: leave a skb_tx_timestamp() out; write adapter->speed in
# update_speed() whenever the host answers.
# groups: base jumbo
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

speed() {
	cat "/sys/class/net/$GUEST_IF/speed"
}
duplex() {
	cat "/sys/class/net/$GUEST_IF/duplex"
}
copybreak() {
	ethtool --get-tunable "$GUEST_IF" "${1:-rx}-copybreak" |
		sed -n 's/^.x-copybreak: //p'
}
level() {
	ethtool "$GUEST_IF" | sed -n 's/.*message level: \(0x[0-9a-f]*\).*/\1/p'
}
# refused WORDS...: the command fails and changes nothing.
refused() {
	before="$(speed) $(duplex) $(copybreak) $(level)"
	"$@" >/dev/null 2>&1 && fail "'$*' succeeded"
	check_equal "after '$*'" "$before" "$(speed) $(duplex) $(copybreak) $(level)"
}
connect_anew() {
	ethtool -G "$GUEST_IF" rx "$1" || fail "a new connection"
}
undo ethtool -G "$GUEST_IF" rx 9709

first=$(speed)
check_above "speed" 0 "$first"
check_equal "duplex" full "$(duplex)"
try "speed" ethtool -s "$GUEST_IF" speed 2500 duplex half
check_equal "speed" 2500 "$(speed)"
check_equal "duplex" half "$(duplex)"
refused ethtool -s "$GUEST_IF" port tp
refused ethtool -s "$GUEST_IF" duplex 7
try "the same" ethtool -s "$GUEST_IF" speed 2500 duplex half
connect_anew 5000
check_equal "speed, connected anew" 2500 "$(speed)"
try "duplex" ethtool -s "$GUEST_IF" duplex full
hostctl nic0 event speed 40000 || fail "the host takes no speed"
undo hostctl nic0 event speed "$first"
follows() {
	[ "$(speed)" = 40000 ]
}
wait_until 20 follows || fail "the host's new speed is not shown, but $(speed)"

check_equal "copybreak" 256 "$(copybreak)"
for len in 0 1200 64; do
	try "copybreak $len" ethtool --set-tunable "$GUEST_IF" rx-copybreak $len
	check_equal "copybreak" $len "$(copybreak)"
	for size in 18 200 500 1400; do
		wait_until 5 ping -c 1 -W 1 -s $size "$PEER4" ||
			fail "copybreak $len: $size bytes are not answered"
	done
done
refused ethtool --set-tunable "$GUEST_IF" rx-copybreak 5000
refused ethtool --set-tunable "$GUEST_IF" tx-copybreak 100000

# A small packet is copied, unless none is to be.
most=$(copybreak tx)
check_above "copied for sending" 1513 "$most"
undo ethtool --set-tunable "$GUEST_IF" tx-copybreak "$most"
for len in 300 0; do
	try "copybreak $len" ethtool --set-tunable "$GUEST_IF" tx-copybreak $len
	check_equal "copybreak" $len "$(copybreak tx)"
	all=$(host_counts nic0 tx_packets)
	copied=$(host_counts nic0 tx_sections)
	try "$len: an answer" ping -q -f -c 200 -s 1000 "$PEER4"
	check_above "$len: packets" 199 $(($(host_counts nic0 tx_packets) - all))
	[ $(($(host_counts nic0 tx_sections) - copied)) -lt 100 ] ||
		fail "$len: $(($(host_counts nic0 tx_sections) - copied)) were copied"
done
connect_anew 5001
check_equal "copybreak, connected anew" "64 0" "$(copybreak) $(copybreak tx)"
try "copybreak" ethtool --set-tunable "$GUEST_IF" tx-copybreak "$most"
copied=$(host_counts nic0 tx_sections)
try "an answer" ping -q -f -c 200 -s 1000 "$PEER4"
check_above "copied" 199 $(($(host_counts nic0 tx_sections) - copied))
try "copybreak" ethtool --set-tunable "$GUEST_IF" rx-copybreak 256

mine=$(level)
undo ethtool -s "$GUEST_IF" msglvl "$mine"
try "message level" ethtool -s "$GUEST_IF" msglvl 0x5
check_equal "message level" 0x00000005 "$(level)"

# A datagram larger than a send section goes as pages.
sizes="100 1400"
if ip link set "$GUEST_IF" mtu 9000 2>/dev/null; then
	undo ip link set "$GUEST_IF" mtu 1500
	sizes="$sizes 8000"
fi
ethtool -T "$GUEST_IF" | grep -qi 'software-transmit' || fail "no transmit stamps: $(ethtool -T "$GUEST_IF")"
for size in $sizes; do
	said=$(txstamp "$PEER4" "$size" 2>&1) || fail "$size bytes: $said"
	echo "$said" | awk '{ print $2 }' | sort -n -c 2>/dev/null ||
		fail "$size bytes: the stamp is not between before and after: $said"
done
traffic_flows
pass
