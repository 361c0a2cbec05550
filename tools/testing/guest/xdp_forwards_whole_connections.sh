#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A TCP connection goes through the card by programs alone, in by the card and out by
# a veth and back: no checksum is wrong, though the neighbour that sends leaves them
# out and the host does not compute them either (raw-csum=on).
# Break it: leave out netvsc_xdp_fill_csums() in netvsc_xdp_receive().
# groups: xdp
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

far() {
	ip netns exec far "$@"
}
bad_sums() {
	far awk '$1 == "Tcp:" && n++ {print $16}' /proc/net/snmp
}

two_cards
try "a namespace" ip netns add far
undo ip netns del far
try "a veth" ip link add inner type veth peer name outer
undo ip link del inner
ethtool -K inner gro on
try "no address here" ip addr flush dev "$here"
try "the card's address" ip link set outer address "$(cat "/sys/class/net/$here/address")"
try "moving outer" ip link set outer netns far
# What a veth has left to do, nobody does on this way.
far ethtool -K outer gro on tx off tso off
try "address" far ip addr add 10.88.0.1/24 dev outer
try "up" far ip link set outer up
try "up" ip link set inner up

load_programs
to_port inner
attach redirect_all "$here"
use second
load_programs
to_port "$here"
try "attaching to the veth" ip link set dev inner xdpdrv pinned "$PROGS/redirect_all"
wait_until 10 ip netns exec there ping -c 1 -W 1 10.88.0.1 || fail "no answer through the programs"

far iperf3 -s -D -p 5201
undo "pkill -f 'iperf3 -s -D -p 5201'"
sleep 1
# forwards COUNTER [-R]: no fewer frames of 1460 bytes than carry what arrived, which
# is less than what iperf3 wrote: it does not wait for the rest.
forwards() {
	before=$(xdp_stat "$1" "$here")
	ip netns exec there timeout "$(slow 60)" iperf3 -J -c 10.88.0.1 -n 2M $2 \
		>/tmp/iperf3.json 2>&1 ||
		fail "iperf3 $2: $(tail -c 300 /tmp/iperf3.json), $(bad_sums) wrong checksums"
	frames=$(($(iperf3_received bytes) / 1460))
	check_above "frames that iperf3 $2 received" 400 "$frames"
	check_above "$1" $((frames - 1)) $(($(xdp_stat "$1" "$here") - before))
}
forwards rx_queue_N_xdp_redirect
forwards tx_queue_N_xdp_xmit -R
check_equal "wrong checksums at the far end" 0 "$(bad_sums)"
pass
