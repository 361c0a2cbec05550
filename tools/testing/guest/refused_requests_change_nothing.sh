#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host refuses one request after the other, while the driver is loaded, a
# card is taken up, and MTU, rings, queues, address and RSS key change: what it
# can do without it does without; else the change fails with its error, at once,
# the old setting is in force, and the card connects again by itself.
# Break it: do not try the old settings in netvsc_reconfigure(); or return 0 from
# netvsc_set_mac_address() in any case.
# groups: faults long
# drivers: ours
# once: oldest
# timeout: 400
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/requests.sh"

# Less than the deadline of a request.
LIMIT_S=25

# rows STEP...: their lines of the table, all without.
rows() {
	[ $# -gt 0 ] || set -- .
	echo "$REQUESTS" | grep -E "^($(echo "$*" | tr ' ' '|'))"
}

undo "hostctl nic0 answer all; ip link set $GUEST_IF up mtu 1500; ethtool -G $GUEST_IF rx 9709; ethtool -L $GUEST_IF combined 2"
device=$(basename "$(readlink -f "/sys/class/net/$GUEST_IF/device")")
number() {
	case $1 in
	Protocol_error) echo 71;;
	Input/output_error) echo 5;;
	Resource_temporarily_unavailable) echo 11;;
	esac
}

# While the driver is loaded.
rows >/tmp/rows
while read -r step refused _; do
	try "unloading" modprobe -r hv_netvsc
	try "refusing $step" hostctl nic0 fail "$step"
	echo "<6>refused: $step" >/dev/kmsg
	try "loading" modprobe hv_netvsc
	case $refused in
	ok | fewer)
		[ -e "/sys/class/net/$GUEST_IF" ] || fail "probe, $step refused: no interface"
		[ "$step" = oid:0x0001010e ] && hostctl nic0 answer all
		network_back
		wait_until 20 works || fail "probe, $step refused: nothing flows";;
	*)
		[ -e "/sys/class/net/$GUEST_IF" ] && fail "probe, $step refused: there is an interface"
		dmesg | sed "1,/refused: $step\$/d" |
			grep -q "unable to connect to NetVSP - -$(number "$refused")\$" ||
			fail "probe, $step refused: the log does not name $refused: $(dmesg | tail -2)";;
	esac
	try "answering" hostctl nic0 answer all
done </tmp/rows
reloaded

# While settings change that take a new connection; in the group `long` each
# request, elsewhere those that differ.
rows open init recv-buf send-buf rndis-init oid:0x01010101 oid:0xfc01020d oid:0x0001010e >/tmp/rows
[ "$LAB_GROUP" = long ] && rows >/tmp/rows
while read -r step refused _; do
	change_under fail "$step" mtu "$refused" $LIMIT_S
done </tmp/rows
reloaded
rows recv-buf send-buf >/tmp/rows
while read -r step refused _; do
	change_under fail "$step" rings "$refused" $LIMIT_S
done </tmp/rows
reloaded
rows init subchannel oid:0x00010203 oid:0x00010204 >/tmp/rows
while read -r step refused _; do
	change_under fail "$step" queues "$refused" $LIMIT_S
done </tmp/rows

# And those that take one request.
change_under fail oid:0x00010204 key Input/output_error $LIMIT_S
change_under fail oid:0x0001010e state Input/output_error $LIMIT_S
change_under fail oid:0x0001021b address Input/output_error $LIMIT_S
network_back
traffic_flows
try "unloading" modprobe -r hv_netvsc
try "loading" modprobe hv_netvsc
[ "$(basename "$(readlink -f "/sys/class/net/$GUEST_IF/device")")" = "$device" ] ||
	fail "$GUEST_IF is another device"
network_back
traffic_flows
pass
