#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An AF_XDP socket without copies that is bound to the card sends by the card while a
# VF carries the data, and stays bound when the VF goes and comes.
# Break it: have netvsc_xdp_may_send() refuse while there is a vf_tx.
# groups: vf
# drivers: ours
# timeout: 180
. "$(dirname "$0")/ktap.sh"
. "$(dirname "$0")/vf.sh"
. "$(dirname "$0")/xdp-lib"

# sends WHEN: a socket sends 200 broadcasts, and the host sees them come by the card.
sends() {
	sent=$(counted tx_xsk)
	seen=$(host_frames)
	sockets 0 zero-copy send=200
	wait_sockets
	grep -q ' sent 200 ' /tmp/xsk || fail "$1: $(cat /tmp/xsk)"
	check_equal "$1: frames of the socket" $((sent + 200)) "$(counted tx_xsk)"
	check_above "$1: frames that the host saw" $((seen + 199)) "$(host_frames)"
}

host_frames() {
	hostctl nic0 counters | awk '$(NF - 1) == "tx_frames" {n += $NF} END {print n + 0}'
}

# shellcheck disable=SC2034 # of xdp-lib
here=$GUEST_IF queues=1
wait_until 30 has_vf || fail "no VF is joined: $(dmesg | tail -20)"
vf_carries "at first"
load_programs
sends "with a VF"
vf_carries "after frames of a socket"

sockets 1000000 zero-copy
try "taking the VF away" hostctl nic0 vf remove
wait_until 20 has_no_vf || fail "the VF is still joined"
synthetic_carries "without VF"
vf_back || fail "the VF does not come back"
vf_carries "after it came back"
kill $xsk
wait $xsk
sends "at the end"
pass
