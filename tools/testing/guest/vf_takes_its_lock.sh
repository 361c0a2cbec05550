#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A VF whose driver wants the instance lock for everything (where the kernel has
# one), as those of Azure's cards do, is slow, and refuses: settings, namespaces
# and the path do not deadlock, what the VF refuses is not changed on the card
# either, and a VF that is probed, cannot be opened, or is detached, leaves the
# synthetic path. It is opened, and has the settings of meanwhile, when it can. One that
# is slow to stop is not waited for: neither by the data nor by a host without patience.
# The distribution's driver changes the VF's features without its lock (trap T34), at
# which the VF's driver warns on 7.3; on 6.1 it gets further.
# Break it: leave netdev_lock_ops() out of sync_features(); call dev_open() where the
# VF's lock is held; leave the card's new address when the VF's is refused; leave the
# kick out of netvsc_path_can_send(), vf_op_begin() or vf_op_end() out of
# netvsc_vf_set_link_ksettings(), or netif_device_present() out of settable_vf().
# groups: vf_lab
# drivers: ours
# timeout: 560
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"

KNOBS=/sys/module/labvf/parameters
# The host's, with an eject.
PATIENCE=60000
knob() {
	echo "$2" >"$KNOBS/$1"
}
undo "echo 0 >$KNOBS/detached; for knob in open_fails mac_fails mtu_fails open_ms stop_ms probe_ms; do
echo 0 >$KNOBS/\$knob; done; ip link set $GUEST_IF mtu 1500; ip link set $GUEST_IF address $(cat "/sys/class/net/$GUEST_IF/address")
network_back; hostctl nic0 vf delay eject $PATIENCE; hostctl nic0 vf delay surprise 0
hostctl nic0 vf remove"
host_has_none || vf_taken "before"

# Minutes, with Azure's cards: nobody waits for it.
knob probe_ms "$(slow 4)000"
knob open_ms 2000
try "adding the VF" hostctl nic0 vf add
sleep 1
has_no_vf || fail "the VF is there before its driver was ready"
pings || fail "pings are lost while the VF is probed: $(tail -3 /tmp/ping)"
vf_carries "probed and opened slowly"
knob probe_ms 0
knob open_ms 0
vf=$(vf_of)
check_equal "driver of $vf" labvf \
	"$(basename "$(readlink "/sys/class/net/$vf/device/driver")")"
address() {
	cat "/sys/class/net/$1/address"
}

# What it takes.
mac=$(address "$GUEST_IF")
try "down" ip link set "$GUEST_IF" down
try "another address" ip link set "$GUEST_IF" address 02:11:22:33:44:55
check_equal "the VF's address" 02:11:22:33:44:55 "$(address "$vf")"
try "the old address" ip link set "$GUEST_IF" address "$mac"

# What it refuses.
knob mac_fails 1
ip link set "$GUEST_IF" address 02:11:22:33:44:55 2>/dev/null &&
	fail "an address that the VF refuses"
check_equal "address after the refusal" "$mac" "$(address "$GUEST_IF")"
check_equal "address of the VF after the refusal" "$mac" "$(address "$vf")"
knob mac_fails 0
try "up" ip link set "$GUEST_IF" up
network_back
knob mtu_fails 1
ip link set "$GUEST_IF" mtu 1400 2>/dev/null && fail "an MTU that the VF refuses"
check_equal "MTU after the refusal" 1500 "$(cat "/sys/class/net/$GUEST_IF/mtu")"
knob mtu_fails 0
try "MTU" ip link set "$GUEST_IF" mtu 1400
check_equal "MTU of the VF" 1400 "$(cat "/sys/class/net/$vf/mtu")"
try "MTU" ip link set "$GUEST_IF" mtu 1500
try "promiscuous" ip link set "$GUEST_IF" promisc on
try "not promiscuous" ip link set "$GUEST_IF" promisc off
try "features" ethtool -K "$GUEST_IF" rx off gro off
check_equal "features of the VF" off \
	"$(ethtool -k "$vf" | field_of generic-receive-offload:)"
try "features" ethtool -K "$GUEST_IF" rx on gro on
# The link is the VF's, and so is what is set on it.
check_equal "speed" 10000 "$(cat "/sys/class/net/$GUEST_IF/speed")"
try "speed" ethtool -s "$GUEST_IF" speed 1000 duplex full autoneg off
check_equal "speed of the VF" 1000 "$(cat "/sys/class/net/$vf/speed")"
check_equal "speed of the card" 1000 "$(cat "/sys/class/net/$GUEST_IF/speed")"
ethtool -s "$GUEST_IF" speed 10 duplex half autoneg off 2>/dev/null &&
	fail "a link that the VF refuses"
vf_carries "with all that"

