#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ethtool -S begins with the names that scripts know, in their order: global
# ones, those of the VF, eight for each queue, eight for each present CPU.
# Break it: swap two rows of a table in netvsc_ethtool.c.
# groups: base cpu1
. "$(dirname "$0")/ktap.sh"

QUEUE="tx_queue_%_packets tx_queue_%_bytes tx_queue_%_xdp_xmit
	rx_queue_%_packets rx_queue_%_bytes rx_queue_%_xdp_drop
	rx_queue_%_xdp_redirect rx_queue_%_xdp_tx"
CPU="cpu%_rx_packets cpu%_rx_bytes cpu%_tx_packets cpu%_tx_bytes
	cpu%_vf_rx_packets cpu%_vf_rx_bytes cpu%_vf_tx_packets cpu%_vf_tx_bytes"

# numbered COUNT NAME...: each name with % replaced by 0, 1, ...
numbered() {
	count=$1
	shift
	for n in $(seq 0 $((count - 1))); do
		for name; do
			echo "$name" | sed "s/%/$n/"
		done
	done
}

ethtool -S "$GUEST_IF" | sed -n 's/^ *\([^ :]*\):.*/\1/p' | grep -v '^NIC' >/tmp/got
queues=$(grep -c '^rx_queue_[0-9]*_packets$' /tmp/got)
check_above "queues in ethtool -S" 0 "$queues"
{
	for name in tx_scattered tx_no_memory tx_no_space tx_too_big tx_busy \
		    tx_send_full rx_comp_busy rx_no_memory stop_queue wake_queue \
		    vlan_error vf_rx_packets vf_rx_bytes vf_tx_packets vf_tx_bytes \
		    vf_tx_dropped; do
		echo $name
	done
	# shellcheck disable=SC2086 # the lists are words
	numbered "$queues" $QUEUE
	# shellcheck disable=SC2086
	numbered "$(nproc)" $CPU
} >/tmp/wanted
head -n "$(wc -l </tmp/wanted)" /tmp/got >/tmp/head
diff /tmp/wanted /tmp/head >/tmp/diff || fail "names differ (< wanted): $(cat /tmp/diff)"
pass
