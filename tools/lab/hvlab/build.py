# SPDX-License-Identifier: GPL-2.0
"""What is built from the checkout before a guest starts."""

import subprocess
from pathlib import Path

from .cache import checkout, hash_of
from .ui import LabError

HVHOST = "tools/hvhost/build/hvhost"
HOSTCTL = "tools/hvhost/build/hostctl"


def make(cache, ui, target, *variables):
    """`make TARGET` in the checkout, one at a time, quiet unless it fails."""
    top = checkout()
    ui.progress(f"building {target}")
    with cache.lock("build-" + hash_of(str(top))):
        done = subprocess.run(
            ["make", "-s", "--no-print-directory", "-j2", "-C", top, target,
             *variables], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, text=True, check=False)
    if done.returncode:
        raise LabError(f"make {target}", "it failed:\n" + done.stdout[-4000:])
    ui.done()


def hvhost(cache, ui):
    """(the monitor, the guest's hostctl), built."""
    make(cache, ui, "hvhost")
    paths = [checkout() / HVHOST, checkout() / HOSTCTL]
    for path in paths:
        if not path.exists():
            raise LabError("make hvhost", f"it did not make {path}")
    return paths


def programs(cache):
    """The small programs for guests (a directory), static."""
    sources = sorted((checkout() / "tools/lab/inguest").glob("*.c"))

    def compile_them(made):
        for source in sources:
            subprocess.run(["gcc", "-O2", "-static", "-Wall", "-Wextra", "-Werror",
                            "-o", made / source.stem, source], check=True)

    return cache.item("programs", hash_of(*sources), compile_them)


def module_name(path):
    """The module's own name, from its file."""
    out = subprocess.run(["modinfo", "-F", "name", path], text=True,
                         stdout=subprocess.PIPE, check=False).stdout.strip()
    if not out:
        raise LabError(f"--driver {path}", "not a kernel module")
    return out


def module_kernel(path):
    """uname -r of the kernel that the module is for."""
    out = subprocess.run(["modinfo", "-F", "vermagic", path], text=True,
                         stdout=subprocess.PIPE, check=False).stdout.split()
    return out[0] if out else None


def check_module(path, kernel):
    """Refuse a module that KERNEL would not load."""
    if not Path(path).is_file():
        raise LabError(f"--driver {path}", "no such file")
    name = module_name(path)
    built_for = module_kernel(path)
    if built_for != kernel.version:
        raise LabError(f"--driver {path}", f"built for {built_for}, the guest "
                       f"runs {kernel.version}", "build it with KDIR="
                       f"{kernel.headers or 'that kernel'}")
    return name
