#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The hash that the host gives with a packet is shown to the stack as what it is: of
# the ports as well for TCP and UDP, of the addresses alone for fragments, for what has
# no ports, and where the user wants that.
# Break it: say PKT_HASH_TYPE_L4 in any case.
# groups: base
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

TRACE=/sys/kernel/tracing
event=
for name in napi_gro_receive_entry napi_gro_frags_entry; do
	[ -e $TRACE/events/net/$name ] && event="$event $name"
done
[ "$event" ] || skip "this kernel has no trace points"
on() {
	for name in $event; do
		echo "$1" >$TRACE/events/net/"$name"/enable
	done
}
# hashes WHAT LEVEL COMMAND...: what comes while the command runs has hashes of
# ports (1), or of addresses alone (0).
hashes() {
	what=$1
	level=$2
	shift 2
	echo >$TRACE/trace
	on 1
	"$@" >/tmp/command 2>&1 || fail "$what: $(tail -3 /tmp/command)"
	on 0
	grep "dev=$GUEST_IF " $TRACE/trace >/tmp/trace
	note "$what: $(grep -o 'hash=0x[0-9a-f]* l4_hash=.' /tmp/trace | sort | uniq -c | xargs)"
	with=$(grep -c " l4_hash=$level " /tmp/trace)
	[ "$with" -ge 20 ] || fail "$what: $with packets with l4_hash=$level: $(tail -1 /tmp/trace)"
	with=$(grep -c " l4_hash=$((1 - level)) " /tmp/trace)
	[ "$with" -lt 10 ] || fail "$what: $with packets with l4_hash=$((1 - level))"
}

undo "on 0; ethtool -N $GUEST_IF rx-flow-hash tcp4 sdfn"
tcp() {
	timeout "$(slow 30)" iperf3 -c "$PEER4" -R -n 4M
}
hashes "TCP" 1 tcp
hashes "TCP over IPv6" 1 timeout "$(slow 30)" iperf3 -c "$PEER6" -R -n 4M
hashes "UDP" 1 timeout "$(slow 30)" iperf3 -c "$PEER4" -u -R -l 200 -b 1M -n 20K
hashes "no ports" 0 ping -q -c 25 -i 0.05 "$PEER4"
hashes "fragments" 0 ping -q -c 5 -i 0.05 -s 8000 "$PEER4"
try "addresses alone" ethtool -N "$GUEST_IF" rx-flow-hash tcp4 sd
hashes "TCP by addresses" 0 tcp
pass
