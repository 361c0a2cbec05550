#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Packets and bytes are counted both ways, and no errors or drops.
# Break it: do not add to the byte counter in receive.
# groups: base cpu1 nvsp1
. "$(dirname "$0")/ktap.sh"

# shellcheck disable=SC2154 # the loops assign what is compared
COUNT=10
for name in rx_packets tx_packets rx_bytes tx_bytes rx_errors tx_errors \
	    rx_dropped tx_dropped; do
	eval "$name=$(stat_of $name)"
done
ping -4 -q -c $COUNT -i 0.05 -s 1000 "$PEER4" >/dev/null || fail "no answer from $PEER4"
check_above "tx_packets" $((tx_packets + COUNT - 1)) "$(stat_of tx_packets)"
check_above "rx_packets" $((rx_packets + COUNT - 1)) "$(stat_of rx_packets)"
check_above "tx_bytes" $((tx_bytes + COUNT * 1000)) "$(stat_of tx_bytes)"
check_above "rx_bytes" $((rx_bytes + COUNT * 1000)) "$(stat_of rx_bytes)"
for name in rx_errors tx_errors rx_dropped tx_dropped; do
	eval "wanted=\$$name"
	check_equal "$name" "$wanted" "$(stat_of $name)"
done
pass
