#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What does not fit is refused with an error, and so is what the host refuses:
# all settings stay, and traffic goes on.
# Break it: do not try the old settings in netvsc_reconfigure().
# groups: queues
# drivers: ours
# timeout: 240
. "$(dirname "$0")/ktap.sh"

settings() {
	cat "/sys/class/net/$GUEST_IF/mtu"
	ethtool -l "$GUEST_IF"
	ethtool -g "$GUEST_IF"
}
# refused WORDS...: the command fails, and says something.
refused() {
	said=$("$@" 2>&1) && fail "'$*' succeeded"
	[ "$said" ] || fail "'$*' failed without a word"
	settings >/tmp/after
	cmp -s /tmp/before /tmp/after || fail "'$*' changed: $(diff /tmp/before /tmp/after)"
}

settings >/tmp/before
for mtu in 67 65522 70000; do
	refused ip link set "$GUEST_IF" mtu $mtu
done
for queues in 0 5 64 100; do
	refused ethtool -L "$GUEST_IF" combined $queues
done
refused ethtool -L "$GUEST_IF" rx 2
refused ethtool -G "$GUEST_IF" rx 20000
refused ethtool -G "$GUEST_IF" tx 3000
refused ethtool -G "$GUEST_IF" rx-jumbo 10
traffic_flows

# The host allows 9000.
refused ip link set "$GUEST_IF" mtu 9100
check_equal "carrier" 1 "$(cat "/sys/class/net/$GUEST_IF/carrier")"
dmesg | grep -q 'allows an MTU of' || fail "the log does not say what the host allows"
traffic_flows
pass
