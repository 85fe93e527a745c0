"""The changes that people wait for: each by Python, in place and anew, and by JavaScript in the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from bokeh.models import LinearAxis, LinearScale, LogAxis, LogScale
from bokeh.plotting import figure

from benchmarks.plots import columns

ALL_ROWS, TITLE_ROWS = 100_000, 30
ROLL = 12_347
"""Rows by which a new column is rolled, so far that a dense line looks different too."""


@dataclass(frozen=True)
class Change:
    """One change, which is made again and again, each time with the next number."""

    what: str
    most: float
    """The goal: how many times as long as by JavaScript in the page it may take."""
    make: Callable[[int, int], Any]
    """Makes a plot anew, changed: of the number and of its place among several."""
    edit: Callable[[Any, int, int], None]
    """Changes a plot in place."""
    script: str
    """The same in JavaScript: of a plot, the number and a title, a function that sets the properties."""
    count: int = 1
    """The number of plots, each of which is changed."""
    rows: int = ALL_ROWS
    """The upper rows of pixels in which each plot shows the change."""
    is_toggled: bool = False
    """True if each second change undoes the first; the first ones are measured."""

    def make_all(self, number: int) -> list[Any]:
        return [self.make(number, place) for place in range(self.count)]

    def edit_all(self, plots: list[Any], number: int) -> None:
        for place, plot in enumerate(plots):
            self.edit(plot, number, place)

    def in_page(self, number: int) -> str:
        """The change of all plots of a static page, as a script whose value is the time of its beginning."""
        titles = json.dumps([make_title(number, place) for place in range(self.count)])
        return f"""() => {{
            const roots = Bokeh.documents[0].roots();
            const prepare = {self.script};
            const changes = {titles}.map((title, place) => prepare(roots[place], {number}, title));
            const began = performance.now();
            for (const change of changes) change();
            return began;
        }}"""


def make_title(number: int, place: int = 0) -> str:
    """Make a title that shares few letters at the same place with the next one."""
    return f"{('Sales of', 'All our costs in')[number % 2]} week {number:03}, shop {place}"


def make_line(
    points: int = 1_000, *, rolled: int = 0, title: str = "Sales", width: int = 600, height: int = 400,
    **options: Any,
) -> Any:  # fmt: skip
    plot = figure(title=title, width=width, height=height, **options)
    plot.line(np.arange(points, dtype=float), make_values(points, rolled))
    return plot


def make_values(points: int, rolled: int = 0) -> Any:
    """Make positive values, for a log axis too. They lie at other places after each change."""
    return 10 + np.abs(columns(points, rolled * ROLL)[1])


def _edit_title(plot: Any, number: int, place: int) -> None:
    plot.title.text = make_title(number, place)


def _edit_column(plot: Any, number: int, place: int) -> None:
    data = plot.renderers[0].data_source.data
    data["y"] = make_values(len(data["y"]), number)


def _edit_row(plot: Any, number: int, place: int) -> None:
    source = plot.renderers[0].data_source
    rows = len(source.data["y"])
    source.stream({"x": [float(rows)], "y": [make_values(2_000)[rows]]})


def _edit_axis(plot: Any, number: int, place: int) -> None:
    plot.y_scale = LogScale() if number % 2 else LinearScale()
    plot.left = [LogAxis() if number % 2 else LinearAxis()]
    plot.ygrid[0].axis = plot.left[0]


_SET_TITLE = "(plot, number, title) => () => { plot.title.text = title; }"
_SET_COLUMN = f"""(plot) => {{
    const source = plot.renderers[0].data_source;
    const data = Object.fromEntries(source.columns().map((name) => [name, source.get_column(name)]));
    const y = Float64Array.from(data.y, (_, row) => data.y[(row + {ROLL}) % data.y.length]);
    return () => {{ source.data = {{ ...data, y }}; }};
}}"""
_STREAM_ROW = """(plot) => {
    const source = plot.renderers[0].data_source;
    const rows = source.get_column("y").length;
    return () => source.stream({ x: [rows], y: [10 + rows % 3] });
}"""
_SET_AXIS = """(plot, number) => {
    const kind = number % 2 ? "Log" : "Linear";
    const make = (name) => new (Bokeh.Models.get(kind + name))();
    const grid = plot.center.find(({ dimension }) => dimension === 1);
    return () => {
        const axis = make("Axis");
        plot.y_scale = make("Scale");
        plot.left = [axis];
        grid.axis = axis;
    };
}"""

CHANGES = {
    "title": Change(
        "title, line of 1,000 points",
        1.3,
        lambda number, place: make_line(title=make_title(number, place)),
        _edit_title,
        _SET_TITLE,
    ),
    "column": Change(
        "one column new, line of 1,000",
        1.3,
        lambda number, place: make_line(rolled=number),
        _edit_column,
        _SET_COLUMN,
    ),
    "large": Change(
        "one column new, line of 100,000",
        1.2,
        lambda number, place: make_line(100_000, rolled=number),
        _edit_column,
        _SET_COLUMN,
    ),
    "row": Change(
        "a row appended, line of 1,000",
        1.3,
        lambda number, place: make_line(1_000 + number),
        _edit_row,
        _STREAM_ROW,
    ),
    "axis": Change(
        "log axis, line of 1,000",
        1.3,
        lambda number, place: make_line(y_axis_type="log" if number % 2 else "linear"),
        _edit_axis,
        _SET_AXIS,
        is_toggled=True,
    ),
    "titles": Change(
        "20 titles in one cell",
        1.3,
        lambda number, place: make_line(title=make_title(number, place), width=300, height=150),
        _edit_title,
        _SET_TITLE,
        count=20,
        rows=TITLE_ROWS,
    ),
}
