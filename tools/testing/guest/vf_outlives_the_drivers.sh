#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The driver is unloaded with an active VF, which stays as an interface of its own,
# and joins it when it is loaded again; the card alone is unbound and bound, while a
# macvlan has the VF; the VF's driver is reloaded. (Microsoft's verify_sriov_reload_modules and
# verify_sriov_disable_enable_pci.)
# Break it: let find_waiting() find nothing; leave out vf_is_free(); or unmark the VF at
# the end of leave_vf().
# groups: vf
# once: newest
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
card=$(basename "$(readlink -f "/sys/class/net/$GUEST_IF/device")")
undo "modprobe hv_netvsc; modprobe ixgbevf; network_back"

for round in 1 2; do
	try "unloading, round $round" modprobe -r hv_netvsc
	[ -e "/sys/class/net/$vf" ] || fail "round $round: the VF went, too"
	[ -e "/sys/class/net/$vf/master" ] && fail "round $round: the VF has a master still"
	try "loading, round $round" modprobe hv_netvsc
	network_back
	check_equal "the card's VF" "$vf" "$(vf_of)"
	vf_carries "loaded anew, round $round"
done
if [ "$LAB_DRIVER" = ours ]; then
	ip -o monitor link >/tmp/links &
	undo "kill $!"
	sleep 1
	try "unbinding" sh -c "echo $card >/sys/bus/vmbus/drivers/hv_netvsc/unbind"
	is_slave "$vf" && fail "a slave of nobody: flags $(cat "/sys/class/net/$vf/flags")"
	told_of_it() {
		grep " ${vf}[:@]" /tmp/links | tail -1 | grep '<' | grep -vq SLAVE
	}
	wait_until 5 told_of_it || fail "told is that it is a slave of nobody: $(cat /tmp/links)"
	try "a macvlan of the VF" ip link add link "$vf" name mv0 type macvlan
	undo ip link del mv0
	try "binding" sh -c "echo $card >/sys/bus/vmbus/drivers/hv_netvsc/bind"
	network_back
	traffic_flows
	has_no_vf || fail "a VF with a macvlan is joined"
	try "the VF alone" ip link del mv0
	vf_carries "bound anew"
fi

try "unloading the VF's driver" modprobe -r ixgbevf
wait_until 10 has_no_vf || fail "a VF without a driver is still joined"
synthetic_carries "without the VF's driver"
try "loading the VF's driver" modprobe ixgbevf
vf_carries "the VF's driver loaded anew"

vf=$(vf_of)
function=$(basename "$(readlink -f "/sys/class/net/$vf/device")")
try "removing the function" sh -c "echo 1 >/sys/bus/pci/devices/$function/remove"
wait_until 10 has_no_vf || fail "a function that was removed is still joined"
synthetic_carries "the function removed"
try "scanning the bus" sh -c "echo 1 >/sys/bus/pci/rescan"
vf_carries "the function found again"
traffic_flows
pass
