#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A kernel that the module cannot be built for is refused in one line that names
# what is wrong, and `make` gets no further.
# Break it: take a check out of compat/check-kernel, or its call out of Makefile.
. "$(dirname "$0")/../guest/ktap.sh"
TOP=$(cd "$(dirname "$0")/../../.." && pwd)

dir=$(mktemp -d)
undo rm -rf "$dir"

# compiler NAME FAMILY VERSION-WORDS: one that says so when it preprocesses.
compiler() {
	printf '#!/bin/sh\necho "%s"\n' "$2 $3" >"$dir/$1"
	chmod +x "$dir/$1"
}

# headers: a tree that passes; the cases below spoil it.
headers() {
	rm -rf "$dir/kdir"
	mkdir -p "$dir/kdir/include/config" "$dir/kdir/include/generated" \
		"$dir/kdir/scripts/basic" "$dir/kdir/scripts/mod" \
		"$dir/kdir/tools/objtool"
	: >"$dir/kdir/Makefile"
	: >"$dir/kdir/include/generated/autoconf.h"
	for item in X86_64 MODULES PAGE_POOL; do
		echo "CONFIG_$item=y"
	done >"$dir/kdir/include/config/auto.conf"
	config HYPERV=m
	config GCC_VERSION=120200
	printf '0x0\t%s\tvmlinux\tEXPORT_SYMBOL_GPL\t\n' __vmbus_driver_register \
		page_pool_create >"$dir/kdir/Module.symvers"
	for item in scripts/basic/fixdep scripts/mod/modpost tools/objtool/objtool; do
		cp /bin/true "$dir/kdir/$item"
	done
	echo "CC = $dir/gcc-12" >"$dir/kdir/.kernelvariables"
}

config() {
	echo "CONFIG_$1" >>"$dir/kdir/include/config/auto.conf"
}

# without PATTERN FILE: the file loses the lines that match.
without() {
	sed -i "/$1/d" "$dir/kdir/$2"
}

# refused WORDS [VAR=VALUE]...: one line with the words, status 1.
refused() {
	words=$1
	shift
	said=$("$TOP/compat/check-kernel" "$dir/kdir" "$@" 2>&1)
	check_equal "status where '$words' was wanted" 1 $?
	check_equal "lines of '$said'" 1 "$(echo "$said" | wc -l)"
	case $said in
	check-kernel:*"$words"*) ;;
	*) fail "wanted '$words', said: $said";;
	esac
}

compiler gcc-12 gcc '12 2 0'
compiler gcc-10 gcc '10 2 1'
compiler gcc-4 gcc '4 9 2'
compiler clang clang '14 0 6'
headers
try "a good tree" "$TOP/compat/check-kernel" "$dir/kdir"
try "a newer compiler" "$TOP/compat/check-kernel" "$dir/kdir" CC="$dir/gcc-12"

rm -r "$dir/kdir"; refused "no such directory"
for file in Makefile include/config/auto.conf include/generated/autoconf.h \
	scripts/basic/fixdep scripts/mod/modpost Module.symvers; do
	headers
	rm "$dir/kdir/$file"
	refused "$file is missing"
done
headers
printf '#!/bin/sh\necho "libc.so.6: version GLIBC_2.99 not found" >&2; exit 1\n' \
	>"$dir/kdir/tools/objtool/objtool"
refused "objtool does not run here"
for name in X86_64:x86-64 MODULES:CONFIG_MODULES HYPERV:CONFIG_HYPERV \
	PAGE_POOL:CONFIG_PAGE_POOL; do
	headers
	without "^CONFIG_${name%:*}=" include/config/auto.conf
	refused "${name#*:}"
done
headers; config HYPERV_NET=y; refused "CONFIG_HYPERV_NET=y"
headers; without vmbus Module.symvers; refused CONFIG_HYPERV_VMBUS
headers; without page_pool Module.symvers; refused "exports no page pools"

headers
refused "no-such-gcc: no such compiler" CC=no-such-gcc
refused "not a C compiler" CC=true
refused "built with gcc 12: too old" CC="$dir/gcc-10"
echo "CC = env $dir/gcc-10" >"$dir/kdir/.kernelvariables"
refused "too old"
echo "CC = $dir/no-gcc-14" >"$dir/kdir/.kernelvariables"
refused "no-gcc-14: no such compiler"
headers
without GCC_VERSION include/config/auto.conf
# shellcheck disable=SC2016 # for that script
echo 'test "$1" = gcc && echo 5.1.0' >"$dir/kdir/scripts/min-tool-version.sh"
refused "gcc 4.9.2, and $dir/kdir needs 5.1.0" CC="$dir/gcc-4"
config CC_IS_CLANG=y
refused "built with clang" CC="$dir/gcc-12"
config CLANG_VERSION=160000
refused "built with clang 16: too old" CC="$dir/clang"

said=$(make -s -C "$TOP" driver KDIR="$dir/kdir" CC="$dir/gcc-4" 2>&1)
[ $? = 2 ] || fail "make went on: $said"
case $said in *check-kernel:*) ;; *) fail "make did not ask: $said";; esac
pass
