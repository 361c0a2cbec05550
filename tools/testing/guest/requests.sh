# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What tests of requests that the host refuses or does not answer source after
# ktap.sh: the requests, and changes of settings while one of them fails.

# The requests of a connection in their order: the step as hostctl names it, what
# a refusal makes of the change that connects, and what a silence does. "fewer" is
# a success with one queue; so many seconds are what is waited for what may come
# later.
# shellcheck disable=SC2034 # for the test
REQUESTS="
open		Resource_temporarily_unavailable	Connection_timed_out
init		Protocol_error		Connection_timed_out
recv-buf	Protocol_error		Connection_timed_out
send-buf	ok			Connection_timed_out
rndis-init	Input/output_error	Connection_timed_out
oid:0x01010101	Input/output_error	Connection_timed_out	permanent address
oid:0x00010106	ok			Connection_timed_out	largest frame
oid:0xfc01020d	ok			Connection_timed_out	offloads
oid:0xfc01020c	ok			Connection_timed_out	offload parameters
oid:0x00010107	ok			Connection_timed_out	link speed
oid:0x00010114	ok			Connection_timed_out	link state
oid:0x00010203	fewer			Connection_timed_out	RSS capabilities
subchannel	fewer			Connection_timed_out
oid:0x00010204	fewer			Connection_timed_out	RSS parameters
oid:0x0001010e	ok			ok			packet filter
"
KEY1=$(for _ in $(seq 40); do printf '%s11' "${colon:+:}"; colon=1; done)
KEY2=$(echo "$KEY1" | tr 1 2)

now() {
	cut -d. -f1 /proc/uptime
}

# shown WHAT: a setting as the user sees it.
shown() {
	case $1 in
	mtu) cat "/sys/class/net/$GUEST_IF/mtu";;
	address) cat "/sys/class/net/$GUEST_IF/address";;
	rings) rx_ring;;
	queues) ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | tail -1;;
	key) ethtool -x "$GUEST_IF" | sed -n '/hash key/{n;p}';;
	state) ip link show dev "$GUEST_IF" up | grep -q . && echo up || echo down;;
	esac
}

# other WHAT VALUE: one of two values, the other one.
other() {
	case $1 in
	mtu) set -- "$2" 1500 4000;;
	address) set -- "$2" "$2" 02:11:22:33:44:55;;
	rings) set -- "$2" 5000 9000;;
	queues) set -- "$2" 1 2;;
	key) set -- "$2" "$KEY1" "$KEY2";;
	state) set -- "$2" down up;;
	esac
	[ "$1" = "$2" ] && echo "$3" || echo "$2"
}

# change WHAT VALUE
change() {
	case $1 in
	mtu | address) ip link set dev "$GUEST_IF" "$1" "$2";;
	rings) ethtool -G "$GUEST_IF" rx "$2";;
	queues) ethtool -L "$GUEST_IF" combined "$2";;
	key) ethtool -X "$GUEST_IF" hkey "$2";;
	state) ip link set dev "$GUEST_IF" "$2";;
	esac
}

# prepare WHAT: so that the host has to be asked for its change.
prepare() {
	case $1 in
	address | state) try "down" change state down;;
	# With one queue the host has no key.
	key) [ "$(shown queues)" = 2 ] || try "two queues" change queues 2;;
	queues)
		# Two that the host did not grant come with the next connection,
		# and of a wish for what there is the core does not tell.
		try "a new connection" change rings "$(other rings "$(shown rings)")"
		try "one queue" change queues 1
		# With one channel only
		try "a new connection" change rings "$(other rings "$(shown rings)")";;
	esac
}

works() {
	carrier_is 1 && ping -c 1 -W 1 "$PEER4"
}

# change_under FAULT STEP WHAT RESULT SECONDS: what a change does meanwhile, and
# that all is well when the fault is over.
change_under() {
	case="$1 $2, $3"
	prepare "$3"
	before=$(shown "$3")
	value=$(other "$3" "$before")
	try "$case" hostctl nic0 "$1" "$2"
	from=$(now)
	said=$(change "$3" "$value" 2>&1)
	status=$?
	took=$(($(now) - from))
	note "$case: status $status, $took s: $said"
	[ $took -le "$(slow "$5")" ] || fail "$case: it took $took s, not at most $5"
	case $4 in
	ok | fewer)
		[ $status = 0 ] || fail "$case: wanted success, got: $said"
		[ "$3" = queues ] && [ "$4" = fewer ] || before=$value;;
	*)
		[ $status != 0 ] || fail "$case: it succeeded"
		case $said in
		*"$(echo "$4" | tr _ ' ')"*) ;;
		*) fail "$case: wanted '$4', got '$said'";;
		esac;;
	esac
	try "answering" hostctl nic0 answer all
	# A connection on which the host was silent is of no use until it is replaced.
	wait_until 100 ip link set dev "$GUEST_IF" up ||
		fail "$case: up when the host answers again"
	[ "$3" = state ] && before=up
	wait_until 100 works || fail "$case: nothing flows when the host answers again"
	check_equal "$case: $3" "$before" "$(shown "$3")"
}

# reloaded: what was tried in vain so far is forgotten.
reloaded() {
	try "unloading" modprobe -r hv_netvsc
	try "loading" modprobe hv_netvsc
	network_back
}
