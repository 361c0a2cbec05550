# SPDX-License-Identifier: GPL-2.0
"""A root of a release, installed and configured: its kernels, headers and DKMS.

For tests of packages. Unlike the roots that are only unpacked, this one is what
a user's machine is: maintainer scripts have run. mmdebstrap makes it, as root, from
the archive that the machine's own apt names. Nobody changes it; a test lays an
overlay over it.
"""

import os
import re
import shutil
import subprocess

from . import kernel, kernels
from .cache import hash_of
from .ui import LabError

PACKAGES = ("apt", "dkms", "initramfs-tools", "kmod", "iproute2", "iputils-ping",
            "openssl", "udev", "zstd")
EXCLUDED = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*",
            "/usr/share/info/*")
LIMIT_S = 1800
# A kernel's packages may come from backports, which apt else leaves alone.
PIN = "Package: linux-*\nPin: release n={}\nPin-Priority: 990\n"


def root(lab, release):
    """The directory of RELEASE's root."""
    archive = lab.archive_of(release)
    rows = [row for row in kernels.TABLE if row.release == release]
    key = hash_of(release, *PACKAGES, *EXCLUDED, *(row.name for row in rows), "1")

    def build(made):
        if os.geteuid() != 0:
            raise LabError(f"making a root of {release}", "only root can",
                           "use sudo; the result stays in the cache")
        if not shutil.which("mmdebstrap"):
            raise LabError(f"making a root of {release}", "mmdebstrap is missing",
                           "'tools/setup --test-deb' installs it")
        lab.ui.long_step(f"installing {release} with {len(rows)} kernels and DKMS "
                         "(about 200 MB, once)")
        _mmdebstrap(lab, archive, rows, made)

    return lab.cache.item(f"distroot-{release}", key, build)


def _mmdebstrap(lab, archive, rows, made):
    wanted = [name for row in rows for name in kernel.packages(row, archive)]
    with lab.cache.scratch() as tmp:
        (tmp / "apt.conf").write_text(_acquire_options(), encoding="utf-8")
        (tmp / "pin").write_text(_pins(rows), encoding="ascii")
        words = ["mmdebstrap", "--mode=root", "--variant=minbase",
                 f"--include={','.join((*PACKAGES, *wanted))}",
                 f"--aptopt={tmp}/apt.conf",
                 f"--setup-hook=mkdir -p \"$1\"/etc/apt/preferences.d && "
                 f"cp {tmp}/pin \"$1\"/etc/apt/preferences.d/kernels",
                 *(f"--dpkgopt=path-exclude={path}" for path in EXCLUDED),
                 archive.release, str(made), str(archive.sources())]
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, check=False, timeout=LIMIT_S,
                env={**os.environ, "LC_ALL": "C", "TMPDIR": str(tmp)})
        except subprocess.TimeoutExpired as error:
            raise LabError(f"making a root of {archive.release}",
                           f"not done in {LIMIT_S} s",
                           "is the archive of the machine's apt slow?") from error
    if done.returncode:
        raise LabError(f"making a root of {archive.release}",
                       "mmdebstrap failed:\n" + done.stdout[-3000:])


def _pins(rows):
    return "\n".join(PIN.format(f"{row.release}-{row.suite}")
                     for row in rows if row.suite)


def _acquire_options():
    """How the machine's apt reaches the archive: a proxy, for one."""
    out = subprocess.run(["apt-config", "dump", "--format", "%F \"%v\";%n", "Acquire"],
                         stdout=subprocess.PIPE, text=True, check=False).stdout
    lines = [line for line in out.splitlines()
             if re.match(r"Acquire::(https?|ftp)::|Acquire::(https?|ftp) ", line)]
    return "\n".join([*lines, 'Acquire::Retries "3";', ""])
