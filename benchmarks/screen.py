"""Measures when a page shows a change: reads the pixels of its canvases after each animation frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from benchmarks.kernel import Kernel

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
ALL_ROWS = 100_000
QUIET = 0.4
"""Seconds without another picture after which a change is complete. Ours repaints once after 0.25 s."""
PATIENCE = 180.0
"""Seconds after which a visit or a change has failed."""
SIMILAR = 0.02
"""A picture is the last one if at most this part of the changed pixels differs from it."""
FEWEST = 50
"""Pixels that a change has to change, or else it may be seen too early."""
ROUND_TRIPS = 8

Frame = tuple[float, float]
"""A picture's time in the page's clock, in ms, and the number of its pixels that differ from the last."""
Action = Callable[["Screen"], float]


@dataclass(frozen=True)
class Recording:
    """The pictures that a page showed during a change."""

    frames: tuple[Frame, ...]
    """The first is the one before the change."""
    spent: float
    """Milliseconds that it takes to read the pixels after a frame."""

    @property
    def shown(self) -> float:
        """The time since which the page shows the last picture."""
        return find_last_picture(self.frames)


def find_last_picture(frames: Sequence[Frame]) -> float:
    """Return the time of the first frame from which on all frames show the last picture."""
    most = SIMILAR * frames[0][1]
    since = frames[-1][0]
    for when, different in reversed(frames):
        if different > most:
            break
        since = when
    return since


class Screen:
    """The plots of one page, as a viewer sees them. Exists as long as the page.

    The pixels are read in the page. A screencast would encode each frame, which takes longer, and slows the
    kernel on a machine with few processors.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self._offset = 0.0
        """Milliseconds of the page's clock less those of this process."""

    def drawn(
        self,
        selector: str | None = None,
        *,
        count: int = 1,
        hold: float = 0,
        every: float = 0,
        everywhere: bool = False,
    ) -> float:
        """The seconds from the visit's beginning to the time since which `count` plots are drawn.

        They are in the window, or with `everywhere` anywhere on the page, and so for `hold` seconds. `every`
        seconds, or after each frame, the page is looked at.
        """
        options = {
            "selector": selector,
            "count": count,
            "hold": hold * 1000,
            "interval": every * 1000,
            "everywhere": everywhere,
            "patience": PATIENCE * 1000,
        }
        when: float | None = self.page.evaluate("options => observer.drawn(options)", options)
        if when is None:
            raise RuntimeError(f"{self.page.url} did not show {count} plots within {PATIENCE:.0f} s")
        return when / 1000

    def draw_all(self) -> None:
        """Let a page of ours draw all plots, as it does before it is printed."""
        self.page.evaluate("() => dispatchEvent(new Event('beforeprint'))")

    def measure_change(
        self,
        action: Action,
        *,
        count: int = 1,
        rows: int = ALL_ROWS,
        selector: str | None = None,
    ) -> tuple[float, Recording]:
        """The seconds from the beginning of a change until the page shows it, and the pictures.

        `action` makes the change, and returns its beginning in the page's clock. The upper `rows` of each of
        `count` plots are read.
        """
        self._synchronise()
        self.page.evaluate("options => observer.watch(options)", {"selector": selector, "rows": rows})
        began = action(self)
        options = {"count": count, "quiet": QUIET * 1000, "patience": PATIENCE * 1000}
        found = self.page.evaluate("options => observer.settle(options)", options)
        if not found["settled"]:
            raise RuntimeError(f"{self.page.url} did not show a change within {PATIENCE:.0f} s")
        recording = Recording(tuple((when, different) for when, different in found["frames"]), found["spent"])
        if recording.frames[0][1] < FEWEST or recording.shown <= began:
            raise RuntimeError(
                f"{self.page.url} shows no change that can be measured: {recording}, from {began}"
            )
        return (recording.shown - began) / 1000, recording

    def in_page(self, when: float) -> float:
        """The page's time for a time of this process's monotonic clock."""
        return when * 1000 + self._offset

    def rest(self) -> None:
        """Wait until no animation runs."""
        self.page.evaluate("() => observer.rest()")

    def take_fingerprint(self) -> int:
        """Return a number that depends on all pixels of the plots in the window."""
        found: int = self.page.evaluate("() => observer.takeFingerprint()")
        return found

    def settle(self) -> None:
        """Wait until no pixel changes any more."""
        end = time.monotonic() + PATIENCE
        while not self.is_still(QUIET):
            if time.monotonic() > end:
                raise RuntimeError(f"{self.page.url} changes by itself")

    def is_still(self, seconds: float) -> bool:
        """Return True if all pixels stay as they are for this time."""
        self.page.evaluate("options => observer.watch(options)", {"selector": None, "rows": ALL_ROWS})
        self.page.wait_for_timeout(seconds * 1000)
        options = {"count": 0, "quiet": 0, "patience": 0}
        found = self.page.evaluate("options => observer.settle(options)", options)
        return len(found["frames"]) == 1

    def _synchronise(self) -> None:
        """Compare the clocks: the shortest of several round trips is the most exact."""
        trips = []
        for _ in range(ROUND_TRIPS):
            asked = time.monotonic()
            now: float = self.page.evaluate("() => performance.now()")
            answered = time.monotonic()
            trips.append((answered - asked, now - 500 * (asked + answered)))
        self._offset = min(trips)[1]


def open_screen(context: BrowserContext, url: str) -> Screen:
    """Open a URL in a new page of a context."""
    page = context.new_page()
    page.add_init_script(SCRIPT)
    page.goto(url, wait_until="commit")
    return Screen(page)


def run_cell(kernel: Kernel, code: str, cell: str) -> Action:
    """A change by a cell, which begins when the request to execute it is sent."""

    def run(screen: Screen) -> float:
        began = time.monotonic()
        kernel.run(code, cell)
        return screen.in_page(began)

    return run


def run_script(script: str) -> Action:
    """A change by a script in the page, whose value is the time of its beginning."""

    def run(screen: Screen) -> float:
        began: float = screen.page.evaluate(script)
        return began

    return run


def check(screen: Screen, action: Action, *, count: int = 1, rows: int = ALL_ROWS) -> None:
    """Raise RuntimeError unless a screen measures the change that a screenshot has, and none without it."""
    if not screen.is_still(2 * QUIET):
        raise RuntimeError(f"{screen.page.url} changes by itself")
    before = screen.page.screenshot()
    screen.measure_change(action, count=count, rows=rows)
    if screen.page.screenshot() == before:
        raise RuntimeError(f"{screen.page.url} looks as it did before the change")
