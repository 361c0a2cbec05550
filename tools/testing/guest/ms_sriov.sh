#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What Microsoft's suites network/sriov.py and network/stress.py ask of a guest and of
# its host, on one machine: each card has its VF, over which what is copied goes and
# for which interrupts come; the host takes VFs away and gives them back, the user
# takes them down and up, removes their functions, reloads drivers, and the settings
# stay. In the group vf_max with as many cards as Azure gives.
# Break it: return early from sync_features(), or let find_waiting() find nothing.
# groups: vf vf_max
# once: newest
# timeout: 300 vf_max=3600
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

# A card is "INTERFACE PEER NUMBER".
cards() {
	echo "$GUEST_IF $PEER4 0"
	for number in 1 2 3 4 5 6 7; do
		eval "[ \"\$GUEST_IF$number\" ]" || return 0
		eval "echo \"\$GUEST_IF$number \$PEER4$number $number\""
	done
}
# each FUNCTION WORD...: with each card's words behind.
each() {
	cards >/tmp/cards
	while read -r card peer number; do
		"$@" "$card" "$peer" "$number" </dev/null
	done </tmp/cards
}
sends_by() {
	hostctl "nic$1" vf state | grep -q "^path $2"
}
# uses_vf WHEN INTERFACE PEER NUMBER
uses_vf() {
	wait_until 60 has_vf "$2" || fail "$1: $2 has no VF: $(dmesg | tail -8)"
	wait_until 60 sends_by "$4" vf || fail "$1: nic$4 does not send by the VF"
	by_vf() {
		ping -q -i 0.2 -c 2 -W 5 "$peer" >/tmp/ping 2>&1 &&
			[ "$(counted vf_tx_packets "$card")" -gt "$was" ]
	}
	was=$(counted vf_tx_packets "$2")
	wait_until 20 by_vf || fail "$1: $2 does not send by its VF: $(tail -3 /tmp/ping)"
}
# uses_synthetic WHEN INTERFACE PEER NUMBER
uses_synthetic() {
	wait_until 30 sends_by "$4" synthetic || fail "$1: nic$4 sends by the VF"
	was=$(counted vf_tx_packets "$2")
	try "$1: ping by $2" ping -q -i 0.2 -c 2 -W 5 "$3"
	check_equal "$1: packets of $2 by its VF" "$was" "$(counted vf_tx_packets "$2")"
}

interrupts_of() {
	device=$(basename "$(readlink -f "/sys/class/net/$1/device")")
	sum=0
	for irq in "/sys/bus/pci/devices/$device/msi_irqs"/*; do
		sum=$((sum + $(awk -v irq="${irq##*/}:" '$1 == irq {
			for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i }
			END { print n + 0 }' /proc/interrupts)))
	done
	echo $sum
}
# copied WHEN INTERFACE PEER NUMBER: so much goes by the VF, each way.
copied() {
	vf=$(vf_of "$2")
	interrupts=$(interrupts_of "$vf")
	for way in "" -R; do
		sent=$(counted vf_tx_packets "$2") received=$(counted vf_rx_packets "$2")
		# shellcheck disable=SC2086 # a word or none
		timeout "$(slow 60)" iperf3 -c "$3" -n "$COPY" $way >/tmp/iperf3 2>&1 ||
			fail "$1: copying by $2: $(tail -c 300 /tmp/iperf3)"
		sent=$(($(counted vf_tx_packets "$2") - sent))
		received=$(($(counted vf_rx_packets "$2") - received))
		[ $sent -gt 50 ] && [ $received -gt 50 ] ||
			fail "$1: by the VF of $2 went $sent packets, $received came"
	done
	check_above "$1: interrupts of $vf" "$interrupts" "$(interrupts_of "$vf")"
}
basic() {
	vf=$(vf_of "$2")
	check_equal "driver of $vf" ixgbevf \
		"$(basename "$(readlink "/sys/class/net/$vf/device/driver")")"
	check_equal "address of $vf" "$(cat "/sys/class/net/$2/address")" \
		"$(cat "/sys/class/net/$vf/address")"
}
host() {
	try "nic$4: vf $1" hostctl "nic$4" vf "$1"
}
is_without_vf() {
	wait_until 30 has_no_vf "$2" || fail "$1: $2 still has a VF"
	nobody_has() {
		hostctl "nic$number" vf state | grep -q '^state absent'
	}
	wait_until 30 nobody_has || fail "$1: the host still has the VF of nic$4"
}
# toggled TIMES: off and on, as in the portal.
toggled() {
	for round in $(seq "$1"); do
		each host remove
		each is_without_vf "off, round $round"
		each uses_synthetic "off, round $round"
		each host add
		each uses_vf "on, round $round"
	done
}
link_vf() {
	try "$(vf_of "$2") $1" ip link set "$(vf_of "$2")" "$1"
}

COPY=10M TOGGLES=4
[ "$LAB_GROUP" = vf ] || { COPY=2M TOGGLES=2; }

note "verify_sriov_basic, verify_sriov_provision_with_max_nics"
each uses_vf "at first"
each basic "at first"
note "verify_sriov_single_vf_connection, verify_sriov_max_vf_connection," \
	"verify_sriov_interrupts_change"
each copied "at first"
note "verify_sriov_disable_enable, stress_sriov_disable_enable"
toggled $TOGGLES
note verify_sriov_disable_enable_on_guest
each link_vf down
each uses_synthetic "down"
each link_vf up
each uses_vf "up"

note verify_sriov_ethtool_offload_setting
sg() {
	ethtool -k "$1" | sed -n 's/^scatter-gather: \([a-z]*\).*/\1/p'
}
has_sg() {
	check_equal "$1: scatter-gather of $3" "$2" "$(sg "$3")"
	# The distribution's driver gives a VF that comes back the settings as well.
	check_equal "$1: scatter-gather of the VF of $3" "$2" "$(sg "$(vf_of "$3")")"
}
set_sg() {
	try "scatter-gather of $2 $1" ethtool -K "$2" sg "$1"
}
for value in off on; do
	each set_sg $value
	each has_sg "set" $value
	toggled 1
	each has_sg "after off and on" $value
	try "unloading the VF's driver" modprobe -r ixgbevf
	try "loading the VF's driver" modprobe ixgbevf
	each uses_vf "the VF's driver loaded anew"
	each has_sg "the VF's driver loaded anew" $value
done
each copied "in the end"
[ "$LAB_GROUP" != vf ] || pass

note "stress_sriov_with_max_nics: ten rounds of a new driver"
for round in $(seq 10); do
	try "unloading, round $round" modprobe -r hv_netvsc
	try "loading, round $round" modprobe hv_netvsc
	network_back
	each uses_vf "round $round"
done
note "verify_sriov_add_max_nics"
remove_card() {
	try "nic$3" hostctl "nic$3" remove
}
add_card() {
	try "nic$3" hostctl "nic$3" add
}
each remove_card
gone() {
	! ls -d /sys/bus/vmbus/drivers/hv_netvsc/*-*-*
}
wait_until 60 gone || fail "cards are still there"
each add_card
network_back
each uses_vf "added again"
note "stress_sriov_iperf"
each copied "added again"
pass
