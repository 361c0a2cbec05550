# SPDX-License-Identifier: GPL-2.0
#
# What a person uses. `make help` lists it. The kernel's own build reads Kbuild.

# The lab's kernel unless KDIR= names another kernel's build directory.
KDIR ?= $(shell tools/lab/fetch kdir)
# Limits `make test` to the tests whose name holds this word.
T ?=

all: driver

help:
	@echo 'make              build hv_netvsc.ko for the lab (KDIR=... for another kernel)'
	@echo 'make run          boot a guest, show the card at work, a shell at the end'
	@echo 'make test         all tests; T=word for those whose name holds it'
	@echo 'make check        static checks'
	@echo 'make setup        install what the targets above need (as root)'
	@echo 'make hvhost       build the emulated host'
	@echo 'make clean        remove what was built (tools/lab/fetch clean: the cache)'

driver:
	@test -n '$(KDIR)'
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

hvhost:
	$(MAKE) -C tools/hvhost

setup:
	@tools/setup

run: setup
	@tools/lab/demo

test: setup
	@tools/testing/run $(T)

check: setup
	@tools/testing/check

clean:
	@for dir in tools/hvhost tools/testing; do \
		if [ -e $$dir/Makefile ]; then $(MAKE) -C $$dir clean; fi; done
	$(RM) -r *.o *.ko *.mod *.mod.c .*.cmd Module.symvers modules.order \
		.*.o.d .tmp_versions compat/*.o compat/.*.cmd

.PHONY: all help driver hvhost setup run test check clean
