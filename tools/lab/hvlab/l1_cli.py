# SPDX-License-Identifier: GPL-2.0
"""tools/lab/l1: the first-level machines by hand."""

import argparse
import subprocess
import sys

from . import VERSION, keeper, l1
from .lab import Lab
from .ui import LabError, Ui


def parser():
    """The command line."""
    top = argparse.ArgumentParser(
        prog="l1", description="The lab's first-level machines: QEMU with an "
        "emulated AMD CPU, where /dev/kvm cannot run Hyper-V guests. "
        "tools/lab/guest starts them by itself; they end after "
        f"{l1.IDLE_S} s without a guest (HVLAB_L1_IDLE).",
        epilog="example: tools/lab/l1 run -- cat /proc/cpuinfo")
    top.add_argument("--version", action="version", version=f"l1 {VERSION}")
    sub = top.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    start = sub.add_parser("start", help="boot one and leave it running")
    start.add_argument("--cpus", type=int, default=l1.CPUS)
    start.add_argument("--memory", type=int, default=3072, metavar="MIB")
    start.add_argument("--owner", type=int, metavar="PID",
                       help="end it when this process ends")
    end = sub.add_parser("stop", help="end all of them")
    end.add_argument("--owner", type=int, metavar="PID",
                     help="only those that belong to this process")
    sub.add_parser("status", help="list them; 1 when none runs")
    run = sub.add_parser("run", help="run a command in the first that runs")
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    return top


def start(args, ui):
    """Boot a machine in a slot of its own."""
    lab = Lab(ui)
    shape = l1.Shape(args.cpus, args.memory)
    slot = l1.lease(lab.cache, shape, ui)
    state = slot.state()
    if state and not l1.Shape(**state["shape"]).covers(shape):
        slot.stop()
        state = None
    if not state:
        ui.progress("booting the first-level machine")
        slot.start(lab.boot(), shape, args.owner)
    slot.release()
    ui.say(f"first-level machine {slot.number} runs")
    return 0


def stop(args, ui):
    """End every machine, or an owner's."""
    count = 0
    for slot in l1.slots(Lab(ui).cache):
        state = slot.state()
        if not state or args.owner not in (None, state["owner"]):
            continue
        if args.owner and not slot.try_lease():
            ui.say(f"machine {slot.number} is in use; it ends with its guest")
            continue
        count += slot.stop()
        slot.drop()
    ui.say(f"{count} stopped")
    return 0


def status(_args, ui):
    """One line a machine."""
    found = 1
    for slot in l1.slots(Lab(ui).cache):
        state = slot.state()
        if state:
            found = 0
            use = "idle" if slot.try_lease() else "in use"
            if use == "idle":
                slot.drop()
            print(f"{slot.number}: {state['shape']['cpus']} CPUs, "
                  f"{state['shape']['memory_mib']} MiB, keeper "
                  f"{state['keeper']}, {use}")
    return found


def run(args, ui):
    """A command, or a shell, in a running machine."""
    words = args.command[1:] if args.command[:1] == ["--"] else args.command
    for slot in l1.slots(Lab(ui).cache):
        state = slot.state()
        if state:
            options = ["-t"] if sys.stdin.isatty() and not words else []
            return subprocess.run([*l1.ssh_command(state, *options), *words],
                                  check=False).returncode
    raise LabError("running a command", "no first-level machine runs",
                   "start one with tools/lab/l1 start")


def main(argv):
    """Entry."""
    if argv[:1] == ["keeper"]:
        return keeper.main(argv[1])
    args = parser().parse_args(argv)
    ui = Ui("l1")
    try:
        return {"start": start, "stop": stop, "status": status,
                "run": run}[args.verb](args, ui)
    except LabError as error:
        ui.say(str(error))
        return 125
