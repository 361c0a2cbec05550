# SPDX-License-Identifier: GPL-2.0
"""The machines of a benchmark: a first level of its own, and one guest in it."""

import os
import shutil
import subprocess
import threading
import time
from dataclasses import replace

from hvlab import guest, guest_cli, job, l1, level, place, userland
from hvlab.cache import checkout, hash_of
from hvlab.ui import LabError

from . import BenchError, counts, marks, symbols

HERE = "tools/bench"
# How often the two kernels may come to lie at the same addresses.
TRIES = 8
# Its clock is watched for so long, and may be wrong by this factor.
CLOCK_S, CLOCK_FACTOR = 5, 2
# A guest's first words take minutes on a busy machine; its own limit is 600 s.
STALL_S = 900
GUEST_MODULES = 0xffffffffc0000000
# Where a guest's kernel will lie, before one has run: generous. Newer ones put modules
# into large pages, the first of which come later.
GUEST_CODE = [(0xffffffff81000000, 0xffffffff83000000),
              (GUEST_MODULES, GUEST_MODULES + 0x180000),
              (GUEST_MODULES + 0x600000, GUEST_MODULES + 0x800000)]


def built(cache, name, flags, files):
    """A program or library from C files below tools/bench, built once."""
    sources = [checkout() / HERE / file for file in files]
    words = ["gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", *flags]

    def compile_it(made):
        done = subprocess.run(
            [*words, "-o", made / name, *(path for path in sources
                                         if path.suffix == ".c")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise BenchError(f"compiling {name}", done.stdout[-2000:],
                             "tools/setup --bench installs what it needs")

    return cache.item(f"bench-{name}", hash_of(*words, *sources), compile_it) / name


def plugin(cache):
    """The counting plugin."""
    return built(cache, "icount.so", ("-fPIC", "-shared", "-fvisibility=hidden"),
                 ("plugin/icount.c", "plugin/qemu_plugin_abi.h", "load/mark.h"))


def load(cache):
    """The program that makes the traffic, for the guest and for the peer."""
    names = sorted(path.name for path in (checkout() / HERE / "load").iterdir())
    return built(cache, "load", ("-static",), [f"load/{name}" for name in names])


def programs(cache):
    """A directory with the BPF programs of the XDP rows."""
    source = checkout() / HERE / "bpf/verdicts.bpf.c"
    machine = subprocess.run(["gcc", "-print-multiarch"], stdout=subprocess.PIPE,
                             text=True, check=True).stdout.strip()
    words = ["clang", "-O2", "-g", "-Wall", "-Werror", "--target=bpf",
             f"-I/usr/include/{machine}"]

    def compile_it(made):
        done = subprocess.run([*words, "-c", "-o", made / "verdicts.o", source],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if done.returncode:
            raise BenchError("compiling the BPF programs", done.stdout[-2000:],
                             "tools/setup --bench installs what it needs")

    return cache.item("bench-bpf", hash_of(*words, source), compile_it)


class CountingLevel(place.FirstLevel):
    """A first-level machine with the plugin, shared with nobody."""

    def __init__(self, lab, shape, ui):
        # pylint: disable=super-init-not-called # that one leases a shared one
        self.slot = l1.Slot(lab.cache, f"bench-{os.getpid()}")
        self.slot.try_lease()
        self.dir = f"/run/job-{os.getpid()}"
        self.counts = self.slot.dir / "counts"
        boot = lab.boot()
        words = ["-plugin", f"{plugin(lab.cache)},out={self.counts}"]
        boot = replace(boot, qemu=[*boot.qemu, *words])
        try:
            self._start_apart(boot, shape, ui)
        except BaseException:
            self.end()
            raise

    def _start_apart(self, boot, shape, ui):
        """Until its kernel does not lie where the guest's will."""
        for number in range(TRIES):
            ui.progress(f"booting a first-level machine that counts ({number + 1})")
            self.slot.start(boot, shape, os.getpid())
            self.state = self.slot.state()
            ui.done()
            self.code = self._code()
            if (self._clock_is_right()
                    and not symbols.overlap(self.code, GUEST_CODE)):
                return
            self.slot.stop()
        raise BenchError("booting the first-level machine", "its kernel lay where the "
                         f"guest's lies, or its clock was wrong, {TRIES} times",
                         "try again when the machine is less busy")

    def _clock_is_right(self):
        """Seen on a busy machine: calibrated wrongly, it runs many times too fast."""
        start, first = time.monotonic(), self._uptime()
        time.sleep(CLOCK_S)
        took, counted = time.monotonic() - start, self._uptime() - first
        return took / CLOCK_FACTOR < counted < took * CLOCK_FACTOR

    def _uptime(self):
        done = self._ssh(["cat /proc/uptime"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, text=True)
        return float(done.stdout.split()[0])

    def _code(self):
        """[(begin, end)] of its kernel's code."""
        done = self._ssh(["cat /proc/kallsyms"], stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, text=True)
        return symbols.ranges(symbols.parse(done.stdout))

    def close(self, suspect):
        """The guest has ended."""

    def stop(self):
        """End the machine, whatever it does."""
        self.slot.stop()

    def end(self):
        """End the machine and remove what it left."""
        self.slot.stop()
        self.slot.drop()
        shutil.rmtree(self.slot.dir, ignore_errors=True)


def open_place(args, lab):
    """(where to run the guest, whether instructions are counted there)."""
    chosen, reason = level.choose(args.level)
    if chosen == "kvm":
        lab.ui.say(f"running on this machine's KVM ({reason}): no instructions")
        return place.Here(userland.root(lab.cache, lab.archive, lab.ui))
    lab.ui.say(f"running nested in QEMU ({reason}): instructions are counted")
    return CountingLevel(lab, l1.Shape.for_guest(args.cpus, args.memory), lab.ui)


def guest_words(args, program, bpf):
    """What tools/lab/guest would be told."""
    top = checkout() / HERE
    return ["--kernel", args.kernel, "--allow", "stock", "--cpus", str(args.cpus),
            "--level", args.level, "--timeout", str(args.timeout),
            "--silence", "600", "--nic", "mtu=1500,vf=later", "--nic", "mtu=1500",
            "--file", f"{program}:/usr/bin/load", "--file", f"{top}/guest:/bench",
            "--file", f"{bpf}:/bench/bpf",
            "--", "sh", "/bench/bench-guest", str(args.rounds),
            str(args.work), *args.rows]


def run(args, lab, reader):
    """Run the guest; READER follows it.

    Returns ([Instructions or None] by section, None or what went wrong: the
    sections that had ended by then count all the same).
    """
    program = load(lab.cache)
    words = guest_cli.parse(guest_words(args, program, programs(lab.cache)))
    wanted = guest.prepare(words, lab)
    wanted.peer_program, wanted.peer_words = program, ["serve"]
    where = open_place(words, lab)
    try:
        problem = boot(wanted, where, lab, reader)
        if problem and not reader.complete():
            raise problem
        if isinstance(where, CountingLevel):
            return instructions(where, reader, problem), problem
        return [None] * len(reader.complete()), problem
    finally:
        if isinstance(where, CountingLevel):
            where.end()
        else:
            where.close()


class Watch:
    """Ends a first-level machine from which nothing comes any more.

    Seen on a busy machine: it stood still, with its processors idle.
    """

    def __init__(self, where, feed):
        self.where, self.feed = where, feed
        self.timer = None

    def __enter__(self):
        self._arm()
        return self

    def __exit__(self, *_):
        self.timer.cancel()

    def _arm(self):
        if self.timer:
            self.timer.cancel()
        self.timer = threading.Timer(STALL_S, self.where.stop)
        self.timer.daemon = True
        self.timer.start()

    def output(self, data):
        """What the guest said."""
        self._arm()
        self.feed(data)


def boot(wanted, where, lab, reader):
    """The guest's whole life; returns what went wrong, if anything did."""
    try:
        if isinstance(where, CountingLevel):
            with Watch(where, reader.feed) as watch:
                outcome = guest.boot(wanted, where, lab, watch.output)
        else:
            outcome = guest.boot(wanted, where, lab, reader.feed)
    except LabError as error:
        return BenchError(error.what, error.why, error.hint or "try again")
    status, lines = job.verdict(outcome)
    if reader.done and not status:
        return None
    why = reader.failure or "\n".join(line for line in lines if line)
    return BenchError("running the guest", why or f"it ended with {status}",
                      "its last words were\n" + "\n".join(reader.other[-20:]))


def instructions(where, reader, problem):
    """The Instructions of each section, from the plugin's file."""
    counter = counts.Counter(reader.symbols["kernel"])
    sections = reader.complete()
    modules = {section.module for section in sections}
    if any(symbols.overlap(counter.ranges(module), where.code)
           for module in modules):
        raise BenchError("telling guest and first level apart", "their kernels lie at "
                         "the same addresses", "try again")
    found, number = [], -1
    with open(where.counts, "rb") as file:
        for number, rows in enumerate(marks.read(file)):
            if number % 2 and len(found) < len(sections):
                found.append(counter.count(sections[len(found)].module, rows))
    wanted = 2 * len(sections)
    if number + 1 < wanted or (number + 1 > wanted and not problem):
        raise BenchError("reading the counts", f"{number + 1} marks came from "
                         f"{len(sections)} sections", "try again")
    return found
