#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's netlink family netdev shows statistics of each queue, the same as
# ethtool -S and ip -s, which never run backwards; and which NAPI serves it: one
# for both directions, that stays over new connections and queue counts.
# Break it: count only queues in use in netvsc_get_base_stats(), or use
# netif_napi_add().
# groups: queues cpu1
# drivers: ours
# since: 6.12
# timeout: 240
. "$(dirname "$0")/ktap.sh"

netdev-nl queues "$GUEST_IF" >/dev/null 2>&1
[ $? = 4 ] && skip "this kernel has no such family"

queues_now() {
	ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1
}
all=$(queues_now)
undo "ethtool -L $GUEST_IF combined $all; ip link set $GUEST_IF mtu 1500"

# between WHAT LOW VALUE HIGH
between() {
	[ "$3" ] && [ "$2" -le "$3" ] && [ "$3" -le "$4" ] ||
		fail "$1: '$3' is not between $2 and $4"
}
ethtool_stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}

# check_mapping WHAT QUEUES: both kinds are shown, one NAPI for each pair.
check_mapping() {
	netdev-nl queues "$GUEST_IF" >/tmp/queues || fail "$1: no queues shown"
	netdev-nl napis "$GUEST_IF" >/tmp/napis || fail "$1: no NAPIs shown"
	check_equal "$1: queues" $((2 * $2)) "$(grep -c . /tmp/queues)"
	check_equal "$1: NAPIs of queues" "$2" "$(sed 's/.* //' /tmp/queues | sort -u | grep -c .)"
	for queue in $(seq 0 $(($2 - 1))); do
		napi=$(sed -n "s/^rx $queue napi //p" /tmp/queues)
		grep -qx "napi $napi" /tmp/napis || fail "$1: queue $queue has NAPI '$napi'"
		check_equal "$1: NAPI of tx $queue" "$napi" "$(sed -n "s/^tx $queue napi //p" /tmp/queues)"
	done
}

# check_stats WHAT QUEUES: they lie between two readings of the other ones.
check_stats() {
	for way in rx tx; do
		for kind in packets bytes; do
			low=$(stat_of ${way}_$kind)
			netdev-nl totals "$GUEST_IF" >/tmp/totals || fail "$1: no totals"
			total=$(sed -n "s/^$way $kind //p" /tmp/totals)
			between "$1: total of $way $kind" "$low" "$total" "$(stat_of ${way}_$kind)"
			for queue in $(seq 0 $(($2 - 1))); do
				low=$(ethtool_stat "${way}_queue_${queue}_$kind")
				netdev-nl stats "$GUEST_IF" >/tmp/stats
				now=$(sed -n "s/^$way $queue $kind //p" /tmp/stats)
				between "$1: $way $queue $kind" "$low" "$now" \
					"$(ethtool_stat "${way}_queue_${queue}_$kind")"
			done
		done
	done
	[ "$(grep -c '^rx [0-9]* packets' /tmp/stats)" = "$2" ] ||
		fail "$1: $(grep -c '^rx [0-9]* packets' /tmp/stats) queues have statistics"
	for name in 'rx alloc-fail' 'tx hw-drops' 'tx stop' 'tx wake'; do
		grep -q "^$name [0-9]" /tmp/totals || fail "$1: no $name"
	done
}
traffic() {
	timeout "$(slow 30)" iperf3 -c "$PEER4" -P 8 -t 1 >/dev/null || fail "iperf3 to the peer"
	timeout "$(slow 30)" iperf3 -c "$PEER4" -P 8 -t 1 -R >/dev/null || fail "iperf3 from the peer"
}

traffic
check_mapping "at first" "$all"
cp /tmp/queues /tmp/queues.first
check_stats "at first" "$all"

if [ "$all" -gt 1 ]; then
	try "fewer queues" ethtool -L "$GUEST_IF" combined 2
	check_mapping "2 queues" 2
	check_stats "2 queues" 2
	check_above "packets of queues that are not in use" \
		"$(($(sed -n 's/^rx 0 packets //p' /tmp/stats) + $(sed -n 's/^rx 1 packets //p' /tmp/stats)))" \
		"$(sed -n 's/^rx packets //p' /tmp/totals)"
	try "all queues" ethtool -L "$GUEST_IF" combined "$all"
fi
for mtu in 1501 1500; do
	ip link set "$GUEST_IF" mtu $mtu 2>/dev/null ||
		ethtool -G "$GUEST_IF" rx $((9000 + mtu % 2)) || fail "no new connection"
	check_mapping "MTU $mtu" "$all"
	cmp -s /tmp/queues /tmp/queues.first ||
		fail "NAPIs changed: $(diff /tmp/queues.first /tmp/queues)"
	check_stats "MTU $mtu" "$all"
done
traffic_flows
check_stats "in the end" "$all"
pass
