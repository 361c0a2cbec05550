#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The VF is removed as planned, ejected, and taken without a word, while eight TCP
# streams run: they go on by the synthetic path, and by the VF when it is back.
# What is to be left alone is marked before anybody sees it: each message of the
# kernel about the VF has the flag. The log says that the data left the VF, and that the
# host took it.
# Nothing is sent by the one that is back before the host has agreed to it.
# Break it: in vf_event(), do nothing for NETDEV_GOING_DOWN and NETDEV_DOWN; or set
# adapter::vf_tx in path_ask().
# groups: vf vf_old
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

undo vf_back
vf_carries "at first"
early=$(vf_counted tx_too_early)
vf=$(vf_of)
ip -o monitor link >/tmp/links &
undo "kill $!"
iperf3 -c "$PEER4" -p 5202 -P 8 -b 500K -t "$(slow 200)" >/tmp/iperf3 2>&1 &
load=$!
undo "kill $load"

moved() {
	[ "$(stat_of tx_packets)" -gt $((seen + 100)) ]
}
for how in remove eject surprise; do
	seen=$(stat_of tx_packets)
	wait_until 30 moved || fail "before $how: TCP stands still"
	slot="VF slot $(host_says serial) removed"
	left="Data path switched from VF: $vf"
	slots=$(logged "$slot")
	lefts=$(logged "$left")
	try "$how" hostctl nic0 vf $how
	wait_until 20 has_no_vf || fail "$how: the VF is still joined"
	# Nobody has it, and then its interface goes.
	wait_until 10 test ! -e "/sys/class/net/$vf" || fail "$how: the VF is still there"
	wait_until 10 logged_more "$left" "$lefts" || fail "$how: the log does not say '$left'"
	# The host says so, but where it takes the VF without a word.
	[ $how = surprise ] || wait_until 10 logged_more "$slot" "$slots" ||
		fail "$how: the log does not say '$slot'"
	seen=$(stat_of tx_packets)
	by_vf=$(counted vf_tx_packets)
	wait_until 30 moved || fail "after $how: TCP stands still"
	check_equal "$how: packets by a VF that is gone" "$by_vf" "$(counted vf_tx_packets)"
	dropped=$(counted vf_tx_dropped)
	try "add" hostctl nic0 vf add
	wait_until 30 host_sends_by vf || fail "$how: the VF does not come back: $(dmesg | tail)"
	vf=$(vf_of)
	by_vf_moves() {
		[ "$(counted vf_tx_packets)" -gt $((by_vf + 100)) ]
	}
	wait_until 30 by_vf_moves || fail "after $how: TCP does not return to the VF"
	# The distribution's driver sends by a VF that has no link and no queues yet.
	[ "$LAB_DRIVER" = stock ] ||
		check_equal "after $how: dropped by the VF's queues" "$dropped" \
			"$(counted vf_tx_dropped)"
	kill -0 $load 2>/dev/null || fail "$how: iperf3 ended: $(tail -c 300 /tmp/iperf3)"
done
unmarked=$(grep " ${vf}[:@]" /tmp/links | grep -v '^Deleted\|SLAVE' | head -3)
check_equal "messages of a VF without the flag" "" "$unmarked"
said "VF unregistering: $vf" || fail "the log does not say that the VF left"
[ "$LAB_DRIVER" = stock ] ||
	check_equal "frames by a VF that the host was never asked for" "$early" \
		"$(vf_counted tx_too_early)"
traffic_flows
pass
