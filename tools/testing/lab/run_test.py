#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the test runner: failed_tests_are_tried_again_once.sh runs them."""

import argparse
import contextlib
import dataclasses
import importlib.machinery
import importlib.util
import io
import math
import sys
import tempfile
import types
import unittest
from pathlib import Path

RUN = Path(__file__).resolve().parents[1] / "run"


def load():
    """The runner, as a module."""
    loader = importlib.machinery.SourceFileLoader("run", str(RUN))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("run", loader))
    loader.exec_module(module)
    return module


sys.dont_write_bytecode = True
run = load()
TEST = "ping_v4_without_loss"


class TriedAgain(unittest.TestCase):
    """What a run makes of a test that fails."""

    def setUp(self):
        self.results = run.Results()
        args = argparse.Namespace(long=False, pattern=TEST, drivers=None,
                                  kernels=["7.3"])
        self.boot = run.Boot("ours", "6.1", "base", [], args, math.inf)
        self.name = f"{self.boot.prefix}/{TEST}"
        # What tools/lab/guest ends with, and says besides, boot by boot.
        self.statuses, self.said = [], []

    def boots(self, *said):
        """Run the boot, whose guests say SAID one after the other."""
        said = list(said)

        def guest(_words, reader, stderr, *_, **_more):
            for line in said.pop(0):
                reader.feed(line)
            if self.said:
                stderr.write(self.said.pop(0))
            return self.statuses.pop(0) if self.statuses else 1
        run.follow = guest
        with (contextlib.redirect_stdout(io.StringIO()) as out,
              contextlib.redirect_stderr(io.StringIO())):
            run.run_group(self.results, self.boot)
            run.retry(self.results, self.boot.end)
        self.assertEqual(said, [])
        return out.getvalue()

    def end(self):
        """What the end says about it."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.results.print_failed("passed", self.results.retried)
            self.results.print_failed("failed", self.results.failed)
        return out.getvalue()

    def expect(self, passed, failed, retried):
        """How the test must have ended."""
        self.assertEqual(self.results.counts["passed"], passed)
        self.assertEqual(self.results.failed, [self.name] * failed)
        self.assertEqual(self.results.retried, [self.name] * retried)

    def test_passes_at_once(self):
        """Once is enough."""
        self.boots([f"ok 1 {TEST}"])
        self.expect(1, 0, 0)

    def test_passes_alone(self):
        """Named, and what it said at first is shown."""
        said = self.boots(["# too slow", f"not ok 1 {TEST}"], [f"ok 1 {TEST}"])
        self.assertIn("# too slow", said)
        self.expect(1, 0, 1)
        self.assertIn(f"# passed: {self.name}\n#   # too slow\n", self.end())

    def test_fails_twice(self):
        """No third time."""
        self.boots(*[["# too slow", f"not ok 1 {TEST}"]] * 2)
        self.expect(0, 1, 0)
        self.assertEqual(self.end().count("#   # too slow\n"), 2)

    def test_skipped_is_not_passed(self):
        """What means nothing alone did fail."""
        self.boots([f"not ok 1 {TEST}"], [f"ok 1 {TEST} # SKIP why"])
        self.expect(0, 1, 0)

    def test_lab_fails_first(self):
        """Before the first test that is no test's failure, and tried again."""
        self.statuses = [run.job.LAB_FAILED]
        self.said = ["guest: copying: no answer\n"]
        said = self.boots([], [f"ok 1 {TEST}"])
        self.assertIn("(copying: no answer)", said)
        self.expect(1, 0, 0)

    def test_lab_fails_later(self):
        """Once a guest spoke, what ends it may be the driver's doing."""
        self.statuses = [run.job.LAB_FAILED]
        self.boots(["KTAP version 1"])
        self.expect(0, 1, 0)

    def test_lab_fails_always(self):
        """The first test pays for it in the end."""
        self.statuses = [run.job.LAB_FAILED] * (run.MOST_REPEATS + 1)
        self.boots(*[[]] * min(run.MOST_REPEATS + 1, run.MOST_BOOTS))
        self.assertEqual(self.results.counts["failed"], 1)

    def test_violation_outside_of_tests(self):
        """It is not lost when a test has failed and passes alone."""
        self.said = [f"guest: {run.job.BROKE}: what\n"]
        self.boots([f"not ok 1 {TEST}"], [f"ok 1 {TEST}"])
        self.assertEqual(self.results.failed, [f"{self.boot.prefix}/guest_ends_well"])

    def test_tried_driver_gets_another_guest(self):
        """What a test that failed has left behind is not the next one's."""
        self.boot.is_tried, self.boot.last = True, True
        self.boot.most_boots, self.boot.tests = 2, [TEST, "next"]
        self.boot.limits = lambda tests: [90] * len(tests)
        self.boots([f"not ok 1 {TEST}"], ["ok 1 next"])
        self.expect(1, 1, 0)

    def test_complaints_are_final(self):
        """What the kernel or the host saw is not tried again."""
        for line in ("# the kernel complained:", "# violations of the protocol:",
                     "# even a kill does not end it"):
            self.setUp()
            self.boots([line, f"not ok 1 {TEST}"])
            self.expect(0, 1, 0)

    def test_death_is_final(self):
        """A guest that ends without the test's result."""
        self.boots([])
        self.expect(0, 1, 0)

    def test_many_are_no_accident(self):
        """Those beyond the limit fail at once."""
        self.results.doubtful = [("other", None)] * run.MOST_RETRIED
        self.assertFalse(self.results.doubt(self.name, [], None))

    def test_no_time_is_left(self):
        """Not tried again means failed."""
        with contextlib.redirect_stdout(io.StringIO()):
            self.results.doubt(self.name, [], lambda end: run.run_again(
                self.results, self.boot, TEST, end))
            run.retry(self.results, 0)
        self.expect(0, 1, 0)

    def test_no_time_at_all(self):
        """Whatever is left out is named; one group must not be."""
        for may_wait, failed in ((True, []),
                                 (False, [f"{self.boot.prefix}/all_had_time"])):
            self.setUp()
            self.assertFalse(self.boot.may_wait)
            self.boot.may_wait, self.boot.end = may_wait, 0
            said = self.boots()
            self.assertIn(f"no time was left for {self.boot.prefix}: {TEST}", said)
            self.assertEqual(self.results.failed, failed)
            self.assertEqual(len(self.results.left_out), 1)

    def test_lab_test_passes_alone(self):
        """The lab's own run beside guests at first, too."""
        said = ["not ok", "ok"]

        def script(_words, reader, *_, **_more):
            reader.feed(f"{said.pop(0)} 1 panic_gives_126")
        run.follow = script
        with contextlib.redirect_stdout(io.StringIO()):
            run.run_lab(self.results, run.lab_tests("lab/panic_gives_126"))
            self.assertEqual(self.results.number, 0)
            run.retry(self.results, math.inf)
        self.assertEqual(self.results.retried, ["lab/panic_gives_126"])
        self.assertEqual(self.results.counts, {"passed": 1})


