"""Puts pictures, tables and texts on the page, and figures when their pictures have been exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from typing import NamedTuple

from ..errors import BokehShareError
from .capturer import PlotCapturer
from .media import (
    CannotShow,
    Display,
    FigureExporter,
    MediaSnapshot,
    build_element,
    build_text_snapshot,
    find_figure_title,
    find_missing_package,
)
from .page import Page, PlotKey, read_time_ms
from .tracked_plots import TrackedPlots


class ShownDisplay(NamedTuple):
    """A display on the page, or one whose picture is being exported, with the caption that its code gave."""

    shown: Display
    caption: str | None


class DisplayPlots:
    """The displays of cells on the page. They do not change, so they are not tracked.

    Exists as long as its tracker.
    """

    def __init__(
        self,
        plots: TrackedPlots,
        capturer: PlotCapturer,
        update_page: Callable[[Callable[[Page], Page]], None],
        lock: AbstractContextManager[bool],
        choose_caption: Callable[[PlotKey, str | None], str | None],
        exporter: FigureExporter | None = None,
    ) -> None:
        """`update_page` applies a function to the page. `lock` is that of the tracker, which is locked while
        it calls a method. `choose_caption` returns the caption that the page shows for that of the code."""
        self._plots = plots
        self._capturer = capturer
        self._update_page = update_page
        self._lock = lock
        self._choose_caption = choose_caption
        self._exporter = exporter or FigureExporter()
        self._shown: dict[PlotKey, ShownDisplay] = {}
        self._waiting: set[PlotKey] = set()
        """The keys of figures whose pictures are being exported."""

    def find(self, key: PlotKey) -> ShownDisplay | None:
        """Find the display at `key`, on the page or being exported."""
        return self._shown.get(key)

    def put(self, key: PlotKey, display: Display, caption: str | None) -> None:
        """Put a display at `key`. The picture of a figure follows when it is exported; until then the last
        state stays. Raises `CannotShow` or `PlotTooLarge`, which is recorded."""
        self.cancel(key)
        self._shown[key] = ShownDisplay(display, caption)
        with self._plots.record_problem(key):
            self._put_or_export(key, display)

    def _put_or_export(self, key: PlotKey, display: Display) -> None:
        package = None if display.is_ready else find_missing_package(display.exporter)
        if package is not None:
            self._put(key, _describe_missing_export(display, package))
            name = self._capturer.describe_display(key, display)
            raise CannotShow(name, f"its picture needs {package}: pip install {package}, and show it again")
        if display.is_ready:
            self._put(key, self._capturer.capture_display(key, display))
        else:
            self._waiting.add(key)
            self._exporter.export(display, self._finish_export)

    def _finish_export(self, display: Display, problem: str) -> None:
        """Put the picture of a figure on the page, unless another plot is there now, or record the problem.
        The exporter's thread calls this."""
        with self._lock, suppress(BokehShareError):
            key = next((key for key in self._waiting if self._shown[key].shown is display), None)
            if key is None:
                return
            self._waiting.discard(key)
            with self._plots.record_problem(key):
                if problem:
                    raise CannotShow(self._capturer.describe_display(key, display), problem)
                self._put(key, self._capturer.capture_display(key, display))

    def cancel(self, key: PlotKey) -> None:
        """Handle that something else is put at `key`, or nothing."""
        former = self._shown.pop(key, None)
        if former is not None and key in self._waiting:
            self._waiting.discard(key)
            self._exporter.cancel(former.shown)

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> None:
        for key in filter(is_unwanted, [*self._shown]):
            self.cancel(key)

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        self._shown = {keys.get(key, key): each for key, each in self._shown.items()}
        self._waiting = {keys.get(key, key) for key in self._waiting}

    def close(self) -> None:
        self._shown.clear()
        self._waiting.clear()
        self._exporter.close()

    def _put(self, key: PlotKey, snapshot: MediaSnapshot) -> None:
        self._plots.remove(key.__eq__)  # a plot of Bokeh that was here, and its problem
        now, caption = read_time_ms(), self._choose_caption(key, self._shown[key].caption)
        self._update_page(lambda page: page.put(key, snapshot, now=now, caption=caption))


def _describe_missing_export(display: Display, package: str) -> MediaSnapshot:
    """Build the text that viewers see in place of a figure that cannot be exported."""
    title = find_figure_title(display.content)
    subject = f"This {display.noun}" if not title else f"The {display.noun} “{title}”"
    text = f"{subject} is not shown, since {package} is not installed where the notebook runs."
    return build_text_snapshot([build_element("p", {}, [text])], noun=display.noun)
