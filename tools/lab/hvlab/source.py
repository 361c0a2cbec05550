# SPDX-License-Identifier: GPL-2.0
"""Debian's kernel sources: a whole tree, or the few files static checks need."""

import subprocess

from . import kernels
from .cache import hash_of
from .ui import LabError

SCRIPTS = ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch")


def tree(name, cache, archive, ui, suite=None):
    """The source directory of kernel NAME ("6.1", "7.3"), unpacked, never built in.

    ARCHIVE is that of the release which has it, SUITE as in Archive.unpack().
    Many share the directory: who builds says O=, who changes copies it first.
    """
    def build(made):
        ui.long_step(f"fetching the source of kernel {name} (about 150 MB, "
                     "1.7 GB unpacked, once)")
        _untar(name, made, [], cache, archive, suite)

    return cache.item(f"source-{name}", _tree_key(name, archive.release), build)


def path(name, release, cache):
    """Where tree() has or will have the source of kernel NAME, from RELEASE."""
    return cache.path(f"source-{name}-{_tree_key(name, release)}")


def checkpatch(lab):
    """Path of the newest kernel's checkpatch.pl, its word lists beside it."""
    row = kernels.NEWEST
    top = _package(row.name)

    def build(made):
        lab.ui.long_step("fetching the kernel's source for checkpatch "
                         "(150 MB, once)")
        names = [f"{top}/scripts/{name}" for name in SCRIPTS]
        _untar(row.name, made, ["--occurrence", *names], lab.cache,
               lab.archive_of(row.release), row.suite)

    key = hash_of(top, row.release, *SCRIPTS)
    return lab.cache.item("checkpatch", key, build) / "scripts/checkpatch.pl"


def _tree_key(name, release):
    return hash_of(_package(name), release)


def _package(name):
    """Debian's name of the package, and of the directory in its archive."""
    return f"linux-source-{name}"


def _untar(name, into, members, cache, archive, suite=None):
    """Unpack MEMBERS (all when empty) of the source's archive into INTO."""
    package = _package(name)
    with cache.scratch() as tmp:
        archive.unpack([package], tmp, suite)
        tarballs = list((tmp / "usr/src").glob("linux-source-*.tar.xz"))
        if len(tarballs) != 1:
            raise LabError("unpacking the kernel's source",
                           f"no archive in {package}")
        done = subprocess.run(
            ["tar", "-x", "-C", into, "--strip-components=1", "--no-same-owner",
             "-f", tarballs[0], *members], check=False)
    if done.returncode:
        raise LabError("unpacking the kernel's source", "tar failed",
                       "is the disk full?")
