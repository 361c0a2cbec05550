# SPDX-License-Identifier: GPL-2.0
"""tools/lab/guest: the command line."""

import argparse
import signal
import subprocess
import sys

from . import VERSION, guest, job, kernel, kernels
from .lab import Lab
from .nics import UsageError
from .ui import LabError, Ui

EPILOG = """\
In the guest GUEST_IF, PEER4 and PEER6 are set (GUEST_IF1 ... for further NICs),
hostctl speaks to the host, and the peer runs iperf3 and netperf servers.
Exit status: the command's; 3 the guest broke the protocol, 124 the time ran out,
125 the lab failed, 126 the guest's kernel warned or crashed, 2 wrong usage.
example: tools/lab/guest --driver stock -- sh -c 'ping -c 3 $PEER4'
"""


def count(least, most):
    """An argparse type: a number within bounds."""
    def check(text):
        if not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text}: not {least} to {most}")
        return int(text)
    return check


def parser():
    """The command line."""
    top = argparse.ArgumentParser(
        prog="guest", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Boot a guest on hvhost and run a command in it (a shell "
        "without one).", epilog=EPILOG, usage="guest [OPTION]... [-- COMMAND...]")
    add = top.add_argument
    add("--kernel", default=kernel.DEFAULT, metavar="|".join([*kernels.names(), "PATH"]),
        help=f"the guest's kernel (default {kernel.DEFAULT})")
    add("--modules", metavar="DIR", help="modules of --kernel PATH "
        "(default: found next to it)")
    add("--driver", default="ours", metavar="ours|stock|none|PATH.ko",
        help="hv_netvsc to load (default ours, built first)")
    add("--cpus", type=count(1, 64), default=2, metavar="N")
    add("--nodes", type=count(1, 8), default=1, metavar="N",
        help="NUMA nodes that have the CPUs and the memory (default 1)")
    add("--memory", type=count(128, 65536), metavar="MIB",
        help="default 512, for a debug kernel 1024")
    add("--host", choices=("ws2012r2", "ws2016", "ws2019", "ws2022", "azure"),
        help="generation of the host (default hvhost's)")
    add("--nic", action="append", default=[], metavar="KEY=VALUE,...",
        help="a NIC (repeatable; default one with a TAP; 'none' for no NIC)")
    add("--append", action="append", default=[], metavar="'OPTIONS'",
        help="kernel options (repeatable)")
    add("--allow", action="append", default=[], choices=("stock",),
        help="accept what that driver is known to do against the protocol "
        "(for --driver stock always)")
    add("--file", action="append", default=[], metavar="SRC[:DST]",
        help="copy into the guest (repeatable; default DST /root/NAME)")
    add("--timeout", type=count(1, 86400), metavar="SECONDS",
        help="limit for the guest's whole life (default 300, debug kernel 900)")
    add("--silence", type=count(1, 86400), metavar="SECONDS",
        help="a guest that says nothing for so long has hung: an NMI makes its "
        "kernel say where, and it ends")
    add("--console", metavar="FILE", help="keep the serial console's text")
    add("--with-kernel", action="store_true",
        help="put the kernel's image into the guest, /lab/kernel, for kexec")
    add("--no-net", action="store_true", help="leave the interface alone")
    add("--level", choices=("auto", "kvm", "nested"), default="auto",
        help="on this machine's KVM or nested in QEMU (default: what works)")
    add("--verbose", action="store_true", help="say where the time went")
    add("--version", action="version", version=f"guest {VERSION}")
    return top


def parse(argv):
    """Options before `--`, the command after it."""
    command = []
    if "--" in argv:
        cut = argv.index("--")
        argv, command = argv[:cut], argv[cut + 1:]
    args = parser().parse_args(argv)
    args.command = command
    return args


def main(argv):
    """Entry."""
    args = parse(argv)
    ui = Ui("guest", args.verbose)
    if not args.command and not sys.stdin.isatty():
        ui.say("no command given and standard input is no terminal; "
               "say what to run after --")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return guest.run(args, Lab(ui))
    except UsageError as error:
        ui.say(f"{error}; see --help")
        return 2
    except LabError as error:
        ui.say(str(error))
        return job.LAB_FAILED
    except BrokenPipeError:
        return 141
    except (OSError, subprocess.CalledProcessError) as error:
        # A full disk, a tool that failed: not the guest's doing.
        ui.say(f"preparing the guest: {error}")
        return job.LAB_FAILED
    except KeyboardInterrupt:
        return 130
