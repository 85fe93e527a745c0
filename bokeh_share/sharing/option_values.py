"""Reads the values of options as people write them: intervals, numbers, texts in quotes."""

from __future__ import annotations

import argparse
import re

SECONDS_PER_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_interval(text: str) -> float:
    """Return the seconds of an interval such as `30s`, `10m`, `1h` or `1d`.

    Raises `argparse.ArgumentTypeError`, whose text says what would do.
    """
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)([smhd])", text.strip(), re.ASCII)
    seconds = float(match[1]) * SECONDS_PER_UNIT[match[2]] if match is not None else 0.0
    if seconds < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no interval: give one like 30s, 10m, 1h or 1d")
    return seconds


def parse_process_count(text: str) -> int:
    """Return a number of processes, 0 or more. Raises `argparse.ArgumentTypeError`."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number: give 0 or more") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} processes make no sense: give 0 or more")
    return number


def strip_quotes(text: str) -> str:
    """Return `text` without the quotes around it, which IPython leaves in place."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text
