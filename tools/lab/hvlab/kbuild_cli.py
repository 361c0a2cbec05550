# SPDX-License-Identifier: GPL-2.0
"""tools/lab/kbuild: the driver for one kernel, or for all."""

import argparse
import re

from . import VERSION, kbuild, kernel, kernels
from .lab import Lab
from .ui import LabError, Ui


def parser():
    """The command line."""
    top = argparse.ArgumentParser(
        prog="kbuild", description="Build hv_netvsc.ko for kernels that the lab "
        "knows, into build/KERNEL/ of the checkout.", usage="kbuild [OPTION]... "
        "[VARIABLE=VALUE]...", epilog="exit status: 0 built, 1 at least one was "
        "not, 2 wrong usage. example: tools/lab/kbuild --kernel 6.12 W=1")
    which = top.add_mutually_exclusive_group()
    which.add_argument("--kernel", default=kernel.DEFAULT, metavar="NAME|PATH",
                       help=f"{', '.join(kernels.names())} or a kernel's image "
                       f"(default {kernel.DEFAULT})")
    which.add_argument("--all", action="store_true", help="each kernel that "
                       "Debian has, not those built here")
    which.add_argument("--list", action="store_true",
                       help="print the names of those and build nothing")
    top.add_argument("--strict", action="store_true", help="build anew, and take "
                     "any message of compiler, linker or sparse for a failure")
    top.add_argument("words", nargs="*", metavar="VARIABLE=VALUE",
                     help="for the kernel's make: W=1, C=1, CHECK=...")
    top.add_argument("--version", action="version", version=f"kbuild {VERSION}")
    return top


def main(argv):
    """Entry."""
    args = parser().parse_args(argv)
    bad = [word for word in args.words if not re.match(r"[A-Za-z_]+=", word)]
    ui = Ui("kbuild")
    theirs = [row.name for row in kernels.TABLE]
    if args.list:
        print(*theirs, sep="\n")
        return 0
    if bad:
        ui.say(f"{bad[0]}: not VARIABLE=VALUE; see --help")
        return 2
    lab, failed = Lab(ui), False
    for name in theirs if args.all else [args.kernel]:
        try:
            built = kbuild.module(lab, lab.kernel(name), args.words, args.strict)
        except LabError as error:
            ui.say(str(error))
            failed = True
        else:
            print(f"{name}: {built}")
    return 1 if failed else 0
