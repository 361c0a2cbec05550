#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Under TCP traffic channels are moved to other CPUs, and CPUs go offline and
# come back: the connection lives, queues stay, and a new connection has one for
# each CPU that there is. What was counted for a CPU stays when its channel goes. Where
# VMBus does not move channels by itself (before 7.3, and on hosts before 5.3) that is
# done here first.
# Break it: leave num_online_cpus() out in netvsc_queues_open(), or count what
# the CPUs were at probe in netvsc_queues_max(); do not add to cpu_counts in
# share_out(), but assign.
# groups: hotplug
# drivers: ours
# timeout: 400
. "$(dirname "$0")/ktap.sh"

CHANNELS=$(echo "/sys/class/net/$GUEST_IF/device/channels")
online() {
	echo "$2" >"/sys/devices/system/cpu/cpu$1/online"
}
most() {
	ethtool -l "$GUEST_IF" | sed -n 's/^Combined:[[:space:]]*//p' | head -1
}
bytes() {
	echo $(($(stat_of rx_bytes) + $(stat_of tx_bytes)))
}
more_came() {
	[ "$(bytes)" -gt $((seen + 100000)) ]
}
more_came_or_over() {
	more_came || ! kill -0 $load 2>/dev/null
}
# alive WHAT: the traffic goes on.
alive() {
	seen=$(bytes)
	wait_until 60 more_came_or_over
	kill -0 $load 2>/dev/null || fail "$1: iperf3 ended: $(tail -c 300 /tmp/iperf3)"
	more_came || fail "$1: traffic stopped: $(tail -c 200 /tmp/iperf3)"
	no_figure_fell "$1"
	note "$(cut -d. -f1 /proc/uptime) s: $1"
}
on_cpu() {
	grep -lx "$1" "$CHANNELS"/*/cpu 2>/dev/null
}
# move FILE CPU
move() {
	echo "$2" >"$1" || fail "$1 cannot be set to $2"
	check_equal "$1" "$2" "$(cat "$1")"
}

timeout "$(slow 390)" iperf3 -c "$PEER4" -P 4 -b 2M -t "$(slow 380)" >/tmp/iperf3 2>&1 &
load=$!
undo "for cpu in 1 2 3; do online \$cpu 1; done; kill $load; ethtool -L $GUEST_IF combined 4; ethtool -G $GUEST_IF rx 9709"
sleep 1
check_equal "queues" 4 "$(queues)"
check_equal "channels" 4 "$(find "$CHANNELS" -name cpu | grep -c .)"
no_figure_fell "at first"

for file in "$CHANNELS"/*/cpu; do
	move "$file" 0
done
alive "all channels on CPU 0"
number=0
for file in "$CHANNELS"/*/cpu; do
	move "$file" $number
	number=$((number + 1))
done
alive "a CPU for each channel"
if echo 99 2>/dev/null >"$file"; then
	fail "a channel was moved to a CPU that is not there"
fi

for cpu in 1 2 3; do
	if ! online $cpu 0 2>/dev/null; then
		note "CPU $cpu does not go with a channel on it"
		for file in $(on_cpu $cpu); do
			move "$file" 0
		done
		online $cpu 0 || fail "CPU $cpu does not go offline"
	fi
	[ "$(on_cpu $cpu)" ] && fail "a channel is on CPU $cpu, which is offline"
	alive "CPU $cpu is offline"
	check_equal "queues without CPU $cpu" 4 "$(queues)"
	try "CPU $cpu online" online $cpu 1
	alive "CPU $cpu is back"
done

for file in $(on_cpu 3); do
	move "$file" 0
done
online 3 0 || fail "CPU 3 does not go offline"
ethtool -G "$GUEST_IF" rx 5000 || fail "a new connection without CPU 3"
check_equal "queues of a new connection without CPU 3" 3 "$(queues)"
check_equal "most queues without CPU 3" 3 "$(most)"
[ "$(on_cpu 3)" ] && fail "a new channel is on CPU 3, which is offline"
alive "connected without CPU 3"
ethtool -L "$GUEST_IF" combined 4 2>/dev/null && fail "more queues than CPUs"
try "CPU 3 online" online 3 1
check_equal "queues" 3 "$(queues)"
check_equal "most queues with CPU 3" 4 "$(most)"
try "4 queues" ethtool -L "$GUEST_IF" combined 4
check_equal "queues" 4 "$(queues)"
alive "all CPUs are back"
traffic_flows
pass
