# SPDX-License-Identifier: GPL-2.0
"""A QEMU whose nested SVM works: the machine's own, or an unpacked one.

With 10.0 about every second guest of kernel 7.3 under traffic triple-faulted or
lost a vCPU, whichever driver it ran; with 11.1 none was seen to.
"""

import os
import re
import shutil
import subprocess

from .cache import hash_of
from .ui import LabError
from .unpacked import LIBRARIES, command, unpack_programs

OLDEST = 11
RELEASE, SUITE = "trixie", "backports"
PACKAGES = ("qemu-system-x86", "qemu-system-common", "qemu-system-data",
            "seabios")


def _version(words, env=None):
    out = subprocess.run([*words, "--version"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, check=False,
                         env=env)
    found = re.search(r"version (\d+)\.", out.stdout)
    return int(found.group(1)) if found else 0


def _unpack(archive, root):
    unpack_programs(archive, PACKAGES, root, SUITE)
    words, env = _from(root)
    version = _version(words, env)
    if version < OLDEST:
        raise LabError("unpacking QEMU", f"version {version} came, {OLDEST} "
                       "or newer is needed", "does the archive have backports?")


def _from(root):
    words = command(root, "usr/bin/qemu-system-x86_64")
    words += ["-L", str(root / "usr/share/qemu"),
              "-L", str(root / "usr/share/seabios")]
    env = {**os.environ, "QEMU_MODULE_DIR": str(root / LIBRARIES / "qemu")}
    return words, env


def qemu(lab):
    """(first words of the command line, environment)."""
    own = shutil.which("qemu-system-x86_64")
    if own and _version([own]) >= OLDEST:
        return [own], dict(os.environ)
    key = hash_of(SUITE, *PACKAGES, RELEASE)

    def build(root):
        lab.ui.long_step("fetching QEMU (about 60 MB, once)")
        _unpack(lab.archive_of(RELEASE), root)

    return _from(lab.cache.item("qemu", key, build))
