# SPDX-License-Identifier: GPL-2.0
"""tools/bench/bench: the command line."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

from hvlab import guest_cli, kernels
from hvlab.lab import Lab
from hvlab.ui import LabError, Ui

from . import VERSION, BenchError, machine, plot, report, rows, said

EPILOG = """\
Each round loads both drivers, in turn the one and the other first, and runs every
row with each. Instructions are counted where the lab runs nested in QEMU.
Documentation/benchmarks.md says how to read the table, and what it may claim.
Exit status: 0 measured, 1 not, or not everything, 2 wrong usage.
example: tools/bench/bench --rounds 5 --kernel 7.3 --json bench.json tx-small tcp-rr
"""


def parser():
    """The command line."""
    top = argparse.ArgumentParser(
        prog="bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Count what a packet costs with ours and with the "
        "distribution's driver, in the same boot.",
        epilog="rows (default all):\n" + "".join(
            f"  {row.name:18} {row.what}, per {row.unit}\n" for row in rows.ROWS)
        + "\n" + EPILOG)
    count = guest_cli.count
    add = top.add_argument
    add("--rounds", type=count(1, 100), default=5, metavar="N",
        help="rounds, each with both drivers (default 5)")
    add("--work", type=count(1, 5), default=1, metavar="N",
        help="so many times the packets, for less spread (default 1)")
    add("--kernel", default=kernels.NEWEST.name, metavar="|".join(
        row.name for row in kernels.TABLE), help="the guest's kernel "
        "(default %(default)s)")
    add("--cpus", type=count(1, 16), default=2, metavar="N",
        help="of the guest (default 2)")
    add("--timeout", type=count(60, 86400), default=7200, metavar="SECONDS",
        help="limit for the guest's whole life (default 7200)")
    add("--json", metavar="FILE", help="write everything that was counted")
    add("--svg", metavar="FILE", help="draw the ratios (with gnuplot)")
    add("--level", choices=("auto", "kvm", "nested"), default="auto",
        help="on this machine's KVM or nested in QEMU (default: what works)")
    add("--verbose", action="store_true", help="say what runs, and when")
    add("--version", action="version", version=f"bench {VERSION}")
    add("rows", nargs="*", metavar="ROW", help="what to measure")
    return top


def parse(argv):
    """The arguments, checked."""
    args = parser().parse_args(argv)
    for name in args.rows:
        if not rows.find(name):
            raise BenchError(f"row {name}", "no such row", "--help lists them")
    if not any(row.name == args.kernel for row in kernels.TABLE):
        raise BenchError(f"--kernel {args.kernel}", "no such kernel", "known are "
                         + ", ".join(row.name for row in kernels.TABLE))
    args.rows = args.rows or [row.name for row in rows.ROWS]
    if args.svg:
        plot.check()
    return args


def follow(args, ui):
    """What is done with a section that has come."""
    def on_section(section):
        what = f"round {section.round}, {section.driver}, {section.row}"
        if args.verbose:
            words = " ".join(section.said[-2:])
            ui.say(f"{time.monotonic() - ui.start:.0f} s: {what}, "
                   f"status {section.status} {words}")
        else:
            ui.progress(what)
    return on_section


def measure(args, ui):
    """Run it all; what report.summary() makes of it, and what went wrong."""
    reader = said.Reader(follow(args, ui))
    ran, problem = machine.run(args, Lab(ui), reader)
    ui.done()
    return report.summary(args, reader, ran), problem


def main(argv):
    """Entry."""
    ui = Ui("bench")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        args = parse(argv)
    except BenchError as error:
        ui.say(str(error))
        return 2
    try:
        result, problem = measure(args, ui)
        print(report.table(result))
        if args.json:
            Path(args.json).write_text(json.dumps(result, indent=1) + "\n",
                                       encoding="utf-8")
        if args.svg:
            plot.draw(result, args.svg)
        if problem:
            raise problem
    except (BenchError, LabError) as error:
        ui.say(str(error))
        return 1
    except OSError as error:
        ui.say(f"writing the result: {error}; name a file that can be written")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
