#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's messages leave by netconsole with interrupts off, where no other device can
# be queued to: while the VF carries the data they take the synthetic path, each of them,
# and the kernel does not complain.
# Break it: return true from netvsc_path_can_send() for a VF that is usable.
# groups: vf
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

LINES=100
vf_carries "at first"
mac=$(ip neigh show "$PEER4" dev "$GUEST_IF" | sed -n 's/.*lladdr \([^ ]*\).*/\1/p')
address=$(ip -4 -o addr show dev "$GUEST_IF" | awk '{sub("/.*", "", $4); print $4; exit}')
[ "$mac" ] && [ "$address" ] ||
	fail "$PEER4 has the address '$mac', $GUEST_IF has '$address'"
try "netconsole" modprobe netconsole "netconsole=@$address/$GUEST_IF,6666@$PEER4/$mac"
undo modprobe -r netconsole

by_vf=$(counted vf_tx_packets)
before=$(vf_counted tx_synthetic)
for line in $(seq $LINES); do
	echo "<0>netconsole beside a VF $line" >/dev/kmsg || fail "no message"
done
all_came() {
	came=$(($(vf_counted tx_synthetic) - before))
	[ $came -ge $LINES ]
}
wait_until 20 all_came ||
	fail "of $LINES messages $came took the synthetic path, $(($(counted vf_tx_packets) - by_vf)) packets the VF"
check_equal "the host sends by" vf "$(host_says path)"
vf_carries "after the messages"
pass
