# SPDX-License-Identifier: GPL-2.0
"""What the person sees: errors, progress, and where the time went."""

import os
import sys
import time


class LabError(Exception):
    """The laboratory could not do its work (exit status 125).

    what: the thing that was attempted, why: what came instead,
    hint: what to do about it.
    """

    def __init__(self, what, why, hint=None):
        self.what, self.why, self.hint = what, why, hint
        super().__init__(f"{what}: {why}" + (f"; {hint}" if hint else ""))


class Ui:
    """Progress on stderr (only when it is a terminal) and a timeline."""

    def __init__(self, tool, verbose=False):
        self.tool = tool
        self.verbose = verbose
        self.tty = sys.stderr.isatty()
        self.start = time.monotonic()
        self.marks = []
        self.on_line = False

    def say(self, text):
        """One line that is always shown."""
        self._clear()
        print(f"{self.tool}: {text}", file=sys.stderr, flush=True)

    def progress(self, text):
        """A long step begins: a line that the next message replaces."""
        if not self.tty:
            return
        width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
        line = f"{self.tool}: {text} ..."[:width - 1]
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        self.on_line = True

    def done(self):
        """The step shown by progress() is over."""
        self._clear()

    def long_step(self, text):
        """A step that takes minutes: shown in a log file as well."""
        if self.tty:
            self.progress(text)
        else:
            self.say(text)

    def mark(self, what):
        """Remember when something was reached, for --verbose."""
        self.marks.append((time.monotonic() - self.start, what))

    def timeline(self):
        """Print the marks, each with the time since the one before."""
        self._clear()
        last = 0.0
        for when, what in self.marks:
            print(f"{self.tool}: {when:7.2f} s (+{when - last:5.2f}) {what}",
                  file=sys.stderr)
            last = when

    def _clear(self):
        if self.on_line:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self.on_line = False