class Turns(unittest.TestCase):
    """Groups that one of two kernels leaves to the other."""

    def groups(self, kernel, wanted, **more):
        """Names of the groups that KERNEL is to run among WANTED."""
        args = argparse.Namespace(long=False, pattern="", kernels=wanted,
                                  drivers=None)
        vars(args).update(more)
        return {group.name for group in run.groups(kernel, args)}

    def test_one_of_two(self):
        """Each group with the mark of one kernel."""
        both = ["6.1", "7.3"]
        self.assertIn("nvsp2", self.groups("6.1", both))
        self.assertNotIn("nvsp2", self.groups("7.3", both))
        self.assertIn("nvsp4", self.groups("7.3", both))
        self.assertNotIn("nvsp4", self.groups("6.1", both))

    def test_all(self):
        """One kernel, a third one, on request, and in the long run."""
        self.assertIn("nvsp4", self.groups("6.1", ["6.1"]))
        self.assertIn("nvsp4", self.groups("6.12", ["6.1", "6.12", "7.3"]))
        self.assertIn("nvsp4", self.groups("debug", ["6.1", "7.3", "debug"]))
        for more in ({"long": True}, {"pattern": "/nvsp4/"}):
            self.assertIn("nvsp4", self.groups("6.1", ["6.1", "7.3"], **more))

    def test_variations(self):
        """Those of one kernel, and no others."""
        args = argparse.Namespace(long=False, pattern="", kernels=["6.1", "7.3"],
                                  drivers=None)
        variations = {group.name: group.variation for group in run.groups("7.3", args)}
        self.assertTrue(variations["nvsp4"])
        self.assertFalse(variations["vf"])


class AtOnce(unittest.TestCase):
    """How many guests share the machine."""

    def test_debug_kernels_are_alone(self):
        """Each of them, but not a run that is of others as well."""
        self.assertEqual(run.guests_at_once(["debug"]), 1)
        self.assertEqual(run.guests_at_once(["debug", "debug-6.1"]), 1)
        self.assertGreater(run.guests_at_once(["6.1", "debug"]), 1)
        self.assertGreater(run.guests_at_once([]), 1)


