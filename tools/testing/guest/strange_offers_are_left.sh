#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host offers sub-channels that nobody wants: one that is open already, once more;
# one more than it has granted; one with an index beyond all bounds. The driver leaves
# them alone: it has its queues as before, a new connection has them, and so has the
# driver when it was unloaded with such offers about, and loaded again. The host takes
# it for a violation if one is opened. (PROTOCOL B.5, D.8, trap T32.)
# Break it: do not look at subs->seen, or at subs->most, in sub_claim().
# groups: queues
# drivers: ours
# timeout: 200
. "$(dirname "$0")/ktap.sh"

channels_are_back() {
	[ "$(open_channels)" = "$all" ] && [ "$(queues)" = "$all" ]
}
# strange: sub-channels that are offered and not open.
strange() {
	hostctl vmbus list | grep -c '"nic0 channel [1-9][0-9]*" offered'
}
none_is_left() {
	[ "$(strange)" = 0 ]
}
failures() {
	dmesg | grep -c 'sub channel open failed'
}
receive_ring() {
	ethtool -g "$GUEST_IF" | sed -n 's/^RX:[[:space:]]*//p' | tail -1
}
# offered WHEN: all of them, and nothing comes of it.
offered() {
	count=0
	for name in offer-again offer-more offer-high offer-again; do
		try "$1: $name" hostctl nic0 hostile $name
		count=$((count + 1))
		sleep 0.5
		check_equal "$1: sub-channels left alone after $name" $count "$(strange)"
		check_equal "$1: channels after $name" "$all" "$(open_channels)"
		check_equal "$1: queues after $name" "$all" "$(queues)"
	done
	traffic_flows
	timeout "$(slow 30)" iperf3 -c "$PEER4" -P 8 -t 1 >/dev/null || fail "$1: iperf3"
}

all=$(queues)
check_above "queues" 1 "$all"
check_equal "channels" "$all" "$(open_channels)"
ring=$(receive_ring)
undo "modprobe hv_netvsc; ethtool -G $GUEST_IF rx $ring"
failed=$(failures)
offered "at first"
try "another connection" ethtool -G "$GUEST_IF" rx $((ring - 100))
wait_until 30 channels_are_back ||
	fail "another connection: $(open_channels) channels and $(queues) queues of $all"
wait_until 10 none_is_left || fail "another connection: $(hostctl vmbus list)"
offered "another connection"
try "unloading" timeout "$(slow 30)" modprobe -r hv_netvsc
wait_until 10 none_is_left || fail "unloaded: $(hostctl vmbus list)"
try "loading" modprobe hv_netvsc
network_back
wait_until 30 channels_are_back ||
	fail "loaded again: $(open_channels) channels and $(queues) queues of $all"
check_equal "channels that failed to open" "$failed" "$(failures)"
traffic_flows
pass
