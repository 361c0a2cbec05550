#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host has not said yet whether a channel is open, and the guest is to hibernate:
# that fails, and changes nothing, since the host has the rings of that channel. When
# the host has answered, the card connects, and the guest hibernates.
# Break it: return 0 from netvsc_pause() in any case.
# groups: hibernate
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/hibernate-lib"

undo "hostctl nic0 answer all; ip link set $GUEST_IF mtu 1500"
try "mode" sh -c 'echo shutdown >/sys/power/disk'
try "no answers" hostctl nic0 silent open
! ip link set "$GUEST_IF" mtu 4000 >/tmp/said 2>&1 || fail "an MTU of 4000 is accepted"
made=$(images)
! sh -c 'echo disk >/sys/power/state' 2>/tmp/said || fail "written, to where?"
check_equal "images" "$made" "$(images)"
dmesg | grep -q 'failed to freeze noirq: error -16' ||
	fail "the card does not refuse: $(cat /tmp/said): $(dmesg | tail -5)"
! carrier_is 1 || fail "a carrier without a connection"
try "answers" hostctl nic0 answer all
wait_until 60 carrier_is 1 || fail "not connected when the host has answered: $(dmesg | tail -5)"
traffic_flows
hibernate "then"
wait_until 60 carrier_is 1 || fail "no carrier after that"
network_back
traffic_flows
pass
