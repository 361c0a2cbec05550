#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Wrong options end at once with status 2 (125 for a kernel that is not there)
# and a message that names them.
# Break it: accept any key in nics.parse().
. "$(dirname "$0")/../guest/ktap.sh"
GUEST=$(dirname "$0")/../../lab/guest

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
pass
