# SPDX-License-Identifier: GPL-2.0
"""The parts that every tool of the lab starts from."""

from . import kernel, l1, l1image, qemu, userland
from .archive import Archive
from .cache import Cache


class Lab:
    """Cache, archive and messages, and what is made of them on demand."""

    def __init__(self, ui):
        self.ui = ui
        self.cache = Cache()
        self.archive = Archive(self.cache, ui)
        self._archives = {self.archive.release: self.archive}

    def archive_of(self, release, **options):
        """The archive of another release than the lab's own."""
        if release not in self._archives:
            self._archives[release] = Archive(self.cache, self.ui, release,
                                              **options)
        return self._archives[release]

    def kernel(self, name=kernel.DEFAULT, modules=None):
        """The kernel of --kernel NAME."""
        return kernel.find(name, modules, self)

    def boot(self):
        """What a first-level machine boots."""
        parts = (self.cache, self.archive, self.ui)
        words, env = qemu.qemu(self)
        base = self.kernel()
        image = userland.base_image(base, *parts)
        return l1.Boot(words, env, str(base.image),
                       str(l1image.initrd(base, *parts)),
                       str(l1image.keys(*parts)),
                       [str(base.image), str(image)])
