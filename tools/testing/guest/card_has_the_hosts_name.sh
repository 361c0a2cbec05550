#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The name that the host gives a card becomes the interface's alias, once: the
# user's own stays over a new connection. Hyper-V's usual name is none.
# Break it: leave is_registered() out in take_name().
# groups: named
# drivers: ours
# timeout: 90
. "$(dirname "$0")/ktap.sh"

alias_of() {
	cat "/sys/class/net/$1/ifalias"
}
other=
for dir in /sys/bus/vmbus/drivers/hv_netvsc/*/net/*; do
	[ "$(basename "$dir")" = "$GUEST_IF" ] || other=$(basename "$dir")
done
check_equal "alias" "Lab network 7" "$(alias_of "$GUEST_IF")"
[ "$other" ] || fail "there is no second card"
check_equal "alias of a card without a name" "" "$(alias_of "$other")"

try "an alias" ip link set "$GUEST_IF" alias mine
ethtool -G "$GUEST_IF" rx 5000 || fail "a new connection"
check_equal "alias after a new connection" mine "$(alias_of "$GUEST_IF")"
try "no alias" ip link set "$GUEST_IF" alias ""
ethtool -G "$GUEST_IF" rx 9709 || fail "a new connection"
check_equal "alias that was taken away" "" "$(alias_of "$GUEST_IF")"
traffic_flows
pass
