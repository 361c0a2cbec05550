#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host floods a card with more than the guest takes, on both queues: a program
# drops each frame that the host gave, and counts it; meanwhile the other cards carry
# traffic and the host does what it is asked. The flood ends with its time, when it is
# stopped, and with the connection.
# Break it: count no drop in netvsc_xdp_receive(); do not look at the epoch in burst()
# of the host.
# groups: xdp
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

dropped() {
	xdp_stat "rx_queue_${1:-N}_xdp_drop"
}
# flood SECONDS: in the background, until the program has had some of it on each queue.
flood() {
	first=$(dropped 0)
	second=$(dropped 1)
	hostctl nic0 blast udp "$1" >/tmp/flood &
	flood=$!
	wait_until 30 floods || fail "no flood on both queues: $(cat /tmp/flood)"
}
floods() {
	[ "$(dropped 0)" -gt $((first + 500)) ] && [ "$(dropped 1)" -gt $((second + 500)) ]
}
# arrived WHAT: what the host says that it gave. Some frames of others may be there.
arrived() {
	given=$(sed -n 's/^given //p' /tmp/flood)
	note "$1: $(tr '\n' ' ' </tmp/flood)"
	check_above "$1: frames given" 0 "$given"
	wait_until 30 all_dropped || fail "$1: $given frames given, $(($(dropped) - before)) dropped"
	[ $(($(dropped) - before)) -le $((given + 200)) ] ||
		fail "$1: $given frames given, and $(($(dropped) - before)) dropped"
}
all_dropped() {
	[ $(($(dropped) - before)) -ge "$given" ]
}

two_cards
load_programs
attach verdict "$GUEST_IF"
config $VERDICT $DROP
undo hostctl nic0 blast stop

before=$(dropped)
flood 900
said=$(hostctl nic0 blast udp 1) && fail "two floods at once"
case $said in
*"under way"*) ;;
*) fail "a second flood: the host says '$said'";;
esac
wait_until 20 ping -c 3 -i 0.2 -W 10 10.88.0.2 || fail "the other cards carry nothing meanwhile"
try "stopping" hostctl nic0 blast stop
wait $flood || fail "a flood that is stopped: $(cat /tmp/flood)"
arrived "until it is stopped"

before=$(dropped)
from=$(seconds_up)
hostctl nic0 blast udp 2 >/tmp/flood || fail "a flood of 2 s: $(cat /tmp/flood)"
check_above "seconds that it took" 0 $(($(seconds_up) - from))
arrived "2 seconds"

flood 900
undo ethtool -G "$GUEST_IF" rx 9709
try "a new connection" ethtool -G "$GUEST_IF" rx 5000
wait $flood && fail "it did not end with its connection: $(cat /tmp/flood)"
grep -q "connection ended" /tmp/flood || fail "the host says '$(cat /tmp/flood)'"
for words in "tcp 5" "udp 0" "udp 3601" "udp x"; do
	# shellcheck disable=SC2086 # words
	hostctl nic0 blast $words >/tmp/flood && fail "the host takes 'blast $words'"
	grep -q "wanted udp and 1..3600 seconds" /tmp/flood || fail "blast $words: $(cat /tmp/flood)"
done
detach "$GUEST_IF"
traffic_flows
pass
