"""Detects programs made by PyInstaller or a similar tool. These tools set variables and offer no
functions."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LIBRARY_PATH_VARIABLE = "LD_LIBRARY_PATH"
"""The variable with the folders in which Linux searches shared libraries first."""


def is_frozen() -> bool:
    """Return True if PyInstaller or a similar tool built this program; then `sys.executable` is not
    Python."""
    return bool(getattr(sys, "frozen", False))


@contextmanager
def use_system_libraries() -> Iterator[None]:
    """Let programs that are started inside the block load the system's libraries.

    On Linux, PyInstaller sets `LIBRARY_PATH_VARIABLE` to its own libraries for a frozen program and its
    subprocesses, and stores the former value under another name.
    """
    bundled = os.environ.get(LIBRARY_PATH_VARIABLE)
    if not is_frozen() or bundled is None:
        yield
        return
    former = os.environ.get(f"{LIBRARY_PATH_VARIABLE}_ORIG")
    if former is None:
        del os.environ[LIBRARY_PATH_VARIABLE]
    else:
        os.environ[LIBRARY_PATH_VARIABLE] = former
    try:
        yield
    finally:
        os.environ[LIBRARY_PATH_VARIABLE] = bundled
