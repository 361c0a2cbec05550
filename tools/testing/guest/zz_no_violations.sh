#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# After all other tests the host has seen no violation of the protocol that is
# not in its list of known ones.
# Break it: send a transfer page completion twice.
# groups: every
. "$(dirname "$0")/ktap.sh"

said=$(hostctl violations)
status=$?
[ $status = 0 ] || fail "hostctl violations ($status): $said"
[ "$said" ] && note "known: $said"
pass
