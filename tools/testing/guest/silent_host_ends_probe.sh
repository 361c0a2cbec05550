#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host that goes silent at any step of the connection: probe ends with an
# error that names the request, nothing is left behind, the module unloads, and
# when the host answers again the cards work. (Trap T21.)
# Break it: wait for the answer without a deadline.
# groups: silent
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

# A card each: what is asked in vain by one does not keep the others waiting. The OIDs:
# address, largest frame, name, offloads, speed, link state, RSS capabilities; and for
# cards with more than one queue, RSS parameters.
STEPS="init recv-buf send-buf rndis-init set control-complete
	oid:0x01010101 oid:0x00010106 oid:0x00020216 oid:0xfc01020d oid:0x00010107
	oid:0x00010114 oid:0x00010203
	subchannel oid:0x00010204"
DRIVER=/sys/bus/vmbus/drivers/hv_netvsc
LIMIT_S=75

# device_of NUMBER: the VMBus device of the host's NIC of that number.
device_of() {
	mac=$(hostctl "nic$1" state | sed -n 's/^mac //p')
	for dir in "$DRIVER"/*-*-*; do
		[ "$(cat "$dir"/net/*/address 2>/dev/null)" = "$mac" ] && basename "$dir"
	done
}

number=0
for step in $STEPS; do
	device=$(device_of $number)
	[ "$device" ] || fail "nic$number: no device"
	echo "$device" >"$DRIVER/unbind"
	try "silencing $step" hostctl "nic$number" silent "$step"
	(
		echo "$device" >"$DRIVER/bind" && echo "$step: bound" >>/tmp/bound
		cut -d. -f1 /proc/uptime >"/tmp/ended.$number"
	) 2>/dev/null &
	number=$((number + 1))
done
began=$(cut -d. -f1 /proc/uptime)
wait
[ -e /tmp/bound ] && fail "probe succeeded without an answer: $(cat /tmp/bound)"

number=0
for step in $STEPS; do
	took=$(($(cat "/tmp/ended.$number") - began))
	[ $took -le "$(slow $LIMIT_S)" ] || fail "$step: probe took $took s"
	try "answering again" hostctl "nic$number" answer all
	number=$((number + 1))
done
said=$(dmesg | grep -c 'host did not answer')
check_equal "messages that name the request" $number "$said"

try "unloading" modprobe -r hv_netvsc
try "loading" modprobe hv_netvsc
interfaces=$(find "$DRIVER"/*/net -mindepth 1 -maxdepth 1 | wc -l)
check_equal "interfaces after the host answers again" $number "$interfaces"
pass
