#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A host that cannot coalesce is not asked to, and nobody can switch it on.
# Break it: put NETIF_F_LRO into hw_features in any case.
# groups: nvsp5 nvsp6 ws2016 rsc_off
. "$(dirname "$0")/ktap.sh"

check_equal "LRO" "off [fixed]" \
	"$(ethtool -k "$GUEST_IF" | sed -n 's/^large-receive-offload: //p')"
check_equal "what the host has" "off off" \
	"$(hostctl nic0 state | sed -n 's/^rsc[46] //p' | xargs)"
ethtool -K "$GUEST_IF" lro on 2>/dev/null && fail "it could be switched on"
timeout "$(slow 30)" iperf3 -c "$PEER4" -R -n 4M >/tmp/iperf3 2>&1 ||
	fail "iperf3: $(tail -3 /tmp/iperf3)"
check_equal "coalesced packets" 0 \
	"$(host_counts nic0 rx_rsc)"
pass
