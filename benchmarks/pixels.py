"""Measures the time that people feel: from a cell's start until the pixels on a viewer's screen change."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from playwright.sync_api import Browser

from benchmarks.browser import browser
from benchmarks.changes import CHANGES, Change
from benchmarks.kernel import Kernel, running
from benchmarks.result import Goal, Row, Table, ratio
from benchmarks.screen import Action, Screen, check, open_screen, run_cell, run_script
from benchmarks.static_page import written

START = """
from benchmarks.changes import CHANGES
from benchmarks.notebooks.{name} import Notebook
notebook = Notebook()
url = notebook.start()
"""
REST = 0.15
"""Seconds before a turn in which all pages and kernels are idle."""
VIEWPORT = {"width": 1000, "height": 800}
ROW_HEIGHT = 290
"""Pixels that one of several plots takes on a page, at most."""


class ChangeMethod(NamedTuple):
    """One method to make a change."""

    contender: str
    call: str
    """The notebook's method that the cell calls; empty for a script in the page."""


OURS = (ChangeMethod("ours", "edit"), ChangeMethod("ours", "show"))
OTHERS = (
    ChangeMethod("bokeh_server", "edit"),
    ChangeMethod("bokeh_server", "show"),
    ChangeMethod("panel_pane", "show"),
)
FLOOR = ChangeMethod("static_page", "")
NOTEBOOKS = ("ours", "bokeh_server", "panel_pane")

Seconds = dict[ChangeMethod, list[float]]


@dataclass(frozen=True)
class Found:
    seconds: dict[str, Seconds]
    """By the name of the change: seconds of each round."""
    spent: list[float] = field(default_factory=list)
    """Milliseconds to read the pixels after a frame."""


@contextmanager
def started(name: str) -> Iterator[Kernel]:
    """Start a notebook in a new kernel, which has its `url`."""
    with running() as kernel:
        kernel.run(START.format(name=name), "starting")
        yield kernel


class ChangeRounds:
    """One change, made by each method in turn, each on a page of its own."""

    def __init__(self, name: str, kernels: dict[str, Kernel], screens: dict[str, Screen]) -> None:
        self._name = name
        self._change = CHANGES[name]
        self._kernels = kernels
        self._screens = screens
        self._numbers: Counter[str] = Counter()
        self.spent: list[float] = []

    def run(self, times: int) -> Seconds:
        """Run `times` rounds, each with a turn of all methods, after a first round that does not count."""
        methods = [method for method in (*OURS, *OTHERS, FLOOR) if method in list_methods(self._change)]
        found: Seconds = {method: [] for method in methods}
        for again in range(times + 1):
            for method in methods[:: 1 if again % 2 else -1]:
                seconds = self._measure(method)
                if self._change.is_toggled:
                    self._measure(method)
                if again:
                    found[method].append(seconds)
        return found

    def check(self) -> None:
        """Check that each page's screen sees the change."""
        for method in {method.contender: method for method in list_methods(self._change)}.values():
            check(self._screens[method.contender], self._build_action(method), rows=self._change.rows)

    def _measure(self, method: ChangeMethod) -> float:
        for screen in self._screens.values():
            screen.rest()
        time.sleep(REST)
        screen = self._screens[method.contender]
        seconds, recording = screen.measure_change(
            self._build_action(method), count=self._change.count, rows=self._change.rows
        )
        self.spent.append(recording.spent)
        return seconds

    def _build_action(self, method: ChangeMethod) -> Action:
        self._numbers[method.contender] += 1
        number = self._numbers[method.contender]
        if method == FLOOR:
            return run_script(self._change.in_page(number))
        code = f"notebook.{method.call}(CHANGES[{self._name!r}], {number})"
        return run_cell(self._kernels[method.contender], code, method.call)


def list_methods(change: Change) -> list[ChangeMethod]:
    """Several plots are only edited: nobody replaces twenty roots for a title."""
    return [*OURS, *(OTHERS if change.count == 1 else OTHERS[:1]), FLOOR]


@contextmanager
def opened(chromium: Browser, kernels: dict[str, Kernel], name: str) -> Iterator[ChangeRounds]:
    """Show a change's plots by all notebooks and on a static page, each in a window of its own."""
    change = CHANGES[name]
    size = {**VIEWPORT, "height": max(VIEWPORT["height"], change.count * ROW_HEIGHT)}
    with ExitStack() as stack:
        urls = {FLOOR.contender: stack.enter_context(written(change.make_all(0)))}
        for method in list_methods(change):
            if method != FLOOR:
                kernel = kernels[method.contender]
                kernel.run(f"notebook.show(CHANGES[{name!r}], 0)", "show")
                urls[method.contender] = kernel.ask("url")
        screens = {}
        for contender, url in urls.items():
            context = stack.enter_context(chromium.new_context(viewport=size))
            screens[contender] = open_screen(context, url)
            screens[contender].drawn(count=change.count)
        for screen in screens.values():
            screen.settle()
        yield ChangeRounds(name, kernels, screens)


def measure(times: int) -> Found:
    """Run the turns of all changes; takes about five seconds per round and change."""
    found = Found({})
    with browser() as chromium, ExitStack() as stack:
        kernels = {name: stack.enter_context(started(name)) for name in NOTEBOOKS}
        for place, name in enumerate(CHANGES):
            with opened(chromium, kernels, name) as rounds:
                if place == 0:
                    rounds.check()
                found.seconds[name] = rounds.run(times)
                found.spent.extend(rounds.spent)
    return found


def tables(found: Found) -> list[Table]:
    head = (
        "from the cell's start to pixels, times a script in the page",
        "in place",
        "run again",
        "Bokeh server, in place",
        "Bokeh server, replaced",
        "Panel",
        "goal",
    )
    rows = [
        Row(CHANGES[name].what, _ratios(seconds), (Goal(CHANGES[name].most, unit="×"),) * 2, unit="×")
        for name, seconds in found.seconds.items()
    ]
    floors = [
        Row(CHANGES[name].what, (1000 * median(seconds[FLOOR]),), unit=" ms")
        for name, seconds in found.seconds.items()
    ]
    floors.append(Row("of it, to read the pixels after each frame", (median(found.spent),), unit=" ms"))
    floor = Table(("a script in the page: until the pixels", "", ""), tuple(floors))
    return [Table(head, tuple(rows)), floor]


def _ratios(seconds: Seconds) -> tuple[float | None, ...]:
    """How many times as long as the floor each method takes."""
    return tuple(
        ratio(seconds[method], seconds[FLOOR]) if method in seconds else None for method in (*OURS, *OTHERS)
    )
