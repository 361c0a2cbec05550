# SPDX-License-Identifier: GPL-2.0
"""The table of kernels that the lab knows: adding one is adding a line."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Row:
    """A series of kernels in Debian's archive, or one built from its source."""

    name: str			# what --kernel and KVER= say; the series
    release: str		# the release whose archive has it
    suite: str			# None, or "backports"
    compiler: str		# what its modules are built with
    source: str = None		# the series that debug.config is built from


# The oldest first.
TABLE = (
    Row("6.1", "bookworm", None, "gcc-12"),
    Row("6.12", "trixie", None, "gcc-14"),
    Row("7.3", "trixie", "backports", "gcc-14"),
)
OLDEST, NEWEST = TABLE[0], TABLE[-1]

# Built here, once, from the source of a row above, with tools/lab/debug.config.
DEBUG = (
    replace(NEWEST, name="debug", source=NEWEST.name),
    replace(OLDEST, name=f"debug-{OLDEST.name}", source=OLDEST.name),
)


def names():
    """What --kernel may be called, besides a path."""
    return [row.name for row in TABLE + DEBUG]


def releases():
    """The releases whose kernels are here, the oldest first."""
    return list(dict.fromkeys(row.release for row in TABLE))


def row(name):
    """The row of that name, None when there is none."""
    return next((row for row in TABLE + DEBUG if row.name == name), None)
