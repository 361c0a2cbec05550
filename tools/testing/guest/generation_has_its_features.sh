#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# On each generation of hosts the card has the features of that generation, and none
# more: NVSP, queues, offloads, coalescing, what received packets are hashed by, and who
# computes the checksum of UDP.
# Break it: let hash_info() ask for UDP whatever the host has; or have host_csum() of
# netvsc_tx.c leave all checksums of UDP to the host.
# groups: ws2012r2 ws2016 ws2019 base azure
# timeout: 120
. "$(dirname "$0")/ktap.sh"

# Hashes of IPv4, IPv6, TCP on both, and UDP on both.
case $LAB_GROUP in
ws2012r2)	nvsp=0x00050000 rsc=off udp=off hashes=0x1701;;
ws2016)		nvsp=0x00060000 rsc=off udp=on hashes=0x1701;;
*)		nvsp=0x00060001 rsc=on udp=on hashes=0xd701;;
esac
# The distribution's driver never asks for those of UDP.
[ "$LAB_DRIVER" = stock ] && hashes=0x1701

host_state() {
	hostctl nic0 state | sed -n "s/^$1 //p"
}
feature() {
	ethtool -k "$GUEST_IF" | sed -n "s/^[[:space:]]*$1: //p"
}
most() {
	ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | head -1
}
# sums: how many checksums were left to the host.
sums() {
	hostctl nic0 counters | awk '$1 ~ /^channel/ && $2 == "tx_csum" {n += $3}
		END {print n + 0}'
}

check_equal "NVSP" $nvsp "$(host_state nvsp)"
check_equal "most queues" "$(nproc)" "$(most)"
check_equal "channels" "$(nproc)" "$(host_state channels_open)"
for name in rx-checksumming tx-checksum-ipv4 tx-checksum-ipv6 tx-tcp-segmentation \
	    tx-tcp6-segmentation tx-scatter-gather receive-hashing; do
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

before=$(sums)
try "datagrams" ./bpf/udp send "$PEER4" 9 50 200
left=$(($(sums) - before))
note "of 50 checksums of UDP the host computed $left"
case $udp in
on)	check_above "left to the host" 49 $left;;
off)	[ $left -lt 25 ] || fail "a host that cannot do it was left $left checksums of UDP";;
esac

# The name of old hosts' cards is not told, that of new ones says nothing.
check_equal "alias" "" "$(ip -d link show dev "$GUEST_IF" | sed -n 's/^ *alias //p')"
traffic_flows
pass
