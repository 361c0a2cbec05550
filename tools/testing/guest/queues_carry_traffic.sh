#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest of four CPUs has four queues; with many flows each of them sends and
# receives, and guest and host count the same channel for each.
# Break it: let netvsc_rss_entry() return 0, or pick_queue().
# groups: queues
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"

stat() {
	ethtool -S "$GUEST_IF" | sed -n "s/^ *$1: //p"
}
queues=$(ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)
check_equal "queues" "$(nproc)" "$queues"
check_equal "channels open at the host" "$queues" \
	"$(open_channels)"
check_equal "RSS at the host" on "$(hostctl nic0 state | sed -n 's/^rss //p')"

for queue in $(seq 0 $((queues - 1))); do
	stat "tx_queue_${queue}_packets" >"/tmp/guest.$queue"
	host_counts nic0 tx_frames "$queue" >"/tmp/host.$queue"
done

# Which queue a flow has is chance: try again until every queue had one.
all_grew() {
	for queue in $(seq 0 $((queues - 1))); do
		[ "$(stat "tx_queue_${queue}_packets")" -gt $(($(cat "/tmp/guest.$queue") + 50)) ] || return 1
		[ "$(stat "rx_queue_${queue}_packets")" -gt 50 ] || return 1
	done
}
for round in 1 2 3 4 5 6; do
	timeout "$(slow 30)" iperf3 -c "$PEER4" -P 8 -t 1 >/dev/null || fail "iperf3 to the peer"
	timeout "$(slow 30)" iperf3 -c "$PEER6" -P 8 -t 1 -R >/dev/null || fail "iperf3 from the peer"
	all_grew && break
done
note "$round rounds: $(ethtool -S "$GUEST_IF" | grep 'queue_._packets' | tr -s ' \n' ' ')"
all_grew || fail "not every queue carried traffic"

# A frame or two may pass between the two readings.
for queue in $(seq 0 $((queues - 1))); do
	guest=$(($(stat "tx_queue_${queue}_packets") - $(cat "/tmp/guest.$queue")))
	host=$(($(host_counts nic0 tx_frames "$queue") - $(cat "/tmp/host.$queue")))
	[ $((guest - host)) -lt 20 ] && [ $((host - guest)) -lt 20 ] ||
		fail "frames on channel $queue: guest $guest, host $host"
done
traffic_flows
pass
