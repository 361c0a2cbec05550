#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The VF is taken down and up four times while a hundred pings a second are under way:
# none is lost, but for one or two that were in the VF's hands. How many with each
# driver, and for how long nothing came back (the median of the four), is shown. How
# long that is has much to do with how busy the machine is, so it is bounded by what
# would end connections only.
# Break it: use is_ready() in is_wanted(), and take RTNL for a second after the VF's
# driver has found a carrier; or let the data return behind GOING_DOWN only.
# groups: vf
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

ROUNDS=4 PINGS=150
vf_carries "at first"
vf=$(vf_of)
undo "ip link set $vf up"

# measured WAY PATH: the lost of PINGS, and the longest silence in ms, behind what is
# there in files of that name.
measured() {
	ping -D -i 0.01 -c $PINGS -W 5 "$PEER4" >/tmp/pings 2>&1 &
	pinging=$!
	sleep 0.5
	try "$1" ip link set "$vf" "$1"
	wait $pinging
	wait_until 20 host_sends_by "$2" || fail "$1: the host does not send by $2"
	awk -v pings=$PINGS '/icmp_seq/ {
			now = substr($1, 2) + 0
			if (last && now - last > most) most = now - last
			last = now
			came++
		} END {printf "%d %d\n", pings - came, most * 1000}' /tmp/pings >/tmp/one
	read -r lost silence </tmp/one
	echo "$lost" >>"/tmp/lost.$1"
	echo "$silence" >>"/tmp/silence.$1"
}
rm -f /tmp/lost.* /tmp/silence.*
for _ in $(seq $ROUNDS); do
	measured down synthetic
	measured up vf
	vf_carries "up again"
done
for way in down up; do
	lost=$(awk '{sum += $1} END {print sum}' /tmp/lost.$way)
	silence=$(sort -n /tmp/silence.$way | sed -n "$((ROUNDS / 2))p")
	figure lost_of_$((ROUNDS * PINGS))_pings_vf_$way "$lost" pings
	figure silence_vf_$way "$silence" ms
	[ "$LAB_DRIVER" = ours ] || continue
	[ "$lost" -le 2 ] || fail "$way: $lost of $((ROUNDS * PINGS)) pings are lost"
	[ "$silence" -lt "$(slow 5000)" ] || fail "$way: nothing came for $silence ms"
done
traffic_flows
pass
