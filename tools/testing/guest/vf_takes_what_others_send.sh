#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What reaches the card on other ways than through its qdisc goes by the VF as well,
# or by the synthetic path where the VF's driver does not take it: packets that their
# sender sends many times over, a packet socket without qdisc, frames that a program
# redirects. A program that reads what only our driver knows is not given to the VF's.
# Break it: let a refusal of the VF be the answer of netvsc_ndo_xdp_xmit(), or let that
# ask no VF; or leave bpf_prog_is_dev_bound() out of set_vf_prog(). That a shared packet
# is copied does not show here: the VF's qdisc is never so full that it keeps one.
# groups: vf vf_lab
# drivers: ours
# timeout: 150
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/xdp-lib"

host_has_none && try "adding the VF" hostctl nic0 vf add
wait_until 30 has_vf || fail "no VF is joined: $(dmesg | tail -20)"
vf_carries "at first"

# The same packet 20 times over: the VF may not keep it.
pktgen_sends "$GUEST_IF" "count 1000" "clone_skb 20" "pkt_size 100" "delay 100000"
sent=$(counted vf_tx_packets)
timeout "$(slow 40)" sh -c 'echo start >/proc/net/pktgen/pgctrl' || fail "pktgen did not end"
check_above "packets of pktgen by the VF" 999 $(($(counted vf_tx_packets) - sent))

sent=$(counted vf_tx_packets)
check_equal "frames without qdisc" "sent 200" "$(./bpf/sock bypass "$GUEST_IF" 200)"
check_above "frames without qdisc by the VF" 199 $(($(counted vf_tx_packets) - sent))

# From a veth into the card.
try "a veth" ip link add inner type veth peer name outer
undo ip link del inner
try "inner" ip link set inner up
try "outer" ip link set outer up
try "address of the veth" ip addr add 10.99.0.1/24 dev outer
try "neighbour" ip neigh add 10.99.0.2 dev outer lladdr 02:00:00:00:00:99
load_programs
config $VERDICT $REDIRECT
to_port "$GUEST_IF"
try "attaching to the veth" ip link set dev inner xdpdrv pinned "$PROGS/verdict"
by_either() {
	echo $(($(counted vf_tx_packets) + $(xdp_stat tx_queue_N_xdp_xmit)))
}
sent=$(by_either)
synthetic=$(xdp_stat tx_queue_N_xdp_xmit)
try "frames of the veth" ./bpf/udp send 10.99.0.2 9 300 200
all_out() {
	[ $(($(by_either) - sent)) -ge 300 ]
}
wait_until 10 all_out || fail "of 300 redirected frames $(($(by_either) - sent)) were sent"
# The lab's own takes them, ixgbevf does not.
case $(readlink "/sys/class/net/$(vf_of)/device/driver") in
*/labvf)
	check_equal "redirected frames by the synthetic path" "$synthetic" \
		"$(xdp_stat tx_queue_N_xdp_xmit)";;
*)
	check_above "redirected frames by the synthetic path" 299 \
		$(($(xdp_stat tx_queue_N_xdp_xmit) - synthetic));;
esac

# Metadata came after 6.1, and such a program needs the kernel's BTF, which debug
# kernels do not have.
case $(uname -r) in
6.1.* | *-debug) ;;
*)
	use bound
	load_programs metadata xdpmeta_dev "$GUEST_IF"
	said=$(ip link set dev "$GUEST_IF" xdpdrv pinned "$PROGS/metadata" 2>&1) &&
		fail "a program that is bound to the card runs on its VF"
	case $said in
	*"cannot run on its VF"*) ;;
	*) fail "the refusal says: $said";;
	esac
	;;
esac
vf_carries "at the end"
traffic_flows
pass
