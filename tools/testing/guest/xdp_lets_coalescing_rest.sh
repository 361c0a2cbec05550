#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# While a program is attached the host does not coalesce, whatever is asked for, and
# does again afterwards. One that goes on all the same has its packets seen by the
# program, dropped or passed, and the stack gets them whole. (Trap T46.) That the wish
# has to wait is said, unless the message level is without "drv".
# Break it: leave xdp_wanted out of netvsc_fix_features(), or deliver coalesced
# packets without cutting them; or print with netdev_info() there.
# groups: xdp
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

# expect WHAT on|off: what ethtool and the host say, and what the host does.
expect() {
	check_equal "$1: ethtool" "$2" \
		"$(ethtool -k "$GUEST_IF" | sed -n 's/^large-receive-offload: \([a-z]*\).*/\1/p')"
	check_equal "$1: the host" "$2 $2" \
		"$(hostctl nic0 state | sed -n 's/^rsc[46] //p' | xargs)"
	before=$(host_counts nic0 rx_rsc)
	timeout "$(slow 30)" iperf3 -c "$PEER4" -R -n 4M >/tmp/iperf3 2>&1 ||
		fail "$1: iperf3: $(tail -3 /tmp/iperf3)"
	case $2 in
	on) check_above "$1: coalesced packets" "$before" "$(host_counts nic0 rx_rsc)";;
	*) check_equal "$1: coalesced packets" "$before" "$(host_counts nic0 rx_rsc)";;
	esac
}

said() {
	dmesg | grep -c 'Skip LRO - unsupported with XDP'
}

undo hostctl nic0 answer all
undo ethtool -K "$GUEST_IF" lro on
load_programs
expect "at first" on
lines=$(said)
attach pass_all "$GUEST_IF"
check_above "lines in the log" "$lines" "$(said)"
expect "with a program" off
# ethtool says that it could not; the wish stays.
ethtool -K "$GUEST_IF" lro on 2>/dev/null
expect "asked for with a program" off
try "down" ip link set "$GUEST_IF" down
try "up" ip link set "$GUEST_IF" up
network_back
expect "after down and up" off
detach "$GUEST_IF"
expect "without a program" on
try "LRO off" ethtool -K "$GUEST_IF" lro off
attach pass_all "$GUEST_IF"
detach "$GUEST_IF"
expect "switched off by hand" off
try "LRO on" ethtool -K "$GUEST_IF" lro on

# A host that does not hear of it (OFFLOAD_PARAMETERS)
try "host does not listen" hostctl nic0 fail oid 0xfc01020c
undo ethtool -s "$GUEST_IF" msglvl drv on
try "messages of the driver off" ethtool -s "$GUEST_IF" msglvl drv off
lines=$(said)
attach pass_all "$GUEST_IF"
check_equal "lines in the log without drv" "$lines" "$(said)"
before=$(host_counts nic0 rx_rsc)
frames=$(seen $FRAMES)
timeout "$(slow 60)" iperf3 -c "$PEER4" -R -n 2M >/tmp/iperf3 2>&1 ||
	fail "from a host that does not listen: $(tail -3 /tmp/iperf3)"
check_above "coalesced packets" "$before" "$(host_counts nic0 rx_rsc)"
rsc=$(($(host_counts nic0 rx_rsc) - before))
check_above "frames and coalesced packets that the program saw" "$rsc" \
	"$(($(seen $FRAMES) - frames))"
detach "$GUEST_IF"
try "host listens" hostctl nic0 answer all
listens() {
	[ "$(hostctl nic0 state | sed -n 's/^rsc4 //p')" = on ]
}
wait_until 20 listens || fail "the host does not coalesce again"
traffic_flows
pass
