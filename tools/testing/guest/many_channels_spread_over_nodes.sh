#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest of many CPUs in two nodes, up to the 64 that a card may have channels for: asked
# for a channel on each CPU the card has one there, each receives, as many send as the
# host's table has entries for, and more are refused. After a while with fewer queues it is
# as before.
# Break it: open sub-channels for a CPU of ours instead of the one that the core chose.
# groups: wide widest
# timeout: 1200
. "$(dirname "$0")/ktap.sh"

NODES=/sys/devices/system/node
channels=/sys/class/net/$GUEST_IF/device/channels
cpus=$(nproc)
check_above "CPUs" 15 "$cpus"
check_equal "nodes" "0 1" "$(find $NODES -maxdepth 1 -name 'node[0-9]*' | sed 's/.*node//' | sort | xargs)"

# spread COUNT: so many channels, each for a CPU of its own, half of them in either node.
spread() {
	try "$1 queues" ethtool -L "$GUEST_IF" combined "$1"
	check_equal "channels open at the host" "$1" \
		"$(open_channels)"
	cat "$channels"/*/cpu | sort -n | uniq >/tmp/cpus
	check_equal "$1 queues: CPUs that channels are for ($(xargs </tmp/cpus))" "$1" \
		"$(wc -l </tmp/cpus)"
	in_first=$(while read -r cpu; do
			[ -e "$NODES/node0/cpu$cpu" ] && echo "$cpu"
		   done </tmp/cpus | wc -l)
	check_equal "$1 queues: channels in the first node ($(xargs </tmp/cpus))" \
		$(($1 / 2)) "$in_first"
}

# The host's table, which says where a flow is sent, has so many entries.
sending() {
	[ "$1" -lt 16 ] && echo "$1" || echo 16
}

# Which queue a flow has is chance.
carried() {
	ethtool -S "$GUEST_IF" | awk -v way="$1" '
		NR == FNR {was[$1] = $2; next}
		$1 ~ "^" way "_queue_[0-9]*_packets:" && $2 - was[$1] >= 20 {n++}
		END {print n + 0}' /tmp/carried -
}
all_carry() {
	ethtool -S "$GUEST_IF" >/tmp/carried
	for _ in $(seq 8 $((8 + $1 / 2))); do
		timeout "$(slow 60)" iperf3 -c "$PEER4" -P 32 -t 1 >/dev/null || fail "$1 queues: iperf3"
		[ "$(carried tx)" -ge "$(sending "$1")" ] && [ "$(carried rx)" -ge "$1" ] && return
	done
	fail "of $1 queues $(carried tx) send and $(carried rx) receive"
}

spread "$cpus"
all_carry "$cpus"
if ethtool -L "$GUEST_IF" combined $((cpus + 1)) 2>/tmp/said; then
	fail "more queues than CPUs"
fi
try "4 queues" ethtool -L "$GUEST_IF" combined 4
traffic_flows
spread "$cpus"
all_carry "$cpus"
traffic_flows
pass
