# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What a test script sources first: how it reports, waits and cleans up.
#
# A test ends with pass, fail or skip (exit status 0, 1, 4). Alone it prints
# KTAP; run by run-tests it prints only its diagnostics, and run-tests the rest.

KTAP_NAME=$(basename "$0" .sh)
KTAP_UNDO=
KTAP_FIGURES=

# note TEXT...: a diagnostic line.
note() {
	echo "# $*"
}

# figure NAME VALUE UNIT: a measured value, shown beside the other driver's.
figure() {
	echo "# figure $*"
}

pass() {
	exit 0
}

# fail WHAT...: what was wanted, and what came instead.
fail() {
	note "$*"
	exit 1
}

# skip REASON...: this test means nothing here.
skip() {
	KTAP_REASON="$*"
	[ "$KTAP_REASON_FILE" ] && echo "$*" >"$KTAP_REASON_FILE"
	exit 4
}

# undo COMMAND: run it when the test ends, the last one first.
undo() {
	KTAP_UNDO="$*
$KTAP_UNDO"
}

# try WHAT COMMAND...: the command must succeed, else the test fails.
try() {
	what=$1
	shift
	if ! ktap_said=$("$@" 2>&1); then
		note "$ktap_said"
		fail "$what: '$*' failed"
	fi
}

# check_equal WHAT WANTED GOT
check_equal() {
	[ "$2" = "$3" ] || fail "$1: wanted '$2', got '$3'"
}

# check_above WHAT LIMIT GOT: whole numbers, GOT must be larger.
check_above() {
	case $3 in
	'' | *[!0-9]*) fail "$1: wanted a number above $2, got '$3'";;
	esac
	[ "$3" -gt "$2" ] || fail "$1: wanted more than $2, got $3"
}

