#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Debian's xdp-tools on the card: xdp-bench drops, passes, sends back and redirects in
# native mode, and counts what came; xdp-loader loads, shows and unloads.
# (LISA: verify_xdp_community_test.) 7.3 lacks a trace point, xdp_redirect_map_err,
# that the xdp-bench of Debian does not do without: xdp-loader alone there.
# Break it: return -EOPNOTSUPP from netvsc_bpf().
# groups: xdp
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

two_cards
# bench ACTION [OPTIONS...]: while frames come; it must have seen them.
bench() {
	action=$1
	shift
	xdp-bench "$action" "$here" "$@" -i 1 >/tmp/bench 2>&1 &
	bench=$!
	attached() {
		ip link show "$here" | grep -q 'prog/xdp'
	}
	wait_until 20 attached || fail "xdp-bench $action: $(cat /tmp/bench)"
	before=$(xdp_stat "$counter" "$here")
	from_there send 10.88.0.1 500 200 >/dev/null
	sleep 2
	# In the background a shell's children do not hear INT.
	kill -s TERM $bench
	wait $bench
	check_above "xdp-bench $action: frames" 499 \
		"$(($(xdp_stat "$counter" "$here") - before))"
}
bench_all() {
	counter=rx_queue_N_xdp_drop
	bench drop -m native
	bench drop -m native -p read-data
	counter=rx_queue_N_xdp_tx
	bench tx -m native
	counter=rx_queue_N_packets
	bench pass -m native
}
if [ -e /sys/kernel/tracing/events/xdp/xdp_redirect_map_err ]; then
	bench_all
else
	note "no trace point xdp_redirect_map_err: xdp-bench is left out"
fi
check_equal "programs left" 0 "$(ip link show "$here" | grep -c prog/xdp)"

try "loading" xdp-loader load -m native -s xdp "$here" bpf/verdict.o
undo "xdp-loader unload $here --all"
xdp-loader status "$here" >/tmp/status 2>&1 || fail "status: $(cat /tmp/status)"
grep -q "native" /tmp/status || fail "not native: $(cat /tmp/status)"
try "unloading" xdp-loader unload "$here" --all
check_equal "programs left" 0 "$(ip link show "$here" | grep -c prog/xdp)"
ping -q -c 3 -i 0.2 10.88.0.2 >/tmp/ping || fail "at the end: $(cat /tmp/ping)"
pass
