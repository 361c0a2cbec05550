# SPDX-License-Identifier: GPL-2.0
"""Where hvhost runs: on this machine, or in a first-level machine.

Both offer the same: blob() makes a large file available and says its path
there, send() fills a job's directory, run() runs a job in a network namespace
of its own, and read() brings a file back; prefix has the words to start a monitor with.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import tarfile
import tempfile
from pathlib import Path

from . import l1, unpacked
from .ui import LabError

END_GRACE_S = 30		# how long after its own limit hvhost may live


class Here:
    """This machine: its KVM can run Hyper-V guests."""

    level = "kvm"
    prefix = ()

    def __init__(self, programs):
        self.programs = programs
        self.dir = Path(tempfile.mkdtemp(prefix="hvlab-"))

    def blob(self, path):
        """A large file stays where it is."""
        return str(path)

    def send(self, files):
        """{name: path or text} into the job's directory."""
        for name, what in files.items():
            if isinstance(what, Path):
                shutil.copy(what, self.dir / name)
            else:
                (self.dir / name).write_text(what, encoding="utf-8")

    def run(self, stream, limit_s, tty):
        """Run the job; its output goes to STREAM(bytes). Returns its status."""
        user = [] if os.geteuid() == 0 else ["-r"]
        words = ["setpriv", "--pdeathsig", "KILL", "unshare", *user, "-n",
                 "sh", "peer.sh", str(self.dir)]
        env = {**os.environ}
        for name, program in (("IPERF3", "usr/bin/iperf3"),
                              ("NETSERVER", "usr/bin/netserver")):
            env[name] = shlex.join(unpacked.command(self.programs, program))
        return _run(words, stream, limit_s, tty, cwd=self.dir, env=env)

    def read(self, name):
        """A file of the job's directory, b'' when there is none."""
        with contextlib.suppress(OSError):
            return (self.dir / name).read_bytes()
        return b""

    def last_words(self):
        """Why a job left nothing: what is known has been said by the programs."""
        return ""

    def close(self, **_suspect):
        """The job is over; nothing here outlives it."""
        shutil.rmtree(self.dir, ignore_errors=True)


class FirstLevel:
    """A first-level machine, kept for the next guest."""

    level = "nested"
    stuck = False

    def __init__(self, lab, shape, owner, ui):
        self.slot = l1.lease(lab.cache, shape, ui)
        try:
            self.state = self._started(lab, shape, owner, ui)
        except BaseException:
            self.slot.drop()
            raise
        self.dir = f"/run/job-{os.getpid()}"

    def _started(self, lab, shape, owner, ui):
        boot = lab.boot()
        state = self.slot.state()
        if state and not self._serves(state, boot, shape):
            self.slot.stop()
            state = None
        if state:
            ui.mark(f"first-level machine {self.slot.number} was running")
        else:
            ui.progress("booting the first-level machine")
            self.slot.start(boot, shape, owner)
            state = self.slot.state()
            ui.mark(f"first-level machine {self.slot.number} booted")
        ui.done()
        return state

    @property
    def prefix(self):
        """See Shape."""
        return l1.Shape(**self.state["shape"]).keep_off_first()

    @staticmethod
    def _serves(state, boot, shape):
        # One whose owner has ended is about to end itself.
        return (l1.Shape(**state["shape"]).covers(shape)
                and l1.is_alive(state["owner"])
                and (state["kernel"], state["initrd"]) == (boot.kernel, boot.initrd))

    def _ssh(self, words, limit_s=300, **kwargs):
        try:
            return subprocess.run([*l1.ssh_command(self.state), *words],
                                  check=False, timeout=limit_s, **kwargs)
        except subprocess.TimeoutExpired as error:
            self.stuck = True
            raise LabError("talking to the first-level machine",
                           f"no answer within {limit_s} s",
                           f"see {self.slot.dir}/console") from error

    def blob(self, path):
        """A large file goes over once and stays for later guests."""
        target = f"/run/blobs/{l1.blob_name(path)}"
        if self._ssh([f"test -e {target}"], stdin=subprocess.DEVNULL).returncode:
            with open(path, "rb") as file:
                done = self._ssh([f"cat >{target}.new && chmod 755 {target}.new"
                                  f" && mv {target}.new {target}"],
                                 limit_s=1800, stdin=file)
            if done.returncode:
                raise LabError(f"copying {path.name} to the first-level machine",
                               f"ssh ended with {done.returncode}")
        return target

    def send(self, files):
        """{name: path or text} into the job's directory."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for name, what in files.items():
                data = what.read_bytes() if isinstance(what, Path) else what.encode()
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(data), 0o755
                tar.addfile(info, io.BytesIO(data))
        # What a killed process of this number has left is nobody's.
        done = self._ssh([f"rm -rf {self.dir} && mkdir -p {self.dir} && "
                          f"tar -x -C {self.dir}"],
                         input=buffer.getvalue())
        if done.returncode:
            raise LabError("copying files to the first-level machine",
                           f"ssh ended with {done.returncode}")

    def run(self, stream, limit_s, tty):
        """Run the job; its output goes to STREAM(bytes). Returns its status."""
        peer = f"cd {self.dir} && exec unshare -n sh peer.sh {self.dir}"
        if tty:
            words = [*l1.ssh_command(self.state, "-t"), peer]
        else:
            # When this side goes away the pipe ends, and so does the job.
            watch = (f"exec 3<&0; setsid sh -c '{peer}' </dev/null & pid=$!; "
                     "{ cat >/dev/null; kill -s KILL -- -$pid; } "
                     "<&3 >/dev/null 2>&1 & wait $pid")
            words = [*l1.ssh_command(self.state), watch]
        return _run(words, stream, limit_s, tty)

    def read(self, name):
        """A file of the job's directory, b'' when there is none."""
        return self._ssh([f"cat {self.dir}/{name} 2>/dev/null"],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout

    def last_words(self):
        """Why a job left nothing: the panic of the machine's own kernel, if it had one."""
        with contextlib.suppress(OSError):
            console = (self.slot.dir / "console").read_text(errors="replace")
            panic = re.search(r"Kernel panic - [^\r\n]*", console)
            if panic:
                return f"the first-level machine ended: {panic[0]}"
        return ""

    def close(self, suspect):
        """The job is over; a machine under suspicion is not used again."""
        if not suspect and not self.stuck:
            with contextlib.suppress(LabError):
                self._ssh([f"rm -rf {self.dir}"], stdin=subprocess.DEVNULL)
        if suspect or self.stuck:
            self.slot.stop()
        self.slot.release()


def _run(words, stream, limit_s, tty, **kwargs):
    """Run WORDS in a process group of its own; None when it had to be killed:

    LIMIT_S is over, or this process was told to end (SIGTERM).
    """
    if tty:
        return subprocess.run(words, check=False, **kwargs).returncode
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          start_new_session=True, **kwargs) as child:
        def expired(_number, _frame):
            raise TimeoutError
        old = [(number, signal.signal(number, expired))
               for number in (signal.SIGALRM, signal.SIGTERM)]
        signal.alarm(limit_s + END_GRACE_S)
        try:
            while data := os.read(child.stdout.fileno(), 65536):
                stream(data)
            return child.wait()
        except TimeoutError:
            return None
        finally:
            signal.alarm(0)
            for number, handler in old:
                signal.signal(number, handler)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
