# SPDX-License-Identifier: GPL-2.0
"""The few files of the kernel's source that static checks need."""

import subprocess

from .cache import hash_of
from .ui import LabError

PACKAGE = "linux-source-6.1"
SCRIPTS = ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch")


def checkpatch(cache, archive, ui):
    """Path of checkpatch.pl, its word lists beside it."""
    def build(made):
        ui.long_step("fetching the kernel's source for checkpatch (135 MB, once)")
        with cache.scratch() as tmp:
            archive.unpack([PACKAGE], tmp)
            tarballs = list((tmp / "usr/src").glob("linux-source-*.tar.xz"))
            if len(tarballs) != 1:
                raise LabError("unpacking the kernel's source",
                               f"no archive in {PACKAGE}")
            names = [f"{PACKAGE}/scripts/{name}" for name in SCRIPTS]
            subprocess.run(["tar", "-x", "-C", made, "--strip-components=2",
                            "-f", tarballs[0], "--occurrence", *names], check=True)

    root = cache.item("checkpatch", hash_of(PACKAGE, *SCRIPTS), build)
    return root / "checkpatch.pl"
