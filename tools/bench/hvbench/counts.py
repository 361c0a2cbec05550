# SPDX-License-Identifier: GPL-2.0
"""From a section's counters and marks to figures per unit of its row."""

import collections
import re

from . import symbols
from .rows import NOTHING, TICK

PARTS = ("driver", "vmbus", "kernel")
SLAB = re.compile(r"^(kmem_cache_alloc(_node|_lru|_bulk)?|__kmalloc(_node)?(_cache)?(_node)?"
                  r"(_track_caller)?|kmalloc_(node_)?trace)(_noprof)?$")
LOCK = re.compile(r"^_raw_(spin|read|write)_(lock|trylock)")


# What turns until another processor has done something, and how often says how busy
# the machine is; and the random numbers, which are renewed by time.
APART = re.compile(r"^(native_queued_spin_lock_slowpath|queued_(read|write)_lock_slowpath|"
                   r"smp_call_function_\w+|lock_timer_base|__try_to_del_timer_sync|"
                   r"mutex_spin_on_owner|rwsem_spin_on_owner|osq_lock|chacha_\w+)$")
COSTLIEST = 60			# functions kept, besides the driver's
TICKED = "update_process_times"		# called once a tick


class Instructions:
    """What ran in the guest's kernel during one section."""

    def __init__(self):
        self.functions = collections.Counter()	# (part, name): instructions
        self.slab = self.locks = self.ticks = 0

    def part(self, wanted):
        """The instructions of a part."""
        return sum(insns for (part, _), insns in self.functions.items()
                   if part == wanted)

    def less(self, nothing, tick):
        """These without what NOTHING has, and without what each tick costs.

        TICK: a section in which nothing happened but ticks.
        """
        found = Instructions()
        found.slab = max(self.slab - nothing.slab, 0)
        found.locks = max(self.locks - nothing.locks, 0)
        found.ticks = max(self.ticks - nothing.ticks, 0)
        share = found.ticks / max(tick.ticks - nothing.ticks, 1)
        for name, insns in self.functions.items():
            own = nothing.functions[name]
            ticked = share * max(tick.functions[name] - own, 0)
            found.functions[name] = max(insns - own - ticked, 0)
        return found


class Counter:
    """Turns the plugin's rows into Instructions; keeps what it has looked up."""

    def __init__(self, kernel_text):
        self.core = [symbol for symbol in symbols.parse(kernel_text)
                     if symbol[2] != "hv_netvsc"]
        self._maps = {}

    def ranges(self, module_text):
        """[(begin, end)] of the guest's code with that driver loaded."""
        return self._map(module_text)[0].ranges

    def _map(self, module_text):
        if module_text not in self._maps:
            made = symbols.Map(sorted(self.core + symbols.parse(module_text)))
            self._maps[module_text] = (made, {})
        return self._maps[module_text]

    def count(self, module_text, rows):
        """The Instructions of [(address, instructions, calls)]."""
        where, known = self._map(module_text)
        total = Instructions()
        for address, insns, calls in rows:
            if address not in known:
                known[address] = where.find(address)
            if not known[address]:
                continue
            part, name = known[address]
            if part == "kernel" and APART.match(name):
                part = "apart"
            total.functions[part, name] += insns
            if calls and where.starts(address):
                total.ticks += calls * (name == TICKED)
                total.slab += calls * bool(SLAB.match(name))
                total.locks += calls * bool(LOCK.match(name))
        return total


def units(row, section):
    """How many units of ROW the section saw."""
    if row.single:
        return 1
    return section.gained(row.counter) / row.scale


def of_card(section, name):
    """A counter of both cards together."""
    return section.gained(f"nic0.{name}") + section.gained(f"nic1.{name}")


def single(row, section):
    """{"figure": value} of a row that is one."""
    value = (section.spoke(row.said) if row.said
             else -section.gained(row.lost) / row.scale)
    return {"figure": value} if value and value > 0 else {}


def figures(row, section, ran):
    """{metric: value per unit}; RAN: what ran, less what is not the row's."""
    if row.single:
        return single(row, section)
    count = units(row, section)
    if count <= 0:
        return {}
    packets = of_card(section, "packets-in")
    found = {
        "signals": of_card(section, "signals-in"),
        "ring": packets,
        "completions": packets - of_card(section, "tx_packets")
                       - of_card(section, "control"),
        "interrupts": section.gained("interrupts"),
        "pages": section.gained("pages"),
        "coalesced": of_card(section, "rx_rsc_fragments"),
        "time": section.gained("time") / 100,
    }
    if ran:
        for part in (*PARTS, "apart"):
            found[part] = ran.part(part)
        found["instructions"] = sum(found[part] for part in PARTS)
        found["slab"], found["locks"] = ran.slab, ran.locks
    return {name: value / count for name, value in found.items()}


def functions(row, section, ran):
    """{"part:function": instructions per unit}: the costliest, and the driver's."""
    count = units(row, section)
    if not ran or count <= 0:
        return {}
    chosen = dict(ran.functions.most_common(COSTLIEST))
    chosen.update({name: insns for name, insns in ran.functions.items()
                   if name[0] in ("driver", "vmbus") and insns})
    return {f"{part}:{name}": value / count for (part, name), value in chosen.items()}


def is_measured(section):
    """Whether a section is a row's, not an empty one."""
    return section.row not in (NOTHING, TICK)
