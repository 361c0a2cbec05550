#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# On each generation of hosts the card has the features of that generation, and none
# more: NVSP, queues, offloads, coalescing, what received packets are hashed by, and who
# computes the checksum of UDP. To one without offloads nothing is left, and TCP and
# UDP have right checksums all the same: the peer, who checks them, answers both.
# Break it: let hash_info() ask for UDP whatever the host has; or have host_csum() of
# netvsc_tx.c leave all checksums of UDP to the host; or have host_features() set
# NETIF_F_IP_CSUM and NETIF_F_TSO in any case (group bare).
# groups: ws2012r2 ws2016 ws2019 base azure bare
# timeout: 120 bare=180
. "$(dirname "$0")/ktap.sh"

offload=on
# Hashes of IPv4, IPv6, TCP on both, and UDP on both.
case $LAB_GROUP in
ws2012r2)	nvsp=0x00050000 rsc=off udp=off hashes=0x1701;;
ws2016)		nvsp=0x00060000 rsc=off udp=on hashes=0x1701;;
bare)		nvsp=0x00060001 rsc=off udp=off offload="off [fixed]" hashes=0x1701;;
*)		nvsp=0x00060001 rsc=on udp=on hashes=0xd701;;
esac
# The distribution's driver never asks for those of UDP.
[ "$LAB_DRIVER" = stock ] && hashes=0x1701

feature() {
	ethtool -k "$GUEST_IF" | sed -n "s/^[[:space:]]*$1: //p"
}
most() {
	ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | head -1
}
check_equal "NVSP" $nvsp "$(host_state nvsp)"
check_equal "most queues" "$(nproc)" "$(most)"
check_equal "channels" "$(nproc)" "$(host_state channels_open)"
for name in tx-checksum-ipv4 tx-checksum-ipv6 tx-tcp-segmentation tx-tcp6-segmentation; do
	check_equal "$name" "$offload" "$(feature $name)"
done
for name in rx-checksumming tx-scatter-gather receive-hashing; do
	check_equal "$name" on "$(feature $name)"
done
for name in rx-vlan-offload tx-vlan-offload; do
	check_equal "$name" "on [fixed]" "$(feature $name)"
done
lro=on
[ $rsc = off ] && lro="off [fixed]"
check_equal "LRO" "$lro" "$(feature large-receive-offload)"
check_equal "coalescing at the host" "$rsc $rsc" "$(host_state 'rsc[46]' | xargs)"

check_equal "hashes at the host" $hashes "$(host_state rss_hash_info)"
# What is sent is hashed by us.
for flow in tcp4 tcp6 udp4 udp6; do
	check_equal "fields of $flow" 4 \
		"$(ethtool -n "$GUEST_IF" rx-flow-hash $flow | grep -c -E '^(IP|L4)')"
done

before=$(host_counts nic0 tx_csum)
try "datagrams" ./bpf/udp send "$PEER4" 9 50 200
left=$(($(host_counts nic0 tx_csum) - before))
note "of 50 checksums of UDP the host computed $left"
case $udp in
on)	check_above "left to the host" 49 $left;;
off)	[ $left -lt 25 ] || fail "a host that cannot do it was left $left checksums of UDP";;
esac

if [ "$offload" != on ]; then
	# UDP's first datagram is answered before anything else is sent.
	for peer in "$PEER4" "$PEER6"; do
		for options in "-n 1M" "-R -n 1M" "-u -l 1000 -k 50 -b 5M"; do
			# shellcheck disable=SC2086 # words
			timeout "$(slow 30)" iperf3 -c "$peer" $options >/tmp/iperf3 2>&1 ||
				fail "iperf3 -c $peer $options: $(tail -3 /tmp/iperf3)"
		done
	done
	check_equal "checksums left to the host" 0 "$(host_counts nic0 tx_csum)"
	check_equal "large sends left to the host" 0 "$(host_counts nic0 tx_lso)"
fi

# The name of old hosts' cards is not told, that of new ones says nothing.
check_equal "alias" "" "$(ip -d link show dev "$GUEST_IF" | sed -n 's/^ *alias //p')"
traffic_flows
pass