# It does not open, then slowly.
knob open_fails 1
try "down" ip link set "$GUEST_IF" down
try "up" ip link set "$GUEST_IF" up
network_back
said "unable to open VF $vf" || fail "nothing is said of a VF that does not open"
synthetic_carries "a VF that does not open"
check_equal "times that it is said" 1 "$(dmesg | grep -cF "unable to open VF $vf")"
knob open_ms 2000
knob open_fails 0
vf_carries "opened by itself, slowly"
knob open_ms 0
# What the user closes stays closed.
try "the VF down" ip link set "$vf" down
knob detached 1
sleep 1
knob detached 0
sleep 2
synthetic_carries "closed by hand"
try "the VF up" ip link set "$vf" up
vf_carries "opened by hand"

# One that comes and does not open is joined, and used once it does.
vf_taken "a VF that does not open when it comes"
knob open_fails 1
try "adding the VF" hostctl nic0 vf add
wait_until 30 has_vf || fail "a VF that does not open is not joined: $(dmesg | tail -5)"
sleep 1
synthetic_carries "a VF that does not open when it comes"
knob open_fails 0
vf=$(vf_of)
try "the VF up" ip link set "$vf" up
vf_carries "opened in the end"

# Detached, as drivers do that recover, and attached: nobody is told of either.
knob detached 1
ping -c 1 -W 2 "$PEER4" >/tmp/ping 2>&1
synthetic_carries "detached"
# It can take nothing, which keeps nobody from setting the card.
try "MTU without the VF" ip link set "$GUEST_IF" mtu 1400
try "down without the VF" ip link set "$GUEST_IF" down
try "address without the VF" ip link set "$GUEST_IF" address 02:11:22:33:44:55
try "up without the VF" ip link set "$GUEST_IF" up
knob detached 0
wait_until 20 host_sends_by vf || fail "attached: the VF does not carry the data"
check_equal "attached: MTU of the VF" 1400 "$(cat "/sys/class/net/$vf/mtu")"
check_equal "attached: address of the VF" 02:11:22:33:44:55 "$(address "$vf")"
try "MTU" ip link set "$GUEST_IF" mtu 1500
try "down" ip link set "$GUEST_IF" down
try "the old address" ip link set "$GUEST_IF" address "$mac"
try "up" ip link set "$GUEST_IF" up
network_back
vf_carries "attached"

# Another namespace, both ways.
try "moving the VF" ip link set "$vf" netns "$(sh -c 'unshare -n sleep 30 >/dev/null & echo $!; sleep 0.5')"
wait_until 20 has_vf || fail "the VF is not fetched: $(dmesg | tail -5)"
vf_carries "fetched"

# Slow to stop: the data go back before it does.
vf=$(vf_of)
knob stop_ms "$(slow 6)000"
ip link set "$vf" down &
stopping=$!
wait_until 5 host_sends_by synthetic || fail "slow to stop: the host still sends by the VF"
pings || fail "slow to stop: pings are lost: $(tail -3 /tmp/ping)"
kill -0 $stopping 2>/dev/null || fail "slow to stop: it has stopped before the pings"
wait $stopping || fail "slow to stop: it cannot be taken down"
knob stop_ms 2000
try "up" ip link set "$vf" up
vf_carries "after it was slow to stop"
# The host takes it away while it still stops.
try "no patience" hostctl nic0 vf delay eject 500
expired=$(vf_counted expired)
try "eject" hostctl nic0 vf eject
wait_until 20 has_no_vf || fail "no patience: the VF is still there"
synthetic_carries "no patience"
wait_until 20 host_has_none || fail "no patience: the host still has it"
check_equal "no patience: VFs taken while they stopped" $((expired + 1)) \
	"$(vf_counted expired)"
knob stop_ms 0
try "patience" hostctl nic0 vf delay eject $PATIENCE
try "add" hostctl nic0 vf add
vf_carries "after no patience"
# Dead for a while before anybody says so.
try "dead first" hostctl nic0 vf delay surprise "$(slow 4)000"
try "surprise" hostctl nic0 vf surprise
sleep 1
has_vf || fail "dead: the VF is gone before the host said so"
wait_until 20 has_no_vf || fail "dead: the VF is still there"
synthetic_carries "dead"
try "dead at once" hostctl nic0 vf delay surprise 0
try "add" hostctl nic0 vf add
vf_carries "after it was dead"

for how in eject surprise remove; do
	try "$how" hostctl nic0 vf $how
	wait_until 20 has_no_vf || fail "$how: the VF is still there"
	synthetic_carries "$how"
	wait_until 20 host_has_none || fail "$how: the host still has it"
	try "add" hostctl nic0 vf add
	vf_carries "after $how"
done
traffic_flows
pass
