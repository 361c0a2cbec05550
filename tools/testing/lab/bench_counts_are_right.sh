#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The benchmark's arithmetic, without a guest: whose code an address is, what is
# divided by what, medians and ratios of the same round, and what is refused.
# Break it: take the median of all of ours by that of all of stock's in ratios();
# leave the ranges out of Map.find().
. "$(dirname "$0")/../guest/ktap.sh"
BENCH=$(dirname "$0")/../../bench/bench

# refused WORDS OPTION...: bench says the words and exits with 2.
refused() {
	words=$1
	shift
	said=$("$BENCH" "$@" 2>&1)
	check_equal "status of bench $*" 2 $?
	case $said in *"$words"*) ;; *) fail "bench $*: wanted '$words', said: $said";; esac
}

try "tests of the figures" python3 "$(dirname "$0")/bench_test.py"
refused "row nonsense: no such row" nonsense
refused "--kernel debug: no such kernel" --kernel debug
refused "not 1 to 100" --rounds 0
pass
