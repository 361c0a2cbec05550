#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A card that the host adds while the driver is loaded asks for its sub-channels after
# probe(). The host refuses them, offers them late, does not answer, or takes the card
# away meanwhile: there is one queue with traffic, the rest come when they can, a
# connection without an answer is replaced, and nothing waits on: nor does who wants
# RTNL, or to use the card.
# Break it: have grow_late() ask for nothing, or wait for the answer; do not look at the
# deadline in netvsc_conn_read_subchannels(); do not let sub_end() kick.
# groups: hotplug
# drivers: ours
# once: newest
# timeout: 240
. "$(dirname "$0")/ktap.sh"

gone() {
	try "$1: removing the card" hostctl nic0 remove
	wait_until 10 card_gone || fail "$1: $GUEST_IF is still there after 10 s"
}

added() {
	try "$1: adding the card" hostctl nic0 add
	wait_until 10 eval '! card_gone' || fail "$1: no $GUEST_IF after 10 s"
}

# all_come WHAT: after what the host did wrong
all_come() {
	hostctl nic0 answer all
	network_back
	wait_until 60 has_channels "$all" || fail "$1: $(queues) queues, $(channels) channels, not $all"
	traffic_flows
	note "$1: all came, $(seconds_up) s"
}

given_up() {
	dmesg | grep -q "did not answer NVSP SUBCHANNEL in time"
}

undo "hostctl nic0 answer all; hostctl nic0 add"
all=$(queues)
check_above "queues" 3 "$all"

try "refusing" hostctl nic0 fail subchannel
gone refused
added refused
network_back
sleep "$(slow 2)"
has_channels 1 || fail "refused: $(queues) queues, $(channels) channels, not 1"
traffic_flows
try "setting one queue" ethtool -L "$GUEST_IF" combined 1
hostctl nic0 answer all
try "asking anew" ethtool -L "$GUEST_IF" combined "$all"
all_come refused

try "offering late" hostctl nic0 slow subchannel-offers 8000
gone late
added late
all_come late

try "not answering" hostctl nic0 silent subchannel
gone silent
added silent
sleep "$(slow 1)"
try "something that needs RTNL" ip link set lo mtu 65535
try "the same again" ip link set lo mtu 65536
network_back
traffic_flows
try "down" ip link set "$GUEST_IF" down
network_back
traffic_flows
! given_up || fail "silent: RTNL came after the request was given up"
check_equal "silent: queues" 1 "$(queues)"
wait_until 60 given_up || fail "silent: the request was not given up"
all_come silent

try "not answering" hostctl nic0 silent subchannel
gone rescinded
added rescinded
sleep "$(slow 1)"
begun=$(seconds_up)
gone rescinded
note "rescinded: gone after $(($(seconds_up) - begun)) s"
hostctl nic0 answer all
added rescinded
all_come rescinded
pass
