"""Measures how much sharing slows the author's cells, in a real kernel with viewers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from benchmarks.audience import Audience, gathered
from benchmarks.kernel import Kernel, running
from benchmarks.result import Goal, Row, Table
from benchmarks.rounds import START

VIEWERS = 3
UPDATE = '"kind":"plot"'
OFTEN = Goal(10, least=True)

SETUP = """
import time
import numpy as np
import pandas as pd
from bokeh.io import output_notebook, show
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
output_notebook(hide_banner=True)

def stream(times):
    source = ColumnDataSource({"x": np.arange(1000.0), "y": np.zeros(1000)})
    plot = figure(width=300, height=300)
    plot.line("x", "y", source=source)
    show(plot)
    began = time.perf_counter()
    for number in range(times):
        source.stream({"x": [1000.0 + number], "y": [number % 7.0]}, rollover=1000)
    return time.perf_counter() - began

def shows(times):
    source = ColumnDataSource({"x": np.arange(1000.0), "y": np.zeros(1000)})
    plot = figure(width=300, height=300)
    plot.line("x", "y", source=source)
    began = time.perf_counter()
    for number in range(times):
        source.data["y"] = np.arange(1000.0) % (2 + number)
        show(plot)
    return time.perf_counter() - began

def many(plots, points):
    for number in range(plots):
        plot = figure(width=300, height=300)
        plot.scatter(np.arange(points) + 0.5, np.arange(points) * 0.5)
        show(plot)

def frame(rows):
    days = pd.date_range("2020", periods=rows, freq="h")
    names = [f"shop {row % 50}" for row in range(rows)]
    source = ColumnDataSource(pd.DataFrame({"x": np.arange(rows), "day": days, "name": names}))
    plot = figure(width=300, height=300)
    plot.scatter("x", "x", source=source)
    show(plot)
"""
# IPython calls hooks in the order of their registration: these are before and after the extension's.
BEFORE = """
import time
idle = []
def before(result):
    global began
    began = time.perf_counter()
get_ipython().events.register("post_run_cell", before)
"""
AFTER = """
def after(result):
    idle.append(time.perf_counter() - began)
get_ipython().events.register("post_run_cell", after)
"""


def idle(kernel: Kernel, shows: str, megabytes: float, times: int) -> float:
    """The seconds of a cell that shows and changes nothing, divided by the goal."""
    kernel.run(shows, "many")
    kernel.run("1", "idle")
    kernel.run("idle.clear()", "idle")
    for _ in range(times):
        kernel.run("1", "idle")
    return float(median(kernel.ask("idle")[1:])) / (0.001 + 0.0001 * megabytes)


def loop(kernels: tuple[Kernel, Kernel], name: str, times: int) -> float:
    """The part of the loop's time that sharing takes: of many short runs, in turns with and without it."""
    count, added = _lasting(kernels[1], name, 0.5), []
    for number in range(4 * times):
        took = {kernel: _took(kernel, name, count) for kernel in kernels[:: 1 if number % 2 else -1]}
        added.append(1 - took[kernels[1]] / took[kernels[0]])
    return median(added)


def seen(ours: Kernel, name: str, audience: Audience, times: int) -> float:
    """The number of updates of the loop that each viewer receives per second."""
    count, often = _lasting(ours, name, 2.0), []
    for _ in range(times):
        audience.expect("ours", UPDATE)
        took = _took(ours, name, count)
        time.sleep(0.5)
        # One more comes before the first and after the last, for the plot's beginning and end.
        often.append((min(audience.counted("ours")) - 2) / took)
    return median(often)


def _took(kernel: Kernel, name: str, count: int) -> float:
    kernel.run(f"took = {name}({count})", name)
    return float(kernel.ask("took"))


def _lasting(kernel: Kernel, name: str, seconds: float) -> int:
    """Return the number of iterations for which the loop lasts about this long."""
    _took(kernel, name, 5)
    return max(10, round(seconds / _took(kernel, name, 50) * 50))


def table(times: int) -> Table:
    with gathered() as audience, running() as ours, running() as plain:
        ours.run(BEFORE, "setup")
        ours.run(START.format(name="ours"), "starting")
        for kernel in (ours, plain):
            kernel.run(SETUP, "setup")
        ours.run(AFTER, "setup")
        ours.run("many(1, 10)", "stream")
        audience.come("ours", ours.ask("link"), VIEWERS, UPDATE)
        return Table(("in the author's cells", "", "goal"), tuple(rows(ours, plain, audience, times)))


def rows(ours: Kernel, plain: Kernel, audience: Audience, times: int) -> Iterator[Row]:
    for name, what, share in (("stream", "source.stream()", 1 / 4), ("shows", "show()", 1 / 2)):
        added, often = loop((ours, plain), name, times), seen(ours, name, audience, times)
        yield Row(f"which part of the time of a `{what}` loop sharing takes", (added,), (Goal(share),))
        yield Row(f"updates a second that viewers see of a `{what}` loop", (often,), (OFTEN,))
        ours.run("1", name)
    # A row of a frame has an index, a number, a date, and a pointer to its text.
    for shows, megabytes, where in (
        ("many(1, 100_000)", 1.6, "a plot"),
        ("many(1, 3_000_000)", 48.0, "a plot"),
        ("many(10, 300_000)", 48.0, "10 plots"),
        ("frame(500_000)", 16.0, "a frame with dates and texts"),
    ):
        found = idle(ours, shows, megabytes, 5 * times)
        beside = f"{megabytes:.0f} MB in {where}"
        what = f"a cell that changes nothing, beside {beside}: of 1 ms + 0.1 ms per MB"
        yield Row(what, (found,), (Goal(1),))