class DebugKernel(unittest.TestCase):
    """Whether the time that is left is enough for the debug kernel."""

    # Too little to build it as well.
    LEFT_S = run.DEBUG_RUN_S + run.RETRY_S + 1

    def setUp(self):
        root = tempfile.TemporaryDirectory()
        self.addCleanup(root.cleanup)
        self.cache = run.Cache(root.name)
        self.addCleanup(setattr, run, "Cache", run.Cache)
        run.Cache = lambda: self.cache

    def built(self, name):
        """The directory of kernel NAME, built by the lab's recipe from sources here."""
        row = run.kernels.row(name)
        lab = types.SimpleNamespace(
            cache=self.cache, ui=None,
            archive_of=lambda release: types.SimpleNamespace(release=release))
        sources = run.debugkernel.source.path(row.source, row.release, self.cache)
        sources.mkdir(exist_ok=True)
        (sources / "Makefile").write_text(f"# {row.source}\n", encoding="ascii")
        # By tree() itself, so that both mean the same directory.
        made = []
        self.cache.item = lambda name, key, build: (
            made.append(self.cache.path(f"{name}-{key}")) if name.startswith("kernel")
            else sources)
        run.debugkernel.tree(row, lab)
        made[0].mkdir()
        return made[0]

    def test_cached(self):
        """Then nothing has to be built."""
        self.built("debug")
        self.assertTrue(run.debug_fits(self.LEFT_S))
        self.assertFalse(run.debug_fits(self.LEFT_S - 2))

    def test_not_cached(self):
        """Neither it nor its sources, its sources alone, or one of an old recipe."""
        self.assertFalse(run.debug_fits(self.LEFT_S))
        built = self.built("debug")
        built.rename(built.with_name("kernel-debug-0123456789ab"))
        self.assertFalse(run.debug_fits(self.LEFT_S))
        self.assertTrue(run.debug_fits(self.LEFT_S + run.DEBUG_BUILD_S))

    def test_only_the_oldest_is_cached(self):
        """The debug kernel of another series is not the one that is run."""
        self.built("debug-6.1")
        self.assertFalse(run.debug_fits(self.LEFT_S))


class LastLook(unittest.TestCase):
    """What is looked at when all others have run."""

    def looks(self, group):
        """Those of the debug kernel's guest of GROUP."""
        args = argparse.Namespace(long=True, pattern="", kernels=["debug"],
                                  drivers=None)
        return run.Boot("ours", "debug", group, [], args, math.inf).tests

    def test_in_every_group(self):
        """Leaks and violations: for each group that has tests, and last."""
        args = argparse.Namespace(long=True, pattern="", kernels=["debug"],
                                  drivers=None)
        names = [group.name for group in run.groups("debug", args)]
        self.assertIn("xdp", names)
        for name in names:
            with self.subTest(group=name):
                self.assertEqual(self.looks(name)[-2:],
                                 ["zz_no_memory_leaks", "zz_no_violations"])


class Once(unittest.TestCase):
    """A long test that has little to do with the kernel."""

    TEST = "late_open_is_waited_for"

    def runs(self, kernel, wanted, **more):
        """Whether KERNEL runs it, of all that are WANTED."""
        args = argparse.Namespace(**{"long": False, "pattern": "", "kernels": wanted,
                                     "drivers": None, **more})
        return self.TEST in run.Boot("ours", kernel, "settings", [], args,
                                     math.inf).tests

    def test_one_of_two(self):
        """The one that it names; each that is alone, the debug kernel, the long run."""
        both = ["6.1", "7.3"]
        self.assertTrue(self.runs("6.1", both))
        self.assertFalse(self.runs("7.3", both))
        self.assertTrue(self.runs("7.3", ["7.3"]))
        self.assertTrue(self.runs("debug", [*both, "debug"]))
        self.assertTrue(self.runs("7.3", both, long=True))
        self.assertTrue(self.runs("7.3", both, pattern=self.TEST))


