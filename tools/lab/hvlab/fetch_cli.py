# SPDX-License-Identifier: GPL-2.0
"""tools/lab/fetch: the cache by hand, and paths in it for Makefiles."""

import argparse
import shutil

from . import VERSION, build, distroot, kernel, kernels, level, source, userland
from .lab import Lab
from .ui import LabError, Ui


def _all(lab, _args):
    """Everything that `make test` will need, so that it need not wait."""
    chosen = lab.kernel()
    userland.base_image(chosen, lab.cache, lab.archive, lab.ui)
    build.programs(lab.cache)
    if level.choose("auto")[0] == "nested":
        lab.boot()
    lab.ui.say(f"kernel {chosen.version} and all else is in {lab.cache.root}")


def _kdir(lab, args):
    headers = lab.kernel(args.kernel, args.modules).headers
    if not headers:
        raise LabError(f"--kernel {args.kernel}", "it has no headers")
    print(headers)


def _checkpatch(lab, _args):
    print(source.checkpatch(lab))


def _distroot(lab, args):
    print(distroot.root(lab, args.release))


def _clean(lab, _args):
    shutil.rmtree(lab.cache.root)
    lab.ui.say(f"removed {lab.cache.root}")


VERBS = {"all": _all, "kdir": _kdir, "checkpatch": _checkpatch,
         "distroot": _distroot, "clean": _clean}


def parser():
    """The command line."""
    top = argparse.ArgumentParser(
        prog="fetch", description="Fill the lab's cache (HVLAB_CACHE, default "
        "~/.cache/hv_netvsc) from the archive of the machine's own apt. Nothing "
        "is installed.", epilog="example: make KDIR=$(tools/lab/fetch kdir)")
    top.add_argument("what", nargs="?", choices=sorted(VERBS), default="all",
                     help="all: everything; kdir: print the directory to build "
                     "modules against; checkpatch: print the script's path; "
                     "distroot: print a root with a release's kernels and DKMS, "
                     "made as root; "
                     "clean: empty the cache")
    top.add_argument("--kernel", default=kernel.DEFAULT, metavar="NAME|PATH")
    top.add_argument("--modules", metavar="DIR")
    top.add_argument("--release", choices=kernels.releases(),
                     default=kernels.OLDEST.release, help="for distroot")
    top.add_argument("--version", action="version", version=f"fetch {VERSION}")
    return top


def main(argv):
    """Entry."""
    args = parser().parse_args(argv)
    ui = Ui("fetch")
    try:
        VERBS[args.what](Lab(ui), args)
    except LabError as error:
        ui.say(str(error))
        return 125
    ui.done()
    return 0
