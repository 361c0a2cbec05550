#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# In a crash kernel, or with reset_devices on the command line, the card makes do
# with one queue and small buffers and rings, and carries traffic. (Rule 3.9.)
# Break it: leave the buffers out of default_config().
# groups: crash
# drivers: ours
. "$(dirname "$0")/ktap.sh"

state() {
	hostctl nic0 state | sed -n "s/^$1 //p"
}
grep -q reset_devices /proc/cmdline || fail "the command line has no reset_devices"
check_equal "queues" 1 "$(ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1)"
check_equal "channels at the host" 1 "$(state channels_open)"
check_equal "MiB of receive buffer" 1 \
	$((($(state recv_sections) * $(state recv_section) + 1048575) / 1048576))
check_equal "KiB of send buffer" 256 \
	$((($(state send_sections) * $(state send_section) / 1024 + 63) / 64 * 64))
rings=$(hostctl vmbus list | sed -n 's/.* rings \([0-9]*\) \([0-9]*\)$/\1 \2/p' | sort -u | tail -1)
hostctl vmbus list | sed 's/^/# /'
for ring in $rings; do
	[ "$ring" -le 65536 ] || fail "a ring has $ring bytes, wanted 65536 at most"
done
timeout "$(slow 30)" iperf3 -c "$PEER4" -t 1 >/tmp/iperf3 2>&1 || fail "iperf3: $(tail -c 300 /tmp/iperf3)"
timeout "$(slow 30)" iperf3 -c "$PEER4" -t 1 -R >/tmp/iperf3 2>&1 || fail "iperf3 -R: $(tail -c 300 /tmp/iperf3)"
try "more, when it is wanted" ethtool -G "$GUEST_IF" rx 2000
check_equal "sections" 2000 "$(ethtool -g "$GUEST_IF" | sed -n 's/^RX:[[:space:]]*//p' | tail -1)"
traffic_flows
pass
