# SPDX-License-Identifier: GPL-2.0
"""The process that owns a first-level machine: starts QEMU and ends it."""

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import l1

# The settings with which nested guests were seen to work: invtsc and
# tsc=reliable give the guest a usable Hyper-V TSC page.
CPU = "EPYC,+svm,+npt,+invtsc"
CMDLINE = ("console=ttyS0 quiet panic=-1 tsc=reliable clocksource=tsc "
           "mitigations=off nowatchdog rcupdate.rcu_cpu_stall_suppress=1 "
           "random.trust_cpu=on")


def qemu_words(boot, shape, port):
    """QEMU's command line."""
    disks = []
    for number, path in enumerate(boot.disks):
        size = os.stat(path).st_size
        disks += ["-drive", f"if=none,id=d{number},format=raw,readonly=on,file={path}",
                  "-device", f"virtio-blk-pci,drive=d{number},"
                  f"serial={l1.blob_name(path)}.{size:x}"]
    return [
        *boot.qemu, "-nodefaults", "-no-user-config", "-display", "none",
        "-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", CPU,
        "-smp", str(shape.emulated()), "-m", str(shape.memory_mib),
        "-no-reboot", "-serial", "stdio",
        "-kernel", boot.kernel, "-initrd", boot.initrd, "-append", CMDLINE,
        "-netdev", f"user,id=lab,restrict=on,ipv6=off,hostfwd=tcp:127.0.0.1:{port}-:22",
        "-device", "virtio-net-pci,netdev=lab,romfile=", *disks]


class Keeper:
    """One QEMU, from its start to its end."""

    def __init__(self, order):
        self.boot = l1.Boot(**order["boot"])
        self.shape = l1.Shape(**order["shape"])
        self.dir = Path(order["slot"])
        self.ready = order["ready"]
        self.owner_pid = order["owner"]
        self.owner = self._open_owner(self.owner_pid)
        self.port = l1.free_port()
        self.children = []
        self.tmp = tempfile.TemporaryDirectory(prefix="hvlab-")
        self.wake, self.wake_write = os.pipe()

    @staticmethod
    def _open_owner(pid):
        if not pid:
            return None
        try:
            return os.pidfd_open(pid)
        except ProcessLookupError:
            sys.exit("the owner is gone already")

    def run(self):
        """The whole life; always leaves nothing behind."""
        self.alive = open(self.dir / "keeper", "w", encoding="ascii")
        fcntl.flock(self.alive, fcntl.LOCK_EX)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._answer(self._start())
            self._watch()
        finally:
            for child in self.children:
                child.kill()
                child.wait()
            self.tmp.cleanup()
            (self.dir / "state.json").unlink(missing_ok=True)

    def _on_signal(self, _number, _frame):
        os.write(self.wake_write, b"x")

    def _answer(self, text):
        # A broken pipe, when nobody waits for the machine any more, ends it.
        os.write(self.ready, text.encode())
        os.close(self.ready)
        if text != "ready":
            sys.exit(text)

    def _child(self, words, **kwargs):
        # setpriv: the child dies with this process, however it ends.
        child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *words],
                                 stdin=subprocess.DEVNULL, **kwargs)
        self.children.append(child)
        return child

    def _start(self):
        qemu = self._child(qemu_words(self.boot, self.shape, self.port),
                           stdout=subprocess.PIPE, env=self.boot.env)
        self.console = qemu.stdout
        problem = self._wait_for_boot()
        if problem:
            return problem
        control = f"{self.tmp.name}/ssh"
        state = {"keeper": os.getpid(), "port": self.port, "control": control,
                 "owner": self.owner_pid,
                 "shape": vars(self.shape), "keys": self.boot.keys,
                 "kernel": self.boot.kernel, "initrd": self.boot.initrd}
        if not self._connect(state, control):
            return "it booted but its ssh server does not answer"
        temporary = self.dir / "state.tmp"
        temporary.write_text(json.dumps(state), encoding="utf-8")
        temporary.rename(self.dir / "state.json")
        return "ready"

    def _connect(self, state, control):
        """A loaded machine may need more than one attempt."""
        deadline = time.monotonic() + l1.BOOT_LIMIT_S
        qemu, ssh = self.children[0], None
        while not os.path.exists(control):
            if time.monotonic() > deadline or qemu.poll() is not None:
                return False
            if not ssh or ssh.poll() is not None:
                if ssh:
                    time.sleep(1)
                ssh = self._child(l1.ssh_command(state, "-M", "-N"),
                                  stdout=subprocess.DEVNULL)
            time.sleep(0.1)
        return True

    def _wait_for_boot(self):
        deadline = time.monotonic() + l1.BOOT_LIMIT_S
        seen = b""
        with open(self.dir / "console", "wb", buffering=0) as log:
            while time.monotonic() < deadline:
                ready, _, _ = select.select([self.console, self.wake], [], [], 1)
                if self.wake in ready:
                    return "it was told to stop"
                if not ready:
                    continue
                data = os.read(self.console.fileno(), 65536)
                if not data:
                    return "QEMU ended"
                log.write(data)
                seen += data
                if b"L1-READY" in seen:
                    return None
                if b"L1-FAILED" in seen:
                    return seen[seen.index(b"L1-FAILED"):].decode(errors="replace")
        return f"it did not boot within {l1.BOOT_LIMIT_S} s"

    def _watch(self):
        files = [self.console, self.wake] + ([self.owner] if self.owner else [])
        idle_s = l1.IDLE_S
        while True:
            ready, _, _ = select.select(files, [], [], min(10, idle_s / 2 + 1))
            if self.wake in ready:
                return
            if self.owner in ready:
                # Another run's guest may be in it: that one ends first.
                files.remove(self.owner)
                idle_s = 0
            if self.console in ready:
                data = os.read(self.console.fileno(), 65536)
                if not data:
                    return
                with open(self.dir / "console", "ab") as log:
                    log.write(data)
            if self._idle(idle_s):
                return

    def _idle(self, idle_s):
        """Nobody holds the lease, and nobody did for IDLE_S (0: does not matter)."""
        path = self.dir / "lease"
        if time.time() - path.stat().st_mtime < idle_s:
            return False
        self.lease = open(path, "a", encoding="ascii")
        try:
            fcntl.flock(self.lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.lease.close()
            return False
        return True			# kept locked until this process is gone


def main(argument):
    """Entry of the hidden command `l1 keeper`."""
    Keeper(json.loads(argument)).run()
