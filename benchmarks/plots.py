"""Makes the plots of the benchmark, and their changes."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from bokeh.plotting import figure

POINTS = {"title": 100_000, "column": 20_000, "large": 100_000, "line": 1_000}
"""The number of points in each kind of plot: `title` gets another title, `column` also other values in y,
`large` other values in both columns, and `line` is a line."""


def marker(kind: str, number: int) -> str:
    """A unique title of the plot, by which a viewer recognises it."""
    return f"{kind} number {number:06}"


def plot(kind: str, number: int) -> Any:
    """Make the plot as a cell does when it runs again: with new arrays, even if they are equal."""
    x, y = columns(POINTS[kind], number if kind in ("column", "large") else 0)
    return drawn(x + number if kind == "large" else x.copy(), y.copy(), marker(kind, number))


def drawn(x: Any, y: Any, title: str) -> Any:
    made = figure(title=title, width=600, height=400)
    if title.startswith("line"):
        made.line(x, y)
    else:
        made.scatter(x, y, size=3)
    return made


@cache
def _noise(points: int) -> Any:
    return np.random.default_rng(7).standard_normal(points)


def columns(points: int, number: int = 0) -> tuple[Any, Any]:
    """Make x, and a y whose rotation depends on `number`, so that all values differ."""
    return np.arange(points, dtype=float), np.roll(_noise(points), number)


GLYPHS = 2_000
"""The number of glyphs in each plot of a long page."""


def plot_of_many(place: int) -> Any:
    """Make one of the plots of a long page."""
    made = figure(title=f"Plot {place}", width=500, height=150)
    made.scatter(*columns(GLYPHS, place), size=5)
    return made


def name_of_many(place: int) -> str:
    return f"plot-{place:03}"
