# SPDX-License-Identifier: GPL-2.0
"""The laboratory: boots guests on hvhost and runs commands in them."""

import re
from pathlib import Path


def _version():
    """The driver's version is the project's; its source is the one place."""
    source = Path(__file__).resolve().parents[3] / "netvsc_drv.c"
    found = re.search(r'^#define NETVSC_VERSION\s+"(.+)"$',
                      source.read_text(encoding="utf-8"), re.M)
    return found.group(1) if found else "unknown"


VERSION = _version()
