# SPDX-License-Identifier: GPL-2.0
"""Build the driver for a kernel, in a directory of that kernel's own."""

import os
import re
import shutil
import subprocess

from . import buildroot
from .cache import checkout, hash_of
from .ui import LabError

MODULE = "hv_netvsc.ko"
# Messages of the kernel's build about nothing of ours.
NOISE = re.compile(r"Skipping BTF generation|compiler differs from the one used|"
                   r"^ +(The kernel was built by|You are using):|cflags changed")
MESSAGE = re.compile(r"(?i)(warning|error|sparse|undefined)\b ?:?|^make")


def module(lab, kernel, words=(), strict=False):
    """Our hv_netvsc.ko for KERNEL, built; WORDS go to make ("W=1").

    strict: from nothing, and a message from any tool is an error.
    """
    if not kernel.headers:
        raise LabError("building the driver", f"no headers of {kernel.version}",
                       "name a module with --driver PATH.ko, or keep the "
                       "kernel's 'build' link beside its modules")
    name = kernel.row.name if kernel.row else kernel.version
    where = checkout() / "build" / (name + ("-strict" if strict else ""))
    lab.ui.progress(f"building the driver for {kernel.version}")
    with lab.cache.lock("kbuild-" + hash_of(str(where))):
        if strict:
            shutil.rmtree(where, ignore_errors=True)
        _link_sources(where)
        said = _make(lab, kernel, where, words)
    lab.ui.done()
    found = messages(said)
    if strict and found:
        raise LabError(f"building for {kernel.version}", "messages:\n"
                       + "\n".join(found[:60]))
    return where / MODULE


def messages(said):
    """Lines of a build's output that a strict build fails for."""
    return [line for line in said.splitlines()
            if MESSAGE.search(line) and not NOISE.search(line)]


def lab_module(lab, kernel, name):
    """The module tools/lab/NAME/NAME.ko of the lab's own for KERNEL, built."""
    if not kernel.headers:
        raise LabError(f"building {name}", f"no headers of {kernel.version}",
                       "keep the kernel's 'build' link beside its modules")
    source = checkout() / "tools/lab" / name
    where = checkout() / "build" / f"{name}-{kernel.version}"
    lab.ui.progress(f"building {name} for {kernel.version}")
    with lab.cache.lock("kbuild-" + hash_of(str(where))):
        where.mkdir(parents=True, exist_ok=True)
        for path in source.iterdir():
            link = where / path.name
            link.unlink(missing_ok=True)
            link.symlink_to(os.path.relpath(path, where))
        _make(lab, kernel, where, [])
    lab.ui.done()
    return where / f"{name}.ko"


def _make(lab, kernel, where, words):
    done = subprocess.run(
        [*buildroot.command(lab, kernel), "make", "-s", "--no-print-directory",
         f"-j{os.cpu_count()}", "-C", kernel.headers, f"M={where}",
         "CONFIG_HYPERV_NET=m", f"COMPAT_REVISION={_revision()}", *words, "modules"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=buildroot.environment(), stdin=subprocess.DEVNULL, text=True,
        errors="replace", check=False)
    if done.returncode:
        raise LabError(f"building {where.name} for {kernel.version}",
                       "it failed:\n" + done.stdout[-6000:])
    return done.stdout


def _revision():
    """What the module says of its sources: a build root has no git."""
    return subprocess.run([checkout() / "compat/revision.sh"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def _link_sources(where):
    """WHERE gets links to the sources, so that each kernel has its own objects."""
    top = checkout()
    sources = [path for path in (*top.glob("*.[ch]"), top / "Kbuild",
                                 *(top / "compat").iterdir())
               if not path.name.endswith((".mod.c", ".o"))
               and not path.name.startswith(".")]
    wanted = {path.relative_to(top) for path in sources}
    (where / "compat").mkdir(parents=True, exist_ok=True)
    for path in [*where.iterdir(), *(where / "compat").iterdir()]:
        if path.is_symlink() and path.relative_to(where) not in wanted:
            path.unlink()
    for path in wanted:
        link = where / path
        target = os.path.relpath(top / path, link.parent)
        if not link.is_symlink() or os.readlink(link) != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
