#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Where all memory has to be copied for the host, AF_XDP sockets are in copy mode: one
# that wants none is refused, one that leaves it to the driver works. The kernel's list
# of what the device can do has no such thing, or the log has a sentence (before 6.3).
# Break it: leave netvsc_bounce_wanted() out of check_bounce() and netvsc_xdp_init().
# groups: swiotlb
# drivers: ours
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/xdp-lib"

# shellcheck disable=SC2034 # of xdp-lib
here=$GUEST_IF queues=1
load_programs
timeout 20 ./bpf/xsk "$here" 1 "$MAPS/sockets" 1 1 zero-copy >/tmp/refused 2>&1 &&
	fail "without copies is no error"
grep -q 'binding to a queue: Operation not supported' /tmp/refused ||
	fail "without copies: $(cat /tmp/refused)"
if features=$(netdev-nl xdp "$here"); then
	case " $features " in
	*" xsk-zerocopy "*) fail "the kernel lists xsk-zerocopy: '$features'";;
	*" redirect "*) ;;
	*) fail "the kernel lists no XDP: '$features'";;
	esac
else
	dmesg | grep -q 'AF_XDP: all memory is copied for the host' ||
		fail "the log says nothing: $(dmesg | tail -5)"
fi
sockets 0 any send=100
wait_sockets
grep -q '^bound copy' /tmp/xsk || fail "wanted copies: $(cat /tmp/xsk)"
grep -q ' sent 100 ' /tmp/xsk || fail "$(cat /tmp/xsk)"
traffic_flows
pass
