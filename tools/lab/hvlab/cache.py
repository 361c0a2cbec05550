# SPDX-License-Identifier: GPL-2.0
"""The cache outside the checkout: items are made once, atomically.

An item is a directory (or a file) whose name ends in a hash of its recipe, so
a checkout with another recipe never meets the wrong one. It is built under a
temporary name and renamed when whole; a lock per item makes two processes that
start together build it once.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path


def checkout():
    """The top of the checkout this file belongs to."""
    return Path(__file__).resolve().parents[3]


def hash_of(*parts):
    """A short name for a recipe: strings, bytes or paths of files."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            part = part.read_bytes()
        elif isinstance(part, str):
            part = part.encode()
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:12]


class Cache:
    """The root of everything downloaded or built for the laboratory."""

    def __init__(self, root=None):
        if root is None:
            base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
            root = os.environ.get("HVLAB_CACHE") or Path(base) / "hv_netvsc"
        self.root = Path(root).absolute()
        self.root.mkdir(parents=True, exist_ok=True)

    def path(self, *parts):
        """A path below the root, its parent made."""
        path = self.root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def lock(self, name, blocking=True):
        """Hold the lock NAME; yields False when it is taken and not waited for."""
        with open(self.path("locks", name), "w", encoding="ascii") as file:
            mode = fcntl.LOCK_EX | (0 if blocking else fcntl.LOCK_NB)
            try:
                fcntl.flock(file, mode)
            except BlockingIOError:
                yield False
                return
            yield True

    @contextlib.contextmanager
    def scratch(self):
        """A temporary directory on the same file system."""
        parent = self.path("tmp", "x").parent
        path = Path(tempfile.mkdtemp(dir=parent))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def item(self, name, key, build, renew=False):
        """Return the directory NAME-KEY; build(tmp) fills it when missing.

        renew: build it again although it is there (an update).
        """
        final = self.path(f"{name}-{key}")
        if final.exists() and not renew:
            return final
        with self.lock(name):
            if final.exists() and not renew:
                return final
            with self.scratch() as tmp:
                made = tmp / "item"
                made.mkdir()
                build(made)
                if final.exists():
                    final.rename(tmp / "old")
                made.rename(final)
        return final
