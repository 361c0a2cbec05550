#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host does not answer the opening of a channel while the MTU changes, and takes
# the VF away and then the card. The VF's removal waits for RTNL, which who changes the
# MTU has, and the VMBus core does not see that the card goes before that removal ends.
# So RTNL comes back in bounded time, and everything goes; likewise when the channel is
# one of the others.
# Break it: wait without an end in primary_open(); or in netvsc_channels_quiet().
# groups: vf
# once: newest
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

# What a setting may take, and what the end of a connection.
LIMIT_S=60
# both_go_during STEP: the host does not answer it while the MTU changes.
both_go_during() {
	wait_until 30 has_vf || fail "$1: no VF is joined"
	vf_carries "before $1"
	try "$1: no answers" hostctl nic0 silent "$1"
	# A channel less is no reason to fail, but the next connection waits for its end.
	[ "$1" = open ] || try "$1: one that begins it" ip link set "$GUEST_IF" mtu 3000
	ip link set "$GUEST_IF" mtu 4000 >/tmp/busy 2>&1 &
	busy=$!
	sleep "$(slow 2)"
	kill -0 $busy || fail "$1: the MTU is changed already: $(cat /tmp/busy)"
	try "$1: taking the VF away" hostctl nic0 vf surprise
	try "$1: taking the card away" hostctl nic0 remove
	wait_until $LIMIT_S ended $busy || fail "$1: the change does not end"
	wait_until $LIMIT_S card_gone || fail "$1: the interface stays"
	try "$1: answers" hostctl nic0 answer all
	try "$1: offering the card again" hostctl nic0 add
	network_back
	traffic_flows
	try "$1: offering the VF again" hostctl nic0 vf add
}

undo "hostctl nic0 answer all; hostctl nic0 add; hostctl nic0 vf add"
both_go_during open
both_go_during subchannel-open
pass
