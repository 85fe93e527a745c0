"""Decides if the author's code caused an error, and reports it to the author."""

from __future__ import annotations

import logging
import math
import sys
import sysconfig
import time
import traceback
from types import FrameType

from .. import limits
from ..compat import is_frozen
from ..errors import BokehShareError
from ..text import sanitize_for_log, shorten
from .registry import AppRegistry

LIBRARY_PACKAGES = frozenset({"bokeh", "numpy", "tornado", __name__.partition(".")[0]})
OPTIONAL_PACKAGES = frozenset({"panel", "param", "pandas"})
"""Packages that also process viewers' input, if the author has imported them."""
STDLIB_PATH = sysconfig.get_path("stdlib")

log = logging.getLogger(__name__)


def is_author_error(error: Exception) -> bool:
    """Return True if other code than Bokeh, Panel, their dependencies and this package was running. Such an
    error is shown to the author."""
    return not all(_is_library_frame(frame) for frame, _ in traceback.walk_tb(error.__traceback__))


def _is_library_frame(frame: FrameType) -> bool:
    """Decide by the module's name, since the code of a frozen program has no folder."""
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    if package not in sys.stdlib_module_names:
        return package in LIBRARY_PACKAGES | OPTIONAL_PACKAGES
    # A module of the author's may have the name of a standard one.
    return is_frozen() or frame.f_code.co_filename.startswith((STDLIB_PATH, "<frozen"))


class FailureThrottle:
    """Limits the failures shown to the author: one per line of code and minute, since a viewer's values can
    give the same mistake any number of texts."""

    def __init__(self) -> None:
        self._reported_at: dict[tuple[str, str, str, int | None], float] = {}

    def describe(self, app: str, error: Exception) -> str | None:
        """Describe a failure; None if this line of code was reported within the last minute."""
        frames = traceback.extract_tb(error.__traceback__)
        file, line = (frames[-1].filename, frames[-1].lineno) if frames else ("", 0)
        location, now = (app, type(error).__name__, file, line), time.monotonic()
        if now - self._reported_at.get(location, -math.inf) < limits.MISUSE_LOG_INTERVAL:
            return None
        self._reported_at[location] = now
        is_ours = isinstance(error, BokehShareError)
        return shorten(str(error) if is_ours else f"{type(error).__name__}: {error}")


class FailureReporter:
    """Reports errors in the author's code on their card and in the log."""

    def __init__(self, apps: AppRegistry) -> None:
        self._apps = apps
        self._throttle = FailureThrottle()

    def report(self, app_name: str, error: Exception) -> None:
        """Report an error, unless the same line of code was reported within the last minute."""
        if (description := self._throttle.describe(app_name, error)) is None:
            return
        problem = f"app {app_name!r} failed for a viewer: {description}"
        if self._apps.problems.get(app_name) != problem:
            log.error("app %r failed", app_name, exc_info=sanitize_for_log(error))
        self._apps.add_problem(app_name, problem)
