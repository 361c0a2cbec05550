#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The user takes the VF down and up, and its link fails: the data take the
# synthetic path and return, whatever the VF is called by then. (Microsoft's
# verify_sriov_disable_enable_on_guest.)
# The interface itself goes down and up, and the VF with it.
# The limit of large sends follows, and is the user's again with the VF.
# Break it: call a VF without a carrier usable; or leave sends_uncut() out of
# netvsc_path_limit_sends().
# groups: vf
# timeout: 300
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
undo "ip link set $vf up; hostctl nic0 vf link up"
for round in 1 2; do
	try "down" ip link set "$vf" down
	# At once: the switch is sent before the VF stops.
	check_equal "round $round: the host sends by" synthetic "$(host_says path)"
	synthetic_carries "round $round, down"
	# As udev may at any moment.
	if [ $round = 1 ]; then
		try "renaming" ip link set "$vf" name enP1s1
		vf=enP1s1
		undo "ip link set $vf up"
		check_equal "the VF's link" $vf "$(vf_of)"
	fi
	try "up" ip link set "$vf" up
	vf_carries "round $round, up"
done
# The distribution's driver goes on sending by a VF without a link.
if [ "$LAB_DRIVER" = ours ]; then
	try "link down" hostctl nic0 vf link down
	synthetic_carries "without link"
	try "link up" hostctl nic0 vf link up
	vf_carries "with link again"

	# The synthetic path takes no sends as large as the VF does.
	largest() {
		ip -d -o link show dev "$GUEST_IF" | sed -n "s/.* $1 \([0-9]*\).*/\1/p"
	}
	with_vf=$(largest tso_max_size)
	undo "ip link set $GUEST_IF gso_max_size $(largest gso_max_size)"
	try "large sends" ip link set "$GUEST_IF" gso_max_size "$with_vf"
	try "down" ip link set "$vf" down
	synthetic_carries "large sends, down"
	check_above "largest send by the VF" "$(largest tso_max_size)" "$with_vf"
	check_equal "largest send, down" "$(largest tso_max_size)" "$(largest gso_max_size)"
	try "up" ip link set "$vf" up
	vf_carries "large sends, up"
	check_equal "largest send, up" "$with_vf" "$(largest gso_max_size)"
	try "large sends" ip link set "$GUEST_IF" gso_max_size 32768
	try "down" ip link set "$vf" down
	synthetic_carries "smaller sends, down"
	try "up" ip link set "$vf" up
	vf_carries "smaller sends, up"
	check_equal "smaller sends, up" 32768 "$(largest gso_max_size)"
fi

try "the interface down" ip link set "$GUEST_IF" down
check_equal "state of the VF" down "$(cat "/sys/class/net/$vf/operstate")"
check_equal "the host sends by" synthetic "$(host_says path)"
try "the interface up" ip link set "$GUEST_IF" up
network_back
vf_carries "the interface up again"
traffic_flows
pass
