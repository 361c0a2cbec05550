#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# With swiotlb=force what is sent as pages is copied for the host, and the copies
# go: when the host completes, when it never does and the connection ends, and
# when the memory for them is used up in the middle. (Rule F16, trap T28.)
# The distribution's driver copies in isolated guests alone.
# Break it: leave netvsc_tx_unbounce() out of fill_pages(), of netvsc_tx_purge() or of
# tx_done(), or netvsc_bounce_end() out of page_done(); or do not wait
# for memory in page_send().
# groups: swiotlb
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"

used() {
	cat /sys/kernel/debug/swiotlb/io_tlb_used
}
used_is() {
	[ "$(used)" = "$1" ]
}
stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
# nothing_left WHEN
nothing_left() {
	wait_until 10 used_is "$base" || fail "$1: wanted $base slots in use, got $(used)"
}

undo "hostctl nic0 answer all; modprobe -r hv_netvsc; modprobe hv_netvsc"
base=$(used)
check_equal "slots in use while nothing is sent" 0 "$base"
try "MTU" ip link set "$GUEST_IF" mtu 9000
nothing_left "after a new connection"
for size in 100 1400 6000 8900; do
	wait_until 5 ping -c 1 -W 1 -M "do" -s $size "$PEER4" || fail "$size bytes are not answered"
done
timeout "$(slow 30)" iperf3 -c "$PEER4" -t 2 >/tmp/iperf3 2>&1 || fail "iperf3: $(tail -c 300 /tmp/iperf3)"
nothing_left "after traffic"

# The host keeps what it got, until there is no room for more.
pktgen_sends "$GUEST_IF" "count 600" "pkt_size 8900"
lost=$(stat tx_no_memory)
try "no completions" hostctl nic0 silent tx-complete
timeout 3 sh -c 'echo start >/proc/net/pktgen/pgctrl'
note "$(used) slots in use, $(($(stat tx_no_memory) - lost)) packets dropped"
check_above "slots in use without completions" 500 "$(used)"
check_above "packets for which there was no room" "$lost" "$(stat tx_no_memory)"
try "completions" hostctl nic0 answer tx-complete
modprobe -r pktgen
try "a new connection" ip link set "$GUEST_IF" mtu 1500
nothing_left "after the end of a connection"
traffic_flows

# A request waits for room when the host is slow with what was sent. Small packets as
# pages take what long ones leave.
try "late completions" hostctl nic0 slow tx-complete 10000
try "MTU" ip link set "$GUEST_IF" mtu 9000
try "no copies" ethtool-newer --set-tunable "$GUEST_IF" tx-copybreak 0
undo "ethtool-newer --set-tunable $GUEST_IF tx-copybreak 65535"
for shape in "200 8900" "400 300"; do
	pktgen_sends "$GUEST_IF" "count ${shape% *}" "pkt_size ${shape#* }"
	lost=$(stat tx_no_memory)
	timeout 3 sh -c 'echo start >/proc/net/pktgen/pgctrl'
	modprobe -r pktgen
	check_above "packets of $shape for which there was no room" "$lost" \
		"$(stat tx_no_memory)"
done
check_equal "slots in use" "$(cat /sys/kernel/debug/swiotlb/io_tlb_nslabs)" "$(used)"
try "a key, without room for the request" ethtool -X "$GUEST_IF" \
	hkey "$(printf 'a5:%.0s' $(seq 39))a5"
try "completions" hostctl nic0 answer tx-complete
try "a new connection" ip link set "$GUEST_IF" mtu 1500
nothing_left "after late completions"
traffic_flows

# Control packets as well, for which nothing comes any more.
try "no completions" hostctl nic0 silent control-complete
ip link set "$GUEST_IF" promisc on
sleep 1
check_above "slots in use for a control packet" 0 "$(used)"
ip link set "$GUEST_IF" promisc off
try "completions" hostctl nic0 answer all
try "unloading" modprobe -r hv_netvsc
nothing_left "unloaded"
try "loading" modprobe hv_netvsc
network_back
traffic_flows
nothing_left "at the end"
pass
