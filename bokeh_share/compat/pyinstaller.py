"""Programs made by PyInstaller or a tool like it, which sets variables and offers no functions for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LIBRARY_PATH_VARIABLE = "LD_LIBRARY_PATH"
"""The variable with the folders in which Linux looks for shared libraries first."""


def is_frozen() -> bool:
    """Whether PyInstaller, or another tool, has made a program of this one: `sys.executable` is no Python."""
    return bool(getattr(sys, "frozen", False))


@contextmanager
def use_system_libraries() -> Iterator[None]:
    """Let programs that are started inside the block load the system's libraries.

    On Linux PyInstaller leads a frozen program, and whatever that starts, to copies of its own by
    `LIBRARY_PATH_VARIABLE`, and keeps what stood there before under another name.
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
