#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Packets and bytes are counted both ways, and no errors or drops.
# Break it: do not add to the byte counter in receive.
# groups: base cpu1 nvsp1 swiotlb bare
. "$(dirname "$0")/ktap.sh"

COUNT=10
before=$(for name in rx_packets tx_packets rx_bytes tx_bytes rx_errors tx_errors \
	     rx_dropped tx_dropped; do echo "$name $(stat_of $name)"; done)

# was NAME: the statistic before the pings.
was() {
	echo "$before" | sed -n "s/^$1 //p"
}

ping -4 -q -c $COUNT -i 0.05 -s 1000 "$PEER4" >/dev/null || fail "no answer from $PEER4"
for way in rx tx; do
	check_above "${way}_packets" $(($(was ${way}_packets) + COUNT - 1)) \
		"$(stat_of ${way}_packets)"
	check_above "${way}_bytes" $(($(was ${way}_bytes) + COUNT * 1000)) \
		"$(stat_of ${way}_bytes)"
	for name in ${way}_errors ${way}_dropped; do
		check_equal "$name" "$(was $name)" "$(stat_of $name)"
	done
done
pass
