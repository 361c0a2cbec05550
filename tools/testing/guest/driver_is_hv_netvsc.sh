#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ethtool names the driver hv_netvsc and a bus address: scripts rely on it.
# Break it: give ethtool_drvinfo another name.
# groups: base
. "$(dirname "$0")/ktap.sh"

info=$(ethtool -i "$GUEST_IF") || fail "ethtool -i $GUEST_IF failed"
check_equal "driver" hv_netvsc "$(echo "$info" | sed -n 's/^driver: //p')"
# The bus address is the VMBus device's GUID.
bus=$(basename "$(readlink "/sys/class/net/$GUEST_IF/device")")
check_equal "bus-info" "$bus" "$(echo "$info" | sed -n 's/^bus-info: //p')"
pass
