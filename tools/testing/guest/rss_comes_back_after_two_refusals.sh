#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host that takes "RSS off", and refuses the new parameters and then the old ones,
# has no RSS any more: the change fails, the user's settings are as before, and the
# next change tells the host all of them again. One that refuses "off" keeps what it
# has.
# Break it: send nothing in netvsc_rss_change() when RSS is off.
# groups: queues
# drivers: ours
# timeout: 120
. "$(dirname "$0")/ktap.sh"

PARAMETERS=0x00010204
state() {
	hostctl nic0 state | sed -n "s/^$1 //p"
}
settings() {
	ethtool -x "$GUEST_IF"
	for flow in tcp4 udp4 tcp6 udp6; do
		ethtool -n "$GUEST_IF" rx-flow-hash $flow
	done
}
# refused RSS WORDS...: the command fails and changes nothing; so the host's RSS is.
refused() {
	rss=$1
	shift
	before=$(settings)
	said=$("$@" 2>&1) && fail "'$*' succeeded"
	case $said in
	*"Input/output error"*) ;;
	*) fail "'$*': wanted 'Input/output error', got '$said'";;
	esac
	check_equal "after '$*'" "$before" "$(settings)"
	check_equal "RSS at the host, '$*' refused" "$rss" "$(state rss)"
	check_equal "refusals left" "" "$(hostctl nic0 faults | grep '^fail')"
}

undo "hostctl nic0 answer all; ethtool -N $GUEST_IF rx-flow-hash udp4 sdfn; ethtool -X $GUEST_IF default"
check_equal "RSS at the host" on "$(state rss)"
hashed=$(state rss_hash_info)

try "refusing" hostctl nic0 fail oid $PARAMETERS 2 1
refused off ethtool -X "$GUEST_IF" weight 0 0 1 1
try "a table" ethtool -X "$GUEST_IF" weight 0 0 1 1
check_equal "RSS at the host after a table" on "$(state rss)"
check_equal "hashed after a table" "$hashed" "$(state rss_hash_info)"

try "refusing" hostctl nic0 fail oid $PARAMETERS 2 1
refused off ethtool -X "$GUEST_IF" default
try "other fields" ethtool -N "$GUEST_IF" rx-flow-hash udp4 sd
check_equal "RSS at the host after other fields" on "$(state rss)"
check_equal "hashed after other fields" "$(printf '0x%x' $((hashed & ~0x4000)))" \
	"$(state rss_hash_info)"

try "refusing" hostctl nic0 fail oid $PARAMETERS 2
refused on ethtool -X "$GUEST_IF" default
try "the default" ethtool -X "$GUEST_IF" default
check_equal "RSS at the host in the end" on "$(state rss)"
traffic_flows
pass
