#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# When the wanted module does not load, when its card does not come up in time
# and when the network does not answer through it, tools/switch-driver loads the
# old one again and says so. A module that cannot be meant changes nothing.
# Break it: end work() after the first bring_up().
# groups: switch_driver
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

LOG=/run/switch-driver/log
OURS=$(modinfo -n hv_netvsc)

check_driver() {
	[ -e /sys/module/hv_netvsc/srcversion ] && runs=ours || runs=stock
	check_equal "driver" "$1" "$runs"
}

# switch STATUS OPTION...
switch() {
	wanted=$1
	shift
	said=$(switch-driver "$@" 2>&1)
	check_equal "status of switch-driver $* ($said)" "$wanted" $?
}

switch 2 /nonexistent.ko
head -c 1000 "$OURS" >/tmp/hv_netvsc.ko
switch 2 /tmp/hv_netvsc.ko
switch 2 stock --check false
switch 2 stock --timeout soon
switch 0 ours
check_driver ours
traffic_flows

# It passes for a module until the kernel looks for what it needs.
sed 's/vmbus_sendpacket/vmbus_sendpocket/g' "$OURS" >/tmp/hv_netvsc.ko
cmp -s "$OURS" /tmp/hv_netvsc.ko && fail "the module was not broken"
# It has the sources of the one that runs: another srcversion tells them apart.
sv=$(modinfo -F srcversion "$OURS")
sed -i "s/srcversion=$sv/srcversion=$(echo "$sv" | tr 0-9A-F 1-9A-F0)/" /tmp/hv_netvsc.ko
switch 1 /tmp/hv_netvsc.ko
case $said in *"did not load"*) ;; *) fail "it said: $said";; esac
check_driver ours
traffic_flows

# A network that answers through ours only.
switch 1 stock --timeout 5 --check "[ -e /sys/module/hv_netvsc/srcversion ]"
case $said in *"does not answer"*) ;; *) fail "it said: $said";; esac
check_driver ours
traffic_flows

switch 0 stock
undo switch-driver ours
try "silencing the host" hostctl nic0 silent init
undo hostctl nic0 answer all
switch-driver ours --timeout 5 >/tmp/said 2>&1 &
asked=$!
wait_until 60 grep -q "going back" $LOG || fail "it said: $(cat $LOG)"
try "the host answers again" hostctl nic0 answer all
wait $asked
check_equal "status with a silent host ($(cat /tmp/said))" 1 $?
check_driver stock
traffic_flows
switch 0 ours
traffic_flows
pass
