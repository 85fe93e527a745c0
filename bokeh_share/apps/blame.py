"""Whose mistake an error is that was raised for a viewer, and what is told of it."""

from __future__ import annotations

import math
import sys
import sysconfig
import time
import traceback
from pathlib import Path

import bokeh
import numpy
import tornado

from .. import limits
from ..errors import BokehShareError
from ..printable import shortened

PACKAGES = tuple(
    f"{Path(str(file)).parent}/"
    for file in (bokeh.__file__, numpy.__file__, tornado.__file__, Path(__file__).parent)
)
GUESTS = ("panel", "param", "pandas")
"""Packages that look at what viewers sent as well, where their author has imported them."""
STANDARD = f"{sysconfig.get_path('stdlib')}/"


def is_authors(error: Exception) -> bool:
    """Whether more was at work than Bokeh, Panel, what they need, and this package: then the author should
    know."""
    guests = (getattr(sys.modules.get(name), "__file__", None) for name in GUESTS)
    known = (*PACKAGES, *(f"{Path(file).parent}/" for file in guests if file), "<frozen")
    return not all(_is_known(frame.filename, known) for frame in traceback.extract_tb(error.__traceback__))


def _is_known(file: str, packages: tuple[str, ...]) -> bool:
    is_standard = file.startswith(STANDARD) and "site-packages" not in file
    return is_standard or file.startswith(packages)


class Failures:
    """What the author was told went wrong. A viewer's values can make endless words of one mistake, so each
    place in the code is told once a minute."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str, str, int | None], float] = {}

    def words(self, app: str, error: Exception) -> str | None:
        """What to tell; None if that was told already."""
        frames = traceback.extract_tb(error.__traceback__)
        file, line = (frames[-1].filename, frames[-1].lineno) if frames else ("", 0)
        place, now = (app, type(error).__name__, file, line), time.monotonic()
        if now - self._told.get(place, -math.inf) < limits.COMPLAINT:
            return None
        self._told[place] = now
        is_ours = isinstance(error, BokehShareError)
        return shortened(str(error) if is_ours else f"{type(error).__name__}: {error}")
