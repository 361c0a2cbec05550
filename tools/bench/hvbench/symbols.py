# SPDX-License-Identifier: GPL-2.0
"""Whose code an address is, by /proc/kallsyms of the kernel that ran it."""

import bisect
import re

GRANULE = 16			# of the counting plugin
CLUSTER_GAP = 64 * 1024
LAST_FUNCTION = 4096		# how long a module's last function is, at most
# Built into newer kernels, where only its symbols say where it lies.
VMBUS_SYMBOL = re.compile(r"^(vmbus_|hv_ringbuffer_|hv_pkt_iter_)")


def parse(text):
    """[(address, name, module or '')] of kallsyms' lines, code only, sorted."""
    found = []
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 3 and words[1] in "tTwW" and int(words[0], 16):
            module = words[3].strip("[]") if len(words) > 3 else ""
            found.append((int(words[0], 16), words[2], module))
    return sorted(found)


def ranges(symbols):
    """[(begin, end)] of the code: the kernel's and each module's."""
    known = {name: address for address, name, module in symbols if not module}
    found = [(known["_stext"], known["_etext"])]
    modules = {}
    for address, _, module in symbols:
        if module:
            modules.setdefault(module, []).append(address)
    return found + [(min(all_of), max(all_of) + LAST_FUNCTION)
                    for all_of in modules.values()]


def overlap(first, second):
    """Whether any of the ranges FIRST meets any of SECOND."""
    return any(a < d and c < b for a, b in first for c, d in second)


def vmbus_range(symbols):
    """(begin, end) of hv_vmbus where it is part of the kernel, or None."""
    core = [(address, name) for address, name, module in symbols if not module]
    clusters = []
    for at, (address, name) in enumerate(core):
        if not VMBUS_SYMBOL.match(name):
            continue
        end = core[at + 1][0] if at + 1 < len(core) else address
        if clusters and address - clusters[-1][1] < CLUSTER_GAP:
            clusters[-1][1:] = [end, clusters[-1][2] + 1]
        else:
            clusters.append([address, end, 1])
    if not clusters:
        return None
    begin, end, _ = max(clusters, key=lambda cluster: cluster[2])
    return begin, end


class Map:
    """From an address to (part, function); parts are driver, vmbus, kernel, load."""

    MODULES = {"hv_netvsc": "driver", "hv_vmbus": "vmbus", "pktgen": "load"}

    def __init__(self, symbols):
        self.symbols = symbols
        self.addresses = [address for address, _, _ in symbols]
        self.ranges = ranges(symbols)
        self.vmbus = vmbus_range(symbols) or (0, 0)

    def find(self, granule):
        """(part, function) of the 16 bytes at GRANULE, None: another machine's."""
        if not any(begin <= granule < end for begin, end in self.ranges):
            return None
        at = bisect.bisect_right(self.addresses, granule + GRANULE - 1) - 1
        # Of several names of one address the first: the others are aliases.
        at = bisect.bisect_left(self.addresses, self.addresses[at])
        address, name, module = self.symbols[at]
        if module:
            return self.MODULES.get(module, "kernel"), name
        inside = self.vmbus[0] <= address < self.vmbus[1]
        return ("vmbus" if inside else "kernel"), name

    def starts(self, granule):
        """Whether a function begins exactly there."""
        at = bisect.bisect_left(self.addresses, granule)
        return at < len(self.addresses) and self.addresses[at] == granule
