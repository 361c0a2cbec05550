#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tools/switch-driver changes to the kernel's own driver and back to ours: names,
# addresses, routes and queue length are as before, and traffic flows. It does so
# when the session that asked is cut off, and a second one at once is refused.
# Break it: leave addresses_back out of bring_up(); start the worker without setsid.
# groups: switch_driver
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"

# configuration: of the interface, what a switch has to bring back.
configuration() {
	ip -o addr show dev "$GUEST_IF" | grep -v fe80: | sed 's/^[0-9]*: //' | sort
	ip -4 route show | sort
	ip -6 route show dev "$GUEST_IF" | grep -v fe80: | sort
	cat "/sys/class/net/$GUEST_IF/tx_queue_len" \
		"/proc/sys/net/ipv6/conf/$GUEST_IF/accept_dad"
}

check_driver() {
	[ -e /sys/module/hv_netvsc/srcversion ] && runs=ours || runs=stock
	check_equal "driver" "$1" "$runs"
}

check_configuration() {
	configuration >/tmp/after
	diff /tmp/before /tmp/after >/tmp/difference ||
		fail "$1 changed: $(cat /tmp/difference)"
}

try "a second address" ip addr add 198.51.100.7/24 dev "$GUEST_IF"
try "a default route" ip route add default via "$PEER4" dev "$GUEST_IF"
try "another route" ip route add 203.0.113.0/24 via "$PEER4" metric 77 mtu 1400
try "a route of IPv6" ip -6 route add default via "$PEER6" dev "$GUEST_IF"
try "queue length" ip link set dev "$GUEST_IF" txqueuelen 321
undo ip -6 route del default
undo ip route del default
undo ip addr del 198.51.100.7/24 dev "$GUEST_IF"
configuration >/tmp/before

try "dry run" switch-driver stock --dry-run
check_driver ours
try "to stock" switch-driver stock
undo switch-driver ours
check_driver stock
check_configuration "the way there"
traffic_flows

rm -f /run/switch-driver/log
setsid switch-driver ours --timeout 40 >/dev/null 2>&1 &
asked=$!
wait_until 20 grep -q unloading /run/switch-driver/log ||
	fail "it did not begin"
said=$(switch-driver ours 2>&1)
check_equal "status of a second switch ($said)" 2 $?
kill -s KILL -- -$asked
kill -s KILL $asked 2>/dev/null
wait_until 40 test -e /run/switch-driver/status ||
	fail "cut off, it stopped at: $(tail -1 /run/switch-driver/log)"
check_equal "status of the switch ($(cat /run/switch-driver/log))" 0 \
	"$(cat /run/switch-driver/status)"
check_driver ours
check_configuration "the way back"
traffic_flows
pass
