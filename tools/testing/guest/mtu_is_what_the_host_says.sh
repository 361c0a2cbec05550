#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The interface starts at 1500 bytes, and its largest MTU is what the host
# offers: jumbo on every host but the oldest protocol.
# Break it: ignore the host's OID_GEN_MAXIMUM_FRAME_SIZE or NDIS configuration.
# groups: base jumbo
. "$(dirname "$0")/ktap.sh"

show=$(ip -d link show dev "$GUEST_IF")
note "$show"
check_equal "mtu" 1500 "$(cat "/sys/class/net/$GUEST_IF/mtu")"
check_above "largest MTU" 1499 "$(echo "$show" | sed -n 's/.* maxmtu \([0-9]*\).*/\1/p')"
pass
