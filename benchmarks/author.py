"""Measures the author's cost of a snapshot and its patch, compared to Bokeh's serialisation of the plot."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import pandas as pd
from bokeh.core.serialization import Serializer
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
from bokeh.themes import default

from benchmarks.plots import columns
from benchmarks.result import Goal, Row, Table
from bokeh_share.plots.diff.diff import diff_snapshots
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot

POINTS = 100_000
KEY = PlotKey("name", "sales")
SERIALISED = Goal(1.5, unit="×")

Data = Callable[[int], Any]


def _arrays(number: int) -> Any:
    x, y = columns(POINTS, number)
    return {"x": x.copy(), "y": y.copy()}


def _lists(number: int) -> Any:
    x, y = columns(POINTS, number)
    return {"x": x.tolist(), "y": y.tolist()}


def _frame(number: int) -> Any:
    return pd.DataFrame(_arrays(number))


def _mixed(number: int) -> Any:
    days = pd.date_range("2020", periods=POINTS, freq="h")
    return _frame(number).assign(day=days, name=[f"shop {row % 50}" for row in range(POINTS)])


KINDS: dict[str, Data] = {
    "numpy arrays": _arrays,
    "lists": _lists,
    "a pandas frame": _frame,
    "a pandas frame with dates and texts": _mixed,
}
CHANGES = ("unchanged", "new title", "new data")


def _plot(data: Any, title: str) -> Any:
    made = figure(title=title, width=600, height=400)
    made.scatter("x", "y", source=ColumnDataSource(data), size=3)
    return made


class Author:
    """Shares one plot repeatedly on its own page."""

    def __init__(self) -> None:
        self._page = Page()

    def serialise(self, plot: Any) -> None:
        Serializer().encode(plot)

    def share(self, plot: Any) -> None:
        """Capture the plot, put it on the page, and compute the patch."""
        former = self._page.find(KEY)
        captured = capture_plot(plot, theme=default, before=former.snapshot if former else None)
        self._page = self._page.put(KEY, captured.snapshot, now=0)
        newest = self._page.find(KEY)
        assert newest is not None
        if former is not None and newest is not former:
            diff_snapshots(former.snapshot, newest.snapshot)


def cost(data: Data, change: str, times: int) -> float:
    """The time to share a plot that was made anew, divided by Bokeh's serialisation of an equal plot."""
    author, ratios = Author(), []
    for number in range(times + 2):
        values = data(number if change == "new data" else 0)
        title = f"Sales {number}" if change == "new title" else "Sales"
        turns = [(author.share, _plot(values, title)), (author.serialise, _plot(values, title))]
        gc.collect()
        # In turns, since the first one finds the caches empty.
        took = {work: _seconds(work, plot) for work, plot in (turns if number % 2 else turns[::-1])}
        if number > 1:  # the first has no former plot, and fills the caches
            ratios.append(took[author.share] / took[author.serialise])
    return median(ratios)


def _seconds(work: Callable[[Any], None], plot: Any) -> float:
    began = time.perf_counter()
    work(plot)
    return time.perf_counter() - began


def rows(times: int) -> Iterator[Row]:
    for name, data in KINDS.items():
        yield Row(name, tuple(cost(data, change, times) for change in CHANGES), (SERIALISED,) * 3, unit="×")


def table(times: int) -> Table:
    """Takes about two seconds per time; four times as many as elsewhere, since each is short."""
    head = ("times Bokeh's serialisation, 100,000 points in", "run again", "new title", "new data", "goal")
    return Table(head, tuple(rows(4 * times)))