# interface_of ADDRESS: the first interface that has it.
interface_of() {
	basename "$(dirname "$(grep -l "$1" /sys/class/net/*/address | head -1)")"
}

# pktgen_sends INTERFACE SETTINGS...: what pktgen sends there, to nobody, as fast as it
# can if nothing else is said, whenever "start" is written to its pgctrl.
pktgen_sends() {
	pktgen_if=$1
	shift
	try "pktgen" modprobe pktgen
	undo modprobe -r pktgen
	echo "add_device $pktgen_if" >/proc/net/pktgen/kpktgend_0
	for setting in "delay 0" "dst_mac 02:00:00:00:00:99" "dst 192.0.2.9" "$@"; do
		echo "$setting" >"/proc/net/pktgen/$pktgen_if"
	done
}

# iperf3_received FIELD: what iperf3 -J, in /tmp/iperf3.json, says that arrived.
iperf3_received() {
	awk -v field="\"$1\"" '/"sum_received"/ {inside = 1}
		inside && $1 ~ field {gsub(/[^0-9.e+]/, "", $2)
				      printf "%.0f", $2; exit}' /tmp/iperf3.json
}

# expect_complaint WORDS: the next complaint of the kernel that holds them is what
# the test is about, and no failure.
expect_complaint() {
	echo "<6>lab: expected $*" >/dev/kmsg
}

# slow SECONDS: what takes so long at most; a debug kernel takes longer.
slow() {
	echo $(($1 * ${LAB_SLOWNESS:-1}))
}

# seconds_up: whole seconds since the guest began.
seconds_up() {
	read -r ktap_up _ </proc/uptime
	echo "${ktap_up%.*}"
}

# wait_until SECONDS COMMAND...: true as soon as the command succeeds. A command that
# itself takes long is tried for three times as long.
wait_until() {
	ktap_limit=$(($(slow "$1") * 10))
	ktap_end=$(($(seconds_up) + 3 * $(slow "$1")))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $ktap_limit -gt 0 ] && [ "$(seconds_up)" -le $ktap_end ] || return 1
		ktap_limit=$((ktap_limit - 1))
		sleep 0.1
	done
}

# stat_of NAME [INTERFACE]: one of the interface's standard statistics.
stat_of() {
	cat "/sys/class/net/${2:-$GUEST_IF}/statistics/$1"
}

# carrier_is VALUE [INTERFACE]: 1 or 0; false also while the interface is down.
carrier_is() {
	[ "$(cat "/sys/class/net/${2:-$GUEST_IF}/carrier" 2>/dev/null)" = "$1" ]
}

# open_channels: how many are open, by the host. channels: how many of $GUEST_IF's stand
# in sysfs, has_channels N: N, and as many queues are in use.
open_channels() {
	hostctl nic0 state | sed -n 's/^channels_open //p'
}

channels() {
	find "/sys/class/net/$GUEST_IF/device/channels/" -mindepth 1 -maxdepth 1 | wc -l
}

queues() {
	find "/sys/class/net/$GUEST_IF/queues/" -name 'rx-*' | wc -l
}

has_channels() {
	[ "$(queues)" = "$1" ] && [ "$(channels)" = "$1" ]
}

# card_gone [INTERFACE]: the guest has none of that name.
card_gone() {
	! [ -e "/sys/class/net/${1:-$GUEST_IF}" ]
}

# ended PID: a process that the test began and has not waited for.
ended() {
	! kill -0 "$1" 2>/dev/null
}

# rx_ring [INTERFACE]: its receive buffers, as ethtool -G sets them.
rx_ring() {
	ethtool -g "${1:-$GUEST_IF}" | awk '/^Current/ {now = 1} now && $1 == "RX:" {print $2}'
}

# host_state NAME: what hostctl's "state" of the first card says of it.
host_state() {
	hostctl nic0 state | sed -n "s/^$1 //p"
}

# host_counts NIC NAME [CHANNEL]: one of the host's counters, of all channels or one.
host_counts() {
	hostctl "$1" counters | awk -v name="$2" -v channel="${3+channel}${3-}" '
		$2 == name && $1 ~ /^channel/ && (channel == "" || $1 == channel) {n += $3}
		END {print n + 0}'
}

# no_figure_fell WHEN [INTERFACE]: nothing that ethtool -S counts is less than it was
# at an earlier call of this test. Queues that are not in use show nothing.
no_figure_fell() {
	KTAP_FIGURES="$KTAP_FIGURES
$(ethtool -S "${2:-$GUEST_IF}" | sed -n 's/^ *\([^ :]*\): \([0-9]*\)$/\1 \2/p')"
	ktap_fell=$(echo "$KTAP_FIGURES" | awk '
		$1 in was && $2 < was[$1] {print $1, "from", was[$1], "to", $2}
		{was[$1] = $2 + 0}' | xargs)
	[ -z "$ktap_fell" ] || fail "$1: figures fell: $ktap_fell"
}

# into_namespace NAME INTERFACE: in a namespace of its own until the test ends.
# Brought back by hand: the kernel does it some time after the namespace is gone,
# and the next test may look for it before that.
into_namespace() {
	try "making a namespace" ip netns add "$1"
	undo ip netns del "$1"
	try "moving $2" ip link set "$2" netns "$1"
	undo ip -n "$1" link set "$2" netns 1
}

# traffic_flows: the proof of life at the end of a test.
traffic_flows() {
	wait_until 5 ping -c 1 -W 1 "$PEER4" || fail "IPv4: $PEER4 does not answer"
	wait_until 5 ping -c 1 -W 1 "$PEER6" || fail "IPv6: $PEER6 does not answer"
}

# network_back: after the driver was loaded anew: addresses, link, environment.
network_back() {
	lab-net || fail "the network did not come back"
	. /run/lab-net.env
}

ktap_end() {
	ktap_status=$?
	trap - EXIT
	# What is undone may be gone already: the rest is undone all the same.
	fail() {
		return 1
	}
	eval "$KTAP_UNDO" >/dev/null 2>&1
	if ! [ "$KTAP_REASON_FILE" ]; then
		case $ktap_status in
		0) echo "ok 1 $KTAP_NAME";;
		4) echo "ok 1 $KTAP_NAME # SKIP $KTAP_REASON";;
		*) echo "not ok 1 $KTAP_NAME";;
		esac
	fi
	exit $ktap_status
}

trap ktap_end EXIT
[ "$KTAP_REASON_FILE" ] || printf 'KTAP version 1\n1..1\n'
