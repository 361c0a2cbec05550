#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest that falls silent is asked by an NMI, and its answer is shown; one that
# does not answer has hung.
# Break it: leave out vcpu_nmi_all() in tools/hvhost/hang.c.
. "$(dirname "$0")/../guest/ktap.sh"
GUEST=$(dirname "$0")/../../lab/guest

silent() {
	"$GUEST" --driver none --no-net --timeout 120 --silence 10 -- sh -c \
		"for i in 1 2 3 4; do echo \$i; sleep 4; done; $1 sleep 1000" 2>&1
}

said=$(silent "")
check_equal "status of one that answers" 126 $?
case $said in
*4*"an NMI asks"*"NMI: Not continuing"*) ;;
*) fail "one that answers said: $said";;
esac
said=$(silent "sysctl -q -w kernel.unknown_nmi_panic=0;")
check_equal "status of one that does not" 124 $?
case $said in
*"guest hung: not a word for 10 s, no panic after an NMI"*"vCPU 0 at rip 0xffffffff"*"(stack ffffffff"*) ;;
*) fail "one that does not answer said: $said";;
esac
pass
