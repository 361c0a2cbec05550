#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The host obeys the table and the key of ethtool -X, and hashes the fields of
# ethtool -N rx-flow-hash, which what is sent is spread by as well; all of them
# survive changes of MTU, of rings and of the number of queues, and what does not fit
# changes nothing. (Trap T16.)
# Break it: do not call send_rss() in netvsc_rss_change(); send the key that the driver
# began with; leave the ports in tx_hash().
# groups: queues
# drivers: ours
# timeout: 360
. "$(dirname "$0")/ktap.sh"

table() {
	ethtool -x "$GUEST_IF" | grep -E '^ *[0-9]+:'
}
key() {
	ethtool -x "$GUEST_IF" | grep -E '^([0-9a-f]{2}:){39}'
}
# host_has_key WHEN KEY: as ethtool writes it.
host_has_key() {
	check_equal "$1: key at the host" "$(echo "$2" | tr -d :)" "$(host_state rss_key)"
}
names_only() {
	table | sed 's/^[^:]*://' | tr -s ' ' '\n' | sort -u | tr -d '\n'
}
# refused WORDS...: the command fails and changes nothing.
refused() {
	before=$(ethtool -x "$GUEST_IF")
	"$@" >/dev/null 2>&1 && fail "'$*' succeeded"
	check_equal "after '$*'" "$before" "$(ethtool -x "$GUEST_IF")"
}
# lands_on QUEUE...: what the peer sends arrives on these channels alone.
lands_on() {
	for queue in 0 1 2 3; do
		host_counts nic0 rx_frames $queue >/tmp/frames.$queue
	done
	timeout "$(slow 30)" iperf3 -c "$PEER4" -R -P 8 -t 1 >/dev/null || fail "iperf3"
	for queue in 0 1 2 3; do
		came=$(($(host_counts nic0 rx_frames $queue) - $(cat /tmp/frames.$queue)))
		case " $* " in
		*" $queue "*) ;;
		*) [ $came -lt 20 ] || fail "queue $queue is not in the table, and got $came frames";;
		esac
	done
}

# sent_by: how many channels carry eight connections to the peer.
sent_by() {
	case ${1:-tcp4} in
	*4) set -- "$1" -c "$PEER4";;
	*6) set -- "$1" -c "$PEER6";;
	esac
	case $1 in
	udp*) set -- "$@" -u -b 2M -l 1000;;
	esac
	shift
	hostctl nic0 counters | sed -n 's/^channel[0-9]* tx_frames //p' >/tmp/sent
	timeout "$(slow 30)" iperf3 "$@" -P 8 -t 1 >/dev/null || fail "iperf3 $*"
	hostctl nic0 counters | sed -n 's/^channel[0-9]* tx_frames //p' |
		paste /tmp/sent - | awk '$2 - $1 >= 20 {n++} END {print n + 0}'
}

undo "ethtool -X $GUEST_IF default; ethtool -L $GUEST_IF combined 4; ip link set $GUEST_IF mtu 1500"
check_equal "entries at the host" 128 "$(host_state rss_entries)"
check_equal "queues in the table" 0123 "$(names_only)"
first_key=$(key)
[ "$first_key" ] || fail "there is no key"
host_has_key "at first" "$first_key"

# A table: obeyed, and kept.
try "a table" ethtool -X "$GUEST_IF" weight 0 0 1 1
check_equal "queues in the table" 23 "$(names_only)"
lands_on 2 3
mine=$(table)
try "MTU 4000" ip link set "$GUEST_IF" mtu 4000
check_equal "table after a change of MTU" "$mine" "$(table)"
try "MTU 1500" ip link set "$GUEST_IF" mtu 1500
check_equal "table after another" "$mine" "$(table)"
lands_on 2 3
ethtool -L "$GUEST_IF" combined 2 2>/dev/null && fail "queues of the table were taken away"
check_equal "table" "$mine" "$(table)"

