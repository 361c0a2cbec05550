#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Sends are under way that are longer than the host takes, for a VF that takes them, and
# the VF's driver detaches it without telling anybody: the next of them finds that out.
# It goes by the synthetic path, no longer than the host takes, and TCP goes on.
# Break it: leave xmit_cut() out of netvsc_tx_xmit().
# groups: vf_lab
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

DETACHED=/sys/module/labvf/parameters/detached
MIN_SEGS=/proc/sys/net/ipv4/tcp_min_tso_segs
# What the host takes, and what TCP makes of 45 segments.
LONG=62780 BURST=65160
host_has_none || vf_taken "before"
largest() {
	ip -d -o link show dev "$GUEST_IF" | sed -n "s/.* $1 \([0-9]*\).*/\1/p"
}
undo "echo 0 >$DETACHED; echo $(cat $MIN_SEGS) >$MIN_SEGS
ip link set $GUEST_IF gso_max_size $(largest gso_max_size); hostctl nic0 vf remove"
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
# More would leave the limit of IPv4 as it is.
try "large sends" ip link set "$GUEST_IF" gso_max_size 65536
# However slow the machine is.
echo 64 >$MIN_SEGS

sample() {
	packets=$(stat_of tx_packets) bytes=$(stat_of tx_bytes)
}
# Of all that is sent in a while, or nearly.
sends_are_long() {
	sample
	sleep 0.5
	packets=$(($(stat_of tx_packets) - packets))
	[ $packets -ge 5 ] && [ $(($(stat_of tx_bytes) - bytes)) -gt $((packets * LONG)) ]
}
moved() {
	[ "$(stat_of tx_bytes)" -gt $((bytes + 500000)) ]
}
# A window as long as several sends from the start; one that loses something is short
# for good.
route="$(ip -4 route show "${PEER4%.*}.0/24" dev "$GUEST_IF") dev $GUEST_IF"
undo "ip route replace $route"
# shellcheck disable=SC2086 # words
try "a long window" ip route replace $route initcwnd 200
for attempt in 1 2 3 4 5; do
	iperf3 -c "$PEER4" -p 5202 -P 4 -l $BURST -w 400K -b 2M \
		-t "$(slow 100)" >/tmp/iperf3 2>&1 &
	load=$!
	wait_until 5 sends_are_long && break
	note "attempt $attempt: $packets packets are not long: $(tail -1 /tmp/iperf3)"
	kill $load
	wait $load 2>/dev/null
	load=
done
[ "$load" ] || fail "what is sent is never long"
undo "kill $load"
echo 1 >$DETACHED
wait_until 20 host_sends_by synthetic || fail "detached, the VF is still used"
sample
wait_until 30 moved || fail "TCP stands still: $(tail -c 300 /tmp/iperf3)"
kill $load
echo 0 >$DETACHED
vf_carries "attached"
traffic_flows
pass
