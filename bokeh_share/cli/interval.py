"""Intervals as people write them: `30s`, `10m`, `1h`, `1d`."""

from __future__ import annotations

import argparse
import re

SECONDS_PER_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_interval(text: str) -> float:
    """Seconds. Raises `argparse.ArgumentTypeError`, whose text says what would do."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)([smhd])", text.strip(), re.ASCII)
    seconds = float(match[1]) * SECONDS_PER_UNIT[match[2]] if match is not None else 0.0
    if seconds < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no interval: give one like 30s, 10m, 1h or 1d")
    return seconds
