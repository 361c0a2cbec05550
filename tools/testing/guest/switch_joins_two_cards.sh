#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Two cards of one guest on the host's switch reach each other, with small
# packets and with full ones.
# Break it: complete received pages before they are copied.
# groups: switch
# timeout: 120
. "$(dirname "$0")/ktap.sh"

set -- /sys/bus/vmbus/drivers/hv_netvsc/*/net/*
check_equal "number of cards" 2 $#
here=$(basename "$1")
there=$(basename "$2")

into_namespace there "$there"
try "address here" ip addr add 10.88.0.1/24 dev "$here"
try "up here" ip link set "$here" up
try "address there" ip -n there addr add 10.88.0.2/24 dev "$there"
try "up there" ip -n there link set "$there" up
wait_until 10 ping -c 1 -W 1 10.88.0.2 || fail "no answer from $there"
for size in 56 1472 20000; do
	ping -q -c 5 -i 0.2 -s $size 10.88.0.2 >/tmp/ping 2>&1 ||
		fail "ping -s $size: $(cat /tmp/ping)"
	grep -q ' 0% packet loss' /tmp/ping || fail "ping -s $size: $(cat /tmp/ping)"
done
try "removing what was set up" ip addr del 10.88.0.1/24 dev "$here"
pass
