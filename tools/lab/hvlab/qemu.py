# SPDX-License-Identifier: GPL-2.0
"""A QEMU whose nested SVM works: 10 or newer (the machine's own or backports)."""

import os
import re
import shutil
import subprocess

from .cache import hash_of
from .ui import LabError
from .unpacked import LIBRARIES, command, unpack_programs

OLDEST = 10
PACKAGES = ("qemu-system-x86", "qemu-system-common", "qemu-system-data",
            "seabios")


def _version(words, env=None):
    out = subprocess.run([*words, "--version"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, check=False,
                         env=env)
    found = re.search(r"version (\d+)\.", out.stdout)
    return int(found.group(1)) if found else 0


def _unpack(archive, root):
    unpack_programs(archive, PACKAGES, root, "backports")
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


def qemu(cache, archive, ui):
    """(first words of the command line, environment)."""
    own = shutil.which("qemu-system-x86_64")
    if own and _version([own]) >= OLDEST:
        return [own], dict(os.environ)
    key = hash_of("backports", *PACKAGES, archive.release)

    def build(root):
        ui.long_step("fetching QEMU (about 50 MB, once)")
        _unpack(archive, root)

    return _from(cache.item("qemu", key, build))
