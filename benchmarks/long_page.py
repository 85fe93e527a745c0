"""Measures a page of many plots: until the first, the linked one and all are drawn, and an update of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median

from playwright.sync_api import Browser

from benchmarks.browser import browser
from benchmarks.changes import make_title
from benchmarks.kernel import Kernel, running
from benchmarks.plots import GLYPHS, name_of_many, plot_of_many
from benchmarks.result import Goal, Row, Table, ratio
from benchmarks.screen import Screen, open_screen, run_cell
from benchmarks.static_page import written

PLOTS = 100
WINDOW = {"width": 600, "height": 800}
HOLD = 3.0
"""Seconds for which the plot of the link has to stay in the window."""
EVERY = 0.1
"""Seconds after which a page is looked at again for all of its plots."""
ALL = Goal(1, unit="×")
FIRST, NAMED = 0.11, 0.15
"""For `PLOTS` plots; one of fewer is a larger part of all."""
ALONE, UPDATE = Goal(1.3, unit="×"), Goal(0.3, unit=" s")

START = """
import bokeh_share
from benchmarks.plots import name_of_many, plot_of_many
get_ipython().run_line_magic("load_ext", "bokeh_share")
get_ipython().run_line_magic("bokeh_share", "--address 127.0.0.1 --port 0")
plots = [plot_of_many(place) for place in range({plots})]
for place, plot in enumerate(plots):
    bokeh_share.share(plot, name=name_of_many(place))
url = bokeh_share.share().url
"""
EDIT = "plots[0].title.text = {title!r}"


@dataclass
class Found:
    """Seconds of each round."""

    static: list[float] = field(default_factory=list)
    """Until all plots of a static page are drawn."""
    first: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    """Until the plot of a page of one is drawn."""
    all: list[float] = field(default_factory=list)
    named: list[float] = field(default_factory=list)
    update: list[float] = field(default_factory=list)
    """From the cell's start, while the others wait out of view."""
    update_while_drawing: list[float] = field(default_factory=list)
    """The same while the others are drawn."""


@contextmanager
def _visit(chromium: Browser, url: str) -> Iterator[Screen]:
    """Visit a page in a new browser."""
    with chromium.new_context(viewport=WINDOW) as context:
        yield open_screen(context, url)


class LongPage:
    """A share of many plots, and one of a single plot."""

    def __init__(self, chromium: Browser, kernels: tuple[Kernel, Kernel], static: str, plots: int) -> None:
        self._chromium = chromium
        self._kernel = kernels[0]
        self._url: str = kernels[0].ask("url")
        self._url_alone: str = kernels[1].ask("url")
        self._static = static
        self._plots = plots
        self._titles = 0

    def run_round(self, found: Found) -> None:
        """Run one round."""
        with _visit(self._chromium, self._static) as screen:
            found.static.append(screen.drawn(count=self._plots, every=EVERY, everywhere=True))
        for url, seconds in ((self._url_alone, found.alone), (self._url, found.first)):
            with _visit(self._chromium, url) as screen:
                seconds.append(screen.drawn())
        with _visit(self._chromium, self._url) as screen:
            screen.drawn()
            screen.draw_all()
            found.all.append(screen.drawn(count=self._plots, every=EVERY, everywhere=True))
        name = name_of_many(self._plots // 2)
        with _visit(self._chromium, f"{self._url}#{name}") as screen:
            found.named.append(screen.drawn(f"#{name}", hold=HOLD))
        found.update.append(self._update())
        found.update_while_drawing.append(self._update(draw_all=True))

    def _update(self, *, draw_all: bool = False) -> float:
        """Change the title of the first plot as soon as it is drawn."""
        selector = f"#{name_of_many(0)}"
        self._titles += 1
        cell = run_cell(self._kernel, EDIT.format(title=make_title(self._titles)), "edit")
        with _visit(self._chromium, self._url) as screen:
            screen.drawn(selector)
            if draw_all:
                screen.draw_all()
            return screen.measure_change(cell, selector=selector)[0]


@contextmanager
def _shared(plots: int) -> Iterator[Kernel]:
    with running() as kernel:
        kernel.run(START.format(plots=plots), "sharing")
        yield kernel


def measure(times: int, plots: int = PLOTS) -> Found:
    """Run the rounds, of which each visit is in a new browser; takes a minute per round."""
    found = Found()
    with browser() as chromium, ExitStack() as stack:
        kernels = (stack.enter_context(_shared(plots)), stack.enter_context(_shared(1)))
        static = stack.enter_context(written([plot_of_many(place) for place in range(plots)]))
        page = LongPage(chromium, kernels, static, plots)
        for _ in range(times):
            page.run_round(found)
    return found


def table(found: Found, plots: int = PLOTS) -> Table:
    static = "times a static page of all plots"
    head = (f"{plots} plots of {GLYPHS:,} glyphs each", "", "goal")
    first, named = (Goal(most * PLOTS / plots, unit="×") for most in (FIRST, NAMED))
    compared = (
        (f"the first plot: {static}", found.first, found.static, first),
        ("the first plot: times a page of one", found.first, found.alone, ALONE),
        (f"all plots, drawn as before printing: {static}", found.all, found.static, ALL),
        (f"the plot of `#name`: {static}", found.named, found.static, named),
    )
    rows = [Row(what, (ratio(those, ours),), (goal,), unit="×") for what, those, ours, goal in compared]
    updates = {
        "an update of a drawn plot, the others out of view": found.update,
        "an update of a drawn plot, while the others are drawn": found.update_while_drawing,
    }
    rows += [Row(what, (median(seconds),), (UPDATE,), unit=" s") for what, seconds in updates.items()]
    return Table(head, (*rows, Row("a static page of all plots", (median(found.static),), unit=" s")))
