#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A guest that powers off and one that reboots before their command ended are
# told apart, and neither passes for success. (Panic, triple fault and a hang have
# tests of their own.)
# Break it: let hvhost's power-off and reset set the same end.
. "$(dirname "$0")/../guest/ktap.sh"
GUEST=$(dirname "$0")/../../lab/guest

# ends WORDS COMMAND: the guest runs COMMAND; the lab says WORDS and fails.
ends() {
	said=$("$GUEST" --driver none --no-net --timeout 60 -- \
		sh -c "$2; sleep 100" 2>&1)
	check_equal "status after '$2'" 1 $?
	case $said in *"$1"*) ;; *) fail "after '$2' wanted '$1', said: $said";; esac
}

ends "the guest powered off" "poweroff -f"
ends "the guest rebooted" "reboot -f"
pass
