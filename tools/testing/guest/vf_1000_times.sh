#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Under eight TCP streams the VF goes down and up until the host has moved the data
# to it a thousand times, and is removed and added two hundred times with the host's
# answers late at random: no connection is lost, and neither is memory.
# Some rounds are too short for a switch, so what is not over yet is interrupted, too.
# Break it: clear adapter::vf_tx only after the VF has stopped; or hold the VF once
# more in join_vf().
# groups: vf_many
# timeout: 9000
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

# A debug kernel sees in few rounds what another sees in many.
part=$((${LAB_SLOWNESS:-1} > 1 ? 20 : 1))
FLAPS=$((1000 / part)) LATE=$((200 / part)) STREAMS=8
# What is lost each time would be more than this in all.
SLAB_KIB=1024 MEMORY_KIB=6144

# Port 5202 is 0x1452, state 1 is established: the local ends of the connections.
connections() {
	awk '$3 ~ /:1452$/ && $4 == "01" {print $2}' /proc/net/tcp | sort | tr '\n' ' '
}
all_connected() {
	[ "$(connections | wc -w)" = $((STREAMS + 1)) ]
}
alive() {
	kill -0 $load 2>/dev/null || fail "$1: iperf3 ended: $(tail -c 300 /tmp/iperf3)"
	check_equal "$1: connections" "$connected" "$(connections)"
}
moved() {
	[ "$(stat_of tx_packets)" -gt $((seen + 50)) ]
}
goes_on() {
	seen=$(stat_of tx_packets)
	wait_until 60 moved || fail "$1: TCP stands still"
	alive "$1"
}
# memory NAME: KiB of /proc/meminfo.
memory() {
	echo 3 >/proc/sys/vm/drop_caches
	sleep 2
	sed -n "s/^$1: *\([0-9]*\) kB/\1/p" /proc/meminfo
}
remember() {
	slab=$(memory SUnreclaim)
	available=$(memory MemAvailable)
}
# nothing_lost WHEN: since remember().
nothing_lost() {
	slab=$(($(memory SUnreclaim) - slab))
	available=$((available - $(memory MemAvailable)))
	note "$1: slab grew by $slab KiB, $available KiB less are available"
	[ "$LAB_SLOWNESS" != 1 ] || {
		[ $slab -le $SLAB_KIB ] || fail "$1: slab grew by $slab KiB"
		[ $available -le $MEMORY_KIB ] || fail "$1: $available KiB are lost"
	}
}

# flap ROUND: down and up; now and then at once, mostly after a moment.
flap() {
	try "round $1: down" ip link set "$vf" down
	try "round $1: up" ip link set "$vf" up
	[ $(($1 % 7)) = 0 ] || sleep 0.$(($1 % 4))
}
# flap_until TIMES: the host moved the data to the VF so often.
flap_until() {
	first=$(vf_counted to_vf)
	round=0
	while [ $(($(vf_counted to_vf) - first)) -lt "$1" ]; do
		[ $round -lt $((4 * $1)) ] ||
			fail "$round rounds, $(($(vf_counted to_vf) - first)) switches"
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			round=$((round + 1))
			flap $round
		done
		wait_until 30 host_sends_by vf || fail "round $round: the VF does not return"
		[ $((round % 50)) != 0 ] || goes_on "round $round"
	done
}
# late_round NUMBER
late_round() {
	try "late" hostctl nic0 vf switch delay $(($1 * 7919 % 900))
	try "late, round $1: remove" hostctl nic0 vf remove
	wait_until 30 host_has_none || fail "late, round $1: the VF does not go"
	try "late, round $1: add" hostctl nic0 vf add
	wait_until 60 host_sends_by vf || fail "late, round $1: the VF does not return"
	alive "late, round $1"
}

vf_carries "at first"
vf=$(vf_of)
undo "hostctl nic0 vf switch normal; vf_back"
# -i 0: it would remember each interval's results.
iperf3 -c "$PEER4" -p 5202 -P $STREAMS -b 200K -i 0 -t "$(slow 8900)" >/tmp/iperf3 2>&1 &
load=$!
undo "kill $load"
wait_until 30 all_connected || fail "of $((STREAMS + 1)) connections: $(connections)"
connected=$(connections)

# The first ones fill caches.
flap_until $((FLAPS / 10))
remember
flap_until $((FLAPS - FLAPS / 10))
nothing_lost "flaps"
note "$round rounds, the host was asked for the VF $(vf_counted to_vf) times"

late_round 1
remember
for round in $(seq 2 $LATE); do
	late_round "$round"
done
try "in time" hostctl nic0 vf switch normal
nothing_lost "late"
goes_on "in the end"
traffic_flows
pass
