#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of what a strict build fails for: strict_builds_hear_every_message.sh runs them.

The lines are those of builds with such faults planted, each of one tool.
"""

import sys
import unittest
from pathlib import Path
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab"))
from hvlab import kbuild, ui	# pylint: disable=wrong-import-position

# Of the compiler, in both styles of quotes, for the kernels 7.3 and 6.1.
COMPILER = (
    "netvsc_xsk.c:168:13: warning: unused variable 'unused' [-Wunused-variable]",
    "/x/build/6.1-strict/netvsc_xsk.c:173:5: warning: no previous prototype for "
    "‘planted_b’ [-Wmissing-prototypes]",
    "netvsc_xsk.c:12:2: error: 'x' undeclared (first use in this function)",
)
SPARSE = (
    "netvsc_xsk.c:170:21: warning: restricted __be32 degrades to integer",
    "netvsc_xsk.c:173:5: warning: symbol 'planted_b' was not declared. Should it be "
    "static?",
    "netvsc_xsk.c:170:17: warning: dereference of noderef expression",
    "/x/build/6.1-strict/netvsc_xsk.c:173:5: warning: context imbalance in 'planted_b' "
    "- wrong count at exit",
    "netvsc_xsk.c:170:17: error: undefined identifier 'x'",
)
OTHERS = (
    "hv_netvsc.o: warning: objtool: planted_b() falls through to next function",
    "WARNING: modpost: missing MODULE_DESCRIPTION() in hv_netvsc.o",
    'ERROR: modpost: "planted" [/x/build/7.3/hv_netvsc.ko] undefined!',
    "netvsc.c:(.text+0x12): undefined reference to `planted'",
    "make[2]: *** [scripts/Makefile.build:250: netvsc.o] Error 1",
    "/bin/sh: 1: sparse: not found",
)
# What an unharmed tree has as well, in a root without the kernel's own compiler.
NOISE = (
    "Skipping BTF generation for /x/build/6.1/hv_netvsc.ko due to unavailability of "
    "vmlinux",
    "warning: the compiler differs from the one used to build the kernel",
    "  The kernel was built by: gcc-12 (Debian 12.2.0-14) 12.2.0",
    "  You are using:           gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0",
)


class Messages(unittest.TestCase):
    """Lines of a build."""

    def test_each_is_one(self):
        """Compiler, sparse and the others; also in the middle of noise."""
        for line in (*COMPILER, *SPARSE, *OTHERS):
            with self.subTest(line=line):
                self.assertEqual(kbuild.messages("\n".join((*NOISE, line, *NOISE))),
                                 [line])

    def test_noise_is_none(self):
        """Nor is a build that says nothing."""
        self.assertEqual(kbuild.messages("\n".join(NOISE)), [])
        self.assertEqual(kbuild.messages(""), [])


class Strict(unittest.TestCase):
    """The build that hears them."""

    def build(self, said, strict):
        """A build of which make says SAID."""
        kernel = mock.Mock(version="7.3.4", headers=Path("/x"))
        kernel.row.name = "7.3"
        lab = mock.MagicMock()
        with (mock.patch.object(kbuild, "_make", return_value=said),
              mock.patch.object(kbuild, "_link_sources"),
              mock.patch.object(kbuild.shutil, "rmtree")):
            return kbuild.module(lab, kernel, ["W=1", "C=1"], strict)

    def test_fails(self):
        """By a warning of the compiler, or one of sparse, and it is shown."""
        for line in (COMPILER[0], SPARSE[0], SPARSE[-1]):
            with self.subTest(line=line), self.assertRaises(ui.LabError) as caught:
                self.build(f"{NOISE[0]}\n{line}\n", True)
            self.assertIn(line, str(caught.exception))

    def test_passes(self):
        """With noise alone; and any other build with messages, too."""
        self.assertEqual(self.build("\n".join(NOISE), True).name, kbuild.MODULE)
        self.assertEqual(self.build(COMPILER[0], False).name, kbuild.MODULE)


if __name__ == "__main__":
    unittest.main()
