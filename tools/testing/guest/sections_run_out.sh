#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# There are ten send sections, and the host gives them back late: small packets that
# find none are handed over as pages. That is counted, and no packet is lost.
# Break it: have open_slot() in netvsc_tx.c give the slot back and netvsc_tx_xmit() drop the
# packet when batch_open() finds no section.
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

PACKETS=2000
stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
in_pages() {
	hostctl nic0 counters | awk '$2 == "tx_packets" {n += $3} $2 == "tx_sections" {n -= $3}
		END {print n + 0}'
}
sections() {
	ethtool -g "$GUEST_IF" | sed -n 's/^TX:[[:space:]]*//p' | tail -1
}
idle() {
	for queue in "/sys/class/net/$GUEST_IF/queues/"tx-*; do
		[ "$(cat "$queue/byte_queue_limits/inflight")" = 0 ] || return 1
	done
}
all_there() {
	[ $(($(host_counts nic0 tx_frames) - frames)) -ge $PACKETS ]
}

many=$(sections)
undo ethtool -G "$GUEST_IF" tx "$many"
try "ten sections" ethtool -G "$GUEST_IF" tx 10
check_equal "sections" 10 "$(sections)"
check_equal "sections at the host" 10 "$(hostctl nic0 state | sed -n 's/^send_sections //p')"
network_back
traffic_flows

pktgen_sends "$GUEST_IF" "count $PACKETS" "pkt_size 60"
full=$(stat tx_send_full)
dropped=$(stat_of tx_dropped)
frames=$(host_counts nic0 tx_frames)
pages=$(in_pages)
in_sections=$(host_counts nic0 tx_sections)
undo hostctl nic0 answer all
try "slow completions" hostctl nic0 slow tx-complete "$(slow 50)"
timeout "$(slow 40)" sh -c 'echo start >/proc/net/pktgen/pgctrl' || fail "pktgen did not end"
wait_until 10 all_there || fail "wanted $PACKETS frames, got $(($(host_counts nic0 tx_frames) - frames))"
try "fast completions" hostctl nic0 answer tx-complete
wait_until 10 idle || fail "BQL still has bytes in flight"
in_sections=$(($(host_counts nic0 tx_sections) - in_sections))
pages=$(($(in_pages) - pages))
full=$(($(stat tx_send_full) - full))
note "$in_sections packets in sections, $pages in pages; no section was free $full times"
check_above "packets in sections" 0 $in_sections
check_above "packets in pages" 0 $pages
check_above "times that none was free" 0 $full
check_equal "drops" "$dropped" "$(stat_of tx_dropped)"

# The sections are back: what comes now, a few at a time, is in them.
pages=$(in_pages)
for peer in "$PEER4" "$PEER6"; do
	ping -c 5 -i 0.2 -W 2 "$peer" >/tmp/ping 2>&1 || fail "ping: $(cat /tmp/ping)"
done
check_equal "packets in pages afterwards" "$pages" "$(in_pages)"
traffic_flows
pass
