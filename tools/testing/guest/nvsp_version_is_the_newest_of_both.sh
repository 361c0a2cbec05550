#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The connection speaks the newest NVSP version that the host offers.
# Break it: try the versions oldest first.
# groups: base nvsp1 nvsp2 nvsp4 nvsp5 nvsp6
. "$(dirname "$0")/ktap.sh"

case $LAB_GROUP in
nvsp1) wanted=0x00000002;;
nvsp2) wanted=0x00030002;;
nvsp4) wanted=0x00040000;;
nvsp5) wanted=0x00050000;;
nvsp6) wanted=0x00060000;;
*)     wanted=0x00060001;;
esac
check_equal "NVSP version" $wanted "$(hostctl nic0 state | sed -n 's/^nvsp //p')"
pass
