#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# When there is no block of memory for rings of full size, a card makes do with smaller
# ones, and says so; its next connection has large ones again.
# Break it: let ring_reuse() take what there is.
# groups: failing
# kernels: debug
# timeout: 100
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/failing.sh"

# rings: bytes of the two rings of the first channel, as the host sees them.
rings() {
	hostctl vmbus list | sed -n 's/^[0-9]* "nic0 channel 0" open .* rings \([0-9]*\) \([0-9]*\)$/\1 \2/p'
}

device=$(basename "$(readlink "/sys/class/net/$GUEST_IF/device")")
driver=/sys/bus/vmbus/drivers/hv_netvsc
full=$(rings)
[ "$full" ] || fail "the host shows no rings: $(hostctl vmbus list)"
filter
undo one_in 0
try "unbinding" sh -c "echo $device >$driver/unbind"
# Both rings are one block: of 1 MiB, which is 2 to the power of 8 pages.
pages_fail 8
try "binding" sh -c "echo $device >$driver/bind"
one_in 0
network_back
dmesg | grep -q 'no memory for rings of [0-9]* bytes, continuing with' ||
	fail "the log says nothing of smaller rings"
small=$(rings)
note "rings: $full, then $small"
check_above "full size" "${small%% *}" "${full%% *}"
traffic_flows
mtu=$(cat "/sys/class/net/$GUEST_IF/mtu")
buffer=$(ethtool -g "$GUEST_IF" | sed -n 's/^RX:[[:space:]]*//p' | tail -1)
try "a new connection" ethtool -G "$GUEST_IF" rx $((buffer / 2))
check_equal "rings" "$full" "$(rings)"
check_equal "MTU" "$mtu" "$(cat "/sys/class/net/$GUEST_IF/mtu")"
traffic_flows
pass
