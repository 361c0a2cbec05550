#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Print the revision of these sources: what a package recorded in a file
# beside this script, what git says of the checkout, or "unknown".

cd "$(dirname "$0")" || exit 1

# in_checkout: not in the tree of somebody else who keeps a copy of this one.
in_checkout() {
	top=$(git rev-parse --show-toplevel 2>/dev/null) &&
		git -C "$top" ls-files --error-unmatch compat/revision.sh
}

if [ -s revision ]; then
	cat revision
elif in_checkout >/dev/null 2>&1; then
	# Reading must not write: the index may belong to another user.
	GIT_OPTIONAL_LOCKS=0 git describe --always --dirty --abbrev=12
else
	echo unknown
fi
