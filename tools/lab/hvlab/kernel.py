# SPDX-License-Identifier: GPL-2.0
"""One kernel's image, modules and headers, from Debian's packages or a path."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import debugkernel, kernels
from .archive import merged_usr
from .cache import hash_of
from .ui import LabError

DEFAULT = kernels.OLDEST.name
FLAVOUR = "cloud-amd64"


@dataclass(frozen=True)
class Kernel:
    """One kernel: what it says in uname -r, and where its parts lie."""

    version: str
    image: Path			# bzImage
    modules: Path		# the directory lib/modules/VERSION
    headers: Path = None	# KDIR for building modules, None when unknown
    row: kernels.Row = None	# its line in the table, None for a path

    @property
    def slow(self):
        """Whether it checks itself all the time: debug.config names it so."""
        return self.version.endswith("-debug")


def find(name, modules, lab):
    """The kernel that --kernel NAME [--modules DIR] means."""
    row = kernels.row(name)
    if row:
        return (built_here if row.source else distribution)(row, lab)
    image = Path(name)
    if "/" in name or image.is_file():
        return from_path(image, Path(modules) if modules else None)
    raise LabError(f"--kernel {name}", "no such kernel", "known are "
                   f"{', '.join(kernels.names())}, or a path to an image")


def from_path(image, modules):
    """A kernel image somewhere, its modules named or next to it."""
    if not image.is_file():
        raise LabError(f"--kernel {image}", "no such file")
    version = image_version(image)
    places = [modules] if modules else [
        image.parent / "lib/modules" / version,
        image.parent.parent / "lib/modules" / version,
        image.parent]
    for place in places:
        for directory in (place, place / "lib/modules" / version, place / version):
            if (directory / "modules.dep").exists():
                build = directory / "build"
                return Kernel(version, image.resolve(), directory.resolve(),
                              build.resolve() if build.exists() else None)
    raise LabError(f"--kernel {image}", f"no modules of {version} in "
                   + ", ".join(str(place) for place in places),
                   "name their directory with --modules DIR (it holds modules.dep)")


def image_version(image):
    """uname -r of a bzImage, from its setup header (kernel_version, 0x20e)."""
    data = image.read_bytes()[:65536]
    if data[0x202:0x206] != b"HdrS":
        raise LabError(f"--kernel {image}", "not a bzImage (no HdrS)",
                       "name arch/x86/boot/bzImage or a distribution's vmlinuz")
    start = int.from_bytes(data[0x20e:0x210], "little") + 0x200
    return data[start:data.index(b"\0", start)].split()[0].decode()


def built_here(row, lab):
    """The kernel of ROW, which is built from source when it is first wanted."""
    root = debugkernel.tree(row, lab)
    modules = next((root / "lib/modules").iterdir())
    return Kernel(modules.name, root / "bzImage", modules, root / "build", row)


def distribution(row, lab):
    """The newest cloud kernel of ROW's series in the archive, with its headers."""
    # The headers hold absolute paths, so the cache's place is in the recipe.
    name = f"kernel-{row.name}"
    key = hash_of(row.name, row.release, row.suite or "", FLAVOUR,
                  str(lab.cache.root), "3")
    final = lab.cache.path(f"{name}-{key}")

    def build(root):
        lab.ui.long_step(f"fetching kernel {row.name} and its headers "
                         "(about 60 MB, once)")
        _unpack(row, lab.archive_of(row.release), root)
        _move_headers(root, final)
        _add_checker_test(root)

    root = lab.cache.item(name, key, build)
    version = (root / "version").read_text(encoding="ascii").strip()
    modules = root / "lib/modules" / version
    # From 7.0 on the image lies with the modules.
    images = (modules / "vmlinuz", root / "boot" / f"vmlinuz-{version}")
    image = next(path for path in images if path.exists())
    return Kernel(version, image, modules,
                  root / "usr/src" / f"linux-headers-{version}", row)


def packages(row, archive):
    """The names of the newest image and headers of ROW's series."""
    image = archive.newest(
        rf"linux-image-{re.escape(row.name)}[.][0-9][^-]*(-[0-9]+)?-{FLAVOUR}")
    if not image:
        where = row.release + (f"-{row.suite}" if row.suite else "")
        raise LabError(f"fetching kernel {row.name}", f"{where} has none any more",
                       "change its line in tools/lab/hvlab/kernels.py")
    return image, image.replace("-image-", "-headers-", 1)


def _unpack(row, archive, root):
    wanted = packages(row, archive)
    version = wanted[0].removeprefix("linux-image-")
    names = archive.closure(wanted, row.suite)
    merged_usr(root)
    archive.unpack([name for name in names if re.match(
        r"linux-(image|binary|modules|base|headers|kbuild)-[0-9]", name)],
        root, row.suite)
    subprocess.run(["depmod", "-b", root, version], check=True)
    (root / "version").write_text(version + "\n", encoding="ascii")


def _add_checker_test(root):
    """7.3's headers lack the script by which make C=1 finds out about sparse."""
    for scripts in (root / "usr/src").glob("linux-headers-*-common/scripts"):
        script = scripts / "checker-valid.sh"
        if not script.exists():
            script.write_text("#!/bin/sh\ncommand -v \"$1\" >/dev/null && echo 1\n",
                              encoding="ascii")
            script.chmod(0o755)


def _move_headers(root, final):
    """Make Debian's headers, which name /usr absolutely, work below FINAL."""
    for path in (root / "usr/src").glob("linux-headers-*/Makefile"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?<![\w./])/usr/(src|lib)/",
                               rf"{final}/usr/\1/", text), encoding="utf-8")
