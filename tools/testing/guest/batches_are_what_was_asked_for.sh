#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ethtool -C limits packets and bytes of what is sent in one batch: the host sees
# no larger ones, what does not fit is refused and changes nothing, and new
# connections keep what was set. Without limits of the user's the host's are shown,
# and kept: it refuses frames that are more, larger or not aligned as it said.
# Break it: use conn->max_packets in netvsc_tx.c; do not call
# netvsc_tx_limits_set() in netvsc_connect(); align by 8 in pad_batch().
# groups: base batches
# drivers: ours
# since: 6.12
# timeout: 240
. "$(dirname "$0")/ktap.sh"

PACKETS=2000
case $(uname -r) in
6.1.*) skip "6.1 has no such settings";;
esac
setting() {
	ethtool-newer -c "$GUEST_IF" | sed -n "s/^tx-aggr-max-$1:[[:space:]]*//p"
}
state() {
	hostctl nic0 state | sed -n "s/^$1 //p"
}
pktgen_sends "$GUEST_IF" "count $PACKETS" "pkt_size 60" "burst 8"
all_there() {
	[ $(($(host_counts nic0 tx_frames 0) - frames)) -ge $PACKETS ]
}
# send WHAT MOST LEAST: so many ring packets for PACKETS frames.
send() {
	packets=$(host_counts nic0 tx_packets 0)
	frames=$(host_counts nic0 tx_frames 0)
	timeout 60 sh -c 'echo start >/proc/net/pktgen/pgctrl' || fail "pktgen did not end"
	wait_until 20 all_there || fail "$1: frames are missing at the host"
	packets=$(($(host_counts nic0 tx_packets 0) - packets))
	note "$1: $packets ring packets for $PACKETS frames"
	[ $packets -ge "$2" ] && [ $packets -le "$3" ] ||
		fail "$1: wanted $2 to $3 ring packets, got $packets"
}
# limits WHAT FRAMES BYTES: as shown.
limits() {
	check_equal "$1: frames" "$2" "$(setting frames)"
	check_equal "$1: bytes" "$3" "$(setting bytes)"
}
refused() {
	before=$(ethtool-newer -c "$GUEST_IF")
	said=$(ethtool-newer -C "$GUEST_IF" "$@" 2>&1) && fail "'$*' succeeded"
	case $said in
	*"$reason"*) ;;
	*) fail "'$*': wanted '$reason', got '$said'";;
	esac
	check_equal "after '$*'" "$before" "$(ethtool-newer -c "$GUEST_IF")"
}
set_to() {
	try "$*" ethtool-newer -C "$GUEST_IF" "$@"
}

all_frames=$(setting frames)
all_bytes=$(state send_section)
[ "$all_bytes" -lt "$(state max_xfer)" ] || all_bytes=$(state max_xfer)
limits "the host's" "$(state batch)" "$all_bytes"
check_above "frames of a batch" 2 "$all_frames"
check_above "bytes of a batch" 1000 "$all_bytes"
undo ethtool-newer -C "$GUEST_IF" tx-aggr-max-frames "$all_frames" tx-aggr-max-bytes "$all_bytes"
send "all" $((PACKETS / all_frames)) $((PACKETS / 2))

reason="so many packets"
refused tx-aggr-max-frames 0
refused tx-aggr-max-frames $((all_frames + 1))
refused tx-aggr-max-frames 4294967295 tx-aggr-max-bytes 1000
reason="so many bytes"
refused tx-aggr-max-bytes 0
refused tx-aggr-max-bytes $((all_bytes + 1))
refused tx-aggr-max-frames 2 tx-aggr-max-bytes 1000000
reason="unsupported parameter"
refused rx-usecs 50
refused tx-aggr-time-usecs 10

set_to tx-aggr-max-frames 2
limits "2 frames" 2 "$all_bytes"
send "2 frames" $((PACKETS / 2)) $((PACKETS * 3 / 4))
ethtool -G "$GUEST_IF" rx 5000 || fail "a new connection"
undo ethtool -G "$GUEST_IF" rx 9709
limits "2 frames, connected anew" 2 "$all_bytes"
send "2 frames, connected anew" $((PACKETS / 2)) $((PACKETS * 3 / 4))

# Room for two of 104 bytes, with as much as a header could need.
set_to tx-aggr-max-frames "$all_frames" tx-aggr-max-bytes 300
limits "300 bytes" "$all_frames" 300
send "300 bytes" $((PACKETS / 2)) $((PACKETS * 3 / 4))
set_to tx-aggr-max-bytes 1
send "1 byte" $PACKETS $((PACKETS + 100))
set_to tx-aggr-max-frames 1 tx-aggr-max-bytes "$all_bytes"
send "1 frame" $PACKETS $((PACKETS + 100))
set_to tx-aggr-max-frames "$all_frames"
limits "in the end" "$all_frames" "$all_bytes"
send "in the end" $((PACKETS / all_frames)) $((PACKETS / 2))
traffic_flows
pass
