# SPDX-License-Identifier: GPL-2.0
"""What the guest's script said, taken apart.

    @kernel RELEASE CPUS
    @symbols kernel | module DRIVER       kallsyms' lines up to @end
    @section ROW DRIVER ROUND STATUS      counters before, @after, counters after,
                                          @said, what the command said, @end
    @failed WHY, @done
"""

import re
from dataclasses import dataclass, field

VMBUS = re.compile(r'^\d+ "(nic\d+)[^"]*" (.*)$')
NIC = re.compile(r"^(?:channel\d+ )?(\w+) (\d+)$")
UPTIME = re.compile(r"^(\d+)\.(\d\d) \d+\.\d+$")


@dataclass
class Section:
    """One measured section."""

    row: str
    driver: str
    round: int
    status: int
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    module: str = ""		# symbols of the driver, as it was loaded then
    said: list = field(default_factory=list)

    def gained(self, name):
        """By how much a counter grew. Those of a new channel begin at 0."""
        return self.after.get(name, 0) - self.before.get(name, 0)

    def spoke(self, name):
        """A figure that the measured command printed: "NAME VALUE"."""
        for line in self.said:
            words = line.split()
            if len(words) == 2 and words[0] == name:
                return float(words[1])
        return None


class Counters:
    """Reads the counters as bench-guest prints them; channels add up."""

    def __init__(self):
        self.values = {}
        self._card = None		# whose counters come

    def _add(self, name, value):
        self.values[name] = self.values.get(name, 0) + int(value)

    def line(self, line):
        """One line."""
        words = line.split()
        if self._card:
            self._of_host(line, words)
        elif words[:1] == ["HYP:"]:
            for word in words[1:]:
                if word.isdigit():
                    self._add("interrupts", word)
        elif UPTIME.match(line):
            self._add("time", "".join(UPTIME.match(line).groups()))
        elif len(words) == 2 and words[0].startswith("pgalloc_"):
            self._add("pages", words[1])
        elif len(words) == 2 and words[0] == "nr_free_pages":
            self._add("free_pages", words[1])
        if words[:1] == ["nic"] and len(words) == 2:
            self._card = "".join(words)

    def _of_host(self, line, words):
        found = VMBUS.match(line)
        if found:
            words = found.group(2).split()
            for name, value in zip(words[::2], words[1::2]):
                self._add(f"{found.group(1)}.{name}", value)
        elif NIC.match(line) and words[0] != "nic":
            self._add(f"{self._card}.{NIC.match(line).group(1)}", words[-1])


class Reader:
    """Follows the guest's output."""

    def __init__(self, on_section=lambda section: None):
        self.on_section = on_section
        self.kernel, self.cpus = "", 0
        self.symbols = {}		# "kernel", "module ours": text
        self.sections = []
        self.ended = 0			# how many of them are complete
        self.failure, self.done = None, False
        self.other = []
        self._rest = b""
        self._open = None		# (name, lines) of a list of symbols
        self._into = None		# what takes the lines of a section

    def feed(self, data):
        """Bytes of the output."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").rstrip("\r"))

    def complete(self):
        """The sections that have ended."""
        return self.sections[:self.ended]

    def _line(self, line):
        word, _, rest = line.partition(" ")
        if self._open and word != "@end":
            self._open[1].append(line)
        elif word == "@symbols":
            self._open = (rest, [])
        elif word == "@end":
            self._end()
        elif word == "@section":
            self._section(*rest.split())
        elif word == "@after":
            self._counters(self.sections[-1], "after")
        elif word == "@said":
            self._into = self.sections[-1].said.append
        elif self._into:
            if line:
                self._into(line)
        elif word == "@kernel":
            self.kernel, self.cpus = rest.split()[0], int(rest.split()[1])
        elif word == "@failed":
            self.failure = rest
        elif word == "@done":
            self.done = True
        else:
            self.other.append(line)

    def _section(self, row, driver, number, status):
        section = Section(row, driver, int(number), int(status),
                          module=self.symbols.get(f"module {driver}", ""))
        self.sections.append(section)
        self._counters(section, "before")

    def _counters(self, section, when):
        counters = Counters()
        setattr(section, when, counters.values)
        self._into = counters.line

    def _end(self):
        if not self._open:
            self._into = None
            self.ended += 1
            self.on_section(self.sections[-1])
            return
        name, lines = self._open
        self._open = None
        self.symbols[name] = "\n".join(lines)
