"""Passes the tracker's pages to viewers, or holds them back while the author has paused the page."""

from __future__ import annotations

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

    def start(self) -> None:
        """Pass on the newest page, and each newer one."""
        self._tracker.subscribe(self, self._refresh_throttle)

    def stop(self) -> None:
        """Stop passing pages on. A paused page does not stay paused for the next share."""
        self._tracker.unsubscribe(self)
        self.resume()
        self._paused_page = None

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
            self._viewers.publish(page)
            self._paused_page = None
        elif self._paused_page is None:
            self._viewers.publish(page)
            self._paused_page = page.page
        if not page.has_edits:
            self._on_change()

    def on_problem(self) -> None:
        self._on_change()

    def flush(self) -> None:
        self._viewers.flush()
