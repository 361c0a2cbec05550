#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every ping over IPv6 is answered, at three sizes up to a full frame.
# Neighbour discovery needs multicast to be received.
# Break it: leave multicast out of the packet filter.
# groups: base cpu1 nvsp1 nvsp2 nvsp4 nvsp5 nvsp6 ws2012r2 jumbo ws2016 ws2019 azure sections swiotlb bare
. "$(dirname "$0")/ktap.sh"

ip -6 neigh flush dev "$GUEST_IF"
for size in 56 1000 1452; do
	said=$(ping -6 -c 20 -i 0.05 -W 2 -s $size "$PEER6")
	note "$size bytes: $(echo "$said" | sed -n 's/.*, \(.*% packet loss\).*/\1/p')"
	echo "$said" | grep -q ' 0% packet loss' || fail "$said"
done
pass
