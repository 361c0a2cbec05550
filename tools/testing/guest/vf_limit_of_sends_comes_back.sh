#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The user wants sends as large as the VF takes, and the host takes less: without the VF
# the limits are the host's, also behind a new connection meanwhile, and with the VF they
# are the user's again. A limit that he sets meanwhile is left alone. What the VF itself
# puts together has our limit as well.
# Break it: take the limit that is in force for the user's in netvsc_path_limit_sends();
# leave out sync_limits().
# groups: vf_lab
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

limit() {
	ip -d -o link show dev "${2:-$GUEST_IF}" | sed -n "s/.* $1 \([0-9]*\).*/\1/p"
}
# Kernels before 6.3 have one limit for both.
limits() {
	echo "$(limit gso_max_size) $(limit gso_ipv4_max_size)"
}
limits_are() {
	[ "$(limits)" = "$1" ]
}
# limited WHEN SIZES
limited() {
	wait_until 10 limits_are "$2" || fail "$1: wanted the limits '$2', got '$(limits)'"
}
rx=$(rx_ring)
host_has_none || vf_taken "before"
host=$(limit tso_max_size)
before=$(limits)
undo "hostctl nic0 vf remove; ethtool -G $GUEST_IF rx $rx
ip link set $GUEST_IF gso_max_size $(limit gso_max_size)"
try "adding the VF" hostctl nic0 vf add
vf_carries "at first"
vf=$(vf_of)
most=$(limit tso_max_size)
check_above "what the VF takes" "$host" "$most"
# Else what we are given for it would be cut in software there.
check_equal "what is in force on the VF" "$(limit tso_max_size "$vf")" "$(limit gso_max_size "$vf")"
# The limit of IPv4 follows, as long as it is not more than what IPv4 can say.
try "large sends" ip link set "$GUEST_IF" gso_max_size "$most"
large=$(limits)
[ "$large" != "$before" ] || fail "the limits are '$large' as before"

gro=$(limit gro_max_size)
try "large receives" ip link set "$GUEST_IF" gro_max_size 30000
undo ip link set "$GUEST_IF" gro_max_size "$gro"
try "down" ip link set "$GUEST_IF" down
network_back
vf_carries "down and up"
check_equal "what the VF puts together" 30000 "$(limit gro_max_size "$vf")"

try "the VF down" ip link set "$vf" down
synthetic_carries "down"
limited "down" "$before"
try "a new connection" ethtool -G "$GUEST_IF" rx $((rx / 2))
limited "a new connection" "$before"
try "another one" ethtool -G "$GUEST_IF" rx "$rx"
limited "another one" "$before"
try "the VF up" ip link set "$vf" up
vf_carries "up"
limited "up" "$large"

try "the VF down again" ip link set "$vf" down
synthetic_carries "down again"
try "small sends" ip link set "$GUEST_IF" gso_max_size 30000
small=$(limits)
try "a third connection" ethtool -G "$GUEST_IF" rx $((rx / 2))
limited "small" "$small"
try "the VF up again" ip link set "$vf" up
vf_carries "up again"
limited "up again" "$small"
traffic_flows
pass
