#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What Microsoft's suites network/netinterface.py, core/lsvmbus and the interrupt's
# part of cpu ask of a guest; in the group `long` also core/hv_module's hundred
# rounds.
# Break it: open no sub-channel in sub_offered().
# groups: settings long
# timeout: 200 long=1200
. "$(dirname "$0")/ktap.sh"

# reload COUNT
reload() {
	cards=$(find /sys/bus/vmbus/drivers/hv_netvsc/*/net -mindepth 1 -maxdepth 1 | wc -l)
	for round in $(seq "$1"); do
		try "unloading, round $round" modprobe -r hv_netvsc
		try "loading, round $round" modprobe hv_netvsc
		network_back
		check_equal "cards, round $round" "$cards" \
			"$(find /sys/bus/vmbus/drivers/hv_netvsc/*/net -mindepth 1 -maxdepth 1 | wc -l)"
	done
	traffic_flows
}

note validate_netvsc_reload
reload 3
if [ "$LAB_GROUP" = long ]; then
	note verify_reload_hyperv_modules
	reload 100
fi

note verify_network_interface_reload_via_ip_link
for round in 1 2 3 4; do
	try "down, round $round" ip link set "$GUEST_IF" down
	try "up, round $round" ip link set "$GUEST_IF" up
	network_back
	traffic_flows
done

note verify_vmbus_devices_channels
channels=/sys/class/net/$GUEST_IF/device/channels
have=$(find "$channels/" -mindepth 1 -maxdepth 1 | wc -l)
cpus=$(nproc)
case $have in
"$cpus" | $((cpus < 8 ? cpus : 8))) ;;
*) fail "wanted $cpus channels or 8, got $have";;
esac
for dir in "$channels"/*; do
	cpu=$(cat "$dir/cpu")
	[ "$cpu" -lt "$cpus" ] || fail "channel ${dir##*/} is for CPU $cpu"
	try "its CPU can be set" sh -c "echo $cpu >$dir/cpu"
done

note verify_vmbus_interrupts
timeout "$(slow 60)" iperf3 -c "$PEER4" -P 16 -b 100K -l 1K -t 1 >/tmp/iperf3 2>&1 ||
	fail "iperf3: $(tail -c 300 /tmp/iperf3)"
row=$(grep 'Hypervisor callback interrupts' /proc/interrupts)
busy=$(echo "$row" | awk '{for (i = 2; $i ~ /^[0-9]+$/; i++) if ($i > 0) n++; print n + 0}')
check_above "CPUs with interrupts of the hypervisor ($row)" \
	$(((cpus < 4 ? cpus : 4) - 1)) "$busy"
pass
