# SPDX-License-Identifier: GPL-2.0
"""Programs that run straight from an unpacked root, with its own libraries."""

from .archive import merged_usr

LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = f"{LIBRARIES}/ld-linux-x86-64.so.2"


def unpack_programs(archive, packages, root, suite=None, skip=()):
    """PACKAGES and every library they need, into ROOT.

    Of their dependencies only libraries are taken: what else Debian asks for
    (adduser, debconf, perl) serves installing, not running.
    """
    merged_usr(root)
    names = archive.closure(packages, suite)
    wanted = [name for name in names
              if name in packages
              or name.startswith(("lib", "zlib")) and not name.startswith(tuple(skip))]
    archive.unpack(wanted, root, suite)


def command(root, program):
    """The words that start PROGRAM (a path below ROOT) on this machine."""
    return [str(root / LOADER), "--library-path", str(root / LIBRARIES),
            str(root / program)]
