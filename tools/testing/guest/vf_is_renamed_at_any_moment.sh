#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The VF is renamed, as udev does it, as soon as it is there and before it is taken up,
# for which there are 100 ms; and, where the kernel can, while it carries data. It is
# joined, marked and used under its new name.
# Break it: make APPLY_DELAY 0, which on 6.1 leaves the VF its first name.
# groups: vf
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
undo vf_back

# is_used_as NAME WHEN
is_used_as() {
	check_equal "$2: the VF's link" "$1" "$(vf_of)"
	is_slave "$1" || fail "$2: the VF has lost its mark"
	vf_carries "$2"
	check_equal "$2: IPv6 addresses of the VF" "" "$(ip -6 -o addr show dev "$1")"
}

# free_name: what the kernel will call the next.
free_name() {
	number=0
	while [ -e "/sys/class/net/eth$number" ]; do
		number=$((number + 1))
	done
	echo eth$number
}

# early WHEN NAME: the VF comes and is renamed; whether it was not up by then. No
# process is begun when it is seen: there is little time. It is seen in the middle of
# REGISTER, and who renames it waits for the end of that.
early() {
	vf_taken "$1"
	first=$(free_name)
	ip -batch - </tmp/commands >/tmp/ip 2>&1 &
	renaming=$!
	exec 3>/tmp/commands
	try "$1: adding the VF" hostctl nic0 vf add
	read -r up _ </proc/uptime
	limit=$((${up%.*} + $(slow 30)))
	until [ -e "/proc/sys/net/ipv4/conf/$first" ]; do
		read -r up _ </proc/uptime
		[ "${up%.*}" -le $limit ] || fail "$1: no $first comes: $(ip -o link)"
	done
	echo "link set dev $first name $2" >&3
	exec 3>&-
	wait $renaming && said "$2: renamed from $first" &&
		! said "$2: renamed from $first (while UP)"
}

rm -f /tmp/commands
mkfifo /tmp/commands
renamed=
for attempt in 1 2 3 4; do
	early "attempt $attempt" enP${attempt}s1 && renamed=enP${attempt}s1
	[ "$renamed" ] && break
	note "attempt $attempt came too late: $(cat /tmp/ip; dmesg | tail -5)"
	vf_carries "attempt $attempt"
done
[ "$renamed" ] || fail "the VF is up before it can be renamed"
is_used_as "$renamed" "renamed at once"

ping -q -i 0.05 -c 100 -W 5 "$PEER4" >/tmp/pings 2>&1 &
pinging=$!
if ip link set "$renamed" name enP9s9 2>/tmp/refused; then
	renamed=enP9s9
else
	# Newer kernels can.
	case $(uname -r) in
	6.1.*) ;;
	*) fail "it cannot be renamed while it is up: $(cat /tmp/refused)";;
	esac
fi
is_used_as "$renamed" "renamed while it carries"
wait $pinging
grep -q ' 0% packet loss' /tmp/pings || fail "pings are lost: $(cat /tmp/pings)"
traffic_flows
pass
