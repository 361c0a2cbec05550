#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What is sent has its checksum from the host and is cut by it, TCP and UDP over IPv4
# and IPv6 alike. When the host switches that off by itself it is not asked for it any
# more: the stack does it, and all checksums are right. When it switches it on again, it
# is asked again, but for what the user has switched off meanwhile; and a host that does
# both all the time is followed at leisure. (PROTOCOL E.9.)
# Break it: do not look at the indication in receive_offloads(); leave out set_features()
# in netvsc_follow_offloads(); return 0 from host_csum() for TCP, or for IPv6; return
# false from can_lso(); leave out skb_checksum_help().
# groups: base
# drivers: ours
# once: newest
# timeout: 240
. "$(dirname "$0")/ktap.sh"

# is FEATURE on|off
is() {
	ethtool -k "$GUEST_IF" | grep -q "^[[:space:]]*$1: $2"
}
all_are() {
	for feature in tx-checksum-ipv4 tx-checksum-ipv6 tx-tcp-segmentation \
		tx-tcp6-segmentation; do
		is $feature "$1" || return 1
	done
}
# runs KIND: some of it. Its control connection is TCP.
runs() {
	case $1 in
	*4) to=$PEER4;;
	*6) to=$PEER6;;
	esac
	case $1 in
	tcp*) try "$1" iperf3 -c "$to" -n 8M;;
	udp*) try "$1" iperf3 -c "$to" -u -b 4M -n 200K -l 1300;;
	esac
}
# asked WHAT COUNTER KIND...: the host is, for more than the control connection would.
asked() {
	when=$1 counter=$2
	shift 2
	for kind in "$@"; do
		before=$(host_counts nic0 "$counter")
		runs "$kind"
		check_above "$when: $counter of $kind" 50 $(($(host_counts nic0 "$counter") - before))
	done
}
unasked() {
	before=$(($(host_counts nic0 tx_csum) + $(host_counts nic0 tx_lso)))
	for kind in tcp4 tcp6 udp4 udp6; do
		runs $kind
	done
	check_equal "$1: requests" 0 \
		$(($(host_counts nic0 tx_csum) + $(host_counts nic0 tx_lso) - before))
}
no_bad_sums() {
	check_equal "$1: wrong checksums" "$bad" "$(host_counts nic0 tx_bad_csum)"
}

bad=$(host_counts nic0 tx_bad_csum)
all_are on || fail "at first: $(ethtool -k "$GUEST_IF")"
undo "hostctl nic0 event offloads on; ethtool -K $GUEST_IF tso on tx on"
asked "at first" tx_csum udp4 udp6
asked "at first" tx_lso tcp4 tcp6
try "no large sends" ethtool -K "$GUEST_IF" tso off
asked "cut by the stack" tx_csum tcp4 tcp6
try "large sends" ethtool -K "$GUEST_IF" tso on
no_bad_sums "at first"

iperf3 -c "$PEER4" -t 100 >/dev/null 2>&1 &
undo "kill $!"
sleep 1
try "switching off" hostctl nic0 event offloads off
wait_until 10 all_are off || fail "off: $(ethtool -k "$GUEST_IF")"
kill $!
wait $! 2>/dev/null
sleep 1
unasked "off"
no_bad_sums "off"
dmesg | grep -q 'the host has switched offloads, off are 0x3f' || fail "nothing is said: $(dmesg | tail -3)"

try "no more of IPv6" ethtool -K "$GUEST_IF" tx-tcp6-segmentation off
try "switching on" hostctl nic0 event offloads on
wait_until 10 is tx-tcp-segmentation on || fail "on: $(ethtool -k "$GUEST_IF")"
is tx-tcp6-segmentation off || fail "what the user has switched off is on"
asked "on" tx_csum udp4 udp6
asked "on" tx_lso tcp4
try "IPv6 too" ethtool -K "$GUEST_IF" tx-tcp6-segmentation on
asked "on" tx_lso tcp6

told() {
	dmesg | grep -c 'the host has switched offloads'
}
before=$(told)
for _ in 1 2 3 4 5 6 7 8 9 10; do
	hostctl nic0 event offloads off
	hostctl nic0 event offloads on
done
sleep 2
[ $(($(told) - before)) -le 4 ] || fail "told $(($(told) - before)) times of ten changes"
wait_until 10 all_are on || fail "in the end: $(ethtool -k "$GUEST_IF")"
no_bad_sums "in the end"
traffic_flows
pass
