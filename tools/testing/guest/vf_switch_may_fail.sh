#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host that answers a switch of the data path late, never, or does nothing: the
# synthetic path goes on, nothing waits for it longer than a second, and when the
# host does it again the VF carries the data, and nothing goes by the VF before that. A
# VF that goes away while the host is silent goes; then the connection is made anew.
# Break it: wait in begin_return() until the host answers; set moved in take_answer()
# alone; or set adapter::vf_tx in path_ask().
# groups: vf
# drivers: ours
# once: newest
# timeout: 480
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

vf_carries "at first"
vf=$(vf_of)
undo "hostctl nic0 vf switch normal; ip link set $vf up; vf_back"

# silent WAY: the VF is set so while the host does not answer.
silent() {
	try "silent" hostctl nic0 vf switch silent
	ms=$(took_ms ip link set "$vf" "$1") || fail "silent: the VF cannot be set $1"
	note "silent: setting the VF $1 took $ms ms"
	[ "$ms" -lt "$(slow 1500)" ] || fail "silent: setting the VF $1 took $ms ms"
}
# it_says WORDS: the log, in a while.
it_says() {
	wait_until 20 said "$1" || fail "silent: the log does not say '$1'"
}

# Late. Half a second is what who takes the VF down is kept waiting, at most.
try "late" hostctl nic0 vf switch delay 4000
ms=$(took_ms ip link set "$vf" down) || fail "late: the VF cannot be taken down"
note "late: taking the VF down took $ms ms"
[ "$ms" -lt "$(slow 1500)" ] || fail "late: taking the VF down took $ms ms"
synthetic_carries "late"
try "less late" hostctl nic0 vf switch delay 1500
other=$(vf_counted tx_other_path)
try "up" ip link set "$vf" up
ping -q -i 0.05 -c 60 -W 5 "$PEER4" >/tmp/ping 2>&1
vf_carries "late, up"
check_equal "late, up: frames by the VF before the host said yes" "$other" \
	"$(vf_counted tx_other_path)"

# Not done, which nobody is told: what the host sends comes the synthetic way.
try "down" ip link set "$vf" down
synthetic_carries "before the refusal"
try "refusing" hostctl nic0 vf switch refuse
try "up" ip link set "$vf" up
sleep 2
host_sends_by synthetic || fail "refused: the host sends by the VF"
pings || fail "refused: pings are lost: $(tail -3 /tmp/ping)"
try "down" ip link set "$vf" down

# Not answered: the VF is not used, and it is asked again.
silent up
it_says "host did not answer the switch to the VF"
synthetic_carries "silent"
try "answering" hostctl nic0 vf switch normal
vf_carries "answering again"

# Not answered on the way back, and the VF goes for good.
silent down
it_says "host did not answer NVSP SWITCH_DATA_PATH in time"
try "answering" hostctl nic0 vf switch normal
again() {
	said "connected to the host again"
}
wait_until 60 again || fail "silent: not connected again"
try "up" ip link set "$vf" up
vf_carries "connected again"

# There late, and not back, which was asked for before that was answered: the host sends
# by a VF that is down.
try "down" ip link set "$vf" down
synthetic_carries "before both"
given_up=$(logged "host did not answer NVSP SWITCH_DATA_PATH in time")
connected=$(logged "connected to the host again")
try "late" hostctl nic0 vf switch delay 4000
try "up" ip link set "$vf" up
wait_until 20 carrier_is 1 "$vf" || fail "both: the VF has no carrier"
sleep 1
silent down
wait_until 20 logged_more "host did not answer NVSP SWITCH_DATA_PATH in time" "$given_up" ||
	fail "both: a host that sends by the VF is not given up: $(hostctl nic0 vf state)"
try "answering" hostctl nic0 vf switch normal
wait_until 60 logged_more "connected to the host again" "$connected" ||
	fail "both: not connected again"
try "up" ip link set "$vf" up
vf_carries "in the end"
traffic_flows
pass
