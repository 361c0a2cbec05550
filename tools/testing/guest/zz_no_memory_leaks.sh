#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# After all other tests no memory of the kernel's is left that nobody points to:
# with the driver loaded, and when its own variables are gone as well.
# Break it: take a kfree() out of the driver.
# groups: every
# kernels: debug
# timeout: 240
. "$(dirname "$0")/ktap.sh"
LEAKS=/sys/kernel/debug/kmemleak

# The bus of VFs, pci-hyperv, loses a device that goes while it comes; and the VMBus core
# leaves the rings of a sub-channel alone, on purpose, which it has no memory to close.
# That is not ours to mend; it is shown, and what else is lost counts.
not_of_the_bus() {
	awk -v group="$LAB_GROUP" 'function judge() {
			if ((block !~ /\[pci_hyperv\]/ || block ~ /\[hv_netvsc\]/) &&
			    (group != "failing" || block !~ /hv_ringbuffer_init.*vmbus_add_channel_work/))
				printf "%s", block
			block = ""
		}
		/^unreferenced/ {judge()}
		{block = block $0 "\n"}
		END {judge()}'
}

# kmemleak reports what is older than 5 s, and the same at two scans.
nothing_leaked() {
	sleep 6
	# It is judged here.
	expect_complaint "new suspected memory leaks"
	try "kmemleak is at work" sh -c "echo scan >$LEAKS"
	try "kmemleak is at work" sh -c "echo scan >$LEAKS"
	found=$(cat $LEAKS)
	[ "$found" ] || return 0
	note "$found"
	found=$(echo "$found" | not_of_the_bus)
	[ "$found" ] || return 0
	fail "$1: $(echo "$found" | grep -c '^unreferenced') blocks are lost"
}

nothing_leaked "driver loaded"
try "unloading" modprobe -r hv_netvsc
nothing_leaked "driver unloaded"
try "loading" modprobe hv_netvsc
[ "$LAB_NO_NET" ] && pass
network_back
traffic_flows
pass
