#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# `make install` puts a module that says version and git revision where modprobe
# prefers it to the kernel's own, `make uninstall` gives that back, and a driver
# of somebody else is left alone. (In a copy of kernel and checkout.)
# Break it: install into extra/ instead of updates/; let is_ours() say yes always.
. "$(dirname "$0")/../guest/ktap.sh"
TOP=$(cd "$(dirname "$0")/../../.." && pwd)

dir=$(mktemp -d)
undo rm -rf "$dir"
kdir=$("$TOP/tools/lab/fetch" kdir) || fail "no headers of the lab's kernel"
release=$(sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	"$kdir/include/generated/utsrelease.h")

# A checkout of its own, so that there is a revision and nobody else's build.
mkdir -p "$dir/top/tools" "$dir/root/lib/modules/$release"
(cd "$TOP" && cp -R Makefile Kbuild Kconfig ./*.[ch] compat "$dir/top" &&
	cp tools/install-module "$dir/top/tools")
rm -f "$dir/top/hv_netvsc.mod.c" "$dir"/top/compat/*.o "$dir"/top/compat/.*.cmd
git_() {
	git -C "$dir/top" -c user.name=test -c user.email=test@localhost "$@"
}
try "git init" git_ init
try "git add" git_ add .
try "git commit" git_ commit -m test

own=kernel/drivers/net/hyperv/hv_netvsc.ko
modules=$dir/root/lib/modules/$release
lab_modules=${kdir%/usr/src/*}/lib/modules/$release
mkdir -p "$modules/${own%/*}"
cp "$lab_modules"/modules.order "$lab_modules"/modules.builtin* "$modules"
for file in "$lab_modules/$own"*; do
	[ -e "$file" ] || fail "the lab's kernel has no hv_netvsc"
	cp "$file" "$modules/${own%/*}"
done
depmod -b "$dir/root" "$release"

# make_ TARGET: what the person types.
make_() {
	make -s -C "$dir/top" "$1" KDIR="$kdir" DESTDIR="$dir/root" 2>&1
}

chosen() {
	modinfo -b "$dir/root" -k "$release" "$@" hv_netvsc
}

check_chosen() {
	case $(chosen -n) in
	"$modules/$1"*) ;;
	*) fail "$2: modprobe takes $(chosen -n), not $1";;
	esac
}

check_chosen $own "before"
try "make install" make_ install
check_chosen updates/hv_netvsc.ko "after make install"
check_equal version "$(sed -n 's/^#define NETVSC_VERSION.*"\(.*\)"/\1/p' \
	"$TOP/netvsc_drv.c")" "$(chosen -F version)"
check_equal revision "$(git_ rev-parse --short=12 HEAD)" "$(chosen -F revision)"
[ "$(chosen -F srcversion)" ] || fail "no srcversion"

try "make install again" make_ install
echo "/* changed */" >>"$dir/top/hyperv_net.h"
try "make install of changed sources" make_ install
check_equal "revision of changed sources" \
	"$(git_ rev-parse --short=12 HEAD)-dirty" "$(chosen -F revision)"

try "make uninstall" make_ uninstall
check_chosen $own "after make uninstall"
try "make uninstall again" make_ uninstall

mkdir -p "$modules/updates"
echo "of somebody else" >"$modules/updates/hv_netvsc.ko"
for target in install uninstall; do
	said=$(make_ $target) && fail "make $target took it for ours"
	case $said in
	*"another driver"*) ;;
	*) fail "make $target said: $said";;
	esac
	check_equal "the other driver after make $target" "of somebody else" \
		"$(cat "$modules/updates/hv_netvsc.ko")"
done
pass
