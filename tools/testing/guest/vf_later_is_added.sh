#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest without a VF gets one, whose PCI bus speaks each version of its protocol in
# turn and takes its time to answer: traffic goes over it.
# groups: vf_later vf
# Break it: let tell_soon() forget a NIC that is ready already; or answer
# RESOURCES_ASSIGNED of version 1.1 as that of 1.2.
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

if [ "$LAB_GROUP" = vf ]; then
	case $(uname -r) in
	6.*) skip "it is in the group vf_later, with both drivers";;
	esac
	vf_carries "at first"
	undo "hostctl nic0 vf version 1.$(host_says vpci | sed 's/0x0001000//'); vf_back"
	vf_taken "before"
fi
host_has_none || fail "a VF is there from the start"
traffic_flows
told() {
	[ "$(host_says told)" = yes ]
}
undo "hostctl nic0 vf delay probe 0; hostctl nic0 vf remove; wait_until 30 host_has_none"
hostctl nic0 vf delay probe 1500
for version in 1.1 1.2 1.3 1.4; do
	try "version $version" hostctl nic0 vf version $version
	try "$version: adding a VF" hostctl nic0 vf add
	wait_until 20 told || fail "$version: the card was not told"
	traffic_flows
	wait_until 40 host_sends_by vf || {
		note "$(hostctl nic0 vf state; dmesg | tail -15)"
		fail "$version: the host was not asked to send over the VF"
	}
	check_equal "protocol of the bus" "0x0001000${version#1.}" "$(host_says vpci)"
	received=$(vf_counted rx_packets)
	sent=$(vf_counted tx_packets)
	try "$version: pinging" ping -c 5 -i 0.2 -w 20 "$PEER4"
	check_above "$version: frames to the VF" $((received + 4)) "$(vf_counted rx_packets)"
	check_above "$version: frames from the VF" $((sent + 4)) "$(vf_counted tx_packets)"
	try "$version: removing it" hostctl nic0 vf remove
	wait_until 30 host_has_none || fail "$version: it is not given up"
	traffic_flows
	hostctl nic0 vf delay probe 0
done
check_equal "interrupts that were lost" 0 "$(vf_counted interrupts_lost)"
pass
