#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The interface starts at 1500 bytes, and its largest MTU is what the host
# offers: jumbo on every host but the oldest protocol. The smallest is 68, with which
# packets of that size come and go.
# Break it: ignore the host's OID_GEN_MAXIMUM_FRAME_SIZE or NDIS configuration; set
# min_mtu to 576.
# groups: base jumbo
. "$(dirname "$0")/ktap.sh"

show=$(ip -d link show dev "$GUEST_IF")
note "$show"
check_equal "mtu" 1500 "$(cat "/sys/class/net/$GUEST_IF/mtu")"
check_above "largest MTU" 1499 "$(echo "$show" | sed -n 's/.* maxmtu \([0-9]*\).*/\1/p')"

undo ip link set "$GUEST_IF" mtu 1500
check_equal "smallest MTU" 68 "$(echo "$show" | sed -n 's/.* minmtu \([0-9]*\).*/\1/p')"
try "MTU 68" ip link set "$GUEST_IF" mtu 68
ip link set "$GUEST_IF" mtu 67 2>/dev/null && fail "67 was taken"
wait_until 10 ping -c 1 -W 1 -M "do" -s 40 "$PEER4" || fail "MTU 68: $PEER4 does not answer"
ping -c 1 -W 1 -M "do" -s 41 "$PEER4" >/dev/null 2>&1 && fail "69 bytes went out whole"
try "MTU 1500" ip link set "$GUEST_IF" mtu 1500
# IPv6 leaves a link of less than 1280.
network_back
traffic_flows
pass
