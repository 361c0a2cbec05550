#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The VF has the card's address and sits in the PCI slot that the host named on the
# card's channel; it is the card's lower device.
# groups: vf_later
# Break it: give BUS_RELATIONS another serial number than SEND_VF_ASSOCIATION has.
# timeout: 120
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

undo "hostctl nic0 vf remove; wait_until 30 host_has_none"
try "adding a VF" hostctl nic0 vf add
wait_until 40 host_sends_by vf || fail "the VF is not used: $(dmesg | tail -15)"
vf=$(vf_of)
check_equal "master of $vf" "$GUEST_IF" \
	"$(basename "$(readlink "/sys/class/net/$vf/master")")"
check_equal "address of $vf" "$(cat "/sys/class/net/$GUEST_IF/address")" \
	"$(cat "/sys/class/net/$vf/address")"
check_equal "driver of $vf" ixgbevf \
	"$(basename "$(readlink "/sys/class/net/$vf/device/driver")")"
in_its_slot "$GUEST_IF" nic0
pass
