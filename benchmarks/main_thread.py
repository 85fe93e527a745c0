"""Measures how long a page's main thread works after a change, which uses up a phone's battery."""

from __future__ import annotations

import time
from contextlib import ExitStack
from statistics import median

from playwright.sync_api import CDPSession

from benchmarks.browser import browser
from benchmarks.kernel import Kernel
from benchmarks.pixels import VIEWPORT, started
from benchmarks.result import Goal, Row, Table, ratio
from benchmarks.screen import Screen, open_screen

WATCHED = 2.5
"""Seconds from the cell's start in which the page's tasks count."""
CONTENDERS = ("ours", "bokeh_server")
METHODS = ("edit", "show")
MOST = Goal(1.2, unit="×")

Found = dict[tuple[str, str], list[float]]
"""By contender and method: seconds of the main thread in each round."""


def measure(times: int) -> Found:
    """Change a title in turn by each contender; takes eleven seconds per round."""
    found: Found = {(name, method): [] for method in METHODS for name in CONTENDERS}
    with browser() as chromium, ExitStack() as stack:
        kernels = {name: stack.enter_context(started(name)) for name in CONTENDERS}
        pages = {}
        for name, kernel in kernels.items():
            kernel.run("notebook.show(CHANGES['title'], 0)", "show")
            context = stack.enter_context(chromium.new_context(viewport=VIEWPORT))
            screen = open_screen(context, kernel.ask("url"))
            screen.drawn()
            session = context.new_cdp_session(screen.page)
            session.send("Performance.enable")
            pages[name] = (screen, session)
        number = 0
        for again in range(times + 1):
            for name, method in [*found][:: 1 if again % 2 else -1]:
                number += 1
                code = f"notebook.{method}(CHANGES['title'], {number})"
                seconds = _watch(kernels[name], code, method, *pages[name])
                if again:
                    found[name, method].append(seconds)
    return found


def _watch(kernel: Kernel, code: str, cell: str, screen: Screen, session: CDPSession) -> float:
    screen.settle()
    screen.rest()
    former = screen.take_fingerprint()
    before, end = _sum_tasks(session), time.monotonic() + WATCHED
    kernel.run(code, cell)
    time.sleep(max(0.0, end - time.monotonic()))
    took = _sum_tasks(session) - before
    if screen.take_fingerprint() == former:
        raise RuntimeError(f"{screen.page.url} did not show a new title within {WATCHED} s")
    return took


def _sum_tasks(session: CDPSession) -> float:
    """Seconds that all tasks of the page's main thread took so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def table(found: Found) -> Table:
    head = (f"the page's main thread in {WATCHED} s after one title", "in place", "run again", "goal")
    own, others = ([found[name, method] for method in METHODS] for name in CONTENDERS)
    return Table(
        head,
        (
            Row(
                "times as long as with a Bokeh server",
                tuple(ratio(one, other) for one, other in zip(own, others, strict=True)),
                (MOST, MOST),
                unit="×",
            ),
            Row("ours", tuple(1000 * median(each) for each in own), unit=" ms"),
            Row("Bokeh server", tuple(1000 * median(each) for each in others), unit=" ms"),
        ),
    )
