#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of the benchmark's arithmetic: bench_counts_are_right.sh runs them."""

import io
import sys
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "tools/bench"), str(TOP / "tools/lab")]
# pylint: disable=wrong-import-position
from hvbench import counts, marks, plot, report, rows, said, symbols

KERNEL = """\
ffffffff81000000 T _stext
ffffffff81000040 T kmem_cache_alloc_noprof
ffffffff81000080 t _raw_spin_lock
ffffffff81000100 T vmbus_open
ffffffff81000140 T vmbus_sendpacket
ffffffff81000180 t in_between
ffffffff810001c0 T hv_ringbuffer_write
ffffffff81000200 T after_vmbus
ffffffff81000240 T update_process_times
ffffffff81000280 T native_queued_spin_lock_slowpath
ffffffff81200000 T vmbus_far_away
ffffffff81300000 T _etext
ffffffff81400000 d data
ffffffffc0000000 t pktgen_xmit	[pktgen]
ffffffffc0001000 t old_driver	[hv_netvsc]
"""
DRIVER = """\
ffffffffc0100000 t netvsc_xmit	[hv_netvsc]
ffffffffc0100040 t netvsc_poll	[hv_netvsc]
"""
ROW = rows.Row("test", "test", "packet", "nic0.tx_frames")


def section(**after):
    """A section that began with nothing counted."""
    return said.Section("test", "ours", 1, 0, {},
                        {name.replace("_", ".", 1): value
                         for name, value in after.items()}, DRIVER)


class Symbols(unittest.TestCase):
    """Whose code an address is."""

    def setUp(self):
        core = [one for one in symbols.parse(KERNEL) if one[2] != "hv_netvsc"]
        self.map = symbols.Map(sorted(core + symbols.parse(DRIVER)))

    def test_parts(self):
        for address, wanted in (
                (0xffffffff81000050, ("kernel", "kmem_cache_alloc_noprof")),
                (0xffffffff81000110, ("vmbus", "vmbus_open")),
                (0xffffffff81000190, ("vmbus", "in_between")),
                (0xffffffff810001c0, ("vmbus", "hv_ringbuffer_write")),
                (0xffffffff81000200, ("kernel", "after_vmbus")),
                (0xffffffff81200010, ("kernel", "vmbus_far_away")),
                (0xffffffffc0000010, ("load", "pktgen_xmit")),
                (0xffffffffc0100050, ("driver", "netvsc_poll"))):
            self.assertEqual(self.map.find(address), wanted)

    def test_another_machine(self):
        for address in (0, 0xffffffff80000000, 0xffffffff81400000,
                        0xffffffff9a000000, 0xffffffffc0300000):
            self.assertIsNone(self.map.find(address))

    def test_data_is_no_code(self):
        self.assertNotIn("data", [name for _, name, _ in self.map.symbols])

    def test_overlap(self):
        self.assertTrue(symbols.overlap([(0, 10)], [(20, 30), (9, 12)]))
        self.assertFalse(symbols.overlap([(0, 10)], [(10, 12), (20, 30)]))
        self.assertFalse(symbols.overlap([], [(0, 1)]))


class Counting(unittest.TestCase):
    """From the plugin's rows to figures."""

    def setUp(self):
        self.ran = counts.Counter(KERNEL).count(DRIVER, [
            (0, 1000, 0),				# found no place
            (0xffffffff9a000000, 7777, 5),		# the first level's
            (0xffffffff81000040, 300, 10), (0xffffffff81000050, 100, 3),
            (0xffffffff81000080, 50, 20),
            (0xffffffff81000280, 4444, 1), (0xffffffff81000140, 60, 10),
            (0xffffffffc0000000, 9999, 1), (0xffffffffc0100000, 200, 10)])

    def test_instructions(self):
        self.assertEqual([self.ran.part(part) for part in (*counts.PARTS, "load")],
                         [200, 60, 450, 9999])
        self.assertEqual(self.ran.part("apart"), 4444)
        name = "kernel", "kmem_cache_alloc_noprof"
        self.assertEqual(self.ran.functions[name], 400)

    def test_less(self):
        name = "kernel", "kmem_cache_alloc_noprof"
        nothing, tick = counts.Instructions(), counts.Instructions()
        nothing.functions[name], nothing.slab = 50, 3
        self.ran.ticks, nothing.ticks, tick.ticks = 21, 1, 11
        tick.functions[name] = 50 + 100
        found = self.ran.less(nothing, tick)
        self.assertEqual(found.functions[name], 400 - 50 - 2 * 100)
        self.assertEqual(found.slab, 7)
        self.assertEqual(found.part("driver"), 200)
        nothing.functions[name] = 1000
        self.assertEqual(self.ran.less(nothing, tick).functions[name], 0)

    def test_calls(self):
        self.assertEqual((self.ran.slab, self.ran.locks), (10, 20))

    def test_figures(self):
        one = section(nic0_tx_frames=10, nic0_signals_in=5)
        one.after.update({"nic0.packets-in": 14, "nic1.packets-in": 1,
                          "nic0.tx_packets": 10, "nic0.control": 1, "pages": 3,
                          "nic0.signals-in": 5})
        found = counts.figures(ROW, one, self.ran)
        self.assertEqual(found["instructions"], 71)
        self.assertEqual(found["driver"], 20)
        self.assertEqual(found["ring"], 1.5)
        self.assertEqual(found["completions"], 0.4)
        self.assertEqual(found["signals"], 0.5)
        self.assertEqual(found["pages"], 0.3)

    def test_no_units(self):
        self.assertEqual(counts.figures(ROW, section(), self.ran), {})

    def test_single(self):
        row = rows.Row("gap", "", "ms", said="gap_ms")
        one = section()
        one.said = ["gap_ms 12", "usual_ms 3"]
        self.assertEqual(counts.figures(row, one, None), {"figure": 12})
        row = rows.Row("memory", "", "KiB", lost="free", scale=1 / 4)
        one.before, one.after = {"free": 1000}, {"free": 900}
        self.assertEqual(counts.figures(row, one, None), {"figure": 400})

    def test_slab_names(self):
        for name in ("kmem_cache_alloc", "kmem_cache_alloc_bulk_noprof", "__kmalloc",
                     "__kmalloc_node_track_caller_noprof", "kmalloc_trace",
                     "__kmalloc_cache_noprof"):
            self.assertTrue(counts.SLAB.match(name), name)
        for name in ("kmem_cache_free", "kmalloc_reserve", "__kmalloc_large_node"):
            self.assertFalse(counts.SLAB.match(name), name)


