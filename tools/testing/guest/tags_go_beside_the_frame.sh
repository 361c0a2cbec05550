#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A tag that stands in the frame when we get it is handed to the host beside it,
# and the other end sees it. One in a packet that others hold as well (pktgen
# sends one many times over) stays inside, and the packet as it is.
# A frame without a tag stays whole, whatever the socket says that sends it.
# Break it: leave out tx_take_tag() in netvsc_tx.c, or do not look at the frame there.
# drivers: ours
# groups: switch
# timeout: 240
. "$(dirname "$0")/ktap.sh"

set -- /sys/bus/vmbus/drivers/hv_netvsc/*/net/*
check_equal "number of cards" 2 $#
here=$(basename "$1")
there=$(basename "$2")
# Which of the host's cards is ours: the one that has its address.
nic=nic$(($(cut -d: -f6 "/sys/class/net/$here/address") - 1))
into_namespace there "$there"
try "up there" ip -n there link set "$there" up
try "VLAN there" ip -n there link add link "$there" name vlan5 type vlan id 5
try "address there" ip -n there addr add 10.89.0.2/24 dev vlan5
try "VLAN up there" ip -n there link set vlan5 up
try "up here" ip link set "$here" up
# A macvlan cannot have the tag beside the frame: it gets there inside.
try "macvlan" ip link add link "$here" name mv0 type macvlan
undo ip link del mv0
try "VLAN here" ip link add link mv0 name mv0.5 type vlan id 5
try "address here" ip addr add 10.89.0.1/24 dev mv0.5
try "up here" ip link set mv0 up
try "VLAN up here" ip link set mv0.5 up
wait_until 10 ping -c 1 -W 1 10.89.0.2 || fail "no answer from $there in VLAN 5"
beside=$(host_counts "$nic" tx_vlan)
inside=$(host_counts "$nic" tx_tagged)
for size in 1 56 1468 1472 20000; do
	ping -q -c 3 -i 0.2 -s $size 10.89.0.2 >/tmp/ping 2>&1 ||
		fail "ping -s $size: $(cat /tmp/ping)"
	grep -q ' 0% packet loss' /tmp/ping || fail "ping -s $size: $(cat /tmp/ping)"
done
check_above "tags beside the frame" "$((beside + 14))" "$(host_counts "$nic" tx_vlan)"
check_equal "tags inside" "$inside" "$(host_counts "$nic" tx_tagged)"

beside=$(host_counts "$nic" tx_vlan)
try "frames that have none" ./bpf/sock claim "$here" 50
try "one more" ping -c 1 -W 2 10.89.0.2
check_above "tags beside the frame" "$beside" "$(host_counts "$nic" tx_vlan)"
[ "$(host_counts "$nic" tx_vlan)" -lt $((beside + 50)) ] || fail "a tag that nobody put there"

pktgen_sends "$here" "count 100" "pkt_size 80" "clone_skb 10" "vlan_id 5"
timeout "$(slow 60)" sh -c 'echo start >/proc/net/pktgen/pgctrl' || fail "pktgen did not end"
all_there() {
	[ "$(host_counts "$nic" tx_tagged)" -ge $((inside + 100)) ]
}
wait_until 10 all_there || fail "wanted 100 tags inside," \
	"got $(($(host_counts "$nic" tx_tagged) - inside))"
check_equal "vlan_error" 0 "$(ethtool -S "$here" | sed -n 's/^ *vlan_error: //p')"
pass
