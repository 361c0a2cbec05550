#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Wrong options end at once with status 2 (125 for a kernel that is not there)
# and a message that names them. Whatever takes the name of a kernel refuses one that
# there is not by one line, which lists those that there are.
# Break it: accept any key in nics.parse(); or let parser.error() of tools/testing/run
# tell of a kernel.
. "$(dirname "$0")/../guest/ktap.sh"
TOP=$(dirname "$0")/../../..
GUEST=$TOP/tools/lab/guest

# refused STATUS WORD OPTION...
refused() {
	wanted=$1 word=$2
	shift 2
	said=$("$GUEST" "$@" -- true 2>&1)
	check_equal "status of $*" "$wanted" $?
	case $said in
	*"$word"*) ;;
	*) fail "$*: no '$word' in: $said";;
	esac
}

refused 2 "--cpus: 0" --cpus 0
refused 2 "unknown key 'colour'" --nic colour=red
refused 2 "exclude each other" --nic tap=a,switch=b
refused 2 "--nonsense" --nonsense
refused 2 "/nonexistent" --file /nonexistent
refused 125 "known are 6.1, 6.12, 7.3" --kernel 5.4
refused 125 "cannot be divided" --driver none --no-net --cpus 6 --nodes 2
refused 125 "not a bzImage" --kernel /bin/sh
refused 125 "no such file" --driver ./nonexistent.ko

# no_kernel STATUS COMMAND...: of one that is given the kernel 5.4. The lines of make
# itself are not meant.
no_kernel() {
	wanted=$1
	shift
	said=$(timeout 60 "$@" 2>&1 </dev/null)
	check_equal "status of $*" "$wanted" $?
	said=$(echo "$said" | grep -v '^make\>')
	check_equal "lines of $*: $said" 1 "$(echo "$said" | wc -l)"
	case $said in
	*"5.4: no such kernel; known are $known"*) ;;
	*) fail "$*: said $said";;
	esac
}

known=$("$TOP"/tools/lab/kbuild --list | paste -sd , | sed 's/,/, /g')
no_kernel 125 "$GUEST" --kernel 5.4 -- true
no_kernel 1 "$TOP"/tools/lab/kbuild --kernel 5.4
no_kernel 2 make -C "$TOP" KVER=5.4
no_kernel 2 "$TOP"/tools/testing/run --kernels 5.4
no_kernel 2 "$TOP"/tools/testing/run --kernels 6.1,5.4
no_kernel 2 "$TOP"/tools/testing/in-tree 5.4
no_kernel 2 "$TOP"/tools/bench/bench --kernel 5.4
pass
