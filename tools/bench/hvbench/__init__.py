# SPDX-License-Identifier: GPL-2.0
"""The benchmark: ours and the distribution's driver, counted side by side."""

VERSION = "1"


class BenchError(Exception):
    """It could not be measured: what, why, and what to do about it."""

    def __init__(self, what, why, hint):
        super().__init__(f"{what}: {why}; {hint}")
