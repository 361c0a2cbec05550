#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A program in the driver sees each frame once and whole, and what it says is done:
# drop, pass, abort (with its trace point), a verdict that does not exist. Each is
# counted once, and only what a program dropped counts as dropped by it. Attached and
# detached three times, pings go on. (LISA: verify_xdp_basic, verify_xdp_action_drop,
# verify_xdp_action_aborted.)
# Break it: let XDP_DROP fall through to XDP_PASS in netvsc_xdp_receive().
# groups: xdp
# timeout: 150
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

TRACE=/sys/kernel/tracing
exceptions() {
	grep -c "xdp_exception: .*action=$1 " $TRACE/trace
}

two_cards
load_programs
for round in 1 2 3; do
	attach pass_all "$here"
	check_equal "mode" 1 "$(ip -d link show "$here" | grep -c 'prog/xdp id')"
	ping -q -c 5 -i 0.2 10.88.0.2 >/tmp/ping || fail "round $round: $(cat /tmp/ping)"
	detach "$here"
	ping -q -c 5 -i 0.2 10.88.0.2 >/tmp/ping || fail "after round $round: $(cat /tmp/ping)"
done
check_above "frames seen meanwhile" 14 "$(seen $FRAMES)"

attach verdict "$here"
config $VERDICT $DROP
forget_seen
received=$(stat_of rx_packets "$here")
dropped=$(xdp_stat rx_queue_N_xdp_drop "$here")
try "five frames" from_there send 10.88.0.1 5 100
all_seen() {
	[ "$(seen $FRAMES)" = "$1" ]
}
wait_until 5 all_seen 5
has_counts drop 5 $((5 * 142))
check_equal "dropped" 5 $(($(xdp_stat rx_queue_N_xdp_drop "$here") - dropped))
[ $(($(stat_of rx_packets "$here") - received)) -lt 5 ] ||
	fail "frames that the program dropped count as received"
for size in 18 1000 1472; do
	try "frames of $size bytes" from_there send 10.88.0.1 100 $size
done
wait_until 5 all_seen 305
has_counts "drop, all sizes" 305 $((5 * 142 + 100 * (18 + 1000 + 1472 + 3 * 42)))
check_equal "dropped" 305 $(($(xdp_stat rx_queue_N_xdp_drop "$here") - dropped))

config $VERDICT $PASS
datagrams=$(awk '$1 == "Udp:" && n++ {print $3}' /proc/net/snmp)
try "frames that pass" from_there send 10.88.0.1 100 1000
passed() {
	[ "$(awk '$1 == "Udp:" && n++ {print $3}' /proc/net/snmp)" -ge $((datagrams + 100)) ]
}
wait_until 5 passed || fail "100 datagrams did not reach the stack"
check_equal "frames with wrong bytes" 0 "$(seen $WRONG)"

echo 1 >$TRACE/events/xdp/xdp_exception/enable
undo "echo 0 >$TRACE/events/xdp/xdp_exception/enable"
echo >$TRACE/trace
dropped=$(xdp_stat rx_queue_N_xdp_drop "$here")
failed=$(xdp_stat rx_xdp_error "$here")
config $VERDICT $ABORTED
try "frames that abort" from_there send 10.88.0.1 5 100
wait_until 5 all_seen 410
check_equal "exceptions traced" 5 "$(exceptions ABORTED)"
config $VERDICT 77
try "frames without verdict" from_there send 10.88.0.1 5 100
wait_until 5 all_seen 415
if [ "$LAB_DRIVER" = ours ]; then
	check_equal "frames without a verdict" $((failed + 10)) "$(xdp_stat rx_xdp_error "$here")"
	check_equal "dropped by the program" "$dropped" "$(xdp_stat rx_queue_N_xdp_drop "$here")"
fi
dmesg | grep -q 'Illegal XDP return value 77' || fail "the kernel says nothing about verdict 77"
detach "$here"
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "after all: $(cat /tmp/ping)"
pass
