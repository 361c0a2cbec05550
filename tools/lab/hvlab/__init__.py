# SPDX-License-Identifier: GPL-2.0
"""The laboratory: boots guests on hvhost and runs commands in them."""

VERSION = "0.1"
