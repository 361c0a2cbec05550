#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The kernel's messages leave by netconsole, with interrupts off and past the
# queueing discipline, while the card is idle and while TCP fills its queues in
# both directions; TCP is not disturbed.
# Break it: drop packets in netvsc_start_xmit() while interrupts are off.
# groups: switch
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"

LINES=200
set -- /sys/bus/vmbus/drivers/hv_netvsc/*/net/*
check_equal "number of cards" 2 $#
here=$(basename "$1")
there=$(basename "$2")
far() {
	ip netns exec far "$@"
}

into_namespace far "$there"
try "address here" ip addr add 10.88.0.1/24 dev "$here"
undo ip addr del 10.88.0.1/24 dev "$here"
try "up here" ip link set "$here" up
try "address there" far ip addr add 10.88.0.2/24 dev "$there"
try "up there" far ip link set "$there" up
wait_until 10 ping -c 1 -W 1 10.88.0.2 || fail "no answer from $there"

far tcpdump -Z root -i "$there" -n -B 8192 -U -w /tmp/seen udp port 6666 2>/tmp/tcpdump.err &
sniffer=$!
undo kill $sniffer
wait_until 20 grep -q listening /tmp/tcpdump.err || fail "tcpdump: $(cat /tmp/tcpdump.err)"
mac=$(far cat "/sys/class/net/$there/address")
try "netconsole" modprobe netconsole "netconsole=@10.88.0.1/$here,6666@10.88.0.2/$mac"
undo modprobe -r netconsole

arrived() {
	tcpdump -Z root -r /tmp/seen -A 2>/dev/null | grep -o "netconsole $1 [0-9]*" |
		sort -u | grep -c .
}
has_arrived() {
	[ "$(arrived "$1")" -ge "$2" ]
}
# say WHAT: a line at a time.
say() {
	for line in $(seq 1 $LINES); do
		echo "<0>netconsole $1 $line" >/dev/kmsg || fail "$1: no message"
	done
}

say idle
wait_until 20 has_arrived idle $LINES ||
	fail "idle: $(arrived idle) of $LINES messages arrived"

far iperf3 -s -D -I /tmp/iperf3.pid
undo "kill \$(cat /tmp/iperf3.pid)"
sleep 1
timeout "$(slow 200)" iperf3 -c 10.88.0.2 -P 4 --bidir -t "$(slow 180)" >/tmp/iperf3 2>&1 &
load=$!
undo kill $load
sleep 3
say busy
# The host's switch may drop a few where the receiver is behind.
wait_until 60 has_arrived busy $((LINES * 9 / 10)) ||
	fail "busy: $(arrived busy) of $LINES messages arrived"
note "busy: $(arrived busy) of $LINES messages arrived"
kill -0 $load 2>/dev/null || fail "iperf3 ended: $(tail -c 300 /tmp/iperf3)"
bytes=$(stat_of tx_bytes "$here")
more() {
	[ "$(stat_of tx_bytes "$here")" -gt $((bytes + 100000)) ]
}
wait_until 30 more || fail "TCP stands still"
pass
