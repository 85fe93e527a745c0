"""The plots that are shown, and how they change."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from bokeh.plotting import figure

POINTS = {"title": 100_000, "column": 20_000, "large": 100_000, "line": 1_000}
"""How many points the plot of each kind has: `title` gets another title, `column` other values in y too,
`large` others in both, and `line` is a line."""


def marker(kind: str, number: int) -> str:
    """The plot's title, by which a viewer knows that it is there: never the same twice."""
    return f"{kind} number {number:06}"


def plot(kind: str, number: int) -> Any:
    """As a cell would make it when it is run again: each array is there anew, whether it differs or not."""
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
    """x, and y, of which each `number` has a rotation of its own: all values differ."""
    return np.arange(points, dtype=float), np.roll(_noise(points), number)
