# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What tests of failing allocations source after ktap.sh: the kernel's fault
# injection, for allocations that the driver makes itself or asks a function of
# the kernel's for.

FAULTS=/sys/kernel/debug

# The innermost frames that are searched for the driver: enough for what stands
# between it and the allocator, not for what registering a device leads to.
DEPTH=9

# filter: both kinds of allocation fail, in the driver alone.
filter() {
	[ -e $FAULTS/failslab/require-start ] ||
		skip "this kernel cannot tell whose an allocation is"
	text=$(cat /sys/module/hv_netvsc/sections/.text)
	size=$(sed -n 's/^hv_netvsc \([0-9]*\) .*/\1/p' /proc/modules)
	for kind in failslab fail_page_alloc; do
		dir=$FAULTS/$kind
		echo N >"$dir/ignore-gfp-wait"
		echo 0 >"$dir/verbose"
		echo $DEPTH >"$dir/stacktrace-depth"
		echo "$text" >"$dir/require-start"
		# The shell's numbers are signed: the upper half is text.
		printf '0xffffffff%x' $((0x${text#0xffffffff} + size)) >"$dir/require-end"
	done
	echo 0 >$FAULTS/fail_page_alloc/min-order
	echo N >$FAULTS/fail_page_alloc/ignore-gfp-highmem
}

# one_in PERCENT: so many of the allocations fail from now on, 0 for none.
one_in() {
	for kind in failslab fail_page_alloc; do
		echo -1 >"$FAULTS/$kind/times"
		echo "$1" >"$FAULTS/$kind/probability"
	done
	echo 0 >$FAULTS/fail_page_alloc/min-order
}

# pages_fail ORDER: all allocations of so many pages (2 to that power) and more fail
# from now on, and no other, until one_in 0.
pages_fail() {
	one_in 0
	echo "$1" >$FAULTS/fail_page_alloc/min-order
	echo 100 >$FAULTS/fail_page_alloc/probability
}

# write_failing NTH VALUE FILE: write it with that allocation failing. Leaves the
# write's status in $written; false when the write made fewer allocations.
write_failing() {
	# shellcheck disable=SC2016 # for the other shell
	left=$(sh -c 'echo "$1" >/proc/self/fail-nth
		      echo "$2" >"$3"
		      status=$?
		      read -r left </proc/self/fail-nth
		      echo 0 >/proc/self/fail-nth
		      echo "$left"
		      exit $status' sh "$@" 2>/dev/null)
	# shellcheck disable=SC2034 # for the test
	written=$?
	[ "$left" = 0 ]
}

# run_failing NTH COMMAND...: run it with that allocation failing, as write_failing.
run_failing() {
	left=$(./bpf/failnth "$@" 2>/dev/null)
	# shellcheck disable=SC2034 # for the test
	written=$?
	# The command may have something to say as well.
	[ "$(echo "$left" | tail -1)" = 0 ]
}
