# SPDX-License-Identifier: GPL-2.0
#
# What a person uses. `make help` lists it. The kernel's own build reads Kbuild.

# The lab's kernel to build for; with KDIR= the kernel of that build directory.
KVER ?= 6.1
# For the kernel's make, where the lab calls it.
WORDS = $(foreach name,W C CF CHECK V,$(if $($(name)),'$(name)=$($(name))'))
# What is installed is for the running kernel unless KDIR= names another, never
# for the lab's.
INSTALL_KDIR = $(or $(KDIR),/lib/modules/$(shell uname -r)/build)
# The kernel's make takes CC from its command line only.
named_compiler = $(if $(filter command,$(origin CC)),CC='$(CC)') \
		 $(if $(LLVM),LLVM='$(LLVM)')
# `make bench` measures these rows; ROUNDS, JSON=file and SVG=file are for it, too.
ROWS ?=
# Limits `make test` to the tests whose name holds this word.
T ?=
# How long `make fuzz` runs all its targets together.
SECONDS ?= 60

all: driver

help:
	@echo 'make              build hv_netvsc.ko for a kernel of the lab into build/KVER/'
	@echo '                  (KVER=6.12; KDIR=... for another kernel, built in place)'
	@echo 'make matrix       build for every kernel of the lab, W=1 and sparse silent'
	@echo 'make install      build for the running kernel (or KDIR=...) and put the module'
	@echo '                  where modprobe finds it first; make uninstall: go back'
	@echo 'make deb          a Debian package of it, for DKMS, into build/'
	@echo 'make run          boot a guest, show the card at work, a shell at the end'
	@echo 'make test         tests, guests on the oldest and the newest kernel; T=word for'
	@echo '                  those whose name holds it'
	@echo 'make test-all     tests on every kernel, the debug kernel too (hours)'
	@echo 'make test-deb     the package in roots of Debian releases (as root)'
	@echo 'make fuzz         fuzz the decoders of the driver and of the emulated host, for'
	@echo '                  SECONDS=60 in all'
	@echo 'make bench        what a packet costs, beside the distribution'"'"'s driver, in the'
	@echo '                  same boot (KVER=, ROUNDS=, ROWS=, JSON=file, SVG=file)'
	@echo 'make check        static checks'
	@echo 'make in-tree-test whole kernels of the oldest and the newest series, with the'
	@echo '                  driver put into their source by tools/in-tree'
	@echo 'make setup        install what the targets above need (as root)'
	@echo 'make hvhost       build the emulated host'
	@echo 'make clean        remove what was built (tools/lab/fetch clean: the cache)'

ifdef KDIR
driver:
	@compat/check-kernel '$(KDIR)' $(named_compiler)
	$(MAKE) -C $(KDIR) M=$(CURDIR) CONFIG_HYPERV_NET=m modules
else
driver:
	@tools/lab/kbuild --kernel $(KVER) $(WORDS)
endif

matrix: setup
	@tools/lab/kbuild --all --strict W=1 C=1

install:
	@tools/install-module --destdir '$(DESTDIR)' '$(INSTALL_KDIR)'

uninstall:
	@tools/install-module --uninstall --destdir '$(DESTDIR)' '$(INSTALL_KDIR)'

deb:
	@tools/setup --deb
	@packaging/build-deb

hvhost:
	$(MAKE) -C tools/hvhost

setup:
	@tools/setup

run: setup
	@tools/lab/demo

test: setup
	@tools/testing/run $(if $(LIMIT),--limit $(LIMIT)) $(T)

# Its last line is the count of the tests in guests; in-tree and the package's
# tests have plans of their own. No $(MAKE) here: with that word in it, make -n would
# run all of these lines.
test-all: setup
	@status=0; \
	[ '$(T)' ] || tools/testing/in-tree || status=1; \
	[ '$(T)' ] || { tools/setup --test-deb && tools/testing/packages/run; } || status=1; \
	tools/testing/run --kernels all --long $(T) || status=1; \
	[ '$(T)' ] || tools/testing/run --append swiotlb=force ours/ || status=1; \
	exit $$status

test-deb:
	@tools/setup --test-deb
	@tools/testing/packages/run

fuzz: setup
	@tools/testing/fuzz/run '$(SECONDS)'

check: setup
	@tools/testing/check

# The newest kernel unless one is named.
bench:
	@tools/setup --bench
	@tools/bench/bench $(if $(filter command environment,$(origin KVER)),--kernel $(KVER)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(JSON),--json '$(JSON)') \
		--svg $(or $(SVG),build/bench.svg) $(ROWS)

in-tree-test: setup
	@tools/testing/in-tree

clean:
	@for dir in tools/hvhost tools/testing; do \
		if [ -e $$dir/Makefile ]; then $(MAKE) -C $$dir clean; fi; done
	$(RM) -r build *.o *.ko *.mod *.mod.c .*.cmd Module.symvers modules.order \
		.*.o.d .tmp_versions compat/*.o compat/.*.cmd compat/.*.o.d

.PHONY: all help driver matrix install uninstall deb hvhost setup run test \
	test-all test-deb fuzz check bench in-tree-test clean
