# SPDX-License-Identifier: GPL-2.0
"""Run one guest: gather its parts, start it, bring back what it said."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from . import build, job, kbuild, l1, level, nics, overlay, place, userland
from .cache import checkout
from .ui import LabError


def prepare(args, lab):
    """The Job of a command line (parsed, see guest_cli)."""
    cards = nics.parse(args.nic)
    nics.check_distinct(cards, not args.no_net)
    for spec in args.file:
        overlay.split_file(spec)
    kernel = lab.kernel(args.kernel, args.modules)
    lab.ui.mark(f"kernel {kernel.version}")
    _fill_in(args, kernel)
    module, name = _driver(args.driver, kernel, lab)
    monitor, hostctl = build.hvhost(lab.cache, lab.ui)
    lab.ui.mark("driver and monitor built")
    base = userland.base_image(kernel, lab.cache, lab.archive, lab.ui)
    wanted = job.Job(
        kernel=kernel, driver=args.driver, module=module, module_name=name,
        vf_module=_vf_module(cards, kernel, lab),
        nics=cards, cpus=args.cpus, nodes=args.nodes,
        memory_mib=args.memory,
        command=args.command, hvhost=monitor, hostctl=hostctl,
        programs=build.programs(lab.cache), base=base,
        timeout_s=args.timeout, silence_s=args.silence or 0,
        host=args.host, append=" ".join(args.append),
        allow=args.allow + (["stock"] if args.driver == "stock" else []),
        files=args.file, no_net=args.no_net or not cards,
        with_kernel=args.with_kernel)
    if not wanted.command:
        size = shutil.get_terminal_size()
        wanted.rows, wanted.columns = str(size.lines), str(size.columns)
        wanted.term = os.environ.get("TERM", "linux")
    return wanted


def _fill_in(args, kernel):
    """What was not said depends on the kernel."""
    args.memory = args.memory or (1024 if kernel.slow else 512)
    args.timeout = args.timeout or (900 if kernel.slow else 300)


def _driver(name, kernel, lab):
    """(module file or None, name for modprobe or '') of --driver NAME."""
    if name == "none":
        return None, ""
    if name == "stock":
        return None, "hv_netvsc"
    path = kbuild.module(lab, kernel) if name == "ours" else Path(name)
    return path, build.check_module(path, kernel)


def _vf_module(cards, kernel, lab):
    """The lab's own driver of a VF, built, if a NIC has such a VF."""
    if not any(nic.vf_driver == "labvf" for nic in cards):
        return None
    return kbuild.lab_module(lab, kernel, "labvf")


def open_place(args, lab):
    """Here or FirstLevel, and say which."""
    chosen, reason = level.choose(args.level)
    if chosen == "kvm":
        lab.ui.say(f"running on this machine's KVM ({reason})")
        return place.Here(userland.root(lab.cache, lab.archive, lab.ui))
    lab.ui.say(f"running nested in QEMU ({reason})")
    owner = os.environ.get("HVLAB_OWNER")
    return place.FirstLevel(lab, l1.Shape.for_guest(args.cpus, args.memory),
                            int(owner) if owner else None, lab.ui)


def run(args, lab):
    """Run the guest of ARGS; returns the exit status."""
    wanted = prepare(args, lab)
    lab.ui.mark("image ready")
    where = open_place(args, lab)
    status = job.LAB_FAILED
    try:
        outcome = boot(wanted, where, lab)
        status, lines = job.verdict(outcome)
        _report(args, lab, outcome, status, lines)
    finally:
        where.close(suspect=status in (job.LAB_FAILED, job.SPLAT))
    return status


def to_stdout(data):
    """What a guest's command says goes where this program's output goes."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def boot(wanted, where, lab, output=to_stdout):
    """Run the guest WANTED at WHERE; OUTPUT gets what it says. The Outcome."""
    kernel = where.blob(wanted.kernel.image)
    base = where.blob(wanted.base)
    monitor = where.blob(wanted.hvhost)
    with tempfile.TemporaryDirectory(prefix="hvlab-") as tmp:
        small = Path(tmp) / "overlay.cpio"
        overlay.make(small, wanted, lab.cache)
        files = {"overlay.cpio": small,
                 "start": wanted.start_script(where.prefix, monitor, kernel, base),
                 "taps": "".join(nic.tap_line() for nic in wanted.nics
                                 if nic.tap),
                 "peer.sh": checkout() / "tools/lab/peer/peer.sh"}
        if wanted.peer_program:
            files["peer-program"] = wanted.peer_program
        where.send(files)
    lab.ui.mark("files in place, monitor starts")
    first = [True]

    def stream(data):
        if first:
            first.clear()
            lab.ui.mark("first output of the command")
        output(data)

    status = where.run(stream, wanted.timeout_s, tty=not wanted.command)
    lab.ui.mark("monitor ended")
    return _collect(wanted, where, status)


def _collect(wanted, where, status):
    """What the guest left in the job's directory."""
    said = where.read("status").decode().strip()
    messages = where.read("messages").decode(errors="replace")
    console = where.read("console").decode(errors="replace")
    if status is None:
        raise LabError("running the monitor", "it did not end at its own limit "
                       "or this program was told to end",
                       "last of the console:\n" + job.tail(console))
    if not said:
        raise LabError("running the monitor",
                       f"it did not run (status {status})",
                       messages or where.last_words() or None)
    return job.Outcome(int(said), job.parse_report(where.read("report").decode()),
                       console, messages, shell=not wanted.command)


def _report(args, lab, outcome, status, lines):
    if args.console:
        Path(args.console).write_text(outcome.console, encoding="utf-8")
    if args.verbose or outcome.hvhost_status not in (job.HV_ENDED,):
        sys.stderr.write(outcome.messages)
    lines = [line for line in lines if line]
    if lines:
        lab.ui.say("\n".join(lines))
    if args.verbose:
        lab.ui.timeline()
        for up, what in outcome.stages:
            print(f"guest: {up:7.2f} s {what}", file=sys.stderr)
        lab.ui.say(f"status {status}")
