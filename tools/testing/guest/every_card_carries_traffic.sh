#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Two cards of one guest, on hosts of different age, each have their own address,
# version and traffic.
# Break it: keep something of a card in a static variable.
# groups: two
. "$(dirname "$0")/ktap.sh"

for number in '' 1; do
	eval "interface=\$GUEST_IF$number"
	peers=$(eval "echo \$PEER4$number \$PEER6$number")
	[ "$interface" ] || fail "there is no card number ${number:-0}"
	before=$(stat_of tx_packets "$interface")
	for peer in $peers; do
		said=$(ping -q -c 5 -i 0.1 -W 2 -I "$interface" "$peer")
		echo "$said" | grep -q ' 0% packet loss' || fail "$interface to $peer: $said"
	done
	check_above "packets sent by $interface" $((before + 9)) \
		"$(stat_of tx_packets "$interface")"
done
check_equal "version of the first" 0x00030002 \
	"$(hostctl nic0 state | sed -n 's/^nvsp //p')"
check_equal "version of the second" 0x00050000 \
	"$(hostctl nic1 state | sed -n 's/^nvsp //p')"
pass
