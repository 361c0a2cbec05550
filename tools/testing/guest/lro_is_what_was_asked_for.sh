#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ethtool switches coalescing, and the host obeys; without receive checksums
# there is none, and it comes back with them. A new connection begins with what was
# asked for. (Trap T46.)
# Break it: let netvsc_set_features() do nothing; or do not ask adapter->rsc_wanted in
# rndis_filter_set_offloads().
# drivers: ours
# groups: base ws2019
# timeout: 180
. "$(dirname "$0")/ktap.sh"

# expect on|off: what ethtool and the host say, and what the host does.
expect() {
	check_equal "ethtool" "$1" \
		"$(ethtool -k "$GUEST_IF" | sed -n 's/^large-receive-offload: \([a-z]*\).*/\1/p')"
	check_equal "the host" "$1 $1" \
		"$(hostctl nic0 state | sed -n 's/^rsc[46] //p' | xargs)"
	before=$(host_counts nic0 rx_rsc)
	timeout "$(slow 30)" iperf3 -c "$PEER4" -R -n 4M >/tmp/iperf3 2>&1 ||
		fail "iperf3: $(tail -3 /tmp/iperf3)"
	case $1 in
	on) check_above "coalesced packets" "$before" "$(host_counts nic0 rx_rsc)";;
	*) check_equal "coalesced packets" "$before" "$(host_counts nic0 rx_rsc)";;
	esac
}

expect on
try "switching it off" ethtool -K "$GUEST_IF" lro off
undo ethtool -K "$GUEST_IF" rx on lro on
expect off
try "down" ip link set "$GUEST_IF" down
try "up" ip link set "$GUEST_IF" up
network_back
expect off
undo ethtool -G "$GUEST_IF" rx "$(ethtool -g "$GUEST_IF" | sed -n 's/^RX:[[:space:]]*//p' | tail -1)"
try "a new connection" ethtool -G "$GUEST_IF" rx 5000
network_back
expect off
try "switching it on" ethtool -K "$GUEST_IF" lro on
expect on
try "receive checksums off" ethtool -K "$GUEST_IF" rx off
expect off
try "receive checksums on" ethtool -K "$GUEST_IF" rx on
expect on
traffic_flows
pass
