#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host corrupts the ring in which it sends: its index is outside the ring, or
# between two packets. The driver reads nothing more there, says so once, and connects
# anew by itself; with that all is well. It does not take the ring for a full or an
# empty one, nor go on with what it has seen of it: the last time is under a flood, in
# the middle of a poll. (PROTOCOL C.7, D.11, trap T49.)
# Break it: return true from netvsc_index_is_sane(), or do not look at the multiple of 8
# there; or do not kick in rx_broken(); or leave it out of judge_again().
# groups: base swiotlb
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

said() {
	dmesg | sed "1,/ring_that_lies: $name\$/d" | grep -c "$1"
}
says() {
	[ "$(said "$1")" -gt 0 ]
}
channels_are_back() {
	[ "$(open_channels)" = "$all" ]
}

all=$(open_channels)
for name in ring-end ring-odd ring-end-flood; do
	echo "<6>ring_that_lies: $name" >/dev/kmsg
	if [ $name = ring-end-flood ]; then
		hostctl nic0 blast udp 10 >/tmp/blast 2>&1 &
		sleep 2
	fi
	try "$name" hostctl nic0 hostile "${name%-flood}"
	wait_until 10 says 'host corrupted the ring; connection given up' ||
		fail "$name is not noticed: $(dmesg | tail -3)"
	# No sooner than the last attempts allow, in a minute at most.
	wait_until 100 says 'connected to the host again' ||
		fail "$name: no new connection came: $(dmesg | tail -3)"
	network_back
	traffic_flows
	wait_until 10 channels_are_back || fail "$name: $(open_channels) channels of $all"
	check_equal "$name: lines in the log" 1 "$(said 'host corrupted the ring')"
	check_equal "$name: connections" 1 "$(said 'connected to the host again')"
done
pass
