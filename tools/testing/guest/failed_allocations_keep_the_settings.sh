#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each allocation of opening and of reconfiguring (the MTU, the buffers, the queues)
# fails in turn: what was valid
# before is valid still, or the new setting is, and traffic flows. A buffer that the
# host could not be asked to release is left to it, counted and said.
# Break it: return an error of netvsc_connect() without the old settings; or free in
# buf_put() whatever the host has.
# groups: failing
# kernels: debug
# timeout: 700
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/failing.sh"
. "$(dirname "$0")/requests.sh"
NET=/sys/class/net/$GUEST_IF
IFF_UP_MULTICAST=0x1003
IFF_MULTICAST=0x1002

# The retries of a connection that could not be had again take a few seconds.
flows() {
	wait_until 30 ping -c 1 -W 1 "$PEER4" ||
		fail "$1, allocation $nth failed: no traffic"
}

filter
undo "ip link set $GUEST_IF mtu 1500 up"
# network_back sets the addresses that a closed interface loses.
nth=1
while ip link set "$GUEST_IF" down; write_failing $nth $IFF_UP_MULTICAST "$NET/flags"; do
	[ $written = 0 ] || try "opening" ip link set "$GUEST_IF" up
	nth=$((nth + 1))
done
note "opening: $((nth - 1)) allocations"
check_equal "status of opening when none fails" 0 $written
echo $IFF_MULTICAST >"$NET/flags"
ip link set "$GUEST_IF" up
network_back
flows "opening"

# One of them is what the VMBus core needs to have the host release a buffer.
leaked() {
	ethtool -S "$GUEST_IF" | awk '/_leaked:/ {n += $2} END {print n + 0}'
}
kept=$(leaked)
nth=1
refused=0
while write_failing $nth 4000 "$NET/mtu"; do
	if [ $written = 0 ]; then
		check_equal "MTU after a change without allocation $nth" 4000 "$(cat "$NET/mtu")"
	else
		check_equal "MTU after allocation $nth failed" 1500 "$(cat "$NET/mtu")"
		refused=$((refused + 1))
	fi
	flows "reconfiguring"
	try "MTU" ip link set "$GUEST_IF" mtu 1500
	nth=$((nth + 1))
done
note "reconfiguring: $((nth - 1)) allocations, $refused of them needed"
check_above "allocations that end a reconfiguration" 0 $refused
check_above "pieces of memory left to the host" "$kept" "$(leaked)"
dmesg | grep -q 'host did not release the' || fail "the log does not say what is left to the host"
check_equal "status of reconfiguring when none fails" 0 $written
check_equal "MTU in the end" 4000 "$(cat "$NET/mtu")"

# set_failing WHAT OLD NEW COMMAND...: it changes WHAT, which shown() shows, to the value
# that follows it.
set_failing() {
	changed=$1 old=$2 new=$3
	shift 3
	nth=1
	refused=0
	while run_failing $nth "$@" "$new"; do
		if [ $written = 0 ]; then
			# A sub-channel that cannot be had is one queue less.
			[ "$changed" = queues ] && fewer="$old" || fewer=
			case $(shown "$changed") in
			"$new" | "$fewer") ;;
			*) fail "$changed after a change without allocation $nth: $(shown "$changed")";;
			esac
		else
			check_equal "$changed after allocation $nth failed" "$old" "$(shown "$changed")"
			refused=$((refused + 1))
		fi
		flows "$changed"
		[ "$(shown "$changed")" = "$old" ] || try "$changed again" "$@" "$old"
		# Most are those of the MTU's change.
		nth=$((nth + 7))
	done
	note "$changed: fewer than $nth allocations, $refused that were tried are needed"
	check_equal "$changed: status when no allocation fails" 0 $written
	check_equal "$changed in the end" "$new" "$(shown "$changed")"
}
rings=$(shown rings)
undo ethtool -G "$GUEST_IF" rx "$rings"
set_failing rings "$rings" $((rings / 2)) ethtool -G "$GUEST_IF" rx
check_above "allocations that end a change of the rings" 0 $refused
undo ethtool -L "$GUEST_IF" combined 2
try "one queue" ethtool -L "$GUEST_IF" combined 1
try "a connection with one queue" ethtool -G "$GUEST_IF" rx "$rings"
set_failing queues 1 2 ethtool -L "$GUEST_IF" combined
traffic_flows
pass
