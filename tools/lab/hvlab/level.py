# SPDX-License-Identifier: GPL-2.0
"""Straight on KVM or nested: decided by what KVM can do, not by its presence."""

import fcntl
import os

KVM_CREATE_VM = 0xAE01
KVM_CHECK_EXTENSION = 0xAE03
WANTED = {"KVM_CAP_HYPERV_SYNIC2": 148, "KVM_CAP_HYPERV_EVENTFD": 154}


def kvm_lacks():
    """None when /dev/kvm has what hvhost needs, else what is missing."""
    try:
        kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        return f"/dev/kvm: {error.strerror}"
    try:
        vm = fcntl.ioctl(kvm, KVM_CREATE_VM, 0)
    except OSError as error:
        return f"KVM_CREATE_VM: {error.strerror}"
    finally:
        os.close(kvm)
    try:
        missing = [name for name, number in WANTED.items()
                   if fcntl.ioctl(vm, KVM_CHECK_EXTENSION, number) <= 0]
    finally:
        os.close(vm)
    return f"no {', '.join(missing)}" if missing else None


def choose(wanted):
    """(level, reason): "kvm" or "nested"."""
    if wanted != "auto":
        return wanted, "as told"
    lacks = kvm_lacks()
    if lacks:
        return "nested", f"KVM here: {lacks}"
    return "kvm", "KVM here has what hvhost needs"
