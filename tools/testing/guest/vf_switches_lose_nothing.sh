#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The VF is taken down and up four times while a hundred pings a second are under way:
# none is lost, but for one or two that were in the VF's hands. How many with each
# driver, and for how long nothing came back (the median of the four), is shown. How
# long that is has much to do with how busy the machine is, so it is bounded by what
# would end connections only.
# Then it goes down and up six times under numbered datagrams: how many arrive behind a
# later one is shown, and is no more with each switch than what a ring holds of them.
# Break it: leave qdisc_tx_is_noop() out of is_usable(), and take RTNL for a second
# after the VF's driver has found a carrier; or let the data return behind GOING_DOWN
# only.
# groups: vf
# timeout: 420
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

ROUNDS=4 PINGS=150
FLAPS=6 RING=64
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

# What is late on a kernel that watches itself is so for other reasons.
[ "${LAB_SLOWNESS:-1}" = 1 ] || {
	traffic_flows
	pass
}

moves() {
	echo $(($(vf_counted to_vf) + $(vf_counted to_synthetic)))
}
# 250 a second each way, as many as are sent in a quarter of one count as a ring. Each
# end knows what it received.
timeout "$(slow 60)" iperf3 -c "$PEER4" -u --bidir -J --get-server-output -l 200 \
	-b 400K -t "$(slow 20)" >/tmp/iperf3.json 2>&1 &
load=$!
undo "kill $load"
switches=$(moves)
for flap in $(seq $FLAPS); do
	kill -0 $load 2>/dev/null || break
	try "flap $flap: down" ip link set "$vf" down
	wait_until 20 host_sends_by synthetic || fail "flap $flap: the host does not return"
	try "flap $flap: up" ip link set "$vf" up
	wait_until 20 host_sends_by vf || fail "flap $flap: the VF does not return"
done
switches=$(($(moves) - switches))
wait $load || fail "iperf3: $(tail -c 300 /tmp/iperf3.json)"
grep -q '"server_output_' /tmp/iperf3.json ||
	fail "the peer does not say what it received: $(tail -c 600 /tmp/iperf3.json)"
grep -q '"out_of_order"' /tmp/iperf3.json ||
	fail "iperf3 does not say what was out of order: $(tail -c 600 /tmp/iperf3.json)"
here=$(sed -n 's/.*"out_of_order":[^0-9]*\([0-9]*\).*/\1/p' /tmp/iperf3.json | sort -n | tail -1)
there=$(grep -o '[0-9]* datagrams received out-of-order' /tmp/iperf3.json | sort -n | tail -1)
there=${there%% *}
check_above "switches" 1 $switches
note "$switches switches"
for row in "received $here" "sent ${there:-0}"; do
	late=${row#* }
	figure "out_of_order_${row% *}_at_$((2 * FLAPS))_switches" "$late" datagrams
	[ "$LAB_DRIVER" = stock ] || [ "$late" -le $((switches * RING)) ] ||
		fail "$switches switches put $late datagrams out of order that were ${row% *}"
done
traffic_flows
pass
