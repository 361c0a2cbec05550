#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A VF becomes the synthetic card's lower device, is marked as a slave, gets no
# IPv6 address of its own and carries the data; statistics tell both paths apart
# and their total is right; the link is that of the VF. Nothing is sent by the other
# path; what comes by it is received all the same.
# Break it: do not set adapter::vf_tx when the host has answered; or drop what the
# synthetic path receives while it is set.
# groups: vf vf_old
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

wait_until 30 has_vf || fail "no VF is joined: $(dmesg | tail -20)"
vf=$(vf_of)
vf_carries "at first"
synthetic=$(vf_counted tx_synthetic)
other=$(vf_counted tx_other_path)
ASKED=${PEER4%.*}.78

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
timeout "$(slow 30)" iperf3 -c "$PEER4" -t 1 >/tmp/iperf3 2>&1 ||
	fail "iperf3: $(tail -c 300 /tmp/iperf3)"
# What was agreed with the host is what is done.
check_equal "frames on the synthetic path meanwhile" "$synthetic" "$(vf_counted tx_synthetic)"
check_equal "frames by the VF before it was agreed" "$other" "$(vf_counted tx_other_path)"

# A switch may send on what goes to many by the synthetic path: there the peer's
# question for an address that it has not heard of yet arrives.
try "exceptions" hostctl nic0 vf exceptions on
undo "hostctl nic0 vf exceptions off; ip addr del $ASKED/24 dev $GUEST_IF"
try "an address" ip addr add "$ASKED/24" dev "$GUEST_IF"
ethtool -S "$GUEST_IF" >/tmp/counters
received=$(sum 'rx_queue_[0-9]*_packets')
try "pinging from it" ping -q -I "$ASKED" -i 0.2 -c 3 -W 5 "$PEER4"
ethtool -S "$GUEST_IF" >/tmp/counters
check_above "frames from the synthetic path" "$received" "$(sum 'rx_queue_[0-9]*_packets')"
vf_carries "beside it"
traffic_flows
pass
