#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The guest's kernel crashes, and the crash kernel, with 128 MiB, comes up with the
# small card and carries traffic; a kernel that is started by kexec while the card
# is in use connects anew, with the usual one. (Rule 3.9; LISA's kdump cases, as
# far as the network goes.)
# Break it: leave reset_devices out of default_config(); let the host keep the
# channels of a guest that sends UNLOAD.
. "$(dirname "$0")/../guest/ktap.sh"
HERE=$(dirname "$0")
GUEST=$HERE/../../lab/guest

# next WAY OPTION...: the first kernel ends that WAY.
next() {
	way=$1
	shift
	said=$("$GUEST" --kernel "$kernel" --memory 768 --with-kernel --timeout 280 \
		--file "$HERE/next-kernel:/lab/next-kernel" "$@" -- \
		sh /lab/next-kernel "$way" 2>&1)
	check_equal "$kernel, $way: status, said: $said; status" 0 $?
	note "$kernel, $way: $(echo "$said" | tr '\n' ';')"
}
# has WORDS
has() {
	echo "$said" | grep -qx "$1" || fail "$kernel, $way: wanted '$1', said: $said"
}
# mib_of_buffer: of the receive buffer.
mib_of_buffer() {
	echo "$said" | awk '/^recv_section / {s = $2} /^recv_sections / {n = $2}
			    END {print int((s * n + 1048575) / 1048576)}'
}

is_connected() {
	has "ping yes"
	has "iperf3 yes"
	has "violations none"
}

for kernel in 6.1 7.3; do
	next crash --append crashkernel=128M --cpus 2
	has "vmcore yes"
	has "channels_open 1"
	check_equal "MiB of receive buffer" 1 "$(mib_of_buffer)"
	is_connected
done
next kexec --cpus 1
has "vmcore no"
check_above "MiB of receive buffer" 7 "$(mib_of_buffer)"
is_connected
pass
