#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ethtool and sysfs name the driver hv_netvsc: scripts rely on it.
# Break it: give ethtool_drvinfo another name.
# groups: base
. "$(dirname "$0")/ktap.sh"

info=$(ethtool -i "$GUEST_IF") || fail "ethtool -i $GUEST_IF failed"
check_equal "driver" hv_netvsc "$(echo "$info" | sed -n 's/^driver: //p')"
module=$(basename "$(readlink "/sys/class/net/$GUEST_IF/device/driver/module")")
check_equal "module" hv_netvsc "$module"
pass
