#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A VF becomes the synthetic card's lower device, is marked as a slave, gets no
# IPv6 address of its own and carries the data; statistics tell both paths apart
# and their total is right; the link is that of the VF.
# Break it: do not set adapter::vf_tx when the host has answered.
# groups: vf vf_old
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

wait_until 30 has_vf || fail "no VF is joined: $(dmesg | tail -20)"
vf=$(vf_of)
vf_carries "at first"
synthetic=$(vf_counted tx_synthetic)

check_equal "the VF's master" "$GUEST_IF" \
	"$(basename "$(readlink -f "/sys/class/net/$vf/master")")"
check_equal "the VF's address" "$(cat "/sys/class/net/$GUEST_IF/address")" \
	"$(cat "/sys/class/net/$vf/address")"
# IFF_SLAVE is 0x800.
flags=$(cat "/sys/class/net/$vf/flags")
[ $((flags & 0x800)) != 0 ] || fail "the VF is no slave: flags $flags"
check_equal "IPv6 addresses of the VF" "" "$(ip -6 -o addr show dev "$vf")"
for line in "VF registering: $vf" "joined to $GUEST_IF" "VF slot 1 added" \
	"Data path switched to VF: $vf"; do
	said "$line" || fail "the log does not say '$line'"
done
check_equal "speed" 10000 "$(cat "/sys/class/net/$GUEST_IF/speed")"

# Totals hold both paths; each path is counted once.
sum() {
	sed -n "s/^ *$1: //p" /tmp/counters | awk '{sum += $1} END {print sum + 0}'
}
ethtool -S "$GUEST_IF" >/tmp/counters
check_equal "what CPUs sent by the VF" "$(sum vf_tx_packets)" "$(sum 'cpu[0-9]*_vf_tx_packets')"
least=$(($(sum vf_tx_packets) + $(sum 'tx_queue_[0-9]*_packets')))
total=$(stat_of tx_packets)
ethtool -S "$GUEST_IF" >/tmp/counters
most=$(($(sum vf_tx_packets) + $(sum 'tx_queue_[0-9]*_packets')))
[ "$total" -ge $least ] && [ "$total" -le $most ] ||
	fail "sent in all: $total, by both paths $least, then $most"
check_equal "frames on the synthetic path meanwhile" "$synthetic" "$(vf_counted tx_synthetic)"
timeout "$(slow 30)" iperf3 -c "$PEER4" -t 1 >/tmp/iperf3 2>&1 ||
	fail "iperf3: $(tail -c 300 /tmp/iperf3)"
traffic_flows
pass
