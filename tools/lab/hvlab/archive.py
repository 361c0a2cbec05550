# SPDX-License-Identifier: GPL-2.0
"""Debian packages, downloaded and unpacked but never installed.

apt does the work, with a state directory of its own in the cache and an empty
dpkg status, so that dependencies are resolved from nothing and the machine's
own packages play no part. The archive's address comes from the machine's apt
configuration; only suite and component are changed. apt verifies every file
against the signed index.
"""

import os
import re
import subprocess
import time
from pathlib import Path

from .ui import LabError

RELEASE = "bookworm"		# has the oldest supported kernel
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LISTS_MAX_AGE_S = 6 * 3600


def machine_addresses():
    """(archive, security archive or None) of the machine's own apt."""
    fields = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)"
    out = subprocess.run(
        ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        check=False).stdout
    rows = [line.split() for line in out.splitlines()]
    rows = [row for row in rows if len(row) >= 3 and row[2] == "main"
            and (len(row) < 4 or row[3] in ("Debian", "$(ORIGIN)"))]
    security = [row[0] for row in rows if re.search(r"[-/](security|updates)$", row[1])
                and "security" in row[1] + row[0]]
    plain = [row[0] for row in rows if row[0] not in security]
    if not plain:
        raise LabError("finding the package archive",
                       "apt's sources name no Debian archive",
                       "the lab needs a Debian machine with a source for 'main'")
    return plain[0], (security[0] if security else None)


class Archive:
    """One release's packages, its updates, security fixes and backports.

    A release that is not out yet has no backports.
    """

    def __init__(self, cache, ui, release=RELEASE, backports=True):
        self.cache, self.ui, self.release = cache, ui, release
        self.backports = backports
        self.base = cache.path("apt", release)
        self.fresh = False

    def sources(self):
        """The file that names this release's suites for apt."""
        self._update()
        return self.base / "sources.list"

    def closure(self, packages, suite=None):
        """Names of PACKAGES and all they depend on."""
        self._update()
        out = self._apt(["apt-get", "install", "--simulate", "--quiet",
                         *self._suite(suite), *packages])
        return re.findall(r"^Inst (\S+)", out, re.MULTILINE)

    def newest(self, pattern):
        """The package of the highest version whose whole name matches."""
        self._update()
        names = [name for name in self._apt(["apt-cache", "pkgnames"]).split()
                 if re.fullmatch(pattern, name)]
        if not names:
            return None
        sort = subprocess.run(["sort", "-V"], input="\n".join(names), text=True,
                              stdout=subprocess.PIPE, check=True)
        return sort.stdout.split()[-1]

    def unpack(self, packages, root, suite=None):
        """Download PACKAGES (exactly these) and unpack them into ROOT."""
        self._update()
        with self.cache.scratch() as tmp:
            command = ["apt-get", "download", *self._suite(suite), *packages]
            if self.ui.tty:
                self.ui.done()
                self._apt_on_terminal(command, tmp)
            else:
                self._apt(command, tmp)
            for deb in sorted(tmp.glob("*.deb")):
                extract(deb, root)

    def _suite(self, suite):
        return ["-t", f"{self.release}-{suite}"] if suite else []

    def _update(self):
        if self.fresh:
            return
        with self.cache.lock("apt"):
            self._write_state()
            stamp = self.base / "updated"
            if (not stamp.exists()
                    or time.time() - stamp.stat().st_mtime > LISTS_MAX_AGE_S):
                self.ui.progress("reading the package lists")
                self._apt(["apt-get", "update", "--quiet", "--error-on=any"])
                stamp.touch()
        self.fresh = True

    def _write_state(self):
        for sub in ("state/lists/partial", "cache/archives/partial", "empty"):
            (self.base / sub).mkdir(parents=True, exist_ok=True)
        (self.base / "status").touch()
        archive, security = machine_addresses()
        option = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
        suites = [(archive, self.release, "main non-free"),
                  (archive, f"{self.release}-updates", "main")]
        if self.backports:
            suites.append((archive, f"{self.release}-backports", "main"))
        if security:
            suites.append((security, f"{self.release}-security", "main"))
        text = "".join(f"deb {option}{uri} {suite} {comp}\n"
                       for uri, suite, comp in suites)
        path = self.base / "sources.list"
        if not path.exists() or path.read_text() != text:
            (self.base / "updated").unlink(missing_ok=True)
            path.write_text(text)

    def _options(self):
        base, empty = self.base, self.base / "empty"
        values = {
            "Dir::State": base / "state",
            "Dir::State::status": base / "status",
            "Dir::Cache": base / "cache",
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
            "Dir::Etc::SourceList": base / "sources.list",
            "Dir::Etc::SourceParts": empty,
            "Dir::Etc::Preferences": empty / "none",
            "Dir::Etc::PreferencesParts": empty,
            "APT::Sandbox::User": os.environ.get("USER", "root"),
            "APT::Architecture": "amd64",
            "APT::Install-Recommends": "0",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Debug::NoLocking": "1",
        }
        return [word for key, value in values.items()
                for word in ("-o", f"{key}={value}")]

    def _apt(self, command, cwd=None):
        done = subprocess.run(
            [command[0], *self._options(), *command[1:]], cwd=cwd, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False, env=_c_locale())
        if done.returncode:
            raise LabError(f"running {' '.join(command[:2])}",
                           done.stdout.strip()[-600:],
                           "is the archive of the machine's apt reachable?")
        return done.stdout

    def _apt_on_terminal(self, command, cwd):
        done = subprocess.run([command[0], *self._options(), *command[1:]],
                              cwd=cwd, check=False, stdin=subprocess.DEVNULL,
                              stdout=2, env=_c_locale())
        if done.returncode:
            raise LabError(f"running {' '.join(command[:2])}", "it failed",
                           "is the archive of the machine's apt reachable?")


def _c_locale():
    return {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


def merged_usr(root):
    """Make the links of a merged /usr, before anything is unpacked."""
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        if not (root / name).is_symlink():
            (root / name).symlink_to(f"usr/{name}")


def extract(deb, root):
    """Unpack one package without its scripts and without needing root."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                          stdout=subprocess.PIPE) as source:
        tar = subprocess.run(
            ["tar", "-x", "-C", root, "--keep-directory-symlink",
             "--no-same-owner"],
            stdin=source.stdout, check=False)
    if tar.returncode or source.returncode:
        raise LabError(f"unpacking {deb.name}", "dpkg-deb or tar failed",
                       "is the disk full?")
