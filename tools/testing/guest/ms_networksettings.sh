#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What Microsoft's suite network/networksettings.py asks of a guest, in its order.
# Break it: return 0 from an operation of netvsc_ethtool.c without doing it.
# groups: settings
# timeout: 240
. "$(dirname "$0")/ktap.sh"

begin() {
	note "$1, $(cut -d. -f1 /proc/uptime) s"
	now=$1
}
feature() {
	ethtool -k "$GUEST_IF" | sed -n "s/^$1: \([a-z]*\).*/\1/p"
}
# number OPTION NAME: the value in force, the last of its name.
number() {
	ethtool "$1" "$GUEST_IF" | sed -n "s/^$2:[[:space:]]*//p" | tail -1
}
most() {
	ethtool "$1" "$GUEST_IF" | sed -n "s/^$2:[[:space:]]*//p" | head -1
}
# about WANTED GOT SECTION: the buffer ends with a page.
about() {
	[ "$2" -ge "$1" ] && [ "$2" -le $(($1 + 4096 / $3 + 1)) ] ||
		fail "$now: wanted $1 sections, got $2"
}

begin verify_ringbuffer_settings_change
rx=$(number -g RX)
tx=$(number -g TX)
undo ethtool -G "$GUEST_IF" rx "$rx" tx "$tx"
try "$now" ethtool -G "$GUEST_IF" rx $((rx / 2)) tx $((tx / 2))
about $((rx / 2)) "$(number -g RX)" 1728
about $((tx / 2)) "$(number -g TX)" 6144
try "$now" ethtool -G "$GUEST_IF" rx "$rx" tx "$tx"
about "$rx" "$(number -g RX)" 1728
about "$tx" "$(number -g TX)" 6144

begin verify_device_channels_change
channels=$(number -l Combined)
undo ethtool -L "$GUEST_IF" combined "$channels"
for count in $(seq "$(most -l Combined)"); do
	[ "$count" = "$(number -l Combined)" ] ||
		try "$now" ethtool -L "$GUEST_IF" combined "$count"
	check_equal "$now" "$count" "$(number -l Combined)"
done
[ "$count" = "$channels" ] || try "$now" ethtool -L "$GUEST_IF" combined "$channels"
check_equal "$now" "$channels" "$(number -l Combined)"

begin verify_device_enabled_features
for name in rx-checksumming tx-checksumming tcp-segmentation-offload scatter-gather; do
	check_equal "$now: $name" on "$(feature $name)"
done

begin verify_device_gro_lro_settings_change
for name in generic-receive-offload large-receive-offload; do
	ethtool -k "$GUEST_IF" | grep -q "^$name: .*fixed" && continue
	first=$(feature $name)
	other=off
	[ "$first" = off ] && other=on
	for value in $other "$first"; do
		try "$now" ethtool -K "$GUEST_IF" $name "$value"
		check_equal "$now: $name" "$value" "$(feature $name)"
	done
done

begin verify_device_rss_hash_key_change
key() {
	ethtool -x "$GUEST_IF" | sed -n '/hash key/{n;p}'
}
first=$(key)
swapped="$(echo "$first" | cut -d: -f40):$(echo "$first" | cut -d: -f2-39):$(echo "$first" | cut -d: -f1)"
for value in "$swapped" "$first"; do
	try "$now" ethtool -X "$GUEST_IF" hkey "$value"
	check_equal "$now" "$value" "$(key)"
done

begin verify_device_rx_hash_level_change
for flow in tcp4 udp4; do
	for level in sd sdfn; do
		try "$now" ethtool -N "$GUEST_IF" rx-flow-hash $flow $level
		ports=no
		ethtool -n "$GUEST_IF" rx-flow-hash $flow | grep -q 'L4 bytes 0 & 1' && ports=yes
		[ "$level $ports" = "sd no" ] || [ "$level $ports" = "sdfn yes" ] ||
			fail "$now: $flow $level: ports: $ports"
	done
done

begin verify_device_msg_level_change
level() {
	ethtool "$GUEST_IF" | sed -n 's/.*message level: \(0x[0-9a-f]*\).*/\1/p'
}
first=$(level)
undo ethtool -s "$GUEST_IF" msglvl "$first"
# One look at a long list.
check_equal "$now: symbols" 2 "$(grep -c ' netvsc_[gs]et_msglevel' /proc/kallsyms)"
try "$now" ethtool -s "$GUEST_IF" msglvl 0x17
check_equal "$now" 0x00000017 "$(level)"
try "$now" ethtool -s "$GUEST_IF" msglvl probe off link on
check_equal "$now" 0x00000015 "$(level)"

begin verify_device_statistics
counts() {
	ethtool -S "$GUEST_IF" | sed -n 's/^ *\([rt]x_queue_[0-9]*_packets\): /\1 /p'
}
counts >/tmp/before
for way in "" -R; do
	# shellcheck disable=SC2086 # none is an option too
	timeout "$(slow 60)" iperf3 -c "$PEER4" -P 64 -b 50K -l 1K -t 1 $way >/tmp/iperf3 2>&1 ||
		fail "$now: iperf3: $(tail -c 300 /tmp/iperf3)"
done
counts >/tmp/after
starved=$(awk 'NR == FNR {was[$1] = $2; next} $2 <= was[$1] {print $1}' /tmp/before /tmp/after)
[ -z "$starved" ] || fail "$now: no packet on $starved"
traffic_flows
pass
