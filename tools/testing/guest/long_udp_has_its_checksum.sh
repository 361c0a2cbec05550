#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# UDP over IPv4 of more than 1420 bytes that may be fragmented gets its checksum
# from us, since Azure's hosts get it wrong; what is shorter, or must not be
# fragmented, from the host.
# Break it: let is_long_udp() in netvsc_tx.c say false.
# drivers: ours
# groups: base azure
# timeout: 180
. "$(dirname "$0")/ktap.sh"

# send BYTES: 50 datagrams or more of that size.
send() {
	timeout "$(slow 30)" iperf3 -u -c "$PEER4" -l "$1" -k 50 -b 5M >/tmp/iperf3 2>&1 ||
		fail "iperf3: $(tail -3 /tmp/iperf3)"
}
discovery=/proc/sys/net/ipv4/ip_no_pmtu_disc
undo "echo 0 >$discovery"

# No datagram says "don't fragment".
echo 1 >$discovery
long=$(host_counts nic0 tx_udp_long)
send 1440
check_equal "long checksums left to the host" "$long" "$(host_counts nic0 tx_udp_long)"
sums=$(host_counts nic0 tx_csum)
send 1300
check_above "short ones" $((sums + 49)) "$(host_counts nic0 tx_csum)"
# Each says it.
echo 0 >$discovery
sums=$(host_counts nic0 tx_csum)
send 1440
check_above "long ones in one piece" $((sums + 49)) "$(host_counts nic0 tx_csum)"
check_equal "long checksums left to the host" "$long" "$(host_counts nic0 tx_udp_long)"
traffic_flows
pass
