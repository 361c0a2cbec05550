#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host refuses, or ignores, every connection while a setting changes: the
# change fails, the interface stays and can be configured, without a carrier.
# When the host answers again it connects by itself, with the old settings. A
# card that is taken away meanwhile goes at once. What cannot be set without a
# connection, and needs no new one, is refused and changes nothing.
# Break it: do not kick rtnl_work in retry_later(); or set adapter->rss in
# netvsc_rss_change() without a connection.
# groups: queues
# drivers: ours
# timeout: 300
. "$(dirname "$0")/ktap.sh"

mtu() {
	cat "/sys/class/net/$GUEST_IF/mtu"
}
# refused WORDS COMMAND...: it ends with them. ethtool -N has no status for that.
refused() {
	words=$1
	shift
	said=$("$@" 2>&1)
	case $said in
	*"$words"*) ;;
	*) fail "without a connection '$*': wanted '$words', got '$said'";;
	esac
}
everything() {
	for option in -x -l -g -c; do
		ethtool-newer $option "$GUEST_IF" 2>/dev/null
	done
	ethtool -n "$GUEST_IF" rx-flow-hash udp4
	cat "/sys/class/net/$GUEST_IF/address"
}
settings_are_refused() {
	everything >/tmp/before
	refused "Network is down" ethtool -X "$GUEST_IF" equal 1
	refused "Network is down" ethtool -X "$GUEST_IF" hkey "$KEY"
	refused "Network is down" ethtool -N "$GUEST_IF" rx-flow-hash udp4 sd
	refused "Network is down" ethtool -L "$GUEST_IF" combined 1
	refused "Network is down" ethtool -L "$GUEST_IF" combined 2
	# Its limits are not known.
	refused "requested ring size exceeds maximum" ethtool -G "$GUEST_IF" rx 5000
	case $(uname -r) in
	6.1.*) ;;
	*) refused "no connection to the host" \
		ethtool-newer -C "$GUEST_IF" tx-aggr-max-frames 2;;
	esac
	try "down" ip link set "$GUEST_IF" down
	refused "Network is down" ip link set "$GUEST_IF" address 02:11:22:33:44:55
	everything >/tmp/after
	cmp -s /tmp/before /tmp/after ||
		fail "something changed without a connection: $(diff /tmp/before /tmp/after)"
}

KEY=$(seq 40 | sed 's/.*/11/' | xargs | tr ' ' ':')
undo hostctl nic0 answer all
all=$(queues)
for fault in fail silent; do
	try "$fault" hostctl nic0 $fault recv-buf
	ip link set "$GUEST_IF" mtu 4000 2>/dev/null && fail "$fault: the change succeeded"
	check_equal "$fault: MTU" 1500 "$(mtu)"
	carrier_is 0 || fail "$fault: there is a carrier without a connection"
	# A silent host would be waited for in the middle of it.
	[ $fault = silent ] || settings_are_refused
	try "$fault: down" ip link set "$GUEST_IF" down
	try "$fault: up" ip link set "$GUEST_IF" up
	ethtool -S "$GUEST_IF" >/dev/null || fail "$fault: no statistics"
	try "answering" hostctl nic0 answer all
	wait_until 90 carrier_is 1 || fail "$fault: not connected again"
	check_equal "$fault: queues" "$all" "$(queues)"
	network_back
	traffic_flows
done

# Taken away in the middle of a change.
try "silent" hostctl nic0 silent recv-buf
ip link set "$GUEST_IF" mtu 4000 2>/dev/null &
change=$!
sleep 2
try "taking it away" hostctl nic0 remove
wait_until 20 card_gone || fail "the card is still there"
wait $change && fail "the change of a card that went succeeded"
hostctl nic0 answer all
try "offering it again" hostctl nic0 add
back() {
	[ -e "/sys/class/net/$GUEST_IF" ]
}
wait_until 20 back || fail "the card did not come back"
network_back
traffic_flows
pass
