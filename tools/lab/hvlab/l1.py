# SPDX-License-Identifier: GPL-2.0
"""The first-level machine: a QEMU that emulates an AMD CPU with SVM.

It is wanted where /dev/kvm cannot give a guest Hyper-V's features. Each
machine has a slot, a directory in the cache:

  lease      locked by whoever runs a guest in it, else the machine is idle
  state.json written when it answers, gone when it ends
  console    what its kernel said
  log        what its keeper said
  keeper     locked as long as a keeper is alive

A keeper process owns QEMU and ends it when nobody has held the lease for
IDLE_S, when the owner it was given has ended and no guest is in it, or when
it is told to.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from .cache import checkout, hash_of
from .ui import LabError

IDLE_S = int(os.environ.get("HVLAB_L1_IDLE", "300"))
SLOTS = int(os.environ.get("HVLAB_L1_MAX", str(max(2, os.cpu_count() // 2))))
BOOT_LIMIT_S = 300		# alone 15 s; a loaded machine takes many times as long
WAIT_LIMIT_S = 3600
# Guests of all machines together have no more CPUs than there are. QEMU marks an
# interrupt and then tells the emulated CPU to look; where that thread is preempted in
# between, and the word comes just when the CPU enters a guest with an interrupt, the guest
# takes it twice: a triple fault, if that was in the middle of a program. See also Shape.
CPUS = min(2, max(1, os.cpu_count() // SLOTS))


@dataclass(frozen=True)
class Shape:
    """What a guest asks of its first level: CPUs for its vCPUs, and memory."""

    cpus: int
    memory_mib: int

    def emulated(self):
        """How many CPUs the machine has: of several, none of the guest's is the first.

        Whenever a CPU loads FPU state, QEMU 11.1's cpu_clear_ignne() writes
        hflags2 of the first CPU from the thread of the one that did. If the first
        enters a guest at that moment (VMRUN), its bit for nested paging can be
        lost; the guest then has the machine's memory for its own, and both crash.
        """
        return self.cpus + 1 if self.cpus > 1 else 1

    def keep_off_first(self):
        """Words before a command that may use all CPUs but the first."""
        return ["taskset", "-c", f"1-{self.cpus}"] if self.cpus > 1 else []

    @staticmethod
    def for_guest(cpus, memory_mib):
        """One CPU or two carry up to four of a guest's; memory with head room."""
        return Shape(CPUS if cpus <= 4 else min(cpus, 16),
                     max(3072, memory_mib + 1536))

    def covers(self, other):
        """Can a machine of this shape do what OTHER asks?"""
        return (self.cpus >= other.cpus and self.memory_mib >= other.memory_mib
                and (self.cpus <= 4 or other.cpus > 4))


class Slot:
    """One place for a first-level machine."""

    def __init__(self, cache, number):
        self.number = number
        self.dir = cache.path("l1", str(number), "x").parent
        self.state_file = self.dir / "state.json"
        self._lease = None

    # A lease -------------------------------------------------------------

    def try_lease(self):
        """Take the lease if it is free."""
        file = open(self.dir / "lease", "a", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._lease = file
        return True

    def drop(self):
        """Give the lease back as if it had not been taken."""
        if self._lease:
            self._lease.close()
            self._lease = None

    def release(self):
        """Give the lease back; the idle time counts from now."""
        os.utime(self.dir / "lease")
        self.drop()

    # The machine ---------------------------------------------------------

    def state(self):
        """What runs here, or None."""
        try:
            state = json.loads(self.state_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return state if self._has_keeper() else None

    def _has_keeper(self):
        """Its lock tells; its number may be another process's by now."""
        try:
            with open(self.dir / "keeper", "rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def start(self, boot, shape, owner=None):
        """Boot a machine here; returns when it answers. The lease is held.

        boot: a Boot, owner: end the machine when this process ends.
        """
        self.state_file.unlink(missing_ok=True)
        read_end, write_end = os.pipe()
        order = {"boot": asdict(boot), "shape": asdict(shape), "owner": owner,
                 "ready": write_end, "slot": str(self.dir)}
        with open(self.dir / "log", "w", encoding="utf-8") as log:
            child = subprocess.Popen(
                [sys.executable, checkout() / "tools/lab/l1", "keeper",
                 json.dumps(order, default=str)], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[write_end], cwd="/")
        os.close(write_end)
        try:
            with open(read_end, encoding="utf-8") as file:
                answer = file.read().strip()
        except BaseException:
            child.terminate()
            raise
        if answer != "ready":
            raise LabError("starting the first-level machine",
                           answer or "its keeper died",
                           f"see {self.dir}/console and {self.dir}/log")

    def stop(self):
        """End the machine, if there is one, and wait until it is gone."""
        state = self.state()
        if not state:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(state["keeper"], signal.SIGTERM)
        for _ in range(100):
            if not self.state_file.exists():
                return True
            time.sleep(0.05)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(state["keeper"], signal.SIGKILL)
        self.state_file.unlink(missing_ok=True)
        return True


@dataclass(frozen=True)
class Boot:
    """What a first-level machine is made of."""

    qemu: list			# first words of QEMU's command line
    env: dict
    kernel: str
    initrd: str
    keys: str			# directory of l1image.keys()
    disks: list			# large files that guests will want there


def is_alive(pid):
    """Whether a process runs; none, for a machine without an owner, always does."""
    return not pid or Path(f"/proc/{pid}").exists()


def blob_name(path):
    """What a large file is called in a first-level machine.

    Short: a disk's serial number, 20 bytes, holds it and the size in hex.
    """
    stat = os.stat(path)
    return "b" + hash_of(str(path), str(stat.st_size), str(stat.st_mtime_ns))[:10]


def slots(cache):
    """All slots, running or not."""
    return [Slot(cache, number) for number in range(SLOTS)]


def lease(cache, shape, ui):
    """A slot with its lease held: one that runs already, if it can be."""
    deadline = time.monotonic() + WAIT_LIMIT_S
    told = False
    while True:
        places = slots(cache)
        for fits in (lambda s: s and Shape(**s["shape"]).covers(shape),
                     lambda s: not s, lambda s: True):
            for slot in places:
                if slot.try_lease():
                    if fits(slot.state()):
                        return slot
                    slot.drop()
        if time.monotonic() > deadline:
            raise LabError("getting a first-level machine", "all "
                           f"{SLOTS} are in use", "see tools/lab/l1 status, or "
                           "allow more with HVLAB_L1_MAX")
        if not told:
            ui.say(f"all {SLOTS} first-level machines are in use; waiting")
            told = True
        time.sleep(1)


def ssh_command(state, *options):
    """The words that reach a running machine (followed by a command).

    They end with 255 when the machine says nothing for two minutes.
    """
    keys = Path(state["keys"])
    return ["ssh", "-F", "none", "-S", state["control"], "-i", str(keys / "id"),
            "-p", str(state["port"]), "-l", "root",
            "-o", f"UserKnownHostsFile={keys / 'known_hosts'}",
            "-o", "HostKeyAlias=first-level", "-o", "BatchMode=yes",
            "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes",
            "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=30",
            "-o", "ServerAliveCountMax=4", *options, "127.0.0.1"]


def free_port():
    """A TCP port on the loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
