"""Reads the values of options as people write them: ports, intervals, numbers, texts in quotes."""

from __future__ import annotations

import argparse
import re

from ..text import shorten_value

SECONDS_PER_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_interval(text: str) -> float:
    """Return the seconds of an interval such as `30s`, `10m`, `1h` or `1d`.

    Raises `argparse.ArgumentTypeError`, whose text describes valid intervals.
    """
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)([smhd])", text.strip(), re.ASCII)
    seconds = float(match[1]) * SECONDS_PER_UNIT[match[2]] if match is not None else 0.0
    if seconds < 1:
        raise argparse.ArgumentTypeError(
            f"--every cannot be {shorten_value(text)}: give a number with s, m, h or d, such as 30s or 10m"
        )
    return seconds


def parse_port(text: str) -> int:
    """Return a port; `Options` checks its range. Raises `argparse.ArgumentTypeError`."""
    return _parse_number("--port", text, "give a number, such as --port 5010")


def parse_viewer_count(text: str) -> int:
    """Return a number of viewers; `Options` checks its range. Raises `argparse.ArgumentTypeError`."""
    return _parse_number("--max-viewers", text, "give a number, such as --max-viewers 20")


def parse_process_count(text: str) -> int:
    """Return a number of processes, 0 or more. Raises `argparse.ArgumentTypeError`."""
    hint = "give 0 or more"
    number = _parse_number("--num-procs", text, hint)
    if number < 0:
        raise argparse.ArgumentTypeError(f"--num-procs cannot be {shorten_value(text)}: {hint}")
    return number


def parse_days(text: str) -> float:
    """Return a number of days; `Options` checks its range. Raises `argparse.ArgumentTypeError`."""
    try:
        return float(text)
    except ValueError:
        hint = "give a number of days, such as --retention 30"
        raise argparse.ArgumentTypeError(f"--retention cannot be {shorten_value(text)}: {hint}") from None


def strip_quotes(text: str) -> str:
    """Return `text` without the quotes around it, which IPython leaves in place."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text


def _parse_number(flag: str, text: str, hint: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{flag} cannot be {shorten_value(text)}: {hint}") from None
