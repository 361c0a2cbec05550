# SPDX-License-Identifier: GPL-2.0
"""Wishes for a kernel's configuration, and which of them did not come true.

Kconfig drops without a word what a symbol's dependencies forbid and what it has
never heard of; a check that is not there finds nothing and passes everything.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from .ui import LabError

CHOICE = re.compile(r'(CONFIG_\w+)=([ymn]|[0-9]+|"[^"|]*")')
SERIES = re.compile(r"[0-9]+[.][0-9]+")


@dataclass(frozen=True)
class Wish:
    """A line of a fragment."""

    place: str			# file and line
    choices: tuple		# (symbol, value) ..., any of them will do
    without: tuple		# series of kernels that need none of them


def read(path):
    """The wishes of a fragment; debug.config tells how it is written."""
    wishes = []
    lines = Path(path).read_text(encoding="ascii").splitlines()
    for number, line in enumerate(lines, 1):
        words = [word.strip() for word in line.split("|")]
        if line.startswith("#") or words == [""]:
            continue
        found = [CHOICE.fullmatch(word) for word in words]
        without = [word for word, match in zip(words, found) if not match]
        if not any(found) or not all(map(SERIES.fullmatch, without)):
            raise LabError(f"{path}:{number}", f"not understood: {line}")
        wishes.append(Wish(f"{Path(path).name}:{number}",
                           tuple(match.groups() for match in found if match),
                           tuple(without)))
    return wishes


def for_kconfig(wishes, series):
    """Text for KCONFIG_ALLCONFIG, which takes of alternatives what it can."""
    return "".join(f"{symbol}={value}\n" for wish in wishes
                   if series not in wish.without
                   for symbol, value in wish.choices)


def dropped(wishes, series, config):
    """A line for each wish that the text CONFIG (a .config) does not fulfil."""
    have = dict(re.findall(r"^(CONFIG_\w+)=(.*)$", config, re.M))
    # A "no" is a line as well; without one Kconfig does not know the symbol.
    have.update(dict.fromkeys(
        re.findall(r"^# (CONFIG_\w+) is not set$", config, re.M), "n"))
    return [f"{wish.place}: wanted "
            + " or ".join(f"{symbol}={value}" for symbol, value in wish.choices)
            + ", got " + ", ".join(have.get(symbol, "nothing")
                                   for symbol in dict(wish.choices))
            for wish in wishes if series not in wish.without
            and not any(have.get(symbol) == value
                        for symbol, value in wish.choices)]
