# SPDX-License-Identifier: GPL-2.0
"""One guest to be run, and the verdict on how it ended."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from .cache import checkout
from .kernel import Kernel

# Exit statuses that belong to the lab.
TIMEOUT, LAB_FAILED, SPLAT = 124, 125, 126
VIOLATION = 3
# How the lab tells of it.
BROKE = "the guest broke the protocol"
# hvhost's own exit statuses.
HV_ENDED, HV_FAILED, HV_USAGE, HV_BROKE, HV_CRASHED, HV_REBOOTED, HV_HUNG = range(7)


@dataclass
class Job:
    """What is wanted of a guest, with all that it is made of."""

    kernel: Kernel
    driver: str			# ours, stock, none or a path
    module: Path		# the module to load instead of the stock one
    module_name: str		# for modprobe, empty: none
    vf_module: Path		# the lab's own driver of a VF, or None
    nics: list
    cpus: int
    nodes: int
    memory_mib: int
    command: list		# empty: a shell
    hvhost: Path
    hostctl: Path
    programs: Path		# directory of small ones of ours
    base: Path			# base image of the guest
    timeout_s: int
    silence_s: int = 0		# 0: no limit
    host: str = None
    append: str = ""
    allow: list = field(default_factory=list)	# known violations that may come
    files: list = field(default_factory=list)
    no_net: bool = False
    with_kernel: bool = False	# its image is in the guest too
    peer_program: Path = None	# runs beside the monitor, in the peer's network
    peer_words: list = field(default_factory=list)	# its arguments
    rows: str = ""
    columns: str = ""
    term: str = "linux"

    CMDLINE = ("console=ttyS0 quiet loglevel=4 panic=-1 nokaslr "
               "mitigations=off rcupdate.rcu_cpu_stall_timeout=120 "
               "random.trust_cpu=on sysctl.kernel.hung_task_timeout_secs=240 "
               "rdinit=/init")

    # Asked by an NMI where it stands, a kernel answers with a panic.
    NMI_ANSWER = "unknown_nmi_panic panic_print=0x40 "

    def cmdline(self):
        """What the guest's kernel is told."""
        answer = self.NMI_ANSWER if self.silence_s else ""
        # One that watches itself has limits of its own, for a slow processor.
        watchdog = "" if self.kernel.slow else "nowatchdog "
        return f"{watchdog}{answer}{self.CMDLINE} {self.append}".strip()

    def start_script(self, prefix, monitor, kernel, base):
        """What peer.sh starts when the network is there; PREFIX: words before it."""
        words = shlex.join([*prefix, monitor, *self.hvhost_words(kernel, base)])
        peer = ""
        if self.peer_program:
            program = shlex.join(["./peer-program", *self.peer_words])
            peer = f"{program} </dev/null >peer.log 2>&1 &\n"
        return (f"{peer}{words} 2>messages\nstatus=$?\n"
                "echo $status >status\nexit $status\n")

    def hvhost_words(self, kernel, base):
        """hvhost's arguments, run in the job's directory."""
        words = ["--kernel", kernel, "--initrd", base, "--initrd",
                 "overlay.cpio", "--append", self.cmdline(),
                 "--cpus", str(self.cpus), "--nodes", str(self.nodes),
                 "--memory", str(self.memory_mib), "--report", "report", "--output", "-"]
        words += ["--console", "console" if self.command else "-"]
        if self.command:
            words += ["--timeout", str(self.timeout_s)]
        if self.silence_s:
            words += ["--silence", str(self.silence_s)]
        if self.host:
            words += ["--host", self.host]
        for name in self.allow:
            words += ["--allow", name]
        for nic in self.nics:
            words += ["--nic", nic.argument()]
        return words


@dataclass
class Outcome:
    """What came back from a guest."""

    hvhost_status: int
    report: dict
    console: str
    messages: str		# hvhost's stderr
    shell: bool = False

    @property
    def stages(self):
        """[(guest's uptime in seconds, what)] from the console."""
        return [(float(up), what) for up, what in
                re.findall(r"^@lab ([\d.]+) (.+?)\r?$", self.console, re.M)]

    def reached(self, name):
        """Did the guest's init get to this stage?"""
        return any(what.split()[0] == name for _, what in self.stages)

    def failure(self):
        """Why the guest's self-test failed, or None."""
        return next((what[5:] for _, what in self.stages
                     if what.startswith("fail ")), None)

    def log(self):
        """The kernel log that the guest's init printed, or ''."""
        parts = re.findall(r"^@lab 0 log\r?\n(.*?)^@lab 0 endlog", self.console,
                           re.M | re.S)
        return "".join(parts).replace("\r\n", "\n")


def splat_in(text):
    """The text from the first splat on, or None."""
    patterns = (checkout() / "tools/lab/inguest/splats").read_text(
        encoding="ascii").splitlines()
    found = re.search("|".join(f"(?:{p})" for p in patterns), text)
    if not found:
        return None
    return text[text.rfind("\n", 0, found.start()) + 1:]


def parse_report(text):
    """hvhost's --report file as a dict (lists for what comes repeatedly)."""
    report = {"violation": []}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == "violation":
            report["violation"].append(value)
        else:
            report[key] = value
    return report


def tail(text, lines=25):
    """The last lines, for an error message."""
    return "\n".join(text.replace("\r", "").splitlines()[-lines:])


def verdict(outcome):
    """(exit status, [lines that explain it]) of a guest that has ended."""
    status = outcome.hvhost_status
    if status in (HV_ENDED, HV_BROKE):
        return _ended(outcome)
    if status in (HV_CRASHED, HV_REBOOTED, HV_HUNG):
        return _not_ended(outcome)
    return LAB_FAILED, [f"hvhost failed (status {status})",
                        tail(outcome.messages)]


def _ended(outcome):
    value = int(outcome.report.get("status", "-1"))
    broke = outcome.hvhost_status == HV_BROKE
    lines = []
    if broke:
        lines.append(f"{BROKE}: "
                     + "; ".join(outcome.report["violation"][:5]))
    if outcome.report.get("end") != "exit" or value < 0:
        if outcome.shell:
            return VIOLATION if broke else 0, lines
        return 1, lines + ["the guest powered off before the command ended"]
    if outcome.failure():
        return LAB_FAILED, ["the lab's self-test failed: " + outcome.failure(),
                            tail(outcome.log())]
    if outcome.reached("splat"):
        log = outcome.log()
        return SPLAT, lines + ["the guest's kernel complained:",
                               splat_in(log) or log]
    setup = next((what for _, what in outcome.stages
                  if what.startswith("setup ")), None)
    if setup:
        lines += [setup[6:], outcome.log()]
    return (VIOLATION if broke and not value else value), lines


def _not_ended(outcome):
    said = {HV_CRASHED: "the guest crashed", HV_REBOOTED: "the guest rebooted",
            HV_HUNG: "the time ran out"}[outcome.hvhost_status]
    last = ["last lines of its console:", tail(outcome.console)]
    splat = splat_in(outcome.console)
    early = not outcome.shell and not outcome.reached("self-test")
    if early and outcome.hvhost_status != HV_HUNG:
        return LAB_FAILED, [f"{said} before the driver was loaded", *last]
    if splat:
        return SPLAT, [f"{said}; its kernel complained:", splat]
    if outcome.hvhost_status == HV_HUNG:
        return TIMEOUT, [said, *last]
    return (SPLAT if outcome.hvhost_status == HV_CRASHED else 1), [said, *last]
