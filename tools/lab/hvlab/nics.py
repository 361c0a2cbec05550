# SPDX-License-Identifier: GPL-2.0
"""The guest's NICs: what --nic says, and what the lab adds to it."""

from dataclasses import dataclass

from .ui import LabError

KEYS = ("mac", "mtu", "nvsp", "tap", "switch", "link", "speed", "section",
        "sections", "send-section", "queues", "batch", "align", "max-xfer", "rsc",
        "csum", "lso", "raw-csum", "udp-hash", "spoof", "full-range",
        "one-frame", "pcap", "name", "silent", "fail", "slow", "hostile", "vf",
        "vf-kind", "vf-order", "vpci")


class UsageError(Exception):
    """The command line makes no sense (exit status 2)."""


@dataclass(frozen=True)
class Nic:
    """One NIC as hvhost gets it, and the addresses on both ends of its TAP."""

    number: int
    options: dict

    @property
    def tap(self):
        """Name of its TAP, or None for a port of the built-in switch."""
        return self.options.get("tap")

    @property
    def vf_driver(self):
        """The driver of the VF that is there or may be added, None for no VF."""
        if self.options.get("vf", "0") == "0":
            return None
        return "labvf" if self.options.get("vf-kind") == "lab" else "ixgbevf"

    def argument(self):
        """The value of hvhost's --nic."""
        return ",".join(f"{key}={value}" for key, value in self.options.items())

    def tap_line(self):
        """For peer.sh: name, MTU and the peer's addresses."""
        return (f"{self.tap} {self.options.get('mtu', 1500)} "
                f"{self._v4(1)}/24 {self._v6(1)}/64\n")

    def guest_line(self):
        """For lab-net: address, link, and both ends' addresses."""
        return (f"{self.options['mac']} {self.options.get('link', 'up')} "
                f"{self._v4(2)}/24 {self._v4(1)} "
                f"{self._v6(2)}/64 {self._v6(1)}\n")

    def _v4(self, host):
        return f"10.77.{self.number + 1}.{host}"

    def _v6(self, host):
        return f"fd77:{self.number + 1}::{host}"


def parse(texts):
    """The NICs of all --nic values; one with a TAP when there is none."""
    if texts == ["none"]:
        return []
    return [_parse_one(number, text) for number, text in enumerate(texts or [""])]


def _parse_one(number, text):
    options = {}
    for word in filter(None, text.split(",")):
        key, equals, value = word.partition("=")
        if not equals or not value:
            raise UsageError(f"--nic {text}: '{word}' is not key=value")
        if key not in KEYS:
            raise UsageError(f"--nic {text}: unknown key '{key}', known are "
                             + ", ".join(KEYS))
        options[key] = value
    if "tap" in options and "switch" in options:
        raise UsageError(f"--nic {text}: tap and switch exclude each other")
    if not options.get("mtu", "1500").isdigit():
        raise UsageError(f"--nic {text}: mtu={options['mtu']} is not a number")
    if "tap" not in options and "switch" not in options:
        options["tap"] = f"tap{number}"
    options.setdefault("mac", f"00:15:5d:77:00:{number + 1:02x}")
    options["mac"] = options["mac"].lower()
    return Nic(number, options)


def check_distinct(nics, by_address):
    """No TAP twice, and BY_ADDRESS, by which lab-net finds the cards, none of those."""
    for key in ("tap", "mac") if by_address else ("tap",):
        values = [nic.options[key] for nic in nics if key in nic.options]
        if len(set(values)) != len(values):
            raise LabError("--nic", f"two NICs have the same {key}")
