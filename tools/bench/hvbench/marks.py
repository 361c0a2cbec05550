# SPDX-License-Identifier: GPL-2.0
"""What the counting plugin wrote, a list of counts for each mark."""

import struct

MAGIC = 0x4b52414d48434e42
WORD = struct.Struct("<Q")
HEAD = struct.Struct("<QQ")
ROW = struct.Struct("<QQQ")


def read(file):
    """Yields, for each mark in order, [(address, instructions, calls)].

    Address 0 stands for code that found no place in the plugin's table.
    """
    while head := file.read(HEAD.size):
        if len(head) < HEAD.size:
            return
        magic, rows = HEAD.unpack(head)
        if magic != MAGIC:
            raise ValueError("the plugin's file is damaged")
        data = file.read(rows * ROW.size)
        if len(data) < rows * ROW.size:
            return
        yield list(ROW.iter_unpack(data))
