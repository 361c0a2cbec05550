# SPDX-License-Identifier: GPL-2.0
"""Guest kernels: image, modules and headers, from Debian's packages or a path."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .archive import merged_usr
from .cache import hash_of
from .ui import LabError

DEFAULT = "6.1"
PLANNED = ("6.12", "7.3", "debug")
TOPS = ("linux-image-cloud-amd64", "linux-headers-cloud-amd64")


@dataclass(frozen=True)
class Kernel:
    """One kernel: what it says in uname -r, and where its parts lie."""

    version: str
    image: Path			# bzImage
    modules: Path		# the directory lib/modules/VERSION
    headers: Path = None	# KDIR for building modules, None when unknown


def find(name, modules, cache, archive, ui):
    """The kernel that --kernel NAME [--modules DIR] means."""
    if name == DEFAULT:
        return distribution(cache, archive, ui)
    if name in PLANNED:
        raise LabError(f"--kernel {name}", "not available yet",
                       f"use {DEFAULT} or a path to a kernel image")
    image = Path(name)
    if "/" in name or image.is_file():
        return from_path(image, Path(modules) if modules else None)
    raise LabError(f"--kernel {name}", "no such kernel", "known are "
                   f"{DEFAULT}, {', '.join(PLANNED)} (later), or a path")


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


def distribution(cache, archive, ui):
    """The newest 6.1 cloud kernel of the archive, with its headers."""
    # The headers hold absolute paths, so the cache's place is in the recipe.
    key = hash_of(*TOPS, archive.release, str(cache.root))
    final = cache.path(f"kernel-{DEFAULT}-{key}")

    def build(root):
        ui.long_step("fetching the kernel and its headers (about 45 MB, once)")
        _unpack(archive, root)
        _move_headers(root, final)

    root = cache.item(f"kernel-{DEFAULT}", key, build)
    version = (root / "version").read_text(encoding="ascii").strip()
    return Kernel(version, root / "boot" / f"vmlinuz-{version}",
                  root / "lib/modules" / version,
                  root / "usr/src" / f"linux-headers-{version}")


def _unpack(archive, root):
    names = [name for name in archive.closure(TOPS) if re.match(
        r"linux-(image-[0-9]|headers-[0-9]|kbuild-)", name)]
    merged_usr(root)
    archive.unpack(names, root)
    images = list((root / "boot").glob("vmlinuz-*"))
    if len(images) != 1:
        raise LabError("unpacking the kernel",
                       f"{len(images)} images in {', '.join(names)}")
    version = images[0].name.removeprefix("vmlinuz-")
    subprocess.run(["depmod", "-b", root, version], check=True)
    (root / "version").write_text(version + "\n", encoding="ascii")


def _move_headers(root, final):
    """Make Debian's headers, which name /usr absolutely, work below FINAL."""
    for path in (root / "usr/src").glob("linux-headers-*/Makefile"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?<![\w./])/usr/(src|lib)/",
                               rf"{final}/usr/\1/", text), encoding="utf-8")
