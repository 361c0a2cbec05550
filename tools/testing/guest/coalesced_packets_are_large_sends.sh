#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the host coalesces arrives as packets that the stack could cut again: all
# of them counted, none with a wrong checksum, and TCP measures the segments that
# the peer really sent. (Rule F9, trap T54.)
# Break it: leave gso_size at 0 in make_gso() of netvsc_rsc.c.
# drivers: ours
# groups: base ws2019 azure sections
# timeout: 240
. "$(dirname "$0")/ktap.sh"

driver() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
bad_sums() {
	awk '$1 == "Tcp:" && n++ {print $16}' /proc/net/snmp
}
# The largest segment size that a connection has measured.
measured() {
	ss -tin | grep -o 'rcvmss:[0-9]*' | cut -d: -f2 | sort -n | tail -1
}

# ss knows nothing of a connection without it.
modprobe tcp_diag
ethtool -k "$GUEST_IF" | grep -q '^large-receive-offload: on' ||
	fail "LRO is not on: $(ethtool -k "$GUEST_IF" | grep large-receive)"
check_equal "what the host has" "on on" \
	"$(hostctl nic0 state | sed -n 's/^rsc[46] //p' | xargs)"
sums=$(bad_sums)
packets=$(driver rx_rsc_packets)
plain=$(driver rx_rsc_plain)
bad=$(driver rx_rsc_bad)
sent=$(host_counts nic0 rx_rsc)
for peer in "$PEER4" "$PEER6"; do
	before=$(driver rx_rsc_packets)
	timeout "$(slow 60)" iperf3 -c "$peer" -R -t "$(slow 5)" >/tmp/iperf3 2>&1 &
	load=$!
	# The connection that carries the data, once there is some.
	has_measured() {
		mss=$(measured)
		[ "${mss:-0}" -gt 1000 ] || ! kill -0 $load
	}
	wait_until 20 has_measured || note "measured: $mss"
	wait $load || fail "iperf3 from $peer: $(tail -3 /tmp/iperf3)"
	check_above "coalesced packets from $peer" "$before" "$(driver rx_rsc_packets)"
	check_above "segment size measured" 1000 "$mss"
	[ "$mss" -le 1460 ] || fail "segment size measured: $mss, the MTU is 1500"
done
all_there() {
	[ $(($(driver rx_rsc_packets) - packets)) = $(($(host_counts nic0 rx_rsc) - sent)) ]
}
wait_until 5 all_there || fail "the host sent $(($(host_counts nic0 rx_rsc) - sent))," \
	"$(($(driver rx_rsc_packets) - packets)) came"
check_equal "packets that cannot be cut again" "$plain" "$(driver rx_rsc_plain)"
check_equal "packets that were incomplete" "$bad" "$(driver rx_rsc_bad)"
check_equal "wrong checksums" "$sums" "$(bad_sums)"
figure fragments_per_packet \
	$(($(driver rx_rsc_fragments) / $(driver rx_rsc_packets))) fragments
traffic_flows
pass
