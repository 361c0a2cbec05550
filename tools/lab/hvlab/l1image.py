# SPDX-License-Identifier: GPL-2.0
"""What the first-level machine boots from, and the keys to talk to it."""

import shutil
import subprocess

from . import userland
from .cache import checkout, hash_of
from .unpacked import command


def keys(cache, archive, ui):
    """A directory with the client's key, the machine's key and known_hosts."""
    programs = userland.root(cache, archive, ui)

    def build(made):
        client, host = made / "id", made / "host"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C",
                        "hvlab", "-f", client], check=True)
        out = subprocess.run(
            [*command(programs, "usr/bin/dropbearkey"), "-t", "ed25519",
             "-f", str(host)], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True).stdout
        public = next(line for line in out.splitlines()
                      if line.startswith("ssh-ed25519"))
        (made / "known_hosts").write_text(
            "first-level " + " ".join(public.split()[:2]) + "\n",
            encoding="ascii")

    return cache.item("ssh", hash_of("1"), build)


def initrd(kernel, cache, archive, ui):
    """The first level's initramfs (a file)."""
    base = userland.base_image(kernel, cache, archive, ui)
    secrets = keys(cache, archive, ui)
    init = checkout() / "tools/lab/firstlevel/init"
    key = hash_of(base.parent.name, init, secrets / "id.pub", secrets / "host")

    def build(made):
        stage = made / "stage"
        (stage / "root/.ssh").mkdir(parents=True, mode=0o700)
        (stage / "etc/dropbear").mkdir(parents=True)
        shutil.copy(init, stage / "init")
        shutil.copy(secrets / "host", stage / "etc/dropbear/host")
        shutil.copy(secrets / "id.pub", stage / "root/.ssh/authorized_keys")
        userland.accounts(stage)
        userland.pack(stage, made / "extra.cpio")
        with open(made / "initrd", "wb") as out:
            for part in (base, made / "extra.cpio"):
                with open(part, "rb") as file:
                    shutil.copyfileobj(file, out)
        shutil.rmtree(stage)
        (made / "extra.cpio").unlink()

    return cache.item("first-level", key, build) / "initrd"
