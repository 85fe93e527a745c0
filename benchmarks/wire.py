"""Measures the bytes of a change on its way to a viewer, without kernel and network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
from bokeh.themes import default

from benchmarks.result import Goal, Row, Table
from bokeh_share.broadcast.hub import Hub
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot

POINTS = 100_000
KEY = PlotKey("name", "sales")
NOON = 1_767_268_800_000

Change = Callable[[Any, Any], object]
"""Changes a new figure and its source before they are shown."""


def base(**options: Any) -> tuple[Any, ColumnDataSource]:
    random = np.random.default_rng(7)
    source = ColumnDataSource({"x": np.arange(POINTS, dtype=float), "y": random.uniform(1, 9, POINTS)})
    plot = figure(title="Sales", x_axis_label="day", y_axis_label="pieces", **options)
    plot.scatter("x", "y", source=source, size=3, color="navy")
    return plot, source


def _rows(first: int, count: int) -> Change:
    """The rows from `first` on, and `count` new rows."""

    def change(plot: Any, source: Any) -> None:
        x, y = source.data["x"], source.data["y"]
        more = np.arange(count, dtype=float)
        source.data = {"x": np.append(x, x[-1] + 1 + more)[first:], "y": np.append(y, 2 + more)[first:]}

    return change


def _title(plot: Any, source: Any) -> None:
    plot.title.text = "Sales, as of today"


def _label(plot: Any, source: Any) -> None:
    plot.xaxis.axis_label = "day of the year"


def _color(plot: Any, source: Any) -> None:
    plot.renderers[0].glyph.fill_color = "firebrick"


def _value(plot: Any, source: Any) -> None:
    source.data["y"][POINTS // 2] = 5.0


def _no_title(plot: Any, source: Any) -> None:
    plot.title = None


def _line(plot: Any, source: Any) -> None:
    plot.line("x", "y", source=source)


TEXT, DATA, MODELS = Goal(500, unit=" B"), Goal(1000, unit=" B"), Goal(12_000, unit=" B")
CHANGES: dict[str, tuple[Change, Goal]] = {
    "nothing, the cell was run again": (lambda plot, source: None, Goal(0, unit=" B")),
    "the title's text": (_title, TEXT),
    "an axis's label": (_label, TEXT),
    "a colour": (_color, TEXT),
    "one row more": (_rows(0, 1), DATA),
    "the window slid on by one row": (_rows(1, 1), DATA),
    "one value": (_value, DATA),
    "the title taken away": (_no_title, MODELS),
    "from a linear to a log axis": (lambda plot, source: None, MODELS),
    "another renderer of the same data": (_line, MODELS),
}


def weigh(name: str, change: Change) -> tuple[int, int]:
    """Count the bytes of the plot's message, and of the page's message before it, for a viewer in step."""
    hub = Hub(Page(title="Plots"))
    first = capture_plot(base()[0], theme=default).snapshot
    hub.publish(hub.page.put(KEY, first, now=NOON))
    with hub.add_viewer() as viewer:
        while hub.take_next_frame(viewer) is not None:
            pass
        plot, source = base(y_axis_type="log" if "log" in name else "auto")
        change(plot, source)
        next_ = capture_plot(plot, theme=default, before=hub.page.plots[0].snapshot).snapshot
        hub.publish(hub.page.put(KEY, next_, now=NOON + 1))
        sizes = [_payload(frame) for frame in iter(lambda: hub.take_next_frame(viewer), None)]
    return (sum(sizes[1:]), sizes[0]) if sizes else (0, 0)


def _payload(frame: bytes) -> int:
    return len(frame) - 2 - {126: 2, 127: 8}.get(frame[1] & 0x7F, 0)


def rows() -> Iterator[Row]:
    for name, (change, goal) in CHANGES.items():
        weight, _ = weigh(name, change)
        yield Row(name, (weight,), (goal,), unit=" B")


def table() -> Table:
    return Table(("what changed on a plot of 100,000 points", "bytes per viewer", "goal"), tuple(rows()))
