#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Frames that a program redirects reach a veth, another card of ours, another CPU and,
# after a tail call, the card again. Those of another card go out several in a packet
# of the ring; those of a veth go out whole; all are counted.
# Break it: leave out xdp_do_flush() in netvsc_xdp_poll_end(), or netvsc_tx_flush() in
# xmit_frames(); flush behind each frame there; or count no packets or bytes in
# netvsc_xdp_count().
# groups: xdp
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

all_seen() {
	[ "$(seen $FRAMES)" = "$1" ]
}
udp_in() {
	awk '$1 == "Udp:" && n++ {print $2 + $3}' /proc/net/snmp
}

two_cards
try "a veth" ip link add inner type veth peer name outer
undo ip link del inner
for port in inner outer; do
	try "$port up" ip link set $port up
	# A veth takes frames of XDP only where it polls
	ethtool -K $port gro on
done

# In by the card, out by the veth.
load_programs
config $VERDICT $REDIRECT
to_port inner
attach verdict "$here"
before=$(cat /sys/class/net/outer/statistics/rx_packets)
redirected=$(xdp_stat rx_queue_N_xdp_redirect "$here")
received_from
try "frames to the veth" from_there send 10.88.0.1 500 1000
arrived() {
	[ $(($(cat /sys/class/net/outer/statistics/rx_packets) - before)) -ge 500 ]
}
wait_until 10 arrived || fail "of 500 frames $(($(cat /sys/class/net/outer/statistics/rx_packets) - before)) reached the veth"
check_equal "redirected" 500 $(($(xdp_stat rx_queue_N_xdp_redirect "$here") - redirected))
has_counts "to the veth" 500 $((500 * 1042))
received_more "to the veth" 500 $((500 * 1042))

# In by the card, out by another one, which is given what a poll brought at once.
to_port "$GUEST_IF"
undo polled_every 0
to_the_other() {
	for size in 18 100 500; do
		try "frames to the other card" from_there send 10.88.0.1 160 $size
	done
}
sent=$(xdp_stat tx_queue_N_xdp_xmit)
ring_packets_shared nic0 redirected 480 to_the_other
grew tx_queue_N_xdp_xmit "$sent" 480
has_counts "to the other card" 980 $((500 * 1042 + 160 * (18 + 100 + 500 + 3 * 42)))

# A port that is gone: each frame is counted.
errors=$(xdp_stat rx_xdp_error "$here")
dropped=$(xdp_stat rx_queue_N_xdp_drop "$here")
try "no port" bpftool-newer map delete pinned "$MAPS/ports" key 0 0 0 0
try "frames to nowhere" from_there send 10.88.0.1 50 1000
wait_until 5 all_seen 1030
check_equal "frames to nowhere" 50 $(($(xdp_stat rx_xdp_error "$here") - errors +
	$(xdp_stat rx_queue_N_xdp_drop "$here") - dropped))
detach "$here"

# To another CPU, and from there to the stack.
forget_seen
# shellcheck disable=SC2046 # bytes
try "a CPU" bpftool-newer map update pinned "$MAPS/cpus" key $(le32 1) value $(le32 2048)
attach to_cpu "$here"
before=$(udp_in)
try "frames to the other CPU" from_there send 10.88.0.1 200 1000
cpu_arrived() {
	[ $(($(udp_in) - before)) -ge 200 ]
}
wait_until 10 cpu_arrived || fail "of 200 frames $(($(udp_in) - before)) came by the other CPU"
detach "$here"

# A tail call, and back by the card.
try "the next program" bpftool-newer map update pinned "$MAPS/next" key 0 0 0 0 \
	value pinned "$PROGS/verdict"
config $VERDICT $TX
attach call_next "$here"
check_equal "after a tail call" "sent 64 back 64 wrong 0" "$(from_there echo 10.88.0.1 64 400)"
detach "$here"

# In by the veth, out by the card. The other card's program looks at what comes.
forget_seen
config $VERDICT $REDIRECT
to_port "$here"
try "attaching to the veth" ip link set dev inner xdpdrv pinned "$PROGS/verdict"
use second
load_programs
config $VERDICT $DROP
try "attaching there" ip -n there link set dev "$there" xdpdrv pinned "$PROGS/verdict"
try "address of the veth" ip addr add 10.99.0.1/24 dev outer
try "neighbour" ip neigh add 10.99.0.2 dev outer lladdr "$(ip netns exec there cat "/sys/class/net/$there/address")"
sent=$(xdp_stat tx_queue_N_xdp_xmit "$here")
for size in 18 500 1472; do
	try "frames of the veth" ./bpf/udp send 10.99.0.2 9 200 $size
done
wait_until 10 all_seen 600
has_counts "from the veth" 600 $((200 * (18 + 500 + 1472 + 3 * 42)))
check_equal "frames sent for the veth" 600 $(($(xdp_stat tx_queue_N_xdp_xmit "$here") - sent))
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
