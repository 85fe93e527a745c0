"""Describes the circumstances of the measurement."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

PACKAGES = ("bokeh", "panel", "tornado")


def note(times: int) -> str:
    """The versions and the machine of the measurement."""
    found = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    machine = f"Python {platform.python_version()}, {found}, {os.cpu_count()} processors"
    return f"{machine}; {times} rounds, medians."
