# SPDX-License-Identifier: GPL-2.0
"""The rows of the table: what they are called and what they are divided by."""

from dataclasses import dataclass

# Sections without work: what one costs by itself, and a timer's ticks.
NOTHING, TICK = "nothing", "tick"


# The size of a full frame on the wire of the lab's cards, without the tag.
FRAME = 1514


@dataclass(frozen=True)
class Row:
    """One kind of work; the guest's part is row_NAME() of guest/bench-rows."""

    name: str
    what: str
    unit: str			# what its counts are per, or what its figure is in
    counter: str = ""		# the counter that says how many units there were
    scale: float = 1.0		# so much of the counter is one unit
    said: str = ""		# a figure that the command says, instead of counts
    lost: str = ""		# a counter that shrinks: the loss, instead of counts

    @property
    def single(self):
        """Whether the row is one figure, and no counts per unit."""
        return bool(self.said or self.lost)


def _bulk(name, what, counter):
    return Row(name, what, f"{FRAME} bytes", counter, FRAME)


ROWS = (
    Row("tx-small", "pktgen, 60 bytes, one at a time", "packet", "nic0.tx_frames"),
    Row("tx-burst", "60 bytes, 48 at a time from the stack", "packet",
        "nic0.tx_frames"),
    Row("rx-small", "60 bytes from the peer, to a socket that drops them", "packet",
        "nic0.rx_frames"),
    _bulk("tcp-tx-1", "bulk TCP to the peer", "nic0.tx_bytes"),
    _bulk("tcp-tx-16", "the same, 16 streams", "nic0.tx_bytes"),
    _bulk("tcp-rx-1", "bulk TCP from the peer, LRO off", "nic0.rx_bytes"),
    _bulk("tcp-rx-16", "the same, 16 streams", "nic0.rx_bytes"),
    _bulk("tcp-rx-1-lro", "bulk TCP from the peer, LRO on", "nic0.rx_bytes"),
    _bulk("tcp-rx-16-lro", "the same, 16 streams", "nic0.rx_bytes"),
    Row("tcp-rr", "a byte there and back", "packet received", "nic0.rx_frames"),
    Row("forward", "60 bytes in by one card and out by another", "packet sent",
        "nic1.tx_frames"),
    Row("xdp-drop", "60 bytes from the peer, dropped by a program", "packet",
        "nic0.rx_frames"),
    Row("xdp-pass", "as rx-small, passed by a program", "packet", "nic0.rx_frames"),
    Row("xdp-tx", "60 bytes from the peer, sent back by a program", "packet",
        "nic0.rx_frames"),
    Row("xdp-redirect", "60 bytes in by one card, by a program out by another",
        "packet", "nic0.rx_frames"),
    Row("xsk-rx", "60 bytes from the peer, to AF_XDP sockets as the driver has them",
        "packet", "nic0.rx_frames"),
    Row("xsk-rx-copy", "the same, in copy mode", "packet", "nic0.rx_frames"),
    Row("xsk-tx", "60 bytes from an AF_XDP socket as the driver has it, 32 at a time",
        "packet", "nic0.tx_frames"),
    Row("xsk-tx-copy", "the same, in copy mode", "packet", "nic0.tx_frames"),
    Row("outage-mtu", "longest silence while the MTU changes", "ms", said="gap_ms"),
    Row("outage-channels", "the same, channels fewer and again more", "ms",
        said="gap_ms"),
    Row("outage-ring", "the same, rings made smaller", "ms", said="gap_ms"),
    Row("outage-vf-down", "the same, the VF taken down: to the synthetic path", "ms",
        said="gap_ms"),
    Row("outage-vf-up", "the same, the VF taken up: back to it", "ms", said="gap_ms"),
    Row("outage-vf-remove", "the same, the host takes the VF away as planned", "ms",
        said="gap_ms"),
    Row("outage-vf-add", "the same, the host gives the VF", "ms", said="gap_ms"),
    Row("memory-1", "memory of two cards, 1 queue each", "KiB", lost="free_pages",
        scale=1 / 4),
    Row("memory-2", "memory of two cards, 2 queues each", "KiB", lost="free_pages",
        scale=1 / 4),
)


def find(name):
    """The row of that name, None when there is none."""
    return next((row for row in ROWS if row.name == name), None)
