# SPDX-License-Identifier: GPL-2.0
"""Where modules of a kernel are built: on this machine, or in a small root.

A kernel's headers bring programs (objtool, modpost) that need the C library of
the release that they come from, and they want that release's compiler. When the
machine has both, it builds; else a root of that release is unpacked into the
cache, and commands run in it by bubblewrap with the checkout and the cache at
the places that they have outside.
"""

import os
import shutil
import subprocess

from .archive import merged_usr
from .cache import checkout, hash_of
from .ui import LabError

# What building a kernel or a module calls. Nothing is configured: no package's
# scripts run.
PACKAGES = ("bash", "bc", "binutils", "bison", "coreutils", "cpio", "dash",
            "diffutils", "findutils", "flex", "gawk", "grep", "gzip", "kmod",
            "libc6-dev", "libdw-dev", "libelf-dev", "libssl-dev", "lz4", "make",
            "pahole", "patch", "perl", "python3-minimal", "rsync", "sed", "sparse", "tar",
            "xz-utils")

# sparse up to 0.6.4 does not know __typeof_unqual__, which 7.3's headers are full
# of; there, the package of the release to come runs in the root as it is.
SPARSE_FROM = {"trixie": "forky"}


def command(lab, kernel):
    """First words of a command that builds for KERNEL (kernel.Kernel)."""
    if not kernel.row or _machine_serves(kernel.row, kernel.headers):
        return []
    return enter(lab, kernel.row)


def enter(lab, row):
    """First words of a command to run in the root of ROW's release."""
    if not shutil.which("bwrap"):
        raise LabError("building for " + row.name, f"this machine has no {row.compiler} "
                       "or too old a C library, and no bwrap to enter a root that "
                       "has them", "install bubblewrap (tools/setup does)")
    root = _root(lab, row)
    words = ["bwrap", "--ro-bind", root / "usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib64"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    # Processes of its own: a build that is interrupted leaves none of them.
    words += ["--unshare-pid", "--proc", "/proc", "--dev", "/dev",
              "--tmpfs", "/tmp", "--die-with-parent",
              "--unsetenv", "LD_LIBRARY_PATH",
              "--setenv", "PATH", "/usr/bin:/usr/sbin", "--setenv", "LC_ALL", "C",
              "--setenv", "LANG", "C"]
    for path in sorted({checkout(), lab.cache.root}):
        words += ["--bind", path, path]
    words += ["--chdir", os.getcwd() if _inside() else checkout()]
    return [str(word) for word in words]


def environment():
    """The environment without what the make that called us left in it."""
    return {key: value for key, value in os.environ.items()
            if key not in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL")}


def _inside():
    return os.getcwd().startswith(f"{checkout()}")


def _machine_serves(row, headers):
    """Whether compiler and C library are here."""
    if not shutil.which(row.compiler):
        return False
    for program in headers.glob("tools/objtool/objtool"):
        try:
            said = subprocess.run([program, "--help"], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, text=True,
                                  stderr=subprocess.PIPE, check=False).stderr
        except OSError:
            return False
        return "GLIBC" not in said
    return True


def _root(lab, row):
    archive = lab.archive_of(row.release)
    packages = (*PACKAGES, row.compiler)
    sparse = SPARSE_FROM.get(row.release)
    key = hash_of(row.release, *packages, sparse or "", "2")

    def build(root):
        lab.ui.long_step(f"fetching the compiler of {row.release} "
                         "(about 120 MB, once)")
        merged_usr(root)
        archive.unpack(archive.closure(packages), root)
        if sparse:
            lab.archive_of(sparse, backports=False).unpack(["sparse"], root)
        _alternatives(root, row.compiler)
        for name in ("doc", "man", "locale", "info"):
            shutil.rmtree(root / "usr/share" / name, ignore_errors=True)
        _check(root, row)

    return lab.cache.item(f"buildroot-{row.release}", key, build)


def _alternatives(root, compiler):
    """The links that the packages' scripts would have made."""
    for name, target in (("awk", "gawk"), ("gcc", compiler), ("cc", compiler),
                         ("sh", "dash")):
        link = root / "usr/bin" / name
        if not link.exists() and not link.is_symlink():
            link.symlink_to(target)


def _check(root, row):
    """Fail now, not in the middle of a build, when bwrap does not work here."""
    done = subprocess.run(
        ["bwrap", "--ro-bind", root / "usr", "/usr", "--symlink", "usr/bin", "/bin",
         "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
         "--unshare-pid", "--proc", "/proc", "--dev", "/dev",
         f"/usr/bin/{row.compiler}", "--version"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise LabError(f"entering a root of {row.release}", done.stderr.strip(),
                       "bwrap needs root or user namespaces")
