#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Each allocation that loading the driver makes, before any card is probed, fails in
# turn: the module is not loaded and leaves nothing, neither a work queue, nor a
# notifier that would be called for the next interface. Without a failure it loads.
# (That the notifier itself cannot be registered does not happen: the kernel allocates
# nothing for it, and ours accepts every interface.)
# Break it: leave netvsc_vf_unregister() out of netvsc_init().
# groups: failing
# kernels: debug
# timeout: 400
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/failing.sh"

filter
# Of the kernel's code: what calls the function that a module begins with.
begin_end=$(awk '$3 == "do_one_initcall" {begin = $1; next}
	begin && $2 ~ /[tT]/ && $1 != begin {print begin, $1; exit}' /proc/kallsyms)
[ "$begin_end" ] || fail "no do_one_initcall in the list of symbols"
for kind in failslab fail_page_alloc; do
	echo "0x${begin_end% *}" >"$FAULTS/$kind/require-start"
	echo "0x${begin_end#* }" >"$FAULTS/$kind/require-end"
	# Less deep than what probes a card.
	echo 14 >"$FAULTS/$kind/stacktrace-depth"
done

file=$(modinfo -n hv_netvsc)
# load_failing NTH: with that allocation failing, if there is one. A child would not
# inherit it, so the shell becomes the one that loads.
load_failing() {
	# shellcheck disable=SC2016 # for the other shell
	sh -c 'echo "$1" >/proc/self/fail-nth; exec insmod "$2"' sh "$@" 2>/tmp/insmod
	status=$?
}
loaded() {
	[ -e /sys/module/hv_netvsc ]
}
# A notifier that was left is called here, where no module is any more.
interface_comes() {
	try "an interface" ip link add name probe0 type veth peer name probe1
	try "an interface" ip link del probe0
}

try "unloading" modprobe -r hv_netvsc
undo "modprobe hv_netvsc; network_back"
interface_comes
nth=1
failed=0
while :; do
	load_failing $nth "$file"
	if loaded; then
		[ $status = 0 ] || fail "allocation $nth: loaded, and an error: $(cat /tmp/insmod)"
		without=$((${without:-0} + 1))
		# It does without some; when several in a row are of no account, all were tried.
		[ $without -lt 8 ] || break
		try "unloading after $nth" modprobe -r hv_netvsc
	else
		without=0
		failed=$((failed + 1))
		interface_comes
	fi
	nth=$((nth + 1))
	[ $nth -lt 200 ] || fail "no end of allocations"
done
note "of the first $nth allocations $failed were needed"
check_above "allocations without which it does not load" 4 $failed
network_back
traffic_flows
pass
