#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# New flows leave by the channels that the host's send indirection table names, also
# when it comes anew: one channel alone, two of them, all again. `ethtool -d` shows it.
# Break it: leave host_table alone in netvsc_tx_table_receive().
# groups: queues
# timeout: 180
. "$(dirname "$0")/ktap.sh"

# Each entry has four bytes, the least significant first.
shown() {
	ethtool -d "$GUEST_IF" | sed -n 's/^0x[0-9a-f]*:[[:space:]]*//p' |
		tr -s ' ' '\n' | awk 'NF && n++ % 4 == 0 {printf "%d ", $1}'
}
shows() {
	[ "$(shown)" = "$1" ]
}
# tables CHANNEL...: the host's word, until the guest has it.
tables() {
	try "a table of $*" hostctl nic0 table "$@"
	wanted=
	while [ ${#wanted} -lt 32 ]; do
		wanted="$wanted$* "
	done
	wait_until 10 shows "$wanted" || fail "table of $*: wanted '$wanted', got '$(shown)'"
}
sent() {
	hostctl nic0 counters | sed -n 's/^channel\([0-9]*\) tx_frames /\1 /p'
}
# used: the channels by which frames left since /tmp/sent.
used() {
	sent | awk 'NR == FNR {sent[$1] = $2; next} $2 != sent[$1] {printf "%s ", $1}' \
		/tmp/sent -
}
# quiet: no flow of before has anything to send, but for those that are over (06).
quiet() {
	! cat /proc/net/tcp /proc/net/tcp6 | awk '$4 ~ /^0[1-9B]$/ && $4 != "06"' | grep -q .
}
# uses CHANNEL...: these and no others, for so many new flows that each has one.
uses() {
	wait_until 30 quiet || fail "flows of before do not end: $(cat /proc/net/tcp)"
	sent >/tmp/sent
	for _ in 1 2 3 4 5 6; do
		timeout "$(slow 30)" iperf3 -c "$PEER4" -P 8 -t 1 >/dev/null ||
			fail "table of $*: iperf3"
		[ "$(used)" = "$* " ] && break
	done
	check_equal "channels used, table of $*" "$* " "$(used)"
}

check_equal "channels open at the host" 4 "$(open_channels)"
undo hostctl nic0 table 0 1 2 3
uses 0 1 2 3
tables 2
uses 2
tables 1 3
uses 1 3
tables 0 1 2 3
uses 0 1 2 3
said=$(hostctl nic0 table 4) && fail "the host sends a table of a channel that is not open"
check_equal "what the host says" "table: channel 4 is not open" "$said"
traffic_flows
pass
