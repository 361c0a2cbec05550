#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each allocation of probe fails in turn: probe ends with an error and leaves no
# interface, or does without; the next one always works.
# Break it: leave out a free on an error path (zz_no_memory_leaks sees it), or do
# not look at what an allocation gave.
# groups: failing
# kernels: debug
# timeout: 400
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/failing.sh"

device=$(basename "$(readlink -f "/sys/class/net/$GUEST_IF/device")")
DRIVER=/sys/bus/vmbus/drivers/hv_netvsc
interfaces() {
	find "/sys/bus/vmbus/devices/$device/net" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l
}

filter
echo "$device" >$DRIVER/unbind
undo "echo $device >$DRIVER/bind"
nth=1
failed=0
while write_failing $nth "$device" $DRIVER/bind; do
	if [ $written = 0 ]; then
		check_equal "interfaces without allocation $nth" 1 "$(interfaces)"
		echo "$device" >$DRIVER/unbind
	else
		check_equal "interfaces after allocation $nth failed" 0 "$(interfaces)"
		failed=$((failed + 1))
	fi
	nth=$((nth + 1))
done
note "$((nth - 1)) allocations, $failed of them needed"
check_above "allocations that fail probe" 5 $failed
check_equal "status of probe when none fails" 0 $written
network_back
traffic_flows
pass
