#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Programs are attached, replaced and taken off under TCP traffic and pings, with
# coalescing off and on: no channel is opened anew, the host hears of coalescing alone,
# no ping is lost, and the connection lives. A bpf_link, and with it its program, is
# replaced likewise.
# Break it: call netvsc_reconfigure() in netvsc_xdp_set(), or do not put @old.
# groups: xdp
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

programs() {
	bpftool-newer prog show | grep -c ' xdp '
}

load_programs
use second
load_programs verdict_frags
use first
loaded=$(programs)
undo ethtool -K "$GUEST_IF" lro on
undo "ip link set dev $GUEST_IF xdpdrv off"
timeout "$(slow 200)" iperf3 -c "$PEER4" -p 5202 -R -b 2M -t "$(slow 190)" >/tmp/iperf3 2>&1 &
load=$!
undo "kill $load"
begun=$(stat_of rx_bytes)
runs() {
	[ "$(stat_of rx_bytes)" -gt $((begun + 200000)) ]
}
wait_until 20 runs || fail "iperf3 does not begin: $(tail -c 300 /tmp/iperf3)"

# rounds COUNT: a program, another one, its first again, and mostly none.
rounds() {
	round=0
	while [ $round -lt "$1" ]; do
		for program in $BPF/first/pass_all $BPF/second/pass_all \
			       $BPF/first/verdict; do
			try "round $round: $program" ip -force link set dev "$GUEST_IF" \
				xdpdrv pinned "$program"
		done
		[ $((round % 3)) = 0 ] || detach "$GUEST_IF"
		round=$((round + 1))
	done
	detach "$GUEST_IF"
}
pinged() {
	[ "$(grep -c 'icmp_seq=' /tmp/ping)" -gt 20 ]
}
more_came() {
	[ "$(stat_of rx_bytes)" -gt $((seen + 200000)) ]
}
# come_and_go COUNT: nothing is lost meanwhile.
come_and_go() {
	ping -i 0.1 "$PEER4" >/tmp/ping 2>&1 &
	pings=$!
	undo "kill $pings"
	rounds "$1"
	check_equal "channels" "$opened" "$(channels "$GUEST_IF")"
	seen=$(stat_of rx_bytes)
	wait_until 20 more_came || fail "the connection is dead: $(tail -c 300 /tmp/iperf3)"
	kill -0 $load 2>/dev/null || fail "iperf3 ended: $(tail -c 300 /tmp/iperf3)"
	wait_until 20 pinged || fail "no ping is answered: $(cat /tmp/ping)"
	kill -s INT $pings
	wait $pings
	# The last one may have been on its way when it was ended: no gap before it.
	gaps=$(sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' /tmp/ping | awk '$1 != ++n {print; n = $1}')
	check_equal "pings that followed a gap" "" "$gaps"
}

opened=$(channels "$GUEST_IF")
said=$(host_counts nic0 control)
come_and_go 5
check_above "messages to the host of coalescing" "$said" "$(host_counts nic0 control)"
check_equal "coalescing afterwards" "on" \
	"$(ethtool -k "$GUEST_IF" | sed -n 's/^large-receive-offload: //p')"
try "LRO off" ethtool -K "$GUEST_IF" lro off
said=$(host_counts nic0 control)
come_and_go 6
# A host that does not coalesce has nothing to be told.
check_equal "messages to the host" "$said" "$(host_counts nic0 control)"

mkdir -p $BPF/links
undo "rm -rf $BPF/links"
try "a link" ./bpf/xdplink "$GUEST_IF" $BPF/first/pass_all $BPF/second/pass_all
check_equal "programs after the link is gone" 0 "$(ip link show "$GUEST_IF" | grep -c prog/xdp)"
check_equal "channels" "$opened" "$(channels "$GUEST_IF")"
rm -rf $BPF/first $BPF/first-maps $BPF/second $BPF/second-maps
all_gone() {
	[ "$(programs)" -le $((loaded - 10)) ]
}
wait_until 10 all_gone || fail "of $loaded programs $(programs) are left: some are never put"
traffic_flows
pass
