#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The carrier goes and comes with the host's link, also when the changes come
# fast; then the last one counts, and what is shown changes no more often than each
# two seconds. When the network behind the link is another one, the carrier goes for
# two seconds, so that addresses are renewed. An interface that is taken up while the
# host has no link has no carrier.
# Break it: ignore INDICATE_STATUS; set LINK_PACE to 0; take no notice of
# RNDIS_STATUS_NETWORK_CHANGE; or call netif_carrier_on() in netvsc_go_up() in any case.
# groups: base nvsp2
# timeout: 120
. "$(dirname "$0")/ktap.sh"

changes() {
	cat "/sys/class/net/$GUEST_IF/carrier_changes"
}

undo hostctl nic0 link up
try "link down" hostctl nic0 link down
wait_until 8 carrier_is 0 || fail "carrier is on after the host took the link down"
try "link up" hostctl nic0 link up
wait_until 8 carrier_is 1 || fail "carrier is off after the host gave the link back"

try "link down" hostctl nic0 link down
wait_until 8 carrier_is 0 || fail "carrier is on after the host took the link down again"
try "down" ip link set "$GUEST_IF" down
try "up" ip link set "$GUEST_IF" up
sleep 3
carrier_is 0 || fail "going up gave a carrier while the host's link is down"
try "link up" hostctl nic0 link up
wait_until 8 carrier_is 1 || fail "carrier is off with a link that came after going up"
network_back

before=$(changes)
began=$(seconds_up)
for round in 1 2 3 4 5; do
	try "link down, round $round" hostctl nic0 link down
	try "link up, round $round" hostctl nic0 link up
done

# A driver may show the changes one by one, at a pace of its own.
settled() {
	now=$(seconds_up)
	seen=$(changes)
	sleep 5
	[ "$seen" = "$(changes)" ]
}
for limit in 1 2 3 4 5 6 7 8; do
	settled && break
	note "not settled after $((limit * 5)) s"
done
carrier_is 1 || fail "carrier is off after fast changes that ended with up"
most=$(((now - began) / 2 + 2))
[ $((seen - before)) -le $most ] ||
	fail "$((seen - before)) changes in $((now - began)) s, wanted $most at most"

began=$(seconds_up)
try "another network" hostctl nic0 event network-change
wait_until 8 carrier_is 0 || fail "carrier is on with another network behind the link"
wait_until 8 carrier_is 1 || fail "carrier stays off with another network behind the link"
check_above "seconds until the carrier is back" 1 $(($(seconds_up) - began))
check_equal "changes for another network" $((seen + 2)) "$(changes)"
traffic_flows
pass
