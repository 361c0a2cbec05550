#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A line of a debug kernel's fragment that its .config does not fulfil is named:
# another value, no such symbol, no alternative of it; what is fulfilled, or not
# for that series, is not.
# Break it: let kconfig.dropped() return [].
. "$(dirname "$0")/../guest/ktap.sh"

dir=$(mktemp -d)
undo rm -rf "$dir"
cat >"$dir/fragment" <<'END'
# comment
CONFIG_HERE=y
CONFIG_OFF=n
CONFIG_TEXT="a b"
CONFIG_EITHER=y | CONFIG_OR=1
CONFIG_NEWER=y | 6.1
CONFIG_MODULE=y
CONFIG_UNHEARD_OF=y
CONFIG_MISSPELT=n
CONFIG_NEITHER=y | CONFIG_NOR=2
END
cat >"$dir/config" <<'END'
CONFIG_HERE=y
# CONFIG_OFF is not set
CONFIG_TEXT="a b"
CONFIG_OR=1
CONFIG_MODULE=m
CONFIG_NOR=1
END

# named SERIES: the lines of the fragment that were dropped, by number.
named() {
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(dirname "$0")/../../lab \
		python3 - "$dir/fragment" "$1" "$dir/config" <<'END'
import sys
from hvlab import kconfig
fragment, series, config = sys.argv[1:]
for line in kconfig.dropped(kconfig.read(fragment), series, open(config).read()):
    print(line.split(":")[1], end=" ")
END
}

check_equal "lines dropped in 6.1" "7 8 9 10 " "$(named 6.1)"
check_equal "lines dropped in 7.3" "6 7 8 9 10 " "$(named 7.3)"
echo "CONFIG_WORD=yes" >>"$dir/fragment"
! named 7.3 2>/dev/null || fail "a line that means nothing was read"
pass