class Reading(unittest.TestCase):
    """What guest and plugin say."""

    def test_guest(self):
        text = ("@kernel 7.3.4 2\r\n@symbols kernel\n" + KERNEL + "@end\n"
                "@symbols module ours\n" + DRIVER + "@end\n"
                "@section test ours 1 0\n10.50 3.00\npgalloc_dma 1\n"
                "pgalloc_normal 4\nnr_free_pages 77\nHYP: 3 4 Hypervisor\nnic 0\n"
                "tx_drop_link 1\n"
                "@after\n12.00 4.00\npgalloc_dma 2\npgalloc_normal 6\n"
                "HYP: 5 6 Hypervisor\nnic 0\ntx_drop_link 2\nchannel0 pgalloc_x 9\n"
                "nic 1\nchannel0 tx_frames 4\nchannel1 tx_frames 5\n"
                '3 "nic0 channel 0" packets-in 7 signals-in 2\n'
                '4 "nic0 channel 1" packets-in 1 signals-in 0\n'
                '9 "heartbeat" packets-in 100\n'
                "@said\ngap_ms 3\n@end\n@done\n")
        reader = said.Reader()
        for at in range(0, len(text), 7):
            reader.feed(text[at:at + 7].encode())
        self.assertTrue(reader.done)
        self.assertEqual((reader.kernel, reader.cpus), ("7.3.4", 2))
        one, = reader.sections
        self.assertEqual(one.module.strip(), DRIVER.strip())
        self.assertEqual(one.gained("pages"), 3)
        self.assertEqual(one.gained("time"), 150)
        self.assertEqual(one.gained("interrupts"), 4)
        self.assertEqual(one.before["free_pages"], 77)
        self.assertEqual(one.gained("nic0.packets-in"), 8)
        self.assertEqual(one.gained("nic1.tx_frames"), 9)
        self.assertEqual(one.gained("nic0.tx_drop_link"), 1)
        self.assertEqual(one.spoke("gap_ms"), 3)

    def test_marks(self):
        data = (marks.HEAD.pack(marks.MAGIC, 2) + marks.ROW.pack(16, 5, 1)
                + marks.ROW.pack(32, 6, 0) + marks.HEAD.pack(marks.MAGIC, 0)
                + marks.HEAD.pack(marks.MAGIC, 9) + b"cut off")
        self.assertEqual(list(marks.read(io.BytesIO(data))),
                         [[(16, 5, 1), (32, 6, 0)], []])
        with self.assertRaises(ValueError):
            list(marks.read(io.BytesIO(b"x" * 16)))


class Reporting(unittest.TestCase):
    """Medians, spread and ratios."""

    def test_ratio_is_of_the_same_round(self):
        found = report.ratios([1.0, 4.0, 9.0], [2.0, 4.0, 3.0])
        self.assertEqual((found["median"], found["least"], found["most"]),
                         (1.0, 0.5, 3.0))
        self.assertIsNone(report.ratios([1.0, 2.0], [0.0, 1.0]))
        self.assertIsNone(report.ratios([1.0], [1.0, 2.0]))

    def result(self):
        """Of two rounds, one failed for the stock driver in the second row."""
        sections, ran = [], []
        for number in (1, 2):
            for driver, frames in (("ours", 10), ("stock", 5)):
                for name in ("nothing", "tick", "tx-small", "rx-small"):
                    one = said.Section(name, driver, number,
                                       int(name == "rx-small" and driver == "stock"))
                    one.after = {"nic0.tx_frames": frames, "nic0.rx_frames": frames,
                                 "nic0.packets-in": 10, "interrupts": 0}
                    did = counts.Instructions()
                    did.functions["driver", "f"] = 100 * number * ("small" in name)
                    sections.append(one)
                    ran.append(did)
        return {"kernel": "7.3", "cpus": 2, "rounds": 2, "rows": {
            name: report.of_row(rows.find(name), sections, ran)
            for name in ("tx-small", "rx-small")}}

    def test_table(self):
        result = self.result()
        row = result["rows"]["tx-small"]
        self.assertEqual(row["ratio"]["instructions"]["median"], 0.5)
        self.assertEqual(row["drivers"]["ours"]["metrics"]["driver"]["values"],
                         [10, 20])
        self.assertIsNone(row["ratio"]["interrupts"])
        text = report.table(result)
        self.assertIn("0.50 ±0.00", text)
        self.assertIn("stock failed in 2 of its rounds", text)

    def test_plot(self):
        line, = plot.data(self.result())
        self.assertTrue(line.startswith('"tx-small" 0.5000 0.5000 0.5000'))
        self.assertEqual(plot.drawn(self.result()), ["instructions", "driver", "ring"])


if __name__ == "__main__":
    unittest.main()
