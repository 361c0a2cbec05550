#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# After all other tests the host has seen no violation of the protocol that is
# not in its list of known ones.
# Break it: send a transfer page completion twice.
# groups: base cpu1 nvsp1 nvsp2 nvsp4 nvsp5 nvsp6 ws2012r2 jumbo ws2016 ws2019 azure sections queues hotplug rsc_off raw_csum batches forward switch vf vf_old vf_two vf_later vf_lab vf_many vf_max vf_hibernate faults swiotlb crash settings vf_twins
. "$(dirname "$0")/ktap.sh"

said=$(hostctl violations)
status=$?
[ $status = 0 ] || fail "hostctl violations ($status): $said"
[ "$said" ] && note "known: $said"
pass
