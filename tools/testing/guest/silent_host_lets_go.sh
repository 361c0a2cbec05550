#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host stops answering while the interface is up: taking it down ends with
# the request's deadline, later requests fail at once, and the module unloads.
# Either may have to wait for an attempt to connect anew, which has its deadline.
# Break it: wait again after the first silence.
# drivers: ours
# timeout: 150
. "$(dirname "$0")/ktap.sh"

# seconds COMMAND...: how long it took.
seconds() {
	from=$(cut -d. -f1 /proc/uptime)
	"$@" >/dev/null 2>&1
	echo $(($(cut -d. -f1 /proc/uptime) - from))
}

undo hostctl nic0 answer all
for step in set query halt control-complete tx-complete; do
	try "silencing" hostctl nic0 silent $step
done
ping -c 2 -W 1 "$PEER4" >/dev/null
took=$(seconds ip link set "$GUEST_IF" down)
note "down took $took s"
[ "$took" -le "$(slow 40)" ] || fail "ip link set down took $took s"
took=$(seconds ip link set "$GUEST_IF" up)
[ "$took" -le "$(slow 22)" ] || fail "after one silence the next request took $took s"
took=$(seconds modprobe -r hv_netvsc)
[ "$took" -le "$(slow 30)" ] || fail "unloading took $took s"
! [ -e "/sys/class/net/$GUEST_IF" ] || fail "$GUEST_IF is still there"

hostctl nic0 answer all
try "loading" modprobe hv_netvsc
network_back
traffic_flows
pass
