#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Coalesced packets of awkward and of impossible shape: each is delivered whole,
# delivered as it is, or dropped and counted, as the table says, and traffic
# flows after it. A checksum that the host calls wrong is looked at and counted
# by the stack, one that nobody computed is not.
# Break it: leave out rsc_give_up() in netvsc_rsc_receive(), or the test of the
# failed bits in is_good() of netvsc_rx.c.
# drivers: ours
# groups: base ws2019
# timeout: 240
. "$(dirname "$0")/ktap.sh"

# What has happened so far, in the table's order. One look at the counters: a debug
# kernel takes a third of a second to start a program.
state() {
	ethtool -S "$GUEST_IF" | awk '
		{ is[$1] = $2 }
		$1 == "Tcp:" && named {
			for (i = 2; i <= NF; i++)
				is[name[i]] = $i
		}
		$1 == "Tcp:" { named = split($0, name) }
		END {
			print is["rx_queue_0_packets:"], is["rx_rsc_packets:"],
				is["rx_rsc_plain:"], is["rx_rsc_bad:"],
				is["rx_bad_frame:"], is["rx_bad_xfer:"], is["InCsumErrors"]
		}' - /proc/net/snmp
}
# difference "BEFORE" "AFTER": word by word.
difference() {
	echo "$1 $2" | awk '{n = NF / 2
		for (i = 1; i <= n; i++)
			printf "%s%d", (i > 1) ? " " : "", $(i + n) - $i}'
}

# NAME	packets coalesced plain bad-parts bad-frames bad-packets wrong-checksums
cat >/tmp/table <<'END'
plain		1 1 0 0 0 0 0
plain6		1 1 0 0 0 0 0
one		1 0 0 0 0 0 0
most		1 1 0 0 0 0 0
tiny		1 1 1 0 0 0 0
over-mtu	1 1 0 0 0 0 0
mixed		1 1 0 0 0 0 0
vlan		1 1 0 0 0 0 0
late-infos	1 1 0 0 0 0 0
first-length	1 1 0 0 0 0 0
ip-options	1 1 0 0 0 0 0
ip6-extension	1 1 1 0 0 0 0
ip-fragment	1 1 1 0 0 0 0
split-headers	1 1 1 0 0 0 0
split-ethernet	0 0 0 11 1 0 0
syn		1 1 1 0 0 0 0
udp		1 1 1 0 0 0 0
not-ip		1 1 1 0 0 0 0
no-csum		1 1 1 0 0 0 1
bad-csum	1 1 1 0 0 0 1
no-first	0 0 0 9 0 0 0
no-last		0 0 0 1 0 0 0
last-alone	0 0 0 1 0 0 0
wrong-id	0 0 0 5 0 0 0
two-firsts	1 1 0 1 0 0 0
whole-inside	1 0 0 5 0 0 0
too-many	0 0 0 0 0 1 0
too-long	0 0 0 5 0 0 0
empty-piece	0 0 0 5 1 0 0
length-above	1 1 1 0 0 0 0
length-below	1 1 1 0 0 0 0
header-length	1 1 1 0 0 0 0
tcp-offset	1 1 1 0 0 0 0
whole-bad	1 0 0 0 0 0 1
whole-both	1 0 0 0 0 0 1
whole-raw	1 0 0 0 0 0 0
whole-id	1 0 0 0 0 0 0
END

# The packets are for us, so that TCP looks at them; what it answers goes nowhere.
try "address" ip addr add 192.0.2.2/24 dev "$GUEST_IF"
undo ip addr del 192.0.2.2/24 dev "$GUEST_IF"
try "neighbour" ip neigh replace 192.0.2.1 lladdr 02:00:00:00:00:66 dev "$GUEST_IF"
undo ip neigh del 192.0.2.1 dev "$GUEST_IF"

# Each shape that the host knows is in the table.
hostctl nic0 rsc | awk '{print $1}' | sort >/tmp/known
awk '{print $1}' /tmp/table | sort | cmp -s - /tmp/known ||
	fail "the host's shapes and the table differ: $(xargs </tmp/known)"
while read -r shape wanted; do
	tries=3
	# Something else may have arrived meanwhile: IPv6 has much to say.
	until before=$(state)
	      try "rsc $shape" hostctl nic0 rsc "$shape"
	      sleep 0.3
	      came=$(difference "$before" "$(state)")
	      [ "$came" = "$wanted" ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "$shape: wanted $wanted, got $came"
	done
	ping -c 1 -W 5 "$PEER4" >/dev/null || fail "nothing flows after $shape"
done </tmp/table
traffic_flows
pass
