"""Passes the tracker's pages to viewers and other sinks, or holds them back while the page is paused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from ..plots import LazyPage, Page, PageSink, PlotTracker, RefreshThrottle, read_time_ms


class Viewers(PageSink, Protocol):
    """The viewers of a share."""

    def flush(self) -> None:
        """Send the newest page now, and return when it is sent, or after some milliseconds."""


class PublishedPage:
    """Passes pages on from `start` to `stop`, and holds changes back from `pause` to `resume`."""

    def __init__(
        self,
        tracker: PlotTracker,
        viewers: Viewers,
        schedule: Callable[[float, Callable[[], None]], None],
        on_change: Callable[[], None],
    ) -> None:
        """`schedule` calls a function on the kernel's loop after some seconds. `on_change` is called after
        the page has changed by more than edits, or a plot could not be put on it."""
        self._tracker = tracker
        self._viewers = viewers
        self._on_change = on_change
        self._refresh_throttle = RefreshThrottle(lambda: tracker.refresh(dirty_only=True), schedule)
        self._paused_page: Page | None = None
        """The page that viewers see while the author has paused it."""
        self._sinks: tuple[PageSink, ...] = (viewers,)
        self._newest_page: LazyPage | None = None
        """The page that every sink has; None before the start."""
        self._lock = threading.RLock()
        """Locked while a page is passed on, so that a new sink misses none."""

    def start(self) -> None:
        """Pass on the newest page, and each newer one."""
        self._tracker.subscribe(self, self._refresh_throttle)

    def stop(self) -> None:
        """Stop passing pages on. A paused page does not stay paused for the next share."""
        self._tracker.unsubscribe(self)
        self.resume()
        self._paused_page = self._newest_page = None

    def add_sink(self, sink: PageSink) -> None:
        """Pass what viewers see to `sink` too: the newest page now, and each newer one."""
        with self._lock:
            self._sinks = (*self._sinks, sink)
            if self._newest_page is not None:
                sink.publish(self._newest_page)

    def remove_sink(self, sink: PageSink) -> None:
        with self._lock:
            self._sinks = tuple(each for each in self._sinks if each is not sink)

    @property
    def page(self) -> Page:
        """The page for viewers."""
        return self._tracker.page if self._paused_page is None else self._paused_page

    @property
    def is_paused(self) -> bool:
        return self._tracker.page.paused_since is not None

    def pause(self) -> None:
        if not self.is_paused:
            since = read_time_ms()
            self._tracker.update_page(lambda page: page.update_paused(since))

    def resume(self) -> None:
        self._tracker.update_page(lambda page: page.update_paused(None))

    def publish(self, page: LazyPage) -> None:
        """Pass a page on; of paused pages only the first one."""
        if page.paused_since is None:
            self._pass_on(page)
            self._paused_page = None
        elif self._paused_page is None:
            self._pass_on(page)
            self._paused_page = page.page
        if not page.has_edits:
            self._on_change()

    def _pass_on(self, page: LazyPage) -> None:
        with self._lock:
            self._newest_page = page
            for sink in self._sinks:
                sink.publish(page)

    def on_problem(self) -> None:
        self._on_change()

    def flush(self) -> None:
        self._viewers.flush()
