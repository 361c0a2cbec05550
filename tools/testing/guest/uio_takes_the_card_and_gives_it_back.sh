#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The card goes from the kernel's own driver to ours, to uio_hv_generic, which is
# what DPDK uses, and back to ours, twice: each finds a channel that it can open,
# and nothing of the one before is freed twice. (Rule 3.4, traps T47, T55; LISA's
# verify_uio_binding.)
# Break it: leave the requestor's lines out of chan_clean().
# groups: switch_driver
# drivers: ours
# since: 6.12
# That of 6.1 takes only channels with a monitor page (-ENOTSUPP), which our host has
# not.
# timeout: 240
. "$(dirname "$0")/ktap.sh"

GUID=f8615163-df3e-46c5-913f-f2d2f965ed0e
DRIVERS=/sys/bus/vmbus/drivers
device=$(basename "$(readlink -f "/sys/class/net/$GUEST_IF/device")")
driver_is() {
	[ "$(basename "$(readlink -f "/sys/bus/vmbus/devices/$device/driver")")" = "$1" ]
}
back() {
	driver_is uio_hv_generic && echo "$device" >$DRIVERS/uio_hv_generic/unbind
	driver_is hv_netvsc || echo "$device" >$DRIVERS/hv_netvsc/bind
}
undo "back; switch-driver ours"

modprobe uio_hv_generic || skip "this kernel has no uio_hv_generic"
try "new id" sh -c "echo $GUID >$DRIVERS/uio_hv_generic/new_id"
for round in 1 2; do
	try "stock, round $round" switch-driver stock
	traffic_flows
	try "ours, round $round" switch-driver ours
	traffic_flows
	try "unbinding" sh -c "echo $device >$DRIVERS/hv_netvsc/unbind"
	[ -e "/sys/class/net/$GUEST_IF" ] && fail "round $round: the interface stayed"
	echo "$device" 2>/dev/null >$DRIVERS/uio_hv_generic/bind ||
		fail "round $round: uio_hv_generic does not take it: $(dmesg | tail -1)"
	driver_is uio_hv_generic || fail "round $round: uio_hv_generic has not got it"
	wait_until 5 test -e /dev/uio0 || fail "round $round: no /dev/uio0"
	# It opens the channel as long as the file is open.
	(exec 3</dev/uio0 || exit 1
	 hostctl vmbus list >/tmp/channels) || fail "round $round: /dev/uio0 does not open"
	note "$(cat /tmp/channels)"
	try "unbinding" sh -c "echo $device >$DRIVERS/uio_hv_generic/unbind"
	try "ours again" sh -c "echo $device >$DRIVERS/hv_netvsc/bind"
	network_back
	traffic_flows
done
try "no uio" modprobe -r uio_hv_generic
timeout "$(slow 30)" iperf3 -c "$PEER4" -t 1 >/tmp/iperf3 2>&1 || fail "iperf3: $(tail -c 300 /tmp/iperf3)"
traffic_flows
pass