class Since(unittest.TestCase):
    """Tests of what older kernels do not have."""

    # Of the group base, queues, switch_driver and xdp.
    TESTS = {"base": "batches_are_what_was_asked_for",
             "queues": "queues_are_shown_by_netlink",
             "switch_driver": "uio_takes_the_card_and_gives_it_back",
             "xdp": "xdp_says_what_the_card_says"}

    def runs(self, kernel):
        """Which of them KERNEL runs, each in a group of its."""
        args = argparse.Namespace(long=False, pattern="", kernels=[kernel],
                                  drivers=None)
        return {test for group, test in self.TESTS.items() if test in
                run.Boot("ours", kernel, group, [], args, math.inf).tests}

    def test_by_series(self):
        """None of them on 6.1, be it with checks, all on the others."""
        wanted = {"6.1": set(), "debug-6.1": set()}
        for kernel in run.kernels.names():
            with self.subTest(kernel=kernel):
                self.assertEqual(self.runs(kernel),
                                 wanted.get(kernel, set(self.TESTS.values())))

    def test_a_further_kernel_has_them(self):
        """A new line in the lab's table is all that it takes; 10 is more than 9."""
        table = run.kernels.TABLE
        self.addCleanup(setattr, run.kernels, "TABLE", table)
        for name, wanted in (("7.10", set(self.TESTS.values())), ("6.9", set())):
            run.kernels.TABLE = (*table, dataclasses.replace(table[-1], name=name))
            with self.subTest(kernel=name):
                self.assertEqual(self.runs(name), wanted)


class OtherDriver(unittest.TestCase):
    """--driver: tests that are about the other one as well."""

    def boot(self, drivers):
        """A guest of the distribution's driver, in a group that is about ours."""
        args = argparse.Namespace(long=False, pattern="", kernels=["7.3"],
                                  drivers=drivers)
        driven = {group.name: group.drivers for group in run.groups("7.3", args)}
        return driven["vf"], run.Boot("stock", "7.3", "vf", [], args, math.inf)

    def test_asked_for(self):
        """All tests, each with a boot of its own if it must be."""
        drivers, boot = self.boot(["stock"])
        self.assertEqual(drivers, ["stock"])
        self.assertIn("vf_switch_may_fail", boot.tests)
        self.assertEqual(boot.most_boots, len(boot.tests))

    def test_as_the_heads_say(self):
        """Not in the group, nor in a test whose head names ours."""
        drivers, boot = self.boot(None)
        self.assertEqual(drivers, ["ours"])
        self.assertNotIn("vf_switch_may_fail", boot.tests)
        self.assertEqual(boot.most_boots, run.MOST_BOOTS)


class EmulatorFaults(unittest.TestCase):
    """Which ends of a guest are not the guest's."""

    NESTED = "guest: running nested in QEMU\n"
    HUNG = NESTED + "hvhost: guest hung: not a word for 90 s, no panic after an NMI\n"
    GONE = "ssh: connect to host 127.0.0.1 port 41217: Connection refused\n"
    PANIC = "[ 1.0] Kernel panic - not syncing: NMI: Not continuing\n"
    ASKED = "[ 1.0] Sending NMI from CPU 1 to CPUs 0,2-3:\n"
    # The one that panicked had more to say than the lab waits for.
    CRASHED = (NESTED + "hvhost: not a word for 90 s: an NMI asks the guest\n" + PANIC
               + ASKED + "hvhost: guest crashed: panic\n")
    STALL = "[ 1.0] rcu: INFO: rcu_preempt detected stalls\n"

    @staticmethod
    def answers(*cpus):
        """What those say that take an NMI."""
        return "".join(f"[ 1.1] NMI backtrace for cpu {cpu}\n" for cpu in cpus)

    def test_they_are(self):
        """Nobody said a word, or the one that did asked the others in vain."""
        for said in (self.NESTED + "hvhost: guest crashed: triple fault",
                     self.NESTED + self.GONE,
                     self.HUNG, self.HUNG + self.PANIC + self.ASKED, self.CRASHED,
                     self.HUNG + self.STALL + self.answers(1) + self.PANIC + self.ASKED,
                     self.HUNG + self.PANIC + self.ASKED + self.answers(0, 3)):
            self.assertTrue(run.is_emulator_fault(said), said)

    def test_they_are_not(self):
        """The kernel complained, the others answered, or the CPU was a real one."""
        for said in (self.NESTED + "hvhost: guest crashed: triple fault\nOops: 1",
                     self.GONE, self.NESTED + "BUG: sleeping\n" + self.GONE,
                     self.HUNG + "BUG: sleeping", self.HUNG + self.PANIC,
                     self.HUNG + self.PANIC + self.ASKED + "WARNING: CPU: 1",
                     self.HUNG + self.PANIC + self.ASKED + self.answers(0, 2, 3),
                     self.CRASHED + self.answers(0, 2, 3),
                     self.NESTED + "rcu: INFO: rcu_preempt detected stalls",
                     self.HUNG.replace(self.NESTED, "")):
            self.assertFalse(run.is_emulator_fault(said), said)


if __name__ == "__main__":
    unittest.main()