# One of queues that stay when others go: kept over all of that.
try "a table of the first two" ethtool -X "$GUEST_IF" weight 3 1
mine=$(table)
for queues in 2 4; do
	try "$queues queues" ethtool -L "$GUEST_IF" combined $queues
	check_equal "table with $queues queues" "$mine" "$(table)"
done
lands_on 0 1
for ring in 5000 9709; do
	try "rings" ethtool -G "$GUEST_IF" rx $ring
	check_equal "table after a change of rings" "$mine" "$(table)"
done
lands_on 0 1
try "a table" ethtool -X "$GUEST_IF" weight 0 0 1 1
mine=$(table)

# A key: the host has it, and it is kept, beside the table.
other_key=$(echo "$first_key" | sed 's/^../ff/; s/..$/00/')
try "a key" ethtool -X "$GUEST_IF" hkey "$other_key"
check_equal "key" "$other_key" "$(key)"
host_has_key "another" "$other_key"
try "MTU 4000" ip link set "$GUEST_IF" mtu 4000
check_equal "key after a change of MTU" "$other_key" "$(key)"
host_has_key "after a change of MTU" "$other_key"
check_equal "table after a change of MTU" "$mine" "$(table)"
try "MTU 1500" ip link set "$GUEST_IF" mtu 1500

# The default table follows the number of queues.
try "the default" ethtool -X "$GUEST_IF" default
check_equal "queues in the table" 0123 "$(names_only)"
try "2 queues" ethtool -L "$GUEST_IF" combined 2
check_equal "queues in the table" 01 "$(names_only)"
lands_on 0 1
try "4 queues" ethtool -L "$GUEST_IF" combined 4
check_equal "queues in the table" 0123 "$(names_only)"

refused ethtool -X "$GUEST_IF" weight 0 0 0 0 1
refused ethtool -X "$GUEST_IF" hfunc xor
refused ethtool -X "$GUEST_IF" hkey ff:00

# Fields: TCP and UDP with ports (0x200, 0x1000, 0x4000, 0x8000), or without.
check_equal "hashed" 0xd701 "$(host_state rss_hash_info)"
hashed() {
	try "$1 $2" ethtool -N "$GUEST_IF" rx-flow-hash "$1" "$2"
	check_equal "hashed after $1 $2" "$3" "$(host_state rss_hash_info)"
}
hashed udp4 sd 0x9701
hashed udp6 sd 0x1701
hashed tcp4 sd 0x1501
hashed tcp6 sd 0x501
try "MTU 4000" ip link set "$GUEST_IF" mtu 4000
check_equal "hashed after a change of MTU" 0x501 "$(host_state rss_hash_info)"
ethtool -n "$GUEST_IF" rx-flow-hash tcp4 | grep -q 'L4 bytes' && fail "tcp4 is said to hash ports"
# What is sent goes by the same fields.
for flow in tcp4 tcp6 udp4 udp6; do
	check_equal "$flow: channels of one pair of addresses" 1 "$(sent_by $flow)"
done
# Each for itself.
others="udp4 udp6 tcp4 tcp6"
for flow in $others; do
	try "$flow sdfn" ethtool -N "$GUEST_IF" rx-flow-hash $flow sdfn
	check_above "$flow: channels of eight pairs of ports" 1 "$(sent_by $flow)"
	others=${others#* }
	[ $flow = tcp6 ] || check_equal "${others%% *} after $flow: channels" 1 "$(sent_by "${others%% *}")"
done
# Not every ethtool says in its status that it failed.
ethtool -N "$GUEST_IF" rx-flow-hash udp4 s >/dev/null 2>&1
ethtool -N "$GUEST_IF" rx-flow-hash udp4 sdf >/dev/null 2>&1
ethtool -N "$GUEST_IF" rx-flow-hash sctp4 sd >/dev/null 2>&1
check_equal "hashed after nonsense" 0xd701 "$(host_state rss_hash_info)"
check_equal "fields of udp4" 4 \
	"$(ethtool -n "$GUEST_IF" rx-flow-hash udp4 | grep -c -E '^(IP|L4)')"
traffic_flows
pass
