# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What tests of a VF source after ktap.sh: where the data go, as the guest sees
# it and as the host does. A process costs much in an emulated machine, so what is
# asked often is read by the shell.

# field_of NAME: the value behind the name in lines of standard input.
field_of() {
	while read -r vf_name vf_value; do
		if [ "$vf_name" = "$1" ]; then
			echo "$vf_value"
			return
		fi
	done
}

# vf_of [INTERFACE]: the name of its VF, empty if it has none.
vf_of() {
	for vf_link in "/sys/class/net/${1:-$GUEST_IF}"/lower_*; do
		[ -e "$vf_link" ] && echo "${vf_link##*/lower_}"
	done
}

has_vf() {
	[ "$(vf_of "$@")" ]
}

has_no_vf() {
	! has_vf "$@"
}

# host_says NAME: a line of the host's state of the VF.
host_says() {
	hostctl nic0 vf state | field_of "$1"
}

host_sends_by() {
	[ "$(host_says path)" = "$1" ]
}

host_has_none() {
	[ "$(host_says state)" = absent ]
}

# vf_taken [WHEN]: as planned, until nobody has it.
vf_taken() {
	try "${1:-taking the VF away}" hostctl nic0 vf remove
	wait_until 30 has_no_vf || fail "$1: the VF is still joined"
	wait_until 30 host_has_none || fail "$1: the host still has it"
}

# logged WORDS: how often the log says so. logged_more WORDS COUNT: whether oftener.
logged() {
	dmesg | grep -cF "$1"
}

logged_more() {
	[ "$(logged "$1")" -gt "$2" ]
}

# took_ms COMMAND...: how long it takes.
took_ms() {
	begun=$(awk '{print int($1 * 1000)}' /proc/uptime)
	"$@" || return
	echo $(($(awk '{print int($1 * 1000)}' /proc/uptime) - begun))
}

# is_slave INTERFACE: whether it has the mark. IFF_SLAVE is 0x800.
is_slave() {
	[ $(($(cat "/sys/class/net/$1/flags") & 0x800)) != 0 ]
}

# in_its_slot CARD NIC: the card's VF sits in the PCI slot that the host has named on
# the NIC's channel.
in_its_slot() {
	vf_device=$(basename "$(readlink -f "/sys/class/net/$(vf_of "$1")/device")")
	vf_serial=$(hostctl "$2" vf state | field_of serial)
	check_equal "PCI slot $vf_serial, of the VF of $2" "${vf_device%.*}" \
		"$(cat "/sys/bus/pci/slots/$vf_serial/address")"
}

# is_in_its_slot CARD NIC: likewise, to be waited for.
is_in_its_slot() {
	vf_device=$(basename "$(readlink -f "/sys/class/net/$(vf_of "$1")/device")")
	vf_serial=$(hostctl "$2" vf state | field_of serial)
	[ "${vf_device%.*}" = "$(cat "/sys/bus/pci/slots/$vf_serial/address")" ]
}

# device_of_card: its name on the VMBus.
device_of_card() {
	basename "$(readlink -f "/sys/class/net/$GUEST_IF/device")"
}

# vf_counted NAME: a counter of the host's VF.
vf_counted() {
	hostctl nic0 vf counters | field_of "$1"
}

# counted NAME [INTERFACE]: a counter of ours, by ethtool.
counted() {
	ethtool -S "${2:-$GUEST_IF}" | field_of "$1:"
}

said() {
	dmesg | grep -qF -- "$1"
}

# pings: all of them are answered.
pings() {
	ping -q -i 0.2 -c 3 -W 5 "$PEER4" >/tmp/ping 2>&1 &&
		grep -q ' 0% packet loss' /tmp/ping
}

# vf_carries WHEN: the VF takes the data over, both ways.
vf_carries() {
	wait_until 30 host_sends_by vf || {
		note "$(hostctl nic0 vf state)"
		note "$(dmesg | tail -15)"
		fail "$1: the host was not asked to send by the VF"
	}
	vf_uses() {
		sent=$(counted vf_tx_packets)
		received=$(counted vf_rx_packets)
		pings && [ "$(counted vf_tx_packets)" -ge $((sent + 3)) ] &&
			[ "$(counted vf_rx_packets)" -ge $((received + 3)) ]
	}
	wait_until 10 vf_uses || fail "$1: pings do not go by the VF:
$(cat /tmp/ping; ethtool -S "$GUEST_IF" | grep vf_; dmesg | tail -8)"
}

# synthetic_carries WHEN: the data go without a VF.
synthetic_carries() {
	wait_until 20 host_sends_by synthetic ||
		fail "$1: the host still sends by the VF"
	sent=$(counted vf_tx_packets)
	pings || fail "$1: pings are lost: $(tail -3 /tmp/ping)"
	check_equal "$1: packets by the VF" "$sent" "$(counted vf_tx_packets)"
}

# vf_back: after a test took it away.
vf_back() {
	host_has_none && hostctl nic0 vf add
	wait_until 30 host_sends_by vf
}
