#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Every ping over IPv4 is answered, at three sizes up to a full frame.
# Break it: drop one received packet in ten.
# groups: base cpu1 nvsp1 nvsp2 nvsp4 nvsp5 nvsp6 ws2012r2 jumbo ws2016 ws2019 azure sections swiotlb bare
. "$(dirname "$0")/ktap.sh"

for size in 56 1000 1472; do
	said=$(ping -4 -c 20 -i 0.05 -W 2 -s $size "$PEER4")
	note "$size bytes: $(echo "$said" | sed -n 's/.*, \(.*% packet loss\).*/\1/p')"
	echo "$said" | grep -q ' 0% packet loss' || fail "$said"
done
pass
