"""Whose mistake an error is that was raised for a viewer, and what is told of it."""

from __future__ import annotations

import math
import sys
import sysconfig
import time
import traceback
from types import FrameType

from .. import limits
from ..compat import is_frozen
from ..errors import BokehShareError
from ..text import shorten

LIBRARY_PACKAGES = frozenset({"bokeh", "numpy", "tornado", __name__.partition(".")[0]})
OPTIONAL_PACKAGES = frozenset({"panel", "param", "pandas"})
"""Packages that look at what viewers sent as well, where their author has imported them."""
STDLIB_PATH = sysconfig.get_path("stdlib")


def is_author_error(error: Exception) -> bool:
    """Whether more was at work than Bokeh, Panel, what they need, and this package: then the author should
    know."""
    return not all(_is_library_frame(frame) for frame, _ in traceback.walk_tb(error.__traceback__))


def _is_library_frame(frame: FrameType) -> bool:
    """By the names of modules: the code of a frozen program is from no folder."""
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    if package not in sys.stdlib_module_names:
        return package in LIBRARY_PACKAGES | OPTIONAL_PACKAGES
    # A module of the author's may have the name of a standard one.
    return is_frozen() or frame.f_code.co_filename.startswith((STDLIB_PATH, "<frozen"))


class FailureThrottle:
    """What the author was told went wrong. A viewer's values can make endless words of one mistake, so each
    place in the code is told once a minute."""

    def __init__(self) -> None:
        self._reported_at: dict[tuple[str, str, str, int | None], float] = {}

    def describe(self, app: str, error: Exception) -> str | None:
        """What to tell; None if that was told already."""
        frames = traceback.extract_tb(error.__traceback__)
        file, line = (frames[-1].filename, frames[-1].lineno) if frames else ("", 0)
        location, now = (app, type(error).__name__, file, line), time.monotonic()
        if now - self._reported_at.get(location, -math.inf) < limits.MISUSE_LOG_INTERVAL:
            return None
        self._reported_at[location] = now
        is_ours = isinstance(error, BokehShareError)
        return shorten(str(error) if is_ours else f"{type(error).__name__}: {error}")
