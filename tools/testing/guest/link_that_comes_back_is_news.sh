#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host says that the link is up, and it was all the time: the card may be at another
# port of the switch, so it tells its neighbours where it is. A link that fell and is up
# again before anybody could see it is shown down and up, as addresses may have to be
# renewed: what users of DHCP behind a virtual switch that was moved wait for.
# Break it: take NETVSC_EVENT_FELL and NETVSC_EVENT_PEERS out of update_link() of
# netvsc_drv.c.
# groups: base
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

changes() {
	cat "/sys/class/net/$GUEST_IF/carrier_changes"
}
quiet() {
	sent=$(stat_of tx_packets)
	sleep 3
	[ "$(stat_of tx_packets)" = "$sent" ]
}
said_something() {
	[ "$(stat_of tx_packets)" -gt "$sent" ]
}

undo hostctl nic0 link up
before=$(changes)
for _ in 1 2 3 4 5 6 7 8; do
	quiet && break
done
try "up again" hostctl nic0 link up
wait_until 5 said_something || fail "nobody is told"
[ "$(changes)" = "$before" ] || fail "the carrier changed, and the link did not"

# What is shown is not changed for two seconds.
try "down" hostctl nic0 link down
wait_until 8 carrier_is 0 || fail "the carrier stays"
try "up" hostctl nic0 link up
wait_until 8 carrier_is 1 || fail "the carrier does not come back"
before=$(changes)
try "down, unseen" hostctl nic0 link down
try "up, unseen" hostctl nic0 link up
shown() {
	[ "$(changes)" -ge $((before + 2)) ] && carrier_is 1
}
wait_until 12 shown || fail "of a link that fell nothing is shown: $(changes) changes, before $before"
traffic_flows
pass
