#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host does not answer the opening of a sub-channel, or of the card's first channel,
# and takes the card away: while more queues are asked for, while the MTU changes, while
# the driver is loaded, and while the card that was just offered is probed. The VMBus core waits for that answer
# without an end, and who waits for the core may be what keeps it from seeing that
# there will be none.
# The distribution's driver opens sub-channels behind the user's back.
# Break it: leave netvsc_rescinded() out of netvsc_channels_open(), or
# can_end() out of netvsc_probe().
# groups: queues
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"

LIMIT_S=20
# rescind_during STEP WHAT COMMAND...: it is opening such a channel when the card goes.
rescind_during() {
	step=$1
	case="$2, $1"
	shift 2
	try "$case: no answers" hostctl nic0 silent "$step"
	"$@" >/tmp/busy 2>&1 &
	busy=$!
	sleep "$(slow 2)"
	try "$case: taking it away" hostctl nic0 remove
	wait_until $LIMIT_S ended $busy || fail "$case: it does not end"
	wait_until $LIMIT_S card_gone || fail "$case: the interface stays"
	try "$case: answers" hostctl nic0 answer all
	try "$case: offering it again" hostctl nic0 add
	network_back
	traffic_flows
}
one_queue() {
	try "one queue" ethtool -L "$GUEST_IF" combined 1
	# Channels that are open stay so; a new connection opens what is used.
	try "a new connection" ip link set "$GUEST_IF" mtu 2000
}

undo "hostctl nic0 answer all; hostctl nic0 add; modprobe hv_netvsc"
one_queue
rescind_during subchannel-open "more queues" ethtool -L "$GUEST_IF" combined 2
for step in subchannel-open open; do
	rescind_during $step "another MTU" ip link set "$GUEST_IF" mtu 4000
	try "unloading" modprobe -r hv_netvsc
	rescind_during $step "loading" modprobe hv_netvsc
	# The core waits for its probe before it goes on with a card that goes again.
	try "taking it away" hostctl nic0 remove
	wait_until $LIMIT_S card_gone || fail "the interface stays"
	rescind_during $step "probing" hostctl nic0 add
done
pass
