#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What ethtool and ip can be given that does not fit: the field's usual error,
# with a sentence where the kernel lets a driver say one, nothing asked of the
# host, and nothing changed.
# Break it: take a check out of netvsc_ethtool.c, or leave max_mtu at 0.
# groups: settings
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"

# What is refused; the error; a sentence, if the kernel has a way for one (the
# ethtool of the oldest release shows none of some). Without an error the status
# must say that it failed: ethtool -N says it in words alone.
ROWS='
ip link set IF mtu 67			|			|mtu less than device minimum
ip link set IF mtu 65522		|			|mtu greater than device maximum
ip link set IF address 02:00:00:00:00:01|Device or resource busy	|
ethtool -L IF combined 0		|Invalid argument	|
ethtool -L IF combined 5		|Invalid argument	|requested channel count exceeds maximum
ethtool -L IF rx 1			|Invalid argument	|requested channel count exceeds maximum
ethtool -L IF tx 1			|Invalid argument	|requested channel count exceeds maximum
ethtool -L IF other 1			|Invalid argument	|requested channel count exceeds maximum
ethtool -G IF rx 1000000		|Invalid argument	|requested ring size exceeds maximum
ethtool -G IF tx 1000000		|Invalid argument	|requested ring size exceeds maximum
ethtool -G IF rx-mini 1			|Invalid argument	|requested ring size exceeds maximum
ethtool -G IF rx-jumbo 1		|Invalid argument	|requested ring size exceeds maximum
ethtool -X IF equal 5			|Invalid argument	|
ethtool -X IF equal 2 start 3		|Invalid argument	|
ethtool -X IF weight 1 1 1 1 1		|Invalid argument	|
ethtool -X IF hkey 00:11:22		|			|Key
ethtool -X IF hfunc xor			|			|
ethtool -X IF hfunc crc32		|			|
ethtool -X IF context new		|			|
ethtool -N IF rx-flow-hash tcp4 s	|Invalid argument	|
ethtool -N IF rx-flow-hash tcp4 m	|Invalid argument	|
ethtool -N IF rx-flow-hash sctp4 sdfn	|not supported		|
ethtool -N IF rx-flow-hash tcp4 sdfnt	|Invalid argument	|
ethtool -N IF flow-type tcp4 action 1	|			|
ethtool -C IF rx-usecs 10		|			|
ethtool -C IF adaptive-rx on		|			|
ethtool -s IF autoneg on		|			|
ethtool -s IF port tp			|			|
ethtool -s IF duplex 7			|			|
ethtool -s IF wol g			|not supported		|
ethtool -A IF rx on			|not supported		|
ethtool -r IF				|not supported		|
ethtool -p IF 1				|not supported		|
ethtool -K IF ntuple on			|			|
ethtool -K IF tx-gre-segmentation on	|			|
ethtool --set-tunable IF rx-copybreak 100000|Invalid argument	|
ethtool --set-tunable IF tx-copybreak 100000|Invalid argument	|
ethtool --set-tunable IF pfc-prevention-tout 10|not supported	|
ethtool --set-priv-flags IF some on	|			|
ethtool -e IF				|not supported		|
ethtool -t IF				|not supported		|
ethtool --set-eee IF eee on		|not supported		|
ethtool --reset IF all			|not supported		|
'

everything() {
	for option in -g -l -x -c -k -i -T "" -d; do
		# shellcheck disable=SC2086 # none is an option too
		ethtool $option "$GUEST_IF" 2>/dev/null
	done
	for flow in tcp4 tcp6 udp4 udp6; do
		ethtool -n "$GUEST_IF" rx-flow-hash $flow 2>/dev/null
	done
	ethtool --get-tunable "$GUEST_IF" rx-copybreak tx-copybreak
	ip -d link show dev "$GUEST_IF" | grep -v link-netns
}
control() {
	hostctl nic0 counters | grep '^channel0 control '
}

# wrong WHAT...: all rows are tried before the test fails.
wrong() {
	note "not refused as it should be: $*"
	wrong=$((wrong + 1))
}

everything >/tmp/before
asked=$(control)
count=0
wrong=0
echo "$ROWS" | grep . >/tmp/rows
while IFS='|' read -r words error sentence; do
	words=$(echo "$words" | sed "s/ IF\\>/ $GUEST_IF/; s/[[:space:]]*$//")
	error=$(echo "$error" | tr -d '\t')
	# shellcheck disable=SC2086 # words of a command
	said=$($words 2>&1) && [ -z "$error" ] && wrong "'$words' succeeded: $said"
	[ "$said" ] || wrong "'$words' failed without a word"
	case $said in
	*"$error"*) ;;
	*) wrong "'$words': wanted '$error', got '$said'";;
	esac
	case $said in
	*"$sentence"*) ;;
	*) wrong "'$words': wanted the sentence '$sentence', got '$said'";;
	esac
	count=$((count + 1))
done </tmp/rows
check_equal "control messages to the host" "$asked" "$(control)"
everything >/tmp/after
cmp -s /tmp/before /tmp/after || wrong "something changed: $(diff /tmp/before /tmp/after)"
note "$count rows"
check_above "rows" 35 $count
check_equal "rows that went wrong" 0 $wrong
traffic_flows
pass
