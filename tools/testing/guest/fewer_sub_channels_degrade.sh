#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host grants fewer sub-channels than were asked for, none, offers none or
# late, or one fails to open: the card comes up with what there is, says so in
# one line, and its tables name only channels that are open. (Traps T13, T15.)
# Break it: count the queues that were asked for in use_usable().
# groups: queues
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

lines() {
	dmesg | grep -c 'using [0-9]* of [0-9]* queues'
}

# come_up WHAT QUEUES: load the driver; so many queues if they are known, one
# line, traffic.
come_up() {
	before=$(lines)
	try "$1: loading" modprobe hv_netvsc
	network_back
	[ "$2" = - ] || check_equal "$1: queues" "$2" "$(queues)"
	check_equal "$1: lines in the log" 1 $(($(lines) - before))
	timeout "$(slow 30)" iperf3 -c "$PEER4" -P 8 -t 1 >/dev/null || fail "$1: iperf3 to the peer"
	timeout "$(slow 30)" iperf3 -c "$PEER4" -P 8 -t 1 -R >/dev/null || fail "$1: iperf3 from the peer"
}

undo "hostctl nic0 answer all; hostctl nic0 grant 64; modprobe -r hv_netvsc; modprobe hv_netvsc"
all=$(queues)
check_above "queues" 3 "$all"

try "unloading" modprobe -r hv_netvsc
try "granting one" hostctl nic0 grant 1
come_up "one granted" 2
try "unloading" modprobe -r hv_netvsc
try "granting all" hostctl nic0 grant 64

try "refusing" hostctl nic0 fail subchannel
come_up "none granted" 1
try "unloading" modprobe -r hv_netvsc
hostctl nic0 answer all

try "failing one" hostctl nic0 fail subchannel-open
come_up "one fails to open" $((all - 1))
try "unloading" modprobe -r hv_netvsc
hostctl nic0 answer all

try "offering none" hostctl nic0 silent subchannel-offers
come_up "none offered" 1
try "unloading" modprobe -r hv_netvsc
hostctl nic0 answer all

try "offering late" hostctl nic0 slow subchannel-offers 8000
come_up "offered late" -
wait_until 20 has_channels "$all" || fail "offered late: wanted $all queues in the end, got $(queues)"
timeout "$(slow 30)" iperf3 -c "$PEER4" -P 8 -t 1 >/dev/null || fail "offered late: iperf3"
traffic_flows
pass
