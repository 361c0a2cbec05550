#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest that was started without a VF gets one, whose PCI bus speaks each version
# of its protocol in turn and takes its time to answer: traffic goes over it.
# groups: vf_later
# Break it: let tell_soon() forget a NIC that is ready already; or answer
# RESOURCES_ASSIGNED of version 1.1 as that of 1.2.
# timeout: 240
. "$(dirname "$0")/ktap.sh"

host_says() {
	[ "$(hostctl nic0 vf state | sed -n "s/^$1 //p")" = "$2" ]
}
count_of() {
	hostctl nic0 vf counters | sed -n "s/^$1 //p"
}

host_says state absent || fail "a VF is there from the start"
traffic_flows
undo "hostctl nic0 vf delay probe 0; hostctl nic0 vf remove
wait_until 30 host_says state absent"
hostctl nic0 vf delay probe 1500
for version in 1.1 1.2 1.3 1.4; do
	try "version $version" hostctl nic0 vf version $version
	try "$version: adding a VF" hostctl nic0 vf add
	wait_until 20 host_says told yes || fail "$version: the card was not told"
	traffic_flows
	wait_until 40 host_says path vf || {
		note "$(hostctl nic0 vf state; dmesg | tail -15)"
		fail "$version: the host was not asked to send over the VF"
	}
	check_equal "protocol of the bus" "0x0001000${version#1.}" \
		"$(hostctl nic0 vf state | sed -n 's/^vpci //p')"
	received=$(count_of rx_packets)
	sent=$(count_of tx_packets)
	try "$version: pinging" ping -c 5 -i 0.2 -w 20 "$PEER4"
	check_above "$version: frames to the VF" $((received + 4)) "$(count_of rx_packets)"
	check_above "$version: frames from the VF" $((sent + 4)) "$(count_of tx_packets)"
	try "$version: removing it" hostctl nic0 vf remove
	wait_until 30 host_says state absent || fail "$version: it is not given up"
	traffic_flows
	hostctl nic0 vf delay probe 0
done
check_equal "interrupts that were lost" 0 "$(count_of interrupts_lost)"
pass
