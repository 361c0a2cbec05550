#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A VF becomes the synthetic card's lower device, is marked as a slave, gets no
# IPv6 address of its own and carries the data; statistics tell both paths apart, are
# what the host counts, and their total is right; the link is that of the VF. Nothing is
# sent by the other path; what comes by it is received all the same.
# Break it: do not set adapter::vf_tx when the host has answered; drop what the synthetic
# path receives while it is set; leave ETH_HLEN out in netvsc_path_receive(), or count
# no bytes in netvsc_path_xmit(); or leave the VF's out of netvsc_get_stats64().
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
	sed -n "s/^ *$1: //p" /tmp/counters | awk '{sum += $1} END {printf "%.0f", sum}'
}
# both_paths WHAT: as the counters in the file say.
both_paths() {
	echo $(($(sum "vf_$1") + $(sum "${1%_*}_queue_[0-9]*_${1#*_}")))
}
for what in rx_packets rx_bytes tx_packets tx_bytes; do
	ethtool -S "$GUEST_IF" >/tmp/counters
	least=$(both_paths $what)
	total=$(stat_of $what)
	ethtool -S "$GUEST_IF" >/tmp/counters
	most=$(both_paths $what)
	[ "$total" -ge "$least" ] && [ "$total" -le "$most" ] ||
		fail "$what in all: $total, by both paths $least, then $most"
done

# What the card counts of the VF is what the host's VF does, to the byte, and what the
# CPUs do in all. The distribution's driver leaves the headers out of what came.
COUNTED="rx_packets tx_packets tx_bytes"
[ "$LAB_DRIVER" = stock ] || COUNTED="$COUNTED rx_bytes"
# quiet: nothing goes by the VF while both are asked, for /tmp/host and /tmp/counters.
quiet() {
	hostctl nic0 vf counters >/tmp/host
	# The VF's driver fills short frames up when they come.
	sed -i "s/^rx_bytes .*/rx_bytes $(stat_of rx_bytes "$vf")/" /tmp/host
	ethtool -S "$GUEST_IF" >/tmp/counters
	hostctl nic0 vf counters >/tmp/host.after
	for what in rx_packets tx_packets; do
		[ "$(field_of $what </tmp/host)" = "$(field_of $what </tmp/host.after)" ] ||
			return 1
	done
}
# more_at_host WHAT, more_here WHAT: than at first.
more_at_host() {
	echo $(($(field_of "$1" </tmp/host) - $(field_of "$1" </tmp/host.first)))
}
more_here() {
	echo $(($(sum "vf_$1") - $(sed -n "s/^ *vf_$1: //p" /tmp/counters.first)))
}
agreed() {
	quiet || return 1
	for what in $COUNTED; do
		[ "$(more_here $what)" = "$(more_at_host $what)" ] || return 1
	done
}
wait_until 20 quiet || fail "there is no moment without a frame by the VF"
cp /tmp/host /tmp/host.first
cp /tmp/counters /tmp/counters.first
PINGS=20
try "pings" ping -q -i 0.05 -c $PINGS -s 1000 -W 5 "$PEER4"
# What others sent may have been on its way at first or be so now.
wait_until 20 agreed || fail "counted here and at the host: $(
	for what in $COUNTED; do
		echo "$what $(more_here $what) $(more_at_host $what)"
	done | xargs)"
# 1000 bytes and the headers of ICMP, IPv4 and Ethernet; of what else came in that time
# there is little.
for way in rx tx; do
	packets=$(more_here ${way}_packets)
	check_above "$way packets by the VF" $((PINGS - 1)) "$packets"
	[ "$packets" -le $((PINGS + 30)) ] ||
		fail "$packets packets ($way) by the VF at $PINGS pings"
done
for way in $COUNTED; do
	case $way in
	*_bytes)
		check_above "$way by the VF" $((PINGS * 1042 - 1)) "$(more_here $way)"
		[ "$(more_here $way)" -le $((PINGS * 1042 + 30 * 1514)) ] ||
			fail "$way by the VF at $PINGS pings: $(more_here $way)";;
	esac
done
for what in rx_packets rx_bytes tx_packets tx_bytes; do
	check_equal "$what by the VF, of all CPUs" "$(sum "vf_$what")" \
		"$(sum "cpu[0-9]*_vf_$what")"
done
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
