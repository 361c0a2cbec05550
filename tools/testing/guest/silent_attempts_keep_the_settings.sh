#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host falls silent in the middle of a new connection, at the spreading over queues or
# at the offloads: until there is another connection the card shows the queues and
# offloads that it had, and what the user has set up for each queue stays.
# Break it: leave netvsc_conn_error() out of use_usable() in netvsc_queue.c, or out of
# netvsc_ask_host() behind the offloads.
# groups: settings
# drivers: ours
# once: oldest
# timeout: 360
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/requests.sh"

# A queue that is not the first, and CPUs that nobody would choose for it.
XPS=/sys/class/net/$GUEST_IF/queues/tx-2/xps_cpus
RPS=/sys/class/net/$GUEST_IF/queues/rx-2/rps_cpus

# all_of_it: what is to stay.
all_of_it() {
	shown queues
	cat "$XPS" "$RPS"
	ethtool -k "$GUEST_IF" | sed 1d
}
same() {
	all_of_it >/tmp/settings.now 2>&1
	diff /tmp/settings.first /tmp/settings.now >/tmp/settings.diff ||
		fail "$1: $(tr '\n' ';' </tmp/settings.diff)"
}

[ "$(shown queues)" -ge 3 ] || fail "queues: wanted three at least, got $(shown queues)"
xps=$(cat "$XPS") rps=$(cat "$RPS") rings=$(shown rings)
undo "hostctl nic0 answer all; echo $xps >$XPS; echo $rps >$RPS; ethtool -G $GUEST_IF rx $rings"
try "XPS" sh -c "echo 9 >$XPS"
try "RPS" sh -c "echo 3 >$RPS"
all_of_it >/tmp/settings.first
for step in oid:0x00010204 oid:0xfc01020c oid:0xfc01020d; do
	try "$step: silence" hostctl nic0 silent "$step"
	from=$(now)
	said=$(ethtool -G "$GUEST_IF" rx "$(other rings "$(shown rings)")" 2>&1) &&
		fail "$step: it succeeded"
	took=$(($(now) - from))
	note "$step: $took s: $said"
	case $said in
	*"Connection timed out"*) ;;
	*) fail "$step: wanted 'Connection timed out', got '$said'";;
	esac
	[ $took -le "$(slow 60)" ] || fail "$step: it took $took s"
	same "$step: silent"
	try "$step: answering" hostctl nic0 answer all
	wait_until 100 works || fail "$step: nothing flows when the host answers again"
	same "$step: answering"
done
traffic_flows
pass
