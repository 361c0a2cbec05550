# SPDX-License-Identifier: GPL-2.0
"""Kernels that the lab builds itself, with the checks that no release has on.

What comes out is a directory: bzImage, lib/modules/VERSION/, and build/, against
which modules are built; that one needs the source tree beside it in the cache.
"""

import os
import re
import shutil
import subprocess

from . import buildroot, kconfig, source
from .cache import checkout, hash_of
from .ui import LabError

FRAGMENT = checkout() / "tools/lab/debug.config"
MINUTES = 15
# For one call of make; a compiler that hangs would be waited for for ever.
LIMIT_S = 1800
RECIPE = "2"
# Options that Kconfig leaves nobody the choice of. This one is for real-time kernels,
# and pci-hyperv does not live up to it: the complaint about its lock at the first
# interrupt of a VF would end what lockdep sees of ours.
REFUSED = ("CONFIG_PROVE_RAW_LOCK_NESTING",)
# Objects are most of a build; modules of others need none of them.
NEEDLESS = (".o", ".a", ".ko", ".cmd", ".order", ".mod", ".mod.c")
# Where objects are needed, or small.
TOOLS = ("scripts", "tools")


def tree(row, lab):
    """The built kernel of ROW: a directory, as said above."""
    sources = source.tree(row.source, lab.cache, lab.archive_of(row.release),
                          lab.ui, row.suite)
    name, key = _item(row, sources, lab.cache)
    final = lab.cache.path(f"{name}-{key}")
    # Not in a scratch directory: a build that was cut off goes on where it was.
    out = lab.cache.path(f"building-{row.name}-{key}")

    def build(made):
        lab.ui.long_step(f"building the kernel '{row.name}' (about {MINUTES} "
                         "minutes of two processors, once)")
        out.mkdir(exist_ok=True)
        make = _Make(lab, row, sources, out)
        configure(make, row)
        refuse(make)
        make("bzImage", "modules")
        # kmod calls depmod, as it does when a distribution builds its package.
        make("modules_install", f"INSTALL_MOD_PATH={made}")
        shutil.copy(out / "arch/x86/boot/bzImage", made)
        out.rename(made / "build")
        _strip(made)
        _move(made / "build", out, final / "build")
        for old in lab.cache.root.glob(f"building-{row.name}-*"):
            shutil.rmtree(old)
        lab.ui.done()

    return lab.cache.item(name, key, build)


def is_cached(row, cache):
    """Whether the kernel of ROW, as tree() would build it now, is there."""
    sources = source.path(row.source, row.release, cache)
    # Without them it has to be fetched anew, and modules cannot be built against it.
    if not (sources / "Makefile").exists():
        return False
    name, key = _item(row, sources, cache)
    return cache.path(f"{name}-{key}").exists()


def _item(row, sources, cache):
    # The sources' Makefile tells their version. What is built names the cache.
    return f"kernel-{row.name}", hash_of(FRAGMENT, sources / "Makefile", row.compiler,
                                         str(cache.root), RECIPE)


class _Make:
    """The kernel's make, in the root that has the compiler of ROW."""

    def __init__(self, lab, row, sources, out):
        self.row, self.out = row, out
        self.words = ["nice", "-n", "5", *buildroot.enter(lab, row), "make", "-s",
                      f"-j{os.cpu_count()}", "-C", sources, f"O={out}",
                      "KBUILD_BUILD_USER=lab", "KBUILD_BUILD_HOST=lab"]

    def __call__(self, *words):
        try:
            # What bwrap started ends with it.
            done = subprocess.run(
                [*self.words, *words], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                env=buildroot.environment(), text=True, errors="replace",
                check=False, timeout=LIMIT_S)
        except subprocess.TimeoutExpired as error:
            raise LabError(f"building the kernel '{self.row.name}'",
                           f"make {words[0]} took more than {LIMIT_S} s",
                           "start again, it goes on where it was; is the machine busy "
                           "with something else?") from error
        if done.returncode:
            raise LabError(f"building the kernel '{self.row.name}'",
                           f"make {words[0]} failed:\n{done.stdout[-4000:]}")


def configure(make, row):
    """Make the .config; a wish of the fragment that was dropped is an error."""
    wishes = kconfig.read(FRAGMENT)
    asked = make.out / "fragment"
    asked.write_text(kconfig.for_kconfig(wishes, row.source), encoding="ascii")
    make("allnoconfig", f"KCONFIG_ALLCONFIG={asked}")
    lost = kconfig.dropped(wishes, row.source,
                           (make.out / ".config").read_text(encoding="ascii"))
    if lost:
        raise LabError(f"configuring the kernel '{row.name}'", "Kconfig of "
                       f"{row.source} dropped this:\n" + "\n".join(lost),
                       "what does the symbol depend on there?")


def refuse(make):
    """Take out of the configuration, as compilers see it, what is REFUSED."""
    make("syncconfig")
    for name in ("include/config/auto.conf", "include/generated/autoconf.h"):
        path = make.out / name
        lines = path.read_text(encoding="ascii").splitlines(keepends=True)
        path.write_text("".join(
            line for line in lines
            if not any(option in re.split("[ =]", line) for option in REFUSED)),
            encoding="ascii")


def _strip(made):
    """Leave in build/ what modules are built with."""
    for path, folders, names in os.walk(made / "build"):
        if path == str(made / "build"):
            folders[:] = [folder for folder in folders if folder not in TOOLS]
        for name in names:
            if name.endswith(NEEDLESS) or name.startswith((".vmlinux", ".tmp_")):
                os.unlink(os.path.join(path, name))
    for path in [*(made / "build").glob("vmlinux*"),
                 *(made / "build/arch/x86/boot").glob("*"),
                 *(made / "lib/modules").glob("*/build"),
                 *(made / "lib/modules").glob("*/source")]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _move(here, before, after):
    """The top Makefile of HERE names the directory that it was made in."""
    path = here / "Makefile"
    path.write_text(path.read_text(encoding="utf-8")
                    .replace(str(before), str(after)), encoding="utf-8")
